/* cache/statement.c - prepared once, used by name */
#include "cache/statement.h"

const char *const statement_sql[SQLS] = {
#define SQL_TEXT(symbol, sql) sql,
	SQL_TABLE(SQL_TEXT)
#undef SQL_TEXT
};

sqlite3_stmt *
statement(struct rows *rows, enum sql sql)
{
	return db_use(&rows->db, sql);
}

void
statement_bind_texts(sqlite3_stmt *stmt, const char *const *texts, int count)
{
	for (int i = 0; i < count; i++)
		sqlite3_bind_text(stmt, i + 1, texts[i] ? texts[i] : "", -1,
		    SQLITE_STATIC);
}

int64_t
statement_number(struct rows *rows, enum sql sql)
{
	sqlite3_stmt *stmt = statement(rows, sql);
	int64_t number = 0;

	if (sqlite3_step(stmt) == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return number;
}

int
statement_run_with(struct rows *rows, enum sql sql, int64_t id)
{
	sqlite3_stmt *stmt = statement(rows, sql);

	sqlite3_bind_int64(stmt, 1, id);
	return db_run(stmt);
}
