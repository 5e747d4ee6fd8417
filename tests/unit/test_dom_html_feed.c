/* a page in pieces: the same tree, the same bytes, the same errors as whole */
#include "build_help.h"

#include <stdio.h>

#include "base/mem.h"
#include "dom/html_feed.h"

enum { OUT_MAX = 64 << 20 };

static const struct html_opts plain = {.spans = true};

static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

/* ---- how ---- */

struct result {
	int rc;
	struct err err;
	struct buf tree, written;
};

static void
result_of(struct result *result, int rc, xmlDoc **doc)
{
	result->rc = rc;
	buf_init(&result->tree, OUT_MAX);
	buf_init(&result->written, OUT_MAX);
	if (rc != 0)
		return;
	help_dump(&result->tree, (const xmlNode *)*doc);
	assert_int_equal(html_write(&result->written, (xmlNode *)*doc), 0);
	html_free(doc);
}

static void
result_fini(struct result *result)
{
	buf_fini(&result->tree);
	buf_fini(&result->written);
}

static void
are_the_same(const struct result *a, const struct result *b, const char *how)
{
	assert_int_equal(a->rc, b->rc);
	if (a->rc != 0) {
		assert_string_equal(a->err.text, b->err.text);
		return;
	}
	if (a->tree.len != b->tree.len ||
	    memcmp(a->tree.data, b->tree.data, a->tree.len) != 0)
		fail_msg("another tree, %s", how);
	if (a->written.len != b->written.len ||
	    memcmp(a->written.data, b->written.data, a->written.len) != 0)
		fail_msg("written otherwise, %s", how);
}

static void
read_whole(struct result *result, const char *bytes, size_t len,
    const struct html_opts *opts)
{
	xmlDoc *doc = NULL;

	result->err.text[0] = '\0';
	result_of(result, html_parse(&doc, bytes, len, opts, &result->err),
	    &doc);
}

/* Each piece is gone when the next comes. Of all bytes the last ones come
 * with the end alone. */
static void
read_fed(struct result *result, const char *bytes, size_t len,
    const struct html_opts *opts, size_t piece, unsigned seed)
{
	struct html_feed *feed = html_feed_new(opts);
	size_t at = 0, fed = len - (seed ? next_random(&seed) % 3 : 0);
	xmlDoc *doc = NULL;
	int rc;

	result->err.text[0] = '\0';
	while (at < fed) {
		size_t n = seed ? 1 + next_random(&seed) % piece : piece;
		char *copy;

		if (at == 0 && piece < 1000)
			n = HTML_FEED_FIRST - 10;
		if (n > fed - at)
			n = fed - at;
		copy = mem_resize(NULL, n);
		memcpy(copy, bytes + at, n);
		html_feed(feed, copy, n);
		mem_free(&copy);
		at += n;
	}
	rc = html_feed_end(&feed, &doc, bytes, len, opts->spans, NULL,
	    &result->err);
	assert_null(feed);
	result_of(result, rc, &doc);
}

static void
is_as_whole(const char *bytes, size_t len, const struct html_opts *opts,
    size_t piece, unsigned seed)
{
	struct result whole, fed;
	char how[100];

	read_whole(&whole, bytes, len, opts);
	read_fed(&fed, bytes, len, opts, piece, seed);
	snprintf(how, sizeof(how), "pieces of %zu, seed %u", piece, seed);
	are_the_same(&whole, &fed, how);
	result_fini(&whole);
	result_fini(&fed);
}

/* Comes before what is looked at: the parser begins behind it. */
static void
fill(struct buf *page, const char *begin)
{
	buf_puts(page, begin);
	buf_puts(page, "<!--");
	while (page->len < HTML_FEED_FIRST - 20)
		buf_puts(page, "0123456789");
	buf_puts(page, "-->");
}

