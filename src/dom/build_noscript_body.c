/* dom/build_noscript_body.c - whether a noscript may stay in a body as elements
 *
 * A browser with scripts reads what a noscript holds, X (build_noscript.c), as
 * one text, and in that nothing runs. As elements it may end the noscript
 * before its end tag: a div ends the p around it, an html gives its attributes
 * to the page's, a table moves what is in it. What stood behind that would be
 * written behind the noscript, and run. So X is fit when it can do nothing of
 * the kind, and where there is any doubt it is one text.
 *
 * Fit is a row of texts, comments, and elements each with its own end tag, one
 * in the other, none of which
 * - ends an element around it: a block in a p, a link in a link;
 * - means something to what is around: a form, a part of a table, an option, a
 *   body, what is of SVG, what browsers of different age read differently;
 * - leaves something to be done behind: formatting that goes on.
 * Nor is anything fit where formatting that has ended would begin again: a
 * browser with scripts has none of it around that text. Nor in a select: older
 * browsers pass over the noscript's tags there, and are to find the page's own
 * bytes.
 *
 * Where the first end tag stands in a tag or comment of X, the browser without
 * scripts goes on with X behind it, up to an end tag that is one to it too. If
 * what the other one finds there is fit as well, both are at one again: X goes
 * on up to there, and its first end tags are escaped, so that to both it is X.
 * If not, X ends where scripts make it end; what is cut short in it is text to
 * both, and behind a mark that nobody sees and that is never fit.
 *
 * Where the page ends before the noscript does, it is judged as if it ended
 * there. What stands in X decides, not how it is written, so that it is judged
 * as before when it is written again. */
#include "dom/build_inside.h"

#include <string.h>
#include <strings.h>

#include "dom/build_look.h"
#include "dom/build_noscript_el.h"

/* Elements in elements; more are no warning to the reader, but one text. */
enum { NOSCRIPT_DEPTH_MAX = 64, NAME_MAX_LEN = 32 };
/* So far behind its first end tag the tag or comment ends that this stands in;
 * else X is as the browser with scripts has it. */
enum { NOSCRIPT_BEYOND_MAX = 512 };

struct within {
	const char *name;
	size_t len;
	enum el el;
};

struct scan {
	struct look look;
	const struct build *build;
	struct within open[NOSCRIPT_DEPTH_MAX];
	size_t count;
	bool unfit;
	bool given_up; /* at what is whole, and not fit */
};

/* ---- what an element may do ---- */

static bool
is_within(const struct scan *scan, enum el el)
{
	for (size_t i = 0; i < scan->count; i++)
		if (scan->open[i].el == el)
			return true;
	return false;
}

static bool
is_in_heading(const struct scan *scan)
{
	for (size_t i = 0; i < scan->count; i++)
		if (el_names[scan->open[i].el].flags & EL_HEADING)
			return true;
	return false;
}

/* Items end others, but not across the list that they are in. */
static bool
is_in_its_list(const struct scan *scan, enum el el)
{
	enum el around = scan->count ? scan->open[scan->count - 1].el : EL_NONE;

	if (el == EL_LI)
		return around == EL_UL || around == EL_OL || around == EL_MENU;
	return around == EL_DL;
}

/* Whether its start tag is only the beginning of itself. */
static bool
may_begin(const struct scan *scan, enum el el)
{
	const struct build *build = scan->build;
	unsigned flags = el_names[el].flags;

	if (noscript_never_fits(el))
		return false;
	if (noscript_el_ends_p(el) &&
	    (build_in_button_scope(build, EL_P) || is_within(scan, EL_P)))
		return false;
	if (flags & EL_FORMATTING)
		return !build->active_of[el] && !is_within(scan, el);
	if (flags & EL_HEADING)
		return !is_in_heading(scan);
	switch (el) {
	case EL_BUTTON:
		return !build_has_open(build, el) && !is_within(scan, el);
	case EL_LI:
	case EL_DD:
	case EL_DT:
		return is_in_its_list(scan, el);
	default:
		return true;
	}
}

/* ---- tags ---- */

/* The name at look->p, which goes behind it. What other characters make of a
 * name is left to those who read it. */
static bool
take_name(struct look *look, struct within *out)
{
	char name[NAME_MAX_LEN];
	bool plain = true;

	out->name = look->p;
	for (; look->p < look->end && !look_ends_name(*look->p); look->p++)
		plain &= *look->p > ' ' && *look->p <= '~';
	out->len = (size_t)(look->p - out->name);
	out->el = EL_NONE;
	if (out->len < sizeof(name)) {
		for (size_t i = 0; i < out->len; i++)
			name[i] = out->name[i] >= 'A' && out->name[i] <= 'Z'
				      ? (char)(out->name[i] + 32)
				      : out->name[i];
		out->el = el_find(name, out->len);
	}
	return plain;
}

