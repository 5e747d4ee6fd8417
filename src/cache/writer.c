/* cache/writer.c - inbox, batches, and what is done when there is time
 *
 * One turn of the thread: wait for work or a quarter of a second, give what
 * comes a moment to become a batch, write it in one transaction, then look
 * after the file: other processes' purges, hits, size, WAL. */
#include "cache/job.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cache/batch.h"
#include "cache/checkup.h"
#include "cache/hear.h"
#include "cache/hold.h"
#include "cache/peers.h"
#include "cache/recent.h"

enum {
	TICK_MS = 250,
	GATHER_MS = 20, /* what comes within is one batch */
	REST_MS = 10,   /* between two goes at what was purged */
	BURY_US = 5000, /* of one go, in memory */
};

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
	batch_choose(writer, &batch, &bytes);
	if (!file_has_room(file, bytes)) {
		hold_all(writer, &batch);
		return false;
	}
	rc = batch_write(writer, &batch);
	if (db_state_of(NULL, rc) == DB_CORRUPT && !file_is_spoilt(file, 1))
		rc = batch_write_singly(writer, &batch);
	if (rc != SQLITE_OK && file_failed(file, rc)) {
		hold_restore(writer, true);
		rc = batch_write(writer, &batch);
		if (rc != SQLITE_OK)
			(void)file_failed(file, rc);
	}
	if (rc != SQLITE_OK) {
		hold_all(writer, &batch);
		return false;
	}
	jobs_end(writer, &batch);
	return true;
}

static void
write_all(struct writer *writer)
{
	writer->sweeps = rows_may_sweep(&writer->file.rows);
	while (writer->queue.first || batch_has_touches(writer) ||
	    writer->more_to_evict || writer->sweeps) {
		if (!write_one(writer))
			return;
		file_checkpoint(&writer->file, false);
		take_inbox(writer);
		if (writer->file.rows.has_readers)
			usleep(PEERS_REST_US);
	}
	atomic_store(&writer->lags, false);
}

/* What others wrote. Heard of in trouble, too: there is room for purges when
 * there is none for stores (hold.c), and memory serves on. */
static int
listen_to_others(struct writer *writer)
{
	struct rows *rows = &writer->file.rows;
	int64_t version = rows->db.sqlite ? rows_data_version(rows) :
	    writer->data_version;
	int rc;

	if (version == writer->data_version)
		return SQLITE_OK;
	rc = batch_changes(writer);
	if (rc == SQLITE_OK)
		writer->data_version = version;
	return rc;
}

/* What others did to the file. */
static void
look_around(struct writer *writer)
{
	struct file *file = &writer->file;
	unsigned suspect = atomic_exchange(&writer->suspect, 0);
	int rc;

	if (file_was_replaced(file)) {
		log_warn("cache file %s: it was moved, removed or replaced; "
		    "opening what is there now", file->name);
		writer_tell(writer, file->name, "the file was moved or removed",
		    "opened anew");
		if (file_reopen(file))
			hold_restore(writer, true);
		return;
	}
	if (suspect && file_is_spoilt(file, suspect)) {
		if (file_failed(file, SQLITE_CORRUPT))
			hold_restore(writer, true);
		return;
	}
	rc = listen_to_others(writer);
	if (rc != SQLITE_OK && file_failed(file, rc))
		hold_restore(writer, true);
}

/* In trouble: is it over? Then what was kept comes first. */
static bool
try_again(struct writer *writer)
{
	struct file *file = &writer->file;
	uint64_t openings = file->openings;
	struct jobs none;

	jobs_init(&none);
	hold_all(writer, &none);
	(void)batch_touches(writer);
	if (!file_recovered(file))
		return false;
	hold_restore(writer, file->openings != openings);
	take_inbox(writer);
	return true;
}

