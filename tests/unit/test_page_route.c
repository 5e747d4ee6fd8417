/* page/route.c and page/cookies.c: which site, and who may share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "page/life.h"

static struct upstream *
an_upstream(void)
{
	struct upstream_opts opts;
	struct upstream *upstream = NULL;
	struct err err;

	upstream_opts_default(&opts);
	opts.name = "cms";
	opts.url = "http://127.0.0.1:8081";
	assert_int_equal(upstream_new(&upstream, &opts, &err), 0);
	return upstream;
}

static int
add(struct routes *routes, const char *name, const char *const *hosts,
    const char *path)
{
	struct site_opts opts;
	struct upstream *upstream = an_upstream();
	struct err err;
	int rc;

	site_opts_default(&opts);
	opts.name = name;
	opts.hosts = hosts;
	opts.path = path;
	rc = routes_add(routes, &opts, upstream, NULL, &err);
	upstream_unref(&upstream);
	return rc;
}

static const char *
find(const struct routes *routes, const char *host, const char *target)
{
	const struct site *site = routes_find(routes, host, strlen(host),
	    target);

	return site ? site->opts.name : NULL;
}

static void
an_exact_host_comes_before_a_pattern_before_any(void **state)
{
	struct routes *routes = routes_new();

	(void)state;
	assert_int_equal(add(routes, "any", NULL, NULL), 0);
	assert_int_equal(add(routes, "sub",
	    (const char *const[]){"*.example.org", NULL}, NULL), 0);
	assert_int_equal(add(routes, "www",
	    (const char *const[]){"www.example.org", NULL}, NULL), 0);
	assert_string_equal(find(routes, "www.example.org", "/"), "www");
	assert_string_equal(find(routes, "WWW.example.ORG:8080", "/"), "www");
	assert_string_equal(find(routes, "a.example.org", "/"), "sub");
	assert_string_equal(find(routes, "example.org", "/"), "any");
	assert_string_equal(find(routes, "[::1]:80", "/"), "any");
	routes_unref(&routes);
}

static void
the_longest_path_wins_and_ends_at_a_segment(void **state)
{
	struct routes *routes = routes_new();

	(void)state;
	assert_int_equal(add(routes, "root", NULL, NULL), 0);
	assert_int_equal(add(routes, "blog", NULL, "/blog"), 0);
	assert_int_equal(add(routes, "deep", NULL, "/blog/deep/"), 0);
	assert_string_equal(find(routes, "h", "/"), "root");
	assert_string_equal(find(routes, "h", "/blog"), "blog");
	assert_string_equal(find(routes, "h", "/blog?x"), "blog");
	assert_string_equal(find(routes, "h", "/blogger"), "root");
	assert_string_equal(find(routes, "h", "/blog/deep"), "deep");
	assert_string_equal(find(routes, "h", "/blog/deeper"), "blog");
	routes_unref(&routes);
}

static void
an_unknown_host_has_no_site(void **state)
{
	struct routes *routes = routes_new();

	(void)state;
	assert_int_equal(add(routes, "www",
	    (const char *const[]){"www.example.org", NULL}, NULL), 0);
	assert_null(find(routes, "evil.example", "/"));
	assert_null(find(routes, "", "/"));
	assert_null(find(routes, "xwww.example.org", "/"));
	routes_unref(&routes);
}

static void
two_sites_that_nothing_tells_apart_are_refused(void **state)
{
	struct routes *routes = routes_new();

	(void)state;
	assert_int_equal(add(routes, "a",
	    (const char *const[]){"x.org", NULL}, NULL), 0);
	assert_int_equal(add(routes, "b",
	    (const char *const[]){"y.org", "X.org", NULL}, NULL), -1);
	assert_int_equal(add(routes, "c",
	    (const char *const[]){"x.org", NULL}, "/c"), 0);
	routes_unref(&routes);
}

/* ---- who may share ---- */

static struct sharing
sharing_with(const char *cookie, const char *authorization)
{
	static struct routes *routes;
	struct request request = {.is_get = true};
	struct sharing sharing;

	routes = routes_new();
	assert_int_equal(add(routes, "main", NULL, NULL), 0);
	request.cookie = cookie;
	request.authorization = authorization;
	sharing = sharing_of(&request, routes_site(routes, 0));
	routes_unref(&routes);
	return sharing;
}

static void
a_login_cookie_bypasses_the_cache(void **state)
{
	static const char *const cookies[] = {
		"__ac=x", "a_session_id=1", "PHPSESSID=1", "_ga=1; __ac=2",
		"wordpress_logged_in_abc=1", "  sid = 3",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cookies) / sizeof(*cookies); i++) {
		struct sharing sharing = sharing_with(cookies[i], NULL);

		assert_false(sharing.may);
		assert_string_equal(sharing.why, "cookie");
	}
}

static void
cookies_of_analytics_count_as_absent(void **state)
{
	struct sharing sharing = sharing_with("_ga=GA1.2; _gid=1;_pk_id.1=x",
	    NULL);

	(void)state;
	assert_true(sharing.may);
	sharing = sharing_with(NULL, NULL);
	assert_true(sharing.may);
}

static void
any_other_cookie_bypasses_and_is_named(void **state)
{
	struct sharing sharing = sharing_with("_ga=1; colour=red", NULL);

	(void)state;
	assert_false(sharing.may);
	assert_int_equal(sharing.cookie.len, 6);
	assert_memory_equal(sharing.cookie.from, "colour", 6);
}

static void
authorization_bypasses_the_cache(void **state)
{
	(void)state;
	assert_string_equal(sharing_with(NULL, "Basic x").why,
	    "authorization");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_exact_host_comes_before_a_pattern_before_any),
		cmocka_unit_test(the_longest_path_wins_and_ends_at_a_segment),
		cmocka_unit_test(an_unknown_host_has_no_site),
		cmocka_unit_test(
		    two_sites_that_nothing_tells_apart_are_refused),
		cmocka_unit_test(a_login_cookie_bypasses_the_cache),
		cmocka_unit_test(cookies_of_analytics_count_as_absent),
		cmocka_unit_test(any_other_cookie_bypasses_and_is_named),
		cmocka_unit_test(authorization_bypasses_the_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
