/* cache/memtier_room.c - who goes when there are too many bytes, or too many
 * variants of one address */
#include "cache/memtierlife.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"
#include "base/report.h"

enum {
	/* No object may take more than this part of the memory. */
	LARGEST_PART = 4,
	TOLD_MS = 60 * 60 * 1000,
};

/* ---- what was taken out ---- */

void
memtier_count_bytes(struct memtier *memtier, int64_t bytes)
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

unsigned
memtier_free_dead(struct memtier *memtier, struct entry **dead)
{
	struct entry *entry;
	unsigned count = 0;

	while ((entry = *dead) != NULL) {
		*dead = entry->next;
		memtier_count_bytes(memtier, -(int64_t)entry->size);
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

/* ---- too many bytes ---- */

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
			memtier_unlink(shard, entry);
			add_dead(dead, entry);
		}
		if (entry == last)
			break;
	}
}

void
memtier_make_room(struct memtier *memtier, uint64_t hash,
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
		memtier_free_dead(memtier, &dead);
	}
}

bool
memtier_is_too_big(struct memtier *memtier, size_t size)
{
	return size > atomic_load(&memtier->bytes_max) / LARGEST_PART;
}

/* ---- too many variants ---- */

static int64_t
used_ms(const struct object *object)
{
	int64_t used = atomic_load(&object->last_used_ms);

	return used > object->answered_ms ? used : object->answered_ms;
}

void
memtier_drop_surplus(struct memtier *memtier, struct shard *shard,
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
		memtier_unlink(shard, oldest);
		oldest->is_surplus = true;
		add_dead(dead, oldest);
	}
}
