/* cache/memtier.c - sixteen small tables with a clock hand each
 *
 * Entries of one shard hang in buckets (to be found) and in a ring (to be
 * thrown out). Taking one out only unlinks it; freeing objects runs foreign
 * code (the front's reply slots), so that comes after the lock is dropped. */
#include "cache/memtier.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/lock.h"
#include "base/mem.h"
#include "base/report.h"
#include "cache/recent.h"

enum {
	/* Buckets are made for objects of this size, the smallest usual. */
	BYTES_PER_BUCKET = 1024,
	BUCKETS_MIN = 64,     /* of one shard */
	BUCKETS_MAX = 1 << 18,
	/* No object may take more than this part of the memory. */
	LARGEST_PART = 4,
	/* What is looked through in one hold of a shard's lock. */
	CROWD = 64, /* objects */
	CROWD_BUCKETS = 256,
	/* So many of a shard are freed by who drops them. */
	DROP_NOW = 64,
};

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
enum { TOLD_MAX = 64, TOLD_MS = 60 * 60 * 1000 };

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

/* ---- the table of one shard; its lock is held ---- */

static struct shard *
shard_of(struct memtier *memtier, uint64_t hash)
{
	return &memtier->shards[hash >> 60];
}

static struct entry **
bucket_of(struct shard *shard, uint64_t hash)
{
	return &shard->buckets[hash & shard->mask];
}

static bool
is_key(const struct entry *entry, const struct key *key)
{
	return entry->key.hash == key->hash && entry->key.len == key->len &&
	    memcmp(entry->key.text, key->text, key->len) == 0;
}

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

static bool
is_dead(const struct entry *entry, uint64_t generation)
{
	return entry->is_doomed ||
	    (entry->born < generation && !entry->is_lasting);
}

static struct entry *
find_variant(struct shard *shard, const struct object *like)
{
	struct entry *entry = *bucket_of(shard, like->key.hash);

	for (; entry; entry = entry->in_bucket) {
		if (is_key(entry, &like->key) &&
		    strcmp(entry->object->variant, like->variant) == 0)
			return entry;
	}
	return NULL;
}

static void
link_entry(struct shard *shard, struct entry *entry)
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

static void
unlink_entry(struct shard *shard, struct entry *entry)
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

/* ---- what was taken out ---- */

static void
add_dead(struct entry **dead, struct entry *entry)
{
	entry->next = *dead;
	*dead = entry;
}

static void
count_bytes(struct memtier *memtier, int64_t bytes)
{
	atomic_fetch_add(&memtier->bytes, (uint64_t)bytes);
	counter_add(COUNT_MEMORY_BYTES, bytes);
}

/* An answer that varies by what hardly two clients have in common is never
 * found again: the operator is told, once an hour for each address. */
static void
tell_surplus(struct memtier *memtier, const struct object *object)
{
	struct told *told = &memtier->told[object->key.hash % TOLD_MAX];
	int64_t now_ms = clock_wall_ms();
	char reason[128];

	if (atomic_load(&told->hash) == object->key.hash &&
	    now_ms < atomic_load(&told->until_ms))
		return;
	atomic_store(&told->hash, object->key.hash);
	atomic_store(&told->until_ms, now_ms + TOLD_MS);
	snprintf(reason, sizeof(reason), "over %u variants by its Vary: %.60s",
	    atomic_load(&memtier->variants_max), object->vary);
	report_problem("vary", object->url, reason,
	    "those that were used last");
}

static unsigned
bury(struct memtier *memtier, struct entry **dead)
{
	struct entry *entry;
	unsigned count = 0;

	while ((entry = *dead) != NULL) {
		*dead = entry->next;
		count_bytes(memtier, -(int64_t)entry->size);
		if (entry->is_surplus)
			tell_surplus(memtier, entry->object);
		if (!entry->is_lasting &&
		    !is_dead(entry, atomic_load(&memtier->generation)))
			atomic_fetch_sub(&memtier->alive, 1);
		object_unref(&entry->object);
		object_unref(&entry->dressed);
		mem_free(&entry);
		count++;
	}
	counter_add(COUNT_MEMORY_ENTRIES, -(int64_t)count);
	return count;
}

/* ---- throwing out ---- */

/* Let the hand go on until enough bytes are out, or once around. */
static void
sweep(struct shard *shard, uint64_t enough, const struct entry *newcomer,
    struct entry **dead)
{
	struct entry *entry, *last = shard->hand ? shard->hand->before : NULL;
	uint64_t out = 0;

