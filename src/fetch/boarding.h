/* fetch/boarding.h - a slot on a server for a flight, and another if it fails
 *
 * A flight enters its upstream's pool before it moves (upstream/pool.h), waits
 * there for at most queue_timeout, and leaves the pool when its head (with
 * slot_until = headers) or its end is there.
 *
 * When the server could not be connected to, nothing was sent: any method
 * whose body nobody has begun to read goes to another server. When the
 * connection broke before the head was there, only what is idempotent (RFC
 * 9110 9.2.2) and has no body does. An answer that is slow is waited for where
 * it was asked: asking the next server as well is how one slow page comes to
 * fill a whole pool. Each server is asked once, and none after total_timeout.
 *
 * All on the engine's thread. */
#ifndef FETCH_BOARDING_H
#define FETCH_BOARDING_H

#include "fetch/flight.h"

/* Starts the mover, now or later, or ends the flight: FETCH_TOO_MANY,
 * FETCH_NO_SLOT, FETCH_NO_SERVER. */
void boarding_begin(struct flight *flight);
/* Without a mover: it was woken, or the clock is looked at. 0: it has ended,
 * else when to look again. */
void boarding_woken(struct flight *flight);
uint64_t boarding_look(struct flight *flight, uint64_t now_ms);
/* The slot is free for others, if slot_until says so. */
void boarding_head(struct flight *flight);
void boarding_leave(struct flight *flight);
/* True: the mover is gone, and the flight begins again elsewhere, soon. */
bool boarding_elsewhere(struct flight *flight, enum outcome outcome);
/* How the server did. Nothing when none was asked. */
void boarding_report(struct flight *flight, enum outcome_kind how);
/* What it was well by has broken off since. That is counted and no more: it
 * answers, and a stream that is silent for long may have nothing to say. */
void boarding_broke(struct flight *flight);

#endif
