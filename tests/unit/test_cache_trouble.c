/* tests/unit/test_cache_trouble.c - bad days of the cache file: missing,
 * read-only, damaged, foreign, full, moved; the answer is never lost, and
 * nothing stops */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/counter.h"
#include "base/log.h"
#include "base/report.h"
#include "cache/db.h"
#include "cache_help.h"

static int reported;

static void
on_problem(void *arg, const char *what, const char *url, const char *reason,
    const char *instead)
{
	(void)arg;
	(void)url;
	(void)reason;
	(void)instead;
	if (strcmp(what, "store") == 0)
		__atomic_add_fetch(&reported, 1, __ATOMIC_SEQ_CST);
}

static int
problems(void)
{
	return __atomic_load_n(&reported, __ATOMIC_SEQ_CST);
}

/* How many databases in the folder have this in their name. */
static int
count_files(const struct help *help, const char *part)
{
	DIR *dir = opendir(help->dir);
	struct dirent *entry;
	int count = 0;

	while ((entry = readdir(dir)) != NULL)
		count += strstr(entry->d_name, part) != NULL &&
		    strstr(entry->d_name, "-wal") == NULL;
	closedir(dir);
	return count;
}

static void
write_file(const char *file, const char *text, size_t len)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
}

/* It stores and finds, and after a restart it is still there. */
static void
check_works(struct help *help)
{
	struct cache *cache = help_open(help);
	struct object *object = help_store(cache, "/works", "yes");
	struct cache_reader *reader;

	object_unref(&object);
	cache_close(&cache);
	cache = help_open(help);
	reader = cache_reader_new(cache);
	object = help_load(reader, "/works");
	assert_non_null(object);
	object_unref(&object);
	cache_reader_free(&reader);
	cache_close(&cache);
}

static void
wait_until(struct cache *cache, bool trouble)
{
	struct cache_figures figures;
	uint64_t start = clock_mono_us();

	for (;;) {
		cache_read_figures(cache, &figures);
		if ((figures.trouble != NULL) == trouble)
			return;
		assert_true(clock_mono_us() - start < 8000000);
		usleep(20000);
	}
}

static void
a_missing_folder_is_made(void **state)
{
	struct help *help = *state;
	char file[256];

	snprintf(file, sizeof(file), "%s/deep/er/cache.db", help->dir);
	help->opts.file = file;
	check_works(help);
	assert_int_equal(access(file, F_OK), 0);
	help->opts.file = help->file;
}

static void
a_folder_that_cannot_be_made_is_the_operators(void **state)
{
	struct help *help = *state;
	struct cache *cache;
	struct err err;
	char file[256];

	write_file(help->file, "x", 1);
	snprintf(file, sizeof(file), "%s/below/cache.db", help->file);
	help->opts.file = file;
	assert_int_equal(cache_open(&cache, &help->opts, &err), -1);
	assert_non_null(strstr(err.text, "cannot be made"));
	help->opts.file = help->file;
}

static void
what_is_no_database_is_set_aside(void **state)
{
	struct help *help = *state;
	char junk[100000];

	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = (char)(i * 7 + i / 256);
	write_file(help->file, junk, sizeof(junk));
	check_works(help);
	assert_int_equal(count_files(help, "corrupt-"), 1);
	assert_true(help_count(help, "SELECT count(*) FROM problems "
	    "WHERE what = 'store'") >= 1);
}

static void
only_the_newest_damaged_files_are_kept(void **state)
{
	struct help *help = *state;
	struct cache *cache;

	for (int i = 0; i < 5; i++) {
		write_file(help->file, "no database at all", 18);
		cache = help_open(help);
		cache_close(&cache);
	}
	assert_int_equal(count_files(help, "corrupt-"), 2);
}

static void
an_empty_file_becomes_a_cache(void **state)
{
	struct help *help = *state;

	write_file(help->file, "", 0);
	check_works(help);
	assert_int_equal(count_files(help, "corrupt-"), 0);
}

static void
a_newer_version_is_set_aside_whole(void **state)
{
	struct help *help = *state;
	struct cache *cache = help_open(help);

	cache_close(&cache);
	help_count(help, "PRAGMA user_version = 7");
	check_works(help);
	assert_true(count_files(help, "cache.db.v7-") >= 1);
	assert_int_equal(help_count(help, "PRAGMA user_version"), DB_VERSION);
}

