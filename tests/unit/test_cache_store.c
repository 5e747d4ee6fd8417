/* tests/unit/test_cache_store.c - both tiers: what is stored is found again,
 * in memory and after a restart, until it is purged */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"
#include "base/report.h"
#include "cache/batch.h"
#include "cache/cache.h"
#include "cache/db.h"
#include "cache_help.h"
#include "purge_help.h"

static void
what_is_stored_is_found_in_memory(void **state)
{
	struct cache *cache = help_open(*state);
	struct object *object = help_store(cache, "/a", "hello");
	struct object *found = help_find(cache, "/a");

	assert_ptr_equal(found, object);
	assert_null(help_find(cache, "/b"));
	object_unref(&found);
	object_unref(&object);
	cache_close(&cache);
}

static void
what_is_stored_outlives_a_restart(void **state)
{
	struct cache *cache = help_open(*state);
	struct object *object = help_store(cache, "/a", "hello"), *found;
	struct cache_reader *reader;

	cache_close(&cache);
	cache = help_open(*state);
	assert_null(help_find(cache, "/a"));
	reader = cache_reader_new(cache);
	found = help_load(reader, "/a");
	assert_non_null(found);
	assert_string_equal(found->body->bytes, "hello");
	assert_int_equal(found->status, 200);
	assert_string_equal(head_find(&found->head, "Content-Type"),
	    "text/html");
	assert_string_equal(found->etag, "\"e\"");
	assert_int_equal(found->fresh.lifetime_ms, 60000);
	assert_int_equal(found->answered_ms, object->answered_ms);
	object_unref(&object);
	/* and it is in memory now */
	object = help_find(cache, "/a");
	assert_ptr_equal(object, found);
	object_unref(&object);
	object_unref(&found);
	cache_reader_free(&reader);
	cache_close(&cache);
}

static void
a_store_is_in_the_file_within_100_ms(void **state)
{
	struct cache *cache = help_open(*state);
	struct object *object;
	uint64_t start, worst = 0;

	usleep(20000);
	for (int i = 0; i < 5; i++) {
		char path[32];

		snprintf(path, sizeof(path), "/timed%d", i);
		start = clock_mono_us();
		object = help_store(cache, path, "x");
		while (help_count(*state, "SELECT count(*) FROM entry") !=
		    i + 1)
			assert_true(clock_mono_us() - start < 3000000);
		if (clock_mono_us() - start > worst)
			worst = clock_mono_us() - start;
		object_unref(&object);
	}
	/* generous: the machine may be busy with other tests */
	assert_true(worst < 1000000);
	print_message("worst: %llu us\n", (unsigned long long)worst);
	cache_close(&cache);
}


static struct object *
dress(struct cache *cache, struct object *page, const char *version,
    const char *text)
{
	struct object *dressed = object_new(&page->key, page->kind, "site");
	char *bytes = mem_strdup(text);

	dressed->is_dressed = true;
	dressed->status = 200;
	head_add(&dressed->head, "Content-Type", "text/html");
	dressed->body = body_new(&bytes, strlen(text));
	dressed->theme = "main";
	dressed->theme_version = version;
	dressed->source_id = page->id;
	assert_true(cache_store_dressed(cache, page, dressed));
	return dressed;
}

static struct object *
load_dressed(struct cache_reader *reader, const char *target,
    const char *version)
{
	struct object *page, *dressed = NULL;
	char room[KEY_MAX];
	struct key key;

	help_key(&key, room, target);
	page = cache_load(reader, &key, NULL, NULL, version, &dressed);
	assert_non_null(page);
	object_unref(&page);
	return dressed;
}

static void
a_dressed_page_comes_back_with_its_page_and_only_in_its_version(void **state)
{
	struct cache *cache = help_open(*state);
	struct object *page = help_store(cache, "/a", "plain");
	struct object *dressed = dress(cache, page, "v1", "dressed"), *found;
	struct cache_reader *reader;
	char room[KEY_MAX];
	struct key key;

	object_unref(&dressed);
	help_key(&key, room, "/a");
	found = cache_find(cache, &key, NULL, NULL, &dressed);
	assert_ptr_equal(found, page);
	assert_string_equal(dressed->body->bytes, "dressed");
	object_unref(&dressed);
	object_unref(&found);
	object_unref(&page);
	cache_close(&cache);

	cache = help_open(*state);
	reader = cache_reader_new(cache);
	assert_null(load_dressed(reader, "/a", "v2"));
	found = load_dressed(reader, "/a", "v1");
	assert_non_null(found);
	assert_string_equal(found->body->bytes, "dressed");
	assert_int_equal(found->fresh.lifetime_ms, 60000);
	object_unref(&found);
	cache_reader_free(&reader);
	cache_close(&cache);
}

