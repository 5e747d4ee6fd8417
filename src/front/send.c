/* front/send.c - an answer goes to its client
 *
 * What is streamed is read out of a flow by libmicrohttpd, on the port's
 * thread. An empty flow suspends the connection, and its writer resumes it;
 * both happen under the flow's lock. */
#include "front/client.h"

#include "base/counter.h"
#include "front/reply.h"

enum { BLOCK_MIN = 16 << 10, BLOCK_MAX = 128 << 10 };

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

enum MHD_Result
client_say(struct client *client, int status, struct MHD_Response *response,
    const char *kind)
{
	enum MHD_Result queued;

	client->now.kind = kind;
	client->now.cache_status[0] = '\0';
	client->now.theme = NULL;
	watch_send(&client->watch, client->core->opts.send_ms);
	queued = queue(client, status, response);
	if (response)
		MHD_destroy_response(response);
	return queued;
}

enum MHD_Result
client_refuse(struct client *client, int status, const char *why)
{
	return client_say(
	    client, status, reply_words(status, why), "refused");
}

enum MHD_Result
client_refuse_many(struct client *client)
{
	counter_up(COUNT_OVERLOAD);
	return client_refuse(client, 503, "too many requests are in flight");
}

/* ---- a stream ---- */

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

/* ---- the answer is known ---- */

static void
watch_answer(struct client *client)
{
	const struct front_opts *opts = &client->core->opts;
	struct reply *reply = client->reply;
	uint64_t allow_ms = opts->send_ms, by_rate;

	if (reply_streams(reply)) {
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
enum MHD_Result
client_answer(struct client *client, struct reply *reply)
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
