/* dom/tags.c - tables of the WHATWG's HTML, sections 13.1.2 to 13.2.6 */
#include "dom/tags.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <libxml/HTMLparser.h>

#include "base/must.h"
#include "dom/names.h"

enum { RANK_ORDINARY = 100 };

struct word {
	const char *name;
	unsigned value;
};

static int
compare(const char *name, size_t len, const char *word)
{
	int order = len ? (unsigned char)*name - (unsigned char)*word : 0;

	if (order == 0) /* most words differ at once */
		order = strncmp(name, word, len);
	return order ? order : word[len] == '\0' ? 0 : -1;
}

/* Binary search; 0 if it is not there. */
static unsigned
look_up(const struct word *words, size_t count, const char *name, size_t len)
{
	size_t from = 0;

	while (from < count) {
		size_t middle = from + (count - from) / 2;
		int order = compare(name, len, words[middle].name);

		if (order == 0)
			return words[middle].value;
		if (order < 0)
			count = middle;
		else
			from = middle + 1;
	}
	return 0;
}

static bool
is(const char *name, size_t len, const char *word)
{
	return compare(name, len, word) == 0;
}

enum tag_kind
tag_kind(const char *name, size_t len)
{
	enum el el = el_find(name, len);

	if (el_names[el].flags & EL_VOID)
		return TAG_VOID;
	switch (el) {
	case EL_SCRIPT:
		return TAG_SCRIPT;
	case EL_PLAINTEXT:
		return TAG_PLAIN;
	case EL_TITLE:
	case EL_TEXTAREA:
		return TAG_ESCAPED;
	default:
		return el_names[el].flags & EL_RAW ? TAG_RAW : TAG_ORDINARY;
	}
}

bool
tag_is_of_html(const char *name, size_t len)
{
	return tag_kind(name, len) != TAG_ORDINARY ||
	       htmlTagLookup((const xmlChar *)name);
}

unsigned
tag_rank(const char *name, size_t len)
{
	static const struct word ranks[] = {
	    {"body", 200},
	    {"div", 150},
	    {"head", 200},
	    {"html", 220},
	    {"table", 190},
	    {"tbody", 180},
	    {"td", 160},
	    {"tfoot", 180},
	    {"th", 160},
	    {"thead", 180},
	    {"tr", 170},
	};
	unsigned rank = look_up(ranks, COUNT_OF(ranks), name, len);

	return rank ? rank : RANK_ORDINARY;
}

bool
tag_is_wall(const char *name, size_t len)
{
	static const struct word names[] = {{"applet", 1}, {"button", 1},
	    {"marquee", 1}, {"noscript", 1}, {"object", 1}, {"select", 1},
	    {"template", 1}};

	return tag_rank(name, len) > RANK_ORDINARY ||
	       look_up(names, COUNT_OF(names), name, len);
}

/* Bits of families for tag_closes(). */
enum {
	BLOCK = 1,
	ITEM = 2,	 /* li */
	TERM = 4,	 /* dt, dd */
	CELL = 8,	 /* td, th */
	ROW = 16,	 /* tr */
	GROUP = 32,	 /* tbody, thead, tfoot */
	CHOICE = 64,	 /* option */
	CHOICES = 128,	 /* optgroup */
	RUBY = 256,	 /* rb, rt, rtc, rp */
	COLUMNS = 512,	 /* colgroup */
	CAPTION = 1024,	 /* caption */
	PARAGRAPH = 2048 /* p itself */
};

static unsigned
family(const char *name, size_t len)
{
	static const struct word families[] = {
	    {"address", BLOCK},
	    {"article", BLOCK},
	    {"aside", BLOCK},
	    {"blockquote", BLOCK},
	    {"caption", CAPTION},
	    {"center", BLOCK},
	    {"colgroup", COLUMNS},
	    {"dd", BLOCK | TERM},
	    {"details", BLOCK},
	    {"dir", BLOCK},
	    {"div", BLOCK},
	    {"dl", BLOCK},
	    {"dt", BLOCK | TERM},
	    {"fieldset", BLOCK},
	    {"figcaption", BLOCK},
	    {"figure", BLOCK},
	    {"footer", BLOCK},
	    {"form", BLOCK},
	    {"h1", BLOCK},
	    {"h2", BLOCK},
	    {"h3", BLOCK},
	    {"h4", BLOCK},
	    {"h5", BLOCK},
	    {"h6", BLOCK},
	    {"header", BLOCK},
	    {"hgroup", BLOCK},
	    {"hr", BLOCK},
	    {"li", BLOCK | ITEM},
	    {"listing", BLOCK},
	    {"main", BLOCK},
	    {"menu", BLOCK},
	    {"nav", BLOCK},
	    {"ol", BLOCK},
	    {"optgroup", CHOICES},
	    {"option", CHOICE},
	    {"p", BLOCK | PARAGRAPH},
	    {"plaintext", BLOCK},
	    {"pre", BLOCK},
	    {"rb", RUBY},
	    {"rp", RUBY},
	    {"rt", RUBY},
	    {"rtc", RUBY},
	    {"search", BLOCK},
	    {"section", BLOCK},
	    {"summary", BLOCK},
	    {"table", BLOCK},
	    {"tbody", GROUP},
	    {"td", CELL},
	    {"tfoot", GROUP},
	    {"th", CELL},
	    {"thead", GROUP},
	    {"tr", ROW},
	    {"ul", BLOCK},
	    {"xmp", BLOCK},
	};

	return look_up(families, COUNT_OF(families), name, len);
}

