/* theme/xslheld: what bodies of XSLT copy is held, and copied by the page's own
 * walk; theme/siblings: position() and last() on the way
 *
 * In a variable nothing is held: libxslt copies it. So each body is used twice,
 * as it stands and by way of a variable, and the pages must be the same bytes:
 * for some hundred rules files over random pages, and for those whose place or
 * content is of a special kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "theme/siblings.h"
#include "theme/theme.h"

enum { ROUNDS = 600, TEXT_MAX = 1 << 17, DEPTH_MAX = 4 };

#define HEAD                                                                   \
	"<rules xmlns=\"http://namespaces.plone.org/diazo\" "                  \
	"xmlns:css=\"http://namespaces.plone.org/diazo/css\" "                 \
	"xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\">\n"
#define AT_A	 "<replace css:theme=\"#a\">"
#define OF_A	 "</replace>"
#define VARIABLE "<xsl:variable name=\"all\">"
#define USE_IT	 "</xsl:variable><xsl:copy-of select=\"$all\"/>"
#define PAGE(body)                                                             \
	"<!DOCTYPE html>\n<html><head><title>t</title></head>"                 \
	"<body>" body "</body></html>"

static char folder[64];
static uint32_t seed;

static unsigned
some(unsigned below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 16) % below;
}

#define PICK(list) ((list)[some(COUNT_OF(list))])

static int
begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_theme_xslheld.XXXXXX");
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

/* ---- dressing ---- */

static int
load(struct rules **out, const char *text, struct err *err)
{
	const struct rules_opts opts = {0};
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/rules.xml", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return rules_load(out, path, &opts, err);
}

/* The page, or why there is none. */
static bool
dress(const char *text, const char *content, struct buf *out)
{
	static const char theme_page[] =
	    PAGE("<div id=\"a\">A</div><p id=\"b\">B</p>");
	const struct theme_opts opts = {.links = LINKS_KEEP};
	const struct theme_page page = {
	    .bytes = theme_page, .len = strlen(theme_page)};
	const struct dress_ask ask = {
	    .bytes = content, .len = strlen(content), .path = "/p"};
	struct dresser *dresser = dresser_new();
	struct theme *theme = NULL;
	struct rules *rules = NULL;
	struct err err = {""};
	bool is_dressed =
	    load(&rules, text, &err) == 0 &&
	    theme_build(&theme, rules, &page, 1, &opts, &err) == 0 &&
	    theme_dress(theme, dresser, &ask, out, &err) == DRESSED;

	if (!is_dressed) {
		buf_clear(out);
		buf_puts(out, err.text);
	}
	theme_unref(&theme);
	rules_unref(&rules);
	dresser_free(&dresser);
	return is_dressed;
}

static void
gives(const char *rules, const char *content, const char *words)
{
	struct buf out;

	buf_init(&out, SIZE_MAX);
	dress(rules, content, &out);
	if (!strstr(out.data, words))
		fail_msg("%s is not in %s", words, out.data);
	buf_fini(&out);
}

/* A body, with more rules beside it, as it stands and in a variable. */
static bool
is_the_same(const char *body, const char *more, const char *content)
{
	char *direct = mem_printf(HEAD AT_A "%s" OF_A "%s</rules>", body, more);
	char *copied = mem_printf(
	    HEAD AT_A VARIABLE "%s" USE_IT OF_A "%s</rules>", body, more);
	struct buf one, other;
	bool is_dressed;

	buf_init(&one, SIZE_MAX);
	buf_init(&other, SIZE_MAX);
	is_dressed = dress(direct, content, &one);
	if (dress(copied, content, &other) != is_dressed ||
	    (is_dressed && strcmp(one.data, other.data) != 0))
		fail_msg("%s\n\n%s\n\nheld: %s\n\ncopied: %s", direct, content,
		    one.data, other.data);
	buf_fini(&one);
	buf_fini(&other);
	mem_free(&direct);
	mem_free(&copied);
	return is_dressed;
}

