/* fetch/flightend.c - the end of a flight, told exactly once to each waiter and
 * to the upstream's health */
#include "fetch/flightlife.h"

#include <stdio.h>
#include <utlist.h>

#include "base/counter.h"
#include "base/mem.h"
#include "fetch/boarding.h"

/* ---- answers and events ---- */

struct answer *
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

void
flight_tell(struct waiter *waiter, enum event event, struct answer *answer)
{
	waiter->next = NULL;
	waiter->on_event(waiter, event, answer);
}

void
flight_tell_failed(
    struct waiter *waiter, enum outcome outcome, const char *reason)
{
	struct answer *answer = answer_new();

	answer_fail(answer, outcome, reason);
	flight_tell(waiter, EVENT_FAILED, answer);
	answer_unref(&answer);
}

void
flight_tell_all(struct waiter *waiter, enum event event, struct answer *answer)
{
	struct waiter *next;

	for (; waiter; waiter = next) {
		next = waiter->next;
		flight_tell(waiter, event, answer);
	}
}

/* ---- the upstream's health ---- */

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

void
flight_report_status(struct flight *flight)
{
	report(flight, kind_of_status(flight->answer->status));
}

static void
report_end(struct flight *flight, enum outcome outcome)
{
	switch (outcome) {
	case FETCH_OK:
		flight_report_status(flight);
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

/* ---- the end ---- */

void
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
	flight_close_door(flight);
	flight_hold_no_more(flight);
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
	flight_settle(flight);
	waiters = flight->waiters;
	flight->waiters = NULL;
	finish_answer(flight, outcome, words);
	flight_tell_all(waiters, event_of_end(held, outcome), flight->answer);
	flight->dead = true;
	if (atomic_load(&flight->wakes) == 0)
		flight_free(flight);
}
