/* page/choose and page/chosen: which proxy, and what it changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "page/choose.h"
#include "page/life.h"
#include "theme/theme.h"

static char folder[64], path[128];
static struct arena *arena;
static struct chooser *chooser;
static struct site site;
static struct head fields;
static struct choice choice;
static struct err err;

static int
begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_choose.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/rules.xml", folder);
	arena = arena_new(4096);
	chooser = NULL;
	memset(&choice, 0, sizeof(choice));
	site_opts_default(&site.opts);
	head_init(&fields, arena);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	choice_fini(&choice);
	chooser_free(&chooser);
	arena_free(&arena);
	unlink(path);
	return rmdir(folder);
}

static void
proxies(const char *inner)
{
	const struct rules_opts opts = {0};
	FILE *file = fopen(path, "w");
	struct rules *rules = NULL;

	assert_non_null(file);
	fprintf(file, "<ruleset>\n%s\n</ruleset>\n", inner);
	fclose(file);
	if (rules_load(&rules, path, &opts, &err) != 0 ||
	    chooser_new(&chooser, rules, NULL, &err) != 0)
		fail_msg("%s", err.text);
	rules_unref(&rules);
	site.chooser = chooser;
}

static const struct request *
asking(const char *host, const char *target)
{
	struct request *request = arena_get(arena, sizeof(*request));

	request->method = "GET";
	request->scheme = "https";
	request->host = host;
	request->host_len = strlen(host);
	request->target = target;
	request->target_len = strlen(target);
	request->fields = &fields;
	return request;
}

static int
ask(const char *target)
{
	choice_fini(&choice);
	return choose(&choice, &site, asking("www.example.org:8443", target),
	    arena, &err);
}

static void
goes_to(const char *target, const char *url, const char *there)
{
	assert_int_equal(ask(target), 0);
	assert_string_equal(choice.upstream->opts.url, url);
	assert_string_equal(choice.target, there);
}

static void
the_first_that_matches_answers(void **state)
{
	(void)state;
	proxies("<proxy path='/a'><dest href='http://one:81/in'/></proxy>"
		"<proxy path='/a/b'><dest href='http://two'/></proxy>"
		"<proxy path='/c'><dest href='https://three?k=v'/></proxy>");
	goes_to("/a", "http://one:81", "/in");
	goes_to("/a/b?x", "http://one:81", "/in/b?x");
	goes_to("/c", "https://three", "/?k=v");
	goes_to("/c/?x", "https://three", "/?k=v&x");
	assert_int_equal(ask("/ab"), 404);
	assert_int_equal(ask("/"), 404);
}

static void
proxies_with_one_dest_share_an_upstream(void **state)
{
	const struct upstream *shared;

	(void)state;
	proxies("<proxy path='/a'><dest href='http://one/x'/></proxy>"
		"<proxy path='/b'><dest href='http://one/y'/></proxy>"
		"<proxy path='/c'><dest href='http://one'/>"
		"<transform keep-host='1'/></proxy>");
	assert_int_equal(ask("/a"), 0);
	shared = choice.upstream;
	assert_int_equal(ask("/b"), 0);
	assert_ptr_equal(choice.upstream, shared);
	assert_int_equal(ask("/c"), 0);
	assert_ptr_not_equal(choice.upstream, shared);
	assert_non_null(chooser_upstream(chooser, 1));
	assert_null(chooser_upstream(chooser, 2));
}

static void
a_folder_is_as_much_as_no_name_changes(void **state)
{
	char url[128];

	(void)state;
	proxies("<proxy path='/f'><dest href='{here}'/></proxy>"
		"<proxy path='/g'><dest href='{here}/'/></proxy>"
		"<proxy path='/n'><dest href='{here}/{SERVER_NAME}/x'/>"
		"</proxy>"
		"<proxy path='/r'><dest href='{here}/rules.xml'/></proxy>");
	snprintf(url, sizeof(url), "file://%s", folder);
	assert_int_equal(ask("/f"), 301);
	assert_int_equal(ask("/f?a"), 301);
	goes_to("/f/", url, "/");
	assert_int_equal(ask("/g"), 301);
	goes_to("/g/", url, "/");
	goes_to("/g/a", url, "/a");
	goes_to("/f/a?b", url, "/a?b");
	goes_to("/n/a", url, "/www.example.org/x/a");
	goes_to("/r", url, "/rules.xml");
}

static void
a_host_that_a_request_names_must_be_public(void **state)
{
	const char *const named[] = {"b.example", NULL};

	(void)state;
	proxies("<proxy><dest href='http://{X-To}/'/></proxy>");
	assert_true(chooser_looks_beyond(chooser));
	assert_null(chooser_upstream(chooser, 0));
	head_add(&fields, "X-To", "a.example");
	goes_to("/p", "http://a.example", "/p");
	assert_true(choice.upstream->opts.public_only);
	assert_true(choice.looked_beyond);
	site.opts.fragment_hosts = named;
	head_set(&fields, "X-To", "b.example");
	goes_to("/p", "http://b.example", "/p");
	assert_false(choice.upstream->opts.public_only);
	head_set(&fields, "X-To", "b/c");
	assert_int_equal(ask("/p"), 502);
}

static void
only_where_a_field_could_decide_it_counts(void **state)
{
	(void)state;
	proxies("<proxy path='/api' request-header='X-Side: b'>"
		"<dest href='http://b'/></proxy>"
		"<proxy><dest href='http://a'/></proxy>");
	goes_to("/api/x", "http://a", "/api/x");
	assert_true(choice.looked_beyond);
	goes_to("/x", "http://a", "/x");
	assert_false(choice.looked_beyond);
}

static void
a_name_that_the_address_has_is_not_beyond_it(void **state)
{
	(void)state;
	proxies("<proxy path='/a'><dest href='http://a/in{PATH_INFO}'/>"
		"</proxy>");
	assert_int_equal(ask("/a/x"), 0);
	assert_false(choice.looked_beyond);
	assert_false(chooser_looks_beyond(chooser));
}

static const char *
sent(const char *name)
{
	struct slice value = {"", 0};

	if (!choice_field(
		&choice, asking("www.example.org:8443", "/a/x"), name, &value))
		return "as it is";
	return value.from ? arena_strndup(arena, value.from, value.len) : NULL;
}

static void
what_is_sent_is_what_vary_is_matched_with(void **state)
{
	struct head out;
	const char *host = NULL;

	(void)state;
	proxies("<proxy><dest next='1'/><request header='X-A' content='1'/>"
		"<request header='X-B' content='2'/></proxy>"
		"<proxy path='/a'><dest href='http://one'/>"
		"<request header='x-a' content=''/>"
		"<request header='Host' content='inside'/>"
		"<request header='TE' content='x'/></proxy>");
	assert_int_equal(ask("/a/x"), 0);
	assert_null(sent("X-A"));
	assert_string_equal(sent("x-b"), "2");
	assert_string_equal(sent("X-Forwarded-Path"), "/a");
	assert_string_equal(sent("X-Forwarded-Scheme"), "https");
	assert_string_equal(sent("X-Forwarded-Server"), "www.example.org:8443");
	assert_string_equal(sent("TE"), "as it is");
	assert_string_equal(sent("X-C"), "as it is");
	head_init(&out, arena);
	head_add(&out, "X-A", "of the client");
	choice_add_fields(
	    &choice, asking("www.example.org:8443", "/a/x"), &out, &host);
	assert_null(head_find(&out, "X-A"));
	assert_string_equal(head_find(&out, "X-B"), "2");
	assert_string_equal(host, "inside");
	assert_null(head_find(&out, "TE"));
	assert_true(chooser_sets(chooser, "x-b"));
	assert_false(chooser_sets(chooser, "x-c"));
}

static void
own(const char *there, const char *here)
{
	assert_string_equal(choice_own_path(&choice, there, arena), here);
}

static void
a_path_below_the_dest_is_one_below_the_prefix(void **state)
{
	(void)state;
	proxies("<proxy path='/a'><dest href='http://one/in/'/></proxy>"
		"<proxy><dest href='http://two/in'/></proxy>");
	assert_int_equal(ask("/a/x"), 0);
	own("/in/x?y", "/a/x?y");
	own("/in", "/a");
	own("/in?x", "/a?x");
	own("/inner", "/inner");
	own("/", "/");
	assert_int_equal(ask("/b"), 0);
	own("/in", "/");
	own("/in?x", "/?x");
	own("/in/x", "/x");
}

static void
what_is_rewritten_is_a_page_of_a_proxy_that_says_so(void **state)
{
	static const char page[] =
	    "<html><body><a href='/in/b'>b</a><a href='c'>c</a></body></html>";
	struct head head;
	struct buf out;

	(void)state;
	proxies("<proxy path='/a'><dest href='http://one/in'/>"
		"<response rewrite-links='1'/></proxy>");
	assert_int_equal(ask("/a/x"), 0);
	head_init(&head, arena);
	head_add(&head, "Content-Type", "text/plain");
	assert_false(choice_relinks(&choice, &head));
	head_set(&head, "Content-Type", "text/html");
	assert_true(choice_relinks(&choice, &head));
	buf_init(&out, 4096);
	assert_int_equal(choice_relink(&choice, &site,
			     asking("www.example.org:8443", "/a/x"), &head,
			     page, strlen(page), &out, &err),
	    0);
	assert_non_null(
	    strstr(out.data, "\"https://www.example.org:8443/a/b\""));
	assert_non_null(
	    strstr(out.data, "\"https://www.example.org:8443/a/c\""));
	out.max = 10;
	buf_clear(&out);
	assert_int_equal(choice_relink(&choice, &site,
			     asking("www.example.org:8443", "/a/x"), &head,
			     page, strlen(page), &out, &err),
	    -1);
	buf_fini(&out);
}

/* Who reads it takes a <div> in a <tr> for something before the table, or for
 * what it says. */
