/* theme/links: what becomes of a theme's addresses in each mode */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "dom/html.h"
#include "theme/address.h"
#include "theme/links.h"

static char assets[4096];

static void
on_asset(void *arg, const char *url)
{
	(void)arg;
	strncat(assets, url, sizeof(assets) - strlen(assets) - 1);
	strncat(assets, "\n", sizeof(assets) - strlen(assets) - 1);
}

static const struct links to_cache = {
    .mode = LINKS_CACHE,
    .base = "https://t.example/look/page.html",
    .origin = "https://t.example",
    .prefix = "/.livery/t/x",
    .on_asset = on_asset,
};
static const struct links to_absolute = {
    .mode = LINKS_ABSOLUTE,
    .base = "https://t.example/look/page.html",
    .origin = "https://t.example",
};
static const struct links to_prefix = {
    .mode = LINKS_PREFIX,
    .prefix = "/abs",
};

static void
css_becomes(const struct links *links, const char *from, const char *to)
{
	struct buf out;

	buf_init(&out, 65536);
	assert_int_equal(links_css(&out, from, strlen(from), links), 0);
	assert_string_equal(out.data ? out.data : "", to);
	buf_fini(&out);
}

static void
page_becomes(const struct links *links, const char *from, const char *to)
{
	struct html_opts opts = {
	    .content_type = "text/html; charset=utf-8",
	    .editable = true,
	};
	struct err err;
	struct buf out;
	xmlDoc *doc;

	buf_init(&out, 65536);
	assets[0] = '\0';
	assert_int_equal(html_parse(&doc, from, strlen(from), &opts, &err), 0);
	links_rewrite(doc, links);
	html_write(&out, xmlDocGetRootElement(doc));
	assert_string_equal(out.data, to);
	html_free(&doc);
	buf_fini(&out);
}

static void
assets_of_the_theme_go_to_the_cache_and_pages_do_not(void **state)
{
	(void)state;
	page_becomes(&to_cache,
	    "<html><head><link rel=\"Stylesheet\" href=\"a.css?v=3#x\">"
	    "<link rel=\"canonical\" href=\"page.html\"></head><body>"
	    "<img src=\"/i.png\"><img src=\"https://T.example:443/j.png\">"
	    "<img src=\"https://cdn.example/k.png\"><a href=\"other\">o</a>"
	    "<form action=\"go\"></form><iframe src=\"f.html\"></iframe>"
	    "</body></html>",
	    "<html><head><link rel=\"Stylesheet\" "
	    "href=\"/.livery/t/x/look/a.css?v=3#x\">"
	    "<link rel=\"canonical\" href=\"https://t.example/look/page.html\">"
	    "</head><body><img src=\"/.livery/t/x/i.png\">"
	    "<img src=\"/.livery/t/x/j.png\">"
	    "<img src=\"https://cdn.example/k.png\">"
	    "<a href=\"https://t.example/look/other\">o</a>"
	    "<form action=\"https://t.example/look/go\"></form>"
	    "<iframe src=\"https://t.example/look/f.html\"></iframe>"
	    "</body></html>");
	assert_string_equal(assets,
	    "https://t.example/look/a.css?v=3\n"
	    "https://t.example/i.png\nhttps://T.example:443/j.png\n");
}

static void
an_asset_path_leads_back_to_its_address(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	assert_int_equal(
	    links_asset_url(&out, "https://t.example", "/look/a.css?v=3"), 0);
	assert_string_equal(out.data, "https://t.example/look/a.css?v=3");
	assert_int_equal(links_asset_url(&out, "o", "look"), -1);
	assert_int_equal(links_asset_url(&out, "o", "//evil.example/"), -1);
	assert_int_equal(links_asset_url(&out, "o", "/a/../b"), -1);
	assert_int_equal(links_asset_url(&out, "o", "/a/%2e%2e/b"), -1);
	assert_int_equal(links_asset_url(&out, "o", "/a\r\nX: y"), -1);
	assert_int_equal(links_asset_url(&out, "o", "/a b"), -1);
	buf_fini(&out);
}

