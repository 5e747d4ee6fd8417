/* fetch/engine.h - one fetch thread: a curl multi loop, inboxes, a clock
 *
 * Everything of its flights and movers happens on its thread, and nothing
 * there blocks. Sockets are watched with epoll (curl's socket interface), so
 * that a thousand transfers that hang cost nothing while others pass. */
#ifndef FETCH_ENGINE_H
#define FETCH_ENGINE_H

#include <curl/curl.h>
#include "base/thread.h"
#include "fetch/fetch.h"
#include "fetch/idle.h"
#include "fetch/kept.h"
#include "fetch/wires.h"

struct flight;

enum { LOOK_EVERY_MS = 100 }; /* who left is seen within this */

struct engine {
	const struct fetch_opts *opts; /* borrowed from the module */
	_Atomic unsigned *in_flight;   /* of all engines; shared */
	struct inbox waiters;	       /* shared: who asks */
	struct inbox refreshes; /* shared: errands that nobody waits for */
	struct inbox wakes;	/* shared: flights to wake */
	int wake_fd;		/* shared: any thread writes */
	_Atomic bool stops;	/* shared */
	struct thread thread;
	/* the engine's thread only: */
	CURLM *multi;
	long transfers; /* in multi */
	long watched;	/* of them, those that had a socket watched */
	int epoll_fd;
	struct idle idle;
	struct wires wires;
	struct kept kept;
	int taken_fd; /* libcurl leaves this one open; -1 */
	uint64_t curl_at_ms;	/* when curl wants to look at its timers */
	uint64_t look_at_ms;	/* when somebody's deadline may have passed */
	struct flight *flights; /* all, oldest first */
	struct flight *held;	/* those whose head is held for its body */
	struct flight *shared;	/* those that may be joined, by key */
};

CHECKED int engine_new(struct engine **out, const char *name,
    const struct fetch_opts *opts, _Atomic unsigned *in_flight,
    struct err *err);
/* End every flight (FETCH_STOPPED) and the thread. */
void engine_free(struct engine **engine);

/* Any thread. Takes *errand. */
void engine_ask(
    struct engine *engine, struct errand **errand, struct waiter *waiter);
/* Any thread: wake that flight soon. It is in no inbox now. */
void engine_post_wake(struct engine *engine, struct inbox_item *item);

/* ---- on its thread ---- */

/* Real monotonic time: what deadlines are measured in. */
uint64_t engine_now_ms(void);
/* So many more transfers are in multi than before (or less). */
void engine_count(struct engine *engine, int more);
/* Look at deadlines at that time, or before. */
void engine_look_at(struct engine *engine, uint64_t at_ms);

#endif
