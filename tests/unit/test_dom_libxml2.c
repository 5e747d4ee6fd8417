/* pages by libxml2's parser: what they become, what is refused, and how they are
 * written */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dom/html.h"
#include "dom/xpath.h"

static const struct html_opts normal = {.parser = HTML_LIBXML2};
static const struct html_opts compat = {.compat = true};

/* ---- how ---- */

static xmlDoc *
parse(const char *bytes, size_t len, const struct html_opts *opts)
{
	struct err err;
	xmlDoc *doc = NULL;

	if (html_parse(&doc, bytes, len, opts, &err) != 0)
		fail_msg("%.60s: %s", bytes, err.text);
	return doc;
}

/* The page read and written; to be freed. */
static char *
rewrite(const char *bytes, size_t len, const struct html_opts *opts)
{
	xmlDoc *doc = parse(bytes, len, opts);
	struct buf out;

	buf_init(&out, 64 << 20);
	assert_int_equal(html_write(&out, (xmlNode *)doc), 0);
	html_free(&doc);
	assert_null(doc);
	return buf_steal(&out, NULL);
}

static void
becomes_with(
    const char *page, const char *expected, const struct html_opts *opts)
{
	char *written = rewrite(page, strlen(page), opts);

	if (strcmp(written, expected) != 0)
		fail_msg("%s\n  became   %s\n  and not  %s", page, written,
		    expected);
	mem_free(&written);
}

static void
becomes(const char *page, const char *expected)
{
	becomes_with(page, expected, &normal);
}

/* The body's content. */
static void
body_becomes(const char *body, const char *expected)
{
	char *page =
	    mem_printf("<!DOCTYPE html><html><head></head><body>%s", body);
	char *whole = mem_printf("<!DOCTYPE html>\n<html><head></head><body>"
				 "%s</body></html>",
	    expected);

	becomes(page, whole);
	mem_free(&page);
	mem_free(&whole);
}

static void
body_stays(const char *body)
{
	body_becomes(body, body);
}

static void
refused_with(const char *bytes, size_t len, const struct html_opts *opts,
    const char *why)
{
	struct err err;
	xmlDoc *doc = NULL;

	assert_int_equal(html_parse(&doc, bytes, len, opts, &err), -1);
	assert_null(doc);
	if (!strstr(err.text, why))
		fail_msg("'%s' is not in: %s", why, err.text);
}

static char *
repeat(const char *word, size_t n)
{
	struct buf out;

	buf_init(&out, 64 << 20);
	for (size_t i = 0; i < n; i++)
		buf_puts(&out, word);
	return buf_steal(&out, NULL);
}

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

/* ---- dead text stays dead ---- */

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
raw_text_holds_no_tags(void **state)
{
	(void)state;
	body_stays("<script>if (a < b && c > d) document.write('<p>');"
		   "</script><p>x</p>");
	body_stays("<style>a > b { content: '</p><img>' }</style>x");
	body_becomes("<textarea><img src=x></textarea>",
	    "<textarea>&lt;img src=x&gt;</textarea>");
	body_becomes(
	    "<title><b>&amp;lt;</title>", "<title>&lt;b&gt;&amp;lt;</title>");
	body_stays("<iframe><img src=x>&amp;</iframe>x");
	body_stays("<xmp><b>&lt;</xmp><noembed><img></noembed>");
	body_becomes("<textarea></title><img></textarea>",
	    "<textarea>&lt;/title&gt;&lt;img&gt;</textarea>");
	body_becomes("<script>'</SCRIPT ><b>x", "<script>'</script><b>x</b>");
	body_stays("<script>'</scripty>'</script>x");
	body_stays("<script><!-- <script> </script> --></script>x");
	body_stays("<script><!-- </script>x");
	body_stays("<script><!-- <script --></script>x");
	body_becomes("x<script>alert(1)", "x");
	body_stays("<style></styl></style>x");
	/* an end tag would be part of it */
	becomes("<!DOCTYPE html><html><head></head><body><plaintext></p><b>",
	    "<!DOCTYPE html>\n<html><head></head><body><plaintext></p><b>");
	body_stays("<script>\xF4\x8F\xBF\xBD"
		   "1 \xF4\x8F\xBF\xBD</script>");
}

