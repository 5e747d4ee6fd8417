/* tests/unit/test_upstream_upstream.c - addresses, and how one is doing */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "upstream/upstream.h"

static struct upstream *
at(const char *url)
{
	struct upstream_opts opts;
	struct upstream *up = NULL;
	struct err err = {""};

	upstream_opts_default(&opts);
	opts.url = url;
	if (upstream_new(&up, &opts, &err) != 0)
		assert_true(err.text[0] != '\0');
	return up;
}

static void
an_address_is_taken_apart(void **state)
{
	static const struct {
		const char *url;
		enum upstream_form form;
		const char *scheme, *host;
		int port;
		const char *authority, *prefix, *path;
	} rows[] = {
	    {"http://a.example", UPSTREAM_HTTP, "http", "a.example", 80,
		"a.example", "", NULL},
	    {"http://A.Example:80/", UPSTREAM_HTTP, "http", "a.example", 80,
		"a.example", "", NULL},
	    {"HTTPS://a.example:8443/VirtualHost/x/", UPSTREAM_HTTP, "https",
		"a.example", 8443, "a.example:8443", "/VirtualHost/x", NULL},
	    {"http://[::1]:8080/p", UPSTREAM_HTTP, "http", "::1", 8080,
		"[::1]:8080", "/p", NULL},
	    {"unix:/run/cms.sock", UPSTREAM_UNIX, "http", "localhost", 0,
		"localhost", "", "/run/cms.sock"},
	    {"file:///srv/my%20site", UPSTREAM_FOLDER, "http", "localhost", 0,
		"localhost", "", "/srv/my site"},
	    {"contrib/demo", UPSTREAM_FOLDER, "http", "localhost", 0,
		"localhost", "", "contrib/demo"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct upstream *up = at(rows[i].url);

		assert_non_null(up);
		assert_int_equal(up->form, rows[i].form);
		assert_string_equal(up->scheme, rows[i].scheme);
		assert_string_equal(up->host, rows[i].host);
		assert_int_equal(up->port, rows[i].port);
		assert_string_equal(up->authority, rows[i].authority);
		assert_string_equal(up->prefix, rows[i].prefix);
		if (rows[i].path)
			assert_string_equal(up->path, rows[i].path);
		upstream_unref(&up);
		assert_null(up);
	}
}

static void
what_cannot_be_fetched_is_refused_with_words(void **state)
{
	static const char *const urls[] = {"", "ftp://a/", "http://",
	    "http://u:p@a/", "http://a:99999/", "http://a/?q", "http://a/#f",
	    "http://a b/", "unix:x", "file:x", "gopher://a/", NULL};

	(void)state;
	for (int i = 0; urls[i]; i++)
		assert_null(at(urls[i]));
	assert_null(at(NULL));
}

static void
two_are_the_same_when_everything_is(void **state)
{
	struct upstream *a = at("http://a/"), *b = at("http://a/");
	struct upstream *c = at("http://c/");

	(void)state;
	assert_true(upstream_same(a, b));
	assert_false(upstream_same(a, c));
	upstream_unref(&a);
	upstream_unref(&b);
	upstream_unref(&c);
}

static void
a_failing_one_is_tried_by_one_at_a_time(void **state)
{
	struct upstream *up = at("http://a/");
	uint64_t now = 1000000;

	(void)state;
	assert_false(upstream_is_failing(up, now));
	assert_true(upstream_may_try(up, now));
	upstream_report(up, OUTCOME_SLOW, now);
	upstream_report(up, OUTCOME_BAD, now);
	assert_false(upstream_is_failing(up, now));
	upstream_report(up, OUTCOME_BROKEN, now);
	assert_true(upstream_is_failing(up, now));
	assert_false(upstream_may_try(up, now + 999));
	assert_true(upstream_may_try(up, now + 1000));
	assert_false(upstream_may_try(up, now + 1000));
	/* It never reports: another may, a back-off later. */
	assert_true(upstream_may_try(up, now + 2000));
	upstream_report(up, OUTCOME_OK, now + 2001);
	assert_false(upstream_is_failing(up, now + 2001));
	assert_true(upstream_may_try(up, now + 2001));
	upstream_unref(&up);
}

static void
a_good_answer_starts_the_count_anew(void **state)
{
	struct upstream *up = at("http://a/");

	(void)state;
	for (int i = 0; i < 10; i++) {
		upstream_report(up, OUTCOME_SLOW, 5);
		upstream_report(up, OUTCOME_SLOW, 5);
		upstream_report(up, OUTCOME_OK, 5);
	}
	assert_false(upstream_is_failing(up, 5));
	upstream_unref(&up);
}

static void
nobody_there_is_failing_at_once(void **state)
{
	struct upstream *up = at("http://a/");

	(void)state;
	upstream_report(up, OUTCOME_DOWN, 5);
	assert_true(upstream_is_failing(up, 5));
	upstream_unref(&up);
}

static void
the_back_off_doubles_once_a_try_up_to_its_limit(void **state)
{
	struct upstream *up = at("http://a/");
	uint64_t now = 0, wait = 1000;

	(void)state;
	/* A thousand that were in the air say nothing new. */
	for (int i = 0; i < 1000; i++)
		upstream_report(up, OUTCOME_SLOW, now);
	for (int i = 0; i < 10; i++) {
		assert_false(upstream_may_try(up, now + wait - 1));
		now += wait;
		assert_true(upstream_may_try(up, now));
		upstream_report(up, OUTCOME_SLOW, now);
		wait = wait * 2 > 60000 ? 60000 : wait * 2;
	}
	assert_int_equal(wait, 60000);
	upstream_unref(&up);
}

static void
no_more_enter_than_may(void **state)
{
	struct upstream_opts opts;
	struct upstream *up;
	struct err err;

	(void)state;
	upstream_opts_default(&opts);
	opts.url = "http://a/";
	opts.misses_max = 2;
	assert_int_equal(upstream_new(&up, &opts, &err), 0);
	assert_true(upstream_enter(up));
	assert_true(upstream_enter(up));
	assert_false(upstream_enter(up));
	assert_int_equal(upstream_in_flight(up), 2);
	upstream_leave(up);
	assert_true(upstream_enter(up));
	upstream_leave(up);
	upstream_leave(up);
	upstream_unref(&up);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_address_is_taken_apart),
	    cmocka_unit_test(what_cannot_be_fetched_is_refused_with_words),
	    cmocka_unit_test(two_are_the_same_when_everything_is),
	    cmocka_unit_test(a_failing_one_is_tried_by_one_at_a_time),
	    cmocka_unit_test(a_good_answer_starts_the_count_anew),
	    cmocka_unit_test(nobody_there_is_failing_at_once),
	    cmocka_unit_test(the_back_off_doubles_once_a_try_up_to_its_limit),
	    cmocka_unit_test(no_more_enter_than_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
