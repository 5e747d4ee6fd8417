/* tests/unit/test_fetch_ingest.c - heads line by line, at their limits */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fetch/ingest.h"

static struct answer answer;
static struct ingest ingest;
static struct err err;

static void
begin(bool decode, bool is_head)
{
	const struct ingest_opts opts = {.head_max = 1000,
	    .fields_max = 5,
	    .decode_ratio = 200,
	    .decode = decode,
	    .is_head = is_head};

	memset(&answer, 0, sizeof(answer));
	answer.arena = arena_new(512);
	answer.length = -1;
	head_init(&answer.head, answer.arena);
	ingest_init(&ingest, &opts, &answer);
}

static void
end(void)
{
	ingest_fini(&ingest);
	arena_free(&answer.arena);
}

/* Lines with their ends; the last one's verdict. */
static enum ingested
read_lines(const char *text)
{
	enum ingested last = INGEST_MORE;

	while (*text && last != INGEST_BAD) {
		const char *newline = strchr(text, '\n');
		size_t len =
		    newline ? (size_t)(newline - text) + 1 : strlen(text);

		last = ingest_line(&ingest, text, len, &err);
		text += len;
	}
	return last;
}

static enum ingested
verdict(const char *text)
{
	enum ingested last;

	begin(false, false);
	last = read_lines(text);
	end();
	return last;
}

#define OK "HTTP/1.1 200 OK\r\n"

static void
a_plain_head_is_read(void **state)
{
	(void)state;
	begin(false, false);
	assert_int_equal(read_lines(OK "A:b\r\nC: \t d e \t\r\nEmpty:\r\n"
				       "Content-Length: 12\r\n\r\n"),
	    INGEST_HEAD);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.length, 12);
	assert_string_equal(head_find(&answer.head, "a"), "b");
	assert_string_equal(head_find(&answer.head, "C"), "d e");
	assert_string_equal(head_find(&answer.head, "Empty"), "");
	assert_false(ingest_is_whole(&ingest));
	assert_int_equal(ingest_end(&ingest, &err), FETCH_BROKEN);
	end();
}

static void
status_lines_are_strict(void **state)
{
	(void)state;
	assert_int_equal(verdict("HTTP/1.1 200\r\n\r\n"), INGEST_HEAD);
	assert_int_equal(verdict("HTTP/1.0 404 No\r\n\r\n"), INGEST_HEAD);
	assert_int_equal(verdict("HTTP/1.1 200 OK\n\n"), INGEST_HEAD);
	assert_int_equal(verdict("HTTP/2 200 OK\r\n"), INGEST_BAD);
	assert_int_equal(verdict("HTTP/1.1 20 OK\r\n"), INGEST_BAD);
	assert_int_equal(verdict("HTTP/1.1 2000 OK\r\n"), INGEST_BAD);
	assert_int_equal(verdict("HTTP/1.1 099 OK\r\n"), INGEST_BAD);
	assert_int_equal(verdict("HTTP/1.1  200 OK\r\n"), INGEST_BAD);
	assert_int_equal(verdict("ICY 200 OK\r\n"), INGEST_BAD);
	assert_int_equal(verdict("\r\n"), INGEST_BAD);
}

static void
ten_interim_answers_are_dropped_and_an_eleventh_is_too_many(void **state)
{
	(void)state;
	begin(false, false);
	for (int i = 0; i < 10; i++)
		assert_int_equal(read_lines("HTTP/1.1 103 Hints\r\nLink: "
					    "x\r\n\r\n"),
		    INGEST_MORE);
	assert_int_equal(answer.status, 0);
	assert_int_equal(read_lines(OK "\r\n"), INGEST_HEAD);
	assert_null(head_find(&answer.head, "Link"));
	end();
	begin(false, false);
	for (int i = 0; i < 10; i++)
		assert_int_equal(
		    read_lines("HTTP/1.1 100 Go\r\n\r\n"), INGEST_MORE);
	assert_int_equal(read_lines("HTTP/1.1 100 Go\r\n\r\n"), INGEST_BAD);
	end();
}

