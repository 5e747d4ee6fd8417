/* cache/purge.h - what a purge means in memory */
#ifndef CACHE_PURGE_H
#define CACHE_PURGE_H

#include "cache/meaning.h"
#include "cache/memtier.h"

/* One purge, as everybody hands it on. */
struct purge_deed {
	struct meaning *meaning; /* borrowed */
	bool soft;               /* stays, stale from then on */
	int64_t at_ms;           /* wall clock */
	uint64_t by;             /* whose it is, see recent.h; 0 */
};

/* It begins: a new epoch, so that no reader brings back what it read before,
 * and from now on it is remembered. Any thread. */
void purge_announce(struct memtier *memtier, const struct purge_deed *deed);
/* Then: drop what it means, or mark it stale. Answers how many it meant.
 * Everything of all sites goes in one step, whatever its number, and is freed
 * by memtier_bury(). Any thread. */
unsigned purge_memory(struct memtier *memtier, const struct purge_deed *deed);
/* How many it would mean. */
unsigned purge_count_memory(struct memtier *memtier,
    struct meaning *meaning);

#endif