static void
all_becomes_absolute_to_the_themes_host(void **state)
{
	(void)state;
	page_becomes(&to_absolute,
	    "<html><body><img src=\"../i.png\"><a href=\"#top\">t</a>"
	    "<a href=\"mailto:a@b\">m</a><p style=\"background:url(b.png)\">"
	    "</p><meta http-equiv=\"Refresh\" content=\"5; URL='/there'\">"
	    "</body></html>",
	    "<html><head></head><body>"
	    "<img src=\"https://t.example/i.png\">"
	    "<a href=\"#top\">t</a><a href=\"mailto:a@b\">m</a>"
	    "<p style=\"background:url(https://t.example/look/b.png)\"></p>"
	    "<meta http-equiv=\"Refresh\" "
	    "content=\"5; URL='https://t.example/there'\"></body></html>");
}

static void
base_counts_and_goes(void **state)
{
	(void)state;
	page_becomes(&to_absolute,
	    "<html><head><base href=\"/deep/er/\"></head>"
	    "<body><img src=\"i.png\"></body></html>",
	    "<html><head></head><body>"
	    "<img src=\"https://t.example/deep/er/i.png\"></body></html>");
	page_becomes(&to_prefix,
	    "<html><head><base href=\"deep/page.html\"></head>"
	    "<body><img src=\"i.png\"></body></html>",
	    "<html><head></head><body>"
	    "<img src=\"/abs/deep/i.png\"></body></html>");
}

static void
a_theme_in_a_folder_links_to_the_sites_own_pages(void **state)
{
	struct links folder = to_cache;

	(void)state;
	folder.base = "http://x.theme.invalid/theme.html";
	folder.origin = "http://x.theme.invalid";
	page_becomes(&folder,
	    "<html><head><link rel=\"stylesheet\" href=\"style.css\">"
	    "</head><body><a href=\"/news/\">n</a>"
	    "<form action=\"/search\"></form>"
	    "<a href=\"https://else.example/\">e</a></body></html>",
	    "<html><head><link rel=\"stylesheet\" "
	    "href=\"/.livery/t/x/style.css\"></head><body>"
	    "<a href=\"/news/\">n</a><form action=\"/search\"></form>"
	    "<a href=\"https://else.example/\">e</a></body></html>");
}

static void
nothing_changes_when_links_are_kept(void **state)
{
	static const char page[] =
	    "<html><head><base href=\"/x/\"></head><body>"
	    "<img src=\"i.png\"></body></html>";
	struct links keep = {.mode = LINKS_KEEP};

	(void)state;
	page_becomes(&keep, page, page);
}

static void
css_addresses_are_found_by_the_tokens_of_css(void **state)
{
	(void)state;
	css_becomes(&to_prefix, "a{b:url(x.png)}", "a{b:url(/abs/x.png)}");
	css_becomes(
	    &to_prefix, "a{b:URL( 'x.png' )}", "a{b:URL( '/abs/x.png' )}");
	css_becomes(&to_prefix, "@import 'a.css' screen;",
	    "@import '/abs/a.css' screen;");
	css_becomes(&to_prefix, "@IMPORT/**/url(a.css);",
	    "@IMPORT/**/url(/abs/a.css);");
	css_becomes(
	    &to_prefix, "@\\69mport \"a.css\"", "@\\69mport \"/abs/a.css\"");
	css_becomes(&to_prefix, "a{b:u\\72l(x)}", "a{b:u\\72l(/abs/x)}");
	css_becomes(
	    &to_prefix, "a{b:url(a\\ b.png)}", "a{b:url(/abs/a%20b.png)}");
	css_becomes(&to_prefix, "a{b:image-set('1' 1x, url(2) 2x) '3'}",
	    "a{b:image-set('/abs/1' 1x, url(/abs/2) 2x) '3'}");
	css_becomes(&to_prefix, "a{b:image-set('1' type('image/x'))}",
	    "a{b:image-set('/abs/1' type('image/x'))}");
	css_becomes(&to_prefix, "@font-face{src:url(a.woff) format('woff')}",
	    "@font-face{src:url(/abs/a.woff) format('woff')}");
}