static void
another_programs_database_is_set_aside_whole(void **state)
{
	struct help *help = *state;
	sqlite3 *sqlite;

	assert_int_equal(sqlite3_open(help->file, &sqlite), SQLITE_OK);
	sqlite3_exec(sqlite, "CREATE TABLE mine (x)", NULL, NULL, NULL);
	sqlite3_close(sqlite);
	check_works(help);
	assert_int_equal(count_files(help, "cache.db.v0-"), 1);
}

static void
a_truncated_file_is_set_aside_or_read_as_far_as_it_is_whole(void **state)
{
	static const long keep[] = {100, 4096, 16384, 16385, 50000, 200000};
	struct help *help = *state;
	struct object *object;
	struct cache *cache;
	char target[32];

	for (size_t k = 0; k < COUNT_OF(keep); k++) {
		struct cache_reader *reader;

		cache = help_open(help);
		for (int i = 0; i < 50; i++) {
			snprintf(target, sizeof(target), "/t%d", i);
			object = help_store(cache, target, target);
			object_unref(&object);
		}
		cache_close(&cache);
		assert_int_equal(truncate(help->file, keep[k]), 0);
		cache = help_open(help);
		reader = cache_reader_new(cache);
		for (int i = 0; i < 50; i++) {
			snprintf(target, sizeof(target), "/t%d", i);
			object = help_load(reader, target);
			if (object)
				assert_string_equal(object->body->bytes,
				    target);
			object_unref(&object);
		}
		cache_reader_free(&reader);
		cache_close(&cache);
		check_works(help);
	}
}

/* Damage a file under a running cache, and see it go on. */
static void
damage_at_run_time_starts_a_fresh_file(void **state)
{
	struct help *help = *state;
	struct cache *cache = help_open(help);
	struct object *object;
	int before = problems(), fd;
	char junk[4096], target[32];
	uint64_t start;

	memset(junk, 0x5a, sizeof(junk));
	for (int i = 0; i < 200; i++) {
		snprintf(target, sizeof(target), "/t%d", i);
		object = help_store(cache, target, target);
		object_unref(&object);
	}
	cache_close(&cache);
	cache = help_open(help);
	fd = open(help->file, O_WRONLY);
	for (int i = 16384; i < 64 * 16384; i += 4096)
		assert_true(pwrite(fd, junk, sizeof(junk), i) > 0);
	close(fd);
	start = clock_mono_us();
	for (int i = 0; problems() == before; i++) {
		assert_true(clock_mono_us() - start < 8000000);
		snprintf(target, sizeof(target), "/n%d", i % 100);
		object = help_store(cache, target, "new");
		object_unref(&object);
		usleep(5000);
	}
	wait_until(cache, false);
	object = help_store(cache, "/after", "new");
	object_unref(&object);
	cache_close(&cache);
	assert_true(count_files(help, "corrupt-") >= 1);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entries "
	    "WHERE url LIKE '%/after'"), 1);
	/* what memory had was stored again */
	assert_int_equal(help_count(help, "SELECT count(*) FROM entries "
	    "WHERE url LIKE '%/n0'"), 1);
}

/* Only who has the lease alone may rename the file: each lets go of it, until
 * one can. */
static void
two_caches_agree_on_setting_a_damaged_file_aside(void **state)
{
	struct help *help = *state;
	struct cache *one = help_open(help), *two = help_open(help);
	char junk[4096], target[32];
	struct object *object;
	int fd;

	memset(junk, 0x5a, sizeof(junk));
	object = help_store(one, "/a", "a");
	object_unref(&object);
	usleep(100000);
	/* or the WAL would hide it */
	help_count(help, "PRAGMA wal_checkpoint(TRUNCATE)");
	fd = open(help->file, O_WRONLY);
	for (int i = 0; i < 64 * 16384; i += 4096)
		assert_true(pwrite(fd, junk, sizeof(junk), i) > 0);
	close(fd);
	for (int i = 0; i < 100 && count_files(help, "corrupt-") == 0; i++) {
		snprintf(target, sizeof(target), "/b%d", i);
		object = help_store(i % 2 ? one : two, target, "b");
		object_unref(&object);
		usleep(50000);
	}
	assert_true(count_files(help, "corrupt-") >= 1);
	wait_until(one, false);
	wait_until(two, false);
	object = help_store(one, "/after1", "x");
	object_unref(&object);
	object = help_store(two, "/after2", "x");
	object_unref(&object);
	cache_close(&one);
	cache_close(&two);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entries "
	    "WHERE url LIKE '%/after_'"), 2);
}

