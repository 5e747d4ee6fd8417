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
#include "base/report.h"
#include "page/directive.h"
#include "page/life.h"

static struct scan
scan_of(const struct page *page, const struct buf *text)
{
	return (struct scan){
	    .how = page->site->opts.includes,
	    .at = text->data,
	    .end = text->data + text->len,
	};
}

/* ---- wanting ---- */

static bool
want_all(struct page *page, const struct buf *text)
{
	struct scan scan = scan_of(page, text);
	struct directive directive;
	char room[INCLUDE_MAX];
	bool news = false;

	while (directive_next(&directive, &scan))
		if (directive.address.from)
			news |= gather_include(
			    page, directive_address(room, directive.address));
	return news;
}

/* ---- putting in ---- */

static void
put(struct page *page, struct buf *out, struct slice slice)
{
	char room[INCLUDE_MAX];
	struct slice part = gather_part(page, directive_address(room, slice));

	if (part.from)
		buf_add(out, part.from, part.len);
}

static void
splice(struct page *page, const struct buf *text, struct buf *out)
{
	struct scan scan = scan_of(page, text);
	const char *at = scan.at;
	struct directive directive;

	while (!out->failed && directive_next(&directive, &scan)) {
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

	return text->len > 0 && directive_next(&directive, &scan);
}

CHECKED int
splice_page(struct page *page, struct buf *text, bool *waits)
{
	struct buf out;
	unsigned level;

	*waits = false;
	for (level = 0; has_any(page, text); level++) {
		if (level == INCLUDE_LEVELS_MAX) {
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