/* ---- by chance ---- */

struct open_element {
	const char *name;
	unsigned left;
};

static void
start_tag(struct buf *out, const char *name)
{
	static const char *const classes[] = {"k", "l", "k l", "m"};

	buf_printf(out, "<%s", name);
	if (some(3) == 0)
		buf_printf(out, " id=\"c%u\"", some(6));
	if (some(2) == 0)
		buf_printf(out, " class=\"%s\"", PICK(classes));
	if (some(4) == 0)
		buf_printf(out, " title=\"%zu\"", out->len);
	buf_puts(out, ">");
}

/* Written as our writer writes, so that what is copied and what goes out as it
 * came are the same. */
static void
some_leaf(struct buf *out)
{
	static const char *const leaves[] = {"<br>", "<img alt=\"i\">",
	    "<script>if (a < b) c();</script>", "<style>a > b {}</style>",
	    "<textarea>a &lt; b</textarea>",
	    "<svg viewBox=\"0 0 1 1\"><title>t</title><path></path></svg>",
	    "<ul><li>1</li><li class=\"k\">2</li></ul>",
	    "<table><tbody><tr><td>1</td></tr></tbody></table>",
	    "<a href=\"/x\">x &amp; y</a>", "<!--c-->"};

	if (some(3))
		buf_printf(out, "%zu.", out->len);
	else
		buf_puts(out, PICK(leaves));
}

static void
some_page(struct buf *out)
{
	static const char *const names[] = {"div", "span", "section"};
	struct open_element open[DEPTH_MAX + 1] = {{"body", 6}};
	size_t depth = 0;

	buf_clear(out);
	buf_puts(out, "<!DOCTYPE html><html><head><title>c</title></head>"
		      "<body>");
	for (;;) {
		if (open[depth].left-- == 0) {
			buf_printf(out, "</%s>", open[depth].name);
			if (depth-- == 0)
				break;
			continue;
		}
		if (depth < DEPTH_MAX && some(2)) {
			open[++depth].name = PICK(names);
			open[depth].left = 1 + some(4);
			start_tag(out, open[depth].name);
		} else {
			some_leaf(out);
		}
	}
	buf_puts(out, "</html>");
}

static const char *
some_selection(void)
{
	static const char *const selections[] = {"//*[@id='c1']",
	    "//*[@id='c2']/node()", "/html/body/*", "/html/body/node()",
	    "//div/span", "//span[1]", "//section | //span", "//text()",
	    "//nothing", "//div[not(ancestor::div)]", "(//div)[2]/node()",
	    "//comment()", "//li", "//svg/*", "//textarea | //script"};

	return PICK(selections);
}

