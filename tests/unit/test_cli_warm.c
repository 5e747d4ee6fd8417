/* tests/unit/test_cli_warm.c - which pages a list names */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/warm_list.h"
#include "http/pack.h"

/* A site of our own, and the list that a file with these bytes gives. */
struct help {
	struct routes *routes;
	struct warm_list list;
	struct err err;
	int rc;
};

static void
add_site(struct routes *routes)
{
	static const char *const hosts[] = {"www.example.org",
	    "*.example.net", NULL};
	struct upstream_opts upstream_opts;
	struct site_opts opts;
	struct upstream *upstream;

	upstream_opts_default(&upstream_opts);
	upstream_opts.name = "u";
	upstream_opts.url = "http://127.0.0.1:1";
	assert_int_equal(upstream_new(&upstream, &upstream_opts, NULL), 0);
	site_opts_default(&opts);
	opts.name = "s";
	opts.hosts = hosts;
	assert_int_equal(routes_add(routes, &opts, upstream, NULL, NULL), 0);
	upstream_unref(&upstream);
}

static void
begin(struct help *help, const void *bytes, size_t len, const char *base)
{
	char path[] = "/tmp/livery-warm.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
	help->routes = routes_new();
	add_site(help->routes);
	help->err.text[0] = '\0';
	warm_list_init(&help->list, help->routes, "127.0.0.1:1", base);
	help->rc = warm_list_read(&help->list, path, &help->err);
	unlink(path);
}

static void
end(struct help *help)
{
	warm_list_fini(&help->list);
	routes_unref(&help->routes);
}

static void
lines_are_addresses_or_paths(void **state)
{
	static const struct {
		const char *text, *base, *urls;
		size_t others, broken;
	} rows[] = {
		{"http://www.example.org/a\nhttps://www.example.org/b\n",
		    NULL, "http://www.example.org/a "
		    "https://www.example.org/b ", 0, 0},
		{"\xef\xbb\xbf  http://www.example.org/a \t\r\n\r\n# x\r\n"
		    "http://x.example.net", NULL, "http://www.example.org/a "
		    "http://x.example.net/ ", 0, 0},
		/* once each, in the form in which pages are kept */
		{"http://www.example.org/a\nHTTP://WWW.Example.ORG:80/a\n"
		    "http://www.example.org/a#b\n", NULL,
		    "http://www.example.org/a ", 0, 0},
		{"/a\n/b?c=d\n", "https://www.example.org/x",
		    "https://www.example.org/a https://www.example.org/b?c=d ",
		    0, 0},
		{"/a\n", NULL, "", 0, 1},
		{"//www.example.org/a\n", "http://www.example.org/", "", 0, 1},
		{"http://other.example/\nhttp://example.net/\n", NULL, "", 2,
		    0},
		{"ftp://www.example.org/\nfile:///etc/passwd\na b\n"
		    "http://www.example.org/a b\nhttp://u@www.example.org/\n"
		    "http:///x\nhttp://www.example.org/\x01\n", NULL, "", 0,
		    7},
		{"", NULL, "", 0, 0},
		{"<urlset><url><loc>http://www.example.org/a</loc></url>"
		    "</urlset>", NULL, "http://www.example.org/a ", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct help help;
		struct buf urls;

		begin(&help, rows[i].text, strlen(rows[i].text),
		    rows[i].base);
		assert_int_equal(help.rc, 0);
		buf_init(&urls, 4096);
		buf_puts(&urls, "");
		for (size_t j = 0; j < help.list.count; j++)
			buf_printf(&urls, "%s ", help.list.urls[j]);
		if (strcmp(urls.len ? urls.data : "", rows[i].urls) != 0 ||
		    help.list.others.count != rows[i].others ||
		    help.list.broken.count != rows[i].broken)
			fail_msg("row %zu: %s, %zu others, %zu broken", i,
			    urls.len ? urls.data : "", help.list.others.count,
			    help.list.broken.count);
		buf_fini(&urls);
		end(&help);
	}
}

static void
a_list_may_be_gzipped(void **state)
{
	static const char text[] = "http://www.example.org/a\n";
	struct packer *packer = packer_new();
	struct help help;
	struct buf gz;

	(void)state;
	buf_init(&gz, 4096);
	assert_int_equal(packer_run(packer, PACKING_GZIP, PACKING_ONCE, text,
	    sizeof(text) - 1, &gz), 0);
	packer_free(&packer);
	begin(&help, gz.data, gz.len, NULL);
	assert_int_equal(help.rc, 0);
	assert_int_equal(help.list.count, 1);
	end(&help);
	/* cut short */
	begin(&help, gz.data, gz.len - 1, NULL);
	assert_int_equal(help.rc, -1);
	end(&help);
	buf_fini(&gz);
}

static void
what_is_no_list_is_refused(void **state)
{
	static const char bytes[] = "\x89PNG\r\n\0\0\0";
	struct help help;

	(void)state;
	begin(&help, bytes, sizeof(bytes), NULL);
	assert_int_equal(help.rc, -1);
	assert_non_null(strstr(help.err.text, "it is no text"));
	end(&help);
}

static void
many_addresses_are_told_apart(void **state)
{
	enum { MANY = 20000 };
	struct help help;
	struct buf text;

	(void)state;
	buf_init(&text, 4 << 20);
	for (unsigned i = 0; i < MANY; i++)
		buf_printf(&text, "http://www.example.org/%u\n"
		    "http://www.example.org/%u\n", i, i / 2);
	begin(&help, text.data, text.len, NULL);
	assert_int_equal(help.rc, 0);
	assert_int_equal(help.list.count, MANY);
	assert_string_equal(help.list.urls[MANY - 1],
	    "http://www.example.org/19999");
	end(&help);
	buf_fini(&text);
}

/* An index names sitemaps; those of others are not fetched, and those that
 * cannot be had are left out. */
static void
an_index_of_sitemaps_reaches_no_other_host(void **state)
{
	static const char text[] = "<sitemapindex><sitemap><loc>"
	    "http://other.example/s.xml</loc></sitemap><sitemap><loc>"
	    "file:///etc/passwd</loc></sitemap><sitemap><loc>"
	    "/etc/passwd</loc></sitemap></sitemapindex>";
	struct help help;

	(void)state;
	begin(&help, text, sizeof(text) - 1, NULL);
	assert_int_equal(help.rc, 0);
	assert_int_equal(help.list.files, 1);
	assert_int_equal(help.list.others.count, 1);
	assert_int_equal(help.list.broken.count, 2);
	end(&help);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_addresses_or_paths),
		cmocka_unit_test(a_list_may_be_gzipped),
		cmocka_unit_test(what_is_no_list_is_refused),
		cmocka_unit_test(many_addresses_are_told_apart),
		cmocka_unit_test(an_index_of_sitemaps_reaches_no_other_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
