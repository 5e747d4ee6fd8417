/* cache/rows.c - the SQL of the writer
 *
 * The statements stand in one table, prepared once a connection. */
#include "cache/rows.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define SQL_TABLE(S)                                                       \
	S(BEGIN, "BEGIN IMMEDIATE")                                        \
	S(COMMIT, "COMMIT")                                                \
	S(FIND, "SELECT id, body_sum FROM entry WHERE key = ?1 AND "       \
	    "variant = ?2")                                                \
	S(PUT, "INSERT INTO entry (" ROW_COLUMNS ", lasting, target, "     \
	    "last_used_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "   \
	    "?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, " \
	    "?22, ?23, ?24, ?25, ?26) "                                    \
	    "ON CONFLICT (key, variant) DO UPDATE SET "                    \
	    "vary = ?3, kind = ?4, site = ?5, url = ?6, status = ?7, "     \
	    "head = ?8, etag = ?9, last_modified = ?10, tags = ?11, "      \
	    "asked_ms = ?12, answered_ms = ?13, cost_ms = ?14, "           \
	    "lifetime_ms = ?15, initial_age_ms = ?16, swr_ms = ?17, "      \
	    "sie_ms = ?18, strict = ?19, no_cache = ?20, size = ?21, "     \
	    "body_sum = ?22, sum = ?23, lasting = ?24, target = ?25, "     \
	    "last_error = NULL RETURNING id")                              \
	S(PUT_BODY, "INSERT OR REPLACE INTO body (id, bytes) "             \
	    "VALUES (?1, ?2)")                                             \
	S(DROP_TAGS, "DELETE FROM tag WHERE entry_id = ?1")                \
	S(PUT_TAG, "INSERT OR IGNORE INTO tag (tag, entry_id) "            \
	    "VALUES (?1, ?2)")                                             \
	S(DROP_DRESSES, "DELETE FROM dress WHERE entry_id = ?1")           \
	S(DROP_SURPLUS, "DELETE FROM entry WHERE id IN (SELECT id FROM "   \
	    "entry WHERE key = ?1 ORDER BY answered_ms DESC LIMIT -1 "     \
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
	S(PURGE_KEY, "DELETE FROM entry WHERE key = ?1")                   \
	S(PURGE_PATH, "DELETE FROM entry WHERE target IN (?1, ?2) AND "    \
	    "kind = 'page' AND (?3 = '' OR site = ?3)")                    \
	S(PURGE_URL, "DELETE FROM entry WHERE target = ?1 AND url = ?2 "   \
	    "AND NOT lasting")                                             \
	S(PURGE_TAG, "DELETE FROM entry WHERE NOT lasting AND id IN "      \
	    "(SELECT entry_id FROM tag WHERE tag = ?1)")                   \
	S(PURGE_ALL, "DELETE FROM entry WHERE NOT lasting")                \
	S(CHANGE, "INSERT INTO changes (kind, key, at_ms) "                \
	    "VALUES (?1, ?2, ?3)")                                         \
	S(CHANGES, "SELECT seq, kind, key FROM changes WHERE seq > ?1 "    \
	    "ORDER BY seq")                                                \
	S(LAST_SEQ, "SELECT seq FROM sqlite_sequence WHERE "               \
	    "name = 'changes'")                                            \
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
	    "stale_max_ms) VALUES (?1, ?2, ?3)")                           \
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
	S(TIDY_CHANGES, "DELETE FROM changes WHERE seq <= ?1")             \
	S(TIDY_ADDRESSES, "DELETE FROM address WHERE (host, address) IN "  \
	    "(SELECT host, address FROM address ORDER BY seen_ms DESC "    \
	    "LIMIT -1 OFFSET ?1)")                                         \
	S(DATA_VERSION, "PRAGMA data_version")                             \
	S(PAGE_COUNT, "PRAGMA page_count")                                 \
	S(FREE_COUNT, "PRAGMA freelist_count")

enum sql {
#define SQL_SYMBOL(symbol, sql) SQL_##symbol,
	SQL_TABLE(SQL_SYMBOL)
#undef SQL_SYMBOL
	    SQLS
};

static const char *const sql_table[SQLS] = {
#define SQL_TEXT(symbol, sql) sql,
	SQL_TABLE(SQL_TEXT)
#undef SQL_TEXT
};

static sqlite3_stmt *
use(struct rows *rows, enum sql sql)
{
	return db_use(&rows->db, sql);
}

/* Bind texts as ?1 ..., NULL as the empty text. They outlive the step. */
static void
bind_texts(sqlite3_stmt *stmt, const char *const *texts, int count)
{
	for (int i = 0; i < count; i++)
		sqlite3_bind_text(stmt, i + 1, texts[i] ? texts[i] : "", -1,
		    SQLITE_STATIC);
}

