/* theme/xsl and theme/document: what rules say in XSLT, its bounds, its
 * threads; documents that rules bring in */
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
#include "theme/theme.h"

#define RULES(inner)                                                           \
	"<rules xmlns=\"http://namespaces.plone.org/diazo\" "                  \
	"xmlns:css=\"http://namespaces.plone.org/diazo/css\" "                 \
	"xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\">" inner "</rules>"

#define PAGE(body)                                                             \
	"<!DOCTYPE html><html><head><title>t</title></head>"                   \
	"<body>" body "</body></html>"

static char folder[64];

static int
begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_theme_xsl.XXXXXX");
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

static void
write_file(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int
try_build(const char *text, struct theme **out, struct err *err)
{
	const struct rules_opts rules_opts = {0};
	const struct theme_opts opts = {.links = LINKS_KEEP};
	static const char page[] = PAGE("<div id=\"a\">A</div>");
	const struct theme_page theme = {.bytes = page, .len = strlen(page)};
	struct rules *rules = NULL;
	char path[256];
	int rc;

	write_file("rules.xml", text);
	snprintf(path, sizeof(path), "%s/rules.xml", folder);
	if (rules_load(&rules, path, &rules_opts, err) != 0)
		return -1;
	rc = theme_build(out, rules, &theme, 1, &opts, err);
	rules_unref(&rules);
	return rc;
}

static struct theme *
build(const char *text)
{
	struct theme *theme = NULL;
	struct err err = {""};

	if (try_build(text, &theme, &err) != 0)
		fail_msg("%s", err.text);
	return theme;
}

static enum dressed
dress(struct theme *theme, struct dresser *dresser, const char *content,
    struct buf *out, struct err *err)
{
	const struct dress_ask ask = {
	    .bytes = content,
	    .len = strlen(content),
	    .path = "/p",
	};

	err->text[0] = '\0';
	return theme_dress(theme, dresser, &ask, out, err);
}

static void
gives(const char *rules, const char *content, const char *words)
{
	struct theme *theme = build(rules);
	struct dresser *dresser = dresser_new();
	struct buf out;
	struct err err;

	buf_init(&out, SIZE_MAX);
	if (dress(theme, dresser, content, &out, &err) != DRESSED)
		fail_msg("%s", err.text);
	if (!strstr(out.data, words))
		fail_msg("%s is not in %s", words, out.data);
	buf_fini(&out);
	dresser_free(&dresser);
	theme_unref(&theme);
}

static void
fails(const char *rules, const char *content, const char *words)
{
	struct theme *theme = build(rules);
	struct dresser *dresser = dresser_new();
	struct buf out;
	struct err err;

	buf_init(&out, SIZE_MAX);
	assert_int_equal(
	    dress(theme, dresser, content, &out, &err), DRESSED_FAILED);
	if (!strstr(err.text, words))
		fail_msg("%s is not in %s", words, err.text);
	/* and the next page is none the worse for it */
	assert_int_equal(
	    dress(theme, dresser, content, &out, &err), DRESSED_FAILED);
	buf_fini(&out);
	dresser_free(&dresser);
	theme_unref(&theme);
}

static void
refused(const char *rules, const char *words)
{
	struct theme *theme = NULL;
	struct err err = {""};

	assert_int_equal(try_build(rules, &theme, &err), -1);
	if (!strstr(err.text, words) || !strstr(err.text, "rules.xml:"))
		fail_msg("%s is not in %s", words, err.text);
}

/* ---- what it says ---- */

static void
a_body_with_xsl_in_it_is_evaluated(void **state)
{
	(void)state;
	gives(RULES("<replace css:theme=\"#a\"><xsl:for-each select=\"//p\">"
		    "<b id=\"{position()}\"><xsl:value-of select=\".\"/></b>"
		    "</xsl:for-each></replace>"),
	    PAGE("<p>x</p><p>y</p>"), "<b id=\"1\">x</b><b id=\"2\">y</b>");
}

static void
a_user_template_and_a_content_rule_meet_at_one_node(void **state)
{
	(void)state;
	gives(RULES("<replace css:theme=\"#a\" content=\"//div\"/>"
		    "<drop css:content=\"div i\"/>"
		    "<xsl:template match=\"div\"><q><xsl:apply-templates/></q>"
		    "</xsl:template>"),
	    PAGE("<div>x<i>y</i><b>z</b></div>"), "<q>x<b>z</b></q>");
}

static void
one_dresser_serves_many_themes(void **state)
{
	enum { THEMES = 12 };
	struct dresser *dresser = dresser_new();
	struct theme *themes[THEMES];
	struct buf out;
	struct err err;

	(void)state;
	buf_init(&out, SIZE_MAX);
	for (int i = 0; i < THEMES; i++) {
		char text[600];

		snprintf(text, sizeof(text),
		    RULES("<replace css:theme=\"#a\"><xsl:value-of "
			  "select=\"concat('n', %d)\"/></replace>"),
		    i);
		themes[i] = build(text);
	}
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < THEMES; i++) {
			char want[32];

			snprintf(want, sizeof(want), "<body>n%d<", i);
			assert_int_equal(
			    dress(themes[i], dresser, PAGE("x"), &out, &err),
			    DRESSED);
			assert_non_null(strstr(out.data, want));
		}
	for (int i = 0; i < THEMES; i++)
		theme_unref(&themes[i]);
	buf_fini(&out);
	dresser_free(&dresser);
}

