/* tests/unit/test_http_targeted.c - RFC 9213 and Surrogate-Control */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "http/targeted.h"

static const struct {
	const char *names[3], *values[3];
	const char *target; /* NULL: none counts */
	int64_t max_age;
	unsigned flags;
} table[] = {
	{{"Cache-Control"}, {"max-age=1"}, NULL, -1, 0},
	{{"CDN-Cache-Control"}, {"max-age=60"}, "CDN-Cache-Control", 60, 0},
	/* ours before all others' */
	{{"CDN-Cache-Control", "Livery-Cache-Control"},
	    {"max-age=60", "max-age=5, no-store"}, "Livery-Cache-Control", 5,
	    CC_NO_STORE},
	/* several lines are one dictionary, the last of a key counts */
	{{"CDN-Cache-Control", "CDN-Cache-Control"},
	    {"max-age=60, private", "max-age=7"}, "CDN-Cache-Control", 7,
	    CC_PRIVATE},
	{{"CDN-Cache-Control"}, {"private, private=?0"}, "CDN-Cache-Control",
	    -1, 0},
	/* what is no dictionary, or empty, is not there */
	{{"CDN-Cache-Control"}, {"max-age=60,"}, NULL, -1, 0},
	{{"CDN-Cache-Control"}, {"max-age =60"}, NULL, -1, 0},
	{{"CDN-Cache-Control"}, {"MAX-AGE=60"}, NULL, -1, 0},
	{{"CDN-Cache-Control"}, {""}, NULL, -1, 0},
	{{"Livery-Cache-Control", "CDN-Cache-Control"},
	    {"max-age=\"", "max-age=3"}, "CDN-Cache-Control", 3, 0},
	/* a value of the wrong type is none */
	{{"CDN-Cache-Control"}, {"max-age=\"60\", no-store=1"},
	    "CDN-Cache-Control", -1, 0},
	{{"CDN-Cache-Control"}, {"max-age=60.0"}, "CDN-Cache-Control", -1, 0},
	{{"CDN-Cache-Control"}, {"max-age=-5"}, "CDN-Cache-Control", -1, 0},
	{{"CDN-Cache-Control"}, {"max-age, no-cache=?0"}, "CDN-Cache-Control",
	    -1, 0},
	{{"CDN-Cache-Control"}, {"max-age=60;x=y, foo=(a b)"},
	    "CDN-Cache-Control", 60, 0},
	{{"CDN-Cache-Control"}, {"no-cache=\"set-cookie\", private=(a b)"},
	    "CDN-Cache-Control", -1, CC_NO_CACHE | CC_PRIVATE},
	{{"CDN-Cache-Control"}, {"unknown"}, "CDN-Cache-Control", -1, 0},
	/* the forerunner */
	{{"Surrogate-Control"}, {"max-age=60, content=\"ESI/1.0\""},
	    "Surrogate-Control", 60, 0},
	{{"Surrogate-Control"}, {"MAX-age=60"}, "Surrogate-Control", 60, 0},
	{{"Surrogate-Control"}, {"foo"}, NULL, -1, 0},
	{{"Surrogate-Control"}, {"max-age=60;somebody"}, NULL, -1, 0},
	{{"Surrogate-Control"}, {"max-age=60; a ; livery"},
	    "Surrogate-Control", 60, 0},
	{{"Surrogate-Control"}, {"no-store, max-age=60;livery"},
	    "Surrogate-Control", 60, 0},
	{{"Surrogate-Control", "CDN-Cache-Control"},
	    {"max-age=60", "max-age=1"}, "CDN-Cache-Control", 1, 0},
};

static void
the_first_target_that_is_valid_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct arena *arena = arena_new(512);
		struct cachecontrol cc = {.max_age = -1};
		const char *target, *wanted = table[i].target;
		struct head head;

		head_init(&head, arena);
		for (int n = 0; n < 3 && table[i].names[n]; n++)
			head_add(&head, table[i].names[n],
			    table[i].values[n]);
		target = targeted_read(&cc, &head);
		if (!target != !wanted ||
		    (target && (strcmp(target, wanted) != 0 ||
		    cc.max_age != table[i].max_age ||
		    cc.flags != table[i].flags)))
			fail_msg("row %zu (%s): %s, max-age %lld, flags %x", i,
			    table[i].values[0], target ? target : "none",
			    (long long)cc.max_age, cc.flags);
		arena_free(&arena);
	}
}

static void
without_a_target_cache_control_counts(void **state)
{
	struct arena *arena = arena_new(512);
	struct cachecontrol cc;
	struct head head;

	(void)state;
	head_init(&head, arena);
	head_add(&head, "Cache-Control", "max-age=9");
	head_add(&head, "CDN-Cache-Control", "no, store");
	assert_string_equal(targeted_or_plain(&cc, &head),
	    "CDN-Cache-Control");
	head_set(&head, "CDN-Cache-Control", "\"");
	assert_null(targeted_or_plain(&cc, &head));
	assert_int_equal(cc.max_age, 9);
	arena_free(&arena);
}

static void
only_what_was_for_us_alone_is_hidden(void **state)
{
	(void)state;
	assert_true(targeted_is_ours("livery-cache-control", 20));
	assert_true(targeted_is_ours("Surrogate-Control", 17));
	assert_false(targeted_is_ours("CDN-Cache-Control", 17));
	assert_false(targeted_is_ours("Cache-Control", 13));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_target_that_is_valid_counts),
	    cmocka_unit_test(without_a_target_cache_control_counts),
	    cmocka_unit_test(only_what_was_for_us_alone_is_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
