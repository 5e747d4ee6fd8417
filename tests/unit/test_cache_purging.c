/* tests/unit/test_cache_purging.c - purges: what they mean, in force at once
 * though rows go later, after a restart and a crash, and soft ones */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cache/epoch.h"
#include "cache/group.h"
#include "cache/inspect.h"
#include "cache/recent.h"
#include "cache/rows.h"
#include "cache_help.h"
#include "purge_help.h"

/* ---- what they mean ---- */

static void
words_mean_what_they_say(void **state)
{
	static const struct {
		const char *kind, *key;
		bool holds;
	} cases[] = {
		{"key", "p main http://www.example.org/a/b?x=1", true},
		{"key", "p main http://www.example.org/a/b", false},
		{"url", "http://www.example.org/a/b?x=1", true},
		{"url", "https://www.example.org/a/b?x=1", false},
		{"path", " /a/b?x=1", true},
		{"path", " /a/b/?x=1", true},
		{"path", "main /a/b?x=1", true},
		{"path", "other /a/b?x=1", false},
		{"path", " /a/b", false},
		{"at", "www.example.org /a/b?x=1", true},
		{"at", "WWW.example.org /a/b/?x=1", true},
		{"at", "example.org /a/b?x=1", false},
		{"tag", "red", true},
		{"tag", "re", false},
		{"tag", "redd", false},
		{"tags", "nothing blue", true},
		{"tags", "nothing bluer", false},
		{"all", "", true},
		{"all", "main", true},
		{"all", "other", false},
		{"match", "url ^/a/", true},
		{"match", "url ^/b", false},
		{"match", "url b\\?x", true},
		{"match", "host ^www\\.\nurl .", true},
		{"match", "host ^WWW\\.EX", true},
		{"match", "host org:80$", false},
		{"match", "site main\nurl b", true},
		{"match", "site other\nurl b", false},
		{"match", "type ^text/HTML", true},
		{"match", "type css", false},
		{"match", "tags (^|,)(x|blue)(,|$)", true},
		{"match", "tags (^|,)blu(,|$)", false},
		/* costs too much to be told: taken for found */
		{"match", "url ^/(a|aa)+$", true},
	};
	struct purgeable what = {
		.key = "p main http://www.example.org/a/b?x=1",
		.site = "main",
		.url = "http://www.example.org/a/b?x=1",
		.tags = "red blue",
		.type = "text/html; charset=utf-8",
		.type_len = 24,
	};
	struct meaning *meaning;
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(meaning_new(&meaning, cases[i].kind,
		    cases[i].key, &err), 0);
		if (i + 1 == COUNT_OF(cases))
			what.url = "http://h/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab";
		if (meaning_holds(meaning, &what) != cases[i].holds)
			fail_msg("%s '%s'", cases[i].kind, cases[i].key);
		what.is_lasting = true;
		assert_int_equal(meaning_holds(meaning, &what),
		    cases[i].holds && strcmp(cases[i].kind, "key") == 0);
		what.is_lasting = false;
		meaning_unref(&meaning);
	}
}

static void
wrong_words_are_refused(void **state)
{
	static const char *const cases[][2] = {
		{"nothing", ""}, {"match", "url (("}, {"match", "urls x"},
		{"match", "url a\nurl b"}, {"match", "tags [z-a]"},
	};
	struct meaning *meaning = NULL;
	char *large = mem_new(MEANING_KEY_MAX + 2);
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(meaning_new(&meaning, cases[i][0],
		    cases[i][1], &err), -1);
	memset(large, 'x', MEANING_KEY_MAX + 1);
	assert_int_equal(meaning_new(&meaning, "tag", large, &err), -1);
	mem_free(&large);
	assert_null(meaning);
}

/* ---- soft ---- */

