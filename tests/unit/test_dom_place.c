/* What a tree has where no markup in its place says it: dom/place.c, and how
 * dom/html_write.c writes it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/mem.h"
#include "dom/html.h"
#include "dom/node.h"
#include "../fuzz/same_tree.h"

enum { OUT_MAX = 1 << 22, HALF_A_SECOND = 500000000 };

/* from NULL: the whole page; else its first element of that name. */
static const xmlNode *
find(const xmlDoc *doc, const char *name)
{
	const xmlNode *node = (const xmlNode *)doc;

	while (name && (node->type != XML_ELEMENT_NODE ||
			   strcmp((const char *)node->name, name) != 0)) {
		if (node->type != XML_TEXT_NODE && node->type != XML_DTD_NODE &&
		    node->children) {
			node = node->children;
			continue;
		}
		while (!node->next)
			node = node->parent;
		node = node->next;
	}
	return node;
}

static char *
rewrite(const char *page, const char *from, const struct html_opts *opts)
{
	struct err err = {""};
	struct buf out;
	xmlDoc *doc;

	buf_init(&out, OUT_MAX);
	assert_int_equal(html_parse(&doc, page, strlen(page), opts, &err), 0);
	assert_int_equal(html_write(&out, find(doc, from)), 0);
	html_free(&doc);
	return buf_steal(&out, NULL);
}

/* As it came; and anew, or of a copy that may be changed, where nobody knows
 * any more what stood where. */
static void
becomes_from(const char *from, const char *page, const char *expected,
    const char *expected_anew)
{
	for (int i = 0; i < 3; i++) {
		const struct html_opts opts = {
		    .spans = i == 0, .editable = i == 2};
		char *written = rewrite(page, from, &opts);

		assert_string_equal(written, i > 0 ? expected_anew : expected);
		mem_free(&written);
	}
}

#define BEFORE "<!DOCTYPE html>\n<html><head></head><body>"
#define AFTER  "</body></html>"

static void
stays(const char *body)
{
	char *page = mem_printf(BEFORE "%s" AFTER, body);

	becomes_from(NULL, page, page, page);
	mem_free(&page);
}

/* ---- forms ---- */

static void
a_form_around_no_cell_keeps_the_fields_of_its_table(void **state)
{
	(void)state;
	becomes_from(NULL,
	    BEFORE "<table><form action=a><tr><td><input></td></tr></table>"
		   "<input type=submit></form><input>" AFTER,
	    BEFORE "<table><form action=\"a\"><tr><td><input></td></tr></table>"
		   "<input type=\"submit\"></form><input>" AFTER,
	    BEFORE "<table><form action=\"a\"><tr><td><input></td></tr></form>"
		   "</table><input type=\"submit\"><input>" AFTER);
	becomes_from(NULL,
	    BEFORE "<table><tr><form action=a><td><input></td></form></tr>"
		   "<tr><td><input></td></tr></table>" AFTER,
	    BEFORE "<table><tr><form action=\"a\"><td><input></td></tr></form>"
		   "<tr><td><input></td></tr></table>" AFTER,
	    BEFORE "<table><tr><form action=\"a\"><td><input></td></form></tr>"
		   "<tr><td><input></td></tr></table>" AFTER);
}

static void
a_form_alone_is_closed_wherever_it_goes(void **state)
{
	(void)state;
	becomes_from("form", BEFORE "<table><form><tr><td>x</table>" AFTER,
	    "<form></form>", "<form></form>");
	becomes_from("tr", BEFORE "<table><tr><form><td>x</table></form>" AFTER,
	    "<tr><form><td>x</td></tr></form>",
	    "<tr><form><td>x</td></form></tr>");
}

