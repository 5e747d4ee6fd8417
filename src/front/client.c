/* front/client.c - one request: its head, its body, its answer
 *
 * libmicrohttpd calls once when the head is there, for each piece of a body,
 * and once when all of it came. An answer that is queued on the first call
 * closes the connection, so that is for refusals; all else waits for the last.
 * In between a connection is suspended or has something to do: one that is
 * neither would never be looked at again. */
#include "front/client.h"

#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"
#include "front/exchange.h"
#include "front/upgrade.h"
#include "front/redirect.h"

/* ---- a connection ---- */

static void
read_peer(struct client *client)
{
	const union MHD_ConnectionInfo *info;
	const struct peer_opts *peers = &client->core->opts.peers;

	info = MHD_get_connection_info(
	    client->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (info && info->client_addr)
		net_from_sockaddr(&client->peer, info->client_addr);
	else
		client->peer.is_unix = true;
	client->peer_trusted = peers->trusted_peers &&
			       nets_have(peers->trusted_peers, &client->peer);
	client->peer_allowed =
	    peers->allowed && nets_have(peers->allowed, &client->peer);
}

struct client *
client_new(struct port *port, struct front_core *core,
    struct MHD_Connection *connection)
{
	struct client *client = mem_new(sizeof(*client));
	const union MHD_ConnectionInfo *info;
	int fd;

	client->port = port;
	client->core = core;
	client->connection = connection;
	info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	must(info);
	/* the next question may be answered in the same place */
	fd = info->connect_fd;
	read_peer(client);
	watch_init(core->dog, &client->watch, fd);
	if (port->tls)
		tls_begin(port->tls, &client->tls, connection);
	net_write(client->peer_text, &client->peer);
	counter_add(COUNT_CONNECTIONS, 1);
	return client;
}

void
client_free(struct client **client)
{
	watch_fini((*client)->core->dog, &(*client)->watch);
	tls_end(&(*client)->tls);
	counter_add(COUNT_CONNECTIONS, -1);
	mem_free(client);
}

/* ---- the head ---- */

/* Between two requests of a connection those of all others come, and
 * libmicrohttpd clears its memory for each, so that nothing of this one is near
 * any more. It comes while libmicrohttpd reads the fields. */
static void
fetch_near(const struct client *client)
{
	enum { CACHE_LINE = 64 };
	const char *at = (const char *)client;
	const char *end = at + offsetof(struct client, target_room);

	for (; at < end; at += CACHE_LINE)
		__builtin_prefetch(at, 1);
}

void
client_begin(struct client *client, const char *target)
{
	size_t len = target ? strlen(target) : 0;
	char *copy = client->target_room;

	fetch_near(client);
	client->step = CLIENT_HEAD;
	client->raw_target = target;
	/* libmicrohttpd cuts the original at "?", "&" and "=". Its length is
	 * bounded by client_memory. */
	if (len >= TARGET_ROOM)
		copy = client->target_long = mem_new(len + 1);
	memcpy(copy, target ? target : "", len + 1);
	client->target = copy;
	client->target_len = len;
	/* On a new connection the head began with the connection. */
	if (atomic_load_explicit(&client->watch.stage,
		memory_order_relaxed) != WATCH_HEAD)
		watch_stage(&client->watch, WATCH_HEAD);
}

static int
read_head(struct client *client, const char *method, const char *version)
{
	struct gate *gate = &client->gate;
	struct port *port = client->port;

	gate_clear(gate);
	gate->opts = &client->core->gate;
	gate->method = method;
	gate->version = version;
	gate->target = client->target;
	gate->target_len = client->target_len;
	gate->fields.fields = port->fields;
	gate->fields.room = client->core->opts.fields_max;
	port->reading = client;
	return gate_check(gate, client->connection, client->raw_target);
}

/* ---- a page ---- */

static enum MHD_Result
answer_page(struct client *client)
{
	struct exchange *exchange = client->exchange;

	client->port->parked--;
	if (page_reply(exchange->page)->status == 101)
		return upgrade_answer(client, page_reply(exchange->page));
	return client_answer(client, page_reply(exchange->page));
}

static enum MHD_Result
wait_for_page(struct client *client)
{
	client->step = CLIENT_WAIT;
	if (exchange_is_ready(client->exchange))
		return answer_page(client);
	watch_stage(&client->watch, WATCH_WAIT);
	exchange_park(client->exchange, false);
	return MHD_YES;
}

/* False: refused. */
static bool
start_page(struct client *client, bool upload)
{
	if (client->port->parked >= client->core->opts.parked_max)
		return false;
	client->exchange = exchange_new(client, upload);
	if (!client->exchange->page)
		return false;
	client->port->parked++;
	watch_page(client->core->dog, &client->watch, client->exchange->page);
	exchange_start(client->exchange);
	return true;
}

static enum MHD_Result
ask_upgrade(struct client *client)
{
	if (!upgrade_begin(client) || !start_page(client, true))
		return client_refuse_many(client);
	return wait_for_page(client);
}

/* The request has no body, and is whole. What comes behind one that asked for
 * an upgrade, and does not get it, was not meant as another request. */
static enum MHD_Result
ask(struct client *client)
{
	struct reply *now = &client->now;

	if (client->request.upgrade) {
		client->close = true;
		if (page_may_upgrade(client->core->pages, &client->request))
			return ask_upgrade(client);
		client->request.upgrade = false;
	}
	if (page_now(client->core->pages, &client->request, now))
		return client_answer(client, now);
	if (!start_page(client, false))
		return client_refuse_many(client);
	return wait_for_page(client);
}

/* ---- its body ---- */

static enum MHD_Result
begin_upload(struct client *client)
{
	if (!start_page(client, true))
		return client_refuse_many(client);
	client->step = CLIENT_UPLOAD;
	watch_stage(&client->watch, WATCH_BODY);
	return MHD_YES;
}

/* A body that was longer than its head said it may be: no answer can be
 * queued here, so the connection ends. */
static bool
is_too_long(struct client *client, size_t len)
{
	uint64_t max = client->core->opts.body_max;

	client->exchange->uploaded += len;
	if (max == 0 || client->exchange->uploaded <= max)
		return false;
	counter_up(COUNT_REFUSED);
	client->status = 413;
	return true;
}

/* An answer that came early waits for the rest of the body, which goes
 * nowhere: libmicrohttpd takes none in between. */
static enum MHD_Result
take_upload(struct client *client, const char *data, size_t *len)
{
	struct exchange *exchange = client->exchange;
	enum flow_took took = FLOW_GONE;

	if (atomic_load_explicit(&client->watch.stage, memory_order_relaxed) ==
	    WATCH_WAIT)
		watch_stage(&client->watch, WATCH_BODY);
	if (!exchange_is_ready(exchange))
		took = exchange_write(exchange, data, *len);
	if (took == FLOW_FULL) {
		watch_stage(&client->watch, WATCH_WAIT);
		exchange_park(exchange, true);
		return MHD_YES;
	}
	if (took != FLOW_TOOK)
		client->close = true;
	if (is_too_long(client, *len))
		return MHD_NO;
	watch_moved(&client->watch, *len);
	*len = 0;
	return MHD_YES;
}

/* ---- a call ---- */

static void
begin_request(struct client *client)
{
	struct port *port = client->port;

	client->in_hand = true;
	client->close = false;
	client->status = 0;
	client->length = client->sent = 0;
	client->reply = NULL;
	memset(&client->now, 0, offsetof(struct reply, cache_status));
	client->now.cache_status[0] = '\0';
	client->now.theme = NULL;
	client->now.ends_here = client->now.hsts = NULL;
	client->now.answer = NULL;
	client->now.no_store = false;
	client->now.kind = NULL;
	if (client->core->log && client->core->opts.format == ACCESSLOG_JSON)
		client->began_us = clock_mono_us();
	atomic_store_explicit(&port->in_hand,
	    atomic_load_explicit(&port->in_hand, memory_order_relaxed) + 1,
	    memory_order_relaxed);
	if (client->core->log)
		accesslog_expect(client->core->log, port->number);
	counter_up(COUNT_REQUESTS);
	counter_add(COUNT_IN_FRONT, 1);
}

static enum MHD_Result
take_head(struct client *client, const char *method, const char *version)
{
	enum MHD_Result queued;
	int status;

	begin_request(client);
	client->request.client = client->peer;
	status = read_head(client, method, version);
	if (status) {
		counter_up(COUNT_REFUSED);
		return client_refuse(client, status, client->gate.why);
	}
	client_request(client);
	if (client->port->redirect_port && client_redirects(client, &queued))
		return queued;
	client->close = client->gate.is_odd;
	if (client->gate.body_len != 0)
		return begin_upload(client);
	client->step = CLIENT_ASK;
	return MHD_YES;
}

/* A "100 Continue" went out between the two calls, and the port's array has
 * another request's fields now. */
static bool
head_is_lost(const struct client *client)
{
	return client->port->reading != client;
}

enum MHD_Result
client_handle(struct client *client, const char *method, const char *version,
    const char *data, size_t *data_len)
{
	switch (client->step) {
	case CLIENT_HEAD:
		return take_head(client, method, version);
	case CLIENT_ASK:
		if (head_is_lost(client) &&
		    read_head(client, method, version) != 0)
			return MHD_NO;
		return ask(client);
	case CLIENT_UPLOAD:
		if (*data_len > 0)
			return take_upload(client, data, data_len);
		exchange_upload_end(client->exchange, true);
		return wait_for_page(client);
	case CLIENT_WAIT:
		return wait_for_page(client);
	case CLIENT_SEND:
		break;
	}
	return MHD_NO;
}
