/* cache/batch.c - what happens within one transaction
 *
 * In this order: what other processes purged, the jobs, the hits, making room,
 * tidying. A row that cannot be written at all is left out; any other trouble
 * ends the transaction, and its owner decides what to do about it. */
#include "cache/batch.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "cache/hear.h"
#include "cache/news.h"
#include "cache/purge.h"

enum {
	BATCH_BYTES = 8 << 20,
	TOUCH_EVERY_US = 2000000,
	TIDY_EVERY_DEEDS = 256,
	EVICT_US = 10000, /* in one batch */
};

static int
do_deed(struct rows *rows, const struct job *job)
{
	char *const *text = job->text;

	switch (job->deed) {
	case DEED_ERROR:
		return rows_note_error(rows, text[0], text[1]);
	case DEED_PROBLEM:
		return rows_problem(rows, text[0], text[1], text[2], text[3],
		    job->at_ms);
	case DEED_ADDRESS:
		return rows_address(rows, text[0], text[1], job->at_ms);
	case DEED_THEME:
		return rows_theme_live(rows, text[0], text[1], text[2],
		    job->number, strtoll(text[3], NULL, 10));
	case DEED_SITE:
		return rows_site(rows, text[0], text[1][0] == '1',
		    job->number, text[2][0] == '1', text[3]);
	case DEED_UNSTORED:
		return rows_unstored(rows, text[0], text[1], job->at_ms);
	case DEED_CHARGE_ASK:
		return charge_ask(rows, text[0], job->number,
		    clock_wall_ms());
	case DEED_CHARGE_END:
		return charge_end(rows, text[0], job->number,
		    clock_wall_ms());
	case DEED_DROP_ENTRY:
	case DEED_DROP_DRESS:
		return rows_drop(rows, job->number, text[0],
		    job->deed == DEED_DROP_DRESS);
	}
	return SQLITE_OK;
}

/* Who posts puts it in memory first, and that may have been after the news of
 * the newer one were heard: nobody tells of that again. */
static int
store(struct writer *writer, struct job *job)
{
	const struct object *object = job->object;
	bool is_late;
	int rc;

	if (hear_was_purged(writer, job))
		return SQLITE_OK;
	rc = news_store(&writer->file.rows, job->object, job->at_ms, &is_late);
	if (rc == SQLITE_OK && is_late)
		(void)memtier_drop_older(writer->memtier, &object->key,
		    object->answered_ms);
	return rc;
}

static int
do_job(struct writer *writer, struct job *job)
{
	struct rows *rows = &writer->file.rows;

	switch (job->kind) {
	case JOB_STORE:
		return store(writer, job);
	case JOB_DRESS:
		return rows_put_dressed(rows, job->object, job->dressed,
		    job->at_ms);
	case JOB_PURGE:
		return rows_purge(rows, &job->purge, &job->purged);
	case JOB_DEED:
		writer->untidy++;
		return do_deed(rows, job);
	}
	return SQLITE_OK;
}

static void
on_change(void *arg, const struct purge_deed *deed)
{
	struct writer *writer = arg;

	atomic_fetch_add(&writer->purges_elsewhere, 1);
	purge_announce(writer->memtier, deed);
	purge_memory(writer->memtier, deed);
	lock_take(&writer->telling);
	if (writer->told)
		writer->told(writer->told_arg, meaning_kind(deed->meaning),
		    meaning_key(deed->meaning), deed->at_ms);
	lock_drop(&writer->telling);
}

int
batch_changes(struct writer *writer)
{
	int rc = rows_changes(&writer->file.rows, on_change, writer);

	return rc == SQLITE_OK ? hear_news(writer) : rc;
}

/* As much as this batch has brought goes in any case, or stores would outrun
 * it; what is too much beside that, a little at a time, when no store waits. */
static int
evict(struct writer *writer, int64_t used_before, unsigned *count)
{
	struct rows *rows = &writer->file.rows;
	int64_t max = (int64_t)atomic_load(&writer->file.size_max);
	uint64_t until_us = clock_mono_us() + EVICT_US;
	int64_t used = rows_used_bytes(rows);
	bool begun = writer->more_to_evict;
	int rc = SQLITE_OK;

	writer->more_to_evict = false;
	if (used <= max && !begun)
		return SQLITE_OK;
	/* a twentieth below, so that it is not each batch's business */
	while (rc == SQLITE_OK && used > max - max / 20) {
		unsigned before = *count;

		if (used <= used_before &&
		    (writer->queue.first || clock_mono_us() > until_us ||
			file_wal_is_long(&writer->file))) {
			writer->more_to_evict = true;
			break;
		}
		rc = rows_evict(rows, count);
		if (*count == before)
			break;
		used = rows_used_bytes(rows);
	}
	return rc;
}

bool
batch_has_touches(struct writer *writer)
{
	return atomic_load(&writer->touched) &&
	    clock_mono_us() - writer->touched_at_us > TOUCH_EVERY_US;
}

bool
batch_tidies(struct writer *writer)
{
	if (writer->untidy == 0)
		return false;
	writer->untidy = TIDY_EVERY_DEEDS;
	return true;
}

