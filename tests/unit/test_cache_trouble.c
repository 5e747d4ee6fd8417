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
#include "purge_help.h"

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
without_a_folder_there_is_memory(void **state)
{
	struct help *help = *state;
	struct cache_figures figures;
	struct cache *cache;
	struct object *object;
	char file[256];

	write_file(help->file, "x", 1);
	snprintf(file, sizeof(file), "%s/below/cache.db", help->file);
	help->opts.file = file;
	cache = help_open(help);
	object = help_store(cache, "/a", "x");
	object_unref(&object);
	cache_read_figures(cache, &figures);
	assert_non_null(figures.trouble);
	cache_close(&cache);
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

	sqlite = help_sqlite(help);
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
	for (int i = 0; count_files(help, "corrupt-") == 0; i++) {
		assert_true(clock_mono_us() - start < 8000000);
		snprintf(target, sizeof(target), "/n%d", i % 100);
		object = help_store(cache, target, "new");
		object_unref(&object);
		usleep(5000);
	}
	/* renamed, then told */
	while (problems() == before)
		assert_true(clock_mono_us() - start < 9000000);
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

/* How many files this process holds open that have no name any more. */
static int
count_nameless(const struct help *help)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	char path[64], name[PATH_MAX];
	ssize_t len;
	int count = 0;

	while ((entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "/proc/self/fd/%.20s",
		    entry->d_name);
		len = readlink(path, name, sizeof(name) - 1);
		name[len > 0 ? len : 0] = '\0';
		count += strstr(name, help->dir) && strstr(name, "(deleted)");
	}
	closedir(dir);
	return count;
}

static void
a_reader_at_rest_gives_a_removed_files_room_back(void **state)
{
	struct help *help = *state;
	struct cache *cache = help_open(help);
	struct cache_reader *reader = cache_reader_new(cache);
	struct object *object = help_store(cache, "/a", "x");
	uint64_t start = clock_mono_us();
	char command[300];

	object_unref(&object);
	while (!(object = help_load(reader, "/a")))
		assert_true(clock_mono_us() - start < 5000000);
	object_unref(&object);
	cache_reader_rest(reader); /* the file is in use: it stays open */
	assert_int_equal(count_nameless(help), 0);
	snprintf(command, sizeof(command), "rm '%s'/cache.db*", help->dir);
	assert_int_equal(system(command), 0);
	assert_true(count_nameless(help) > 0);
	while (count_nameless(help) > 0) {
		cache_reader_rest(reader);
		assert_true(clock_mono_us() - start < 5000000);
	}
	cache_reader_free(&reader);
	cache_close(&cache);
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

enum { KEPT = 20 };

/* Stored, and the process gone without a last word: its WAL stays behind. */
static void
leave_pages(struct help *help, bool cleanly)
{
	pid_t child = fork();
	struct cache *cache;
	struct object *object;
	char target[32];
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		cache = help_open(help);
		for (int i = 0; i < KEPT; i++) {
			snprintf(target, sizeof(target), "/kept%d", i);
			object = help_store(cache, target, target);
			object_unref(&object);
		}
		/* committed, not yet in the file itself */
		(void)cache_purge_tag(cache, "none");
		if (cleanly)
			cache_close(&cache);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
set_modes(struct help *help, mode_t folder, mode_t file)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", ".lease"};
	char name[160];

	for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
		snprintf(name, sizeof(name), "%s%s", help->file, suffixes[i]);
		chmod(name, file);
	}
	chmod(help->dir, folder);
}

static void
is_served(struct cache_reader *reader, int from, int to)
{
	char target[32];

	for (int i = from; i < to; i++) {
		struct object *object;

		snprintf(target, sizeof(target), "/kept%d", i);
		object = help_load(reader, target);
		if (!object || strcmp(object->body->bytes, target) != 0)
			_exit(10 + i);
		object_unref(&object);
	}
}

static void
must_be_gone(struct cache_reader *reader, const char *target)
{
	struct object *object = help_load(reader, target);

	if (object)
		_exit(8);
}

static void
serve_what_may_only_be_read(struct help *help)
{
	struct cache *cache = NULL;
	struct cache_reader *reader;
	struct cache_figures figures;
	struct object *object;
	char room[KEY_MAX];
	struct key key;
	struct err err;

	if (cache_open(&cache, &help->opts, &err) != 0)
		_exit(4);
	reader = cache_reader_new(cache);
	is_served(reader, 0, KEPT);
	object = help_store(cache, "/a", "x");
	object_unref(&object);
	object = help_find(cache, "/a");
	if (!object)
		_exit(5);
	object_unref(&object);
	cache_read_figures(cache, &figures);
	if (!figures.in_memory_only || !figures.trouble ||
	    figures.entries != KEPT)
		_exit(6);
	/* a purge cannot be written, and holds all the same */
	help_key(&key, room, "/kept3");
	(void)cache_purge_key(cache, &key);
	must_be_gone(reader, "/kept3");
	cache_invalidate(cache, (help_key(&key, room, "/kept4"), &key));
	must_be_gone(reader, "/kept4");
	usleep(600000); /* and over its next attempts to write */
	must_be_gone(reader, "/kept3");
	is_served(reader, 5, KEPT);
	(void)cache_purge_all(cache);
	must_be_gone(reader, "/kept5");
	cache_reader_free(&reader);
	cache_close(&cache);
}

