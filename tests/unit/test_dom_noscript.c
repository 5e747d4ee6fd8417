/* A noscript: elements or raw text, and the same when it is written and read
 * again (dom/build_noscript.c, dom/build_noscript_body.c) */
#include "build_help.h"

#include "base/mem.h"
#include "dom/html.h"

enum { OUT_MAX = 1 << 20, MANY = 600 };

static char *
rewrite(const char *page, bool spans)
{
	const struct html_opts opts = {.spans = spans};
	struct err err = {""};
	struct buf out;
	xmlDoc *doc;

	buf_init(&out, OUT_MAX);
	assert_int_equal(html_parse(&doc, page, strlen(page), &opts, &err), 0);
	assert_int_equal(html_write(&out, (const xmlNode *)doc), 0);
	html_free(&doc);
	return buf_steal(&out, NULL);
}

/* Of a long page not at each byte. */
static void
is(const char *page, const char *wanted)
{
	size_t len = strlen(page);

	if (len < 1000) {
		tree_is(page, wanted);
		return;
	}
	help_expect(&help_opts, page, len, 0, true, wanted);
	for (size_t cut = 0; cut < len; cut += 997)
		help_expect(&help_opts, page, len, cut, false, wanted);
}

static void
stays(const char *page, const char *head)
{
	char *wanted = mem_printf("html(head(%s) body)", head);

	is(page, wanted);
	for (int spans = 0; spans < 2; spans++) {
		char *written = rewrite(page, spans);

		is(written, wanted);
		mem_free(&written);
	}
	mem_free(&wanted);
}

static void
one_that_the_page_cuts_short_is_the_same_with_an_end(void **state)
{
	(void)state;
	stays("<noscript><!</noscript?", "noscript(<!</noscript?>)");
	stays("<noscript></noscriptu><style><",
	    "noscript(\"</noscriptu><style><\")");
	stays("<noscript>", "noscript");
	stays("<noscript><", "noscript(\"<\")");
	stays("<noscript></", "noscript(\"</\")");
	stays("<noscript> </noscript", "noscript(\" \")");
	stays("<noscript><link a='", "noscript");
	stays("<noscript><!--a--!", "noscript(<!a>)");
	stays("<noscript><style> </sty", "noscript(\"<style> </sty\")");
	stays("<noscript><style></style", "noscript(\"<style></style\")");
	stays("<noscript><style> ", "noscript(style(\" \"))");
	stays("<noscript><!-- </noscript", "noscript(<! </noscript>)");
}

static void
what_ends_raw_text_in_a_tag_or_comment_makes_it_raw(void **state)
{
	(void)state;
	is("<noscript><!--</noscript >--></noscript>",
	    "html(head(noscript(\"<!--\")) body(\"-->\"))");
	is("<noscript><!</noscript>x",
	    "html(head(noscript(\"<!\")) body(\"x\"))");
	is("<noscript><link a='</noscript/>'>",
	    "html(head(noscript(\"<link a='\")) body(\"'>\"))");
	stays("<noscript><link a=\"> </noscriptu>\"></noscript>",
	    "noscript(link[a=> </noscriptu>])");
	is("<noscript><link a=\"> </noscript>\"><style>b c</style>",
	    "html(head(noscript(\"<link a=\"> \")) body(\"\">\" "
	    "style(\"b c\")))");
}

static void
values_in_quotes_are_read_as_the_tokenizer_reads_them(void **state)
{
	(void)state;
	stays("<noscript><link a='>x' b = \"<p>\" c=d/e f></noscript>",
	    "noscript(link[a=>x b=<p> c=d/e f])");
	stays("<noscript><meta =a='>'></noscript><meta>",
	    "noscript(meta[=a=>]) meta");
	stays("<noscript><linkx></noscript>", "noscript(\"<linkx>\")");
	stays("<noscript></link a='>'></x></noscript>", "noscript");
	stays("<noscript></br></noscript>", "noscript(\"</br>\")");
	stays("<noscript><!--a--!>b--></noscript>",
	    "noscript(\"<!--a--!>b-->\")");
}

/* What is written may be longer than what was read, or shorter. */
static void
it_may_be_long(void **state)
{
	struct buf page, head;

	(void)state;
	buf_init(&page, OUT_MAX);
	buf_init(&head, OUT_MAX);
	buf_puts(&page, "<noscript>");
	buf_puts(&head, "noscript(");
	for (int i = 0; i < MANY; i++) {
		buf_puts(&page, "<link   a=b>");
		buf_puts(&head, i ? " link[a=b]" : "link[a=b]");
	}
	buf_puts(&page, "</noscript>");
	buf_puts(&head, ")");
	stays(page.data, head.data);
	buf_clear(&page);
	buf_clear(&head);
	buf_puts(&page, "<noscript>");
	buf_puts(&head, "noscript(\"");
	for (int i = 0; i < MANY; i++) {
		buf_puts(&page, "<link   a=b>");
		buf_puts(&head, "<link   a=b>");
	}
	buf_puts(&page, "<p></noscript>");
	buf_puts(&head, "<p>\")");
	stays(page.data, head.data);
	buf_fini(&page);
	buf_fini(&head);
}

