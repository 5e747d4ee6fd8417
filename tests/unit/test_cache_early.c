/* tests/unit/test_cache_early.c - refreshing before the end, and jitter */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/must.h"
#include "cache/early.h"

/* What exp(-ttl / (beta * cost)) is, in thousandths. */
static const struct {
	int64_t ttl_ms, cost_ms, lifetime_ms;
	uint32_t beta;
	unsigned thousandths;
} chances[] = {
	{1000, 1000, 100000, 100, 368},
	{500, 1000, 100000, 100, 607},
	{2000, 1000, 100000, 100, 135},
	{5000, 1000, 100000, 100, 7},
	{1000, 1000, 100000, 200, 607},
	{1, 1000, 100000, 100, 999},
	{0, 1000, 100000, 100, 1000},
	{-5, 1000, 100000, 100, 1000},
	{12000, 1000, 100000, 100, 0},
	{11999, 1000, 100000, 100, 0},
	/* off, and what cost nothing */
	{1, 1000, 100000, 0, 0},
	{1, 0, 100000, 100, 0},
	{1, 1000, 0, 100, 0},
	/* slow, with a short life: as if it cost a quarter of that */
	{1000, 60000, 4000, 100, 368},
	{1000, UINT32_MAX, 4000, 100, 368},
	{INT64_MAX / 2, UINT32_MAX, INT64_MAX / 2000000, 1000, 0},
};

static void
the_nearer_the_end_the_likelier_a_refresh(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(chances); i++) {
		uint32_t chance = early_chance(chances[i].ttl_ms,
		    chances[i].cost_ms, chances[i].lifetime_ms,
		    chances[i].beta);
		int got = (int)(((uint64_t)chance * 1000) >> 32);
		int off = got - (int)chances[i].thousandths;

		if (off < -6 || off > 6)
			fail_msg("row %zu: %d", i, got);
	}
}

static void
one_reader_wins_and_one_takes(void **state)
{
	struct object object = {.cost_ms = 1000,
	    .fresh = {.lifetime_ms = 100000}};
	unsigned won = 0, taken = 0;

	(void)state;
	/* far from the end nobody does */
	for (int i = 0; i < 100000; i++)
		won += early_wins(&object, 50000, 100);
	assert_int_equal(won, 0);
	for (int i = 0; i < 10000; i++)
		won += early_wins(&object, 1000, 100);
	assert_int_equal(won, 1);
	for (int i = 0; i < 100; i++)
		taken += early_take(&object, 1000, 100);
	assert_int_equal(taken, 1);
	/* one that nobody drew for before */
	atomic_store(&object.early, 0);
	for (int i = 0; i < 1000; i++)
		taken += early_take(&object, 1, 100);
	assert_int_equal(taken, 2);
	atomic_store(&object.early, 0);
	for (int i = 0; i < 1000; i++)
		taken += early_take(&object, 1, 0);
	assert_int_equal(taken, 2);
}

static void
what_is_left_of_a_lifetime_is_shortened_a_little(void **state)
{
	struct freshness fresh;

	(void)state;
	for (uint64_t chance = 0; chance < 100000; chance += 77) {
		fresh = (struct freshness){.lifetime_ms = 200000,
		    .initial_age_ms = 100000};
		early_shorten(&fresh, 5, chance * 0x9e3779b97f4a7c15u);
		assert_in_range(fresh.lifetime_ms, 195000, 200000);
	}
	fresh.lifetime_ms = 59999;
	fresh.initial_age_ms = 0;
	early_shorten(&fresh, 50, 12345);
	assert_int_equal(fresh.lifetime_ms, 59999);
	fresh = (struct freshness){.lifetime_ms = 100000,
	    .initial_age_ms = 200000};
	early_shorten(&fresh, 50, 12345);
	assert_int_equal(fresh.lifetime_ms, 100000);
	fresh = (struct freshness){.lifetime_ms = 100000};
	early_shorten(&fresh, 0, 12345);
	assert_int_equal(fresh.lifetime_ms, 100000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearer_the_end_the_likelier_a_refresh),
		cmocka_unit_test(one_reader_wins_and_one_takes),
		cmocka_unit_test(
		    what_is_left_of_a_lifetime_is_shortened_a_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
