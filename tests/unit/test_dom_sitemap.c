/* tests/unit/test_dom_sitemap.c - addresses come out of sitemaps, and nothing
 * comes in with them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "dom/sitemap.h"

#define NS "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\""

static int
note(void *arg, const char *loc, bool is_map)
{
	struct buf *out = arg;

	buf_printf(out, "%s%s\n", is_map ? "map " : "", loc);
	return strstr(loc, "stop") ? -1 : 0;
}

static void
addresses_are_told_in_order(void **state)
{
	static const char *const rows[][2] = {
		{"<urlset " NS "><url><loc>http://a/1</loc><lastmod>2023"
		    "</lastmod></url>\n<url><priority>1</priority><loc>\n "
		    "http://a/2?x=1&amp;y=2 \n</loc></url></urlset>",
		    "http://a/1\nhttp://a/2?x=1&y=2\n"},
		{"<?xml version='1.0' encoding='ISO-8859-1'?><urlset><url>"
		    "<loc>http://a/\xe4</loc></url></urlset>",
		    "http://a/\xc3\xa4\n"},
		{"<sitemapindex><sitemap><loc>http://a/s.xml.gz</loc>"
		    "</sitemap></sitemapindex>", "map http://a/s.xml.gz\n"},
		{"<s:urlset xmlns:s='x'><s:url><loc>http://a/1</loc></s:url>"
		    "</s:urlset>", "http://a/1\n"},
		/* others' places are not pages */
		{"<urlset xmlns:image='i'><url><loc>http://a/1</loc>"
		    "<image:image><image:loc>http://a/i</image:loc>"
		    "<loc>http://a/j</loc></image:image>"
		    "<image:loc>http://a/k</image:loc></url></urlset>",
		    "http://a/1\n"},
		{"<urlset><loc>http://a/1</loc><x><loc>http://a/2</loc></x>"
		    "<url><loc/></url><url><loc> </loc></url></urlset>", ""},
		{"<urlset><url><loc><![CDATA[http://a/1?a&b]]></loc></url>"
		    "</urlset>", "http://a/1?a&b\n"},
		{"<urlset/>", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = {{0}};
		struct buf out;

		buf_init(&out, 4096);
		buf_puts(&out, "");
		if (sitemap_read(rows[i][0], strlen(rows[i][0]), note, &out,
		    &err) != 0)
			fail_msg("row %zu: %s", i, err.text);
		assert_string_equal(out.len ? out.data : "", rows[i][1]);
		buf_fini(&out);
	}
}

static void
what_is_no_sitemap_is_refused_by_name(void **state)
{
	static const char *const rows[][2] = {
		{"", "line 1"}, {"hello", "line 1"},
		{"<html><body/></html>", "its root is <html>"},
		{"<urlset><url>", "line 1"},
		{"<urlset><url><loc>http://a/&nbsp;</loc></url></urlset>",
		    "nbsp"},
		/* bombs and what reaches outside */
		{"<!DOCTYPE urlset [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b "
		    "'&a;&a;&a;&a;'>]><urlset><url><loc>&b;</loc></url>"
		    "</urlset>", "document type"},
		{"<!DOCTYPE urlset SYSTEM 'http://127.0.0.1:1/x.dtd'>"
		    "<urlset/>", "document type"},
		{"<!DOCTYPE urlset [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
		    "<urlset><url><loc>&x;</loc></url></urlset>",
		    "document type"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = {{0}};
		struct buf out;

		buf_init(&out, 4096);
		assert_int_equal(sitemap_read(rows[i][0],
		    strlen(rows[i][0]), note, &out, &err), -1);
		if (!strstr(err.text, rows[i][1]))
			fail_msg("row %zu: %s", i, err.text);
		assert_int_equal(out.len, 0);
		buf_fini(&out);
	}
}

/* Text of count copies of unit between two others. */
static void
fill(struct buf *out, const char *before, const char *unit, size_t count,
    const char *behind)
{
	buf_init(out, 16 << 20);
	buf_puts(out, before);
	while (count--)
		buf_puts(out, unit);
	buf_puts(out, behind);
	assert_false(out->failed);
}

static void
limits_are_held(void **state)
{
	struct err err;
	struct buf in, out;

	(void)state;
	buf_init(&out, 1 << 20);
	fill(&in, "<urlset>", "<a>", 1000000, "");
	assert_int_equal(sitemap_read(in.data, in.len, note, &out, &err), -1);
	assert_non_null(strstr(err.text, "nest deeper than 32"));
	buf_fini(&in);
	fill(&in, "<urlset><url><loc>http://a/", "a", SITEMAP_LOC_MAX,
	    "</loc></url></urlset>");
	assert_int_equal(sitemap_read(in.data, in.len, note, &out, &err), -1);
	assert_non_null(strstr(err.text, "longer than 8192 bytes"));
	buf_fini(&in);
	/* who is told may stop it */
	fill(&in, "<urlset>", "<url><loc>http://a/stop</loc></url>", 2,
	    "</urlset>");
	assert_int_equal(sitemap_read(in.data, in.len, note, &out, &err), -1);
	assert_string_equal(out.data, "http://a/stop\n");
	buf_fini(&in);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_told_in_order),
		cmocka_unit_test(what_is_no_sitemap_is_refused_by_name),
		cmocka_unit_test(limits_are_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
