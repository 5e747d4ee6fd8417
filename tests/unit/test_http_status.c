/* What status codes say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/must.h"
#include "http/status.h"

static void
five_codes_say_where_to_ask_instead(void **state)
{
	static const int redirects[] = {301, 302, 303, 307, 308};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(redirects); i++)
		assert_true(status_is_redirect(redirects[i]));
}

static void
others_do_not_whatever_location_they_have(void **state)
{
	static const int others[] = {200, 201, 300, 304, 305, 306, 404, 503};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(others); i++)
		assert_false(status_is_redirect(others[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(five_codes_say_where_to_ask_instead),
	    cmocka_unit_test(others_do_not_whatever_location_they_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
