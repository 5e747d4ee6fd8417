/* theme/lint: rules that can be read, and yet are not what was meant */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "theme/lint.h"
#include "theme/mainplace.h"

#define PAGE(body)                                                             \
	"<!DOCTYPE html><html><head><title>t</title></head>"                   \
	"<body>" body "</body></html>"

static char said[4096];

/* Only what stands behind the file's name. */
static void
on_lint(void *arg, const char *words)
{
	const char *colon = strchr(words, ':');
	size_t len = strlen(said);

	(void)arg;
	snprintf(said + len, sizeof(said) - len, "%s|", colon);
}

static struct rules *
load(const char *inner)
{
	char path[] = "/tmp/test_lint.XXXXXX", text[4096];
	const struct rules_opts opts = {0};
	struct rules *rules = NULL;
	struct err err = {""};
	int fd = mkstemp(path);

	snprintf(text, sizeof(text),
	    "<rules xmlns=\"http://namespaces.plone.org/diazo\" "
	    "xmlns:css=\"http://namespaces.plone.org/diazo/css\">\n%s\n"
	    "</rules>",
	    inner);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	if (rules_load(&rules, path, &opts, &err) != 0)
		fail_msg("%s", err.text);
	unlink(path);
	return rules;
}

static const char *
lint(const char *inner, const char *body)
{
	const struct theme_opts opts = {0};
	struct theme_page page = {.bytes = body, .len = strlen(body)};
	struct rules *rules = load(inner);
	struct theme *theme = NULL;
	struct err err = {""};

	said[0] = '\0';
	lint_rules(rules, on_lint, NULL);
	if (theme_build(&theme, rules, &page, 1, &opts, &err) != 0)
		fail_msg("%s", err.text);
	lint_theme(theme, on_lint, NULL);
	theme_unref(&theme);
	rules_unref(&rules);
	return said;
}

static void
rules_as_they_should_be_are_not_talked_about(void **state)
{
	(void)state;
	assert_string_equal(
	    lint("<replace css:theme=\"main\" css:content=\"main\"/>\n"
		 "<before css:theme=\"main\" css:content=\"nav\"/>\n"
		 "<after css:theme=\"main\" css:content=\"nav\"/>\n"
		 "<drop css:content=\".a, .b\"/>",
		PAGE("<main>x</main>")),
	    "");
}

static void
a_rule_is_dead_only_where_nothing_is_left_for_it(void **state)
{
	(void)state;
	/* One of its two elements is free. */
	assert_string_equal(lint("<drop css:theme=\".a\"/>\n"
				 "<replace css:theme=\"p\" css:content=\"p\"/>",
				PAGE("<p class=a>x</p><p>y</p>")),
	    "");
	assert_non_null(
	    strstr(lint("<drop css:theme=\".a\"/>\n"
			"<replace css:theme=\"p\" css:content=\"p\"/>",
		       PAGE("<p class=a>x</p><div class=a><p>y</p></div>")),
		":3: css:theme=\"p\" can never run: the rule at "));
	/* What comes before and behind a dropped element stays. */
	assert_string_equal(lint("<drop css:theme=\"p\"/>\n"
				 "<before css:theme=\"p\" css:content=\"p\"/>\n"
				 "<after css:theme=\"p\" css:content=\"p\"/>",
				PAGE("<p>y</p>")),
	    "");
	assert_non_null(
	    strstr(lint("<strip css:theme=\"p\"/>\n"
			"<drop attributes=\"class\" css:theme=\"p\"/>",
		       PAGE("<p>y</p>")),
		"strips all that it selects"));
	/* A condition of its own comes first; the same one does not. */
	assert_string_equal(
	    lint("<replace css:theme=\"p\" css:content=\"p\"/>\n"
		 "<replace css:theme=\"p\" css:content=\"b\" "
		 "if-path=\"/a\"/>",
		PAGE("<p>y</p>")),
	    "");
}

static void
see(struct lint_seen *seen, const char *bytes, bool libxml2)
{
	const struct dress_ask page = {
	    .bytes = bytes,
	    .len = strlen(bytes),
	    .content_type = "text/html",
	    .path = "/",
	    .libxml2 = libxml2,
	};

	lint_seen_page(seen, &page);
}

static void
pages_are_read_as_their_site_has_them_read(void **state)
{
	/* HTML 4 knows no names with capitals */
	static const char rule[] =
	    "<replace css:theme=\"main\" content=\"//svg[@viewbox]\"/>";

	(void)state;
	for (int libxml2 = 0; libxml2 < 2; libxml2++) {
		struct rules *rules = load(rule);
		struct lint_seen *seen = lint_seen_new(rules);

		rules_unref(&rules);
		said[0] = '\0';
		see(seen, PAGE("<svg viewBox='0 0 1 1'></svg>"), libxml2);
		lint_seen_tell(seen, on_lint, NULL);
		assert_int_equal(said[0] == '\0', libxml2);
		lint_seen_free(&seen);
	}
}

static void
what_no_page_has_is_told(void **state)
{
	struct rules *rules =
	    load("<replace css:theme=\"main\" css:content=\"main\"/>\n"
		 "<replace css:theme=\"h1\" css:content=\"h1\"/>\n"
		 "<drop content=\"p[@class]\"/>\n<drop content=\"//b[$x]\"/>\n"
		 "<before css:theme=\"main\" css:content=\"q\" href=\"/q\"/>");
	struct lint_seen *seen = lint_seen_new(rules);

	(void)state;
	rules_unref(&rules);
	said[0] = '\0';
	see(seen, PAGE("<main>x</main>"), false);
	assert_int_equal(lint_seen_pages(seen), 1);
	see(seen, PAGE("<div><p class=a>x</p><b>y</b></div>"), false);
	lint_seen_tell(seen, on_lint, NULL);
	assert_string_equal(said,
	    ":3: css:content=\"h1\" found nothing on any of 2 stored pages; "
	    "mend the selector, or take the rule away|");
	lint_seen_free(&seen);
}

static void
the_main_place_is_measured(void **state)
{
	static const struct {
		const char *page;
		long is;
	} cases[] = {
	    {PAGE("<main>some words</main>"), 9},
	    {PAGE("<main> \n<p></p></main>"), 0},
	    {PAGE("<main><script>x</script></main>"), 0},
	    {PAGE("<main><img src=a></main>"), 10},
	    {PAGE("<div id=content>ab</div><p>c"), 2},
	    {PAGE("<p>no place</p>"), -1},
	    {"", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(
		    mainplace_measure(cases[i].page, strlen(cases[i].page)),
		    cases[i].is);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rules_as_they_should_be_are_not_talked_about),
	    cmocka_unit_test(a_rule_is_dead_only_where_nothing_is_left_for_it),
	    cmocka_unit_test(what_no_page_has_is_told),
	    cmocka_unit_test(pages_are_read_as_their_site_has_them_read),
	    cmocka_unit_test(the_main_place_is_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
