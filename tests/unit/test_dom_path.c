/* dom/path: plain paths select what libxml2's own machine selects */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/must.h"
#include "dom/html.h"
#include "dom/path.h"
#include "dom/xpath.h"

static const char page[] =
    "<!DOCTYPE html><!-- before --><html lang=de><head><title>t</title>"
    "<meta name=x></head><body class=' k  l\n m'><div id=a><div id=b "
    "class=\"k\"><p class=x>one <b>two<!-- c --></b></p><p class='x y'>"
    "<a href=u>l</a> <a>m</a></p></div><ul><li>1</li><li class=''>2"
    "<ul><li id=''>3</li></ul></li></ul></div><script>s()</script>"
    "<x-y @click=z checked>q</x-y></body></html><!-- after -->";

static const char *const plain[] = {
    "//*[@id = 'a']",
    "/html/head/title",
    "/html",
    "//p | //div/ul | //b",
    "//li//li",
    "//div//p/a",
    "//ul/li | //li",
    "//@class",
    "//@id | //li | //@class",
    "/html/body/@class",
    "//div/@id",
    "//div//@id",
    "//a[@href]",
    "//p[contains(concat(' ', normalize-space(@class), ' '), ' x ')]",
    "//*[contains(concat(' ', normalize-space(@class), ' '), ' l ')]",
    "//*[@class and contains(concat(' ', normalize-space(@class), ' '), "
    "\" k \")][@id = 'b']",
    "//*[@class = '']",
    "//node()",
    "/node()",
    "/html/node()",
    "//text()",
    "//p/node() | //li/text()",
    "//comment",
    "/*",
    "/*/*/*[@id]",
    "//x-y[@checked]",
    "descendant-or-self::div",
    "descendant-or-self::div/descendant::p",
    "descendant-or-self::*[@id = 'a']/child::div",
    "descendant-or-self::node()",
    "descendant::li | descendant-or-self::div/@id",
    "body/div",
    "div",
    "//descendant-or-self::html",
    "/descendant::p[@class]",
    " //div [ @id='b' ] / p ",
    "node()",
    "@id",
    "@class | p",
    "//p[not(@id)]",
    "//*[not(@class)][@id]",
    "//p[contains(@class, 'x')]",
    "//*[contains(@class, ' ')]",
    "//*[starts-with(@class, 'x')] | //a[starts-with(@href,'u')]",
    "//b[ancestor::p]",
    "//*[ancestor::*[@id = 'b' and @class]]/a",
    "//p/text()[ancestor::div]",
    "//node()[not(@id)]",
    "//text()[@id]",
    "//a[@href][ancestor::body[contains(@class, 'k')]]",
};

/* Mistakes among them: the machine says what they are. */
static const char *const others[] = {
    "",
    "/",
    ".",
    "..",
    "//p[1]",
    "//p[last()]",
    "//a:b",
    "//comment()",
    "count(//p)",
    "//p[@a or @b]",
    "//p[not(b)]",
    "//p[contains(@class, '')]",
    "//p[starts-with(., 'x')]",
    "//p[ancestor::*[ancestor::div]]",
    "//p[ancestor::div/p]",
    "//p[. = 'x']",
    "$x",
    "//p/..",
    "//p/@class/..",
    "//*[@id = 'a'] = 'b'",
    "//p + 1",
    "p | //p",
    "//p[contains(concat(' ', normalize-space(@class), ' '), ' x y ')]",
    "//a/following-sibling::b",
    "//p[@a = 1]",
    "//p[@*]",
    "//@*",
    "(//p)",
    "id('a')",
    "//p[",
    "//",
    "a/",
    "descendant-or-self::@id",
};

static xmlDoc *
read_page(void)
{
	xmlDoc *doc = NULL;
	struct err err;

	if (html_parse(&doc, page, strlen(page), NULL, &err) != 0)
		fail_msg("%s", err.text);
	return doc;
}

static void
same_at(const char *expression, xmlDoc *doc, xmlNode *node)
{
	xmlXPathContext *context = xmlXPathNewContext(doc);
	struct path *path = path_new(expression);
	xmlXPathObject *ours, *theirs;
	unsigned long visited;
	int count;

	if (!path)
		fail_msg("%s is not plain", expression);
	context->node = node;
	theirs = xmlXPathEval((const xmlChar *)expression, context);
	ours = path_select(path, node, 0, &visited);
	assert_non_null(theirs);
	assert_non_null(ours);
	count = theirs->nodesetval ? theirs->nodesetval->nodeNr : 0;
	if (ours->nodesetval->nodeNr != count)
		fail_msg("%s finds %d and not %d", expression,
		    ours->nodesetval->nodeNr, count);
	for (int i = 0; i < count; i++)
		if (ours->nodesetval->nodeTab[i] !=
		    theirs->nodesetval->nodeTab[i])
			fail_msg("%s: node %d is another", expression, i);
	xmlXPathFreeObject(ours);
	xmlXPathFreeObject(theirs);
	path_free(&path);
	xmlXPathFreeContext(context);
}

static void
what_is_found_is_the_same_from_every_node(void **state)
{
	xmlDoc *doc = read_page();

	(void)state;
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
		xmlNode *root = xmlDocGetRootElement(doc);

		same_at(plain[i], doc, (xmlNode *)doc);
		for (xmlNode *n = root; n; n = n->last)
			if (n->type == XML_ELEMENT_NODE)
				same_at(plain[i], doc, n);
		for (xmlNode *n = root->last->children; n; n = n->children)
			if (n->type == XML_ELEMENT_NODE)
				same_at(plain[i], doc, n);
	}
	html_free(&doc);
}

static void
all_else_is_not_plain(void **state)
{
	char many[1024] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		struct path *path = path_new(others[i]);

		if (path && !strstr(others[i], "::@"))
			fail_msg("%s is taken for plain", others[i]);
		path_free(&path);
	}
	for (int i = 0; i < 70; i++)
		strcat(many, "/a");
	assert_null(path_new(many));
	strcpy(many, "//a");
	for (int i = 0; i < 70; i++)
		strcat(many, "|//a");
	assert_null(path_new(many));
}

static void
a_walk_ends_at_its_bound(void **state)
{
	xmlDoc *doc = read_page();
	struct path *path = path_new("//li");
	struct xpath_eval *eval = xpath_eval_new();
	unsigned long visited;
	xmlXPathObject *found;
	struct err err;

	(void)state;
	found = path_select(path, (xmlNode *)doc, 5, &visited);
	assert_null(found);
	assert_int_equal(visited, 5);
	xpath_eval_begin(eval, doc, 20);
	assert_int_equal(xpath_eval_run(eval, "//li", NULL, &found, &err), -1);
	assert_non_null(strstr(err.text, "more than 20 operations"));
	xpath_eval_begin(eval, NULL, 0);
	xpath_eval_free(&eval);
	path_free(&path);
	html_free(&doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_found_is_the_same_from_every_node),
	    cmocka_unit_test(all_else_is_not_plain),
	    cmocka_unit_test(a_walk_ends_at_its_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
