/* tests/unit/test_cache_malformed.c - what the policy makes of values that are
 * wrong, field by field
 *
 * RFC 9110 and 9111 mostly say what a wrong value means; where they leave it
 * open the verdict is the one that keeps less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cache/group.h"
#include "cache/partial.h"
#include "http/accept.h"
#include "http/coding.h"
#include "policy_help.h"

#define LONGEST (2147483648LL * 1000)
#define CC      "Cache-Control: "

/* ---- what an answer says ---- */

struct row {
	const char *answer; /* DATE goes before it */
	bool store;
	int64_t lifetime_ms; /* when it is stored */
	const char *why;     /* when it is not */
};

static void
check_rows(const struct row *rows, size_t count)
{
	const struct policy_request request = {.is_get = true,
	    .cc = {.max_age = -1, .s_maxage = -1, .max_stale = -1,
	    .min_fresh = -1}};

	for (size_t i = 0; i < count; i++) {
		struct arena *arena = arena_new(1024);
		struct head head;
		struct policy_answer answer = {200, &head, NOW_MS, NOW_MS};
		struct policy_storing storing;

		read_lines(&head, arena, rows[i].answer);
		if (!head_find(&head, "Date"))
			head_add(&head, "Date",
			    "Tue, 14 Nov 2023 22:13:20 GMT");
		storing = policy_store(&request, &answer, &plain);
		if (storing.store != rows[i].store)
			fail_msg("row %zu: %s is %s", i, rows[i].answer,
			    storing.why);
		if (storing.store &&
		    storing.fresh.lifetime_ms != rows[i].lifetime_ms)
			fail_msg("row %zu: %s: %lld ms", i, rows[i].answer,
			    (long long)storing.fresh.lifetime_ms);
		if (!storing.store && strcmp(storing.why, rows[i].why) != 0)
			fail_msg("row %zu: %s: %s", i, rows[i].answer,
			    storing.why);
		arena_free(&arena);
	}
}