static void
it_is_read_by_the_parser_of_the_site(void **state)
{
	static const char page[] = "<html><body><table><tr><div>x</div></tr>"
				   "</table></body></html>";
	struct head head;

	(void)state;
	proxies("<proxy path='/a'><dest href='http://one/in'/>"
		"<response rewrite-links='1'/></proxy>");
	assert_int_equal(ask("/a/x"), 0);
	head_init(&head, arena);
	head_add(&head, "Content-Type", "text/html");
	for (int i = 0; i < 2; i++) {
		const char *table, *div;
		struct buf out;

		site.opts.html_parser = i ? PARSER_LIBXML2 : PARSER_HTML5;
		buf_init(&out, 4096);
		assert_int_equal(
		    choice_relink(&choice, &site, asking("h", "/a/x"), &head,
			page, strlen(page), &out, &err),
		    0);
		table = strstr(out.data, "<table");
		div = strstr(out.data, "<div");
		assert_true(table && div);
		assert_int_equal(div > table, i);
		buf_fini(&out);
	}
	site.opts.html_parser = PARSER_HTML5;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
	    TEST(the_first_that_matches_answers),
	    TEST(proxies_with_one_dest_share_an_upstream),
	    TEST(a_folder_is_as_much_as_no_name_changes),
	    TEST(a_host_that_a_request_names_must_be_public),
	    TEST(only_where_a_field_could_decide_it_counts),
	    TEST(a_name_that_the_address_has_is_not_beyond_it),
	    TEST(what_is_sent_is_what_vary_is_matched_with),
	    TEST(a_path_below_the_dest_is_one_below_the_prefix),
	    TEST(what_is_rewritten_is_a_page_of_a_proxy_that_says_so),
	    TEST(it_is_read_by_the_parser_of_the_site),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
