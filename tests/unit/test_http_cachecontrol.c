/* Cache-Control and Age as numbers; when in doubt, keep less */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/cachecontrol.h"

static struct arena *arena;
static struct head head;

static int
begin(void **state)
{
	(void)state;
	arena = arena_new(256);
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

static struct cachecontrol
read_one(const char *value)
{
	struct cachecontrol cc;

	head_init(&head, arena);
	head_add(&head, "cache-control", value);
	cachecontrol_read(&cc, &head, "Cache-Control");
	assert_true(cc.present);
	return cc;
}

static void
assert_max_age(const char *value, int64_t expected)
{
	int64_t max_age = read_one(value).max_age;

	if (max_age != expected)
		fail_msg("'%s' means %lld, not %lld", value,
		    (long long)max_age, (long long)expected);
}

static void
an_absent_field_says_nothing(void **state)
{
	struct cachecontrol cc;

	(void)state;
	cachecontrol_read(&cc, &head, "Cache-Control");
	assert_false(cc.present);
	assert_int_equal(cc.flags, 0);
	assert_int_equal(cc.max_age, -1);
	assert_int_equal(cc.s_maxage, -1);
	assert_int_equal(cc.stale_while_revalidate, -1);
	assert_int_equal(cc.stale_if_error, -1);
	assert_int_equal(cc.max_stale, -1);
	assert_int_equal(cc.min_fresh, -1);
}

static void
every_directive_is_known(void **state)
{
	static const struct {
		const char *text;
		unsigned flag;
	} flags[] = {{"no-store", CC_NO_STORE}, {"no-cache", CC_NO_CACHE},
	    {"private", CC_PRIVATE}, {"public", CC_PUBLIC},
	    {"must-revalidate", CC_MUST_REVALIDATE},
	    {"proxy-revalidate", CC_PROXY_REVALIDATE},
	    {"must-understand", CC_MUST_UNDERSTAND},
	    {"no-transform", CC_NO_TRANSFORM}, {"immutable", CC_IMMUTABLE},
	    {"only-if-cached", CC_ONLY_IF_CACHED},
	    {"max-stale", CC_MAX_STALE_ANY},
	    {"NO-Store", CC_NO_STORE}, {"no-storex", 0}, {"no_store", 0},
	    {"no-cache=\"set-cookie, x\"", CC_NO_CACHE},
	    {"Private=\"no-store\"", CC_PRIVATE},
	    {"no-store =", CC_NO_STORE}, {",, ,public ,", CC_PUBLIC},
	    {"private, no-store", CC_PRIVATE | CC_NO_STORE}};
	struct cachecontrol cc;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(flags); i++)
		assert_int_equal(read_one(flags[i].text).flags, flags[i].flag);
	cc = read_one("max-age=1, s-maxage=2, stale-while-revalidate=3, "
		      "stale-if-error=4, max-stale=5, min-fresh=6, foo=7");
	assert_int_equal(cc.flags, 0);
	assert_int_equal(cc.max_age, 1);
	assert_int_equal(cc.s_maxage, 2);
	assert_int_equal(cc.stale_while_revalidate, 3);
	assert_int_equal(cc.stale_if_error, 4);
	assert_int_equal(cc.max_stale, 5);
	assert_int_equal(cc.min_fresh, 6);
}

static void
numbers_are_read_bare_and_quoted(void **state)
{
	(void)state;
	assert_max_age("max-age=60", 60);
	assert_max_age("MAX-AGE=60", 60);
	assert_max_age("max-age=\"60\"", 60);
	assert_max_age("max-age=0060", 60);
	assert_max_age("max-age=0", 0);
	assert_max_age("a=b, max-age=60,c", 60);
}

static void
a_big_number_is_2_to_the_31st(void **state)
{
	static const int64_t most = 2147483648;

	(void)state;
	assert_max_age("max-age=2147483647", most - 1);
	assert_max_age("max-age=2147483648", most);
	assert_max_age("max-age=2147483649", most);
	assert_max_age("max-age=4294967296", most);
	assert_max_age("max-age=18446744073709551676", most);
	assert_max_age("max-age=99999999999999999999999999999999999999", most);
}

static void
what_is_no_number_means_stale(void **state)
{
	static const char *const bad[] = {"max-age", "max-age=", "max-age=-1",
	    "max-age=+1", "max-age=1.5", "max-age=1.0", "max-age=a60",
	    "max-age=60a", "max-age=6 0", "max-age= 60", "max-age =60",
	    "max-age\t= 60", "max-age='60'", "max-age=\"\"", "max-age=\" 60\"",
	    "max-age=\"-60\"", "max-age=\"60", "max-age=0x60", "max-age=6e3",
	    "max-age==60", "max-age=60;a", "max-age=60, max-age=foo"};
	struct cachecontrol cc;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(bad); i++)
		assert_max_age(bad[i], 0);
	assert_int_equal(read_one("s-maxage=foo").s_maxage, 0);
	cc = read_one("stale-if-error=x, stale-while-revalidate, max-stale=-1,"
		      "min-fresh=x");
	assert_int_equal(cc.stale_if_error, -1);
	assert_int_equal(cc.stale_while_revalidate, -1);
	assert_int_equal(cc.max_stale, -1);
	assert_int_equal(cc.min_fresh, -1);
	assert_int_equal(cc.flags, 0);
}

