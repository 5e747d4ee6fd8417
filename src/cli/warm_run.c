/* cli/warm_run.c - threads that take the next page from one list
 *
 * The moment at which a page may be asked for is taken with the page, under
 * the lock, so the rate holds however many threads there are. */
#include "cli/warm_run.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/thread.h"

enum {
	SECOND_US = 1000000,
	DRAW_MS = 200,	/* a bar */
	LINE_MS = 5000, /* lines */
	BAR_WIDTH = 30,
};

struct run {
	const char *const *urls;
	size_t count;
	struct warm_answer *answers;
	const char *through;
	uint64_t interval_us;

	struct lock lock;
	struct cond moved;
	/* shared: under lock */
	size_t next, done;
	uint64_t next_at_us;
	unsigned failures; /* in a row */
	unsigned running;  /* threads */
};

/* ---- asking ---- */

static void
sleep_until(uint64_t at_us)
{
	uint64_t now_us = clock_mono_us();
	struct timespec rest;

	if (at_us <= now_us)
		return;
	rest.tv_sec = (time_t)((at_us - now_us) / SECOND_US);
	rest.tv_nsec = (long)((at_us - now_us) % SECOND_US) * 1000;
	nanosleep(&rest, NULL);
}

/* False: there is nothing more to do. */
static bool
take(struct run *run, size_t *i, uint64_t *at_us)
{
	uint64_t now_us = clock_mono_us();
	bool is_more;

	lock_take(&run->lock);
	is_more = run->next < run->count && run->failures < WARM_FAILURES_MAX;
	if (is_more) {
		*i = run->next++;
		*at_us = run->next_at_us > now_us ? run->next_at_us : now_us;
		run->next_at_us = *at_us + run->interval_us;
	} else {
		run->running--;
		cond_signal(&run->moved);
	}
	lock_drop(&run->lock);
	return is_more;
}

static void
work(void *arg)
{
	struct run *run = arg;
	uint64_t at_us;
	size_t i;

	while (take(run, &i, &at_us)) {
		sleep_until(at_us);
		warm_ask(&run->answers[i], run->through, run->urls[i]);
		lock_take(&run->lock);
		run->done++;
		run->failures = run->answers[i].warmth == WARM_FAILED
				    ? run->failures + 1
				    : 0;
		cond_signal(&run->moved);
		lock_drop(&run->lock);
	}
}

/* ---- showing ---- */

static void
write_rest(char *out, size_t size, size_t done, size_t count, uint64_t us)
{
	uint64_t left_s = done ? us / done * (count - done) / SECOND_US : 0;

	if (done == 0 || done == count)
		*out = '\0';
	else if (left_s < 120)
		snprintf(
		    out, size, ", %llu s left", (unsigned long long)left_s);
	else
		snprintf(out, size, ", %llu min left",
		    (unsigned long long)left_s / 60);
}

static void
show(size_t done, size_t count, uint64_t since_us, bool is_terminal)
{
	static const char full[] = "##############################";
	static const char none[] = "..............................";
	int width = (int)(done * BAR_WIDTH / count);
	char rest[48];

	write_rest(rest, sizeof(rest), done, count, clock_mono_us() - since_us);
	if (is_terminal)
		fprintf(stderr, "\r\033[K[%.*s%.*s] %zu of %zu%s", width, full,
		    BAR_WIDTH - width, none, done, count, rest);
	else
		fprintf(stderr, "%zu of %zu%s\n", done, count, rest);
}

static void
watch(struct run *run)
{
	bool is_terminal = isatty(STDERR_FILENO) == 1;
	uint64_t every_us = (uint64_t)(is_terminal ? DRAW_MS : LINE_MS) * 1000;
	uint64_t since_us = clock_mono_us(), shown_us = since_us;

	lock_take(&run->lock);
	while (run->running) {
		size_t done = run->done;

		if (clock_mono_us() - shown_us >= every_us) {
			lock_drop(&run->lock);
			show(done, run->count, since_us, is_terminal);
			lock_take(&run->lock);
			shown_us = clock_mono_us();
		}
		if (run->running)
			(void)cond_wait(&run->moved, &run->lock, DRAW_MS);
	}
	lock_drop(&run->lock);
	if (is_terminal) {
		show(run->done, run->count, since_us, true);
		fputc('\n', stderr);
	}
}

size_t
warm_run(struct warm_answer *answers, const char *const *urls, size_t count,
    const struct warm_opts *opts)
{
	struct run run = {.urls = urls,
	    .count = count,
	    .answers = answers,
	    .through = opts->through,
	    .interval_us = SECOND_US / opts->rate};
	struct thread threads[WARM_PARALLEL_MAX] = {{0}};
	struct err err;
	unsigned i;

	if (count == 0)
		return 0;
	lock_init(&run.lock);
	cond_init(&run.moved);
	run.running = opts->parallel;
	for (i = 0; i < opts->parallel; i++)
		if (thread_start(&threads[i], "warm", work, &run, &err) != 0)
			break;
	lock_take(&run.lock);
	run.running -= opts->parallel - i;
	lock_drop(&run.lock);
	if (i < opts->parallel)
		fprintf(stderr, "livery cache: %s\n", err.text);
	watch(&run);
	while (i > 0)
		thread_join(&threads[--i]);
	cond_fini(&run.moved);
	lock_fini(&run.lock);
	return run.next;
}
