/* theme/trace: what each rule did, for people who write rules */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/arena.h"
#include "theme/trace.h"

#define RULES(inner)                                                           \
	"<rules xmlns=\"http://namespaces.plone.org/diazo\" "                  \
	"xmlns:css=\"http://namespaces.plone.org/diazo/css\">" inner           \
	"</rules>"

#define PAGE(body)                                                             \
	"<!DOCTYPE html><html><head><title>t</title></head>"                   \
	"<body>" body "</body></html>"

static struct dress_trace *trace;
static struct buf out;

static void
trace_page(const char *text, const char *theme_text, const char *content)
{
	char path[] = "/tmp/test_trace.XXXXXX";
	const struct rules_opts rules_opts = {0};
	const struct theme_opts opts = {0};
	const struct theme_page page = {
	    .bytes = theme_text, .len = strlen(theme_text)};
	struct dress_ask ask = {.bytes = content,
	    .len = strlen(content),
	    .path = "/here",
	    .trace = trace};
	struct dresser *dresser = dresser_new();
	struct rules *rules = NULL;
	struct theme *theme = NULL;
	struct err err = {""};
	enum dressed how;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	if (rules_load(&rules, path, &rules_opts, &err) != 0 ||
	    theme_build(&theme, rules, &page, 1, &opts, &err) != 0)
		fail_msg("%s", err.text);
	unlink(path);
	how = theme_dress(theme, dresser, &ask, &out, &err);
	assert_int_equal(how, trace->how);
	theme_unref(&theme);
	rules_unref(&rules);
	dresser_free(&dresser);
}

static void
a_rule_that_ran_has_its_nodes(void **state)
{
	const struct traced_rule *rule;

	(void)state;
	trace_page(RULES("<replace css:theme=\"main\" css:content=\"p\"/>"),
	    PAGE("<main>x</main>"), PAGE("<div><p>a</p><p>b</p></div>"));
	assert_int_equal(trace->how, DRESSED);
	assert_int_equal(trace->rules_count, 1);
	rule = &trace->rules[0];
	assert_int_equal(rule->runs, 1);
	assert_null(rule->why);
	assert_string_equal(rule->does, "replace");
	assert_string_equal(rule->theme, "css:theme=\"main\"");
	assert_int_equal(rule->in_theme.count, 1);
	assert_string_equal(rule->in_theme.paths[0], "/html/body/main");
	assert_int_equal(rule->in_content.count, 2);
	assert_string_equal(rule->in_content.paths[1], "/html/body/div/p[2]");
}

static void
what_is_kept_of_a_rule_is_bounded(void **state)
{
	char content[4096] = "<!DOCTYPE html><html><body>";

	(void)state;
	for (int i = 0; i < 300; i++)
		strcat(content, "<p>a</p>");
	trace_page(RULES("<before css:theme=\"main\" css:content=\"p\"/>"
			 "<drop css:content=\"p\"/>"),
	    PAGE("<main>x</main><main>y</main>"), content);
	assert_int_equal(trace->rules[0].runs, 2);
	assert_int_equal(trace->rules[0].in_theme.count, 2);
	assert_int_equal(trace->rules[0].in_content.count, 300);
	assert_int_equal(trace->rules[0].in_content.shown, TRACE_NODES_MAX);
	assert_int_equal(trace->rules[1].in_content.shown, TRACE_NODES_MAX);
}

#define XSL                                                                    \
	"<rules xmlns=\"http://namespaces.plone.org/diazo\" "                  \
	"xmlns:css=\"http://namespaces.plone.org/diazo/css\" "                 \
	"xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\">"

static void
a_body_of_xslt_has_the_nodes_that_it_selects(void **state)
{
	const struct traced_rule *rule;

	(void)state;
	trace_page(XSL "<replace css:theme=\"main\">"
		       "<xsl:variable name=\"all\" select=\"//p\"/>"
		       "<xsl:for-each select=\"$all\"><i>"
		       "<xsl:value-of select=\".\"/>"
		       "<xsl:copy-of select=\"b\"/></i></xsl:for-each>"
		       "<xsl:apply-templates select=\"//h1/text()\"/>"
		       "</replace></rules>",
	    PAGE("<main>x</main>"),
	    PAGE("<h1>h</h1><p>a</p><p>b <b>c</b></p><p>d</p>"));
	assert_int_equal(trace->how, DRESSED);
	rule = &trace->rules[0];
	assert_int_equal(rule->runs, 1);
	assert_true(rule->asked_content);
	assert_int_equal(rule->in_content.count, 5);
	assert_string_equal(rule->in_content.paths[0], "/html/body/p[1]");
	assert_string_equal(rule->in_content.paths[3], "/html/body/p[2]/b");
	assert_string_equal(rule->in_content.paths[4],
	    "/html/body/h1/text()");
}

static void
what_fails_in_xslt_fails_under_a_trace_too(void **state)
{
	(void)state;
	trace_page(XSL "<replace css:theme=\"main\">"
		       "<xsl:for-each select=\"//p\"><xsl:value-of "
		       "select=\"$none\"/></xsl:for-each></replace></rules>",
	    PAGE("<main>x</main>"), PAGE("<p>a</p>"));
	assert_int_equal(trace->how, DRESSED_FAILED);
	assert_non_null(trace->reason);
}

