/* tests/unit/test_fetch_reading.c - answers in pieces, and what may follow
 * them: fetch/reading.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "fetch/reading.h"

enum { PIECE_MAX = 1000, HEAD_MAX = 300, BODY_MAX = 1 << 20 };

static struct answer answer;
static struct ingest ingest;
static struct reading reading;
static struct buf body;
static struct err err;
static size_t fed;
static unsigned refusals; /* to come */
static bool line_is_bad;

static void
begin(bool is_head)
{
	const struct ingest_opts opts = {.head_max = HEAD_MAX,
	    .fields_max = 5,
	    .decode_ratio = 200,
	    .is_head = is_head,
	    .key = "dGhlIHNhbXBsZSBub25jZQ=="};

	memset(&answer, 0, sizeof(answer));
	answer.arena = arena_new(512);
	answer.length = -1;
	head_init(&answer.head, answer.arena);
	ingest_init(&ingest, &opts, &answer);
	reading_init(&reading, &ingest, PIECE_MAX);
	buf_init(&body, BODY_MAX);
	fed = 0;
	refusals = 0;
	line_is_bad = false;
}

static void
end(void)
{
	reading_fini(&reading);
	ingest_fini(&ingest);
	arena_free(&answer.arena);
	buf_fini(&body);
}

static bool
on_line(void *arg, char *line, size_t len)
{
	(void)arg;
	line_is_bad = ingest_line(&ingest, line, len, &err) == INGEST_BAD;
	return !line_is_bad;
}

static int
sink(void *arg, const void *bytes, size_t len)
{
	(void)arg;
	return buf_add(&body, bytes, len);
}

static bool
on_body(void *arg, char *bytes, size_t len)
{
	(void)arg;
	if (refusals > 0) {
		refusals--;
		return false;
	}
	return ingest_body(&ingest, bytes, len, sink, NULL, &err) == 0;
}

static const struct reading_ops ops = {on_line, on_body};

/* Each piece is gone when the next comes. */
static enum reading_took
read_pieces(const char *bytes, size_t len, size_t piece_len)
{
	enum reading_took took = READING_ON;
	char *piece;
	size_t there;

	while (took == READING_ON && fed < len && !reading_is_whole(&reading)) {
		there = len - fed < piece_len ? len - fed : piece_len;
		piece = mem_new(there);
		memcpy(piece, bytes + fed, there);
		fed += there;
		assert_int_equal(reading_put(&reading, piece, there, &err), 0);
		do {
			took = reading_take(&reading, &ops, NULL, &err);
			assert_int_equal(reading_stow(&reading, &err), 0);
		} while (took == READING_REFUSED && !line_is_bad);
		mem_free(&piece);
	}
	return took;
}

#define HEAD(fields) "HTTP/1.1 200 OK\r\n" fields "\r\n"
#define CHUNKED	     HEAD("Transfer-Encoding: chunked\r\n")
#define LONG	     "Content-Length: 3\r\n"

static void
an_answer_is_the_same_however_it_is_cut(void **state)
{
	static const struct {
		const char *bytes, *body;
		enum outcome ended;
	} cases[] = {
	    {HEAD(LONG) "one", "one", FETCH_OK},
	    {HEAD(LONG) "on", "on", FETCH_BROKEN},
	    {HEAD("Content-Length: 0\r\n"), "", FETCH_OK},
	    {HEAD("X:y\r\n") "all of it", "all of it", FETCH_OK},
	    {"HTTP/1.1 200\nContent-Length: 3\n\none", "one", FETCH_OK},
	    {"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 \r\nX: y\r\n\r\n" HEAD(
		 LONG) "one",
		"one", FETCH_OK},
	    {CHUNKED "1\r\na\r\n2;x\r\nbc\r\n0\r\nX: y\r\n\r\n", "abc",
		FETCH_OK},
	    {CHUNKED "1\r\na\r\n2;x\r\nbc\r\n", "abc", FETCH_BROKEN},
	    {"HTTP/1.1 204 No\r\n\r\n", "", FETCH_OK},
	    {"HTTP/1.1 200 OK\r\nX: y\r\n", "", FETCH_BROKEN},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		size_t len = strlen(cases[i].bytes);

		for (size_t piece = 1; piece <= len; piece++) {
			begin(false);
			refusals = (unsigned)piece % 3;
			assert_int_equal(
			    read_pieces(cases[i].bytes, len, piece),
			    READING_ON);
			assert_int_equal(
			    reading_end(&reading, &err), cases[i].ended);
			assert_string_equal(
			    body.len ? body.data : "", cases[i].body);
			assert_int_equal(fed, len);
			end();
		}
	}
}

