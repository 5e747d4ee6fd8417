/* tests/unit/test_cache_query.c - what of a query counts for the key */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/must.h"
#include "cache/query.h"

static const char *const ads[] = {"utm_*", "fbclid", "*", NULL};
static const char *const named[] = {"utm_*", "fbclid", NULL};

static const struct {
	struct query_rules rules;
	const char *target, *normal;
} table[] = {
	{{false, named}, "/p", "/p"},
	{{false, named}, "/p?", "/p?"},
	{{false, named}, "/p?a=1&b=2", "/p?a=1&b=2"},
	{{false, named}, "/p?b=2&a=1", "/p?b=2&a=1"},
	{{false, named}, "/p?fbclid=x&b=2&utm_a=1&a", "/p?b=2&a"},
	{{false, named}, "/p?fbclid=x", "/p"},
	{{false, named}, "/p?utm_", "/p"},
	{{false, named}, "/p?utm=1", "/p?utm=1"},
	{{false, named}, "/p?fbclidx=1&xfbclid=1", "/p?fbclidx=1&xfbclid=1"},
	{{false, named}, "/p?FBCLID=1", "/p?FBCLID=1"},
	{{false, ads}, "/p?a&b&c=9", "/p"},
	/* no decoding, no ";", a second "?" is a byte */
	{{false, named}, "/p?a=1;fbclid=2", "/p?a=1;fbclid=2"},
	{{false, named}, "/p?fbclid=2;a=1", "/p"},
	{{false, named}, "/p?utm%5Fa=1", "/p?utm%5Fa=1"},
	{{false, named}, "/p?x?fbclid=1", "/p?x?fbclid=1"},
	{{false, named}, "/fbclid=1/utm_a", "/fbclid=1/utm_a"},
	/* by name; those of one name stay as they are */
	{{true, NULL}, "/p?b=2&a=1", "/p?a=1&b=2"},
	{{true, NULL}, "/p?a=2&b&a=1", "/p?a=2&a=1&b"},
	{{true, NULL}, "/p?b&a&", "/p?&a&b"},
	{{true, NULL}, "/p?ab=1&a=2", "/p?a=2&ab=1"},
	{{true, NULL}, "/p?a=1&A=1", "/p?A=1&a=1"},
	{{true, named}, "/p?c&fbclid&b&utm_x=1&a", "/p?a&b&c"},
};

static void
a_query_is_in_the_form_that_the_site_wants(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		const char *target = table[i].target;
		char room[KEY_MAX];
		struct slice normal = query_normal(&table[i].rules, room,
		    (struct slice){target, strlen(target)});

		if (normal.len != strlen(table[i].normal) ||
		    memcmp(normal.from, table[i].normal, normal.len) != 0)
			fail_msg("%s: %.*s", target, (int)normal.len,
			    normal.from);
	}
}

static void
a_query_of_too_many_or_too_much_stays_as_it_is(void **state)
{
	const struct query_rules rules = {true, NULL};
	char room[KEY_MAX], many[KEY_MAX + 10];
	struct slice target = {many, 0}, normal;
	int len = snprintf(many, sizeof(many), "/p?z");

	(void)state;
	for (int i = 0; i < QUERY_PARAMS_MAX - 1; i++)
		len += snprintf(many + len, sizeof(many) - (size_t)len, "&a");
	target.len = (size_t)len;
	normal = query_normal(&rules, room, target);
	assert_int_equal(normal.len, target.len);
	assert_memory_equal(normal.from, "/p?a&", 5);
	len += snprintf(many + len, sizeof(many) - (size_t)len, "&a");
	target.len = (size_t)len;
	normal = query_normal(&rules, room, target);
	assert_ptr_equal(normal.from, many);
	memset(many, 'x', KEY_MAX);
	memcpy(many, "/p?z&a", 6);
	target.len = KEY_MAX;
	normal = query_normal(&rules, room, target);
	assert_ptr_equal(normal.from, many);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_is_in_the_form_that_the_site_wants),
		cmocka_unit_test(
		    a_query_of_too_many_or_too_much_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
