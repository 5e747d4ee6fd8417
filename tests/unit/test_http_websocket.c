/* The handshake of WebSocket, and chunked bodies */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/chunked.h"
#include "http/websocket.h"

#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

/* Lines "Name: value", each with a line feed. */
static bool
with_head(const char *lines, bool (*ask)(const struct head *head))
{
	struct arena *arena = arena_new(512);
	struct head head;
	bool said;

	head_init(&head, arena);
	while (*lines) {
		size_t len = strcspn(lines, "\n"), name = strcspn(lines, ":");

		head_add_n(&head, lines, name, lines + name + 2,
		    len - name - 2);
		lines += len + (lines[len] == '\n');
	}
	said = ask(&head);
	arena_free(&arena);
	return said;
}

static bool
is_granted(const struct head *head)
{
	return websocket_doubt(head, KEY) == NULL;
}

static void
the_accept_is_that_of_the_rfc(void **state)
{
	char accept[WEBSOCKET_ACCEPT_LEN + 1];

	(void)state;
	websocket_accept(accept, KEY);
	assert_string_equal(accept, ACCEPT);
}

static void
only_a_plain_handshake_is_one(void **state)
{
#define VERSION "Sec-WebSocket-Version: 13\n"
#define KEYED "Sec-WebSocket-Key: " KEY "\n"
	static const struct {
		const char *lines;
		bool is;
	} table[] = {
	    {"Connection: Upgrade\nUpgrade: websocket\n" VERSION KEYED, true},
	    {"Connection: keep-alive, upgrade\nUpgrade: WebSocket\n" VERSION
	     KEYED, true},
	    {"Connection: x\nConnection: Upgrade\nUpgrade: websocket\n" VERSION
	     KEYED, true},
	    {"Upgrade: websocket\n" VERSION KEYED, false},
	    {"Connection: close\nUpgrade: websocket\n" VERSION KEYED, false},
	    {"Connection: Upgrade\n" VERSION KEYED, false},
	    {"Connection: Upgrade\nUpgrade: h2c\n" VERSION KEYED, false},
	    {"Connection: Upgrade\nUpgrade: websocket, h2c\n" VERSION KEYED,
		false},
	    {"Connection: Upgrade\nUpgrade: websocket\nUpgrade: h2c\n" VERSION
	     KEYED, false},
	    {"Connection: Upgrade\nUpgrade: websocket/13\n" VERSION KEYED,
		false},
	    {"Connection: Upgrade\nUpgrade: websocket\n" KEYED, false},
	    {"Connection: Upgrade\nUpgrade: websocket\n"
	     "Sec-WebSocket-Version: 8\n" KEYED, false},
	    {"Connection: Upgrade\nUpgrade: websocket\n"
	     "Sec-WebSocket-Version: 13, 8\n" KEYED, false},
	    {"Connection: Upgrade\nUpgrade: websocket\n" VERSION, false},
	    {"Connection: Upgrade\nUpgrade: websocket\n" VERSION KEYED KEYED,
		false},
	    {"Connection: Upgrade\nUpgrade: websocket\n" VERSION
	     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\n", false},
	    {"Connection: Upgrade\nUpgrade: websocket\n" VERSION
	     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ===\n", false},
	    {"Connection: Upgrade\nUpgrade: websocket\n" VERSION
	     "Sec-WebSocket-Key: dGhlIHNh\tXBsZSBub25jZQ==\n", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (with_head(table[i].lines, websocket_is_asked) !=
		    table[i].is)
			fail_msg("%s", table[i].lines);
}

static void
only_its_own_accept_grants_it(void **state)
{
	static const struct {
		const char *lines;
		bool is;
	} table[] = {
	    {"Connection: Upgrade\nUpgrade: websocket\n"
	     "Sec-WebSocket-Accept: " ACCEPT "\n", true},
	    {"Connection: upgrade\nUpgrade: WebSocket\n"
	     "sec-websocket-accept: " ACCEPT "\n", true},
	    {"Upgrade: websocket\nSec-WebSocket-Accept: " ACCEPT "\n", false},
	    {"Connection: Upgrade\nSec-WebSocket-Accept: " ACCEPT "\n", false},
	    {"Connection: Upgrade\nUpgrade: h2c\n"
	     "Sec-WebSocket-Accept: " ACCEPT "\n", false},
	    {"Connection: Upgrade\nUpgrade: websocket\n", false},
	    {"Connection: Upgrade\nUpgrade: websocket\n"
	     "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOp=\n", false},
	    {"Connection: Upgrade\nUpgrade: websocket\n"
	     "Sec-WebSocket-Accept: " ACCEPT "\n"
	     "Sec-WebSocket-Accept: " ACCEPT "\n", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (with_head(table[i].lines, is_granted) != table[i].is)
			fail_msg("%s", table[i].lines);
}

/* ---- chunked bodies ---- */

/* In pieces of that size. "" when it is not over, NULL when it is none. */
static char *
taken_apart(const char *bytes, size_t piece)
{
	static char body[1000];
	struct chunked chunked = {0};
	size_t left = strlen(bytes), len = 0, n;
	struct slice found;
	ssize_t took;

	while (left > 0 && !chunked_is_over(&chunked)) {
		n = left < piece ? left : piece;
		took = chunked_take(&chunked, bytes, n, &found);
		if (took < 0)
			return NULL;
		assert_true(took > 0 && (size_t)took <= n);
		memcpy(body + len, found.from, found.len);
		len += found.len;
		bytes += took;
		left -= (size_t)took;
	}
	body[chunked_is_over(&chunked) ? len : 0] = '\0';
	return body;
}

static void
a_chunked_body_is_taken_apart_in_any_pieces(void **state)
{
	static const char *const table[][2] = {
	    {"3\r\nabc\r\n0\r\n\r\n", "abc"},
	    {"3;x=y\r\nabc\r\n00A \t\r\n0123456789\r\n0;z\r\n\r\n",
		"abc0123456789"},
	    {"1\r\na\r\n0\r\nX: y\r\nSet-Cookie: evil\r\n\r\nmore", "a"},
	    {"1\r\na\r\n0\r\nX: y\r\n", ""},
	    {"a\r\n012345", ""},
	    {"0\r\n\r\n", ""},
	    {"\r\n", NULL},
	    {"x\r\n", NULL},
	    {"+1\r\na\r\n", NULL},
	    {"0x1\r\na\r\n", NULL},
	    {"1\na\r\n", NULL},
	    {"1\rxa\r\n", NULL},
	    {"1;x\ny\r\na\r\n", NULL},
	    {"1\r\nab\r\n", NULL},
	    {"1\r\na\n0\r\n\r\n", NULL},
	    {"0\r\n\n", NULL},
	    {"0\r\nX: y\n\r\n", NULL},
	    {"0\r\nX: y\r\r\n", NULL},
	    {"1000000000000000\r\n", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		for (size_t piece = 1; piece < 40; piece++) {
			const char *got = taken_apart(table[i][0], piece);

			if (!got != !table[i][1] ||
			    (got && strcmp(got, table[i][1]) != 0))
				fail_msg("%s: %s", table[i][0],
				    got ? got : "none");
		}
}

static void
what_is_read_over_is_bounded(void **state)
{
	struct chunked chunked = {0};
	struct slice body;
	ssize_t took = 1;
	unsigned n = 0;

	(void)state;
	assert_int_equal(chunked_take(&chunked, "1;", 2, &body), 2);
	for (; took > 0 && n < 2 * CHUNKED_LINE_MAX; n++)
		took = chunked_take(&chunked, "x", 1, &body);
	assert_int_equal(n, CHUNKED_LINE_MAX + 1);
	memset(&chunked, 0, sizeof(chunked));
	assert_int_equal(chunked_take(&chunked, "0\r\n", 3, &body), 3);
	for (took = 1, n = 0; took > 0 && n < CHUNKED_TRAILERS_MAX; n++)
		took = chunked_take(&chunked, "X: y\r\n", 6, &body);
	assert_int_equal(took, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_accept_is_that_of_the_rfc),
	    cmocka_unit_test(only_a_plain_handshake_is_one),
	    cmocka_unit_test(only_its_own_accept_grants_it),
	    cmocka_unit_test(a_chunked_body_is_taken_apart_in_any_pieces),
	    cmocka_unit_test(what_is_read_over_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