/* Each %s is a selection. */
static const char *
some_form(void)
{
	static const char *const forms[] = {
	    "<xsl:apply-templates select=\"%s\"/>",
	    "<div class=\"w\"><xsl:apply-templates select=\"%s\"/></div>",
	    "<xsl:copy-of select=\"%s\"/>",
	    "<i>x<xsl:copy-of select=\"%s\"/>y</i>",
	    "<xsl:for-each select=\"%s\"><i n=\"{position()}\">"
	    "<xsl:apply-templates select=\"node()\"/></i></xsl:for-each>",
	    "<xsl:for-each select=\"%s\"><xsl:sort select=\"@id\"/>"
	    "<xsl:copy-of select=\".\"/></xsl:for-each>",
	    "<xsl:for-each select=\"%s\"><xsl:copy><xsl:copy-of "
	    "select=\"@*\"/><xsl:apply-templates/></xsl:copy></xsl:for-each>",
	    "<xsl:if test=\"%s\"><u>yes</u></xsl:if>",
	    "<xsl:choose><xsl:when test=\"//div\"><xsl:apply-templates "
	    "select=\"%s\"/></xsl:when><xsl:otherwise>none</xsl:otherwise>"
	    "</xsl:choose>",
	    "<xsl:element name=\"section\"><xsl:attribute name=\"title\">"
	    "<xsl:apply-templates select=\"%s\"/></xsl:attribute>"
	    "<xsl:apply-templates select=\"//div\"/></xsl:element>",
	    "<xsl:apply-templates select=\"%s\" mode=\"raw\"/>",
	    "<b><xsl:apply-templates mode=\"raw\" select=\"%s\"/></b>",
	    "<include content=\"%s\"/><xsl:text>,</xsl:text>",
	    "<xsl:text>,</xsl:text><include content=\"%s\" method=\"raw\"/>",
	    "<xsl:value-of select=\"count(%s)\"/>",
	    "<form><xsl:apply-templates select=\"%s\"/></form>",
	    "<textarea><xsl:apply-templates select=\"%s\"/></textarea>",
	    "<xsl:comment><xsl:apply-templates select=\"%s\"/></xsl:comment>",
	    "<xsl:variable name=\"v\"><xsl:apply-templates select=\"%s\"/>"
	    "</xsl:variable>[<xsl:copy-of select=\"$v\"/>]",
	    "<xsl:variable name=\"v\" select=\"%s\"/><xsl:copy-of "
	    "select=\"$v[position() &lt; 3]\"/><xsl:apply-templates "
	    "select=\"$v\"/>",
	    "<xsl:call-template name=\"named\"/><xsl:value-of "
	    "select=\"string(%s)\"/>",
	};

	return PICK(forms);
}

static const char *
some_template(void)
{
	static const char *const templates[] = {
	    "<xsl:template match=\"span\"><b n=\"{position()} of {last()}\">"
	    "<xsl:apply-templates/></b></xsl:template>",
	    "<xsl:template match=\"div/span\"><xsl:copy><xsl:apply-templates "
	    "select=\"@*|node()\"/></xsl:copy></xsl:template>",
	    "<xsl:template match=\"section[@class]\"/>",
	    "<xsl:template match=\"text()[contains(., '7')]\"><u n=\""
	    "{position()}\"><xsl:value-of select=\".\"/></u></xsl:template>",
	    "<xsl:template match=\"@title\"><xsl:attribute name=\"title\">"
	    "<xsl:value-of select=\"concat(., '!', position(), '/', "
	    "last())\"/></xsl:attribute></xsl:template>",
	    "<xsl:template match=\"@class\"/>",
	    "<xsl:template match=\"comment()\">[<xsl:value-of "
	    "select=\"position()\"/>]</xsl:template>",
	    "<xsl:template match=\"div[span]\" priority=\"2\"><q>"
	    "<xsl:apply-templates select=\"span\"/></q></xsl:template>",
	    "<xsl:template match=\"li\"><li>&#8226;<xsl:copy-of "
	    "select=\"node()\"/></li></xsl:template>",
	    "<xsl:template match=\"div/div\"><xsl:apply-templates "
	    "select=\"node()\"/></xsl:template>",
	    "<drop css:content=\".m\"/>",
	    "<drop attributes=\"title\" content=\"div\"/>",
	    "<strip content=\"section\"/>",
	    "<strip content=\"div\" if=\"count(//span) &gt; 3\"/>",
	    "<replace content=\"div/section\"><em n=\"{position()} of "
	    "{last()}\"><xsl:apply-templates select=\"node()\"/></em>"
	    "</replace>",
	    "<before css:content=\".k\"><s><xsl:value-of "
	    "select=\"position()\"/></s></before>",
	    "<after content-children=\"span\"><s><xsl:copy-of "
	    "select=\"@id\"/>end</s></after>",
	    "<replace content=\"textarea\"><include content=\".\" "
	    "method=\"raw\"/></replace>",
	};

	return PICK(templates);
}

