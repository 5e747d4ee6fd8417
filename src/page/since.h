/* page/since.h - what was purged since a question was asked
 *
 * An answer that was asked for before a purge which means it is as old as what
 * was purged: it is not stored, and who asks after the purge does not wait for
 * it, but asks anew. Any thread; each question has its own. */
#ifndef PAGE_SINCE_H
#define PAGE_SINCE_H

#include "cache/cache.h"

struct since {
	struct cache *cache;
	uint64_t purges; /* that there were when it was asked */
	uint64_t number; /* its own purges do not count */
	uint64_t looked; /* at so many by since_is_over() */
	bool is_over;    /* somebody asked anew: that is newer, whatever its
	                  * tags turn out to be */
};

/* Now, before what is stored is looked at. */
struct since since_now(struct cache *cache);

/* Did one mean it, or was it asked for anew since? */
bool since_was_purged(const struct since *since, const struct object *object);
/* May one mean an answer that is not there yet? By its tags or its type any
 * may. site: its name. Each purge is looked at once. */
bool since_is_over(struct since *since, const struct key *key, enum kind kind,
    const char *site);

/* Store it, or what a 304 made of `stored`, unless it was purged; a purge that
 * comes while that is done did not see it, so it is looked for again. False:
 * it is not stored. */
bool since_store(const struct since *since, struct object *object);
bool since_freshen(const struct since *since, struct object *stored,
    struct object *fresh);

#endif
