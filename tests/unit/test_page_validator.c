/* tests/unit/test_page_validator.c - ETags of dressed pages, there and back;
 * page/failing: addresses that keep failing */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/must.h"
#include "page/failing.h"
#include "page/validator.h"

#define VERSION "0123456789abcdef-wear"

static struct arena *arena;

static int
begin(void **state)
{
	(void)state;
	arena = arena_new(1024);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static const struct {
	const char *etag, *mark, *dressed;
} out[] = {
	{"\"a\"", "", "W/\"a-" VERSION "\""},
	{"W/\"a\"", "", "W/\"a~" VERSION "\""},
	{"\"a\"", "-12", "W/\"a-" VERSION "-12\""},
	{"\"\"", "", "W/\"-" VERSION "\""},
	{NULL, "", NULL},
	{"a", "", NULL},
	{"\"a", "", NULL},
	{"w/\"a\"", "", NULL},
	{"\"a\"b\"", "", NULL},
	{"W/", "", NULL},
	{"\"", "", NULL},
};

static void
a_dressed_pages_tag_has_the_upstreams_in_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(out); i++) {
		const char *got = validator_dressed(arena, out[i].etag,
		    VERSION, out[i].mark);

		if (!out[i].dressed)
			assert_null(got);
		else
			assert_string_equal(got, out[i].dressed);
	}
	assert_string_equal(
	    validator_version(arena, "0123456789abcdef0123", "-wear"),
	    VERSION);
	assert_string_not_equal(validator_of_bytes(arena, "a", 1),
	    validator_of_bytes(arena, "b", 1));
}

static const struct {
	const char *theirs, *asked;
	unsigned mapped;
} back[] = {
	{"W/\"a-" VERSION "\"", "\"a\"", 1},
	{"W/\"a~" VERSION "\"", "W/\"a\"", 1},
	{"\"x\", W/\"a-" VERSION "\",W/\"b~" VERSION "\"",
	    "\"x\", \"a\", W/\"b\"", 2},
	{"W/\"-" VERSION "\"", "\"\"", 1},
	/* marked, of another version, strong, or no tag: as it came */
	{"W/\"a-" VERSION "-12\"", "W/\"a-" VERSION "-12\"", 0},
	{"W/\"a-1123456789abcdef-wear\"", "W/\"a-1123456789abcdef-wear\"", 0},
	{"\"a-" VERSION "\"", "\"a-" VERSION "\"", 0},
	{"W/\"a_" VERSION "\"", "W/\"a_" VERSION "\"", 0},
	{"W/\"" VERSION "\"", "W/\"" VERSION "\"", 0},
	{"*", "*", 0},
	{"", "", 0},
	{"junk", "junk", 0},
	{"W/\"a-" VERSION, "W/\"a-" VERSION, 0},
};

static void
a_tag_of_the_live_version_leads_back_to_the_upstreams(void **state)
{
	unsigned mapped;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(back); i++) {
		assert_string_equal(validator_asked(arena, back[i].theirs,
		    VERSION, &mapped), back[i].asked);
		assert_int_equal(mapped, back[i].mapped);
	}
}

static const struct {
	const char *stored, *said;
	bool confirms;
} told[] = {
	{"\"a\"", "\"a\"", true},
	{"\"a\"", "W/\"a\"", true},
	{"W/\"a\"", "\"a\"", true},
	{"\"a\"", NULL, true},
	{NULL, "\"a\"", true},
	{"\"a\"", "\"b\"", false},
	{"W/\"a\"", "W/\"b\"", false},
	{"\"a\"", "\"ab\"", false},
	/* a coding's name comes and goes */
	{"\"a-gzip\"", "\"a\"", true},
	{"\"a\"", "\"a-gzip\"", true},
	{"\"a;gzip\"", "\"a\"", true},
	{"\"a-gzip\"", "\"a-br\"", false},
	/* no tags */
	{"a", "a", true},
	{"a", "\"a\"", false},
};

static void
a_304_confirms_what_it_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(told); i++)
		if (validator_confirms(told[i].stored, told[i].said) !=
		    told[i].confirms)
			fail_msg("row %zu", i);
}

static void
an_address_that_fails_is_tried_once_a_back_off(void **state)
{
	struct failing *failing = failing_new();
	struct key key = {"k", 1, 77}, other = {"o", 1, 78},
		   same_place = {"s", 1, 77 + FAILING_MAX}, none = {"", 0, 77};

	(void)state;
	assert_false(failing_is(failing, &key));
	assert_true(failing_may_try(failing, &key, 0));
	failing_note(failing, &key, 1000, 3000, 10000);
	assert_true(failing_is(failing, &key));
	assert_false(failing_is(failing, &other));
	assert_false(failing_is(failing, &same_place));
	assert_false(failing_is(failing, &none));
	/* those that were in the air with it */
	failing_note(failing, &key, 1000, 3000, 10001);
	failing_note(failing, &key, 1000, 3000, 10999);
	assert_false(failing_may_try(failing, &key, 10999));
	assert_true(failing_may_try(failing, &key, 11000));
	assert_false(failing_may_try(failing, &key, 11001));
	/* that one failed too: twice as long, up to the most */
	failing_note(failing, &key, 1000, 3000, 11500);
	assert_false(failing_may_try(failing, &key, 13499));
	assert_true(failing_may_try(failing, &key, 13500));
	failing_note(failing, &key, 1000, 3000, 14000);
	assert_false(failing_may_try(failing, &key, 16999));
	assert_true(failing_may_try(failing, &key, 17000));
	/* it never told: another may, later */
	assert_false(failing_may_try(failing, &key, 19999));
	assert_true(failing_may_try(failing, &key, 20000));
	failing_forget(failing, &other);
	assert_true(failing_is(failing, &key));
	failing_forget(failing, &key);
	assert_false(failing_is(failing, &key));
	/* the later of two that meet */
	failing_note(failing, &key, 1000, 3000, 30000);
	failing_note(failing, &same_place, 1000, 3000, 30000);
	assert_false(failing_is(failing, &key));
	assert_true(failing_is(failing, &same_place));
	failing_note(failing, &none, 1000, 3000, 30000);
	failing_free(&failing);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_dressed_pages_tag_has_the_upstreams_in_it, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_tag_of_the_live_version_leads_back_to_the_upstreams,
		    begin, end),
		cmocka_unit_test(a_304_confirms_what_it_names),
		cmocka_unit_test(
		    an_address_that_fails_is_tried_once_a_back_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