/* ---- in a body ---- */

static void
body_stays(const char *page, const char *body)
{
	char *wanted = mem_printf("html(head body(%s))", body);

	is(page, wanted);
	for (int spans = 0; spans < 2; spans++) {
		char *written = rewrite(page, spans);

		is(written, wanted);
		mem_free(&written);
	}
	mem_free(&wanted);
}

static void
in_a_body_it_holds_whole_elements(void **state)
{
	(void)state;
	body_stays("<body><noscript><div>a<p>b<img c>d</p></div>e</noscript>f",
	    "noscript(div(\"a\" p(\"b\" img[c] \"d\")) \"e\") \"f\"");
	body_stays("<body><noscript><ul><li>a</li></ul><!--b--><iframe><p>"
		   "</iframe><x-y></x-y></noscript>",
	    "noscript(ul(li(\"a\")) <!b> iframe(\"<p>\") x-y)");
	body_stays("<body><p><noscript><a><b>c</b></a><br></noscript></p>",
	    "p(noscript(a(b(\"c\")) br))");
	body_stays("<body><noscript>a < b <3 &lt;p></noscript>",
	    "noscript(\"a < b <3 <p>\")");
	body_stays("<body><noscript>a", "noscript(\"a\")");
	body_stays("<body><table><tr><td><noscript><b>a</b></noscript></table>",
	    "table(tr(td(noscript(b(\"a\")))))");
}

static void
what_would_break_out_of_one_in_a_body_makes_it_raw(void **state)
{
	(void)state;
	body_stays("<body><p><noscript><form><img></form></noscript>",
	    "p(noscript(\"<form><img></form>\"))");
	body_stays("<body><p><noscript><div>a</div></noscript>",
	    "p(noscript(\"<div>a</div>\"))");
	body_stays("<body><a><noscript><a>b</a></noscript></a>",
	    "a(noscript(\"<a>b</a>\"))");
	body_stays("<body><button><noscript><button></button></noscript>",
	    "button(noscript(\"<button></button>\"))");
	body_stays("<body><noscript><table></table></noscript>",
	    "noscript(\"<table></table>\")");
	body_stays("<body><noscript><body a></noscript>",
	    "noscript(\"<body a>\")");
	body_stays("<body><noscript></div></noscript>", "noscript(\"</div>\")");
	body_stays("<body><noscript><b></noscript>a",
	    "noscript(\"<b>\") \"a\"");
	body_stays("<body><noscript><p>a<p>b</noscript>",
	    "noscript(\"<p>a<p>b\")");
	body_stays("<body><noscript><li>a</li></noscript>",
	    "noscript(\"<li>a</li>\")");
	body_stays("<body><noscript><noscript>a</noscript>",
	    "noscript(\"<noscript>a\")");
	body_stays("<body><noscript><b>a", "noscript(\"<b>a\")");
	body_stays("<body><select><noscript>a</noscript></select>",
	    "select(noscript(\"a\"))");
	is("<body><p><b></p><noscript>a&amp;</noscript>",
	    "html(head body(p(b) noscript(\"a&amp;\")))");
}

static void
one_that_is_read_in_two_ways_is_one_text_to_all(void **state)
{
	(void)state;
	/* at one again behind a second end tag */
	body_stays("<body><noscript><img a=\"</noscript>b\"></noscript>c",
	    "noscript(img[a=</noscript>b]) \"c\"");
	body_stays("<body><noscript><!--</noscript><p>b</p>--></noscript>c",
	    "noscript(<!</noscript><p>b</p>>) \"c\"");
	body_stays("<body><noscript><i a=\"</noscript>b\"></noscript>c",
	    "noscript(\"<i a=\"&lt;/noscript>b\">\") \"c\"");
	/* never */
	body_stays("<body><noscript><i a=\"</noscript>b",
	    "noscript(\"<?>&lt;i a=\"\") \"b\"");
	body_stays("<body><noscript>a<!--<p></noscript><p>b-->",
	    "noscript(\"a<?>&lt;!--&lt;p>\") p(\"b-->\")");
	body_stays("<body><noscript><style></noscript><svg></style></noscript>",
	    "noscript(\"<?>&lt;style>\") svg:svg");
	body_stays("<body><noscript>a\r\nb<i c='",
	    "noscript(\"a\nb<?>&lt;i c='\")");
}

