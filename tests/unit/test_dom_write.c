/* Pages that go out as they came, or with what they lack: dom/html_write.c,
 * dom/escape.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "dom/escape.h"
#include "dom/html.h"
#include "dom/names.h"
#include "dom/node.h"

enum { OUT_MAX = 1 << 20, ROUNDS = 20000 };

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

static void
becomes(const char *page, const char *expected)
{
	for (int spans = 0; spans < 2; spans++) {
		char *written = rewrite(page, spans);

		assert_string_equal(written, expected);
		mem_free(&written);
	}
}

#define BEFORE "<!DOCTYPE html>\n<html><head></head><body>"
#define AFTER  "</body></html>"

static void
a_line_end_that_a_pre_would_swallow_is_doubled(void **state)
{
	(void)state;
	becomes(BEFORE "<pre>\n\na</pre><textarea>\n\n</textarea>" AFTER,
	    BEFORE "<pre>\n\na</pre><textarea>\n\n</textarea>" AFTER);
	becomes(BEFORE "<p>\na</p><pre>a</pre>" AFTER,
	    BEFORE "<p>\na</p><pre>a</pre>" AFTER);
}

static void
a_carriage_return_that_was_meant_stays_one(void **state)
{
	(void)state;
	becomes(BEFORE "<p title=\"a&#13;b\">c&#13;d</p>" AFTER,
	    BEFORE "<p title=\"a&#13;b\">c&#13;d</p>" AFTER);
}

static void
a_name_that_begins_with_an_equals_sign_is_no_value(void **state)
{
	(void)state;
	becomes(BEFORE "<p a/=/=b>x</p>" AFTER,
	    BEFORE "<p a=\"\" ==\"\" =b>x</p>" AFTER);
}

static void
a_script_that_was_cut_off_is_not_given_an_end(void **state)
{
	(void)state;
	becomes(BEFORE "<p>x</p><script>alert(1)",
	    BEFORE "<p>x</p><script>alert(1)");
	becomes("<!DOCTYPE html>\n<script>a", "<!DOCTYPE html>\n<html><head>"
					      "<script>a");
	/* nor is one that hides its end */
	becomes(BEFORE "<script><!--<script </script>",
	    BEFORE "<script><!--<script </script>");
}

static void
a_script_that_was_cut_off_does_not_go_elsewhere(void **state)
{
	static const char page[] = "<body><div><svg><script>a<p>b";
	struct err err = {""};
	struct buf out;
	xmlDoc *doc;

	(void)state;
	buf_init(&out, OUT_MAX);
	assert_int_equal(html_parse(&doc, page, strlen(page), NULL, &err), 0);
	assert_int_equal(
	    html_write(&out, xmlDocGetRootElement(doc)->last->children), 0);
	assert_string_equal(out.data, "<div><svg></svg><p>b</p></div>");
	html_free(&doc);
	buf_fini(&out);
}

static void
a_broken_doctype_stays_one(void **state)
{
	(void)state;
	becomes("<!DOCTYPE html nonsense><p>a<table></table></p>",
	    "<!DOCTYPE html SYSTEM>\n<html><head></head><body><p>a<table>"
	    "</table></p></body></html>");
	becomes("<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 4.01//EN\" "
		"\"\"><p>",
	    "<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 4.01//EN\" \"\">\n"
	    "<html><head></head><body><p></p></body></html>");
}

static void
what_is_plain_goes_out_byte_for_byte(void **state)
{
	static const char page[] =
	    BEFORE "<P Title='x'  ID = \"y\">a &amp; b&#32;c<BR/></P>" AFTER;
	char *written = rewrite(page, true);

	(void)state;
	assert_string_equal(written, page);
	mem_free(&written);
}

/* html_write.c knows by letters and lengths which names cannot be any. */
static void
every_name_that_is_void_or_raw_is_known_to_be(void **state)
{
	xmlDoc *doc = xmlNewDoc(BAD_CAST "1.0");
	struct buf out;

	(void)state;
	buf_init(&out, OUT_MAX);
	for (int el = EL_NONE + 1; el < EL_COUNT; el++) {
		xmlNode *node =
		    xmlNewDocNode(doc, NULL, BAD_CAST el_names[el].text, NULL);

		buf_clear(&out);
		assert_int_equal(html_write_close(&out, node), 0);
		assert_true((out.len == 0) == !!(el_names[el].flags & EL_VOID));
		assert_true(html_holds_raw_text(node) ==
			    !!(el_names[el].flags & EL_RAW));
		xmlFreeNode(node);
	}
	xmlFreeDoc(doc);
	buf_fini(&out);
}

