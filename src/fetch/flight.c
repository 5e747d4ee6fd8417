/* fetch/flight.c - who joins a flight, its take-off, and its clock */
#include "fetch/flightlife.h"

#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"
#include "fetch/boarding.h"

/* ---- who may join ---- */

static bool
keys_differ(const struct flight *flight, const struct key *key)
{
	return flight->errand->key.len != key->len ||
	       memcmp(flight->errand->key.text, key->text, key->len) != 0;
}

static struct flight *
find_joinable(struct engine *engine, const struct key *key)
{
	struct flight *flight = NULL;

	if (key->len == 0)
		return NULL;
	HASH_FIND_BYHASHVALUE(hh, engine->shared, key->text, key->len,
	    (unsigned)key->hash, flight);
	must(!flight || !keys_differ(flight, key));
	return flight;
}

static void
let_join(struct flight *flight)
{
	const struct key *key = &flight->errand->key;

	if (key->len == 0)
		return;
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, flight->engine->shared, key->text,
	    key->len, (unsigned)key->hash, flight);
	flight->joinable = true;
}

void
flight_close_door(struct flight *flight)
{
	if (flight->joinable)
		HASH_DEL(flight->engine->shared, flight);
	flight->joinable = false;
}

static bool
is_over(const struct flight *flight)
{
	struct errand *errand = flight->errand;

	return errand->is_over && errand->is_over(errand);
}

static void
add_waiter(struct flight *flight, struct waiter *waiter, bool leads)
{
	struct waiter **link = &flight->waiters;

	waiter->leader = leads;
	waiter->oversize = false;
	waiter->next = NULL;
	while (*link)
		link = &(*link)->next;
	*link = waiter;
	if (waiter->late_at_ms)
		engine_look_at(flight->engine, waiter->late_at_ms);
}

static void
join(struct flight *flight, struct errand **errand, struct waiter *waiter)
{
	flight->outlives |= (*errand)->outlives;
	flight->owed |= !waiter;
	errand_free(errand);
	if (!waiter)
		return;
	counter_up(COUNT_COALESCED);
	if (flight->handed) {
		waiter->leader = waiter->oversize = false;
		flight_tell(waiter, EVENT_HEAD, flight->answer);
	} else {
		add_waiter(flight, waiter, false);
	}
}

/* ---- take-off ---- */

static bool
enter(struct flight *flight)
{
	_Atomic unsigned *in_flight = flight->engine->in_flight;

	if (atomic_fetch_add(in_flight, 1) >=
	    flight->engine->opts->misses_max) {
		atomic_fetch_sub(in_flight, 1);
		return false;
	}
	if (!upstream_enter(flight->errand->upstream)) {
		atomic_fetch_sub(in_flight, 1);
		return false;
	}
	flight->entered = true;
	counter_add(COUNT_TRANSFERS, 1);
	counter_up(
	    flight->errand->is_theme ? COUNT_FETCHES_THEME : COUNT_FETCHES);
	return true;
}

void
flight_settle(struct flight *flight)
{
	if (!flight->entered)
		return;
	flight->entered = false;
	atomic_fetch_sub(flight->engine->in_flight, 1);
	upstream_leave(flight->errand->upstream);
	counter_add(COUNT_TRANSFERS, -1);
}

static struct flight *
flight_new(struct engine *engine, struct errand **errand, struct waiter *waiter)
{
	struct flight *flight = mem_new(sizeof(*flight));

	flight->engine = engine;
	flight->errand = *errand;
	*errand = NULL;
	flight->answer = answer_new();
	flight->answer->asked_ms = clock_wall_ms();
	flight->asked_at_ms = engine_now_ms();
	flight->outlives = flight->errand->outlives || !waiter;
	flight->owed = !waiter;
	DL_APPEND(engine->flights, flight);
	if (waiter)
		add_waiter(flight, waiter, true);
	return flight;
}

static void
take_off(struct flight *flight)
{
	if (atomic_load(&flight->engine->stops)) {
		flight_end(flight, FETCH_STOPPED, "shutting down", false);
		return;
	}
	if (!enter(flight)) {
		flight_end(flight, FETCH_TOO_MANY, "too many in flight", false);
		return;
	}
	engine_look_at(flight->engine, flight->asked_at_ms + LOOK_EVERY_MS);
	boarding_begin(flight);
}

