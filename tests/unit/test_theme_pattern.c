/* theme/pattern: alternatives, priorities, and where a pattern's nodes are */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "theme/pattern.h"

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

static void
a_union_splits_at_its_own_bars_only(void **state)
{
	size_t n;
	char **list = pattern_split(
	    arena, " a[b | c] | //d[contains(., '|')]|(e|f)[1] ", &n);

	(void)state;
	assert_int_equal(n, 3);
	assert_string_equal(list[0], "a[b | c]");
	assert_string_equal(list[1], "//d[contains(., '|')]");
	assert_string_equal(list[2], "(e|f)[1]");
	assert_null(list[3]);
}

static void
priorities_are_those_of_xslt(void **state)
{
	(void)state;
	assert_int_equal(pattern_priority("p"), 0);
	assert_int_equal(pattern_priority("@class"), 0);
	assert_int_equal(pattern_priority("child::p"), 0);
	assert_int_equal(pattern_priority("xhtml:p"), 0);
	assert_int_equal(pattern_priority("xhtml:*"), -1);
	assert_int_equal(pattern_priority("*"), -2);
	assert_int_equal(pattern_priority("@*"), -2);
	assert_int_equal(pattern_priority("text()"), -2);
	assert_int_equal(pattern_priority("comment()"), -2);
	assert_int_equal(pattern_priority("node()"), -2);
	assert_int_equal(pattern_priority("//p"), 2);
	assert_int_equal(pattern_priority("p[1]"), 2);
	assert_int_equal(pattern_priority("div/p"), 2);
	assert_int_equal(pattern_priority("/"), 2);
}

static void
a_relative_pattern_is_looked_for_everywhere(void **state)
{
	(void)state;
	assert_string_equal(pattern_everywhere(arena, "p/b"), "//p/b");
	assert_string_equal(pattern_everywhere(arena, "/html"), "/html");
	assert_string_equal(pattern_everywhere(arena, "id('x')"), "id('x')");
	assert_string_equal(pattern_everywhere(arena, "@class"), "//@class");
}

static void
steps_are_added_to_each_alternative_or_the_last(void **state)
{
	(void)state;
	assert_string_equal(pattern_append(arena, "a|b", "/node()", false),
	    "a/node() | b/node()");
	assert_string_equal(
	    pattern_append(arena, "a|b", "/node()", true), "a|b/node()");
}

static void
an_expression_may_do_without_its_context(void **state)
{
	static const char *const yes[] = {"/", "/html/body", "//a[@b = ../c]",
	    "//*[@id = 'x']", "count(//li) = 2", "not(//a | //b) and $c",
	    "true()", "'a b'", "2 * 3", "//div//p[1]/@class", "(//a)[1]",
	    "/a/* * 2 > 1", "starts-with($path, '/x')", "//text()[. = 1]",
	    "/a/.", "//div/div", "//and/or and //or"};
	static const char *const no[] = {".", "a", "@b", "//a | b", "../c",
	    "count(a)", "position() = 1", "name()", "string()", "*", "text()",
	    "not(@x)", "a and //b", "//a = b", "last() > 1", "self::a",
	    "descendant-or-self::*[@id = 'x']", "-a", "//a[1] | .",
	    "lang('en')"};

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (!pattern_is_absolute(yes[i]))
			fail_msg("%s", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (pattern_is_absolute(no[i]))
			fail_msg("%s", no[i]);
}

static void
it_is_known_what_needs_xslt(void **state)
{
	(void)state;
	assert_true(pattern_needs_xslt("key('k', 'v')"));
	assert_true(pattern_needs_xslt("//a[str:replace(., 'x', 'y') = 'z']"));
	assert_true(pattern_needs_xslt("current ()"));
	assert_false(pattern_needs_xslt("//key/document[@current]"));
	assert_false(pattern_needs_xslt("//a[. = 'key(1)']"));
	assert_false(pattern_needs_xslt("child::a/following-sibling::b"));
	assert_false(pattern_needs_xslt("//xhtml:div[count(.//x:p) > 1]"));
	assert_false(pattern_needs_xslt("$key and count(//a)"));
}

static void
prefixes_are_found_one_by_one(void **state)
{
	const char *at = "//a:b[c:d(.) = 'e:f'] | child::g/$h:i";
	size_t len;

	(void)state;
	assert_memory_equal(pattern_next_prefix(&at, &len), "a:", 2);
	assert_memory_equal(pattern_next_prefix(&at, &len), "c:", 2);
	assert_null(pattern_next_prefix(&at, &len));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_is_known_what_needs_xslt),
	    cmocka_unit_test(prefixes_are_found_one_by_one),
	    cmocka_unit_test(a_union_splits_at_its_own_bars_only),
	    cmocka_unit_test(priorities_are_those_of_xslt),
	    cmocka_unit_test(a_relative_pattern_is_looked_for_everywhere),
	    cmocka_unit_test(an_expression_may_do_without_its_context),
	    cmocka_unit_test(steps_are_added_to_each_alternative_or_the_last),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
