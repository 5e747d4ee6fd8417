/* fetch/idle.c - what comes unasked is thrown away, and the connection shut */
#include "fetch/idle.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/mem.h"

enum { PIECE = 4096, PIECES_MAX = 16 };

void
idle_fini(struct idle *idle)
{
	mem_free(&idle->users);
	idle->count = 0;
}

static void
make_room(struct idle *idle, size_t wanted)
{
	size_t count = idle->count ? idle->count : 64;
	const void **users;

	while (count < wanted)
		count *= 2;
	users = mem_new_array(count, sizeof(*users));
	if (idle->count)
		memcpy(users, idle->users, idle->count * sizeof(*users));
	mem_free(&idle->users);
	idle->users = users;
	idle->count = count;
}

void
idle_used_by(struct idle *idle, int fd, const void *user)
{
	if ((size_t)fd >= idle->count)
		make_room(idle, (size_t)fd + 1);
	idle->users[fd] = user;
}

void
idle_watch(struct idle *idle, int epoll_fd, int fd, const void *user)
{
	struct epoll_event event = {
	    .events = EPOLLIN | EPOLLRDHUP,
	    .data.u64 = IDLE_MARK | (uint32_t)fd,
	};

	if ((size_t)fd < idle->count && idle->users[fd] == user)
		(void)epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

void
idle_forget(int epoll_fd, int fd)
{
	(void)epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

/* What was received stays readable after a shutdown, so it is read first: an
 * empty one is seen to be dead. One with more than that fails when it is
 * written to, and libcurl asks on another. */
void
idle_spoil(int epoll_fd, int fd)
{
	char piece[PIECE];

	idle_forget(epoll_fd, fd);
	for (unsigned i = 0; i < PIECES_MAX; i++)
		if (recv(fd, piece, sizeof(piece), MSG_DONTWAIT) <= 0)
			break;
	(void)shutdown(fd, SHUT_RDWR);
}
