/* tests/unit/test_cache_wal.c - the WAL is copied into the file by a thread of
 * its own, and the file gives its room back, while stores go on */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cache_help.h"

enum { MANY = 500, SIZE = 20000, WAIT_MS = 10000 };

static void
store_many(struct cache *cache, int from, int count)
{
	char *text = mem_new(SIZE + 1), target[32];
	struct object *object;

	memset(text, 'x', SIZE);
	for (int i = from; i < from + count; i++) {
		snprintf(target, sizeof(target), "/m%d", i);
		object = help_store(cache, target, text);
		object_unref(&object);
	}
	mem_free(&text);
}

static off_t
file_size(const struct help *help)
{
	struct stat st;

	assert_int_equal(stat(help->file, &st), 0);
	return st.st_size;
}

static bool
wal_is_empty(struct cache *cache)
{
	struct cache_figures figures;

	cache_read_figures(cache, &figures);
	return figures.wal_bytes == 0;
}

static void
wait_until_copied(struct cache *cache, const struct help *help, off_t size)
{
	uint64_t until = clock_mono_ms() + WAIT_MS;

	while ((file_size(help) < size || !wal_is_empty(cache)) &&
	       clock_mono_ms() < until)
		usleep(10000);
	assert_true(file_size(help) >= size);
	assert_true(wal_is_empty(cache));
}

static void
the_wal_is_copied_while_the_file_is_in_use(void **state)
{
	struct help *help = *state;
	struct cache *cache = help_open(help);

	store_many(cache, 0, MANY);
	wait_until_copied(cache, help, (off_t)MANY * SIZE);
	cache_close(&cache);
	assert_int_equal(
	    help_count(help, "SELECT count(*) FROM entries"), MANY);
}

/* What a reader still sees cannot be copied over. */
static void
a_reader_that_stays_delays_copying_and_loses_nothing(void **state)
{
	struct help *help = *state;
	struct cache *cache = help_open(help);
	sqlite3 *sqlite = NULL;

	store_many(cache, 0, 1);
	usleep(200000);
	sqlite = help_sqlite(help);
	assert_int_equal(sqlite3_exec(sqlite,
			     "BEGIN; SELECT count(*) FROM "
			     "entry",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	store_many(cache, 1, MANY);
	usleep(600000);
	assert_false(wal_is_empty(cache));
	assert_int_equal(
	    sqlite3_exec(sqlite, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(sqlite);
	wait_until_copied(cache, help, (off_t)MANY * SIZE);
	cache_close(&cache);
	assert_int_equal(
	    help_count(help, "SELECT count(*) FROM entries"), MANY + 1);
}

static void
a_file_with_other_pages_works_as_well(void **state)
{
	struct help *help = *state;
	struct cache *cache = help_open(help);
	sqlite3 *sqlite = NULL;

	cache_close(&cache);
	sqlite = help_sqlite(help);
	assert_int_equal(
	    sqlite3_exec(sqlite,
		"PRAGMA journal_mode = DELETE;"
		"PRAGMA page_size = 16384; VACUUM; PRAGMA journal_mode = WAL",
		NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(sqlite);
	help->opts.size_max = 4 << 20;
	cache = help_open(help);
	for (int i = 0; i < 10; i++) {
		store_many(cache, i * MANY / 10, MANY / 10);
		usleep(50000);
	}
	cache_close(&cache);
	assert_int_equal(help_count(help, "PRAGMA page_size"), 16384);
	assert_true(help_count(help, "SELECT count(*) FROM entries") > 50);
	assert_true(
	    help_count(help, "SELECT (SELECT page_count FROM "
			     "pragma_page_count) - (SELECT freelist_count FROM "
			     "pragma_freelist_count)") *
		16384 <
	    5 << 20);
}

/* In steps so small that no store waits for them long. */
static void
a_file_that_is_too_large_gives_its_room_back(void **state)
{
	struct help *help = *state;
	struct cache *cache = help_open(help);
	uint64_t until = clock_mono_ms() + WAIT_MS;

	store_many(cache, 0, MANY);
	wait_until_copied(cache, help, (off_t)MANY * SIZE);
	help->opts.size_max = 6 << 20;
	cache_set_limits(cache, &help->opts);
	for (int i = 0; file_size(help) > 7 << 20; i++) {
		assert_true(clock_mono_ms() < until);
		store_many(cache, MANY + i, 1);
		usleep(20000);
	}
	cache_close(&cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    help_test(the_wal_is_copied_while_the_file_is_in_use),
	    help_test(a_reader_that_stays_delays_copying_and_loses_nothing),
	    help_test(a_file_with_other_pages_works_as_well),
	    help_test(a_file_that_is_too_large_gives_its_room_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
