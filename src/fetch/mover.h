/* fetch/mover.h - what moves the bytes of one flight: a transfer or a file
 *
 * A mover works for one flight on its engine's thread. It tells the flight
 * of the head, the bytes and the end (fetch/flight.h), and must not touch
 * itself after having told the end. */
#ifndef FETCH_MOVER_H
#define FETCH_MOVER_H

#include <stdint.h>

struct mover;

/* Why a mover is woken; more than one at a time, seldom for nothing. */
enum {
	WAKE_ROOM = 1 << 0,	/* the answer's flow has room again */
	WAKE_BODY = 1 << 1,	/* there is more of the request's body */
	WAKE_RESOLVED = 1 << 2, /* the resolver knows */
	WAKE_SLOT = 1 << 3,	/* the flight's: a server has a slot for it */
};

struct mover_ops {
	/* Begin; as everything else here, it may end the flight. */
	void (*start)(struct mover *mover);
	void (*wake)(struct mover *mover, unsigned why);
	/* Look at the clock (real monotonic): past a deadline it ends its
	 * flight and gives 0, else it gives when to look again. */
	uint64_t (*look)(struct mover *mover, uint64_t now_ms);
	/* Inside flight_head(): the body goes on as it comes, not decoded.
	 * NULL: it is never encoded. */
	void (*leave_coded)(struct mover *mover);
	/* Stop at once, tell nobody. */
	void (*free)(struct mover **mover);
};

struct mover {
	const struct mover_ops *ops;
};

#endif