static void
a_form_in_a_form_follows_the_end_tag_of_that(void **state)
{
	(void)state;
	stays("<form id=\"a\"><div></form><form id=\"b\"><input></form></div>"
	      "</form>z");
	stays("<form id=\"a\"><table><tr><td></form><form id=\"b\"><input>"
	      "</form></td></tr></table></form>");
	stays("<form id=\"a\"><p><input></p></form><form id=\"b\"></form>");
	stays("<form id=\"a\"><u>1</form><rt>2<form id=\"b\"></form></rt></u>"
	      "</form>");
	stays("<form id=\"a\"><div>1</form><dd>2<form id=\"b\"></form></dd>"
	      "</div></form>");
	stays("<template><form><div><form></form></div></form></template>");
}

/* An end tag of the form, or a start tag that ends it, is in a table nothing to
 * the form's element, which goes on around the table. */
static void
a_form_that_ends_in_what_a_table_threw_out_goes_on_as_an_element(void **state)
{
	(void)state;
	becomes_from(NULL,
	    BEFORE "<form><table><i>1</form>2<u>3</u></i><tr><td>4</table>",
	    BEFORE "<form><table><i>12</form><u>3</u></i><tr><td>4</td></tr>"
		   "</table></form>" AFTER,
	    BEFORE "<form><i>12<u>3</u></i><table><tr><td>4</td></tr></table>"
		   "</form>" AFTER);
	/* nothing ends the element but what is around it */
	becomes_from(NULL,
	    BEFORE "<div><form><table><tr><td></form><u>1</u></table>2</div>",
	    BEFORE "<div><form><table><tr><td></form><u>1</u></td></tr></table>"
		   "2</form></div>" AFTER,
	    BEFORE "<div><form><table><tr><td><u>1</u></td></tr></table>2"
		   "</form></div>" AFTER);
	becomes_from(NULL,
	    BEFORE "<b><form><table><tr><td></form><u>1</u></table>2",
	    BEFORE "<b><form><table><tr><td><u>1</u></td></tr></table>2"
		   "</form></b>" AFTER,
	    BEFORE "<b><form><table><tr><td><u>1</u></td></tr></table>2"
		   "</form></b>" AFTER);
	/* and behind that table it would end the element */
	becomes_from(NULL, BEFORE "<form><table></form></table><u>1</u>2",
	    BEFORE "<form><table></table><u>1</u>2</form>" AFTER,
	    BEFORE "<form><table></table><u>1</u>2</form>" AFTER);
	stays("<form id=\"a\"><table><i>1</form><form id=\"b\"></form><u></u>"
	      "</i><tr><td>2</td></tr></table></form>");
}

/* Such an element may hold the next form: where it is known, the end tag stands
 * in the table that it stood in, else in the last one before that form. */
static void
a_form_in_the_element_of_one_that_ended_in_a_table_is_kept(void **state)
{
	(void)state;
	stays("<form id=\"a\">1<table></form></table>2<form id=\"b\"></form>3"
	      "</form>");
	stays("<form id=\"a\"><object></form></object><div><form id=\"b\">"
	      "</form></div>1</form>");
	becomes_from(NULL,
	    BEFORE "<form><table></form></table><p><input></p><table></table>"
		   "<form id=b></form>1",
	    BEFORE "<form><table></form></table><p><input></p><table></table>"
		   "<form id=\"b\"></form>1</form>" AFTER,
	    BEFORE "<form><table></table><p><input></p><table></form></table>"
		   "<form id=\"b\"></form>1</form>" AFTER);
	stays("<form><template></template><table></form></table>"
	      "<form id=\"b\"></form></form>");
	/* the other form is in a table itself */
	stays("<form><table></table><table><tr><td></form><form id=\"b\">"
	      "</form></td></tr></table></form>");
}

/* ---- what cannot be said ---- */

static xmlDoc *
tree_of_page(const char *page, bool spans)
{
	const struct html_opts opts = {.spans = spans};
	struct err err = {""};
	xmlDoc *doc;

	assert_int_equal(html_parse(&doc, page, strlen(page), &opts, &err), 0);
	return doc;
}

