/* Tree construction, insertion mode by insertion mode. */
#include "build_help.h"

#include <stdio.h>

static void
an_empty_page_has_html_head_and_body(void **state)
{
	(void)state;
	tree_is("", "html(head body)");
	tree_is(" \n", "html(head body)");
	tree_is("<!DOCTYPE html>", "!html html(head body)");
	tree_is("x", "html(head body(\"x\"))");
	tree_is("</p>", "html(head body)");
	tree_is("<body></p>", "html(head body(p))");
	tree_is("</br>", "html(head body(br))");
	tree_is("</i>", "html(head body)");
}

static void
comments_stand_where_they_stood(void **state)
{
	(void)state;
	tree_is("<!--a--><!DOCTYPE html><!--b--><html><!--c--><head><!--d-->"
		"</head><!--e--><body><!--f--></body><!--g--></html><!--h-->",
	    "<!a> !html <!b> html(<!c> head(<!d>) <!e> body(<!f>) <!g>) <!h>");
}

/* By the standard. */
static void
full_is(const char *page, const char *wanted)
{
	struct build_opts full = help_opts;

	full.implied = true;
	help_tree_of(&full, page, strlen(page), wanted);
}

static void
space_around_head_and_body_is_where_browsers_have_it_if_asked(void **state)
{
	(void)state;
	full_is(" <html> <head> <title>t</title> </head> <body> x </body> "
		"</html> ",
	    "html(head(\" \" title(\"t\") \" \") \" \" body(\" x   \"))");
	full_is("<p>a</p></body></html> <p>b",
	    "html(head body(p(\"a\") \" \" p(\"b\")))");
	full_is("<head> x", "html(head(\" \") body(\"x\"))");
	full_is("<head></head> x", "html(head \" \" body(\"x\"))");
}

static void
space_around_head_and_body_stays_where_it_was_written(void **state)
{
	(void)state;
	tree_is(" <html> <head> <title>t</title> </head> <body> x </body> "
		"</html> ",
	    "html(\" \" head(\" \" title(\"t\") \" \") \" \" "
	    "body(\" x \") \"  \")");
	tree_is("<p>a</p></body> <!--c--> </html> ",
	    "html(head body(p(\"a\")) \" \" <!c> \"  \")");
	tree_is("<p>a</p></body> <!--c--> </html> <p>b</body> ",
	    "html(head body(p(\"a\") \"   \" p(\"b \")) <!c>)");
}

static void
what_belongs_into_a_head_comes_into_it(void **state)
{
	(void)state;
	tree_is("<meta charset=x><link><base><style>a<b</style>"
		"<script>a<b</script><title>a<b</title><p>",
	    "html(head(meta[charset=x] link base style(\"a<b\") "
	    "script(\"a<b\") title(\"a<b\")) body(p))");
	tree_is("<head></head><link><p>", "html(head(link) body(p))");
	tree_is("<head></head><title>t</title><script>s</script>x",
	    "html(head(title(\"t\") script(\"s\")) body(\"x\"))");
	tree_is("<head><head><p>", "html(head body(p))");
	tree_is("<head></p></head>", "html(head body)");
}

static void
a_noscript_in_the_head_holds_what_a_head_holds(void **state)
{
	struct build_opts on = help_opts;
	static const char page[] = "<head><noscript><link><p>x</noscript>";

	(void)state;
	tree_is("<head><noscript> <!--c--><link></noscript><meta>",
	    "html(head(noscript(\" \" <!c> link) meta) body)");
	full_is(page, "html(head(noscript(link)) body(p(\"x\")))");
	full_is(
	    "<noscript><head><noscript></br>", "html(head(noscript) body(br))");
	tree_is(page, "html(head(noscript(\"<link><p>x\")) body)");
	tree_is("<noscript><img></noscript><link>",
	    "html(head(noscript(\"<img>\") link) body)");
	tree_is("<noscript></noscripts><link>a</noscript><link>",
	    "html(head(noscript(\"</noscripts><link>a\") link) body)");
	tree_is("<noscript><style>a</style></noscript><link>",
	    "html(head(noscript(\"<style>a</style>\") link) body)");
	on.scripting = true;
	help_tree_of(&on, page, strlen(page),
	    "html(head(noscript(\"<link><p>x\")) body)");
}