static const char *const bits[] = {"<html>", "<head>", "</head>",
    "<body a=b>", "</body>", "</html>", " ", "x", "\r\n", "<title>", "</title>",
    "<noscript>", "</noscript>", "<link>", "<style>", "</style>", "<template>",
    "</template>", "<table>", "</table>", "<tr>", "<td>", "</td>", "<p>",
    "</p>", "<b c='d'>", "</b>", "<a href=x&amp;y>", "</a>", "<svg>", "</svg>",
    "<![CDATA[", "]]>", "&amp;", "&notin", "&#x41;", "<!--", "-->", "<script>",
    "</script>", "<pre>", "\n", "<frameset>", "<select>", "<option>", "<math>",
    "<mi>", "<!DOCTYPE html>", "\xC3\xA4", "\xE4\xB8\xAD", "\xF0\x9F\x98\x80",
    "words and words", "<i id=\"plain\">\xC2\xA0</i>", "A"};

static void
add_soup(struct buf *page, unsigned *seed, int count)
{
	for (int i = 0; i < count; i++)
		buf_puts(page, bits[next_random(seed) % COUNT_OF(bits)]);
}

/* ---- trees ---- */

static void
any_soup_is_the_same_whole_and_in_pieces(void **state)
{
	unsigned seed = 3;
	struct buf page;

	(void)state;
	buf_init(&page, 1 << 20);
	for (int round = 0; round < 100; round++) {
		buf_clear(&page);
		fill(&page, round % 2 ? "" : "<!DOCTYPE html><p>");
		add_soup(&page, &seed, 60);
		is_as_whole(page.data, page.len, &plain, 1, 0);
		is_as_whole(page.data, page.len, &plain, 60, seed | 1);
	}
	buf_fini(&page);
}

static void
a_long_page_fills_many_chunks(void **state)
{
	struct html_opts opts = plain;
	unsigned seed = 5;
	struct buf page;

	(void)state;
	buf_init(&page, 4 << 20);
	for (int i = 0; i < 15000; i++)
		buf_printf(&page,
		    "<div class=\"c%d\">text &amp; <b>more</b>\r\n</div>", i);
	opts.limits.nodes = 1000000;
	for (size_t piece = 1000; piece < 1 << 21; piece *= 3)
		is_as_whole(page.data, page.len, &opts, piece, seed++);
	opts.spans = false;
	is_as_whole(page.data, page.len, &opts, 5000, 1);
	opts.editable = true;
	is_as_whole(page.data, page.len, &opts, 5000, 1);
	buf_fini(&page);
}

static void
a_short_page_and_none_are_read_at_the_end(void **state)
{
	(void)state;
	is_as_whole("<p>x", 4, &plain, 1, 0);
	is_as_whole("", 0, &plain, 1, 0);
}

static void
a_token_over_many_pieces_costs_no_square(void **state)
{
	struct html_opts opts = plain;
	struct result fed;
	struct buf page;

	(void)state;
	buf_init(&page, 64 << 20);
	buf_puts(&page, "<p title='");
	while (page.len < 12 << 20)
		buf_puts(&page, "never ends ");
	read_fed(&fed, page.data, page.len, &opts, 4096, 0);
	assert_int_equal(fed.rc, 0);
	result_fini(&fed);
	buf_fini(&page);
}

/* ---- encodings ---- */

/* Make it of UTF-8 by doubling each byte or not. */
static void
as_utf16(struct buf *out, const char *ascii, size_t len)
{
	buf_add(out, "\xFF\xFE", 2);
	for (size_t i = 0; i < len; i++) {
		const char unit[2] = {ascii[i], '\0'};

		buf_add(out, unit, 2);
	}
	/* U+1F600, and half of it */
	buf_add(out, "\x3D\xD8\x00\xDE", 4);
	buf_add(out, "\x3D\xD8", 2);
}

