/* Several processes on one cache file: who is there, what each tells the
 * others, who is in charge. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cache/news.h"
#include "cache_help.h"

enum { SECOND_US = 1000000 };

static void
run_sql(const struct help *help, const char *sql)
{
	sqlite3 *sqlite = NULL;
	char *why = NULL;

	sqlite = help_sqlite(help);
	if (sqlite3_exec(sqlite, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	sqlite3_close(sqlite);
}

static void
wait_for_count(const struct help *help, const char *sql, int64_t count)
{
	uint64_t start = clock_mono_us();

	while (help_count(help, sql) != count) {
		if (clock_mono_us() - start > 10 * SECOND_US)
			fail_msg("%s: %d and not %d", sql,
			    (int)help_count(help, sql), (int)count);
		usleep(5000);
	}
}

/* Its body as memory has it now is this text; NULL: there is none. */
static bool
memory_has(struct cache *cache, const char *target, const char *text)
{
	struct object *object = help_find(cache, target);
	bool is = object && text ? object->body->len == strlen(text) &&
	    memcmp(object->body->bytes, text, strlen(text)) == 0 :
	    !object && !text;

	object_unref(&object);
	return is;
}

/* What the promise is: within a second. */
static void
wait_for_memory(struct cache *cache, const char *target, const char *text)
{
	uint64_t start = clock_mono_us();

	while (!memory_has(cache, target, text)) {
		assert_true(clock_mono_us() - start < 4 * SECOND_US);
		usleep(5000);
	}
}

static void
store_at(struct cache *cache, const char *target, const char *text,
    int64_t answered_ms)
{
	struct object *object = help_object(target, text);

	object->asked_ms = object->answered_ms = answered_ms;
	assert_true(cache_store(cache, object));
	object_unref(&object);
}

/* After a purge that may have meant it, as soon as the writer knows that the
 * file is as it should be. */
static void
assert_loads(struct cache *cache, const char *target, const char *text)
{
	struct cache_reader *reader = cache_reader_new(cache);
	uint64_t start = clock_mono_us();
	struct object *object;

	while (!(object = help_load(reader, target)))
		assert_true(clock_mono_us() - start < 2 * SECOND_US);
	assert_int_equal(object->body->len, strlen(text));
	assert_memory_equal(object->body->bytes, text, strlen(text));
	object_unref(&object);
	cache_reader_free(&reader);
}

/* A process that has the file open, is in charge of "theme", and is killed when
 * the pipe is closed. Begun while this one has no cache open: SQLite's locks do
 * not outlive a fork. */
