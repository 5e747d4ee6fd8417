/* cache/news.c - a line for each store, while somebody is there to read it */
#include "cache/news.h"

#include <string.h>

#include "cache/peers.h"
#include "cache/statement.h"

static int
note(struct rows *rows, const struct object *object)
{
	sqlite3_stmt *stmt = statement(rows, SQL_NEWS);

	sqlite3_bind_int64(stmt, 1, peers_number(rows->peers));
	sqlite3_bind_text64(stmt, 2, object->key.text, object->key.len,
	    SQLITE_STATIC, SQLITE_UTF8);
	sqlite3_bind_int64(stmt, 3, object->answered_ms);
	return db_run(stmt);
}

/* One that is older than now, so that a clock which was set back does not make
 * what was stored before that the newest for ever. */
static int
find_newer(struct rows *rows, const struct object *object, int64_t now_ms,
    bool *is_there)
{
	sqlite3_stmt *stmt = statement(rows, SQL_NEWER);
	int rc;

	sqlite3_bind_text64(stmt, 1, object->key.text, object->key.len,
	    SQLITE_STATIC, SQLITE_UTF8);
	sqlite3_bind_text(stmt, 2, object->variant, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, object->answered_ms);
	sqlite3_bind_int64(stmt, 4, now_ms);
	rc = sqlite3_step(stmt);
	*is_there = rc == SQLITE_ROW;
	sqlite3_reset(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int
news_store(struct rows *rows, struct object *object, int64_t now_ms,
    bool *is_late)
{
	int rc;

	*is_late = false;
	if (!rows->has_readers)
		return rows_put(rows, object, now_ms);
	rc = find_newer(rows, object, now_ms, is_late);
	if (rc != SQLITE_OK || *is_late)
		return rc;
	rc = rows_put(rows, object, now_ms);
	return rc == SQLITE_OK ? note(rows, object) : rc;
}

int
news_trim(struct rows *rows)
{
	return rows->has_readers ? statement_run_with(rows, SQL_TRIM_NEWS,
	    NEWS_MAX) : SQLITE_OK;
}

static void
tell(struct rows *rows, sqlite3_stmt *stmt,
    void (*told)(void *arg, const struct news *news), void *arg)
{
	struct news news = {.answered_ms = sqlite3_column_int64(stmt, 3)};

	if (sqlite3_column_int64(stmt, 1) == peers_number(rows->peers))
		return;
	news.key.text = (const char *)sqlite3_column_text(stmt, 2);
	if (!news.key.text)
		return;
	news.key.len = strlen(news.key.text);
	key_hash(&news.key);
	told(arg, &news);
}

int
news_read(struct rows *rows,
    void (*told)(void *arg, const struct news *news), void *arg)
{
	sqlite3_stmt *stmt;
	int64_t seq;
	int rc;

	if (!rows->peers)
		return SQLITE_OK;
	stmt = statement(rows, SQL_READ_NEWS);
	sqlite3_bind_int64(stmt, 1, rows->last_news);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		seq = sqlite3_column_int64(stmt, 0);
		/* numbers have no gaps but where lines were trimmed */
		if (seq > rows->last_news + 1)
			told(arg, NULL);
		rows->last_news = seq;
		tell(rows, stmt, told, arg);
	}
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}