static struct purged
purge(struct cache *cache, const char *kind, const char *key, bool soft)
{
	struct meaning *meaning;
	struct purged purged;
	struct err err;

	if (meaning_new(&meaning, kind, key, &err) != 0)
		fail_msg("%s", err.text);
	assert_true(cache_purge_count(cache, meaning).count < 1000000);
	purged = cache_purge(cache, meaning, soft);
	meaning_unref(&meaning);
	return purged;
}

static void
a_soft_purge_makes_stale_in_memory_and_after_a_restart(void **state)
{
	struct help *help = *state;
	struct cache *cache = help_open(help);
	struct object *object = help_store(cache, "/a", "x"), *found;
	struct cache_reader *reader;
	int64_t now = clock_wall_ms();

	assert_true(object_ttl_ms(object, now) > 50000);
	assert_int_equal(purge(cache, "path", " /a", true).count, 1);
	found = help_find(cache, "/a");
	assert_ptr_equal(found, object);
	assert_true(object_ttl_ms(object, clock_wall_ms()) <= 0);
	/* by a clock that was set back, too */
	assert_true(object_ttl_ms(object, now - 3600000) <= 0);
	object_unref(&found);
	object_unref(&object);
	cache_close(&cache);
	cache = help_open(help);
	reader = cache_reader_new(cache);
	found = help_load(reader, "/a");
	assert_non_null(found);
	assert_true(object_ttl_ms(found, clock_wall_ms()) <= 0);
	object_unref(&found);
	/* what is stored anew is fresh, there and there */
	object = help_store(cache, "/a", "x");
	assert_true(object_ttl_ms(object, clock_wall_ms()) > 50000);
	object_unref(&object);
	cache_reader_free(&reader);
	cache_close(&cache);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entry WHERE "
	    "expired_ms = -1"), 1);
}

static void
what_was_asked_before_a_soft_purge_is_not_stored_after_it(void **state)
{
	struct cache *cache = help_open(*state);
	struct object *object = help_object("/a", "x");
	uint64_t purges = cache_purges(cache);
	uint64_t me = cache_new_number(cache);

	assert_false(cache_was_purged(cache, purges, object));
	cache_invalidate_by(cache, &object->key, me);
	assert_true(cache_was_purged(cache, purges, object));
	/* but for one's own */
	assert_false(cache_was_purged_by_others(cache, purges, object, me));
	purge(cache, "path", " /a", true);
	assert_true(cache_was_purged_by_others(cache, purges, object, me));
	object_unref(&object);
	cache_close(&cache);
}

/* ---- many rows ---- */

enum { MANY = 20000 };

static void
store_many(struct cache *cache, const char *tag)
{
	char target[32];

	for (int i = 0; i < MANY; i++) {
		struct object *object;

		snprintf(target, sizeof(target), "/m%d", i);
		object = help_object(target, "some text");
		object->tags = tag;
		(void)cache_store(cache, object);
		object_unref(&object);
	}
	cache_purge_tag(cache, "none"); /* the writer is through */
}

static bool
is_loaded(struct cache *cache, const char *target)
{
	struct cache_reader *reader = cache_reader_new(cache);
	struct object *object = help_load(reader, target);
	bool loaded = object != NULL;

	object_unref(&object);
	cache_reader_free(&reader);
	return loaded;
}

/* A busy machine's count may end early, and then says so. */
static bool
were_many(struct purged purged)
{
	return purged.more ? purged.count <= MANY : purged.count == MANY;
}

static void
wait_for_none(struct help *help, const char *sql)
{
	uint64_t start = clock_mono_us();

	while (help_count(help, sql) > 0) {
		assert_true(clock_mono_us() - start < 60000000);
		usleep(20000);
	}
}