static void
a_replaced_page_never_comes_in_its_old_dress(void **state)
{
	struct cache *cache = help_open(*state);
	struct object *old_page = help_store(cache, "/a", "old");
	struct object *new_page = help_store(cache, "/a", "new");
	struct object *dressed = dress(cache, old_page, "v1", "old dressed");
	struct cache_reader *reader;
	struct object *worn = dressed, *found;
	char room[KEY_MAX];
	struct key key;

	help_key(&key, room, "/a");
	found = cache_find(cache, &key, NULL, NULL, &worn);
	assert_ptr_equal(found, new_page);
	assert_null(worn);
	object_unref(&found);
	object_unref(&dressed);
	object_unref(&old_page);
	object_unref(&new_page);
	cache_close(&cache);

	cache = help_open(*state);
	reader = cache_reader_new(cache);
	assert_null(load_dressed(reader, "/a", "v1"));
	cache_reader_free(&reader);
	cache_close(&cache);
}

static void
a_304_keeps_the_body_and_renews_the_rest(void **state)
{
	const struct policy_opts opts = {.stale_max_ms = 1000};
	struct cache *cache = help_open(*state);
	struct object *old_page = help_store(cache, "/a", "body"), *fresh;
	struct arena *arena = arena_new(1024);
	struct policy_answer answer;
	struct cache_reader *reader;
	struct head head;

	head_init(&head, arena);
	head_add(&head, "Cache-Control", "max-age=120");
	head_add(&head, "X-Other", "another");
	answer = (struct policy_answer){304, &head, old_page->asked_ms + 5000,
	    old_page->asked_ms + 5000};
	fresh = policy_freshen(old_page, &answer, &opts);
	assert_true(cache_freshen(cache, old_page, fresh));
	object_unref(&old_page);
	object_unref(&fresh);
	arena_free(&arena);
	cache_close(&cache);

	cache = help_open(*state);
	reader = cache_reader_new(cache);
	fresh = help_load(reader, "/a");
	assert_non_null(fresh);
	assert_string_equal(fresh->body->bytes, "body");
	assert_string_equal(head_find(&fresh->head, "X-Other"), "another");
	assert_int_equal(fresh->fresh.lifetime_ms, 120000);
	object_unref(&fresh);
	cache_reader_free(&reader);
	cache_close(&cache);
	assert_int_equal(help_count(*state, "SELECT count(*) FROM entry"), 1);
}

static const char *
language(void *arg, const char *name)
{
	return strcmp(name, "accept-language") == 0 ? arg : NULL;
}

static void
store_variant(struct cache *cache, char *tongue)
{
	struct object *object = help_object("/v", tongue);

	head_add(&object->head, "Vary", "Accept-Language");
	assert_int_equal(policy_vary_set(object, language, tongue), 0);
	cache_store(cache, object);
	object_unref(&object);
}

static void
variants_are_told_apart_and_capped(void **state)
{
	struct help *help = *state;
	struct cache *cache;
	struct cache_reader *reader;
	struct object *object;
	char room[KEY_MAX], tongue[16];
	struct key key;

	help->opts.variants_max = 4;
	cache = help_open(help);
	help_key(&key, room, "/v");
	for (int i = 0; i < 8; i++) {
		snprintf(tongue, sizeof(tongue), "l%d", i);
		store_variant(cache, tongue);
		usleep(5000); /* the wall clock is coarse */
	}
	object = cache_find(cache, &key, language, "l7", NULL);
	assert_string_equal(object->body->bytes, "l7");
	object_unref(&object);
	assert_null(cache_find(cache, &key, language, "l0", NULL));
	assert_null(cache_find(cache, &key, NULL, NULL, NULL));
	cache_close(&cache);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entry"), 4);

	cache = help_open(help);
	reader = cache_reader_new(cache);
	object = cache_load(reader, &key, language, "l6", NULL, NULL);
	assert_string_equal(object->body->bytes, "l6");
	object_unref(&object);
	assert_null(cache_load(reader, &key, language, "l1", NULL, NULL));
	cache_reader_free(&reader);
	cache_close(&cache);
}

