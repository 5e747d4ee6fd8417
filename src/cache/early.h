/* cache/early.h - not all at once: refreshing before the end, lifetimes that
 * differ
 *
 * A page that many ask for is refreshed by one of them a little before it is
 * stale, so that none of them waits: XFetch. The more fetching costs, the
 * earlier: a read with ttl_ms left refreshes with the probability
 * exp(-ttl_ms / (beta * cost_ms)). */
#ifndef CACHE_EARLY_H
#define CACHE_EARLY_H

#include <stdbool.h>
#include <stdint.h>
#include "cache/object.h"

enum {
	/* exp(-12) is one in 160,000: further from the end nothing is drawn */
	EARLY_FROM = 12,
	/* What fetching cost counts as this part of the lifetime at most, so
	 * that a slow page with a short life is not fetched all the time. */
	EARLY_PART = 4,
};

/* How many of 2^32 draws are won. beta in hundredths; 0: none. Pure. */
uint32_t early_chance(
    int64_t ttl_ms, int64_t cost_ms, int64_t lifetime_ms, uint32_t beta);

/* Draw. True for one reader of a fresh object at most: it is to call
 * early_take(). No lock, no allocation; any thread. */
bool early_wins(struct object *object, int64_t ttl_ms, uint32_t beta);
/* Draw, unless that was done: true for exactly one, who is to refresh it. */
bool early_take(struct object *object, int64_t ttl_ms, uint32_t beta);

/* Take up to percent off what is left of a lifetime of a minute and more,
 * by chance (any number): what is stored together ends apart. */
void early_shorten(struct freshness *fresh, uint32_t percent, uint64_t chance);

#endif
