/* tests/unit/test_http_accept.c - what clients say they can read */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/must.h"
#include "http/accept.h"

static const uint8_t order[] = {PACKING_BR, PACKING_ZSTD, PACKING_GZIP};

static enum packing
best(const char *value)
{
	struct accept accept;

	accept_read(&accept, value);
	return accept_best(&accept, order, COUNT_OF(order), ~0u);
}

static void
weights_are_read(void **state)
{
	static const struct {
		const char *value;
		unsigned identity, gzip, br, zstd;
	} rows[] = {
	    {NULL, 1, 0, 0, 0},
	    {"", 1, 0, 0, 0},
	    {"gzip", 1, 1000, 0, 0},
	    {"GZIP", 1, 1000, 0, 0},
	    {"x-gzip", 1, 1000, 0, 0},
	    {"gzip, deflate, br, zstd", 1, 1000, 1000, 1000},
	    {"gzip;q=0.5, br;q=0.25", 1, 500, 250, 0},
	    {"gzip ; q=0.001 ", 1, 1, 0, 0},
	    {"gzip;Q=1.000", 1, 1000, 0, 0},
	    {"gzip;q=0", 1, 0, 0, 0},
	    {"gzip;q=0.0", 1, 0, 0, 0},
	    {"gzip;q=0.000", 1, 0, 0, 0},
	    {"a, gzip", 1, 1000, 0, 0},
	    {"br", 1, 0, 1000, 0},
	    {"*", 1000, 1000, 1000, 1000},
	    {"*;q=0.5, gzip;q=0", 500, 0, 500, 500},
	    {"*, gzip;q=0", 1000, 0, 1000, 1000},
	    {"gzip;q=0, *", 1000, 0, 1000, 1000},
	    {"br;q=0, *;q=0.1", 100, 100, 0, 100},
	    {"*;q=0", 0, 0, 0, 0},
	    {"*;q=0, gzip", 0, 1000, 0, 0},
	    {"gzip, *;q=0", 0, 1000, 0, 0},
	    {"*;q=0, identity", 1000, 0, 0, 0},
	    {"gzip, identity;q=0", 0, 1000, 0, 0},
	    {"identity;q=0.5, *;q=0", 500, 0, 0, 0},
	    {"identity", 1000, 0, 0, 0},
	    /* the first entry counts */
	    {"gzip;q=0, gzip", 1, 0, 0, 0},
	    {"*;q=0.1, *", 100, 100, 100, 100},
	    /* what is no weight is 0 */
	    {"gzip;q=x", 1, 0, 0, 0},
	    {"gzip;q=", 1, 0, 0, 0},
	    {"gzip;q", 1, 0, 0, 0},
	    {"gzip;", 1, 0, 0, 0},
	    {"gzip;q=2", 1, 0, 0, 0},
	    {"gzip;q=-1", 1, 0, 0, 0},
	    {"gzip;q=1.001", 1, 0, 0, 0},
	    {"gzip;q=0.0001", 1, 0, 0, 0},
	    {"gzip;x=1", 1, 0, 0, 0},
	    {"gzipx, dcb, compress", 1, 0, 0, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(rows); i++) {
		struct accept a;

		accept_read(&a, rows[i].value);
		if (a.weight[PACKING_NONE] != rows[i].identity ||
		    a.weight[PACKING_GZIP] != rows[i].gzip ||
		    a.weight[PACKING_BR] != rows[i].br ||
		    a.weight[PACKING_ZSTD] != rows[i].zstd)
			fail_msg("'%s': %u %u %u %u", rows[i].value,
			    a.weight[PACKING_NONE], a.weight[PACKING_GZIP],
			    a.weight[PACKING_BR], a.weight[PACKING_ZSTD]);
	}
}

static void
the_heaviest_is_taken_and_among_equals_the_one_we_like_best(void **state)
{
	(void)state;
	assert_int_equal(best("gzip, deflate, br, zstd"), PACKING_BR);
	assert_int_equal(best("gzip, deflate, zstd"), PACKING_ZSTD);
	assert_int_equal(best("gzip, deflate"), PACKING_GZIP);
	assert_int_equal(best("br;q=0.8, gzip;q=0.9"), PACKING_GZIP);
	assert_int_equal(best("*"), PACKING_BR);
	assert_int_equal(best("*, br;q=0"), PACKING_ZSTD);
	assert_int_equal(best("deflate"), PACKING_NONE);
	assert_int_equal(best(NULL), PACKING_NONE);
	assert_int_equal(best(""), PACKING_NONE);
}

static void
identity_is_taken_where_it_is_wanted_more(void **state)
{
	(void)state;
	assert_int_equal(best("identity, gzip;q=0.5"), PACKING_NONE);
	assert_int_equal(best("identity;q=0.4, gzip;q=0.5"), PACKING_GZIP);
	assert_int_equal(best("identity, gzip"), PACKING_GZIP);
	assert_int_equal(best("*;q=0.7, gzip;q=0.5"), PACKING_BR);
	assert_int_equal(best("*;q=0"), PACKING_NONE);
}

static void
only_those_that_are_there_are_chosen(void **state)
{
	struct accept accept;

	(void)state;
	accept_read(&accept, "gzip;q=0.1, br, zstd;q=0.5");
	assert_int_equal(accept_best(&accept, order, 3,
	    1u << PACKING_GZIP | 1u << PACKING_ZSTD), PACKING_ZSTD);
	assert_int_equal(accept_best(&accept, order, 3,
	    1u << PACKING_GZIP), PACKING_GZIP);
	assert_int_equal(accept_best(&accept, order, 3, 0), PACKING_NONE);
	/* the site leaves br out */
	assert_int_equal(accept_best(&accept, order + 1, 2, ~0u),
	    PACKING_ZSTD);
	assert_int_equal(accept_best(&accept, order, 0, ~0u), PACKING_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(weights_are_read),
	    cmocka_unit_test(
		the_heaviest_is_taken_and_among_equals_the_one_we_like_best),
	    cmocka_unit_test(identity_is_taken_where_it_is_wanted_more),
	    cmocka_unit_test(only_those_that_are_there_are_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