	while (out < enough && (entry = shard->hand) != NULL) {
		shard->hand = entry->next;
		if (entry->used) {
			entry->used = false;
		} else if (entry != newcomer) {
			out += entry->size;
			unlink_entry(shard, entry);
			add_dead(dead, entry);
		}
		if (entry == last)
			break;
	}
}

/* Get below the limit, starting with the shard that just grew. Each gives its
 * part, so that a large newcomer does not empty one of them. The newcomer may be
 * alone in its shard, and stays; its pointer is compared only, for by now it
 * may be gone. */
static void
make_room(struct memtier *memtier, uint64_t hash,
    const struct entry *newcomer)
{
	struct entry *dead = NULL;
	unsigned first = (unsigned)(hash >> 60);

	/* the first time around may only take the second chances away */
	for (unsigned i = 0; i < 2 * MEMTIER_SHARDS; i++) {
		struct shard *shard =
		    &memtier->shards[(first + i) % MEMTIER_SHARDS];
		unsigned left = MEMTIER_SHARDS - i % MEMTIER_SHARDS;
		uint64_t bytes = atomic_load(&memtier->bytes);
		uint64_t max = atomic_load(&memtier->bytes_max);

		if (bytes <= max)
			return;
		lock_take(&shard->lock);
		sweep(shard, (bytes - max + left - 1) / left, newcomer, &dead);
		lock_drop(&shard->lock);
		bury(memtier, &dead);
	}
}

static bool
is_too_big(struct memtier *memtier, size_t size)
{
	return size > atomic_load(&memtier->bytes_max) / LARGEST_PART;
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

			unlink_entry(shard, entry);
			add_dead(&dead, entry);
		}
		bury(memtier, &dead);
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
	make_room(memtier, 0, NULL);
}

/* ---- finding ---- */

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

/* ---- putting ---- */

uint64_t
memtier_epoch(struct memtier *memtier)
{
	return atomic_load(&memtier->epoch);
}

struct recent *
memtier_recent(struct memtier *memtier)
{
	return memtier->recent;
}

void
memtier_new_epoch(struct memtier *memtier)
{
	atomic_fetch_add(&memtier->epoch, 1);
}

/* With all codings that there are by now. */
static size_t
size_of(const struct object *object, const struct object *dressed)
{
	size_t size = sizeof(struct entry) + object_size(object) +
	    packed_size(&object->packed);

	if (dressed)
		size += object_size(dressed) + packed_size(&dressed->packed);
	return size;
}

static struct entry *
entry_new(struct memtier *memtier, struct object *object,
    struct object *dressed)
{
	struct entry *entry = mem_new(sizeof(*entry));

	entry->born = atomic_load(&memtier->generation);
	entry->is_lasting = object->kind == KIND_THEME ||
	    object->kind == KIND_ASSET;
	entry->key = object->key;
	entry->object = object_ref(object);
	entry->dressed = object_ref(dressed);
	entry->size = size_of(object, dressed);
	return entry;
}

static void
drop_unused(struct entry **entry)
{
	if (!*entry)
		return;
	object_unref(&(*entry)->object);
	object_unref(&(*entry)->dressed);
	mem_free(entry);
}

static int64_t
used_ms(const struct object *object)
{
	int64_t used = atomic_load(&object->last_used_ms);

	return used > object->answered_ms ? used : object->answered_ms;
}

/* One variant too many: the one that was not used for longest goes. */
static void
drop_surplus(struct memtier *memtier, struct shard *shard,
    const struct key *key, struct entry **dead)
{
	struct entry *entry, *oldest = NULL;
	unsigned count = 0;

	for (entry = *bucket_of(shard, key->hash); entry;
	    entry = entry->in_bucket) {
		if (!is_key(entry, key))
			continue;
		count++;
		if (!oldest ||
		    used_ms(entry->object) <= used_ms(oldest->object))
			oldest = entry;
	}
	if (count > atomic_load(&memtier->variants_max)) {
		unlink_entry(shard, oldest);
		oldest->is_surplus = true;
		add_dead(dead, oldest);
	}
}

static void
put(struct memtier *memtier, struct shard *shard, struct entry *entry,
    struct entry **dead)
{
	struct entry *old = find_variant(shard, entry->object);

	if (old) {
		unlink_entry(shard, old);
		add_dead(dead, old);
	}
	link_entry(shard, entry);
	if (old)
		entry->used = true; /* it is asked for again and again */
	count_bytes(memtier, (int64_t)entry->size);
	counter_up(COUNT_MEMORY_ENTRIES);
	if (!entry->is_lasting)
		atomic_fetch_add(&memtier->alive, 1);
	if (entry->object->variant[0])
		drop_surplus(memtier, shard, &entry->key, dead);
}

