#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dom/xhtml.h"

enum { OUT_MAX = 1 << 20 };

static void
check(const char *html, const char *wanted)
{
	struct buf out;
	struct err err;

	buf_init(&out, OUT_MAX);
	assert_int_equal(xhtml_write(&out, html, strlen(html), &err), 0);
	assert_string_equal(out.data ? out.data : "", wanted);
	buf_fini(&out);
}

static void
tags_are_written_as_xhtml_has_them(void **state)
{
	static const struct {
		const char *html, *xhtml;
	} cases[] = {
	    {"", ""},
	    {"<br>a<hr class=\"x\"><wbr>", "<br />a<hr class=\"x\" /><wbr />"},
	    {"<p></p><a name=\"n\"></a>", "<p></p><a name=\"n\"></a>"},
	    {"<input checked>", "<input checked=\"\" />"},
	    {"<p title=\"a &lt; 'b' &amp; &quot;\n\t\">",
		"<p title=\"a &lt; 'b' &amp; &quot;&#10;&#9;\"></p>"},
	    {"a&nbsp;b &amp; &lt;c&gt; \"d\"", "a\xc2\xa0"
					       "b &amp; &lt;c&gt; \"d\""},
	    /* what is not ended, and what was not begun */
	    {"<div><p>a<b>b</div>c</i>", "<div><p>a<b>b</b></p></div>c"},
	    {"<form><p>a</form>b</p>", "<form><p>ab</p></form>"},
	    {"<plaintext>a</p>", "<plaintext>a</p></plaintext>"},
	    /* the namespace, once */
	    {"<html lang=\"a\"><body></body></html>",
		"<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"a\">"
		"<body></body></html>"},
	    {"<html xmlns=\"x\"></html>", "<html xmlns=\"x\"></html>"},
	    {"<html xmlns:esi=\"x\"></html>", "<html xmlns:esi=\"x\"></html>"},
	    /* what XML has no word for */
	    {"<p @click=\"a\" :b=\"c\" d:e=\"f\" #g>", "<p d:e=\"f\"></p>"},
	    {"a\x01\x0c"
	     "b",
		"ab"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check(cases[i].html, cases[i].xhtml);
}

static void
raw_text_stays_raw_and_other_text_is_escaped(void **state)
{
	static const struct {
		const char *html, *xhtml;
	} cases[] = {
	    {"<script>if (a<b && c) \"</p>\"</script>",
		"<script>if (a<b && c) \"</p>\"</script>"},
	    {"<style>a > b</style><p>a > b</p>",
		"<style>a > b</style><p>a &gt; b</p>"},
	    {"<title><b></title><textarea><i></textarea>",
		"<title>&lt;b&gt;</title><textarea>&lt;i&gt;</textarea>"},
	    {"<pre>\n\na</pre>", "<pre>\n\na</pre>"},
	    /* in SVG and MathML it is text, but not in HTML within them */
	    {"<svg><style>a<b></b></style></svg>",
		"<svg><style>a<b></b></style></svg>"},
	    {"<svg><title>a<b>c</b></title></svg>",
		"<svg><title>a<b>c</b></title></svg>"},
	    {"<svg><foreignObject><style><a></style></foreignObject></svg>",
		"<svg><foreignObject><style><a></style></foreignObject></svg>"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check(cases[i].html, cases[i].xhtml);
}

static void
names_of_svg_have_their_capitals(void **state)
{
	(void)state;
	check("<svg viewbox=\"0\"><lineargradient gradientunits=\"x\">"
	      "</lineargradient><path/></svg><p viewbox=\"0\"></p>",
	    "<svg viewBox=\"0\"><linearGradient gradientUnits=\"x\">"
	    "</linearGradient><path /></svg><p viewbox=\"0\"></p>");
	check("<math definitionurl=\"x\"><mi>a</mi></math>",
	    "<math definitionURL=\"x\"><mi>a</mi></math>");
}

static void
comments_and_instructions_are_those_of_xml(void **state)
{
	(void)state;
	check("<!-- a -- b ---><!--[if IE]><p><![endif]-->",
	    "<!-- a - - b - --><!--[if IE]><p><![endif]-->");
	check("<?php echo 1 ?><?x y><?xml version=\"1.0\"?>a",
	    "<?php echo 1 ?><?x y?>a");
}

static void
a_page_says_that_it_is_xhtml_by_its_doctype(void **state)
{
	static const struct {
		const char *page;
		bool is_said;
	} cases[] = {
	    {"", false},
	    {"<!DOCTYPE html>", false},
	    {"<!DOCTYPE html>\n<p>XHTML</p>", false},
	    {"<html xmlns=\"http://www.w3.org/1999/xhtml\">", false},
	    {"<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 4.01//EN\">", false},
	    {"<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.1//EN\">", true},
	    {"<!doctype html SYSTEM \"http://www.w3.org/TR/xhtml1/x.dtd\">",
		true},
	    {"<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(
		    xhtml_is_said(cases[i].page, strlen(cases[i].page)),
		    cases[i].is_said);
}

static void
what_grows_too_large_is_refused(void **state)
{
	static const char html[] = "<p>&amp;&amp;&amp;&amp;</p>";
	struct buf out;
	struct err err;

	(void)state;
	buf_init(&out, 16);
	assert_int_equal(xhtml_write(&out, html, sizeof(html) - 1, &err), -1);
	buf_fini(&out);
}

static void
depth_is_no_matter(void **state)
{
	enum { DEPTH = 200000 };
	struct buf html, out;
	struct err err;

	(void)state;
	buf_init(&html, 64 << 20);
	buf_init(&out, 64 << 20);
	for (int i = 0; i < DEPTH; i++)
		buf_puts(&html, "<b>");
	assert_int_equal(xhtml_write(&out, html.data, html.len, &err), 0);
	assert_int_equal(out.len, 7 * DEPTH);
	buf_fini(&html);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tags_are_written_as_xhtml_has_them),
	    cmocka_unit_test(raw_text_stays_raw_and_other_text_is_escaped),
	    cmocka_unit_test(names_of_svg_have_their_capitals),
	    cmocka_unit_test(comments_and_instructions_are_those_of_xml),
	    cmocka_unit_test(a_page_says_that_it_is_xhtml_by_its_doctype),
	    cmocka_unit_test(what_grows_too_large_is_refused),
	    cmocka_unit_test(depth_is_no_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
