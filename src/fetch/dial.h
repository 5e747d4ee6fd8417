/* fetch/dial.h - which address to connect to, and which next
 *
 * Nothing was sent to an address that could not be connected to, so the next
 * one is tried for any method. What is left of connect_timeout is shared
 * between the addresses that are left. Addresses that may not be had are
 * dropped here. A unix socket has none, and dials at once. */
#ifndef FETCH_DIAL_H
#define FETCH_DIAL_H

#include "fetch/fetch.h"

struct dial {
	const struct fetch_opts *opts;	 /* borrowed */
	struct upstream *upstream;	 /* borrowed */
	struct addresses addresses;
	unsigned at, dialled;	/* the address in use, how many were */
	struct addresses tried; /* before the name was looked up again */
	struct resolver_wait wait;
	uint64_t until_ms;
};

/* on_known(arg) comes, on a thread of the resolver's, after DIAL_WAITS. */
void dial_init(struct dial *dial, const struct fetch_opts *opts,
    struct upstream *upstream, void (*on_known)(void *), void *arg);
void dial_fini(struct dial *dial);

enum dial_state {
	DIAL_READY,
	DIAL_WAITS,	/* for the resolver: ask again after on_known */
	DIAL_NOWHERE,	/* no address */
	DIAL_FORBIDDEN, /* none that may be asked */
	DIAL_NO_OTHER,	/* after dial_again(): none that was not tried */
};
enum dial_state dial_find(struct dial *dial, uint64_t now_ms, struct err *err);

/* NULL for a unix socket. */
const char *dial_address(const struct dial *dial);
/* How long it may take to connect to it. */
uint32_t dial_share_ms(const struct dial *dial, uint64_t now_ms);
/* It did not connect: the next one. False: there is none. */
bool dial_next(struct dial *dial);
/* None did: doubt the name, and dial_find() again: it may have moved. False:
 * that was done already, or it is no name. */
bool dial_again(struct dial *dial);
/* On from here as if it began now, since what went before was no dialling. */
void dial_anew(struct dial *dial, uint64_t now_ms);
/* It answered. */
void dial_answered(struct dial *dial);

#endif
