/* theme/proxies: which upstream answers what, and the server's settings */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "http/head.h"
#include "theme/proxies.h"
#include "theme/theme.h"

static char folder[64], path[128];
static struct arena *arena;

static int
begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_proxies.XXXXXX");
	arena = arena_new(1024);
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/rules.xml", folder);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(&arena);
	unlink(path);
	return rmdir(folder);
}

static int
try_load(const char *inner, struct rules **out, struct err *err)
{
	const struct rules_opts opts = {0};
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "<ruleset>\n%s\n</ruleset>\n", inner);
	fclose(file);
	return rules_load(out, path, &opts, err);
}

static struct rules *
load(const char *inner)
{
	struct rules *rules = NULL;
	struct err err = {""};

	if (try_load(inner, &rules, &err) != 0)
		fail_msg("%s", err.text);
	return rules;
}

static void
load_fails(const char *inner, const char *words)
{
	struct rules *rules = NULL;
	struct err err = {""};

	assert_int_equal(try_load(inner, &rules, &err), -1);
	if (!strstr(err.text, words))
		fail_msg("%s: %s", inner, err.text);
}

/* The address that a request goes to, or the reason why not. */
static const char *
target(const char *inner, const char *request, const char *query)
{
	struct rules *rules = load(inner);
	const struct proxy *proxy = rules_proxy(rules, 0);
	struct head head;
	struct dress_exchange exchange = {
	    .method = "GET",
	    .scheme = "http",
	    .host = "www.example.org",
	    .query = query,
	    .request = &head,
	};
	static char answer[1024];
	struct err err = {""};
	size_t prefix = 0;
	struct buf out;

	head_init(&head, arena);
	head_add(&head, "X-Site", "one");
	head_add(&head, "X-Bad", "a/../../b");
	head_add(&head, "X-Odd", "a b?c#d%/e");
	buf_init(&out, sizeof(answer) - 1);
	if (!proxy_matches(proxy, &exchange, request, &prefix))
		strcpy(answer, "no match");
	else if (proxy_target(&out, proxy, &exchange, request, prefix, &err))
		strcpy(answer, err.text);
	else
		strcpy(answer, out.data);
	buf_fini(&out);
	rules_unref(&rules);
	return answer;
}

#define PROXY(attributes, dest)                                                \
	"<proxy " attributes "><dest href='" dest "'/></proxy>"

static void
the_prefix_is_taken_off(void **state)
{
	(void)state;
	assert_string_equal(
	    target(PROXY("path='/blog'", "http://h:81/b/"), "/blog/2024", NULL),
	    "http://h:81/b/2024");
	assert_string_equal(
	    target(PROXY("path='/blog/'", "http://h:81/b"), "/blog", NULL),
	    "http://h:81/b");
	assert_string_equal(
	    target(PROXY("path='subpath:/blog'", "http://h"), "/blog/x", NULL),
	    "http://h/x");
	assert_string_equal(
	    target(PROXY("path='exact:/a'", "http://h/i.html"), "/a", NULL),
	    "http://h/i.html");
	assert_string_equal(
	    target(PROXY("path='/'", "http://h/r"), "/x/y", NULL),
	    "http://h/r/x/y");
	assert_string_equal(
	    target(PROXY("path='/blog'", "http://h"), "/blogs", NULL),
	    "no match");
}

static void
other_matches_take_nothing_off(void **state)
{
	(void)state;
	assert_string_equal(
	    target(
		PROXY("path='wildcard:/blog*'", "http://h/b"), "/blog/x", NULL),
	    "http://h/b/blog/x");
	assert_string_equal(
	    target(PROXY("domain='*.example.org'", "http://h/b/"), "/", NULL),
	    "http://h/b/");
	assert_string_equal(
	    target(PROXY("", "http://h"), "/x", NULL), "http://h/x");
}

static void
strip_script_name_off_sends_the_whole_path(void **state)
{
	(void)state;
	assert_string_equal(
	    target("<proxy path='/blog'><dest href='http://h/b'/>"
		   "<transform strip-script-name='no'/></proxy>",
		"/blog/x", NULL),
	    "http://h/b/blog/x");
}

