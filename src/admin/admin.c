/* admin/admin.c - a small server of its own, for the operator
 *
 * One thread, which may wait (for the cache's writer, for the disk): nobody's
 * page depends on it. What a browser could be made to ask, it may not ask:
 * requests with Origin, or for a Host that is not this machine, are refused.
 * Bodies are read and thrown away. */
#include "admin/admin.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "admin/inside.h"
#include "base/clock.h"
#include "base/listen.h"
#include "base/mem.h"
#include "base/net.h"

enum { CONNECTIONS_MAX = 64, IDLE_S = 30, BODY_MAX = 64 << 10 };

struct admin_listening {
	struct listen_at at;
	char text[LISTEN_TEXT];
	int fd;		 /* the daemon's */
	int quiesced_fd; /* ours again; -1 */
};

/* ---- words ---- */

/* Bytes of the UTF-8 sequence that begins here; 0: none does. */
static size_t
utf8_len(const unsigned char *at)
{
	size_t len = *at < 0x80	  ? 1
		     : *at < 0xc2 ? 0
		     : *at < 0xe0 ? 2
		     : *at < 0xf0 ? 3
		     : *at < 0xf5 ? 4
				  : 0,
	       i;

	for (i = 1; i < len; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	/* overlong, surrogates, over U+10FFFF */
	if ((at[0] == 0xe0 && at[1] < 0xa0) ||
	    (at[0] == 0xed && at[1] > 0x9f) ||
	    (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return len;
}

void
json_text(struct buf *out, const char *text)
{
	const unsigned char *at = (const void *)text;
	size_t len;

	buf_putc(out, '"');
	while (*at) {
		len = utf8_len(at);
		if (len == 0)
			buf_puts(out, "\\ufffd");
		else if (*at == '"' || *at == '\\')
			buf_printf(out, "\\%c", *at);
		else if (*at < 0x20 || *at == 0x7f)
			buf_printf(out, "\\u%04x", *at);
		else
			buf_add(out, at, len);
		at += len ? len : 1;
	}
	buf_putc(out, '"');
}

int
admin_wrong(struct buf *out, int status, const char *what)
{
	buf_clear(out);
	buf_puts(out, "{\"error\": ");
	json_text(out, what);
	buf_puts(out, "}\n");
	return status;
}

const char *
admin_skin_state(enum skin_state state)
{
	static const char *const words[] = {
	    "fresh", "stale", "late", "never", "none"};

	return words[state];
}

/* ---- who may ask ---- */

static bool
is_this_machine(const char *host)
{
	struct net_address address;
	const char *colon = strrchr(host, ':');
	size_t len = colon && !strchr(colon, ']') ? (size_t)(colon - host)
						  : strlen(host);

	if (len == 9 && strncasecmp(host, "localhost", 9) == 0)
		return true;
	return net_parse(&address, host, len) == 0 && net_is_loopback(&address);
}

/* Whoever listens on another address than loopback meant to. */
static bool
is_our_address(const struct admin *admin, const char *host)
{
	const struct admin_listening *listening = admin->listening;

	return !listening->at.is_unix &&
	       strcmp(listening->text + strlen("http://"), host) == 0;
}

static bool
may_ask(const struct admin *admin, struct MHD_Connection *connection)
{
	const char *host =
	    MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Host");

	if (MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Origin"))
		return false;
	/* no browser comes through a unix socket */
	if (admin->listening->at.is_unix)
		return true;
	return host && (is_this_machine(host) || is_our_address(admin, host));
}

/* ---- the pages ---- */

static const char *
arg(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(
	    connection, MHD_GET_ARGUMENT_KIND, name);
}

static int
get_health(
    struct admin *admin, struct MHD_Connection *connection, struct buf *out)
{
	(void)admin;
	(void)connection;
	buf_puts(out, "ok\n");
	return 200;
}

static int
get_ready(
    struct admin *admin, struct MHD_Connection *connection, struct buf *out)
{
	const char *why = NULL;

	(void)connection;
	if (admin->opts.not_ready)
		why = admin->opts.not_ready(admin->opts.arg);
	buf_printf(out, "%s\n", why ? why : "ready");
	return why ? 503 : 200;
}

static int
get_metrics(
    struct admin *admin, struct MHD_Connection *connection, struct buf *out)
{
	(void)connection;
	return admin_metrics(admin, out);
}

static int
get_status(
    struct admin *admin, struct MHD_Connection *connection, struct buf *out)
{
	(void)connection;
	return admin_status(admin, out);
}

static int
get_requests(
    struct admin *admin, struct MHD_Connection *connection, struct buf *out)
{
	(void)connection;
	return admin_requests(admin, out);
}

static int
post_kill(
    struct admin *admin, struct MHD_Connection *connection, struct buf *out)
{
	return admin_kill(admin, arg(connection, "id"), out);
}

static int
post_purge(
    struct admin *admin, struct MHD_Connection *connection, struct buf *out)
{
	const struct admin_purging what = {
		.url = arg(connection, "url"),
		.tag = arg(connection, "tag"),
		.regex = arg(connection, "regex"),
		.all = arg(connection, "all"),
		.soft = arg(connection, "soft"),
		.dry = arg(connection, "dry"),
	};

	return admin_purge(admin, &what, out);
}

static int
post_refresh(
    struct admin *admin, struct MHD_Connection *connection, struct buf *out)
{
	return admin_refresh(admin, arg(connection, "theme"), out);
}

static int
get_servers(
    struct admin *admin, struct MHD_Connection *connection, struct buf *out)
{
	(void)connection;
	return admin_servers(admin, out);
}

static int
post_order(
    struct admin *admin, struct MHD_Connection *connection, struct buf *out)
{
	return admin_order(admin, arg(connection, "upstream"),
	    arg(connection, "server"), arg(connection, "order"), out);
}

static const char PLAIN[] = "text/plain; charset=utf-8";
static const char JSON[] = "application/json";

static const struct place {
	const char *path;
	bool is_post;
	const char *type;
	int (*run)(struct admin *admin, struct MHD_Connection *connection,
	    struct buf *out);
} places[] = {
    {"/metrics", false, "text/plain; version=0.0.4; charset=utf-8",
	get_metrics},
    {"/health", false, PLAIN, get_health},
    {"/ready", false, PLAIN, get_ready},
    {"/status", false, "text/html; charset=utf-8", get_status},
    {"/requests", false, JSON, get_requests},
    {"/requests/kill", true, JSON, post_kill},
    {"/purge", true, JSON, post_purge},
    {"/refresh", true, JSON, post_refresh},
    {"/servers", false, JSON, get_servers},
    {"/servers/order", true, JSON, post_order},
};

static const struct place *
find_place(const char *path)
{
	size_t i;

	if (strcmp(path, "/") == 0)
		path = "/status";
	for (i = 0; i < COUNT_OF(places); i++)
		if (strcmp(places[i].path, path) == 0)
			return &places[i];
	return NULL;
}

static bool
is_method_of(const struct place *place, const char *method)
{
	if (place->is_post)
		return strcmp(method, "POST") == 0;
	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static int
run_place(struct admin *admin, struct MHD_Connection *connection,
    const char *path, const char *method, const char **type, struct buf *out)
{
	const struct place *place = find_place(path);

	*type = JSON;
	if (!may_ask(admin, connection))
		return admin_wrong(out, 403,
		    "only for this machine, and for "
		    "no browser's page");
	if (!place)
		return admin_wrong(out, 404, "no such page");
	if (!is_method_of(place, method))
		return admin_wrong(out, 405,
		    place->is_post ? "POST is wanted" : "GET is wanted");
	*type = place->type;
	return place->run(admin, connection, out);
}

/* ---- libmicrohttpd ---- */

static void
add_fields(struct MHD_Response *response, const char *type, int status)
{
	(void)MHD_add_response_header(response, "Content-Type", type);
	(void)MHD_add_response_header(response, "Cache-Control", "no-store");
	(void)MHD_add_response_header(
	    response, "X-Content-Type-Options", "nosniff");
	(void)MHD_add_response_header(response, "Content-Security-Policy",
	    "default-src 'none'; style-src 'unsafe-inline'; "
	    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
	if (status == 405)
		(void)MHD_add_response_header(
		    response, "Allow", "GET, HEAD, POST");
}

static enum MHD_Result
answer(struct admin *admin, struct MHD_Connection *connection, const char *path,
    const char *method)
{
	struct MHD_Response *response;
	enum MHD_Result queued = MHD_NO;
	struct buf out;
	const char *type;
	size_t len;
	char *bytes;
	int status;

	buf_init(&out, ADMIN_PAGE_MAX);
	status = run_place(admin, connection, path, method, &type, &out);
	if (out.failed)
		status = admin_wrong(&out, 500, "the answer is too long");
	bytes = buf_steal(&out, &len);
	response =
	    MHD_create_response_from_buffer(len, bytes, MHD_RESPMEM_MUST_FREE);
	if (response) {
		add_fields(response, type, status);
		queued =
		    MHD_queue_response(connection, (unsigned)status, response);
		MHD_destroy_response(response);
	} else {
		free(bytes);
	}
	buf_fini(&out);
	return queued;
}

struct asked {
	size_t body_len;
};

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *data_len,
    void **context)
{
	struct asked *asked = *context;

	(void)version;
	(void)data;
	if (!asked) {
		*context = mem_new(sizeof(*asked));
		return MHD_YES;
	}
	asked->body_len += *data_len;
	if (asked->body_len > BODY_MAX)
		return MHD_NO;
	if (*data_len > 0) {
		*data_len = 0;
		return MHD_YES;
	}
	return answer(cls, connection, url, method);
}

static void
on_completed(void *cls, struct MHD_Connection *connection, void **context,
    enum MHD_RequestTerminationCode how)
{
	(void)cls;
	(void)connection;
	(void)how;
	mem_free(context);
}

static void
on_log(void *cls, const char *format, va_list args)
{
	(void)cls;
	(void)format;
	(void)args;
}

/* ---- begin and end ---- */

static int
start_daemon(struct admin *admin, int fd, struct err *err)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	admin->daemon = MHD_start_daemon(
	    MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_USE_ITC, 0,
	    NULL, NULL, on_request, admin, MHD_OPTION_EXTERNAL_LOGGER, on_log,
	    NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED,
	    on_completed, NULL, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)IDLE_S, MHD_OPTION_END);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (admin->daemon)
		return 0;
	close(fd);
	return err_set(
	    err, "libmicrohttpd does not start on %s", admin->opts.listen);
}

int
admin_start(struct admin **out, const struct admin_opts *opts, struct err *err)
{
	struct admin *admin = mem_new(sizeof(*admin));
	int fd;

	admin->opts = *opts;
	admin->version = mem_strdup(opts->version ? opts->version : "");
	admin->opts.version = admin->version;
	admin->started_ms = clock_wall_ms();
	admin->listening = mem_new(sizeof(*admin->listening));
	admin->listening->quiesced_fd = -1;
	if (listen_parse(&admin->listening->at, opts->listen, err) != 0 ||
	    listen_open(&fd, &admin->listening->at, 0600, err) != 0) {
		admin_stop(&admin);
		return -1;
	}
	/* before there is a thread that reads it */
	listen_write(admin->listening->text, &admin->listening->at);
	admin->opts.listen = admin->listening->text;
	if (start_daemon(admin, fd, err) != 0) {
		admin_stop(&admin);
		return -1;
	}
	admin->listening->fd = fd;
	*out = admin;
	return 0;
}

void
admin_stop(struct admin **admin)
{
	struct admin *old = *admin;

	if (!old)
		return;
	if (old->daemon)
		MHD_stop_daemon(old->daemon);
	if (old->listening->quiesced_fd >= 0)
		close(old->listening->quiesced_fd);
	listen_remove(&old->listening->at);
	mem_free(&old->listening);
	mem_free(&old->version);
	mem_free(admin);
}

struct listen_at *
admin_socket(struct admin *admin, int *fd)
{
	*fd = admin->listening->fd;
	return &admin->listening->at;
}

void
admin_quiesce(struct admin *admin)
{
	if (admin->listening->quiesced_fd < 0)
		admin->listening->quiesced_fd =
		    MHD_quiesce_daemon(admin->daemon);
}

const char *
admin_address(const struct admin *admin)
{
	return admin->listening->text;
}