/* The tree of what is written of a page. */
static xmlDoc *
tree_again(const char *page, bool spans)
{
	const struct html_opts opts = {.spans = spans};
	char *written = rewrite(page, NULL, &opts);
	xmlDoc *doc = tree_of_page(written, false);

	mem_free(&written);
	return doc;
}

/* As it came or anew it is read again as one tree; which is that of the page,
 * if there is markup for it. */
static void
is_one_tree(const char *page, bool can_be_said)
{
	xmlDoc *was = tree_of_page(page, false);
	xmlDoc *from_spans = tree_again(page, true);
	xmlDoc *anew = tree_again(page, false);

	assert_null(differing(from_spans, anew));
	if (can_be_said)
		assert_null(differing(was, anew));
	html_free(&was);
	html_free(&from_spans);
	html_free(&anew);
}

static void
forms_among_what_tables_threw_out_are_written_one_way(void **state)
{
	(void)state;
	is_one_tree(
	    "<form i=a>no~<table><n>b<!DOCTYPE html><table><caption><p>a<a>"
	    "no~<table><n>b<!DOCTYPtd><a>2</table>3<a>DOCcharsetml><table><t>"
	    "<nobr>a<nobr>b<div><no<nobr>b<div><nobr>c</r><</form>xxa>1"
	    "</table>a>/<form></form>tr><td>e<td><th></tr>s",
	    false);
	is_one_tree(BEFORE "<form><table>s<tr><td><a>1<table><a>2</a></form>3"
			   "</table></table>4<form></form>",
	    true);
}

static void
the_place_for_a_form_in_a_form_moves_nothing(void **state)
{
	(void)state;
	/* the first form is ended by no end tag but its own */
	is_one_tree(BEFORE "<div><form id=a><table></table><div></form>"
			   "<form id=b></form></div>1</form>2</div>3",
	    true);
	is_one_tree(BEFORE "<form id=a><li><table></table><u>1</form>"
			   "<form id=b></form>2</u></li></form>3",
	    true);
	/* nor is it by that of a noscript, or of a form */
	is_one_tree(BEFORE "<div><noscript><form><table><td></form></td>"
			   "</table>1<form></form>2</noscript>3</div>4",
	    true);
	is_one_tree(BEFORE "<form id=a><div></form><form id=b><table><td>"
			   "</form><form id=c></form></table>1</div>2",
	    false);
	/* in SVG it ends at once */
	is_one_tree(BEFORE "<form><svg><g></form><g></g></g></svg>1"
			   "<table></table><form></form>2",
	    false);
}

static void
a_form_within_two_that_ended_is_met(void **state)
{
	(void)state;
	is_one_tree(BEFORE "<form id=a><div></form><form id=b><div></form>"
			   "</div></form><form id=c></form></div></form>",
	    true);
	is_one_tree(BEFORE "<form><table><tr><td></form><p>1</p><table></table>"
			   "<form><u></form>2<form></form>",
	    false);
	/* a form in a table ends where nobody knows any more */
	is_one_tree(BEFORE "<table><a><tr><form><td></form><form>1</form></td>"
			   "</tr><a></table>",
	    false);
}

/* There an end tag is nothing to a form around the template, and the end of a
 * form in it. */
static void
no_form_ends_in_a_template_for_another(void **state)
{
	(void)state;
	stays("<template><form><rt><form></form><b>1</b></rt>2</form>"
	      "</template>");
	stays("<form><template><li><form></form>1</li></template><input></form>"
	      "<input>");
	stays("<form><template><form><p><input></p><dd><form></form>1</dd>2"
	      "</form></template><input></form>");
	is_one_tree("<u><form><table></form><form><u></form><template><rt>"
		    "<form>",
	    false);
	is_one_tree("<u><form><table></form><form><tr><td><template><li><form>"
		    "</template><u></form><p><form><input>",
	    false);
	is_one_tree("<form><table><b></form><form><template><p><b><rt><form>"
		    "</b></template></form><u><input>",
	    false);
	/* which stays open in it, and then ends in the table */
	becomes_from(NULL,
	    BEFORE "<table><form><tr><td><template><li><form><input></form>"
		   "</template><input></form><input></table>" AFTER,
	    BEFORE
	    "<table><form><tr><td><template><li><form><input></form>"
	    "</li></template><input></form><input></td></tr></table>" AFTER,
	    BEFORE
	    "<table><form><tr><td><template><li><form><input></form>"
	    "</li></template><input><input></td></tr></form></table>" AFTER);
}

