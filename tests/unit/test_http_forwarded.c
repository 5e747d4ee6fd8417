/* Forwarded (RFC 7239), read and written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "http/forwarded.h"

/* The elements in our own short form, one behind the other. */
static const char *
read_all(const char *value)
{
	static char out[1024];
	static const char *const nodes[] = {"-", "?", "_"};
	struct forwarded element;
	char text[NET_TEXT];
	int got;

	out[0] = '\0';
	while ((got = forwarded_next(&value, &element)) == FORWARDED_GOT) {
		net_write(text, &element.address);
		snprintf(out + strlen(out), sizeof(out) - strlen(out),
		    "%s%s|%.*s|%.*s", out[0] ? " " : "",
		    element.node == FORWARDED_ADDRESS ? text
						      : nodes[element.node],
		    (int)element.proto.len,
		    element.proto.len ? element.proto.from : "",
		    (int)element.host.len,
		    element.host.len ? element.host.from : "");
	}
	return got == FORWARDED_MALFORMED ? "malformed" : out;
}

static void
elements_are_read_as_the_rfc_writes_them(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"for=192.0.2.43", "192.0.2.43||"},
	    {"For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17||"},
	    {"for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60|http|"},
	    {"for=192.0.2.43, for=198.51.100.17",
		"192.0.2.43|| 198.51.100.17||"},
	    {"for=192.0.2.43, for=\"[2001:db8:cafe::17]\";proto=HTTPS",
		"192.0.2.43|| 2001:db8:cafe::17|HTTPS|"},
	    {"for=_gazonk", "_||"},
	    {"for=\"_gazonk:80\"", "_||"},
	    {"for=\"_SEVKISEK:_p.1-2\"", "_||"},
	    {"for=unknown", "?||"},
	    {"for=\"Unknown:80\"", "?||"},
	    {"for=\"192.0.2.1:4711\"", "192.0.2.1||"},
	    {"proto=https;host=\"example.org:8080\"",
		"-|https|example.org:8080"},
	    {"host=example.org", "-||example.org"},
	    {";for=192.0.2.1;;secret=\"a, b; c=\\\"d\\\"\";",
		"192.0.2.1||"},
	    {"for=192.0.2.1 ; proto=https , ,for=192.0.2.2",
		"192.0.2.1|https| 192.0.2.2||"},
	    {"ext=\"for=192.0.2.9\"", "-||"},
	    {"by=\"[2001:db8::1]:_x\"", "-||"},
	    {"", ""},
	    {" , ,", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(read_all(cases[i].in), cases[i].out);
}

static void
what_has_two_meanings_or_none_is_malformed(void **state)
{
	static const char *const cases[] = {
	    "for", "for=", "=x", "for =192.0.2.1", "for= 192.0.2.1",
	    "for=192.0.2.1;for=192.0.2.2", "proto=https;PROTO=http",
	    "host=a;host=b", "for=192.0.2.1 for=192.0.2.2",
	    "for=2001:db8::1", "for=[2001:db8::1]", "for=\"2001:db8::1\"",
	    "for=\"[2001:db8::1\"", "for=\"[192.0.2.1]\"", "for=192.0.2.256",
	    "for=\"192.0.2.1:\"", "for=\"192.0.2.1:123456\"",
	    "for=\"192.0.2.1:8x\"", "for=\"\"", "for=\"192.0.2.1",
	    "for=\"192.0.2.1\\\"", "for=\"1\\92.0.2.1\"", "for=_",
	    "for=\"_a b\"", "for=localhost", "for=example.org",
	    "proto=ftp", "proto=\"\"", "host=\"\"", "host=\"a\\.b\"",
	    "by=nobody here", "by=", "for=192.0.2.1, for",
	    "for=192.0.2.1\"x\"", "for=\"192.0.2.1\"x", "\"for=192.0.2.1\"",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (strcmp(read_all(cases[i]), "malformed") != 0)
			fail_msg("'%s' is read as '%s'", cases[i],
			    read_all(cases[i]));
}

static const char *
written(const char *from, const char *host, const char *proto, const char *by)
{
	static char text[512];
	struct net_address address = {{0}, true};
	struct slice name = {host, host ? strlen(host) : 0};
	struct buf out;

	if (from)
		assert_int_equal(net_parse(&address, from, strlen(from)), 0);
	buf_init(&out, sizeof(text));
	forwarded_write(&out, &address, host ? &name : NULL, proto, by);
	snprintf(text, sizeof(text), "%s", out.len ? out.data : "");
	buf_fini(&out);
	return text;
}

static void
values_are_quoted_where_they_must_be(void **state)
{
	(void)state;
	assert_string_equal(written("192.0.2.1", "example.org", "https", NULL),
	    "for=192.0.2.1;host=example.org;proto=https");
	assert_string_equal(
	    written("2001:db8::1", "example.org:8080", "http", "_l"),
	    "for=\"[2001:db8::1]\";host=\"example.org:8080\";proto=http;"
	    "by=_l");
	assert_string_equal(written(NULL, "[::1]:80", NULL, "[::1]:8080"),
	    "host=\"[::1]:80\";by=\"[::1]:8080\"");
	assert_string_equal(written(NULL, "a\"b\\c", NULL, NULL),
	    "host=\"a\\\"b\\\\c\"");
	assert_string_equal(read_all(written("2001:db8::1", "h:1", "https",
				"unknown")),
	    "2001:db8::1|https|h:1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(elements_are_read_as_the_rfc_writes_them),
	    cmocka_unit_test(what_has_two_meanings_or_none_is_malformed),
	    cmocka_unit_test(values_are_quoted_where_they_must_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