static void
a_moved_or_removed_file_is_made_anew(void **state)
{
	struct help *help = *state;
	struct cache *cache = help_open(help);
	struct cache_reader *reader = cache_reader_new(cache);
	struct object *object = help_store(cache, "/a", "x");
	int before = problems();
	char command[300];
	uint64_t start = clock_mono_us();

	object_unref(&object);
	usleep(100000);
	snprintf(command, sizeof(command), "rm '%s'/cache.db*", help->dir);
	assert_int_equal(system(command), 0);
	while (access(help->file, F_OK) != 0 || problems() == before)
		assert_true(clock_mono_us() - start < 5000000);
	while (!(object = help_load(reader, "/a")))
		assert_true(clock_mono_us() - start < 5000000);
	object_unref(&object);
	assert_int_equal(count_files(help, "cache.db.lease"), 1);
	cache_reader_free(&reader);
	cache_close(&cache);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entries"), 1);
}

/* Run in a child that is not root: to root nothing is read-only. */
static void
as_nobody(void (*run)(struct help *), struct help *help)
{
	int status = -1;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (geteuid() == 0 && (setgid(65534) != 0 ||
		    setuid(65534) != 0))
			_exit(3);
		run(help);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
store_in_memory_only(struct help *help)
{
	struct cache *cache = NULL;
	struct cache_figures figures;
	struct object *object;
	struct err err;

	if (cache_open(&cache, &help->opts, &err) != 0)
		_exit(4);
	object = help_store(cache, "/a", "x");
	object_unref(&object);
	object = help_find(cache, "/a");
	if (!object)
		_exit(5);
	object_unref(&object);
	cache_read_figures(cache, &figures);
	if (!figures.in_memory_only || !figures.trouble)
		_exit(6);
	if (cache_purge_all(cache) != 1)
		_exit(7);
	cache_close(&cache);
}

static void
a_read_only_file_or_folder_means_memory(void **state)
{
	struct help *help = *state;
	struct cache *cache = help_open(help);
	char lease[160];

	cache_close(&cache);
	chmod(help->dir, 0555);
	as_nobody(store_in_memory_only, help);
	unlink(help->file);
	as_nobody(store_in_memory_only, help);
	/* the folder may be written, the file not */
	cache = help_open(help);
	cache_close(&cache);
	chmod(help->dir, 0777);
	chmod(help->file, 0444);
	snprintf(lease, sizeof(lease), "%s.lease", help->file);
	chmod(lease, 0666);
	as_nobody(store_in_memory_only, help);
	assert_int_equal(access(help->file, F_OK), 0);
	assert_int_equal(count_files(help, "corrupt"), 0);
}

static void
a_full_disk_means_memory_until_there_is_room(void **state)
{
	struct help *help = *state;
	char filler[128], *text;
	int64_t failed = counter_read(COUNT_STORE_FAILED);
	int before = problems(), fd;
	struct cache_reader *reader;
	struct cache *cache;
	struct object *object;
	struct key key;
	char room[KEY_MAX];

	if (mount("none", help->dir, "tmpfs", 0, "size=6m") != 0)
		skip();
	cache = help_open(help);
	reader = cache_reader_new(cache);
	object = help_store(cache, "/old", "x");
	object_unref(&object);
	help_key(&key, room, "/none");
	cache_purge_key(cache, &key); /* the writer is through */
	snprintf(filler, sizeof(filler), "%s/filler", help->dir);
	fd = open(filler, O_WRONLY | O_CREAT, 0600);
	text = mem_new(1 << 16);
	while (write(fd, text, 1 << 16) > 0)
		;
	close(fd);
	memset(text, 'y', (1 << 16) - 1);
	for (int i = 0; i < 3; i++) {
		object = help_store(cache, "/big", text);
		object_unref(&object);
		usleep(60000);
	}
	wait_until(cache, true);
	assert_true(counter_read(COUNT_STORE_FAILED) > failed);
	assert_int_equal(problems(), before + 1);
	object = help_find(cache, "/big");
	assert_non_null(object);
	object_unref(&object);
	/* purging holds, and what was purged is not served */
	help_key(&key, room, "/old");
	assert_int_equal(cache_purge_key(cache, &key), 1);
	assert_null(help_load(reader, "/old"));
	/* room again: what memory has goes into the file */
	unlink(filler);
	wait_until(cache, false);
	cache_reader_free(&reader);
	cache_close(&cache);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entries "
	    "WHERE url LIKE '%/big'"), 1);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entries "
	    "WHERE url LIKE '%/old'"), 0);
	mem_free(&text);
	assert_int_equal(umount(help->dir), 0);
}

