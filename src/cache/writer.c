/* cache/writer.c - inbox, batches, and what is done when there is time
 *
 * One turn of the thread: wait for work or a quarter of a second, give what
 * comes a moment to become a batch, write it in one transaction, then look
 * after the file: other processes' purges, hits, size, WAL. */
#include "cache/job.h"

#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/mem.h"
#include "cache/purge.h"

enum {
	TICK_MS = 250,
	GATHER_MS = 20,          /* what comes within is one batch */
	BATCH_JOBS = 256,
	BATCH_BYTES = 8 << 20,
	KEPT_MAX = 1000,         /* deeds kept in a time of trouble */
	TOUCH_EVERY_US = 2000000,
	TIDY_EVERY_DEEDS = 256,
	EVICT_STEPS = 128,       /* in one batch */
};

/* ---- lists of jobs ---- */

static struct job *
job_of(struct inbox_item *item)
{
	return container_of(item, struct job, item);
}

static void
jobs_init(struct jobs *jobs)
{
	jobs->first = NULL;
	jobs->last = &jobs->first;
	jobs->count = 0;
}

static void
jobs_add(struct jobs *jobs, struct inbox_item *item)
{
	item->next = NULL;
	*jobs->last = item;
	jobs->last = &item->next;
	jobs->count++;
}

static struct job *
jobs_take(struct jobs *jobs)
{
	struct inbox_item *item = jobs->first;

	if (!item)
		return NULL;
	jobs->first = item->next;
	if (!jobs->first)
		jobs->last = &jobs->first;
	jobs->count--;
	return job_of(item);
}

/* ---- a job and its end ---- */

static void
answer(struct job *job)
{
	struct waiting *waiting = job->waiting;

	if (!waiting)
		return;
	job->waiting = NULL;
	lock_take(&waiting->lock);
	waiting->count = job->count;
	waiting->done = true;
	cond_signal(&waiting->cond);
	lock_drop(&waiting->lock);
}

static void
job_end(struct writer *writer, struct job **job_p)
{
	struct job *job = *job_p;

	*job_p = NULL;
	answer(job);
	atomic_fetch_sub(&writer->bytes_waiting, job->size);
	counter_add(COUNT_WRITER_QUEUE, -(int64_t)job->size);
	if (job->kind == JOB_DEED)
		atomic_fetch_sub(&writer->small_waiting, 1);
	object_unref(&job->object);
	object_unref(&job->dressed);
	for (int i = 0; i < TEXTS_MAX; i++)
		mem_free(&job->text[i]);
	mem_free(&job);
}

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
		    job->number, job->at_ms);
	case DEED_SITE:
		return rows_site(rows, text[0], text[1][0] == '1',
		    job->number);
	case DEED_UNSTORED:
		return rows_unstored(rows, text[0], text[1], job->at_ms);
	case DEED_DROP_ENTRY:
	case DEED_DROP_DRESS:
		return rows_drop(rows, job->number, text[0],
		    job->deed == DEED_DROP_DRESS);
	}
	return SQLITE_OK;
}

static int
do_job(struct writer *writer, struct job *job)
{
	struct rows *rows = &writer->file.rows;

	switch (job->kind) {
	case JOB_STORE:
		return rows_put(rows, job->object, job->at_ms);
	case JOB_DRESS:
		return rows_put_dressed(rows, job->object, job->dressed,
		    job->at_ms);
	case JOB_PURGE:
		job->count = 0;
		return rows_purge(rows, job->text[0], job->text[1],
		    &job->count, job->at_ms);
	case JOB_DEED:
		writer->untidy++;
		return do_deed(rows, job);
	}
	return SQLITE_OK;
}

/* ---- one transaction ---- */

static void
on_change(void *arg, const char *kind, const char *key)
{
	struct writer *writer = arg;

	purge_memory(writer->memtier, kind, key);
	lock_take(&writer->telling);
	if (writer->told)
		writer->told(writer->told_arg, kind, key);
	lock_drop(&writer->telling);
}

