/* cache/reader.c - rows of the file become objects again
 *
 * Each worker has a connection of its own. A load is one transaction: what a
 * few pages of a small row cost is mostly the locks of SQLite's transactions,
 * and a page and its dress are of the same moment. None is open between two
 * loads, so that the WAL can be emptied. */
#include "cache/cache.h"

#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"
#include "base/report.h"
#include "cache/inside.h"
#include "cache/purging.h"
#include "cache/row.h"

enum { BEGIN, END, FIND, LOAD, DRESS, STATEMENTS, READ_BUSY_MS = 100 };

static const char *const sql_table[STATEMENTS] = {
	[BEGIN] = "BEGIN",
	[END] = "COMMIT",
	[FIND] = "SELECT id, variant, answered_ms FROM entry WHERE key = ?1",
	/* LEFT: a row without its body is damaged, and not just absent */
	[LOAD] = "SELECT " ROW_COLUMNS ", bytes, last_used_ms, expired_ms "
	    "FROM entry "
	    "LEFT JOIN body ON body.id = entry.id WHERE entry.id = ?1",
	[DRESS] = "SELECT " DRESS_COLUMNS ", bytes, dress.id FROM dress "
	    "LEFT JOIN dress_body ON dress_body.id = dress.id "
	    "WHERE entry_id = ?1 AND theme_version = ?2",
};
enum {
	LAST_USED_COLUMN = ROW_BOUND + 1,
	EXPIRED_COLUMN,
	DRESS_ID_COLUMN = DRESS_BOUND + 1,
	TRIES = 4, /* at a row, while purges are closed */
};

struct cache_reader {
	struct cache *cache;
	struct db db;
	uint64_t generation; /* of the file that db has open */
	struct summing *summing;
};

struct cache_reader *
cache_reader_new(struct cache *cache)
{
	struct cache_reader *reader = mem_new(sizeof(*reader));

	reader->cache = cache;
	reader->summing = summing_new();
	return reader;
}

void
cache_reader_free(struct cache_reader **reader_p)
{
	struct cache_reader *reader = *reader_p;

	*reader_p = NULL;
	if (!reader)
		return;
	db_close(&reader->db);
	summing_free(&reader->summing);
	mem_free(&reader);
}

/* Without a handle of a file that is not in use any more. True: there is one
 * to be opened, or it is open. */
static bool
leave_old(struct cache_reader *reader, uint64_t generation)
{
	if (generation != reader->generation) {
		db_close(&reader->db);
		reader->generation = 0;
	}
	return generation != 0;
}

void
cache_reader_rest(struct cache_reader *reader)
{
	(void)leave_old(reader, writer_generation(reader->cache->writer));
}

/* Have the file open that the writer uses now. */
static bool
is_ready(struct cache_reader *reader)
{
	uint64_t generation = writer_generation(reader->cache->writer);
	struct err err;

	if (!leave_old(reader, generation))
		return false;
	if (generation == reader->generation)
		return true;
	if (db_open_reader(&reader->db, writer_file(reader->cache->writer),
	    sql_table, STATEMENTS, &err) != DB_OK)
		return false;
	sqlite3_busy_timeout(reader->db.sqlite, READ_BUSY_MS);
	reader->generation = generation;
	return true;
}

/* A damaged place costs the answer that is stored there and no other; what is
 * to become of the file is the writer's business. */
static void
check(struct cache_reader *reader, int rc, const char *url)
{
	if (db_state_of(reader->db.sqlite, rc) != DB_CORRUPT)
		return;
	counter_up(COUNT_DAMAGED);
	report_problem("store", url, "the cache file is damaged where this "
	    "is stored", "asked for anew");
	writer_suspect(reader->cache->writer, reader->generation);
}

/* The id of the newest variant that suits, or 0. */
static int64_t
find(struct cache_reader *reader, const struct key *key,
    request_field_f field, void *arg)
{
	sqlite3_stmt *stmt = db_use(&reader->db, FIND);
	int64_t best = 0, best_ms = INT64_MIN;
	struct object probe;
	int rc;

	memset(&probe, 0, sizeof(probe));
	sqlite3_bind_text64(stmt, 1, key->text, key->len, SQLITE_STATIC,
	    SQLITE_UTF8);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		int64_t answered_ms = sqlite3_column_int64(stmt, 2);

		probe.variant = (const char *)sqlite3_column_text(stmt, 1);
		if (answered_ms > best_ms && probe.variant &&
		    policy_vary_matches(&probe, field, arg)) {
			best = sqlite3_column_int64(stmt, 0);
			best_ms = answered_ms;
		}
	}
	sqlite3_reset(stmt);
	check(reader, rc, key_url(key));
	return best;
}