static void
in_each_encoding_pieces_are_as_the_whole(void **state)
{
	static const struct {
		const char *type, *begin, *rest;
	} rows[] = {
	    {"text/html; charset=windows-1252", "", "caf\xE9 \x80\x81\x9F <b>"},
	    {NULL, "<meta charset=iso-8859-15>", "\xA4<p>\xE9&eacute;"},
	    {NULL, "<meta charset=shift_jis>", "\x93\xFA\x96\x7B<p>\x81"},
	    {NULL, "<meta charset=euc-jp>", "\xC6\xFC\xCB\xDC<p>\x8F\xA1"},
	    {NULL, "<meta charset=iso-2022-jp>",
		"\x1B$BF|K\\\x1B(B<p>x\x1B$BF|K\\"},
	    {NULL, "<meta charset=gb18030>", "\x81\x30\x81\x30<p>\xC4\xE3\x81"},
	    {"text/html; charset=utf-8", "\xEF\xBB\xBF", "\xC3\xA4\xF0\x9F\x98\x80"},
	    {"text/html; charset=utf-8", "", "\xC3\xA4\xC3"},
	    {"text/html; charset=utf-8", "", "a\xE9z\xF0\x9F\x98<p>\xED\xA0\x80"},
	    {NULL, "", "\xF0\x9F\x98\x80\xE2\x82\xAC"},
	    {"text/html; charset=nonsense", "", "\xE2\x82\xAC"},
	    {"application/xhtml+xml", "", "<p/><b/>x"},
	};
	struct buf page;

	(void)state;
	buf_init(&page, 1 << 20);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct html_opts opts = plain;

		opts.content_type = rows[i].type;
		buf_clear(&page);
		fill(&page, rows[i].begin);
		for (int n = 0; n < 3; n++)
			buf_puts(&page, rows[i].rest);
		is_as_whole(page.data, page.len, &opts, 1, 0);
		for (unsigned seed = 1; seed < 12; seed++)
			is_as_whole(page.data, page.len, &opts, 7, seed);
	}
	buf_clear(&page);
	buf_fini(&page);
}

static void
utf16_is_converted_in_pieces(void **state)
{
	struct buf ascii, page;
	unsigned seed = 11;

	(void)state;
	buf_init(&ascii, 1 << 20);
	buf_init(&page, 1 << 20);
	for (int round = 0; round < 4; round++) {
		buf_clear(&ascii);
		buf_clear(&page);
		fill(&ascii, "<?xml version='1.0'?><!DOCTYPE html PUBLIC "
			     "\"-//W3C//DTD XHTML 1.0 Strict//EN\" \"\"><p/>");
		for (int i = 0; i < 100; i++)
			buf_printf(&ascii, "<p class=\"a\">%u</p>\n", i);
		as_utf16(&page, ascii.data, ascii.len);
		is_as_whole(page.data, page.len, &plain, 1, 0);
		is_as_whole(page.data, page.len, &plain, 9, ++seed);
	}
	buf_fini(&ascii);
	buf_fini(&page);
}

static void
a_meta_far_behind_says_the_encoding_all_the_same(void **state)
{
	struct buf page;

	(void)state;
	buf_init(&page, 1 << 20);
	buf_puts(&page, "<title>x</title><!--");
	while (page.len < 60000)
		buf_puts(&page, "0123456789");
	buf_puts(&page, "--><meta charset=windows-1252>");
	while (page.len < 100000)
		buf_puts(&page, "<p>\xE9\x80</p>");
	is_as_whole(page.data, page.len, &plain, 1000, 0);
	buf_fini(&page);
}

/* ---- limits ---- */

static void
limits_are_named_as_for_the_whole(void **state)
{
	unsigned seed = 17;
	struct buf page;

	(void)state;
	buf_init(&page, 1 << 20);
	for (int round = 0; round < 100; round++) {
		struct html_opts opts = plain;

		opts.limits.depth = 4 + next_random(&seed) % 8;
		opts.limits.nodes = 10 + next_random(&seed) % 60;
		opts.limits.attributes = 1;
		buf_clear(&page);
		fill(&page, "<!DOCTYPE html>");
		add_soup(&page, &seed, 40);
		is_as_whole(page.data, page.len, &opts, 1, 0);
		is_as_whole(page.data, page.len, &opts, 60, seed | 1);
	}
	buf_fini(&page);
}

static void
over_a_limit_no_more_is_wanted(void **state)
{
	struct html_opts opts = plain;
	struct html_feed *feed;
	struct buf page;
	xmlDoc *doc = NULL;
	struct err err;

	(void)state;
	opts.limits.depth = 10;
	buf_init(&page, 1 << 20);
	fill(&page, "");
	feed = html_feed_new(&opts);
	assert_true(html_feed(feed, page.data, page.len));
	for (int i = 0; i < 20; i++)
		buf_puts(&page, "<div>");
	assert_false(html_feed(feed, page.data + page.len - 100, 100));
	buf_puts(&page, "and more");
	assert_false(html_feed(feed, page.data + page.len - 8, 8));
	assert_int_equal(
	    html_feed_end(&feed, &doc, page.data, page.len, true, NULL, &err),
	    -1);
	assert_non_null(strstr(err.text, "html_max_depth"));
	buf_fini(&page);
}

