/* XPath evaluation: variables, errors by name, and the bound on work */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include <libxml/parser.h>
#include <libxml/xpathInternals.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dom/xpath.h"

static xmlDoc *
read_doc(const char *text)
{
	xmlDoc *doc = xmlReadMemory(text, (int)strlen(text), NULL, NULL, 0);

	assert_non_null(doc);
	return doc;
}

/* <r><a/><a/>...</r> */
static xmlDoc *
wide_doc(int n)
{
	xmlDoc *doc = xmlNewDoc((const xmlChar *)"1.0");
	xmlNode *root = xmlNewDocNode(doc, NULL, (const xmlChar *)"r", NULL);

	xmlDocSetRootElement(doc, root);
	for (int i = 0; i < n; i++)
		xmlNewChild(root, NULL, (const xmlChar *)"a", NULL);
	return doc;
}

/* Sanitizers cost several times as much. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWER 5
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLOWER 5
#endif
#endif
#ifndef SLOWER
#define SLOWER 1
#endif

static int64_t
cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
expressions_are_evaluated_in_their_context(void **state)
{
	xmlDoc *doc = read_doc("<r><a>x</a><b><a>y</a></b></r>");
	struct xpath_eval *eval = xpath_eval_new();
	xmlNode *b = xmlDocGetRootElement(doc)->children->next;
	xmlXPathObject *found;
	struct err err;

	(void)state;
	xpath_eval_begin(eval, doc, 0);
	assert_int_equal(xpath_eval_run(eval, "//a", NULL, &found, &err), 0);
	assert_int_equal(found->nodesetval->nodeNr, 2);
	xmlXPathFreeObject(found);
	assert_int_equal(xpath_eval_run(eval, "a", b, &found, &err), 0);
	assert_int_equal(found->nodesetval->nodeNr, 1);
	xmlXPathFreeObject(found);
	assert_int_equal(xpath_eval_run(eval, "string(a)", b, &found, &err), 0);
	assert_string_equal((char *)found->stringval, "y");
	xmlXPathFreeObject(found);
	xpath_eval_free(&eval);
	assert_null(eval);
	xpath_eval_free(&eval);
	xmlFreeDoc(doc);
}

static void
tests_answer_as_boolean_does(void **state)
{
	xmlDoc *doc = read_doc("<r><a/></r>");
	struct xpath_eval *eval = xpath_eval_new();
	struct err err;

	(void)state;
	xpath_eval_begin(eval, doc, 0);
	assert_int_equal(xpath_eval_test(eval, "//a", NULL, &err), 1);
	assert_int_equal(xpath_eval_test(eval, "//b", NULL, &err), 0);
	assert_int_equal(xpath_eval_test(eval, "0", NULL, &err), 0);
	assert_int_equal(xpath_eval_test(eval, "2", NULL, &err), 1);
	assert_int_equal(xpath_eval_test(eval, "''", NULL, &err), 0);
	assert_int_equal(
	    xpath_eval_test(eval, "position() = 1", NULL, &err), 1);
	assert_int_equal(xpath_eval_test(eval, "][", NULL, &err), -1);
	xpath_eval_free(&eval);
	xmlFreeDoc(doc);
}

static void
variables_last_until_the_next_begin(void **state)
{
	xmlDoc *doc = read_doc("<r/>");
	struct xpath_eval *eval = xpath_eval_new();
	struct err err;

	(void)state;
	xpath_eval_begin(eval, doc, 0);
	xpath_eval_variable(eval, "path", "/news");
	assert_int_equal(
	    xpath_eval_test(eval, "$path = '/news'", NULL, &err), 1);
	xpath_eval_variable(eval, "path", "/x");
	assert_int_equal(
	    xpath_eval_test(eval, "$path = '/news'", NULL, &err), 0);
	xpath_eval_begin(eval, doc, 0);
	assert_int_equal(
	    xpath_eval_test(eval, "$path = '/news'", NULL, &err), -1);
	assert_non_null(strstr(err.text, "$path = '/news'"));
	assert_non_null(strstr(err.text, "no variable $path is declared"));
	xpath_eval_free(&eval);
	xmlFreeDoc(doc);
}

static void
mistakes_are_named_with_the_expression(void **state)
{
	static const char *const wrong[] = {"", "//", "a[", "a]", "1 +",
	    "foo::a", "$", "'x", "a b", "@", "a[[1]]", "|"};
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		if (xpath_check(wrong[i], &err) != -1)
			fail_msg("'%s' compiles", wrong[i]);
		assert_non_null(strstr(err.text, wrong[i]));
		assert_true(strlen(err.text) > strlen(wrong[i]) + 10);
		assert_null(strchr(err.text, '\n'));
	}
	assert_int_equal(xpath_check("//a[@b = 'c']", &err), 0);
	assert_int_equal(xpath_check("$later", &err), 0);
	assert_int_equal(xpath_check("//esi:include | //xhtml:p", &err), 0);
	assert_int_equal(xpath_check("str:tokenize(.)", &err), 0);
}

static void
unknown_functions_and_prefixes_fail_when_called(void **state)
{
	xmlDoc *doc = read_doc("<r/>");
	struct xpath_eval *eval = xpath_eval_new();
	struct err err;

	(void)state;
	xpath_eval_begin(eval, doc, 0);
	assert_int_equal(xpath_eval_test(eval, "nope()", NULL, &err), -1);
	assert_non_null(strstr(err.text, "'nope()': "));
	assert_int_equal(xpath_eval_test(eval, "//nope:a", NULL, &err), -1);
	assert_int_equal(xpath_eval_test(eval, "//esi:a", NULL, &err), 0);
	assert_int_equal(xpath_eval_test(eval, "id(", NULL, &err), -1);
	assert_int_equal(xpath_eval_test(eval, "1", NULL, &err), 1);
	xpath_eval_free(&eval);
	xmlFreeDoc(doc);
}

static void
a_new_text_at_an_old_address_is_compiled_anew(void **state)
{
	xmlDoc *doc = read_doc("<r><a/></r>");
	struct xpath_eval *eval = xpath_eval_new();
	struct err err;
	char text[] = "//a";

	(void)state;
	xpath_eval_begin(eval, doc, 0);
	assert_int_equal(xpath_eval_test(eval, text, NULL, &err), 1);
	text[2] = 'b';
	assert_int_equal(xpath_eval_test(eval, text, NULL, &err), 0);
	text[2] = '[';
	assert_int_equal(xpath_eval_test(eval, text, NULL, &err), -1);
	text[2] = 'a';
	assert_int_equal(xpath_eval_test(eval, text, NULL, &err), 1);
	xpath_eval_free(&eval);
	xmlFreeDoc(doc);
}

static void
thousands_of_expressions_are_kept_and_then_forgotten(void **state)
{
	enum { COUNT = 10000, LEN = 32 };
	xmlDoc *doc = read_doc("<r><a/></r>");
	struct xpath_eval *eval = xpath_eval_new();
	char(*texts)[LEN] = mem_new_array(COUNT, LEN);
	struct err err;

	(void)state;
	xpath_eval_begin(eval, doc, 0);
	for (int i = 0; i < COUNT; i++) {
		snprintf(texts[i], LEN, "%d > 4999", i);
		assert_int_equal(
		    xpath_eval_test(eval, texts[i], NULL, &err), i > 4999);
	}
	for (int i = 0; i < COUNT; i += 7)
		assert_int_equal(
		    xpath_eval_test(eval, texts[i], NULL, &err), i > 4999);
	mem_free(&texts);
	xpath_eval_free(&eval);
	xmlFreeDoc(doc);
}

static void
slow_expressions_end_at_the_limit(void **state)
{
	static const char *const slow[] = {
	    "count(//*[count(preceding::*) > 0])",
	    "//a[count(preceding-sibling::a) mod 2 = 1]",
	    "//*[//*[//*[. = 'x']]]",
	    "//a[string(/r) = 'x' or count(../a[../a]) = 1]",

	    "//a[not(preceding-sibling::* = following-sibling::*)]",
	};
	xmlDoc *doc = wide_doc(5000);
	struct xpath_eval *eval = xpath_eval_new();
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(slow); i++) {
		int64_t begin = cpu_ms();
		xmlXPathObject *found = NULL;

		xpath_eval_begin(eval, doc, 1000000);
		if (xpath_eval_run(eval, slow[i], NULL, &found, &err) == 0) {
			xmlXPathFreeObject(found);
		} else {
			assert_non_null(
			    strstr(err.text, "more than 1000000 operations"));
		}
		begin = cpu_ms() - begin;
		if (begin > 200 * SLOWER)
			fail_msg("%s: %d ms", slow[i], (int)begin);
	}
	xpath_eval_free(&eval);
	xmlFreeDoc(doc);
}

static void
the_limit_is_for_all_of_a_page_and_new_with_the_next(void **state)
{
	xmlDoc *doc = wide_doc(1000);
	struct xpath_eval *eval = xpath_eval_new();
	struct err err;
	int rc = 1;
	int n = 0;

	(void)state;
	xpath_eval_begin(eval, doc, 20000);
	for (; rc == 1 && n < 1000; n++)
		rc = xpath_eval_test(eval, "//a", NULL, &err);
	assert_int_equal(rc, -1);
	assert_true(n > 2 && n < 40);
	assert_int_equal(xpath_eval_test(eval, "//a", NULL, &err), -1);
	xpath_eval_begin(eval, doc, 20000);
	assert_int_equal(xpath_eval_test(eval, "//a", NULL, &err), 1);
	xpath_eval_free(&eval);
	xmlFreeDoc(doc);
}

/* before n times, middle, after n times */
static int
check_bomb(const char *before, const char *middle, const char *after, int n)
{
	struct err err;
	struct buf text;
	int rc;

	buf_init(&text, 64 << 20);
	for (int i = 0; i < n; i++)
		buf_puts(&text, before);
	buf_puts(&text, middle);
	for (int i = 0; i < n; i++)
		buf_puts(&text, after);
	rc = xpath_check(text.data, &err);
	buf_fini(&text);
	return rc;
}