static void
regular_expressions_match_and_replace(void **state)
{
	(void)state;
	gives(RULES("<replace css:theme=\"#a\"><i title=\"{regexp:replace("
		    "'a-b-c', '(\\w)-', 'g', '$1+')}\"><xsl:for-each "
		    "select=\"regexp:match('\xC3\xA4x', '^(.)x$')\">"
		    "[<xsl:value-of select=\".\"/>]</xsl:for-each></i>"
		    "</replace>"),
	    PAGE("x"), "<i title=\"a+b+c\">[\xC3\xA4x][\xC3\xA4]</i>");
	gives(RULES("<replace css:theme=\"#a\" content=\"//p\" "
		    "if=\"regexp:replace('', 'x*', 'g', '-') = '-'\"/>"),
	    PAGE("<p>in</p>"), "<body><p>in</p>");
}

/* ---- threads ---- */

struct party {
	struct theme *theme;
	char *content;
};

static void
dress_fifty(void *arg)
{
	const struct party *party = arg;
	struct dresser *dresser = dresser_new();
	struct buf out;
	struct err err;

	buf_init(&out, SIZE_MAX);
	for (int i = 0; i < 50; i++)
		must(dress(party->theme, dresser, party->content, &out, &err) ==
			 DRESSED &&
		     strstr(out.data, "<u class=\"k2\">two</u>") &&
		     strstr(out.data, "<h2>deep</h2>"));
	buf_fini(&out);
	dresser_free(&dresser);
}

static void
threads_share_a_theme_with_xsl(void **state)
{
	enum { THREADS = 4 };
	struct thread threads[THREADS];
	struct err err;
	struct party party = {
	    .theme = build(RULES(
		"<xsl:variable name=\"n\" select=\"count(//p)\"/>"
		"<xsl:key name=\"k\" match=\"p\" use=\"@id\"/>"
		"<replace css:theme=\"#a\" content=\"/html/body/node()\" "
		"if=\"regexp:test($path, '^/p')\"/>"
		"<drop content=\"//i[contains(., 'no')]\" if=\"$n = 2\"/>"
		"<xsl:template match=\"p\"><u class=\"k{count(key('k', "
		"'b')) + 1}\"><xsl:apply-templates/></u></xsl:template>"
		"<xsl:template match=\"h1\"><h2><xsl:apply-templates/></h2>"
		"</xsl:template>")),
	    .content = PAGE("<p id=\"b\">two<i>no</i></p><p>one</p>"
			    "<div><h1>deep</h1></div>"),
	};

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(thread_start(&threads[i], "dress", dress_fifty,
				     &party, &err),
		    0);
	for (int i = 0; i < THREADS; i++)
		thread_join(&threads[i]);
	theme_unref(&party.theme);
}

/* ---- bounds ---- */

static char *
nested(size_t depth)
{
	char *text = mem_new(depth * 11 + 200);
	char *at = text + sprintf(text, "<!DOCTYPE html><html><head><title>t"
					"</title></head><body>");

	for (size_t i = 0; i < depth; i++)
		at += sprintf(at, "<div>");
	at += sprintf(at, "<b>core</b>");
	for (size_t i = 0; i < depth; i++)
		at += sprintf(at, "</div>");
	strcpy(at, "</body></html>");
	return text;
}

static void
dress_deep(void *arg)
{
	char *content = nested(480);

	gives(arg, content, "<u>core</u>");
	mem_free(&content);
}

static void
templates_go_as_deep_as_pages_may(void **state)
{
	char *rules = RULES(
	    "<replace css:theme=\"#a\" content=\"/html/body/*\"/>"
	    "<xsl:template match=\"@*|node()\"><xsl:copy><xsl:apply-templates "
	    "select=\"@*|node()\"/></xsl:copy></xsl:template>"
	    "<xsl:template match=\"b\"><u><xsl:apply-templates/></u>"
	    "</xsl:template>");
	struct thread thread;
	struct err err;

	(void)state;
	assert_int_equal(
	    thread_start(&thread, "dress", dress_deep, rules, &err), 0);
	thread_join(&thread); /* on a stack like a worker's */
}

