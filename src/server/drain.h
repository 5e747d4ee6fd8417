/* server/drain.h - what is in hand is finished before livery ends */
#ifndef SERVER_DRAIN_H
#define SERVER_DRAIN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include "front/front.h"
#include "page/page.h"

struct drain {
	struct front *front;
	struct pages *pages;
	const sigset_t *signals; /* blocked; a second TERM or INT ends the
				  * waiting */
	uint32_t most_ms;	 /* drain_timeout */
	/* Another livery has the sockets. Connections that are kept wait for
	 * their next request, whose answer says "Connection: close": to close
	 * one while its client is just asking would lose that request. Those
	 * that ask nothing end by keepalive_timeout. */
	bool taken_over;
	/* TERM or INT came already, from without: the next one ends it. Else
	 * the next is the first. Our own, at a takeover, is none. */
	bool asked;
	/* USR1: the logs are to be opened again. */
	void (*on_reopen)(void *arg);
	void *arg;
};

/* Stop accepting, and wait; then fail what is left. */
void drain(struct drain *how);

#endif
