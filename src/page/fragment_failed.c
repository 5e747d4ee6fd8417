/* page/fragment_failed.c - who may be asked outside the sites, and which
 * documents failed a moment ago
 *
 * A table of hashes without a lock: what is lost in it is asked for once
 * more. */
#include "page/fragment.h"

#include "base/mem.h"
#include "page/origins.h"

enum { FAILURES = 1024 };

struct failure {
	_Atomic uint64_t hash;
	_Atomic int64_t until_ms;
	_Atomic bool was_late;
};

struct fragments {
	struct origins *origins; /* elsewhere */
	/* shared: a colliding one takes the other's place */
	struct failure failures[FAILURES];
};

struct fragments *
fragments_new(void)
{
	struct fragments *fragments = mem_new(sizeof(*fragments));

	fragments->origins = origins_new();
	return fragments;
}

void
fragments_free(struct fragments **fragments)
{
	if (!*fragments)
		return;
	origins_free(&(*fragments)->origins);
	mem_free(fragments);
}

struct origins *
fragments_origins(struct fragments *fragments)
{
	return fragments->origins;
}

bool
fragment_has_failed(struct fragments *fragments, const struct key *key,
    int64_t now_ms)
{
	struct failure *failure = &fragments->failures[key->hash % FAILURES];

	return atomic_load(&failure->hash) == key->hash &&
	       atomic_load(&failure->until_ms) > now_ms;
}

void
fragment_note_failed(struct fragments *fragments, const struct key *key,
    int64_t until_ms)
{
	struct failure *failure = &fragments->failures[key->hash % FAILURES];

	/* Its own failure is over, not another's in the same place. */
	if (until_ms == 0 && atomic_load(&failure->hash) != key->hash)
		return;
	if (until_ms == 0 || atomic_load(&failure->hash) != key->hash)
		atomic_store(&failure->was_late, false);
	atomic_store(&failure->until_ms, until_ms);
	atomic_store(&failure->hash, key->hash);
}

void
fragment_note_late(struct fragments *fragments, const struct key *key,
    int64_t until_ms)
{
	fragment_note_failed(fragments, key, until_ms);
	atomic_store(&fragments->failures[key->hash % FAILURES].was_late,
	    true);
}

bool
fragment_was_late(struct fragments *fragments, const struct key *key)
{
	struct failure *failure = &fragments->failures[key->hash % FAILURES];

	return atomic_load(&failure->hash) == key->hash &&
	       atomic_load(&failure->was_late);
}
