/* cache/epoch.c - a short list under a lock */
#include "cache/epoch.h"

#include <string.h>

#include "base/lock.h"
#include "base/mem.h"

struct epochs {
	_Atomic unsigned count; /* written under lock */
	_Atomic uint64_t closings;
	_Atomic int64_t max_id;
	struct lock lock;
	struct epoch *list; /* shared: under lock; `count` of them, by seq */
	unsigned room;
};

struct epochs *
epochs_new(void)
{
	struct epochs *epochs = mem_new(sizeof(*epochs));

	lock_init(&epochs->lock);
	return epochs;
}

void
epochs_free(struct epochs **epochs)
{
	if (!*epochs)
		return;
	epochs_clear(*epochs);
	lock_fini(&(*epochs)->lock);
	mem_free(&(*epochs)->list);
	mem_free(epochs);
}

static void
find_max(struct epochs *epochs)
{
	int64_t max = 0;

	for (unsigned i = 0; i < epochs->count; i++)
		if (epochs->list[i].max_id > max)
			max = epochs->list[i].max_id;
	atomic_store(&epochs->max_id, max);
}

static bool
has(const struct epochs *epochs, int64_t seq)
{
	for (unsigned i = 0; i < epochs->count; i++)
		if (epochs->list[i].seq == seq)
			return true;
	return false;
}

void
epochs_add(struct epochs *epochs, const struct epoch *epoch)
{
	lock_take(&epochs->lock);
	if (!has(epochs, epoch->seq)) {
		if (epochs->count == epochs->room) {
			epochs->room = epochs->room ? 2 * epochs->room : 16;
			epochs->list = mem_resize(epochs->list,
			    epochs->room * sizeof(*epochs->list));
		}
		epochs->list[epochs->count] = *epoch;
		meaning_ref(epoch->meaning);
		atomic_fetch_add(&epochs->count, 1);
		find_max(epochs);
	}
	lock_drop(&epochs->lock);
}

/* Only the writer thread changes the list, so it may read without the lock. */
struct epoch *
epochs_next(struct epochs *epochs)
{
	for (unsigned i = 0; i < epochs->count; i++)
		if (!epochs->list[i].is_over)
			return &epochs->list[i];
	return NULL;
}

unsigned
epochs_count(struct epochs *epochs)
{
	return atomic_load(&epochs->count);
}

int64_t
epochs_max_id(struct epochs *epochs)
{
	return atomic_load(&epochs->max_id);
}

static bool
covers(const struct epoch *epoch, const struct meaning *meaning)
{
	const char *kind = meaning_kind(epoch->meaning);

	if (epoch->soft)
		return false;
	if (strcmp(kind, "all") == 0 && !*meaning_where(epoch->meaning))
		return strcmp(meaning_kind(meaning), "key") != 0;
	return strcmp(kind, meaning_kind(meaning)) == 0 &&
	    strcmp(meaning_key(epoch->meaning), meaning_key(meaning)) == 0;
}

int64_t
epochs_covered(struct epochs *epochs, const struct meaning *meaning)
{
	int64_t max = 0;

	lock_take(&epochs->lock);
	for (unsigned i = 0; i < epochs->count; i++)
		if (covers(&epochs->list[i], meaning) &&
		    epochs->list[i].max_id > max)
			max = epochs->list[i].max_id;
	lock_drop(&epochs->lock);
	return max;
}

/* The lock is held. */
static void
take_out(struct epochs *epochs, unsigned i)
{
	meaning_unref(&epochs->list[i].meaning);
	memmove(&epochs->list[i], &epochs->list[i + 1],
	    (epochs->count - i - 1) * sizeof(*epochs->list));
	atomic_fetch_sub(&epochs->count, 1);
	atomic_fetch_add(&epochs->closings, 1);
	find_max(epochs);
}

/* Take out those that `gone` says; the lock is held. */
static void
thin(struct epochs *epochs, bool (*gone)(const struct epoch *epoch))
{
	unsigned kept = 0, count = epochs->count;

	for (unsigned i = 0; i < count; i++) {
		if (gone(&epochs->list[i]))
			meaning_unref(&epochs->list[i].meaning);
		else
			epochs->list[kept++] = epochs->list[i];
	}
	if (kept == count)
		return;
	atomic_store(&epochs->count, kept);
	atomic_fetch_add(&epochs->closings, 1);
	find_max(epochs);
}

/* Only the writer thread changes the list: it may ask without the lock. */
void
epochs_thin(struct epochs *epochs,
    bool (*gone)(void *arg, const struct epoch *epoch), void *arg)
{
	for (unsigned i = epochs_count(epochs); i-- > 0;) {
		if (!gone(arg, &epochs->list[i]))
			continue;
		lock_take(&epochs->lock);
		take_out(epochs, i);
		lock_drop(&epochs->lock);
	}
}

static bool
is_over(const struct epoch *epoch)
{
	return epoch->is_over;
}

static bool
is_new(const struct epoch *epoch)
{
	return epoch->is_new;
}

static bool
is_any(const struct epoch *epoch)
{
	(void)epoch;
	return true;
}

void
epochs_settle(struct epochs *epochs, bool committed)
{
	if (epochs_count(epochs) == 0)
		return;
	lock_take(&epochs->lock);
	thin(epochs, committed ? is_over : is_new);
	for (unsigned i = 0; i < epochs->count; i++) {
		struct epoch *epoch = &epochs->list[i];

		epoch->is_new = epoch->is_over = false;
		if (committed)
			epoch->cursor_before = epoch->cursor;
		else
			epoch->cursor = epoch->cursor_before;
	}
	lock_drop(&epochs->lock);
}

void
epochs_clear(struct epochs *epochs)
{
	lock_take(&epochs->lock);
	thin(epochs, is_any);
	lock_drop(&epochs->lock);
}

enum meant
epochs_judge(struct epochs *epochs, const struct object *object,
    int64_t *at_ms)
{
	enum meant purged = MEANT_NOT;

	if (epochs_count(epochs) == 0)
		return MEANT_NOT;
	lock_take(&epochs->lock);
	for (unsigned i = 0; i < epochs->count; i++) {
		const struct epoch *epoch = &epochs->list[i];

		if (object->row > epoch->max_id ||
		    (epoch->soft && purged == MEANT_SOFT) ||
		    !meaning_holds_object(epoch->meaning, object))
			continue;
		purged = epoch->soft ? MEANT_SOFT : MEANT_HARD;
		if (!epoch->soft)
			break;
		*at_ms = epoch->at_ms;
	}
	lock_drop(&epochs->lock);
	return purged;
}

uint64_t
epochs_closings(struct epochs *epochs)
{
	return atomic_load(&epochs->closings);
}
