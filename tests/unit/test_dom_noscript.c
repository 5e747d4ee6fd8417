/* A noscript in a head: elements or raw text, and the same when it is written
 * and read again (dom/build_noscript.c) */
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