static int64_t
one_number(struct rows *rows, enum sql sql)
{
	sqlite3_stmt *stmt = use(rows, sql);
	int64_t number = 0;

	if (sqlite3_step(stmt) == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return number;
}

/* ---- the connection ---- */

enum db_state
rows_open(struct rows *rows, const char *file, int *version, struct err *err)
{
	enum db_state state =
	    db_open(&rows->db, file, sql_table, SQLS, version, err);

	if (state != DB_OK)
		return state;
	rows->summing = summing_new();
	buf_init(&rows->head, HEAD_TEXT_MAX);
	rows->last_seq = one_number(rows, SQL_LAST_SEQ);
	return DB_OK;
}

void
rows_close(struct rows *rows)
{
	db_close(&rows->db);
	if (rows->summing)
		buf_fini(&rows->head);
	summing_free(&rows->summing);
}

int
rows_begin(struct rows *rows)
{
	return db_run(use(rows, SQL_BEGIN));
}

int
rows_commit(struct rows *rows)
{
	return db_run(use(rows, SQL_COMMIT));
}

void
rows_rollback(struct rows *rows)
{
	/* SQLite rolls some errors back by itself */
	if (!sqlite3_get_autocommit(rows->db.sqlite))
		sqlite3_exec(rows->db.sqlite, "ROLLBACK", NULL, NULL, NULL);
}

/* ---- entries ---- */

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

/* *id: 0 when there is none. *same: it has this body already. */
static int
find(struct rows *rows, const struct row *row, int64_t *id, bool *same)
{
	sqlite3_stmt *stmt = use(rows, SQL_FIND);
	int rc;

	*id = 0;
	*same = false;
	sqlite3_bind_text64(stmt, 1, row->text[0].from, row->text[0].len,
	    SQLITE_STATIC, SQLITE_UTF8);
	sqlite3_bind_text64(stmt, 2, row->text[1].from, row->text[1].len,
	    SQLITE_STATIC, SQLITE_UTF8);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		const void *sum = sqlite3_column_blob(stmt, 1);

		*id = sqlite3_column_int64(stmt, 0);
		*same = sqlite3_column_bytes(stmt, 1) == SUM_LEN &&
		    memcmp(sum, row->body_sum.bytes, SUM_LEN) == 0;
	}
	sqlite3_reset(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int
put_body(struct rows *rows, enum sql sql, int64_t id, struct slice body)
{
	sqlite3_stmt *stmt = use(rows, sql);

	sqlite3_bind_int64(stmt, 1, id);
	sqlite3_bind_blob64(stmt, 2, body.from, body.len, SQLITE_STATIC);
	return db_run(stmt);
}

static int
run_with_id(struct rows *rows, enum sql sql, int64_t id)
{
	sqlite3_stmt *stmt = use(rows, sql);

	sqlite3_bind_int64(stmt, 1, id);
	return db_run(stmt);
}

static int
put_tags(struct rows *rows, int64_t id, const char *tags)
{
	sqlite3_stmt *stmt;
	int rc = run_with_id(rows, SQL_DROP_TAGS, id);

	while (rc == SQLITE_OK && *tags) {
		size_t len = strcspn(tags, " ");

		stmt = use(rows, SQL_PUT_TAG);
		sqlite3_bind_text(stmt, 1, tags, (int)len, SQLITE_STATIC);
		sqlite3_bind_int64(stmt, 2, id);
		if (len)
			rc = db_run(stmt);
		tags += len;
		tags += strspn(tags, " ");
	}
	return rc;
}

static int
drop_surplus(struct rows *rows, const char *key)
{
	sqlite3_stmt *stmt = use(rows, SQL_DROP_SURPLUS);

	sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, rows->variants_max);
	return db_run(stmt);
}

static int
drop_unstored(struct rows *rows, const char *url)
{
	sqlite3_stmt *stmt = use(rows, SQL_DROP_UNSTORED);

	bind_texts(stmt, &url, 1);
	return db_run(stmt);
}

static bool
is_lasting(enum kind kind)
{
	return kind == KIND_THEME || kind == KIND_ASSET;
}

static int
put_row(struct rows *rows, const struct row *row, const struct object *object,
    int64_t now_ms, int64_t *id)
{
	sqlite3_stmt *stmt = use(rows, SQL_PUT);
	int rc;

	row_bind(row, stmt);
	sqlite3_bind_int(stmt, ROW_BOUND + 1, is_lasting(object->kind));
	sqlite3_bind_text(stmt, ROW_BOUND + 2, target_of(object->url), -1,
	    SQLITE_STATIC);
	sqlite3_bind_int64(stmt, ROW_BOUND + 3, now_ms);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		*id = sqlite3_column_int64(stmt, 0);
		rc = sqlite3_step(stmt);
	}
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int
rows_put(struct rows *rows, struct object *object, int64_t now_ms)
{
	int64_t old_id, id = 0;
	struct row row;
	bool same;
	int rc;

	if (row_of_object(&row, object, &rows->head, rows->summing) != 0)
		return SQLITE_TOOBIG;
	rc = find(rows, &row, &old_id, &same);
	if (rc == SQLITE_OK)
		rc = put_row(rows, &row, object, now_ms, &id);
	if (rc == SQLITE_OK && !same)
		rc = put_body(rows, SQL_PUT_BODY, id, row.body);
	if (rc == SQLITE_OK && (old_id || object->tags[0]))
		rc = put_tags(rows, id, object->tags);
	if (rc == SQLITE_OK && old_id)
		rc = run_with_id(rows, SQL_DROP_DRESSES, id);
	if (rc == SQLITE_OK && !old_id && object->variant[0])
		rc = drop_surplus(rows, object->key.text);
	if (rc == SQLITE_OK && !old_id)
		rc = drop_unstored(rows, object->url);
	if (rc == SQLITE_OK)
		object->row = id;
	return rc;
}

/* The row that holds exactly this page, or 0. */
static int
find_exact(struct rows *rows, const struct row *row, int64_t *id)
{
	sqlite3_stmt *stmt = use(rows, SQL_FIND_SUM);
	int rc;

	sqlite3_bind_text64(stmt, 1, row->text[0].from, row->text[0].len,
	    SQLITE_STATIC, SQLITE_UTF8);
	sqlite3_bind_text64(stmt, 2, row->text[1].from, row->text[1].len,
	    SQLITE_STATIC, SQLITE_UTF8);
	sqlite3_bind_blob(stmt, 3, row->sum.bytes, SUM_LEN, SQLITE_STATIC);
	rc = sqlite3_step(stmt);
	*id = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_reset(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int
rows_put_dressed(struct rows *rows, const struct object *page,
    const struct object *dressed, int64_t now_ms)
{
	struct row row;
	struct sum source;
	sqlite3_stmt *stmt;
	int64_t id;
	int rc;

	if (row_of_object(&row, page, &rows->head, rows->summing) != 0)
		return SQLITE_TOOBIG;
	source = row.sum;
	rc = find_exact(rows, &row, &id);
	if (rc != SQLITE_OK || id == 0)
		return rc; /* the page was replaced or purged meanwhile */
	if (dress_of_object(&row, dressed, now_ms, &source, &rows->head,
	    rows->summing) != 0)
		return SQLITE_TOOBIG;
	stmt = use(rows, SQL_DROP_DRESS);
	sqlite3_bind_int64(stmt, 1, id);
	sqlite3_bind_text(stmt, 2, dressed->theme ? dressed->theme : "", -1,
	    SQLITE_STATIC);
	rc = db_run(stmt);
	stmt = use(rows, SQL_PUT_DRESS);
	dress_bind(&row, &source, stmt);
	sqlite3_bind_int64(stmt, DRESS_BOUND + 1, id);
	if (rc == SQLITE_OK)
		rc = db_run(stmt);
	if (rc == SQLITE_OK)
		rc = put_body(rows, SQL_PUT_DRESS_BODY,
		    sqlite3_last_insert_rowid(rows->db.sqlite), row.body);
	return rc;
}

int
rows_touch(struct rows *rows, const struct object *object, uint32_t hits)
{
	sqlite3_stmt *stmt = use(rows, SQL_TOUCH);

	if (object->row == 0)
		return SQLITE_OK;
	sqlite3_bind_int64(stmt, 1, object->row);
	sqlite3_bind_int64(stmt, 2, hits);
	sqlite3_bind_int64(stmt, 3, atomic_load(&object->last_used_ms));
	return db_run(stmt);
}

int
rows_note_error(struct rows *rows, const char *key, const char *reason)
{
	sqlite3_stmt *stmt = use(rows, SQL_ERROR);

	bind_texts(stmt, (const char *[]){key, reason}, 2);
	return db_run(stmt);
}

int
rows_drop(struct rows *rows, int64_t id, const char *sum, bool is_dressed)
{
	sqlite3_stmt *stmt =
	    use(rows, is_dressed ? SQL_DROP_DRESS_ID : SQL_DROP_ENTRY);

	sqlite3_bind_int64(stmt, 1, id);
	sqlite3_bind_text(stmt, 2, sum, -1, SQLITE_STATIC);
	return db_run(stmt);
}

int
rows_evict(struct rows *rows, unsigned *count)
{
	sqlite3_stmt *stmt = use(rows, SQL_EVICT);
	int rc;

	sqlite3_bind_int(stmt, 1, EVICT_STEP);
	rc = db_run(stmt);
	if (rc == SQLITE_OK)
		*count += (unsigned)sqlite3_changes(rows->db.sqlite);
	return rc;
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
	sqlite3_stmt *stmt = use(rows, SQL_CHANGE);
	int rc;

	bind_texts(stmt, (const char *[]){kind, key}, 2);
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
		stmt = use(rows, SQL_PURGE_PATH);
		bind_path(stmt, key, room, sizeof(room));
	} else if (strcmp(kind, "url") == 0) {
		stmt = use(rows, SQL_PURGE_URL);
		bind_texts(stmt, (const char *[]){target_of(key), key}, 2);
	} else if (strcmp(kind, "all") == 0) {
		stmt = use(rows, SQL_PURGE_ALL);
	} else {
		stmt = use(rows, strcmp(kind, "tag") == 0 ? SQL_PURGE_TAG :
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
	sqlite3_stmt *stmt = use(rows, SQL_CHANGES);
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

/* ---- beside entries ---- */

int
rows_problem(struct rows *rows, const char *what, const char *url,
    const char *reason, const char *instead, int64_t now_ms)
{
	sqlite3_stmt *stmt = use(rows, SQL_PROBLEM);

	bind_texts(stmt, (const char *[]){what, url, reason, instead}, 4);
	sqlite3_bind_int64(stmt, 5, now_ms);
	return db_run(stmt);
}

int
rows_address(struct rows *rows, const char *host, const char *address,
    int64_t now_ms)
{
	sqlite3_stmt *stmt = use(rows, SQL_ADDRESS);
	struct sum sum;

	bind_texts(stmt, (const char *[]){host, address}, 2);
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
	sqlite3_stmt *stmt = use(rows, SQL_THEME_OLD);
	int rc;

	bind_texts(stmt, (const char *[]){name, version}, 2);
	rc = db_run(stmt);
	stmt = use(rows, SQL_THEME);
	bind_texts(stmt, (const char *[]){name, url, version}, 3);
	sqlite3_bind_int64(stmt, 4, now_ms);
	sqlite3_bind_int64(stmt, 5, size);
	if (rc == SQLITE_OK)
		rc = db_run(stmt);
	stmt = use(rows, SQL_THEME_TIDY);
	bind_texts(stmt, &name, 1);
	sqlite3_bind_int(stmt, 2, THEMES_MAX);
	if (rc == SQLITE_OK)
		rc = db_run(stmt);
	return rc;
}

int
rows_site(struct rows *rows, const char *name, bool stale_override,
    int64_t stale_max_ms)
{
	sqlite3_stmt *stmt = use(rows, SQL_SITE);

	bind_texts(stmt, &name, 1);
	sqlite3_bind_int(stmt, 2, stale_override);
	sqlite3_bind_int64(stmt, 3, stale_max_ms);
	return db_run(stmt);
}

int
rows_unstored(struct rows *rows, const char *url, const char *why,
    int64_t now_ms)
{
	sqlite3_stmt *stmt = use(rows, SQL_UNSTORED);

	bind_texts(stmt, (const char *[]){url, why}, 2);
	sqlite3_bind_int64(stmt, 3, now_ms);
	return db_run(stmt);
}

int
rows_tidy(struct rows *rows)
{
	int rc = run_with_id(rows, SQL_TIDY_PROBLEMS, PROBLEMS_MAX);

	if (rc == SQLITE_OK)
		rc = run_with_id(rows, SQL_TIDY_CHANGES,
		    rows->last_seq - CHANGES_MAX);
	if (rc == SQLITE_OK)
		rc = run_with_id(rows, SQL_TIDY_ADDRESSES, ADDRESSES_MAX);
	if (rc == SQLITE_OK)
		rc = run_with_id(rows, SQL_TIDY_UNSTORED, UNSTORED_MAX);
	return rc;
}

/* ---- state ---- */

int64_t
rows_used_bytes(struct rows *rows)
{
	return (one_number(rows, SQL_PAGE_COUNT) -
	    one_number(rows, SQL_FREE_COUNT)) * DB_PAGE_SIZE;
}

int64_t
rows_data_version(struct rows *rows)
{
	return one_number(rows, SQL_DATA_VERSION);
}