static const struct row cache_control[] = {
	/* 1.2.2: too big is as big as can be */
	{CC "max-age=2147483648\n", true, LONGEST, NULL},
	{CC "max-age=2147483649\n", true, LONGEST, NULL},
	{CC "max-age=18446744073709551617\n", true, LONGEST, NULL},
	{CC "max-age=99999999999999999999999999999999999999999\n", true,
	    LONGEST, NULL},
	{CC "max-age=00000000000000000000000000000000000000060\n", true,
	    60000, NULL},
	/* 4.2.1: no number means stale */
	{CC "max-age=-1\n", true, 0, NULL},
	{CC "max-age=+60\n", true, 0, NULL},
	{CC "max-age=60.5\n", true, 0, NULL},
	{CC "max-age=6e1\n", true, 0, NULL},
	{CC "max-age=0x3c\n", true, 0, NULL},
	{CC "max-age=60s\n", true, 0, NULL},
	{CC "max-age=1 minute\n", true, 0, NULL},
	{CC "max-age=\xd9\xa6\xd9\xa0\n", true, 0, NULL},
	{CC "max-age=\n", true, 0, NULL},
	{CC "max-age\n", true, 0, NULL},
	{CC "max-age = 60\n", true, 0, NULL},
	{CC "max-age=60;x=y\n", true, 0, NULL},
	{CC "max-age='60'\n", true, 0, NULL},
	{CC "max-age=60 s-maxage=60\n", true, 0, NULL},
	/* 5.2: the other form of an argument is read all the same */
	{CC "max-age=\"60\"\n", true, 60000, NULL},
	{CC "MAX-AGE=60\n", true, 60000, NULL},
	/* 4.2.1: of duplicates and conflicts the one that keeps less */
	{CC "max-age=60, max-age=5\n", true, 5000, NULL},
	{CC "max-age=5\n" CC "max-age=60\n", true, 5000, NULL},
	{CC "max-age=60, max-age=x\n", true, 0, NULL},
	{CC "s-maxage=x, max-age=60\n" CC "\n", false, 0, "stale"},
	{CC "s-maxage=5, s-maxage=60, max-age=600\n", true, 5000, NULL},
	{CC "public, private\n", false, 0, "private"},
	{CC "max-age=60, no-store\n" CC "public\n", false, 0, "no-store"},
	{CC "no-store=1, max-age=60\n", false, 0, "no-store"},
	{CC "private=, max-age=60\n", false, 0, "private"},
	{CC "No-Store\n" CC "max-age=60\n", false, 0, "no-store"},
	{CC "no-cache, max-age=60\n", false, 0, "no-cache"},
	{CC "no-cache=, max-age=60\n", false, 0, "no-cache"},
	/* quotes that never end hide nobody knows what */
	{CC "max-age=60, ext=\"a\n", false, 0, "no-store"},
	{CC "private=\"set-cookie, max-age=60\n", false, 0, "no-store"},
	{CC "max-age=\"60\n", false, 0, "no-store"},
	{CC "ext=\"a\\\", max-age=60\n", false, 0, "no-store"},
	{CC "max-age=60, \"\n", false, 0, "no-store"},
	/* quotes that end hide what is in them */
	{CC "ext=\"no-store\", max-age=60\n", true, 60000, NULL},
	{CC "ext=\"\\\", no-store\", max-age=60\n", true, 60000, NULL},
	/* no commas, too many, and none of ours */
	{CC "max-age=60 no-store\n", false, 0, "no-store"},
	{CC "no-cache no-store\n", false, 0, "no-store"},
	{CC "private max-age=60\n", false, 0, "private"},
	{CC ",,, ,max-age=60,,\n", true, 60000, NULL},
	{CC "max-age=60;private\n", true, 0, NULL},
	{CC "xmax-age=60\n", false, 0, "no freshness"},
	{CC "max-agee=60\n", false, 0, "no freshness"},
	{CC "no-storee, max-age=60\n", true, 60000, NULL},
	{CC "=60, max-age=60\n", true, 60000, NULL},
	{CC "\x80\xff, max-age=60\n", true, 60000, NULL},
	{CC "\n", false, 0, "no freshness"},
	/* RFC 5861: what is no number is not said */
	{CC "max-age=60, stale-while-revalidate=-5\n", true, 60000, NULL},
	{CC "max-age=60, stale-if-error=forever\n", true, 60000, NULL},
};

static void
wrong_directives_keep_less(void **state)
{
	(void)state;
	check_rows(cache_control, COUNT_OF(cache_control));
}

