/* cache/statement.h - the SQL of the writer, for the files of rows.h only */
#ifndef CACHE_STATEMENT_H
#define CACHE_STATEMENT_H

#include "cache/rows.h"

/* S(symbol, sql): SQL_symbol, prepared once a connection. */
#define SQL_TABLE(S)                                                       \
	S(BEGIN, "BEGIN IMMEDIATE")                                        \
	S(COMMIT, "COMMIT")                                                \
	S(FIND, "SELECT id, body_sum FROM entry WHERE key = ?1 AND "       \
	    "variant = ?2")                                                \
	S(PUT, "INSERT INTO entry (" ROW_COLUMNS ", lasting, target, "     \
	    "last_used_ms, expired_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "   \
	    "?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, " \
	    "?22, ?23, ?24, ?25, ?26, ?27) "                               \
	    "ON CONFLICT (key, variant) DO UPDATE SET "                    \
	    "vary = ?3, kind = ?4, site = ?5, url = ?6, status = ?7, "     \
	    "head = ?8, etag = ?9, last_modified = ?10, tags = ?11, "      \
	    "asked_ms = ?12, answered_ms = ?13, cost_ms = ?14, "           \
	    "lifetime_ms = ?15, initial_age_ms = ?16, swr_ms = ?17, "      \
	    "sie_ms = ?18, strict = ?19, no_cache = ?20, size = ?21, "     \
	    "body_sum = ?22, sum = ?23, lasting = ?24, target = ?25, "     \
	    "expired_ms = ?27, last_error = NULL RETURNING id")            \
	S(DROP_ROW, "DELETE FROM entry WHERE id = ?1")                     \
	S(PUT_BODY, "INSERT OR REPLACE INTO body (id, bytes) "             \
	    "VALUES (?1, ?2)")                                             \
	S(DROP_TAGS, "DELETE FROM tag WHERE entry_id = ?1")                \
	S(PUT_TAG, "INSERT OR IGNORE INTO tag (tag, entry_id) "            \
	    "VALUES (?1, ?2)")                                             \
	S(DROP_DRESSES, "DELETE FROM dress WHERE entry_id = ?1")           \
	S(DROP_SURPLUS, "DELETE FROM entry WHERE id IN (SELECT id FROM "   \
	    "entry WHERE key = ?1 ORDER BY "                               \
	    "max(answered_ms, last_used_ms) DESC LIMIT -1 "                \
	    "OFFSET ?2)")                                                  \
	S(FIND_SUM, "SELECT id FROM entry WHERE key = ?1 AND "             \
	    "variant = ?2 AND sum = ?3")                                   \
	S(DROP_DRESS, "DELETE FROM dress WHERE entry_id = ?1 AND "         \
	    "theme = ?2")                                                  \
	S(PUT_DRESS, "INSERT INTO dress (" DRESS_COLUMNS ", entry_id) "    \
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "  \
	    "?13, ?14)")                                                   \
	S(PUT_DRESS_BODY, "INSERT OR REPLACE INTO dress_body (id, bytes) " \
	    "VALUES (?1, ?2)")                                             \
	S(TOUCH, "UPDATE entry SET hits = hits + ?2, "                     \
	    "last_used_ms = max(last_used_ms, ?3) WHERE id = ?1")          \
	S(ERROR, "UPDATE entry SET last_error = ?2 WHERE key = ?1")        \
	S(LAST_SEQ, "SELECT seq FROM sqlite_sequence WHERE "               \
	    "name = 'changes'")                                            \
	/* with none before, it may have been tidied away: 0 shows a gap */\
	S(LAST_SEQ_BEFORE, "SELECT coalesce((SELECT min(seq) - 1 FROM "    \
	    "changes WHERE at_ms >= ?1) * EXISTS (SELECT 1 FROM changes "  \
	    "WHERE at_ms < ?1), (SELECT seq FROM sqlite_sequence WHERE "   \
	    "name = 'changes'), 0)")                                       \
	S(PROBLEM, "INSERT INTO problem (what, url, reason, instead, "     \
	    "first_ms, last_ms, times) VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1) "\
	    "ON CONFLICT (what, url, reason) DO UPDATE SET instead = ?4, " \
	    "last_ms = ?5, times = times + 1")                             \
	S(ADDRESS, "INSERT INTO address (host, address, seen_ms, sum) "    \
	    "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (host, address) "         \
	    "DO UPDATE SET seen_ms = ?3, sum = ?4")                        \
	S(THEME_OLD, "UPDATE theme SET live = 0 WHERE name = ?1 AND "      \
	    "version <> ?2 AND live")                                      \
	S(THEME, "INSERT INTO theme (name, url, version, live, "           \
	    "fetched_ms, size) VALUES (?1, ?2, ?3, 1, ?4, ?5) "            \
	    "ON CONFLICT (name, version) DO UPDATE SET url = ?2, "         \
	    "live = 1, fetched_ms = ?4, size = ?5")                        \
	S(THEME_TIDY, "DELETE FROM theme WHERE name = ?1 AND NOT live "    \
	    "AND id NOT IN (SELECT id FROM theme WHERE name = ?1 ORDER BY "\
	    "fetched_ms DESC LIMIT ?2)")                                   \
	S(SITE, "INSERT OR REPLACE INTO site (name, stale_override, "      \
	    "stale_max_ms, sort_query, ignore_params) "                    \
	    "VALUES (?1, ?2, ?3, ?4, ?5)")                                 \
	S(UNSTORED, "INSERT INTO unstored (url, why, at_ms) "              \
	    "VALUES (?1, ?2, ?3) ON CONFLICT (url) DO UPDATE SET "         \
	    "why = ?2, at_ms = ?3")                                        \
	S(TIDY_UNSTORED, "DELETE FROM unstored WHERE url IN (SELECT url "  \
	    "FROM unstored ORDER BY at_ms DESC LIMIT -1 OFFSET ?1)")       \
	S(DROP_UNSTORED, "DELETE FROM unstored WHERE url = ?1")            \
	S(DROP_ENTRY, "DELETE FROM entry WHERE id = ?1 AND "               \
	    "(hex(sum) = ?2 OR length(sum) <> 16)")                        \
	S(DROP_DRESS_ID, "DELETE FROM dress WHERE id = ?1 AND "            \
	    "(hex(sum) = ?2 OR length(sum) <> 16)")                        \
	S(EVICT, "DELETE FROM entry WHERE id IN (SELECT id FROM entry "    \
	    "WHERE lasting = (SELECT min(lasting) FROM entry) "            \
	    "ORDER BY last_used_ms LIMIT ?1)")                             \
	S(TIDY_PROBLEMS, "DELETE FROM problem WHERE id IN (SELECT id "     \
	    "FROM problem ORDER BY last_ms DESC, id DESC LIMIT -1 "        \
	    "OFFSET ?1)")                                                  \
	S(TIDY_CHANGES, "DELETE FROM changes WHERE seq <= ?1 AND NOT open")\
	S(TIDY_ADDRESSES, "DELETE FROM address WHERE (host, address) IN "  \
	    "(SELECT host, address FROM address ORDER BY seen_ms DESC "    \
	    "LIMIT -1 OFFSET ?1)")                                         \
	S(NEWS, "INSERT INTO news (process, key, answered_ms) "            \
	    "VALUES (?1, ?2, ?3)")                                         \
	S(READ_NEWS, "SELECT seq, process, key, answered_ms FROM news "    \
	    "WHERE seq > ?1 ORDER BY seq")                                 \
	S(TRIM_NEWS, "DELETE FROM news WHERE seq <= "                      \
	    "(SELECT max(seq) FROM news) - ?1")                            \
	S(LAST_NEWS, "SELECT seq FROM sqlite_sequence WHERE "              \
	    "name = 'news'")                                               \
	S(NEWER, "SELECT 1 FROM entry WHERE key = ?1 AND variant = ?2 "    \
	    "AND answered_ms > ?3 AND answered_ms <= ?4")                  \
	S(CHARGE, "SELECT process, asked_ms, busy, until_ms FROM charge "  \
	    "WHERE name = ?1")                                             \
	S(TAKE_CHARGE, "INSERT OR REPLACE INTO charge (name, process, "    \
	    "asked_ms, busy, until_ms) VALUES (?1, ?2, ?3, 1, ?4)")        \
	S(END_CHARGE, "UPDATE charge SET busy = 0, until_ms = ?3 "         \
	    "WHERE name = ?1 AND process = ?2")                            \
	S(DATA_VERSION, "PRAGMA data_version")                             \
	S(PAGE_COUNT, "PRAGMA page_count")                                 \
	S(FREE_COUNT, "PRAGMA freelist_count")

enum sql {
#define SQL_SYMBOL(symbol, sql) SQL_##symbol,
	SQL_TABLE(SQL_SYMBOL)
#undef SQL_SYMBOL
	    SQLS
};

/* All of them, in that order. */
extern const char *const statement_sql[SQLS];

/* Borrow one, reset and ready to be bound. */
sqlite3_stmt *statement(struct rows *rows, enum sql sql);
/* Bind texts as ?1 ..., NULL as the empty text. They outlive the step. */
void statement_bind_texts(sqlite3_stmt *stmt, const char *const *texts,
    int count);
/* Run one that has a number as ?1 and gives no row: an SQLite code. */
int statement_run_with(struct rows *rows, enum sql sql, int64_t number);
/* The one number that it gives, or 0. */
int64_t statement_number(struct rows *rows, enum sql sql);

#endif
