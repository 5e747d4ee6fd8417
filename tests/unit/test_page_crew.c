/* page/crew.c: fair between sites, and everything posted is done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "page/crew.h"

enum { JOBS = 200 };

struct job {
	struct crew_job job;
	unsigned spin_us;
	_Atomic uint64_t done_us;
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
	crew_set_share(crew, 2);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_posted_is_done_before_the_end),
		cmocka_unit_test(a_flood_of_one_site_does_not_hold_up_another),
		cmocka_unit_test(a_site_holds_no_more_workers_than_its_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
