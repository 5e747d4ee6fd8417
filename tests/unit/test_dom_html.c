/* pages: what they become, what is refused, and how they are written */
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

#define PARSER HTML_HTML5
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
	/* it does not run, and so it stays */
	becomes("<!DOCTYPE html><html><head></head><body>x<script>alert(1)",
	    "<!DOCTYPE html>\n<html><head></head><body>x<script>alert(1)");
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
	body_becomes("<a href=\"x\"\">z</a>", "<a href=\"x\" \">z</a>");
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
	body_becomes("<svg viewbox=\"0\"><path d=\"x\"></path><g></g></svg>y",
	    "<svg viewBox=\"0\"><path d=\"x\"></path><g></g></svg>y");
	body_stays(
	    "<svg viewBox=\"0\"><linearGradient></linearGradient></svg>");
	body_becomes("<svg><path d=x /><title/><style/></svg>y",
	    "<svg><path d=\"x\"></path><title></title><style></style></svg>y");
}

static void
styles_and_titles_of_drawings_hold_markup(void **state)
{
	(void)state;
	body_becomes("<svg><style>a > b {}</style></svg>",
	    "<svg><style>a &gt; b {}</style></svg>");
	body_becomes("<svg><style><![CDATA[a<b]]></style></svg>",
	    "<svg><style>a&lt;b</style></svg>");
	body_becomes("<svg><style><a title=\"</style><img onerror=x>\">y</a>"
		     "</style></svg>z",
	    "<svg><style><a title=\"&lt;/style&gt;&lt;img onerror=x&gt;\">"
	    "y</a></style></svg>z");
	body_stays("<svg><title>a<b>c</b><!--</title><img onerror=x>-->d"
		   "</title></svg>z");
	body_stays("<svg><title><style></title><img onerror=x></style>a"
		   "</title></svg>z");
	body_becomes("<math><noembed>&lt;img onerror=x&gt;</noembed></math>",
	    "<math><noembed>&lt;img onerror=x&gt;</noembed></math>");
	/* HTML again */
	body_stays("<svg><foreignObject><style>a > b {}</style>"
		   "</foreignObject></svg>");
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
	body_becomes("<svg><svg></p>x", "<svg><svg></svg></svg><p></p>x");
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
	    "\1");
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
	    "<!-- a --><!DOCTYPE html>\n<html><head></head><body><p>x</p>"
	    "</body></html>");
	becomes("<title>a</title>b",
	    "<html><head><title>a</title></head><body>b</body></html>");
	becomes("<html lang=en><head></head><body class=a>x</body></html>y",
	    "<html lang=\"en\"><head></head><body class=\"a\">xy</body>"
	    "</html>");
	becomes("<html a=b><html c=d><body e=f><body g=h>x",
	    "<html a=\"b\" c=\"d\"><head></head><body e=\"f\" g=\"h\">x"
	    "</body></html>");
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
	    "<!DOCTYPE html>\n<html><head></head><body><p>x</p></body></html>");
	becomes("<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" "
		"\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\"><p>x",
	    "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" "
	    "\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">\n"
	    "<html><head></head><body><p>x</p></body></html>");
	becomes("<!DOCTYPE html SYSTEM 'about:legacy-compat'><p>x",
	    "<!DOCTYPE html SYSTEM \"about:legacy-compat\">\n"
	    "<html><head></head><body><p>x</p></body></html>");
	becomes("<!DOCTYPE html PUBLIC \"<img src=x>\"><p>x",
	    "<!DOCTYPE html PUBLIC \"<img src=x\">\n<html><head></head><body>"
	    "\"&gt;<p>x</p></body></html>");
}

/* ---- encodings ---- */

