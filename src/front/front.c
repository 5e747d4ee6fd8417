/* front/front.c - libmicrohttpd's daemons: begun, quiesced, stopped
 *
 * Each listener has a daemon for each thread, all with sockets of their own on
 * one port: the kernel spreads connections, and no two threads meet. A
 * daemon's callbacks run on its thread only, and go on to client.c. */
#include "front/front.h"

#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/counter.h"
#include "base/inherit.h"
#include "base/listen.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/thread.h"
#include "base/window.h"
#include "front/acceptor.h"
#include "front/client.h"
#include "front/tunnel.h"
#include "front/upgrade.h"
#include "front/priorities.h"
#include "front/room.h"

enum {
	LISTENERS_MAX = 32,
	STOP_LOOK_US = 5000,
};

struct listener {
	struct listen_at at;
	/* Where a PROXY header stands in front: who takes it away, and the
	 * daemons that go on, each in its turn. */
	struct acceptor *acceptor;
	struct front *front;
	unsigned first, count; /* of front->ports */
	int *doors;	       /* its sockets, open before any is served */
	unsigned doors_count, doors_taken; /* the first so many are not ours */
	unsigned turn;	       /* the acceptor's thread's */
	char text[LISTEN_TEXT];
};

struct front {
	struct front_core core;
	char *access_log, *via;
	struct listener *listeners;
	unsigned listeners_count;
	struct port *ports;
	unsigned ports_count;
	int *quiesced_fds; /* of each port; -1 */
};

void
front_opts_default(struct front_opts *opts)
{
	memset(opts, 0, sizeof(*opts));
	opts->unix_mode = 0660;
	opts->connections_max = 10000;
	opts->client_memory = 32 << 10;
	opts->request_line_max = 8 << 10;
	opts->fields_max = 100;
	opts->head_max = 64 << 10;
	opts->head_ms = 10000;
	opts->body_stall_ms = 30000;
	opts->body_rate = 128;
	opts->keepalive_ms = 15000;
	opts->send_ms = 60000;
	opts->send_rate = 1024;
	opts->parked_max = 2000;
	opts->upgrade_max = 1000;
	opts->upgrade_grace_ms = 5000;
	opts->window = 256 << 10;
	opts->access_log = "-";
	opts->format = ACCESSLOG_COMBINED;
	opts->via = "livery";
	opts->tls_priorities = priorities_default();
}

/* ---- libmicrohttpd calls ---- */

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

/* ---- starting ---- */

static unsigned
count_proxied(const struct front *front)
{
	unsigned i, n = 0;

	for (i = 0; i < front->listeners_count; i++)
		n += front->listeners[i].at.proxied;
	return n;
}

static void
raise_fds(struct front *front)
{
	struct front_opts *opts = &front->core.opts;
	struct rlimit limit;
	uint32_t most;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
		(void)getrlimit(RLIMIT_NOFILE, &limit);
	}
	if (limit.rlim_cur == RLIM_INFINITY)
		return;
	most = room_connections(
	    limit.rlim_cur, opts->connections_max, count_proxied(front));
	if (most == opts->connections_max)
		return;
	opts->connections_max = most;
	log_warn("only %llu file descriptors may be open, so at most %u "
		 "connections are taken",
	    (unsigned long long)limit.rlim_cur, opts->connections_max);
}

/* Each socket that we were given has connections of its own waiting, so each
 * is served, also if there are more of them than threads are wanted. */
static unsigned
threads_for(const struct front *front, const struct listener *listener)
{
	unsigned wanted = listener->at.is_unix ? 1 : front->core.opts.threads;
	unsigned given = inherit_count(&listener->at);

	return given > wanted && !listener->at.proxied ? given : wanted;
}

static struct MHD_Daemon *
start_daemon(struct front *front, struct port *port, int fd)
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

static unsigned
doors_for(const struct listener *listener)
{
	unsigned given = inherit_count(&listener->at);

	if (!listener->at.proxied)
		return listener->count;
	return given > 1 ? given : 1;
}

static int
open_doors(struct front *front, struct listener *listener, struct err *err)
{
	const struct front_opts *opts = &front->core.opts;
	unsigned i, n = doors_for(listener);

	listener->doors = mem_new_array(n, sizeof(int));
	for (i = 0; i < n; i++, listener->doors_count++) {
		if (listen_open(&listener->doors[i], &listener->at,
			opts->unix_mode, err) != 0)
			return -1;
		window_set(listener->doors[i], opts->client_window);
	}
	listen_write(listener->text, &listener->at);
	return 0;
}

/* libmicrohttpd closes what it does not take. */
static void
on_named(void *arg, int fd, const struct sockaddr *client, socklen_t len)
{
	struct listener *listener = arg;
	struct port *port = &listener->front->ports[listener->first +
						   listener->turn++ %
						       listener->count];

	if (MHD_add_connection(port->daemon, fd, client, len) != MHD_YES)
		counter_up(COUNT_OVERLOAD);
}