/* RFC 9112 6.3, 9.3 */
static void
a_connection_goes_on_only_behind_what_is_read_one_way(void **state)
{
	static const struct {
		const char *bytes;
		bool is_head, goes_on;
	} cases[] = {
	    {HEAD(LONG) "one", false, true},
	    {HEAD(LONG) "on", false, false},
	    {HEAD(LONG) "onex", false, false},
	    {HEAD(LONG) "one\r\n", false, false},
	    {HEAD("Connection: keep-alive\r\n" LONG) "one", false, true},
	    {HEAD("Connection: keep-alive, CLOSE\r\n" LONG) "one", false,
		false},
	    {HEAD("Connection: x\r\nConnection: close\r\n" LONG) "one", false,
		false},
	    {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" LONG "\r\none",
		false, false},
	    {HEAD("X: y\r\n"), false, false},
	    {CHUNKED "0\r\n\r\n", false, true},
	    {CHUNKED "0\r\n\r\nx", false, false},
	    {CHUNKED "0\r\n", false, false},
	    {CHUNKED "1 1\r\na\r\n0\r\n\r\n", false, false},
	    {HEAD(LONG "Transfer-Encoding: chunked\r\n") "0\r\n\r\n", false,
		false},
	    {HEAD(LONG LONG) "one", false, false},
	    {HEAD(LONG), true, false},
	    {HEAD("X: y\r\n"), true, false},
	    {HEAD("Content-Length: 0\r\n"), true, true},
	    {"HTTP/1.1 304 No\r\n\r\n", false, true},
	    {"HTTP/1.1 304 No\r\n\r\nx", false, false},
	    {"HTTP/1.1 304 No\r\n" LONG "\r\n", false, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		begin(cases[i].is_head);
		(void)read_pieces(
		    cases[i].bytes, strlen(cases[i].bytes), SIZE_MAX);
		if (reading_may_be_followed(&reading) != cases[i].goes_on)
			fail_msg("%s", cases[i].bytes);
		end();
	}
}

static void
no_more_is_read_of_the_connection_than_the_answer(void **state)
{
	static const char bytes[] = HEAD(LONG) "one" HEAD(LONG) "two";
	const size_t len = strlen(HEAD(LONG) "one");

	(void)state;
	begin(false);
	(void)read_pieces(bytes, sizeof(bytes) - 1, 1);
	assert_int_equal(fed, len);
	assert_true(reading_may_be_followed(&reading));
	end();
}

/* Nothing of it may lie in memory past what a head may take. */
static void
a_line_that_does_not_end_is_a_head_too_long(void **state)
{
	char bytes[HEAD_MAX + 1];
	size_t before = strlen("HTTP/1.1 200 OK\r\n");

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	memcpy(bytes, "HTTP/1.1 200 OK\r\n", before);
	for (size_t piece = 1; piece <= sizeof(bytes); piece++) {
		begin(false);
		assert_int_equal(
		    read_pieces(bytes, HEAD_MAX, piece), READING_ON);
		assert_int_equal(reading.in.len, HEAD_MAX - before);
		assert_int_equal(
		    read_pieces(bytes, sizeof(bytes), piece), READING_BAD_HEAD);
		end();
	}
}

static void
behind_a_switch_all_is_passed_on(void **state)
{
	static const char bytes[] =
	    "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
	    "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"
	    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
	    "5\r\nhello";

	(void)state;
	for (size_t piece = 1; piece < sizeof(bytes); piece++) {
		begin(false);
		assert_int_equal(
		    read_pieces(bytes, sizeof(bytes) - 1, piece), READING_ON);
		assert_int_equal(reading.stage, READING_TUNNEL);
		assert_string_equal(body.data, "5\r\nhello");
		assert_false(reading_is_whole(&reading));
		assert_false(reading_may_be_followed(&reading));
		end();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_answer_is_the_same_however_it_is_cut),
	    cmocka_unit_test(
		a_connection_goes_on_only_behind_what_is_read_one_way),
	    cmocka_unit_test(no_more_is_read_of_the_connection_than_the_answer),
	    cmocka_unit_test(a_line_that_does_not_end_is_a_head_too_long),
	    cmocka_unit_test(behind_a_switch_all_is_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