static void
too_many_bytes_are_said_first(void **state)
{
	struct html_opts opts = plain;
	struct buf page;

	(void)state;
	opts.limits.bytes = 70000;
	opts.limits.depth = 5;
	buf_init(&page, 1 << 20);
	fill(&page, "");
	for (int i = 0; i < 2000; i++)
		buf_puts(&page, "<div>");
	is_as_whole(page.data, page.len, &opts, 1000, 0);
	is_as_whole(page.data, 70000, &opts, 1000, 0);
	buf_fini(&page);
}

/* In the whole there is room for what grows where something shrank before. */
static void
bytes_that_grow_count_where_others_shrank_too(void **state)
{
	struct html_opts opts = plain;
	struct err err = {""};
	struct buf page;
	xmlDoc *doc = NULL;

	(void)state;
	buf_init(&page, 1 << 20);
	fill(&page, "");
	buf_puts(&page, "<plaintext>");
	for (int i = 0; i < 2000; i++)
		buf_puts(&page, "\r\n>");
	buf_putc(&page, '\0');
	opts.limits.bytes = page.len + 1;
	assert_int_equal(
	    html_parse(&doc, page.data, page.len, &opts, &err), -1);
	assert_non_null(strstr(err.text, "themed_max"));
	is_as_whole(page.data, page.len, &opts, 1000, 0);
	opts.limits.bytes = page.len + 2;
	is_as_whole(page.data, page.len, &opts, 1000, 0);
	assert_int_equal(html_parse(&doc, page.data, page.len, &opts, &err), 0);
	html_free(&doc);
	buf_fini(&page);
}

/* ---- lives ---- */

static void
a_feed_may_end_at_any_time(void **state)
{
	static const size_t lens[] = {0, 10, HTML_FEED_FIRST, 100000};
	struct buf page;

	(void)state;
	buf_init(&page, 1 << 20);
	fill(&page, "<p>");
	while (page.len < 100000)
		buf_puts(&page, "<p>x&amp;");
	for (size_t i = 0; i < COUNT_OF(lens); i++) {
		struct html_feed *feed = html_feed_new(&plain);

		assert_true(html_feed(feed, page.data, lens[i]));
		html_feed_free(&feed);
		assert_null(feed);
		html_feed_free(&feed);
	}
	buf_fini(&page);
}

static void
libxml2s_parser_gets_the_whole(void **state)
{
	struct html_opts opts = {.parser = HTML_LIBXML2};
	struct html_feed *feed = html_feed_new(&opts);
	struct buf page;

	(void)state;
	assert_false(html_feed(feed, "<p>", 3));
	html_feed_free(&feed);
	buf_init(&page, 1 << 20);
	fill(&page, "<p>");
	buf_puts(&page, "<b>x</b>");
	is_as_whole(page.data, page.len, &opts, 1000, 0);
	buf_fini(&page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_soup_is_the_same_whole_and_in_pieces),
	    cmocka_unit_test(a_long_page_fills_many_chunks),
	    cmocka_unit_test(a_short_page_and_none_are_read_at_the_end),
	    cmocka_unit_test(a_token_over_many_pieces_costs_no_square),
	    cmocka_unit_test(in_each_encoding_pieces_are_as_the_whole),
	    cmocka_unit_test(utf16_is_converted_in_pieces),
	    cmocka_unit_test(a_meta_far_behind_says_the_encoding_all_the_same),
	    cmocka_unit_test(limits_are_named_as_for_the_whole),
	    cmocka_unit_test(over_a_limit_no_more_is_wanted),
	    cmocka_unit_test(too_many_bytes_are_said_first),
	    cmocka_unit_test(bytes_that_grow_count_where_others_shrank_too),
	    cmocka_unit_test(a_feed_may_end_at_any_time),
	    cmocka_unit_test(libxml2s_parser_gets_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
