/* cache/problems.c - the last problems, read back for people */
#include "cache/cache.h"

#include "cache/inside.h"

enum { BUSY_MS = 100 };

static const char *const sql_table[] = {
    "SELECT last_at, times, what, url, reason, instead FROM problems "
    "LIMIT ?1",
};

static const char *
text_of(sqlite3_stmt *stmt, int column)
{
	const unsigned char *text = sqlite3_column_text(stmt, column);

	return text ? (const char *)text : "";
}

static void
tell(sqlite3_stmt *stmt,
    void (*told)(void *arg, const struct cache_problem_seen *problem),
    void *arg)
{
	struct cache_problem_seen seen = {
	    .last_at = text_of(stmt, 0),
	    .times = sqlite3_column_int64(stmt, 1),
	    .what = text_of(stmt, 2),
	    .url = text_of(stmt, 3),
	    .reason = text_of(stmt, 4),
	    .instead = text_of(stmt, 5),
	};

	told(arg, &seen);
}

void
cache_problems(struct cache *cache, unsigned max,
    void (*told)(void *arg, const struct cache_problem_seen *problem),
    void *arg)
{
	const char *file = cache_file(cache);
	sqlite3_stmt *stmt;
	struct err err;
	struct db db;

	if (!file || writer_generation(cache->writer) == 0 ||
	    db_open_reader(&db, file, sql_table, COUNT_OF(sql_table), &err) !=
		DB_OK)
		return;
	sqlite3_busy_timeout(db.sqlite, BUSY_MS);
	stmt = db_use(&db, 0);
	sqlite3_bind_int64(stmt, 1, max);
	while (sqlite3_step(stmt) == SQLITE_ROW)
		tell(stmt, told, arg);
	db_close(&db);
}
