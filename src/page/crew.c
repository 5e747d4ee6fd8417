/* page/crew.c - weighted fair queueing with one number a site, in two lanes
 *
 * used_us is the worker time a site has had. The active site with the smallest
 * goes next. A site that was idle, or comes from the other lane, begins at the
 * smallest of the active ones, so it neither saves up time nor pays for having
 * been away.
 *
 * Fair queueing alone is not enough: a worker that computes for long holds a
 * processor for whole slices of the kernel's, while front, engines and the
 * workers of other sites, which need it for some microseconds only, stand
 * behind it. So what is slow is done by threads of a lower priority. A priority
 * can be lowered by anybody but raised by nobody without a privilege, which is
 * why the slow lane has threads of its own. */
#include "page/crew.h"

#include "base/clock.h"
#include "base/counter.h"
#include "base/lock.h"
#include "base/mem.h"
#include "base/thread.h"

/* Half of the workers, for one site of several. */
#define SHARE_OF(workers) (((workers) + 1) / 2)

enum { OUT_MAX = 64 << 20, WORKERS_MAX = 64, REST_MS = 1000 };

enum { ORDINARY, SLOW, LANES };

struct lane {
	struct cond work;
	/* shared: under the crew's lock */
	struct site_load *active;
	unsigned idle; /* workers that wait for work */
	uint64_t used_floor; /* of the site that was served last */
};

struct seat {
	struct crew *crew;
	unsigned lane;
	struct thread thread;
};

struct crew {
	struct lock lock;
	struct lane lanes[LANES];
	/* shared: under lock */
	unsigned sites;
	bool stops;
	/* fixed after the start */
	struct cache *cache;
	unsigned workers; /* of the ordinary lane: they sit first */
	unsigned seats_count;
	struct seat seats[WORKERS_MAX + SHARE_OF(WORKERS_MAX)];
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

/* How many workers one site may hold. */
static unsigned
share(const struct crew *crew)
{
	return crew->sites > 1 ? SHARE_OF(crew->workers) : crew->workers;
}

/* ---- what waits ---- */

static void
enter_lane(struct crew *crew, struct site_load *load)
{
	struct lane *lane = &crew->lanes[load->lane];

	load->next_active = lane->active;
	lane->active = load;
	if (load->used_us < lane->used_floor)
		load->used_us = lane->used_floor;
}

static void
leave_lane(struct crew *crew, struct site_load *load)
{
	struct site_load **link = &crew->lanes[load->lane].active;

	while (*link != load)
		link = &(*link)->next_active;
	*link = load->next_active;
}

/* The lock is held. Gives the lane that is to be woken once it is not: who is
 * woken under it would at once wait for it. */
static struct lane *
enqueue(struct crew *crew, struct site_load *load, struct crew_job *job)
{
	must(!crew->stops);
	if (!load->first)
		enter_lane(crew, load);
	*load->last = job;
	load->last = &job->next;
	return &crew->lanes[load->lane];
}

void
crew_post(struct crew *crew, struct site_load *load, struct crew_job *job)
{
	struct lane *lane;

	job->next = NULL;
	job->posted_us = clock_mono_us();
	counter_add(COUNT_IN_CREW, 1);
	lock_take(&crew->lock);
	lane = enqueue(crew, load, job);
	lock_drop(&crew->lock);
	cond_signal(&lane->work);
}

bool
crew_offer(struct crew *crew, struct site_load *load, struct crew_job *job)
{
	struct lane *lane;
	bool has_room;

	job->next = NULL;
	job->posted_us = clock_mono_us();
	lock_take(&crew->lock);
	lane = &crew->lanes[load->lane];
	has_room = !crew->stops && !lane->active && lane->idle > 0 &&
	    load->running < share(crew);
	if (has_room) {
		counter_add(COUNT_IN_CREW, 1);
		lane = enqueue(crew, load, job);
	}
	lock_drop(&crew->lock);
	if (has_room)
		cond_signal(&lane->work);
	return has_room;
}

/* The active site that is next in fairness and below its share. */
static struct site_load *
pick(struct crew *crew, struct lane *lane)
{
	struct site_load *load, *best = NULL;

	for (load = lane->active; load; load = load->next_active) {
		if (load->running >= share(crew))
			continue;
		if (!best || load->used_us < best->used_us)
			best = load;
	}
	return best;
}

/* A site without work is in no lane's list. */
static struct crew_job *
take_job(struct crew *crew, struct site_load *load)
{
	struct crew_job *job = load->first;

	if (!job->next) {
		leave_lane(crew, load);
		load->last = &load->first;
	}
	load->first = job->next;
	return job;
}

/* ---- who is slow ---- */

bool
site_load_is_slow(struct site_load *load, uint64_t cpu_us, uint64_t now_us)
{
	if (cpu_us >= CREW_SLOW_US)
		load->slow_until_us = now_us + CREW_SLOW_FOR_US;
	return now_us < load->slow_until_us;
}

/* While the crew stops nobody changes: each lane empties itself. */
static void
move_to(struct crew *crew, struct site_load *load, unsigned lane)
{
	if (lane == load->lane || crew->stops)
		return;
	if (load->first)
		leave_lane(crew, load);
	load->lane = lane;
	load->used_us = 0;
	if (!load->first)
		return;
	enter_lane(crew, load);
	cond_broadcast(&crew->lanes[lane].work);
}

/* ---- the workers ---- */

/* The lock is held, but not while the job runs. The job's page may be the last
 * that holds the site's routes, so the worker counts on the load itself. */
static void
run_one(struct crew *crew, struct site_load *load, struct worker *worker)
{
	struct crew_job *job = take_job(crew, load);
	uint64_t start_us, cpu_us, now_us;
	bool slow;

	site_load_ref(load);
	load->running++;
	crew->lanes[load->lane].used_floor = load->used_us;
	lock_drop(&crew->lock);
	start_us = clock_mono_us();
	cpu_us = thread_cpu_us();
	counter_add(COUNT_CREW_WAIT_US, (int64_t)(start_us - job->posted_us));
	job->run(job, worker);
	counter_add(COUNT_IN_CREW, -1);
	cpu_us = thread_cpu_us() - cpu_us;
	now_us = clock_mono_us();
	lock_take(&crew->lock);
	load->running--;
	load->used_us += now_us - start_us;
	slow = site_load_is_slow(load, cpu_us, now_us) && crew->sites > 1;
	move_to(crew, load, slow ? SLOW : ORDINARY);
	/* A site that was at its share may go on now. */
	if (load->first)
		cond_signal(&crew->lanes[load->lane].work);
	site_load_unref(&load);
}

/* Wait for work; without any, look now and then that no file is kept from
 * going. The lock is held, but not while that is done. */
static void
rest(struct crew *crew, struct lane *lane, struct worker *worker)
{
	bool is_woken;

	lane->idle++;
	is_woken = cond_wait(&lane->work, &crew->lock, REST_MS);
	lane->idle--;
	if (is_woken)
		return;
	lock_drop(&crew->lock);
	cache_reader_rest(worker->reader);
	lock_take(&crew->lock);
}

static void
work(void *arg)
{
	struct seat *seat = arg;
	struct crew *crew = seat->crew;
	struct lane *lane = &crew->lanes[seat->lane];
	struct worker worker = {
		.reader = cache_reader_new(crew->cache),
		.dresser = dresser_new(),
		.packer = packer_new(),
	};
	struct site_load *load;

	thread_forbid_blocking();
	if (seat->lane == SLOW)
		thread_step_back();
	buf_init(&worker.out, OUT_MAX);
	lock_take(&crew->lock);
	for (;;) {
		load = pick(crew, lane);
		if (load)
			run_one(crew, load, &worker);
		else if (crew->stops && !lane->active)
			break;
		else
			rest(crew, lane, &worker);
	}
	cond_broadcast(&lane->work);
	lock_drop(&crew->lock);
	buf_fini(&worker.out);
	packer_free(&worker.packer);
	dresser_free(&worker.dresser);
	cache_reader_free(&worker.reader);
}

static int
take_seat(struct crew *crew, unsigned lane, struct err *err)
{
	struct seat *seat = &crew->seats[crew->seats_count];

	seat->crew = crew;
	seat->lane = lane;
	if (thread_start(&seat->thread, lane == SLOW ? "crew slow" : "crew",
		work, seat, err) != 0)
		return -1;
	crew->seats_count++;
	return 0;
}

int
crew_start(struct crew **out, struct cache *cache, unsigned workers,
    struct err *err)
{
	struct crew *crew = mem_new(sizeof(*crew));
	unsigned i;

