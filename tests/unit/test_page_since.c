/* tests/unit/test_page_since.c - purges after a question: page/since.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/must.h"
#include "page/since.h"

static struct cache *cache;

static int
begin(void **state)
{
	struct cache_opts opts = {.memory_max = 1 << 20, .variants_max = 4};
	struct err err;

	(void)state;
	must(cache_open(&cache, &opts, &err) == 0);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	cache_close(&cache);
	return 0;
}

static struct object *
page_at(const char *url, const char *tags)
{
	struct object *object;
	struct key key;
	char room[KEY_MAX];
	char *bytes = calloc(1, 1);

	must(bytes);
	must(key_make_url(&key, room, KIND_PAGE, "main", url) == 0);
	object = object_new(&key, KIND_PAGE, "main");
	object->status = 200;
	object->body = body_new(&bytes, 1);
	object->tags = arena_strdup(object->arena, tags);
	object->fresh.lifetime_ms = INT64_MAX / 2;
	return object;
}

static void
purge(const char *kind, const char *words)
{
	struct meaning *meaning;
	struct err err;

	must(meaning_new(&meaning, kind, words, &err) == 0);
	(void)cache_purge(cache, meaning, false);
	meaning_unref(&meaning);
}

static bool
is_stored(const struct object *object)
{
	struct object *found =
	    cache_find(cache, &object->key, NULL, NULL, NULL);
	bool is = found == object;

	object_unref(&found);
	return is;
}

/* Nobody knows the tags or the type of what is on its way. */
static void
what_a_purge_may_mean_is_not_waited_for(void **state)
{
	static const struct {
		const char *kind, *words;
		bool may;
	} purges[] = {
	    {"url", "http://h/p", true},
	    {"url", "http://h/other", false},
	    {"path", "main /p/", true},
	    {"path", "other /p", false},
	    {"at", "h /p", true},
	    {"at", "g /p", false},
	    {"tag", "any", true},
	    {"tags", "any two", true},
	    {"all", "main", true},
	    {"all", "other", false},
	    {"match", "site main\nurl ^/p$", true},
	    {"match", "site main\nurl ^/q$", false},
	    {"match", "site other\ntags x", false},
	    {"match", "site main\ntags x", true},
	    {"match", "site main\nurl ^/q$\ntags x", false},
	    {"match", "site main\ntype html", true},
	};
	struct object *page = page_at("http://h/p", "");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(purges); i++) {
		struct since since = since_now(cache);

		assert_false(
		    since_is_over(&since, &page->key, KIND_PAGE, "main"));
		purge(purges[i].kind, purges[i].words);
		assert_int_equal(
		    since_is_over(&since, &page->key, KIND_PAGE, "main"),
		    purges[i].may);
		/* and so it stays */
		assert_int_equal(
		    since_is_over(&since, &page->key, KIND_PAGE, "main"),
		    purges[i].may);
	}
	object_unref(&page);
}

static void
themes_and_their_files_go_by_their_key_alone(void **state)
{
	struct object *page = page_at("http://h/p", "");
	struct since since = since_now(cache);

	(void)state;
	purge("all", "");
	purge("tag", "x");
	assert_false(since_is_over(&since, &page->key, KIND_ASSET, "main"));
	cache_invalidate(cache, &page->key);
	assert_true(since_is_over(&since, &page->key, KIND_ASSET, "main"));
	object_unref(&page);
}

static void
what_it_changed_itself_does_not_count(void **state)
{
	struct object *page = page_at("http://h/p", "");
	struct since since = since_now(cache), other = since_now(cache);

	(void)state;
	cache_invalidate_by(cache, &page->key, since.number);
	assert_false(since_is_over(&since, &page->key, KIND_PAGE, "main"));
	assert_true(since_is_over(&other, &page->key, KIND_PAGE, "main"));
	object_unref(&page);
}

static void
an_answer_that_was_purged_on_its_way_is_not_stored(void **state)
{
	struct object *old = page_at("http://h/p", "mine");
	struct object *new = page_at("http://h/p", "mine");
	struct object *fresh = page_at("http://h/p", "mine");
	struct since since = since_now(cache), later;

	(void)state;
	purge("tag", "other");
	assert_true(since_store(&since, old));
	assert_true(is_stored(old));
	purge("tag", "mine");
	assert_false(is_stored(old));
	assert_false(since_store(&since, old));
	assert_false(since_freshen(&since, old, fresh));
	assert_false(is_stored(old) || is_stored(fresh));
	later = since_now(cache);
	assert_true(since_store(&later, new));
	assert_false(since_store(&since, old));
	assert_true(is_stored(new));
	object_unref(&old);
	object_unref(&new);
	object_unref(&fresh);
}

/* Its own tags say that the purge did not mean it; but who asked since has
 * something newer. */
static void
what_was_asked_for_anew_puts_nothing_aside(void **state)
{
	struct object *old = page_at("http://h/p", "");
	struct object *new = page_at("http://h/p", "mine");
	struct since since = since_now(cache), later;

	(void)state;
	purge("tag", "mine");
	assert_true(since_is_over(&since, &old->key, KIND_PAGE, "main"));
	later = since_now(cache);
	assert_true(since_store(&later, new));
	assert_false(since_store(&since, old));
	assert_true(is_stored(new));
	object_unref(&old);
	object_unref(&new);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_a_purge_may_mean_is_not_waited_for),
	    cmocka_unit_test(themes_and_their_files_go_by_their_key_alone),
	    cmocka_unit_test(what_it_changed_itself_does_not_count),
	    cmocka_unit_test(
		an_answer_that_was_purged_on_its_way_is_not_stored),
	    cmocka_unit_test(what_was_asked_for_anew_puts_nothing_aside),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
