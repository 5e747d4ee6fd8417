/* cache/schema.c - two schemas compared: that of a file, and the one that is
 * made for the purpose in memory
 *
 * Tables are compared by their columns, since a column that was added later
 * stands in another place of their text. All else is compared by its text and
 * made anew when that is another: nothing is stored in it. */
#include "cache/schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "cache/schema_sql.h"

enum { PLAN_MAX = 256 << 10 };

struct comparing {
	sqlite3 *have, *want;
	struct buf plan;   /* statements that make them the same */
	enum schema how;
	char worst[200];
	int rc;
};

int
schema_make(sqlite3 *sqlite)
{
	return sqlite3_exec(sqlite, schema_sql, NULL, NULL, NULL);
}

/* ---- small questions ---- */

static sqlite3_stmt *
ask(struct comparing *comparing, sqlite3 *sqlite, const char *sql,
    const char *one, const char *two)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL);

	if (rc != SQLITE_OK) {
		comparing->rc = rc;
		return NULL;
	}
	if (one)
		sqlite3_bind_text(stmt, 1, one, -1, SQLITE_TRANSIENT);
	if (two)
		sqlite3_bind_text(stmt, 2, two, -1, SQLITE_TRANSIENT);
	return stmt;
}

/* False at the end, and after trouble. */
static bool
next(struct comparing *comparing, sqlite3_stmt *stmt)
{
	int rc = stmt ? sqlite3_step(stmt) : SQLITE_DONE;

	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		comparing->rc = rc;
	return rc == SQLITE_ROW;
}

static const char *
text(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return text ? text : "";
}

static bool
is_same(sqlite3_stmt *a, sqlite3_stmt *b, int from, int to)
{
	for (int i = from; i <= to; i++)
		if (strcmp(text(a, i), text(b, i)) != 0)
			return false;
	return true;
}

/* The first of the worst is what is told. */
static void PRINTF(3, 4)
found(struct comparing *comparing, enum schema how, const char *format, ...)
{
	va_list args;

	if (how <= comparing->how)
		return;
	comparing->how = how;
	va_start(args, format);
	vsnprintf(comparing->worst, sizeof(comparing->worst), format, args);
	va_end(args);
}

/* ---- columns ---- */

enum { NAME, TYPE, NOT_NULL, OTHERWISE, IS_KEY };
#define COLUMNS "SELECT name, type, \"notnull\", dflt_value, pk "           \
	"FROM pragma_table_xinfo(?1)"

static bool
may_be_absent(sqlite3_stmt *column)
{
	return !sqlite3_column_int(column, IS_KEY) &&
	    (!sqlite3_column_int(column, NOT_NULL) ||
	    sqlite3_column_type(column, OTHERWISE) != SQLITE_NULL);
}

static void
add_column(struct comparing *comparing, const char *table,
    sqlite3_stmt *column)
{
	const char *otherwise = text(column, OTHERWISE);

	if (!may_be_absent(column)) {
		found(comparing, SCHEMA_OTHER, "%s.%s is not there", table,
		    text(column, NAME));
		return;
	}
	found(comparing, SCHEMA_LACKS, "%s.%s is not there", table,
	    text(column, NAME));
	buf_printf(&comparing->plan, "ALTER TABLE %s ADD COLUMN %s %s%s%s%s;",
	    table, text(column, NAME), text(column, TYPE),
	    sqlite3_column_int(column, NOT_NULL) ? " NOT NULL" : "",
	    *otherwise ? " DEFAULT " : "", otherwise);
}

/* Those of a that b has not, or has otherwise. */
static void
compare_columns(struct comparing *comparing, const char *table, sqlite3 *a,
    sqlite3 *b)
{
	sqlite3_stmt *one = ask(comparing, a, COLUMNS, table, NULL), *other;

	while (next(comparing, one)) {
		other = ask(comparing, b, COLUMNS " WHERE name = ?2", table,
		    text(one, NAME));
		if (next(comparing, other)) {
			if (!is_same(one, other, TYPE, IS_KEY))
				found(comparing, SCHEMA_OTHER,
				    "%s.%s is another", table,
				    text(one, NAME));
		} else if (a == comparing->want) {
			add_column(comparing, table, one);
		} else if (!may_be_absent(one)) {
			found(comparing, SCHEMA_OTHER,
			    "%s.%s is not known here", table,
			    text(one, NAME));
		}
		sqlite3_finalize(other);
	}
	sqlite3_finalize(one);
}

