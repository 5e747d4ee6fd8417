/* fetch/wires.h - which of an engine's sockets are wires (fetch/wire.h)
 *
 * They are in the engine's epoll with a mark of their own. An event that was
 * fetched before its wire was closed finds nothing here, or the next wire of
 * that socket, which looks in vain. All on the engine's thread. */
#ifndef FETCH_WIRES_H
#define FETCH_WIRES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the data of epoll's events, above the socket. */
#define WIRE_MARK (UINT64_C(1) << 33)

struct wire;

/* All zero at first. */
struct wires {
	struct wire **by_fd; /* NULL: none */
	size_t count;
};
void wires_fini(struct wires *wires);

/* Watch it for these of epoll's events, from now on or instead; 0: not now. */
void wires_watch(struct wires *wires, int epoll_fd, struct wire *wire, int fd,
    uint32_t events);
/* It is watched for EPOLLIN already, and this one's from now on; NULL: no
 * wire's. */
void wires_put(struct wires *wires, struct wire *wire, int fd);
void wires_forget(struct wires *wires, int epoll_fd, int fd);
/* Something happened there: wire_event(). False: there is none. */
bool wires_event(struct wires *wires, int fd);

#endif
