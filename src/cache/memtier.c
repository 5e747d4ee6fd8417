/* cache/memtier.c - sixteen small tables with a clock hand each: made, and
 * looked into
 *
 * All of a look-up stays in this file: it is on every hit's way. */
#include "cache/memtierlife.h"

#include "base/mem.h"
#include "cache/recent.h"

enum {
	/* Buckets are made for objects of this size, the smallest usual. */
	BYTES_PER_BUCKET = 1024,
	BUCKETS_MIN = 64,     /* of one shard */
	BUCKETS_MAX = 1 << 18,
};

/* ---- the table of one shard; its lock is held ---- */

struct entry *
memtier_variant(struct shard *shard, const struct object *like)
{
	struct entry *entry = *bucket_of(shard, like->key.hash);

	for (; entry; entry = entry->in_bucket) {
		if (is_key(entry, &like->key) &&
		    strcmp(entry->object->variant, like->variant) == 0)
			return entry;
	}
	return NULL;
}

void
memtier_link(struct shard *shard, struct entry *entry)
{
	struct entry **bucket = bucket_of(shard, entry->key.hash);

	entry->in_bucket = *bucket;
	*bucket = entry;
	if (!shard->hand) {
		shard->hand = entry->next = entry->before = entry;
		entry->used = true; /* or it would be the first to go */
		return;
	}
	/* behind the hand: it is looked at last */
	entry->next = shard->hand;
	entry->before = shard->hand->before;
	entry->before->next = entry;
	entry->next->before = entry;
}

void
memtier_unlink(struct shard *shard, struct entry *entry)
{
	struct entry **at = bucket_of(shard, entry->key.hash);

	while (*at != entry)
		at = &(*at)->in_bucket;
	*at = entry->in_bucket;
	if (entry->next == entry) {
		shard->hand = NULL;
		return;
	}
	if (shard->hand == entry)
		shard->hand = entry->next;
	entry->before->next = entry->next;
	entry->next->before = entry->before;
}

/* ---- making and unmaking ---- */

static size_t
buckets_for(uint64_t bytes_max)
{
	uint64_t want = bytes_max / MEMTIER_SHARDS / BYTES_PER_BUCKET;
	size_t count = BUCKETS_MIN;

	while (count < want && count < BUCKETS_MAX)
		count *= 2;
	return count;
}

struct memtier *
memtier_new(uint64_t bytes_max, unsigned variants_max)
{
	struct memtier *memtier = mem_new(sizeof(*memtier));
	size_t count = buckets_for(bytes_max);

	for (int i = 0; i < MEMTIER_SHARDS; i++) {
		struct shard *shard = &memtier->shards[i];

		lock_init(&shard->lock);
		shard->buckets = mem_new_array(count, sizeof(struct entry *));
		shard->mask = count - 1;
	}
	memtier->recent = recent_new();
	memtier_set_limits(memtier, bytes_max, variants_max);
	return memtier;
}

void
memtier_free(struct memtier **memtier_p)
{
	struct memtier *memtier = *memtier_p;

	*memtier_p = NULL;
	if (!memtier)
		return;
	for (int i = 0; i < MEMTIER_SHARDS; i++) {
		struct shard *shard = &memtier->shards[i];
		struct entry *dead = NULL;

		while (shard->hand) {
			struct entry *entry = shard->hand;

			memtier_unlink(shard, entry);
			add_dead(&dead, entry);
		}
		memtier_free_dead(memtier, &dead);
	}
	for (int i = 0; i < MEMTIER_SHARDS; i++) {
		mem_free(&memtier->shards[i].buckets);
		lock_fini(&memtier->shards[i].lock);
	}
	recent_free(&memtier->recent);
	mem_free(&memtier);
}

/* The same entries in a table of another size. */
static void
resize_shard(struct shard *shard, size_t count)
{
	struct entry **fresh = mem_new_array(count, sizeof(*fresh));
	struct entry **old, *entry;

	lock_take(&shard->lock);
	old = shard->buckets;
	shard->buckets = fresh;
	shard->mask = count - 1;
	entry = shard->hand;
	while (entry) {
		struct entry **bucket =
		    bucket_of(shard, entry->key.hash);

		entry->in_bucket = *bucket;
		*bucket = entry;
		entry = entry->next == shard->hand ? NULL : entry->next;
	}
	lock_drop(&shard->lock);
	mem_free(&old);
}