static pid_t
begin_child(struct help *help, int *tell)
{
	int ready[2], told[2];
	struct cache *cache;
	pid_t child;
	char byte;

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(told), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		alarm(10);
		cache = help_open(help);
		cache_charge_ask(cache, "theme", 0);
		while (cache_charge_look(cache, "theme") == CHARGE_ASKED)
			usleep(1000);
		(void)!write(ready[1], "", 1);
		close(told[1]);
		(void)!read(told[0], &byte, 1);
		raise(SIGKILL);
	}
	close(ready[1]);
	close(told[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	*tell = told[1];
	return child;
}

static void
end_child(pid_t child, int *tell)
{
	int status;

	close(*tell);
	*tell = -1;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

/* ---- who is there ---- */

static void
each_knows_whether_there_is_another(void **state)
{
	struct cache *one = help_open(*state), *two;

	assert_false(cache_is_shared(one));
	two = help_open(*state);
	assert_true(cache_is_shared(one));
	assert_true(cache_is_shared(two));
	assert_int_equal(help_count(*state, "SELECT count(*) FROM "
	    "processes"), 2);
	cache_close(&two);
	assert_false(cache_is_shared(one));
	assert_int_equal(help_count(*state, "SELECT count(*) FROM "
	    "processes WHERE pid > 0 AND begun_at LIKE '20%Z'"), 1);
	cache_close(&one);
	assert_int_equal(help_count(*state, "SELECT count(*) FROM "
	    "processes"), 0);
}

static void
memory_alone_is_shared_with_nobody(void **state)
{
	struct help *help = *state;
	struct cache *one, *two;

	help->opts.file = NULL;
	one = help_open(help);
	two = help_open(help);
	assert_false(cache_is_shared(one));
	cache_charge_ask(one, "theme", 0);
	assert_int_equal(cache_charge_look(one, "theme"), CHARGE_ASKED);
	cache_close(&one);
	cache_close(&two);
}

static void
who_is_killed_is_gone_at_once(void **state)
{
	struct help *help = *state;
	struct cache *cache;
	pid_t child;
	int tell;

	child = begin_child(help, &tell);
	cache = help_open(help);
	assert_true(cache_is_shared(cache));
	end_child(child, &tell);
	assert_false(cache_is_shared(cache));
	/* its row goes with the next who comes */
	assert_int_equal(help_count(help, "SELECT count(*) FROM process"), 2);
	cache_close(&cache);
	cache = help_open(help);
	assert_int_equal(help_count(help, "SELECT count(*) FROM process"), 1);
	assert_int_equal(help_count(help, "SELECT count(*) FROM charge"), 0);
	cache_close(&cache);
}

/* ---- news ---- */

static void
who_is_alone_tells_nobody(void **state)
{
	struct cache *one = help_open(*state), *two;

	store_at(one, "/a", "alone", clock_wall_ms());
	wait_for_count(*state, "SELECT count(*) FROM entry", 1);
	assert_int_equal(help_count(*state, "SELECT count(*) FROM news"), 0);
	two = help_open(*state);
	store_at(one, "/b", "not alone", clock_wall_ms());
	wait_for_count(*state, "SELECT count(*) FROM news", 1);
	cache_close(&two);
	store_at(one, "/c", "alone again", clock_wall_ms());
	wait_for_count(*state, "SELECT count(*) FROM entry", 3);
	assert_int_equal(help_count(*state, "SELECT count(*) FROM news"), 1);
	cache_close(&one);
	/* nobody is left to read it */
	one = help_open(*state);
	assert_int_equal(help_count(*state, "SELECT count(*) FROM news"), 0);
	cache_close(&one);
}

static void
a_newer_answer_takes_the_place_of_the_others_copy(void **state)
{
	struct cache *one = help_open(*state), *two = help_open(*state);
	int64_t now_ms = clock_wall_ms();

	store_at(one, "/a", "first", now_ms - 1000);
	store_at(one, "/b", "b", now_ms - 1000);
	wait_for_count(*state, "SELECT count(*) FROM entry", 2);
	assert_loads(two, "/a", "first");
	assert_loads(two, "/b", "b");
	assert_true(memory_has(two, "/a", "first"));
	/* those lines have been read by now */
	usleep(SECOND_US / 2);
	assert_loads(two, "/a", "first");
	assert_loads(two, "/b", "b");
	store_at(one, "/a", "second", now_ms);
	wait_for_memory(two, "/a", NULL);
	assert_true(memory_has(two, "/b", "b"));
	assert_loads(two, "/a", "second");
	assert_true(memory_has(one, "/a", "second"));
	cache_close(&two);
	cache_close(&one);
}

static void
an_older_answer_does_not_replace_a_newer_one(void **state)
{
	struct cache *one = help_open(*state), *two = help_open(*state);
	int64_t now_ms = clock_wall_ms();

	store_at(one, "/a", "newer", now_ms - 1000);
	wait_for_count(*state, "SELECT count(*) FROM entry", 1);
	store_at(two, "/a", "older", now_ms - 5000);
	wait_for_memory(two, "/a", NULL);
	assert_loads(two, "/a", "newer");
	assert_true(memory_has(one, "/a", "newer"));
	/* a clock was set back since */
	store_at(one, "/b", "of tomorrow", now_ms + 86400000);
	wait_for_count(*state, "SELECT count(*) FROM entry", 2);
	store_at(two, "/b", "of today", now_ms);
	wait_for_count(*state, "SELECT count(*) FROM news", 3);
	assert_loads(two, "/b", "of today");
	cache_close(&two);
	cache_close(&one);
}

/* One that was long on its way: the other's has been heard of meanwhile. */
static void
an_older_answer_does_not_stay_in_memory(void **state)
{
	struct cache *one = help_open(*state), *two = help_open(*state);
	int64_t now_ms = clock_wall_ms();

	store_at(one, "/a", "newer", now_ms - 1000);
	wait_for_count(*state, "SELECT count(*) FROM entry", 1);
	usleep(SECOND_US);
	store_at(two, "/a", "older", now_ms - 5000);
	wait_for_memory(two, "/a", NULL);
	assert_loads(two, "/a", "newer");
	cache_close(&two);
	cache_close(&one);
}

static void
who_missed_some_news_forgets_everything(void **state)
{
	struct cache *one = help_open(*state);

	store_at(one, "/a", "a", clock_wall_ms());
	wait_for_count(*state, "SELECT count(*) FROM entry", 1);
	run_sql(*state, "INSERT INTO news (seq, process, key, answered_ms) "
	    "VALUES (1, 99, 'p x y', 0)");
	usleep(SECOND_US / 2);
	assert_true(memory_has(one, "/a", "a"));
	run_sql(*state, "INSERT INTO news (seq, process, key, answered_ms) "
	    "VALUES (90, 99, 'p x y', 0)");
	wait_for_memory(one, "/a", NULL);
	assert_loads(one, "/a", "a");
	/* and who missed some words of purges */
	run_sql(*state, "INSERT INTO changes (seq, kind, key, at_ms, soft, "
	    "max_id, open) VALUES (50, 'tag', 'x', 1, 0, 0, 0)");
	wait_for_memory(one, "/a", NULL);
	assert_loads(one, "/a", "a");
	cache_close(&one);
}

static void
news_are_kept_to_the_last_few_thousand(void **state)
{
	struct cache *one = help_open(*state), *two = help_open(*state);
	char sql[300];

	snprintf(sql, sizeof(sql), "WITH RECURSIVE n(i) AS (SELECT 1 UNION "
	    "ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO news (process, "
	    "key, answered_ms) SELECT 99, 'p x y', 0 FROM n", NEWS_MAX + 100);
	run_sql(*state, sql);
	store_at(one, "/a", "a", clock_wall_ms());
	wait_for_count(*state, "SELECT count(*) FROM news", NEWS_MAX);
	cache_close(&two);
	cache_close(&one);
}

/* ---- purges ---- */

/* While another writes, this one's store waits; and then the other's purge is
 * older than what was stored, but newer than the asking. */
static void
a_store_that_waited_while_another_purged_is_not_written(void **state)
{
	struct help *help = *state;
	struct cache *cache = help_open(help);
	sqlite3 *other = NULL;
	struct object *object;
	char sql[300];

	store_at(cache, "/before", "x", clock_wall_ms());
	wait_for_count(help, "SELECT count(*) FROM entry", 1);
	other = help_sqlite(help);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL,
	    NULL), SQLITE_OK);
	store_at(cache, "/a", "before the purge", clock_wall_ms());
	store_at(cache, "/soft", "before the purge", clock_wall_ms());
	store_at(cache, "/other", "not meant", clock_wall_ms());
	usleep(SECOND_US / 5);
	snprintf(sql, sizeof(sql), "INSERT INTO changes (kind, key, at_ms, "
	    "soft, max_id, open) VALUES ('url', 'http://www.example.org/a', "
	    "%lld, 0, 0, 0), ('url', 'http://www.example.org/soft', %lld, 1, "
	    "0, 0); COMMIT", (long long)clock_wall_ms(),
	    (long long)clock_wall_ms());
	assert_int_equal(sqlite3_exec(other, sql, NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(other);
	wait_for_count(help, "SELECT count(*) FROM entry WHERE url LIKE "
	    "'%/other'", 1);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entry WHERE "
	    "url LIKE '%/a'"), 0);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entry WHERE "
	    "url LIKE '%/soft' AND expired_ms > 0"), 1);
	wait_for_memory(cache, "/a", NULL);
	object = help_find(cache, "/soft");
	assert_non_null(object);
	assert_true(object_ttl_ms(object, clock_wall_ms()) <= 0);
	object_unref(&object);
	cache_close(&cache);
}