bool
tag_closes(const char *name, size_t len, const char *open, size_t open_len)
{
	unsigned next = family(name, len);
	unsigned last = family(open, open_len);

	if (last & PARAGRAPH)
		return next & (BLOCK | CELL | ROW | GROUP);
	if (last & CELL)
		return next & (CELL | ROW | GROUP);
	if (last & ROW)
		return next & (ROW | GROUP);
	if (last & CHOICE)
		return next & (CHOICE | CHOICES);
	if (last & (COLUMNS | CAPTION))
		return next & (COLUMNS | CAPTION | GROUP | ROW | CELL);
	return next & last & (ITEM | TERM | GROUP | CHOICES | RUBY);
}

bool
tag_is_breakout(const char *name, size_t len)
{
	return el_names[el_find(name, len)].flags & EL_BREAKOUT;
}

bool
tag_is_integration(const char *name, size_t len, bool math)
{
	static const struct word of_math[] = {
	    {"mi", 1}, {"mn", 1}, {"mo", 1}, {"ms", 1}, {"mtext", 1}};
	static const struct word of_svg[] = {
	    {"desc", 1}, {"foreignobject", 1}, {"title", 1}};

	return math ? look_up(of_math, COUNT_OF(of_math), name, len)
		    : look_up(of_svg, COUNT_OF(of_svg), name, len);
}

bool
tag_encoding_is_html(const char *encoding, size_t len)
{
	return (len == 9 && strncasecmp(encoding, "text/html", 9) == 0) ||
	       (len == 21 &&
		   strncasecmp(encoding, "application/xhtml+xml", 21) == 0);
}

/* ---- raw text ---- */

static bool
ends_name(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r' ||
	       c == '/' || c == '>';
}

/* Whether the name, and an end of it, are at text. */
static bool
tag_at(const char *name, size_t name_len, const char *text, const char *end)
{
	return (size_t)(end - text) > name_len &&
	       strncasecmp(text, name, name_len) == 0 &&
	       ends_name(text[name_len]);
}

/* A script's text is read in a state: within <!-- a <script makes the next
 * </script part of the text. */
struct script_state {
	const char *comment; /* where the open <!-- ends, or NULL */
	bool endless;	     /* it does not: comment is the text's end */
	bool inner;	     /* behind a <script in it */
};

/* "<!-->" and "<!--->" are closed already. */
static void
open_comment(struct script_state *state, const char *p, const char *end)
{
	const char *close = memmem(p + 2, (size_t)(end - p) - 2, "-->", 3);

	state->comment = close ? close + 3 : end;
	state->endless = !close;
}

static size_t
script_end(const char *text, size_t len, bool *hidden)
{
	const char *end = text + len;
	struct script_state state = {NULL, false, false};

	for (const char *p = text; p < end; p++) {
		p = memchr(p, '<', (size_t)(end - p));
		if (!p)
			break;
		if (state.comment && p >= state.comment)
			state = (struct script_state){NULL, false, false};
		if (!state.comment && end - p >= 4 &&
		    memcmp(p, "<!--", 4) == 0) {
			open_comment(&state, p, end);
		} else if (state.comment && tag_at("script", 6, p + 1, end)) {
			state.inner = true;
		} else if (end - p > 2 && p[1] == '/' &&
			   tag_at("script", 6, p + 2, end)) {
			if (!state.inner)
				return (size_t)(p - text);
			state.inner = false;
		}
	}
	if (hidden)
		*hidden = state.inner && state.endless;
	return len;
}

size_t
tag_raw_end(const char *name, const char *text, size_t len, bool *hidden)
{
	size_t name_len = strlen(name);
	const char *end = text + len;
	const char *p = text;

	if (hidden)
		*hidden = false;
	if (is(name, name_len, "plaintext"))
		return len;
	if (is(name, name_len, "script"))
		return script_end(text, len, hidden);
	for (; (p = memchr(p, '<', (size_t)(end - p))); p++)
		if (end - p > 2 && p[1] == '/' &&
		    tag_at(name, name_len, p + 2, end))
			return (size_t)(p - text);
	return len;
}
