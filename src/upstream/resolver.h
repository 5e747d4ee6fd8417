/* upstream/resolver.h - names to addresses, never in anybody's way
 *
 * getaddrinfo() may hang for minutes, so it runs in a few detached threads
 * (resolver_threads, 4), at most one look-up in flight per name. Whoever asks
 * gets what is known at once, or is told later; nobody waits more than 2 s
 * (resolve_ms): then the last good addresses are used. Those are reported
 * (report_address) so that the cache file has them, and seeded from it at
 * start. A name is looked up again when asked for after 30 s
 * (resolve_again_ms), and after a failure to connect; until the new answer
 * comes the old one counts. Numeric addresses and "localhost" (127.0.0.1, ::1)
 * never reach a thread. */
#ifndef UPSTREAM_RESOLVER_H
#define UPSTREAM_RESOLVER_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

struct resolver;

enum { ADDRESS_MAX = 64, ADDRESSES_MAX = 16 };
struct addresses {
	unsigned count;
	char text[ADDRESSES_MAX][ADDRESS_MAX]; /* numeric; IPv6 unbracketed */
	unsigned bad; /* of them, at the end: could not be connected to lately */
	bool kept; /* the last good ones, since no fresh answer was to be had */
};

struct resolver_opts {
	unsigned threads;    /* resolver_threads, 4 */
	uint32_t timeout_ms; /* resolve_ms, 2 s */
	uint32_t again_ms;   /* resolve_again_ms, 30 s */
	/* Asks the system: 0 with out filled in, or -1. May hang. NULL is
	 * getaddrinfo(); tests put the world in its place. */
	int (*lookup)(const char *host, struct addresses *out);
};
void resolver_opts_default(struct resolver_opts *opts);

CHECKED int resolver_new(
    struct resolver **out, const struct resolver_opts *opts, struct err *err);
/* A thread that hangs in getaddrinfo is left behind; it touches nothing of
 * ours any more when it comes back. */
void resolver_free(struct resolver **resolver);

enum resolved {
	RESOLVED,     /* out is filled in */
	RESOLVING,    /* on_resolved comes, once, within timeout_ms */
	UNRESOLVABLE, /* fails (again) just now, and nothing was ever good */
};

/* One who waits. Embedded; must live until told or withdrawn. */
struct resolver_wait {
	struct resolver_wait *next;
	bool waits;
	/* Called on a thread of the resolver's, with its lock held: post to an
	 * inbox, no more. The addresses are then had by asking again. */
	void (*on_resolved)(void *arg);
	void *arg;
};

enum resolved resolver_find(struct resolver *resolver, const char *host,
    struct addresses *out, struct resolver_wait *wait);
/* No longer interested; after this on_resolved is not called. */
void resolver_withdraw(
    struct resolver *resolver, const char *host, struct resolver_wait *wait);
/* This address answered: it is reported, and tried first from now on; or not,
 * when requests are spread over all. */
void resolver_good(struct resolver *resolver, const char *host,
    const char *address, bool spread);
/* It could not be connected to: tried last, for resolve_again_ms or until it
 * answers. */
void resolver_bad(
    struct resolver *resolver, const char *host, const char *address);
/* Connecting to all of host's addresses failed: look it up again when next
 * asked. Who asks then waits for that, since the old ones would fail again;
 * they count once more when it gives nothing. */
void resolver_doubt(struct resolver *resolver, const char *host);
/* A last good address from an earlier life. */
void resolver_seed(
    struct resolver *resolver, const char *host, const char *address);

#endif
