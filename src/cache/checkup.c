/* cache/checkup.c - row by row through the file, in small steps
 *
 * Each step is a read of its own, so that the WAL can be emptied between two
 * of them. */
#include "cache/checkup.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/report.h"
#include "base/thread.h"
#include "cache/db.h"
#include "cache/row.h"

enum {
	STEP_ROWS = 64,
	REST = 4,        /* times what a step took */
	REST_MAX_MS = 250,
	NEAR = 8,        /* places stepped over one by one, then faster */
	STRIDE_MAX = 1024,
};

static const char *const sql_table[] = {
    "SELECT " ROW_COLUMNS ", bytes, entry.id FROM entry "
    "LEFT JOIN body ON body.id = entry.id WHERE entry.id > ?1 "
    "ORDER BY entry.id LIMIT ?2",
};
enum { ID_COLUMN = ROW_BOUND + 1 };

struct checkup {
	struct thread thread;
	struct writer *writer;
	uint64_t generation;
	struct lock lock;
	struct cond cond;
	bool stopping; /* under lock */

	/* the thread only: */
	struct db db;
	struct summing *summing;
	int64_t last_id;
	unsigned whole, damaged, unreadable, in_a_row;
};

static void
look_at(struct checkup *checkup, sqlite3_stmt *stmt)
{
	struct key key = {NULL, 0, 0};
	struct row row;

	checkup->last_id = sqlite3_column_int64(stmt, ID_COLUMN);
	row_read(&row, stmt);
	key.text = row.text[0].from ? row.text[0].from : "";
	key.len = row.text[0].len;
	if (row_is_whole(&row, &key, checkup->summing)) {
		checkup->whole++;
		return;
	}
	checkup->damaged++;
	writer_drop_damaged(checkup->writer, key_url(&key), checkup->last_id,
	    &row.sum, false);
}

/* Go on behind a place that cannot be read. */
static void
step_over(struct checkup *checkup)
{
	int64_t stride = 1;

	checkup->unreadable++;
	if (checkup->in_a_row++ >= NEAR)
		stride = 1 << (checkup->in_a_row - NEAR);
	if (stride >= STRIDE_MAX) {
		stride = STRIDE_MAX;
		checkup->in_a_row--;
	}
	checkup->last_id += stride;
}

/* False: that was all, or there is no going on. */
static bool
step(struct checkup *checkup)
{
	sqlite3_stmt *stmt = db_use(&checkup->db, 0);
	unsigned rows = 0;
	int rc;

	sqlite3_bind_int64(stmt, 1, checkup->last_id);
	sqlite3_bind_int(stmt, 2, STEP_ROWS);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		checkup->in_a_row = 0;
		look_at(checkup, stmt);
		rows++;
	}
	sqlite3_reset(stmt);
	if (rc == SQLITE_DONE)
		return rows == STEP_ROWS;
	if (db_state_of(checkup->db.sqlite, rc) == DB_CORRUPT) {
		step_over(checkup);
		return true;
	}
	return db_state_of(checkup->db.sqlite, rc) == DB_BUSY;
}

static bool
rest(struct checkup *checkup, uint64_t took_us)
{
	uint64_t ms = REST * took_us / 1000 + 1;
	bool stopping;

	lock_take(&checkup->lock);
	if (!checkup->stopping)
		cond_wait(&checkup->cond, &checkup->lock,
		    ms < REST_MAX_MS ? ms : REST_MAX_MS);
	stopping = checkup->stopping;
	lock_drop(&checkup->lock);
	return !stopping &&
	    writer_generation(checkup->writer) == checkup->generation;
}

static void
tell(struct checkup *checkup, bool all)
{
	const char *file = writer_file(checkup->writer);
	char reason[160];

	if (checkup->damaged == 0 && checkup->unreadable == 0) {
		log_info("cache file %s: looked through after an unclean end, "
		    "%u answers in order%s", file, checkup->whole,
		    all ? "" : ", not all in time");
		return;
	}
	snprintf(reason, sizeof(reason), "after an unclean end: %u damaged "
	    "answers, %u places that cannot be read, %u answers in order",
	    checkup->damaged, checkup->unreadable, checkup->whole);
	log_warn("cache file %s: %s", file, reason);
	report_problem("store", file, reason,
	    "dropped, or asked for anew when somebody wants them");
}

static void
run(void *arg)
{
	struct checkup *checkup = arg;
	uint64_t began_ms = clock_mono_ms(), start;
	bool more = true, going_on = true;
	struct err err;

	thread_step_back();
	if (db_open_reader(&checkup->db, writer_file(checkup->writer),
	    sql_table, COUNT_OF(sql_table), &err) != DB_OK)
		return;
	while (more && going_on &&
	    clock_mono_ms() - began_ms < CHECKUP_MAX_MS) {
		start = clock_mono_us();
		more = step(checkup);
		going_on = !more || rest(checkup, clock_mono_us() - start);
	}
	if (going_on)
		tell(checkup, !more);
	db_close(&checkup->db);
}

int
checkup_new(struct checkup **out, struct writer *writer, struct err *err)
{
	struct checkup *checkup = mem_new(sizeof(*checkup));

	checkup->writer = writer;
	checkup->generation = writer_generation(writer);
	checkup->summing = summing_new();
	lock_init(&checkup->lock);
	cond_init(&checkup->cond);
	if (thread_start(&checkup->thread, "cache-checkup", run, checkup,
	    err) != 0) {
		checkup_free(&checkup);
		return -1;
	}
	*out = checkup;
	return 0;
}

void
checkup_free(struct checkup **checkup_p)
{
	struct checkup *checkup = *checkup_p;

	*checkup_p = NULL;
	if (!checkup)
		return;
	lock_take(&checkup->lock);
	checkup->stopping = true;
	cond_signal(&checkup->cond);
	lock_drop(&checkup->lock);
	thread_join(&checkup->thread);
	summing_free(&checkup->summing);
	cond_fini(&checkup->cond);
	lock_fini(&checkup->lock);
	mem_free(&checkup);
}
