/* The header that a balancer puts in front of a connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/net.h"
#include "http/proxyproto.h"

#define MARK "\r\n\r\n\0\r\nQUIT\n"

/* A copy of just that length, so that a sanitizer sees what is read past it. */
static enum proxyproto_said
read_bytes(struct proxyproto *out, const void *bytes, size_t len)
{
	void *copy = malloc(len ? len : 1);
	enum proxyproto_said said;

	memcpy(copy, bytes, len);
	said = proxyproto_read(out, copy, len);
	free(copy);
	return said;
}

/* Good as a whole with what follows left alone; every beginning wants more. */
static const char *
client_of(const void *bytes, size_t len)
{
	static char text[NET_TEXT];
	struct proxyproto read;
	struct net_address address;
	char more[4096];

	for (size_t i = 0; i < len; i++)
		assert_int_equal(read_bytes(&read, bytes, i), PROXYPROTO_MORE);
	memcpy(more, bytes, len);
	memcpy(more + len, "GET / HTTP/1.1\r\n", 16);
	assert_int_equal(read_bytes(&read, more, len + 16), PROXYPROTO_GOOD);
	assert_int_equal(read.len, len);
	if (read.is_local)
		return "local";
	net_from_sockaddr(&address, (const void *)&read.client);
	net_write(text, &address);
	return text;
}

static void
must_be_bad(const void *bytes, size_t len)
{
	struct proxyproto read;

	if (read_bytes(&read, bytes, len) != PROXYPROTO_BAD)
		fail_msg("%.*s", (int)len, (const char *)bytes);
}

static void
a_line_tells_the_client(void **state)
{
	(void)state;
#define LINE(text) client_of(text, sizeof(text) - 1)
	assert_string_equal(
	    LINE("PROXY TCP4 192.0.2.7 10.0.0.1 56324 443\r\n"), "192.0.2.7");
	assert_string_equal(
	    LINE("PROXY TCP6 2001:db8::7 ::1 0 65535\r\n"), "2001:db8::7");
	assert_string_equal(LINE("PROXY UNKNOWN\r\n"), "local");
	assert_string_equal(
	    LINE("PROXY UNKNOWN ffff:f...f ffff::f 65535 65535\r\n"), "local");
}

static void
a_line_with_a_mistake_is_refused(void **state)
{
	static const char *const lines[] = {
	    "GET / HTTP/1.1\r\n",
	    "proxy TCP4 192.0.2.7 10.0.0.1 1 2\r\n",
	    "PROXY TCP4 192.0.2.7 10.0.0.1 1 2\n",
	    "PROXY TCP5 192.0.2.7 10.0.0.1 1 2\r\n",
	    "PROXY TCP4 192.0.2 10.0.0.1 1 2\r\n",
	    "PROXY TCP4 2001:db8::7 10.0.0.1 1 2\r\n",
	    "PROXY TCP6 192.0.2.7 10.0.0.1 1 2\r\n",
	    "PROXY TCP4 192.0.2.7 10.0.0.1 65536 2\r\n",
	    "PROXY TCP4 192.0.2.7 10.0.0.1 -1 2\r\n",
	    "PROXY TCP4 192.0.2.7 10.0.0.1 01 2\r\n",
	    "PROXY TCP4 192.0.2.7 10.0.0.1 1\r\n",
	    "PROXY TCP4 192.0.2.7 10.0.0.1 1 2 3\r\n",
	    "PROXY TCP4 192.0.2.7 10.0.0.1 1 2 \r\n",
	    "PROXY TCP4  192.0.2.7 10.0.0.1 1 2\r\n",
	    "PROXY \r\n",
	    "PROXY\r\n",
	    "PROXY UNKNOWN "
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		must_be_bad(lines[i], strlen(lines[i]));
}

#define BINARY(text) client_of(MARK text, sizeof(MARK text) - 1)

static void
the_binary_form_tells_the_client(void **state)
{
	(void)state;
	assert_string_equal(
	    BINARY("\x21\x11\0\x0c\xc0\0\2\7\x0a\0\0\1\0\1\0\2"), "192.0.2.7");
	/* with what may follow the addresses */
	assert_string_equal(
	    BINARY("\x21\x11\0\x0f\xc0\0\2\7\x0a\0\0\1\0\1\0\2\4\0\0"),
	    "192.0.2.7");
	assert_string_equal(
	    BINARY("\x21\x21\0\x24\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7"
		   "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\1\0\2"),
	    "2001:db8::7");
	assert_string_equal(BINARY("\x20\0\0\0"), "local");
	assert_string_equal(BINARY("\x21\0\0\0"), "local");
}

static void
a_binary_form_with_a_mistake_is_refused(void **state)
{
#define BAD(text) must_be_bad(MARK text, sizeof(MARK text) - 1)
	(void)state;
	BAD("\x11\x11\0\x0c\xc0\0\2\7\x0a\0\0\1\0\1\0\2"); /* version */
	BAD("\x22\x11\0\x0c\xc0\0\2\7\x0a\0\0\1\0\1\0\2"); /* command */
	BAD("\x21\x41\0\x0c\xc0\0\2\7\x0a\0\0\1\0\1\0\2"); /* family */
	BAD("\x21\x13\0\x0c\xc0\0\2\7\x0a\0\0\1\0\1\0\2"); /* transport */
	BAD("\x21\x11\0\x0b\xc0\0\2\7\x0a\0\0\1\0\1\0");   /* too short */
	BAD("\x21\x21\0\x0c\xc0\0\2\7\x0a\0\0\1\0\1\0\2");
	BAD("\x21\x11\xff\xff"); /* too long */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_tells_the_client),
	    cmocka_unit_test(a_line_with_a_mistake_is_refused),
	    cmocka_unit_test(the_binary_form_tells_the_client),
	    cmocka_unit_test(a_binary_form_with_a_mistake_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
