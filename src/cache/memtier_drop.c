/* cache/memtier_drop.c - what a purge means goes, now or little by little */
#include "cache/memtierlife.h"

#include "base/clock.h"
#include "base/mem.h"

enum {
	/* What is looked through in one hold of a shard's lock. */
	CROWD = 64, /* objects */
	CROWD_BUCKETS = 256,
	/* So many of a shard are freed by who drops them. */
	DROP_NOW = 64,
};

/* ---- of one key ---- */

unsigned
memtier_drop_older(struct memtier *memtier, const struct key *key,
    int64_t answered_ms)
{
	struct shard *shard = shard_of(memtier, key->hash);
	struct entry *entry, *next, *dead = NULL;

	lock_take(&shard->lock);
	for (entry = *bucket_of(shard, key->hash); entry; entry = next) {
		next = entry->in_bucket;
		if (!is_key(entry, key) ||
		    entry->object->answered_ms > answered_ms)
			continue;
		memtier_unlink(shard, entry);
		add_dead(&dead, entry);
	}
	lock_drop(&shard->lock);
	return memtier_free_dead(memtier, &dead);
}

unsigned
memtier_drop(struct memtier *memtier, const struct key *key)
{
	return memtier_drop_older(memtier, key, INT64_MAX);
}

/* ---- all that are meant ---- */

/* Some of what is in a shard, counted, to be asked without its lock. */
struct crowd {
	struct object **objects;
	size_t count, room;
};

static size_t
chain_len(const struct entry *entry)
{
	size_t len = 0;

	for (; entry; entry = entry->in_bucket)
		len++;
	return len;
}

/* Of the buckets from *at on, as many as there is room for; at least one, for
 * which room is made without the lock. False: there are no more. */
static bool
gather(struct memtier *memtier, struct shard *shard, size_t *at,
    struct crowd *crowd)
{
	uint64_t generation = atomic_load(&memtier->generation);
	struct entry *entry;
	size_t len = 0, seen = 0;

	crowd->count = 0;
	lock_take(&shard->lock);
	for (; *at <= shard->mask && seen < CROWD_BUCKETS; ++*at, seen++) {
		len = chain_len(shard->buckets[*at]);
		if (crowd->count + len > crowd->room)
			break;
		for (entry = shard->buckets[*at]; entry;
		    entry = entry->in_bucket)
			if (!is_dead(entry, generation))
				crowd->objects[crowd->count++] =
				    object_ref(entry->object);
	}
	lock_drop(&shard->lock);
	if (len > crowd->room) {
		crowd->room = 2 * len;
		crowd->objects = mem_resize(crowd->objects,
		    crowd->room * sizeof(*crowd->objects));
	}
	return seen > 0 || crowd->count > 0 || len > 0;
}

static size_t
shard_mask(struct shard *shard)
{
	size_t mask;

	lock_take(&shard->lock);
	mask = shard->mask;
	lock_drop(&shard->lock);
	return mask;
}

/* It may have been replaced or thrown out meanwhile. Freeing takes most of the
 * time of a large drop: that is left to memtier_bury(). */
static unsigned
drop_one(struct memtier *memtier, struct shard *shard,
    const struct object *object, bool later)
{
	struct entry *entry, *dead = NULL;
	unsigned doomed = 0;

	lock_take(&shard->lock);
	entry = *bucket_of(shard, object->key.hash);
	while (entry && entry->object != object)
		entry = entry->in_bucket;
	if (entry && later) {
		doomed = !is_dead(entry, atomic_load(&memtier->generation));
		if (doomed && !entry->is_lasting)
			atomic_fetch_sub(&memtier->alive, 1);
		entry->is_doomed = true;
	} else if (entry) {
		memtier_unlink(shard, entry);
		add_dead(&dead, entry);
	}
	lock_drop(&shard->lock);
	if (doomed)
		atomic_store(&memtier->has_dead, true);
	return doomed + memtier_free_dead(memtier, &dead);
}

/* A bucket that was looked through gets nothing that a purge means any more: it
 * began a new epoch first. A table of another size is looked through anew. */
static unsigned
drop_in_shard(struct memtier *memtier, struct shard *shard,
    bool (*is_meant)(struct object *, void *), void *arg)
{
	struct crowd crowd = {mem_new_array(CROWD, sizeof(struct object *)), 0,
	    CROWD};
	size_t at = 0, mask = shard_mask(shard);
	unsigned count = 0;

	while (gather(memtier, shard, &at, &crowd)) {
		for (size_t i = 0; i < crowd.count; i++) {
			if (is_meant(crowd.objects[i], arg))
				count += drop_one(memtier, shard,
				    crowd.objects[i], count >= DROP_NOW);
			object_unref(&crowd.objects[i]);
		}
		if (shard_mask(shard) != mask) {
			mask = shard_mask(shard);
			at = 0;
		}
	}
	mem_free(&crowd.objects);
	return count;
}

unsigned
memtier_drop_if(struct memtier *memtier,
    bool (*is_meant)(struct object *object, void *arg), void *arg)
{
	unsigned count = 0;

	for (int i = 0; i < MEMTIER_SHARDS; i++)
		count += drop_in_shard(memtier, &memtier->shards[i], is_meant,
		    arg);
	return count;
}

/* ---- all ---- */

unsigned
memtier_forget(struct memtier *memtier)
{
	int64_t alive;

	atomic_fetch_add(&memtier->generation, 1);
	alive = atomic_exchange(&memtier->alive, 0);
	atomic_store(&memtier->has_dead, true);
	return alive > 0 ? (unsigned)alive : 0;
}

/* ---- freeing ---- */

/* Of the buckets from *at on, a few. False: there are no more. */
static bool
bury_some(struct memtier *memtier, struct shard *shard, uint64_t generation,
    size_t *at)
{
	struct entry *entry, *next, *dead = NULL;
	bool more;

	lock_take(&shard->lock);
	for (size_t i = 0; i < CROWD_BUCKETS && *at <= shard->mask; i++, ++*at)
		for (entry = shard->buckets[*at]; entry; entry = next) {
			next = entry->in_bucket;
			if (!is_dead(entry, generation))
				continue;
			memtier_unlink(shard, entry);
			add_dead(&dead, entry);
		}
	more = *at <= shard->mask;
	lock_drop(&shard->lock);
	memtier_free_dead(memtier, &dead);
	return more;
}

bool
memtier_bury(struct memtier *memtier, uint64_t until_us)
{
	uint64_t generation = atomic_load(&memtier->generation);

	if (memtier->bury_shard == 0 && memtier->bury_at == 0 &&
	    !atomic_exchange(&memtier->has_dead, false))
		return false;
	do {
		struct shard *shard = &memtier->shards[memtier->bury_shard];

		if (bury_some(memtier, shard, generation, &memtier->bury_at))
			continue;
		memtier->bury_at = 0;
		memtier->bury_shard =
		    (memtier->bury_shard + 1) % MEMTIER_SHARDS;
		if (memtier->bury_shard == 0)
			return atomic_load(&memtier->has_dead);
	} while (clock_mono_us() < until_us);
	return true;
}