static void
another_is_purged_from_while_one_stores_all_it_can(void **state)
{
	struct cache *one = help_open(*state), *two = help_open(*state);
	struct meaning *meaning = NULL;
	char target[32], body[4001];
	uint64_t start;
	struct err err;

	memset(body, 'b', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	assert_int_equal(meaning_new(&meaning, "tag", "t", &err), 0);
	for (int i = 0; i < 5000; i++) {
		snprintf(target, sizeof(target), "/n%d", i);
		store_at(one, target, body, clock_wall_ms());
		snprintf(target, sizeof(target), "/m%d", i);
		if (i % 5 == 0)
			store_at(two, target, body, clock_wall_ms());
		if (i % 1000 == 999) {
			start = clock_mono_us();
			(void)cache_purge(two, meaning, false);
			assert_true(clock_mono_us() - start < 5 * SECOND_US);
		}
	}
	meaning_unref(&meaning);
	wait_for_count(*state, "SELECT count(*) FROM entry", 6000);
	cache_close(&two);
	cache_close(&one);
	assert_int_equal(help_count(*state, "SELECT count(*) FROM entry"),
	    6000);
}

static bool
is_in_trouble(struct cache *cache)
{
	struct cache_figures figures;

	cache_read_figures(cache, &figures);
	return figures.trouble != NULL;
}

static void
purge_url(struct cache *cache, const char *url)
{
	struct meaning *meaning = NULL;
	struct err err;

	assert_int_equal(meaning_new(&meaning, "url", url, &err), 0);
	(void)cache_purge(cache, meaning, false);
	meaning_unref(&meaning);
}

/* In memory in any case; the file may refuse it. */
static void
try_to_store(struct cache *cache, const char *target, const char *text)
{
	struct object *object = help_store(cache, target, text);

	object_unref(&object);
}

/* Trouble may come between the look and the store, which is refused then. */
static void
store_until_trouble(struct cache *cache)
{
	uint64_t start = clock_mono_us();

	while (!is_in_trouble(cache)) {
		assert_true(clock_mono_us() - start < 10 * SECOND_US);
		try_to_store(cache, "/c", "c");
		usleep(5000);
	}
}

/* Here: its WAL is too long, and a reader has it stay so. */
static void
who_may_not_write_hears_what_others_purge(void **state)
{
	struct help *help = *state;
	struct cache *one = help_open(help), *two;
	sqlite3 *reader = NULL;

	store_at(one, "/a", "a", clock_wall_ms());
	store_at(one, "/b", "b", clock_wall_ms());
	wait_for_count(help, "SELECT count(*) FROM entry", 2);
	help->opts.wal_max = 1;
	two = help_open(help);
	assert_loads(two, "/a", "a");
	assert_loads(two, "/b", "b");
	reader = help_sqlite(help);
	assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT * FROM entry",
	    NULL, NULL, NULL), SQLITE_OK);
	store_until_trouble(two);
	purge_url(one, "http://www.example.org/a");
	wait_for_memory(two, "/a", NULL);
	assert_true(memory_has(two, "/b", "b"));
	assert_true(is_in_trouble(two));
	sqlite3_close(reader);
	cache_close(&two);
	cache_close(&one);
}