static void
turn(struct writer *writer)
{
	struct file *file = &writer->file;
	uint64_t purges;

	lock_take(&writer->purging);
	purges = recent_count(memtier_recent(writer->memtier));
	lock_drop(&writer->purging);
	take_inbox(writer);
	if (!writer->has_file) {
		(void)batch_touches(writer);
		return;
	}
	if (file_has_trouble(file) && !try_again(writer)) {
		/* one that is damaged shows that when it is written again */
		(void)listen_to_others(writer);
		return;
	}
	look_around(writer);
	if (file_has_trouble(file))
		return;
	write_all(writer);
	if (file_has_trouble(file))
		return;
	/* what was held is written */
	file->owes_purges = false;
	if (atomic_load(&file->generation) == 0)
		atomic_store(&file->generation, file->openings);
	file_calm(file);
	/* all that were counted had been posted, and are in this batch */
	atomic_store(&writer->purges_done, purges);
	file_checkpoint(file, true);
	file_shrink(file);
}

/* ---- the thread ---- */

/* Wait until something was posted, or a tick; then a moment for more. */
static bool
wait_for_work(struct writer *writer)
{
	bool stopping;

	bool has_more = writer->buries ||
	    (rows_may_sweep(&writer->file.rows) &&
		!file_has_trouble(&writer->file));
	uint64_t wait_ms = has_more ? REST_MS : TICK_MS;

	lock_take(&writer->lock);
	if (!writer->woken && !writer->stopping)
		cond_wait(&writer->cond, &writer->lock, wait_ms);
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

	while (wait_for_work(writer)) {
		turn(writer);
		hear_tell(writer);
		writer->buries = memtier_bury(writer->memtier,
		    clock_mono_us() + BURY_US);
	}
	writer->touched_at_us = 0;
	turn(writer);
	if (writer->file.rows.db.sqlite && batch_tidies(writer))
		(void)!write_one(writer);
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
	jobs_append(&rest, &writer->queue);
	jobs_end(writer, &rest);
	writer->has_file = false;
	(void)batch_touches(writer); /* lets go of the objects */
	file_fini(&writer->file);
	peers_free(&writer->peers);
	charges_free(&writer->charges);
	inbox_fini(&writer->inbox);
	cond_fini(&writer->cond);
	lock_fini(&writer->telling);
	lock_fini(&writer->purging);
	lock_fini(&writer->lock);
	mem_free(&writer);
}

int
writer_new(struct writer **out, const struct cache_opts *opts,
    struct memtier *memtier, struct err *err)
{
	struct writer *writer = mem_new(sizeof(*writer));
	bool was_left = false;

	writer->memtier = memtier;
	writer->has_file = opts->file != NULL;
	file_init(&writer->file, opts->file ? opts->file : "");
	writer->file.rows.peers = writer->peers = peers_new();
	writer->file.rows.charges = writer->charges = charges_new();
	writer->file.tell = writer_tell;
	writer->file.tell_arg = writer;
	inbox_init(&writer->inbox);
	lock_init(&writer->lock);
	lock_init(&writer->purging);
	lock_init(&writer->telling);
	cond_init(&writer->cond);
	jobs_init(&writer->queue);
	writer->batch_jobs = BATCH_JOBS;
	writer_set_limits(writer, opts);
	/* Without it there is memory, and a problem that says so. */
	if (writer->has_file)
		was_left = file_open(&writer->file) && writer->file.was_left;
	if (thread_start(&writer->thread, "cache-writer", run, writer,
	    err) != 0)
		goto out;
	atomic_store(&writer->running, true);
	if (was_left && writer_generation(writer) != 0 &&
	    checkup_new(&writer->checkup, writer, err) != 0)
		log_warn("cache file %s: not looked through: %s",
		    writer->file.name, err->text);
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
	checkup_free(&writer->checkup);
	lock_take(&writer->lock);
	writer->stopping = true;
	cond_signal(&writer->cond);
	lock_drop(&writer->lock);
	thread_join(&writer->thread);
	/* so that who may only read finds it all in the file itself */
	if (writer->file.rows.db.sqlite) {
		peers_leave(writer->peers, writer->file.rows.db.sqlite);
		file_finish(&writer->file);
	}
	writer_drop(writer);
}
