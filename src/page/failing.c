/* page/failing.c - a table of hashes with a back-off each
 *
 * The parts of a slot are read one by one, so a reader may see half of what
 * is being written. What comes of that is one question more or less. */
#include "page/failing.h"

#include <stdatomic.h>

#include "base/mem.h"

struct slot {
	_Atomic uint64_t hash; /* 0: free */
	_Atomic uint64_t try_at_ms, noted_ms;
	_Atomic uint32_t back_off_ms;
};

struct failing {
	struct slot slots[FAILING_MAX];
};

struct failing *
failing_new(void)
{
	return mem_new(sizeof(struct failing));
}

void
failing_free(struct failing **failing)
{
	mem_free(failing);
}

static struct slot *
slot_of(struct failing *failing, const struct key *key)
{
	return &failing->slots[key->hash % FAILING_MAX];
}

static bool
is_of(const struct slot *slot, const struct key *key)
{
	return key->len > 0 && atomic_load(&slot->hash) == key->hash;
}

void
failing_note(struct failing *failing, const struct key *key, uint32_t first_ms,
    uint32_t most_ms, uint64_t now_ms)
{
	struct slot *slot = slot_of(failing, key);
	uint64_t next = first_ms;

	if (key->len == 0)
		return;
	if (is_of(slot, key)) {
		uint32_t last = atomic_load(&slot->back_off_ms);

		/* those that were in the air with the first say nothing new */
		if (now_ms < atomic_load(&slot->noted_ms) + last)
			return;
		next = 2 * (uint64_t)last;
	}
	if (next > most_ms)
		next = most_ms;
	atomic_store(&slot->back_off_ms, (uint32_t)next);
	atomic_store(&slot->noted_ms, now_ms);
	atomic_store(&slot->try_at_ms, now_ms + next);
	atomic_store(&slot->hash, key->hash);
}

void
failing_forget(struct failing *failing, const struct key *key)
{
	struct slot *slot = slot_of(failing, key);

	if (is_of(slot, key))
		atomic_store(&slot->hash, 0);
}

bool
failing_is(struct failing *failing, const struct key *key)
{
	return is_of(slot_of(failing, key), key);
}

bool
failing_may_try(struct failing *failing, const struct key *key, uint64_t now_ms)
{
	struct slot *slot = slot_of(failing, key);
	uint64_t at = atomic_load(&slot->try_at_ms);

	if (!is_of(slot, key))
		return true;
	/* Should it never be told how that went, another may in a while. */
	return now_ms >= at &&
	       atomic_compare_exchange_strong(&slot->try_at_ms, &at,
		   now_ms + atomic_load(&slot->back_off_ms));
}
