/* fetch/boarding.c - in and out of the pool */
#include "fetch/boarding.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "fetch/folder.h"
#include "fetch/transfer.h"
#include "upstream/balance.h"

static struct pool *
pool_of(const struct flight *flight)
{
	return flight->errand->upstream->pool;
}

static const struct upstream_opts *
opts_of(const struct flight *flight)
{
	return &flight->errand->upstream->opts;
}

/* RFC 9110 9.2.2, of the methods that are registered. */
static bool
is_idempotent(const char *method)
{
	static const char *const methods[] = {
	    "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"};

	for (unsigned i = 0; i < COUNT_OF(methods); i++)
		if (strcmp(method, methods[i]) == 0)
			return true;
	return false;
}

static void
on_slot(void *arg)
{
	flight_wake(arg, WAKE_SLOT);
}

static void
fill_ask(struct flight *flight)
{
	const struct errand *errand = flight->errand;
	struct pool_ask *ask = &flight->slot.ask;

	*ask = errand->ask;
	if (errand->is_theme)
		ask->lane = LANE_PARTS;
	if (!ask->url_hash)
		ask->url_hash =
		    balance_hash(errand->target, strlen(errand->target));
	ask->may_repeat = (!errand->body || errand->upgrade) &&
			  is_idempotent(errand->method);
	flight->slot.on_slot = on_slot;
	flight->slot.arg = flight;
}

static void
start(struct flight *flight, struct member *server)
{
	flight->server = server;
	snprintf(flight->answer->server, sizeof(flight->answer->server), "%s",
	    server->tag);
	flight->mover = server->place->form == UPSTREAM_FOLDER
			    ? folder_new(flight)
			    : transfer_new(flight);
	engine_look_at(flight->engine, engine_now_ms() + LOOK_EVERY_MS);
	flight->mover->ops->start(flight->mover);
}

static void
wait_for_slot(struct flight *flight)
{
	if (!flight->slot_until_ms)
		flight->slot_until_ms =
		    engine_now_ms() + opts_of(flight)->queue_ms;
	engine_look_at(flight->engine, flight->slot_until_ms);
}

static void
say_none(struct flight *flight)
{
	char words[200];

	/* It was tried elsewhere, and this is how that ended. */
	if (flight->slot.ask.tried) {
		flight_end(flight, flight->failed, flight->failed_why, false);
		return;
	}
	snprintf(words, sizeof(words),
	    "no server of %.100s takes requests just now",
	    opts_of(flight)->name);
	flight_end(flight, FETCH_NO_SERVER, words, false);
}

static void
enter(struct flight *flight)
{
	switch (pool_enter(pool_of(flight), &flight->slot, clock_mono_ms())) {
	case POOL_CHOSEN:
		start(flight, flight->slot.server);
		break;
	case POOL_WAITS:
		wait_for_slot(flight);
		break;
	case POOL_FULL:
		flight_end(flight, FETCH_TOO_MANY,
		    "too many wait for a server already", false);
		break;
	case POOL_NONE:
		say_none(flight);
		break;
	}
}

void
boarding_begin(struct flight *flight)
{
	fill_ask(flight);
	enter(flight);
}

void
boarding_woken(struct flight *flight)
{
	switch (pool_stand(pool_of(flight), &flight->slot)) {
	case POOL_CHOSEN:
		start(flight, flight->slot.server);
		break;
	case POOL_WAITS: /* woken for something else */
		break;
	default:
		enter(flight);
		break;
	}
}

uint64_t
boarding_look(struct flight *flight, uint64_t now_ms)
{
	char words[200];

	if (!flight->slot_until_ms)
		return UINT64_MAX; /* begins again in a moment */
	if (now_ms < flight->slot_until_ms)
		return flight->slot_until_ms;
	snprintf(words, sizeof(words),
	    "no server of %.100s had a free slot within %u ms",
	    opts_of(flight)->name, opts_of(flight)->queue_ms);
	flight_end(flight, FETCH_NO_SLOT, words, false);
	return 0;
}

void
boarding_head(struct flight *flight)
{
	if (opts_of(flight)->slot_until)
		boarding_leave(flight);
}

void
boarding_leave(struct flight *flight)
{
	pool_leave(pool_of(flight), &flight->slot, clock_mono_ms());
}

void
boarding_report(struct flight *flight, enum outcome_kind how)
{
	if (flight->server)
		pool_report(pool_of(flight), flight->errand->upstream,
		    flight->server, how, clock_mono_ms());
}

void
boarding_broke(struct flight *flight)
{
	if (flight->server)
		atomic_fetch_add(&flight->server->failures, 1);
}

/* ---- another server ---- */

static bool
nothing_was_sent(enum outcome outcome)
{
	return outcome == FETCH_NO_ADDRESS || outcome == FETCH_REFUSED ||
	       outcome == FETCH_CONNECT_LATE;
}

static bool
may_go_elsewhere(const struct flight *flight, enum outcome outcome)
{
	const struct upstream_opts *opts = opts_of(flight);

	if (flight->has_head || !flight->mover || !flight->server ||
	    pool_count(pool_of(flight)) < 2 ||
	    engine_now_ms() - flight->asked_at_ms >= opts->total_ms)
		return false;
	if (nothing_was_sent(outcome))
		return true;
	return (outcome == FETCH_BROKEN || outcome == FETCH_MALFORMED) &&
	       flight->slot.ask.may_repeat;
}

bool
boarding_elsewhere(struct flight *flight, enum outcome outcome)
{
	struct member *server = flight->server;

	if (!may_go_elsewhere(flight, outcome))
		return false;
	boarding_report(
	    flight, nothing_was_sent(outcome) ? OUTCOME_DOWN : OUTCOME_BROKEN);
	flight->mover->ops->free(&flight->mover);
	boarding_leave(flight);
	flight->slot.ask.tried |= UINT64_C(1) << server->at;
	flight->server = NULL;
	flight->slot_until_ms = 0;
	counter_up(COUNT_RETRIES);
	/* From the engine's loop: a server that fails at once must not make
	 * this go deeper. */
	flight_wake(flight, WAKE_SLOT);
	return true;
}
