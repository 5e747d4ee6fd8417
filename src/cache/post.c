/* cache/post.c - how other threads reach the writer
 *
 * Nobody waits here but for a purge. What is too much is refused at once, and
 * counted, so that a slow disk costs neither memory nor time. */
#include "cache/job.h"

#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/report.h"
#include "cache/peers.h"
#include "cache/purge.h"
#include "cache/recent.h"

enum {
	TEXT_MAX = 4 << 10, /* a longer one is cut */
	LARGEST_PART = 8,   /* of the file, for one object */
};

static void
wake(struct writer *writer, bool urgent)
{
	lock_take(&writer->lock);
	writer->woken = true;
	writer->urgent |= urgent;
	cond_signal(&writer->cond);
	lock_drop(&writer->lock);
}

static void
post(struct writer *writer, struct job *job, bool urgent)
{
	if (inbox_post(&writer->inbox, &job->item) || urgent)
		wake(writer, urgent);
}

static struct job *
job_new(enum job_kind kind)
{
	struct job *job = mem_new(sizeof(*job));

	job->kind = kind;
	job->at_ms = clock_wall_ms();
	return job;
}

void
writer_tell(void *arg, const char *url, const char *reason, const char *instead)
{
	struct writer *writer = arg;

	if (atomic_load(&writer->running)) {
		report_problem("store", url, reason, instead);
		return;
	}
	counter_up(COUNT_PROBLEMS);
	writer_post(writer, DEED_PROBLEM,
	    (const char *[]){"store", url, reason, instead}, 4, 0);
}

/* Is there room for so much more? Too much waits: said once, until the queue
 * is empty again. */
static bool
may_wait(struct writer *writer, size_t size)
{
	uint64_t waiting = atomic_load(&writer->bytes_waiting);

	if (waiting + size <= WAITING_MAX)
		return true;
	if (!atomic_exchange(&writer->lags, true)) {
		log_warn("cache file %s: the writer cannot keep up, keeping "
		    "stores in memory", writer->file.name);
		writer_tell(writer, writer->file.name,
		    "the writer cannot keep up", "memory only");
	}
	return false;
}

static bool
post_store(struct writer *writer, enum job_kind kind, struct object *object,
    struct object *dressed)
{
	size_t size = object_size(object) +
	    (dressed ? object_size(dressed) : 0);
	uint64_t max = atomic_load(&writer->file.size_max) / LARGEST_PART;
	struct job *job;

	if (!writer->has_file || size > max)
		return false;
	if (file_has_trouble(&writer->file) || !may_wait(writer, size)) {
		counter_up(COUNT_STORE_FAILED);
		return false;
	}
	job = job_new(kind);
	job->purges_elsewhere = atomic_load(&writer->purges_elsewhere);
	job->purges = recent_count(memtier_recent(writer->memtier));
	job->object = object_ref(object);
	job->dressed = object_ref(dressed);
	job->size = size;
	atomic_fetch_add(&writer->bytes_waiting, size);
	counter_add(COUNT_WRITER_QUEUE, (int64_t)size);
	counter_up(COUNT_STORES);
	post(writer, job, false);
	return true;
}

bool
writer_store(struct writer *writer, struct object *object)
{
	return post_store(writer, JOB_STORE, object, NULL);
}

bool
writer_store_dressed(struct writer *writer, struct object *page,
    struct object *dressed)
{
	return post_store(writer, JOB_DRESS, page, dressed);
}

void
writer_touch(struct writer *writer, struct object *object, int64_t now_ms)
{
	atomic_store_explicit(&object->last_used_ms, now_ms,
	    memory_order_relaxed);
	writer_list_touched(writer, object, 1);
}

void
writer_list_touched(struct writer *writer, struct object *object,
    uint32_t hits)
{
	/* who finds 0 puts it on the list; only the writer makes it 0 */
	if (atomic_fetch_add(&object->hits, hits) != 0)
		return;
	object_ref(object);
	object->touched_next = atomic_load(&writer->touched);
	while (!atomic_compare_exchange_weak(&writer->touched,
	    &object->touched_next, object))
		;
}

void
writer_post(struct writer *writer, enum deed deed, const char *const *texts,
    int count, int64_t number)
{
	struct job *job;

	if (!writer->has_file)
		return;
	if (atomic_fetch_add(&writer->small_waiting, 1) >= SMALL_MAX) {
		atomic_fetch_sub(&writer->small_waiting, 1);
		return;
	}
	job = job_new(JOB_DEED);
	job->deed = deed;
	job->number = number;
	must(count <= TEXTS_MAX);
	for (int i = 0; i < count; i++) {
		const char *text = texts[i] ? texts[i] : "";

		job->text[i] = deed == DEED_ERROR && i == 0 ?
		    mem_strdup(text) :
		    mem_strndup(text, strnlen(text, TEXT_MAX));
	}
	post(writer, job, false);
}

static struct purged
wait_for(struct waiting *waiting)
{
	lock_take(&waiting->lock);
	while (!waiting->done)
		cond_wait(&waiting->cond, &waiting->lock, UINT64_MAX);
	lock_drop(&waiting->lock);
	return waiting->purged;
}

