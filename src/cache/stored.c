/* cache/stored.c - reading answers from a cache file from outside (contract:
 * cache/stored.h)
 *
 * No transaction outlives one answer: a reader that stays would keep the
 * server from shortening its WAL. */
#include "cache/stored.h"

#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "cache/look.h"
#include "cache/rows.h"
#include "cache/target.h"

enum { BODY_ID = ROW_BOUND + 1 }; /* the column behind the body */

static const char sql_count[] =
    "SELECT count(*) FROM entry WHERE kind = 'page' AND status = 200 "
    "AND (?1 IS NULL OR site = ?1)";
static const char sql_next[] =
    "SELECT " ROW_COLUMNS ", bytes, entry.id FROM entry JOIN body "
    "ON body.id = entry.id WHERE entry.id > ?2 AND kind = 'page' "
    "AND status = 200 AND (?1 IS NULL OR site = ?1) ORDER BY entry.id "
    "LIMIT 1";
static const char sql_find[] =
    "SELECT " ROW_COLUMNS ", bytes, entry.id FROM entry JOIN body "
    "ON body.id = entry.id WHERE target = ?1 AND url = ?2 AND status = 200 "
    "ORDER BY answered_ms DESC LIMIT 1";
static const char sql_answer[] =
    "SELECT " ROW_COLUMNS ", bytes, entry.id FROM entry JOIN body "
    "ON body.id = entry.id WHERE target = ?1 AND url = ?2 AND "
    "status IN (200, 301, 302, 303, 307, 308) "
    "ORDER BY answered_ms DESC LIMIT 1";
static const char sql_dress[] =
    "SELECT " DRESS_COLUMNS ", bytes FROM dress JOIN dress_body "
    "ON dress_body.id = dress.id WHERE entry_id = ?1 AND theme_version = ?2";
static const char sql_theme[] =
    "SELECT name, url, version FROM theme WHERE live AND "
    "(?1 IS NULL OR name = ?1) ORDER BY fetched_ms";

struct stored {
	sqlite3 *sqlite;
	sqlite3_stmt *count, *next, *find, *answer, *dress, *theme;
	struct summing *summing;
	struct arena *arena; /* what stored_theme() gave */
	int64_t last_id, damaged;
};

CHECKED int
stored_open(struct stored **out, const char *file, struct err *err)
{
	struct stored *stored = mem_new(sizeof(*stored));
	int rc = -1;

	stored->summing = summing_new();
	stored->arena = arena_new(1024);
	if (look_open(&stored->sqlite, file, err) != 0 ||
	    look_prepare(&stored->count, stored->sqlite, sql_count, err) != 0 ||
	    look_prepare(&stored->next, stored->sqlite, sql_next, err) != 0 ||
	    look_prepare(&stored->find, stored->sqlite, sql_find, err) != 0 ||
	    look_prepare(&stored->answer, stored->sqlite, sql_answer, err) !=
		0 ||
	    look_prepare(&stored->dress, stored->sqlite, sql_dress, err) != 0 ||
	    look_prepare(&stored->theme, stored->sqlite, sql_theme, err) != 0)
		goto out;
	*out = stored;
	stored = NULL;
	rc = 0;
out:
	stored_close(&stored);
	return rc;
}

void
stored_close(struct stored **stored)
{
	struct stored *old = *stored;

	if (!old)
		return;
	sqlite3_finalize(old->count);
	sqlite3_finalize(old->next);
	sqlite3_finalize(old->find);
	sqlite3_finalize(old->answer);
	sqlite3_finalize(old->dress);
	sqlite3_finalize(old->theme);
	sqlite3_close(old->sqlite);
	summing_free(&old->summing);
	arena_free(&old->arena);
	mem_free(stored);
}

