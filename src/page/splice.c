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
	INCLUDE_MAX = 8192, /* bytes of one include */
};

/* A text, and what is known not to be in the rest of it: looked for from each
 * "<" anew, it would take the square of the text's length. */
struct scan {
	enum includes how;
	const char *at, *end;
	bool no_comment_end, no_remove_end;
};

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

static const char *
no_further(const char *at, const char *end)
{
	return end - at > INCLUDE_MAX ? at + INCLUDE_MAX : end;
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
	const char *stop = find(at, no_further(at, end), "-->");

	if (!stop)
		return false;
	directive->end = stop + 3;
	directive->address = attribute(at + 4, stop, "virtual");
	return directive->address.from != NULL;
}

static bool
read_esi_include(struct directive *directive, const char *at, const char *end)
{
	const char *stop =
	    memchr(at, '>', (size_t)(no_further(at, end) - at));

	if (!stop)
		return false;
	directive->address = attribute(at + 4, stop, "src");
	directive->end = stop + 1;
	return directive->address.from != NULL;
}

static bool
read_until(struct directive *directive, const char *at, const char *end,
    const char *word, bool *is_missing)
{
	const char *stop = *is_missing ? NULL : find(at, end, word);

	*is_missing = !stop;
	if (stop)
		directive->end = stop + strlen(word);
	return stop != NULL;
}

static bool
read_here(struct directive *directive, struct scan *scan, const char *at)
{
	const char *end = scan->end;
	enum includes how = scan->how;
	bool no_tag_end = false;

	memset(directive, 0, sizeof(*directive));
	directive->from = at;
	if (how & INCLUDES_SSI && starts(at, end, "<!--#include"))
		return read_ssi(directive, at, end);
	if (!(how & INCLUDES_ESI))
		return false;
	if (starts(at, end, "<esi:include"))
		return read_esi_include(directive, at, end);
	if (starts(at, end, "<esi:remove"))
		return read_until(directive, at, end, "</esi:remove>",
		    &scan->no_remove_end);
	/* To a reader of HTML <esi:include/> has no end, so that what follows is
	 * in it, and its end tag comes anywhere. */
	if (starts(at, end, "<esi:comment") ||
	    starts(at, end, "</esi:include") || starts(at, end, "</esi:comment"))
		return read_until(directive, at, no_further(at, end), ">",
		    &no_tag_end);
	if (!starts(at, end, "<!--esi") ||
	    !read_until(directive, at, end, "-->", &scan->no_comment_end))
		return false;
	directive->inside.from = at + 7;
	directive->inside.len = (size_t)(directive->end - 3 - (at + 7));
	return true;
}

static struct scan
scan_of(const struct page *page, const struct buf *text)
{
	return (struct scan){
	    .how = page->site->opts.includes,
	    .at = text->data,
	    .end = text->data + text->len,
	};
}

/* The next directive; the scan goes on behind it. */
static bool
next(struct directive *directive, struct scan *scan)
{
	const char *at = scan->at;

	while ((at = memchr(at, '<', (size_t)(scan->end - at))) != NULL) {
		if (read_here(directive, scan, at)) {
			scan->at = directive->end;
			return true;
		}
		at++;
	}
	return false;
}

/* The address as it is asked for, "&amp;" read. It is shorter than the include
 * that it stands in. */
static const char *
address_of(char room[INCLUDE_MAX], struct slice slice)
{
	const char *at = slice.from, *end = at + slice.len;
	char *to = room;

	must(slice.len < INCLUDE_MAX);
	while (at < end) {
		bool is_escape = starts(at, end, "&amp;");

		*to++ = *at;
		at += is_escape ? 5 : 1;
	}
	*to = '\0';
	return room;
}

/* ---- wanting ---- */

static bool
want_all(struct page *page, const struct buf *text)
{
	struct scan scan = scan_of(page, text);
	struct directive directive;
	char room[INCLUDE_MAX];
	bool news = false;

	while (next(&directive, &scan))
		if (directive.address.from)
			news |= gather_include(
			    page, address_of(room, directive.address));
	return news;
}

/* ---- putting in ---- */

static void
put(struct page *page, struct buf *out, struct slice slice)
{
	char room[INCLUDE_MAX];
	struct slice part = gather_part(page, address_of(room, slice));

	if (part.from)
		buf_add(out, part.from, part.len);
}

static void
splice(struct page *page, const struct buf *text, struct buf *out)
{
	struct scan scan = scan_of(page, text);
	const char *at = scan.at;
	struct directive directive;

	while (!out->failed && next(&directive, &scan)) {
		buf_add(out, at, (size_t)(directive.from - at));
		if (directive.address.from)
			put(page, out, directive.address);
		else
			buf_add(out, directive.inside.from,
			    directive.inside.len);
		at = directive.end;
	}
	buf_add(out, at, (size_t)(scan.end - at));
}

static bool
has_any(const struct page *page, const struct buf *text)
{
	struct scan scan = scan_of(page, text);
	struct directive directive;

	return text->len > 0 && next(&directive, &scan);
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
