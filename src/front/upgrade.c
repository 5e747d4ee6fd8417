/* front/upgrade.c - from a request to a tunnel */
#include "front/upgrade.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "front/exchange.h"
#include "front/tunneltls.h"
#include "http/date.h"
#include "http/websocket.h"

enum { HEAD_MAX = 1 << 20 };

bool
upgrade_is_asked(const struct client *client)
{
	const struct gate *gate = &client->gate;

	return gate->upgrade && client->request.is_get &&
	       strcmp(gate->version, "HTTP/1.1") == 0 && gate->body_len == 0 &&
	       !gate->is_odd && !gate->expects &&
	       websocket_is_asked(&gate->fields);
}

bool
upgrade_begin(struct client *client)
{
	struct front_core *core = client->core;

	if (atomic_fetch_add(&core->upgrades, 1) >= core->opts.upgrade_max) {
		atomic_fetch_sub(&core->upgrades, 1);
		return false;
	}
	client->upgrades = true;
	return true;
}

void
upgrade_end(struct client *client)
{
	if (client->upgrades)
		atomic_fetch_sub(&client->core->upgrades, 1);
	client->upgrades = false;
}

/* ---- the tunnel ---- */

/* It was killed: nobody else has the page now. */
static bool
is_over(void *arg)
{
	struct client *client = arg;

	return page_is_gone(client->exchange->page);
}

/* libmicrohttpd's thread ends the request after this, by client_end(). */
static void
on_end(void *arg, uint64_t sent_up, uint64_t sent_down)
{
	struct client *client = arg;

	(void)sent_up;
	client->sent = client->length = sent_down;
	upgrade_end(client);
	if (client->urh)
		MHD_upgrade_action(client->urh, MHD_UPGRADE_ACTION_CLOSE);
	else
		MHD_resume_connection(client->connection);
}

/* libmicrohttpd has taken it off: small frames would wait for the client's
 * acknowledgements. */
static void
send_at_once(int fd)
{
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* On the port's thread. */
static void
begin(struct client *client, struct tunnel_ends *ends)
{
	ends->fd = client->watch.fd;
	ends->send_ms = client->core->opts.send_ms;
	ends->up = client->exchange->upload;
	ends->down = &client->reply->reader;
	ends->is_over = is_over;
	ends->on_end = on_end;
	ends->arg = client;
	counter_up(COUNT_UPGRADES);
	send_at_once(client->watch.fd);
	client->exchange->upload_ended = true; /* the tunnel's business */
	watch_stage(&client->watch, WATCH_WAIT);
	tunnels_begin(client->core->tunnels, ends);
}

/* ---- of a plain connection: libmicrohttpd hands it over ---- */

static void
on_upgraded(void *arg, struct MHD_Connection *connection, void *context,
    const char *first, size_t first_len, MHD_socket fd,
    struct MHD_UpgradeResponseHandle *urh)
{
	struct client *client = arg;
	struct tunnel_ends ends = {
	    .how = &tunnel_plain, .first = first, .first_len = first_len};

	(void)connection;
	(void)context;
	must(fd == client->watch.fd);
	client->urh = urh;
	/* libmicrohttpd's memory goes before upgrade_close() */
	client->gate.method = "GET";
	client->gate.version = "HTTP/1.1";
	begin(client, &ends);
}

/* libmicrohttpd adds the Connection field. */
static enum MHD_Result
hand_over(struct client *client, const struct head *head)
{
	struct MHD_Response *response =
	    MHD_create_response_for_upgrade(on_upgraded, client);
	enum MHD_Result queued;
	unsigned i;

	if (!response)
		return MHD_NO;
	for (i = 0; i < head->count; i++)
		if (*head->fields[i].value)
			(void)MHD_add_response_header(response,
			    head->fields[i].name, head->fields[i].value);
	watch_send(&client->watch, client->core->opts.send_ms);
	queued = MHD_queue_response(client->connection, 101, response);
	MHD_destroy_response(response);
	return queued;
}

/* ---- by TLS: it is suspended, and we have its session ---- */

/* A client that speaks before it has its 101 is wrong to do so (RFC 6455 4.1),
 * and what it said then may be lost to it. */
static enum MHD_Result
take_over(struct client *client, const struct head *head)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    client->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	struct tunnel_ends ends = {.how = &tunnel_tls};
	char date[HTTP_DATE_LEN + 1];
	struct buf text;

	must(info);
	date_write(date, clock_wall_ms() / 1000);
	buf_init(&text, HEAD_MAX);
	buf_printf(&text,
	    "HTTP/1.1 101 Switching Protocols\r\nDate: %s\r\n"
	    "Connection: Upgrade\r\n",
	    date);
	if (head_write(head, &text) != 0 || buf_puts(&text, "\r\n") != 0) {
		buf_fini(&text);
		return MHD_NO;
	}
	ends.line = info->tls_session;
	ends.head = text.data;
	ends.head_len = text.len;
	client->urh = NULL;
	MHD_suspend_connection(client->connection);
	begin(client, &ends);
	buf_fini(&text);
	return MHD_YES;
}

bool
upgrade_ends_later(const struct client *client)
{
	return client->urh != NULL;
}

void
upgrade_close(struct client *client)
{
	if (client->urh && client->in_hand)
		client_end(client, MHD_REQUEST_TERMINATED_COMPLETED_OK);
}

/* ---- the answer ---- */

static void
make_head(struct head *out, const struct reply *reply, const char *via)
{
	struct arena *arena = out->arena;

	head_add(out, "Upgrade", "websocket");
	head_copy(out, &reply->head);
	head_add(out, "Via", arena_printf(arena, "1.1 %s", via));
	if (*reply->cache_status)
		head_add(out, "Cache-Status",
		    arena_printf(arena, "livery; %s", reply->cache_status));
}

enum MHD_Result
upgrade_answer(struct client *client, struct reply *reply)
{
	struct head head;

	client->reply = reply;
	client->status = 101;
	client->step = CLIENT_SEND;
	head_init(&head, client->exchange->arena);
	make_head(&head, reply, client->core->opts.via);
	/* The watchdog lets go of the page, before the client can have its 101:
	 * from then on it may say no more, and still listen. */
	watch_page(client->core->dog, &client->watch, NULL);
	return client->port->tls ? take_over(client, &head)
				 : hand_over(client, &head);
}