static void
attributes_are_read_as_browsers_do(void **state)
{
	(void)state;
	body_becomes("<a href='x\"y' title=a&lt;b>z</a>",
	    "<a href=\"x&quot;y\" title=\"a&lt;b\">z</a>");
	body_becomes("<a href=?a=1&copy=2&amp;b=&copy;>z</a>",
	    "<a href=\"?a=1&amp;copy=2&amp;b=\xC2\xA9\">z</a>");
	body_becomes("<a b=1 B=2 c c=3>z</a>", "<a b=\"1\" c>z</a>");
	body_becomes("<a/b/c=d/>z</a>", "<a b c=\"d/\">z</a>");
	body_becomes("<a href=\"x\"\">z</a>", "<a href=\"x\">z</a>");
	body_becomes("<a title='</p><img>'>z</a>",
	    "<a title=\"&lt;/p&gt;&lt;img&gt;\">z</a>");
	body_becomes("<a b = c  d= 'e'>z</a>", "<a b=\"c\" d=\"e\">z</a>");
	body_becomes("<a b=>z</a>", "<a b=\"\">z</a>");
	body_becomes("x<a b='c>z</a>", "x");
	body_becomes("x<a b", "x");
	body_becomes("x<b title=\"&nbsp;&#160;\">z</b>",
	    "x<b title=\"&nbsp;&nbsp;\">z</b>");
	body_stays("<input checked disabled=\"\" value=\"a\"><p hidden>x</p>");
}

static void
names_of_frameworks_survive(void **state)
{
	(void)state;
	body_stays("<p @click=\"go()\" :class=\"a\" x.y=\"1\" v-on:x.z=\"b\" "
		   "(e)=\"f\" [g]=\"h\" *i=\"j\" #k a_b lvx-c>x</p>");
	body_stays("<my-element a=\"b\">x</my-element><fb:like>y</fb:like>");
	body_stays("<esi:include src=\"/x\"></esi:include>");
	body_stays("<lvx-a>x</lvx-a><a.b>y</a.b>");
	body_stays("<p xml:lang=\"en\" xlink:href=\"x\" xmlns:a=\"b\">x</p>");
}

static void
void_elements_hold_nothing(void **state)
{
	(void)state;
	body_stays("<p>a<wbr>b<br>c<img src=\"x\">d</p>");
	body_stays("<video><source src=\"a\"><track src=\"b\">x</video>");
	body_stays("<object><param name=\"x\"><embed src=\"a\"></object>y");
	body_becomes("<br/><hr /><input></input>x", "<br><hr><input>x");
	body_becomes("a</br>b", "a<br>b");
	body_becomes("<div/>x", "<div>x</div>");
	body_stays("<svg viewbox=\"0\"><path d=\"x\"></path><g></g></svg>y");
	body_becomes("<svg><path d=x /><title/><style/></svg>y",
	    "<svg><path d=\"x\"></path><title></title><style></style></svg>y");
}

static void
styles_and_titles_of_drawings_hold_markup_whose_text_is_kept(void **state)
{
	(void)state;
	body_becomes("<svg><style>a > b {}</style></svg>",
	    "<svg><style>a &gt; b {}</style></svg>");
	body_becomes("<svg><style><![CDATA[a<b]]></style></svg>",
	    "<svg><style>a&lt;b</style></svg>");
	body_becomes("<svg><style><a title=\"</style><img onerror=x>\">y</a>"
		     "</style></svg>z",
	    "<svg><style>y</style></svg>z");
	body_becomes("<svg><title>a<b>c</b><!--</title><img onerror=x>-->d"
		     "</title></svg>z",
	    "<svg><title>acd</title></svg>z");
	body_becomes("<svg><title><style></title><img onerror=x></style>a"
		     "</title></svg>z",
	    "<svg><title>a</title></svg>z");
	body_becomes("<math><noembed>&lt;img onerror=x&gt;</noembed></math>",
	    "<math><noembed>&lt;img onerror=x&gt;</noembed></math>");
	/* HTML again */
	body_stays("<svg><foreignobject><style>a > b {}</style>"
		   "</foreignobject></svg>");
	body_stays("<math><mi><style>a > b {}</style></mi></math>");
	body_stays("<math><annotation-xml encoding=\"text/html\"><style>a > b"
		   "</style></annotation-xml></math>");
	body_becomes("<math><annotation-xml><style>a > b</style>"
		     "</annotation-xml></math>",
	    "<math><annotation-xml><style>a &gt; b</style></annotation-xml>"
	    "</math>");
}