/* The object of row id with its sum, or NULL. */
static struct object *
load(struct cache_reader *reader, int64_t id, const struct key *key,
    struct sum *sum)
{
	sqlite3_stmt *stmt = db_use(&reader->db, LOAD);
	struct object *object = NULL;
	bool is_damaged = false;
	struct row row;
	int rc;

	sqlite3_bind_int64(stmt, 1, id);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		row_read(&row, stmt);
		if (row_is_whole(&row, key, reader->summing))
			object = row_to_object(&row, key);
		else
			is_damaged = true;
		*sum = row.sum;
	}
	if (object) {
		object->row = id;
		atomic_store(&object->last_used_ms,
		    sqlite3_column_int64(stmt, LAST_USED_COLUMN));
		if (sqlite3_column_int64(stmt, EXPIRED_COLUMN) !=
		    ROW_NOT_EXPIRED)
			object_expire(object,
			    sqlite3_column_int64(stmt, EXPIRED_COLUMN));
	}
	sqlite3_reset(stmt);
	check(reader, rc, key_url(key));
	if (is_damaged)
		writer_drop_damaged(reader->cache->writer, key_url(key), id,
		    sum, false);
	return object;
}

static bool
is_from(const struct sum *source, const struct sum *page)
{
	return memcmp(source->bytes, page->bytes, SUM_LEN) == 0;
}

static struct object *
load_dressed(struct cache_reader *reader, const struct object *page,
    const struct sum *page_sum, const char *theme_version)
{
	sqlite3_stmt *stmt = db_use(&reader->db, DRESS);
	struct object *dressed = NULL;
	int64_t damaged_id = 0;
	struct sum source;
	struct row row;
	int rc;

	sqlite3_bind_int64(stmt, 1, page->row);
	sqlite3_bind_text(stmt, 2, theme_version, -1, SQLITE_STATIC);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		dress_read(&row, &source, stmt);
		if (!dress_is_whole(&row, &source, reader->summing))
			damaged_id = sqlite3_column_int64(stmt,
			    DRESS_ID_COLUMN);
		else if (is_from(&source, page_sum) &&
		    dress_is_version(&row, theme_version))
			dressed = dress_to_object(&row, page);
	}
	sqlite3_reset(stmt);
	check(reader, rc, page->url);
	if (damaged_id)
		writer_drop_damaged(reader->cache->writer, page->url,
		    damaged_id, &row.sum, true);
	return dressed;
}

/* As cache_load(), of a file that is open. */
static struct object *
load_both(struct cache_reader *reader, const struct key *key,
    request_field_f field, void *arg, const char *theme_version,
    struct object **worn)
{
	struct object *object;
	struct sum sum;
	int64_t id;

	/* If it cannot begin, each statement is one of its own. */
	(void)db_run(db_use(&reader->db, BEGIN));
	id = find(reader, key, field, arg);
	object = id ? load(reader, id, key, &sum) : NULL;
	if (object && theme_version)
		*worn = load_dressed(reader, object, &sum, theme_version);
	/* an error may have ended it already */
	(void)db_run(db_use(&reader->db, END));
	if (!sqlite3_get_autocommit(reader->db.sqlite))
		(void)leave_old(reader, 0); /* to be opened anew */
	return object;
}

/* The same, unless it has been purged. *again: it may have been, and the row is
 * to be read once more. */
static struct object *
load_valid(struct cache_reader *reader, const struct key *key,
    request_field_f field, void *arg, const char *theme_version,
    struct object **worn, bool *again)
{
	struct writer *writer = reader->cache->writer;
	uint64_t closings = writer_closings(writer);
	/* Before the row is read: the writer may come to a purge right after
	 * that, and what was read is from before it. */
	uint64_t done = writer_purges_done(writer);
	struct object *object;
	bool purged;

	*again = false;
	if (!is_ready(reader))
		return NULL;
	object = load_both(reader, key, field, arg, theme_version, worn);
	purged = object && writer_has_purged(writer, done, object);
	*again = object && !purged && writer_closings(writer) != closings;
	if (purged || *again) {
		object_unref(&object);
		object_unref(worn);
	}
	return object;
}

struct object *
cache_load(struct cache_reader *reader, const struct key *key,
    request_field_f field, void *arg, const char *theme_version,
    struct object **dressed)
{
	struct object *object = NULL, *worn = NULL;
	uint64_t epoch = memtier_epoch(reader->cache->memtier);
	bool again = true;

	if (dressed)
		*dressed = NULL;
	for (int i = 0; again && i < TRIES; i++)
		object = load_valid(reader, key, field, arg, theme_version,
		    &worn, &again);
	if (!object)
		return NULL;
	memtier_offer(reader->cache->memtier, object, worn, epoch);
	if (dressed)
		*dressed = object_ref(worn);
	object_unref(&worn);
	return object;
}
