/* tests/unit/test_http_ttlheader.c - X-Accel-Expires and its like */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/ttlheader.h"

#define NOW_MS INT64_C(1700000000999)

static const struct {
	const char *first, *second;
	int64_t ttl_s; /* -1: says nothing */
} table[] = {
	{"0", NULL, 0},
	{"60", NULL, 60},
	{"00060", NULL, 60},
	{"2147483648", NULL, INT64_C(1) << 31},
	{"2147483649", NULL, INT64_C(1) << 31},
	{"99999999999999999999999999", NULL, INT64_C(1) << 31},
	{"@1700000060", NULL, 60},
	{"@1700000000", NULL, 0},
	{"@0", NULL, 0},
	{"@99999999999999999999999999", NULL, INT64_C(1) << 31},
	{"", NULL, -1},
	{"@", NULL, -1},
	{"-1", NULL, -1},
	{"+1", NULL, -1},
	{"1.5", NULL, -1},
	{"6 0", NULL, -1},
	{"60s", NULL, -1},
	{"0x10", NULL, -1},
	{"off", NULL, -1},
	{"60", "60", -1},
	{NULL, NULL, -1},
};

static void
a_number_or_a_moment_is_read_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct arena *arena = arena_new(512);
		struct head head;
		int64_t ttl_s = -1;
		bool said;

		head_init(&head, arena);
		if (table[i].first)
			head_add(&head, "X-Accel-Expires", table[i].first);
		if (table[i].second)
			head_add(&head, "x-accel-expires", table[i].second);
		said = ttlheader_read(&ttl_s, &head, "X-Accel-Expires",
		    NOW_MS);
		if (ttl_s != table[i].ttl_s || said != (ttl_s >= 0))
			fail_msg("row %zu: %lld", i, (long long)ttl_s);
		arena_free(&arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_number_or_a_moment_is_read_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
