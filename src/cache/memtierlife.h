/* cache/memtierlife.h - the memory tier from the inside, for memtier*.c only
 *
 *   memtier.c       the tables: made, looked into, listed
 *   memtier_put.c   objects come in, get their dress, and grow
 *   memtier_room.c  who goes when there are too many bytes, or variants
 *   memtier_drop.c  what a purge means goes, now or little by little
 *
 * Entries of one shard hang in buckets (to be found) and in a ring (to be
 * thrown out). Taking one out only unlinks it; freeing objects runs foreign
 * code (the front's reply slots), so that comes after the lock is dropped. */
#ifndef CACHE_MEMTIERLIFE_H
#define CACHE_MEMTIERLIFE_H

#include <stdatomic.h>
#include <string.h>
#include "base/lock.h"
#include "cache/memtier.h"

struct entry {
	/* all that a look-up reads, side by side */
	struct entry *in_bucket;
	struct key key; /* the object's, its text as well */
	struct object *object;
	struct object *dressed; /* or NULL */
	uint64_t born;   /* in this generation */
	bool is_lasting; /* whatever its generation */
	bool is_doomed;  /* dropped, and to be freed */
	bool used; /* since the hand came by */
	bool is_surplus; /* of the dead: it was one variant too many */

	struct entry *next, *before; /* the ring; next also links the dead */
	size_t size;
};

struct shard {
	struct lock lock;
	/* shared: under lock */
	struct entry **buckets;
	size_t mask;
	struct entry *hand; /* NULL: empty */
};

/* An address whose variants were too many. */
struct told {
	_Atomic uint64_t hash;
	_Atomic int64_t until_ms;
};
enum { TOLD_MAX = 64 };

struct memtier {
	struct shard shards[MEMTIER_SHARDS];
	_Atomic uint64_t bytes, bytes_max;
	_Atomic unsigned variants_max;
	_Atomic uint64_t epoch;
	/* What was born in an older one is dead, and nobody finds it. */
	_Atomic uint64_t generation;
	_Atomic bool has_dead;
	/* where memtier_bury() goes on; its thread's */
	int bury_shard;
	size_t bury_at;
	_Atomic int64_t alive;   /* of those that do not last */
	struct recent *recent;
	struct told told[TOLD_MAX];
};

static inline struct shard *
shard_of(struct memtier *memtier, uint64_t hash)
{
	return &memtier->shards[hash >> 60];
}

static inline struct entry **
bucket_of(struct shard *shard, uint64_t hash)
{
	return &shard->buckets[hash & shard->mask];
}

static inline bool
is_key(const struct entry *entry, const struct key *key)
{
	return entry->key.hash == key->hash && entry->key.len == key->len &&
	    memcmp(entry->key.text, key->text, key->len) == 0;
}

static inline bool
is_dead(const struct entry *entry, uint64_t generation)
{
	return entry->is_doomed ||
	    (entry->born < generation && !entry->is_lasting);
}

static inline void
add_dead(struct entry **dead, struct entry *entry)
{
	entry->next = *dead;
	*dead = entry;
}

/* memtier.c: the table of one shard, whose lock is held */
/* The entry of its key and variant; NULL: none. */
struct entry *memtier_variant(
    struct shard *shard, const struct object *like);
void memtier_link(struct shard *shard, struct entry *entry);
void memtier_unlink(struct shard *shard, struct entry *entry);

/* memtier_room.c */
void memtier_count_bytes(struct memtier *memtier, int64_t bytes);
/* What was unlinked, without any lock; how many. */
unsigned memtier_free_dead(struct memtier *memtier, struct entry **dead);
bool memtier_is_too_big(struct memtier *memtier, size_t size);
/* Get below the limit, starting with the shard that just grew. Each gives its
 * part, so that a large newcomer does not empty one of them. The newcomer may
 * be alone in its shard, and stays; its pointer is compared only, for by now
 * it may be gone. */
void memtier_make_room(struct memtier *memtier, uint64_t hash,
    const struct entry *newcomer);
/* One variant too many: the one that was not used for longest goes. The
 * shard's lock is held. */
void memtier_drop_surplus(struct memtier *memtier, struct shard *shard,
    const struct key *key, struct entry **dead);

#endif