static void
html_leaves_the_drawing_it_stands_in(void **state)
{
	(void)state;
	body_becomes("<svg><g><p>a</p><style>b > c</style>",
	    "<svg><g></g></svg><p>a</p><style>b > c</style>");
	body_becomes("<svg><font face=x><style>b > c</style>",
	    "<svg></svg><font face=\"x\"><style>b > c</style></font>");
	body_becomes("<svg><font id=x><style>b > c</style></font></svg>",
	    "<svg><font id=\"x\"><style>b &gt; c</style></font></svg>");
	body_becomes("<svg><svg></p>x", "<svg><svg></svg></svg>x");
	body_stays("<svg><a><a></a></a><link>x</link></svg>y");
	/* an end tag of HTML ends nothing outside of what it stands in */
	body_becomes(
	    "<b><svg><desc>x</b>y", "<b><svg><desc>xy</desc></svg></b>");
}

static void
characters_are_resolved_as_browsers_do(void **state)
{
	(void)state;
	body_becomes("&check;&nbsp&copy2&notin;&notit;&bogus;&amp",
	    "\xE2\x9C\x93&nbsp;\xC2\xA9"
	    "2\xE2\x88\x89\xC2\xACit;&amp;bogus;&amp;");
	body_becomes("&#65;&#x42;&#67 &#150;&#0;&#xD800;&#x110000;&#1;",
	    "ABC \xE2\x80\x93\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
	    "\xEF\xBF\xBD");
	body_becomes("&#;&#x;&; & &a", "&amp;#;&amp;#x;&amp;; &amp; &amp;a");
	body_becomes("a < b <3 <", "a &lt; b &lt;3 &lt;");
	body_becomes("&lt;img&gt;", "&lt;img&gt;");
}

static void
the_frame_is_repaired(void **state)
{
	(void)state;
	becomes("hello", "<html><head></head><body>hello</body></html>");
	becomes("<!-- a --><!DOCTYPE html><p>x",
	    "<!DOCTYPE html>\n<!-- a --><html><head></head><body><p>x</p>"
	    "</body></html>");
	becomes("<title>a</title>b",
	    "<html><head><title>a</title></head><body>b</body></html>");
	becomes("<html lang=en><head></head><body class=a>x</body></html>y",
	    "<html lang=\"en\"><head></head><body class=\"a\">xy</body>"
	    "</html>");
	becomes("<html a=b><html c=d><body e=f><body g=h>x",
	    "<html a=\"b\"><head></head><body e=\"f\">x</body></html>");
	becomes("<html><head><title>a</title><header>b</header>",
	    "<html><head><title>a</title></head><body><header>b</header>"
	    "</body></html>");
	body_becomes(
	    "<p>a<section>b</section>", "<p>a</p><section>b</section>");
	body_becomes("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>");
}

static void
doctypes_are_kept(void **state)
{
	(void)state;
	becomes("<!doctype HTML><p>x",
	    "<!DOCTYPE HTML>\n<html><head></head><body><p>x</p></body></html>");
	becomes("<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" "
		"\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\"><p>x",
	    "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" "
	    "\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">\n"
	    "<html><head></head><body><p>x</p></body></html>");
	becomes("<!DOCTYPE html SYSTEM 'about:legacy-compat'><p>x",
	    "<!DOCTYPE html SYSTEM \"about:legacy-compat\">\n"
	    "<html><head></head><body><p>x</p></body></html>");
	becomes("<!DOCTYPE html PUBLIC \"<img src=x>\"><p>x",
	    "<!DOCTYPE html>\n<html><head></head><body>\"&gt;<p>x</p>"
	    "</body></html>");
}

