/* dom/xpath_func: what functions answer, what they cost, and id() */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/xpathInternals.h>

#include "base/mem.h"
#include "dom/xpath.h"
#include "dom/xpath_func.h"

static const char page[] = "<r><a id=\"x\">one</a><b id=\"y\"> t  wo </b>"
			   "<c id=\"x\"/><n>1</n><n>2</n></r>";

static xmlDoc *
read_page(void)
{
	xmlDoc *doc = xmlReadMemory(page, (int)strlen(page), NULL, NULL, 0);

	assert_non_null(doc);
	return doc;
}

/* What an expression gives, as text; to be freed. NULL: it fails. */
static char *
value(xmlDoc *doc, const char *expression, const char *big, unsigned long ops,
    unsigned long *spent)
{
	struct xpath_eval *eval = xpath_eval_new();
	xmlXPathObject *found = NULL;
	xmlChar *text = NULL;
	char *copy = NULL;
	struct err err;

	xpath_eval_begin(eval, doc, ops);
	if (big)
		xpath_eval_variable(eval, "big", big);
	if (xpath_eval_run(eval, expression, NULL, &found, &err) == 0) {
		text = xmlXPathCastToString(found);
		copy = mem_strdup((char *)text);
	} else if (!strstr(err.text, "peration") &&
		   !strstr(err.text, "arguments")) {
		fail_msg("%s", err.text);
	}
	if (spent)
		*spent = xpath_eval_spent(eval);
	xmlFree(text);
	xmlXPathFreeObject(found);
	xpath_eval_free(&eval);
	return copy;
}

static void
functions_answer_as_xpath_has_them(void **state)
{
	static const char *const answers[][2] = {
	    {"concat('a', 1, true())", "a1true"},
	    {"contains('abc', 'bc')", "true"},
	    {"contains('abc', '')", "true"},
	    {"contains('', 'x')", "false"},
	    {"substring-before('a=b=c', '=')", "a"},
	    {"substring-before('abc', '=')", ""},
	    {"substring-before('abc', '')", ""},
	    {"substring-after('a=b=c', '=')", "b=c"},
	    {"substring-after('abc', '=')", ""},
	    {"substring-after('abc', '')", "abc"},
	    {"substring('12345', 2, 3)", "234"},
	    {"substring('12345', 1.5, 2.6)", "234"},
	    {"substring('12345', 0 div 0)", ""},
	    {"starts-with('abc', 'ab')", "true"},
	    {"string-length('h\xC3\xA9')", "2"},
	    {"normalize-space(//b)", "t wo"},
	    {"translate('bar', 'abc', 'AB')", "BAr"},
	    {"string(//n)", "1"},
	    {"string(1 div 0)", "Infinity"},
	    {"number(//n)", "1"},
	    {"number(true())", "1"},
	    {"number('x')", "NaN"},
	    {"sum(//n)", "3"},
	    {"sum(//nope)", "0"},
	    {"count(//n[string-length() = 1])", "2"},
	    {"count(//b[normalize-space() = 't wo'])", "1"},
	    {"count(//n[number() = 2])", "1"},
	    {"count(//n[string() = '2'])", "1"},
	};
	xmlDoc *doc = read_page();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		char *got = value(doc, answers[i][0], NULL, 0, NULL);

		assert_non_null(got);
		if (strcmp(got, answers[i][1]) != 0)
			fail_msg("%s is '%s'", answers[i][0], got);
		mem_free(&got);
	}
	xmlFreeDoc(doc);
}

static void
too_many_arguments_are_an_error(void **state)
{
	static const char *const wrong[] = {"string(1, 2)", "concat('a')",
	    "contains('a')", "id()", "sum()", "translate('a', 'b')",
	    "substring('a')", "substring-before('a')", "number(1, 2)",
	    "normalize-space(1, 2)", "string-length(1, 2)", "starts-with('a')",
	    "substring-after('a', 'b', 'c')"};
	xmlDoc *doc = read_page();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_null(value(doc, wrong[i], NULL, 0, NULL));
	xmlFreeDoc(doc);
}

