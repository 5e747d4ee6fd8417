/* Locks, threads, inboxes, counters */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/inbox.h"
#include "base/lock.h"
#include "base/mem.h"
#include "base/thread.h"

enum { CROWD = 6, EACH = 5000 };

static void
start(struct thread *thread, void (*run)(void *), void *arg)
{
	struct err err;

	memset(thread, 0, sizeof(*thread));
	if (thread_start(thread, "test", run, arg, &err) != 0)
		fail_msg("%s", err.text);
}

/* ---- must ---- */

static void
assert_aborts(void (*run)(void))
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		/* the bug's line is no news here */
		close(STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		run();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void
take_twice(void)
{
	struct lock lock;

	lock_init(&lock);
	lock_take(&lock);
	lock_take(&lock);
}

static void
drop_untaken(void)
{
	struct lock lock;

	lock_init(&lock);
	lock_drop(&lock);
}

static void
end_a_full_inbox(void)
{
	struct inbox inbox;
	struct inbox_item item;

	inbox_init(&inbox);
	inbox_post(&inbox, &item);
	inbox_fini(&inbox);
}

static void
bugs_stop_the_process(void **state)
{
	(void)state;
	assert_aborts(take_twice);
	assert_aborts(drop_untaken);
	assert_aborts(end_a_full_inbox);
}

/* ---- locks ---- */

struct shared {
	struct lock lock;
	struct cond cond;
	int count; /* shared: under lock */
	bool mine_elsewhere;
};

static void
count_up(void *arg)
{
	struct shared *shared = arg;
	int i;

	for (i = 0; i < EACH; i++) {
		lock_take(&shared->lock);
		shared->count++;
		if (shared->count == CROWD * EACH)
			cond_broadcast(&shared->cond);
		lock_drop(&shared->lock);
	}
	if (lock_is_mine(&shared->lock))
		shared->mine_elsewhere = true;
}

static void
a_lock_is_held_by_one_thread(void **state)
{
	struct shared shared = {.count = 0};
	struct thread threads[CROWD];
	int i;

	(void)state;
	lock_init(&shared.lock);
	cond_init(&shared.cond);
	lock_take(&shared.lock);
	assert_true(lock_is_mine(&shared.lock));
	for (i = 0; i < CROWD; i++)
		start(&threads[i], count_up, &shared);
	assert_int_equal(shared.count, 0);
	while (shared.count < CROWD * EACH)
		assert_true(cond_wait(&shared.cond, &shared.lock, UINT64_MAX));
	assert_true(lock_is_mine(&shared.lock));
	lock_drop(&shared.lock);
	assert_false(lock_is_mine(&shared.lock));
	for (i = 0; i < CROWD; i++)
		thread_join(&threads[i]);
	assert_false(shared.mine_elsewhere);
	cond_fini(&shared.cond);
	lock_fini(&shared.lock);
}

static void
a_wait_ends_at_its_timeout(void **state)
{
	struct lock lock = LOCK_INIT;
	struct cond cond;
	uint64_t before = clock_mono_us();

	(void)state;
	cond_init(&cond);
	lock_take(&lock);
	assert_false(cond_wait(&cond, &lock, 0));
	assert_false(cond_wait(&cond, &lock, 20));
	assert_true(lock_is_mine(&lock));
	lock_drop(&lock);
	assert_true(clock_mono_us() - before >= 20000);
	cond_fini(&cond);
}

/* ---- threads ---- */

struct seen {
	char name[16];
	bool may_block_before, may_block_after, term_is_blocked;
};

static void
look_around(void *arg)
{
	struct seen *seen = arg;
	sigset_t set;

	pthread_getname_np(pthread_self(), seen->name, sizeof(seen->name));
	pthread_sigmask(SIG_BLOCK, NULL, &set);
	seen->term_is_blocked = sigismember(&set, SIGTERM) == 1;
	seen->may_block_before = thread_may_block();
	thread_forbid_blocking();
	seen->may_block_after = thread_may_block();
}

static void
a_thread_has_a_name_no_signals_and_its_own_promise(void **state)
{
	struct seen seen = {.name = ""};
	struct thread thread = {.runs = false};
	struct err err;
	sigset_t set;

	(void)state;
	thread_join(&thread);
	assert_int_equal(thread_start(&thread, "a-name-too-long-for-linux",
	    look_around, &seen, &err), 0);
	thread_join(&thread);
	thread_join(&thread);
	assert_string_equal(seen.name, "a-name-too-long");
	assert_true(seen.term_is_blocked);
	assert_true(seen.may_block_before);
	assert_false(seen.may_block_after);
	assert_true(thread_may_block());
	pthread_sigmask(SIG_BLOCK, NULL, &set);
	assert_int_equal(sigismember(&set, SIGTERM), 0);
}

/* ---- inboxes ---- */

struct letter {
	struct inbox_item item;
	int from, number;
};

static void
an_inbox_keeps_the_order_and_says_when_it_was_empty(void **state)
{
	struct inbox inbox;
	struct inbox_item a, b, c, *all;

	(void)state;
	inbox_init(&inbox);
	assert_null(inbox_take(&inbox));
	assert_true(inbox_post(&inbox, &a));
	assert_false(inbox_post(&inbox, &b));
	all = inbox_take(&inbox);
	assert_true(inbox_post(&inbox, &c));
	assert_ptr_equal(all, &a);
	assert_ptr_equal(a.next, &b);
	assert_null(b.next);
	assert_ptr_equal(inbox_take(&inbox), &c);
	assert_null(c.next);
	assert_null(inbox_take(&inbox));
	inbox_fini(&inbox);
}

struct post_office {
	struct inbox inbox;
	struct lock lock;
	struct cond cond;
	bool woken; /* shared: under lock */
	int next_sender;
};

static void
send_letters(void *arg)
{
	struct post_office *office = arg;
	struct letter *letter;
	int from, i;

	lock_take(&office->lock);
	from = office->next_sender++;
	lock_drop(&office->lock);
	for (i = 0; i < EACH; i++) {
		letter = mem_new(sizeof(*letter));
		letter->from = from;
		letter->number = i;
		if (!inbox_post(&office->inbox, &letter->item))
			continue;
		lock_take(&office->lock);
		office->woken = true;
		cond_signal(&office->cond);
		lock_drop(&office->lock);
	}
}

/* Wake-ups come only for an inbox that was empty, so none may be missed. */
static void
no_letter_of_a_crowd_is_lost(void **state)
{
	struct post_office office = {.next_sender = 0};
	struct thread threads[CROWD];
	struct inbox_item *item, *next;
	struct letter *letter;
	int due[CROWD] = {0}, got = 0, i;

	(void)state;
	inbox_init(&office.inbox);
	lock_init(&office.lock);
	cond_init(&office.cond);
	for (i = 0; i < CROWD; i++)
		start(&threads[i], send_letters, &office);
	while (got < CROWD * EACH) {
		lock_take(&office.lock);
		while (!office.woken)
			assert_true(cond_wait(&office.cond, &office.lock,
			    10000));
		office.woken = false;
		lock_drop(&office.lock);
		for (item = inbox_take(&office.inbox); item; item = next) {
			next = item->next;
			letter = container_of(item, struct letter, item);
			assert_int_equal(letter->number, due[letter->from]++);
			mem_free(&letter);
			got++;
		}
	}
	for (i = 0; i < CROWD; i++)
		thread_join(&threads[i]);
	assert_null(inbox_take(&office.inbox));
	inbox_fini(&office.inbox);
	lock_fini(&office.lock);
	cond_fini(&office.cond);
}

/* ---- counters ---- */

static void
count_requests(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < EACH; i++) {
		counter_up(COUNT_REQUESTS);
		counter_add(COUNT_CONNECTIONS, i % 2 ? -1 : 1);
	}
	counter_add(COUNT_BYTES_OUT, (int64_t)1 << 40);
}