static void
limits_hold_exactly(void **state)
{
	char text[1200];

	(void)state;
	assert_int_equal(verdict(OK "A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\n"
				    "\r\n"),
	    INGEST_HEAD);
	assert_int_equal(verdict(OK "A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\n"
				    "F: 1\r\n"),
	    INGEST_BAD);
	snprintf(text, sizeof(text), OK "A: %0*d\r\n\r\n", 1000 - 24, 0);
	assert_int_equal(verdict(text), INGEST_HEAD);
	snprintf(text, sizeof(text), OK "A: %0*d\r\n\r\n", 1001 - 24, 0);
	assert_int_equal(verdict(text), INGEST_BAD);
}

static void
fields_of_the_connection_stay_behind(void **state)
{
	(void)state;
	begin(false, false);
	assert_int_equal(read_lines(OK "Connection: x-own, close\r\nX-Own: "
				       "1\r\nTransfer-Encoding: Chunked\r\n"
				       "X-Other: 2\r\n\r\n"),
	    INGEST_HEAD);
	assert_int_equal(answer.head.count, 1);
	assert_string_equal(head_find(&answer.head, "X-Other"), "2");
	assert_false(answer.close_delimited);
	assert_int_equal(answer.length, -1);
	end();
}

static void
an_answer_without_a_body_is_whole_at_its_head(void **state)
{
	static const char *const heads[] = {
	    "HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\n",
	    "HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\n"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		begin(true, false);
		assert_int_equal(read_lines(heads[i]), INGEST_HEAD);
		assert_true(ingest_is_whole(&ingest));
		assert_int_equal(answer.length, 0);
		assert_false(answer.close_delimited);
		assert_int_equal(ingest_end(&ingest, &err), FETCH_OK);
		end();
	}
	begin(true, true);
	assert_int_equal(read_lines(OK "Content-Encoding: gzip\r\n"
				       "Content-Length: 5\r\n\r\n"),
	    INGEST_HEAD);
	assert_true(ingest_is_whole(&ingest));
	/* As the answer to a GET would have it, which would be decoded. */
	assert_null(head_find(&answer.head, "Content-Length"));
	assert_int_equal(ingest_end(&ingest, &err), FETCH_OK);
	end();
}

static void
a_part_of_a_compressed_body_is_left_alone(void **state)
{
	(void)state;
	begin(true, false);
	ingest.opts.is_range = true;
	assert_int_equal(read_lines("HTTP/1.1 206 Part\r\nContent-Encoding: "
				    "gzip\r\nContent-Length: 5\r\n\r\n"),
	    INGEST_HEAD);
	assert_false(answer.decoded);
	assert_string_equal(
	    head_find(&answer.head, "Content-Encoding"), "gzip");
	end();
}

static void
a_part_of_what_was_asked_for_whole_is_no_answer(void **state)
{
	(void)state;
	begin(false, false);
	assert_int_equal(read_lines("HTTP/1.1 206 Part\r\nContent-Range: "
				    "bytes 0-4/10\r\nContent-Length: "
				    "5\r\n\r\n"),
	    INGEST_BAD);
	end();
}

static void
two_content_types_that_differ_are_refused(void **state)
{
	(void)state;
	assert_int_equal(verdict(OK "Content-Type: text/html\r\n"
				    "Content-Type: text/plain\r\n\r\n"),
	    INGEST_BAD);
	assert_non_null(strstr(err.text, "two Content-Types"));
	/* the same twice is one */
	begin(false, false);
	assert_int_equal(read_lines(OK "Content-Type: text/html\r\nA: b\r\n"
				       "content-type: Text/HTML\r\n\r\n"),
	    INGEST_HEAD);
	assert_int_equal(head_count(&answer.head, "Content-Type"), 1);
	assert_string_equal(
	    head_find(&answer.head, "Content-Type"), "text/html");
	end();
}