static const struct row expires[] = {
	{"Expires: Tue, 14 Nov 2023 22:14:20 GMT\n", true, 60000, NULL},
	/* 5.3: what is no date has passed, 0 first of all */
	{"Expires: 0\nETag: \"a\"\n", true, 0, NULL},
	{"Expires: -1\n", true, 0, NULL},
	{"Expires: \n", true, 0, NULL},
	{"Expires: never\n", true, 0, NULL},
	{"Expires: 1700000060\n", true, 0, NULL},
	{"Expires: 2023-11-14T22:14:20Z\n", true, 0, NULL},
	{"Expires: Tue, 14 Nov 2023 22:14:20\n", true, 0, NULL},
	{"Expires: Tue, 14 Nov 2023 23:14:20 CET\n", true, 0, NULL},
	{"Expires: Tue, 14 Nov 2023 22:14:20 UTC\n", true, 0, NULL},
	{"Expires: Tue, 14 Nov 2023 22:14:20 +0000\n", true, 0, NULL},
	{"Expires: Tue, 14 Nov 2023 22:14:20 GMT;\n", true, 0, NULL},
	{"Expires: \"Tue, 14 Nov 2023 22:14:20 GMT\"\n", true, 0, NULL},
	{"Expires: Tue, 14  Nov 2023 22:14:20 GMT\n", true, 0, NULL},
	{"Expires: Tue,14 Nov 2023 22:14:20 GMT\n", true, 0, NULL},
	{"Expires: 14 Nov 2023 22:14:20 GMT\n", true, 0, NULL},
	{"Expires: Tue, 4 Nov 2024 22:14:20 GMT\n", true, 0, NULL},
	{"Expires: Tue, 14 Nov 23 22:14:20 GMT\n", true, 0, NULL},
	{"Expires: Tue, 14 Nov 12023 22:14:20 GMT\n", true, 0, NULL},
	{"Expires: Thu, 31 Nov 2023 22:14:20 GMT\n", true, 0, NULL},
	{"Expires: Thu, 29 Feb 2025 00:00:00 GMT\n", true, 0, NULL},
	{"Expires: Tue, 00 Nov 2024 22:14:20 GMT\n", true, 0, NULL},
	{"Expires: Tue, 14 Nov 2023 24:00:00 GMT\n", true, 0, NULL},
	{"Expires: Tue, 14 Nov 2023 22:60:00 GMT\n", true, 0, NULL},
	{"Expires: Tue, 14 Nov 2023 22:14:61 GMT\n", true, 0, NULL},
	{"Expires: Tue, 14 M\xc3\xa4r 2024 22:14:20 GMT\n", true, 0, NULL},
	/* 4.2 and RFC 9110 5.6.7: obsolete forms and case are read */
	{"Expires: tue, 14 nov 2023 22:14:20 gmt\n", true, 60000, NULL},
	{"Expires: Tue Nov 14 22:14:20 2023\n", true, 60000, NULL},
	{"Expires: Tuesday, 14-Nov-23 22:14:20 GMT\n", true, 60000, NULL},
	/* the wrong weekday is no reason */
	{"Expires: Mon, 14 Nov 2023 22:14:20 GMT\n", true, 60000, NULL},
	/* two digits over 50 years ahead are of the century before */
	{"Expires: Tuesday, 14-Nov-73 22:14:20 GMT\n", true, 0, NULL},
	{"Expires: Tuesday, 14-Nov-73 22:13:20 GMT\n", true,
	    1577923200000LL, NULL},
	{"Expires: Tuesday, 14-Nov-99 22:14:20 GMT\n", true, 0, NULL},
	/* the far ends of time */
	{"Expires: Fri, 31 Dec 9999 23:59:59 GMT\n", true, LONGEST, NULL},
	{"Expires: Sat, 01 Jan 0000 00:00:00 GMT\n", true, 0, NULL},
	{"Expires: Thu, 01 Jan 1970 00:00:00 GMT\n", true, 0, NULL},
	/* of several the earliest, and one that is none is the earliest */
	{"Expires: Tue, 14 Nov 2023 22:15:20 GMT\n"
	    "Expires: Tue, 14 Nov 2023 22:14:20 GMT\n", true, 60000, NULL},
	{"Expires: Tue, 14 Nov 2023 22:15:20 GMT\nExpires: 0\n", true, 0,
	    NULL},
	/* 5.3: max-age counts before it, a wrong one as well */
	{"Expires: Tue, 14 Nov 2023 22:14:20 GMT\n" CC "max-age=x\n", true, 0,
	    NULL},
	{"Expires: 0\n" CC "max-age=60\n", true, 60000, NULL},
	/* without a Date that is one, when it came is the Date */
	{"Date: 0\nExpires: Tue, 14 Nov 2023 22:14:20 GMT\n", true, 60000,
	    NULL},
	{"Date: yesterday\nExpires: Tue, 14 Nov 2023 22:14:20 GMT\n", true,
	    60000, NULL},
	{"Date: Fri, 31 Dec 9999 23:59:59 GMT\n"
	    "Expires: Tue, 14 Nov 2023 22:14:20 GMT\n", true, 0, NULL},
};

static void
what_is_no_date_has_passed(void **state)
{
	(void)state;
	check_rows(expires, COUNT_OF(expires));
}

static const struct row last_modified[] = {
	{"Last-Modified: Tue, 14 Nov 2023 22:03:20 GMT\n", true, 60000, NULL},
	{"Last-Modified: 0\n", false, 0, "no freshness"},
	{"Last-Modified: \n", false, 0, "no freshness"},
	{"Last-Modified: 2023-11-14\n", false, 0, "no freshness"},
	{"Last-Modified: Tue, 14 Nov 2023 22:03:20 PST\n", false, 0,
	    "no freshness"},
	/* after it was sent: no guess */
	{"Last-Modified: Wed, 15 Nov 2023 22:13:20 GMT\n", false, 0,
	    "no freshness"},
	{"Last-Modified: Fri, 31 Dec 9999 23:59:59 GMT\n", false, 0,
	    "no freshness"},
	/* long ago: a day at most */
	{"Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT\n", true, DAY, NULL},
	{"Last-Modified: Sat, 01 Jan 0000 00:00:00 GMT\n", true, DAY, NULL},
};

