/* fetch/idle.h - connections that are kept and that nobody uses just now
 *
 * Whatever comes on one was not asked for: it would be taken for the answer to
 * the next question. libcurl looks whether a connection is dead before it
 * takes it again, not whether something waits on it; so they stay watched, and
 * one on which something comes is made a dead one. */
#ifndef FETCH_IDLE_H
#define FETCH_IDLE_H

#include <stdint.h>

/* In the data of epoll's events: a socket that is idle, and not curl's
 * business. The socket itself is the lower half. */
#define IDLE_MARK (UINT64_C(1) << 32)

/* A transfer on it has ended: watch it as idle, unless it is in this epoll: then
 * it is in use again. */
void idle_watch(int epoll_fd, int fd);
/* Something came on it, or it was closed: it is never used again. */
void idle_spoil(int epoll_fd, int fd);

#endif
