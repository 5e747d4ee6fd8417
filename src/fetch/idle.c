/* fetch/idle.c - what comes unasked is thrown away, and the connection shut */
#include "fetch/idle.h"

#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { PIECE = 4096, PIECES_MAX = 16 };

void
idle_watch(int epoll_fd, int fd)
{
	struct epoll_event event = {
	    .events = EPOLLIN | EPOLLRDHUP,
	    .data.u64 = IDLE_MARK | (uint32_t)fd,
	};

	(void)epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* What was received stays readable after a shutdown, so it is read first: an
 * empty one is seen to be dead. One with more than that fails when it is
 * written to, and libcurl asks on another. */
void
idle_spoil(int epoll_fd, int fd)
{
	char piece[PIECE];

	(void)epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	for (unsigned i = 0; i < PIECES_MAX; i++)
		if (recv(fd, piece, sizeof(piece), MSG_DONTWAIT) <= 0)
			break;
	(void)shutdown(fd, SHUT_RDWR);
}