static void
a_large_purge_is_in_force_at_once_and_its_rows_go_later(void **state)
{
	struct help *help = *state;
	struct cache *cache;
	struct object *object;
	uint64_t took;

	help->opts.memory_max = 1 << 20;
	cache = help_open(help);
	store_many(cache, "many");
	object = help_store(cache, "/other", "x");
	object_unref(&object);
	took = clock_mono_us();
	assert_true(were_many(purge(cache, "tag", "many", false)));
	took = clock_mono_us() - took;
	assert_true(help_count(help, "SELECT count(*) FROM entry") > 1);
	assert_false(is_loaded(cache, "/m3"));
	assert_false(is_loaded(cache, "/m19999"));
	assert_true(is_loaded(cache, "/other"));
	/* a second one finds nothing */
	assert_int_equal(purge(cache, "tag", "many", false).count, 0);
	/* what is stored in a dead row's place is not of it */
	object = help_object("/m19998", "new");
	object->tags = "many";
	(void)cache_store(cache, object);
	object_unref(&object);
	wait_for_none(help, "SELECT count(*) FROM changes WHERE open");
	assert_int_equal(help_count(help, "SELECT count(*) FROM entry"), 2);
	assert_true(is_loaded(cache, "/m19998"));
	print_message("%d rows purged in %llu us\n", MANY,
	    (unsigned long long)took);
	cache_close(&cache);
}

/* The child ends by force right after the answer. */
static void
purge_and_die(struct help *help, const char *kind, const char *key, bool soft)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		struct cache *cache = help_open(help);

		if (were_many(purge(cache, kind, key, soft)))
			raise(SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void
a_large_purge_outlives_its_process(void **state)
{
	struct help *help = *state;
	struct cache *cache = help_open(help);
	struct cache_reader *reader;
	struct object *object;

	store_many(cache, "many");
	cache_close(&cache);
	purge_and_die(help, "tag", "many", true);
	assert_int_equal(help_count(help, "SELECT count(*) FROM changes WHERE "
	    "open"), 1);
	cache = help_open(help);
	reader = cache_reader_new(cache);
	object = help_load(reader, "/m19999");
	assert_non_null(object);
	assert_true(object_ttl_ms(object, clock_wall_ms()) <= 0);
	object_unref(&object);
	cache_reader_free(&reader);
	wait_for_none(help, "SELECT count(*) FROM changes WHERE open");
	cache_close(&cache);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entry WHERE "
	    "expired_ms = -1"), 0);
	purge_and_die(help, "all", "", false);
	assert_true(help_count(help, "SELECT count(*) FROM entry") > 0);
	cache = help_open(help);
	assert_false(is_loaded(cache, "/m19999"));
	wait_for_none(help, "SELECT count(*) FROM entry");
	cache_close(&cache);
}

static void
another_process_purges_many_and_is_heard(void **state)
{
	struct help *help = *state;
	struct cache *one = help_open(help), *two = help_open(help);
	uint64_t start = clock_mono_us();
	struct object *object;

	store_many(one, "many");
	while ((object = help_find(one, "/m19999")) == NULL)
		assert_true(is_loaded(one, "/m19999"));
	object_unref(&object);
	assert_true(is_loaded(two, "/m19999"));
	assert_int_equal(purge(two, "match", "url ^/m[0-9]+$", false).more ?
	    MANY : (int)MANY, MANY);
	assert_false(is_loaded(two, "/m19999"));
	start = clock_mono_us();
	while ((object = help_find(one, "/m19999")) != NULL ||
	    is_loaded(one, "/m5")) {
		object_unref(&object);
		assert_true(clock_mono_us() - start < 5000000);
		usleep(10000);
	}
	wait_for_none(help, "SELECT count(*) FROM entry");
	cache_close(&two);
	cache_close(&one);
}

static void
open_rows(struct rows *rows, struct help *help)
{
	struct err err;
	int version;

	memset(rows, 0, sizeof(*rows));
	rows->epochs = epochs_new();
	assert_int_equal(rows_open(rows, help->file, &version, &err), DB_OK);
}

static void
close_rows(struct rows *rows)
{
	rows_close(rows);
	epochs_free(&rows->epochs);
}

