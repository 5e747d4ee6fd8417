/* page/splice.c - includes that a dressed page carries are resolved here
 *
 * Where the site says so (`includes`), each
 *     <!--#include virtual="ADDRESS" wait="yes" -->
 *     <esi:include src="ADDRESS"/>
 * becomes what ADDRESS has: the whole, or with ";filter_xpath=EXPRESSION" at
 * its end what the expression selects. <esi:remove> goes, and <!--esi ... -->
 * opens. ADDRESS is the site's own, or of one of fragment_hosts: pages are
 * not trusted to name others. What is put in may carry includes itself, some
 * levels deep. One that cannot be had is left out, with a problem. */
#include <string.h>
#include <strings.h>

#include "base/report.h"
#include "http/url.h"
#include "page/life.h"

enum {
	LEVELS_MAX = 4,
	INCLUDE_MAX = 8192,
};

static const char filter[] = ";filter_xpath=";

/* One directive in a text. */
struct directive {
	const char *from, *end;
	struct slice address; /* from NULL: nothing stands for it */
	struct slice inside;  /* <!--esi ... -->: what stands for it */
};

static bool
starts(const char *at, const char *end, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(end - at) >= len && strncasecmp(at, word, len) == 0;
}

static const char *
find(const char *at, const char *end, const char *word)
{
	return memmem(at, (size_t)(end - at), word, strlen(word));
}

/* The value of an attribute between at and end. */
static struct slice
attribute(const char *at, const char *end, const char *name)
{
	size_t len = strlen(name);

	for (; at + len + 2 < end; at++) {
		const char *value = at + len + 2, *stop;

		if (strncasecmp(at, name, len) != 0 || at[len] != '=' ||
		    !strchr("\"'", at[len + 1]) || !strchr(" \t\r\n", at[-1]))
			continue;
		stop = memchr(value, at[len + 1], (size_t)(end - value));
		if (stop)
			return (struct slice){value, (size_t)(stop - value)};
	}
	return (struct slice){NULL, 0};
}

static bool
read_ssi(struct directive *directive, const char *at, const char *end)
{
	const char *stop = find(at, end, "-->");

	if (!stop)
		return false;
	directive->end = stop + 3;
	directive->address = attribute(at + 4, stop, "virtual");
	return directive->address.from != NULL;
}

static bool
read_esi_include(struct directive *directive, const char *at, const char *end)
{
	const char *stop = memchr(at, '>', (size_t)(end - at));

	if (!stop)
		return false;
	directive->address = attribute(at + 4, stop, "src");
	directive->end = stop + 1;
	return directive->address.from != NULL;
}

static bool
read_until(struct directive *directive, const char *at, const char *end,
    const char *word)
{
	const char *stop = find(at, end, word);

	if (stop)
		directive->end = stop + strlen(word);
	return stop != NULL;
}

static bool
read_here(struct directive *directive, enum includes how, const char *at,
    const char *end)
{
	memset(directive, 0, sizeof(*directive));
	directive->from = at;
	if (how & INCLUDES_SSI && starts(at, end, "<!--#include"))
		return read_ssi(directive, at, end);
	if (!(how & INCLUDES_ESI))
		return false;
	if (starts(at, end, "<esi:include"))
		return read_esi_include(directive, at, end);
	if (starts(at, end, "<esi:remove"))
		return read_until(directive, at, end, "</esi:remove>");
	/* To a reader of HTML <esi:include/> has no end, so that what follows is
	 * in it, and its end tag comes anywhere. */
	if (starts(at, end, "<esi:comment") ||
	    starts(at, end, "</esi:include") || starts(at, end, "</esi:comment"))
		return read_until(directive, at, end, ">");
	if (!starts(at, end, "<!--esi") ||
	    !read_until(directive, at, end, "-->"))
		return false;
	directive->inside.from = at + 7;
	directive->inside.len = (size_t)(directive->end - 3 - (at + 7));
	return true;
}

