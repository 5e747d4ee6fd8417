/* server/handover.h - this livery's sockets, for the one that comes after it
 *
 * A thread waits at the socket that `takeover` names, whose file only this user
 * may use; whoever connects must be this user or root, which the kernel tells.
 *
 *   they                 we
 *   takeover 1
 *                        socket owned | socket kept | socket at N
 *                                       with each descriptor, but those whose
 *                                       file is not there any more; N: a free
 *                                       port, of the N-th `listen` (0: of
 *                                       `admin`)
 *                        all N
 *   accepting
 *                        yours        or  no: REASON
 *
 * Up to "accepting" nothing has changed here: whoever breaks off, or takes
 * longer than HANDOVER_START_MS, has not been here. Nor does anybody hold the
 * place: who says nothing is let go soon, and who has the sockets and does not
 * come to "accepting", as one that hangs, gives way to whoever comes and says
 * "takeover 1" after it ("no: another has come"). With it the other accepts
 * connections on the same sockets, and on_taken() is to stop that here. Should
 * "yours" not get through, on_taken_back() undoes it. */
#ifndef SERVER_HANDOVER_H
#define SERVER_HANDOVER_H

#include <sys/types.h>
#include "base/err.h"
#include "server/sockets.h"

#define HANDOVER_HELLO	   "takeover 1"
#define HANDOVER_OWNED	   "socket owned"
#define HANDOVER_KEPT	   "socket kept"
#define HANDOVER_AT	   "socket at %u"
#define HANDOVER_ALL	   "all %u"
#define HANDOVER_ACCEPTING "accepting"
#define HANDOVER_YOURS	   "yours"
#define HANDOVER_NO	   "no: "
enum {
	HANDOVER_HELLO_MS = 2000,   /* from connecting to the first word */
	HANDOVER_TURN_MS = 20000,   /* that word's answer: others go before */
	HANDOVER_WORD_MS = 5000,    /* for each other word */
	HANDOVER_START_MS = 300000, /* from the sockets to "accepting" */
};

struct handover;

struct handover_opts {
	const char *path;	 /* borrowed */
	struct sockets *sockets; /* borrowed */
	/* Both on the handover's thread. */
	void (*on_taken)(void *arg, pid_t by);
	void (*on_taken_back)(void *arg);
	/* "yours" got through; no other comes. */
	void (*on_gone)(void *arg, pid_t by);
	/* handover_stop() came while somebody was coming, who will take us for
	 * dead: what goes at our end is to be gone when this returns. */
	void (*on_left)(void *arg);
	void *arg;
};

CHECKED int handover_start(
    struct handover **out, const struct handover_opts *opts, struct err *err);
/* Whoever is just coming is let go; the socket's file goes, unless another has
 * put its own there, or has taken over and is to do that. */
void handover_stop(struct handover **handover);

#endif