/* ---- escaping ---- */

static const char *
reference(char c, unsigned set)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return set & SPAN_QUOTES ? "&quot;" : NULL;
	case '\r':
		return set & SPAN_RETURNS ? "&#13;" : NULL;
	default:
		return NULL;
	}
}

static void
escape_simply(struct buf *out, const char *text, size_t len, unsigned set)
{
	for (size_t i = 0; i < len; i++) {
		const char *escape = reference(text[i], set);

		if (i + 1 < len && memcmp(text + i, "\xC2\xA0", 2) == 0) {
			escape = "&nbsp;";
			i++;
		}
		if (escape)
			buf_puts(out, escape);
		else
			buf_putc(out, text[i]);
	}
}

static void
random_text(char *text, size_t len)
{
	static const char odd[] = "&<>\"\xC2\xA0\r$:;=?";
	int rarity = 1 + rand() % 20;

	for (size_t i = 0; i < len; i++)
		text[i] = rand() % rarity ? (char)('a' + rand() % 26)
					  : odd[rand() % (sizeof(odd) - 1)];
}

static void
text_is_escaped_as_one_byte_after_the_other_would_be(void **state)
{
	(void)state;
	srand(7);
	for (int round = 0; round < ROUNDS; round++) {
		size_t len = (size_t)(rand() % 70);
		size_t max = rand() % 3 ? OUT_MAX : (size_t)(rand() % 100);
		unsigned set = (unsigned)(rand() % 4);
		char *text = malloc(len + 1); /* its end is watched */
		struct buf fast, slow;

		random_text(text, len);
		buf_init(&fast, max);
		buf_init(&slow, max);
		escape_simply(&slow, text, len, set);
		assert_int_equal(
		    escape_add(&fast, text, len, set), slow.failed ? -1 : 0);
		if (!slow.failed && slow.len > 0) {
			assert_int_equal(fast.len, slow.len);
			assert_memory_equal(fast.data, slow.data, slow.len + 1);
		}
		buf_fini(&fast);
		buf_fini(&slow);
		free(text);
	}
}

/* It is escaped in parts, none of which ends within a no-break space. */
static void
a_long_text_is_escaped_as_a_short_one(void **state)
{
	enum { LEN = 300000 };
	char *text = malloc(LEN);
	struct buf fast, slow;

	(void)state;
	for (int shift = 0; shift < 2; shift++) {
		for (int i = 0; i < LEN; i++)
			text[i] = "\xC2\xA0"[(i + shift) & 1];
		memcpy(text, "a&", 2);
		buf_init(&fast, OUT_MAX);
		buf_init(&slow, OUT_MAX);
		escape_simply(&slow, text, LEN, 0);
		assert_int_equal(escape_add(&fast, text, LEN, 0), 0);
		assert_int_equal(fast.len, slow.len);
		assert_memory_equal(fast.data, slow.data, slow.len);
		buf_fini(&fast);
		buf_fini(&slow);
	}
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_end_that_a_pre_would_swallow_is_doubled),
	    cmocka_unit_test(a_carriage_return_that_was_meant_stays_one),
	    cmocka_unit_test(
		a_name_that_begins_with_an_equals_sign_is_no_value),
	    cmocka_unit_test(a_script_that_was_cut_off_is_not_given_an_end),
	    cmocka_unit_test(a_script_that_was_cut_off_does_not_go_elsewhere),
	    cmocka_unit_test(a_broken_doctype_stays_one),
	    cmocka_unit_test(what_is_plain_goes_out_byte_for_byte),
	    cmocka_unit_test(every_name_that_is_void_or_raw_is_known_to_be),
	    cmocka_unit_test(
		text_is_escaped_as_one_byte_after_the_other_would_be),
	    cmocka_unit_test(a_long_text_is_escaped_as_a_short_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