static void
a_second_html_or_body_gives_its_attributes(void **state)
{
	(void)state;
	tree_is("<html a=1><body b=1><html a=2 c=3><body b=2 d>",
	    "html[a=1 c=3](head body[b=1 d])");
	tree_is("<template><html a><body b></template><p>",
	    "html(head(template) body(p))");
}

static void
paragraphs_end_at_blocks(void **state)
{
	(void)state;
	body_is("<p>a<div>b</p>c", "p(\"a\") div(\"b\" p \"c\")");
	body_is("<p>a<p>b<ul><li>c<li>d</ul>e",
	    "p(\"a\") p(\"b\") ul(li(\"c\") li(\"d\")) \"e\"");
	body_is("<p><button><p>x</button>y", "p(button(p(\"x\")) \"y\")");
	body_is("<p><search>x", "p search(\"x\")");
	body_is(
	    "<p><main>x<dialog>y</main>z", "p main(\"x\" dialog(\"y\")) \"z\"");
	body_is("<dl><dt>a<dd>b<dt>c", "dl(dt(\"a\") dd(\"b\") dt(\"c\"))");
	body_is("<li>a<div><li>b", "li(\"a\" div) li(\"b\")");
	body_is("<li>a<article><li>b", "li(\"a\" article(li(\"b\")))");
	body_is("<h1>a<h2>b</h3>c", "h1(\"a\") h2(\"b\") \"c\"");
}

static void
quirks_let_a_table_stand_in_a_paragraph(void **state)
{
	(void)state;
	tree_is("<p><table>", "html(head body(p(table)))");
	tree_is("<!DOCTYPE html><p><table>", "!html html(head body(p table))");
	tree_is("<!DOCTYPE html PUBLIC '-//W3C//DTD HTML 3.2//EN'><p><table>",
	    "!html html(head body(p(table)))");
	tree_is("<!DOCTYPE html PUBLIC '-//W3C//DTD HTML 4.01 "
		"Transitional//EN'><p><table>",
	    "!html html(head body(p(table)))");
	tree_is("<!DOCTYPE html PUBLIC '-//W3C//DTD HTML 4.01 "
		"Transitional//EN' 'x'><p><table>",
	    "!html html(head body(p table))");
	tree_is("<!DOCTYPE x><p><table>", "!x html(head body(p(table)))");
}

static void
a_newline_behind_pre_and_textarea_is_nothing(void **state)
{
	(void)state;
	body_is("<pre>\n\na</pre>", "pre(\"\na\")");
	body_is("<pre>\n</pre>", "pre");
	body_is("<textarea>\na<b</textarea>", "textarea(\"a<b\")");
	body_is("<listing>\na", "listing(\"a\")");
	body_is("<pre><b>\n", "pre(b(\"\n\"))");
}

static void
formatting_is_adopted(void **state)
{
	(void)state;
	body_is("<b>1<p>2</b>3</p>", "b(\"1\") p(b(\"2\") \"3\")");
	body_is("<p>1<b>2<i>3</b>4</i>5",
	    "p(\"1\" b(\"2\" i(\"3\")) i(\"4\") \"5\")");
	body_is("<a>1<p>2<a>3", "a(\"1\") p(a(\"2\") a(\"3\"))");
	body_is("<a><div><div></a>x", "a div(a div(a \"x\"))");
	body_is("<nobr>1<nobr>2", "nobr(\"1\") nobr(\"2\")");
	body_is("<b><em><foo><foo><aside></b></em>",
	    "b(em(foo(foo))) em aside(em(b))");
}

static void
formatting_goes_on_in_the_next_paragraph(void **state)
{
	(void)state;
	body_is("<p><b x=1>1<p>2", "p(b[x=1](\"1\")) p(b[x=1](\"2\"))");
	body_is("<p><b><b><b><b><p>x", "p(b(b(b(b)))) p(b(b(b(\"x\"))))");
	body_is("<p><b a=1 b=2><b b=2 a=1><b a=1 b=2><b a=1 b=2><p>x",
	    "p(b[a=1 b=2](b[b=2 a=1](b[a=1 b=2](b[a=1 b=2])))) "
	    "p(b[b=2 a=1](b[a=1 b=2](b[a=1 b=2](\"x\"))))");
	body_is("<b><object>x</b></object>y", "b(object(\"x\") \"y\")");
}

