/* theme/matcher: the words before a pattern and what they test */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "theme/matcher.h"

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

static const struct matcher *
read_as(const char *pattern, enum matcher_kind kind)
{
	const struct matcher *matcher = NULL;
	struct err err = {""};

	if (matcher_read(&matcher, arena, pattern, kind, false, &err) != 0)
		fail_msg("%s: %s", pattern, err.text);
	return matcher;
}

static bool
fits(const char *pattern, const char *text)
{
	return matcher_fits(read_as(pattern, MATCHER_EXACT), text);
}

static bool
fits_path(const char *pattern, const char *text)
{
	return matcher_fits(read_as(pattern, MATCHER_PATH), text);
}

static void
is_refused(const char *pattern, const char *words)
{
	const struct matcher *matcher = NULL;
	struct err err = {""};

	assert_int_equal(
	    matcher_read(&matcher, arena, pattern, MATCHER_EXACT, false, &err),
	    -1);
	if (!strstr(err.text, words))
		fail_msg("%s: %s", pattern, err.text);
}

static void
exact_is_the_whole_text(void **state)
{
	(void)state;
	assert_true(fits("abc", "abc"));
	assert_false(fits("abc", "Abc"));
	assert_false(fits("abc", "abcd"));
	assert_true(fits("exact: abc", "abc"));
	assert_true(fits("EXACT:abc", "abc"));
	assert_true(fits("exact-insensitive:aBc", "AbC"));
	assert_true(fits("exact:http://x/", "http://x/"));
	assert_true(fits("", ""));
	assert_true(fits("12:30", "12:30"));
}

static void
wildcards_are_shell_patterns_over_the_whole_text(void **state)
{
	(void)state;
	assert_true(fits("wildcard:*.example.org", "www.example.org"));
	assert_false(fits("wildcard:*.example.org", "example.org"));
	assert_false(fits("wildcard:*.example.org", "a.example.org.evil"));
	assert_true(fits("wildcard:a?c", "abc"));
	assert_false(fits("wildcard:a?c", "ac"));
	assert_true(fits("wildcard:[a-c]x[!0-9]", "bxz"));
	assert_false(fits("wildcard:[a-c]x[!0-9]", "bx7"));
	assert_false(fits("wildcard:[a-c]x[!0-9]", "dxz"));
	assert_true(fits("wildcard:[]x]", "]"));
	assert_true(fits("wildcard:a[b", "a[b"));
	assert_true(fits("wildcard:[!", "[!"));
	assert_true(fits("wildcard:**a**", "xxa"));
	assert_false(fits("wildcard:ABC", "abc"));
	assert_true(fits("wildcard-insensitive:A[B-D]*", "acx"));
	assert_true(fits("wildcard:*", ""));
}

static void
many_stars_cost_little(void **state)
{
	char pattern[200] = "wildcard:", text[5001];

	(void)state;
	for (int i = 0; i < 60; i++)
		strcat(pattern, "*a");
	strcat(pattern, "*b");
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_false(fits(pattern, text));
}

static void
regex_begins_at_the_start_and_may_end_early(void **state)
{
	(void)state;
	assert_true(fits("regex:/news", "/news/1"));
	assert_false(fits("regex:news", "/news/1"));
	assert_true(fits("regex:a|b", "bcd"));
	assert_false(fits("regex:a|b", "cab"));
	assert_true(fits("regex: (?i)ABC", "abcd"));
	assert_true(fits("regex:(?P<y>[0-9]{4})/(?P=y)", "2024/2024"));
	assert_true(fits("regex:(?x) a b # both", "abc"));
	is_refused("regex:(", "missing closing parenthesis");
	is_refused("not:regex:*", "regex");
}

static void
a_regex_that_costs_too_much_does_not_fit(void **state)
{
	(void)state;
	assert_false(
	    fits("regex:(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"));
}

static void
path_is_the_path_and_what_is_below(void **state)
{
	(void)state;
	assert_true(fits_path("/foo", "/foo"));
	assert_true(fits_path("/foo/", "/foo"));
	assert_true(fits_path("/foo", "/foo/"));
	assert_true(fits_path("/foo/", "/foo/bar"));
	assert_false(fits_path("/foo", "/foobar"));
	assert_false(fits_path("/foo", "/fo"));
	assert_true(fits_path("/", ""));
	assert_true(fits_path("path:/", "/anything"));
	assert_true(fits_path("exact:/foo", "/foo"));
	assert_false(fits_path("exact:/foo", "/foo/"));
}

