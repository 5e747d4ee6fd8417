/* dom/html_feed.c - pieces of a page to a tree (contract: dom/html_feed.h)
 *
 * Whatever is not the plain case (UTF-8 that is well-formed, or an encoding
 * that iconv turns into such) makes the feed give up, and the whole page is
 * parsed at its end: so there is one place that repairs. */
#include "dom/html_feed.h"

#include <string.h>

#include "base/mem.h"
#include "dom/charset.h"
#include "dom/html_inside.h"
#include "dom/utf8.h"

enum { CHUNK = 256 << 10 };

enum feed_state {
	FEED_BEGINS, /* too little is there */
	FEED_READS,
	FEED_FAILED, /* why says so */
	FEED_WHOLE,  /* it is for the end to read */
};

struct html_feed {
	struct html_opts opts;
	char *content_type;
	struct html_limits limits;
	enum feed_state state;
	struct err why;
	size_t took; /* of the page, in all */
	size_t skip; /* of it, a BOM */
	struct tree *tree;
	struct build *build;
	/* Where the parser's bytes end, and their chunk. */
	char *at, *chunk_end;
	/* What waits for the next piece: at first all, then what follows the
	 * last '>', or what iconv takes for a part of a character. */
	struct buf held;
	struct charset *charset; /* NULL: it is UTF-8 */
	struct buf utf8;	 /* of charset: all that was read */
	size_t parsed;		 /* of utf8 */
};

struct html_feed *
html_feed_new(const struct html_opts *opts)
{
	struct html_feed *feed = mem_new(sizeof(*feed));

	feed->opts = *opts;
	feed->opts.arena = NULL;
	if (opts->content_type)
		feed->content_type = mem_strdup(opts->content_type);
	feed->opts.content_type = feed->content_type;
	feed->limits = html_limits_of(opts);
	feed->state = html_by_libxml2(opts) ? FEED_WHOLE : FEED_BEGINS;
	buf_init(&feed->held, SIZE_MAX);
	buf_init(&feed->utf8, html_utf8_max(opts, &feed->limits));
	return feed;
}

/* All that was made so far. */
static void
drop(struct html_feed *feed)
{
	build_free(&feed->build);
	tree_free(&feed->tree);
	charset_close(&feed->charset);
	buf_fini(&feed->held);
	buf_fini(&feed->utf8);
}

void
html_feed_free(struct html_feed **feed)
{
	if (!*feed)
		return;
	drop(*feed);
	mem_free(&(*feed)->content_type);
	mem_free(feed);
}

static void
give_up(struct html_feed *feed)
{
	drop(feed);
	feed->state = FEED_WHOLE;
}

/* ---- to the parser ---- */

/* Room for len more bytes and the one behind them that is the parser's, in
 * one piece with what it has not used yet, from which *from is. A text that
 * ends with the bytes before has its NUL there: then one byte is left out. */
static char *
room(struct html_feed *feed, size_t len, char **from)
{
	const char *rest;
	size_t rest_len = build_rest(feed->build, &rest);
	size_t left = (size_t)(feed->chunk_end - feed->at), size;

	if (feed->at && left > len + 1) {
		feed->at += rest_len == 0;
		*from = feed->at - rest_len;
		return feed->at;
	}
	size = 2 * rest_len + len + 2;
	if (size < CHUNK)
		size = CHUNK;
	*from = arena_room(feed->tree->arena, size);
	if (rest_len)
		memcpy(*from, rest, rest_len);
	feed->chunk_end = *from + size;
	feed->at = *from + rest_len;
	return feed->at;
}

static void
parse(struct html_feed *feed, char *from, size_t more, bool last)
{
	feed->at += more;
	if (build_feed(feed->build, from, (size_t)(feed->at - from), last,
		&feed->why) == 0)
		return;
	drop(feed);
	feed->state = FEED_FAILED;
}

/* Well-formed UTF-8, in two parts. */
static void
pass_on(struct html_feed *feed, const struct buf *before, const char *bytes,
    size_t len, bool last)
{
	size_t held = before ? before->len : 0;
	char *from, *to = room(feed, held + len, &from);

	if (held)
		memcpy(to, before->data, held);
	if (len)
		memcpy(to + held, bytes, len);
	if (utf8_valid_len(to, held + len) == held + len)
		parse(feed, from, held + len, last);
	else
		give_up(feed);
}

/* ---- pieces ---- */

/* How much of the bytes the parser may have now: up to behind a '>'. So hardly
 * a text, no line end, no reference and no character is cut, and what was
 * written plainly is known for it, as in the whole. */
static size_t
whole_len(const char *bytes, size_t len, bool last)
{
	const char *end = len && !last ? memrchr(bytes, '>', len) : NULL;

	if (last)
		return len;
	return end ? (size_t)(end - bytes) + 1 : 0;
}

static void
take_utf8(struct html_feed *feed, const char *bytes, size_t len, bool last)
{
	size_t now = whole_len(bytes, len, last);

	if (now > 0 || last) {
		pass_on(feed, &feed->held, bytes, now, last);
		buf_clear(&feed->held);
	}
	if (feed->state == FEED_READS && now < len &&
	    buf_add(&feed->held, bytes + now, len - now) != 0)
		give_up(feed);
}