/* Without Vary when tongue is NULL: it suits everybody. */
static void
store_answered(struct help *help, char *tongue, const char *text,
    int64_t answered_ms)
{
	struct cache *cache = help_open(help);
	struct object *object = help_object("/v", text);

	object->asked_ms = object->answered_ms = answered_ms;
	if (tongue) {
		head_add(&object->head, "Vary", "Accept-Language");
		assert_int_equal(policy_vary_set(object, language, tongue), 0);
	}
	cache_store(cache, object);
	object_unref(&object);
	cache_close(&cache);
}

static void
assert_loads(struct help *help, char *tongue, const char *text)
{
	struct cache *cache = help_open(help);
	struct cache_reader *reader = cache_reader_new(cache);
	struct object *object;
	char room[KEY_MAX];
	struct key key;

	help_key(&key, room, "/v");
	object = cache_load(reader, &key, language, tongue, NULL, NULL);
	assert_non_null(object);
	assert_string_equal(object->body->bytes, text);
	object_unref(&object);
	cache_reader_free(&reader);
	cache_close(&cache);
}

static void
of_the_rows_that_suit_the_newest_is_read(void **state)
{
	int64_t now_ms = clock_wall_ms();

	store_answered(*state, NULL, "for all", now_ms - 3000);
	store_answered(*state, "de", "for de", now_ms - 2000);
	assert_loads(*state, "de", "for de");
	assert_loads(*state, "fr", "for all");
	store_answered(*state, NULL, "for all, again", now_ms - 1000);
	assert_loads(*state, "de", "for all, again");
	assert_int_equal(help_count(*state, "SELECT count(*) FROM entry"), 2);
}

static void
note_problem(void *arg, const char *what, const char *url,
    const char *reason, const char *instead)
{
	unsigned *count = arg;

	(void)instead;
	assert_string_equal(what, "vary");
	assert_non_null(strstr(url, "/v"));
	assert_string_equal(reason,
	    "over 2 variants by its Vary: accept-language");
	(*count)++;
}

static void
of_too_many_variants_the_one_used_last_stays(void **state)
{
	struct help *help = *state;
	unsigned told = 0;
	const struct report_sink sink = {.problem = note_problem, .arg = &told};
	struct cache *cache;
	struct object *object;
	char room[KEY_MAX], tongue[16];
	struct key key;

	help->opts.variants_max = 2;
	report_set_sink(&sink);
	cache = help_open(help);
	help_key(&key, room, "/v");
	for (int i = 0; i < 6; i++) {
		snprintf(tongue, sizeof(tongue), "l%d", i);
		store_variant(cache, tongue);
		object = cache_find(cache, &key, language, "l0", NULL);
		assert_non_null(object);
		/* the wall clock is coarse */
		cache_touch(cache, object, clock_wall_ms() + 1000);
		object_unref(&object);
	}
	assert_null(cache_find(cache, &key, language, "l1", NULL));
	cache_close(&cache);
	report_set_sink(NULL);
	/* once for one address */
	assert_int_equal(told, 1);
}

static void
purges_reach_memory_and_file(void **state)
{
	struct cache *cache = help_open(*state);
	struct cache_reader *reader = cache_reader_new(cache);
	struct object *object;
	char room[KEY_MAX];
	struct key key;

	for (int i = 0; i < 20; i++) {
		char target[16];

		snprintf(target, sizeof(target), "/p%d%s", i, i % 2 ? "/" : "");
		object = help_object(target, "x");
		object->tags = i < 5 ? "news front" : "other";
		cache_store(cache, object);
		object_unref(&object);
	}
	help_key(&key, room, "/p0");
	assert_int_equal(cache_purge_key(cache, &key), 1);
	assert_int_equal(cache_purge_key(cache, &key), 0);
	assert_null(help_find(cache, "/p0"));
	assert_null(help_load(reader, "/p0"));
	/* with or without the last slash */
	assert_int_equal(cache_purge_path(cache, NULL, "/p1"), 1);
	assert_int_equal(cache_purge_path(cache, "site", "/p2/"), 1);
	assert_int_equal(cache_purge_path(cache, "elsewhere", "/p4"), 0);
	assert_int_equal(cache_purge_tag(cache, "news"), 2);
	assert_null(help_load(reader, "/p4"));
	assert_int_equal(cache_purge_all(cache), 15);
	assert_int_equal(help_count(*state, "SELECT count(*) FROM entry"), 0);
	assert_int_equal(help_count(*state, "SELECT count(*) FROM body"), 0);
	assert_int_equal(help_count(*state, "SELECT count(*) FROM tag"), 0);
	cache_reader_free(&reader);
	cache_close(&cache);
}

