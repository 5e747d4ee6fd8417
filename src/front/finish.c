/* front/finish.c - a request is over: the counters, the log, what it held */
#include "front/client.h"

#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"
#include "front/exchange.h"
#include "front/upgrade.h"
#include "front/reply.h"

enum { STATUS_LEFT = 499 }; /* in the log: the client left before the answer */

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

	if (!net_same(&client->request.client, &client->peer)) {
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

	if (!client->exchange || atomic_load(&client->watch.cut) ||
	    client->status == 101)
		return false;
	return whole ? gone && client->status >= 400 :
		       gone || client->status < 400;
}

static void
count_end(struct client *client, bool whole)
{
	bool streamed = client->reply && reply_streams(client->reply);
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
	upgrade_end(client);
	arena_free(&client->gate.scrap);
	mem_free(&client->target_long);
	mem_free(&client->target_plain);
	watch_stage(&client->watch, WATCH_IDLE);
}
