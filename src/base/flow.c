/* base/flow.c - a list of chunks between one writer and its readers
 *
 * Chunks are freed from the front, as far as the slowest reader has come. They
 * grow, from what came first, so that a short body takes no more than it has:
 * to 16 KiB, and in a kept flow to 1 MiB, so that a long body is not a long
 * list. */
#include "base/flow.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"
#include "base/mem.h"

enum { CHUNK_MIN = 1 << 10, CHUNK_PASSING = 16 << 10, CHUNK_MAX = 1 << 20 };

struct chunk {
	struct chunk *next;
	uint64_t at; /* of its first byte in the flow */
	size_t len, size;
	char bytes[];
};

struct flow {
	_Atomic unsigned refs;
	struct lock lock;
	/* shared: all below, under lock */
	struct chunk *first, *last;
	uint64_t written;
	size_t window;
	uint64_t limit;
	bool keeps, ended, whole, full, abandoned;
	struct flow_reader *readers;
	void (*on_room)(void *);
	void *on_room_arg;
};

struct flow *
flow_new(size_t window, bool keep, uint64_t limit)
{
	struct flow *flow = mem_new(sizeof(*flow));

	must(window > 0);
	atomic_init(&flow->refs, 1);
	lock_init(&flow->lock);
	flow->window = window;
	flow->keeps = keep;
	flow->limit = limit;
	return flow;
}

struct flow *
flow_ref(struct flow *flow)
{
	atomic_fetch_add(&flow->refs, 1);
	return flow;
}