static void
check_is_served_from(struct help *help, mode_t folder, mode_t file,
    bool cleanly, bool without_index)
{
	char name[160];

	set_modes(help, 0755, 0644);
	snprintf(name, sizeof(name), "rm -f '%s'*", help->file);
	assert_int_equal(system(name), 0);
	leave_pages(help, cleanly);
	snprintf(name, sizeof(name), "%s-shm", help->file);
	if (without_index)
		unlink(name);
	snprintf(name, sizeof(name), "%s-wal", help->file);
	if (without_index && cleanly)
		unlink(name);
	set_modes(help, folder, file);
	as_nobody(serve_what_may_only_be_read, help);
	assert_int_equal(access(help->file, F_OK), 0);
	assert_int_equal(count_files(help, "corrupt"), 0);
}

static void
what_may_only_be_read_is_served_from(void **state)
{
	struct help *help = *state;

	/* the folder, with SQLite's files beside it and without */
	check_is_served_from(help, 0555, 0444, true, false);
	check_is_served_from(help, 0555, 0444, true, true);
	check_is_served_from(help, 0555, 0644, true, true);
	/* what a dead process left in the WAL comes too */
	check_is_served_from(help, 0555, 0444, false, false);
	check_is_served_from(help, 0555, 0444, false, true);
	/* the file only */
	check_is_served_from(help, 0777, 0444, true, false);
	check_is_served_from(help, 0777, 0444, false, true);
}

static void
serve_and_write_again(struct help *help)
{
	struct cache *cache = NULL;
	struct cache_reader *reader;
	struct object *object;
	char room[KEY_MAX];
	struct key key;
	struct err err;

	leave_pages(help, true);
	set_modes(help, 0555, 0444);
	if (cache_open(&cache, &help->opts, &err) != 0)
		_exit(4);
	reader = cache_reader_new(cache);
	is_served(reader, 0, KEPT);
	help_key(&key, room, "/kept3");
	(void)cache_purge_key(cache, &key);
	must_be_gone(reader, "/kept3");
	object = help_store(cache, "/a", "x");
	object_unref(&object);
	set_modes(help, 0755, 0644);
	wait_until(cache, false);
	/* the purge is written first */
	while (!(object = help_load(reader, "/kept4")))
		must_be_gone(reader, "/kept3");
	object_unref(&object);
	must_be_gone(reader, "/kept3");
	is_served(reader, 4, KEPT);
	cache_reader_free(&reader);
	cache_close(&cache);
	if (help_count(help, "SELECT count(*) FROM entries WHERE url LIKE "
	    "'%/a'") != 1 ||
	    help_count(help, "SELECT count(*) FROM entries WHERE url LIKE "
	    "'%/kept3'") != 0)
		_exit(9);
}

static void
a_file_that_may_be_written_again_takes_what_waited(void **state)
{
	struct help *help = *state;

	assert_int_equal(chmod(help->dir, 0777), 0);
	if (geteuid() == 0)
		assert_int_equal(chown(help->dir, 65534, 65534), 0);
	as_nobody(serve_and_write_again, help);
}

static void
try_without_a_file(struct help *help)
{
	struct cache *cache = NULL;
	struct object *object;
	struct err err;

	if (cache_open(&cache, &help->opts, &err) != 0)
		_exit(4);
	object = help_store(cache, "/a", "x");
	object_unref(&object);
	object = help_find(cache, "/a");
	if (!object || cache_purge_all(cache) != 1)
		_exit(5);
	object_unref(&object);
	cache_close(&cache);
}

static void
a_folder_in_which_nothing_may_be_made_means_memory(void **state)
{
	struct help *help = *state;

	chmod(help->dir, 0555);
	as_nobody(try_without_a_file, help);
}

/* The page of the file in which this text is. */
static off_t
page_with(struct help *help, const char *text)
{
	int fd = open(help->file, O_RDONLY);
	off_t page, found = 0;
	char bytes[DB_PAGE_SIZE];

	for (page = 0; pread(fd, bytes, sizeof(bytes), page) > 0;
	    page += DB_PAGE_SIZE)
		if (memmem(bytes, sizeof(bytes), text, strlen(text)))
			found = page;
	close(fd);
	assert_true(found > 0);
	return found;
}

