/* theme: a Deliverance ruleset from its file to dressed pages: themes, other
 * documents, limits, and what it shares between threads */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/thread.h"
#include "http/head.h"
#include "theme/theme.h"

#define PAGE(body)                                                             \
	"<!DOCTYPE html><html><head><title>t</title></head><body>" body        \
	"</body></html>"
#define PLAIN(body)                                                            \
	"<!DOCTYPE html>\n<html><head><title>t</title></head><body>" body      \
	"</body></html>"

static char folder[64], path[128];
static struct dresser *dresser;
static struct buf out;
static struct err err;
static char told[4096];

static int
begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_ruleset.XXXXXX");
	dresser = dresser_new();
	buf_init(&out, 64 * 1024 * 1024);
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/rules.xml", folder);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	dresser_free(&dresser);
	buf_fini(&out);
	unlink(path);
	return rmdir(folder);
}

static struct rules *
load(const char *inner)
{
	const struct rules_opts opts = {0};
	struct rules *rules = NULL;
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "<ruleset>\n%s\n</ruleset>\n", inner);
	fclose(file);
	if (rules_load(&rules, path, &opts, &err) != 0)
		fail_msg("%s", err.text);
	return rules;
}

/* Takes the rules. */
static struct theme *
build(struct rules *rules, const struct theme_page *pages, size_t n,
    enum theme_links links)
{
	const struct theme_opts opts = {
	    .links = links, .prefix = "/.livery/t/x"};
	struct theme *theme = NULL;

	if (theme_build(&theme, rules, pages, n, &opts, &err) != 0)
		fail_msg("%s", err.text);
	rules_unref(&rules);
	return theme;
}

static struct theme *
build_one(const char *inner, const char *markup)
{
	const struct theme_page page = {
	    NULL, "http://theme.example/a/", NULL, markup, strlen(markup)};

	return build(load(inner), &page, 1, LINKS_KEEP);
}

static void
on_unmatched(void *arg, const char *words)
{
	(void)arg;
	strncat(told, words, sizeof(told) - strlen(told) - 2);
	strcat(told, "\n");
}

static struct dress_ask
ask_for(const char *content)
{
	told[0] = '\0';
	return (struct dress_ask){
	    .bytes = content,
	    .len = strlen(content),
	    .path = "/x/y",
	    .on_unmatched = on_unmatched,
	};
}

static enum dressed
dress(struct theme *theme, const char *content)
{
	struct dress_ask ask = ask_for(content);

	return theme_dress(theme, dresser, &ask, &out, &err);
}

#define RULE(actions) "<rule suppress-standard='1'>" actions "</rule>"
#define BODY_TO_BODY                                                           \
	RULE("<replace theme='children:body' "                                 \
	     "content='children:body'/>")

static void
a_page_is_dressed(void **state)
{
	struct theme *theme = build_one(BODY_TO_BODY, PAGE("old"));

	(void)state;
	assert_int_equal(dress(theme, PAGE("new")), DRESSED);
	assert_string_equal(out.data, PLAIN("new"));
	assert_int_equal(dress(theme, PAGE("newer")), DRESSED);
	assert_string_equal(out.data, PLAIN("newer"));
	assert_int_equal(dress(theme, "no page"), DRESSED_NOT);
	theme_unref(&theme);
}

static void
themes_are_chosen_by_class(void **state)
{
	struct rules *rules = load(
	    "<theme href='http://t/a'/><match path='/x' class='b default'/>"
	    "<rule class='b'><theme href='http://t/b'/></rule>" RULE(
		"<append theme='children:body' content='children:body'/>"));
	const struct theme_page pages[] = {
	    {"http://t/b", NULL, NULL, PAGE("B"), strlen(PAGE("B"))},
	    {"http://t/a", NULL, NULL, PAGE("A"), strlen(PAGE("A"))},
	};
	struct theme *theme;
	struct dress_ask ask = ask_for(PAGE("c"));

	(void)state;
	assert_string_equal(rules_theme_href(rules, 0), "http://t/a");
	assert_string_equal(rules_theme_href(rules, 1), "http://t/b");
	assert_null(rules_theme_href(rules, 2));
	rules_ref(rules);
	theme = build(rules, pages, 2, LINKS_KEEP);
	assert_int_equal(
	    theme_dress(theme, dresser, &ask, &out, &err), DRESSED);
	assert_string_equal(out.data, PLAIN("Bc"));
	ask.path = "/elsewhere";
	assert_int_equal(
	    theme_dress(theme, dresser, &ask, &out, &err), DRESSED);
	assert_string_equal(out.data, PLAIN("Ac"));
	theme_unref(&theme);
	theme = NULL;
	assert_int_equal(
	    theme_build(&theme, rules, pages, 1, &(struct theme_opts){0}, &err),
	    -1);
	assert_non_null(strstr(err.text, "rules.xml:2: the theme http://t/a"));
	rules_unref(&rules);
}