static void
tables_get_what_is_theirs(void **state)
{
	struct build_opts full = help_opts;
	static const char page[] = "<table><col><tr><td>x<tr><th>y</table>z";

	(void)state;
	body_is("<table><caption>c<tr><td>x<td>y<tbody><tr><td>z</table>",
	    "table(caption(\"c\") tr(td(\"x\") td(\"y\")) "
	    "tbody(tr(td(\"z\"))))");
	body_is("<table> <tr> <td> x </td> </tr> </table>",
	    "table(\" \" tr(\" \" td(\" x \") \" \") \" \")");
	body_is(page, "table(col tr(td(\"x\")) tr(th(\"y\"))) \"z\"");
	full.implied = true;
	help_tree_of(&full, page, strlen(page),
	    "html(head body(table(colgroup(col) tbody(tr(td(\"x\")) "
	    "tr(th(\"y\")))) \"z\"))");
	body_is("<table><td>x", "table(tr(td(\"x\")))");
	body_is("<table><colgroup> <col>x", "\"x\" table(colgroup(\" \" col))");
	body_is("<table><tr><td><table><tr><td>x</table></table>",
	    "table(tr(td(table(tr(td(\"x\"))))))");
	body_is("<table><table>x", "table \"x\" table");
}

static void
what_is_no_part_of_a_table_goes_before_it(void **state)
{
	(void)state;
	body_is("a<table>b<tr>c<td>d</table>e",
	    "\"abc\" table(tr(td(\"d\"))) \"e\"");
	body_is("<table><tr><p>x</table>", "p(\"x\") table(tr)");
	body_is("<table> x<tr>", "\" x\" table(tr)");
	body_is("<table><b>x<tr><td>y</table>z",
	    "b(\"x\") table(tr(td(\"y\"))) b(\"z\")");
	body_is("<table><a>1<p>2</a>3</p>", "a(\"1\") p(a(\"2\") \"3\") table");
	body_is("<table><input type=hidden><input>",
	    "input table(input[type=hidden])");
	body_is("<table><form><tr><td>x</form>", "table(form tr(td(\"x\")))");
	body_is("<table><style>a</style><script>b</script>",
	    "table(style(\"a\") script(\"b\"))");
}

static void
selects_hold_markup(void **state)
{
	(void)state;
	body_is("<select><option>a<option>b<optgroup><option>c<hr></select>d",
	    "select(option(\"a\") option(\"b\") optgroup(option(\"c\")) hr) "
	    "\"d\"");
	body_is("<select><b>x</b><select>y", "select(b(\"x\")) \"y\"");
	body_is("<p><select><p>x</select>y", "p(select(p(\"x\")) \"y\")");
	body_is("<select><input>", "select input");
	fragment_is("select", "<option>x<input><select>", "option(\"x\")");
}

static void
forms_do_not_nest(void **state)
{
	(void)state;
	body_is("<form><div><form>x</form>y</div>z", "form(div(\"xy\")) \"z\"");
	body_is(
	    "<form><template><form></template></form>", "form(template(form))");
	body_is("<form><p></form>x", "form(p) \"x\"");
}

static void
templates_keep_what_is_in_them(void **state)
{
	(void)state;
	tree_is("<template><tr><td>x</template>y",
	    "html(head(template(tr(td(\"x\")))) body(\"y\"))");
	tree_is("<template><col><td>", "html(head(template(col)) body)");
	body_is("<p><template><li>x<p>y<div>",
	    "p(template(li(\"x\" p(\"y\") div)))");
	body_is("<b><template>x</b>y</template>z", "b(template(\"xy\") \"z\")");
	body_is(
	    "<table><template><tr></template><tr>", "table(template(tr) tr)");
	body_is("<p></template>x", "p(\"x\")");
	tree_is("<template><p></body><template>x",
	    "html(head(template(p(template(\"x\")))) body)");
}