/* Or a row that stays, and gets another answer with that tag, would be taken for
 * one that was purged. */
static void
what_another_process_has_worked_off_is_over_here(void **state)
{
	struct help *help = *state;
	struct cache *cache = help_open(help);
	struct purge_deed deed = {.at_ms = clock_wall_ms()};
	struct rows one, two;
	struct purged purged;
	struct err err;

	store_many(cache, "many");
	cache_close(&cache);
	open_rows(&one, help);
	open_rows(&two, help);
	assert_int_equal(meaning_new(&deed.meaning, "tag", "many", &err), 0);
	assert_int_equal(rows_begin(&one), SQLITE_OK);
	assert_int_equal(rows_purge(&one, &deed, &purged), SQLITE_OK);
	assert_int_equal(rows_commit(&one), SQLITE_OK);
	assert_int_equal(rows_changes(&two, NULL, NULL), SQLITE_OK);
	assert_int_equal(epochs_count(two.epochs), 1);
	while (rows_may_sweep(&one)) {
		assert_int_equal(rows_begin(&one), SQLITE_OK);
		assert_int_equal(rows_sweep(&one, clock_mono_us() + SWEEP_US),
		    SQLITE_OK);
		assert_int_equal(rows_commit(&one), SQLITE_OK);
	}
	assert_int_equal(epochs_count(two.epochs), 1);
	assert_int_equal(rows_changes(&two, NULL, NULL), SQLITE_OK);
	assert_int_equal(epochs_count(two.epochs), 0);
	assert_false(rows_may_sweep(&two));
	meaning_unref(&deed.meaning);
	close_rows(&two);
	close_rows(&one);
}

/* The next one's word has its number. */
static void
a_purge_that_was_rolled_back_leaves_no_gap_for_anothers(void **state)
{
	struct help *help = *state;
	struct purge_deed deed = {.at_ms = clock_wall_ms()};
	struct rows one, two;
	struct purged purged;
	struct err err;
	int64_t before;

	open_rows(&one, help);
	open_rows(&two, help);
	before = one.last_seq;
	assert_int_equal(meaning_new(&deed.meaning, "tag", "x", &err), 0);
	assert_int_equal(rows_begin(&one), SQLITE_OK);
	assert_int_equal(rows_purge(&one, &deed, &purged), SQLITE_OK);
	rows_rollback(&one);
	assert_int_equal(one.last_seq, before);
	assert_int_equal(rows_begin(&two), SQLITE_OK);
	assert_int_equal(rows_purge(&two, &deed, &purged), SQLITE_OK);
	assert_int_equal(rows_commit(&two), SQLITE_OK);
	assert_int_equal(rows_changes(&one, NULL, NULL), SQLITE_OK);
	assert_int_equal(one.last_seq, before + 1);
	meaning_unref(&deed.meaning);
	close_rows(&two);
	close_rows(&one);
}

static void
everything_is_forgotten_in_memory_but_what_lasts(void **state)
{
	struct help *help = *state;
	struct cache *cache;
	struct object *object, *found;

	help->opts.file = NULL;
	cache = help_open(help);
	for (int i = 0; i < 100; i++) {
		char target[16];

		snprintf(target, sizeof(target), "/%d", i);
		object = help_store(cache, target, "x");
		object_unref(&object);
	}
	assert_int_equal(cache_purge_all(cache), 100);
	assert_int_equal(cache_purge_all(cache), 0);
	assert_null(help_find(cache, "/5"));
	object = help_store(cache, "/5", "y");
	found = help_find(cache, "/5");
	assert_ptr_equal(found, object);
	object_unref(&found);
	object_unref(&object);
	assert_int_equal(cache_purge_path(cache, NULL, "/5"), 1);
	cache_close(&cache);
}

/* ---- the list ---- */

