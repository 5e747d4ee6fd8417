/* cache/memtier.h - objects in memory, found in under a microsecond
 *
 * A table in shards, each under a lock of its own that is held for a few
 * comparisons: nothing is allocated, freed or matched under it. What is
 * thrown out was not used since the clock's hand came by last (second
 * chance). A dressed page hangs on the page that it was made from; both, and all
 * codings of both, count against the limit. Any thread. */
#ifndef CACHE_MEMTIER_H
#define CACHE_MEMTIER_H

#include "cache/object.h"
#include "cache/policy.h"

enum { MEMTIER_VARIANTS_MAX = 64 };

struct memtier;
struct recent;

struct memtier *memtier_new(uint64_t bytes_max, unsigned variants_max);
void memtier_free(struct memtier **memtier);
void memtier_set_limits(struct memtier *memtier, uint64_t bytes_max,
    unsigned variants_max);

/* The newest object of that key that matches the request's fields, counted,
 * or NULL. *dressed (may be NULL) likewise. */
struct object *memtier_find(struct memtier *memtier, const struct key *key,
    request_field_f field, void *arg, struct object **dressed);

/* Whether there is any variant of it. */
bool memtier_has(struct memtier *memtier, const struct key *key);

/* Every purge starts a new epoch. What was read from the file in an older
 * one may be a row that the purge removed: memtier_offer() leaves it out. */
uint64_t memtier_epoch(struct memtier *memtier);
void memtier_new_epoch(struct memtier *memtier);
struct recent *memtier_recent(struct memtier *memtier);

/* Put it in the place of its key and variant. False: too big for here. */
bool memtier_put(struct memtier *memtier, struct object *object);
/* Put it there unless there is one already (or it brings the dress that the
 * one there lacks), or the epoch has passed. */
void memtier_offer(struct memtier *memtier, struct object *object,
    struct object *dressed, uint64_t epoch);
/* Hang a dressed page on its page, unless that was replaced meanwhile. */
void memtier_dress(struct memtier *memtier, struct object *page,
    struct object *dressed);

/* It has grown by a coding of its body: count it anew. False: it is not here
 * any more. */
bool memtier_resize(struct memtier *memtier, const struct object *object);

/* How many went. */
unsigned memtier_drop(struct memtier *memtier, const struct key *key);
/* Of that key only what was answered before then, or at the same time. */
unsigned memtier_drop_older(struct memtier *memtier, const struct key *key,
    int64_t answered_ms);
/* Asks of each object outside of the locks; it may be marked as well. */
unsigned memtier_drop_if(struct memtier *memtier,
    bool (*is_meant)(struct object *object, void *arg), void *arg);
/* All but themes and assets are not found from now on: one step, whatever
 * their number. */
unsigned memtier_forget(struct memtier *memtier);
/* Free what is forgotten, and what a large memtier_drop_if() left, until
 * until_us (steady clock). One thread. True: there is more. */
bool memtier_bury(struct memtier *memtier, uint64_t until_us);

/* Give all objects of one shard, counted, in an array that the caller frees;
 * how many. For the slow ways: it allocates under the lock. */
enum { MEMTIER_SHARDS = 16 };
size_t memtier_list(struct memtier *memtier, unsigned shard,
    struct object ***objects);

#endif