/* Without the form's element the inner one would end the outer one. */
static void
a_form_between_items_stays_open_where_it_keeps_them_apart(void **state)
{
	(void)state;
	is_one_tree(BEFORE "<li><form><v><table></form></table><li>", true);
	is_one_tree(BEFORE "<dt><form><v><table></form></table><u><dd>", true);
	is_one_tree(BEFORE "<li><form><b><li><a></form><li>", true);
	is_one_tree(BEFORE "<li><form><i></form><form><b><table></form></table>"
			   "<li>",
	    false);
	/* a list of its own does so as well */
	becomes_from(NULL,
	    BEFORE "<ul><li><form><div></form><ul><li>1</li></ul></div></form>"
		   "</li></ul>" AFTER,
	    BEFORE "<ul><li><form><div></form><ul><li>1</li></ul></div></form>"
		   "</li></ul>" AFTER,
	    BEFORE "<ul><li><form><div><ul><li>1</li></ul></div></form></li>"
		   "</ul>" AFTER);
}

/* All of them see that it cannot be ended there. */
static void
where_a_form_cannot_end_before_another_is_asked_once(void **state)
{
	(void)state;
	is_one_tree("<form><li><table></table><a></form></a><form>", true);
	is_one_tree("<form><table></table><rt><a></form><form><a>", false);
	is_one_tree("<form><table></table><dd><a></form><form><a>", false);
	is_one_tree("<form><dd><table></table><nobr></form><form></form><form>"
		    "<nobr>",
	    false);
}

/* A cell that ends with a template leaves its marker to what is behind. */
static void
a_link_in_a_link_behind_a_template_moves_no_form(void **state)
{
	(void)state;
	is_one_tree("<a><form><v></form><template><td></template><a>", false);
	is_one_tree("<a><template><td></template><form><u></form><a>", false);
	is_one_tree("<form><a><template><object></template></form><a>", false);
}

/* Read again, the inner one ends the outer one, and the form's element with all
 * that is open in it. */
static void
a_page_that_no_markup_says_has_its_forms_where_they_nest(void **state)
{
	(void)state;
	/* adopted */
	is_one_tree("<form><h2></form><a><h2><a>", false);
	is_one_tree("<form><h1></form><b><h2></b>", false);
	/* so deep that it is not adopted */
	is_one_tree(
	    "<a><div><div><div><div><div><div><div><div><form><e></form>"
	    "<a>",
	    false);
	is_one_tree("<nobr><dl><dl><dl><dl><dl><dl><dl><dl><form><e></form>"
		    "<nobr>",
	    false);
	/* begun again within its like, as the select was a scope */
	is_one_tree("<form><nobr><select><nobr><input></form><nobr>", false);
}

/* There it would be the end tag of the other one. */
static void
a_form_within_one_of_svg_ends_as_its_element(void **state)
{
	(void)state;
	is_one_tree(BEFORE
	    "<svg><form><foreignObject><table><form></form></table>"
	    "<table></table>",
	    true);
	is_one_tree(BEFORE "<table><form><td><math><form><mi><u></form>1</u>"
			   "<table></table>",
	    true);
}

/* What is in a template is in no form's way. (The node that says why the table
 * must stand before it, the script, is further away than anybody looks.) */
