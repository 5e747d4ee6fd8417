/* fetch/wires.c - a table by socket */
#include "fetch/wires.h"

#include <string.h>
#include <sys/epoll.h>

#include "base/mem.h"
#include "fetch/wire.h"

enum { FIRST = 64 };

void
wires_fini(struct wires *wires)
{
	mem_free(&wires->by_fd);
	wires->count = 0;
}

static void
make_room(struct wires *wires, size_t wanted)
{
	size_t count = wires->count ? wires->count : FIRST;

	while (count < wanted)
		count *= 2;
	wires->by_fd = mem_resize(wires->by_fd, count * sizeof(struct wire *));
	memset(wires->by_fd + wires->count, 0,
	    (count - wires->count) * sizeof(struct wire *));
	wires->count = count;
}

void
wires_put(struct wires *wires, struct wire *wire, int fd)
{
	if ((size_t)fd >= wires->count)
		make_room(wires, (size_t)fd + 1);
	wires->by_fd[fd] = wire;
}

/* libcurl watched it until it was connected, and it was kept as an idle one
 * since: so it may be there already. Watching fails only for want of memory;
 * the deadlines then end it. */
void
wires_watch(struct wires *wires, int epoll_fd, struct wire *wire, int fd,
    uint32_t events)
{
	struct epoll_event event = {
	    .events = events,
	    .data.u64 = WIRE_MARK | (uint32_t)fd,
	};

	wires_put(wires, wire, fd);
	/* Else a hang-up would be told again and again. */
	if (events == 0) {
		(void)epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
		return;
	}
	if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &event) != 0)
		(void)epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

void
wires_forget(struct wires *wires, int epoll_fd, int fd)
{
	if ((size_t)fd < wires->count)
		wires->by_fd[fd] = NULL;
	(void)epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

bool
wires_event(struct wires *wires, int fd)
{
	struct wire *wire = (size_t)fd < wires->count ? wires->by_fd[fd] : NULL;

	if (wire)
		wire_event(wire);
	return wire != NULL;
}
