/* front/room.h - how many connections there are descriptors for
 *
 * Pure. Who has not said its name yet to a listener with proxy_protocol is no
 * connection of libmicrohttpd's, but has a descriptor all the same. */
#ifndef FRONT_ROOM_H
#define FRONT_ROOM_H

#include <stdint.h>

enum { FDS_BESIDE = 256 }; /* of the process, for all else */

/* How many each of those listeners may have waiting. */
uint32_t room_waiting(uint32_t connections_max);
/* The most connections, up to wanted, for which fds are enough, with all who
 * may wait at so many listeners with proxy_protocol. At least as many as are
 * kept for all else: less is no server. */
uint32_t room_connections(uint64_t fds, uint32_t wanted, unsigned proxied);

#endif