static void
documents_are_wanted_all_at_once(void **state)
{
	struct theme *theme = build_one(
	    RULE("<append theme='children:body' content='#a' href='/one'/>"
		 "<append theme='children:body' content='#b' href='two'/>"
		 "<append theme='children:body' content='#a' href='/one' "
		 "if-content='#a'/>"
		 "<append theme='children:body' content='#c' href='three'/>"),
	    PAGE(""));
	struct dress_document documents[] = {
	    {"/one", PAGE("<i id=a></i>"), strlen(PAGE("<i id=a></i>")), NULL,
		NULL},
	    {"two", PAGE("<i id=b></i>"), strlen(PAGE("<i id=b></i>")), NULL,
		NULL},
	    {"three", NULL, 0, NULL, "404 Not Found"},
	};
	struct dress_ask ask = ask_for(PAGE("c"));

	(void)state;
	assert_int_equal(
	    theme_dress(theme, dresser, &ask, &out, &err), DRESSED_WANTS);
	assert_string_equal(dresser_wanted(dresser, 0), "/one");
	assert_string_equal(dresser_wanted(dresser, 1), "two");
	assert_string_equal(dresser_wanted(dresser, 2), "three");
	assert_null(dresser_wanted(dresser, 3));
	ask.documents = documents;
	ask.documents_count = 3;
	assert_int_equal(
	    theme_dress(theme, dresser, &ask, &out, &err), DRESSED);
	assert_null(dresser_wanted(dresser, 0));
	/* What moves out of a document is there again for the next rule. */
	assert_string_equal(out.data,
	    PLAIN("<i id=\"a\"></i><i id=\"b\"></i><i id=\"a\"></i>"));
	assert_non_null(strstr(told, "rules.xml:2: three: 404 Not Found"));
	theme_unref(&theme);
}

static void
a_rule_that_does_not_match_wants_nothing(void **state)
{
	struct theme *theme = build_one(
	    "<rule path='/nope'><append theme='children:body' content='#a' "
	    "href='/one'/></rule>" BODY_TO_BODY,
	    PAGE(""));

	(void)state;
	assert_int_equal(dress(theme, PAGE("c")), DRESSED);
	theme_unref(&theme);
}

#define THEMED PAGE("<a href='b'></a><img src='/i.png'><a href='#f'></a>")

static void
a_theme_of_the_site_itself_is_wanted_like_a_document(void **state)
{
	struct rules *rules =
	    load("<theme href='/themes/{X-Skin}/t.html'/>" RULE(""));
	struct dress_document document = {"/themes/red%20one/t.html", THEMED,
	    strlen(THEMED), "text/html", NULL};
	struct dress_ask ask = ask_for(PAGE("c"));
	struct arena *arena = arena_new(1024);
	struct theme *theme;
	struct head head;

	(void)state;
	assert_null(rules_theme_href(rules, 0));
	theme = build(rules, NULL, 0, LINKS_ABSOLUTE);
	assert_int_equal(
	    theme_dress(theme, dresser, &ask, &out, &err), DRESSED_FAILED);
	assert_non_null(strstr(err.text, "rules.xml:2: "));
	assert_non_null(strstr(err.text, "no {X-Skin}"));
	head_init(&head, arena);
	head_add(&head, "X-Skin", "red one");
	ask.exchange.request = &head;
	assert_int_equal(
	    theme_dress(theme, dresser, &ask, &out, &err), DRESSED_WANTS);
	assert_string_equal(dresser_wanted(dresser, 0), document.href);
	ask.documents = &document;
	ask.documents_count = 1;
	assert_int_equal(
	    theme_dress(theme, dresser, &ask, &out, &err), DRESSED);
	assert_string_equal(
	    out.data, PLAIN("<a href=\"/themes/red%20one/b\"></a>"
			    "<img src=\"/i.png\"><a href=\"#f\"></a>"));
	document.bytes = NULL;
	document.why = "503";
	assert_int_equal(
	    theme_dress(theme, dresser, &ask, &out, &err), DRESSED_FAILED);
	assert_non_null(strstr(err.text, "t.html: 503"));
	theme_unref(&theme);
	arena_free(&arena);
}

