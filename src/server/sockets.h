/* server/sockets.h - all sockets that livery listens on, in one list
 *
 * What one livery passes on to the next: those of front and of admin, in this
 * order. The list is for as long as they are neither quiesced nor stopped. */
#ifndef SERVER_SOCKETS_H
#define SERVER_SOCKETS_H

#include "admin/admin.h"
#include "base/listen.h"
#include "front/front.h"

struct sockets {
	struct socket_held {
		int fd; /* borrowed */
		struct listen_at *at;
	} * list;
	unsigned count;
};

/* admin may be NULL. */
void sockets_init(
    struct sockets *sockets, struct front *front, struct admin *admin);
void sockets_fini(struct sockets *sockets);

/* The files of unix sockets go with whoever has the sockets now: given, they
 * are not removed at our end. */
void sockets_give(struct sockets *sockets, bool given);
/* Their files go now, not at our end. */
void sockets_remove(struct sockets *sockets);
/* Those that were given to us with their files: the files are ours now. -1: one
 * is gone, so nobody can connect there. */
CHECKED int sockets_take(struct sockets *sockets, struct err *err);

#endif