static void
counts_of_all_threads_add_up(void **state)
{
	struct thread threads[CROWD];
	int64_t last = 0, now;
	int i;

	(void)state;
	for (i = 0; i < CROWD; i++)
		start(&threads[i], count_requests, NULL);
	for (i = 0; i < 1000; i++) {
		now = counter_read(COUNT_REQUESTS);
		assert_true(now >= last);
		last = now;
	}
	for (i = 0; i < CROWD; i++)
		thread_join(&threads[i]);
	assert_int_equal(counter_read(COUNT_REQUESTS), CROWD * EACH);
	assert_int_equal(counter_read(COUNT_CONNECTIONS), 0);
	assert_int_equal(counter_read(COUNT_BYTES_OUT), (int64_t)CROWD << 40);
	assert_int_equal(counter_read(COUNT_MISS), 0);
}

static void
count_one_miss(void *arg)
{
	(void)arg;
	counter_up(COUNT_MISS);
}

static void
threads_that_come_and_go_are_counted_too(void **state)
{
	struct thread thread;
	int i;

	(void)state;
	for (i = 0; i < 200; i++) {
		start(&thread, count_one_miss, NULL);
		thread_join(&thread);
	}
	assert_int_equal(counter_read(COUNT_MISS), 200);
}

static void
every_counter_has_a_name_of_its_own_and_words(void **state)
{
	int i, j;

	(void)state;
	for (i = 0; i < COUNTERS; i++) {
		assert_true(strlen(counter_table[i].help) > 5);
		for (j = 0; j < i; j++)
			assert_string_not_equal(counter_table[i].name,
			    counter_table[j].name);
	}
	assert_int_equal(counter_table[COUNT_REQUESTS].is_gauge, 0);
	assert_int_equal(counter_table[COUNT_CONNECTIONS].is_gauge, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bugs_stop_the_process),
	    cmocka_unit_test(a_lock_is_held_by_one_thread),
	    cmocka_unit_test(a_wait_ends_at_its_timeout),
	    cmocka_unit_test(
	        a_thread_has_a_name_no_signals_and_its_own_promise),
	    cmocka_unit_test(
	        an_inbox_keeps_the_order_and_says_when_it_was_empty),
	    cmocka_unit_test(no_letter_of_a_crowd_is_lost),
	    cmocka_unit_test(counts_of_all_threads_add_up),
	    cmocka_unit_test(threads_that_come_and_go_are_counted_too),
	    cmocka_unit_test(every_counter_has_a_name_of_its_own_and_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
