/* cache/memtier_put.c - objects come into memory, get their dress, and grow */
#include "cache/memtierlife.h"

#include "base/counter.h"
#include "base/mem.h"

/* ---- epochs ---- */

uint64_t
memtier_epoch(struct memtier *memtier)
{
	return atomic_load(&memtier->epoch);
}

void
memtier_new_epoch(struct memtier *memtier)
{
	atomic_fetch_add(&memtier->epoch, 1);
}

/* ---- an entry ---- */

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

/* ---- putting ---- */

static void
put(struct memtier *memtier, struct shard *shard, struct entry *entry,
    struct entry **dead)
{
	struct entry *old = memtier_variant(shard, entry->object);

	if (old) {
		memtier_unlink(shard, old);
		add_dead(dead, old);
	}
	memtier_link(shard, entry);
	if (old)
		entry->used = true; /* it is asked for again and again */
	memtier_count_bytes(memtier, (int64_t)entry->size);
	counter_up(COUNT_MEMORY_ENTRIES);
	if (!entry->is_lasting)
		atomic_fetch_add(&memtier->alive, 1);
	if (entry->object->variant[0])
		memtier_drop_surplus(memtier, shard, &entry->key, dead);
}

bool
memtier_put(struct memtier *memtier, struct object *object)
{
	struct entry *entry = entry_new(memtier, object, NULL), *dead = NULL;
	struct shard *shard = shard_of(memtier, object->key.hash);
	uint64_t hash = object->key.hash;
	bool fits = !memtier_is_too_big(memtier, entry->size);

	lock_take(&shard->lock);
	if (fits) {
		put(memtier, shard, entry, &dead);
	} else {
		/* what it replaces must not be served any more either */
		struct entry *old = memtier_variant(shard, object);

		if (old) {
			memtier_unlink(shard, old);
			add_dead(&dead, old);
		}
	}
	lock_drop(&shard->lock);
	if (!fits)
		drop_unused(&entry);
	memtier_free_dead(memtier, &dead);
	memtier_make_room(memtier, hash, entry);
	return fits;
}

/* It is there already, but undressed: the same answer with its dress from the
 * file is better. */
static bool
is_better(const struct entry *old, const struct entry *fresh)
{
	return !old || is_dead(old, fresh->born) ||
	    (!old->dressed && fresh->dressed &&
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
	if (!memtier_is_too_big(memtier, entry->size) &&
	    memtier_epoch(memtier) == epoch &&
	    is_better(memtier_variant(shard, object), entry)) {
		put(memtier, shard, entry, &dead);
		newcomer = entry;
		entry = NULL;
	}
	lock_drop(&shard->lock);
	drop_unused(&entry);
	memtier_free_dead(memtier, &dead);
	memtier_make_room(memtier, hash, newcomer);
}

void
memtier_dress(struct memtier *memtier, struct object *page,
    struct object *dressed)
{
	struct entry *fresh = entry_new(memtier, page, dressed);
	struct entry *old, *dead = NULL;
	const struct entry *newcomer = NULL;
	struct shard *shard = shard_of(memtier, page->key.hash);
	uint64_t hash = page->key.hash;

	lock_take(&shard->lock);
	old = memtier_variant(shard, page);
	if (old && old->object == page &&
	    !is_dead(old, atomic_load(&memtier->generation)) &&
	    !memtier_is_too_big(memtier, fresh->size)) {
		put(memtier, shard, fresh, &dead);
		newcomer = fresh;
		fresh = NULL;
	}
	lock_drop(&shard->lock);
	drop_unused(&fresh);
	memtier_free_dead(memtier, &dead);
	memtier_make_room(memtier, hash, newcomer);
}

/* ---- growing ---- */

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
		memtier_count_bytes(memtier, (int64_t)(size - entry->size));
		entry->size = size;
	}
	lock_drop(&shard->lock);
	memtier_make_room(memtier, object->key.hash, entry);
	return entry != NULL;
}