static void
a_theme_outlives_purging_everything(void **state)
{
	struct cache *cache = help_open(*state);
	char room[KEY_MAX], *bytes = mem_strdup("theme");
	struct object *theme, *found;
	struct key key;

	assert_int_equal(key_make_url(&key, room, KIND_THEME, "main",
	    "http://theme.example/"), 0);
	theme = object_new(&key, KIND_THEME, "main");
	theme->body = body_new(&bytes, 5);
	cache_store(cache, theme);
	assert_int_equal(cache_purge_all(cache), 0);
	found = cache_find(cache, &key, NULL, NULL, NULL);
	assert_ptr_equal(found, theme);
	object_unref(&found);
	object_unref(&theme);
	/* named itself, it goes */
	assert_int_equal(cache_purge_key(cache, &key), 1);
	cache_close(&cache);
}

/* The writer comes to the purge while the file is being read. */
static void
what_is_void_is_never_read_again(void **state)
{
	enum { TURNS = 40, MS = 60 };
	struct cache *cache = help_open(*state);
	struct cache_reader *reader = cache_reader_new(cache);
	char room[KEY_MAX], other[KEY_MAX];
	struct key key, none;

	help_key(&key, room, "/a");
	help_key(&none, other, "/none");
	for (int turn = 0; turn < TURNS; turn++) {
		struct object *object = help_store(cache, "/a", "x");
		uint64_t until_us;

		object_unref(&object);
		cache_purge_key(cache, &none); /* the writer is through */
		cache_invalidate(cache, &key);
		until_us = clock_mono_us() + MS * 1000;
		while (clock_mono_us() < until_us)
			assert_null(help_load(reader, "/a"));
	}
	cache_reader_free(&reader);
	cache_close(&cache);
}

static void
two_caches_on_one_file_hear_of_each_others_purges(void **state)
{
	struct cache *one = help_open(*state), *two = help_open(*state);
	struct cache_reader *reader = cache_reader_new(two);
	struct object *object = help_store(one, "/a", "x");
	uint64_t start = clock_mono_us();

	object_unref(&object);
	while (!(object = help_load(reader, "/a")))
		assert_true(clock_mono_us() - start < 3000000);
	object_unref(&object);
	object = help_find(two, "/a");
	assert_non_null(object);
	object_unref(&object);
	assert_int_equal(cache_purge_path(one, NULL, "/a"), 1);
	start = clock_mono_us();
	while ((object = help_find(two, "/a"))) {
		object_unref(&object);
		assert_true(clock_mono_us() - start < 3000000);
		usleep(10000);
	}
	assert_true(clock_mono_us() - start < 1500000);
	cache_reader_free(&reader);
	cache_close(&one);
	cache_close(&two);
}

/* The writer asks for hits now and then: here between the two. */
static void
what_was_used_before_it_was_written_has_its_hits(void **state)
{
	struct cache *cache = help_open(*state);
	struct object *object = help_object("/a", "x");
	uint64_t until_us = clock_mono_us() + 5000000;

	cache_touch(cache, object, clock_wall_ms());
	usleep(600000);
	(void)!cache_store(cache, object);
	while (help_count(*state, "SELECT sum(hits) FROM entries") < 1 &&
	    clock_mono_us() < until_us)
		usleep(50000);
	assert_int_equal(
	    help_count(*state, "SELECT sum(hits) FROM entries"), 1);
	object_unref(&object);
	cache_close(&cache);
}