static void
a_directive_inside_a_quoted_string_is_none(void **state)
{
	(void)state;
	assert_max_age("foo=\"max-age=60\"", -1);
	assert_max_age("foo=\"bar, max-age=60\"", -1);
	assert_max_age("foo=\"bar\\\", max-age=60\"", -1);
	assert_max_age("foo=\"bar, max-age=60, baz\", max-age=5", 5);
	assert_int_equal(read_one("foo=\", no-store, \"").flags, 0);
}

static void
a_quoted_string_that_never_ends_means_no_store(void **state)
{
	(void)state;
	assert_int_equal(read_one("foo=\"bar, private").flags, CC_NO_STORE);
	assert_int_equal(read_one("public, foo=\"\\\"").flags,
	    CC_PUBLIC | CC_NO_STORE);
	assert_int_equal(read_one("foo=\"\\\\\"").flags, 0);
}

static void
what_forbids_counts_where_a_comma_is_missing(void **state)
{
	(void)state;
	assert_int_equal(read_one("no-cache no-store").flags,
	    CC_NO_CACHE | CC_NO_STORE);
	assert_int_equal(read_one("max-age=60 private").flags, CC_PRIVATE);
	assert_int_equal(read_one("public\tprivate=\"a b\"").flags,
	    CC_PRIVATE);
	assert_int_equal(read_one("no-store max-age=60").max_age, -1);
	/* what allows does not, and neither does what is an argument */
	assert_int_equal(read_one("public immutable").flags, 0);
	assert_int_equal(read_one("a=no-store b=private").flags, 0);
	assert_int_equal(read_one("a=\"b no-store c\" d").flags, 0);
}

static void
of_duplicates_the_one_that_keeps_less_counts(void **state)
{
	struct cachecontrol cc;

	(void)state;
	assert_max_age("max-age=60, max-age=30", 30);
	assert_max_age("max-age=30, max-age=60", 30);
	assert_int_equal(read_one("min-fresh=1, min-fresh=9, min-fresh=3")
	    .min_fresh, 9);
	cc = read_one("max-stale, max-stale=7");
	assert_int_equal(cc.max_stale, 7);
	assert_int_equal(cc.flags, 0);
}

static void
several_fields_are_read_as_one(void **state)
{
	struct cachecontrol cc;

	(void)state;
	head_add(&head, "Cache-Control", "max-age=60, foo=\"open");
	head_add(&head, "X", "no-cache");
	head_add(&head, "CACHE-CONTROL", "private, max-age=10");
	head_add(&head, "CDN-Cache-Control", "max-age=5");
	cachecontrol_read(&cc, &head, "Cache-Control");
	assert_int_equal(cc.max_age, 10);
	assert_int_equal(cc.flags, CC_PRIVATE | CC_NO_STORE);
	cachecontrol_read(&cc, &head, "cdn-cache-control");
	assert_int_equal(cc.max_age, 5);
}

static void
an_age_is_the_first_number_of_one_field(void **state)
{
	static const struct {
		const char *text;
		int64_t age;
	} table[] = {{"0", 0}, {"60", 60}, {"2147483648", 2147483648},
	    {"99999999999999999999", 2147483648}, {"60, 70", 60},
	    {"0,7200", 0}, {"7200,0", 7200}, {"60 , a", 60}, {"60,", 60},
	    {"5, \"6, 5\"", 5}, {"0, 0", AGE_UNKNOWN}, {"60,60", AGE_UNKNOWN},
	    {"60, 5, 060", AGE_UNKNOWN}, {"60, \"60\"", AGE_UNKNOWN},
	    {"a, 60", AGE_UNKNOWN}, {"\"60\", 5", AGE_UNKNOWN},
	    {"-1, 60", AGE_UNKNOWN}, {"60;a=b, 60", AGE_UNKNOWN},
	    {"60 70", AGE_UNKNOWN}, {",", AGE_UNKNOWN},
	    {" , 60", AGE_UNKNOWN}, {"", AGE_UNKNOWN}, {"-1", AGE_UNKNOWN},
	    {"+1", AGE_UNKNOWN}, {"1.5", AGE_UNKNOWN}, {"a", AGE_UNKNOWN},
	    {"60 a", AGE_UNKNOWN}, {"60;a=b", AGE_UNKNOWN},
	    {"\"60\"", AGE_UNKNOWN}, {"0, 0", AGE_UNKNOWN}};
	size_t i;

	(void)state;
	assert_int_equal(cachecontrol_age(&head), AGE_NONE);
	for (i = 0; i < COUNT_OF(table); i++) {
		head_set(&head, "Age", table[i].text);
		assert_int_equal(cachecontrol_age(&head), table[i].age);
	}
	head_set(&head, "Age", "5");
	head_add(&head, "Age", "5");
	assert_int_equal(cachecontrol_age(&head), AGE_UNKNOWN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(an_absent_field_says_nothing),
	    TEST(every_directive_is_known),
	    TEST(numbers_are_read_bare_and_quoted),
	    TEST(a_big_number_is_2_to_the_31st),
	    TEST(what_is_no_number_means_stale),
	    TEST(a_directive_inside_a_quoted_string_is_none),
	    TEST(a_quoted_string_that_never_ends_means_no_store),
	    TEST(what_forbids_counts_where_a_comma_is_missing),
	    TEST(of_duplicates_the_one_that_keeps_less_counts),
	    TEST(several_fields_are_read_as_one),
	    TEST(an_age_is_the_first_number_of_one_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