static bool
is_same(const char *name, const struct within *tag)
{
	return strncasecmp(name, tag->name, tag->len) == 0;
}

/* Behind the start tag of what holds text alone, up to behind its end tag. A
 * script that hides its end is not for us to find. */
static bool
skip_text(struct scan *scan, const struct within *tag)
{
	struct look *look = &scan->look;
	const char *p = look->p, *from = p;

	while ((p = memchr(p, '<', (size_t)(look->end - p)))) {
		if ((size_t)(look->end - p) > tag->len + 2 && p[1] == '/' &&
		    is_same(p + 2, tag) && look_ends_name(p[tag->len + 2]))
			break;
		p++;
	}
	if (!p)
		return false;
	if (tag->el == EL_SCRIPT && memmem(from, (size_t)(p - from), "<!--", 4))
		scan->unfit = true;
	look->p = p + 2 + tag->len;
	return look_tag(look, NULL) == PART_WHOLE;
}

static bool
holds_text(enum el el)
{
	return el_names[el].flags & EL_RAW || el == EL_TITLE ||
	       el == EL_TEXTAREA;
}

static bool
skip_start(struct scan *scan)
{
	struct look *look = &scan->look;
	struct within tag;
	bool closes;

	look->p++;
	if (!take_name(look, &tag) || !may_begin(scan, tag.el))
		scan->unfit = true;
	if (tag.el == EL_PLAINTEXT || look_tag(look, &closes) != PART_WHOLE)
		return false;
	if (el_names[tag.el].flags & EL_VOID || (closes && look->xhtml))
		return true;
	if (holds_text(tag.el))
		return skip_text(scan, &tag);
	if (scan->count == NOSCRIPT_DEPTH_MAX)
		scan->unfit = true;
	else
		scan->open[scan->count++] = tag;
	return true;
}

/* What is read as a comment, but is none. */
static bool
skip_bogus(struct scan *scan)
{
	struct look *look = &scan->look;

	scan->unfit = true;
	look->p = memchr(look->p, '>', (size_t)(look->end - look->p));
	if (!look->p)
		return false;
	look->p++;
	return true;
}

/* Of what began last. */
static bool
skip_stop(struct scan *scan)
{
	struct look *look = &scan->look;
	const struct within *top =
	    scan->count ? &scan->open[scan->count - 1] : NULL;
	struct within tag;

	if (look->end - look->p == 2)
		return false;
	if (!look_is_letter(look->p[2]))
		return skip_bogus(scan);
	look->p += 2;
	if (take_name(look, &tag) && top && tag.len == top->len &&
	    is_same(tag.name, top))
		scan->count--;
	else
		scan->unfit = true;
	return look_tag(look, NULL) == PART_WHOLE;
}

/* One that ends as none should is not fit. */
static bool
skip_comment(struct scan *scan)
{
	struct look *look = &scan->look;
	const char *from = look->p + 4, *end = look->end, *p = from;

	if (look_begins(p, end, ">") || look_begins(p, end, "->")) {
		scan->unfit = true;
		look->p = p + (*p == '>' ? 1 : 2);
		return true;
	}
	while ((p = memmem(p, (size_t)(end - p), "--", 2))) {
		bool bang = look_begins(p + 2, end, "!>");

		scan->unfit |= bang;
		look->p = p + (bang ? 4 : 3);
		if (bang || look_begins(p + 2, end, ">"))
			return true;
		p++;
	}
	return false;
}

/* At a '<'; false: it is not whole. */
static bool
skip_markup(struct scan *scan)
{
	struct look *look = &scan->look;

	if (look->p + 1 == look->end) {
		look->p++; /* a text */
		return true;
	}
	switch (look->p[1]) {
	case '/':
		return skip_stop(scan);
	case '!':
		return look_begins(look->p, look->end, "<!--")
			   ? skip_comment(scan)
			   : skip_bogus(scan);
	case '?':
		return skip_bogus(scan);
	default:
		if (look_is_letter(look->p[1]))
			return skip_start(scan);
		look->p++;
		return true;
	}
}

/* ---- the whole ---- */

/* Up to the end, or (stops) to an end tag of a noscript: then true. Else
 * look->p is where something is not whole, or (stops) something is not fit. */
static bool
skip_row(struct scan *scan, bool stops)
{
	struct look *look = &scan->look;
	const char *at;

	for (;;) {
		at = memchr(look->p, '<', (size_t)(look->end - look->p));
		look->p = at ? at : look->end;
		if (!at || (stops && look_is_stop(at, look->end)))
			return at || !stops;
		if (stops && scan->unfit) {
			scan->given_up = true;
			return false;
		}
		if (!skip_markup(scan)) {
			look->p = at;
			return false;
		}
	}
}

/* Whether formatting would begin again before the next text. */
static bool
would_reconstruct(const struct build *build)
{
	const struct node *last =
	    build->active_count ? build->active[build->active_count - 1].node
				: NULL;

	return last && !(last->x.extra & NODE_OPEN);
}