/* The next directive at or behind at. */
static bool
next(struct directive *directive, enum includes how, const char *at,
    const char *end)
{
	while ((at = memchr(at, '<', (size_t)(end - at))) != NULL) {
		if (read_here(directive, how, at, end))
			return true;
		at++;
	}
	return false;
}

/* The address as it is asked for, "&amp;" read. */
static const char *
address_of(struct arena *arena, struct slice slice)
{
	char *text = arena_strndup(arena, slice.from, slice.len), *to = text;

	for (const char *at = text; *at; at++) {
		*to++ = *at;
		if (strncmp(at, "&amp;", 5) == 0)
			at += 4;
	}
	*to = '\0';
	return text;
}

/* ---- wanting ---- */

static bool
want_all(struct page *page, const struct buf *text)
{
	enum includes how = page->site->opts.includes;
	const char *end = text->data + text->len;
	struct directive directive;
	bool news = false;

	for (const char *at = text->data;
	     next(&directive, how, at, end); at = directive.end)
		if (directive.address.from)
			news |= gather_include(page,
			    address_of(page->arena, directive.address));
	return news;
}

/* ---- putting in ---- */

static const char *
expression_of(struct arena *arena, const char *address)
{
	const char *at = strstr(address, filter), *expression;
	struct buf plain;

	if (!at)
		return NULL;
	at += sizeof(filter) - 1;
	buf_init(&plain, INCLUDE_MAX);
	expression = url_decode(&plain, at, strlen(at)) == 0
			 ? arena_strndup(arena, plain.len ? plain.data : "",
			       plain.len)
			 : at;
	buf_fini(&plain);
	return expression;
}

static void
put_part(struct page *page, struct buf *out,
    const struct dress_document *document, const char *expression)
{
	const struct filter_ask ask = {
	    .bytes = document->bytes,
	    .len = document->len,
	    .content_type = document->content_type,
	    .xpath = expression,
	    .html_max_bytes = (size_t)page->site->opts.fragment_max,
	    .xpath_max_ops = (unsigned long)page->site->opts.xpath_max_ops,
	};
	struct err err;

	if (theme_filter(&ask, out, &err) != 0)
		report_problem("fragment", document->href, err.text,
		    "the page without it");
}

static void
put(struct page *page, struct buf *out, struct slice slice)
{
	const char *address = address_of(page->arena, slice);
	const char *expression = expression_of(page->arena, address);
	struct dress_document document;

	if (!gather_find(page, address, &document) || !document.bytes)
		return;
	if (expression)
		put_part(page, out, &document, expression);
	else
		buf_add(out, document.bytes, document.len);
}

static void
splice(struct page *page, const struct buf *text, struct buf *out)
{
	enum includes how = page->site->opts.includes;
	const char *at = text->data, *end = text->data + text->len;
	struct directive directive;

	while (next(&directive, how, at, end)) {
		buf_add(out, at, (size_t)(directive.from - at));
		if (directive.address.from)
			put(page, out, directive.address);
		else
			buf_add(out, directive.inside.from,
			    directive.inside.len);
		at = directive.end;
	}
	buf_add(out, at, (size_t)(end - at));
}

static bool
has_any(const struct page *page, const struct buf *text)
{
	struct directive directive;

	return text->len > 0 &&
	       next(&directive, page->site->opts.includes, text->data,
		   text->data + text->len);
}

CHECKED int
splice_page(struct page *page, struct buf *text, bool *waits)
{
	struct buf out;
	unsigned level;

	*waits = false;
	for (level = 0; has_any(page, text); level++) {
		if (level == LEVELS_MAX) {
			report_problem("fragment", NULL,
			    "includes within includes, too deep",
			    "the page with the rest of them unread");
			break;
		}
		if (want_all(page, text)) {
			*waits = true;
			return 0;
		}
		buf_init(&out, text->max);
		splice(page, text, &out);
		if (out.failed) {
			buf_fini(&out);
			return -1;
		}
		buf_fini(text);
		*text = out;
	}
	return 0;
}