void
memtier_set_limits(struct memtier *memtier, uint64_t bytes_max,
    unsigned variants_max)
{
	size_t count = buckets_for(bytes_max);

	if (variants_max < 1 || variants_max > MEMTIER_VARIANTS_MAX)
		variants_max = MEMTIER_VARIANTS_MAX;
	atomic_store(&memtier->variants_max, variants_max);
	atomic_store(&memtier->bytes_max, bytes_max);
	for (int i = 0; i < MEMTIER_SHARDS; i++) {
		if (count != memtier->shards[i].mask + 1)
			resize_shard(&memtier->shards[i], count);
	}
	memtier_make_room(memtier, 0, NULL);
}

struct recent *
memtier_recent(struct memtier *memtier)
{
	return memtier->recent;
}

/* ---- finding ---- */

/* Among a million objects, where each of these lies is a wait for the memory:
 * one wait for all, and not one after the other. */
static void
fetch_ahead(const struct entry *entry)
{
	__builtin_prefetch(entry->object, 1);
	__builtin_prefetch(&entry->object->variant);
	__builtin_prefetch(entry->key.text);
	if (entry->dressed)
		__builtin_prefetch(entry->dressed, 1);
}

/* What one key has, counted, so that it can be matched without the lock. */
struct found {
	struct object *object, *dressed;
};

static size_t
collect(struct memtier *memtier, const struct key *key, struct found *found)
{
	struct shard *shard = shard_of(memtier, key->hash);
	uint64_t generation = atomic_load_explicit(&memtier->generation,
	    memory_order_relaxed);
	struct entry *entry;
	size_t count = 0;

	lock_take(&shard->lock);
	for (entry = *bucket_of(shard, key->hash);
	    entry && count < MEMTIER_VARIANTS_MAX; entry = entry->in_bucket) {
		if (entry->key.hash == key->hash)
			fetch_ahead(entry);
		if (!is_key(entry, key) || is_dead(entry, generation))
			continue;
		entry->used = true;
		found[count].object = object_ref(entry->object);
		found[count].dressed = object_ref(entry->dressed);
		count++;
	}
	lock_drop(&shard->lock);
	return count;
}

/* RFC 9111 4: of several that suit, the most recent. */
static size_t
choose(const struct found *found, size_t count, request_field_f field,
    void *arg)
{
	size_t best = count;

	for (size_t i = 0; i < count; i++) {
		if (!policy_vary_matches(found[i].object, field, arg))
			continue;
		if (best == count || found[i].object->answered_ms >
		    found[best].object->answered_ms)
			best = i;
	}
	return best;
}

struct object *
memtier_find(struct memtier *memtier, const struct key *key,
    request_field_f field, void *arg, struct object **dressed)
{
	struct found found[MEMTIER_VARIANTS_MAX];
	struct object *object = NULL;
	size_t count = collect(memtier, key, found);
	size_t best = choose(found, count, field, arg);

	if (dressed)
		*dressed = NULL;
	for (size_t i = 0; i < count; i++) {
		if (i == best) {
			object = found[i].object;
			if (dressed) {
				*dressed = found[i].dressed;
				continue;
			}
		} else {
			object_unref(&found[i].object);
		}
		object_unref(&found[i].dressed);
	}
	return object;
}

bool
memtier_has(struct memtier *memtier, const struct key *key)
{
	struct shard *shard = shard_of(memtier, key->hash);
	uint64_t generation = atomic_load_explicit(&memtier->generation,
	    memory_order_relaxed);
	struct entry *entry;

	lock_take(&shard->lock);
	entry = *bucket_of(shard, key->hash);
	while (entry && (!is_key(entry, key) ||
			    is_dead(entry, generation)))
		entry = entry->in_bucket;
	lock_drop(&shard->lock);
	return entry != NULL;
}

/* ---- listing ---- */

static size_t
count_in_shard(const struct shard *shard)
{
	const struct entry *entry = shard->hand;
	size_t count = 0;

	if (!entry)
		return 0;
	do {
		count++;
		entry = entry->next;
	} while (entry != shard->hand);
	return count;
}

size_t
memtier_list(struct memtier *memtier, unsigned index,
    struct object ***objects)
{
	struct shard *shard = &memtier->shards[index];
	uint64_t generation = atomic_load(&memtier->generation);
	struct entry *entry;
	size_t count, alive = 0;

	lock_take(&shard->lock);
	count = count_in_shard(shard);
	*objects = mem_new_array(count, sizeof(**objects));
	entry = shard->hand;
	for (size_t i = 0; i < count; i++, entry = entry->next)
		if (!is_dead(entry, generation))
			(*objects)[alive++] = object_ref(entry->object);
	lock_drop(&shard->lock);
	return alive;
}
