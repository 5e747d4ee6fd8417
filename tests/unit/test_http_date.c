/* HTTP dates: three forms by the letter, all else refused */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "http/date.h"

enum { EXAMPLE_S = 784111777 }; /* 1994-11-06 08:49:37 */
static const int64_t NOW_S = 1700000000; /* 2023-11-14 22:13:20 */

static void
assert_date_at(const char *text, int64_t expected, int64_t now_s)
{
	int64_t seconds = 0;

	if (date_parse(&seconds, text, strlen(text), now_s) != 0)
		fail_msg("'%s' is no date", text);
	if (seconds != expected)
		fail_msg("'%s' is %lld, not %lld", text, (long long)seconds,
		    (long long)expected);
}

static void
assert_date(const char *text, int64_t expected)
{
	assert_date_at(text, expected, NOW_S);
}

static void
all_three_forms_are_read(void **state)
{
	(void)state;
	assert_date("Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE_S);
	assert_date("Sunday, 06-Nov-94 08:49:37 GMT", EXAMPLE_S);
	assert_date("Sun Nov  6 08:49:37 1994", EXAMPLE_S);
	assert_date("Sun Nov 06 08:49:37 1994", EXAMPLE_S);
	assert_date("Wed Nov 16 08:49:37 1994", EXAMPLE_S + 10 * 86400);
}

static void
case_does_not_matter(void **state)
{
	(void)state;
	assert_date("sUN, 06 nOV 1994 08:49:37 gmt", EXAMPLE_S);
	assert_date("SUNDAY, 06-NOV-94 08:49:37 GMT", EXAMPLE_S);
	assert_date("sun nov  6 08:49:37 1994", EXAMPLE_S);
}

static void
edges_of_the_calendar_are_right(void **state)
{
	(void)state;
	assert_date("Thu, 01 Jan 1970 00:00:00 GMT", 0);
	assert_date("Wed, 31 Dec 1969 23:59:59 GMT", -1);
	assert_date("Tue, 29 Feb 2000 00:00:00 GMT", 951782400);
	assert_date("Thu, 29 Feb 2024 23:59:60 GMT", 1709251200);
	assert_date("Tue, 19 Jan 2038 03:14:08 GMT", 2147483648);
	assert_date("Fri, 31 Dec 9999 23:59:59 GMT", 253402300799);
	assert_date("Sat, 01 Jan 0000 00:00:00 GMT", -62167219200);
	/* a wrong weekday is no reason to distrust the rest */
	assert_date("Mon, 26 Jul 1997 05:00:00 GMT", 869893200);
}

static void
anything_else_is_invalid(void **state)
{
	static const char *const bad[] = {"", "0", "-1", "1700000000", "foo",
	    "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 ",
	    "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT",
	    "Sun, 06 Nov 1994 08:49:37 GMTX", "Sun, 06 Nov 1994 08:49:37 UTC",
	    "Sun, 06 Nov 1994 08:49:37 AEST", "Sun, 06 Nov 1994 08:49:37 +0000",
	    "Sun, 06 Nov 1994 08:49:37 Z", "Sun, 06 Nov 94 08:49:37 GMT",
	    "Sun, 06 Nov 19940 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
	    "Sun,  6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
	    "Sun, 06 Nov 1994  8:49:37 GMT", "Sun 06 Nov 1994 08:49:37 GMT",
	    "Sun,06 Nov 1994 08:49:37 GMT", "Sun, 06-Nov-1994 08:49:37 GMT",
	    "Sun, 06  Nov  1994  08:49:37 GMT", "06 Nov 1994 08:49:37 GMT",
	    "Sun, 06 Nov 1994 08.49.37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
	    "Sun, 06 Nov 1994 08:49:37.0 GMT", "Sun, Nov 06 1994 08:49:37 GMT",
	    "Sun, 06 November 1994 08:49:37 GMT",
	    "Sunday, 06 Nov 1994 08:49:37 GMT", "Xun, 06 Nov 1994 08:49:37 GMT",
	    "Sun, 06 Nox 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
	    "Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 32 Jan 1994 08:49:37 GMT",
	    "Sun, 29 Feb 1994 08:49:37 GMT", "Sun, 29 Feb 1900 08:49:37 GMT",
	    "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
	    "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov +994 08:49:37 GMT",
	    "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 0x:49:37 GMT",
	    "Sun, 06-Nov-94 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT",
	    "Sunday, 06 Nov 94 08:49:37 GMT", "Sunday, 6-Nov-94 08:49:37 GMT",
	    "Sunday 06-Nov-94 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37",
	    "Sun Nov 6 08:49:37 1994", "Sun Nov   6 08:49:37 1994",
	    "Sun Nov  6 08:49:37 1994 GMT", "Sun Nov  6 08:49:37 94",
	    "Sunday Nov  6 08:49:37 1994", "Sun, Nov  6 08:49:37 1994",
	    "Sun Nov  0 08:49:37 1994", "1994-11-06T08:49:37Z"};
	int64_t seconds = 42;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(bad); i++)
		if (date_parse(&seconds, bad[i], strlen(bad[i]), NOW_S) != -1)
			fail_msg("'%s' was taken for a date", bad[i]);
	assert_int_equal(
	    date_parse(&seconds, "Sun, 06 Nov 1994 08:49:37\0GMT", 29, NOW_S),
	    -1);
	assert_int_equal(seconds, 42);
}