/* A file that another made elsewhere takes the place of the one in use; its
 * WAL first, which is empty: the old one is not to be played into it. */
static void
put_in_its_place(const struct help *help, const char *from)
{
	static const char *const ends[] = {"-wal", ""};
	char old[PATH_MAX], new[PATH_MAX];

	snprintf(old, sizeof(old), "%s-shm", help->file);
	assert_int_equal(unlink(old), 0);
	for (size_t i = 0; i < 2; i++) {
		snprintf(new, sizeof(new), "%s%s", from, ends[i]);
		snprintf(old, sizeof(old), "%s%s", help->file, ends[i]);
		assert_int_equal(rename(new, old), 0);
	}
}

/* The other was there sooner, and purged before this one came. */
static void
who_finds_another_file_hears_what_was_purged_in_it(void **state)
{
	struct help *help = *state;
	struct cache *one = help_open(help), *two;
	char other[80];

	store_at(one, "/a", "a", clock_wall_ms());
	store_at(one, "/b", "b", clock_wall_ms());
	wait_for_count(help, "SELECT count(*) FROM entry", 2);
	snprintf(other, sizeof(other), "%.60s/other.db", help->dir);
	help->opts.file = other;
	two = help_open(help);
	purge_url(two, "http://www.example.org/a");
	cache_close(&two);
	help->opts.file = help->file;
	put_in_its_place(help, other);
	wait_for_memory(one, "/a", NULL);
	/* what was not purged is stored there */
	wait_for_count(help, "SELECT count(*) FROM entry WHERE url LIKE "
	    "'%/b'", 1);
	assert_true(memory_has(one, "/b", "b"));
	assert_int_equal(help_count(help, "SELECT count(*) FROM entry WHERE "
	    "url LIKE '%/a'"), 0);
	cache_close(&one);
}