static void
bodies_held_and_copied_are_the_same_bytes(void **state)
{
	struct buf page, body, more;
	unsigned dressed = 0;

	(void)state;
	buf_init(&page, TEXT_MAX);
	buf_init(&body, TEXT_MAX);
	buf_init(&more, TEXT_MAX);
	for (unsigned round = 0; round < ROUNDS; round++) {
		seed = round * 2654435761u;
		some_page(&page);
		buf_clear(&body);
		buf_clear(&more);
		for (unsigned n = 1 + some(3); n; n--) {
			const char *form = some_form();
			const char *gap = strstr(form, "%s");

			buf_printf(&body, "<div>");
			if (!gap)
				buf_puts(&body, form);
			else
				buf_printf(&body, "%.*s%s%s", (int)(gap - form),
				    form, some_selection(), gap + 2);
			buf_printf(&body, "</div>");
		}
		buf_puts(&more,
		    "<xsl:template name=\"named\"><i><xsl:apply-templates "
		    "select=\"(//section)[1]\"/></i></xsl:template>");
		for (unsigned n = some(5); n; n--)
			buf_puts(&more, some_template());
		dressed += is_the_same(body.data, more.data, page.data);
	}
	assert_true(dressed > ROUNDS * 9 / 10);
	buf_fini(&page);
	buf_fini(&body);
	buf_fini(&more);
}

/* ---- places and content of a special kind ---- */

static void
where_markup_reads_in_another_way_nothing_is_held(void **state)
{
	static const char *const around[] = {"form", "svg", "math", "noscript",
	    "select", "template", "title", "textarea", "script", "style",
	    "table", "pre", "a", "p"};
	static const char page[] =
	    PAGE("<div id=\"m\">x<b title=\"&quot;\">b &lt; c</b>"
		 "<form action=\"/f\"><input name=\"i\"></form>"
		 "<svg><title>t</title><style>s</style></svg>\ny</div>");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(around); i++) {
		char *body = mem_printf(
		    "<%s><xsl:apply-templates select=\"//*[@id='m']/node()\"/>"
		    "</%s><%s><b><xsl:copy-of select=\"//b\"/></b></%s>",
		    around[i], around[i], around[i], around[i]);

		assert_true(is_the_same(body, "", page));
		/* A copy of a form that is empty by now, in a table, is taken
		 * for one that goes on in there; the page's own is not. */
		assert_true(is_the_same(body,
		    strcmp(around[i], "table") == 0
			? "<drop content=\"b\"/>"
			: "<drop content=\"input\"/>",
		    page));
		mem_free(&body);
	}
}

static void
an_attribute_comes_before_what_is_held(void **state)
{
	static const char body[] =
	    "<i><xsl:apply-templates select=\"//p\"/><xsl:attribute "
	    "name=\"title\">late</xsl:attribute></i>";

	(void)state;
	assert_false(is_the_same(body, "", PAGE("<p>x</p>")));
	assert_true(is_the_same(body, "", PAGE("x")));
	assert_true(is_the_same(
	    body, "<drop content=\"p\"/>", PAGE("<p>x</p><p>y</p>")));
}

static void
texts_and_nodes_keep_their_order(void **state)
{
	(void)state;
	gives(HEAD AT_A
	    "<i>1<xsl:copy-of select=\"//b\"/>2<xsl:apply-templates "
	    "select=\"//p\"/>3</i>4<xsl:copy-of select=\"//u\"/>"
	    "<xsl:copy-of select=\"//u\"/>5" OF_A "</rules>",
	    PAGE("<b>b</b><p>p</p><u>u</u>"),
	    "<body><i>1<b>b</b>2<p>p</p>3</i>4<u>u</u><u>u</u>5<p id");
}

/* ---- that it is held ---- */

