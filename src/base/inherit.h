/* base/inherit.h - listening sockets that were given to us
 *
 * By the service manager (socket activation, sd_listen_fds(3)): LISTEN_PID and
 * LISTEN_FDS name sockets from descriptor 3 on; one stays open with the manager
 * while livery is away, and connections wait there. Or by the livery that goes
 * (server/takeover.h). One is used for the `listen` that has its address, so
 * that the configuration goes on saying where livery listens.
 *
 * The main thread only. */
#ifndef BASE_INHERIT_H
#define BASE_INHERIT_H

#include <stdbool.h>
#include "base/listen.h"

/* Once, before threads: take note of the service manager's. The variables are
 * removed. How many there are. */
unsigned inherit_sockets(void);
/* One more; takes fd. owned: a unix socket's file comes with it. False (fd is
 * closed): it does not listen, or there are too many. */
bool inherit_add(int fd, bool owned);
/* The same, of a `listen` with port 0 that stands at that place: it is found by
 * the place and the address without the port, until the port is known. */
bool inherit_add_at(int fd, unsigned place);
/* How many there are with that address: each has connections of its own, so
 * each must be listened on. */
unsigned inherit_count(const struct listen_at *at);
/* A descriptor of one's own, non-blocking, for a listening socket with that
 * address, or -1. Each is given once before one is given again. */
int inherit_find(const struct listen_at *at);
/* The file of the unix socket with that address came with it. */
bool inherit_is_owned(const struct listen_at *at);
/* The i-th that nobody has asked for, in words ("http://127.0.0.1:80"), into
 * out; 0, or -1: no more. */
int inherit_unused(unsigned i, char *out, unsigned size);
/* Close them; what was found stays open. removes: and the files that came with
 * those that nobody asked for. */
void inherit_close(bool removes);

#endif
