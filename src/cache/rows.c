/* cache/rows.c - the connection of the writer, and the rows of `entry` and of
 * what hangs on them */
#include "cache/rows.h"

#include <string.h>

#include "base/mem.h"
#include "cache/peers.h"
#include "cache/purging.h"
#include "cache/statement.h"
#include "cache/target.h"

/* ---- the connection ---- */

static enum db_state
fail(struct rows *rows, const char *file, int rc, const char *what,
    struct err *err)
{
	enum db_state state = db_state_of(rows->db.sqlite, rc);

	err_set(err, "%s: %s: %s", file, what, sqlite3_errstr(rc));
	rows_close(rows);
	return state == DB_OK ? DB_TROUBLE : state;
}

/* In a file that is new to us: the last word before the first that may mean
 * something in memory. Others may have had it open for longer. */
static int64_t
last_word_before(struct rows *rows, int64_t ms)
{
	sqlite3_stmt *stmt = statement(rows, SQL_LAST_SEQ_BEFORE);

	sqlite3_bind_int64(stmt, 1, ms);
	return statement_number(rows, SQL_LAST_SEQ_BEFORE);
}

/* What was said while it was closed is read, if it is the same file. */
static void
find_last_words(struct rows *rows)
{
	int64_t last_seq = statement_number(rows, SQL_LAST_SEQ);

	if (!rows->peers || !peers_came_back(rows->peers) ||
	    rows->last_seq > last_seq)
		rows->last_seq = last_word_before(rows, rows->begun_ms);
	rows->last_news = statement_number(rows, SQL_LAST_NEWS);
}

enum db_state
rows_open(struct rows *rows, const char *file, int *version, struct err *err)
{
	enum db_state state =
	    db_open(&rows->db, file, statement_sql, SQLS, version, err);
	int rc = SQLITE_OK;

	if (state != DB_OK)
		return state;
	db_be_patient(rows->db.sqlite);
	rows->summing = summing_new();
	buf_init(&rows->head, HEAD_TEXT_MAX);
	rows->page_size = db_page_size(rows->db.sqlite);
	rows->file = file;
	if (rows->peers)
		rc = peers_join(rows->peers, rows->db.sqlite, file, false);
	/* Readers that found nothing to be written keep it so until they see
	 * that it is open: rows_begin() joins then. */
	if (rc != SQLITE_OK && db_state_of(NULL, rc) != DB_READ_ONLY)
		return fail(rows, file, rc, "joining those that use it", err);
	find_last_words(rows);
	/* A purge that cannot be read must not be forgotten. */
	rc = rows_read_epochs(rows->db.sqlite, rows->epochs);
	return rc == SQLITE_OK ? DB_OK :
	    fail(rows, file, rc, "purges that are open", err);
}

void
rows_close(struct rows *rows)
{
	db_close(&rows->db);
	if (rows->peers)
		peers_let_go(rows->peers);
	epochs_clear(rows->epochs);
	if (rows->summing)
		buf_fini(&rows->head);
	summing_free(&rows->summing);
}

int
rows_begin(struct rows *rows)
{
	bool joins = rows->peers && peers_number(rows->peers) == 0;
	int rc = joins ? peers_join(rows->peers, rows->db.sqlite, rows->file,
	    true) : SQLITE_OK;

	if (rc == SQLITE_OK)
		rc = db_run(statement(rows, SQL_BEGIN));
	rows->last_seq_before = rows->last_seq;
	/* asked within the transaction: see peers.h */
	rows->has_readers = rc == SQLITE_OK && rows->peers &&
	    peers_are_there(rows->peers);
	return rc;
}

int
rows_commit(struct rows *rows)
{
	int rc = db_run(statement(rows, SQL_COMMIT));

	if (rc == SQLITE_OK)
		epochs_settle(rows->epochs, true);
	return rc;
}

void
rows_rollback(struct rows *rows)
{
	epochs_settle(rows->epochs, false);
	/* its own words are not in the file: others will have their numbers */
	if (rows->last_seq > rows->last_seq_before)
		rows->last_seq = rows->last_seq_before;
	/* SQLite rolls some errors back by itself */
	if (!sqlite3_get_autocommit(rows->db.sqlite))
		sqlite3_exec(rows->db.sqlite, "ROLLBACK", NULL, NULL, NULL);
}

/* ---- entries ---- */

