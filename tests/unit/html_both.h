/* Tests of what is the same whoever reads a page (html_help.h). */
#ifndef TESTS_UNIT_HTML_BOTH_H
#define TESTS_UNIT_HTML_BOTH_H

#include <pthread.h>
#include <libxml/xpath.h>

#include "dom/xpath.h"
#include "html_help.h"

static size_t
tree_depth(const xmlDoc *doc)
{
	const xmlNode *node = (const xmlNode *)doc;
	size_t depth = 0, deepest = 0;

	for (;;) {
		if (node->children && node->type != XML_DTD_NODE) {
			node = node->children;
			depth++;
			if (depth > deepest && node->type == XML_ELEMENT_NODE)
				deepest = depth;
			continue;
		}
		while (!node->next && (const xmlDoc *)node != doc) {
			node = node->parent;
			depth--;
		}
		if ((const xmlDoc *)node == doc)
			return deepest;
		node = node->next;
	}
}

static void
what_browsers_take_for_comments_is_a_comment(void **state)
{
	(void)state;
	body_becomes("<p>a<![CDATA[<img src=x onerror=alert(1)>]]>",
	    "<p>a<!--[CDATA[<img src=x onerror=alert(1)-->]]&gt;</p>");
	body_becomes("a<!foo <img src=x>b", "a<!--foo <img src=x-->b");
	body_becomes("a</ <img src=x>b", "a<!-- <img src=x-->b");
	body_becomes("a<?x <img src=x>b", "a<!--?x <img src=x-->b");
	body_becomes("a<?php echo '<b>'?>", "a<!--?php echo '<b-->'?&gt;");
	body_becomes("a</3 <b>c", "a<!--3 <b-->c");
	body_becomes(
	    "a<!>b<!->c<![endif]>d", "a<!---->b<!----->c<!--[endif]-->d");
	body_becomes("a</>b", "ab");
	body_becomes("a<!doctype html [<!ENTITY x '<img>'>]>b", "a'&gt;]&gt;b");
}

static void
comments_end_where_browsers_end_them(void **state)
{
	(void)state;
	body_stays("a<!-- b -- c -->d");
	body_becomes("a<!-- b --!><img>", "a<!-- b --><img>");
	body_becomes("a<!--><img>-->", "a<!----><img>--&gt;");
	body_becomes("a<!---><img>-->", "a<!----><img>--&gt;");
	body_becomes("a<!-- b", "a<!-- b-->");
	body_becomes("a<!-- b --", "a<!-- b -->");
	body_becomes("a<!-- b --!", "a<!-- b -->");
	body_stays("a<!-- <!-- b -->c");
	body_stays("a<!--[if IE]><p>old</p><![endif]-->b");
	body_becomes("a<!-----!>b-->", "a<!----->b--&gt;");
}

static void
xhtml_closes_what_it_says_it_closes(void **state)
{
	struct html_opts xhtml = {
	    .parser = PARSER, .content_type = "application/xhtml+xml"};

	(void)state;
	becomes_with("<html><body><div id='a'/><![CDATA[a<b]]></body></html>",
	    "<html><head></head><body><div id=\"a\"></div>a&lt;b</body>"
	    "</html>",
	    &xhtml);
}

static void
encodings_are_sniffed_in_order(void **state)
{
	(void)state;
	READS_AS("<p>\xC3\xA9", NULL, "\xC3\xA9");
	READS_AS("<p>\xE9", "text/html; charset=iso-8859-1", "\xC3\xA9");
	READS_AS("<p>\x80", "text/html;charset=\"latin1\"", "\xE2\x82\xAC");
	READS_AS("<p>\xE9", "text/html; charset=nonsense", "\xEF\xBF\xBD");
	READS_AS("<meta charset=windows-1251><p>\xE9", NULL, "\xD0\xB9");
	READS_AS("<meta charset=windows-1251><p>\xC3\xA9",
	    "text/html; charset=UTF-8", "\xC3\xA9");
	READS_AS("<meta http-equiv=content-type "
		 "content='text/html; charset=iso-8859-2'><p>\xB1",
	    NULL, "\xC4\x85");
	READS_AS("<!-- <meta charset=latin1> --><p>\xC3\xA9", NULL, "\xC3\xA9");
	READS_AS("\xEF\xBB\xBF<meta charset=latin1><p>\xC3\xA9",
	    "text/html; charset=latin1", "\xC3\xA9");
	READS_AS("\xFF\xFE<\0p\0>\0\xE9\0", NULL, "\xC3\xA9");
	READS_AS(
	    "\xFE\xFF\0<\0p\0>\0\xE9", "text/html; charset=utf-8", "\xC3\xA9");
	READS_AS("<meta charset=utf-16><p>\xC3\xA9", NULL, "\xC3\xA9");
	READS_AS("<p>\x83\x65", "text/html; charset=Shift_JIS", "\xE3\x83\x86");
	READS_AS("<meta charset=utf-7><p>+ADw-", NULL, "+ADw-");
}