static void
xhtml_closes_what_it_says_it_closes(void **state)
{
	struct html_opts xhtml = {.parser = HTML_LIBXML2, .content_type = "application/xhtml+xml"};

	(void)state;
	becomes_with("<html><body><div id='a'/><![CDATA[a<b]]></body></html>",
	    "<html><head></head><body><div id=\"a\"></div>a&lt;b</body>"
	    "</html>",
	    &xhtml);
}

/* ---- encodings ---- */

static void
reads_as(
    const char *page, size_t len, const char *content_type, const char *text)
{
	struct html_opts opts = {.parser = HTML_LIBXML2, .content_type = content_type};
	xmlDoc *doc = parse(page, len, &opts);
	xmlChar *got = xmlNodeGetContent(xmlDocGetRootElement(doc));

	assert_string_equal((char *)got, text);
	xmlFree(got);
	html_free(&doc);
}

#define READS_AS(page, content_type, text)                                     \
	reads_as(page, sizeof(page) - 1, content_type, text)

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
what_cannot_be_read_is_replaced(void **state)
{
	(void)state;
	READS_AS("<p>a\xFF\xFE\xC3z\xC3\xA9", NULL,
	    "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz\xC3\xA9");
	READS_AS("<p>a\0b\1c", NULL,
	    "a\xEF\xBF\xBD"
	    "b\xEF\xBF\xBD"
	    "c");
	READS_AS(
	    "<p>\xED\xA0\x80", NULL, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
	READS_AS("<p>\xC0\xBCimg>", NULL, "\xEF\xBF\xBD\xEF\xBF\xBDimg>");
	READS_AS(
	    "<p>a\x81z", "text/html; charset=windows-1252", "a\xEF\xBF\xBDz");
	READS_AS("<p>\x83", "text/html; charset=Shift_JIS", "\xEF\xBF\xBD");
	READS_AS("<p>a\fb", NULL, "a b");
}

/* ---- limits ---- */

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
other_limits_are_named_too(void **state)
{
	struct html_opts small = {.parser = HTML_LIBXML2, .limits = {.bytes = 1000, .nodes = 20}};
	char *attributes = repeat(" a", 1001);
	char *tag = mem_printf("<p%s>", attributes);
	char *less = mem_printf("<p%.*s>", 2000, attributes);
	char *bytes = repeat("a", 1001);
	char *nodes = repeat("<br>", 21);
	char *texts = repeat("</i>a", 21);
	xmlDoc *doc;

	(void)state;
	refused_with(tag, strlen(tag), &normal, "html_max_attributes");
	refused_with(tag, strlen(tag), &compat, "html_max_attributes");
	doc = parse(less, strlen(less), &normal);
	html_free(&doc);
	refused_with(bytes, 1001, &small, "html_max_bytes");
	refused_with(nodes, strlen(nodes), &small, "html_max_nodes");
	refused_with(texts, strlen(texts), &small, "html_max_nodes");
	mem_free(&attributes);
	mem_free(&tag);
	mem_free(&less);
	mem_free(&bytes);
	mem_free(&nodes);
	mem_free(&texts);
}

static void
tags_in_raw_text_do_not_count(void **state)
{
	char *divs = repeat("<div a>", 2000);
	char *page = mem_printf("<script>%s</script><style>%s</style>"
				"<textarea>%s</textarea><!-- %s -->",
	    divs, divs, divs, divs);
	struct html_opts small = {.parser = HTML_LIBXML2, .limits = {.nodes = 20, .depth = 5}};
	xmlDoc *doc = parse(page, strlen(page), &small);

	(void)state;
	html_free(&doc);
	mem_free(&divs);
	mem_free(&page);
}

static void
refused_for_nodes(const char *before, const char *part, size_t times)
{
	char *many = repeat(part, times);
	char *page = mem_printf("<body>%s%s", before, many);
	struct err err;
	xmlDoc *doc;

	assert_int_equal(
	    html_parse(&doc, page, strlen(page), &normal, &err), -1);
	assert_non_null(strstr(err.text, "html_max_nodes"));
	mem_free(&page);
	mem_free(&many);
}

static void
what_libxml2_is_slow_with_is_paid_for(void **state)
{
	char *plain = repeat("<!----><p>x</p>", 50000);
	char *deep = repeat("<b>", 400);
	xmlDoc *doc = parse(plain, strlen(plain), &normal);

	(void)state;
	html_free(&doc);
	refused_for_nodes("", "<!---->", 20000);
	refused_for_nodes("", "<!---->x", 20000);
	refused_for_nodes("", "<!----></i><body>", 20000);
	refused_for_nodes(deep, "</i>", 50000);
	mem_free(&plain);
	mem_free(&deep);
}

static void
large_scripts_cost_no_more_than_their_size(void **state)
{
	char *line = repeat("var a = '</p>';\n", 500000);
	char *page = mem_printf("<body><script>%s</script>x", line);
	struct html_opts opts = {.parser = HTML_LIBXML2, .limits = {.bytes = 64 << 20}};
	char *written = rewrite(page, strlen(page), &opts);

	(void)state;
	assert_int_equal(
	    strlen(written), strlen(page) + strlen("<html><head></head>"
						   "</body></html>"));
	mem_free(&written);
	mem_free(&page);
	mem_free(&line);
}

static void
what_is_no_page_is_refused(void **state)
{
	char image[200];

	(void)state;
	memset(image, 0, sizeof(image));
	memcpy(image, "\x89PNG\r\n\x1a\n", 8);
	refused_with("", 0, &normal, "no element");
	refused_with("  \n", 3, &normal, "no element");
	refused_with("<!-- x -->", 10, &normal, "no element");
	refused_with("", 0, &compat, "no element");
	refused_with(image, sizeof(image), &normal, "not text");
	html_free(&(xmlDoc *){NULL});
}

/* ---- compat ---- */

static void
compat_reads_as_libxml2_does(void **state)
{
	(void)state;
	becomes_with("<p>\xE9<b/>x",
	    "<html><body><p>\xC3\xA9<b></b>x</p>"
	    "</body></html>",
	    &compat);
	becomes_with(
	    "hello", "<html><body><p>hello</p></body></html>", &compat);
	becomes_with("<meta charset=utf-8><p>\xC3\xA9",
	    "<html><head><meta charset=\"utf-8\"></head><body><p>\xC3\xA9"
	    "</p></body></html>",
	    &compat);
	becomes_with("<script>a < b</script>",
	    "<html><head><script>a < b</script></head></html>", &compat);
	becomes_with("<input checked>",
	    "<html><body><input checked=\"checked\"></body></html>", &compat);
}

/* ---- questions ---- */

static void
pages_are_told_from_fragments(void **state)
{
	static const char *const pages[] = {"<html>", "  <!DOCTYPE html>",
	    "<p></p><body class=a>", "<HEAD>", "<html/>",
	    "\xEF\xBB\xBF<!-- <p> --><html lang=en>"};
	static const char *const fragments[] = {"", "<", "<p>x</p>",
	    "<header>x</header>", "<!-- <html> -->", "{\"a\": \"b\"}",
	    "<htmlx>", "<!-- <html>", "<html"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pages); i++)
		if (!html_is_page(pages[i], strlen(pages[i])))
			fail_msg("%s", pages[i]);
	for (size_t i = 0; i < COUNT_OF(fragments); i++)
		if (html_is_page(fragments[i], strlen(fragments[i])))
			fail_msg("%s", fragments[i]);
	assert_true(html_is_void("br") && html_is_void("wbr"));
	assert_false(html_is_void("p") || html_is_void("b"));
	assert_true(html_is_raw_text("script") && html_is_raw_text("style"));
	assert_false(html_is_raw_text("title") || html_is_raw_text("p"));
}

