/* page/passing.c - a table of hashes with an end each
 *
 * The parts of a slot are read one by one, so a reader may see half of what is
 * being written. What comes of that is one look more or less. */
#include "page/passing.h"

#include <stdatomic.h>

#include "base/mem.h"

struct slot {
	_Atomic uint64_t hash; /* 0: free */
	_Atomic uint64_t until_ms;
};

struct passing {
	struct slot slots[PASSING_MAX];
};

struct passing *
passing_new(void)
{
	return mem_new(sizeof(struct passing));
}

void
passing_free(struct passing **passing)
{
	mem_free(passing);
}

static struct slot *
slot_of(struct passing *passing, const struct key *key)
{
	return &passing->slots[key->hash % PASSING_MAX];
}

static bool
is_of(const struct slot *slot, const struct key *key)
{
	return key->len > 0 && atomic_load_explicit(&slot->hash,
				   memory_order_acquire) == key->hash;
}

void
passing_note(struct passing *passing, const struct key *key, uint64_t now_ms)
{
	struct slot *slot = slot_of(passing, key);

	if (key->len == 0)
		return;
	atomic_store(&slot->until_ms, now_ms + PASSING_MS);
	atomic_store(&slot->hash, key->hash);
}

void
passing_forget(struct passing *passing, const struct key *key)
{
	struct slot *slot = slot_of(passing, key);

	if (is_of(slot, key))
		atomic_store(&slot->hash, 0);
}

bool
passing_is(struct passing *passing, const struct key *key, uint64_t now_ms)
{
	const struct slot *slot = slot_of(passing, key);

	return is_of(slot, key) &&
	       now_ms <
		   atomic_load_explicit(&slot->until_ms, memory_order_relaxed);
}