static int
start_acceptor(struct front *front, struct listener *listener, struct err *err)
{
	struct acceptor_opts opts = {
	    .fds = listener->doors,
	    .fds_count = listener->doors_count,
	    .waiting_max = room_waiting(front->core.opts.connections_max),
	    .name = listener->text,
	    .head_ms = front->core.opts.head_ms,
	    .trusted = front->core.opts.peers.trusted_peers,
	    .on_connection = on_named,
	    .arg = listener,
	};

	if (acceptor_start(&listener->acceptor, &opts, err) != 0)
		return -1;
	listener->doors_taken = listener->doors_count;
	return 0;
}

static int
start_port(struct front *front, struct port *port, struct listener *listener,
    struct err *err)
{
	sigset_t all, before;
	int fd = listener->at.proxied ?
	    -1 : listener->doors[listener->doors_taken];

	port->front = front;
	port->tls = listener->at.tls ? front->core.tls : NULL;
	port->redirect_port = listener->at.redirect_port;
	port->fields =
	    mem_new_array(front->core.opts.fields_max, sizeof(*port->fields));
	/* signals are the main thread's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	port->daemon = start_daemon(front, port, fd);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (port->daemon) {
		listener->doors_taken += fd >= 0;
		return 0;
	}
	return err_set(
	    err, "libmicrohttpd does not start on %s", listener->text);
}

static int
start_listener(struct front *front, struct listener *listener, struct err *err)
{
	struct port *port = &front->ports[listener->first];
	unsigned i;

	for (i = 0; i < listener->count; i++)
		if (start_port(front, &port[i], listener, err) != 0)
			return -1;
	return listener->at.proxied ? start_acceptor(front, listener, err) : 0;
}

static int
parse_listeners(struct front *front, struct err *err)
{
	const char *const *listen = front->core.opts.listen;
	unsigned i, n = 0;

	while (listen && listen[n])
		n++;
	if (n == 0 || n > LISTENERS_MAX)
		return err_set(err,
		    "1 to %d addresses to listen on are "
		    "wanted, not %u",
		    LISTENERS_MAX, n);
	front->listeners = mem_new_array(n, sizeof(*front->listeners));
	front->listeners_count = n;
	for (i = 0; i < n; i++) {
		struct listener *listener = &front->listeners[i];

		if (listen_parse(&listener->at, listen[i], err) != 0)
			return -1;
		listener->front = front;
		listener->first = front->ports_count;
		listener->count = threads_for(front, listener);
		front->ports_count += listener->count;
	}
	return 0;
}

/* Cores that this process may use: two threads on one only get in each
 * other's way. */
static unsigned
usable_cores(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 1;
	return CPU_COUNT(&set) > 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

static void
copy_opts(struct front *front, const struct front_opts *opts)
{
	struct front_core *core = &front->core;

	core->opts = *opts;
	if (core->opts.threads == 0)
		core->opts.threads = usable_cores();
	if (opts->access_log)
		front->access_log = mem_strdup(opts->access_log);
	front->via = mem_strdup(opts->via ? opts->via : "livery");
	core->opts.via = front->via;
	core->gate.request_line_max = opts->request_line_max;
	core->gate.fields_max = opts->fields_max;
	core->gate.head_max = opts->head_max;
	core->gate.body_max = opts->body_max;
}

static int
start_tls(struct front *front, struct err *err)
{
	const struct front_opts *opts = &front->core.opts;
	unsigned i = 0;

	while (i < front->listeners_count && !front->listeners[i].at.tls)
		i++;
	if (i == front->listeners_count)
		return 0;
	return tls_new(&front->core.tls, opts->certs, opts->certs_count,
	    opts->tls_priorities, err);
}

static int
start_all(struct front *front, struct err *err)
{
	const struct front_opts *opts = &front->core.opts;
	struct watchdog_opts dog = {
	    .head_ms = opts->head_ms,
	    .body_stall_ms = opts->body_stall_ms,
	    .body_rate = opts->body_rate,
	    .keepalive_ms = opts->keepalive_ms,
	};
	unsigned i;

	if (parse_listeners(front, err) != 0 || start_tls(front, err) != 0)
		return -1;
	raise_fds(front);
	front->ports = mem_new_array(front->ports_count, sizeof(*front->ports));
	front->quiesced_fds = mem_new_array(front->ports_count, sizeof(int));
	for (i = 0; i < front->ports_count; i++) {
		front->ports[i].number = i;
		front->quiesced_fds[i] = -1;
	}
	if (watchdog_start(&front->core.dog, &dog, err) != 0 ||
	    tunnels_start(&front->core.tunnels, err) != 0)
		return -1;
	if (front->access_log &&
	    accesslog_start(&front->core.log, front->access_log, opts->format,
		front->ports_count, err) != 0)
		return -1;
	/* All before the first connection is taken: what fails now costs no
	 * client anything. */
	for (i = 0; i < front->listeners_count; i++)
		if (open_doors(front, &front->listeners[i], err) != 0)
			return -1;
	for (i = 0; i < front->listeners_count; i++)
		if (start_listener(front, &front->listeners[i], err) != 0)
			return -1;
	front->core.opts.listen = NULL;
	return 0;
}

int
front_start(struct front **out, struct pages *pages,
    const struct front_opts *opts, struct err *err)
{
	struct front *front = mem_new(sizeof(*front));

	front->core.pages = pages;
	copy_opts(front, opts);
	if (start_all(front, err) != 0) {
		front_stop(&front);
		return -1;
	}
	*out = front;
	return 0;
}

const char *
front_address(const struct front *front, unsigned i)
{
	return i < front->listeners_count ? front->listeners[i].text : NULL;
}

void
front_each_socket(struct front *front,
    void (*on_socket)(void *arg, int fd, struct listen_at *at), void *arg)
{
	struct listener *listener = front->listeners;
	unsigned i, k;

	for (i = 0; i < front->listeners_count; i++, listener++)
		for (k = 0; k < listener->doors_count; k++)
			on_socket(arg, listener->doors[k], &listener->at);
}

/* ---- ending ---- */

static bool
is_proxied(const struct front *front, unsigned port)
{
	unsigned i = 0;

	while (port >= front->listeners[i].first + front->listeners[i].count)
		i++;
	return front->listeners[i].at.proxied;
}

void
front_quiesce(struct front *front)
{
	unsigned i;

	if (atomic_exchange(&front->core.quiesced, true))
		return;
	tunnels_drain(front->core.tunnels, front->core.opts.upgrade_grace_ms);
	for (i = 0; i < front->listeners_count; i++)
		if (front->listeners[i].acceptor)
			acceptor_quiesce(front->listeners[i].acceptor);
	for (i = 0; i < front->ports_count; i++)
		if (front->ports[i].daemon && !is_proxied(front, i))
			front->quiesced_fds[i] =
			    MHD_quiesce_daemon(front->ports[i].daemon);
}

unsigned
front_in_hand(const struct front *front)
{
	unsigned i, sum = 0;

	for (i = 0; i < front->ports_count; i++)
		sum += atomic_load_explicit(
		    &front->ports[i].in_hand, memory_order_relaxed);
	return sum;
}

/* libmicrohttpd may not be stopped with a connection suspended: all are cut,
 * and the pages come back. */
static void
let_all_go(struct front *front)
{
	atomic_store(&front->core.stopping, true);
	while (
	    front->core.dog && (front_in_hand(front) > 0 ||
				   atomic_load(&front->core.exchanges) > 0)) {
		watchdog_cut_all(front->core.dog);
		usleep(STOP_LOOK_US);
	}
}

static void
stop_daemons(struct front *front)
{
	unsigned i;

	for (i = 0; i < front->ports_count && front->ports; i++) {
		if (front->ports[i].daemon)
			MHD_stop_daemon(front->ports[i].daemon);
		if (front->quiesced_fds[i] >= 0)
			close(front->quiesced_fds[i]);
		mem_free(&front->ports[i].fields);
	}
}

static void
close_doors(struct front *front)
{
	struct listener *listener = front->listeners;
	unsigned i, k;

	for (i = 0; i < front->listeners_count; i++, listener++) {
		for (k = listener->doors_taken; k < listener->doors_count; k++)
			close(listener->doors[k]);
		listen_remove(&listener->at);
		mem_free(&listener->doors);
	}
}

void
front_stop(struct front **front)
{
	struct front *old = *front;
	unsigned i;

	if (!old)
		return;
	if (old->ports) {
		front_quiesce(old);
		for (i = 0; i < old->listeners_count; i++)
			acceptor_stop(&old->listeners[i].acceptor);
		tunnels_cut(old->core.tunnels);
		let_all_go(old);
		stop_daemons(old);
	}
	close_doors(old);
	accesslog_stop(&old->core.log);
	tunnels_stop(&old->core.tunnels);
	watchdog_stop(&old->core.dog);
	tls_free(&old->core.tls);
	mem_free(&old->ports);
	mem_free(&old->quiesced_fds);
	mem_free(&old->listeners);
	mem_free(&old->access_log);
	mem_free(&old->via);
	mem_free(front);
}

/* ---- certificates ---- */

int
front_set_certs(struct front *front, const struct cert_opts *opts,
    unsigned count, void (*told)(void *arg, const char *line), void *arg,
    struct err *err)
{
	if (!front->core.tls)
		return 0;
	return tls_reload(front->core.tls, opts, count, told, arg, err);
}

struct certs *
front_certs(struct front *front)
{
	return front->core.tls ? tls_certs(front->core.tls) : NULL;
}

void
front_reopen_log(struct front *front)
{
	if (front->core.log)
		accesslog_reopen(front->core.log);
}