/* libcurl's words for it; the end of its body is a frame's business. */
static void
http_2_is_read_where_it_was_offered(void **state)
{
	static const struct {
		const char *head;
		enum ingested verdict;
		bool close_delimited;
	} cases[] = {
	    {"HTTP/2 200 \r\na: b\r\n\r\n", INGEST_HEAD, false},
	    {"HTTP/2 200\r\ncontent-length: 3\r\n\r\n", INGEST_HEAD, false},
	    {"HTTP/1.1 200 OK\r\n\r\n", INGEST_HEAD, true},
	    {"HTTP/2 103 \r\n\r\nHTTP/2 200 \r\n\r\n", INGEST_HEAD, false},
	    {"HTTP/2 200 \r\ntransfer-encoding: chunked\r\n\r\n",
		INGEST_BAD, false},
	    {"HTTP/2 20\r\n\r\n", INGEST_BAD, false},
	    {"HTTP/2 2000\r\n\r\n", INGEST_BAD, false},
	    {"HTTP/2 2x0 \r\n\r\n", INGEST_BAD, false},
	    {"HTTP/2 200 OK\r\n\r\n", INGEST_BAD, false},
	    {"HTTP/3 200 \r\n\r\n", INGEST_BAD, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(false, false);
		ingest.opts.may_be_http2 = true;
		if (read_lines(cases[i].head) != cases[i].verdict)
			fail_msg("%s", cases[i].head);
		if (cases[i].verdict == INGEST_HEAD) {
			assert_int_equal(answer.status, 200);
			assert_int_equal(answer.close_delimited,
			    cases[i].close_delimited);
		}
		end();
	}
	assert_int_equal(verdict("HTTP/2 200 \r\n\r\n"), INGEST_BAD);
}

/* RFC 6455 1.3's key, and what goes with it */
static void
only_a_101_that_was_asked_for_switches(void **state)
{
#define SWITCH "HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
#define ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
	static const struct {
		const char *head;
		bool asked;
		enum ingested verdict;
	} cases[] = {
	    {SWITCH ACCEPT "\r\n", true, INGEST_HEAD},
	    {"HTTP/1.1 103 \r\nLink: x\r\n\r\n" SWITCH ACCEPT "\r\n", true,
		INGEST_HEAD},
	    {SWITCH ACCEPT "Content-Length: 5\r\n\r\n", true, INGEST_HEAD},
	    {SWITCH ACCEPT "\r\n", false, INGEST_BAD},
	    {SWITCH "\r\n", true, INGEST_BAD},
	    {"HTTP/1.1 101 \r\nUpgrade: h2c\r\nConnection: Upgrade\r\n" ACCEPT
	     "\r\n", true, INGEST_BAD},
	    {"HTTP/1.1 101 \r\n" ACCEPT "\r\n", true, INGEST_BAD},
	    {"HTTP/1.1 200 \r\n\r\n", true, INGEST_HEAD},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(true, false);
		if (cases[i].asked)
			ingest.opts.key = "dGhlIHNhbXBsZSBub25jZQ==";
		if (read_lines(cases[i].head) != cases[i].verdict)
			fail_msg("%s", cases[i].head);
		if (cases[i].verdict == INGEST_HEAD && answer.status == 101) {
			assert_int_equal(answer.length, -1);
			assert_null(head_find(&answer.head, "Upgrade"));
			assert_null(head_find(&answer.head, "Content-Length"));
			assert_true(ingest.has_body);
		}
		end();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_plain_head_is_read),
	    cmocka_unit_test(status_lines_are_strict),
	    cmocka_unit_test(
		ten_interim_answers_are_dropped_and_an_eleventh_is_too_many),
	    cmocka_unit_test(limits_hold_exactly),
	    cmocka_unit_test(fields_of_the_connection_stay_behind),
	    cmocka_unit_test(an_answer_without_a_body_is_whole_at_its_head),
	    cmocka_unit_test(a_part_of_a_compressed_body_is_left_alone),
	    cmocka_unit_test(two_content_types_that_differ_are_refused),
	    cmocka_unit_test(only_a_101_that_was_asked_for_switches),
	    cmocka_unit_test(http_2_is_read_where_it_was_offered),
	    cmocka_unit_test(
		a_part_of_what_was_asked_for_whole_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
