/* tests/unit/test_page_passing.c - what nobody looks for: page/passing.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/must.h"
#include "page/passing.h"

enum { NOW = 1000000 };

static struct passing *passing;
static char room[KEY_MAX];

static int
begin(void **state)
{
	(void)state;
	passing = passing_new();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	passing_free(&passing);
	return 0;
}

static struct key
key_of(const char *url)
{
	struct key key;

	must(key_make_url(&key, room, KIND_PAGE, "main", url) == 0);
	return key;
}

static void
one_that_was_noted_passes_for_a_while(void **state)
{
	struct key key = key_of("http://www/a");

	(void)state;
	assert_false(passing_is(passing, &key, NOW));
	passing_note(passing, &key, NOW);
	assert_true(passing_is(passing, &key, NOW));
	assert_true(passing_is(passing, &key, NOW + PASSING_MS - 1));
	assert_false(passing_is(passing, &key, NOW + PASSING_MS));
}

static void
others_are_looked_for(void **state)
{
	struct key a = key_of("http://www/a"), b;

	(void)state;
	passing_note(passing, &a, NOW);
	b = key_of("http://www/b");
	assert_false(passing_is(passing, &b, NOW));
	/* The one that meets it in its place is forgotten for it. */
	b.hash = a.hash + PASSING_MAX;
	passing_note(passing, &b, NOW);
	assert_true(passing_is(passing, &b, NOW));
	assert_false(passing_is(passing, &a, NOW));
	passing_forget(passing, &a);
	assert_true(passing_is(passing, &b, NOW));
}

static void
what_was_kept_is_looked_for_again(void **state)
{
	struct key key = key_of("http://www/a");

	(void)state;
	passing_note(passing, &key, NOW);
	passing_forget(passing, &key);
	assert_false(passing_is(passing, &key, NOW));
}

static void
what_has_no_key_is_never_noted(void **state)
{
	struct key none = {.len = 0};

	(void)state;
	passing_note(passing, &none, NOW);
	passing_forget(passing, &none);
	assert_false(passing_is(passing, &none, NOW));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		one_that_was_noted_passes_for_a_while, begin, end),
	    cmocka_unit_test_setup_teardown(others_are_looked_for, begin, end),
	    cmocka_unit_test_setup_teardown(
		what_was_kept_is_looked_for_again, begin, end),
	    cmocka_unit_test_setup_teardown(
		what_has_no_key_is_never_noted, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