/* ---- all else ---- */

#define NAMED "SELECT sql FROM sqlite_schema WHERE type = ?1 AND name = ?2"

/* wanted: type, name, sql. */
static void
compare_one(struct comparing *comparing, sqlite3_stmt *wanted)
{
	const char *type = text(wanted, 0), *name = text(wanted, 1);
	sqlite3_stmt *stmt = ask(comparing, comparing->have, NAMED, type,
	    name);
	bool is_table = strcmp(type, "table") == 0;
	bool is_there = next(comparing, stmt);

	if (is_there && strcmp(text(stmt, 0), text(wanted, 2)) == 0) {
		/* nearly always */
	} else if (is_there && is_table) {
		compare_columns(comparing, name, comparing->want,
		    comparing->have);
		compare_columns(comparing, name, comparing->have,
		    comparing->want);
	} else {
		found(comparing, is_table ? SCHEMA_LACKS : SCHEMA_BEHIND,
		    "%s %s is %s", type, name,
		    is_there ? "another" : "not there");
		if (is_there)
			buf_printf(&comparing->plan, "DROP %s %s;", type,
			    name);
		buf_printf(&comparing->plan, "%s;", text(wanted, 2));
	}
	sqlite3_finalize(stmt);
}

/* Tables first: all else speaks of them. */
static void
compare_all(struct comparing *comparing)
{
	sqlite3_stmt *stmt = ask(comparing, comparing->want,
	    "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL "
	    "AND name NOT GLOB 'sqlite_*' ORDER BY type <> 'table', rowid",
	    NULL, NULL);

	while (next(comparing, stmt))
		compare_one(comparing, stmt);
	sqlite3_finalize(stmt);
}

static int
compare(struct comparing *comparing, sqlite3 *sqlite)
{
	memset(comparing, 0, sizeof(*comparing));
	buf_init(&comparing->plan, PLAN_MAX);
	comparing->have = sqlite;
	comparing->rc = sqlite3_open_v2(":memory:", &comparing->want,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX,
	    NULL);
	if (comparing->rc == SQLITE_OK)
		comparing->rc = schema_make(comparing->want);
	if (comparing->rc == SQLITE_OK)
		compare_all(comparing);
	sqlite3_close(comparing->want);
	if (comparing->rc == SQLITE_OK && comparing->plan.failed)
		comparing->rc = SQLITE_NOMEM;
	return comparing->rc;
}

/* ---- from outside ---- */

int
schema_look(sqlite3 *sqlite, enum schema *how, struct err *err)
{
	struct comparing comparing;
	int rc = compare(&comparing, sqlite);

	if (rc == SQLITE_OK) {
		*how = comparing.how;
		if (comparing.how != SCHEMA_SAME)
			err_set(err, "%s", comparing.worst);
	}
	buf_fini(&comparing.plan);
	return rc;
}

static int
carry_out(sqlite3 *sqlite, const struct comparing *comparing, struct err *err)
{
	int rc;

	if (comparing->how == SCHEMA_SAME)
		return SQLITE_OK;
	if (comparing->how == SCHEMA_OTHER) {
		err_set(err, "%s", comparing->worst);
		return SQLITE_MISMATCH;
	}
	rc = sqlite3_exec(sqlite, comparing->plan.data, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		log_info("cache file: made by another livery (%s), brought "
		    "up to date", comparing->worst);
	return rc;
}

/* Another process may do the same: who comes second finds it done. */
int
schema_bring_up(sqlite3 *sqlite, struct err *err)
{
	struct comparing comparing;
	enum schema how;
	int rc = schema_look(sqlite, &how, err);

	if (rc != SQLITE_OK || how == SCHEMA_SAME)
		return rc;
	rc = sqlite3_exec(sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return rc;
	rc = compare(&comparing, sqlite);
	if (rc == SQLITE_OK)
		rc = carry_out(sqlite, &comparing, err);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(sqlite, "COMMIT", NULL, NULL, NULL);
	if (rc != SQLITE_OK && !sqlite3_get_autocommit(sqlite))
		sqlite3_exec(sqlite, "ROLLBACK", NULL, NULL, NULL);
	buf_fini(&comparing.plan);
	return rc;
}
