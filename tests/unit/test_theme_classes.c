/* theme/classes: what of a request and its answer gives which page classes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "http/head.h"
#include "theme/classes.h"

static struct arena *arena;
static struct rules *rules;
static struct err err;
static struct source source = {.path = "/x", .name = "x"};
static struct head request, response;
static struct dress_exchange exchange;

static int
begin(void **state)
{
	(void)state;
	rules_init();
	rules = rules_new();
	arena = arena_new(1024);
	head_init(&request, arena);
	head_add(&request, "Host", "Www.Example.org:8080");
	head_add(&request, "User-Agent", "Mozilla/5.0 (X)");
	head_add(&request, "Accept-Language", "de");
	head_add(&request, "accept-language", "en");
	head_init(&response, arena);
	head_add(&response, "X-Kind", "blog");
	head_add(&response, "X-Deliverance-Page-Class", " one  two");
	head_add(&response, "X-Deliverance-Page-Class", "three one");
	exchange = (struct dress_exchange){
	    .method = "GET",
	    .scheme = "https",
	    .host = "Www.Example.org",
	    .query = "a=1&b",
	    .client = "192.0.2.7",
	    .request = &request,
	    .response = &response,
	    .status = 404,
	    .classes = "proxy two",
	};
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(&arena);
	rules_unref(&rules);
	return 0;
}

static struct facts
facts_of(const char *path)
{
	return (struct facts){.exchange = &exchange, .path = path};
}

static const struct match *
read_match(const char *name, const char *value)
{
	struct reading reading = {rules, &err};
	xmlNode *node = xmlNewNode(NULL, BAD_CAST "match");
	const struct match *match = NULL;
	int rc;

	node->_private = &source;
	xmlSetProp(node, BAD_CAST name, BAD_CAST value);
	rc = match_read(&match, &reading, node, true);
	xmlFreeNode(node);
	return rc == 0 ? match : NULL;
}

static bool
fits(const char *name, const char *value)
{
	const struct match *match = read_match(name, value);
	struct facts facts = facts_of("/a/b%20c");

	if (!match)
		fail_msg("%s: %s", name, err.text);
	facts.prefix_len = 2;
	return match_fits(match, &facts);
}

static void
the_domain_is_a_pattern_without_case(void **state)
{
	(void)state;
	assert_true(fits("domain", "*.example.ORG"));
	assert_true(fits("domain", "www.example.org"));
	assert_false(fits("domain", "exact:www.example.org"));
	assert_false(fits("domain", "example.org"));
}

static void
request_fields_are_exact_and_joined(void **state)
{
	(void)state;
	assert_true(fits("request-header", "User-Agent: Mozilla/5.0 (X)"));
	assert_true(fits("request-header", "user-agent:contains:Mozilla"));
	assert_true(fits("request-header", "Accept-Language: de, en"));
	assert_false(fits("request-header", "Accept-Language: en"));
	assert_false(fits("request-header", "Cookie: x"));
	assert_true(fits("request-header", "Cookie:"));
	assert_true(fits("request-header", "Cookie: not:x"));
}

static void
a_star_in_a_field_name_means_any_that_is_there(void **state)
{
	(void)state;
	assert_true(fits("request-header", "*-agent: contains:Mozilla"));
	assert_true(fits("request-header", "*: de, en"));
	assert_false(fits("request-header", "X-*: not:x"));
	assert_false(fits("request-header", "X-*: wildcard:*"));
}

static void
answers_have_fields_and_a_status(void **state)
{
	(void)state;
	assert_true(fits("response-header", "x-kind: blog"));
	assert_true(fits("response-header", "X-Kind: not:wiki"));
	assert_true(fits("response-status", "404"));
	assert_true(fits("response-status", "wildcard:4??"));
	assert_false(fits("response-status", "200"));
}

static void
metas_count_as_fields_of_the_answer(void **state)
{
	const struct match *match =
	    read_match("response-header", "X-Kind: wiki");
	struct facts facts = facts_of("/");

	(void)state;
	assert_false(match_fits(match, &facts));
	words_add(arena, &facts.metas, "x-kind");
	words_add(arena, &facts.metas, "wiki");
	assert_true(match_fits(match, &facts));
	assert_true(
	    match_fits(read_match("response-header", "X-Kind: blog"), &facts));
}

static void
the_environ_is_what_wsgi_would_have(void **state)
{
	(void)state;
	assert_true(fits("environ", "REQUEST_METHOD: GET"));
	assert_true(fits("environ", "QUERY_STRING: contains:a=1"));
	assert_true(fits("environ", "wsgi.url_scheme: https"));
	assert_true(fits("environ", "SERVER_NAME: Www.Example.org"));
	assert_true(fits("environ", "SERVER_PORT: 8080"));
	assert_true(fits("environ", "SCRIPT_NAME: /a"));
	assert_true(fits("environ", "PATH_INFO: /b c"));
	assert_true(fits("environ", "HTTP_USER_AGENT: contains:Mozilla"));
	assert_true(fits("environ", "HTTP_ACCEPT_LANGUAGE: de, en"));
	assert_true(fits("environ", "REMOTE_ADDR: wildcard:192.0.2.*"));
	assert_false(fits("environ", "REMOTE_ADDR: 192.0.2.8"));
	assert_false(fits("environ", "REMOTE_USER: regex:."));
	assert_true(fits("environ", "REMOTE_USER: not:admin"));
}

static void
nothing_known_is_like_nothing_there(void **state)
{
	const struct dress_exchange nothing = {0};
	struct facts facts = {.exchange = &nothing, .path = ""};

	(void)state;
	assert_false(match_fits(read_match("domain", "x"), &facts));
	assert_true(match_fits(read_match("domain", "*"), &facts));
	assert_false(match_fits(read_match("response-status", "200"), &facts));
	assert_false(match_fits(read_match("request-header", "*: *"), &facts));
	assert_true(match_fits(
	    read_match("environ", "wsgi.url_scheme: not:http"), &facts));
	assert_true(match_fits(NULL, &facts));
}

static void
mistakes_are_told(void **state)
{
	(void)state;
	assert_null(read_match("request-header", "no pattern"));
	assert_null(read_match("environ", ": x"));
	assert_null(read_match("domain", "host:x"));
	assert_null(read_match("nonsense", "x"));
}

static const char *
joined(const struct words *words)
{
	const char *all = "";

	for (size_t i = 0; i < words->count; i++)
		all = arena_printf(
		    arena, "%s%s%s", all, i ? " " : "", words->list[i]);
	return all;
}

static void
classes_come_from_matches_then_the_answer_then_the_proxy(void **state)
{
	struct giver second = {.match = NULL};
	struct giver first = {.match = NULL, .next = &second};
	struct facts facts = facts_of("/");
	struct words classes = {0};

	(void)state;
	words_split(arena, &first.classes, "m two");
	words_split(arena, &second.classes, "n m");
	assert_true(classes_of_page(&first, &facts, arena, &classes));
	assert_string_equal(joined(&classes), "m two n one three proxy");
}

static void
default_is_the_class_of_a_page_that_has_none(void **state)
{
	const struct dress_exchange nothing = {0};
	struct facts facts = {.exchange = &nothing, .path = "/"};
	struct words classes = {0};

	(void)state;
	assert_true(classes_of_page(NULL, &facts, arena, &classes));
	assert_string_equal(joined(&classes), "default");
}

static void
the_last_match_ends_the_matching_and_abort_ends_it_all(void **state)
{
	struct giver abort = {.abort = true};
	struct giver last = {.last = true, .next = &abort};
	struct giver first = {.next = &last};
	struct facts facts = facts_of("/");
	struct words classes = {0};

	(void)state;
	assert_true(classes_of_page(&first, &facts, arena, &classes));
	last.last = false;
	assert_false(classes_of_page(&first, &facts, arena, &classes));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_domain_is_a_pattern_without_case),
	    cmocka_unit_test(request_fields_are_exact_and_joined),
	    cmocka_unit_test(a_star_in_a_field_name_means_any_that_is_there),
	    cmocka_unit_test(answers_have_fields_and_a_status),
	    cmocka_unit_test(metas_count_as_fields_of_the_answer),
	    cmocka_unit_test(the_environ_is_what_wsgi_would_have),
	    cmocka_unit_test(nothing_known_is_like_nothing_there),
	    cmocka_unit_test(mistakes_are_told),
	    cmocka_unit_test(
		classes_come_from_matches_then_the_answer_then_the_proxy),
	    cmocka_unit_test(default_is_the_class_of_a_page_that_has_none),
	    cmocka_unit_test(
		the_last_match_ends_the_matching_and_abort_ends_it_all),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
