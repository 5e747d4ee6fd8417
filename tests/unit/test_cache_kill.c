/* tests/unit/test_cache_kill.c - kill -9 in a burst of stores, twenty times:
 * the file stays whole, and what a second connection saw is still there */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "cache_help.h"

enum { KILLS = 20 };

/* Store without end, until killed. */
static void
burst(struct help *help, int round)
{
	struct cache *cache = NULL;
	struct err err;
	char target[64], text[4000];

	if (cache_open(&cache, &help->opts, &err) != 0)
		_exit(1);
	memset(text, 'k', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (int i = 0;; i++) {
		struct object *object;

		snprintf(target, sizeof(target), "/k%d-%d", round, i);
		object = help_store(cache, target, text);
		object_unref(&object);
		if (i % 100 == 99)
			usleep(2000);
	}
}

/* Wait until something is committed, and give the newest row's id. */
static int64_t
see(struct help *help, int64_t beyond)
{
	uint64_t start = clock_mono_us();
	int64_t id;

	do {
		usleep(10000);
		id = help_count(help, "SELECT max(id) FROM entry");
		assert_true(clock_mono_us() - start < 10000000);
	} while (id <= beyond);
	return id;
}

static void
a_kill_in_a_burst_of_stores_loses_nothing_that_was_seen(void **state)
{
	struct help *help = *state;
	int64_t seen = 0, rows;
	char sql[128];

	for (int round = 0; round < KILLS; round++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0)
			burst(help, round);
		seen = see(help, seen);
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM entry "
		    "WHERE id <= %lld", (long long)seen);
		rows = help_count(help, sql);
		usleep((useconds_t)(round % 5) * 7000);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, NULL, 0), child);
		assert_true(help_count(help, sql) >= rows);
	}
	assert_int_equal(help_count(help, "SELECT integrity_check = 'ok' "
	    "FROM pragma_integrity_check"), 1);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entry "
	    "LEFT JOIN body ON body.id = entry.id WHERE bytes IS NULL"), 0);
}

static void
what_was_seen_is_served_after_a_kill(void **state)
{
	struct help *help = *state;
	struct cache_reader *reader;
	struct object *object;
	struct cache *cache;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		burst(help, 0);
	see(help, 0);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	cache = help_open(help);
	reader = cache_reader_new(cache);
	object = help_load(reader, "/k0-0");
	assert_non_null(object);
	assert_int_equal(object->body->len, 3999);
	object_unref(&object);
	cache_reader_free(&reader);
	cache_close(&cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		help_test(
		    a_kill_in_a_burst_of_stores_loses_nothing_that_was_seen),
		help_test(what_was_seen_is_served_after_a_kill),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
