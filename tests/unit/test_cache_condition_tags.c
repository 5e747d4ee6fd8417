/* tests/unit/test_cache_condition_tags.c - tags with the name of a coding, and without */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/must.h"
#include "cache/policy.h"
#include "http/etag.h"

static void
strong_tags_get_the_name_of_the_coding_and_weak_ones_do_not(void **state)
{
	static const struct {
		const char *etag;
		enum packing as;
		const char *packed;
	} rows[] = {
	    {"\"abc\"", PACKING_GZIP, "\"abc-gzip\""},
	    {"\"abc\"", PACKING_BR, "\"abc-br\""},
	    {"\"abc\"", PACKING_ZSTD, "\"abc-zstd\""},
	    {"\"abc\"", PACKING_NONE, "\"abc\""},
	    {"\"\"", PACKING_BR, "\"-br\""},
	    {"\"abc-gzip\"", PACKING_GZIP, "\"abc-gzip-gzip\""},
	    {"W/\"abc\"", PACKING_GZIP, "W/\"abc\""},
	    {"abc", PACKING_GZIP, "abc"},
	    {"\"abc", PACKING_GZIP, "\"abc"},
	    {"\"abc\"x", PACKING_GZIP, "\"abc\"x"},
	    {"", PACKING_GZIP, ""},
	};
	struct arena *arena = arena_new(256);
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(rows); i++)
		assert_string_equal(etag_packed(rows[i].etag, rows[i].as,
		    arena), rows[i].packed);
	arena_free(&arena);
}

static void
a_list_for_the_upstream_has_the_tags_that_ours_are_made_of(void **state)
{
	static const char *const rows[][2] = {
	    {"\"abc-gzip\"", "\"abc-gzip\", \"abc\""},
	    {"W/\"abc-br\"", "W/\"abc-br\", W/\"abc\""},
	    {"\"a\", \"b-zstd\",\"c\"", "\"a\", \"b-zstd\", \"b\", \"c\""},
	    {"\"-br\"", "\"-br\", \"\""},
	    /* left as they are */
	    {"\"abc\"", "\"abc\""},
	    {"\"abc-xz\"", "\"abc-xz\""},
	    {"*", "*"},
	    {"abc-gzip", "abc-gzip"},
	    {"\"a-gzip\" b", "\"a-gzip\" b"},
	    {"\"a-gzip\", \"b", "\"a-gzip\", \"b"},
	    {"", ""},
	};
	struct arena *arena = arena_new(256);
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(rows); i++)
		assert_string_equal(etag_widen(rows[i][0], arena),
		    rows[i][1]);
	arena_free(&arena);
}

/* PACKINGS: 304, but no tag tells which; -1: no 304. */
static int
judge(const char *if_none_match, const char *etag)
{
	enum packing as = PACKINGS;

	return policy_not_modified_as(if_none_match, NULL, etag, NULL, 0, &as) ?
	    (int)as : -1;
}

static void
a_client_s_copy_is_known_by_either_tag(void **state)
{
	(void)state;
	assert_int_equal(judge("\"abc\"", "\"abc\""), PACKING_NONE);
	assert_int_equal(judge("\"abc-gzip\"", "\"abc\""), PACKING_GZIP);
	assert_int_equal(judge("W/\"abc-br\"", "\"abc\""), PACKING_BR);
	assert_int_equal(judge("\"x\", \"abc-zstd\"", "\"abc\""),
	    PACKING_ZSTD);
	assert_int_equal(judge("\"abc-gzip\"", "\"abc-gzip\""), PACKING_NONE);
	assert_int_equal(judge("\"abc-gzip-gzip\"", "\"abc-gzip\""),
	    PACKING_GZIP);
	assert_int_equal(judge("*", "\"abc\""), PACKINGS);
	assert_int_equal(judge("W/\"abc\"", "W/\"abc\""), PACKINGS);
	assert_int_equal(judge("\"abc-xz\"", "\"abc\""), -1);
	assert_int_equal(judge("\"abcgzip\"", "\"abc\""), -1);
	assert_int_equal(judge("\"abd-gzip\"", "\"abc\""), -1);
	assert_int_equal(judge("\"ab-gzip\"", "\"abc\""), -1);
	assert_int_equal(judge("\"-gzip\"", "\"abc\""), -1);
	/* a weak tag never had a suffix of ours */
	assert_int_equal(judge("\"abc-gzip\"", "W/\"abc\""), -1);
	assert_int_equal(judge("\"abc-gzip\"", NULL), -1);
	/* nor where nothing is compressed */
	assert_false(policy_not_modified("\"abc-gzip\"", NULL, "\"abc\"",
	    NULL, 0));
	assert_true(policy_not_modified("\"abc\"", NULL, "\"abc\"", NULL, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		strong_tags_get_the_name_of_the_coding_and_weak_ones_do_not),
	    cmocka_unit_test(
		a_list_for_the_upstream_has_the_tags_that_ours_are_made_of),
	    cmocka_unit_test(a_client_s_copy_is_known_by_either_tag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