	must(workers > 0);
	lock_init(&crew->lock);
	for (i = 0; i < LANES; i++)
		cond_init(&crew->lanes[i].work);
	crew->cache = cache;
	crew->workers = workers < WORKERS_MAX ? workers : WORKERS_MAX;
	for (i = 0; i < crew->workers + SHARE_OF(crew->workers); i++) {
		if (take_seat(crew, i < crew->workers ? ORDINARY : SLOW,
			err) != 0) {
			crew_stop(&crew);
			return -1;
		}
	}
	*out = crew;
	return 0;
}

static void
wake_all(struct crew *crew)
{
	unsigned i;

	for (i = 0; i < LANES; i++)
		cond_broadcast(&crew->lanes[i].work);
}

void
crew_stop(struct crew **crew)
{
	unsigned i;

	if (!*crew)
		return;
	lock_take(&(*crew)->lock);
	(*crew)->stops = true;
	wake_all(*crew);
	lock_drop(&(*crew)->lock);
	for (i = 0; i < (*crew)->seats_count; i++)
		thread_join(&(*crew)->seats[i].thread);
	for (i = 0; i < LANES; i++)
		cond_fini(&(*crew)->lanes[i].work);
	lock_fini(&(*crew)->lock);
	mem_free(crew);
}

void
crew_set_sites(struct crew *crew, unsigned sites)
{
	lock_take(&crew->lock);
	crew->sites = sites;
	wake_all(crew);
	lock_drop(&crew->lock);
}