/* So far from its end an end tag may stand in a comment. */
static void
far_ends(const char *piece, size_t times, bool stay)
{
	struct buf page, body;

	buf_init(&page, OUT_MAX);
	buf_init(&body, OUT_MAX);
	buf_puts(&page, "<body>><noscript><!--</noscript>");
	buf_puts(&body, "\">\" noscript(");
	buf_puts(&body, stay ? "<!</noscript>" : "\"<?>&lt;!--\") \"");
	for (size_t i = 0; i < times; i++) {
		buf_puts(&page, piece);
		buf_puts(&body, piece);
	}
	buf_puts(&page, "--></noscript>");
	buf_puts(&body, stay ? ">)" : "-->\"");
	body_stays(page.data, body.data);
	buf_fini(&page);
	buf_fini(&body);
}

/* What is written of a page has that in its body, and so has what is written of
 * that. */
static void
settles(const char *page, const char *body)
{
	char *wanted =
	    mem_printf("<html><head></head><body>%s</body></html>", body);
	char *once = rewrite(page, false), *twice = rewrite(once, false);

	assert_string_equal(once, wanted);
	assert_string_equal(twice, wanted);
	mem_free(&wanted);
	mem_free(&once);
	mem_free(&twice);
}

static void
a_comment_around_an_end_tag_is_one_again_when_it_is_written(void **state)
{
	(void)state;
	far_ends("a", 490, true);
	far_ends("a", 500, false);
	/* three bytes when it is written */
	settles("<body><noscript><!--</noscript>\x8d--></noscript>",
	    "<noscript><!--</noscript>\xEF\xBF\xBD--></noscript>");
	settles("<body><noscript><!--</noscript>\n--></noscript>",
	    "<noscript><!--</noscript>\n--></noscript>");
	settles("<body><noscript><!--</noscript>\r\n--></noscript>",
	    "<noscript><?>&lt;!--</noscript>\n--&gt;");
	far_ends("\xC3\xA9", 200, true);
	/* what is behind may become longer */
	body_stays("<body><noscript><!--</noscript>--> >>>> <img a=b></noscript>",
	    "noscript(<!</noscript>> \" >>>> \" img[a=b])");
	body_stays("<body><noscript><img a=\"</noscript>\"><!--</noscript>-->"
		   "</noscript>",
	    "noscript(\"<?>&lt;img a=\"\") \"\">\" <!</noscript>>");
}

/* Nothing in what is written says that it was XHTML. */
static void
in_xhtml_what_is_text_is_text_in_html(void **state)
{
#define XHTML "<!DOCTYPE><!--\"-//W3C//DTD XHTML -->"
	(void)state;
	settles("T<!DOCTYPE><noscript><script/><p\"-//W3C//DTD XHTML ",
	    "T<noscript><?>&lt;script/>&lt;p\"-//W3C//DTD XHTML </noscript>");
	settles("T" XHTML "<noscript><b/>a</b></noscript>",
	    "T<!--\"-//W3C//DTD XHTML --><noscript><?>&lt;b/>a&lt;/b>"
	    "</noscript>");
	settles("T" XHTML "<noscript><b/>a</noscript>",
	    "T<!--\"-//W3C//DTD XHTML --><noscript><b></b>a</noscript>");
	settles("T" XHTML "<noscript><table></table></noscript>",
	    "T<!--\"-//W3C//DTD XHTML --><noscript><table></table></noscript>");
#undef XHTML
}

static void
it_does_not_keep_a_frameset_out(void **state)
{
	(void)state;
	is("<noscript><!--x--><p>a<img></p></noscript><frameset><frame>",
	    "html(head(noscript(\"<!--x--><p>a<img></p>\")) "
	    "frameset(frame))");
	is("<head></head><noscript><p>a<img></p></noscript><frameset><frame>",
	    "html(head frameset(frame))");
	is("<head></head><noscript></noscript><img><frameset>",
	    "html(head body(noscript img))");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		one_that_the_page_cuts_short_is_the_same_with_an_end),
	    cmocka_unit_test(
		what_ends_raw_text_in_a_tag_or_comment_makes_it_raw),
	    cmocka_unit_test(
		values_in_quotes_are_read_as_the_tokenizer_reads_them),
	    cmocka_unit_test(it_may_be_long),
	    cmocka_unit_test(in_a_body_it_holds_whole_elements),
	    cmocka_unit_test(
		what_would_break_out_of_one_in_a_body_makes_it_raw),
	    cmocka_unit_test(one_that_is_read_in_two_ways_is_one_text_to_all),
	    cmocka_unit_test(
		a_comment_around_an_end_tag_is_one_again_when_it_is_written),
	    cmocka_unit_test(in_xhtml_what_is_text_is_text_in_html),
	    cmocka_unit_test(it_does_not_keep_a_frameset_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
