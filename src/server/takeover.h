/* server/takeover.h - the sockets of the livery that runs, for this one
 *
 * The words are in server/handover.h. Begun before anything listens: what was
 * given is found by address (base/inherit.h). Committed when this livery
 * accepts on all of them; from then on the other only finishes what it has. If
 * this one ends before that, the other has not noticed. */
#ifndef SERVER_TAKEOVER_H
#define SERVER_TAKEOVER_H

#include <sys/types.h>
#include "base/err.h"

struct takeover; /* NULL: there is nobody to take over from */

/* -1: there is somebody who does not give them, or is not to be believed: the
 * file's other end must be this user's, or root's. *out is NULL where nobody
 * answers. */
CHECKED int takeover_begin(
    struct takeover **out, const char *path, struct err *err);
/* Who gives them. */
pid_t takeover_from(const struct takeover *takeover);
/* "Accepting." 0: they are ours; also when the other has died meanwhile. -1: it
 * did not wait that long, and goes on: this one must not. */
CHECKED int takeover_commit(struct takeover *takeover, struct err *err);
void takeover_end(struct takeover **takeover);

#endif