static void
recursion_without_end_is_an_error(void **state)
{
	(void)state;
	fails(RULES("\n<xsl:template name=\"t\">\n<xsl:call-template "
		    "name=\"t\"/></xsl:template><replace css:theme=\"#a\">"
		    "<xsl:call-template name=\"t\"/></replace>"),
	    PAGE("x"), ": xsl: templates go on without end");
	fails(RULES("<replace css:theme=\"#a\"><xsl:apply-templates "
		    "select=\"//p\"/></replace><xsl:template match=\"p\">"
		    "<xsl:apply-templates select=\".\"/></xsl:template>"),
	    PAGE("<p>x</p>"), "without end");
}

static char *
many(size_t count)
{
	char *text = mem_new(count * 8 + 200);
	char *at = text + sprintf(text, "<!DOCTYPE html><html><head><title>t"
					"</title></head><body>");

	for (size_t i = 0; i < count; i++)
		at += sprintf(at, "<p>x</p>");
	strcpy(at, "</body></html>");
	return text;
}

static void
a_page_may_not_be_copied_for_each_of_its_nodes(void **state)
{
	char *content = many(20000);

	(void)state;
	fails(RULES("<replace css:theme=\"#a\"><xsl:for-each select=\"//p\">"
		    "<xsl:copy-of select=\"/\"/></xsl:for-each></replace>"),
	    content, "nodes are made");
	mem_free(&content);
}

static void
instructions_are_counted(void **state)
{
	char *content = many(3000);

	(void)state;
	fails(RULES("<replace css:theme=\"#a\"><xsl:for-each select=\"//p\">"
		    "<xsl:for-each select=\"//p\"><xsl:if test=\"false()\"/>"
		    "</xsl:for-each></xsl:for-each></replace>"),
	    content, "too many instructions");
	mem_free(&content);
}

static void
texts_do_not_grow_without_end(void **state)
{
	char *content = many(3000);

	(void)state;
	fails(RULES("<replace css:theme=\"#a\"><xsl:variable name=\"b\" "
		    "select=\"concat(., ., ., ., ., ., ., .)\"/>"
		    "<xsl:variable name=\"c\" select=\"concat($b, $b, $b, "
		    "$b, $b, $b, $b, $b, $b, $b, $b, $b, $b, $b, $b, $b)\"/>"
		    "<xsl:variable name=\"d\" select=\"concat($c, $c, $c, "
		    "$c, $c, $c, $c, $c, $c, $c, $c, $c, $c, $c, $c, $c)\"/>"
		    "<xsl:value-of select=\"concat($d, $d, $d, $d, $d, $d, "
		    "$d, $d, $d, $d, $d, $d)\"/></replace>"),
	    content, "peration");
	fails(RULES("<replace css:theme=\"#a\"><xsl:variable name=\"t\" "
		    "select=\"regexp:replace(., 'x', 'g', .)\"/>"
		    "<xsl:value-of select=\"regexp:replace($t, 'x', 'g', "
		    "$t)\"/></replace>"),
	    content, "too long a text");
	mem_free(&content);
}

static void
steps_of_xpath_are_shared_with_the_page(void **state)
{
	char *content = many(3000);

	(void)state;
	fails(RULES("<replace css:theme=\"#a\"><xsl:value-of select=\""
		    "count(//p[count(//p) = 3])\"/></replace>"),
	    content, "peration");
	mem_free(&content);
}

/* ---- what is refused ---- */

static void
what_reaches_outside_is_refused(void **state)
{
	(void)state;
	refused(RULES("<xsl:import href=\"x.xsl\"/>"), "xsl:import");
	refused(RULES("<xsl:include href=\"x.xsl\"/>"), "xsl:include");
	refused(RULES("<replace css:theme=\"#a\"><xsl:value-of select=\""
		      "document('/etc/passwd')\"/></replace>"),
	    "not below");
	refused(RULES("<replace css:theme=\"#a\"><xsl:value-of select=\""
		      "document('http://127.0.0.1/')\"/></replace>"),
	    "only files");
	refused(RULES("<replace css:theme=\"#a\"><e:document "
		      "xmlns:e=\"http://exslt.org/common\" href=\"x\"/>"
		      "</replace>"),
	    "write a file");
	fails(RULES("<replace css:theme=\"#a\"><xsl:value-of select=\""
		    "document(string(//p))\"/></replace>"),
	    PAGE("<p>../../etc/passwd</p>"), "not below");
	fails(RULES("<replace css:theme=\"#a\"><xsl:value-of select=\""
		    "document(string(//p))\"/></replace>"),
	    PAGE("<p>http://127.0.0.1/</p>"), "not there");
}

