/* front/exchange.c - suspended and resumed, exactly in pairs
 *
 * libmicrohttpd takes a resume of a connection that is not suspended for one of
 * the next suspension. So PARKED is set after suspending, and only who clears
 * it resumes; what made it worth waking is a bit in the same word, so that
 * nothing slips between. A resume is the last thing that its thread does: the
 * connection's thread may free everything at once. */
#include "front/exchange.h"

#include "base/mem.h"

enum { ARENA_FIRST = 2048 };

/* ---- copies ---- */

static const char *
moved(const struct head *from, const struct head *to, const char *value)
{
	unsigned i;

	for (i = 0; value && i < from->count; i++)
		if (from->fields[i].value == value)
			return to->fields[i].value;
	return NULL;
}

static void
copy_request(struct exchange *exchange, struct client *client)
{
	struct arena *arena = exchange->arena;
	struct request *to = &exchange->request;
	const struct head *old = &client->gate.fields;
	const struct head *now = &exchange->fields;
	struct gate *gate = &client->gate;

	head_init(&exchange->fields, arena);
	head_copy(&exchange->fields, old);
	*to = client->request;
	to->method = arena_strdup(arena, to->method);
	to->host = arena_strndup(arena, to->host, to->host_len);
	to->target = arena_strndup(arena, to->target, to->target_len);
	to->fields = now;
	to->cookie = moved(old, now, to->cookie);
	to->authorization = moved(old, now, to->authorization);
	to->cache_control = moved(old, now, to->cache_control);
	to->pragma = moved(old, now, to->pragma);
	to->range = moved(old, now, to->range);
	to->if_none_match = moved(old, now, to->if_none_match);
	to->if_modified_since = moved(old, now, to->if_modified_since);
	to->accept_encoding = moved(old, now, to->accept_encoding);
	gate->if_range = moved(old, now, gate->if_range);
	gate->referer = moved(old, now, gate->referer);
	gate->user_agent = moved(old, now, gate->user_agent);
	client->request = *to;
}

/* ---- the word ---- */

/* Set a bit; wake the connection if it is parked. */
static void
tell(struct exchange *exchange, unsigned bit)
{
	unsigned old = atomic_load(&exchange->state), new;

	do
		new = (old | bit) & ~(unsigned)EXCHANGE_PARKED;
	while (!atomic_compare_exchange_weak(&exchange->state, &old, new));
	if (old & EXCHANGE_PARKED)
		MHD_resume_connection(exchange->connection);
	else if (old & EXCHANGE_ORPHAN && bit == EXCHANGE_READY)
		watchdog_post(exchange->core->dog, &exchange->orphan);
}

static void
on_ready(void *arg)
{
	tell(arg, EXCHANGE_READY);
}

/* Under the flow's lock. */
static void
on_room(void *arg)
{
	tell(arg, EXCHANGE_ROOM);
}

void
exchange_park(struct exchange *exchange, bool with_room)
{
	unsigned wake = EXCHANGE_READY | (with_room ? EXCHANGE_ROOM : 0);
	unsigned old;

	MHD_suspend_connection(exchange->connection);
	old = atomic_fetch_or(&exchange->state, EXCHANGE_PARKED);
	if (!(old & wake))
		return;
	old = atomic_fetch_and(&exchange->state, ~(unsigned)EXCHANGE_PARKED);
	if (old & EXCHANGE_PARKED)
		MHD_resume_connection(exchange->connection);
}

bool
exchange_is_ready(const struct exchange *exchange)
{
	return atomic_load(&exchange->state) & EXCHANGE_READY;
}

/* ---- its life ---- */

static void
release(struct exchange *exchange)
{
	struct front_core *core = exchange->core;

	page_free(&exchange->page);
	flow_unref(&exchange->upload);
	arena_free(&exchange->arena);
	mem_free(&exchange);
	atomic_fetch_sub(&core->exchanges, 1);
}

static void
release_orphan(struct watch_orphan *orphan)
{
	release(container_of(orphan, struct exchange, orphan));
}

struct exchange *
exchange_new(struct client *client, bool upload)
{
	struct exchange *exchange = mem_new(sizeof(*exchange));

	exchange->orphan.release = release_orphan;
	exchange->core = client->core;
	exchange->connection = client->connection;
	exchange->arena = arena_new(ARENA_FIRST);
	atomic_fetch_add(&client->core->exchanges, 1);
	copy_request(exchange, client);
	if (upload) {
		exchange->upload =
		    flow_new(client->core->opts.window, false, 0);
		flow_on_room(exchange->upload, on_room, exchange);
	}
	/* front_stop() sets stopping, then waits for exchanges to be 0 */
	if (!atomic_load(&client->core->stopping))
		exchange->page = page_new(client->core->pages,
		    &exchange->request, exchange->upload, client->gate.body_len,
		    on_ready, exchange);
	return exchange;
}

void
exchange_start(struct exchange *exchange)
{
	page_start(exchange->page);
}

enum flow_took
exchange_write(struct exchange *exchange, const char *data, size_t len)
{
	atomic_fetch_and(&exchange->state, ~(unsigned)EXCHANGE_ROOM);
	return flow_write(exchange->upload, data, len);
}

void
exchange_upload_end(struct exchange *exchange, bool whole)
{
	if (!exchange->upload || exchange->upload_ended)
		return;
	exchange->upload_ended = true;
	flow_end(exchange->upload, whole);
}

void
exchange_end(struct exchange **exchange)
{
	struct exchange *ended = *exchange;
	unsigned old;

	*exchange = NULL;
	if (ended->upload) {
		flow_on_room(ended->upload, NULL, NULL);
		exchange_upload_end(ended, false);
	}
	if (!ended->page) {
		release(ended);
		return;
	}
	if (!exchange_is_ready(ended))
		page_leave(ended->page);
	old = atomic_fetch_or(&ended->state, EXCHANGE_ORPHAN);
	if (old & EXCHANGE_READY)
		release(ended);
}