static void
no_guess_comes_from_what_is_no_date(void **state)
{
	(void)state;
	check_rows(last_modified, COUNT_OF(last_modified));
}

static const struct row vary[] = {
	{CC "max-age=60\nVary: *\n", false, 0, "vary *"},
	{CC "max-age=60\nVary: Foo, *\n", false, 0, "vary *"},
	{CC "max-age=60\nVary: ,,*,\n", false, 0, "vary *"},
	{CC "max-age=60\nVary: Foo\nVary: *\n", false, 0, "vary *"},
	/* no field's name: by what it varies nobody knows */
	{CC "max-age=60\nVary: **\n", true, 60000, NULL},
	{CC "max-age=60\nVary: Foo Bar\n", false, 0, "vary *"},
	{CC "max-age=60\nVary: \"Foo\"\n", false, 0, "vary *"},
	{CC "max-age=60\nVary: \"*\n", false, 0, "vary *"},
	{CC "max-age=60\nVary: Foo;q=1\n", false, 0, "vary *"},
	{CC "max-age=60\nVary: Foo: Bar\n", false, 0, "vary *"},
	{CC "max-age=60\nVary: F\xc3\xb6\xc3\xb6\n", false, 0, "vary *"},
	/* empty is not there */
	{CC "max-age=60\nVary: \n", true, 60000, NULL},
	{CC "max-age=60\nVary: ,\n", true, 60000, NULL},
	{CC "max-age=60\nVary: foo, FOO, Foo\n", true, 60000, NULL},
};

static void
vary_by_what_is_no_name_is_vary_by_anything(void **state)
{
	(void)state;
	check_rows(vary, COUNT_OF(vary));
}

static const struct row targeted[] = {
	/* RFC 9213 2.1: what is no dictionary, or empty, is not there */
	{CC "max-age=60\nCDN-Cache-Control: max-age=5;\n", true, 60000, NULL},
	{CC "max-age=60\nCDN-Cache-Control: max-age=5,\n", true, 60000, NULL},
	{CC "max-age=60\nCDN-Cache-Control: max-age=\"5\n", true, 60000,
	    NULL},
	{CC "max-age=60\nCDN-Cache-Control: max-age = 5\n", true, 60000,
	    NULL},
	{CC "max-age=60\nCDN-Cache-Control: Max-Age=5\n", true, 60000, NULL},
	{CC "max-age=60\nCDN-Cache-Control: max-age=1234567890123456\n", true,
	    60000, NULL},
	{CC "max-age=60\nCDN-Cache-Control: \n", true, 60000, NULL},
	{CC "max-age=60\nCDN-Cache-Control: \x80\n", true, 60000, NULL},
	{CC "no-store\nLivery-Cache-Control: max-age=5 \"\n", false, 0,
	    "no-store"},
	/* of another type: that directive is not there */
	{CC "max-age=60\nCDN-Cache-Control: max-age=5.5\n", false, 0,
	    "no freshness"},
	{CC "max-age=60\nCDN-Cache-Control: max-age=\"5\"\n", false, 0,
	    "no freshness"},
	{CC "max-age=60\nCDN-Cache-Control: max-age=-5\n", false, 0,
	    "no freshness"},
	{CC "max-age=60\nCDN-Cache-Control: max-age\n", false, 0,
	    "no freshness"},
	{CC "max-age=60\nCDN-Cache-Control: max-age=5, no-store=?0\n", true,
	    5000, NULL},
	{CC "max-age=60\nCDN-Cache-Control: max-age=5, no-store=1\n", true,
	    5000, NULL},
	{CC "max-age=60\nCDN-Cache-Control: max-age=5, private=\"a\"\n", false,
	    0, "private"},
	/* of two with one name the last, as RFC 8941 has it */
	{CC "max-age=60\nCDN-Cache-Control: max-age=5, max-age=9\n", true,
	    9000, NULL},
	{CC "max-age=60\nCDN-Cache-Control: max-age=999999999999999\n", true,
	    LONGEST, NULL},
	/* the forerunner reads as Cache-Control does */
	{CC "max-age=60\nSurrogate-Control: max-age=x\n", true, 0, NULL},
	{CC "max-age=60\nSurrogate-Control: max-age=\"5\n", false, 0,
	    "no-store"},
	{CC "max-age=60\nSurrogate-Control: max-age=5;other\n", true, 60000,
	    NULL},
	{CC "max-age=60\nSurrogate-Control: content=\"ESI/1.0\"\n", true,
	    60000, NULL},
	{CC "max-age=60\nSurrogate-Control: ;;;\n", true, 60000, NULL},
};

