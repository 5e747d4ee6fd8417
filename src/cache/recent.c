/* cache/recent.c - a ring of purges */
#include "cache/recent.h"

#include <stdatomic.h>

#include "base/lock.h"
#include "base/mem.h"
#include "cache/purge.h"

struct purge {
	char *kind, *key;
};

struct recent {
	_Atomic uint64_t count; /* written under lock */
	struct lock lock;
	struct purge ring[RECENT_MAX]; /* shared: under lock */
};

struct recent *
recent_new(void)
{
	struct recent *recent = mem_new(sizeof(*recent));

	lock_init(&recent->lock);
	return recent;
}

void
recent_free(struct recent **recent)
{
	if (!*recent)
		return;
	for (int i = 0; i < RECENT_MAX; i++) {
		mem_free(&(*recent)->ring[i].kind);
		mem_free(&(*recent)->ring[i].key);
	}
	lock_fini(&(*recent)->lock);
	mem_free(recent);
}

void
recent_add(struct recent *recent, const char *kind, const char *key)
{
	struct purge *purge;

	lock_take(&recent->lock);
	purge = &recent->ring[atomic_load(&recent->count) % RECENT_MAX];
	mem_free(&purge->kind);
	mem_free(&purge->key);
	purge->kind = mem_strdup(kind);
	purge->key = mem_strdup(key);
	atomic_fetch_add(&recent->count, 1);
	lock_drop(&recent->lock);
}

uint64_t
recent_count(struct recent *recent)
{
	return atomic_load(&recent->count);
}

bool
recent_means(struct recent *recent, uint64_t count,
    const struct object *object)
{
	bool means = false;
	uint64_t now;

	if (recent_count(recent) == count)
		return false;
	lock_take(&recent->lock);
	now = atomic_load(&recent->count);
	if (now - count > RECENT_MAX)
		means = true;
	for (; !means && count < now; count++) {
		const struct purge *purge = &recent->ring[count % RECENT_MAX];

		means = purge_means(purge->kind, purge->key, object);
	}
	lock_drop(&recent->lock);
	return means;
}
