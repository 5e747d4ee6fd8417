/* front/client.c - one request: its head, its body, its answer
 *
 * libmicrohttpd calls once when the head is there, for each piece of a body,
 * and once when all of it came. An answer that is queued on the first call
 * closes the connection, so that is for refusals; all else waits for the last.
 * In between a connection is suspended or has something to do: one that is
 * neither would never be looked at again. */
#include "front/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"
#include "front/exchange.h"
#include "front/reply.h"

enum { BLOCK_MIN = 16 << 10, BLOCK_MAX = 128 << 10 };

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
	net_write(client->peer_text, &client->peer);
	counter_add(COUNT_CONNECTIONS, 1);
	return client;
}

void
client_free(struct client **client)
{
	watch_fini((*client)->core->dog, &(*client)->watch);
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

/* livery's own words, and those of Diazo's and Deliverance's own servers. */
static const char *const off_options[] = {
    "livery.off=1", "diazo.off=1", "deliv_notheme", NULL};
static const char *const debug_options[] = {
    "livery.debug=1", "diazo.debug=1", "deliv_log", NULL};

/* The argument of a query that begins here is one of these. */
static bool
is_option(const char *at, const char *const *options)
{
	for (; *options; options++) {
		size_t len = strlen(*options);

		if (strncmp(at, *options, len) == 0 &&
		    (at[len] == '\0' || at[len] == '&' ||
			(at[len] == '=' && !strchr(*options, '='))))
			return true;
	}
	return false;
}

/* In the query; both of them in one pass. */
static void
find_options(const char *target, bool *off, bool *debug)
{
	const char *at = strchr(target, '?');

	*off = *debug = false;
	for (; at; at = strchr(at + 1, '&')) {
		/* as all of them begin, and little else does */
		if (at[1] != 'd' && at[1] != 'l')
			continue;
		*off |= is_option(at + 1, off_options);
		*debug |= is_option(at + 1, debug_options);
	}
}

/* They speak to livery: the page that is looked up, stored and asked for is
 * the one without them. */
static void
drop_options(struct client *client)
{
	struct request *request = &client->request;
	const char *at = strchr(request->target, '?');
	char *plain = mem_new(request->target_len + 1);
	size_t len = (size_t)(at - request->target);

	memcpy(plain, request->target, len);
	for (bool first = true; at; at = strchr(at + 1, '&')) {
		size_t n = strcspn(at + 1, "&");

		if (is_option(at + 1, off_options) ||
		    is_option(at + 1, debug_options))
			continue;
		plain[len++] = first ? '?' : '&';
		memcpy(plain + len, at + 1, n);
		len += n;
		first = false;
	}
	client->target_plain = plain;
	request->target = plain;
	request->target_len = len;
}

/* Most requests say nothing of a proxy: who asks is the peer then, and what
 * it may was found out with the connection. */
static void
resolve(struct client *client)
{
	struct request *request = &client->request;
	const struct gate *gate = &client->gate;

	if (gate->has_forwarding || gate->has_proto) {
		peer_resolve(request, &client->peer, client->peer_trusted,
		    gate->has_forwarding, &client->core->opts.peers);
		return;
	}
	request->peer = request->client = client->peer;
	request->is_trusted = client->peer_trusted;
	request->is_allowed = client->peer_allowed;
	request->scheme = "http";
}

static void
make_request(struct client *client)
{
	struct request *request = &client->request;
	const struct gate *gate = &client->gate;
	bool off, debug;

	request->livery_off = request->livery_debug = false;
	request->method = gate->method;
	request->is_get = strcmp(gate->method, "GET") == 0;
	request->is_head = strcmp(gate->method, "HEAD") == 0;
	request->host = gate->host;
	request->host_len = gate->host_len;
	request->target = gate->target;
	request->target_len = gate->target_len;
	request->fields = &gate->fields;
	request->cookie = gate->cookie;
	request->authorization = gate->authorization;
	request->cache_control = gate->cache_control;
	request->pragma = gate->pragma;
	request->range = gate->range;
	request->if_none_match = gate->if_none_match;
	request->if_modified_since = gate->if_modified_since;
	request->accept_encoding = gate->accept_encoding;
	request->is_conditional_else = gate->is_conditional_else;
	request->is_script = gate->is_script;
	resolve(client);
	if (!request->is_allowed)
		return;
	find_options(gate->target, &off, &debug);
	request->livery_off = gate->livery_off || off;
	request->livery_debug = debug;
	if (off || debug)
		drop_options(client);
}

/* ---- answers ---- */

static enum MHD_Result
queue(struct client *client, int status, struct MHD_Response *response)
{
	enum MHD_Result queued;

	client->status = status;
	client->step = CLIENT_SEND;
	if (!response)
		return MHD_NO;
	queued =
	    MHD_queue_response(client->connection, (unsigned)status, response);
	return queued;
}

/* In a few words, and close. */
static enum MHD_Result
refuse(struct client *client, int status, const char *why)
{
	struct MHD_Response *response = reply_words(status, why);
	enum MHD_Result queued;

	client->now.kind = "refused";
	client->now.cache_status[0] = '\0';
	client->now.theme = NULL;
	watch_send(&client->watch, client->core->opts.send_ms);
	queued = queue(client, status, response);
	if (response)
		MHD_destroy_response(response);
	return queued;
}

static enum MHD_Result
refuse_many(struct client *client)
{
	counter_up(COUNT_OVERLOAD);
	return refuse(client, 503, "too many requests are in flight");
}

/* Under the flow's lock; on the port's thread. */
static void
on_pause(void *arg)
{
	struct client *client = arg;

	watch_stage(&client->watch, WATCH_WAIT);
	MHD_suspend_connection(client->connection);
}

/* Under the flow's lock; on any thread. */
static void
on_resume(void *arg)
{
	struct client *client = arg;

	MHD_resume_connection(client->connection);
}

static ssize_t
on_read(void *arg, uint64_t at, char *out, size_t max)
{
	struct client *client = arg;
	ssize_t n;

	if (atomic_load(&client->watch.gone))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	n = flow_read(&client->reply->reader, out, max);
	if (n > 0) {
		if (atomic_load_explicit(&client->watch.stage,
			memory_order_relaxed) == WATCH_WAIT)
			watch_send(&client->watch, client->core->opts.send_ms);
		watch_moved(&client->watch, (size_t)n);
		client->sent = at + (uint64_t)n;
	}
	if (n == FLOW_END && client->reply->length < 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	return n < 0 ? MHD_CONTENT_READER_END_WITH_ERROR : n;
}

static size_t
block_size(const struct front_opts *opts)
{
	size_t block = opts->window / 2;

	if (block < BLOCK_MIN)
		block = BLOCK_MIN;
	return block < BLOCK_MAX ? block : BLOCK_MAX;
}

static void
watch_answer(struct client *client)
{
	const struct front_opts *opts = &client->core->opts;
	struct reply *reply = client->reply;
	uint64_t allow_ms = opts->send_ms, by_rate;

	if (reply->reader.flow) {
		reply->reader.on_pause = on_pause;
		reply->reader.on_resume = on_resume;
		reply->reader.arg = client;
		watch_reader(client->core->dog, &client->watch, &reply->reader);
	} else if (opts->send_rate) {
		by_rate = client->length * 1000 / opts->send_rate;
		if (by_rate > allow_ms)
			allow_ms = by_rate;
	}
	watch_send(&client->watch, allow_ms);
}

/* The answer is known. */
static enum MHD_Result
answer(struct client *client, struct reply *reply)
{
	const struct front_core *core = client->core;
	struct reply_for to = {
	    .request = &client->request,
	    .if_range = client->gate.if_range,
	    .via = core->opts.via,
	    .slot = client->port->number,
	    .close = client->close || atomic_load_explicit(&core->quiesced,
					  memory_order_relaxed),
	    .block = block_size(&core->opts),
	    .on_read = on_read,
	    .arg = client,
	};
	struct reply_out out;
	enum MHD_Result queued;

	client->reply = reply;
	reply_make(&out, reply, &to);
	client->length = out.length;
	watch_answer(client);
	queued = queue(client, out.status, out.response);
	if (out.response && !out.is_kept)
		MHD_destroy_response(out.response);
	return queued;
}

static enum MHD_Result
answer_page(struct client *client)
{
	struct exchange *exchange = client->exchange;

	client->port->parked--;
	return answer(client, page_reply(exchange->page));
}

/* ---- a page ---- */

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

/* The request has no body, and is whole. */
static enum MHD_Result
ask(struct client *client)
{
	struct reply *now = &client->now;

	if (page_now(client->core->pages, &client->request, now))
		return answer(client, now);
	if (!start_page(client, false))
		return refuse_many(client);
	return wait_for_page(client);
}

/* ---- its body ---- */

static enum MHD_Result
begin_upload(struct client *client)
{
	if (!start_page(client, true))
		return refuse_many(client);
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
	int status;

	begin_request(client);
	client->request.client = client->peer;
	status = read_head(client, method, version);
	if (status) {
		counter_up(COUNT_REFUSED);
		return refuse(client, status, client->gate.why);
	}
	make_request(client);
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

/* ---- its end ---- */

enum { STATUS_LEFT = 499 }; /* in the log: the client left before the answer */

static bool
is_same(const struct net_address *a, const struct net_address *b)
{
	return a->is_unix == b->is_unix &&
	       memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static void
write_log(struct client *client, uint64_t bytes)
{
	const struct gate *gate = &client->gate;
	const struct reply *reply =
	    client->reply ? client->reply : &client->now;
	char text[NET_TEXT];
	struct accesslog_line line = {
	    .now_ms = clock_wall_ms(),
	    .client = client->peer_text,
	    .method = gate->method,
	    .host = gate->host,
	    .host_len = gate->host_len,
	    .target = gate->target,
	    .target_len = gate->target_len,
	    .version = gate->version,
	    .status = client->status ? client->status : STATUS_LEFT,
	    .bytes = bytes,
	    .kind = reply->kind,
	    .cache_status = reply->cache_status,
	    .theme = reply->theme,
	    .referer = gate->referer,
	    .user_agent = gate->user_agent,
	};

	if (!is_same(&client->request.client, &client->peer)) {
		net_write(text, &client->request.client);
		line.client = text;
	}
	if (!line.theme && reply->object)
		line.theme = reply->object->theme;
	if (client->began_us)
		line.duration_us = clock_mono_us() - client->began_us;
	accesslog_write(client->core->log, client->port->number, &line);
}

/* The client closed before it had its answer. Who leaves while a page is out
 * has that page ended with an error, which the kernel may well take. */
static bool
has_left(const struct client *client, bool whole)
{
	bool gone = atomic_load(&client->watch.gone);

	if (!client->exchange || atomic_load(&client->watch.cut))
		return false;
	return whole ? gone && client->status >= 400 :
		       gone || client->status < 400;
}

static void
count_end(struct client *client, bool whole)
{
	bool streamed = client->reply && client->reply->reader.flow;
	uint64_t bytes = whole && !streamed ? client->length : client->sent;

	counter_add(COUNT_BYTES_OUT, (int64_t)bytes);
	if (has_left(client, whole))
		counter_up(COUNT_GONE);
	if (client->core->log)
		write_log(client, bytes);
	atomic_store_explicit(&client->port->in_hand,
	    atomic_load_explicit(&client->port->in_hand, memory_order_relaxed) -
		1,
	    memory_order_relaxed);
	counter_add(COUNT_IN_FRONT, -1);
	client->in_hand = false;
}

void
client_end(struct client *client, enum MHD_RequestTerminationCode how)
{
	if (client->in_hand)
		count_end(client, how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
	if (client->exchange) {
		if (client->exchange->page && !client->reply)
			client->port->parked--;
		watch_page(client->core->dog, &client->watch, NULL);
		exchange_end(&client->exchange);
	} else if (client->reply) {
		reply_fini(&client->now);
	}
	client->reply = NULL;
	arena_free(&client->gate.scrap);
	mem_free(&client->target_long);
	mem_free(&client->target_plain);
	watch_stage(&client->watch, WATCH_IDLE);
}
