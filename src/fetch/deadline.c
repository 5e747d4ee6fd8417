/* fetch/deadline.c - when a transfer has taken too long
 *
 * Until the head is there: first_byte_timeout, or upload_stall_timeout while
 * the request is still being sent; then total_timeout, which for a stream is
 * the silence of the upstream. */
#include "fetch/transferlife.h"

#include <string.h>

#include "fetch/wire.h"

uint32_t
deadline_first_byte_ms(const struct transfer *t)
{
	uint32_t patience = t->flight->errand->patience_ms;

	return patience ? patience : opts_of(t)->first_byte_ms;
}

static uint32_t
total_ms(const struct transfer *t)
{
	uint32_t patience = t->flight->errand->patience_ms;

	return patience ? patience : opts_of(t)->total_ms;
}

static bool
is_unsafe_method(const struct errand *errand)
{
	return strcmp(errand->method, "GET") != 0 &&
	       strcmp(errand->method, "HEAD") != 0;
}

void
deadline_set(struct transfer *t)
{
	uint64_t now = engine_now_ms();

	t->progress_ms = now;
	if (!t->upload.goes)
		t->first_byte_at_ms = now + deadline_first_byte_ms(t);
	if (!is_unsafe_method(t->flight->errand))
		t->total_at_ms = now + total_ms(t);
	engine_look_at(t->flight->engine,
	    t->upload.goes ? now + opts_of(t)->upload_stall_ms
			   : t->first_byte_at_ms);
	if (t->total_at_ms)
		engine_look_at(t->flight->engine, t->total_at_ms);
}

static uint64_t
over(struct transfer *t, enum outcome outcome, const char *what, uint32_t ms)
{
	err_set(&t->err, "%s %u ms", what, ms);
	transfer_end(t, outcome);
	return 0;
}

static uint64_t
sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Until the head is there. */
static uint64_t
look_before(struct transfer *t, uint64_t now_ms)
{
	uint64_t at = t->first_byte_at_ms;

	if (at && now_ms >= at)
		return over(t, FETCH_HEAD_LATE, "no answer within",
		    deadline_first_byte_ms(t));
	return at ? at : UINT64_MAX;
}

/* While the body comes. A stream may take as long as its reader likes; it is
 * the silence of the upstream that ends it. */
static uint64_t
look_after(struct transfer *t, uint64_t now_ms)
{
	uint32_t total = total_ms(t);
	bool has_total = t->total_at_ms && !flight_is_streaming(t->flight);
	uint64_t at = has_total ? t->total_at_ms : t->progress_ms + total;

	if (!has_total && (t->waits_room || t->is_over))
		return UINT64_MAX;
	if (now_ms >= at)
		return over(t, FETCH_LATE,
		    has_total ? "not whole within" : "silent for", total);
	return at;
}

uint64_t
deadline_look(struct mover *mover, uint64_t now_ms)
{
	struct transfer *t = container_of(mover, struct transfer, mover);
	uint32_t stall = opts_of(t)->upload_stall_ms;
	uint64_t next;

	if (t->wire && wire_is_tunnel(t->wire))
		return wire_look(t->wire, now_ms);
	if (t->upload.goes && now_ms >= t->progress_ms + stall)
		return over(
		    t, FETCH_STALLED, "the upload stood still for", stall);
	if (!t->flight->has_head && t->total_at_ms && now_ms >= t->total_at_ms)
		return over(
		    t, FETCH_LATE, "no answer within", total_ms(t));
	next = t->flight->has_head ? look_after(t, now_ms)
				   : look_before(t, now_ms);
	if (next > 0 && t->upload.goes)
		next = sooner(next, t->progress_ms + stall);
	if (next > 0 && t->total_at_ms && !t->flight->has_head)
		next = sooner(next, t->total_at_ms);
	return next;
}
