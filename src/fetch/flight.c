/* fetch/flight.c - joining, plans, and telling each waiter exactly once
 *
 * A waiter is in one list, flight->waiters, from ask to event: whoever takes
 * it out of there tells it. Waiters and answers are handed to code that runs
 * inside these functions (on_event), so a flight is never ended from within
 * flight_head() or flight_write(): they answer, and the mover ends it. */
#include "fetch/flight.h"

#include <stdio.h>
#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"
#include "fetch/boarding.h"

/* Of a body whose head is held: what one read may bring. */
enum { HELD_MAX = 16 << 10 };

/* ---- answers and events ---- */

static struct answer *
answer_new(void)
{
	struct answer *answer = mem_new(sizeof(*answer));

	atomic_init(&answer->refs, 1);
	answer->arena = arena_new(2048);
	answer->length = -1;
	head_init(&answer->head, answer->arena);
	return answer;
}

static void
answer_fail(struct answer *answer, enum outcome outcome, const char *reason)
{
	answer->outcome = outcome;
	snprintf(answer->reason, sizeof(answer->reason), "%s", reason);
}

static void
tell(struct waiter *waiter, enum event event, struct answer *answer)
{
	waiter->next = NULL;
	waiter->on_event(waiter, event, answer);
}

static void
tell_failed(struct waiter *waiter, enum outcome outcome, const char *reason)
{
	struct answer *answer = answer_new();

	answer_fail(answer, outcome, reason);
	tell(waiter, EVENT_FAILED, answer);
	answer_unref(&answer);
}

static void
tell_all(struct waiter *waiter, enum event event, struct answer *answer)
{
	struct waiter *next;

	for (; waiter; waiter = next) {
		next = waiter->next;
		tell(waiter, event, answer);
	}
}

static void
release(struct waiter *waiter)
{
	struct waiter *next;

	for (; waiter; waiter = next) {
		next = waiter->next;
		counter_up(COUNT_RELEASED);
		tell(waiter, EVENT_ALONE, NULL);
	}
}

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

static void
close_door(struct flight *flight)
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
		tell(waiter, EVENT_HEAD, flight->answer);
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

static void
leave(struct flight *flight)
{
	if (!flight->entered)
		return;
	flight->entered = false;
	atomic_fetch_sub(flight->engine->in_flight, 1);
	upstream_leave(flight->errand->upstream);
	counter_add(COUNT_TRANSFERS, -1);
}

