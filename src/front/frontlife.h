/* front/frontlife.h - the client side from the inside: front.c, listeners.c,
 * daemon.c
 *
 *   front.c      all of it: begun, quiesced, stopped
 *   listeners.c  what is listened on: words, sockets, who serves them
 *   daemon.c     one of libmicrohttpd's daemons, and what it calls */
#ifndef FRONT_FRONTLIFE_H
#define FRONT_FRONTLIFE_H

#include "base/listen.h"
#include "front/client.h"

struct listener {
	struct listen_at at;
	/* Where a PROXY header stands in front: who takes it away, and the
	 * daemons that go on, each in its turn. */
	struct acceptor *acceptor;
	struct front *front;
	unsigned first, count; /* of front->ports */
	int *doors;	       /* its sockets, open before any is served */
	unsigned doors_count, doors_taken; /* the first so many are not ours */
	unsigned turn;	       /* the acceptor's thread's */
	char text[LISTEN_TEXT];
};

struct front {
	struct front_core core;
	char *access_log, *via;
	struct listener *listeners;
	unsigned listeners_count;
	struct port *ports;
	unsigned ports_count;
	int *quiesced_fds; /* of each port; -1 */
};

/* listeners.c */
/* front->listeners, and how many ports they want. */
CHECKED int listeners_parse(struct front *front, struct err *err);
/* Its sockets, nobody serves them yet. */
CHECKED int listener_open(
    struct front *front, struct listener *listener, struct err *err);
/* front->ports are there; clients come from now on. */
CHECKED int listener_serve(
    struct front *front, struct listener *listener, struct err *err);
/* What nobody took; the files of unix sockets. */
void listeners_close(struct front *front);

/* daemon.c */
/* fd: listens; < 0: connections are brought to it. NULL: it does not start. */
struct MHD_Daemon *daemon_start(struct front *front, struct port *port, int fd);

#endif
