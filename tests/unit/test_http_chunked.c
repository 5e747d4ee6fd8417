/* tests/unit/test_http_chunked.c - what is chunked and what is not:
 * http/chunked.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "http/chunked.h"

enum { BODY_MAX = 1 << 20 };

enum ended { OVER, MORE, NOT_CHUNKED };

struct result {
	struct buf body;
	enum ended ended;
	size_t rest; /* behind its end */
};

/* In pieces of at most so many bytes. */
static void
read_pieces(struct result *result, const char *bytes, size_t len, size_t piece)
{
	struct chunked chunked = {.at = 0};
	struct slice body;
	size_t there;
	ssize_t took = 0;

	buf_init(&result->body, BODY_MAX);
	for (; len > 0; bytes += took, len -= (size_t)took) {
		there = len < piece ? len : piece;
		took = chunked_take(&chunked, bytes, there, &body);
		if (took <= 0)
			break;
		assert_true((size_t)took <= there);
		assert_int_equal(
		    buf_add(&result->body, body.from, body.len), 0);
	}
	result->rest = len;
	result->ended = MORE;
	if (took < 0)
		result->ended = NOT_CHUNKED;
	else if (chunked_is_over(&chunked))
		result->ended = OVER;
	else
		assert_int_equal(len, 0);
}

static enum ended
ends(const char *bytes)
{
	struct result result;

	read_pieces(&result, bytes, strlen(bytes), SIZE_MAX);
	buf_fini(&result.body);
	return result.ended;
}

static void
a_body_is_the_same_however_it_is_cut(void **state)
{
	static const char bytes[] = "3;x=y\r\none\r\n"
				    "00a  \r\n0123456789\r\n"
				    "B\t; a = \"b\"\r\n\r\n0\r\n\r\n0\r\n\r\r\n"
				    "0\r\nX: y\r\nSet-Cookie:\r\n\r\nbehind";

	(void)state;
	for (size_t piece = 1; piece <= sizeof(bytes); piece++) {
		struct result result;

		read_pieces(&result, bytes, sizeof(bytes) - 1, piece);
		assert_int_equal(result.ended, OVER);
		assert_int_equal(result.rest, strlen("behind"));
		assert_string_equal(
		    result.body.data, "one0123456789\r\n0\r\n\r\n0\r\n\r");
		buf_fini(&result.body);
	}
}

static void
what_breaks_off_is_not_over(void **state)
{
	static const char bytes[] = "1\r\na\r\n0\r\nX: y\r\n\r\n";
	char part[sizeof(bytes)] = "";

	(void)state;
	for (size_t len = 0; len < sizeof(bytes) - 1; len++) {
		assert_int_equal(ends(part), MORE);
		part[len] = bytes[len];
	}
	assert_int_equal(ends(part), OVER);
}

static void
a_size_is_hexadecimal_digits(void **state)
{
	static const char *const none[] = {"\r\n", " 1\r\n", "-1\r\n", "+1\r\n",
	    "0x1\r\n", "g\r\n", ";x\r\n", "1g\r\n", "1,1\r\n", "1\n", "1\rx",
	    "1_0\r\n", "0000000000000000\r\n", "FFFFFFFFFFFFFFFF\r\n",
	    "10000000000000001\r\n"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(none); i++)
		if (ends(none[i]) != NOT_CHUNKED)
			fail_msg("\"%s\" is a size", none[i]);
	assert_int_equal(ends("FFFFFFFFFFFFFFF\r\nx"), MORE);
	assert_int_equal(ends("000000000000000\r\n\r\n"), OVER);
}

static void
behind_a_size_only_blanks_and_extensions_stand(void **state)
{
	static const char *const none[] = {"1 1\r\n", "1\t1\r\n", "1 x\r\n",
	    "1  x;y\r\n", "1;x\ny\r\n", "1;x\ry\r\n", "1;\x01\r\n",
	    "1;\x7f\r\n", "1 \n"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(none); i++)
		if (ends(none[i]) != NOT_CHUNKED)
			fail_msg("\"%s\" is the line of a size", none[i]);
	assert_int_equal(ends("0 \t \r\n\r\n"), OVER);
	assert_int_equal(ends("0 ;\r\n\r\n"), OVER);
	assert_int_equal(ends("0;\"\xc3\xa4 \t\"\r\n\r\n"), OVER);
}

