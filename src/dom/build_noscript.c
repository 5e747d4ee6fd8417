/* dom/build_noscript.c - whether a noscript may stay in a head as elements
 *
 * What it holds, X, is judged before any of it is read. X is what a browser
 * with scripts takes for its text: it goes up to the first "</noscript" that is
 * an end tag's, in a comment or a quoted value too; where there is none, to the
 * end of the page. X is fit when it is a row of white space, comments, end tags
 * (but </br>), and start tags that a head's noscript may hold, each of them
 * whole; the style and noframes hold no text. What ends with the page may be
 * cut short within one of them, unless that would be text.
 *
 * So it is judged as before when it is written again:
 * - fit, and now elements: they are written as such a row, and an end tag
 *   behind it. No value holds a '<' and no comment the end tag, or it would not
 *   have been fit.
 * - not fit, and now text: the same X is written, and an end tag behind it.
 * What was not fit in it stands in it still; where it was what the page's end
 * cut, the '<' of that end tag makes text or another name of it.
 *
 * X alone decides, at any length and whatever pieces it came in: until it is
 * known what of it is fit, the start tag waits. */
#include "dom/build_inside.h"

#include <string.h>
#include <strings.h>

#include "dom/build_look.h"

/* ---- tags ---- */

/* Behind the start tag of a style or noframes: its end tag follows. */
static enum part
skip_raw(struct look *look, const char *name, size_t len)
{
	const char *p;

	look_skip_space(look);
	p = look->p;
	if (p == look->end)
		return PART_CUT;
	if ((size_t)(look->end - p) <= len + 2)
		return PART_TEXT;
	if (p[0] != '<' || p[1] != '/' || strncasecmp(p + 2, name, len) != 0 ||
	    !look_ends_name(p[len + 2]))
		return PART_UNFIT;
	look->p += len + 2;
	return look_tag(look, NULL);
}

static enum part
skip_start(struct look *look)
{
	static const char *const names[] = {
	    "link", "meta", "style", "noframes", "basefont", "bgsound"};
	const char *name = ++look->p;
	enum part part;
	size_t i, len;

	while (look->p < look->end && !look_ends_name(*look->p))
		look->p++;
	if (look->p == look->end)
		return PART_CUT;
	len = (size_t)(look->p - name);
	for (i = 0; i < COUNT_OF(names); i++)
		if (len == strlen(names[i]) &&
		    strncasecmp(name, names[i], len) == 0)
			break;
	if (i == COUNT_OF(names))
		return PART_UNFIT;
	if (names[i][0] != 's' && names[i][0] != 'n')
		return look_tag(look, NULL);
	if (look->xhtml) /* "/>" may be its end */
		return PART_UNFIT;
	part = look_tag(look, NULL);
	return part == PART_WHOLE ? skip_raw(look, names[i], len) : part;
}

static enum part
skip_stop(struct look *look)
{
	const char *name = look->p + 2;

	if (name == look->end)
		return PART_TEXT;
	if (!look_is_letter(*name))
		return PART_UNFIT;
	look->p = name;
	while (look->p < look->end && !look_ends_name(*look->p))
		look->p++;
	if (look->p == look->end)
		return PART_CUT;
	if (look->p - name == 2 && strncasecmp(name, "br", 2) == 0)
		return PART_UNFIT;
	return look_tag(look, NULL);
}

/* ---- comments ---- */

/* What is read as a comment, or as a DOCTYPE, ends at the first ">". */
static enum part
skip_declaration(struct look *look)
{
	const char *close;

	if (look_begins(look->p, look->end, "<!--"))
		return look_comment(look);
	if (look->xhtml && look_begins(look->p, look->end, "<!["))
		return PART_UNFIT;
	close = memchr(look->p, '>', (size_t)(look->end - look->p));
	if (!close)
		return PART_CUT;
	look->p = close + 1;
	return PART_WHOLE;
}

/* ---- the row ---- */

/* At what is no white space. */
static enum part
skip_part(struct look *look)
{
	if (*look->p != '<')
		return PART_UNFIT;
	if (look->p + 1 == look->end)
		return PART_TEXT;
	switch (look->p[1]) {
	case '/':
		return skip_stop(look);
	case '!':
	case '?':
		return skip_declaration(look);
	default:
		return look_is_letter(look->p[1]) ? skip_start(look)
						  : PART_UNFIT;
	}
}

/* Whether that is so at the end of the page, or may be so. */
static enum noscript_fit
judge_cut(const char *from, const char *end, enum part part, bool last)
{
	if (look_stop(from, end))
		return NOSCRIPT_UNFIT;
	if (!last)
		return NOSCRIPT_UNKNOWN;
	return part == PART_TEXT ? NOSCRIPT_UNFIT : NOSCRIPT_FIT;
}

enum noscript_fit
build_fit_of_noscript(const struct build *build, const char *p, size_t len)
{
	struct look look = {.p = p, .end = p + len, .xhtml = build->opts.xhtml};
	enum part part;

	for (;;) {
		look_skip_space(&look);
		if (look.p == look.end)
			return judge_cut(p, look.end, PART_CUT, build->last);
		if (look_is_stop(look.p, look.end))
			return look_stop(p, look.p + 1) ? NOSCRIPT_UNFIT
							: NOSCRIPT_FIT;
		part = skip_part(&look);
		if (part == PART_UNFIT)
			return NOSCRIPT_UNFIT;
		if (part != PART_WHOLE)
			return judge_cut(p, p + len, part, build->last);
	}
}

/* ---- the start tag ---- */

/* While nobody knows, it is looked at only when it has doubled: the time stays
 * linear. */
static enum noscript_fit
fit_of(struct build *build, bool in_body, struct noscript_text *text)
{
	const char *p;
	size_t len = build_rest(build, &p);
	enum noscript_fit fit;

	if (len < build->noscript_look && !build->last)
		return NOSCRIPT_UNKNOWN;
	fit = in_body ? build_fit_of_noscript_in_body(build, p, len, text)
		      : build_fit_of_noscript(build, p, len);
	build->noscript_look = fit == NOSCRIPT_UNKNOWN ? 2 * len : 0;
	return fit;
}

bool
build_may_begin_noscript(
    struct build *build, const struct token *token, bool in_body)
{
	struct noscript_text text = {0, 0};
	enum noscript_fit fit = fit_of(build, in_body, &text);

	if (fit == NOSCRIPT_UNKNOWN)
		build->waits = true;
	if (fit != NOSCRIPT_UNFIT)
		return fit == NOSCRIPT_FIT;
	build_insert_raw(build, token, text.len ? TOKEN_DATA : TOKEN_RAWTEXT);
	build_top(build)->node->x.extra |= NODE_RAW;
	if (text.len)
		build_put_noscript_text(build, &text);
	return false;
}