static void
subpath_is_only_what_is_below(void **state)
{
	(void)state;
	assert_true(fits("subpath:/foo", "/foo/x"));
	assert_true(fits("subpath:/foo/", "/foo/x"));
	assert_false(fits("subpath:/foo", "/foo/"));
	assert_false(fits("subpath:/foo", "/foo"));
	assert_false(fits("subpath:/foo", "/foox/y"));
	assert_true(fits("subpath:/", "/x"));
	assert_false(fits("subpath:/", "/"));
}

static void
contains_is_a_part(void **state)
{
	(void)state;
	assert_true(fits("contains:MSIE", "Mozilla (MSIE 6)"));
	assert_false(fits("contains:msie", "Mozilla (MSIE 6)"));
	assert_true(fits("contains-insensitive:msie", "Mozilla (MSIE 6)"));
	assert_true(fits("contains:", ""));
}

static void
boolean_asks_whether_the_text_says_yes(void **state)
{
	static const char *const yes[] = {
	    "true", "YES", "on", "y", "T", "1", " true "};
	static const char *const no[] = {
	    "false", "no", "off", "n", "f", "0", "", "maybe", "2", "true x"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(yes); i++) {
		assert_true(fits("boolean:", yes[i]));
		assert_true(fits("boolean:true", yes[i]));
		assert_false(fits("boolean:not", yes[i]));
		assert_false(fits("boolean:false", yes[i]));
	}
	for (size_t i = 0; i < COUNT_OF(no); i++) {
		assert_false(fits("boolean:", no[i]));
		assert_true(fits("boolean: not", no[i]));
	}
	is_refused("boolean:perhaps", "boolean:true");
}

static void
booleans_are_strict(void **state)
{
	(void)state;
	assert_int_equal(matcher_boolean("Yes"), 1);
	assert_int_equal(matcher_boolean("OFF"), 0);
	assert_int_equal(matcher_boolean(""), -1);
	assert_int_equal(matcher_boolean("2"), -1);
	assert_int_equal(matcher_boolean("truely"), -1);
}

static void
not_turns_round_and_is_exact_by_itself(void **state)
{
	(void)state;
	assert_false(fits_path("not:/foo", "/foo"));
	assert_true(fits_path("not:/foo", "/foo/bar"));
	assert_false(fits_path("not:path:/foo", "/foo/bar"));
	assert_true(fits_path("not: not: /foo", "/foo"));
	assert_true(fits("not:contains:x", "abc"));
	assert_true(fits("not:boolean:", "no"));
	assert_true(fits("not:foo", ""));
}

static void
an_unknown_word_is_an_error(void **state)
{
	(void)state;
	is_refused("http://x", "exact:http://x");
	is_refused("not:nonsense:x", "\"nonsense:\"");
	is_refused("pathh:/x", "pathh:");
}

static void
only_some_matches_take_a_prefix_off(void **state)
{
	static const struct {
		const char *pattern;
		size_t len;
	} cases[] = {
	    {"/foo", 4},
	    {"/foo/", 4},
	    {"/", 0},
	    {"subpath:/foo", 4},
	    {"exact:/foo", 4},
	    {"exact:/foo/", 4},
	    {"wildcard:/foo*", 0},
	    {"regex:/foo", 0},
	    {"contains:/foo", 0},
	    {"not:path:/foo", 0},
	    {"exact-insensitive:/foo", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(
		    matcher_prefix(read_as(cases[i].pattern, MATCHER_PATH)),
		    cases[i].len);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(exact_is_the_whole_text),
	    cmocka_unit_test(wildcards_are_shell_patterns_over_the_whole_text),
	    cmocka_unit_test(many_stars_cost_little),
	    cmocka_unit_test(regex_begins_at_the_start_and_may_end_early),
	    cmocka_unit_test(a_regex_that_costs_too_much_does_not_fit),
	    cmocka_unit_test(path_is_the_path_and_what_is_below),
	    cmocka_unit_test(subpath_is_only_what_is_below),
	    cmocka_unit_test(contains_is_a_part),
	    cmocka_unit_test(boolean_asks_whether_the_text_says_yes),
	    cmocka_unit_test(booleans_are_strict),
	    cmocka_unit_test(not_turns_round_and_is_exact_by_itself),
	    cmocka_unit_test(an_unknown_word_is_an_error),
	    cmocka_unit_test(only_some_matches_take_a_prefix_off),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