static void
hits_and_errors_and_problems_reach_the_views(void **state)
{
	struct cache *cache = help_open(*state);
	struct object *object = help_store(cache, "/a", "x");

	cache_touch(cache, object, clock_wall_ms() + 5000);
	cache_touch(cache, object, clock_wall_ms() + 5000);
	cache_note_error(cache, &object->key, "timed out");
	cache_problem(cache, "fetch", "http://x/", "refused", "stale page");
	cache_problem(cache, "fetch", "http://x/", "refused", "stale page");
	cache_problem(cache, "dns", NULL, "no answer", NULL);
	cache_address(cache, "www.example.org", "192.0.2.1");
	cache_theme_live(cache, "main", "http://t/", "v1", 100, 1000);
	cache_theme_live(cache, "main", "http://t/", "v2", 200, 2000);
	object_unref(&object);
	cache_close(&cache);
	assert_int_equal(help_count(*state, "SELECT hits FROM entries"), 2);
	assert_int_equal(help_count(*state, "SELECT count(*) FROM entries "
	    "WHERE last_error = 'timed out' AND state = 'fresh' "
	    "AND last_used_at > fetched_at"), 1);
	assert_int_equal(help_count(*state, "SELECT times FROM problems "
	    "WHERE what = 'fetch'"), 2);
	assert_int_equal(help_count(*state, "SELECT count(*) FROM problems"),
	    2);
	assert_int_equal(help_count(*state, "SELECT count(*) FROM themes "
	    "WHERE live AND version = 'v2'"), 1);
	assert_int_equal(help_count(*state, "SELECT count(*) FROM themes"), 2);
	assert_int_equal(help_count(*state, "SELECT count(*) FROM addresses "
	    "WHERE address = '192.0.2.1'"), 1);
}

static void
count_address(void *arg, const char *host, const char *address)
{
	assert_string_equal(host, "h");
	assert_string_equal(address, "::1");
	++*(int *)arg;
}

static void
last_good_addresses_are_told_at_start(void **state)
{
	struct cache *cache = help_open(*state);
	int count = 0;

	cache_address(cache, "h", "::1");
	cache_close(&cache);
	cache = help_open(*state);
	cache_addresses(cache, count_address, &count);
	assert_int_equal(count, 1);
	/* a changed one is not believed */
	help_count(*state, "UPDATE address SET address = '::2'");
	cache_addresses(cache, count_address, &count);
	assert_int_equal(count, 1);
	cache_close(&cache);
}

static void
only_the_newest_problems_are_kept(void **state)
{
	struct cache *cache = help_open(*state);
	char reason[32];

	for (int i = 0; i < 1500; i++) {
		snprintf(reason, sizeof(reason), "reason %d", i);
		cache_problem(cache, "fetch", "u", reason, "");
	}
	cache_close(&cache);
	assert_int_equal(help_count(*state, "SELECT count(*) FROM problems"),
	    1000);
	assert_int_equal(help_count(*state, "SELECT count(*) FROM problems "
	    "WHERE reason = 'reason 1499'"), 1);
}

static void
the_file_stays_below_its_limit_and_loses_what_was_used_longest_ago(
    void **state)
{
	struct help *help = *state;
	struct cache *cache;
	struct object *object;
	char *text = mem_new(20001), target[32];
	int64_t evicted = counter_read(COUNT_EVICTED);

	memset(text, 'x', 20000);
	help->opts.size_max = 8 << 20;
	cache = help_open(help);
	for (int i = 0; i < 600; i++) {
		snprintf(target, sizeof(target), "/e%d", i);
		object = help_store(cache, target, text);
		object_unref(&object);
		if (i % 50 == 0)
			usleep(50000);
	}
	cache_close(&cache);
	mem_free(&text);
	assert_true(counter_read(COUNT_EVICTED) > evicted);
	assert_true(help_count(help, "SELECT (SELECT page_count FROM "
	    "pragma_page_count) * 4096") < 10 << 20);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entries "
	    "WHERE url LIKE '%/e599'"), 1);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entries "
	    "WHERE url LIKE '%/e1'"), 0);
}