static int
evict(struct writer *writer, unsigned *count)
{
	struct rows *rows = &writer->file.rows;
	int64_t max = (int64_t)atomic_load(&writer->file.size_max);
	int64_t used = rows_used_bytes(rows);
	int rc = SQLITE_OK;

	writer->more_to_evict = false;
	if (used <= max)
		return SQLITE_OK;
	/* a twentieth below, so that it is not each batch's business */
	for (int i = 0; rc == SQLITE_OK && used > max - max / 20; i++) {
		unsigned before = *count;

		if (i == EVICT_STEPS) {
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

/* Take the hits since last time; what was used meanwhile makes a new list. */
static int
write_touches(struct writer *writer)
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
		if (may_write && rc == SQLITE_OK)
			rc = rows_touch(&writer->file.rows, object, hits);
		object_unref(&object);
	}
	writer->touched_at_us = clock_mono_us();
	return rc;
}

/* Put the jobs of one batch from the queue into batch. *bytes: of stores. */
static void
choose_batch(struct writer *writer, struct jobs *batch, uint64_t *bytes)
{
	*bytes = 0;
	while (writer->queue.first && batch->count < BATCH_JOBS &&
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

static int
write_batch(struct writer *writer, struct jobs *batch)
{
	struct rows *rows = &writer->file.rows;
	unsigned evicted = 0;
	int rc = rows_begin(rows);

	if (rc != SQLITE_OK)
		return rc;
	rc = rows_changes(rows, on_change, writer);
	if (rc == SQLITE_OK)
		rc = do_jobs(writer, batch);
	if (rc == SQLITE_OK &&
	    clock_mono_us() - writer->touched_at_us > TOUCH_EVERY_US)
		rc = write_touches(writer);
	if (rc == SQLITE_OK)
		rc = evict(writer, &evicted);
	if (rc == SQLITE_OK && writer->untidy >= TIDY_EVERY_DEEDS) {
		rc = rows_tidy(rows);
		writer->untidy = 0;
	}
	if (rc == SQLITE_OK)
		rc = rows_commit(rows);
	if (rc == SQLITE_OK)
		counter_add(COUNT_EVICTED, evicted);
	return rc;
}

/* ---- times of trouble ---- */

static void
end_jobs(struct writer *writer, struct jobs *batch)
{
	struct job *job;

	while ((job = jobs_take(batch)) != NULL)
		job_end(writer, &job);
}

static void
append(struct jobs *to, struct jobs *from)
{
	struct job *job;

	while ((job = jobs_take(from)) != NULL)
		jobs_add(to, &job->item);
}

/* Keep what must not be lost, in memory, until the file is well again. */
static void
keep(struct writer *writer, struct jobs *batch)
{
	struct jobs kept;
	struct job *job;

	jobs_init(&kept);
	while ((job = jobs_take(batch)) != NULL) {
		if (job->kind == JOB_PURGE) {
			/* the old rows may not be read again */
			atomic_store(&writer->file.generation, 0);
			answer(job);
		} else if (job->kind != JOB_DEED || kept.count >= KEPT_MAX) {
			if (job->kind != JOB_DEED)
				counter_up(COUNT_STORE_FAILED);
			job_end(writer, &job);
			continue;
		}
		jobs_add(&kept, &job->item);
	}
	writer->queue = kept;
	if (!kept.first)
		writer->queue.last = &writer->queue.first;
}

/* While the disk is nearly full or the WAL too long there is still room for
 * purges, and they are worth it: else the file could not be read on. */
static void
write_purges(struct writer *writer)
{
	struct jobs purges, others;
	struct job *job;

	if (!writer->file.rows.db.sqlite)
		return;
	jobs_init(&purges);
	jobs_init(&others);
	while ((job = jobs_take(&writer->queue)) != NULL)
		jobs_add(job->kind == JOB_PURGE ? &purges : &others,
		    &job->item);
	if (purges.first) {
		int rc = write_batch(writer, &purges);

		if (rc == SQLITE_OK)
			end_jobs(writer, &purges);
		else
			(void)file_failed(&writer->file, rc);
	}
	append(&writer->queue, &purges);
	append(&writer->queue, &others);
}

/* Everything in the queue, kept or given up. */
static void
keep_all(struct writer *writer, struct jobs *batch)
{
	append(batch, &writer->queue);
	append(&writer->queue, batch);
	write_purges(writer);
	append(batch, &writer->queue);
	keep(writer, batch);
}

/* After trouble, or with a fresh file: what memory has and the file has not
 * is stored now. all: rows of an older file count for nothing. */
static void
store_memory(struct writer *writer, bool all)
{
	struct object **objects;

	for (unsigned shard = 0; shard < MEMTIER_SHARDS; shard++) {
		size_t count = memtier_list(writer->memtier, shard, &objects);

		for (size_t i = 0; i < count; i++) {
			if (all)
				objects[i]->row = 0;
			if (objects[i]->row == 0)
				(void)!writer_store(writer, objects[i]);
			object_unref(&objects[i]);
		}
		mem_free(&objects);
	}
}

/* ---- one turn ---- */

static void
take_inbox(struct writer *writer)
{
	struct inbox_item *item = inbox_take(&writer->inbox), *next;

	for (; item; item = next) {
		next = item->next;
		jobs_add(&writer->queue, item);
	}
}

/* False: there is trouble now, and the queue was kept or given up. */
static bool
write_one(struct writer *writer)
{
	struct file *file = &writer->file;
	struct jobs batch;
	uint64_t bytes;
	int rc;

	jobs_init(&batch);
	choose_batch(writer, &batch, &bytes);
	if (!file_has_room(file, bytes)) {
		keep_all(writer, &batch);
		return false;
	}
	rc = write_batch(writer, &batch);
	if (rc != SQLITE_OK && file_failed(file, rc)) {
		store_memory(writer, true);
		rc = write_batch(writer, &batch);
		if (rc != SQLITE_OK)
			(void)file_failed(file, rc);
	}
	if (rc != SQLITE_OK) {
		keep_all(writer, &batch);
		return false;
	}
	end_jobs(writer, &batch);
	return true;
}

static bool
has_touches(struct writer *writer)
{
	return atomic_load(&writer->touched) &&
	    clock_mono_us() - writer->touched_at_us > TOUCH_EVERY_US;
}

static void
write_all(struct writer *writer)
{
	while (writer->queue.first || has_touches(writer) ||
	    writer->more_to_evict) {
		if (!write_one(writer))
			return;
		file_checkpoint(&writer->file, false);
		take_inbox(writer);
	}
	atomic_store(&writer->lags, false);
}

/* What others did to the file. */
static void
look_around(struct writer *writer)
{
	struct file *file = &writer->file;
	int suspect = atomic_exchange(&writer->suspect, SQLITE_OK);
	int64_t version;
	int rc = SQLITE_OK;

	if (file_was_replaced(file)) {
		log_warn("cache file %s: it was moved, removed or replaced; "
		    "opening what is there now", file->name);
		writer_tell(writer, file->name, "the file was moved or removed",
		    "opened anew");
		if (file_reopen(file))
			store_memory(writer, true);
		return;
	}
	if (suspect != SQLITE_OK) {
		if (file_failed(file, suspect))
			store_memory(writer, true);
		return;
	}
	version = rows_data_version(&file->rows);
	if (version == writer->data_version)
		return;
	writer->data_version = version;
	rc = rows_changes(&file->rows, on_change, writer);
	if (rc != SQLITE_OK && file_failed(file, rc))
		store_memory(writer, true);
}

/* In trouble: is it over? Then what was kept comes first. */
static bool
try_again(struct writer *writer)
{
	struct file *file = &writer->file;
	uint64_t openings = file->openings;
	struct jobs none;

	jobs_init(&none);
	keep_all(writer, &none);
	(void)write_touches(writer);
	if (!file_recovered(file))
		return false;
	/* a kept purge is yet to be written */
	if (writer->queue.first)
		atomic_store(&file->generation, 0);
	store_memory(writer, file->openings != openings);
	take_inbox(writer);
	return true;
}

static void
turn(struct writer *writer)
{
	struct file *file = &writer->file;

	take_inbox(writer);
	if (!writer->has_file) {
		(void)write_touches(writer);
		return;
	}
	if (file_has_trouble(file) && !try_again(writer))
		return;
	look_around(writer);
	if (file_has_trouble(file))
		return;
	write_all(writer);
	if (file_has_trouble(file))
		return;
	if (atomic_load(&file->generation) == 0)
		atomic_store(&file->generation, file->openings);
	file_checkpoint(file, true);
	file_shrink(file);
}

/* ---- the thread ---- */

/* Wait until something was posted, or a tick; then a moment for more. */
static bool
wait_for_work(struct writer *writer)
{
	bool stopping;

	lock_take(&writer->lock);
	if (!writer->woken && !writer->stopping)
		cond_wait(&writer->cond, &writer->lock, TICK_MS);
	if (writer->woken && !writer->urgent && !writer->stopping)
		cond_wait(&writer->cond, &writer->lock, GATHER_MS);
	writer->woken = writer->urgent = false;
	stopping = writer->stopping;
	lock_drop(&writer->lock);
	return !stopping;
}

static void
run(void *arg)
{
	struct writer *writer = arg;

	while (wait_for_work(writer))
		turn(writer);
	writer->touched_at_us = 0;
	turn(writer);
	if (writer->untidy && writer->file.rows.db.sqlite) {
		writer->untidy = TIDY_EVERY_DEEDS;
		(void)!write_one(writer);
	}
}

/* ---- beginning and end ---- */

void
writer_set_limits(struct writer *writer, const struct cache_opts *opts)
{
	atomic_store(&writer->file.size_max, opts->size_max);
	atomic_store(&writer->file.wal_max, opts->wal_max);
	atomic_store(&writer->file.rows.variants_max, opts->variants_max);
}

static void
writer_drop(struct writer *writer)
{
	struct jobs rest;

	take_inbox(writer);
	jobs_init(&rest);
	append(&rest, &writer->queue);
	end_jobs(writer, &rest);
	writer->has_file = false;
	(void)write_touches(writer); /* lets go of the objects */
	file_fini(&writer->file);
	inbox_fini(&writer->inbox);
	cond_fini(&writer->cond);
	lock_fini(&writer->telling);
	lock_fini(&writer->lock);
	mem_free(&writer);
}

int
writer_new(struct writer **out, const struct cache_opts *opts,
    struct memtier *memtier, struct err *err)
{
	struct writer *writer = mem_new(sizeof(*writer));

	writer->memtier = memtier;
	writer->has_file = opts->file != NULL;
	file_init(&writer->file, opts->file ? opts->file : "");
	writer->file.tell = writer_tell;
	writer->file.tell_arg = writer;
	inbox_init(&writer->inbox);
	lock_init(&writer->lock);
	lock_init(&writer->telling);
	cond_init(&writer->cond);
	jobs_init(&writer->queue);
	writer_set_limits(writer, opts);
	if (writer->has_file && file_make_folder(&writer->file, err) != 0)
		goto out;
	if (writer->has_file)
		(void)!file_open(&writer->file);
	if (thread_start(&writer->thread, "cache-writer", run, writer,
	    err) != 0)
		goto out;
	atomic_store(&writer->running, true);
	*out = writer;
	return 0;
out:
	writer_drop(writer);
	return -1;
}

void
writer_free(struct writer **writer_p)
{
	struct writer *writer = *writer_p;

	*writer_p = NULL;
	if (!writer)
		return;
	lock_take(&writer->lock);
	writer->stopping = true;
	cond_signal(&writer->cond);
	lock_drop(&writer->lock);
	thread_join(&writer->thread);
	/* so that who may only read finds it all in the file itself */
	if (writer->file.rows.db.sqlite)
		file_finish(&writer->file);
	writer_drop(writer);
}