void
flight_settle(struct flight *flight)
{
	leave(flight);
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
		tell(waiter, EVENT_DONE, answer);
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
		close_door(flight);
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

/* ---- the head, and what follows from it ---- */

/* Everybody who waits reads the flow from now on. */
static void
hand_over(struct flight *flight, bool oversize)
{
	struct waiter *waiters = flight->waiters, *waiter;

	flight->waiters = NULL;
	flight->handed = true;
	if (!flight->keeps)
		close_door(flight);
	for (waiter = waiters; waiter; waiter = waiter->next)
		waiter->oversize = oversize;
	tell_all(waiters, EVENT_HEAD, flight->answer);
}

/* Nothing is held any more but what readers have not read yet. */
static void
stop_keeping(struct flight *flight)
{
	flight->keeps = false;
	close_door(flight);
	flow_stop_keeping(flight->answer->flow);
	if (!flow_is_read(flight->answer->flow))
		flow_abandon(flight->answer->flow);
}

static void
go_alone(struct flight *flight)
{
	struct waiter *others;

	close_door(flight);
	if (!flight->waiters)
		return;
	others = flight->waiters->next;
	flight->waiters->next = NULL;
	release(others);
}

static void
on_room(void *arg)
{
	flight_wake(arg, WAKE_ROOM);
}

static void
begin_body(struct flight *flight)
{
	struct answer *answer = flight->answer;
	const struct errand *errand = flight->errand;

	flight->keeps = flight->plan != PLAN_STREAM &&
			(answer->length < 0 ||
			    (uint64_t)answer->length <= errand->keep_max);
	answer->flow = flow_new(
	    flight->engine->opts->window, flight->keeps, errand->keep_max);
	flow_on_room(answer->flow, on_room, flight);
	answer->cost_ms = (uint32_t)(engine_now_ms() - flight->asked_at_ms);
}

static bool
is_shared(const struct flight *flight)
{
	return flight->plan == PLAN_GATHER || flight->plan == PLAN_SHARE;
}

static bool
is_wanted(const struct flight *flight)
{
	if (flight->waiters)
		return true;
	if (flight->handed && flow_is_read(flight->answer->flow))
		return true;
	/* All who wanted it left while it stood in the queue: asking now would
	 * only keep a slot from those who are still there. */
	if (!flight->outlives || (!flight->mover && !flight->owed))
		return false;
	return !flight->has_head || (is_shared(flight) && flight->keeps);
}

/* ---- a head that is held ---- */

/* Head and body in one send cost what one of them does. */
static bool
may_hold(const struct flight *flight)
{
	int64_t length = flight->answer->length;

	return flight->plan == PLAN_STREAM && length >= 0 &&
	       length <= HELD_MAX;
}

static void
hold(struct flight *flight)
{
	flight->held = true;
	DL_APPEND2(flight->engine->held, flight, held_prev, held_next);
}

static void
hold_no_more(struct flight *flight)
{
	if (flight->held)
		DL_DELETE2(
		    flight->engine->held, flight, held_prev, held_next);
	flight->held = false;
}

static void
report(struct flight *flight, enum outcome_kind how)
{
	if (!flight->reported) {
		flight->reported = true;
		flight->was_well = how == OUTCOME_OK;
		boarding_report(flight, how);
	} else if (flight->was_well && how != OUTCOME_OK) {
		flight->was_well = false;
		boarding_broke(flight);
	}
}

static enum outcome_kind
kind_of_status(int status)
{
	return status == 500 || (status >= 502 && status <= 504) ? OUTCOME_BAD
								 : OUTCOME_OK;
}

/* Nothing is kept, so somebody is to read it now. */
static void
begin_streaming(struct flight *flight)
{
	report(flight, kind_of_status(flight->answer->status));
	if (!flight->keeps && !flow_is_read(flight->answer->flow))
		flow_abandon(flight->answer->flow);
}

void
flights_release(struct engine *engine)
{
	struct flight *flight;

	while ((flight = engine->held)) {
		hold_no_more(flight);
		hand_over(flight, false);
		begin_streaming(flight);
	}
}

bool
flight_head(struct flight *flight)
{
	struct answer *answer = flight->answer;

	must(!flight->has_head);
	flight->has_head = true;
	boarding_head(flight);
	answer->outcome = FETCH_OK;
	answer->answered_ms = clock_wall_ms();
	flight->plan = flight->errand->on_head(flight->errand, answer);
	if (!flight->errand->decode && flight->mover->ops->leave_coded)
		flight->mover->ops->leave_coded(flight->mover);
	begin_body(flight);
	if (!is_shared(flight))
		go_alone(flight);
	if (may_hold(flight))
		hold(flight);
	else if (flight->plan == PLAN_SHARE || flight->plan == PLAN_STREAM)
		hand_over(flight, false);
	else if (!flight->keeps)
		hand_over(flight, true);
	if (flight->handed)
		begin_streaming(flight);
	return is_wanted(flight);
}

static void
note_more(struct flight *flight, size_t len)
{
	struct errand *errand = flight->errand;

	flight->arrived += len;
	if (errand->on_more && flight->keeps && !flight->handed &&
	    flight->waiters)
		errand->on_more(errand, flight->answer, flight->arrived);
}

enum flow_took
flight_write(struct flight *flight, const void *bytes, size_t len)
{
	struct flow *flow = flight->answer->flow;
	enum flow_took took = flow_write(flow, bytes, len);

	if (took == FLOW_TOOK)
		note_more(flight, len);
	if (took != FLOW_OVER)
		return took;
	if (!flight->handed)
		hand_over(flight, true);
	stop_keeping(flight);
	return flow_write(flow, bytes, len);
}

bool
flight_is_streaming(const struct flight *flight)
{
	return flight->has_head && !flight->keeps;
}

/* ---- the end ---- */

static void
report_end(struct flight *flight, enum outcome outcome)
{
	switch (outcome) {
	case FETCH_OK:
		report(flight, kind_of_status(flight->answer->status));
		break;
	case FETCH_NO_ADDRESS:
	case FETCH_REFUSED:
		report(flight, OUTCOME_DOWN);
		break;
	case FETCH_CONNECT_LATE:
	case FETCH_HEAD_LATE:
	case FETCH_LATE:
	case FETCH_STALLED:
		report(flight, OUTCOME_SLOW);
		break;
	case FETCH_BROKEN:
	case FETCH_MALFORMED:
		report(flight, OUTCOME_BROKEN);
		break;
	default: /* ours, or the asker's: says nothing of the upstream */
		break;
	}
}

static void
flight_free(struct flight *flight)
{
	answer_unref(&flight->answer);
	errand_free(&flight->errand);
	mem_free(&flight);
}

/* Nobody posts it any more after this; it may still lie in the inbox. */
static void
stop_moving(struct flight *flight)
{
	if (flight->mover)
		flight->mover->ops->free(&flight->mover);
	boarding_leave(flight);
	if (flight->answer->flow)
		flow_on_room(flight->answer->flow, NULL, NULL);
	close_door(flight);
	hold_no_more(flight);
	DL_DELETE(flight->engine->flights, flight);
}

static void
finish_answer(struct flight *flight, enum outcome outcome, const char *reason)
{
	struct answer *answer = flight->answer;

	if (outcome != FETCH_OK) {
		counter_up(COUNT_FETCH_FAILED);
		answer_fail(answer, outcome, reason);
	}
	if (!flight->handed)
		answer->cost_ms =
		    (uint32_t)(engine_now_ms() - flight->asked_at_ms);
	if (answer->flow)
		flow_end(answer->flow, outcome == FETCH_OK);
	if (flight->errand->on_end)
		flight->errand->on_end(flight->errand, answer);
}

/* To who waited until the end. Of a head that was held the flow tells how it
 * ended, as if its body had come later. */
static enum event
event_of_end(bool held, enum outcome outcome)
{
	if (held)
		return EVENT_HEAD;
	return outcome == FETCH_OK ? EVENT_DONE : EVENT_FAILED;
}

/* With an answer of which nothing came yet. */
static bool
begins_again(struct flight *flight, enum outcome outcome, const char *words)
{
	struct answer *answer;

	if (!boarding_elsewhere(flight, outcome))
		return false;
	flight->failed = outcome;
	snprintf(flight->failed_why, sizeof(flight->failed_why), "%s", words);
	answer = answer_new();
	answer->asked_ms = flight->answer->asked_ms;
	answer_unref(&flight->answer);
	flight->answer = answer;
	return true;
}

void
flight_end(
    struct flight *flight, enum outcome outcome, const char *reason, bool blame)
{
	struct waiter *waiters;
	char words[sizeof(flight->answer->reason)];
	bool held = flight->held;

	must(!flight->dead);
	must(outcome != FETCH_OK || flight->has_head);
	/* The words may be the mover's own. */
	snprintf(words, sizeof(words), "%s", reason);
	if (blame && begins_again(flight, outcome, words))
		return;
	stop_moving(flight);
	if (blame)
		report_end(flight, outcome);
	leave(flight);
	waiters = flight->waiters;
	flight->waiters = NULL;
	finish_answer(flight, outcome, words);
	tell_all(waiters, event_of_end(held, outcome), flight->answer);
	flight->dead = true;
	if (atomic_load(&flight->wakes) == 0)
		flight_free(flight);
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
			tell_failed(waiter, FETCH_LEFT,
			    "left before the "
			    "answer came");
		} else if (waiter->late_at_ms && now_ms >= waiter->late_at_ms) {
			*link = waiter->next;
			flight->outlives = flight->owed = true;
			tell(waiter, EVENT_LATE, NULL);
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

	if (!is_wanted(flight)) {
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