/* *id: 0 when there is none. *same: it has this body already. */
static int
find(struct rows *rows, const struct row *row, int64_t *id, bool *same)
{
	sqlite3_stmt *stmt = statement(rows, SQL_FIND);
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
	sqlite3_stmt *stmt = statement(rows, sql);

	sqlite3_bind_int64(stmt, 1, id);
	sqlite3_bind_blob64(stmt, 2, body.from, body.len, SQLITE_STATIC);
	return db_run(stmt);
}

static int
put_tags(struct rows *rows, int64_t id, const char *tags)
{
	sqlite3_stmt *stmt;
	int rc = statement_run_with(rows, SQL_DROP_TAGS, id);

	while (rc == SQLITE_OK && *tags) {
		size_t len = strcspn(tags, " ");

		stmt = statement(rows, SQL_PUT_TAG);
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
	sqlite3_stmt *stmt = statement(rows, SQL_DROP_SURPLUS);

	sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, rows->variants_max);
	return db_run(stmt);
}

static int
drop_unstored(struct rows *rows, const char *url)
{
	sqlite3_stmt *stmt = statement(rows, SQL_DROP_UNSTORED);

	statement_bind_texts(stmt, &url, 1);
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
	sqlite3_stmt *stmt = statement(rows, SQL_PUT);
	int64_t expired_ms;
	int rc;

	row_bind(row, stmt);
	sqlite3_bind_int(stmt, ROW_BOUND + 1, is_lasting(object->kind));
	sqlite3_bind_text(stmt, ROW_BOUND + 2, target_of(object->url), -1,
	    SQLITE_STATIC);
	sqlite3_bind_int64(stmt, ROW_BOUND + 3, now_ms);
	expired_ms = atomic_load(&object->expired_ms);
	sqlite3_bind_int64(stmt, ROW_BOUND + 4, expired_ms ? expired_ms :
	    ROW_NOT_EXPIRED);
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
	/* A purge that is open may mean the old row, and not this one. */
	if (rc == SQLITE_OK && old_id &&
	    old_id <= epochs_max_id(rows->epochs)) {
		rc = statement_run_with(rows, SQL_DROP_ROW, old_id);
		old_id = 0;
		same = false;
	}
	if (rc == SQLITE_OK)
		rc = put_row(rows, &row, object, now_ms, &id);
	if (rc == SQLITE_OK && !same)
		rc = put_body(rows, SQL_PUT_BODY, id, row.body);
	/* what lasts is not purged by them */
	if (rc == SQLITE_OK && (old_id || object->tags[0]))
		rc = put_tags(rows, id,
		    is_lasting(object->kind) ? "" : object->tags);
	if (rc == SQLITE_OK && old_id)
		rc = statement_run_with(rows, SQL_DROP_DRESSES, id);
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
	sqlite3_stmt *stmt = statement(rows, SQL_FIND_SUM);
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
	stmt = statement(rows, SQL_DROP_DRESS);
	sqlite3_bind_int64(stmt, 1, id);
	sqlite3_bind_text(stmt, 2, dressed->theme ? dressed->theme : "", -1,
	    SQLITE_STATIC);
	rc = db_run(stmt);
	stmt = statement(rows, SQL_PUT_DRESS);
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
	sqlite3_stmt *stmt = statement(rows, SQL_TOUCH);

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
	sqlite3_stmt *stmt = statement(rows, SQL_ERROR);

	statement_bind_texts(stmt, (const char *[]){key, reason}, 2);
	return db_run(stmt);
}

int
rows_drop(struct rows *rows, int64_t id, const char *sum, bool is_dressed)
{
	sqlite3_stmt *stmt =
	    statement(rows, is_dressed ? SQL_DROP_DRESS_ID : SQL_DROP_ENTRY);

	sqlite3_bind_int64(stmt, 1, id);
	sqlite3_bind_text(stmt, 2, sum, -1, SQLITE_STATIC);
	return db_run(stmt);
}

int
rows_evict(struct rows *rows, unsigned *count)
{
	sqlite3_stmt *stmt = statement(rows, SQL_EVICT);
	int rc;

	sqlite3_bind_int(stmt, 1, EVICT_STEP);
	rc = db_run(stmt);
	if (rc == SQLITE_OK)
		*count += (unsigned)sqlite3_changes(rows->db.sqlite);
	return rc;
}

/* ---- state ---- */

int64_t
rows_used_bytes(struct rows *rows)
{
	return (statement_number(rows, SQL_PAGE_COUNT) -
	    statement_number(rows, SQL_FREE_COUNT)) * rows->page_size;
}

int64_t
rows_data_version(struct rows *rows)
{
	return statement_number(rows, SQL_DATA_VERSION);
}
