/* cache/recent.c - a ring of purges */
#include "cache/recent.h"

#include <stdatomic.h>
#include <string.h>

#include "base/lock.h"
#include "base/mem.h"

struct purge {
	struct meaning *meaning; /* counted; or NULL */
	bool soft;
	int64_t at_ms;
	uint64_t by;
};

struct recent {
	_Atomic uint64_t count; /* written under lock */
	_Atomic uint64_t count_of_parts; /* what it was at the last of those */
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
	for (int i = 0; i < RECENT_MAX; i++)
		meaning_unref(&(*recent)->ring[i].meaning);
	lock_fini(&(*recent)->lock);
	mem_free(recent);
}

/* Any but those of one page, which come with each form that is sent. */
static bool
may_mean_parts(const struct meaning *meaning)
{
	return strcmp(meaning_kind(meaning), "key") != 0 ||
	    meaning_key(meaning)[0] != kind_names[KIND_PAGE][0];
}

void
recent_add(struct recent *recent, struct meaning *meaning, bool soft,
    int64_t at_ms, uint64_t by)
{
	struct purge *purge;
	struct meaning *old;

	lock_take(&recent->lock);
	purge = &recent->ring[atomic_load(&recent->count) % RECENT_MAX];
	old = purge->meaning;
	*purge = (struct purge){meaning_ref(meaning), soft, at_ms, by};
	atomic_fetch_add(&recent->count, 1);
	if (may_mean_parts(meaning))
		atomic_store(&recent->count_of_parts,
		    atomic_load(&recent->count));
	lock_drop(&recent->lock);
	meaning_unref(&old);
}

uint64_t
recent_count(struct recent *recent)
{
	return atomic_load(&recent->count);
}

uint64_t
recent_count_of_parts(struct recent *recent)
{
	return atomic_load_explicit(&recent->count_of_parts,
	    memory_order_acquire);
}

static bool
is_by(const struct purge *purge, uint64_t by)
{
	return by != 0 && purge->by == by;
}

enum meant
recent_judge(struct recent *recent, uint64_t count,
    const struct object *object, uint64_t by, int64_t *at_ms)
{
	enum meant purged = MEANT_NOT;
	uint64_t now;

	if (recent_count(recent) == count)
		return MEANT_NOT;
	lock_take(&recent->lock);
	now = atomic_load(&recent->count);
	if (now - count > RECENT_MAX)
		purged = MEANT_HARD;
	for (; purged != MEANT_HARD && count < now; count++) {
		const struct purge *purge = &recent->ring[count % RECENT_MAX];

		if ((purge->soft && purged == MEANT_SOFT) ||
		    is_by(purge, by) ||
		    !meaning_holds_object(purge->meaning, object))
			continue;
		purged = purge->soft ? MEANT_SOFT : MEANT_HARD;
		*at_ms = purge->at_ms;
	}
	lock_drop(&recent->lock);
	return purged;
}

bool
recent_means(struct recent *recent, uint64_t count,
    const struct object *object, uint64_t by)
{
	int64_t at_ms;

	return recent_judge(recent, count, object, by, &at_ms) != MEANT_NOT;
}