static int
count_loaded(struct cache *cache, int pages)
{
	struct cache_reader *reader = cache_reader_new(cache);
	char target[32];
	int found = 0;

	for (int i = 0; i < pages; i++) {
		struct object *object;

		snprintf(target, sizeof(target), "/t%d", i);
		object = help_load(reader, target);
		found += object != NULL;
		object_unref(&object);
	}
	cache_reader_free(&reader);
	return found;
}

static void
a_damaged_place_costs_what_is_stored_there(void **state)
{
	enum { PAGES = 200 };
	struct help *help = *state;
	struct cache *cache = help_open(help);
	struct object *object;
	char text[3001], target[32], junk[512];
	int64_t damaged = counter_read(COUNT_DAMAGED);
	int before = problems(), fd, found;

	memset(junk, 0x5a, sizeof(junk));
	for (int i = 0; i < PAGES; i++) {
		snprintf(target, sizeof(target), "/t%d", i);
		memset(text, 'a' + i % 26, sizeof(text) - 1);
		text[sizeof(text) - 1] = '\0';
		snprintf(text, sizeof(text), "this is %d", i);
		text[strlen(text)] = ' ';
		object = help_store(cache, target, text);
		object_unref(&object);
	}
	cache_close(&cache);
	fd = open(help->file, O_WRONLY);
	assert_true(pwrite(fd, junk, sizeof(junk),
	    page_with(help, "this is 77 ")) > 0);
	close(fd);
	cache = help_open(help);
	found = count_loaded(cache, PAGES);
	assert_true(found < PAGES && found > PAGES - 12);
	assert_true(counter_read(COUNT_DAMAGED) > damaged);
	usleep(300000);
	assert_true(problems() > before);
	/* asked for anew, stored or not: the others stay where they are */
	for (int i = 70; i < 85; i++) {
		snprintf(target, sizeof(target), "/t%d", i);
		object = help_store(cache, target, "fetched again");
		object_unref(&object);
	}
	object = help_store(cache, "/new", "new");
	object_unref(&object);
	wait_until(cache, false);
	cache_close(&cache);
	assert_int_equal(count_files(help, "corrupt"), 0);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entries "
	    "WHERE url LIKE '%/new'"), 1);
	cache = help_open(help);
	assert_true(count_loaded(cache, PAGES) >= found);
	cache_close(&cache);
}

/* Change a body behind livery's back, and leave the WAL. */
static void
spoil_and_die(struct help *help)
{
	sqlite3 *sqlite;

	if (sqlite3_open(help->file, &sqlite) != SQLITE_OK ||
	    sqlite3_exec(sqlite, "UPDATE body SET bytes = x'6a756e6b' "
	    "WHERE id = 3", NULL, NULL, NULL) != SQLITE_OK)
		_exit(7);
}

static void
a_file_left_by_a_killed_process_is_looked_through(void **state)
{
	struct help *help = *state;
	int64_t damaged = counter_read(COUNT_DAMAGED);
	uint64_t start = clock_mono_us();
	struct cache *cache;
	int before = problems();

	leave_pages(help, true);
	chmod(help->dir, 0777);
	set_modes(help, 0777, 0666);
	as_nobody(spoil_and_die, help);
	/* nobody asks for anything */
	cache = help_open(help);
	while (help_count(help, "SELECT count(*) FROM entry") != KEPT - 1) {
		assert_true(clock_mono_us() - start < 8000000);
		usleep(10000);
	}
	assert_int_equal(counter_read(COUNT_DAMAGED) - damaged, 1);
	cache_close(&cache);
	assert_true(problems() > before);
	/* after a clean end it is not */
	help_count(help, "UPDATE body SET bytes = x'6a756e6b' WHERE id = 5");
	help_count(help, "PRAGMA wal_checkpoint(TRUNCATE)");
	cache = help_open(help);
	usleep(100000);
	cache_close(&cache);
	assert_int_equal(counter_read(COUNT_DAMAGED) - damaged, 1);
}

static void
a_check_that_is_not_over_holds_no_end_up(void **state)
{
	struct help *help = *state;
	uint64_t start;
	struct cache *cache;

	for (int i = 0; i < 5; i++) {
		leave_pages(help, false);
		cache = help_open(help);
		start = clock_mono_us();
		cache_close(&cache);
		assert_true(clock_mono_us() - start < 2000000);
	}
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
	sqlite = help_sqlite(help);
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
	sqlite = help_sqlite(help);
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
		help_test(without_a_folder_there_is_memory),
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
		help_test(a_reader_at_rest_gives_a_removed_files_room_back),
		help_test(what_may_only_be_read_is_served_from),
	    help_test(a_file_that_may_be_written_again_takes_what_waited),
	    help_test(a_folder_in_which_nothing_may_be_made_means_memory),
	    help_test(a_damaged_place_costs_what_is_stored_there),
	    help_test(a_file_left_by_a_killed_process_is_looked_through),
	    help_test(a_check_that_is_not_over_holds_no_end_up),
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
