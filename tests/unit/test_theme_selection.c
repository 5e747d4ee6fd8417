/* theme/selection: types, alternatives, and what they find */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dom/html.h"
#include "theme/selection.h"

static struct rules *rules;
static struct reading reading;
static struct err err;
static xmlNode *node;
static struct source source = {.path = "/x", .name = "x"};
static xmlDoc *doc;
static struct xpath_eval *eval;

static int
begin(void **state)
{
	static const char page[] =
	    "<!DOCTYPE html><html><body><p class=a>1</p><p>2<!--c--></p>"
	    "<p class=a>3</p><i></i><b> <!-- --></b></body></html>";

	(void)state;
	rules_init();
	rules = rules_new();
	reading = (struct reading){rules, &err};
	node = xmlNewNode(NULL, BAD_CAST "replace");
	node->_private = &source;
	eval = xpath_eval_new();
	xpath_eval_begin(eval, NULL, 0);
	return html_parse(&doc, page, sizeof(page) - 1, NULL, &err);
}

static int
end(void **state)
{
	(void)state;
	xpath_eval_free(&eval);
	html_free(&doc);
	xmlFreeNode(node);
	rules_unref(&rules);
	return 0;
}

static const struct selection *
parse(const char *text, bool may_negate)
{
	const struct selection *selection = NULL;

	if (selection_parse(
		&selection, &reading, node, "theme", text, may_negate) != 0)
		fail_msg("%s: %s", text, err.text);
	return selection;
}

static void
is_refused(const char *text, const char *words)
{
	const struct selection *selection = NULL;

	assert_int_equal(
	    selection_parse(&selection, &reading, node, "theme", text, false),
	    -1);
	if (!strstr(err.text, words))
		fail_msg("%s: %s", text, err.text);
}

static struct found
find_in(const struct selection *selection, bool (*only)(const xmlNode *))
{
	struct found found;

	if (selection_run(
		&found, selection, eval, doc, only, rules->arena, &err) != 0)
		fail_msg("%s", err.text);
	return found;
}

static bool
holds(const char *text)
{
	const struct selection *selection = parse(text, true);
	struct found found = find_in(selection, NULL);

	return selection_holds(selection, &found);
}

static void
elements_are_meant_where_no_type_is_said(void **state)
{
	struct found found = find_in(parse("p.a", false), NULL);

	(void)state;
	assert_int_equal(found.count, 2);
	assert_int_equal(found.by->selects, SELECTS_ELEMENTS);
	assert_string_equal(found.nodes[1]->children->content, "3");
	assert_int_equal(find_in(parse("element: i", false), NULL).count, 1);
}

static void
a_slash_begins_xpath(void **state)
{
	struct found found =
	    find_in(parse("children:/html/body/p[2]", false), NULL);

	(void)state;
	assert_int_equal(found.count, 1);
	assert_int_equal(found.by->selects, SELECTS_CHILDREN);
	is_refused("(//a)[1]", "no CSS selector");
	is_refused("//a[", "XPath");
}

static void
the_first_alternative_that_finds_anything_counts(void **state)
{
	struct found found =
	    find_in(parse("children:#no || .a || elements:i", false), NULL);

	(void)state;
	assert_int_equal(found.count, 2);
	assert_int_equal(found.by->selects, SELECTS_CHILDREN);
	found = find_in(parse("children:#no||elements:i", false), NULL);
	assert_int_equal(found.by->selects, SELECTS_ELEMENTS);
	found = find_in(parse("#no || #nor", false), NULL);
	assert_null(found.by);
	assert_int_equal(found.count, 0);
}

static bool
is_second(const xmlNode *element)
{
	return element->children &&
	       strcmp((const char *)element->children->content, "2") == 0;
}

static void
what_may_not_be_seen_counts_as_not_there(void **state)
{
	struct found found = find_in(parse(".a || p", false), is_second);

	(void)state;
	assert_int_equal(found.count, 1);
	assert_string_equal(found.nodes[0]->children->content, "2");
}

static void
attributes_may_be_named(void **state)
{
	const struct selection *selection =
	    parse("attributes( class , xml:lang ): p || #x", false);

	(void)state;
	assert_int_equal(selection->first->selects, SELECTS_ATTRIBUTES);
	assert_int_equal(selection->first->names.count, 2);
	assert_string_equal(selection->first->names.list[1], "xml:lang");
	assert_int_equal(selection->first->next->names.count, 2);
	assert_true(selection_names(&selection->first->names, "class"));
	assert_false(selection_names(&selection->first->names, "id"));
	assert_true(
	    selection_names(&parse("attributes:p", false)->first->names, "id"));
}

static void
bars_in_quotes_are_no_alternatives(void **state)
{
	const struct selection *selection = parse("p[title='a||b']", false);

	(void)state;
	assert_null(selection->first->next);
}

static void
types_that_do_not_go_together_are_an_error(void **state)
{
	(void)state;
	parse("children:p || elements:i", false);
	is_refused("children:p || attributes:i", "another type");
	is_refused("tag:p || elements:i", "another type");
	is_refused("p || tag:i", "another type");
}

static void
an_empty_selector_is_an_error(void **state)
{
	(void)state;
	is_refused("", "missing");
	is_refused("p ||", "missing");
	is_refused("children:", "missing");
	is_refused("children: || p", "missing");
	is_refused("words:p", "children:");
}

static void
a_condition_asks_for_what_its_type_says(void **state)
{
	(void)state;
	assert_true(holds("p"));
	assert_false(holds("not:p"));
	assert_true(holds("not: #no"));
	assert_true(holds("children:p"));
	assert_false(holds("children:i"));
	assert_false(holds("children:b"));
	assert_false(holds("children:i || p"));
	assert_true(holds("children:#no || p"));
	assert_true(holds("attributes(class):p"));
	assert_false(holds("attributes(id):p"));
	assert_true(holds("attributes:p"));
	assert_true(holds("not:attributes:i"));
}

static void
only_elements_comments_and_texts_are_found(void **state)
{
	(void)state;
	assert_int_equal(
	    find_in(parse("//comment() | //p/text()", false), NULL).count, 5);
	assert_int_equal(find_in(parse("//@class", false), NULL).count, 0);
	assert_int_equal(
	    find_in(parse("children://comment()", false), NULL).count, 0);
}

static void
a_value_is_no_selection(void **state)
{
	struct found found;

	(void)state;
	assert_int_equal(selection_run(&found, parse("/html = 'x'", false),
			     eval, doc, NULL, rules->arena, &err),
	    -1);
	assert_non_null(strstr(err.text, "no nodes"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(elements_are_meant_where_no_type_is_said),
	    cmocka_unit_test(a_slash_begins_xpath),
	    cmocka_unit_test(the_first_alternative_that_finds_anything_counts),
	    cmocka_unit_test(what_may_not_be_seen_counts_as_not_there),
	    cmocka_unit_test(attributes_may_be_named),
	    cmocka_unit_test(bars_in_quotes_are_no_alternatives),
	    cmocka_unit_test(types_that_do_not_go_together_are_an_error),
	    cmocka_unit_test(an_empty_selector_is_an_error),
	    cmocka_unit_test(a_condition_asks_for_what_its_type_says),
	    cmocka_unit_test(only_elements_comments_and_texts_are_found),
	    cmocka_unit_test(a_value_is_no_selection),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