static void
links_of_themes_are_rewritten_and_assets_known(void **state)
{
	static const char markup[] = PAGE("<img src='i.png'><a href='b'></a>");
	const struct theme_page page = {
	    NULL, "http://theme.example/a/", NULL, markup, sizeof(markup) - 1};
	struct theme *theme = build(load(RULE("<append theme='children:body' "
					      "content='children:body'/>")),
	    &page, 1, LINKS_CACHE);

	(void)state;
	assert_string_equal(
	    theme_asset(theme, 0), "http://theme.example/a/i.png");
	assert_int_equal(dress(theme, PAGE("<img src='c.png'>")), DRESSED);
	assert_string_equal(
	    out.data, PLAIN("<img src=\"/.livery/t/x/a/i.png\">"
			    "<a href=\"http://theme.example/a/b\"></a>"
			    "<img src=\"c.png\">"));
	theme_unref(&theme);
}

static void
a_theme_that_lacks_a_place_does_not_replace_one_that_has_it(void **state)
{
	static const char inner[] =
	    RULE("<append theme='#a' content='p'/><drop theme='#b'/>");
	struct theme *live = build_one(inner, PAGE("<i id=a></i><i id=b></i>"));
	struct theme *good = build_one(inner, PAGE("<b id=a></b>"));
	struct theme *bad = build_one(inner, PAGE("<b id=b></b>"));
	struct theme *with_main = build_one(inner, PAGE("<main id=a></main>"));
	bool body_only = false;

	(void)state;
	assert_int_equal(theme_may_replace(live, good, NULL, &err), 0);
	assert_int_equal(theme_may_replace(live, bad, NULL, &err), -1);
	assert_non_null(strstr(err.text, "theme=\"#a\""));
	assert_int_equal(theme_may_replace(with_main, good, NULL, &err), -1);
	assert_non_null(strstr(err.text, "main"));
	assert_int_equal(theme_may_replace(NULL, good, &body_only, &err), 0);
	assert_true(body_only);
	theme_unref(&live);
	theme_unref(&good);
	theme_unref(&bad);
	theme_unref(&with_main);
}

static void
selectors_that_find_nothing_in_the_theme_are_warned_of_once(void **state)
{
	struct theme *theme = build_one(
	    RULE("<append theme='#no' content='p'/>"
		 "<append theme='#no' content='p' notheme='ignore'/>"
		 "<drop theme='#no'/><append theme='#a' content='#no'/>"),
	    PAGE("<i id=a></i>"));

	(void)state;
	assert_non_null(strstr(theme_warning(theme, 0),
	    "rules.xml:2: theme=\"#no\" finds nothing in the theme"));
	assert_null(theme_warning(theme, 1));
	assert_int_equal(dress(theme, PAGE("<p>")), DRESSED);
	assert_null(strstr(told, "append theme"));
	assert_non_null(
	    strstr(told, "content=\"#no\" finds nothing in the content"));
	theme_unref(&theme);
}

static void
versions_differ_with_rules_and_pages(void **state)
{
	struct theme *a = build_one(RULE(""), PAGE("1"));
	struct theme *b = build_one(RULE(""), PAGE("2"));
	struct theme *c = build_one(RULE("") " ", PAGE("1"));

	(void)state;
	assert_string_not_equal(theme_version(a), theme_version(b));
	assert_string_not_equal(theme_version(a), theme_version(c));
	assert_string_equal(theme_rules_version(a), theme_rules_version(b));
	theme_unref(&a);
	theme_unref(&b);
	theme_unref(&c);
}

/* n times text, in memory of its own. */
static char *
repeated(const char *before, const char *text, size_t n, const char *after)
{
	struct buf all;
	size_t len;

	buf_init(&all, 64 * 1024 * 1024);
	buf_puts(&all, before);
	for (size_t i = 0; i < n; i++)
		buf_puts(&all, text);
	buf_puts(&all, after);
	return buf_steal(&all, &len);
}

static void
copies_of_copies_end_at_a_limit(void **state)
{
	struct theme *theme = build_one(
	    RULE("<append theme='children:body' content='i' move='0'/>"),
	    PAGE(""));
	char *page = repeated(
	    "<!DOCTYPE html><html><body>", "<i>x", 500, "</body></html>");
	char *wide;

	(void)state;
	/* 500 nested: 125,000 elements when each is copied */
	assert_int_equal(dress(theme, page), DRESSED);
	mem_free(&page);
	wide = repeated("<!DOCTYPE html><html><body>", "<i>", 450, "");
	page = repeated(wide, "<b>x</b>", 10000, "</body></html>");
	assert_int_equal(dress(theme, page), DRESSED_FAILED);
	assert_non_null(strstr(err.text, "rules.xml:2: more than"));
	mem_free(&page);
	mem_free(&wide);
	theme_unref(&theme);
}

