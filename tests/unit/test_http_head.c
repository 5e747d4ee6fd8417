/* Header fields: order, look-ups, what is legal, hop-by-hop, lists */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "http/head.h"

static struct arena *arena;
static struct head head;

static int
begin(void **state)
{
	(void)state;
	arena = arena_new(256);
	head_init(&head, arena);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void
assert_written(const char *expected)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	buf_puts(&out, "");
	assert_int_equal(head_write(&head, &out), 0);
	assert_string_equal(out.data, expected);
	buf_fini(&out);
}

static void
read_text(const char *text)
{
	struct err err;

	assert_int_equal(head_read(&head, text, strlen(text), &err), 0);
}

static void
fields_keep_their_order_and_their_case(void **state)
{
	(void)state;
	head_add(&head, "B", "1");
	head_add(&head, "a", "2");
	head_add(&head, "b", " \t 3 \t");
	head_add_n(&head, "Empty--", 5, "x", 0);
	assert_written("B: 1\r\na: 2\r\nb: 3\r\nEmpty: \r\n");
}

static void
fields_are_found_whatever_their_case(void **state)
{
	unsigned i = 0;

	(void)state;
	read_text("Via: a\r\nX-Via: x\r\nVIA: b\r\nVi: y\r\n");
	assert_string_equal(head_find(&head, "via"), "a");
	assert_string_equal(head_next(&head, "vIa", &i), "a");
	assert_string_equal(head_next(&head, "vIa", &i), "b");
	assert_null(head_next(&head, "vIa", &i));
	assert_null(head_next(&head, "vIa", &i));
	assert_int_equal(head_count(&head, "via"), 2);
	assert_int_equal(head_count(&head, "v"), 0);
	assert_null(head_find(&head, "none"));
	assert_null(head_find(&head, ""));
}

static void
fields_of_one_name_join_with_commas(void **state)
{
	(void)state;
	read_text("Vary: a, b\r\nX: y\r\nvary: c\r\nEmpty: \r\n");
	assert_string_equal(head_joined(&head, "Vary", arena), "a, b, c");
	assert_string_equal(head_joined(&head, "X", arena), "y");
	assert_string_equal(head_joined(&head, "empty", arena), "");
	assert_null(head_joined(&head, "none", arena));
}

static void
setting_replaces_all_of_that_name(void **state)
{
	(void)state;
	read_text("A: 1\r\nB: 2\r\na: 3\r\n");
	head_set(&head, "a", head_find(&head, "A"));
	assert_written("B: 2\r\na: 1\r\n");
	head_drop(&head, "b");
	head_drop(&head, "none");
	assert_written("a: 1\r\n");
}

static void
a_copy_lives_in_its_own_arena(void **state)
{
	struct arena *other = arena_new(64);
	struct head from;

	(void)state;
	head_init(&from, other);
	head_add(&from, "A", "1");
	head_add(&from, "B", "2");
	head_add(&head, "C", "3");
	head_copy(&head, &from);
	arena_free(&other);
	assert_written("C: 3\r\nA: 1\r\nB: 2\r\n");
	head_copy(&head, &head);
	assert_int_equal(head.count, 6);
}

static void
a_head_grows_as_far_as_needed(void **state)
{
	char name[16];
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "X-%d", i);
		head_add(&head, name, name + 2);
	}
	for (i = 0; i < 1000; i += 111) {
		snprintf(name, sizeof(name), "x-%d", i);
		assert_string_equal(head_find(&head, name), name + 2);
	}
}

/* ---- what is legal ---- */

static void
only_tokens_are_names(void **state)
{
	unsigned c;

	(void)state;
	for (c = 0; c < 256; c++) {
		char text[2] = {'a', (char)c};
		bool legal = (c >= '0' && c <= '9') ||
		    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c != 0 && c < 128 && strchr("!#$%&'*+-.^_`|~", (int)c));

		assert_int_equal(head_is_token(text, 2), legal);
		assert_int_equal(head_is_field(text, 2, "v", 1), legal);
	}
	assert_false(head_is_token("", 0));
}

