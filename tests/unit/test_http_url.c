/* Addresses: split, join, compare, decode */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/url.h"

enum { MAX = 4096 };

static const char *
text_of(struct slice slice)
{
	static char texts[8][MAX];
	static unsigned next;
	char *text = texts[next++ % 8];

	if (!slice.from)
		return "(absent)";
	assert_true(slice.len < MAX);
	memcpy(text, slice.from, slice.len);
	text[slice.len] = '\0';
	return text;
}

static void
assert_parts(const char *url, const char *scheme, const char *authority,
    const char *path, const char *query, const char *fragment)
{
	struct url_parts parts;

	url_split(&parts, url, strlen(url));
	assert_string_equal(text_of(parts.scheme), scheme);
	assert_string_equal(text_of(parts.authority), authority);
	assert_string_equal(text_of(parts.path), path);
	assert_string_equal(text_of(parts.query), query);
	assert_string_equal(text_of(parts.fragment), fragment);
}

#define NO "(absent)"

static void
an_address_falls_into_its_five_parts(void **state)
{
	(void)state;
	assert_parts("http://a:80/b/c?d#e", "http", "a:80", "/b/c", "d", "e");
	assert_parts("http://a?", "http", "a", "", "", NO);
	assert_parts("http://a#", "http", "a", "", NO, "");
	assert_parts("//a/b", NO, "a", "/b", NO, NO);
	assert_parts("///b", NO, "", "/b", NO, NO);
	assert_parts("", NO, NO, "", NO, NO);
	assert_parts("mailto:a@b", "mailto", NO, "a@b", NO, NO);
	assert_parts("?a?b/c:d#e#f?g", NO, NO, "", "a?b/c:d", "e#f?g");
	assert_parts("a/b:c", NO, NO, "a/b:c", NO, NO);
}

static void
what_cannot_be_a_scheme_is_path(void **state)
{
	(void)state;
	assert_parts("2024:news", NO, NO, "2024:news", NO, NO);
	assert_parts(":a", NO, NO, ":a", NO, NO);
	assert_parts("a_b:c", NO, NO, "a_b:c", NO, NO);
	assert_parts("svn+ssh://h", "svn+ssh", "h", "", NO, NO);
}

static void
a_nul_byte_ends_nothing(void **state)
{
	struct url_parts parts;

	(void)state;
	url_split(&parts, "/a\0b?c", 6);
	assert_int_equal(parts.path.len, 4);
	assert_int_equal(parts.query.len, 1);
}

static void
assert_authority(const char *text, const char *host, unsigned port)
{
	struct url_authority authority;

	assert_int_equal(url_authority_split(&authority, text, strlen(text)),
	    0);
	assert_string_equal(text_of(authority.host), host);
	assert_int_equal(authority.port, port);
}

static void
an_authority_is_a_host_and_maybe_a_port(void **state)
{
	(void)state;
	assert_authority("example.org", "example.org", 0);
	assert_authority("example.org:", "example.org", 0);
	assert_authority("example.org:8080", "example.org", 8080);
	assert_authority("example.org:00080", "example.org", 80);
	assert_authority("a_b-c.example.:65535", "a_b-c.example.", 65535);
	assert_authority("127.0.0.1:1", "127.0.0.1", 1);
	assert_authority("[::1]", "[::1]", 0);
	assert_authority("[2001:DB8::7]:443", "[2001:DB8::7]", 443);
	assert_authority("[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]", 0);
}

static void
a_doubtful_authority_is_refused(void **state)
{
	static const char *const bad[] = {"", ":80", "user@host",
	    "user:pass@host:80", "@host", "host:65536", "host:99999999999999",
	    "host:0", "host:-1", "host:+1", "host:8 0", "host:80a",
	    "host:80:80", "::1", "[::1", "[::1]x", "[::1]80", "[]", "[]:80",
	    "[::g]", "[1.2.3.4]", "[fe80::1%25eth0]", "[v1.a]", "[::1]]",
	    "ho st", "host/path", "host?", "host#", "ho\\st", "ho%41st",
	    "h\xc3\xb6st", "ho<st", "ho\tst", "ho,st", "ho;st", "ho'st",
	    "ho*st", "*", "ho$st", "ho(st)", "ho~st", ".", "..", ".host",
	    "ho..st", "host..:80",
	    "[::1:2:3:4:5:6:7:8:9:a:b:c:d:e:f:1:2:3:4:5:6:7:8:9:a:b:c:d:e]"};
	struct url_authority authority;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(bad); i++)
		if (url_authority_split(&authority, bad[i],
			strlen(bad[i])) != -1)
			fail_msg("'%s' was taken for an authority", bad[i]);
	assert_int_equal(url_authority_split(&authority, "ho\0st", 5), -1);
	assert_int_equal(url_authority_split(&authority, "[::1\0]", 6), -1);
}

