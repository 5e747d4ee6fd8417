/* fetch/idle.h - connections that are kept and that nobody uses just now
 *
 * Whatever comes on one was not asked for: it would be taken for the answer to
 * the next question. libcurl looks whether a connection is dead before it
 * takes it again, not whether something waits on it; so they stay watched, and
 * one on which something comes is made a dead one.
 *
 * One that another transfer has taken already is not idle, even while that is
 * paused and libcurl watches nothing: so it is known who was the last to have
 * each socket watched. All on the engine's thread. */
#ifndef FETCH_IDLE_H
#define FETCH_IDLE_H

#include <stddef.h>
#include <stdint.h>

/* In the data of epoll's events: a socket that is idle, and not curl's
 * business. The socket itself is the lower half. */
#define IDLE_MARK (UINT64_C(1) << 32)

/* All zero at first. */
struct idle {
	const void **users; /* by socket: who had it watched last; compared,
	                     * never followed */
	size_t count;
};
void idle_fini(struct idle *idle);

/* This transfer has the socket watched. */
void idle_used_by(struct idle *idle, int fd, const void *user);
/* This transfer has ended, and its connection is kept: watch it as idle,
 * unless another has it by now. */
void idle_watch(struct idle *idle, int epoll_fd, int fd, const void *user);
/* Something came on it, but it may be in use: it is not watched any more. */
void idle_forget(int epoll_fd, int fd);
/* Something came on it, or it was closed: it is never used again. */
void idle_spoil(int epoll_fd, int fd);

#endif
