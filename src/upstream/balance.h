/* upstream/balance.h - which of the servers that could be asked is asked
 *
 * Pure but for the servers' turns, use and slow start, which are the pool's,
 * under its lock: by a hash and without a slow start, no lock is needed. */
#ifndef UPSTREAM_BALANCE_H
#define UPSTREAM_BALANCE_H

#include "upstream/pool.h"

struct balance_ask {
	enum balance how;
	uint64_t hash; /* of URL or client */
	uint64_t now_ms;
	uint32_t slow_start_ms; /* 0: none */
};

/* Of those, the one to ask; count > 0. */
struct member *balance_pick(struct member *const *servers, unsigned count,
    const struct balance_ask *ask);

/* The weight of a server now, in 1/256: less while it is just back. From a
 * sixteenth to all of it in a straight line over slow_start_ms. */
unsigned balance_weight(
    const struct member *server, uint64_t now_ms, uint32_t slow_start_ms);
/* FNV-1a (Fowler, Noll, Vo), mixed; never 0. */
uint64_t balance_hash(const char *text, size_t len);
/* 64 bits that depend on all of both. */
uint64_t balance_mix(uint64_t a, uint64_t b);

#endif