static void
texts_do_not_grow_for_nothing(void **state)
{
	struct xpath_eval *eval = xpath_eval_new();
	char *big = mem_new(9 * 1024 * 1024);
	xmlXPathObject *found;
	struct err err;

	(void)state;
	memset(big, 'x', 9 * 1024 * 1024 - 1);
	xpath_eval_begin(eval, NULL, 0);
	xpath_eval_variable(eval, "big", big);
	assert_int_equal(
	    xpath_eval_run(eval,
		"string-length(concat($big, 'a', 12, concat(true(), '')))",
		NULL, &found, &err),
	    0);
	assert_true(found->floatval == 9 * 1024 * 1024 - 1 + 1 + 2 + 4);
	xmlXPathFreeObject(found);
	assert_int_equal(
	    xpath_eval_run(eval,
		"concat($big, $big, $big, $big, $big, $big, $big, $big)", NULL,
		&found, &err),
	    -1);
	assert_non_null(strstr(err.text, "operations"));
	xpath_eval_begin(eval, NULL, 1000);
	xpath_eval_variable(eval, "big", big);
	assert_int_equal(
	    xpath_eval_run(eval, "concat($big, $big)", NULL, &found, &err), -1);
	assert_int_equal(
	    xpath_eval_run(eval, "concat('x')", NULL, &found, &err), -1);
	xpath_eval_free(&eval);
	mem_free(&big);
}

