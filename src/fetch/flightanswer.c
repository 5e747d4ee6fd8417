/* fetch/flightanswer.c - the answer of a flight as it comes: its head, the plan
 * that follows from it, its body */
#include "fetch/flightlife.h"

#include <utlist.h>

#include "base/clock.h"
#include "base/counter.h"
#include "fetch/boarding.h"

/* Of a body whose head is held: what one read may bring. */
enum { HELD_MAX = 16 << 10 };

/* ---- who reads it ---- */

/* Everybody who waits reads the flow from now on. */
static void
hand_over(struct flight *flight, bool oversize)
{
	struct waiter *waiters = flight->waiters, *waiter;

	flight->waiters = NULL;
	flight->handed = true;
	if (!flight->keeps)
		flight_close_door(flight);
	for (waiter = waiters; waiter; waiter = waiter->next)
		waiter->oversize = oversize;
	flight_tell_all(waiters, EVENT_HEAD, flight->answer);
}

/* Nothing is held any more but what readers have not read yet. */
static void
stop_keeping(struct flight *flight)
{
	flight->keeps = false;
	flight_close_door(flight);
	flow_stop_keeping(flight->answer->flow);
	if (!flow_is_read(flight->answer->flow))
		flow_abandon(flight->answer->flow);
}

static void
release(struct waiter *waiter)
{
	struct waiter *next;

	for (; waiter; waiter = next) {
		next = waiter->next;
		counter_up(COUNT_RELEASED);
		flight_tell(waiter, EVENT_ALONE, NULL);
	}
}

static void
go_alone(struct flight *flight)
{
	struct waiter *others;

	flight_close_door(flight);
	if (!flight->waiters)
		return;
	others = flight->waiters->next;
	flight->waiters->next = NULL;
	release(others);
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

void
flight_hold_no_more(struct flight *flight)
{
	if (flight->held)
		DL_DELETE2(
		    flight->engine->held, flight, held_prev, held_next);
	flight->held = false;
}

/* Nothing is kept, so somebody is to read it now. */
static void
begin_streaming(struct flight *flight)
{
	flight_report_status(flight);
	if (!flight->keeps && !flow_is_read(flight->answer->flow))
		flow_abandon(flight->answer->flow);
}

void
flights_release(struct engine *engine)
{
	struct flight *flight;

	while ((flight = engine->held)) {
		flight_hold_no_more(flight);
		hand_over(flight, false);
		begin_streaming(flight);
	}
}

/* ---- the head, and what follows from it ---- */

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
	if (!flight_is_shared(flight))
		go_alone(flight);
	if (may_hold(flight))
		hold(flight);
	else if (flight->plan == PLAN_SHARE || flight->plan == PLAN_STREAM)
		hand_over(flight, false);
	else if (!flight->keeps)
		hand_over(flight, true);
	if (flight->handed)
		begin_streaming(flight);
	return flight_is_wanted(flight);
}

/* ---- the body ---- */

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