static void
queries_are_joined(void **state)
{
	(void)state;
	assert_string_equal(target(PROXY("", "http://h/?a=1"), "/x", "b=2&c"),
	    "http://h/x?a=1&b=2&c");
	assert_string_equal(
	    target(PROXY("", "http://h/?a=1"), "/x", NULL), "http://h/x?a=1");
	assert_string_equal(
	    target(PROXY("", "http://h"), "/x", "b"), "http://h/x?b");
	assert_string_equal(
	    target(PROXY("", "http://h"), "/x", ""), "http://h/x");
}

static void
names_are_filled_in(void **state)
{
	(void)state;
	assert_string_equal(
	    target(
		PROXY("", "http://{X-Site}.local/{HTTP_X_SITE}"), "/x", NULL),
	    "http://one.local/one/x");
	assert_string_equal(
	    target(
		PROXY("path='/a'", "http://h/{SCRIPT_NAME}/s"), "/a/b", NULL),
	    "http://h//a/s/b");
}

static void
a_value_cannot_change_where_it_goes(void **state)
{
	(void)state;
	assert_non_null(
	    strstr(target(PROXY("", "http://h/{X-Bad}"), "/x", NULL),
		"cannot stand there"));
	assert_non_null(strstr(target(PROXY("", "http://{X-Odd}/"), "/x", NULL),
	    "cannot stand there"));
	assert_string_equal(target(PROXY("", "http://h/{X-Odd}/"), "/x", NULL),
	    "http://h/a%20b%3Fc%23d%25/e/x");
	assert_non_null(
	    strstr(target(PROXY("", "http://h/{NOPE}/"), "/x", NULL),
		"rules.xml:2: http://h/{NOPE}/: the request has no {NOPE}"));
}

static void
here_is_the_folder_of_the_rules(void **state)
{
	char expected[128];

	(void)state;
	snprintf(expected, sizeof(expected), "file://%s/static/a.css", folder);
	assert_string_equal(
	    target(PROXY("path='/s'", "{here}/static"), "/s/a.css", NULL),
	    expected);
}

static void
a_proxy_says_all_that_it_has(void **state)
{
	struct rules *rules =
	    load("<proxy path='/a' class='x y' editable='1'><dest next='1'/>"
		 "<request header='X-A' content='1'/>"
		 "<request header='X-B' content=''/></proxy>\n"
		 "<!-- c --><proxy path='/b'><dest href='https://h/'/>"
		 "<transform keep-host='on'/><response rewrite-links='1'/>"
		 "<response header='X-C' content='2'/></proxy>");
	const struct proxy *proxy = rules_proxy(rules, 0);

	(void)state;
	assert_int_equal(proxy->kind, PROXY_NEXT);
	assert_string_equal(proxy->classes, "x y");
	assert_true(proxy->editable);
	assert_true(proxy->strip_script_name);
	assert_false(proxy->keep_host);
	assert_int_equal(proxy->line, 2);
	assert_int_equal(proxy->request_count, 2);
	assert_string_equal(proxy->request[1].name, "X-B");
	assert_string_equal(proxy->request[1].value, "");
	proxy = rules_proxy(rules, 1);
	assert_int_equal(proxy->kind, PROXY_HTTP);
	assert_true(proxy->keep_host);
	assert_true(proxy->rewrite_links);
	assert_int_equal(proxy->response_count, 1);
	assert_string_equal(proxy->response[0].value, "2");
	assert_null(rules_proxy(rules, 2));
	rules_unref(&rules);
}

static void
the_base_is_what_links_are_rewritten_from(void **state)
{
	struct rules *rules = load(PROXY("path='/a'", "http://h:81/b/?q"));
	const struct dress_exchange exchange = {.query = "z"};
	struct err err = {""};
	struct buf out;

	(void)state;
	buf_init(&out, 1024);
	assert_int_equal(
	    proxy_base(&out, rules_proxy(rules, 0), &exchange, "/a/x", 2, &err),
	    0);
	assert_string_equal(out.data, "http://h:81/b");
	buf_fini(&out);
	rules_unref(&rules);
}