/* ---- joining ---- */

static void
assert_join(const char *base, const char *reference, const char *expected)
{
	struct buf out;

	buf_init(&out, MAX);
	buf_puts(&out, "<");
	assert_int_equal(url_join(&out, base, reference, strlen(reference)),
	    0);
	if (strcmp(out.data + 1, expected) != 0)
		fail_msg("%s + '%s' = '%s', not '%s'", base, reference,
		    out.data + 1, expected);
	assert_int_equal(strlen(out.data), out.len);
	buf_fini(&out);
}

static void
the_examples_of_rfc_3986_join_as_it_says(void **state)
{
	static const char *const table[][2] = {
	    /* 5.4.1 */
	    {"g:h", "g:h"}, {"g", "http://a/b/c/g"},
	    {"./g", "http://a/b/c/g"}, {"g/", "http://a/b/c/g/"},
	    {"/g", "http://a/g"}, {"//g", "http://g"},
	    {"?y", "http://a/b/c/d;p?y"}, {"g?y", "http://a/b/c/g?y"},
	    {"#s", "http://a/b/c/d;p?q#s"}, {"g#s", "http://a/b/c/g#s"},
	    {"g?y#s", "http://a/b/c/g?y#s"}, {";x", "http://a/b/c/;x"},
	    {"g;x", "http://a/b/c/g;x"}, {"g;x?y#s", "http://a/b/c/g;x?y#s"},
	    {"", "http://a/b/c/d;p?q"}, {".", "http://a/b/c/"},
	    {"./", "http://a/b/c/"}, {"..", "http://a/b/"},
	    {"../", "http://a/b/"}, {"../g", "http://a/b/g"},
	    {"../..", "http://a/"}, {"../../", "http://a/"},
	    {"../../g", "http://a/g"},
	    /* 5.4.2 */
	    {"../../../g", "http://a/g"}, {"../../../../g", "http://a/g"},
	    {"/./g", "http://a/g"}, {"/../g", "http://a/g"},
	    {"g.", "http://a/b/c/g."}, {".g", "http://a/b/c/.g"},
	    {"g..", "http://a/b/c/g.."}, {"..g", "http://a/b/c/..g"},
	    {"./../g", "http://a/b/g"}, {"./g/.", "http://a/b/c/g/"},
	    {"g/./h", "http://a/b/c/g/h"}, {"g/../h", "http://a/b/c/h"},
	    {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
	    {"g;x=1/../y", "http://a/b/c/y"},
	    {"g?y/./x", "http://a/b/c/g?y/./x"},
	    {"g?y/../x", "http://a/b/c/g?y/../x"},
	    {"g#s/./x", "http://a/b/c/g#s/./x"},
	    {"g#s/../x", "http://a/b/c/g#s/../x"},
	    {"http:g", "http:g"} /* strict */
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(table); i++)
		assert_join("http://a/b/c/d;p?q", table[i][0], table[i][1]);
}

static void
joining_copes_with_bases_of_any_shape(void **state)
{
	(void)state;
	assert_join("http://a", "g", "http://a/g");
	assert_join("http://a", "", "http://a");
	assert_join("http://a", "?q", "http://a?q");
	assert_join("http://a", "..", "http://a/");
	assert_join("http://a?x/y", "g", "http://a/g");
	assert_join("http://a/b#x", "", "http://a/b");
	assert_join("http://a/b#x", "#y", "http://a/b#y");
	assert_join("http://a/b/../c", "", "http://a/b/../c");
	assert_join("http://a/b//c", "../d", "http://a/b/d");
	assert_join("http://a/b/", "..//c", "http://a//c");
	assert_join("http://a/", "//b/../c/./", "http://b/c/");
	assert_join("http://a/", "x:..", "x:");
	assert_join("http://a/", "x:../.", "x:");
	assert_join("http://a/", "x:../../b", "x:b");
	assert_join("http://a/", "x:b/..", "x:/");
	assert_join("http://a/", "2024:news", "http://a/2024:news");
	assert_join("mailto:a@b", "c", "mailto:c");
	assert_join("file:///srv/theme/index.html", "../x.css",
	    "file:///srv/x.css");
}

static void
a_path_never_turns_into_an_authority(void **state)
{
	(void)state;
	assert_join("x:/a", ".//b", "x:/.//b");
	assert_join("x:/a", "/.//b", "x:/.//b");
	assert_join("x:/a", "/..//b/c", "x:/.//b/c");
	assert_join("http://a/b", "/.//c", "http://a//c");
}

static void
a_join_that_fails_leaves_nothing_behind(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 12);
	assert_int_equal(url_join(&out, "/relative", "g", 1), -1);
	assert_false(out.failed);
	assert_int_equal(buf_puts(&out, "ab"), 0);
	assert_int_equal(url_join(&out, "http://a/", "long/path", 9), -1);
	assert_string_equal(out.data, "ab");
	assert_int_equal(out.len, 2);
	assert_true(out.failed);
	buf_fini(&out);
	buf_init(&out, 0);
	assert_int_equal(url_join(&out, "http://a/", "b", 1), -1);
	buf_fini(&out);
}