static void
svg_and_mathml_have_their_own_names(void **state)
{
	(void)state;
	body_is("<svg viewbox=1><foreignobject><p>x</p></foreignobject><path/>"
		"<lineargradient>",
	    "svg:svg[viewBox=1](svg:foreignObject(p(\"x\")) svg:path "
	    "svg:linearGradient)");
	body_is("<math definitionurl=x><mi><b>x</b></mi><mo/>y</math>z",
	    "math:math[definitionURL=x](math:mi(b(\"x\")) math:mo \"y\") "
	    "\"z\"");
	body_is("<svg><g><p>x", "svg:svg(svg:g) p(\"x\")");
	body_is("<svg><g></SVG>x", "svg:svg(svg:g) \"x\"");
	body_is("<svg><![CDATA[a<b]]></svg>", "svg:svg(\"a<b\")");
	body_is(
	    "<svg><font x><font size=1>", "svg:svg(svg:font[x]) font[size=1]");
	body_is("<math><annotation-xml encoding=Text/HTML><p>x",
	    "math:math(math:annotation-xml[encoding=Text/HTML](p(\"x\")))");
	body_is("<math><annotation-xml><p>x",
	    "math:math(math:annotation-xml) p(\"x\")");
	body_is("<math><annotation-xml><svg>",
	    "math:math(math:annotation-xml(svg:svg))");
	body_is("<div><svg></div>x", "div(svg:svg) \"x\"");
	body_is("<svg><title><p>x</p></title>y",
	    "svg:svg(svg:title(p(\"x\")) \"y\")");
	body_is("<image><svg><image>", "img svg:svg(svg:image)");
}

static void
framesets_replace_an_empty_body(void **state)
{
	(void)state;
	tree_is("<frameset><frame><frameset></frameset></frameset> x "
		"<noframes>a<b</noframes>",
	    "html(head frameset(frame frameset) \"  \" "
	    "noframes(\"a<b\"))");
	tree_is("<p><frameset>", "html(head frameset)");
	tree_is("<p>x<frameset>", "html(head body(p(\"x\")))");
	tree_is("<frameset> a b</frameset></html> c<!--d-->",
	    "html(head frameset(\"  \") \" \") <!d>");
}

static void
what_comes_behind_the_body_goes_back_into_it(void **state)
{
	(void)state;
	tree_is("<p>a</body>b", "html(head body(p(\"ab\")))");
	tree_is("</body></html><p>b", "html(head body(p(\"b\")))");
}

static void
fragments_begin_as_their_context_wants(void **state)
{
	(void)state;
	fragment_is("div", "<td>x<p>y", "\"x\" p(\"y\")");
	fragment_is("table", "<tr><td>x", "tr(td(\"x\"))");
	fragment_is("tbody", "<td>x", "tr(td(\"x\"))");
	fragment_is("tr", "<td>x</tr><td>y", "td(\"x\") td(\"y\")");
	fragment_is("textarea", "<b>&amp;", "\"<b>&\"");
	fragment_is("script", "<b>&amp;", "\"<b>&amp;\"");
	fragment_is("template", "<tr>x", "tr \"x\"");
	fragment_is("svg path", "<g/><p>x", "svg:g p(\"x\")");
	fragment_is("svg desc", "<g>", "g");
	fragment_is("math mi", "<mglyph/><b>", "math:mglyph b");
	fragment_is("form", "<form>x", "\"x\"");
	fragment_is("frameset", "<frame>x<p>", "frame");
	fragment_is("html", "<p>x", "head body(p(\"x\"))");
	fragment_is("select", "<option>x", "option(\"x\")");
	fragment_is("colgroup", " <col>x", "\" \" col");
}

static void
nul_is_dropped_in_html_and_shown_in_svg(void **state)
{
	static const char html[] = "<p>a\0b\0</p>", svg[] = "<svg>a\0</svg>";
	static const char table[] = "<table>\0 \0<tr>", raw[] = "<xmp>\0a";

	(void)state;
	help_tree_of(
	    &help_opts, html, sizeof(html) - 1, "html(head body(p(\"ab\")))");
	help_tree_of(&help_opts, svg, sizeof(svg) - 1,
	    "html(head body(svg:svg(\"a\xEF\xBF\xBD\")))");
	help_tree_of(&help_opts, table, sizeof(table) - 1,
	    "html(head body(table(\" \" tr)))");
	help_tree_of(&help_opts, raw, sizeof(raw) - 1,
	    "html(head body(xmp(\"\xEF\xBF\xBD"
	    "a\")))");
}

static void
text_is_one_node_whatever_was_ignored_in_it(void **state)
{
	(void)state;
	body_is("<div>a</x>b</y z=1>c&amp;d</x>&notin;e",
	    "div(\"abc&d\xE2\x88\x89"
	    "e\")");
	body_is("a<table>b</x>c<tr>d</y>e</table>", "\"abcde\" table(tr)");
}

