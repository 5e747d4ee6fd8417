/* fetch/flightlife.h - a flight from the inside, for flight*.c only
 *
 *   flight.c        who joins it, its take-off, its clock, its wakes
 *   flightanswer.c  the answer as it comes: head, plan, body; a head that is
 *                   held
 *   flightend.c     the end: what waiters and the upstream's health are told
 *
 * A waiter is in one list, flight->waiters, from ask to event: whoever takes
 * it out of there tells it. Waiters and answers are handed to code that runs
 * inside these functions (on_event), so a flight is never ended from within
 * flight_head() or flight_write(): they answer, and the mover ends it.
 *
 * All of it is the engine's thread's. */
#ifndef FETCH_FLIGHTLIFE_H
#define FETCH_FLIGHTLIFE_H

#include "fetch/flight.h"

static inline bool
flight_is_shared(const struct flight *flight)
{
	return flight->plan == PLAN_GATHER || flight->plan == PLAN_SHARE;
}

/* flight.c */
/* Nobody joins it any more. */
void flight_close_door(struct flight *flight);
/* Somebody waits, or reads, or it goes on without them. */
bool flight_is_wanted(const struct flight *flight);

/* flightanswer.c */
void flight_hold_no_more(struct flight *flight);

/* flightend.c */
/* Gives an empty one. */
struct answer *answer_new(void);
/* Of a waiter that was taken out of the list; it may be gone afterwards. */
void flight_tell(
    struct waiter *waiter, enum event event, struct answer *answer);
void flight_tell_failed(
    struct waiter *waiter, enum outcome outcome, const char *reason);
/* It and all behind it. */
void flight_tell_all(
    struct waiter *waiter, enum event event, struct answer *answer);
/* The upstream's health hears of the head. */
void flight_report_status(struct flight *flight);
void flight_free(struct flight *flight);

#endif