static void
a_table_in_a_template_is_no_matter_of_the_form_around_it(void **state)
{
	static const char before[] =
	    "<form><l></form><template><table><e><template><form></form>"
	    "</template>";
	struct buf page;

	(void)state;
	becomes_from(NULL,
	    BEFORE "<form><div></form><template><table><e><template><form>"
		   "</form></template></e></table></template></div>" AFTER,
	    BEFORE
	    "<form><div></form><template><e><template><form></form>"
	    "</template></e><table></table></template></div></form>" AFTER,
	    BEFORE "<form><div><template><e><template><form></form></template>"
		   "</e><table></table></template></div></form>" AFTER);
	buf_init(&page, OUT_MAX);
	buf_puts(&page, before);
	for (int i = 0; i < 100; i++)
		buf_puts(&page, "<i></i>");
	buf_puts(&page, "<script>1");
	is_one_tree(page.data, false);
	buf_fini(&page);
}

/* Not in a table. */
static void
what_a_select_or_a_ruby_would_end_goes_back_into_its_table(void **state)
{
	(void)state;
	is_one_tree(BEFORE "<select><form><table></form><p><optgroup>", true);
	is_one_tree(BEFORE "<ruby><table><form></form><p><rt>", true);
	stays("<table><select><input type=\"hidden\"></select></table>");
	is_one_tree("<form><table><select><input type=hidden></form>", true);
	/* no special element, but a block */
	is_one_tree("<form><p><table><dialog></form>", true);
}

/* A form that ended there has no need of it. */
static void
text_from_a_table_does_not_go_back_to_join_its_space(void **state)
{
	(void)state;
	is_one_tree(BEFORE "<table><form><tr><td><table> <caption>a</caption>"
			   "<tr>x</form>y",
	    true);
}

/* ---- what comes out of a table ---- */

/* With the table behind it, it would need an end tag, and run. */
static void
a_script_without_an_end_is_last_in_its_table(void **state)
{
	static const char expected[] = BEFORE "<table><i><script>alert(1)";

	(void)state;
	becomes_from(
	    NULL, BEFORE "<table><i><script>alert(1)", expected, expected);
}

static void
what_a_table_threw_out_goes_back_where_it_must(void **state)
{
	(void)state;
	stays("<a>x<table><a>y</a><tr><td>z</td></tr></table></a>");
	stays("<nobr>x<table><b><nobr>y</nobr></b>w<tr><td>z</td></tr></table>"
	      "</nobr>");
	stays(
	    "<ul><li>x<table><li>y</li><tr><td>z</td></tr></table></li></ul>");
	becomes_from(NULL, "<p>x<table><p>y<tr><td>z</table>",
	    "<html><head></head><body><p>x<table><p>y</p><tr><td>z</td></tr>"
	    "</table></p></body></html>",
	    "<html><head></head><body><p>x<table><p>y</p><tr><td>z</td></tr>"
	    "</table></p></body></html>");
}

static void
all_else_stands_before_the_table(void **state)
{
	(void)state;
	becomes_from(NULL, BEFORE "<a>x<table><b>y</b><tr><td>z</table></a>",
	    BEFORE "<a>x<b>y</b><table><tr><td>z</td></tr></table></a>" AFTER,
	    BEFORE "<a>x<b>y</b><table><tr><td>z</td></tr></table></a>" AFTER);
}

static void
taken_out_alone_it_needs_no_table(void **state)
{
	(void)state;
	becomes_from("b", BEFORE "<a>x<table><b><a>y</a></b><tr><td>z</table>",
	    "<b><a>y</a></b>", "<b><a>y</a></b>");
}

/* ---- what has no end ---- */

static void
a_plaintext_ends_a_page_or_is_a_pre(void **state)
{
	(void)state;
	becomes_from(NULL, BEFORE "<p>x</p><plaintext>a<b></plaintext>",
	    BEFORE "<p>x</p><plaintext>a<b></plaintext>",
	    BEFORE "<p>x</p><plaintext>a<b></plaintext>");
	becomes_from(NULL, BEFORE "<table><plaintext>a<tr>",
	    BEFORE "<table><plaintext>a<tr>", BEFORE "<table><plaintext>a<tr>");
	becomes_from("div", BEFORE "<div><plaintext id=p>\na<b>",
	    "<div><pre id=\"p\">\n\na&lt;b&gt;</pre></div>",
	    "<div><pre id=\"p\">\n\na&lt;b&gt;</pre></div>");
}