/* ---- writing what no page says ---- */

static void
written(const xmlNode *node, const char *expected)
{
	struct buf out;

	buf_init(&out, 65536);
	buf_puts(&out, "");
	assert_int_equal(html_write(&out, node), 0);
	assert_string_equal(out.data, expected);
	buf_fini(&out);
}

static void
text_that_would_break_out_is_defused(void **state)
{
	xmlNode *script = xmlNewNode(NULL, (const xmlChar *)"script");
	xmlNode *text =
	    xmlNewText((const xmlChar *)"a</script><img><!--<script>");
	xmlNode *comment = xmlNewComment((const xmlChar *)">a--><img>b--!>c");
	xmlNode *pi =
	    xmlNewPI((const xmlChar *)"x", (const xmlChar *)"a><img>");

	(void)state;
	xmlAddChild(script, text);
	written(script, "<script>a<\\/script><img><\\!--<script></script>");
	written(comment, "<!-- >a- -><img>b- -!>c-->");
	written(pi, "<?x a<img>");
	xmlFreeNode(script);
	xmlFreeNode(comment);
	xmlFreeNode(pi);
}

static void
tags_are_written_by_themselves(void **state)
{
	xmlDoc *doc = parse("<p a='&quot;' b>x<br c=d>", 25, &normal);
	xmlNode *p = xmlDocGetRootElement(doc)->last->children;
	struct buf out;

	(void)state;
	buf_init(&out, 65536);
	html_write_open(&out, p);
	html_write_close(&out, p);
	html_write_open(&out, p->last);
	html_write_close(&out, p->last);
	html_write_text(&out, "<&>\xC2\xA0\xC2", 6);
	html_write_attribute(&out, "e", "\"<\xC3\xA9");
	html_write_attribute(&out, "f", NULL);
	assert_string_equal(out.data,
	    "<p a=\"&quot;\" b></p><br c=\"d\">"
	    "&lt;&amp;&gt;&nbsp;\xC2 e=\"&quot;&lt;\xC3\xA9\" f");
	buf_fini(&out);
	buf_init(&out, 5);
	assert_int_equal(html_write(&out, p), -1);
	buf_fini(&out);
	html_free(&doc);
}