static void
only_len_bytes_are_looked_at(void **state)
{
	static const char text[] = "Sun, 06 Nov 1994 08:49:37 GMT, more";
	int64_t seconds;
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(text); len++)
		assert_int_equal(date_parse(&seconds, text, len, NOW_S),
		    len == HTTP_DATE_LEN ? 0 : -1);
}

static void
two_digits_never_mean_more_than_50_years_ahead(void **state)
{
	(void)state;
	/* now is 2023-11-14 22:13:20 */
	assert_date("Monday, 14-Nov-73 22:13:20 GMT", 3277923200 - 0);
	assert_date("Monday, 14-Nov-73 22:13:21 GMT", 122163201);
	assert_date("Monday, 01-Jan-74 00:00:00 GMT", 126230400);
	assert_date("Friday, 01-Jan-99 00:00:00 GMT", 915148800);
	assert_date("Saturday, 01-Jan-00 00:00:00 GMT", 946684800);
	/* from 1994 */
	assert_date_at("Friday, 01-Jan-44 00:00:00 GMT", 2335219200,
	    EXAMPLE_S);
	assert_date_at("Friday, 01-Jan-45 00:00:00 GMT", -788918400,
	    EXAMPLE_S);
	/* from 2099: "05" is near, not long ago */
	assert_date_at("Friday, 01-Jan-05 00:00:00 GMT", 4260211200,
	    4070908800);
	/* 2000 had a 29th of February, 1900 had not */
	assert_date("Tuesday, 29-Feb-00 00:00:00 GMT", 951782400);
}

static void
a_clock_gone_mad_breaks_nothing(void **state)
{
	static const char text[] = "Friday, 01-Jan-99 00:00:00 GMT";
	static const int64_t clocks[] = {INT64_MIN, -1, 0, INT64_MAX};
	int64_t seconds;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(clocks); i++)
		assert_int_equal(date_parse(&seconds, text, strlen(text),
		    clocks[i]), 0);
}

static void
dates_are_written_as_imf_fixdate(void **state)
{
	char text[HTTP_DATE_LEN + 1];

	(void)state;
	date_write(text, EXAMPLE_S);
	assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	date_write(text, 0);
	assert_string_equal(text, "Thu, 01 Jan 1970 00:00:00 GMT");
	date_write(text, -1);
	assert_string_equal(text, "Wed, 31 Dec 1969 23:59:59 GMT");
	date_write(text, INT64_MAX);
	assert_string_equal(text, "Fri, 31 Dec 9999 23:59:59 GMT");
	date_write(text, INT64_MIN);
	assert_string_equal(text, "Sat, 01 Jan 0000 00:00:00 GMT");
}

static void
reading_and_writing_agree_with_the_c_library(void **state)
{
	char ours[HTTP_DATE_LEN + 1], theirs[64];
	int64_t seconds;
	time_t at;
	struct tm tm;

	(void)state;
	setenv("TZ", "America/New_York", 1);
	tzset();
	for (at = -62167219200; at < 253402300800; at += 8640013) {
		gmtime_r(&at, &tm);
		strftime(theirs, sizeof(theirs), "%a, %d %b ", &tm);
		date_write(ours, at);
		assert_memory_equal(ours, theirs, 12);
		assert_int_equal(date_parse(&seconds, ours, HTTP_DATE_LEN,
		    NOW_S), 0);
		assert_int_equal(seconds, at);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_three_forms_are_read),
	    cmocka_unit_test(case_does_not_matter),
	    cmocka_unit_test(edges_of_the_calendar_are_right),
	    cmocka_unit_test(anything_else_is_invalid),
	    cmocka_unit_test(only_len_bytes_are_looked_at),
	    cmocka_unit_test(two_digits_never_mean_more_than_50_years_ahead),
	    cmocka_unit_test(a_clock_gone_mad_breaks_nothing),
	    cmocka_unit_test(dates_are_written_as_imf_fixdate),
	    cmocka_unit_test(reading_and_writing_agree_with_the_c_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
