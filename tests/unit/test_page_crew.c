/* page/crew.c: fair between sites, and everything posted is done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/thread.h"
#include "page/crew.h"

enum { JOBS = 200, SLOW_JOBS = 8 };

struct job {
	struct crew_job job;
	unsigned spin_us;
	_Atomic uint64_t done_us;
	_Atomic int nice; /* how much nicer the thread that did it was */
};

static _Atomic unsigned done;
static _Atomic unsigned busy_now, busy_most;

static void
spin(struct crew_job *crew_job, struct worker *worker)
{
	struct job *job = container_of(crew_job, struct job, job);
	uint64_t until = clock_mono_us() + job->spin_us;
	unsigned now = atomic_fetch_add(&busy_now, 1) + 1;

	assert_non_null(worker->dresser);
	if (now > atomic_load(&busy_most))
		atomic_store(&busy_most, now);
	while (clock_mono_us() < until)
		;
	atomic_fetch_sub(&busy_now, 1);
	atomic_store(&job->done_us, clock_mono_us());
	atomic_fetch_add(&done, 1);
}

/* Keeps its thread's processor for that long. */
static void
compute(struct crew_job *crew_job, struct worker *worker)
{
	struct job *job = container_of(crew_job, struct job, job);
	uint64_t until = thread_cpu_us() + job->spin_us;

	while (thread_cpu_us() < until)
		;
	atomic_store(&job->nice, getpriority(PRIO_PROCESS, (id_t)gettid()) -
		getpriority(PRIO_PROCESS, (id_t)getpid()));
	spin(crew_job, worker);
}

static void
begin(struct cache **cache, struct crew **crew, unsigned workers)
{
	struct cache_opts opts = {.memory_max = 1 << 20, .variants_max = 8,
		.size_max = 1 << 20, .wal_max = 1 << 20};
	struct err err;

	assert_int_equal(cache_open(cache, &opts, &err), 0);
	assert_int_equal(crew_start(crew, *cache, workers, &err), 0);
	atomic_store(&done, 0);
	atomic_store(&busy_most, 0);
}

static void
everything_posted_is_done_before_the_end(void **state)
{
	static struct job jobs[JOBS];
	struct site_load *load = site_load_new();
	struct cache *cache;
	struct crew *crew;
	unsigned i;

	(void)state;
	begin(&cache, &crew, 3);
	for (i = 0; i < JOBS; i++) {
		jobs[i].job.run = spin;
		crew_post(crew, load, &jobs[i].job);
	}
	crew_stop(&crew);
	assert_int_equal(atomic_load(&done), JOBS);
	site_load_unref(&load);
	cache_close(&cache);
}

/* What can be left undone is taken by who is idle, and by nobody else. */
static void
what_is_offered_is_taken_only_while_somebody_is_idle(void **state)
{
	static struct job busy[2], more, waits;
	struct site_load *load = site_load_new();
	struct cache *cache;
	struct crew *crew;

	(void)state;
	begin(&cache, &crew, 1);
	busy[0].job.run = busy[1].job.run = more.job.run = spin;
	waits.job.run = spin;
	/* as soon as the worker has sat down */
	while (!crew_offer(crew, load, &busy[0].job))
		usleep(100);
	while (atomic_load(&done) < 1)
		usleep(100);
	busy[1].spin_us = 200000;
	while (!crew_offer(crew, load, &busy[1].job))
		usleep(100);
	while (atomic_load(&busy_now) == 0)
		usleep(100);
	assert_false(crew_offer(crew, load, &more.job));
	crew_post(crew, load, &waits.job);
	assert_false(crew_offer(crew, load, &more.job));
	crew_stop(&crew);
	assert_int_equal(atomic_load(&done), 3);
	site_load_unref(&load);
	cache_close(&cache);
}

static void
a_flood_of_one_site_does_not_hold_up_another(void **state)
{
	static struct job slow[JOBS], fast;
	struct site_load *a = site_load_new(), *b = site_load_new();
	struct cache *cache;
	struct crew *crew;
	unsigned i, before = 0;

	(void)state;
	begin(&cache, &crew, 1);
	for (i = 0; i < JOBS; i++) {
		slow[i].job.run = spin;
		slow[i].spin_us = 1000;
		crew_post(crew, a, &slow[i].job);
	}
	fast.job.run = spin;
	crew_post(crew, b, &fast.job);
	crew_stop(&crew);
	for (i = 0; i < JOBS; i++)
		before += slow[i].done_us < fast.done_us;
	/* those that ran already when it came, and one more at most */
	assert_true(before < JOBS / 4);
	site_load_unref(&a);
	site_load_unref(&b);
	cache_close(&cache);
}

static void
a_site_holds_no_more_workers_than_its_share(void **state)
{
	static struct job jobs[20];
	struct site_load *load = site_load_new();
	struct cache *cache;
	struct crew *crew;
	unsigned i;

	(void)state;
	begin(&cache, &crew, 4);
	crew_set_sites(crew, 2);
	for (i = 0; i < 20; i++) {
		jobs[i].job.run = spin;
		jobs[i].spin_us = 2000;
		crew_post(crew, load, &jobs[i].job);
	}
	crew_stop(&crew);
	assert_int_equal(atomic_load(&done), 20);
	assert_true(atomic_load(&busy_most) <= 2);
	site_load_unref(&load);
	cache_close(&cache);
}

