/* cache/cache.c - the two tiers behind one door
 *
 * Nothing is decided here: memtier.c finds, memtier_room.c throws out, writer.c
 * writes, reader.c reads. What each purge must touch, and in which order, is
 * here. */
#include "cache/cache.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"
#include "cache/hash.h"
#include "cache/inside.h"
#include "cache/purge.h"
#include "cache/recent.h"

/* Once, and before SQLite does anything: its own statistics cost a lock that
 * all threads share. */
static void
configure_sqlite(void)
{
	static _Atomic bool done;

	if (!atomic_exchange(&done, true))
		sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int
cache_open(struct cache **out, const struct cache_opts *opts, struct err *err)
{
	struct cache *cache = mem_new(sizeof(*cache));

	configure_sqlite();
	lock_init(&cache->figures_lock);
	cache->memtier = memtier_new(opts->memory_max, opts->variants_max);
	if (writer_new(&cache->writer, opts, cache->memtier, err) != 0) {
		memtier_free(&cache->memtier);
		lock_fini(&cache->figures_lock);
		mem_free(&cache);
		return -1;
	}
	*out = cache;
	return 0;
}

void
cache_close(struct cache **cache_p)
{
	struct cache *cache = *cache_p;
	struct writer *writer;

	*cache_p = NULL;
	if (!cache)
		return;
	/* To its end the writer may report what comes back by this cache. */
	writer = cache->writer;
	writer_free(&writer);
	memtier_free(&cache->memtier);
	lock_fini(&cache->figures_lock);
	mem_free(&cache);
}

const char *
cache_file(const struct cache *cache)
{
	return writer_file(cache->writer);
}

void
cache_set_limits(struct cache *cache, const struct cache_opts *opts)
{
	memtier_set_limits(cache->memtier, opts->memory_max,
	    opts->variants_max);
	writer_set_limits(cache->writer, opts);
}

/* ---- looking up and storing ---- */

struct object *
cache_find(struct cache *cache, const struct key *key, request_field_f field,
    void *arg, struct object **dressed)
{
	return memtier_find(cache->memtier, key, field, arg, dressed);
}

void
cache_touch(struct cache *cache, struct object *object, int64_t now_ms)
{
	writer_touch(cache->writer, object, now_ms);
}

bool
cache_has(struct cache *cache, const struct key *key)
{
	return memtier_has(cache->memtier, key);
}

bool
cache_store(struct cache *cache, struct object *object)
{
	(void)memtier_put(cache->memtier, object);
	return writer_store(cache->writer, object);
}

/* The file sees that the body is the same, and writes the rest only. */
bool
cache_freshen(struct cache *cache, struct object *old_object,
    struct object *fresh)
{
	must(strcmp(old_object->key.text, fresh->key.text) == 0);
	return cache_store(cache, fresh);
}

bool
cache_store_dressed(struct cache *cache, struct object *page,
    struct object *dressed)
{
	memtier_dress(cache->memtier, page, dressed);
	/* "The rules leave it alone" is soon found out again. */
	if (!dressed->theme || dressed->good_until_ms)
		return false;
	return writer_store_dressed(cache->writer, page, dressed);
}

bool
cache_resize(struct cache *cache, const struct object *object)
{
	return memtier_resize(cache->memtier, object);
}

void
cache_note_error(struct cache *cache, const struct key *key,
    const char *reason)
{
	writer_post(cache->writer, DEED_ERROR,
	    (const char *[]){key->text, reason}, 2, 0);
}

static bool
is_marked(struct mark *mark, uint64_t hash, int64_t now_ms)
{
	return atomic_load(&mark->hash) == hash &&
	    atomic_load(&mark->until_ms) > now_ms;
}

static void
set_mark(struct mark *mark, uint64_t hash, int64_t until_ms)
{
	atomic_store(&mark->until_ms, until_ms);
	atomic_store(&mark->hash, hash);
}

void
cache_note_unstored(struct cache *cache, const struct key *key,
    const char *why, int64_t now_ms)
{
	struct mark *mark = &cache->unstored[key->hash % UNSTORED_MARKS];

	if (is_marked(mark, key->hash, now_ms))
		return;
	set_mark(mark, key->hash, now_ms + UNSTORED_MS);
	writer_post(cache->writer, DEED_UNSTORED,
	    (const char *[]){key_url(key), why}, 2, 0);
}

void
cache_mark_unshared(struct cache *cache, const struct key *key,
    int64_t until_ms)
{
	set_mark(&cache->unshared[key->hash % UNSHARED_MARKS], key->hash,
	    until_ms);
}

bool
cache_is_unshared(struct cache *cache, const struct key *key, int64_t now_ms)
{
	return is_marked(&cache->unshared[key->hash % UNSHARED_MARKS],
	    key->hash, now_ms);
}

/* ---- purging ---- */

struct purged
cache_purge(struct cache *cache, struct meaning *meaning, bool soft)
{
	const struct purge_deed deed = {
		.meaning = meaning,
		.soft = soft,
		.at_ms = clock_wall_ms(),
	};
	struct purged purged = writer_purge(cache->writer, &deed);

	counter_add(soft ? COUNT_EXPIRED : COUNT_PURGED, purged.count);
	counter_up(COUNT_PURGES);
	return purged;
}

static void
invalidate(struct cache *cache, const char *kind, const char *key, uint64_t by)
{
	struct purge_deed deed = {.at_ms = clock_wall_ms(), .by = by};
	struct err err;

	if (meaning_new(&deed.meaning, kind, key, &err) != 0)
		return;
	writer_purge_later(cache->writer, &deed);
	meaning_unref(&deed.meaning);
}

void
cache_invalidate(struct cache *cache, const struct key *key)
{
	invalidate(cache, "key", key->text, 0);
}

void
cache_invalidate_by(struct cache *cache, const struct key *key, uint64_t by)
{
	invalidate(cache, "key", key->text, by);
}

void
cache_invalidate_tags(struct cache *cache, const char *tags, uint64_t by)
{
	invalidate(cache, "tags", tags, by);
}

uint64_t
cache_new_number(struct cache *cache)
{
	return atomic_fetch_add(&cache->numbers, 1) + 1;
}

uint64_t
cache_purges(struct cache *cache)
{
	return recent_count(memtier_recent(cache->memtier));
}

uint64_t
cache_purges_of_parts(struct cache *cache)
{
	return recent_count_of_parts(memtier_recent(cache->memtier));
}

bool
cache_was_purged(struct cache *cache, uint64_t purges,
    const struct object *object)
{
	return cache_was_purged_by_others(cache, purges, object, 0);
}

bool
cache_was_purged_by_others(struct cache *cache, uint64_t purges,
    const struct object *object, uint64_t by)
{
	return recent_means(memtier_recent(cache->memtier), purges, object,
	    by);
}

void
cache_on_change(struct cache *cache,
    void (*told)(void *arg, const char *kind, const char *key,
    int64_t at_ms), void *arg)
{
	writer_on_change(cache->writer, told, arg);
}

/* ---- beside answers ---- */

void
cache_problem(struct cache *cache, const char *what, const char *url,
    const char *reason, const char *instead)
{
	writer_post(cache->writer, DEED_PROBLEM,
	    (const char *[]){what, url, reason, instead}, 4, 0);
}

void
cache_address(struct cache *cache, const char *host, const char *address)
{
	writer_post(cache->writer, DEED_ADDRESS,
	    (const char *[]){host, address}, 2, 0);
}

/* Bytes of a site's ignored parameters, as the file keeps them. */
enum { IGNORED_MAX = 64 << 10 };

void
cache_theme_live(struct cache *cache, const char *theme, const char *url,
    const char *version, size_t size, int64_t fetched_ms)
{
	char when[24];

	snprintf(when, sizeof(when), "%" PRId64, fetched_ms);
	writer_post(cache->writer, DEED_THEME,
	    (const char *[]){theme, url, version, when}, 4, (int64_t)size);
}

void
cache_site(struct cache *cache, const char *site,
    const struct policy_opts *opts, const struct query_rules *query)
{
	const char *const *name = query ? query->ignore : NULL;
	struct buf ignored;

	buf_init(&ignored, IGNORED_MAX);
	for (; name && *name; name++)
		buf_printf(&ignored, "%s%s", ignored.len ? " " : "", *name);
	writer_post(cache->writer, DEED_SITE,
	    (const char *[]){site, opts->stale_override ? "1" : "0",
		query && query->sort ? "1" : "0",
		ignored.len && !ignored.failed ? ignored.data : ""}, 4,
	    opts->stale_max_ms);
	buf_fini(&ignored);
}

/* A wrong address would be asked for the site's pages: none is believed that
 * is not as it was written. */
static bool
is_whole_address(sqlite3_stmt *stmt, struct summing *summing)
{
	const void *stored = sqlite3_column_blob(stmt, 2);
	struct sum sum;

	summing_text(summing, (const char *)sqlite3_column_text(stmt, 0));
	summing_text(summing, (const char *)sqlite3_column_text(stmt, 1));
	sum = summing_end(summing);
	return sqlite3_column_bytes(stmt, 2) == SUM_LEN &&
	    memcmp(stored, sum.bytes, SUM_LEN) == 0;
}

void
cache_addresses(struct cache *cache,
    void (*told)(void *arg, const char *host, const char *address), void *arg)
{
	static const char *const sql[] = {"SELECT host, address, sum FROM "
	    "address ORDER BY host, seen_ms DESC"};
	struct summing *summing;
	sqlite3_stmt *stmt;
	struct db db;

	if (writer_generation(cache->writer) == 0 ||
	    db_open_reader(&db, cache_file(cache), sql, 1, NULL) != DB_OK)
		return;
	summing = summing_new();
	stmt = db_use(&db, 0);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		if (is_whole_address(stmt, summing))
			told(arg, (const char *)sqlite3_column_text(stmt, 0),
			    (const char *)sqlite3_column_text(stmt, 1));
		else
			counter_up(COUNT_DAMAGED);
	}
	summing_free(&summing);
	db_close(&db);
}
