/* front/daemon.c - one of libmicrohttpd's daemons, and what it calls
 *
 * Its callbacks run on its thread only, and go on to client.c. */
#include "front/frontlife.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/counter.h"
#include "base/log.h"
#include "base/thread.h"
#include "front/upgrade.h"

/* Its own errors never reach the handler. */
static PRINTF(2, 0) void on_log(void *arg, const char *format, va_list args)
{
	char text[300];
	size_t len;

	(void)arg;
	vsnprintf(text, sizeof(text), format, args);
	len = strlen(text);
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '.'))
		text[--len] = '\0';
	if (strncmp(text, "Error processing request", 24) == 0)
		counter_up(COUNT_MHD_ERRORS);
	log_debug("libmicrohttpd: %s", text);
}

static void
begin_thread(struct port *port)
{
	char name[16];

	port->began = true;
	snprintf(name, sizeof(name), "front%u", port->number);
	pthread_setname_np(pthread_self(), name);
	thread_forbid_blocking();
}

static void
on_connection(void *arg, struct MHD_Connection *connection, void **context,
    enum MHD_ConnectionNotificationCode code)
{
	struct port *port = arg;
	struct client *client = *context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		if (!port->began)
			begin_thread(port);
		*context = client_new(port, &port->front->core, connection);
	} else if (client) {
		if (port->reading == client)
			port->reading = NULL;
		*context = NULL;
		upgrade_close(client);
		client_free(&client);
	}
}

static void *
on_target(void *arg, const char *target, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info;

	(void)arg;
	info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	must(info && info->socket_context);
	client_begin(info->socket_context, target);
	return info->socket_context;
}

static size_t
on_unescape(void *arg, struct MHD_Connection *connection, char *text)
{
	(void)arg;
	(void)connection;
	return strlen(text);
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *data_len,
    void **context)
{
	(void)arg;
	(void)connection;
	(void)url;
	must(*context);
	return client_handle(*context, method, version, data, data_len);
}

static void
on_completed(void *arg, struct MHD_Connection *connection, void **context,
    enum MHD_RequestTerminationCode how)
{
	(void)arg;
	(void)connection;
	if (*context && !upgrade_ends_later(*context))
		client_end(*context, how);
	*context = NULL;
}

struct MHD_Daemon *
daemon_start(struct front *front, struct port *port, int fd)
{
	const struct front_opts *opts = &front->core.opts;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG |
			 MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE |
			 MHD_USE_ITC;

	const struct MHD_OptionItem listens[] = {
	    {fd >= 0 ? MHD_OPTION_LISTEN_SOCKET : MHD_OPTION_END, fd, NULL},
	    {MHD_OPTION_END, 0, NULL}};
	struct MHD_OptionItem tls[TLS_OPTIONS] = {{MHD_OPTION_END, 0, NULL}};

	if (fd < 0)
		flags |= MHD_USE_NO_LISTEN_SOCKET;
	if (port->tls) {
		flags |= MHD_USE_TLS;
		tls_options(port->tls, tls);
	}
	return MHD_start_daemon(flags, 0, NULL, NULL, on_request, port,
	    MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_ARRAY, listens,
	    MHD_OPTION_ARRAY, tls,
	    MHD_OPTION_URI_LOG_CALLBACK, on_target, port,
	    MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, NULL,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, port,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, port,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)opts->client_memory,
	    MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)(opts->connections_max + front->ports_count - 1) /
		front->ports_count,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)opts->per_ip_max,
	    MHD_OPTION_CONNECTION_TIMEOUT, 0u,
#if MHD_VERSION >= 0x00097701
	    MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1,
#else
	    /* 1 would send its own errors with the head twice */
	    MHD_OPTION_STRICT_FOR_CLIENT, 0,
#endif
	    MHD_OPTION_END);
}
