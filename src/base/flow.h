/* base/flow.h - bytes on their way from one thread to others
 *
 * One writer appends, any number of readers follow, each at its own place.
 * Bytes that every reader has read are dropped, unless the flow keeps them
 * (a body that is to be stored or dressed). When `window` bytes lie unread
 * by the slowest reader, the writer is told to wait; so a flow that keeps
 * nothing holds window bytes at most, however long it runs.
 *
 * Counted; internally locked. The callbacks are called with the flow's lock
 * held, so that "empty, so pause" and "more, so resume" can never cross: they
 * do one leaf thing (suspend or resume a connection, post to an inbox) and
 * never call the flow. */
#ifndef BASE_FLOW_H
#define BASE_FLOW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/must.h"

struct flow;

enum flow_took {
	FLOW_TOOK, /* all of it */
	FLOW_FULL, /* nothing: on_room() comes once there is room */
	FLOW_OVER, /* nothing: it keeps, and `limit` would be passed */
	FLOW_GONE, /* nobody will ever read it: stop */
};

/* keep: hold every byte from the start until flow_stop_keeping(). limit: how
 * many kept bytes are allowed. window must be over 0. */
struct flow *flow_new(size_t window, bool keep, uint64_t limit);
struct flow *flow_ref(struct flow *flow);
void flow_unref(struct flow **flow);

/* ---- the writer, one thread ---- */

/* on_room(arg) after a FLOW_FULL, once, when half the window is free or the
 * last reader left. */
void flow_on_room(struct flow *flow, void (*on_room)(void *), void *arg);
enum flow_took flow_write(struct flow *flow, const void *bytes, size_t len);
/* No more bytes: whole is true at the proper end, false when it broke. */
void flow_end(struct flow *flow, bool whole);
/* From now on only the window is held; no limit any more. */
void flow_stop_keeping(struct flow *flow);

/* ---- readers, each on a thread of its own ---- */

struct flow_reader {
	struct flow *flow; /* counted by the reader */
	struct flow_reader *next;
	uint64_t at;
	bool waits;
	/* Called when a read finds nothing yet / when there is something (or
	 * the end) after that. Under the flow's lock. */
	void (*on_pause)(void *arg);
	void (*on_resume)(void *arg);
	void *arg;
};

/* Join at the first byte still held; all are, if the flow keeps. False when
 * bytes before were dropped already (nothing happened then). The caller owns
 * the struct and leaves with flow_leave(). */
bool flow_join(struct flow *flow, struct flow_reader *reader);
void flow_leave(struct flow_reader *reader);

/* Read up to max bytes. >0: so many. 0: nothing now, on_pause was called and
 * on_resume will be. FLOW_END: the proper end. FLOW_BROKEN: it broke. */
enum { FLOW_END = -1, FLOW_BROKEN = -2 };
ssize_t flow_read(struct flow_reader *reader, void *out, size_t max);

/* All of it, if it has ended whole, lies in one piece, and the reader has read
 * nothing yet: borrowed until the reader reads or leaves. NULL: it is not so. */
const char *flow_whole(struct flow_reader *reader, size_t *len);

/* If the reader waits, call its on_resume now, though there is nothing new:
 * whoever sent it to sleep is to look at something else. Any thread, while the
 * reader has joined. */
void flow_poke(struct flow_reader *reader);

/* Nobody is to wait for a reader any more (the last reader left for good):
 * the writer's next flow_write() answers FLOW_GONE unless the flow keeps. */
void flow_abandon(struct flow *flow);
/* Somebody reads it now. */
bool flow_is_read(struct flow *flow);

/* ---- at any time, for who does not hold it up ---- */

/* Copy up to max bytes from `at` on, if all from the start are kept still; how
 * many, 0: none (yet, or any more). Any thread. */
size_t flow_peek(struct flow *flow, uint64_t at, void *out, size_t max);

/* ---- when it has ended whole and kept all ---- */

uint64_t flow_len(struct flow *flow); /* bytes written so far */
/* Copy everything kept into one block of flow_len() bytes (+1, NUL). NULL
 * when not all is kept, or no memory. */
char *flow_flatten(struct flow *flow) CHECKED;

#endif
