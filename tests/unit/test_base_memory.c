/* Arena, buffer, small allocations */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"

/* ---- arena ---- */

static void
arena_memory_is_zeroed_aligned_and_apart(void **state)
{
	struct arena *arena = arena_new(64);
	unsigned char *got, *last = NULL;
	size_t size, i;

	(void)state;
	for (size = 0; size < 2000; size += 7) {
		memset(arena_room(arena, size % 5), 0xff, size % 5);
		got = arena_get(arena, size);
		assert_int_equal((uintptr_t)got % 16, 0);
		for (i = 0; i < size; i++)
			assert_int_equal(got[i], 0);
		memset(got, 0xee, size);
		if (last)
			assert_int_equal(*last, 0xee);
		last = size ? got + size - 1 : NULL;
	}
	arena_free(&arena);
	assert_null(arena);
	arena_free(&arena);
}

static void
count_release(void *thing)
{
	++*(int *)thing;
}

static void
an_arena_is_used_again(void **state)
{
	struct arena *arena = arena_new(64);
	int released = 0;
	size_t held;

	(void)state;
	arena_keep(arena, count_release, &released);
	for (int i = 0; i < 100; i++)
		memset(arena_room(arena, 100), 1, 100);
	arena_recycle(&arena, 1 << 20);
	assert_int_equal(released, 1);
	held = arena_size(arena);
	assert_true(held >= 10000);
	for (int turn = 0; turn < 3; turn++) {
		arena_keep(arena, count_release, &released);
		for (int i = 0; i < 90; i++)
			memset(arena_get(arena, 100), 1, 100);
		assert_int_equal(arena_size(arena), held);
		arena_recycle(&arena, 1 << 20);
		assert_int_equal(released, turn + 2);
	}
	arena_recycle(&arena, 500);
	assert_true(arena_size(arena) < 1000);
	arena_free(&arena);
}

static void
what_is_larger_than_a_block_leaves_the_one_in_hand(void **state)
{
	struct arena *arena = arena_new(4096);
	char *large;
	size_t held;

	(void)state;
	memset(arena_get(arena, 100), 1, 100);
	large = arena_room(arena, 100000);
	held = arena_size(arena);
	memset(large, 2, 100000);
	for (int i = 0; i < 30; i++)
		memset(arena_get(arena, 128), 3, 128);
	assert_int_equal(arena_size(arena), held);
	assert_int_equal(large[0], 2);
	assert_int_equal(large[99999], 2);
	arena_recycle(&arena, 1 << 20);
	assert_true(arena_size(arena) >= held);
	arena_free(&arena);
}

static void
an_arena_takes_things_of_any_size(void **state)
{
	static const size_t sizes[] = {0, 1, 100, 100000, 10, 5000000, 16};
	struct arena *arena = arena_new(0);
	size_t i, sum = 0;
	char *got;

	(void)state;
	for (i = 0; i < COUNT_OF(sizes); i++) {
		got = arena_get(arena, sizes[i]);
		memset(got, 1, sizes[i]);
		sum += sizes[i];
	}
	assert_true(arena_size(arena) >= sum);
	assert_true(arena_size(arena) < 2 * sum);
	arena_free(&arena);
}

static void
small_things_share_few_blocks(void **state)
{
	struct arena *arena = arena_new(1024);
	size_t before = arena_size(arena);
	int i;

	(void)state;
	assert_true(before < 1300);
	for (i = 0; i < 10; i++)
		arena_get(arena, 64);
	assert_int_equal(arena_size(arena), before);
	for (i = 0; i < 100000; i++)
		arena_get(arena, 16);
	assert_true(arena_size(arena) < 4 * 100000 * 16);
	arena_free(&arena);
}

static void
an_arena_that_knows_what_comes_has_little_left_over(void **state)
{
	enum { EACH = 100, COUNT = 50000, ALL = EACH * COUNT };
	struct arena *arena = arena_new(1024);

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		arena_expect(arena, ALL - i * EACH);
		memset(arena_room(arena, EACH), 1, EACH);
	}
	assert_true(arena_size(arena) < ALL + ALL / 50);
	/* more than was expected is no harm */
	for (size_t i = 0; i < COUNT; i++)
		memset(arena_room(arena, EACH), 1, EACH);
	assert_true(arena_size(arena) < 2 * (ALL + ALL / 10));
	arena_free(&arena);
}

