/* cache/jobs.c - lists of what is to be written, and how one of it ends
 *
 * A job belongs to whoever has it in a list; its end answers who waits for it
 * and gives back what it counted against the limits of post.c. */
#include "cache/job.h"

#include "base/counter.h"
#include "base/mem.h"

struct job *
job_of(struct inbox_item *item)
{
	return container_of(item, struct job, item);
}

void
jobs_init(struct jobs *jobs)
{
	jobs->first = NULL;
	jobs->last = &jobs->first;
	jobs->count = 0;
}

void
jobs_add(struct jobs *jobs, struct inbox_item *item)
{
	item->next = NULL;
	*jobs->last = item;
	jobs->last = &item->next;
	jobs->count++;
}

struct job *
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

void
job_answer(struct job *job)
{
	struct waiting *waiting = job->waiting;

	if (!waiting)
		return;
	job->waiting = NULL;
	lock_take(&waiting->lock);
	waiting->purged = job->purged;
	waiting->done = true;
	cond_signal(&waiting->cond);
	lock_drop(&waiting->lock);
}

void
job_end(struct writer *writer, struct job **job_p)
{
	struct job *job = *job_p;

	*job_p = NULL;
	job_answer(job);
	atomic_fetch_sub(&writer->bytes_waiting, job->size);
	counter_add(COUNT_WRITER_QUEUE, -(int64_t)job->size);
	if (job->kind == JOB_DEED)
		atomic_fetch_sub(&writer->small_waiting, 1);
	object_unref(&job->object);
	object_unref(&job->dressed);
	meaning_unref(&job->purge.meaning);
	for (int i = 0; i < TEXTS_MAX; i++)
		mem_free(&job->text[i]);
	mem_free(&job);
}

void
jobs_end(struct writer *writer, struct jobs *jobs)
{
	struct job *job;

	while ((job = jobs_take(jobs)) != NULL)
		job_end(writer, &job);
}

void
jobs_append(struct jobs *to, struct jobs *from)
{
	struct job *job;

	while ((job = jobs_take(from)) != NULL)
		jobs_add(to, &job->item);
}