bool
memtier_put(struct memtier *memtier, struct object *object)
{
	struct entry *entry = entry_new(memtier, object, NULL), *dead = NULL;
	struct shard *shard = shard_of(memtier, object->key.hash);
	uint64_t hash = object->key.hash;
	bool fits = !is_too_big(memtier, entry->size);

	lock_take(&shard->lock);
	if (fits) {
		put(memtier, shard, entry, &dead);
	} else {
		/* what it replaces must not be served any more either */
		struct entry *old = find_variant(shard, object);

		if (old) {
			unlink_entry(shard, old);
			add_dead(&dead, old);
		}
	}
	lock_drop(&shard->lock);
	if (!fits)
		drop_unused(&entry);
	bury(memtier, &dead);
	make_room(memtier, hash, entry);
	return fits;
}

/* It is there already, but undressed: the same answer with its dress from the
 * file is better. */
static bool
is_better(const struct entry *old, const struct entry *fresh)
{
	return !old || is_dead(old, fresh->born) || (!old->dressed && fresh->dressed &&
	    old->object->answered_ms == fresh->object->answered_ms &&
	    old->object->body && fresh->object->body &&
	    old->object->body->len == fresh->object->body->len);
}

void
memtier_offer(struct memtier *memtier, struct object *object,
    struct object *dressed, uint64_t epoch)
{
	struct entry *entry = entry_new(memtier, object, dressed), *dead = NULL;
	const struct entry *newcomer = NULL;
	struct shard *shard = shard_of(memtier, object->key.hash);
	uint64_t hash = object->key.hash;

	lock_take(&shard->lock);
	if (!is_too_big(memtier, entry->size) &&
	    memtier_epoch(memtier) == epoch &&
	    is_better(find_variant(shard, object), entry)) {
		put(memtier, shard, entry, &dead);
		newcomer = entry;
		entry = NULL;
	}
	lock_drop(&shard->lock);
	drop_unused(&entry);
	bury(memtier, &dead);
	make_room(memtier, hash, newcomer);
}

void
memtier_dress(struct memtier *memtier, struct object *page,
    struct object *dressed)
{
	struct entry *fresh = entry_new(memtier, page, dressed), *old, *dead = NULL;
	const struct entry *newcomer = NULL;
	struct shard *shard = shard_of(memtier, page->key.hash);
	uint64_t hash = page->key.hash;

	lock_take(&shard->lock);
	old = find_variant(shard, page);
	if (old && old->object == page &&
	    !is_dead(old, atomic_load(&memtier->generation)) &&
	    !is_too_big(memtier, fresh->size)) {
		put(memtier, shard, fresh, &dead);
		newcomer = fresh;
		fresh = NULL;
	}
	lock_drop(&shard->lock);
	drop_unused(&fresh);
	bury(memtier, &dead);
	make_room(memtier, hash, newcomer);
}

bool
memtier_resize(struct memtier *memtier, const struct object *object)
{
	struct shard *shard = shard_of(memtier, object->key.hash);
	struct entry *entry;
	size_t size;

	lock_take(&shard->lock);
	entry = *bucket_of(shard, object->key.hash);
	while (entry && entry->object != object && entry->dressed != object)
		entry = entry->in_bucket;
	if (entry) {
		size = size_of(entry->object, entry->dressed);
		count_bytes(memtier, (int64_t)(size - entry->size));
		entry->size = size;
	}
	lock_drop(&shard->lock);
	make_room(memtier, object->key.hash, entry);
	return entry != NULL;
}

/* ---- dropping ---- */

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
		unlink_entry(shard, entry);
		add_dead(&dead, entry);
	}
	lock_drop(&shard->lock);
	if (doomed)
		atomic_store(&memtier->has_dead, true);
	return doomed + bury(memtier, &dead);
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
memtier_drop(struct memtier *memtier, const struct key *key)
{
	return memtier_drop_older(memtier, key, INT64_MAX);
}

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
		unlink_entry(shard, entry);
		add_dead(&dead, entry);
	}
	lock_drop(&shard->lock);
	return bury(memtier, &dead);
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

unsigned
memtier_forget(struct memtier *memtier)
{
	int64_t alive;

	atomic_fetch_add(&memtier->generation, 1);
	alive = atomic_exchange(&memtier->alive, 0);
	atomic_store(&memtier->has_dead, true);
	return alive > 0 ? (unsigned)alive : 0;
}

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
			unlink_entry(shard, entry);
			add_dead(&dead, entry);
		}
	more = *at <= shard->mask;
	lock_drop(&shard->lock);
	bury(memtier, &dead);
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
