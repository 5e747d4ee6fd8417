/* cache/hold.c - what waits while the file cannot be written
 *
 * Stores are in memory anyway and are given up; purges and the small things
 * are kept, since nothing else remembers them. */
#include "cache/hold.h"

#include "base/counter.h"
#include "base/mem.h"
#include "cache/batch.h"
#include "cache/hear.h"
#include "cache/recent.h"

enum {
	HELD_MAX = 1000, /* deeds, and purges */
	/* Of the purges that recent.h remembers, those that are taken to be not
	 * done when one is held; the rest of its room is for purges to come. */
	DOUBTED_PURGES = RECENT_MAX / 2,
};

/* The old rows may not be read again: those that this purge means, or all
 * while it is not known which. */
static void
stop_showing(struct writer *writer)
{
	uint64_t now = recent_count(memtier_recent(writer->memtier));
	uint64_t from = now > DOUBTED_PURGES ? now - DOUBTED_PURGES : 0;

	writer->file.owes_purges = true;
	if (!atomic_load(&writer->file.only_read))
		atomic_store(&writer->file.generation, 0);
	else if (from < atomic_load(&writer->purges_done))
		atomic_store(&writer->purges_done, from);
}

/* Purges beyond so many are one of everything. */
static bool
is_held(struct job *job, unsigned *purges)
{
	struct err err;

	if (++*purges <= HELD_MAX)
		return true;
	if (*purges > HELD_MAX + 1)
		return false;
	meaning_unref(&job->purge.meaning);
	must(meaning_new(&job->purge.meaning, "all", "", &err) == 0);
	job->purge.soft = false;
	return true;
}

/* Keep what must not be lost, in memory, until the file is well again. */
static void
keep(struct writer *writer, struct jobs *batch)
{
	unsigned purges = 0, deeds = 0;
	struct jobs kept;
	struct job *job;
	bool stays;

	jobs_init(&kept);
	while ((job = jobs_take(batch)) != NULL) {
		stays = job->kind == JOB_DEED && ++deeds <= HELD_MAX;
		if (job->kind == JOB_PURGE) {
			stop_showing(writer);
			job_answer(job);
			stays = is_held(job, &purges);
		} else if (job->kind != JOB_DEED) {
			counter_up(COUNT_STORE_FAILED);
		}
		if (stays)
			jobs_add(&kept, &job->item);
		else
			job_end(writer, &job);
	}
	jobs_append(&writer->queue, &kept);
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
		int rc = batch_write(writer, &purges);

		if (rc == SQLITE_OK)
			jobs_end(writer, &purges);
		else
			(void)file_failed(&writer->file, rc);
	}
	jobs_append(&writer->queue, &purges);
	jobs_append(&writer->queue, &others);
}

void
hold_all(struct writer *writer, struct jobs *batch)
{
	jobs_append(batch, &writer->queue);
	jobs_append(&writer->queue, batch);
	write_purges(writer);
	jobs_append(batch, &writer->queue);
	keep(writer, batch);
}

void
hold_restore(struct writer *writer, bool all)
{
	struct object **objects;

	hear_what_was_missed(writer);
	/* another connection counts from anew: listen in any case */
	if (all)
		writer->data_version = -1;
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
