/* What tests of reading pages share. Who includes it says before as whom:
 * #define PARSER HTML_..., behind dom/html.h. */
#ifndef TESTS_UNIT_HTML_HELP_H
#define TESTS_UNIT_HTML_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <libxml/tree.h>

#include "base/buf.h"
#include "base/mem.h"

static const struct html_opts normal = {.parser = PARSER};
static const struct html_opts compat = {.compat = true};

static inline xmlDoc *
parse(const char *bytes, size_t len, const struct html_opts *opts)
{
	struct err err;
	xmlDoc *doc = NULL;

	if (html_parse(&doc, bytes, len, opts, &err) != 0)
		fail_msg("%.60s: %s", bytes, err.text);
	return doc;
}

/* The page read and written; to be freed. */
static inline char *
rewrite(const char *bytes, size_t len, const struct html_opts *opts)
{
	xmlDoc *doc = parse(bytes, len, opts);
	struct buf out;

	buf_init(&out, 64 << 20);
	assert_int_equal(html_write(&out, (xmlNode *)doc), 0);
	html_free(&doc);
	assert_null(doc);
	return buf_steal(&out, NULL);
}

static inline void
becomes_with(
    const char *page, const char *expected, const struct html_opts *opts)
{
	char *written = rewrite(page, strlen(page), opts);

	if (strcmp(written, expected) != 0)
		fail_msg("%s\n  became   %s\n  and not  %s", page, written,
		    expected);
	mem_free(&written);
}

static inline void
becomes(const char *page, const char *expected)
{
	becomes_with(page, expected, &normal);
}

/* The body's content. */
static inline void
body_becomes(const char *body, const char *expected)
{
	char *page =
	    mem_printf("<!DOCTYPE html><html><head></head><body>%s", body);
	char *whole = mem_printf("<!DOCTYPE html>\n<html><head></head><body>"
				 "%s</body></html>",
	    expected);

	becomes(page, whole);
	mem_free(&page);
	mem_free(&whole);
}

static inline void
body_stays(const char *body)
{
	body_becomes(body, body);
}

static inline void
refused_with(const char *bytes, size_t len, const struct html_opts *opts,
    const char *why)
{
	struct err err;
	xmlDoc *doc = NULL;

	assert_int_equal(html_parse(&doc, bytes, len, opts, &err), -1);
	assert_null(doc);
	if (!strstr(err.text, why))
		fail_msg("'%s' is not in: %s", why, err.text);
}

static inline char *
repeat(const char *word, size_t n)
{
	struct buf out;

	buf_init(&out, 64 << 20);
	for (size_t i = 0; i < n; i++)
		buf_puts(&out, word);
	return buf_steal(&out, NULL);
}

static inline void
refused_for_nodes(const char *before, const char *part, size_t times)
{
	char *many = repeat(part, times);
	char *page = mem_printf("<body>%s%s", before, many);
	struct err err;
	xmlDoc *doc;

	assert_int_equal(
	    html_parse(&doc, page, strlen(page), &normal, &err), -1);
	assert_non_null(strstr(err.text, "html_max_nodes"));
	mem_free(&page);
	mem_free(&many);
}

static inline void
reads_as(
    const char *page, size_t len, const char *content_type, const char *text)
{
	struct html_opts opts = {
	    .parser = PARSER, .content_type = content_type};
	xmlDoc *doc = parse(page, len, &opts);
	xmlChar *got = xmlNodeGetContent(xmlDocGetRootElement(doc));

	assert_string_equal((char *)got, text);
	xmlFree(got);
	html_free(&doc);
}

#define READS_AS(page, content_type, text)                                     \
	reads_as(page, sizeof(page) - 1, content_type, text)

#endif