static void
what_a_transaction_did_counts_when_it_is_committed(void **state)
{
	struct epochs *epochs = epochs_new();
	struct object *object = help_object("/a", "x");
	struct epoch epoch = {.seq = 1, .max_id = 10, .is_new = true};
	struct err err;
	int64_t at_ms;

	(void)state;
	object->row = 10;
	assert_int_equal(meaning_new(&epoch.meaning, "path", " /a", &err), 0);
	epochs_add(epochs, &epoch);
	assert_int_equal(epochs_judge(epochs, object, &at_ms), MEANT_HARD);
	epochs_settle(epochs, false);
	assert_int_equal(epochs_judge(epochs, object, &at_ms), MEANT_NOT);
	epochs_add(epochs, &epoch);
	epochs_settle(epochs, true);
	object->row = 11;
	assert_int_equal(epochs_judge(epochs, object, &at_ms), MEANT_NOT);
	object->row = 1;
	epochs_next(epochs)->is_over = true;
	assert_null(epochs_next(epochs));
	assert_int_equal(epochs_judge(epochs, object, &at_ms), MEANT_HARD);
	epochs_settle(epochs, false);
	assert_non_null(epochs_next(epochs));
	epochs_next(epochs)->is_over = true;
	epochs_settle(epochs, true);
	assert_int_equal(epochs_count(epochs), 0);
	assert_int_equal(epochs_max_id(epochs), 0);
	meaning_unref(&epoch.meaning);
	epochs_free(&epochs);
	object_unref(&object);
}

/* ---- groups ---- */

static void
groups_are_tags_of_their_origin(void **state)
{
	static const struct {
		const char *field, *tags;
	} cases[] = {
		{"\"a\", \"b c\";p=1", "red #http://www.example.org#a "
		    "#http://www.example.org#b%20c"},
		{"\"q\\\"\\\\\"", "red #http://www.example.org#q\"\\"},
		{"\"a,#%\"", "red #http://www.example.org#a%2c%23%25"},
		{"a, \"b\", 3, (\"c\")", "red #http://www.example.org#b"},
		{"\"a\" \"b\"", "red"}, {"\"a", "red"}, {"\"a\",", "red"},
		{"", "red"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct object *object = help_object("/a", "x");

		head_add(&object->head, "xkey", "red");
		head_add(&object->head, "Cache-Groups", cases[i].field);
		assert_string_equal(group_all_tags(object), cases[i].tags);
		object_unref(&object);
	}
}

static void
at_least_32_groups_of_32_characters_count(void **state)
{
	struct object *object = help_object("/a", "x");
	char list[GROUPS_MAX * 40] = "";
	const char *tags;

	(void)state;
	for (int i = 0; i < 32; i++)
		sprintf(list + strlen(list), "%s\"%032d\"", i ? ", " : "", i);
	head_add(&object->head, "Cache-Groups", list);
	tags = group_all_tags(object);
	assert_non_null(strstr(tags, "#00000000000000000000000000000000"));
	assert_non_null(strstr(tags, "#00000000000000000000000000000031"));
	object_unref(&object);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_mean_what_they_say),
	    cmocka_unit_test(wrong_words_are_refused),
	    help_test(a_soft_purge_makes_stale_in_memory_and_after_a_restart),
	    help_test(
		what_was_asked_before_a_soft_purge_is_not_stored_after_it),
	    help_test(a_large_purge_is_in_force_at_once_and_its_rows_go_later),
	    help_test(a_large_purge_outlives_its_process),
	    help_test(another_process_purges_many_and_is_heard),
	    help_test(what_another_process_has_worked_off_is_over_here),
	    help_test(a_purge_that_was_rolled_back_leaves_no_gap_for_anothers),
	    help_test(everything_is_forgotten_in_memory_but_what_lasts),
	    cmocka_unit_test(
		what_a_transaction_did_counts_when_it_is_committed),
	    cmocka_unit_test(groups_are_tags_of_their_origin),
	    cmocka_unit_test(at_least_32_groups_of_32_characters_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
