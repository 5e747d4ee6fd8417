/* theme/theme: rules from disk, themes woven, pages dressed, themes that may
 * or may not replace one another */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/thread.h"
#include "theme/theme.h"

#define RULES(inner)                                                           \
	"<rules xmlns=\"http://namespaces.plone.org/diazo\" "                  \
	"xmlns:css=\"http://namespaces.plone.org/diazo/css\">" inner           \
	"</rules>"

#define PAGE(body)                                                             \
	"<!DOCTYPE html><html><head><title>t</title></head>"                   \
	"<body>" body "</body></html>"

static char folder[64];

static int
begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_theme.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int
end(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static const char *
write_file(const char *name, const char *text)
{
	static char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return path;
}

static struct rules *
load(const char *text)
{
	const struct rules_opts opts = {0};
	struct rules *rules = NULL;
	struct err err = {""};

	if (rules_load(&rules, write_file("rules.xml", text), &opts, &err))
		fail_msg("%s", err.text);
	return rules;
}

static void
load_fails(const char *text, const char *words)
{
	const struct rules_opts opts = {0};
	struct rules *rules = NULL;
	struct err err = {""};

	assert_int_equal(
	    rules_load(&rules, write_file("rules.xml", text), &opts, &err), -1);
	assert_null(rules);
	if (!strstr(err.text, words))
		fail_msg("'%s' lacks '%s'", err.text, words);
}

static int
try_build(struct theme **out, struct rules *rules, const char *page,
    const struct theme_opts *opts, struct err *err)
{
	const struct theme_page site = {
	    .url = "https://t.example/",
	    .content_type = "text/html; charset=utf-8",
	    .bytes = page,
	    .len = strlen(page),
	};

	return theme_build(out, rules, &site, 1, opts, err);
}

static struct theme *
build(const char *rules_text, const char *page)
{
	const struct theme_opts opts = {.links = LINKS_KEEP};
	struct rules *rules = load(rules_text);
	struct theme *theme = NULL;
	struct err err = {""};

	if (try_build(&theme, rules, page, &opts, &err) != 0)
		fail_msg("%s", err.text);
	rules_unref(&rules);
	return theme;
}

static enum dressed
dress(struct theme *theme, const struct dress_ask *ask, struct buf *out,
    struct err *err)
{
	struct dresser *dresser = dresser_new();
	enum dressed dressed = theme_dress(theme, dresser, ask, out, err);

	dresser_free(&dresser);
	return dressed;
}

static struct dress_ask
ask_for(const char *content)
{
	const struct dress_ask ask = {
	    .bytes = content,
	    .len = strlen(content),
	    .content_type = "text/html; charset=utf-8",
	    .path = "/",
	};

	return ask;
}

static void
a_page_is_dressed(void **state)
{
	struct theme *theme =
	    build(RULES("<replace css:theme=\"#a\" css:content=\"p\"/>"),
		PAGE("<div id=\"a\"></div>"));
	struct dress_ask ask = ask_for(PAGE("<p>hello</p>"));
	struct buf out;
	struct err err;

	(void)state;
	buf_init(&out, 1000);
	assert_int_equal(dress(theme, &ask, &out, &err), DRESSED);
	assert_string_equal(out.data,
	    "<!DOCTYPE html>\n<html><head>"
	    "<title>t</title></head><body><p>hello</p></body></html>");
	buf_fini(&out);
	theme_unref(&theme);
}

static void
a_fragment_is_left_alone(void **state)
{
	struct theme *theme = build(RULES(""), PAGE("x"));
	struct dress_ask ask = ask_for("<li>one</li>");
	struct buf out;
	struct err err;

	(void)state;
	buf_init(&out, 1000);
	assert_int_equal(dress(theme, &ask, &out, &err), DRESSED_NOT);
	assert_int_equal(out.len, 0);
	buf_fini(&out);
	theme_unref(&theme);
}

static void
a_page_over_a_limit_fails_by_name(void **state)
{
	struct theme *theme =
	    build(RULES("<replace css:theme=\"#a\" css:content=\"p\"/>"),
		PAGE("<div id=\"a\"></div>"));
	struct dress_ask ask = ask_for(PAGE("<div><p>hello</p></div>"));
	struct err err = {""};
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	ask.html_max_depth = 2;
	assert_int_equal(dress(theme, &ask, &out, &err), DRESSED_FAILED);
	assert_non_null(strstr(err.text, "html_max_depth"));
	ask.html_max_depth = 0;
	ask.out_max = 20;
	assert_int_equal(dress(theme, &ask, &out, &err), DRESSED_FAILED);
	assert_non_null(strstr(err.text, "over 20 bytes"));
	ask.out_max = 0;
	ask.xpath_max_ops = 3;
	assert_int_equal(dress(theme, &ask, &out, &err), DRESSED_FAILED);
	assert_non_null(strstr(err.text, "//p"));
	assert_int_equal(out.len, 0);
	ask.xpath_max_ops = 0;
	assert_int_equal(dress(theme, &ask, &out, &err), DRESSED);
	buf_fini(&out);
	theme_unref(&theme);
}

static void
rules_that_include_themselves_end(void **state)
{
	struct theme *theme =
	    build(RULES("<replace css:theme=\"#a\" css:content=\"p\"/>"
			"<replace css:content=\"p\"><b><include content=\".\"/>"
			"</b></replace>"),
		PAGE("<div id=\"a\"></div>"));
	struct dress_ask ask = ask_for(PAGE("<p>hello</p>"));
	struct err err = {""};
	struct buf out;

	(void)state;
	buf_init(&out, 1000000);
	assert_int_equal(dress(theme, &ask, &out, &err), DRESSED_FAILED);
	assert_non_null(strstr(err.text, "nest deeper"));
	buf_fini(&out);
	theme_unref(&theme);
}

static void
count(void *arg, const char *words)
{
	(void)words;
	++*(int *)arg;
}

static void
rules_without_content_are_told_of_once(void **state)
{
	struct theme *theme =
	    build(RULES("<replace css:theme=\"i\" css:content=\"u\"/>"),
		PAGE("<i>1</i><i>2</i>"));
	struct dress_ask ask = ask_for(PAGE("<p>hello</p>"));
	struct err err;
	struct buf out;
	int told = 0;

	(void)state;
	ask.on_unmatched = count;
	ask.arg = &told;
	buf_init(&out, 1000);
	assert_int_equal(dress(theme, &ask, &out, &err), DRESSED);
	assert_int_equal(told, 1);
	buf_fini(&out);
	theme_unref(&theme);
}

/* ---- themes ---- */

static void
build_fails(const char *page, const char *words)
{
	const struct theme_opts opts = {.links = LINKS_KEEP};
	struct rules *rules = load(RULES(""));
	struct theme *theme = NULL;
	struct err err = {""};

	assert_int_equal(try_build(&theme, rules, page, &opts, &err), -1);
	assert_null(theme);
	if (!strstr(err.text, words))
		fail_msg("'%s' lacks '%s'", err.text, words);
	rules_unref(&rules);
}

static void
junk_is_no_theme(void **state)
{
	(void)state;
	build_fails("", "empty");
	build_fails("  \n ", "empty");
	build_fails("{\"error\": \"not found\"}", "not an HTML page");
	build_fails("It works", "not an HTML page");
}

static void
the_version_changes_with_rules_page_and_options(void **state)
{
	struct theme *a = build(RULES(""), PAGE("a"));
	struct theme *same = build(RULES(""), PAGE("a"));
	struct theme *b = build(RULES(""), PAGE("b"));
	struct theme *c = build(RULES("<drop css:theme=\"p\"/>"), PAGE("a"));

	(void)state;
	assert_string_equal(theme_version(a), theme_version(same));
	assert_string_not_equal(theme_version(a), theme_version(b));
	assert_string_not_equal(theme_version(a), theme_version(c));
	assert_int_equal(strlen(theme_version(a)), 32);
	theme_unref(&a);
	theme_unref(&same);
	theme_unref(&b);
	theme_unref(&c);
}

static void
assets_are_listed_once(void **state)
{
	const struct theme_opts opts = {
	    .links = LINKS_CACHE,
	    .prefix = "/.livery/t/x",
	};
	struct rules *rules = load(RULES(""));
	struct theme *theme = NULL;
	struct err err;

	(void)state;
	assert_int_equal(try_build(&theme, rules,
			     PAGE("<img src=\"a.png\">"
				  "<img src=\"/a.png\"><a href=\"b\">b</a>"
				  "<img src=\"https://else.example/c.png\">"),
			     &opts, &err),
	    0);
	assert_string_equal(theme_asset(theme, 0), "https://t.example/a.png");
	assert_null(theme_asset(theme, 1));
	theme_unref(&theme);
	rules_unref(&rules);
}

static void
a_rule_without_a_place_is_a_warning(void **state)
{
	struct theme *theme = build(
	    RULES("\n<replace css:theme=\"#nowhere\" css:content=\"p\"/>"),
	    PAGE("x"));

	(void)state;
	assert_non_null(strstr(theme_warning(theme, 0),
	    "rules.xml:2: "
	    "css:theme=\"#nowhere\" finds nothing"));
	assert_null(theme_warning(theme, 1));
	theme_unref(&theme);
}

static void
may_replace(const char *rules, const char *live_page, const char *next_page,
    const char *words)
{
	struct theme *live = live_page ? build(rules, live_page) : NULL;
	struct theme *next = build(rules, next_page);
	struct err err = {""};
	int rc = theme_may_replace(live, next, NULL, &err);

	if (!words && rc != 0)
		fail_msg("%s", err.text);
	assert_int_equal(rc, words ? -1 : 0);
	if (words && !strstr(err.text, words))
		fail_msg("'%s' lacks '%s'", err.text, words);
	theme_unref(&live);
	theme_unref(&next);
}

static void
a_theme_that_lost_a_place_may_not_replace(void **state)
{
	static const char rules[] =
	    RULES("<replace css:theme=\"#a\" css:content=\"p\"/>"
		  "<replace css:theme=\"#b\" css:content=\"q\"/>"
		  "<drop css:theme=\"#c\"/>");

	(void)state;
	may_replace(rules, NULL, PAGE("x"), NULL);
	may_replace(rules, PAGE("<i id=a></i>"),
	    PAGE("<p id=a></p><i id=b></i>"), NULL);
	may_replace(rules, PAGE("<i id=a></i><i id=b></i>"),
	    PAGE("<i id=a></i>"), "#b");
	may_replace(rules, PAGE("<i id=a></i><i id=c></i>"),
	    PAGE("<i id=a></i>"), NULL);
}

static void
a_place_may_move_to_the_rule_that_stands_in_for_it(void **state)
{
	static const char rules[] =
	    RULES("<replace theme=\"//h1\" content=\"//p\"/>"
		  "<before theme-children=\"/html/body[not(.//h1)]\" "
		  "content=\"//p\"/>");

	(void)state;
	may_replace(rules, PAGE("<h1>x</h1>"), PAGE("x"), NULL);
	may_replace(rules, PAGE("x"), PAGE("<h1>x</h1>"), NULL);
}

static void
the_main_place_may_not_be_lost(void **state)
{
	struct theme *next = build(RULES(""), PAGE("only a body"));
	struct theme *whole = build(RULES(""), PAGE("<main></main>"));
	bool body_only = false;
	struct err err;

	(void)state;
	may_replace(RULES(""), PAGE("<main></main>"),
	    PAGE("<div role=main></div>"), NULL);
	may_replace(RULES(""), PAGE("<main></main>"), PAGE("x"), "main place");
	may_replace(
	    RULES(""), PAGE("<i id=main></i>"), PAGE("x"), "main place");
	may_replace(RULES(""), PAGE("x"), PAGE("y"), NULL);
	assert_int_equal(theme_may_replace(NULL, next, &body_only, &err), 0);
	assert_true(body_only);
	assert_int_equal(theme_may_replace(NULL, whole, &body_only, &err), 0);
	assert_false(body_only);
	theme_unref(&next);
	theme_unref(&whole);
}

/* ---- rules ---- */

static void
themes_are_named_from_the_rules_own_folder(void **state)
{
	struct rules *rules =
	    load(RULES("<theme href=\"a/b.html\" if-path=\"/x\"/>"
		       "<theme href=\"https://t.example/p\" if-path=\"/y\"/>"
		       "<theme href=\"a/b.html\"/>"));
	char expected[128];
	char *real = realpath(folder, NULL);

	(void)state;
	snprintf(expected, sizeof(expected), "%s/a/b.html", real);
	assert_string_equal(rules_theme_href(rules, 0), expected);
	assert_string_equal(rules_theme_href(rules, 1), "https://t.example/p");
	assert_null(rules_theme_href(rules, 2));
	free(real);
	rules_unref(&rules);
}

static void
no_file_outside_is_read(void **state)
{
	static const char include[] =
	    RULES("<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" "
		  "href=\"%s\"/>");
	char text[512], link[128];

	(void)state;
	snprintf(text, sizeof(text), include, "/etc/hostname");
	load_fails(text, "not below");
	snprintf(link, sizeof(link), "%s/link.xml", folder);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	snprintf(text, sizeof(text), include, "link.xml");
	load_fails(text, "not below");
	snprintf(text, sizeof(text), include, "http://t.example/x.xml");
	load_fails(text, "only files");
	load_fails("<!DOCTYPE r [<!ENTITY x SYSTEM \"/etc/passwd\">]>" RULES(
		       "<drop css:theme=\"&x;\"/>"),
	    "external entities");
	load_fails(
	    "<!DOCTYPE r [<!ENTITY % x SYSTEM \"/etc/passwd\"> %x;]>" RULES(""),
	    "external entities");
	load_fails("<!DOCTYPE r [<!ENTITY a \"0123456789012345678901234567890"
		   "1\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">"
		   "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">"
		   "<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\">"
		   "<!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;\">"
		   "<!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;\">"
		   "<!ENTITY g \"&f;&f;&f;&f;&f;&f;&f;&f;\">"
		   "<!ENTITY h \"&g;&g;&g;&g;&g;&g;&g;&g;\">]>" RULES(
		       "<replace css:theme=\"p\"><b>&h;</b></replace>"),
	    "rules.xml:1: ");
}

static void
a_file_below_the_root_is_read(void **state)
{
	struct rules_opts opts = {.root = folder};
	char path[256], text[512];
	struct rules *rules = NULL;
	struct err err = {""};

	(void)state;
	write_file("shared.xml", RULES("<drop css:theme=\"p\"/>"));
	snprintf(path, sizeof(path), "%s/site", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	strcpy(text,
	    RULES("<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" "
		  "href=\"../shared.xml\"/>"));
	strcpy(path, write_file("site/rules.xml", text));
	if (rules_load(&rules, path, &opts, &err) != 0)
		fail_msg("%s", err.text);
	rules_unref(&rules);
	opts.root = NULL;
	assert_int_equal(rules_load(&rules, path, &opts, &err), -1);
}

static void
the_rules_version_covers_what_they_include(void **state)
{
	static const char text[] =
	    RULES("<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" "
		  "href=\"part.xml\"/>");
	char first[64];
	struct rules *rules;

	(void)state;
	write_file("part.xml", RULES("<drop css:theme=\"p\"/>"));
	rules = load(text);
	strcpy(first, rules_version(rules));
	rules_unref(&rules);
	write_file("part.xml", RULES("<drop css:theme=\"i\"/>"));
	rules = load(text);
	assert_string_not_equal(first, rules_version(rules));
	rules_unref(&rules);
}

static void
compat_reads_what_the_manual_would_not(void **state)
{
	const struct rules_opts opts = {.compat = true};
	struct rules *rules = NULL;
	struct err err = {""};

	(void)state;
	assert_int_equal(
	    rules_load(&rules,
		write_file("rules.xml",
		    RULES("<replce css:theme=\"p\"/><drop theme=\"//p[\"/>")),
		&opts, &err),
	    0);
	assert_non_null(rules_warning(rules, 0));
	rules_unref(&rules);
	load_fails(RULES("<replce css:theme=\"p\"/>"), "<replace>");
	load_fails(RULES("<drop theme=\"//p[\"/>"), "rules.xml:1: theme=");
}

/* ---- threads ---- */

enum { THREADS = 4, PAGES = 250 };

static void
dress_many(void *arg)
{
	struct theme *theme = theme_ref(arg);
	struct dresser *dresser = dresser_new();
	struct dress_ask ask =
	    ask_for(PAGE("<p class=\"k\">hello</p><div><p>two</p></div>"));
	struct buf out;
	struct err err;

	buf_init(&out, 10000);
	for (int i = 0; i < PAGES; i++) {
		must(theme_dress(theme, dresser, &ask, &out, &err) == DRESSED);
		must(strstr(out.data, "hello") != NULL);
	}
	buf_fini(&out);
	dresser_free(&dresser);
	theme_unref(&theme);
}

static void
threads_share_one_theme(void **state)
{
	struct theme *theme = build(
	    RULES("<replace css:theme-children=\"#a\" "
		  "content=\"//p[contains(., 'h') and position() &lt; 9]\"/>"
		  "<merge attributes=\"class\" css:theme=\"#a\" "
		  "css:content=\"p\"/>"
		  "<before css:content=\"p\"><i n=\"{count(//p)}\"/></before>"
		  "<drop css:theme=\"b\" if=\"count(//p) &gt; 1\"/>"),
	    PAGE("<div id=\"a\" class=\"t\"></div><b>x</b>"));
	struct thread threads[THREADS] = {{0}};
	struct err err;

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(thread_start(&threads[i], "dresser",
				     dress_many, theme, &err),
		    0);
	for (int i = 0; i < THREADS; i++)
		thread_join(&threads[i]);
	theme_unref(&theme);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_page_is_dressed),
	    cmocka_unit_test(a_fragment_is_left_alone),
	    cmocka_unit_test(a_page_over_a_limit_fails_by_name),
	    cmocka_unit_test(rules_that_include_themselves_end),
	    cmocka_unit_test(rules_without_content_are_told_of_once),
	    cmocka_unit_test(junk_is_no_theme),
	    cmocka_unit_test(the_version_changes_with_rules_page_and_options),
	    cmocka_unit_test(assets_are_listed_once),
	    cmocka_unit_test(a_rule_without_a_place_is_a_warning),
	    cmocka_unit_test(a_theme_that_lost_a_place_may_not_replace),
	    cmocka_unit_test(
		a_place_may_move_to_the_rule_that_stands_in_for_it),
	    cmocka_unit_test(the_main_place_may_not_be_lost),
	    cmocka_unit_test(themes_are_named_from_the_rules_own_folder),
	    cmocka_unit_test(no_file_outside_is_read),
	    cmocka_unit_test(a_file_below_the_root_is_read),
	    cmocka_unit_test(the_rules_version_covers_what_they_include),
	    cmocka_unit_test(compat_reads_what_the_manual_would_not),
	    cmocka_unit_test(threads_share_one_theme),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