static void
purge_in_passing(struct help *help, const char *url)
{
	struct cache *cache = help_open(help);

	purge_url(cache, url);
	cache_close(&cache);
}

/* It began while the file was not to be had. What others purged before that
 * means nothing that it has. */
static void
who_comes_late_hears_what_was_purged_since_it_began(void **state)
{
	struct help *help = *state;
	char lease[PATH_MAX];
	struct cache *one;
	int fd;

	purge_in_passing(help, "http://www.example.org/b");
	usleep(5000);
	snprintf(lease, sizeof(lease), "%s.lease", help->file);
	fd = open(lease, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	one = help_open(help);
	assert_true(is_in_trouble(one));
	try_to_store(one, "/a", "a");
	try_to_store(one, "/b", "b");
	close(fd);
	purge_in_passing(help, "http://www.example.org/a");
	wait_for_memory(one, "/a", NULL);
	wait_for_count(help, "SELECT count(*) FROM entry WHERE url LIKE "
	    "'%/b'", 1);
	assert_true(memory_has(one, "/b", "b"));
	assert_int_equal(help_count(help, "SELECT count(*) FROM entry WHERE "
	    "url LIKE '%/a'"), 0);
	cache_close(&one);
}

/* ---- charges ---- */

static enum charge
answer(struct cache *cache, int64_t since_ms)
{
	uint64_t start = clock_mono_us();
	enum charge charge;

	cache_charge_ask(cache, "theme", since_ms);
	while ((charge = cache_charge_look(cache, "theme")) == CHARGE_ASKED) {
		assert_true(clock_mono_us() - start < 5 * SECOND_US);
		usleep(1000);
	}
	return charge;
}

/* What is posted behind it is done behind it. */
static void
end(struct cache *cache, int64_t keep_ms)
{
	cache_charge_end(cache, "theme", keep_ms);
	cache_charge_ask(cache, "another", 0);
	while (cache_charge_look(cache, "another") == CHARGE_ASKED)
		usleep(1000);
}

static void
one_is_in_charge_until_its_time_is_over(void **state)
{
	struct cache *one = help_open(*state), *two = help_open(*state);

	assert_int_equal(answer(one, 0), CHARGE_OURS);
	assert_int_equal(answer(one, 0), CHARGE_OURS);
	assert_int_equal(answer(two, 0), CHARGE_BUSY);
	assert_int_equal(help_count(*state, "SELECT themes FROM processes "
	    "ORDER BY id LIMIT 1"), 1);
	end(one, 60000);
	assert_int_equal(answer(two, 0), CHARGE_THEIRS);
	assert_int_equal(answer(one, 0), CHARGE_OURS);
	end(one, 0);
	usleep(2000);
	assert_int_equal(answer(two, 0), CHARGE_OURS);
	assert_int_equal(answer(one, 0), CHARGE_BUSY);
	/* who is not in charge ends nothing */
	end(one, 0);
	assert_int_equal(answer(one, 0), CHARGE_BUSY);
	cache_close(&two);
	assert_int_equal(answer(one, 0), CHARGE_OURS);
	cache_close(&one);
}

static void
who_is_in_charge_and_idle_gives_way_to_what_is_urgent(void **state)
{
	struct cache *one = help_open(*state), *two = help_open(*state);
	int64_t before_ms = clock_wall_ms() - 1000, asked_ms;

	assert_int_equal(answer(one, 0), CHARGE_OURS);
	assert_int_equal(answer(two, clock_wall_ms() + 1), CHARGE_BUSY);
	end(one, 60000);
	asked_ms = help_count(*state, "SELECT asked_ms FROM charge WHERE "
	    "name = 'theme'");
	/* it has been asked for since */
	assert_int_equal(answer(two, before_ms), CHARGE_THEIRS);
	assert_int_equal(answer(two, asked_ms), CHARGE_THEIRS);
	assert_int_equal(answer(two, asked_ms + 1), CHARGE_OURS);
	assert_int_equal(answer(one, 0), CHARGE_BUSY);
	cache_close(&two);
	cache_close(&one);
}

static void
who_dies_is_in_charge_no_more(void **state)
{
	struct help *help = *state;
	struct cache *cache;
	pid_t child;
	int tell;

	child = begin_child(help, &tell);
	cache = help_open(help);
	assert_int_equal(answer(cache, 0), CHARGE_BUSY);
	end_child(child, &tell);
	assert_int_equal(answer(cache, 0), CHARGE_OURS);
	cache_close(&cache);
}

static void
a_clock_that_was_set_back_leaves_nobody_in_charge(void **state)
{
	struct cache *one = help_open(*state), *two = help_open(*state);

	assert_int_equal(answer(one, 0), CHARGE_OURS);
	run_sql(*state, "UPDATE charge SET until_ms = until_ms + 86400000");
	assert_int_equal(answer(two, 0), CHARGE_OURS);
	cache_close(&two);
	cache_close(&one);
}

static void
on_news(void *arg)
{
	atomic_fetch_add((_Atomic int *)arg, 1);
}

static void
news_of_a_theme_are_told_and_those_of_pages_are_not(void **state)
{
	struct cache *one = help_open(*state), *two = help_open(*state);
	char room[KEY_MAX], *bytes = mem_strdup("theme");
	_Atomic int told = 0;
	struct object *object;
	struct key key;

	cache_on_news(two, on_news, &told);
	store_at(one, "/page", "x", clock_wall_ms());
	wait_for_count(*state, "SELECT count(*) FROM entry", 1);
	usleep(SECOND_US / 2);
	assert_int_equal(told, 0);
	assert_int_equal(key_make_url(&key, room, KIND_THEME, "look",
	    "http://theme.example/"), 0);
	object = object_new(&key, KIND_THEME, "look");
	object->status = 200;
	object->body = body_new(&bytes, strlen(bytes));
	object->asked_ms = object->answered_ms = clock_wall_ms();
	assert_true(cache_store(one, object));
	object_unref(&object);
	for (int i = 0; i < 200 && told == 0; i++)
		usleep(10000);
	assert_int_equal(told, 1);
	cache_on_news(two, NULL, NULL);
	cache_close(&two);
	cache_close(&one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		help_test(each_knows_whether_there_is_another),
		help_test(memory_alone_is_shared_with_nobody),
		help_test(who_is_killed_is_gone_at_once),
		help_test(who_is_alone_tells_nobody),
		help_test(a_newer_answer_takes_the_place_of_the_others_copy),
		help_test(an_older_answer_does_not_replace_a_newer_one),
		help_test(an_older_answer_does_not_stay_in_memory),
		help_test(who_missed_some_news_forgets_everything),
		help_test(news_are_kept_to_the_last_few_thousand),
		help_test(
		    a_store_that_waited_while_another_purged_is_not_written),
		help_test(another_is_purged_from_while_one_stores_all_it_can),
		help_test(who_may_not_write_hears_what_others_purge),
		help_test(who_finds_another_file_hears_what_was_purged_in_it),
		help_test(who_comes_late_hears_what_was_purged_since_it_began),
		help_test(one_is_in_charge_until_its_time_is_over),
		help_test(
		    who_is_in_charge_and_idle_gives_way_to_what_is_urgent),
		help_test(who_dies_is_in_charge_no_more),
		help_test(a_clock_that_was_set_back_leaves_nobody_in_charge),
		help_test(news_of_a_theme_are_told_and_those_of_pages_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
