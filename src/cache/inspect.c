/* cache/inspect.c - the questions of `livery cache`: ls, stat, show
 *
 * `why` and `purge` have files of their own. All read through the views or through the same
 * checked rows as livery itself. */
#include "cache/inspect.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/regex.h"
#include "cache/look.h"
#include "cache/meaning.h"
#include "cache/target.h"
#include "cache/unswept.h"

const char *
cache_default_file(void)
{
	return access("cache/schema.sql", F_OK) == 0 ? "./cache/cache.db" :
	    "/var/cache/livery/cache.db";
}

/* ---- ls ---- */

static bool
is_wanted(const char *pattern, const char *url)
{

	return strpbrk(pattern, "*?") ? glob_matches(pattern, url, false) :
	    strstr(url, pattern) != NULL;
}

int
inspect_ls(const char *file, const char *pattern, FILE *out, struct err *err)
{
	struct unswept *unswept = NULL;
	sqlite3_stmt *stmt = NULL;
	sqlite3 *sqlite;
	int rc = -1;

	if (look_open(&sqlite, file, err) != 0)
		return -1;
	if (unswept_new(&unswept, sqlite, err) != 0 ||
	    unswept_function(unswept, err) != 0 ||
	    look_prepare(&stmt, sqlite, "SELECT url, site, kind, status, "
	    "state_of(id, state) AS state, age_s, ttl_s, size, hits "
	    "FROM entries ORDER BY url", err) != 0)
		goto out;
	look_table(out, stmt, pattern ? is_wanted : NULL, pattern);
	rc = 0;
out:
	sqlite3_finalize(stmt);
	unswept_free(&unswept);
	sqlite3_close(sqlite);
	return rc;
}

/* ---- stat ---- */

static int
print_query(sqlite3 *sqlite, const char *title, const char *sql, FILE *out,
    struct err *err)
{
	sqlite3_stmt *stmt;

	if (look_prepare(&stmt, sqlite, sql, err) != 0)
		return -1;
	if (title)
		fprintf(out, "\n%s\n", title);
	look_table(out, stmt, NULL, NULL);
	sqlite3_finalize(stmt);
	return 0;
}

static long long
size_of(const char *file, const char *suffix)
{
	char *name = mem_printf("%s%s", file, suffix);
	struct stat st;
	long long size = stat(name, &st) == 0 ? (long long)st.st_size : 0;

	mem_free(&name);
	return size;
}

int
inspect_stat(const char *file, FILE *out, struct err *err)
{
	static const char *const queries[][2] = {
		{"answers by kind and state",
		    "SELECT kind, state, count(*) AS answers, "
		    "sum(size) AS bytes, sum(hits) AS hits FROM entries "
		    "GROUP BY kind, state ORDER BY kind, state"},
		{"dressed pages by theme",
		    "SELECT theme, theme_version, count(*) AS pages, "
		    "sum(size) AS bytes FROM dressed "
		    "GROUP BY theme, theme_version"},
		{"themes", "SELECT name, version, live, fetched_at, pages, "
		    "url FROM themes ORDER BY name, fetched_at DESC"},
		{"newest problems", "SELECT last_at, times, what, url, "
		    "reason, instead FROM problems LIMIT 10"},
	};
	struct look_busy busy;
	sqlite3 *sqlite;
	int rc = 0;

	if (look_open(&sqlite, file, err) != 0)
		return -1;
	look_busy(&busy, sqlite, size_of(file, ""));
	fprintf(out, "file\t%s\nbytes\t%lld\nwal_bytes\t%lld\n", file,
	    size_of(file, ""), size_of(file, "-wal"));
	fprintf(out, "free_bytes\t%lld\n", (long long)
	    (db_number(sqlite, "PRAGMA freelist_count", 0) *
	    db_page_size(sqlite)));
	for (size_t i = 0; i < COUNT_OF(queries) && rc == 0; i++)
		rc = print_query(sqlite, queries[i][0], queries[i][1], out,
		    err);
	look_calm(&busy, sqlite);
	sqlite3_close(sqlite);
	return rc;
}

/* ---- show ---- */

enum { ENTRY_ID = ROW_BOUND + 1 }; /* the column behind the body */

static const char sql_shown[] = "SELECT " ROW_COLUMNS ", bytes, entry.id FROM "
    "entry LEFT JOIN body ON body.id = entry.id WHERE target = ?1 "
    "AND (url = ?2 OR ?1 = ?2) ORDER BY kind <> 'page', answered_ms DESC";

/* Print one row after checking it. */
static int
print_row(sqlite3_stmt *stmt, int with_body, FILE *out, struct err *err)
{
	struct summing *summing = summing_new();
	struct object *object = NULL;
	struct row row;
	struct key key;
	int rc = -1;

	row_read(&row, stmt);
	/* whatever key stands in the row: the sum says if it is right */
	key.text = row.text[0].from;
	key.len = row.text[0].len;
	if (!key.text || !row_is_whole(&row, &key, summing)) {
		err_set(err, "the stored row is damaged: livery would drop "
		    "it and fetch the page anew");
		goto out;
	}
	key_hash(&key);
	object = row_to_object(&row, &key);
	if (!object) {
		err_set(err, "no memory for it");
		goto out;
	}
	fprintf(out, "%d\n", object->status);
	for (unsigned i = 0; i < object->head.count; i++) {
		look_print(out, object->head.fields[i].name);
		fputs(": ", out);
		look_print(out, object->head.fields[i].value);
		fputc('\n', out);
	}
	if (with_body) {
		fputc('\n', out);
		fwrite(object->body->bytes, 1, object->body->len, out);
	}
	rc = 0;
out:
	object_unref(&object);
	summing_free(&summing);
	return rc;
}

/* The newest that is served, the page before all else. 1: none is; 2: all that
 * stands there was purged. */
static int
find_shown(sqlite3 *sqlite, sqlite3_stmt *stmt, const char *name,
    struct err *err)
{
	struct unswept *unswept = NULL;
	int rc = 1, step = SQLITE_DONE;
	int64_t at_ms;

	if (unswept_new(&unswept, sqlite, err) != 0)
		return -1;
	sqlite3_bind_text(stmt, 1, target_of(name), -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, name, -1, SQLITE_STATIC);
	while (rc != 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW)
		rc = unswept_judge(unswept, sqlite3_column_int64(stmt,
		    ENTRY_ID), &at_ms) == MEANT_HARD ? 2 : 0;
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		rc = err_set(err, "%s", sqlite3_errmsg(sqlite));
	unswept_free(&unswept);
	return rc;
}

int
inspect_show(const char *file, const char *url, int with_body, FILE *out,
    struct err *err)
{
	char room[KEY_MAX];
	const char *name;
	sqlite3_stmt *stmt = NULL;
	sqlite3 *sqlite;
	int rc = -1;

	if (look_open(&sqlite, file, err) != 0)
		return -1;
	name = look_url(sqlite, url, room);
	if (!name)
		rc = 1;
	else if (look_prepare(&stmt, sqlite, sql_shown, err) == 0)
		rc = find_shown(sqlite, stmt, name, err);
	if (rc == 0)
		rc = print_row(stmt, with_body, out, err);
	sqlite3_finalize(stmt);
	sqlite3_close(sqlite);
	return rc;
}