static struct job *
purge_job(const struct purge_deed *deed)
{
	struct job *job = job_new(JOB_PURGE);

	job->purge = *deed;
	meaning_ref(job->purge.meaning);
	return job;
}

/* From memory now, and from the file by the job, if there is one, while memory
 * is looked through. The writer counts the purges that are remembered: none of
 * them may be without its job then, or it would be taken for done. */
static unsigned
purge_now(struct writer *writer, const struct purge_deed *deed,
    struct job *job)
{
	unsigned count;

	lock_take(&writer->purging);
	purge_announce(writer->memtier, deed);
	if (job)
		post(writer, job, true);
	lock_drop(&writer->purging);
	count = purge_memory(writer->memtier, deed);
	if (!job)
		wake(writer, true);
	return count;
}

void
writer_purge_later(struct writer *writer, const struct purge_deed *deed)
{
	(void)purge_now(writer, deed,
	    writer->has_file ? purge_job(deed) : NULL);
}

struct purged
writer_purge(struct writer *writer, const struct purge_deed *deed)
{
	struct waiting waiting = {.done = false};
	struct purged purged = {0, false};
	unsigned in_memory;
	struct job *job;

	if (!writer->has_file) {
		purged.count = purge_now(writer, deed, NULL);
		return purged;
	}
	lock_init(&waiting.lock);
	cond_init(&waiting.cond);
	job = purge_job(deed);
	job->waiting = &waiting;
	in_memory = purge_now(writer, deed, job);
	purged = wait_for(&waiting);
	cond_fini(&waiting.cond);
	lock_fini(&waiting.lock);
	if (purged.count < in_memory)
		purged.count = in_memory;
	return purged;
}

void
writer_suspect(struct writer *writer, uint64_t generation)
{
	if (generation == writer_generation(writer) &&
	    atomic_fetch_add(&writer->suspect, 1) == 0)
		wake(writer, false);
}

void
writer_drop_damaged(struct writer *writer, const char *url, int64_t id,
    const struct sum *sum, bool is_dressed)
{
	char hex[2 * SUM_LEN + 1];
	const char *text = hex;

	sum_hex(hex, sum);
	counter_up(COUNT_DAMAGED);
	report_problem("store", url, is_dressed ?
	    "the stored dressed page is damaged" :
	    "the stored answer is damaged", "dropped, as if never stored");
	writer_post(writer, is_dressed ? DEED_DROP_DRESS : DEED_DROP_ENTRY,
	    &text, 1, id);
}

uint64_t
writer_purges_done(struct writer *writer)
{
	return atomic_load(&writer->purges_done);
}

int64_t
writer_covered(struct writer *writer, const struct meaning *meaning)
{
	return epochs_covered(writer->file.rows.epochs, meaning);
}

uint64_t
writer_closings(struct writer *writer)
{
	return epochs_closings(writer->file.rows.epochs);
}

bool
writer_has_purged(struct writer *writer, uint64_t done,
    struct object *object)
{
	int64_t at_ms = 0;
	enum meant purged = recent_judge(memtier_recent(writer->memtier),
	    done, object, 0, &at_ms);

	if (purged == MEANT_SOFT)
		object_expire(object, at_ms);
	if (purged != MEANT_HARD)
		purged = epochs_judge(writer->file.rows.epochs, object,
		    &at_ms);
	if (purged == MEANT_SOFT)
		object_expire(object, at_ms);
	return purged == MEANT_HARD;
}

uint64_t
writer_generation(struct writer *writer)
{
	return writer->has_file ? atomic_load(&writer->file.generation) : 0;
}

const char *
writer_file(const struct writer *writer)
{
	return writer->has_file ? writer->file.name : NULL;
}

const char *
writer_trouble(struct writer *writer)
{
	return writer->has_file ? atomic_load(&writer->file.trouble) : NULL;
}

uint64_t
writer_wal_bytes(struct writer *writer)
{
	return atomic_load(&writer->file.wal_bytes);
}

void
writer_on_change(struct writer *writer,
    void (*told)(void *arg, const char *kind, const char *key, int64_t at_ms),
    void *arg)
{
	lock_take(&writer->telling);
	writer->told = told;
	writer->told_arg = arg;
	lock_drop(&writer->telling);
}

void
writer_on_news(struct writer *writer, void (*told)(void *arg), void *arg)
{
	lock_take(&writer->telling);
	writer->heard = told;
	writer->heard_arg = arg;
	lock_drop(&writer->telling);
}

bool
writer_is_shared(struct writer *writer)
{
	return peers_are_there(writer->peers);
}

void
writer_ask_charge(struct writer *writer, const char *name, int64_t since_ms)
{
	charges_expect(writer->charges, name);
	writer_post(writer, DEED_CHARGE_ASK, &name, 1, since_ms);
}

enum charge
writer_look_at_charge(struct writer *writer, const char *name)
{
	return charges_look(writer->charges, name);
}
