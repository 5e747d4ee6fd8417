/* base/inherit.h - listening sockets that the service manager gave us
 *
 * Socket activation (sd_listen_fds(3)): LISTEN_PID and LISTEN_FDS name sockets
 * from descriptor 3 on. One is used for the `listen` that has its address, so
 * that the configuration goes on saying where livery listens; it stays open
 * with the manager while livery is away, and connections wait there. */
#ifndef BASE_INHERIT_H
#define BASE_INHERIT_H

#include <sys/socket.h>

/* Once, before threads: take note of them. The variables are removed. How
 * many there are. */
unsigned inherit_sockets(void);
/* A descriptor of one's own, non-blocking, for the listening socket with that
 * address, or -1. */
int inherit_find(const struct sockaddr *address);
/* The i-th that nobody has asked for, in words ("http://127.0.0.1:80"), into
 * out; 0, or -1: no more. */
int inherit_unused(unsigned i, char *out, unsigned size);
/* Close them; what was found stays open. */
void inherit_close(void);

#endif