/* What a browser with scripts reads from a stop on, to another one. */
static bool
is_fit_between(const struct scan *like, const char *stop, const char *end)
{
	struct scan scan = {
	    .look = {.p = stop + 2, .end = end, .xhtml = like->look.xhtml},
	    .build = like->build,
	};
	struct within tag;

	take_name(&scan.look, &tag);
	return look_tag(&scan.look, NULL) == PART_WHOLE &&
	       skip_row(&scan, false) && !scan.unfit && scan.count == 0;
}

/* Whether the comment that begins at look->p, and that the stop stands in, may
 * stay one. A stop in a value is escaped when it is written; one in a comment
 * stands there again, and is to be judged as before: so what is behind it must
 * be written as it came. */
static enum noscript_fit
judge_comment(const struct scan *scan, const char *stop, const char *end)
{
	size_t left = (size_t)(end - stop), len;
	bool is_all = left <= NOSCRIPT_BEYOND_MAX;
	const char *close =
	    memmem(stop, is_all ? left : NOSCRIPT_BEYOND_MAX, "-->", 3);

	if (!close)
		return is_all && !scan->build->last ? NOSCRIPT_UNKNOWN
						    : NOSCRIPT_UNFIT;
	len = (size_t)(close - stop);
	return memchr(stop, '\0', len) || memchr(stop, '\r', len)
		   ? NOSCRIPT_UNFIT
		   : NOSCRIPT_FIT;
}

/* A tag at look->p, that the stop stands in. */
static enum noscript_fit
judge_tag(const struct scan *scan, const char *stop, const char *end)
{
	size_t left = (size_t)(end - stop);
	bool is_all = left <= NOSCRIPT_BEYOND_MAX;
	struct scan tag = *scan;

	tag.look.end = is_all ? end : stop + NOSCRIPT_BEYOND_MAX;
	if (skip_markup(&tag))
		return NOSCRIPT_FIT;
	return is_all && !scan->build->last ? NOSCRIPT_UNKNOWN : NOSCRIPT_UNFIT;
}

/* The stop stands in something that begins at look->p. */
static enum noscript_fit
judge_beyond(struct scan *scan, const char *from, const char *stop,
    const char *end, struct noscript_text *text)
{
	struct look *look = &scan->look;
	enum noscript_fit fit;

	text->loose = (size_t)(look->p - from);
	text->len = (size_t)(stop - from);
	if (scan->unfit || stop == end)
		return NOSCRIPT_UNFIT;
	look->end = end;
	fit = look_begins(look->p, end, "<!--")
		  ? judge_comment(scan, stop, end)
		  : judge_tag(scan, stop, end);
	if (fit != NOSCRIPT_FIT)
		return fit;
	if (!skip_row(scan, true))
		return scan->given_up || scan->build->last ? NOSCRIPT_UNFIT
							   : NOSCRIPT_UNKNOWN;
	if (scan->unfit || look->p != look_stop(stop + 2, end) ||
	    !is_fit_between(scan, stop, look->p))
		return NOSCRIPT_UNFIT;
	if (scan->count == 0)
		return NOSCRIPT_FIT;
	text->len = text->loose = (size_t)(look->p - from);
	return NOSCRIPT_UNFIT;
}

static enum noscript_fit
judge(const struct build *build, const char *p, size_t len, bool xhtml,
    struct noscript_text *text)
{
	const char *stop = look_stop(p, p + len);
	struct scan scan = {
	    .look = {.p = p,
		.end = stop ? stop : p + len,
		.xhtml = xhtml},
	    .build = build,
	};

	text->len = 0;
	if (!stop && !build->last)
		return NOSCRIPT_UNKNOWN;
	if (build_has_open(build, EL_SELECT))
		return NOSCRIPT_UNFIT;
	scan.unfit = would_reconstruct(build);
	if (!skip_row(&scan, false))
		return judge_beyond(
		    &scan, p, stop ? stop : p + len, p + len, text);
	return !scan.unfit && scan.count == 0 ? NOSCRIPT_FIT : NOSCRIPT_UNFIT;
}

/* What is not fit on a page that calls itself XHTML is written as it is, and
 * read as HTML, where a tag that ends itself is a start tag. */
enum noscript_fit
build_fit_of_noscript_in_body(const struct build *build, const char *p,
    size_t len, struct noscript_text *text)
{
	bool xhtml = build->opts.xhtml;
	enum noscript_fit fit = judge(build, p, len, xhtml, text);
	const char *stop;

	if (!xhtml || fit != NOSCRIPT_UNFIT)
		return fit;
	fit = judge(build, p, len, false, text);
	if (fit != NOSCRIPT_FIT)
		return fit;
	stop = look_stop(p, p + len);
	text->loose = 0;
	text->len = stop ? (size_t)(stop - p) : len;
	return NOSCRIPT_UNFIT;
}
