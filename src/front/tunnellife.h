/* front/tunnellife.h - a tunnel from the inside: tunnel.c, tunnels.c
 *
 *   tunnels.c   the thread: who begins, is woken, killed
 *   tunnel.c    one of them: bytes both ways, and its end
 *
 * A flow's callback runs on another thread, under the flow's lock: it sets a
 * bit, and the first to set one posts the tunnel. Who ends a tunnel takes its
 * callbacks back first, so that nobody posts it any more; one that still lies
 * in the inbox is freed when it comes out of there. */
#ifndef FRONT_TUNNELLIFE_H
#define FRONT_TUNNELLIFE_H

#include <stdatomic.h>
#include "base/buf.h"
#include "base/clock.h"
#include "base/inbox.h"
#include "base/thread.h"
#include "front/tunnel.h"

enum { TUNNEL_PIECE = 16 << 10 };

struct tunnel {
	struct inbox_item item;
	struct tunnels *tunnels;
	struct tunnel *prev, *next;
	struct tunnel_ends ends;
	_Atomic unsigned wakes; /* shared; not 0: item is in the inbox */
	/* the thread's */
	uint32_t watched;
	struct buf held; /* of the client's: its flow has no room */
	struct buf rest; /* for the client: its socket has none */
	size_t rest_at;
	uint64_t took_ms; /* when the client last took some, or all */
	uint64_t up, down;
	uint64_t linger_until_ms; /* 0: it does not */
	bool up_ended;		  /* the client says no more */
	bool dead;		  /* only waits to come out of the inbox */
};

struct tunnels {
	struct thread thread;
	int epoll_fd, wake_fd;
	struct inbox fresh, wakes; /* shared */
	_Atomic bool stop, cut;
	_Atomic uint64_t end_at_ms; /* of all; 0: not known */
	/* the thread's */
	struct tunnel *all;
};

static inline uint64_t
tunnel_now_ms(void)
{
	return clock_mono_us() / 1000;
}

/* ---- tunnels.c: any thread ---- */

/* Look at it soon; arg: the tunnel. Also under a flow's lock. */
void tunnel_wake(void *arg);

/* ---- tunnel.c: the tunnels' thread ---- */

/* It is among all now. */
void tunnel_begin(struct tunnel *tunnel);
/* As far as it goes; it may end it. */
void tunnel_run(struct tunnel *tunnel);
/* Nothing more goes either way; it ends when its client does, or soon. */
void tunnel_hang_up(struct tunnel *tunnel);
void tunnel_close(struct tunnel *tunnel);
/* Its client has not read for too long. */
bool tunnel_is_stuck(const struct tunnel *tunnel, uint64_t now_ms);
/* What it did not take is not kept for it in the kernel either. */
void tunnel_cut(struct tunnel *tunnel);

#endif