int
batch_touches(struct writer *writer)
{
	struct object *object = atomic_exchange(&writer->touched, NULL), *next;
	bool may_write = writer->has_file &&
	    !file_has_trouble(&writer->file);
	int rc = SQLITE_OK;
	uint32_t hits;

	for (; object; object = next) {
		/* read before hits is 0: then it may be listed again */
		next = object->touched_next;
		hits = atomic_exchange(&object->hits, 0);
		if (may_write && object->row == 0 &&
		    !object->touched_early) {
			/* used before its row is there: the next turn's */
			object->touched_early = true;
			writer_list_touched(writer, object, hits);
		} else if (may_write && rc == SQLITE_OK) {
			rc = rows_touch(&writer->file.rows, object, hits);
		}
		object_unref(&object);
	}
	writer->touched_at_us = clock_mono_us();
	return rc;
}

void
batch_choose(struct writer *writer, struct jobs *batch, uint64_t *bytes)
{
	*bytes = 0;
	while (writer->queue.first && batch->count < writer->batch_jobs &&
	    *bytes < BATCH_BYTES) {
		struct job *job = jobs_take(&writer->queue);

		*bytes += job->size;
		jobs_add(batch, &job->item);
	}
}

/* A row that cannot be written at all is left out; the rest goes on. */
static int
do_jobs(struct writer *writer, struct jobs *batch)
{
	sqlite3 *sqlite = writer->file.rows.db.sqlite;
	struct inbox_item *item;
	int rc = SQLITE_OK;

	for (item = batch->first; item && rc == SQLITE_OK;
	    item = item->next) {
		rc = do_job(writer, job_of(item));
		if (rc != SQLITE_OK &&
		    db_state_of(sqlite, rc) == DB_BAD_ROW) {
			log_debug("cache file: a row was refused: %s",
			    sqlite3_errmsg(sqlite));
			counter_up(COUNT_STORE_FAILED);
			rc = SQLITE_OK;
		}
	}
	return rc;
}

unsigned
batch_pace(unsigned limit, unsigned count, uint64_t took_us)
{
	if (took_us > BATCH_US && limit > BATCH_JOBS_MIN)
		return limit / 2;
	if (took_us < BATCH_US / 2 && count >= limit && limit < BATCH_JOBS)
		return limit * 2;
	return limit;
}

static int
do_jobs_at_pace(struct writer *writer, struct jobs *batch)
{
	uint64_t start = clock_mono_us();
	int rc = do_jobs(writer, batch);

	writer->batch_jobs = batch_pace(writer->batch_jobs, batch->count,
	    clock_mono_us() - start);
	return rc;
}

int
batch_write(struct writer *writer, struct jobs *batch)
{
	struct rows *rows = &writer->file.rows;
	int64_t used = rows_used_bytes(rows);
	unsigned evicted = 0;
	int rc = rows_begin(rows);

	if (rc != SQLITE_OK)
		return rc;
	rc = batch_changes(writer);
	if (rc == SQLITE_OK)
		rc = do_jobs_at_pace(writer, batch);
	if (rc == SQLITE_OK && batch_has_touches(writer))
		rc = batch_touches(writer);
	if (rc == SQLITE_OK && writer->sweeps) {
		writer->sweeps = false;
		rc = rows_sweep(rows, clock_mono_us() + SWEEP_US);
	}
	if (rc == SQLITE_OK)
		rc = evict(writer, used, &evicted);
	if (rc == SQLITE_OK && writer->untidy >= TIDY_EVERY_DEEDS) {
		rc = rows_tidy(rows);
		writer->untidy = 0;
	}
	if (rc == SQLITE_OK)
		rc = news_trim(rows);
	if (rc == SQLITE_OK)
		rc = rows_commit(rows);
	if (rc == SQLITE_OK)
		counter_add(COUNT_EVICTED, evicted);
	return rc;
}

/* ---- in a damaged file ---- */

static int
do_alone(struct writer *writer, struct job *job)
{
	struct rows *rows = &writer->file.rows;
	int rc = do_job(writer, job);

	if (rc == SQLITE_OK)
		return rows_commit(rows);
	rows_rollback(rows);
	return rc;
}

/* May the next job be tried, after this one failed so? */
static bool
may_go_on(struct writer *writer, const struct job *job, int rc)
{
	enum db_state state = db_state_of(writer->file.rows.db.sqlite, rc);

	if (state == DB_CORRUPT)
		return job->kind != JOB_PURGE &&
		    !file_is_spoilt(&writer->file, 1);
	return state == DB_BAD_ROW;
}

/* What was written in part would be worse than what was not written: each job
 * that fails is rolled back whole. */
int
batch_write_singly(struct writer *writer, struct jobs *batch)
{
	struct rows *rows = &writer->file.rows;
	struct inbox_item *item;

	rows_rollback(rows);
	for (item = batch->first; item; item = item->next) {
		struct job *job = job_of(item);
		int rc = rows_begin(rows);

		if (rc != SQLITE_OK)
			return rc;
		rc = do_alone(writer, job);
		if (rc == SQLITE_OK)
			continue;
		if (!may_go_on(writer, job, rc))
			return rc;
		if (job->kind != JOB_DEED)
			counter_up(COUNT_STORE_FAILED);
	}
	return SQLITE_OK;
}