static void
mistakes_in_a_proxy_are_told(void **state)
{
	(void)state;
	load_fails("<proxy path='/'/>", "rules.xml:2: <proxy> needs a <dest");
	load_fails("<proxy><dest/></proxy>", "either href");
	load_fails("<proxy><dest href='http://h' next='1'/></proxy>", "either");
	load_fails("<proxy><dest href='/x'/></proxy>", "should begin");
	load_fails("<proxy><dest href='ftp://h'/></proxy>", "should begin");
	load_fails("<proxy><dest href='http:///x'/></proxy>", "should begin");
	load_fails("<proxy><dest href='http://h'/><dest next='1'/></proxy>",
	    "one <dest>");
	load_fails("<proxy><wsgi app='x'/></proxy>", "server of its own");
	load_fails("<proxy><dest pyref='x'/></proxy>", "Python");
	load_fails(
	    "<proxy pyref='x'><dest href='http://h'/></proxy>", "Python");
	load_fails(PROXY("response-status='200'", "http://h"),
	    "before the request is sent");
	load_fails("<proxy><dest href='http://h'/><request header='a b' "
		   "content='x'/></proxy>",
	    "no field");
	load_fails("<proxy><dest href='http://h'/><request header='a'/>"
		   "</proxy>",
	    "belong together");
	load_fails("<proxy><dest href='http://h'/><response/></proxy>",
	    "rewrite-links");
	load_fails("<proxy><dest href='http://h'/><nope/></proxy>",
	    "cannot stand in <proxy>");
	load_fails(PROXY("editable='maybe'", "http://h"), "editable");
	load_fails("<server-settings><display-local-files>0"
		   "</display-local-files></server-settings>"
		   "<proxy><dest href='{here}/x'/></proxy>",
	    "display-local-files");
}

static void
settings_have_defaults(void **state)
{
	struct rules *rules = load("");
	const struct settings *settings = rules_settings(rules);

	(void)state;
	assert_non_null(rules_settings(rules));
	assert_string_equal(settings->server, "localhost:8080");
	assert_true(settings->display_local_files);
	assert_null(settings->dev_allow);
	assert_int_equal(settings->dev_users_count, 0);
	rules_unref(&rules);
}

static void
settings_may_name_the_environment(void **state)
{
	struct rules *rules;
	const struct settings *settings;
	char expected[128];

	(void)state;
	setenv("TEST_PROXIES_HOST", "127.0.0.1", 1);
	setenv("TEST_PROXIES_PORT", "81", 1);
	rules = load("<server-settings>"
		     "<server> ${TEST_PROXIES_HOST}:$TEST_PROXIES_PORT"
		     "</server></server-settings>");
	settings = rules_settings(rules);
	assert_string_equal(settings->server, "127.0.0.1:81");
	rules_unref(&rules);
	rules = load("<server-settings><server>$TEST_PROXIES_HOST</server>"
		     "<execute-pyref>false</execute-pyref>"
		     "<dev-allow>127.0.0.1 10.0.0.0/8</dev-allow>"
		     "<dev-deny>10.1.1.1</dev-deny>"
		     "<dev-htpasswd>pw</dev-htpasswd>"
		     "<dev-expiration>30</dev-expiration>"
		     "</server-settings>");
	settings = rules_settings(rules);
	assert_string_equal(settings->server, "127.0.0.1:80");
	assert_string_equal(settings->dev_allow[1], "10.0.0.0/8");
	assert_null(settings->dev_allow[2]);
	assert_string_equal(settings->dev_deny[0], "10.1.1.1");
	snprintf(expected, sizeof(expected), "%s/pw", folder);
	assert_string_equal(settings->dev_htpasswd, expected);
	assert_int_equal(settings->dev_expiration_minutes, 30);
	assert_int_equal(settings->line, 2);
	rules_unref(&rules);
	rules = load("<server-settings><dev-user username='a' password='b'/>"
		     "<dev-user username='c' password='d'/></server-settings>");
	settings = rules_settings(rules);
	assert_int_equal(settings->dev_users_count, 2);
	assert_string_equal(settings->dev_users[1].password, "d");
	rules_unref(&rules);
}

