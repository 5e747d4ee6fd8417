/* front/acceptor.h - connections whose client is told by a PROXY header
 *
 * libmicrohttpd reads HTTP from the first byte, so what stands in front of it
 * is read here: a thread of its own accepts, takes exactly the header away
 * (http/proxyproto.h) and gives the connection on with the address that it
 * names. Only trusted peers may say who somebody else is: who is none, says
 * something else, or has not said it within header_timeout, is shown the door
 * (connections_unnamed_total). At most so many are waited for as its options
 * say; connections_waiting tells how many are. */
#ifndef FRONT_ACCEPTOR_H
#define FRONT_ACCEPTOR_H

#include <stdint.h>
#include <sys/socket.h>
#include "base/err.h"
#include "base/net.h"

enum { ACCEPTOR_WAITING = 1024 }; /* for one listener */

struct acceptor;

struct acceptor_opts {
	/* Listening, non-blocking. Taken when it starts; the array is borrowed
	 * until then. One, but for sockets that it was given. */
	const int *fds;
	unsigned fds_count;
	unsigned waiting_max;
	const char *name; /* of the listener, for the log; borrowed */
	uint32_t head_ms; /* header_timeout */
	const struct nets *trusted; /* borrowed; NULL: nobody */
	/* Takes fd. On the acceptor's thread. */
	void (*on_connection)(void *arg, int fd, const struct sockaddr *client,
	    socklen_t len);
	void *arg;
};

CHECKED int acceptor_start(struct acceptor **out,
    const struct acceptor_opts *opts, struct err *err);
/* Nobody new; who is being waited for still comes. Any thread. Another process
 * may go on listening on the same sockets. */
void acceptor_quiesce(struct acceptor *acceptor);
void acceptor_stop(struct acceptor **acceptor);

#endif
