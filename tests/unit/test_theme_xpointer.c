/* theme/xpointer: which part of a file a pointer names */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <libxml/parser.h>

#include "base/buf.h"
#include "theme/rule.h"
#include "theme/xpointer.h"

static const char text[] = "<a xmlns='urn:a' xml:id='top'><b id='one'>1<c/></b>"
			   "<b xml:id='two'>2</b><!--d--><e n='(x'/></a>";

static xmlDoc *doc;

static int
begin(void **state)
{
	(void)state;
	rules_init();
	doc = xmlReadMemory(text, sizeof(text) - 1, NULL, NULL, 0);
	return doc ? 0 : -1;
}

static int
end(void **state)
{
	(void)state;
	xmlFreeDoc(doc);
	return 0;
}

/* names: of what is found, with a space behind each. */
static void
finds(const char *pointer, const char *names)
{
	xmlXPathObject *found = NULL;
	struct err err = {""};
	struct buf said;

	buf_init(&said, 1000);
	buf_puts(&said, "");
	if (xpointer_find(doc, pointer, &found, &err) != 0)
		fail_msg("%s: %s", pointer, err.text);
	for (int i = 0; i < xmlXPathNodeSetGetLength(found->nodesetval); i++)
		buf_printf(&said, "%s ", found->nodesetval->nodeTab[i]->name);
	assert_string_equal(said.data, names);
	xmlXPathFreeObject(found);
	buf_fini(&said);
}

static void
is_no_pointer(const char *pointer, const char *words)
{
	xmlXPathObject *found = NULL;
	struct err err = {""};

	if (xpointer_find(doc, pointer, &found, &err) == 0)
		fail_msg("%s finds something", pointer);
	assert_null(found);
	if (!strstr(err.text, words))
		fail_msg("%s: %s, and not %s", pointer, err.text, words);
}

static void
a_bare_name_is_an_id(void **state)
{
	(void)state;
	finds("two", "b ");
	finds(" one ", "b ");
	finds("three", "");
}

static void
element_counts_children(void **state)
{
	(void)state;
	finds("element(/1)", "a ");
	finds("element(/1/1/1)", "c ");
	finds("element(one/1)", "c ");
	finds("element(/1/9)", "");
}

static void
xpath_has_the_names_that_xmlns_declares(void **state)
{
	(void)state;
	finds("xmlns(x=urn:a) xpointer(//x:b)", "b b ");
	finds("xmlns(x= urn:a)xpointer(/x:a/x:e | /x:a/comment() | //x:c)",
	    "c comment e ");
	finds("xpointer(/)", "a ");
	finds("xpointer(//*[@n='^(x'])", "e ");
	finds("xpointer(//b)", ""); /* of no namespace */
}

static void
the_first_scheme_that_finds_anything_counts(void **state)
{
	(void)state;
	finds("element(/2) element(/1/2) element(/1)", "b ");
	finds("element(/2) xpointer(//nothing)", "");
}

static void
what_is_no_pointer_is_told_of(void **state)
{
	char pointer[XPOINTER_MAX + 2];

	(void)state;
	is_no_pointer("", "should be");
	is_no_pointer("xpointer(//a", "')' is missing");
	is_no_pointer("xpointer(//a[)", "not an expression");
	is_no_pointer("xpointer(1)", "a value");
	is_no_pointer("xpointer($x)", "not declared");
	is_no_pointer("xpointer(x:a)", "a prefix is not declared");
	is_no_pointer("xpointer(//@n)", "attributes");
	is_no_pointer("xpointer(//*)", "inside of it");
	is_no_pointer("xpointer(document('/etc/passwd'))", "functions");
	is_no_pointer("xpointer(range-to(//a))", "functions");
	is_no_pointer("xpath1(//a)", "xpath1() is not known");
	is_no_pointer("element(/1/x)", "places");
	is_no_pointer("xmlns(x=y)", "nothing to look for");
	is_no_pointer("xmlns(x)", "PREFIX=URI");
	is_no_pointer("it's", "name");
	is_no_pointer("xpointer(a|a|a|a|a|a|a|a|a|a)", "8 times '|'");
	memset(pointer, 'a', sizeof(pointer) - 1);
	pointer[sizeof(pointer) - 1] = '\0';
	is_no_pointer(pointer, "over");
}

static void
a_document_that_is_too_big_has_no_parts(void **state)
{
	xmlXPathObject *found = NULL;
	struct buf bytes;
	struct err err;
	xmlDoc *all = doc;

	(void)state;
	buf_init(&bytes, 1000000);
	buf_puts(&bytes, "<a>");
	for (int i = 0; i < XPOINTER_NODES_MAX - 1; i++)
		buf_puts(&bytes, "<b/>");
	buf_puts(&bytes, "</a>");
	doc = xmlReadMemory(bytes.data, (int)bytes.len, NULL, NULL, 0);
	finds("xpointer(/a/b[last()] | //b[2])", "b b ");
	xmlNewChild(xmlDocGetRootElement(doc), NULL, BAD_CAST "b", NULL);
	assert_int_equal(xpointer_find(doc, "a", &found, &err), -1);
	assert_non_null(strstr(err.text, "a file of its own"));
	xmlFreeDoc(doc);
	buf_fini(&bytes);
	doc = all;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_bare_name_is_an_id),
	    cmocka_unit_test(element_counts_children),
	    cmocka_unit_test(xpath_has_the_names_that_xmlns_declares),
	    cmocka_unit_test(the_first_scheme_that_finds_anything_counts),
	    cmocka_unit_test(what_is_no_pointer_is_told_of),
	    cmocka_unit_test(a_document_that_is_too_big_has_no_parts),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