static void
mistakes_in_settings_are_told(void **state)
{
	(void)state;
#define SETTINGS(inner) "<server-settings>" inner "</server-settings>"
	load_fails(SETTINGS("<server>$TEST_PROXIES_NOPE</server>"),
	    "$TEST_PROXIES_NOPE is not in the environment");
	load_fails(SETTINGS("<server/>"), "is empty");
	load_fails(SETTINGS("<servre>x</servre>"), "cannot stand");
	load_fails(SETTINGS("<edit-local-files>maybe</edit-local-files>"),
	    "true or false");
	load_fails(
	    SETTINGS("<dev-expiration>soon</dev-expiration>"), "minutes");
	load_fails(
	    SETTINGS("<middleware-factory>m:f</middleware-factory>"), "Python");
	load_fails(SETTINGS("<dev-htpasswd>x</dev-htpasswd>"
			    "<dev-user username='a' password='b'/>"),
	    "exclude");
	load_fails(SETTINGS("<dev-user username='a'/>"), "username and");
}

static void
it_is_known_what_of_a_request_is_looked_at(void **state)
{
	struct rules *rules =
	    load("<match request-header='User-Agent: contains:x' class='a'/>"
		 "<match environ='HTTP_ACCEPT_LANGUAGE: de' class='b'/>"
		 "<match environ='QUERY_STRING: x' domain='y' class='b'/>"
		 "<rule request-header='X-*: x'/>"
		 "<theme href='/t/{X-Theme}'/>");

	(void)state;
	assert_string_equal(rules_looks_at_field(rules, 0), "User-Agent");
	assert_string_equal(rules_looks_at_field(rules, 1), "ACCEPT-LANGUAGE");
	assert_string_equal(rules_looks_at_field(rules, 2), "*");
	assert_string_equal(rules_looks_at_field(rules, 3), "X-Theme");
	assert_null(rules_looks_at_field(rules, 4));
	rules_unref(&rules);
}

/* {HTTP_X} may be a field of just that name, too. */
static void
what_every_address_has_is_no_field(void **state)
{
	struct rules *rules =
	    load("<rule><theme href='/t/{PATH_INFO}'/></rule>"
		 "<rule class='a'><theme href='/{SERVER_NAME}/{HTTP_X}'/>"
		 "</rule><rule class='b'>"
		 "<theme href='/{SCRIPT_NAME}/{SERVER_PROTOCOL}'/></rule>");

	(void)state;
	assert_string_equal(rules_looks_at_field(rules, 0), "X");
	assert_string_equal(rules_looks_at_field(rules, 1), "HTTP_X");
	assert_null(rules_looks_at_field(rules, 2));
	rules_unref(&rules);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_prefix_is_taken_off),
	    cmocka_unit_test(other_matches_take_nothing_off),
	    cmocka_unit_test(strip_script_name_off_sends_the_whole_path),
	    cmocka_unit_test(queries_are_joined),
	    cmocka_unit_test(names_are_filled_in),
	    cmocka_unit_test(a_value_cannot_change_where_it_goes),
	    cmocka_unit_test(here_is_the_folder_of_the_rules),
	    cmocka_unit_test(a_proxy_says_all_that_it_has),
	    cmocka_unit_test(the_base_is_what_links_are_rewritten_from),
	    cmocka_unit_test(mistakes_in_a_proxy_are_told),
	    cmocka_unit_test(settings_have_defaults),
	    cmocka_unit_test(settings_may_name_the_environment),
	    cmocka_unit_test(mistakes_in_settings_are_told),
	    cmocka_unit_test(it_is_known_what_of_a_request_is_looked_at),
	    cmocka_unit_test(what_every_address_has_is_no_field),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