static void
a_script_that_was_cut_off_stays_when_it_is_empty(void **state)
{
	(void)state;
	becomes_from("div", BEFORE "<div><script class=a>",
	    "<div><script class=\"a\"></script></div>",
	    "<div><script class=\"a\"></script></div>");
	becomes_from(
	    "div", BEFORE "<div><script src=a>", "<div></div>", "<div></div>");
}

/* ---- cost ---- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWER 20
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLOWER 20
#endif
#endif
#ifndef SLOWER
#define SLOWER 4
#endif

/* What is thrown out of ever more tables, deep in others. */
static void
many_questions_cost_little(void **state)
{
	const struct html_opts opts = {.limits = {.nodes = OUT_MAX}};
	struct timespec from, to;
	struct buf page;
	char *written;

	(void)state;
	buf_init(&page, OUT_MAX);
	for (int i = 0; i < 450; i++)
		buf_puts(&page, "<div>");
	for (int i = 0; i < 60000; i++)
		buf_puts(&page, "<div><table>x<b>y</table></div>");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	written = rewrite(page.data, NULL, &opts);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	mem_free(&written);
	buf_fini(&page);
	/* 60,000 questions that each walk up to the root are no such thing */
	assert_true(
	    (to.tv_sec - from.tv_sec) * 1000000000 + to.tv_nsec - from.tv_nsec <
	    SLOWER * (int64_t)HALF_A_SECOND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		a_form_around_no_cell_keeps_the_fields_of_its_table),
	    cmocka_unit_test(a_form_alone_is_closed_wherever_it_goes),
	    cmocka_unit_test(a_form_in_a_form_follows_the_end_tag_of_that),
	    cmocka_unit_test(
		a_form_that_ends_in_what_a_table_threw_out_goes_on_as_an_element),
	    cmocka_unit_test(
		a_form_in_the_element_of_one_that_ended_in_a_table_is_kept),
	    cmocka_unit_test(
		forms_among_what_tables_threw_out_are_written_one_way),
	    cmocka_unit_test(the_place_for_a_form_in_a_form_moves_nothing),
	    cmocka_unit_test(a_form_within_two_that_ended_is_met),
	    cmocka_unit_test(no_form_ends_in_a_template_for_another),
	    cmocka_unit_test(
		a_form_between_items_stays_open_where_it_keeps_them_apart),
	    cmocka_unit_test(
		where_a_form_cannot_end_before_another_is_asked_once),
	    cmocka_unit_test(a_link_in_a_link_behind_a_template_moves_no_form),
	    cmocka_unit_test(
		a_page_that_no_markup_says_has_its_forms_where_they_nest),
	    cmocka_unit_test(a_form_within_one_of_svg_ends_as_its_element),
	    cmocka_unit_test(
		a_table_in_a_template_is_no_matter_of_the_form_around_it),
	    cmocka_unit_test(
		what_a_select_or_a_ruby_would_end_goes_back_into_its_table),
	    cmocka_unit_test(
		text_from_a_table_does_not_go_back_to_join_its_space),
	    cmocka_unit_test(a_script_without_an_end_is_last_in_its_table),
	    cmocka_unit_test(what_a_table_threw_out_goes_back_where_it_must),
	    cmocka_unit_test(all_else_stands_before_the_table),
	    cmocka_unit_test(taken_out_alone_it_needs_no_table),
	    cmocka_unit_test(a_plaintext_ends_a_page_or_is_a_pre),
	    cmocka_unit_test(a_script_that_was_cut_off_stays_when_it_is_empty),
	    cmocka_unit_test(many_questions_cost_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