static void
css_that_is_no_address_stays_as_it_is(void **state)
{
	static const char *const same[] = {
	    "/* url(a) */ b{c:'url(d)'}",
	    "b{c:myurl(d)}",
	    "b{c:-url(d)}",
	    "@namespace url(x);",
	    "b{c:url(#frag)}",
	    "b{c:url(data:image/gif;base64,AA)}",
	    "b{c:url()}",
	    "b{c:url('')}",
	    "b{c:'unclosed\nd:url(/x)",
	    "b{c:url(",
	    "/* unclosed",
	    "\\",
	    "a\\",
	    "b{c:format('woff')}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		css_becomes(&to_prefix, same[i], same[i]);
}

static void
an_escape_in_css_cannot_end_the_style_element(void **state)
{
	(void)state;
	css_becomes(&to_prefix, "a{b:url('\\3c/style\\3e x')}",
	    "a{b:url('/abs/%3C/style%3Ex')}");
}

static void
srcset_becomes(const struct links *links, const char *from, const char *to)
{
	struct buf out;

	buf_init(&out, 65536);
	address_srcset(&out, links, from);
	assert_string_equal(out.data ? out.data : "", to);
	buf_fini(&out);
}

static void
srcset_candidates_are_told_apart(void **state)
{
	struct links compat = to_prefix;

	(void)state;
	compat.compat = true;
	srcset_becomes(&to_prefix, "a 1x, b 2x", "/abs/a 1x, /abs/b 2x");
	srcset_becomes(&to_prefix, "a,b", "/abs/a,b");
	srcset_becomes(&to_prefix, "a, b 2x,c", "/abs/a, /abs/b 2x,/abs/c");
	srcset_becomes(&to_prefix, "data:x,y 1x,\n a(b,c) 2x",
	    "data:x,y 1x,\n /abs/a(b,c) 2x");
	srcset_becomes(&to_prefix, " ,, ", " ,, ");
	srcset_becomes(&to_prefix, "", "");
	srcset_becomes(&compat, "a.png, b.png 2x", "/abs/a.png, b.png 2x");
}

static void
as_diazo_only_some_attributes_have_the_prefix(void **state)
{
	struct links compat = to_prefix;

	(void)state;
	compat.compat = true;
	page_becomes(&compat,
	    "<html><body><a href=\"\">e</a><img src=\"#f\">"
	    "<a href=\"#f\">f</a><form action=\"go\"></form>"
	    "<p style=\"b:url(c)\"></p></body></html>",
	    "<html><head></head><body>"
	    "<a href=\"/abs/\">e</a><img src=\"/abs/#f\">"
	    "<a href=\"#f\">f</a><form action=\"go\"></form>"
	    "<p style=\"b:url(c)\"></p></body></html>");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		assets_of_the_theme_go_to_the_cache_and_pages_do_not),
	    cmocka_unit_test(an_asset_path_leads_back_to_its_address),
	    cmocka_unit_test(all_becomes_absolute_to_the_themes_host),
	    cmocka_unit_test(base_counts_and_goes),
	    cmocka_unit_test(a_theme_in_a_folder_links_to_the_sites_own_pages),
	    cmocka_unit_test(nothing_changes_when_links_are_kept),
	    cmocka_unit_test(css_addresses_are_found_by_the_tokens_of_css),
	    cmocka_unit_test(css_that_is_no_address_stays_as_it_is),
	    cmocka_unit_test(an_escape_in_css_cannot_end_the_style_element),
	    cmocka_unit_test(srcset_candidates_are_told_apart),
	    cmocka_unit_test(as_diazo_only_some_attributes_have_the_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