int64_t
stored_count(struct stored *stored, const char *site)
{
	int64_t count = 0;

	sqlite3_bind_text(stored->count, 1, site, -1, SQLITE_STATIC);
	if (sqlite3_step(stored->count) == SQLITE_ROW)
		count = sqlite3_column_int64(stored->count, 0);
	sqlite3_reset(stored->count);
	return count;
}

int64_t
stored_damaged(const struct stored *stored)
{
	return stored->damaged;
}

/* The row that the statement stands at, if it is whole. */
static struct object *
object_of(struct stored *stored, sqlite3_stmt *stmt, struct sum *sum)
{
	const char *text = (const char *)sqlite3_column_text(stmt, 0);
	struct object *object = NULL;
	struct key key = {.text = text, .len = text ? strlen(text) : 0};
	struct row row;

	if (!text)
		return NULL;
	key_hash(&key);
	row_read(&row, stmt);
	if (row_is_whole(&row, &key, stored->summing))
		object = row_to_object(&row, &key);
	*sum = row.sum;
	if (object)
		object->row = sqlite3_column_int64(stmt, BODY_ID);
	return object;
}

static struct object *
find_dressed(struct stored *stored, const struct object *page,
    const struct sum *sum, const char *theme_version)
{
	sqlite3_stmt *stmt = stored->dress;
	struct object *dressed = NULL;
	struct sum source;
	struct row row;

	sqlite3_bind_int64(stmt, 1, page->row);
	sqlite3_bind_text(stmt, 2, theme_version, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) == SQLITE_ROW) {
		dress_read(&row, &source, stmt);
		if (dress_is_whole(&row, &source, stored->summing) &&
		    memcmp(source.bytes, sum->bytes, SUM_LEN) == 0)
			dressed = dress_to_object(&row, page);
	}
	sqlite3_reset(stmt);
	return dressed;
}

/* False: past the last, or the file cannot be read there. */
static bool
step(struct stored *stored, const char *site, struct object **object,
    struct sum *sum)
{
	sqlite3_stmt *stmt = stored->next;
	bool is_row;

	sqlite3_bind_text(stmt, 1, site, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, stored->last_id);
	is_row = sqlite3_step(stmt) == SQLITE_ROW;
	if (is_row) {
		stored->last_id = sqlite3_column_int64(stmt, BODY_ID);
		*object = object_of(stored, stmt, sum);
		stored->damaged += !*object;
	}
	sqlite3_reset(stmt);
	return is_row;
}

struct object *
stored_next(struct stored *stored, const char *site, const char *theme_version,
    struct object **dressed)
{
	struct object *object = NULL;
	struct sum sum;

	while (!object && step(stored, site, &object, &sum))
		;
	if (dressed)
		*dressed =
		    object && theme_version
			? find_dressed(stored, object, &sum, theme_version)
			: NULL;
	return object;
}

static struct object *
find(struct stored *stored, sqlite3_stmt *stmt, const char *url)
{
	struct object *object = NULL;
	struct sum sum;

	sqlite3_bind_text(stmt, 1, target_of(url), -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, url, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		object = object_of(stored, stmt, &sum);
	sqlite3_reset(stmt);
	return object;
}

struct object *
stored_find(struct stored *stored, const char *url)
{
	return find(stored, stored->find, url);
}

struct object *
stored_answer(struct stored *stored, const char *url)
{
	return find(stored, stored->answer, url);
}

static const char *
keep(struct stored *stored, int column)
{
	const char *text =
	    (const char *)sqlite3_column_text(stored->theme, column);

	return arena_strdup(stored->arena, text ? text : "");
}

int
stored_theme(struct stored *stored, const char *name, const char **is,
    const char **url, const char **version)
{
	int count = 0;

	sqlite3_bind_text(stored->theme, 1, name, -1, SQLITE_STATIC);
	while (sqlite3_step(stored->theme) == SQLITE_ROW) {
		*is = keep(stored, 0);
		*url = keep(stored, 1);
		*version = keep(stored, 2);
		count++;
	}
	sqlite3_reset(stored->theme);
	return count;
}
