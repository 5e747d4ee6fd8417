/* tests/unit/test_cache_memtier.c - the memory tier: its limit, who is thrown
 * out first, and many threads at once */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>

#include "base/counter.h"
#include "cache/memtier.h"
#include "cache_help.h"
#include "purge_help.h"

static const uint64_t MIB = 1 << 20;

static struct object *
find(struct memtier *memtier, const char *target)
{
	char room[KEY_MAX];
	struct key key;

	help_key(&key, room, target);
	return memtier_find(memtier, &key, NULL, NULL, NULL);
}

static bool
has(struct memtier *memtier, const char *target)
{
	struct object *object = find(memtier, target);
	bool there = object != NULL;

	object_unref(&object);
	return there;
}

static void
put(struct memtier *memtier, const char *target, size_t size)
{
	char *text = mem_new(size + 1);
	struct object *object;

	memset(text, 'x', size);
	object = help_object(target, text);
	(void)memtier_put(memtier, object);
	object_unref(&object);
	mem_free(&text);
}

static void
bytes_stay_below_the_limit_and_the_gauges_tell_them(void **state)
{
	int64_t before = counter_read(COUNT_MEMORY_BYTES);
	int64_t entries = counter_read(COUNT_MEMORY_ENTRIES);
	struct memtier *memtier = memtier_new(MIB, 32);
	char target[32];

	(void)state;
	for (int i = 0; i < 2000; i++) {
		snprintf(target, sizeof(target), "/%d", i);
		put(memtier, target, 2000);
		assert_true(counter_read(COUNT_MEMORY_BYTES) - before <=
		    (int64_t)MIB);
	}
	/* it is used well, too */
	assert_true(counter_read(COUNT_MEMORY_BYTES) - before >
	    (int64_t)MIB * 9 / 10);
	assert_true(has(memtier, "/1999"));
	assert_false(has(memtier, "/0"));
	memtier_set_limits(memtier, MIB / 4, 32);
	assert_true(counter_read(COUNT_MEMORY_BYTES) - before <=
	    (int64_t)MIB / 4);
	/* the table grows with the limit, and still finds what it has */
	put(memtier, "/last", 10);
	memtier_set_limits(memtier, 64 * MIB, 32);
	assert_true(has(memtier, "/last"));
	memtier_free(&memtier);
	assert_int_equal(counter_read(COUNT_MEMORY_BYTES), before);
	assert_int_equal(counter_read(COUNT_MEMORY_ENTRIES), entries);
}

static void
what_is_used_gets_a_second_chance(void **state)
{
	struct memtier *memtier = memtier_new(MIB, 32);
	char target[32];
	int kept = 0;

	(void)state;
	for (int i = 0; i < 20; i++) {
		snprintf(target, sizeof(target), "/used/%d", i);
		put(memtier, target, 2000);
	}
	for (int i = 0; i < 3000; i++) {
		snprintf(target, sizeof(target), "/used/%d", i % 20);
		(void)has(memtier, target);
		snprintf(target, sizeof(target), "/once/%d", i);
		put(memtier, target, 2000);
	}
	for (int i = 0; i < 20; i++) {
		snprintf(target, sizeof(target), "/used/%d", i);
		kept += has(memtier, target);
	}
	assert_int_equal(kept, 20);
	memtier_free(&memtier);
}

static void
a_newcomer_is_never_the_one_that_is_thrown_out(void **state)
{
	struct memtier *memtier = memtier_new(MIB, 32);
	char target[32];

	(void)state;
	/* so few fit that a shard has often none but the newcomer */
	for (int i = 0; i < 2000; i++) {
		snprintf(target, sizeof(target), "/large/%d", i);
		put(memtier, target, 100000);
		assert_true(has(memtier, target));
	}
	memtier_free(&memtier);
}

static void
one_that_is_too_big_is_not_kept_nor_is_what_it_replaces(void **state)
{
	struct memtier *memtier = memtier_new(MIB, 32);

	(void)state;
	put(memtier, "/a", 1000);
	assert_true(has(memtier, "/a"));
	put(memtier, "/a", MIB / 2);
	assert_false(has(memtier, "/a"));
	memtier_free(&memtier);
}

static void
a_row_read_before_a_purge_is_not_let_in_after_it(void **state)
{
	struct memtier *memtier = memtier_new(MIB, 32);
	uint64_t epoch = memtier_epoch(memtier);
	struct object *object = help_object("/a", "x");

	(void)state;
	memtier_new_epoch(memtier);
	memtier_offer(memtier, object, NULL, epoch);
	assert_false(has(memtier, "/a"));
	memtier_offer(memtier, object, NULL, memtier_epoch(memtier));
	assert_true(has(memtier, "/a"));
	object_unref(&object);
	memtier_free(&memtier);
}

static void
a_row_read_from_the_file_never_replaces_what_is_there(void **state)
{
	struct memtier *memtier = memtier_new(MIB, 32);
	struct object *old = help_object("/a", "old"), *found;

	(void)state;
	put(memtier, "/a", 10);
	memtier_offer(memtier, old, NULL, memtier_epoch(memtier));
	found = find(memtier, "/a");
	assert_int_equal(found->body->len, 10);
	object_unref(&found);
	object_unref(&old);
	memtier_free(&memtier);
}