static void
a_page_over_the_limit_fails(void **state)
{
	struct theme *theme = build_one(BODY_TO_BODY, PAGE(""));
	struct dress_ask ask = ask_for(PAGE("a longer text than there is"));

	(void)state;
	ask.out_max = 60;
	assert_int_equal(
	    theme_dress(theme, dresser, &ask, &out, &err), DRESSED_FAILED);
	assert_non_null(strstr(err.text, "over 60 bytes"));
	ask.out_max = 0;
	ask.html_max_depth = 2;
	assert_int_equal(
	    theme_dress(theme, dresser, &ask, &out, &err), DRESSED_FAILED);
	theme_unref(&theme);
}

static void
moving_all_that_is_nested_takes_no_stack_and_little_time(void **state)
{
	struct theme *theme =
	    build_one(RULE("<append theme='children:body' content='b, i'/>"
			   "<drop theme='i' collapse-sources='1'/>"
			   "<drop theme='tag:b' collapse-sources='1'/>"),
		PAGE(""));
	char *page = repeated(
	    "<!DOCTYPE html><html><body>", "<b><i>x", 250, "</body></html>");

	(void)state;
	assert_int_equal(dress(theme, page), DRESSED);
	mem_free(&page);
	theme_unref(&theme);
}

static void
ids_are_found_wherever_they_went(void **state)
{
	struct theme *theme = build_one(
	    RULE("<append theme='children:body' content='#a'/>"
		 "<drop content='#b'/>"
		 "<append theme='children:body' "
		 "content='/descendant::*[count(id(\"a b c\")) = 1]/p'/>"
		 "<prepend theme=\"/descendant::*[id('a')]/i\" "
		 "content='//p' notheme='ignore'/>"),
	    PAGE("<i></i>"));

	(void)state;
	assert_int_equal(
	    dress(theme, PAGE("<u id=a></u><u id=b></u><p id=c>1</p>")),
	    DRESSED);
	assert_string_equal(
	    out.data, PLAIN("<i></i><u id=\"a\"></u><p id=\"c\">1</p>"));
	theme_unref(&theme);
}

static void
dress_many(void *arg)
{
	struct dresser *mine = dresser_new();
	struct dress_ask ask = {
	    .bytes = PAGE("<p class='x'>new</p>"),
	    .len = strlen(PAGE("<p class='x'>new</p>")),
	    .path = "/",
	};
	struct err why = {""};
	struct buf page;

	buf_init(&page, 1 << 20);
	for (int i = 0; i < 200; i++) {
		must(theme_dress(arg, mine, &ask, &page, &why) == DRESSED);
		must(strstr(page.data, "new"));
	}
	buf_fini(&page);
	dresser_free(&mine);
}

static void
threads_share_a_theme(void **state)
{
	struct theme *theme = build_one(
	    "<match path='regex:/' class='default'/>" RULE(
		"<replace theme='children:body' content='children:body'/>"
		"<append theme='attributes(class):body' "
		"content='attributes(class):p' if-content='p'/>"),
	    PAGE("<i id=x>old</i>"));
	struct thread threads[4];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		assert_int_equal(
		    thread_start(&threads[i], "dress", dress_many, theme, &err),
		    0);
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		thread_join(&threads[i]);
	theme_unref(&theme);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_page_is_dressed),
	    cmocka_unit_test(themes_are_chosen_by_class),
	    cmocka_unit_test(documents_are_wanted_all_at_once),
	    cmocka_unit_test(a_rule_that_does_not_match_wants_nothing),
	    cmocka_unit_test(
		a_theme_of_the_site_itself_is_wanted_like_a_document),
	    cmocka_unit_test(links_of_themes_are_rewritten_and_assets_known),
	    cmocka_unit_test(
		a_theme_that_lacks_a_place_does_not_replace_one_that_has_it),
	    cmocka_unit_test(
		selectors_that_find_nothing_in_the_theme_are_warned_of_once),
	    cmocka_unit_test(versions_differ_with_rules_and_pages),
	    cmocka_unit_test(copies_of_copies_end_at_a_limit),
	    cmocka_unit_test(a_page_over_the_limit_fails),
	    cmocka_unit_test(
		moving_all_that_is_nested_takes_no_stack_and_little_time),
	    cmocka_unit_test(ids_are_found_wherever_they_went),
	    cmocka_unit_test(threads_share_a_theme),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
