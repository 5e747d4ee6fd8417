/* page/held.h - what a page was made of beside its own, and whether that is
 * still so
 *
 * A dressed page with documents or includes in it is good until the first of
 * them is stale, and no longer than none of them was purged. It holds of each
 * what purges go by: key, address and tags. */
#ifndef PAGE_HELD_H
#define PAGE_HELD_H

#include "cache/cache.h"

/* Before it is published: make room for so many parts, and say how many purges
 * there had been before the first of them was looked for. */
void held_begin(struct object *kept, size_t room, uint64_t purges);
/* It was made of that, too. */
void held_add(struct object *kept, const struct object *part);
/* The same parts for a copy that is not published yet. */
void held_copy(struct object *copy, const struct object *kept);

/* Whether it can be served as it is. The hit path's: no lock; false also
 * while nobody has looked at what was purged since. */
bool held_is_good_now(
    struct cache *cache, const struct object *kept, int64_t now_ms);
/* The same, and it looks. */
bool held_is_good(struct cache *cache, struct object *kept, int64_t now_ms);

#endif