static void
a_link_out_of_the_folder_is_not_followed(void **state)
{
	char link[256];

	(void)state;
	snprintf(link, sizeof(link), "%s/link.xml", folder);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	fails(RULES("<replace css:theme=\"#a\"><xsl:value-of select=\""
		    "document(string(//p))\"/></replace>"),
	    PAGE("<p>link.xml</p>"), "not below");
}

static void
mistakes_are_told_when_rules_are_read(void **state)
{
	(void)state;
	refused(RULES("<replace css:theme=\"#a\"><xsl:loop/></replace>"),
	    "xsl:loop");
	refused(RULES("<replace css:theme=\"#a\"><xsl:if test=\"//[\"/>"
		      "</replace>"),
	    "test=");
	refused(RULES("<replace css:theme=\"#a\"><xsl:if/></replace>"), "xsl");
	refused(RULES("<replace css:theme=\"#a\" content=\"x:y(1)\"/>"),
	    "the prefix x is not declared");
}

/* ---- documents ---- */

static void
documents_are_wanted_all_at_once(void **state)
{
	struct theme *theme = build(
	    RULES("<replace css:theme=\"#a\"><include content=\"//p\" "
		  "href=\"/one\"/><include content=\"//p\" href=\"/two\"/>"
		  "<include content=\"//p\" href=\"/one\"/></replace>"
		  "<after css:theme=\"#a\" content=\"//p\" href=\"/never\" "
		  "if-path=\"/x\"/>"));
	const struct dress_document documents[] = {
	    {.href = "/two", .bytes = "<p>2</p>", .len = 8},
	    {.href = "/one", .why = "gone"},
	};
	struct dress_ask ask = {.bytes = PAGE("x"), .len = strlen(PAGE("x"))};
	struct dresser *dresser = dresser_new();
	struct buf out;
	struct err err = {""};

	(void)state;
	buf_init(&out, SIZE_MAX);
	assert_int_equal(
	    theme_dress(theme, dresser, &ask, &out, &err), DRESSED_WANTS);
	assert_string_equal(dresser_wanted(dresser, 0), "/one");
	assert_string_equal(dresser_wanted(dresser, 1), "/two");
	assert_null(dresser_wanted(dresser, 2));
	assert_int_equal(out.len, 0);
	ask.documents = documents;
	ask.documents_count = 2;
	assert_int_equal(
	    theme_dress(theme, dresser, &ask, &out, &err), DRESSED);
	assert_null(dresser_wanted(dresser, 0));
	assert_non_null(strstr(out.data, "<body><p>2</p></body>"));
	buf_fini(&out);
	dresser_free(&dresser);
	theme_unref(&theme);
}

static void
a_script_comes_as_a_document_that_holds_it(void **state)
{
	struct theme *theme = build(RULES(
	    "<replace css:theme=\"#a\" content=\"//script\" href=\"/s\"/>"));
	const struct dress_document document = {
	    .href = "/s",
	    .bytes = "if (a < b) c();",
	    .len = 15,
	    .content_type = "application/javascript",
	};
	const struct dress_ask ask = {
	    .bytes = PAGE("x"),
	    .len = strlen(PAGE("x")),
	    .documents = &document,
	    .documents_count = 1,
	};
	struct dresser *dresser = dresser_new();
	struct buf out;
	struct err err = {""};

	(void)state;
	buf_init(&out, SIZE_MAX);
	assert_int_equal(
	    theme_dress(theme, dresser, &ask, &out, &err), DRESSED);
	assert_non_null(strstr(out.data, "<script>if (a < b) c();</script>"));
	buf_fini(&out);
	dresser_free(&dresser);
	theme_unref(&theme);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_body_with_xsl_in_it_is_evaluated),
	    TEST(a_user_template_and_a_content_rule_meet_at_one_node),
	    TEST(one_dresser_serves_many_themes),
	    TEST(regular_expressions_match_and_replace),
	    TEST(threads_share_a_theme_with_xsl),
	    TEST(templates_go_as_deep_as_pages_may),
	    TEST(recursion_without_end_is_an_error),
	    TEST(a_page_may_not_be_copied_for_each_of_its_nodes),
	    TEST(instructions_are_counted),
	    TEST(texts_do_not_grow_without_end),
	    TEST(steps_of_xpath_are_shared_with_the_page),
	    TEST(what_reaches_outside_is_refused),
	    TEST(a_link_out_of_the_folder_is_not_followed),
	    TEST(mistakes_are_told_when_rules_are_read),
	    TEST(documents_are_wanted_all_at_once),
	    TEST(a_script_comes_as_a_document_that_holds_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