static void
arena_texts_are_copies_ended_with_a_nul(void **state)
{
	struct arena *arena = arena_new(16);
	char text[] = "some text";
	char *all = arena_strdup(arena, text);
	char *some = arena_strndup(arena, text, 4);
	char *printed = arena_printf(arena, "%s-%d-%0500d", text, 42, 7);

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	assert_string_equal(all, "some text");
	assert_string_equal(some, "some");
	assert_memory_equal(printed, "some text-42-000", 16);
	assert_int_equal(strlen(printed), 513);
	assert_string_equal(arena_strndup(arena, "", 0), "");
	arena_free(&arena);
}

static char released[4];

static void
note(void *thing)
{
	strncat(released, thing, 1);
}

static void
kept_things_are_released_last_first(void **state)
{
	struct arena *arena = arena_new(16);
	/* the things lie in the arena itself: they still live then */
	char *a = arena_strdup(arena, "a"), *b = arena_strdup(arena, "b");
	char *c = arena_strdup(arena, "c");

	(void)state;
	released[0] = '\0';
	arena_keep(arena, note, a);
	arena_keep(arena, note, b);
	arena_keep(arena, note, c);
	assert_string_equal(released, "");
	arena_free(&arena);
	assert_string_equal(released, "cba");
}

/* ---- buf ---- */

static void
a_buffer_grows_up_to_its_limit_exactly(void **state)
{
	static const size_t limits[] = {0, 1, 255, 256, 257, 1000};
	struct buf buf;
	size_t i, n;

	(void)state;
	for (i = 0; i < COUNT_OF(limits); i++) {
		buf_init(&buf, limits[i]);
		for (n = 0; n < limits[i]; n++)
			assert_int_equal(buf_putc(&buf, 'x'), 0);
		assert_int_equal(buf.len, limits[i]);
		assert_int_equal(buf_putc(&buf, 'x'), -1);
		assert_int_equal(buf.len, limits[i]);
		buf_fini(&buf);
	}
}

static void
room_for_much_is_no_more_than_that(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 1 << 20);
	assert_int_equal(buf_reserve(&buf, 100000), 0);
	assert_int_equal(buf.cap, 100001);
	assert_int_equal(buf_reserve(&buf, 100001), 0);
	assert_int_equal(buf.cap, 150001);
	buf_fini(&buf);
}

static void
a_failed_buffer_goes_on_failing_until_cleared(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 4);
	assert_int_equal(buf_reserve(&buf, 2), 0);
	assert_string_equal(buf.data, "");
	assert_int_equal(buf_puts(&buf, "abc"), 0);
	assert_int_equal(buf_puts(&buf, "de"), -1);
	assert_true(buf.failed);
	assert_int_equal(buf_putc(&buf, 'd'), -1);
	assert_int_equal(buf_add(&buf, "", 0), -1);
	assert_int_equal(buf_printf(&buf, "x"), -1);
	assert_string_equal(buf.data, "abc");
	buf_clear(&buf);
	assert_string_equal(buf.data, "");
	assert_int_equal(buf_puts(&buf, "1234"), 0);
	buf_fini(&buf);
	assert_int_equal(buf.max, 4);
}

static void
absurd_sizes_fail_instead_of_wrapping(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	assert_int_equal(buf_puts(&buf, "abc"), 0);
	assert_int_equal(buf_reserve(&buf, SIZE_MAX), -1);
	buf_clear(&buf);
	assert_int_equal(buf_reserve(&buf, SIZE_MAX - 1), -1);
	buf_clear(&buf);
	assert_int_equal(buf_puts(&buf, "abc"), 0);
	buf_fini(&buf);
}

