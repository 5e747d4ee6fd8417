/* page/hops, page/parts, page/directive: Via read and written; parts of pages
 * that are kept; what includes say */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "page/directive.h"
#include "page/hops.h"
#include "page/parts.h"

static struct arena *arena;
static struct head head;

static int
begin(void **state)
{
	(void)state;
	arena = arena_new(1024);
	head_init(&head, arena);
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
our_name_in_via_is_counted(void **state)
{
	(void)state;
	assert_int_equal(hops_count(&head, "livery"), 0);
	head_add(&head, "Via", "1.1 livery, HTTP/1.1 Livery (a comment)");
	head_add(&head, "via", "1.0\tlivery(x), 2 livery");
	assert_int_equal(hops_count(&head, "livery"), 4);
}

static void
other_names_are_not(void **state)
{
	(void)state;
	head_add(&head, "Via", "1.1 livery2, 1.1 my-livery, 1.1 x (livery)");
	head_add(&head, "Via", "livery, livery:80, 1.1, , 1.1 livery.example");
	head_add(&head, "X-Via", "1.1 livery");
	assert_int_equal(hops_count(&head, "livery"), 0);
}

static void
we_add_ourselves_behind_the_others(void **state)
{
	(void)state;
	assert_string_equal(hops_via(&head, "me", arena), "1.1 me");
	head_add(&head, "Via", "1.1 a");
	head_add(&head, "Via", "1.0 b");
	assert_string_equal(
	    hops_via(&head, "me", arena), "1.1 a, 1.0 b, 1.1 me");
}

static void
a_question_that_was_here_before_is_another(void **state)
{
	struct key key = {.text = "P main http://a/", .len = 16}, other;

	(void)state;
	key_hash(&key);
	other = hops_key(&key, 0, arena);
	assert_ptr_equal(other.text, key.text);
	other = hops_key(&key, 1, arena);
	assert_true(other.len > key.len && other.hash != key.hash);
	assert_true(hops_key(&key, 2, arena).hash != other.hash);
	key.len = 0;
	assert_int_equal(hops_key(&key, 2, arena).len, 0);
}

/* ---- parts ---- */

static struct body *
body_of(size_t len)
{
	char *bytes = calloc(1, len + 1);

	assert_non_null(bytes);
	return body_new(&bytes, len);
}

static bool
has(struct parts *parts, uint64_t id, const char *expression)
{
	struct body *body = parts_find(parts, id, expression);
	bool is = body != NULL;

	body_unref(&body);
	return is;
}

static void
note(struct parts *parts, uint64_t id, const char *expression, size_t len)
{
	struct body *body = body_of(len);

	parts_note(parts, id, expression, body);
	body_unref(&body);
}

static void
a_part_is_of_one_object_and_one_expression(void **state)
{
	struct parts *parts = parts_new();

	(void)state;
	note(parts, 1, "//p", 10);
	note(parts, 1, "//p", 10);
	assert_true(has(parts, 1, "//p"));
	assert_false(has(parts, 2, "//p"));
	assert_false(has(parts, 1, "//b"));
	parts_free(&parts);
}

static void
parts_are_few_and_small_and_the_oldest_goes(void **state)
{
	struct parts *parts = parts_new();

	(void)state;
	for (uint64_t id = 1; id <= PARTS_MAX; id++)
		note(parts, id, "//p", 10);
	assert_true(has(parts, 1, "//p"));
	note(parts, 1000, "//p", 10);
	assert_true(has(parts, 1, "//p"));
	assert_false(has(parts, 2, "//p"));
	note(parts, 2000, "//p", PARTS_BYTES_MAX / 2 + 1);
	assert_false(has(parts, 2000, "//p"));
	note(parts, 2001, "//p", PARTS_BYTES_MAX / 2);
	note(parts, 2002, "//p", PARTS_BYTES_MAX / 2);
	assert_true(has(parts, 2001, "//p") && has(parts, 2002, "//p"));
	assert_false(has(parts, 1000, "//p"));
	note(parts, 2003, "//p", PARTS_BYTES_MAX / 2);
	assert_false(has(parts, 2001, "//p"));
	parts_free(&parts);
}

/* ---- what includes say ---- */

static void
is_address(const char *address, const char *page, const char *expression)
{
	const char *said = directive_expression(arena, address);

	assert_int_equal(directive_page_len(address), strlen(page));
	assert_memory_equal(address, page, strlen(page));
	if (expression)
		assert_string_equal(said, expression);
	else
		assert_null(said);
}

static void
an_address_may_have_an_expression(void **state)
{
	(void)state;
	is_address("/a", "/a", NULL);
	is_address("/a?b=1", "/a?b=1", NULL);
	is_address("/a?;filter_xpath=//p", "/a", "//p");
	is_address("/a?b=1;filter_xpath=//p%5B1%5D", "/a?b=1", "//p[1]");
	is_address("/a?;filter_xpath=%zz", "/a", "%zz");
	is_address(";filter_xpath=", "", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	    TEST(our_name_in_via_is_counted),
	    TEST(other_names_are_not),
	    TEST(we_add_ourselves_behind_the_others),
	    TEST(a_question_that_was_here_before_is_another),
	    TEST(a_part_is_of_one_object_and_one_expression),
	    TEST(parts_are_few_and_small_and_the_oldest_goes),
	    TEST(an_address_may_have_an_expression),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
