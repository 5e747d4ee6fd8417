/* server/passing.h - the sockets pass from one livery to the next
 *
 * Both sides in the order of a server's life: sockets are taken from the one
 * before (server/takeover.h), given to the one after (server/handover.h), which
 * USR2 has started here (server/successor.h) or somebody else has. The main
 * thread calls all of it. */
#ifndef SERVER_PASSING_H
#define SERVER_PASSING_H

#include <stdatomic.h>
#include <sys/types.h>
#include "server/sockets.h"

struct passing {
	const char *path; /* of `takeover`, borrowed; NULL: none */
	struct sockets sockets;
	struct takeover *from; /* until it is committed */
	struct handover *to;
	pid_t successor;   /* started by USR2, and not ended yet; or 0 */
	_Atomic bool gone; /* shared: another livery has the sockets */
};

/* Before anything listens, and before threads. takes: from whoever listens at
 * path; nobody there is no failure, nor is a path of NULL then. */
CHECKED int passing_begin(
    struct passing *passing, const char *path, bool takes, struct err *err);
/* Everything accepts: take over, and be ready for the one after. -1: the
 * sockets are not ours, or `takeover` cannot be listened at. */
CHECKED int passing_settle(struct passing *passing, struct front *front,
    struct admin *admin, struct err *err);
/* USR2, CHLD. */
void passing_on(struct passing *passing, int signal);
/* The sockets are another's: TERM was raised for that. */
bool passing_is_gone(struct passing *passing);
/* Before front and admin are quiesced. */
void passing_end(struct passing *passing);

#endif
