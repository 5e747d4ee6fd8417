/* dom/html_feed.h - a page is read while it arrives
 *
 * What came is given piece by piece, of any size; what is made of it in the
 * end is what html_parse() makes of the whole, its errors too. Nothing waits
 * here: between two pieces a feed is only memory, and each piece may be given
 * by another thread, one at a time.
 *
 * Pieces are borrowed. The parser works in copies of them, which lie in the
 * arena of the tree, 256 KiB or more in one, so that what it has not used yet
 * is seldom copied again. It is given whole tags: what follows the last '>' of
 * a piece waits for the next. The page as a whole is needed once, at the end:
 * nodes that go out as they came point into it.
 *
 * The parser begins with the first HTML_FEED_FIRST bytes, or not at all: what
 * says in what a page is written stands in these. A shorter page, and what
 * cannot be read in pieces (what is said to be UTF-8 and is not well-formed,
 * libxml2's parser), is left for the end, and read there as ever.
 *
 * Over a limit it stops at once, and goes on taking pieces for nothing. */
#ifndef DOM_HTML_FEED_H
#define DOM_HTML_FEED_H

#include "dom/html.h"

enum { HTML_FEED_FIRST = 64 << 10 };

struct html_feed;

/* opts as for html_parse(), copied; its arena does not count. */
struct html_feed *html_feed_new(const struct html_opts *opts);
void html_feed_free(struct html_feed **feed);

/* Take the next bytes. False: more of them are of no use before the end. */
bool html_feed(struct html_feed *feed, const char *bytes, size_t len);

/* The page is whole: bytes are those that were given, and what followed them,
 * which is read now. As html_parse(), also in what of them must stay. spans
 * and arena are options known only now: no spans are kept where the feed was to
 * keep none; the arena is for what is read as a whole. Takes the feed. */
CHECKED int html_feed_end(struct html_feed **feed, xmlDoc **out,
    const char *bytes, size_t len, bool spans, struct arena *arena,
    struct err *err);

#endif
