/* cache/rows_beside.c - what the file knows beside answers: problems, addresses,
 * themes, sites, what was not stored */
#include "cache/rows.h"

#include "cache/statement.h"

int
rows_problem(struct rows *rows, const char *what, const char *url,
    const char *reason, const char *instead, int64_t now_ms)
{
	sqlite3_stmt *stmt = statement(rows, SQL_PROBLEM);

	statement_bind_texts(stmt, (const char *[]){what, url, reason, instead}, 4);
	sqlite3_bind_int64(stmt, 5, now_ms);
	return db_run(stmt);
}

int
rows_address(struct rows *rows, const char *host, const char *address,
    int64_t now_ms)
{
	sqlite3_stmt *stmt = statement(rows, SQL_ADDRESS);
	struct sum sum;

	statement_bind_texts(stmt, (const char *[]){host, address}, 2);
	sqlite3_bind_int64(stmt, 3, now_ms);
	summing_text(rows->summing, host);
	summing_text(rows->summing, address);
	sum = summing_end(rows->summing);
	sqlite3_bind_blob(stmt, 4, sum.bytes, SUM_LEN, SQLITE_STATIC);
	return db_run(stmt);
}

int
rows_theme_live(struct rows *rows, const char *name, const char *url,
    const char *version, int64_t size, int64_t now_ms)
{
	sqlite3_stmt *stmt = statement(rows, SQL_THEME_OLD);
	int rc;

	statement_bind_texts(stmt, (const char *[]){name, version}, 2);
	rc = db_run(stmt);
	stmt = statement(rows, SQL_THEME);
	statement_bind_texts(stmt, (const char *[]){name, url, version}, 3);
	sqlite3_bind_int64(stmt, 4, now_ms);
	sqlite3_bind_int64(stmt, 5, size);
	if (rc == SQLITE_OK)
		rc = db_run(stmt);
	stmt = statement(rows, SQL_THEME_TIDY);
	statement_bind_texts(stmt, &name, 1);
	sqlite3_bind_int(stmt, 2, THEMES_MAX);
	if (rc == SQLITE_OK)
		rc = db_run(stmt);
	return rc;
}

int
rows_site(struct rows *rows, const char *name, bool stale_override,
    int64_t stale_max_ms, bool sort_query, const char *ignore_params)
{
	sqlite3_stmt *stmt = statement(rows, SQL_SITE);

	statement_bind_texts(stmt, &name, 1);
	sqlite3_bind_int(stmt, 2, stale_override);
	sqlite3_bind_int64(stmt, 3, stale_max_ms);
	sqlite3_bind_int(stmt, 4, sort_query);
	sqlite3_bind_text(stmt, 5, ignore_params, -1, SQLITE_STATIC);
	return db_run(stmt);
}

int
rows_unstored(struct rows *rows, const char *url, const char *why,
    int64_t now_ms)
{
	sqlite3_stmt *stmt = statement(rows, SQL_UNSTORED);

	statement_bind_texts(stmt, (const char *[]){url, why}, 2);
	sqlite3_bind_int64(stmt, 3, now_ms);
	return db_run(stmt);
}

int
rows_tidy(struct rows *rows)
{
	int rc = statement_run_with(rows, SQL_TIDY_PROBLEMS, PROBLEMS_MAX);

	if (rc == SQLITE_OK)
		rc = statement_run_with(rows, SQL_TIDY_CHANGES,
		    rows->last_seq - CHANGES_MAX);
	if (rc == SQLITE_OK)
		rc = statement_run_with(rows, SQL_TIDY_ADDRESSES, ADDRESSES_MAX);
	if (rc == SQLITE_OK)
		rc = statement_run_with(rows, SQL_TIDY_UNSTORED, UNSTORED_MAX);
	return rc;
}
