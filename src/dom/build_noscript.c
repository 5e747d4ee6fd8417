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

/* How far one part of X goes. */
enum part {
	PART_WHOLE, /* up to *at */
	PART_CUT,   /* X is cut short in it, and the page may end there */
	PART_TEXT,  /* cut short so that it would be text */
	PART_UNFIT,
};

struct look {
	const char *p, *end;
	bool xhtml;
};

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
ends_name(char c)
{
	return is_space(c) || c == '/' || c == '>';
}

static void
skip_space(struct look *look)
{
	while (look->p < look->end && is_space(*look->p))
		look->p++;
}

static bool
begins(const char *p, const char *end, const char *with)
{
	size_t len = strlen(with);

	return (size_t)(end - p) >= len && strncasecmp(p, with, len) == 0;
}

/* What ends raw text: not the tag of a longer name. */
static bool
is_stop(const char *p, const char *end)
{
	static const char stop[] = "</noscript";
	size_t len = sizeof(stop) - 1;

	return (size_t)(end - p) > len && begins(p, end, stop) &&
	       ends_name(p[len]);
}

static bool
has_stop(const char *p, const char *end)
{
	while ((p = memchr(p, '<', (size_t)(end - p)))) {
		if (is_stop(p, end))
			return true;
		p++;
	}
	return false;
}

/* ---- tags ---- */

static enum part
skip_value(struct look *look)
{
	char quote;

	skip_space(look);
	if (look->p == look->end)
		return PART_CUT;
	quote = *look->p;
	if (quote == '"' || quote == '\'') {
		look->p++;
		look->p = memchr(look->p, quote, (size_t)(look->end - look->p));
		if (!look->p)
			return PART_CUT;
		look->p++;
		return PART_WHOLE;
	}
	while (look->p < look->end && !is_space(*look->p) && *look->p != '>')
		look->p++;
	return PART_WHOLE;
}

/* From behind its name, with its attributes as the tokenizer reads them. */
static enum part
skip_tag(struct look *look)
{
	for (;;) {
		while (look->p < look->end &&
		       (is_space(*look->p) || *look->p == '/'))
			look->p++;
		if (look->p == look->end)
			return PART_CUT;
		if (*look->p == '>')
			break;
		look->p++; /* a name may begin with "=" */
		while (look->p < look->end && !ends_name(*look->p) &&
		       *look->p != '=')
			look->p++;
		skip_space(look);
		if (look->p == look->end || *look->p != '=')
			continue;
		look->p++;
		if (skip_value(look) == PART_CUT)
			return PART_CUT;
	}
	look->p++;
	return PART_WHOLE;
}

/* Behind the start tag of a style or noframes: its end tag follows. */
static enum part
skip_raw(struct look *look, const char *name, size_t len)
{
	const char *p;

	skip_space(look);
	p = look->p;
	if (p == look->end)
		return PART_CUT;
	if ((size_t)(look->end - p) <= len + 2)
		return PART_TEXT;
	if (p[0] != '<' || p[1] != '/' || strncasecmp(p + 2, name, len) != 0 ||
	    !ends_name(p[len + 2]))
		return PART_UNFIT;
	look->p += len + 2;
	return skip_tag(look);
}

static enum part
skip_start(struct look *look)
{
	static const char *const names[] = {
	    "link", "meta", "style", "noframes", "basefont", "bgsound"};
	const char *name = ++look->p;
	enum part part;
	size_t i, len;

	while (look->p < look->end && !ends_name(*look->p))
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
		return skip_tag(look);
	if (look->xhtml) /* "/>" may be its end */
		return PART_UNFIT;
	part = skip_tag(look);
	return part == PART_WHOLE ? skip_raw(look, names[i], len) : part;
}

static enum part
skip_stop(struct look *look)
{
	const char *name = look->p + 2;

	if (name == look->end)
		return PART_TEXT;
	if (!is_letter(*name))
		return PART_UNFIT;
	look->p = name;
	while (look->p < look->end && !ends_name(*look->p))
		look->p++;
	if (look->p == look->end)
		return PART_CUT;
	if (look->p - name == 2 && strncasecmp(name, "br", 2) == 0)
		return PART_UNFIT;
	return skip_tag(look);
}

/* ---- comments ---- */

/* Those that end as none should (<!-->, --!>) are not fit. */
static enum part
skip_comment(struct look *look)
{
	const char *from = look->p + 4, *close, *bang;
	size_t left = (size_t)(look->end - from);

	if (begins(from, look->end, ">") || begins(from, look->end, "->"))
		return PART_UNFIT;
	close = memmem(from, left, "-->", 3);
	if (close)
		left = (size_t)(close - from);
	bang = memmem(from, left, "--!>", 4);
	if (bang)
		return PART_UNFIT;
	if (!close)
		return PART_CUT;
	look->p = close + 3;
	return PART_WHOLE;
}

/* What is read as a comment, or as a DOCTYPE, ends at the first ">". */
static enum part
skip_declaration(struct look *look)
{
	const char *close;

	if (begins(look->p, look->end, "<!--"))
		return skip_comment(look);
	if (look->xhtml && begins(look->p, look->end, "<!["))
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
		return is_letter(look->p[1]) ? skip_start(look) : PART_UNFIT;
	}
}

/* Whether that is so at the end of the page, or may be so. */
static enum noscript_fit
judge_cut(const char *from, const char *end, enum part part, bool last)
{
	if (has_stop(from, end))
		return NOSCRIPT_UNFIT;
	if (!last)
		return NOSCRIPT_UNKNOWN;
	return part == PART_TEXT ? NOSCRIPT_UNFIT : NOSCRIPT_FIT;
}

enum noscript_fit
build_fit_of_noscript(const char *p, size_t len, bool last, bool xhtml)
{
	struct look look = {.p = p, .end = p + len, .xhtml = xhtml};
	enum part part;

	for (;;) {
		skip_space(&look);
		if (look.p == look.end)
			return judge_cut(p, look.end, PART_CUT, last);
		if (is_stop(look.p, look.end))
			return has_stop(p, look.p + 1) ? NOSCRIPT_UNFIT
						       : NOSCRIPT_FIT;
		part = skip_part(&look);
		if (part == PART_UNFIT)
			return NOSCRIPT_UNFIT;
		if (part != PART_WHOLE)
			return judge_cut(p, p + len, part, last);
	}
}