/* ---- threads ---- */

static void *
parse_and_ask(void *failed)
{
	static const char page[] = "<p id=a>x</p><script>a</b</script>";
	struct xpath_eval *eval = xpath_eval_new();
	struct err err;

	for (int i = 0; i < 100; i++) {
		xmlDoc *doc = NULL;

		if (html_parse(&doc, page, sizeof(page) - 1, NULL, &err) != 0)
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_browsers_take_for_comments_is_a_comment),
	    cmocka_unit_test(comments_end_where_browsers_end_them),
	    cmocka_unit_test(raw_text_holds_no_tags),
	    cmocka_unit_test(attributes_are_read_as_browsers_do),
	    cmocka_unit_test(names_of_frameworks_survive),
	    cmocka_unit_test(void_elements_hold_nothing),
	    cmocka_unit_test(
		styles_and_titles_of_drawings_hold_markup_whose_text_is_kept),
	    cmocka_unit_test(html_leaves_the_drawing_it_stands_in),
	    cmocka_unit_test(characters_are_resolved_as_browsers_do),
	    cmocka_unit_test(the_frame_is_repaired),
	    cmocka_unit_test(doctypes_are_kept),
	    cmocka_unit_test(xhtml_closes_what_it_says_it_closes),
	    cmocka_unit_test(encodings_are_sniffed_in_order),
	    cmocka_unit_test(what_cannot_be_read_is_replaced),
	    cmocka_unit_test(deep_pages_are_whole_or_refused),
	    cmocka_unit_test(what_ends_by_itself_is_not_deep),
	    cmocka_unit_test(depth_cannot_be_hidden_behind_end_tags),
	    cmocka_unit_test(other_limits_are_named_too),
	    cmocka_unit_test(tags_in_raw_text_do_not_count),
	    cmocka_unit_test(what_libxml2_is_slow_with_is_paid_for),
	    cmocka_unit_test(large_scripts_cost_no_more_than_their_size),
	    cmocka_unit_test(what_is_no_page_is_refused),
	    cmocka_unit_test(compat_reads_as_libxml2_does),
	    cmocka_unit_test(pages_are_told_from_fragments),
	    cmocka_unit_test(text_that_would_break_out_is_defused),
	    cmocka_unit_test(tags_are_written_by_themselves),
	    cmocka_unit_test(threads_parse_side_by_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