static void
a_chunk_ends_where_it_said(void **state)
{
	(void)state;
	assert_int_equal(ends("1\r\nab\r\n"), NOT_CHUNKED);
	assert_int_equal(ends("1\r\na\n"), NOT_CHUNKED);
	assert_int_equal(ends("1\r\na0\r\n\r\n"), NOT_CHUNKED);
	assert_int_equal(ends("1\r\na\r0"), NOT_CHUNKED);
}

static void
a_trailer_is_a_field(void **state)
{
	static const char *const none[] = {"HTTP/1.1 200 OK\r\n", ": x\r\n",
	    " X: y\r\n", "\tX: y\r\n", "X : y\r\n", "X\r\n", "X: y\n",
	    "X: y\rz\r\n", "X: y\r\n z\r\n", "X: \x01\r\n", "\n"};
	char bytes[100];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(none); i++) {
		snprintf(bytes, sizeof(bytes), "0\r\n%s", none[i]);
		if (ends(bytes) != NOT_CHUNKED)
			fail_msg("\"%s\" is a trailer", none[i]);
	}
	assert_int_equal(ends("0\r\nX:\r\nY:z: \t\xe4\r\n\r\n"), OVER);
}

static void
a_byte_of_zero_stands_nowhere(void **state)
{
	static const char *const before[] = {
	    "", "1", "1;", "1;x\r", "1\r\na", "0\r\n", "0\r\nX", "0\r\nX:y"};
	char bytes[20];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(before); i++) {
		struct result result;
		size_t len = strlen(before[i]);

		memcpy(bytes, before[i], len + 1);
		read_pieces(&result, bytes, len + 1, SIZE_MAX);
		assert_int_equal(result.ended, NOT_CHUNKED);
		buf_fini(&result.body);
	}
}

/* before, so many times fill, behind. */
static enum ended
ends_with(const char *before, char fill, size_t count, const char *behind)
{
	struct result result;
	struct buf bytes;

	buf_init(&bytes, BODY_MAX);
	buf_puts(&bytes, before);
	for (size_t i = 0; i < count; i++)
		buf_putc(&bytes, fill);
	buf_puts(&bytes, behind);
	assert_false(bytes.failed);
	read_pieces(&result, bytes.data, bytes.len, 1000);
	buf_fini(&result.body);
	buf_fini(&bytes);
	return result.ended;
}

static void
what_is_read_over_is_bounded(void **state)
{
	enum { LINE = CHUNKED_LINE_MAX, TRAILERS = CHUNKED_TRAILERS_MAX };

	(void)state;
	assert_int_equal(ends_with("0;", 'x', LINE, "\r\n\r\n"), OVER);
	assert_int_equal(ends_with("0;", 'x', LINE + 1, ""), NOT_CHUNKED);
	assert_int_equal(ends_with("0", ' ', LINE, "\r\n\r\n"), OVER);
	assert_int_equal(ends_with("0", ' ', LINE + 1, ""), NOT_CHUNKED);
	assert_int_equal(ends_with("0 ;", ' ', LINE, ""), NOT_CHUNKED);
	/* each line anew */
	assert_int_equal(
	    ends_with("1;xxxx\r\na\r\n0;", 'x', LINE, "\r\n\r\n"), OVER);
	/* all trailers together */
	assert_int_equal(
	    ends_with("0\r\nX:", 'y', TRAILERS - 2, "\r\n\r\n"), OVER);
	assert_int_equal(
	    ends_with("0\r\nX:", 'y', TRAILERS - 1, ""), NOT_CHUNKED);
	assert_int_equal(
	    ends_with("0\r\n", 'y', TRAILERS + 1, ""), NOT_CHUNKED);
	assert_int_equal(
	    ends_with("0;xxxx\r\nA:b\r\nX:", 'y', TRAILERS - 4, ""),
	    NOT_CHUNKED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_body_is_the_same_however_it_is_cut),
	    cmocka_unit_test(what_breaks_off_is_not_over),
	    cmocka_unit_test(a_size_is_hexadecimal_digits),
	    cmocka_unit_test(behind_a_size_only_blanks_and_extensions_stand),
	    cmocka_unit_test(a_chunk_ends_where_it_said),
	    cmocka_unit_test(a_trailer_is_a_field),
	    cmocka_unit_test(a_byte_of_zero_stands_nowhere),
	    cmocka_unit_test(what_is_read_over_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
