/* front/tunnel.h - connections that are no HTTP any more
 *
 * One thread has all of them: bytes of the client's go into a flow, bytes of
 * another flow to the client. Nothing is held but a piece each way and what
 * the flows' windows hold; a full flow stops the reading, a client that does
 * not read stops the other flow's writer.
 *
 * When the client says no more its flow ends, and the other goes on; when that
 * ends, or breaks, the tunnel does: what is there is still sent, the client
 * told (a FIN), and what it says meanwhile is read for LINGER_MS, so that it
 * gets all (RFC 9112 9.6). How long a tunnel may be silent is the business of
 * who is at the other end of the flows. But who takes nothing of what is there
 * for him is cut here: the other end may be gone long since. */
#ifndef FRONT_TUNNEL_H
#define FRONT_TUNNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/err.h"
#include "base/flow.h"

struct tunnels;

/* How the client is spoken to: as recv(), send() and shutdown(SHUT_WR), which
 * never wait. What send() gave EAGAIN for is offered again as it was. */
struct tunnel_line {
	ssize_t (*receive)(void *line, int fd, void *out, size_t max);
	ssize_t (*give)(void *line, int fd, const void *bytes, size_t len);
	void (*say_end)(void *line, int fd);
};
extern const struct tunnel_line tunnel_plain;

enum { LINGER_MS = 1000 };

struct tunnel_ends {
	int fd; /* the client's, borrowed; not blocking */
	const struct tunnel_line *how;
	void *line;		  /* of how's calls */
	struct flow *up;	  /* borrowed; written and ended */
	struct flow_reader *down; /* has joined; left by the tunnel */
	const char *first;	  /* what the client said already; copied */
	size_t first_len;
	const char *head; /* what it is told before all else; copied, and not
			   * counted as sent */
	size_t head_len;
	uint32_t send_ms; /* in which the client has to take some of what there
			   * is for it */
	/* Asked now and then: is it to end? */
	bool (*is_over)(void *arg);
	/* The last that happens, on the tunnels' thread: fd and flows are not
	 * touched any more. */
	void (*on_end)(void *arg, uint64_t sent_up, uint64_t sent_down);
	void *arg;
};

CHECKED int tunnels_start(struct tunnels **out, struct err *err);
/* Any thread. */
void tunnels_begin(struct tunnels *tunnels, const struct tunnel_ends *ends);
/* (NULL: there are none.) All that there are then, and all that begin later,
 * end after grace_ms. */
void tunnels_drain(struct tunnels *tunnels, uint32_t grace_ms);
/* They end at once. */
void tunnels_cut(struct tunnels *tunnels);
/* All must have ended. */
void tunnels_stop(struct tunnels **tunnels);

#endif