void
flow_unref(struct flow **flow)
{
	struct flow *gone = *flow;
	struct chunk *chunk, *next;

	*flow = NULL;
	if (!gone || atomic_fetch_sub(&gone->refs, 1) != 1)
		return;
	must(!gone->readers);
	for (chunk = gone->first; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	lock_fini(&gone->lock);
	mem_free(&gone);
}

/* ---- inside the lock ---- */

static uint64_t
slowest(const struct flow *flow)
{
	uint64_t at = flow->written;
	const struct flow_reader *reader;

	if (!flow->readers && !flow->abandoned)
		return flow->first ? flow->first->at : flow->written;
	for (reader = flow->readers; reader; reader = reader->next)
		if (reader->at < at)
			at = reader->at;
	return at;
}

static void
drop_read(struct flow *flow)
{
	uint64_t at = slowest(flow);
	struct chunk *chunk;

	while (!flow->keeps && (chunk = flow->first) != NULL &&
	    chunk->at + chunk->len <= at && chunk != flow->last) {
		flow->first = chunk->next;
		free(chunk);
	}
}

static uint64_t
unread(const struct flow *flow)
{
	return flow->written - slowest(flow);
}

static void
make_room(struct flow *flow)
{
	drop_read(flow);
	if (!flow->full || !flow->on_room)
		return;
	if (!flow->abandoned && unread(flow) > flow->window / 2)
		return;
	flow->full = false;
	flow->on_room(flow->on_room_arg);
}

static void
wake_readers(struct flow *flow)
{
	struct flow_reader *reader;

	for (reader = flow->readers; reader; reader = reader->next) {
		if (!reader->waits)
			continue;
		reader->waits = false;
		reader->on_resume(reader->arg);
	}
}

static size_t
next_size(const struct flow *flow, size_t len)
{
	size_t size = flow->last ? flow->last->size * 2 : CHUNK_MIN;
	size_t most = flow->keeps ? CHUNK_MAX : CHUNK_PASSING;

	if (size > most)
		size = most;
	return size < len ? len : size;
}

static bool
append(struct flow *flow, const char *bytes, size_t len)
{
	struct chunk *last = flow->last;
	size_t fits = last ? last->size - last->len : 0, size;

	if (fits < len) {
		size = next_size(flow, len - fits);
		struct chunk *chunk = malloc(sizeof(*chunk) + size);

		if (!chunk)
			return false;
		chunk->next = NULL;
		chunk->size = size;
		chunk->len = len - fits;
		chunk->at = flow->written + fits;
		memcpy(chunk->bytes, bytes + fits, len - fits);
		if (last)
			last->next = chunk;
		else
			flow->first = chunk;
		flow->last = chunk;
	} else {
		fits = len;
	}
	if (fits) {
		memcpy(last->bytes + last->len, bytes, fits);
		last->len += fits;
	}
	flow->written += len;
	return true;
}

static enum flow_took
take(struct flow *flow, const void *bytes, size_t len)
{
	must(!flow->ended);
	if (flow->keeps) {
		if (flow->written + len > flow->limit)
			return FLOW_OVER;
		return append(flow, bytes, len) ? FLOW_TOOK : FLOW_OVER;
	}
	if (flow->abandoned)
		return FLOW_GONE;
	/* A first write is always taken, else a chunk over the window never
	 * would be. */
	if (unread(flow) > 0 && unread(flow) + len > flow->window) {
		flow->full = true;
		return FLOW_FULL;
	}
	drop_read(flow);
	return append(flow, bytes, len) ? FLOW_TOOK : FLOW_GONE;
}

/* ---- the writer ---- */

void
flow_on_room(struct flow *flow, void (*on_room)(void *), void *arg)
{
	lock_take(&flow->lock);
	flow->on_room = on_room;
	flow->on_room_arg = arg;
	lock_drop(&flow->lock);
}

enum flow_took
flow_write(struct flow *flow, const void *bytes, size_t len)
{
	enum flow_took took;

	if (len == 0)
		return FLOW_TOOK;
	lock_take(&flow->lock);
	took = take(flow, bytes, len);
	if (took == FLOW_TOOK)
		wake_readers(flow);
	lock_drop(&flow->lock);
	return took;
}

void
flow_end(struct flow *flow, bool whole)
{
	lock_take(&flow->lock);
	if (!flow->ended) {
		flow->ended = true;
		flow->whole = whole;
		wake_readers(flow);
	}
	lock_drop(&flow->lock);
}

void
flow_stop_keeping(struct flow *flow)
{
	lock_take(&flow->lock);
	flow->keeps = false;
	drop_read(flow);
	lock_drop(&flow->lock);
}

void
flow_abandon(struct flow *flow)
{
	lock_take(&flow->lock);
	flow->abandoned = true;
	make_room(flow);
	lock_drop(&flow->lock);
}

bool
flow_is_read(struct flow *flow)
{
	bool is_read;

	lock_take(&flow->lock);
	is_read = flow->readers != NULL;
	lock_drop(&flow->lock);
	return is_read;
}

/* ---- readers ---- */

bool
flow_join(struct flow *flow, struct flow_reader *reader)
{
	bool joined;

	lock_take(&flow->lock);
	joined = flow->first ? flow->first->at == 0 : flow->written == 0;
	if (joined) {
		reader->flow = flow_ref(flow);
		reader->at = 0;
		reader->waits = false;
		reader->next = flow->readers;
		flow->readers = reader;
		/* Whoever left before: there is somebody to write for. */
		flow->abandoned = false;
	}
	lock_drop(&flow->lock);
	return joined;
}

void
flow_leave(struct flow_reader *reader)
{
	struct flow *flow = reader->flow;
	struct flow_reader **link;

	if (!flow)
		return;
	lock_take(&flow->lock);
	for (link = &flow->readers; *link != reader; link = &(*link)->next)
		must(*link);
	*link = reader->next;
	if (!flow->readers)
		flow->abandoned = true;
	make_room(flow);
	lock_drop(&flow->lock);
	flow_unref(&reader->flow);
}

static size_t
copy_out(const struct flow *flow, uint64_t at, char *out, size_t max)
{
	const struct chunk *chunk = flow->first;
	size_t done = 0, from, n;

	for (; chunk && done < max; chunk = chunk->next) {
		if (chunk->at + chunk->len <= at)
			continue;
		from = (size_t)(at - chunk->at);
		n = chunk->len - from;
		if (n > max - done)
			n = max - done;
		memcpy(out + done, chunk->bytes + from, n);
		done += n;
		at += n;
	}
	return done;
}

ssize_t
flow_read(struct flow_reader *reader, void *out, size_t max)
{
	struct flow *flow = reader->flow;
	ssize_t got;

	lock_take(&flow->lock);
	got = (ssize_t)copy_out(flow, reader->at, out, max);
	if (got > 0) {
		reader->at += (uint64_t)got;
		make_room(flow);
	} else if (flow->ended) {
		got = flow->whole ? FLOW_END : FLOW_BROKEN;
	} else if (max > 0) {
		reader->waits = true;
		reader->on_pause(reader->arg);
	}
	lock_drop(&flow->lock);
	return got;
}

const char *
flow_whole(struct flow_reader *reader, size_t *len)
{
	struct flow *flow = reader->flow;
	const char *bytes = NULL;

	lock_take(&flow->lock);
	if (flow->ended && flow->whole && reader->at == 0 &&
	    flow->first == flow->last) {
		bytes = flow->first ? flow->first->bytes : "";
		*len = (size_t)flow->written;
	}
	lock_drop(&flow->lock);
	return bytes;
}

void
flow_poke(struct flow_reader *reader)
{
	struct flow *flow = reader->flow;

	lock_take(&flow->lock);
	if (reader->waits) {
		reader->waits = false;
		reader->on_resume(reader->arg);
	}
	lock_drop(&flow->lock);
}

size_t
flow_peek(struct flow *flow, uint64_t at, void *out, size_t max)
{
	size_t got = 0;

	lock_take(&flow->lock);
	if (flow->keeps)
		got = copy_out(flow, at, out, max);
	lock_drop(&flow->lock);
	return got;
}

/* ---- afterwards ---- */

uint64_t
flow_len(struct flow *flow)
{
	uint64_t len;

	lock_take(&flow->lock);
	len = flow->written;
	lock_drop(&flow->lock);
	return len;
}

char *
flow_flatten(struct flow *flow)
{
	char *bytes = NULL;

	lock_take(&flow->lock);
	if (flow->written == 0 || (flow->first && flow->first->at == 0))
		bytes = malloc((size_t)flow->written + 1);
	if (bytes) {
		copy_out(flow, 0, bytes, (size_t)flow->written);
		bytes[flow->written] = '\0';
	}
	lock_drop(&flow->lock);
	return bytes;
}