static void
an_id_is_found_without_a_table_of_them(void **state)
{
	static const char *const answers[][2] = {{"name(id('x'))", "a"},
	    {"count(id('x'))", "1"}, {"count(id('x y  x'))", "2"},
	    {"count(id(''))", "0"}, {"count(id('nope'))", "0"},
	    {"count(id(//@id))", "2"},
	    {"name(id('y')/following-sibling::*)", "c"},
	    {"count(//*[id('x')])", "6"}};
	static const char html[] =
	    "<html><body><p>x</p><div id=\"content\">d</div></body></html>";
	xmlDoc *doc = read_page();
	char *got;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		got = value(doc, answers[i][0], NULL, 0, NULL);
		if (!got || strcmp(got, answers[i][1]) != 0)
			fail_msg("%s is %s", answers[i][0], got);
		mem_free(&got);
	}
	xmlFreeDoc(doc);
	doc = htmlReadMemory(html, (int)strlen(html), NULL, NULL, 0);
	assert_non_null(doc);
	xmlFreeIDTable(doc->ids);
	doc->ids = NULL;
	got = value(doc, "string(id('content'))", NULL, 0, NULL);
	assert_string_equal(got, "d");
	mem_free(&got);
	xmlFreeDoc(doc);
}

static void
work_on_texts_costs_steps(void **state)
{
	enum { LEN = 320 * 1024 };
	/* each of them reads or makes all of it, some many times */
	static const char *const reads[] = {"string-length($big)",
	    "contains($big, 'y')", "starts-with($big, 'y')",
	    "normalize-space($big)", "substring($big, 2)",
	    "substring-after($big, 'x')", "translate($big, 'x', 'y')",
	    "concat($big, 'y')", "number($big)", "string($big)", "$big = 'y'"};
	static const char *const refused[] = {"translate($big, $big, 'x')",
	    "//r[concat($big, $big, $big, $big, $big, $big, $big, $big, $big)"
	    " and concat($big, $big, $big, $big, $big, $big, $big, $big, $big,"
	    " $big, $big, $big, $big, $big, $big, $big, $big, $big, $big)]"};
	char *big = mem_new(LEN + 1), *got;
	xmlDoc *doc = read_page();
	unsigned long spent;

	(void)state;
	memset(big, 'x', LEN);
	for (size_t i = 0; i < COUNT_OF(reads); i++) {
		got = value(doc, reads[i], big, 0, &spent);
		assert_non_null(got);
		mem_free(&got);
		if (spent < LEN / XPATH_READ_A_STEP ||
		    spent > 20 * LEN / XPATH_READ_A_STEP)
			fail_msg("%s costs %lu", reads[i], spent);
		if (value(doc, reads[i], big, LEN / 20, NULL))
			fail_msg("%s passes", reads[i]);
	}
	for (size_t i = 0; i < COUNT_OF(refused); i++)
		if (value(doc, refused[i], big, 100000, NULL))
			fail_msg("%s passes", refused[i]);
	mem_free(&big);
	xmlFreeDoc(doc);
}

static void
a_page_makes_so_much_text_however_many_steps_it_has(void **state)
{
	enum { LEN = 4 * 1024 * 1024 };
	char *big = mem_new(LEN + 1);
	xmlDoc *doc = read_page();

	(void)state;
	memset(big, 'x', LEN);
	/* one text over 16 MiB, and 5 of 12 */
	assert_null(value(
	    doc, "concat($big, $big, $big, $big, 'x')", big, 1000000000, NULL));
	assert_null(value(doc, "count((//*)[concat($big, $big, $big)])", big,
	    1000000000, NULL));
	mem_free(&big);
	xmlFreeDoc(doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(functions_answer_as_xpath_has_them),
	    cmocka_unit_test(too_many_arguments_are_an_error),
	    cmocka_unit_test(an_id_is_found_without_a_table_of_them),
	    cmocka_unit_test(work_on_texts_costs_steps),
	    cmocka_unit_test(
		a_page_makes_so_much_text_however_many_steps_it_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