static void
conditions_have_values(void **state)
{
	(void)state;
	trace_page(RULES("<drop css:theme=\"main\" if-path=\"/here\"/>"
			 "<drop css:theme=\"main\" if-not-path=\"/here\"/>"
			 "<drop css:content=\"p\" if=\"@class\"/>"
			 "<before css:theme=\"none\" if=\"//b\"><i/></before>"
			 "<after css:theme=\"body\" css:content=\"div\"/>"),
	    PAGE("<main>x</main>"),
	    PAGE("<div><p class=\"a\">a</p><p>b</p></div>"));
	assert_int_equal(trace->rules[0].terms[0].held, 1);
	assert_int_equal(trace->rules[0].runs, 1);
	assert_int_equal(trace->rules[1].terms[0].asked, 1);
	assert_int_equal(trace->rules[1].terms[0].held, 0);
	assert_int_equal(trace->rules[1].runs, 0);
	assert_non_null(trace->rules[1].why);
	/* Asked at each node that the rule is about. */
	assert_int_equal(trace->rules[2].terms[0].asked, 2);
	assert_int_equal(trace->rules[2].terms[0].held, 1);
	assert_int_equal(trace->rules[2].in_content.count, 1);
	assert_int_equal(trace->rules[3].runs, 0);
	assert_int_equal(trace->rules[3].terms[0].asked, 1);
}

static void
a_rule_that_another_one_forestalls_did_not_run(void **state)
{
	(void)state;
	trace_page(RULES("<drop css:theme=\"div\"/>"
			 "<replace css:theme=\"main\" css:content=\"p\"/>"),
	    PAGE("<div><main>x</main></div>"), PAGE("<p>a</p>"));
	assert_int_equal(trace->rules[0].runs, 1);
	assert_int_equal(trace->rules[1].runs, 0);
	assert_false(trace->rules[1].asked_content);
	assert_non_null(trace->rules[1].why);
}

static void
actions_of_a_ruleset_are_traced_as_well(void **state)
{
	(void)state;
	trace_page("<ruleset><rule>"
		   "<replace theme=\"children:main\" content=\"p\"/>"
		   "<append theme=\"main\" content=\"h1\"/>"
		   "<drop theme=\"main\" if-content=\"h2\"/></rule>"
		   "<rule class=\"other\"><drop theme=\"main\"/></rule>"
		   "</ruleset>",
	    PAGE("<main>x</main>"), PAGE("<p>a</p>"));
	assert_int_equal(trace->how, DRESSED);
	assert_int_equal(trace->rules[0].runs, 0 + 1);
	assert_string_equal(
	    trace->rules[0].in_content.paths[0], "/html/body/p");
	assert_int_equal(trace->rules[1].runs, 0);
	assert_non_null(strstr(trace->rules[1].why, "nothing in the content"));
	assert_int_equal(trace->rules[2].runs, 0);
	assert_int_equal(trace->rules[2].terms[0].held, 0);
	assert_non_null(strstr(trace->rules[3].why, "classes"));
	assert_string_equal(trace->classes, "default");
	/* the standard rule's four */
	assert_int_equal(trace->rules_count, 8);
}

static void
a_page_that_is_none_has_a_trace(void **state)
{
	(void)state;
	trace_page(RULES("<drop css:theme=\"main\"/>"), PAGE("<main>x</main>"),
	    "no page");
	assert_int_equal(trace->how, DRESSED_NOT);
	assert_int_equal(trace->rules[0].runs, 0);
	trace_page(RULES("<drop css:theme=\"main\" if=\"$none\"/>"),
	    PAGE("<main>x</main>"), PAGE("y"));
	assert_int_equal(trace->how, DRESSED_FAILED);
	assert_non_null(strstr(trace->reason, "none"));
}

static void
the_overlay_is_ascii_with_everything_escaped(void **state)
{
	struct buf html;

	(void)state;
	trace_page(RULES("<drop css:content=\"p\" if=\"'&lt;/details&gt;"
			 "&lt;script&gt;\xc3\xa9' = '&amp;'\"/>"
			 "<replace css:theme=\"main\" css:content=\"p\"/>"),
	    PAGE("<main>x</main>"), PAGE("<p>a</p>"));
	buf_init(&html, 1 << 20);
	assert_int_equal(dress_trace_html(trace, &html), 0);
	assert_null(strstr(html.data, "<script>"));
	assert_non_null(strstr(html.data, "&#60;script&#62;&#233;"));
	for (size_t i = 0; i < html.len; i++)
		assert_true(html.data[i] == '\n' ||
			    (html.data[i] >= ' ' && html.data[i] <= '~'));
	buf_clear(&html);
	assert_int_equal(dress_trace_text(trace, &html), 0);
	assert_non_null(strstr(html.data, "1 of 2 rules ran"));
	buf_fini(&html);
	buf_init(&html, 100);
	assert_int_equal(dress_trace_html(trace, &html), -1);
	buf_fini(&html);
}

static int
begin(void **state)
{
	(void)state;
	trace = dress_trace_new();
	buf_init(&out, 1 << 20);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	dress_trace_free(&trace);
	buf_fini(&out);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_rule_that_ran_has_its_nodes),
	    cmocka_unit_test(what_is_kept_of_a_rule_is_bounded),
	    cmocka_unit_test(a_body_of_xslt_has_the_nodes_that_it_selects),
	    cmocka_unit_test(what_fails_in_xslt_fails_under_a_trace_too),
	    cmocka_unit_test(conditions_have_values),
	    cmocka_unit_test(a_rule_that_another_one_forestalls_did_not_run),
	    cmocka_unit_test(actions_of_a_ruleset_are_traced_as_well),
	    cmocka_unit_test(a_page_that_is_none_has_a_trace),
	    cmocka_unit_test(the_overlay_is_ascii_with_everything_escaped),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
