/* page/crew.c - weighted fair queueing with one number a site
 *
 * used_us is the worker time a site has had. The active site with the smallest
 * goes next. A site that was idle begins at the smallest of the active ones,
 * so it neither saves up time nor pays for having been away. */
#include "page/crew.h"

#include "base/clock.h"
#include "base/counter.h"
#include "base/lock.h"
#include "base/mem.h"
#include "base/thread.h"

enum { OUT_MAX = 64 << 20, WORKERS_MAX = 64 };

struct crew {
	struct lock lock;
	struct cond work;
	/* shared: under lock */
	struct site_load *active;
	uint64_t used_floor; /* of the site that was served last */
	unsigned share;
	bool stops;
	/* fixed after the start */
	struct cache *cache;
	unsigned workers;
	struct thread threads[WORKERS_MAX];
};

struct site_load *
site_load_new(void)
{
	struct site_load *load = mem_new(sizeof(*load));

	atomic_init(&load->refs, 1);
	load->last = &load->first;
	return load;
}

struct site_load *
site_load_ref(struct site_load *load)
{
	atomic_fetch_add(&load->refs, 1);
	return load;
}

void
site_load_unref(struct site_load **load)
{
	struct site_load *gone = *load;

	*load = NULL;
	if (!gone || atomic_fetch_sub(&gone->refs, 1) != 1)
		return;
	must(!gone->first && gone->running == 0);
	mem_free(&gone);
}

void
crew_post(struct crew *crew, struct site_load *load, struct crew_job *job)
{
	job->next = NULL;
	job->posted_us = clock_mono_us();
	counter_add(COUNT_IN_CREW, 1);
	lock_take(&crew->lock);
	must(!crew->stops);
	if (!load->first) {
		load->next_active = crew->active;
		crew->active = load;
		if (load->used_us < crew->used_floor)
			load->used_us = crew->used_floor;
	}
	*load->last = job;
	load->last = &job->next;
	cond_signal(&crew->work);
	lock_drop(&crew->lock);
}

/* The active site that is next in fairness and below its share, unlinked when
 * its last job is taken. */
static struct site_load *
pick(struct crew *crew)
{
	struct site_load **link, **best = NULL, *load;

	for (link = &crew->active; *link; link = &(*link)->next_active) {
		if ((*link)->running >= crew->share)
			continue;
		if (!best || (*link)->used_us < (*best)->used_us)
			best = link;
	}
	if (!best)
		return NULL;
	load = *best;
	if (!load->first->next)
		*best = load->next_active;
	return load;
}

static struct crew_job *
take_job(struct site_load *load)
{
	struct crew_job *job = load->first;

	load->first = job->next;
	if (!load->first)
		load->last = &load->first;
	return job;
}

/* The lock is held, but not while the job runs. The job's page may be the last
 * that holds the site's routes, so the worker counts on the load itself. */
static void
run_one(struct crew *crew, struct site_load *load, struct worker *worker)
{
	struct crew_job *job = take_job(load);
	uint64_t start;

	site_load_ref(load);
	load->running++;
	crew->used_floor = load->used_us;
	lock_drop(&crew->lock);
	start = clock_mono_us();
	counter_add(COUNT_CREW_WAIT_US, (int64_t)(start - job->posted_us));
	job->run(job, worker);
	counter_add(COUNT_IN_CREW, -1);
	lock_take(&crew->lock);
	load->running--;
	load->used_us += clock_mono_us() - start;
	/* A site that was at its share may go on now. */
	if (load->first)
		cond_signal(&crew->work);
	site_load_unref(&load);
}

static void
work(void *arg)
{
	struct crew *crew = arg;
	struct worker worker = {
		.reader = cache_reader_new(crew->cache),
		.dresser = dresser_new(),
	};
	struct site_load *load;

	thread_forbid_blocking();
	buf_init(&worker.out, OUT_MAX);
	lock_take(&crew->lock);
	for (;;) {
		load = pick(crew);
		if (load)
			run_one(crew, load, &worker);
		else if (crew->stops && !crew->active)
			break;
		else
			cond_wait(&crew->work, &crew->lock, UINT64_MAX);
	}
	cond_broadcast(&crew->work);
	lock_drop(&crew->lock);
	buf_fini(&worker.out);
	dresser_free(&worker.dresser);
	cache_reader_free(&worker.reader);
}

int
crew_start(struct crew **out, struct cache *cache, unsigned workers,
    struct err *err)
{
	struct crew *crew = mem_new(sizeof(*crew));
	unsigned i;

	must(workers > 0);
	lock_init(&crew->lock);
	cond_init(&crew->work);
	crew->cache = cache;
	crew->workers = workers < WORKERS_MAX ? workers : WORKERS_MAX;
	crew->share = crew->workers;
	for (i = 0; i < crew->workers; i++) {
		if (thread_start(&crew->threads[i], "crew", work, crew,
			err) != 0) {
			crew_stop(&crew);
			return -1;
		}
	}
	*out = crew;
	return 0;
}

void
crew_stop(struct crew **crew)
{
	unsigned i;

	if (!*crew)
		return;
	lock_take(&(*crew)->lock);
	(*crew)->stops = true;
	cond_broadcast(&(*crew)->work);
	lock_drop(&(*crew)->lock);
	for (i = 0; i < (*crew)->workers; i++)
		thread_join(&(*crew)->threads[i]);
	cond_fini(&(*crew)->work);
	lock_fini(&(*crew)->lock);
	mem_free(crew);
}

void
crew_set_share(struct crew *crew, unsigned share)
{
	lock_take(&crew->lock);
	crew->share = share > 0 ? share : 1;
	cond_broadcast(&crew->work);
	lock_drop(&crew->lock);
}

unsigned
crew_workers(const struct crew *crew)
{
	return crew->workers;
}
