/* tests/unit/test_cache_packed.c - codings of a stored body: set once, counted,
 * shared by who has the same body */
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

static struct body *
body_of(size_t size)
{
	char *text = mem_new(size + 1);

	memset(text, 'x', size);
	return body_new(&text, size);
}

static void
the_first_stays_and_the_second_is_let_go(void **state)
{
	struct object *object = help_object("/a", "text");
	struct body *first = body_of(10), *second = body_of(20);
	const struct body *kept = first;

	(void)state;
	assert_null(packed_body(&object->packed, PACKING_BR));
	assert_true(packed_set(&object->packed, PACKING_BR, &first));
	assert_null(first);
	assert_false(packed_set(&object->packed, PACKING_BR, &second));
	assert_null(second);
	assert_ptr_equal(packed_body(&object->packed, PACKING_BR), kept);
	assert_null(packed_body(&object->packed, PACKING_GZIP));
	assert_int_equal(packed_size(&object->packed),
	    sizeof(struct body) + 10);
	object_unref(&object);
}

static void
a_copy_has_them_too_but_judges_its_fields_anew(void **state)
{
	struct object *object = help_object("/a", "text"), *copy;
	struct body *body = body_of(10);

	(void)state;
	(void)packed_set(&object->packed, PACKING_BR, &body);
	atomic_store(&object->packed.marks, PACKED_JUDGED | PACKED_SUITS |
	    PACKED_USED | PACKED_WAITS | PACKED_WANTED << PACKING_BR |
	    PACKED_WANTED << PACKING_GZIP | PACKED_VAIN << PACKING_ZSTD);
	copy = object_copy(object);
	object_unref(&object);
	assert_int_equal(packed_body(&copy->packed, PACKING_BR)->len, 10);
	/* what was on its way to the other is to be asked for again */
	assert_int_equal(atomic_load(&copy->packed.marks), PACKED_USED |
	    PACKED_WANTED << PACKING_BR | PACKED_VAIN << PACKING_ZSTD);
	object_unref(&copy);
}

static void
they_count_against_the_limit_of_memory(void **state)
{
	int64_t before = counter_read(COUNT_MEMORY_BYTES), plain;
	struct memtier *memtier = memtier_new(1 << 20, 32);
	struct object *page = help_object("/a", "text");
	struct object *dressed = help_object("/a", "dressed text");
	struct object *stranger = help_object("/b", "text");
	struct body *body = body_of(50000);

	(void)state;
	(void)memtier_put(memtier, page);
	memtier_dress(memtier, page, dressed);
	plain = counter_read(COUNT_MEMORY_BYTES);
	(void)packed_set(&dressed->packed, PACKING_GZIP, &body);
	assert_true(memtier_resize(memtier, dressed));
	assert_int_equal(counter_read(COUNT_MEMORY_BYTES) - plain,
	    50000 + sizeof(struct body));
	/* however often it is said */
	assert_true(memtier_resize(memtier, dressed));
	assert_true(memtier_resize(memtier, page));
	assert_int_equal(counter_read(COUNT_MEMORY_BYTES) - plain,
	    50000 + sizeof(struct body));
	assert_false(memtier_resize(memtier, stranger));
	memtier_free(&memtier);
	assert_int_equal(counter_read(COUNT_MEMORY_BYTES), before);
	object_unref(&page);
	object_unref(&dressed);
	object_unref(&stranger);
}

static void
what_grows_past_the_limit_throws_others_out(void **state)
{
	int64_t before = counter_read(COUNT_MEMORY_BYTES);
	struct memtier *memtier = memtier_new(1 << 20, 32);
	struct object *object[20];
	char target[16], *text = mem_new(40001);
	unsigned stayed = 0;

	(void)state;
	memset(text, 'x', 40000);
	for (int i = 0; i < 20; i++) {
		snprintf(target, sizeof(target), "/%d", i);
		object[i] = help_object(target, text);
		(void)memtier_put(memtier, object[i]);
	}
	for (int i = 0; i < 20; i++) {
		struct body *body = body_of(30000);

		(void)packed_set(&object[i]->packed, PACKING_BR, &body);
		(void)memtier_resize(memtier, object[i]);
		assert_true(counter_read(COUNT_MEMORY_BYTES) - before <=
		    1 << 20);
	}
	for (int i = 0; i < 20; i++)
		stayed += memtier_resize(memtier, object[i]);
	assert_in_range(stayed, 10, 19);
	memtier_free(&memtier);
	for (int i = 0; i < 20; i++)
		object_unref(&object[i]);
	mem_free(&text);
}

/* ---- many at once ---- */

struct race {
	struct memtier *memtier;
	struct object *object;
};

static void *
set_and_look(void *arg)
{
	struct race *race = arg;

	for (int i = 0; i < 300; i++) {
		enum packing packing = 1 + i % (PACKINGS - 1);
		struct body *body = body_of(100);

		(void)packed_set(&race->object->packed, packing, &body);
		(void)memtier_resize(race->memtier, race->object);
		assert_int_equal(packed_body(&race->object->packed,
		    packing)->len, 100);
	}
	return NULL;
}

static void
many_threads_agree_on_one(void **state)
{
	int64_t before = counter_read(COUNT_MEMORY_BYTES);
	struct race race = {memtier_new(1 << 20, 32),
	    help_object("/a", "text")};
	pthread_t threads[4];

	(void)state;
	(void)memtier_put(race.memtier, race.object);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
		    set_and_look, &race), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(packed_size(&race.object->packed),
	    3 * (sizeof(struct body) + 100));
	memtier_free(&race.memtier);
	assert_int_equal(counter_read(COUNT_MEMORY_BYTES), before);
	object_unref(&race.object);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_stays_and_the_second_is_let_go),
	    cmocka_unit_test(a_copy_has_them_too_but_judges_its_fields_anew),
	    cmocka_unit_test(they_count_against_the_limit_of_memory),
	    cmocka_unit_test(what_grows_past_the_limit_throws_others_out),
	    cmocka_unit_test(many_threads_agree_on_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