static void
a_megabyte_of_dots_joins_at_once(void **state)
{
	static char path[1 << 20];
	struct buf out;
	size_t i;

	(void)state;
	for (i = 0; i + 3 <= sizeof(path) / 2; i += 3)
		memcpy(path + i, "/ab", 3);
	for (; i + 3 <= sizeof(path); i += 3)
		memcpy(path + i, "/..", 3);
	buf_init(&out, 2 * sizeof(path));
	assert_int_equal(url_join(&out, "http://a/", path, i), 0);
	assert_string_equal(out.data, "http://a/");
	buf_fini(&out);
}

/* ---- origins ---- */

static void
assert_origin(const char *url, const char *expected)
{
	struct buf out;

	buf_init(&out, MAX);
	if (!expected) {
		assert_int_equal(url_origin(&out, url), -1);
		assert_int_equal(out.len, 0);
	} else {
		assert_int_equal(url_origin(&out, url), 0);
		assert_string_equal(out.data, expected);
	}
	buf_fini(&out);
}

static void
an_origin_is_lower_case_and_has_no_usual_port(void **state)
{
	(void)state;
	assert_origin("HTTP://Example.ORG:80/A?B", "http://example.org");
	assert_origin("https://example.org:443", "https://example.org");
	assert_origin("http://example.org:443/", "http://example.org:443");
	assert_origin("https://example.org:80/", "https://example.org:80");
	assert_origin("http://[2001:DB8::A]:8080/x",
	    "http://[2001:db8::a]:8080");
	assert_origin("http://[::1]:80/x", "http://[::1]");
	assert_origin("http://h:/x", "http://h");
	assert_origin("gopher://h:70/x", "gopher://h:70");
	assert_origin("gopher://h", "gopher://h");
	assert_origin("/path", NULL);
	assert_origin("http:/path", NULL);
	assert_origin("file:///path", NULL);
	assert_origin("http://u@h/", NULL);
	assert_origin("http://h:99999/", NULL);
}

static void
origins_are_compared_without_case_and_with_usual_ports(void **state)
{
	(void)state;
	assert_true(url_same_origin("http://A/x", "HTTP://a:80/y?z"));
	assert_true(url_same_origin("https://a:443", "https://a/"));
	assert_true(url_same_origin("http://[::A]/", "http://[::a]:80"));
	assert_false(url_same_origin("http://a/", "https://a/"));
	assert_false(url_same_origin("http://a:443/", "https://a/"));
	assert_false(url_same_origin("http://a/", "http://a:81/"));
	assert_false(url_same_origin("http://a/", "http://a.b/"));
	assert_false(url_same_origin("http://a/", "//a/"));
	assert_false(url_same_origin("http://u@a/", "http://u@a/"));
	assert_false(url_same_origin("", ""));
}