static void
what_cannot_be_read_is_replaced(void **state)
{
	(void)state;
	READS_AS("<p>a\xFF\xFE\xC3z\xC3\xA9", NULL,
	    "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz\xC3\xA9");
	READS_AS("<p>a\0b\1c", NULL, "ab\1c");
	READS_AS("<textarea>a\0b</textarea>", NULL,
	    "a\xEF\xBF\xBD"
	    "b");
	READS_AS(
	    "<p>\xED\xA0\x80", NULL, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
	READS_AS("<p>\xC0\xBCimg>", NULL, "\xEF\xBF\xBD\xEF\xBF\xBDimg>");
	READS_AS(
	    "<p>a\x81z", "text/html; charset=windows-1252", "a\xEF\xBF\xBDz");
	READS_AS("<p>\x83", "text/html; charset=Shift_JIS", "\xEF\xBF\xBD");
	READS_AS("<p>a\fb", NULL, "a\fb");
}

/* ---- limits ---- */

static void
other_limits_are_named_too(void **state)
{
	struct html_opts small = {.limits = {.bytes = 1000, .nodes = 20}};
	char *attributes = repeat(" a", 1001);
	char *tag = mem_printf("<p%s>", attributes);
	char *less = mem_printf("<p%.*s>", 2000, attributes);
	char *bytes = repeat("a", 1001);
	char *nodes = repeat("<br>", 21);
	char *texts = repeat("a<!---->", 11);
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

/* What cannot be read is three bytes each. */
static void
text_that_grows_is_measured_as_utf8(void **state)
{
	struct html_opts small = {
	    .content_type = "text/html", .limits = {.bytes = 1000}};
	char *broken = repeat("\xE2", 400), *less = repeat("\xE2", 300);
	xmlDoc *doc;

	(void)state;
	refused_with(broken, 400, &small, "in UTF-8 (themed_max)");
	doc = parse(less, 300, &small);
	html_free(&doc);
	small.content_type = "text/html; charset=windows-1252";
	mem_free(&broken);
	mem_free(&less);
	broken = repeat("\x80", 400);
	refused_with(broken, 400, &small, "in UTF-8 (themed_max)");
	mem_free(&broken);
}

static void
every_node_counts(void **state)
{
	(void)state;
	refused_for_nodes("", "<!---->", 500001);
	refused_for_nodes("", "<p>x</p>", 250001);
	refused_for_nodes("", "<p a b c>", 125001);
}

/* As it is to a browser with scripts: the head goes on behind it. */
static void
a_noscript_does_not_end_the_head(void **state)
{
	static const char page[] =
	    "<!DOCTYPE html>\n<html>\n<head><noscript><img src=\"/count\" "
	    "alt=a&b></noscript>\n<title>x</title></head>\n<body>y"
	    "<noscript><b>z</b></noscript></body>\n</html>";
	static const char fit[] =
	    "<html><head><noscript> <!-- > --><link href=\"a\"><style>a > b"
	    "</style></noscript><meta></head><body></body></html>";
	static const struct html_opts spans = {.spans = true};

	(void)state;
	becomes(page, page);
	becomes_with(page, page, &spans);
	becomes_with(page, page, &(struct html_opts){.editable = true});
	becomes("<head><noscript>x", "<html><head><noscript>x</noscript></head>"
				     "<body></body></html>");
	becomes_with(fit, fit, &spans);
}

static void
what_is_well_formed_goes_out_as_it_came(void **state)
{
	static const char page[] =
	    "<!DOCTYPE html>\n<HTML  lang='de'>\n <head >\n<title>a &mdash; "
	    "b</title></head>\r\n<body>\n<P Class='x'>a > b &auml;</P>\r\n"
	    "<table>\n<tr><td>1</td></tr></table ><br/><img src='a'>\n"
	    "</body>\n</html>";
	struct html_opts opts = {.spans = true};
	char *written = rewrite(page, strlen(page), &opts);

	(void)state;
	assert_string_equal(written, page);
	mem_free(&written);
}

static void
a_tree_may_live_in_memory_of_others(void **state)
{
	struct arena *arena = arena_new(100);
	struct html_opts opts = {.arena = arena, .spans = true};

	(void)state;
	becomes_with(
	    "<p>x", "<html><head></head><body><p>x</p></body></html>", &opts);
	becomes_with("\xEF\xBB\xBF<p>\xFF",
	    "<html><head></head><body><p>"
	    "\xEF\xBF\xBD</p></body></html>",
	    &opts);
	arena_free(&arena);
}

static void
what_is_no_page_is_refused(void **state)
{
	char image[200];

	(void)state;
	memset(image, 0, sizeof(image));
	memcpy(image, "\x89PNG\r\n\x1a\n", 8);
	refused_with("", 0, &normal, "empty");
	refused_with("", 0, &compat, "no element");
	refused_with(image, sizeof(image), &normal, "not text");
	html_free(&(xmlDoc *){NULL});
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

static xmlNode *
find(xmlDoc *doc, const char *path)
{
	struct xpath_eval *eval = xpath_eval_new();
	xmlXPathObject *found;
	struct err err;
	xmlNode *node;

	xpath_eval_begin(eval, doc, 0);
	assert_int_equal(xpath_eval_run(eval, path, NULL, &found, &err), 0);
	assert_int_equal(found->nodesetval->nodeNr, 1);
	node = found->nodesetval->nodeTab[0];
	xmlXPathFreeObject(found);
	xpath_eval_free(&eval);
	return node;
}

static void
move(xmlDoc *doc, const char *from, const char *to)
{
	xmlNode *node = find(doc, from), *parent = find(doc, to);

	xmlUnlinkNode(node);
	assert_non_null(xmlAddChild(parent, node));
}

/* In HTML "</title>" in a comment, "</style>" in a value ends them. */
static void
what_leaves_its_drawing_cannot_come_alive(void **state)
{
	static const char page[] =
	    "<body><svg><g><title>T<!--</title><img onerror=x>-->&lt;b&gt;"
	    "</title><style>s<a title='</style><img onerror=x>'>&lt;i&gt;</a>"
	    "</style><path d=e /></g></svg><p>end</p><style>a > b<!-- </style>"
	    "<title>u</title>";
	struct html_opts opts = {.spans = true};

	(void)state;
	for (int editable = 0; editable < 2; editable++) {
		xmlDoc *doc;

		opts.editable = editable;
		doc = parse(page, strlen(page), &opts);
		written(find(doc, "//svg/g"),
		    "<g><title>T&lt;b&gt;</title><style>s&lt;i&gt;</style>"
		    "<path d=\"e\"></path></g>");
		written(find(doc, "//svg//title"), "<title>T&lt;b&gt;</title>");
		if (!editable) {
			html_free(&doc);
			continue;
		}
		/* as rules of Deliverance move them */
		move(doc, "//svg//title", "//p");
		move(doc, "//body/style", "//g");
		move(doc, "//path", "//body/title");
		written(
		    find(doc, "//p"), "<p>end<title>T&lt;b&gt;</title></p>");
		written(find(doc, "//svg"),
		    "<svg><g><style>s<a title=\"&lt;/style&gt;&lt;img "
		    "onerror=x&gt;\">&lt;i&gt;</a></style><style>a &gt; "
		    "b&lt;!-- </style></g></svg>");
		written(find(doc, "//body/title"), "<title>u</title>");
		html_free(&doc);
	}
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TESTS_OF_BOTH,
	    cmocka_unit_test(raw_text_holds_no_tags),
	    cmocka_unit_test(attributes_are_read_as_browsers_do),
	    cmocka_unit_test(names_of_frameworks_survive),
	    cmocka_unit_test(void_elements_hold_nothing),
	    cmocka_unit_test(styles_and_titles_of_drawings_hold_markup),
	    cmocka_unit_test(html_leaves_the_drawing_it_stands_in),
	    cmocka_unit_test(characters_are_resolved_as_browsers_do),
	    cmocka_unit_test(the_frame_is_repaired),
	    cmocka_unit_test(doctypes_are_kept),
	    cmocka_unit_test(what_cannot_be_read_is_replaced),
	    cmocka_unit_test(other_limits_are_named_too),
	    cmocka_unit_test(text_that_grows_is_measured_as_utf8),
	    cmocka_unit_test(every_node_counts),
	    cmocka_unit_test(a_noscript_does_not_end_the_head),
	    cmocka_unit_test(what_is_well_formed_goes_out_as_it_came),
	    cmocka_unit_test(a_tree_may_live_in_memory_of_others),
	    cmocka_unit_test(what_is_no_page_is_refused),
	    cmocka_unit_test(pages_are_told_from_fragments),
	    cmocka_unit_test(text_that_would_break_out_is_defused),
	    cmocka_unit_test(what_leaves_its_drawing_cannot_come_alive),
	    cmocka_unit_test(tags_are_written_by_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