static void
what_is_held_goes_out_as_it_came(void **state)
{
	static const char page[] =
	    PAGE("<div id='m'><p class='k'>&eacute;</p></div>");

	(void)state;
	gives(HEAD AT_A "<xsl:apply-templates select=\"//*[@id='m']\"/>" OF_A
			"</rules>",
	    page, "<body><div id='m'><p class='k'>&eacute;</p></div>");
	gives(HEAD AT_A "<xsl:for-each select=\"//*[@id='m']\"><i>"
			"<xsl:copy-of select=\"p\"/></i></xsl:for-each>" OF_A
			"</rules>",
	    page, "<body><i><p class='k'>&eacute;</p></i>");
	gives(HEAD AT_A "<xsl:apply-templates mode=\"raw\" "
			"select=\"//p\"/>" OF_A "<drop content=\"p\"/></rules>",
	    page, "<body><p class='k'>&eacute;</p>");
	/* and what libxslt has copied does not */
	gives(HEAD AT_A VARIABLE
	    "<xsl:apply-templates select=\"//p\"/>" USE_IT OF_A "</rules>",
	    page, "<body><p class=\"k\">\xC3\xA9</p>");
}

static void
a_rule_about_content_is_asked_within_what_is_held(void **state)
{
	(void)state;
	gives(HEAD AT_A "<xsl:apply-templates select=\"//*[@id='m']\"/>" OF_A
			"<drop content=\"b\"/><xsl:template match=\"i\"><u>"
			"<xsl:apply-templates/></u></xsl:template></rules>",
	    PAGE("<div id='m'>1<b>2</b><i title='x'>3<b>4</b>"
		 "<s class='y'>5</s></i></div>"),
	    "<body><div id=\"m\">1<u>3<s class='y'>5</s></u></div>");
}

static void
a_page_may_not_be_held_for_each_of_its_nodes(void **state)
{
	enum { MANY = 6000 };
	char *content = mem_new(MANY * 8 + 200);
	char *at = content + sprintf(content, "<!DOCTYPE html><html><body>");

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		at += sprintf(at, "<p>x</p>");
	gives(HEAD AT_A "<xsl:for-each select=\"//p\"><xsl:copy-of "
			"select=\"/html/body\"/></xsl:for-each>" OF_A
			"</rules>",
	    content, "themed_max");
	gives(HEAD AT_A "<xsl:apply-templates select=\"//p[1]\"/>" OF_A
			"<xsl:template match=\"p[1]\"><i><xsl:apply-templates "
			"select=\"/html/body\"/></i></xsl:template></rules>",
	    content, "nest deeper");
	mem_free(&content);
}

/* ---- position() and last() ---- */

static void
templates_know_their_place_wherever_the_node_came_from(void **state)
{
	static const char page[] =
	    PAGE("<ul id=\"l\"><li>a</li><li>b</li></ul><ol><li>c</li></ol>");
	static const char numbers[] =
	    "<xsl:template match=\"li\"><li n=\"{position()}/{last()}\"/>"
	    "</xsl:template></rules>";
	static const char *const ways[] = {
	    "<replace css:theme=\"#a\" css:content=\"#l\"/>",
	    AT_A "<xsl:apply-templates select=\"//ul\"/>" OF_A,
	    AT_A VARIABLE "<xsl:apply-templates select=\"//ul\"/>" USE_IT OF_A,
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ways); i++) {
		char *rules = mem_printf(HEAD "%s%s", ways[i], numbers);

		/* the attribute is the first of three */
		gives(rules, page,
		    "<ul id=\"l\"><li n=\"2/3\"></li><li n=\"3/3\"></li></ul>");
		mem_free(&rules);
	}
	gives(HEAD
	    "<replace css:theme=\"#a\" content=\"//li\"/>"
	    "<xsl:template match=\"li\"><li n=\"{position()}/{last()}\"/>"
	    "</xsl:template></rules>",
	    page, "<li n=\"1/3\"></li><li n=\"2/3\"></li><li n=\"3/3\">");
	gives(HEAD "<replace css:theme=\"#a\" css:content=\"#l\"/>"
		   "<strip content=\"ul\"/><xsl:template match=\"li\"><li "
		   "n=\"{position()}/{last()}\"/></xsl:template></rules>",
	    page, "<body><li n=\"1/2\"></li><li n=\"2/2\"></li><p");
}