static void
no_control_byte_gets_into_a_value(void **state)
{
	unsigned c;

	(void)state;
	for (c = 0; c < 256; c++) {
		char value[3] = {'a', (char)c, 'b'};
		bool legal = c == '\t' || (c >= 0x20 && c != 0x7f);

		assert_int_equal(head_is_field("a", 1, value, 3), legal);
	}
	assert_true(head_is_field("a", 1, "", 0));
}

static void
a_name_of_64_kib_is_no_field(void **state)
{
	static char name[65537];

	(void)state;
	memset(name, 'a', sizeof(name));
	assert_true(head_is_field(name, 65535, "", 0));
	assert_false(head_is_field(name, 65536, "", 0));
}

/* ---- hop by hop ---- */

static void
fields_of_one_connection_are_dropped(void **state)
{
	(void)state;
	read_text("Connection: close, X-Mine\r\nkeep-alive: 5\r\nX: 1\r\n"
		  "Proxy-Connection: a\r\nProxy-Authenticate: b\r\n"
		  "Proxy-Authorization: c\r\nTE: trailers\r\nTrailer: d\r\n"
		  "Transfer-Encoding: chunked\r\nUpgrade: h2c\r\n"
		  "HTTP2-Settings: e\r\nx-mine: f\r\nTEA: g\r\nClose: h\r\n");
	head_drop_hop_by_hop(&head);
	assert_written("X: 1\r\nTEA: g\r\n");
}

static void
a_connection_field_cannot_take_what_the_message_needs(void **state)
{
	static const char needed[] = "Host: a\r\nContent-Length: 1\r\n"
				     "Content-Type: b\r\nCookie: c\r\n"
				     "Set-Cookie: d\r\nAuthorization: e\r\n"
				     "Cache-Control: f\r\nExpires: g\r\n"
				     "Date: h\r\nAge: i\r\nVary: j\r\n"
				     "ETag: k\r\nVia: l\r\nForwarded: m\r\n"
				     "X-Forwarded-For: n\r\n"
				     "X-FORWARDED-PROTO: o\r\n";

	(void)state;
	read_text(needed);
	read_text("Connection: host, content-length, content-type, cookie, "
		  "set-cookie, authorization, cache-control, expires\r\n"
		  "X-Other: p\r\n"
		  "Connection: date, age, vary, etag, via, forwarded, "
		  "x-forwarded-for, x-forwarded-proto, x-other\r\n");
	head_drop_hop_by_hop(&head);
	assert_written(needed);
}

static void
a_connection_field_that_lists_itself_hides_no_other(void **state)
{
	(void)state;
	read_text("Connection: connection\r\nX-Secret: 1\r\n"
		  "Connection: \"x\", ,, X-Secret\r\nY: 2\r\n");
	head_drop_hop_by_hop(&head);
	assert_written("Y: 2\r\n");
}

static void
a_crowd_of_connection_options_costs_little(void **state)
{
	struct buf text;
	int i;

	(void)state;
	buf_init(&text, 1 << 20);
	buf_puts(&text, "X-Last: 1\r\nConnection: x-last");
	for (i = 0; i < 100000; i++)
		buf_puts(&text, ",b");
	buf_puts(&text, "\r\n");
	for (i = 0; i < 10000; i++)
		buf_puts(&text, "a: \r\n");
	assert_false(text.failed);
	read_text(text.data);
	head_drop_hop_by_hop(&head);
	assert_int_equal(head.count, 10000);
	buf_fini(&text);
}

/* ---- text ---- */

static void
what_was_written_reads_back(void **state)
{
	static const char text[] = "A: 1\r\nb: \r\nC: x: y, \"z\"\t\xff!\r\n";

	(void)state;
	read_text(text);
	assert_written(text);
	assert_int_equal(head.fields[1].value_len, 0);
	read_text("");
	assert_int_equal(head.count, 3);
}