static void
post_slow(struct crew *crew, struct site_load *load, struct job *jobs)
{
	unsigned i;

	for (i = 0; i < SLOW_JOBS; i++) {
		jobs[i].job.run = compute;
		jobs[i].spin_us = CREW_SLOW_US;
		crew_post(crew, load, &jobs[i].job);
	}
}

static void
wait_for(unsigned jobs)
{
	while (atomic_load(&done) < jobs)
		usleep(500);
}

static void
a_slow_site_is_served_by_threads_of_a_lower_priority(void **state)
{
	static struct job slow[SLOW_JOBS], after;
	struct site_load *load = site_load_new();
	struct cache *cache;
	struct crew *crew;
	unsigned i;

	(void)state;
	begin(&cache, &crew, 1);
	crew_set_sites(crew, 2);
	post_slow(crew, load, slow);
	wait_for(SLOW_JOBS);
	after.job.run = compute;
	crew_post(crew, load, &after.job);
	crew_stop(&crew);
	assert_int_equal(atomic_load(&done), SLOW_JOBS + 1);
	/* the one that told, and all others */
	assert_int_equal(slow[0].nice, 0);
	for (i = 1; i < SLOW_JOBS; i++)
		assert_true(slow[i].nice > 0);
	assert_true(after.nice > 0);
	site_load_unref(&load);
	cache_close(&cache);
}

static void
another_site_does_not_wait_behind_what_is_slow(void **state)
{
	static struct job slow[SLOW_JOBS], quick;
	struct site_load *a = site_load_new(), *b = site_load_new();
	struct cache *cache;
	struct crew *crew;
	unsigned i, before = 0;

	(void)state;
	begin(&cache, &crew, 1);
	crew_set_sites(crew, 2);
	post_slow(crew, a, slow);
	wait_for(2);
	quick.job.run = compute;
	crew_post(crew, b, &quick.job);
	crew_stop(&crew);
	for (i = 0; i < SLOW_JOBS; i++)
		before += slow[i].done_us < quick.done_us;
	assert_int_equal(quick.nice, 0);
	assert_true(before < SLOW_JOBS - 1);
	site_load_unref(&a);
	site_load_unref(&b);
	cache_close(&cache);
}

static void
a_site_alone_is_never_slow(void **state)
{
	static struct job slow[SLOW_JOBS];
	struct site_load *load = site_load_new();
	struct cache *cache;
	struct crew *crew;
	unsigned i;

	(void)state;
	begin(&cache, &crew, 2);
	crew_set_sites(crew, 1);
	post_slow(crew, load, slow);
	crew_stop(&crew);
	for (i = 0; i < SLOW_JOBS; i++)
		assert_int_equal(slow[i].nice, 0);
	site_load_unref(&load);
	cache_close(&cache);
}

static void
a_site_that_was_slow_is_forgiven_after_a_while(void **state)
{
	struct site_load *load = site_load_new();

	(void)state;
	assert_false(site_load_is_slow(load, CREW_SLOW_US - 1, 1000));
	assert_true(site_load_is_slow(load, CREW_SLOW_US, 2000));
	assert_true(site_load_is_slow(load, 10, 3000));
	assert_true(site_load_is_slow(load, 10, 1999 + CREW_SLOW_FOR_US));
	assert_false(site_load_is_slow(load, 10, 2000 + CREW_SLOW_FOR_US));
	site_load_unref(&load);
}

/* It comes back to the ordinary lane with all that it had waiting. */
static void
nothing_is_lost_between_the_lanes(void **state)
{
	static struct job jobs[4][JOBS];
	struct site_load *loads[4];
	struct cache *cache;
	struct crew *crew;
	unsigned i, k;

	(void)state;
	begin(&cache, &crew, 3);
	crew_set_sites(crew, 4);
	for (k = 0; k < 4; k++)
		loads[k] = site_load_new();
	for (i = 0; i < JOBS; i++) {
		for (k = 0; k < 4; k++) {
			jobs[k][i].job.run = compute;
			jobs[k][i].spin_us =
			    k % 2 && i % 64 == 0 ? CREW_SLOW_US : 10;
			crew_post(crew, loads[k], &jobs[k][i].job);
		}
		if (i % 20 == 0)
			crew_set_sites(crew, 1 + i % 3);
	}
	crew_stop(&crew);
	assert_int_equal(atomic_load(&done), 4 * JOBS);
	for (k = 0; k < 4; k++)
		site_load_unref(&loads[k]);
	cache_close(&cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_posted_is_done_before_the_end),
		cmocka_unit_test(a_flood_of_one_site_does_not_hold_up_another),
		cmocka_unit_test(a_site_holds_no_more_workers_than_its_share),
		cmocka_unit_test(
		    a_slow_site_is_served_by_threads_of_a_lower_priority),
		cmocka_unit_test(another_site_does_not_wait_behind_what_is_slow),
		cmocka_unit_test(a_site_alone_is_never_slow),
		cmocka_unit_test(a_site_that_was_slow_is_forgiven_after_a_while),
		cmocka_unit_test(nothing_is_lost_between_the_lanes),
		cmocka_unit_test(
		    what_is_offered_is_taken_only_while_somebody_is_idle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
