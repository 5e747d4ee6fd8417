/* cache/rows_purge.c - rows that go by their key, address, path or tag, and the
 * word that is left about it for other processes */
#include "cache/rows.h"

#include <stdio.h>
#include <string.h>

#include "cache/statement.h"

/* ---- paths ---- */

const char *
target_of(const char *url)
{
	const char *colon = strstr(url, "://"), *target;

	if (!colon)
		return url;
	target = strpbrk(colon + 3, "/?");
	return target ? target : "/";
}

const char *
target_twin(char *room, size_t size, const char *target)
{
	size_t path = strcspn(target, "?"), len = strlen(target);

	if (path == 0 || (path == 1 && target[0] == '/') || len + 2 > size)
		return NULL;
	if (target[path - 1] == '/')
		snprintf(room, size, "%.*s%s", (int)path - 1, target,
		    target + path);
	else
		snprintf(room, size, "%.*s/%s", (int)path, target,
		    target + path);
	return room;
}

/* ---- purging ---- */

/* key is "SITE TARGET" here, SITE maybe empty. */
static void
bind_path(sqlite3_stmt *stmt, const char *key, char *room, size_t size)
{
	const char *space = strchr(key, ' ');
	const char *target = space ? space + 1 : key;
	const char *twin = target_twin(room, size, target);

	sqlite3_bind_text(stmt, 1, target, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, twin ? twin : target, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 3, key, space ? (int)(space - key) : 0,
	    SQLITE_STATIC);
}

static int
leave_word(struct rows *rows, const char *kind, const char *key,
    int64_t now_ms)
{
	sqlite3_stmt *stmt = statement(rows, SQL_CHANGE);
	int rc;

	statement_bind_texts(stmt, (const char *[]){kind, key}, 2);
	sqlite3_bind_int64(stmt, 3, now_ms);
	rc = db_run(stmt);
	if (rc == SQLITE_OK)
		rows->last_seq = sqlite3_last_insert_rowid(rows->db.sqlite);
	return rc;
}

int
rows_purge(struct rows *rows, const char *kind, const char *key,
    unsigned *count, int64_t now_ms)
{
	char room[KEY_MAX + 2];
	sqlite3_stmt *stmt;
	int rc;

	if (strcmp(kind, "path") == 0) {
		stmt = statement(rows, SQL_PURGE_PATH);
		bind_path(stmt, key, room, sizeof(room));
	} else if (strcmp(kind, "url") == 0) {
		stmt = statement(rows, SQL_PURGE_URL);
		statement_bind_texts(stmt, (const char *[]){target_of(key), key}, 2);
	} else if (strcmp(kind, "all") == 0) {
		stmt = statement(rows, SQL_PURGE_ALL);
	} else {
		stmt = statement(rows, strcmp(kind, "tag") == 0 ? SQL_PURGE_TAG :
		    SQL_PURGE_KEY);
		sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
	}
	rc = db_run(stmt);
	if (rc != SQLITE_OK)
		return rc;
	*count += (unsigned)sqlite3_changes(rows->db.sqlite);
	return leave_word(rows, kind, key, now_ms);
}

int
rows_changes(struct rows *rows,
    void (*told)(void *arg, const char *kind, const char *key), void *arg)
{
	sqlite3_stmt *stmt = statement(rows, SQL_CHANGES);
	int rc;

	sqlite3_bind_int64(stmt, 1, rows->last_seq);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *kind = (const char *)sqlite3_column_text(stmt, 1);
		const char *key = (const char *)sqlite3_column_text(stmt, 2);

		rows->last_seq = sqlite3_column_int64(stmt, 0);
		if (kind && key)
			told(arg, kind, key);
	}
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}