static void
xhtml_ends_any_element_at_once(void **state)
{
	struct build_opts xhtml = help_opts;
	static const char page[] =
	    "<!DOCTYPE html><head><script src='a'/><title/></head><body>"
	    "<div/><a name='x'/>y<textarea/><br/><p/><![CDATA[a<b]]><table>"
	    "<tr><td/></tr></table><template/>z";

	(void)state;
	xhtml.xhtml = true;
	help_tree_of(&xhtml, page, sizeof(page) - 1,
	    "!html html(head(script[src=a] title) body(div a[name=x] \"y\" "
	    "textarea br p \"a<b\" table(tr(td)) template \"z\"))");
}

static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

static void
any_soup_is_the_same_tree_whole_and_in_pieces(void **state)
{
	static const char *const bits[] = {"<html>", "<head>", "</head>",
	    "<body a=b>", "</body>", "</html>", " ", "x", "\r\n", "<title>",
	    "</title>", "<noscript>", "</noscript>", "<link>", "<style>",
	    "</style>", "<template>", "</template>", "<table>", "</table>",
	    "<tr>", "<td>", "</td>", "<p>", "</p>", "<b c='d'>", "</b>",
	    "<a href=x&amp;y>", "</a>", "<svg>", "</svg>", "<![CDATA[", "]]>",
	    "&amp;", "&notin", "&#x41;", "<!--", "-->", "<script>", "</script>",
	    "<pre>", "\n", "<frameset>", "<select>", "<option>", "<math>",
	    "<mi>", "<!DOCTYPE html>", "\xC3\xA4"};
	struct err err = {""};
	unsigned seed = 7;
	struct buf text, dump;

	(void)state;
	buf_init(&text, 4096);
	buf_init(&dump, HELP_DUMP_MAX);
	for (int round = 0; round < 1500; round++) {
		struct tree *tree;

		buf_clear(&text);
		buf_clear(&dump);
		for (int i = 0; i < 25; i++)
			buf_puts(
			    &text, bits[next_random(&seed) % COUNT_OF(bits)]);
		tree =
		    help_build(&help_opts, text.data, text.len, 0, false, &err);
		assert_non_null(tree);
		help_dump(&dump, (const xmlNode *)&tree->doc);
		tree_free(&tree);
		help_expect(
		    &help_opts, text.data, text.len, 0, true, dump.data);
		help_expect(&help_opts, text.data, text.len,
		    next_random(&seed) % text.len, false, dump.data);
	}
	buf_fini(&text);
	buf_fini(&dump);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_page_has_html_head_and_body),
	    cmocka_unit_test(comments_stand_where_they_stood),
	    cmocka_unit_test(
		space_around_head_and_body_is_where_browsers_have_it_if_asked),
	    cmocka_unit_test(
		space_around_head_and_body_stays_where_it_was_written),
	    cmocka_unit_test(what_belongs_into_a_head_comes_into_it),
	    cmocka_unit_test(a_noscript_in_the_head_holds_what_a_head_holds),
	    cmocka_unit_test(a_second_html_or_body_gives_its_attributes),
	    cmocka_unit_test(paragraphs_end_at_blocks),
	    cmocka_unit_test(quirks_let_a_table_stand_in_a_paragraph),
	    cmocka_unit_test(a_newline_behind_pre_and_textarea_is_nothing),
	    cmocka_unit_test(formatting_is_adopted),
	    cmocka_unit_test(formatting_goes_on_in_the_next_paragraph),
	    cmocka_unit_test(tables_get_what_is_theirs),
	    cmocka_unit_test(what_is_no_part_of_a_table_goes_before_it),
	    cmocka_unit_test(selects_hold_markup),
	    cmocka_unit_test(forms_do_not_nest),
	    cmocka_unit_test(templates_keep_what_is_in_them),
	    cmocka_unit_test(svg_and_mathml_have_their_own_names),
	    cmocka_unit_test(framesets_replace_an_empty_body),
	    cmocka_unit_test(what_comes_behind_the_body_goes_back_into_it),
	    cmocka_unit_test(fragments_begin_as_their_context_wants),
	    cmocka_unit_test(nul_is_dropped_in_html_and_shown_in_svg),
	    cmocka_unit_test(text_is_one_node_whatever_was_ignored_in_it),
	    cmocka_unit_test(xhtml_ends_any_element_at_once),
	    cmocka_unit_test(any_soup_is_the_same_tree_whole_and_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
