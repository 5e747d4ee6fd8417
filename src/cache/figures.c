/* cache/figures.c - what is in the file, in numbers
 *
 * Counting reads every row's first page: a fifth of a second for a million of
 * them, over one when the disk has to be asked. So what took long is believed
 * for some time, and whoever asks often costs little more than who asks once. */
#include "cache/cache.h"

#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "cache/inside.h"

enum {
	SLOW_US = 50000, /* quicker than this is read each time */
	REST = 20,       /* times what it took, until it is read again */
};

static void
read_file(struct cache *cache, struct cache_figures *out)
{
	static const char *const sql[] = {"SELECT count(*), "
	    "coalesce(sum(size), 0), coalesce(sum(answered_ms - "
	    "initial_age_ms + lifetime_ms < ?1 OR no_cache), 0), "
	    "(SELECT count(*) FROM dress) FROM entry"};
	sqlite3_stmt *stmt;
	struct db db;

	if (db_open_reader(&db, cache_file(cache), sql, 1, NULL) != DB_OK)
		return;
	stmt = db_use(&db, 0);
	sqlite3_bind_int64(stmt, 1, clock_wall_ms());
	if (sqlite3_step(stmt) == SQLITE_ROW) {
		out->entries = (uint64_t)sqlite3_column_int64(stmt, 0);
		out->entry_bytes = (uint64_t)sqlite3_column_int64(stmt, 1);
		out->stale = (uint64_t)sqlite3_column_int64(stmt, 2);
		out->dressed = (uint64_t)sqlite3_column_int64(stmt, 3);
	}
	db_close(&db);
}

static bool
is_known(struct cache *cache, uint64_t generation, struct cache_figures *out)
{
	bool known;

	lock_take(&cache->figures_lock);
	known = generation == cache->figures_generation &&
	    clock_mono_us() < cache->figures_good_until_us;
	if (known)
		*out = cache->figures;
	lock_drop(&cache->figures_lock);
	return known;
}

static void
read_or_recall(struct cache *cache, uint64_t generation,
    struct cache_figures *out)
{
	uint64_t start = clock_mono_us(), took;

	if (is_known(cache, generation, out))
		return;
	read_file(cache, out);
	took = clock_mono_us() - start;
	if (took < SLOW_US)
		return;
	lock_take(&cache->figures_lock);
	cache->figures = *out;
	cache->figures_generation = generation;
	cache->figures_good_until_us = start + REST * took;
	lock_drop(&cache->figures_lock);
}

void
cache_read_figures(struct cache *cache, struct cache_figures *out)
{
	uint64_t generation = writer_generation(cache->writer);
	struct stat st;

	memset(out, 0, sizeof(*out));
	if (generation != 0)
		read_or_recall(cache, generation, out);
	out->trouble = writer_trouble(cache->writer);
	out->in_memory_only = !cache_file(cache) || out->trouble;
	if (generation == 0)
		return;
	out->wal_bytes = writer_wal_bytes(cache->writer);
	if (stat(cache_file(cache), &st) == 0)
		out->file_bytes = (uint64_t)st.st_size;
}