static void
a_buffer_prints_what_fits(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 1000);
	assert_int_equal(buf_printf(&buf, "%s", ""), 0);
	assert_string_equal(buf.data, "");
	assert_int_equal(buf_printf(&buf, "%d:%0300d", 5, 1), 0);
	assert_int_equal(buf.len, 302);
	assert_int_equal(strlen(buf.data), 302);
	assert_int_equal(buf_printf(&buf, "%0699d", 1), -1);
	assert_int_equal(strlen(buf.data), 302);
	buf_clear(&buf);
	assert_int_equal(buf_printf(&buf, "%01000d", 1), 0);
	assert_int_equal(buf.len, 1000);
	buf_fini(&buf);
}

static void
bytes_may_hold_nuls(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 100);
	buf_add(&buf, "a\0b", 3);
	buf_add(&buf, NULL, 0);
	assert_int_equal(buf.len, 3);
	assert_memory_equal(buf.data, "a\0b", 4);
	buf_fini(&buf);
}

static void
stolen_bytes_are_the_takers(void **state)
{
	struct buf buf;
	size_t len = 42;
	char *text;

	(void)state;
	buf_init(&buf, 100);
	text = buf_steal(&buf, &len);
	assert_string_equal(text, "");
	assert_int_equal(len, 0);
	free(text);
	buf_puts(&buf, "abc");
	text = buf_steal(&buf, NULL);
	assert_string_equal(text, "abc");
	assert_null(buf.data);
	assert_int_equal(buf.max, 100);
	assert_int_equal(buf_puts(&buf, "def"), 0);
	free(text);
	buf_fini(&buf);
}

/* ---- mem ---- */

static void
new_memory_is_zeroed_and_free_leaves_null(void **state)
{
	char *bytes = mem_new(100);
	int *numbers = mem_new_array(10, sizeof(*numbers));
	char *text = mem_strdup("abc"), *some = mem_strndup("abc", 2);
	char *printed = mem_printf("%s/%d", "a", 7);
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		assert_int_equal(bytes[i], 0);
	for (i = 0; i < 10; i++)
		assert_int_equal(numbers[i], 0);
	bytes = mem_resize(bytes, 1000);
	bytes[999] = 'x';
	assert_string_equal(text, "abc");
	assert_string_equal(some, "ab");
	assert_string_equal(printed, "a/7");
	mem_free(&bytes);
	assert_null(bytes);
	mem_free(&bytes);
	mem_free(&numbers);
	mem_free(&text);
	mem_free(&some);
	mem_free(&printed);
}

static void
nothing_at_all_is_still_a_pointer(void **state)
{
	char *none = mem_new(0), *array = mem_new_array(0, 8);

	(void)state;
	assert_non_null(none);
	assert_non_null(array);
	none = mem_resize(none, 0);
	assert_non_null(none);
	mem_free(&none);
	mem_free(&array);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(arena_memory_is_zeroed_aligned_and_apart),
	    cmocka_unit_test(an_arena_is_used_again),
	    cmocka_unit_test(
		what_is_larger_than_a_block_leaves_the_one_in_hand),
	    cmocka_unit_test(an_arena_takes_things_of_any_size),
	    cmocka_unit_test(small_things_share_few_blocks),
	    cmocka_unit_test(
	        an_arena_that_knows_what_comes_has_little_left_over),
	    cmocka_unit_test(arena_texts_are_copies_ended_with_a_nul),
	    cmocka_unit_test(kept_things_are_released_last_first),
	    cmocka_unit_test(a_buffer_grows_up_to_its_limit_exactly),
	    cmocka_unit_test(room_for_much_is_no_more_than_that),
	    cmocka_unit_test(a_failed_buffer_goes_on_failing_until_cleared),
	    cmocka_unit_test(absurd_sizes_fail_instead_of_wrapping),
	    cmocka_unit_test(a_buffer_prints_what_fits),
	    cmocka_unit_test(bytes_may_hold_nuls),
	    cmocka_unit_test(stolen_bytes_are_the_takers),
	    cmocka_unit_test(new_memory_is_zeroed_and_free_leaves_null),
	    cmocka_unit_test(nothing_at_all_is_still_a_pointer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