static void
a_long_read_stops_nothing_and_a_large_wal_means_memory(void **state)
{
	struct help *help = *state;
	int before = problems();
	struct cache *cache;
	struct object *object;
	sqlite3 *sqlite;
	char *text = mem_new(50001), target[32];
	struct key key;
	char room[KEY_MAX];

	memset(text, 'z', 50000);
	help->opts.wal_max = 4 << 20;
	cache = help_open(help);
	object = help_store(cache, "/first", "x");
	object_unref(&object);
	help_key(&key, room, "/none");
	cache_purge_key(cache, &key);
	assert_int_equal(sqlite3_open(help->file, &sqlite), SQLITE_OK);
	assert_int_equal(sqlite3_exec(sqlite, "BEGIN; SELECT count(*) "
	    "FROM entries", NULL, NULL, NULL), SQLITE_OK);
	for (int i = 0; i < 20; i++) {
		snprintf(target, sizeof(target), "/r%d", i);
		object = help_store(cache, target, text);
		object_unref(&object);
	}
	cache_purge_key(cache, &key);
	/* stored beside the reader */
	assert_int_equal(help_count(help, "SELECT count(*) FROM entries"), 21);
	for (int i = 0; i < 300; i++) {
		snprintf(target, sizeof(target), "/s%d", i);
		object = help_store(cache, target, text);
		object_unref(&object);
		if (i % 50 == 0)
			usleep(30000);
	}
	wait_until(cache, true);
	assert_int_equal(problems(), before + 1);
	object = help_find(cache, "/s299");
	assert_non_null(object);
	object_unref(&object);
	sqlite3_close(sqlite);
	wait_until(cache, false);
	cache_close(&cache);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entries "
	    "WHERE url LIKE '%/s299'"), 1);
	mem_free(&text);
}

static void
a_writer_that_cannot_keep_up_leaves_stores_in_memory(void **state)
{
	struct help *help = *state;
	char *text = mem_new((1 << 20) + 1), target[32];
	int64_t failed = counter_read(COUNT_STORE_FAILED);
	int before = problems(), written = 0;
	struct cache *cache = help_open(help);
	struct object *object;
	sqlite3 *sqlite;

	memset(text, 'w', 1 << 20);
	assert_int_equal(sqlite3_open(help->file, &sqlite), SQLITE_OK);
	assert_int_equal(sqlite3_exec(sqlite, "BEGIN IMMEDIATE", NULL, NULL,
	    NULL), SQLITE_OK);
	for (int i = 0; i < 80; i++) {
		snprintf(target, sizeof(target), "/q%d", i);
		object = help_object(target, text);
		written += cache_store(cache, object);
		object_unref(&object);
	}
	assert_in_range(written, 50, 64);
	assert_int_equal(counter_read(COUNT_STORE_FAILED) - failed,
	    80 - written);
	assert_int_equal(problems(), before + 1);
	object = help_find(cache, "/q79");
	assert_non_null(object);
	object_unref(&object);
	sqlite3_close(sqlite);
	cache_close(&cache);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entries"),
	    written);
	mem_free(&text);
}

int
main(void)
{
	static const struct report_sink sink = {.problem = on_problem};
	const struct CMUnitTest tests[] = {
		help_test(a_missing_folder_is_made),
		help_test(a_folder_that_cannot_be_made_is_the_operators),
		help_test(what_is_no_database_is_set_aside),
		help_test(only_the_newest_damaged_files_are_kept),
		help_test(an_empty_file_becomes_a_cache),
		help_test(a_newer_version_is_set_aside_whole),
		help_test(another_programs_database_is_set_aside_whole),
		help_test(
		    a_truncated_file_is_set_aside_or_read_as_far_as_it_is_whole),
		help_test(damage_at_run_time_starts_a_fresh_file),
		help_test(two_caches_agree_on_setting_a_damaged_file_aside),
		help_test(a_moved_or_removed_file_is_made_anew),
		help_test(a_read_only_file_or_folder_means_memory),
		help_test(a_full_disk_means_memory_until_there_is_room),
		help_test(
		    a_long_read_stops_nothing_and_a_large_wal_means_memory),
		help_test(
		    a_writer_that_cannot_keep_up_leaves_stores_in_memory),
	};

	report_set_sink(&sink);
	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
