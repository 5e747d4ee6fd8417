/* fetch/flight.h - one errand in the air, and who waits for it
 *
 * The stages: asked (no head yet; the same question joins), then, by the plan
 * that the errand's on_head chose:
 *   gathering  kept to its end; who comes still joins, all get EVENT_DONE
 *   sharing    all read it as it comes; who comes while it is kept does too
 *   alone      for the first waiter; all others were released at once
 *   streaming  passes through, kept by nobody; a short body that comes with its
 *              head leaves with it: the head is held until the engine has seen
 *              all that is there now
 * Gathering and sharing turn into streaming when the body passes keep_max.
 * Every stage ends by flight_end(), exactly once, which tells who still waits.
 *
 * All on the engine's thread, but for flight_wake(). */
#ifndef FETCH_FLIGHT_H
#define FETCH_FLIGHT_H

#include <uthash.h>
#include "fetch/engine.h"
#include "fetch/mover.h"

struct flight {
	struct engine *engine;
	struct flight *prev, *next;
	UT_hash_handle hh; /* in engine->shared ... */
	bool joinable;	   /* ... when this */
	struct errand *errand;
	struct answer *answer;
	struct waiter *waiters; /* the first to come first */
	struct mover *mover;	/* NULL: waits for a slot (fetch/boarding.h) */
	struct pool_wait slot;
	struct member *server; /* the one that is asked, once there is a slot */
	uint64_t slot_until_ms;	/* waits until then in all; 0: never waited */
	enum outcome failed; /* how the server before did ... */
	char failed_why[200]; /* ... in words */
	uint64_t asked_at_ms;
	uint64_t arrived; /* of the body */
	enum plan plan; /* when has_head */
	bool entered;	/* counted in flight */
	bool has_head;
	bool keeps;  /* the flow holds all from the start */
	bool handed; /* who waited reads the flow now */
	bool held;   /* who waits does not know yet that the head is there */
	struct flight *held_prev, *held_next; /* in engine->held when so */
	bool outlives;
	bool owed; /* nobody waits, and it is to be asked all the same */
	bool reported; /* the upstream's health knows ... */
	bool was_well; /* ... that its head was an answer */
	bool dead;     /* only waits for its wake to come back */
	struct inbox_item item;
	_Atomic unsigned wakes; /* shared; not 0: item is in the inbox */
};

/* ---- for the engine ---- */

/* Take *errand; join, or start anew. */
void flights_ask(
    struct engine *engine, struct errand **errand, struct waiter *waiter);
/* Who left, who is late, what is over its time; gives when to look again. */
uint64_t flights_look(struct engine *engine, uint64_t now_ms);
void flights_stop(struct engine *engine);
/* All that was there was taken: heads that were held go to who waits. */
void flights_release(struct engine *engine);
/* An item of the inbox `wakes`. */
void flight_woken(struct inbox_item *item);

/* ---- for movers ---- */

/* The answer's head is filled in. False: nobody wants it, end with
 * FETCH_LEFT. Decides the plan, makes the flow. */
bool flight_head(struct flight *flight);
/* Body bytes, decoded: FLOW_TOOK, FLOW_FULL (WAKE_ROOM comes), FLOW_GONE. */
enum flow_took flight_write(
    struct flight *flight, const void *bytes, size_t len);
/* It is over; frees the mover and the flight. blame: the upstream's health
 * hears of it. */
void flight_end(struct flight *flight, enum outcome outcome, const char *reason,
    bool blame);
/* The body passes through: its length is the reader's business, so that no
 * deadline counts for the whole of it. */
bool flight_is_streaming(const struct flight *flight);
/* The head of a connection that stays: it does not count as in flight. */
void flight_settle(struct flight *flight);
/* Any thread, also under a flow's or the resolver's lock. */
void flight_wake(struct flight *flight, unsigned why);

#endif