static void
bodies_of_rules_know_the_place_of_their_node(void **state)
{
	static const char page[] =
	    PAGE("<ul><li>a</li><li>b</li></ul><ul><li>c</li></ul>");

	(void)state;
	gives(HEAD "<replace css:theme=\"#a\" content=\"//ul\"/>"
		   "<replace content=\"li\"><b><xsl:value-of "
		   "select=\"position()\"/></b></replace></rules>",
	    page, "<ul><b>1</b><b>2</b></ul><ul><b>1</b></ul>");
	gives(HEAD "<replace css:theme=\"#a\" content=\"//ul\"/>"
		   "<before content=\"ul\"><b><xsl:value-of "
		   "select=\"position()\"/></b></before></rules>",
	    page, "<b>1</b><ul><li>a</li><li>b</li></ul><b>2</b><ul>");
}

/* Children of one parent: xmlNewChild() by hand. */
static xmlNode *
family(xmlDoc *doc, int attributes, int children)
{
	xmlNode *parent = xmlNewDocNode(doc, NULL, BAD_CAST "p", NULL);

	for (int i = 0; i < attributes; i++) {
		char name[16];

		snprintf(name, sizeof(name), "a%d", i);
		xmlNewProp(parent, BAD_CAST name, BAD_CAST "v");
	}
	for (int i = 0; i < children; i++)
		xmlNewChild(parent, NULL, BAD_CAST "c", NULL);
	return parent;
}

static xmlNode *
child(xmlNode *parent, int number)
{
	xmlNode *node = parent->children;

	while (number--)
		node = node->next;
	return node;
}

static void
siblings_are_counted_in_whatever_order(void **state)
{
	enum { FAMILIES = 12 };
	xmlDoc *doc = xmlNewDoc(BAD_CAST "1.0");
	xmlNode *parents[FAMILIES], *top = family(doc, 0, 0);
	struct siblings memory = {0};

	(void)state;
	seed = 7;
	xmlDocSetRootElement(doc, top);
	for (int i = 0; i < FAMILIES; i++) {
		parents[i] = family(doc, i % 3, 1 + i * 3);
		xmlAddChild(top, parents[i]);
	}
	for (int round = 0; round < 5000; round++) {
		int i = (int)some(FAMILIES), all = 1 + i * 3;
		int n = (int)some((unsigned)all), mine = i % 3;
		struct nth nth =
		    siblings_nth(&memory, child(parents[i], n), false);

		assert_int_equal(nth.position, mine + n + 1);
		assert_int_equal(nth.size, mine + all);
		nth = siblings_nth(&memory, child(parents[i], n), true);
		assert_int_equal(nth.position, n + 1);
		assert_int_equal(nth.size, all);
		if (mine == 0)
			continue;
		nth = siblings_nth(
		    &memory, (xmlNode *)parents[i]->properties, false);
		assert_int_equal(nth.position, 1);
		assert_int_equal(nth.size, mine + all);
	}
	assert_int_equal(siblings_nth(&memory, (xmlNode *)doc, false).size, 1);
	xmlFreeDoc(doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bodies_held_and_copied_are_the_same_bytes),
	    cmocka_unit_test(where_markup_reads_in_another_way_nothing_is_held),
	    cmocka_unit_test(an_attribute_comes_before_what_is_held),
	    cmocka_unit_test(texts_and_nodes_keep_their_order),
	    cmocka_unit_test(what_is_held_goes_out_as_it_came),
	    cmocka_unit_test(a_rule_about_content_is_asked_within_what_is_held),
	    cmocka_unit_test(a_page_may_not_be_held_for_each_of_its_nodes),
	    cmocka_unit_test(
		templates_know_their_place_wherever_the_node_came_from),
	    cmocka_unit_test(bodies_of_rules_know_the_place_of_their_node),
	    cmocka_unit_test(siblings_are_counted_in_whatever_order),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