/* The flight that this one would have joined has just landed. */
static bool
is_there_already(struct errand **errand, struct waiter *waiter)
{
	struct answer *answer;
	bool is_there;

	if (!(*errand)->on_ask)
		return false;
	answer = answer_new();
	is_there = (*errand)->on_ask(*errand, answer);
	if (is_there)
		errand_free(errand);
	if (is_there && waiter) {
		counter_up(COUNT_COALESCED);
		waiter->leader = waiter->oversize = false;
		flight_tell(waiter, EVENT_DONE, answer);
	}
	answer_unref(&answer);
	return is_there;
}

void
flights_ask(
    struct engine *engine, struct errand **errand, struct waiter *waiter)
{
	struct flight *flight = find_joinable(engine, &(*errand)->key);

	if (flight && is_over(flight)) {
		flight_close_door(flight);
		flight = NULL;
	}
	if (flight) {
		join(flight, errand, waiter);
		return;
	}
	if (is_there_already(errand, waiter))
		return;
	flight = flight_new(engine, errand, waiter);
	let_join(flight);
	take_off(flight);
}

/* ---- who wants it ---- */

bool
flight_is_wanted(const struct flight *flight)
{
	if (flight->waiters)
		return true;
	if (flight->handed && flow_is_read(flight->answer->flow))
		return true;
	/* All who wanted it left while it stood in the queue: asking now would
	 * only keep a slot from those who are still there. */
	if (!flight->outlives || (!flight->mover && !flight->owed))
		return false;
	return !flight->has_head || (flight_is_shared(flight) && flight->keeps);
}

/* ---- the clock ---- */

static bool
has_left(const struct waiter *waiter)
{
	return waiter->gone && atomic_load(waiter->gone);
}

static uint64_t
look_at_waiters(struct flight *flight, uint64_t now_ms)
{
	struct waiter **link = &flight->waiters, *waiter;
	uint64_t next = UINT64_MAX;

	while ((waiter = *link)) {
		if (has_left(waiter)) {
			*link = waiter->next;
			flight_tell_failed(waiter, FETCH_LEFT,
			    "left before the "
			    "answer came");
		} else if (waiter->late_at_ms && now_ms >= waiter->late_at_ms) {
			*link = waiter->next;
			flight->outlives = flight->owed = true;
			flight_tell(waiter, EVENT_LATE, NULL);
		} else {
			if (waiter->late_at_ms && waiter->late_at_ms < next)
				next = waiter->late_at_ms;
			link = &waiter->next;
		}
	}
	return next;
}

/* 0: it has ended. */
static uint64_t
look_at(struct flight *flight, uint64_t now_ms)
{
	uint64_t next = look_at_waiters(flight, now_ms), other;

	if (!flight_is_wanted(flight)) {
		flight_end(flight, FETCH_LEFT, "nobody waits for it", false);
		return 0;
	}
	other = flight->mover ? flight->mover->ops->look(flight->mover, now_ms)
			      : boarding_look(flight, now_ms);
	return other < next ? other : next;
}

uint64_t
flights_look(struct engine *engine, uint64_t now_ms)
{
	uint64_t next = UINT64_MAX, at;
	struct flight *flight, *following;

	for (flight = engine->flights; flight; flight = following) {
		following = flight->next;
		at = look_at(flight, now_ms);
		if (at > 0 && at < next)
			next = at;
	}
	return next;
}

void
flights_stop(struct engine *engine)
{
	while (engine->flights)
		flight_end(
		    engine->flights, FETCH_STOPPED, "shutting down", false);
}

/* ---- wakes ---- */

void
flight_wake(struct flight *flight, unsigned why)
{
	if (atomic_fetch_or(&flight->wakes, why) == 0)
		engine_post_wake(flight->engine, &flight->item);
}

void
flight_woken(struct inbox_item *item)
{
	struct flight *flight = container_of(item, struct flight, item);
	unsigned why = atomic_exchange(&flight->wakes, 0);

	if (flight->dead)
		flight_free(flight);
	else if (!flight->mover)
		boarding_woken(flight);
	else
		flight->mover->ops->wake(flight->mover, why);
}