static void
a_dress_from_the_file_is_taken_by_the_page_that_lacks_one(void **state)
{
	struct memtier *memtier = memtier_new(MIB, 32);
	struct object *page = help_object("/a", "same"), *worn = NULL;
	struct object *again = object_copy(page), *dressed, *found;

	(void)state;
	dressed = object_copy(page);
	(void)memtier_put(memtier, page);
	memtier_offer(memtier, again, dressed, memtier_epoch(memtier));
	found = memtier_find(memtier, &page->key, NULL, NULL, &worn);
	assert_ptr_equal(found, again);
	assert_ptr_equal(worn, dressed);
	object_unref(&found);
	object_unref(&worn);
	object_unref(&again);
	object_unref(&dressed);
	object_unref(&page);
	memtier_free(&memtier);
}

static void
freed_slot(void *arg)
{
	++*(int *)arg;
}

static void
what_the_front_made_of_an_object_goes_with_it(void **state)
{
	struct memtier *memtier = memtier_new(MIB, 32);
	struct object *object = help_object("/a", "x");
	int freed = 0;

	(void)state;
	object->slot_free = freed_slot;
	object->slot[0] = object->slot[7] = &freed;
	(void)memtier_put(memtier, object);
	object_unref(&object);
	assert_int_equal(freed, 0);
	put(memtier, "/a", 1);
	assert_int_equal(freed, 2);
	memtier_free(&memtier);
}

/* ---- many threads ---- */

enum { THREADS = 4, ROUNDS = 4000, KEYS = 300 };

static void *
hammer(void *arg)
{
	struct memtier *memtier = arg;
	unsigned seed = (unsigned)(uintptr_t)&seed;
	char target[32], room[KEY_MAX];

	for (int i = 0; i < ROUNDS; i++) {
		struct object *page, *dressed = NULL;
		struct key key;

		snprintf(target, sizeof(target), "/h%d",
		    rand_r(&seed) % KEYS);
		help_key(&key, room, target);
		page = memtier_find(memtier, &key, NULL, NULL, &dressed);
		if (!page) {
			page = help_object(target, "some text of a page");
			(void)memtier_put(memtier, page);
		} else if (!dressed) {
			dressed = object_copy(page);
			memtier_dress(memtier, page, dressed);
		}
		if (i % 500 == 0)
			memtier_drop(memtier, &key);
		if (i % 1000 == 0)
			memtier_set_limits(memtier, MIB / (1 + i % 3), 8);
		object_unref(&page);
		object_unref(&dressed);
	}
	return NULL;
}

static void
threads_may_do_all_of_it_at_once(void **state)
{
	int64_t before = counter_read(COUNT_MEMORY_BYTES);
	struct memtier *memtier = memtier_new(MIB / 4, 8);
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hammer,
		    memtier), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	memtier_free(&memtier);
	assert_int_equal(counter_read(COUNT_MEMORY_BYTES), before);
}

struct crowd {
	struct cache *cache;
	int number;
};

/* One worker's life: look in memory, then in the file, else store; now and
 * then dress, touch and purge. */
static void *
work(void *arg)
{
	struct crowd *crowd = arg;
	struct cache *cache = crowd->cache;
	struct cache_reader *reader = cache_reader_new(cache);
	unsigned seed = (unsigned)crowd->number;
	char target[32];

	for (int i = 0; i < 400; i++) {
		struct object *object;

		snprintf(target, sizeof(target), "/w%d", rand_r(&seed) % 50);
		object = help_find(cache, target);
		if (!object)
			object = help_load(reader, target);
		if (!object)
			object = help_store(cache, target, target);
		assert_string_equal(object->body->bytes, target);
		cache_touch(cache, object, clock_wall_ms());
		if (i % 7 == 0) {
			struct object *dressed = object_copy(object);

			dressed->theme = "t";
			dressed->theme_version = "v";
			(void)cache_store_dressed(cache, object, dressed);
			object_unref(&dressed);
		}
		if (i % 100 == 99)
			cache_purge_path(cache, NULL, target);
		object_unref(&object);
	}
	cache_reader_free(&reader);
	return NULL;
}

static void
workers_share_both_tiers(void **state)
{
	struct help *help = *state;
	struct crowd crowd[THREADS];
	pthread_t threads[THREADS];
	struct cache *cache;

	help->opts.memory_max = MIB / 16;
	cache = help_open(help);
	for (int i = 0; i < THREADS; i++) {
		crowd[i] = (struct crowd){cache, i};
		assert_int_equal(pthread_create(&threads[i], NULL, work,
		    &crowd[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	cache_close(&cache);
	assert_int_equal(help_count(help, "SELECT integrity_check = 'ok' "
	    "FROM pragma_integrity_check"), 1);
	assert_true(help_count(help, "SELECT sum(hits) FROM entries") > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    bytes_stay_below_the_limit_and_the_gauges_tell_them),
		cmocka_unit_test(what_is_used_gets_a_second_chance),
		cmocka_unit_test(
		    a_newcomer_is_never_the_one_that_is_thrown_out),
		cmocka_unit_test(
		    one_that_is_too_big_is_not_kept_nor_is_what_it_replaces),
		cmocka_unit_test(
		    a_row_read_before_a_purge_is_not_let_in_after_it),
		cmocka_unit_test(
		    a_row_read_from_the_file_never_replaces_what_is_there),
		cmocka_unit_test(
		    a_dress_from_the_file_is_taken_by_the_page_that_lacks_one),
		cmocka_unit_test(
		    what_the_front_made_of_an_object_goes_with_it),
		cmocka_unit_test(threads_may_do_all_of_it_at_once),
		help_test(workers_share_both_tiers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