static void
take_converted(struct html_feed *feed, const char *bytes, size_t len, bool last)
{
	struct buf *held = &feed->held, *utf8 = &feed->utf8;
	size_t before = utf8->len, used, now;

	buf_add(held, bytes, len);
	used = charset_feed(
	    feed->charset, utf8, held->data ? held->data : "", held->len, last);
	if (utf8->failed || held->failed) {
		give_up(feed);
		return;
	}
	held->len -= used;
	if (held->len)
		memmove(held->data, held->data + used, held->len);
	now = utf8->len == before && !last
		  ? 0
		  : whole_len(utf8->data + before, utf8->len - before, last);
	if (now == 0 && !last)
		return;
	now += before - feed->parsed;
	before = feed->parsed;
	feed->parsed += now;
	pass_on(feed, NULL, utf8->data + before, now, last);
}

static void
take(struct html_feed *feed, const char *bytes, size_t len, bool last)
{
	if (feed->charset)
		take_converted(feed, bytes, len, last);
	else
		take_utf8(feed, bytes, len, last);
}

/* ---- the beginning ---- */

static void
begin_tree(struct html_feed *feed, bool is_xhtml)
{
	const struct build_opts opts =
	    html_build_opts(&feed->opts, &feed->limits, is_xhtml);

	feed->tree = tree_new(arena_new(TREE_ARENA));
	feed->build = build_new(feed->tree, &opts);
	feed->state = FEED_READS;
}

/* XHTML says so in its first words: of another encoding these are to be read
 * first, for which a conversion is begun that nobody goes on with. */
static bool
is_xhtml(const struct html_feed *feed, const char *name, const char *bytes,
    size_t len)
{
	struct buf text;
	struct err err;
	bool yes = false;

	if (!feed->charset)
		return html_is_xhtml(feed->opts.content_type, bytes, len);
	buf_init(&text, feed->utf8.max);
	if (charset_to_utf8(&text, name, bytes, len, &err) == 0)
		yes = html_is_xhtml(feed->opts.content_type,
		    text.data ? text.data : "", text.len);
	buf_fini(&text);
	return yes;
}

/* The first bytes are held. */
static void
begin(struct html_feed *feed)
{
	struct buf first = feed->held;
	const char *bytes = first.data;
	const char *name = charset_sniff(
	    bytes, first.len, feed->opts.content_type, true, &feed->skip);
	size_t len = first.len - feed->skip;

	bytes += feed->skip;
	buf_init(&feed->held, SIZE_MAX);
	if (name && strcmp(name, "UTF-8") != 0) {
		feed->charset = charset_open(name, &feed->why);
		if (!feed->charset)
			feed->state = FEED_WHOLE;
	} else if (!html_is_text(bytes, len)) {
		feed->state = FEED_WHOLE;
	}
	if (feed->state == FEED_BEGINS) {
		begin_tree(feed, is_xhtml(feed, name, bytes, len));
		take(feed, bytes, len, false);
	}
	buf_fini(&first);
}

bool
html_feed(struct html_feed *feed, const char *bytes, size_t len)
{
	feed->took += len;
	if (feed->took > feed->limits.bytes && feed->state <= FEED_READS)
		give_up(feed);
	if (feed->state == FEED_READS) {
		take(feed, bytes, len, false);
	} else if (feed->state == FEED_BEGINS) {
		if (buf_add(&feed->held, bytes, len) != 0)
			give_up(feed);
		else if (feed->took >= HTML_FEED_FIRST)
			begin(feed);
	}
	return feed->state <= FEED_READS;
}

/* ---- the end ---- */

/* The tree is the document's from here on; or it is gone. */
static int
finish(struct html_feed *feed, xmlDoc **out, const char *bytes, size_t len,
    const struct html_opts *opts, struct err *err)
{
	struct text text = {.p = bytes + feed->skip, .len = len - feed->skip};
	int rc;

	if (feed->charset)
		text_replace(&text, &feed->utf8);
	buf_init(&feed->utf8, 0);
	rc = html_finish(out, feed->tree, &text, opts, err);
	if (rc == 0 && !opts->editable)
		feed->tree = NULL;
	buf_fini(&text.own);
	return rc;
}

int
html_feed_end(struct html_feed **feed, xmlDoc **out, const char *bytes,
    size_t len, bool spans, struct arena *arena, struct err *err)
{
	struct html_feed *f = *feed;
	struct html_opts opts = f->opts;
	int rc = -1;

	opts.spans = spans && (f->opts.spans || f->state != FEED_READS);
	opts.arena = arena;
	must(len >= f->took);
	if (f->state == FEED_READS && len <= f->limits.bytes)
		take(f, bytes + f->took, len - f->took, true);
	if (len > f->limits.bytes)
		html_too_long(&f->limits, err);
	else if (f->state == FEED_FAILED)
		*err = f->why;
	else if (f->state == FEED_READS)
		rc = finish(f, out, bytes, len, &opts, err);
	else
		rc = html_parse(out, bytes, len, &opts, err);
	html_feed_free(feed);
	return rc;
}