static void
what_would_not_be_written_is_not_read(void **state)
{
	static const char *const bad[] = {"A", "A: 1", "A: 1\r", "A: 1\n",
	    "A:1\r\n", "A:\r\n", "A: 1\r\n\r\n", "\r\n", ": 1\r\n",
	    "A : 1\r\n", "A:  1\r\n", "A: 1 \r\n", "A: \t\r\n",
	    "A: 1\r\n B: 2\r\n", "A: 1\n\r\n", "A: 1\r2\r\n", "A\x01: 1\r\n",
	    "A: \x01\r\n", "A: \x7f\r\n", "A: 1\r\nB\r\n", "A: 1\r\r\n"};
	struct err err;
	size_t i;

	(void)state;
	head_add(&head, "Before", "1");
	for (i = 0; i < COUNT_OF(bad); i++) {
		if (head_read(&head, bad[i], strlen(bad[i]), &err) != -1)
			fail_msg("'%s' was read", bad[i]);
		assert_int_equal(head.count, 1);
	}
	assert_int_equal(head_read(&head, "A: 1\0\r\n", 7, &err), -1);
	assert_string_equal(err.text, "byte 1 of a head begins no field");
	assert_int_equal(head_read(&head, "A: 1\r\nB: \x7f\r\n", 12, NULL),
	    -1);
	assert_written("Before: 1\r\n");
}

static void
a_full_buffer_fails_the_writing(void **state)
{
	struct buf out;

	(void)state;
	read_text("A: 1\r\nB: 2\r\n");
	buf_init(&out, 7);
	assert_int_equal(head_write(&head, &out), -1);
	buf_fini(&out);
}

/* ---- lists ---- */

static void
assert_items(const char *list, const char *const *expected)
{
	char text[128];
	struct slice item;

	for (; list_next(&list, &item); expected++) {
		assert_non_null(*expected);
		snprintf(text, sizeof(text), "%.*s", (int)item.len, item.from);
		assert_string_equal(text, *expected);
	}
	assert_null(*expected);
	assert_int_equal(*list, '\0');
	assert_false(list_next(&list, &item));
}

#define ITEMS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void
lists_are_cut_at_commas_outside_of_quotes(void **state)
{
	(void)state;
	assert_items("a", ITEMS("a"));
	assert_items(" a ,\tb c,,, d=e\t,", ITEMS("a", "b c", "d=e"));
	assert_items("a=\"b, c\", d", ITEMS("a=\"b, c\"", "d"));
	assert_items("\"a\\\",b\",c", ITEMS("\"a\\\",b\"", "c"));
	assert_items("\"a\\\\\",c", ITEMS("\"a\\\\\"", "c"));
	assert_items("a\"b,c\"d\"e,f\",g", ITEMS("a\"b,c\"d\"e,f\"", "g"));
	assert_items("a, \"open, b", ITEMS("a", "\"open, b"));
	assert_items("\"open\\", ITEMS("\"open\\"));
	assert_items("a\\,b", ITEMS("a\\", "b"));
	assert_items("", ITEMS(NULL));
	assert_items(" , ,\t,", ITEMS(NULL));
}

static void
slices_compare_without_case(void **state)
{
	struct slice nul = {"a\0b", 3}, none = {NULL, 0}, empty = {"", 0};

	(void)state;
	assert_true(slice_is((struct slice){"GZip!", 4}, "gzip"));
	assert_false(slice_is((struct slice){"gzip", 3}, "gzip"));
	assert_false(slice_is((struct slice){"gzipx", 5}, "gzip"));
	assert_false(slice_is(nul, "a"));
	assert_false(slice_is(none, ""));
	assert_true(slice_is(empty, ""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(fields_keep_their_order_and_their_case),
	    TEST(fields_are_found_whatever_their_case),
	    TEST(fields_of_one_name_join_with_commas),
	    TEST(setting_replaces_all_of_that_name),
	    TEST(a_copy_lives_in_its_own_arena),
	    TEST(a_head_grows_as_far_as_needed),
	    TEST(only_tokens_are_names),
	    TEST(no_control_byte_gets_into_a_value),
	    TEST(a_name_of_64_kib_is_no_field),
	    TEST(fields_of_one_connection_are_dropped),
	    TEST(a_connection_field_cannot_take_what_the_message_needs),
	    TEST(a_connection_field_that_lists_itself_hides_no_other),
	    TEST(a_crowd_of_connection_options_costs_little),
	    TEST(what_was_written_reads_back),
	    TEST(what_would_not_be_written_is_not_read),
	    TEST(a_full_buffer_fails_the_writing),
	    TEST(lists_are_cut_at_commas_outside_of_quotes),
	    TEST(slices_compare_without_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
