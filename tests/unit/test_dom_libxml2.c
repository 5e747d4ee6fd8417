/* pages by libxml2's parser: what they become, and what is refused */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <libxml/tree.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dom/html.h"

#define PARSER HTML_LIBXML2
#include "html_both.h"

/* ---- dead text stays dead ---- */

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

/* ---- encodings ---- */

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
other_limits_are_named_too(void **state)
{
	struct html_opts small = {
	    .parser = HTML_LIBXML2, .limits = {.bytes = 1000, .nodes = 20}};
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
	refused_with(bytes, 1001, &small, "themed_max");
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TESTS_OF_BOTH,
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
	    cmocka_unit_test(what_cannot_be_read_is_replaced),
	    cmocka_unit_test(other_limits_are_named_too),
	    cmocka_unit_test(what_libxml2_is_slow_with_is_paid_for),
	    cmocka_unit_test(what_is_no_page_is_refused),
	    cmocka_unit_test(compat_reads_as_libxml2_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
