/* How many connections there are descriptors for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "front/acceptor.h"
#include "front/room.h"

static void
connections_and_who_may_wait_fit_into_the_descriptors(void **state)
{
	static const struct {
		uint64_t fds;
		uint32_t wanted;
		unsigned proxied;
		uint32_t most;
	} cases[] = {
	    {65536, 10000, 0, 10000},
	    {65536, 10000, 1, 10000},
	    {10256, 10000, 0, 10000},
	    {10255, 10000, 0, 9999},
	    {10256, 10000, 1, 10000 - 1024},
	    {11280, 10000, 1, 10000},
	    {1024, 10000, 0, 768},
	    {1024, 10000, 1, 384},
	    {1024, 100, 1, 100},
	    {1024, 10000, 3, 192},
	    {100, 10000, 0, 256},
	    {100, 10000, 32, 7},
	    {0, 1, 32, 1},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t most = room_connections(
		    cases[i].fds, cases[i].wanted, cases[i].proxied);

		assert_int_equal(most, cases[i].most);
		if (cases[i].fds > 2 * FDS_BESIDE)
			assert_true(most + FDS_BESIDE +
				cases[i].proxied * room_waiting(most) <=
			    cases[i].fds);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		connections_and_who_may_wait_fit_into_the_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