static void
an_uncacheable_key_is_remembered_for_its_time(void **state)
{
	struct cache *cache = help_open(*state);
	char room[KEY_MAX];
	struct key key;

	help_key(&key, room, "/u");
	assert_false(cache_is_unshared(cache, &key, 1000));
	cache_mark_unshared(cache, &key, 2000);
	assert_true(cache_is_unshared(cache, &key, 1000));
	assert_false(cache_is_unshared(cache, &key, 2000));
	cache_close(&cache);
}

static void
without_a_file_everything_works_from_memory(void **state)
{
	struct help *help = *state;
	struct cache_figures figures;
	struct cache_reader *reader;
	struct object *object;
	struct cache *cache;

	help->opts.file = NULL;
	cache = help_open(help);
	reader = cache_reader_new(cache);
	object = help_object("/a", "x");
	assert_false(cache_store(cache, object));
	object_unref(&object);
	object = help_find(cache, "/a");
	cache_touch(cache, object, 5);
	object_unref(&object);
	assert_null(help_load(reader, "/a"));
	assert_int_equal(cache_purge_all(cache), 1);
	cache_read_figures(cache, &figures);
	assert_true(figures.in_memory_only);
	assert_null(cache_file(cache));
	cache_reader_free(&reader);
	cache_close(&cache);
}

static void
figures_tell_what_is_in_the_file(void **state)
{
	struct cache *cache = help_open(*state);
	struct object *object = help_store(cache, "/a", "12345");
	struct cache_figures figures;
	char room[KEY_MAX];
	struct key key;

	object_unref(&object);
	help_key(&key, room, "/none");
	cache_purge_key(cache, &key); /* the writer is through */
	cache_read_figures(cache, &figures);
	assert_int_equal(figures.entries, 1);
	assert_int_equal(figures.entry_bytes, 5);
	assert_int_equal(figures.stale, 0);
	assert_false(figures.in_memory_only);
	assert_null(figures.trouble);
	assert_true(figures.file_bytes > 0);
	cache_close(&cache);
}

/* ---- how much goes together ---- */

static void
a_batch_is_as_large_as_the_disk_is_quick(void **state)
{
	static const struct {
		unsigned limit, count;
		uint64_t took_us;
		unsigned next;
	} rows[] = {
	    {BATCH_JOBS, BATCH_JOBS, BATCH_US / 4, BATCH_JOBS},
	    {BATCH_JOBS, BATCH_JOBS, 4 * BATCH_US, BATCH_JOBS / 2},
	    {BATCH_JOBS_MIN, BATCH_JOBS_MIN, 4 * BATCH_US, BATCH_JOBS_MIN},
	    /* neither slow nor quick */
	    {64, 64, BATCH_US, 64},
	    {64, 64, BATCH_US / 4, 128},
	    /* one that was not full says nothing of a larger one */
	    {64, 3, 100, 64},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(batch_pace(rows[i].limit, rows[i].count,
				     rows[i].took_us),
		    rows[i].next);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		help_test(what_is_stored_is_found_in_memory),
		help_test(what_is_stored_outlives_a_restart),
		help_test(a_store_is_in_the_file_within_100_ms),
		help_test(
		    a_dressed_page_comes_back_with_its_page_and_only_in_its_version),
		help_test(a_replaced_page_never_comes_in_its_old_dress),
		help_test(a_304_keeps_the_body_and_renews_the_rest),
		help_test(variants_are_told_apart_and_capped),
		help_test(of_the_rows_that_suit_the_newest_is_read),
		help_test(of_too_many_variants_the_one_used_last_stays),
		help_test(purges_reach_memory_and_file),
		help_test(a_theme_outlives_purging_everything),
		help_test(what_is_void_is_never_read_again),
		help_test(two_caches_on_one_file_hear_of_each_others_purges),
		help_test(hits_and_errors_and_problems_reach_the_views),
		help_test(what_was_used_before_it_was_written_has_its_hits),
		help_test(last_good_addresses_are_told_at_start),
		help_test(only_the_newest_problems_are_kept),
		help_test(
		    the_file_stays_below_its_limit_and_loses_what_was_used_longest_ago),
		help_test(an_uncacheable_key_is_remembered_for_its_time),
		help_test(without_a_file_everything_works_from_memory),
		help_test(figures_tell_what_is_in_the_file),
		cmocka_unit_test(a_batch_is_as_large_as_the_disk_is_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
