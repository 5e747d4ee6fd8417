/* front/acceptor.h - connections whose client is told by a PROXY header
 *
 * libmicrohttpd reads HTTP from the first byte, so what stands in front of it
 * is read here: a thread of its own accepts, takes exactly the header away
 * (http/proxyproto.h) and gives the connection on with the address that it
 * names. Only trusted peers may say who somebody else is: who is none, says
 * something else, or has not said it within header_timeout, is shown the door
 * (connections_unnamed_total). At most ACCEPTOR_WAITING are waited for. */
#ifndef FRONT_ACCEPTOR_H
#define FRONT_ACCEPTOR_H

#include <stdint.h>
#include <sys/socket.h>
#include "base/err.h"
#include "base/net.h"

enum { ACCEPTOR_WAITING = 1024 };

struct acceptor;

struct acceptor_opts {
	int fd;		 /* listening, non-blocking; taken when it starts */
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
/* Nobody new; who is being waited for still comes. Any thread. */
void acceptor_quiesce(struct acceptor *acceptor);
void acceptor_stop(struct acceptor **acceptor);

#endif