static void
nesting_bombs_are_refused(void **state)
{
	(void)state;
	assert_int_equal(check_bomb("(", "1", ")", 50), 0);
	assert_int_equal(check_bomb("(", "1", ")", 100000), -1);
	assert_int_equal(check_bomb("a[", "1", "]", 100000), -1);
	assert_int_equal(check_bomb("not(", "1", ")", 100000), -1);
	assert_int_equal(check_bomb("-", "1", "", 100000), 0);
	assert_int_equal(check_bomb("a/", "b", "", 10), 0);
	check_bomb("a/", "b", "", 200000);
	check_bomb("a | ", "b", "", 200000);
	check_bomb("1 + ", "1", "", 200000);
	check_bomb("a", "", "[1]", 200000);
	assert_int_equal(check_bomb("a/", "b", "", 2000000), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(expressions_are_evaluated_in_their_context),
	    cmocka_unit_test(tests_answer_as_boolean_does),
	    cmocka_unit_test(variables_last_until_the_next_begin),
	    cmocka_unit_test(mistakes_are_named_with_the_expression),
	    cmocka_unit_test(unknown_functions_and_prefixes_fail_when_called),
	    cmocka_unit_test(a_new_text_at_an_old_address_is_compiled_anew),
	    cmocka_unit_test(
		thousands_of_expressions_are_kept_and_then_forgotten),
	    cmocka_unit_test(slow_expressions_end_at_the_limit),
	    cmocka_unit_test(
		the_limit_is_for_all_of_a_page_and_new_with_the_next),
	    cmocka_unit_test(texts_do_not_grow_for_nothing),
	    cmocka_unit_test(nesting_bombs_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
