/* front/room.c - descriptors, shared out */
#include "front/room.h"

#include "front/acceptor.h"

uint32_t
room_waiting(uint32_t connections_max)
{
	return connections_max < ACCEPTOR_WAITING ? connections_max
						  : ACCEPTOR_WAITING;
}

uint32_t
room_connections(uint64_t fds, uint32_t wanted, unsigned proxied)
{
	uint64_t room = fds > 2 * FDS_BESIDE ? fds - FDS_BESIDE : FDS_BESIDE;
	uint64_t most = room / (1 + (uint64_t)proxied);

	/* each may have as many waiting as there are connections, up to this */
	if (most > ACCEPTOR_WAITING)
		most = room - (uint64_t)proxied * ACCEPTOR_WAITING;
	if (most == 0)
		most = 1;
	return most < wanted ? (uint32_t)most : wanted;
}
