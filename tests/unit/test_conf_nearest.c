/* The name that was probably meant, and the values of options one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "conf/nearest.h"
#include "conf/value.h"

static const char *const names[] = {
    "listen", "limits", "connect_timeout", "total_timeout", "url", NULL};

static const char *
name_at(const void *arg, size_t i)
{
	const char *const *list = arg;

	return list[i];
}

static const char *
nearest(const char *word)
{
	return nearest_find(word, name_at, names);
}

static void
a_typing_mistake_is_seen_through(void **state)
{
	(void)state;
	assert_string_equal(nearest("lisen"), "listen");
	assert_string_equal(nearest("lsiten"), "listen");
	assert_string_equal(nearest("listenn"), "listen");
	assert_string_equal(nearest("limit"), "limits");
	assert_string_equal(nearest("conect-timeout"), "connect_timeout");
	assert_string_equal(nearest("ulr"), "url");
}

static void
what_is_like_nothing_suggests_nothing(void **state)
{
	char endless[300];

	(void)state;
	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	assert_null(nearest("zebra"));
	assert_null(nearest(""));
	assert_null(nearest("abc"));
	assert_null(nearest(endless));
}

/* ---- values ---- */

union field {
	uint32_t word;
	int64_t number;
	const char *text;
};

/* Read text as that kind of value and write it again; NULL: refused. */
static const char *
again(enum value kind, size_t size, const char *text)
{
	static char out[256];
	struct option option = {.name = "x",
	    .value = kind,
	    .size = size,
	    .max = INT64_MAX,
	    .words = "cache absolute"};
	struct arena *arena = arena_new(256);
	union field field = {.number = 0};
	struct buf written;
	struct err err;
	int rc =
	    value_set(&option, &field, &text, 1, arena, "/etc/livery", &err);

	buf_init(&written, sizeof(out) - 1);
	if (rc == 0)
		value_write(&option, &field, &written);
	memcpy(out, written.data ? written.data : "", written.len);
	out[written.len] = '\0';
	buf_fini(&written);
	arena_free(&arena);
	return rc == 0 ? out : NULL;
}

static void
times_have_units(void **state)
{
	(void)state;
	assert_string_equal(again(VALUE_TIME, 4, "300ms"), "300ms");
	assert_string_equal(again(VALUE_TIME, 4, "90s"), "90s");
	assert_string_equal(again(VALUE_TIME, 4, "120s"), "2m");
	assert_string_equal(again(VALUE_TIME, 8, "3650d"), "3650d");
	assert_string_equal(again(VALUE_TIME, 4, "0"), "0");
	assert_null(again(VALUE_TIME, 4, "10"));
	assert_null(again(VALUE_TIME, 4, "s"));
	assert_null(again(VALUE_TIME, 4, "-1s"));
	assert_null(again(VALUE_TIME, 4, "1.5s"));
	assert_null(again(VALUE_TIME, 4, "1 s"));
	assert_null(again(VALUE_TIME, 8, "9999999999999999999d"));
	assert_null(again(VALUE_TIME, 8, "900000000000000000d"));
}

static void
sizes_may_have_units(void **state)
{
	(void)state;
	assert_string_equal(again(VALUE_SIZE, 8, "1G"), "1G");
	assert_string_equal(again(VALUE_SIZE, 8, "1024k"), "1M");
	assert_string_equal(again(VALUE_SIZE, 8, "1000"), "1000");
	assert_string_equal(again(VALUE_SIZE, 8, "64K"), "64k");
	assert_null(again(VALUE_SIZE, 8, "64kb"));
	assert_null(again(VALUE_SIZE, 8, ""));
}

static void
the_rest_is_taken_by_the_word(void **state)
{
	(void)state;
	assert_string_equal(again(VALUE_FLAG, 1, "yes"), "on");
	assert_string_equal(again(VALUE_FLAG, 1, "off"), "off");
	assert_null(again(VALUE_FLAG, 1, "maybe"));
	assert_string_equal(again(VALUE_WORD, 4, "absolute"), "absolute");
	assert_null(again(VALUE_WORD, 4, "abs"));
	assert_null(again(VALUE_WORD, 4, ""));
	assert_string_equal(again(VALUE_MODE, 4, "0660"), "0660");
	assert_null(again(VALUE_MODE, 4, "0680"));
	assert_string_equal(again(VALUE_COUNT, 4, "42"), "42");
	assert_null(again(VALUE_COUNT, 4, "4x"));
}

static void
paths_are_taken_from_the_folder_of_the_file(void **state)
{
	size_t size = sizeof(const char *);

	(void)state;
	assert_string_equal(again(VALUE_PATH, size, "a/b"), "/etc/livery/a/b");
	assert_string_equal(again(VALUE_PATH, size, "./a"), "/etc/livery/a");
	assert_string_equal(again(VALUE_PATH, size, "/a"), "/a");
	assert_string_equal(again(VALUE_PATH, size, "-"), "-");
	assert_string_equal(again(VALUE_PATH, size, "none"), "none");
	assert_string_equal(
	    again(VALUE_PLACE, size, "site"), "/etc/livery/site");
	assert_string_equal(again(VALUE_PLACE, size, "http://x/"), "http://x/");
	assert_string_equal(again(VALUE_PLACE, size, "unix:/x"), "unix:/x");
	assert_null(again(VALUE_PATH, size, ""));
	assert_string_equal(again(VALUE_PLACES, sizeof(char *), "./a weight=2"),
	    "/etc/livery/a weight=2");
	assert_string_equal(again(VALUE_PLACES, sizeof(char *), "/a backup"),
	    "/a backup");
	assert_string_equal(
	    again(VALUE_PLACES, sizeof(char *), "unix:/run/a weight=2"),
	    "unix:/run/a weight=2");
	assert_string_equal(
	    again(VALUE_PLACES, sizeof(char *), "http://a/b"), "http://a/b");
	assert_null(again(VALUE_PLACES, sizeof(char *), "a:80 weight=2"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_typing_mistake_is_seen_through),
	    cmocka_unit_test(what_is_like_nothing_suggests_nothing),
	    cmocka_unit_test(times_have_units),
	    cmocka_unit_test(sizes_may_have_units),
	    cmocka_unit_test(the_rest_is_taken_by_the_word),
	    cmocka_unit_test(paths_are_taken_from_the_folder_of_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
