/* cache/preview.c - what a purge would mean, before it or instead of it
 *
 * Reads the file by a connection of its own, so the writer is not held up. */
#include "cache/cache.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cache/inside.h"
#include "cache/purge.h"
#include "cache/purging.h"

enum { PREVIEW_US = 5000000 };

static bool
open_file(struct cache *cache, struct db *db)
{
	return writer_generation(cache->writer) != 0 &&
	    db_open_reader(db, cache_file(cache), NULL, 0, NULL) == DB_OK;
}

struct purged
cache_purge_count(struct cache *cache, struct meaning *meaning)
{
	unsigned in_memory = purge_count_memory(cache->memtier, meaning);
	struct purged purged = {0, false};
	struct db db;

	if (open_file(cache, &db)) {
		if (purging_count(db.sqlite, meaning,
		    writer_covered(cache->writer, meaning), INT64_MAX,
		    clock_mono_us() + PREVIEW_US, &purged.count,
		    &purged.more) != SQLITE_OK)
			purged.count = 0;
		db_close(&db);
	}
	if (purged.count < in_memory)
		purged.count = in_memory;
	return purged;
}

/* ---- the most used ---- */

/* Of the pages in memory those that were used last, where there is no file. */
struct last_used {
	const struct meaning *meaning;
	struct object **objects; /* counted, the latest first */
	unsigned count, max;
};

static int64_t
used_ms(const struct object *object)
{
	return atomic_load(&object->last_used_ms);
}

static bool
note_used(struct object *object, void *arg)
{
	struct last_used *last = arg;
	unsigned at = last->count;

	if (object->kind != KIND_PAGE ||
	    !meaning_holds_object(last->meaning, object))
		return false;
	while (at > 0 && used_ms(last->objects[at - 1]) < used_ms(object))
		at--;
	if (at == last->max)
		return false;
	if (last->count == last->max)
		object_unref(&last->objects[--last->count]);
	memmove(last->objects + at + 1, last->objects + at,
	    (last->count - at) * sizeof(*last->objects));
	last->objects[at] = object_ref(object);
	last->count++;
	return false;
}

static void
most_used_in_memory(struct cache *cache, const struct meaning *meaning,
    unsigned max, void (*told)(void *arg, const char *url,
    const char *variant), void *arg)
{
	struct last_used last = {meaning,
	    mem_new_array(max, sizeof(struct object *)), 0, max};

	(void)memtier_drop_if(cache->memtier, note_used, &last);
	for (unsigned i = 0; i < last.count; i++) {
		told(arg, last.objects[i]->url, last.objects[i]->variant);
		object_unref(&last.objects[i]);
	}
	mem_free(&last.objects);
}

void
cache_most_used(struct cache *cache, struct meaning *meaning, unsigned max,
    void (*told)(void *arg, const char *url, const char *variant), void *arg)
{
	struct db db;

	if (!open_file(cache, &db)) {
		most_used_in_memory(cache, meaning, max, told, arg);
		return;
	}
	(void)purging_most_used(db.sqlite, meaning, max,
	    clock_mono_us() + PREVIEW_US, told, arg);
	db_close(&db);
}