static void
only_http_has_usual_ports(void **state)
{
	(void)state;
	assert_int_equal(url_default_port("http", 4), 80);
	assert_int_equal(url_default_port("HTTPS", 5), 443);
	assert_int_equal(url_default_port("httpsx", 6), 0);
	assert_int_equal(url_default_port("http", 3), 0);
}

/* ---- escapes ---- */

static void
escapes_are_decoded_once(void **state)
{
	static const char text[] = "a%20b%2Fc+%c3%A4%252e";
	struct buf out;

	(void)state;
	buf_init(&out, MAX);
	assert_int_equal(url_decode(&out, text, strlen(text)), 0);
	assert_string_equal(out.data, "a b/c+\xc3\xa4%2e");
	buf_clear(&out);
	assert_int_equal(url_decode(&out, "", 0), 0);
	assert_string_equal(out.data, "");
	buf_fini(&out);
}

static void
a_bad_escape_or_a_nul_is_an_error(void **state)
{
	static const char *const bad[] = {"%", "a%4", "%zz", "%4g", "%00",
	    "ok%20%", "%%41", "%+4", "%-1", "% 4"};
	struct buf out;
	size_t i;

	(void)state;
	buf_init(&out, MAX);
	buf_puts(&out, "x");
	for (i = 0; i < COUNT_OF(bad); i++) {
		assert_int_equal(url_decode(&out, bad[i], strlen(bad[i])),
		    -1);
		assert_string_equal(out.data, "x");
	}
	assert_int_equal(url_decode(&out, "a\0b", 3), -1);
	assert_false(out.failed);
	buf_fini(&out);
}

static void
paths_that_climb_are_unsafe(void **state)
{
	static const char *const unsafe[] = {"/..", "/../a", "/a/..", "/a/../b",
	    "..", ".", "./a", "/a/./b", "/a/.", "/%2e%2e/a", "/.%2E/a",
	    "/%2e/a", "/a%2fb", "/a%2Fb", "/a%5cb", "/a\\b", "/a%00", "/a%0",
	    "/%", "/%zz"};
	static const char *const safe[] = {"", "/", "//", "/a", "/a.b", "/...",
	    "/..a", "/a..", "/.a/b.", "/a%20b", "/%252e%252e/a", "/.../a",
	    "/a/%2e%2ea"};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(unsafe); i++)
		if (!url_path_is_unsafe(unsafe[i], strlen(unsafe[i])))
			fail_msg("'%s' passed for safe", unsafe[i]);
	for (i = 0; i < COUNT_OF(safe); i++)
		if (url_path_is_unsafe(safe[i], strlen(safe[i])))
			fail_msg("'%s' was called unsafe", safe[i]);
	assert_true(url_path_is_unsafe("/a\0", 3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_address_falls_into_its_five_parts),
	    cmocka_unit_test(what_cannot_be_a_scheme_is_path),
	    cmocka_unit_test(a_nul_byte_ends_nothing),
	    cmocka_unit_test(an_authority_is_a_host_and_maybe_a_port),
	    cmocka_unit_test(a_doubtful_authority_is_refused),
	    cmocka_unit_test(the_examples_of_rfc_3986_join_as_it_says),
	    cmocka_unit_test(joining_copes_with_bases_of_any_shape),
	    cmocka_unit_test(a_path_never_turns_into_an_authority),
	    cmocka_unit_test(a_join_that_fails_leaves_nothing_behind),
	    cmocka_unit_test(a_megabyte_of_dots_joins_at_once),
	    cmocka_unit_test(an_origin_is_lower_case_and_has_no_usual_port),
	    cmocka_unit_test(
	        origins_are_compared_without_case_and_with_usual_ports),
	    cmocka_unit_test(only_http_has_usual_ports),
	    cmocka_unit_test(escapes_are_decoded_once),
	    cmocka_unit_test(a_bad_escape_or_a_nul_is_an_error),
	    cmocka_unit_test(paths_that_climb_are_unsafe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