static void
targeted_fields_that_are_wrong_are_not_there(void **state)
{
	(void)state;
	check_rows(targeted, COUNT_OF(targeted));
}

static const struct row cookies[] = {
	{CC "max-age=60\nSet-Cookie: \n", false, 0, "set-cookie"},
	{CC "max-age=60, public\nSet-Cookie: =\n", false, 0, "set-cookie"},
	{CC "max-age=60\nSet-Cookie: \x80;;\n", false, 0, "set-cookie"},
	{CC "max-age=60\nCDN-Cache-Control: max-age=60\nSet-Cookie: a\n",
	    false, 0, "set-cookie"},
};

static void
a_cookie_is_one_whatever_stands_in_it(void **state)
{
	(void)state;
	check_rows(cookies, COUNT_OF(cookies));
}

/* ---- Age ---- */

static void
an_age_that_is_none_makes_it_stale(void **state)
{
	static const struct {
		const char *age;
		int64_t age_ms, lifetime_ms;
	} rows[] = {
		{"Age: 0\n", 0, 60000}, {"Age: 7\n", 7000, 60000},
		{"Age: 007\n", 7000, 60000},
		{"Age: 99999999999999999999\n", LONGEST, 60000},
		/* 5.1: otherwise nobody knows how old it is */
		{"Age: -1\n", 0, 0}, {"Age: +1\n", 0, 0},
		{"Age: 1.5\n", 0, 0}, {"Age: \n", 0, 0},
		{"Age: \"7\"\n", 0, 0}, {"Age: 7, 7\n", 0, 0},
		{"Age: x, 7\n", 0, 0}, {"Age: 7\nAge: 8\n", 0, 0},
		{"Age: 7, 8\n", 7000, 60000}, {"Age: 7, x\n", 7000, 60000},
		{"Age: 7\nAge: 7\n", 0, 0}, {"Age: 7s\n", 0, 0},
		{"Age: 0x7\n", 0, 0}, {"Age: \xd9\xa7\n", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena *arena = arena_new(1024);
		struct head head;
		struct policy_answer answer = {200, &head, NOW_MS, NOW_MS};
		struct freshness fresh;

		read_lines(&head, arena, rows[i].age);
		head_add(&head, "Cache-Control", "max-age=60");
		fresh = policy_freshness(&answer, &plain);
		if (fresh.initial_age_ms != rows[i].age_ms ||
		    fresh.lifetime_ms != rows[i].lifetime_ms)
			fail_msg("%s: %lld ms, of %lld", rows[i].age,
			    (long long)fresh.initial_age_ms,
			    (long long)fresh.lifetime_ms);
		arena_free(&arena);
	}
}

static void
a_date_of_long_ago_is_as_old_as_can_be(void **state)
{
	struct arena *arena = arena_new(1024);
	struct head head;
	struct policy_answer answer = {200, &head, NOW_MS, NOW_MS};
	struct freshness fresh;

	(void)state;
	read_lines(&head, arena, "Date: Sat, 01 Jan 0000 00:00:00 GMT\n"
	    CC "max-age=2147483648\n");
	fresh = policy_freshness(&answer, &plain);
	assert_int_equal(fresh.initial_age_ms, LONGEST);
	assert_int_equal(fresh.lifetime_ms, LONGEST);
	arena_free(&arena);
}

/* ---- what a client says ---- */

static void
wrong_conditions_match_nothing(void **state)
{
	static const char changed[] = "Tue, 14 Nov 2023 22:13:20 GMT";
	static const struct {
		const char *match, *since, *etag;
		bool is;
	} rows[] = {
		{"\"a\"", NULL, "\"a\"", true},
		{"W/\"a\"", NULL, "\"a\"", true},
		{"\"b\", ,, \"a\"", NULL, "\"a\"", true},
		{" * ", NULL, NULL, true},
		/* no quotes, none that end, another case */
		{"a", NULL, "\"a\"", false},
		{"\"a", NULL, "\"a\"", false},
		{"a\"", NULL, "\"a\"", false},
		{"'a'", NULL, "\"a\"", false},
		{"w/\"a\"", NULL, "\"a\"", false},
		{"W/ \"a\"", NULL, "\"a\"", false},
		{"\"A\"", NULL, "\"a\"", false},
		{"\"*\"", NULL, "\"a\"", false},
		{"*, \"b\"", NULL, "\"a\"", false},
		{"**", NULL, "\"a\"", false},
		{"", NULL, "\"a\"", false},
		{",", NULL, "\"a\"", false},
		{"x, \"a\"", NULL, "\"a\"", false},
		{"\"a\\\"", NULL, "\"a\"", false},
		{"\"\"", NULL, "\"\"", true},
		{"\"\xc3\xa4\"", NULL, "\"\xc3\xa4\"", true},
		/* an ETag that is none is nobody's */
		{"a", NULL, "a", false},
		{"\"a", NULL, "\"a", false},
		{"\"a\"", NULL, "", false},
		{"\"a\"", NULL, NULL, false},
		/* RFC 9110 13.1.3: the date does not count beside it */
		{"x", changed, "\"a\"", false},
		{"", changed, "\"a\"", false},
		/* ... and one that is none does not count at all */
		{NULL, changed, NULL, true},
		{NULL, "Tue, 14 Nov 2023 22:13:19 GMT", NULL, false},
		{NULL, "Fri, 31 Dec 9999 23:59:59 GMT", NULL, true},
		{NULL, "Tue, 14 Nov 2023 22:13:20 CET", NULL, false},
		{NULL, "Tue, 14 Nov 2023 22:13:20", NULL, false},
		{NULL, "Tuesday, 14-Nov-23 22:13:20 GMT", NULL, true},
		{NULL, "1700000000", NULL, false},
		{NULL, "0", NULL, false},
		{NULL, "", NULL, false},
		{NULL, "Tue, 14 Nov 2023 22:13:20 GMT; length=5", NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (policy_not_modified(rows[i].match, rows[i].since,
		    rows[i].etag, changed, NOW_MS / 1000) != rows[i].is)
			fail_msg("row %zu: %s %s", i, rows[i].match,
			    rows[i].since);
}

static void
wrong_wishes_of_a_client_are_none(void **state)
{
	static const struct {
		const char *asks;
		enum use use; /* of what has 30 of its 60 s left */
	} rows[] = {
		{"max-age=29", USE_IF_FAILED}, {"max-age=30", USE_FRESH},
		{"max-age=x", USE_IF_FAILED}, {"max-age=-1", USE_IF_FAILED},
		{"max-age=99999999999999999999", USE_FRESH},
		{"min-fresh=31", USE_IF_FAILED}, {"min-fresh=30", USE_FRESH},
		{"min-fresh=-1", USE_FRESH}, {"min-fresh=x", USE_FRESH},
		{"min-fresh=1.5", USE_FRESH}, {"min-fresh", USE_FRESH},
		{"min-fresh=99999999999999999999", USE_IF_FAILED},
		{"min-fresh=1, min-fresh=99", USE_IF_FAILED},
		{"max-stale=x", USE_FRESH}, {"no-cache=\"a\"", USE_IF_FAILED},
		{"no-cache max-age=600", USE_IF_FAILED},
		{"ext=\"no-cache\"", USE_FRESH}, {"", USE_FRESH},
		{"\x80\xff", USE_FRESH},
	};
	static const struct policy_opts honours = {.stale_max_ms = 7 * DAY,
	    .honour_request = true};
	const struct freshness fresh = {.lifetime_ms = 60000, .sie_ms = -1};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct policy_request request = {.is_get = true};
		struct arena *arena = arena_new(1024);
		struct head head;
		enum use use;

		head_init(&head, arena);
		head_add(&head, "Cache-Control", rows[i].asks);
		cachecontrol_read(&request.cc, &head, "Cache-Control");
		use = policy_judge(&fresh, 30000, &request, false, &honours);
		if (use != rows[i].use)
			fail_msg("%s: %d", rows[i].asks, (int)use);
		arena_free(&arena);
	}
}

static void
a_range_that_is_none_is_not_looked_at(void **state)
{
	static const struct {
		const char *range;
		enum asked_form form;
	} rows[] = {
		{"bytes=0-5", ASKED_SPAN}, {"bytes=5-", ASKED_SPAN},
		{"bytes=-5", ASKED_SUFFIX},
		/* RFC 9110 14.1.1: last before first, signs, words, no unit */
		{"bytes=5-4", ASKED_ELSE}, {"bytes=+0-5", ASKED_ELSE},
		{"bytes=--5", ASKED_ELSE}, {"bytes=-", ASKED_ELSE},
		{"bytes=", ASKED_ELSE}, {"bytes", ASKED_ELSE},
		{"0-5", ASKED_ELSE}, {"", ASKED_ELSE},
		{"items=0-5", ASKED_ELSE}, {"bytes=a-b", ASKED_ELSE},
		{"bytes=0x0-5", ASKED_ELSE}, {"bytes=0-5,7-8", ASKED_ELSE},
		{"bytes=0-5;q=1", ASKED_ELSE}, {"bytes=1.0-5", ASKED_ELSE},
		{"bytes=99999999999999999999999-", ASKED_ELSE},
		{"bytes=0-5\x80", ASKED_ELSE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (partial_asked(rows[i].range).form != rows[i].form)
			fail_msg("%s: %d", rows[i].range,
			    (int)partial_asked(rows[i].range).form);
}

static void
a_part_that_is_said_wrongly_is_none(void **state)
{
	static const struct {
		const char *range;
		bool is; /* an answer of 6 bytes to bytes=0-5 */
	} rows[] = {
		{"bytes 0-5/10", true}, {"bytes 0-5/*", true},
		{"bytes 0-5/6", true},
		{"bytes 0-5/5", false}, {"bytes 0-5/0", false},
		{"bytes 0-5", false}, {"bytes 0-5/", false},
		{"bytes 5-0/10", false}, {"bytes */10", false},
		{"bytes 1-6/10", false}, {"bytes 0-6/10", false},
		{"bytes=0-5/10", false}, {"bytes 0-5/-10", false},
		{"bytes 0-5/1e1", false},
		{"bytes  0-5/10", false}, {"items 0-5/10", false},
		{"0-5/10", false}, {"", false}, {"bytes -5/10", false},
		{"bytes 0-5/10, bytes 6-9/10", false},
		{"bytes 0-99999999999999999999999/*", false},
	};
	const struct asked asked = {ASKED_SPAN, 0, 5};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena *arena = arena_new(1024);
		struct head head;

		head_init(&head, arena);
		head_add(&head, "Content-Range", rows[i].range);
		if (partial_is_answer(&head, 6, asked) != rows[i].is)
			fail_msg("%s", rows[i].range);
		head_add(&head, "Content-Range", rows[i].range);
		assert_false(partial_is_answer(&head, 6, asked));
		arena_free(&arena);
	}
}

static void
an_if_range_that_is_no_strong_validator_fails(void **state)
{
	static const struct {
		const char *if_range;
		bool holds;
	} rows[] = {
		{"\"a\"", true}, {"W/\"a\"", false}, {"a", false},
		{"\"a", false}, {"\"A\"", false}, {"*", false}, {"", false},
		{"\"a\", \"b\"", false}, {"\"b\"", false},
		{"Tue, 14 Nov 2023 22:13:20 CET", false}, {"0", false},
		{"Tue, 14 Nov 2023 22:13:21 GMT", false},
	};
	struct arena *arena = arena_new(1024);
	struct head head;

	(void)state;
	read_lines(&head, arena, DATE "ETag: \"a\"\n");
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (partial_if_range(&head, rows[i].if_range) !=
		    rows[i].holds)
			fail_msg("%s", rows[i].if_range);
	arena_free(&arena);
}

static void
an_accept_encoding_that_is_wrong_wants_no_coding(void **state)
{
	static const struct {
		const char *value;
		bool gzip;
	} rows[] = {
		{"gzip", true}, {"GZIP", true}, {"gzip;q=1.000", true},
		{"gzip;q=0.001", true}, {",, gzip ,", true}, {"*", true},
		{"gzip;q=0", false}, {"gzip;q=0.000", false},
		{"gzip;q=-1", false}, {"gzip;q=", false},
		{"gzip;q=x", false}, {"gzip;q=2", false},
		{"gzip;q=0.0001", false}, {"gzip;q=1e0", false},
		{"\"gzip\"", false}, {"gzip deflate", false},
		{"gzipp", false}, {"", false}, {"\x80", false},
		{"*;q=0", false}, {"gzip;q=0, *", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct accept accept;

		accept_read(&accept, rows[i].value);
		if ((accept.weight[PACKING_GZIP] > 0) != rows[i].gzip)
			fail_msg("%s: %u", rows[i].value,
			    accept.weight[PACKING_GZIP]);
	}
}

/* What is not known passes and is stored untouched. */
static void
a_content_encoding_that_is_wrong_is_not_known(void **state)
{
	static const char *const rows[] = {"gzip2", "\"gzip\"", "gzip;q=1",
	    "gzip br", "x", "gzip, x", "*", "\x80"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (coding_is_known(rows[i]))
			fail_msg("%s", rows[i]);
}

static void
groups_that_are_no_list_of_strings_are_none(void **state)
{
	static const struct {
		const char *groups;
		bool has;
	} rows[] = {
		{"\"a\"", true}, {"\"a\", \"b\";x=1", true},
		{"a", false}, {"\"a", false}, {"\"a\",", false},
		{"\"a\" \"b\"", false}, {"1", false}, {"?1", false},
		{"", false}, {"\"\x80\"", false}, {"'a'", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char room[KEY_MAX];
		struct object *object;
		struct key key;

		assert_int_equal(key_make_url(&key, room, KIND_PAGE, "s",
		    "http://h/"), 0);
		object = object_new(&key, KIND_PAGE, "s");
		head_add(&object->head, "Cache-Groups", rows[i].groups);
		if ((*group_all_tags(object) != '\0') != rows[i].has)
			fail_msg("%s: %s", rows[i].groups,
			    group_all_tags(object));
		object_unref(&object);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_directives_keep_less),
		cmocka_unit_test(what_is_no_date_has_passed),
		cmocka_unit_test(no_guess_comes_from_what_is_no_date),
		cmocka_unit_test(vary_by_what_is_no_name_is_vary_by_anything),
		cmocka_unit_test(targeted_fields_that_are_wrong_are_not_there),
		cmocka_unit_test(a_cookie_is_one_whatever_stands_in_it),
		cmocka_unit_test(an_age_that_is_none_makes_it_stale),
		cmocka_unit_test(a_date_of_long_ago_is_as_old_as_can_be),
		cmocka_unit_test(wrong_conditions_match_nothing),
		cmocka_unit_test(wrong_wishes_of_a_client_are_none),
		cmocka_unit_test(a_range_that_is_none_is_not_looked_at),
		cmocka_unit_test(a_part_that_is_said_wrongly_is_none),
		cmocka_unit_test(
		    an_if_range_that_is_no_strong_validator_fails),
		cmocka_unit_test(
		    an_accept_encoding_that_is_wrong_wants_no_coding),
		cmocka_unit_test(
		    a_content_encoding_that_is_wrong_is_not_known),
		cmocka_unit_test(
		    groups_that_are_no_list_of_strings_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