static void
deep_pages_are_whole_or_refused(void **state)
{
	char *deep = repeat("<div>", 500);
	char *page = mem_printf("%sX</div>", deep);
	char *deeper = repeat("<div>", 513);
	char *deepest = repeat("<b><i>", 100000);
	xmlDoc *doc = parse(page, strlen(page), &normal);
	char *written;

	(void)state;
	assert_int_equal(tree_depth(doc), 502);
	html_free(&doc);
	written = rewrite(page, strlen(page), &normal);
	assert_non_null(strstr(written, "X</div>"));
	mem_free(&written);
	doc = parse(page, strlen(page), &compat);
	assert_int_equal(tree_depth(doc), 502);
	html_free(&doc);
	refused_with(deeper, strlen(deeper), &normal, "html_max_depth");
	refused_with(deeper, strlen(deeper), &compat, "html_max_depth");
	refused_with(deepest, strlen(deepest), &normal, "html_max_depth");
	mem_free(&deep);
	mem_free(&page);
	mem_free(&deeper);
	mem_free(&deepest);
}

static void
what_ends_by_itself_is_not_deep(void **state)
{
	static const char *const words[] = {"<p>a", "<li>a", "<br>", "<img>",
	    "<wbr>", "<dt>a<dd>b", "<p><b>x</b>", "<div></div>",
	    "<p>a<div>b</div>", "<input type=text/>", "<li><b>x</b>"};
	static const char *const tables[] = {"<tr><td>a", "<tr><th>a<td>b",
	    "<tbody><tr><td>a<p>b", "<tr><td>a</td></tr>"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(words) + COUNT_OF(tables); i++) {
		bool plain = i < COUNT_OF(words);
		char *many = repeat(
		    plain ? words[i] : tables[i - COUNT_OF(words)], 2000);
		char *page = mem_printf(
		    "<html><body>%s%s", plain ? "" : "<table>", many);
		xmlDoc *doc = parse(page, strlen(page), &normal);

		assert_true(tree_depth(doc) < 20);
		html_free(&doc);
		mem_free(&page);
		mem_free(&many);
	}
}

/* End tags that browsers and libxml2 ignore must not hide how deep it is. */
static void
depth_cannot_be_hidden_behind_end_tags(void **state)
{
	static const char *const words[] = {"<b><div></b>", "<p><div></p>",
	    "<a><table></a>", "<i><td></i>", "<div></span>",
	    "<svg><g></svg><div>"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		char *page = repeat(words[i], 5000);
		xmlDoc *doc = NULL;
		struct err err;

		for (int mode = 0; mode < 2; mode++) {
			if (html_parse(&doc, page, strlen(page),
				mode ? &normal : &compat, &err) == 0) {
				assert_true(tree_depth(doc) <= 512);
				html_free(&doc);
			} else {
				assert_non_null(
				    strstr(err.text, "html_max_depth"));
			}
		}
		mem_free(&page);
	}
}

static void
tags_in_raw_text_do_not_count(void **state)
{
	char *divs = repeat("<div a>", 2000);
	char *page = mem_printf("<script>%s</script><style>%s</style>"
				"<textarea>%s</textarea><!-- %s -->",
	    divs, divs, divs, divs);
	struct html_opts small = {
	    .parser = PARSER, .limits = {.nodes = 20, .depth = 5}};
	xmlDoc *doc = parse(page, strlen(page), &small);

	(void)state;
	html_free(&doc);
	mem_free(&divs);
	mem_free(&page);
}

static void
large_scripts_cost_no_more_than_their_size(void **state)
{
	char *line = repeat("var a = '</p>';\n", 500000);
	char *page = mem_printf("<body><script>%s</script>x", line);
	struct html_opts opts = {
	    .parser = PARSER, .limits = {.bytes = 64 << 20}};
	char *written = rewrite(page, strlen(page), &opts);

	(void)state;
	assert_int_equal(
	    strlen(written), strlen(page) + strlen("<html><head></head>"
						   "</body></html>"));
	mem_free(&written);
	mem_free(&page);
	mem_free(&line);
}

static void *
parse_and_ask(void *failed)
{
	static const char page[] = "<p id=a>x</p><script>a</b</script>";
	struct xpath_eval *eval = xpath_eval_new();
	struct err err;

	for (int i = 0; i < 100; i++) {
		xmlDoc *doc = NULL;

		if (html_parse(&doc, page, sizeof(page) - 1, &normal, &err) !=
		    0)
			return failed;
		xpath_eval_begin(eval, doc, 0);
		if (xpath_eval_test(eval, "//p[@id = 'a']", NULL, &err) != 1)
			return failed;
		html_free(&doc);
	}
	xpath_eval_free(&eval);
	return NULL;
}

static void
threads_parse_side_by_side(void **state)
{
	pthread_t threads[4];
	void *failed;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, parse_and_ask, threads),
		    0);
	for (size_t i = 0; i < COUNT_OF(threads); i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
}

/* clang-format off */
#define TESTS_OF_BOTH \
    cmocka_unit_test(what_browsers_take_for_comments_is_a_comment), \
    cmocka_unit_test(comments_end_where_browsers_end_them), \
    cmocka_unit_test(xhtml_closes_what_it_says_it_closes), \
    cmocka_unit_test(encodings_are_sniffed_in_order), \
    cmocka_unit_test(deep_pages_are_whole_or_refused), \
    cmocka_unit_test(what_ends_by_itself_is_not_deep), \
    cmocka_unit_test(depth_cannot_be_hidden_behind_end_tags), \
    cmocka_unit_test(tags_in_raw_text_do_not_count), \
    cmocka_unit_test(large_scripts_cost_no_more_than_their_size), \
    cmocka_unit_test(threads_parse_side_by_side)
/* clang-format on */

#endif
