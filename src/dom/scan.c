/* dom/scan.c - the WHATWG's tokenizer (13.2.5), writing what it reads
 *
 * Out come: start tags with names in lower case and all values in double
 * quotes, end tags, comments, one DOCTYPE, and text whose character references
 * are resolved. What browsers make a comment of is a comment. Elements without
 * content are written <x/>, which libxml2 takes for any name.
 *
 * The depth counted here follows HTML's optional end tags; libxml2's own idea
 * of them differs in places, so html.c counts again while the tree grows. */
#include "dom/scan.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <libxml/HTMLparser.h>

#include "base/mem.h"
#include "dom/entity.h"
#include "dom/tags.h"
#include "dom/utf8.h"

enum {
	NAME_KEPT = 24,	     /* of an open element's name */
	NAME_READ_MAX = 512, /* a longer name is no name of anything */
	LOOK_DOWN = 16,	     /* open inline elements that a block ends */
	TABLE_RANK = 160,    /* tag_rank() of cells, rows and tables */
	MANY_ATTRIBUTES = 64,
	MANY_LEAVES = 64, /* texts and comments in a row */
	MANY_LEVELS = 16  /* that an end tag looks through */
};

struct open {
	char name[NAME_KEPT];
	unsigned char len;
	bool foreign; /* of SVG or MathML */
	bool math;    /* of MathML */
	bool html;    /* of SVG or MathML, and HTML stands within */
	bool wall;    /* what opens within it closes nothing outside */
};

struct scan {
	const char *p;
	const char *end;
	struct buf *out; /* NULL: only count */
	const struct scan_opts *opts;
	struct err *err;
	struct open *stack;
	size_t depth;
	size_t nodes;
	bool any; /* a tag or a text came */
	bool html, head, body;
	bool doctype;
	bool foreign; /* an svg or math came */
	/* Above 0: within an element of SVG or MathML that HTML knows as one
	 * that holds only text (style, title), opened at this depth. Only its
	 * text is written: what else is in it would come to life where a rule
	 * brings it to its namesake of HTML. */
	size_t text_only;
	bool in_text;
	size_t leaves; /* texts and comments since the last element */
};

struct tag {
	char name[NAME_READ_MAX + 1]; /* lower case */
	size_t len;
	bool too_long;
	bool self_closed;
	bool says_html;	  /* encoding="text/html" */
	bool is_old_font; /* has color, face or size */
};

/* ---- writing ---- */

static void
put(struct scan *scan, const char *bytes, size_t len)
{
	if (scan->out && (!scan->text_only || scan->in_text))
		buf_add(scan->out, bytes, len);
}

static void
puts_out(struct scan *scan, const char *text)
{
	put(scan, text, strlen(text));
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* NULL when the character is written as it is */
static const char *
escape_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\f':
		return " "; /* XML has no form feed */
	default:
		return NULL;
	}
}

static void
put_escaped(struct scan *scan, const char *from, const char *to)
{
	for (const char *p = from; p < to; p++) {
		const char *escape = escape_of(*p);

		if (!escape)
			continue;
		put(scan, from, (size_t)(p - from));
		puts_out(scan, escape);
		from = p + 1;
	}
	put(scan, from, (size_t)(to - from));
}

/* ---- character references ---- */

/* What browsers read &#128; to &#159; as. */
static uint32_t
windows_1252(uint32_t code)
{
	static const uint16_t high[32] = {0x20AC, 0x81, 0x201A, 0x0192, 0x201E,
	    0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152,
	    0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
	    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,
	    0x017E, 0x0178};

	return code >= 0x80 && code < 0xA0 ? high[code - 0x80] : code;
}

static int
digit_of(char c, unsigned base)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = lower(c);
	return base == 16 && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "&#..." at p; where it ends, or NULL when it is none. */
static const char *
put_numeric(struct scan *scan, const char *p, const char *end)
{
	unsigned base = 10;
	uint32_t code = 0;
	const char *digits;
	char text[4];

	p += 2;
	if (p < end && lower(*p) == 'x') {
		base = 16;
		p++;
	}
	for (digits = p; p < end && digit_of(*p, base) >= 0; p++)
		if (code <= 0x10FFFF)
			code = code * base + (uint32_t)digit_of(*p, base);
	if (p == digits)
		return NULL;
	if (p < end && *p == ';')
		p++;
	code = windows_1252(code);
	if (code == 0 || !utf8_is_xml(code))
		code = UTF8_REPLACEMENT;
	if (code == '\n' || code == '\r')
		puts_out(scan, code == '\n' ? "&#10;" : "&#13;");
	else
		put_escaped(scan, text, text + utf8_encode(text, code));
	return p;
}

/* In an attribute, a name without its semicolon and with a letter, digit or
 * "=" behind it is part of an address: ?a=1&copy=2 */
static bool
is_part_of_address(const char *p, const char *end)
{
	return p[-1] != ';' && p < end &&
	       (is_letter(*p) || (*p >= '0' && *p <= '9') || *p == '=');
}

static const char *
put_named(struct scan *scan, const char *p, const char *end, bool attribute)
{
	size_t used;
	const char *text = entity_find(p + 1, (size_t)(end - p) - 1, &used);

	if (!text || (attribute && is_part_of_address(p + 1 + used, end)))
		return NULL;
	put_escaped(scan, text, text + strlen(text));
	return p + 1 + used;
}

/* Text or an attribute's value, with its references resolved. */
static void
put_text(struct scan *scan, const char *from, const char *to, bool attribute)
{
	if (!scan->out)
		return;
	scan->in_text = !attribute;
	while (from < to) {
		const char *amp = memchr(from, '&', (size_t)(to - from));
		const char *next = NULL;

		if (!amp)
			amp = to;
		put_escaped(scan, from, amp);
		if (amp == to)
			break;
		if (to - amp > 2 && amp[1] == '#')
			next = put_numeric(scan, amp, to);
		else if (to - amp > 2 && is_letter(amp[1]))
			next = put_named(scan, amp, to, attribute);
		if (!next)
			puts_out(scan, "&amp;");
		from = next ? next : amp + 1;
	}
	scan->in_text = false;
}

/* ---- limits and the open elements ---- */

static int
count_node(struct scan *scan, size_t n)
{
	scan->nodes += n;
	if (scan->nodes <= scan->opts->nodes)
		return 0;
	return err_set(scan->err,
	    "the page has more than %zu tags and texts "
	    "(html_max_nodes)",
	    scan->opts->nodes);
}

/* A text or comment. To bring nodes into order libxml2 goes back from one of
 * these to the element before it, each time: pay for that. */
static int
count_leaf(struct scan *scan)
{
	return count_node(scan, 1 + scan->leaves++ / MANY_LEAVES);
}

static const struct open *
top(const struct scan *scan)
{
	return scan->depth ? &scan->stack[scan->depth - 1] : NULL;
}

static bool
open_is(const struct open *open, const char *name)
{
	return open && strcmp(open->name, name) == 0;
}

static bool
holds_text(const char *name, size_t len)
{
	enum tag_kind kind = tag_kind(name, len);

	return kind != TAG_ORDINARY && kind != TAG_VOID;
}

/* Whether a start tag of this name belongs to SVG or MathML here (13.2.6), if
 * it does not leave them. */
static bool
is_foreign_now(const struct scan *scan, const char *name)
{
	const struct open *open = top(scan);

	if (!open || !open->foreign)
		return false;
	if (!open->html)
		return !open->math || !open_is(open, "annotation-xml") ||
		       strcmp(name, "svg") != 0;
	return open->math && !open_is(open, "annotation-xml") &&
	       (strcmp(name, "mglyph") == 0 || strcmp(name, "malignmark") == 0);
}

static bool
is_root(const char *name)
{
	return strcmp(name, "svg") == 0 || strcmp(name, "math") == 0;
}

static int
push(struct scan *scan, const struct tag *tag)
{
	const char *name = tag->name;
	bool within = is_foreign_now(scan, name);
	bool inherits_math = within && top(scan)->math;
	struct open *open;

	if (scan->depth == scan->opts->depth)
		return err_set(scan->err,
		    "the page has elements nested more "
		    "than %zu deep (html_max_depth)",
		    scan->opts->depth);
	open = &scan->stack[scan->depth++];
	open->len =
	    (unsigned char)(tag->len < NAME_KEPT ? tag->len : NAME_KEPT - 1);
	memcpy(open->name, name, open->len);
	open->name[open->len] = '\0';
	open->foreign = within || is_root(name);
	open->math = within ? inherits_math : strcmp(name, "math") == 0;
	open->html =
	    open->foreign && (tag_is_integration(name, tag->len, open->math) ||
				 (open->math && tag->says_html &&
				     strcmp(name, "annotation-xml") == 0));
	open->wall = open->foreign || tag_is_wall(name, tag->len);
	scan->foreign = scan->foreign || is_root(name);
	if (within && !scan->text_only && holds_text(name, tag->len))
		scan->text_only = scan->depth;
	return 0;
}

static void
close_down_to(struct scan *scan, size_t depth)
{
	scan->depth = depth;
	if (scan->text_only > depth)
		scan->text_only = 0;
}

/* An end tag of a table reaches out of SVG, all others do not. */
static bool
is_of_table(const char *name, size_t len)
{
	return tag_rank(name, len) >= TABLE_RANK ||
	       strcmp(name, "caption") == 0 || strcmp(name, "template") == 0;
}

/* The end tag reaches down to its element, not past a higher rank. False: it
 * is ignored. */
static bool
pop(struct scan *scan, const char *name, size_t len)
{
	unsigned rank = tag_rank(name, len);
	bool foreign = scan->depth && top(scan)->foreign;
	bool walled = false;

	if (len >= NAME_KEPT)
		len = NAME_KEPT - 1;
	for (size_t i = scan->depth; i-- > 0;) {
		const struct open *open = &scan->stack[i];

		foreign = foreign && open->foreign;
		walled = walled || (open->foreign && open->html);
		if (!foreign && walled && !is_of_table(name, len))
			return false;
		if (open->len == len && memcmp(open->name, name, len) == 0 &&
		    open->foreign == foreign) {
			scan->leaves = 0;
			close_down_to(scan, i);
			return true;
		}
		if (!open->foreign && tag_rank(open->name, open->len) > rank)
			return true;
	}
	return true;
}

/* Whether the end tag is one of the open elements of SVG or MathML. */
static bool
closes_foreign(const struct scan *scan, const char *name, size_t len)
{
	if (len >= NAME_KEPT)
		len = NAME_KEPT - 1;
	for (size_t i = scan->depth; i-- > 0 && scan->stack[i].foreign;)
		if (scan->stack[i].len == len &&
		    memcmp(scan->stack[i].name, name, len) == 0)
			return true;
	return false;
}

/* Close what the start tag closes: elements whose end tag may be left out.
 * libxml2 does the same for the names of HTML 4; for those it does not know,
 * a paragraph's end is written. */
static void
close_optional(struct scan *scan, const char *name, size_t len)
{
	bool known = htmlTagLookup((const xmlChar *)name) != NULL;
	size_t looked = 0;

	for (size_t i = scan->depth; i-- > 0 && looked++ < LOOK_DOWN;) {
		const struct open *open = &scan->stack[i];

		if (tag_closes(name, len, open->name, open->len)) {
			if (!known && open_is(open, "p"))
				puts_out(scan, "</p>");
			close_down_to(scan, i);
		} else if (open->wall) {
			return;
		}
	}
}

/* ---- the frame: html, head, body ---- */

static bool
belongs_in_head(const char *name)
{
	static const char *const names[] = {"base", "basefont", "bgsound",
	    "link", "meta", "noframes", "noscript", "script", "style",
	    "template", "title"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool
is_frame(const char *name)
{
	return strcmp(name, "html") == 0 || strcmp(name, "head") == 0 ||
	       strcmp(name, "body") == 0;
}

/* True for a frame tag that came before: browsers ignore the second. */
static bool
is_second_frame(struct scan *scan, const char *name)
{
	bool *seen;
	bool second;

	if (*name != 'h' && *name != 'b')
		return false;
	if (strcmp(name, "html") == 0)
		seen = &scan->html;
	else if (strcmp(name, "head") == 0)
		seen = &scan->head;
	else if (strcmp(name, "body") == 0)
		seen = &scan->body;
	else
		return false;
	second = *seen || (seen != &scan->body && scan->any);
	if (seen != &scan->html)
		scan->html = true;
	if (seen == &scan->body)
		scan->head = true;
	*seen = true;
	return second;
}

static void
leave_head(struct scan *scan)
{
	if (!open_is(top(scan), "head"))
		return;
	puts_out(scan, "</head>");
	scan->depth--;
}

/* What is of the body begins: a page always has a head (13.1.2.4). */
static void
imply_head(struct scan *scan)
{
	if (scan->head || (scan->depth && !open_is(top(scan), "html")))
		return;
	scan->head = true;
	puts_out(scan, "<head></head>");
}

/* Text that stands where only head and body may: libxml2 would put it into a
 * paragraph of its own. */
static int
enter_body(struct scan *scan)
{
	static const struct tag body = {.name = "body", .len = 4};

	leave_head(scan);
	if (scan->body || (scan->depth && !open_is(top(scan), "html")))
		return 0;
	imply_head(scan);
	scan->html = scan->body = true;
	puts_out(scan, "<body>");
	return push(scan, &body);
}

/* ---- text ---- */

static bool
is_blank(const char *from, const char *to)
{
	while (from < to && is_space(*from))
		from++;
	return from == to;
}

static int
read_text(struct scan *scan)
{
	const char *from = scan->p;
	const char *to = NULL;

	/* a "<" that begins nothing has come here as the first character */
	if (from + 1 < scan->end)
		to = memchr(from + 1, '<', (size_t)(scan->end - from) - 1);
	if (!to)
		to = scan->end;
	scan->p = to;
	if (is_blank(from, to)) {
		scan->in_text = true;
		put_escaped(scan, from, to);
		scan->in_text = false;
		return count_leaf(scan);
	}
	if (enter_body(scan) != 0)
		return -1;
	scan->any = true;
	put_text(scan, from, to, false);
	return count_leaf(scan);
}

/* U+10FFFD stands for "the next character is a code": 1 for the "<" of
 * a "</", 0 for U+10FFFD itself. */
static const char marker[] = "\xF4\x8F\xBF\xBD";

static void
put_raw(struct scan *scan, const char *from, const char *to)
{
	for (const char *p = from; p < to; p++) {
		bool tag = *p == '<' && to - p >= 2 && p[1] == '/';
		bool mark = (unsigned char)*p == 0xF4 && to - p >= 4 &&
			    memcmp(p, marker, 4) == 0;

		if (!tag && !mark)
			continue;
		put(scan, from, (size_t)(p - from));
		puts_out(scan, marker);
		puts_out(scan, tag ? "1" : "0");
		p += mark ? 3 : 0;
		from = p + 1;
	}
	put(scan, from, (size_t)(to - from));
}

size_t
scan_real_raw(char *text, size_t len)
{
	char *from = text, *to = text, *end = text + len;

	while (from < end) {
		char *p = memchr(from, marker[0], (size_t)(end - from));
		size_t n = (size_t)((p ? p : end) - from);

		memmove(to, from, n);
		to += n;
		from += n;
		if (!p)
			break;
		if (end - p < 5 || memcmp(p, marker, 4) != 0) {
			*to++ = *from++;
			continue;
		}
		if (p[4] == '1') {
			*to++ = '<';
		} else {
			memcpy(to, marker, 4);
			to += 4;
		}
		from += 5;
	}
	return (size_t)(to - text);
}

/* What stands between the tags of an element that holds only text. */
static int
read_content(struct scan *scan, const struct tag *tag, enum tag_kind kind)
{
	const char *from = scan->p;

	scan->p +=
	    tag_raw_end(tag->name, from, (size_t)(scan->end - from), NULL);
	if (scan->p == from)
		return 0;
	if (scan->text_only)
		; /* nothing of it shows */
	else if (kind == TAG_ESCAPED)
		put_text(scan, from, scan->p, false);
	else if (kind == TAG_SCRIPT || strcmp(tag->name, "style") == 0)
		put_raw(scan, from, scan->p);
	else
		put_escaped(scan, from, scan->p);
	return count_node(scan, 1);
}

/* ---- names ---- */

static const char disguise[] = "lvx-";

static bool
is_plain_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* Names that libxml2 reads as they are. A colon or a dot within one is fine
 * in an attribute, but splits an element's name. */
static bool
is_plain_name(const char *name, size_t len, bool attribute)
{
	if (len >= SCAN_NAME_MAX || !is_letter(*name) ||
	    strncmp(name, disguise, strlen(disguise)) == 0)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_plain_char(name[i]) && name[i] != '_' &&
		    !(attribute && strchr(":.", name[i])))
			return false;
	return true;
}

/* False: the name is too long even so. */
static bool
put_disguised(struct scan *scan, const char *name, size_t len)
{
	char room[SCAN_NAME_MAX];
	size_t n = strlen(disguise);

	memcpy(room, disguise, n);
	for (size_t i = 0; i < len; i++) {
		if (n + 4 > sizeof(room))
			return false;
		if (is_plain_char(name[i]))
			room[n++] = name[i];
		else
			n += (size_t)sprintf(
			    room + n, "_%02x", (unsigned char)name[i]);
	}
	put(scan, room, n);
	return true;
}

static bool
put_name(struct scan *scan, const char *name, size_t len, bool attribute)
{
	if (!is_plain_name(name, len, attribute))
		return put_disguised(scan, name, len);
	put(scan, name, len);
	return true;
}

/* In SVG and MathML the names of HTML mean nothing: libxml2 must not know. */
static bool
put_element_name(struct scan *scan, const char *name, size_t len, bool foreign)
{
	if (foreign && tag_is_of_html(name, len))
		return put_disguised(scan, name, len);
	return put_name(scan, name, len, false);
}

const char *
scan_real_name(const char *name, char *room)
{
	const char *p = name + strlen(disguise);
	size_t n = 0;

	if (strncmp(name, disguise, strlen(disguise)) != 0)
		return NULL;
	for (; *p && n < SCAN_NAME_MAX - 1; p++) {
		int high = *p == '_' ? digit_of(p[1], 16) : -1;
		int low = high >= 0 ? digit_of(p[2], 16) : -1;

		if (low < 0) {
			room[n++] = *p;
			continue;
		}
		room[n++] = (char)(high << 4 | low);
		p += 2;
	}
	room[n] = '\0';
	return room;
}

/* ---- tags ---- */

static void
read_tag_name(struct scan *scan, struct tag *tag)
{
	const char *p = scan->p;

	memset(tag, 0, offsetof(struct tag, name) + 1);
	tag->len = 0;
	tag->too_long = tag->self_closed = false;
	tag->says_html = tag->is_old_font = false;
	for (; p < scan->end && !is_space(*p) && *p != '/' && *p != '>'; p++) {
		if (tag->len == NAME_READ_MAX)
			tag->too_long = true;
		else
			tag->name[tag->len++] = lower(*p);
	}
	tag->name[tag->len] = '\0';
	scan->p = p;
}

/* Where the attribute's name ends; it may begin with "=". */
static const char *
attribute_name_end(const char *p, const char *end)
{
	for (p++; p < end; p++)
		if (is_space(*p) || *p == '/' || *p == '>' || *p == '=')
			break;
	return p;
}

/* Names with quotes or "<" in them come of a quote too many: they mean
 * nothing and would be hard to write again. */
static bool
put_attribute_name(struct scan *scan, const char *from, const char *to)
{
	char name[NAME_READ_MAX];
	size_t len = (size_t)(to - from);

	if (!scan->out || len > sizeof(name))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (strchr("\"'<=", from[i]))
			return false;
		name[i] = lower(from[i]);
	}
	puts_out(scan, " ");
	if (put_name(scan, name, len, true))
		return true;
	scan->out->len--;
	return false;
}

static const char *
skip_space(const char *p, const char *end)
{
	while (p < end && is_space(*p))
		p++;
	return p;
}

/* The value at p, behind the "="; where it ends, or NULL: the page does. */
static const char *
read_value(struct scan *scan, const char *p, bool kept)
{
	const char *from = p;
	const char *to = p;

	if (*p == '"' || *p == '\'') {
		from++;
		to = memchr(from, *p, (size_t)(scan->end - from));
		if (!to)
			return NULL;
		p = to + 1;
	} else {
		while (to < scan->end && !is_space(*to) && *to != '>')
			to++;
		p = to;
	}
	if (kept) {
		puts_out(scan, "=\"");
		put_text(scan, from, to, true);
		puts_out(scan, "\"");
	}
	return p;
}

static bool
name_is(const char *from, const char *to, const char *name)
{
	size_t len = (size_t)(to - from);

	return len == strlen(name) && strncasecmp(from, name, len) == 0;
}

/* Two attributes decide what an element of SVG or MathML may hold. */
static void
note_encoding(struct tag *tag, const char *name, const char *name_end,
    const char *from, const char *to)
{
	if (!name_is(name, name_end, "encoding"))
		return;
	if (to - from >= 2 && (*from == '"' || *from == '\'')) {
		from++;
		to--;
	}
	tag->says_html = tag_encoding_is_html(from, (size_t)(to - from));
}

static void
note_font(struct tag *tag, const char *from, const char *to)
{
	if (name_is(from, to, "color") || name_is(from, to, "face") ||
	    name_is(from, to, "size"))
		tag->is_old_font = true;
}

/* One attribute at scan->p. False: the page ends within it. */
static bool
read_attribute(struct scan *scan, struct tag *tag, bool written)
{
	const char *name = scan->p;
	const char *end = scan->end;
	const char *name_end = attribute_name_end(scan->p, end);
	bool kept = written && put_attribute_name(scan, scan->p, name_end);
	const char *p = skip_space(name_end, end);

	if (p < end && *p == '=') {
		const char *value = skip_space(p + 1, end);

		p = value < end ? read_value(scan, value, kept) : NULL;
		if (p)
			note_encoding(tag, name, name_end, value, p);
	}
	note_font(tag, name, name_end);
	scan->p = p ? p : end;
	return scan->p < end;
}

/* All attributes and the ">". 1, 0: the page ends before it, -1 */
static int
read_attributes(struct scan *scan, struct tag *tag, bool written)
{
	size_t count = 0;

	for (;;) {
		scan->p = skip_space(scan->p, scan->end);
		if (scan->p == scan->end)
			return 0;
		if (*scan->p == '>')
			break;
		if (*scan->p == '/') {
			scan->p++;
			tag->self_closed =
			    scan->p < scan->end && *scan->p == '>';
			continue;
		}
		if (++count > scan->opts->attributes)
			return err_set(scan->err,
			    "the page has a tag with "
			    "more than %zu attributes (html_max_attributes)",
			    scan->opts->attributes);
		if (!read_attribute(scan, tag, written))
			return 0;
	}
	scan->p++;
	/* libxml2 compares each with all before it: pay for that */
	return count_node(scan,
		   1 + count * count / (MANY_ATTRIBUTES * MANY_ATTRIBUTES)) == 0
		   ? 1
		   : -1;
}

static void
write_end(struct scan *scan, const char *name, size_t len, bool foreign)
{
	size_t before = scan->out ? scan->out->len : 0;

	puts_out(scan, "</");
	if (put_element_name(scan, name, len, foreign))
		puts_out(scan, ">");
	else if (scan->out)
		scan->out->len = before;
}

/* The element is begun: what comes of it? */
static int
after_start(struct scan *scan, struct tag *tag)
{
	bool foreign = is_foreign_now(scan, tag->name);
	enum tag_kind kind =
	    foreign ? TAG_ORDINARY : tag_kind(tag->name, tag->len);
	bool may_close = foreign || is_root(tag->name) || scan->opts->xhtml;

	scan->leaves = 0;
	if (kind == TAG_VOID || (tag->self_closed && may_close)) {
		puts_out(scan, "/>");
		return 0;
	}
	puts_out(scan, ">");
	if (push(scan, tag) != 0)
		return -1;
	return kind == TAG_ORDINARY ? 0 : read_content(scan, tag, kind);
}

/* An old <font> leaves SVG and MathML only with an attribute of HTML's: look
 * ahead. */
static bool
is_font_of_html(struct scan *scan)
{
	struct scan ahead = *scan;
	struct tag tag = {.name = "font", .len = 4};

	ahead.out = NULL;
	return read_attributes(&ahead, &tag, false) == 1 && tag.is_old_font;
}

/* A start tag that stands in HTML only ends all of SVG and MathML around it,
 * up to where HTML may stand. */
static void
leave_foreign(struct scan *scan, const char *name, size_t len)
{
	if (!is_foreign_now(scan, name) ||
	    !(tag_is_breakout(name, len) ||
		(strcmp(name, "font") == 0 && is_font_of_html(scan))))
		return;
	while (scan->depth && top(scan)->foreign && !top(scan)->html) {
		struct open open = *top(scan);

		close_down_to(scan, scan->depth - 1);
		/* a name that was cut goes with the one around it */
		if (open.len < NAME_KEPT - 1)
			write_end(scan, open.name, open.len, true);
	}
}

/* The name of a start tag is read: write what comes before its attributes.
 * False: nothing is written of it. */
static bool
begin_start(struct scan *scan, const struct tag *tag)
{
	bool foreign;

	if (tag->too_long)
		return false;
	leave_foreign(scan, tag->name, tag->len);
	if (strcmp(tag->name, "body") == 0 ||
	    (!is_frame(tag->name) && !belongs_in_head(tag->name)))
		imply_head(scan);
	if (is_second_frame(scan, tag->name))
		return false;
	foreign = is_foreign_now(scan, tag->name);
	if (open_is(top(scan), "head") && !belongs_in_head(tag->name) &&
	    !is_frame(tag->name))
		leave_head(scan);
	if (!foreign)
		close_optional(scan, tag->name, tag->len);
	return true;
}

static int
read_start(struct scan *scan)
{
	size_t before;
	struct tag tag;
	bool written;
	int rc;

	scan->p++;
	read_tag_name(scan, &tag);
	written = begin_start(scan, &tag);
	before = scan->out ? scan->out->len : 0;
	if (written) {
		puts_out(scan, "<");
		written = put_element_name(
		    scan, tag.name, tag.len, is_foreign_now(scan, tag.name));
	}
	rc = read_attributes(scan, &tag, written);
	if (rc == 1 && written) {
		scan->any = scan->any || !is_frame(tag.name);
		rc = after_start(scan, &tag);
		if (rc != 0 || scan->p < scan->end ||
		    tag_kind(tag.name, tag.len) != TAG_SCRIPT)
			return rc;
		/* browsers do not run a script that the page ends in */
	}
	/* nothing comes of a tag that the page ends in */
	if (scan->out && !scan->out->failed)
		scan->out->len = before;
	return rc < 0 ? -1 : 0;
}

static int
read_end(struct scan *scan)
{
	struct tag tag;
	bool foreign;
	int rc;

	scan->p += 2;
	read_tag_name(scan, &tag);
	rc = read_attributes(scan, &tag, false);
	if (rc != 1)
		return rc;
	if (tag.too_long)
		return 0;
	if (strcmp(tag.name, "br") == 0 || strcmp(tag.name, "p") == 0)
		leave_foreign(scan, tag.name, tag.len);
	if (strcmp(tag.name, "br") == 0) {
		puts_out(scan, "<br/>");
		return 0;
	}
	/* libxml2 looks through all that is open: pay for that */
	if (count_node(scan, scan->depth / MANY_LEVELS) != 0)
		return -1;
	foreign = closes_foreign(scan, tag.name, tag.len);
	/* what comes behind </body> still belongs to it */
	if (!foreign &&
	    (tag_kind(tag.name, tag.len) == TAG_VOID ||
		strcmp(tag.name, "body") == 0 || strcmp(tag.name, "html") == 0))
		return 0;
	if (pop(scan, tag.name, tag.len))
		write_end(scan, tag.name, tag.len, foreign);
	return 0;
}

/* ---- comments and their like ---- */

static int
put_comment(struct scan *scan, const char *from, const char *to)
{
	puts_out(scan, "<!--");
	put(scan, from, (size_t)(to - from));
	puts_out(scan, "-->");
	return count_leaf(scan);
}

/* What browsers take for a comment up to the next ">". */
static int
read_bogus(struct scan *scan, const char *from)
{
	const char *to = memchr(from, '>', (size_t)(scan->end - from));

	scan->p = to ? to + 1 : scan->end;
	return put_comment(scan, from, to ? to : scan->end);
}

/* The end of the comment at p: "-->" or "--!>"; *after is behind it. */
static const char *
comment_end(const char *p, const char *end, const char **after)
{
	for (; (p = memmem(p, (size_t)(end - p), "--", 2)); p++) {
		if (end - p > 2 && p[2] == '>') {
			*after = p + 3;
			return p;
		}
		if (end - p > 3 && p[2] == '!' && p[3] == '>') {
			*after = p + 4;
			return p;
		}
	}
	*after = end;
	/* dashes at the end of the page are the beginning of its end */
	for (p = end; p[-1] == '-' || p[-1] == '!';)
		p--;
	return p;
}

static int
read_comment(struct scan *scan)
{
	const char *from = scan->p + 4;
	const char *after;
	const char *to;

	if (from < scan->end && *from == '>') {
		scan->p = from + 1;
		return put_comment(scan, from, from);
	}
	if (scan->end - from >= 2 && from[0] == '-' && from[1] == '>') {
		scan->p = from + 2;
		return put_comment(scan, from, from);
	}
	to = comment_end(from, scan->end, &after);
	if (to < from)
		to = from;
	scan->p = after;
	return put_comment(scan, from, to);
}

static int
read_cdata(struct scan *scan)
{
	const char *from = scan->p + 9;
	const char *to = memmem(from, (size_t)(scan->end - from), "]]>", 3);

	scan->p = to ? to + 3 : scan->end;
	if (!to)
		to = scan->end;
	if (!is_blank(from, to) && enter_body(scan) != 0)
		return -1;
	scan->in_text = true;
	put_escaped(scan, from, to);
	scan->in_text = false;
	return count_leaf(scan);
}

/* A quoted identifier at *p, without what would confuse; false: none. */
static bool
doctype_id(const char **p, const char *end, const char **from, size_t *len)
{
	const char *to;
	char quote;

	*p = skip_space(*p, end);
	if (*p == end || (**p != '"' && **p != '\''))
		return false;
	quote = *(*p)++;
	*from = *p;
	to = memchr(*p, quote, (size_t)(end - *p));
	if (!to)
		return false;
	*len = (size_t)(to - *from);
	*p = to + 1;
	/* libxml2 halves other characters */
	for (const char *c = *from; c < to; c++)
		if (*c < 0x20 || *c == 0x7F || strchr("\"<", *c))
			return false;
	return true;
}

static void
put_doctype_ids(struct scan *scan, const char *p, const char *end)
{
	bool public = end - p >= 6 && strncasecmp(p, "public", 6) == 0;
	bool system = end - p >= 6 && strncasecmp(p, "system", 6) == 0;
	const char *id;
	size_t len;

	if (!public && !system)
		return;
	p += 6;
	if (!doctype_id(&p, end, &id, &len))
		return;
	puts_out(scan, public ? " PUBLIC \"" : " SYSTEM \"");
	put(scan, id, len);
	puts_out(scan, "\"");
	if (!public || !doctype_id(&p, end, &id, &len))
		return;
	puts_out(scan, " \"");
	put(scan, id, len);
	puts_out(scan, "\"");
}

static int
read_doctype(struct scan *scan)
{
	const char *from = skip_space(scan->p + 9, scan->end);
	const char *end = memchr(from, '>', (size_t)(scan->end - from));
	const char *name_end = from;

	if (!end)
		end = scan->end;
	scan->p = end < scan->end ? end + 1 : end;
	if (scan->doctype || scan->any || scan->html)
		return 0;
	scan->doctype = true;
	while (name_end < end && is_letter(*name_end))
		name_end++;
	puts_out(scan, "<!DOCTYPE ");
	if (name_end - from == 4 && strncasecmp(from, "html", 4) == 0)
		put(scan, from, 4);
	else
		puts_out(scan, "html");
	put_doctype_ids(scan, skip_space(name_end, end), end);
	puts_out(scan, ">");
	return count_node(scan, 1);
}

/* ---- the page ---- */

static bool
begins(const struct scan *scan, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(scan->end - scan->p) >= len &&
	       strncasecmp(scan->p, word, len) == 0;
}

static int
read_declaration(struct scan *scan)
{
	if (begins(scan, "<!--"))
		return read_comment(scan);
	if (begins(scan, "<!doctype"))
		return read_doctype(scan);
	/* Where SVG or MathML came, CDATA may be meant; text is the safe way
	 * to read it even where we have lost track. */
	if ((scan->foreign || scan->opts->xhtml) && begins(scan, "<![CDATA["))
		return read_cdata(scan);
	return read_bogus(scan, scan->p + 2);
}

static int
read_markup(struct scan *scan)
{
	size_t left = (size_t)(scan->end - scan->p);
	char next = left > 1 ? scan->p[1] : '\0';

	if (is_letter(next))
		return read_start(scan);
	if (next == '!')
		return read_declaration(scan);
	if (next == '?')
		return read_bogus(scan, scan->p + 1);
	if (next != '/' || left == 2)
		return read_text(scan);
	if (is_letter(scan->p[2]))
		return read_end(scan);
	if (scan->p[2] == '>') {
		scan->p += 3;
		return 0;
	}
	return read_bogus(scan, scan->p + 2);
}

int
scan_html(struct buf *out, const char *bytes, size_t len,
    const struct scan_opts *opts, struct err *err)
{
	struct scan scan = {
	    .p = bytes,
	    .end = bytes + len,
	    .out = out,
	    .opts = opts,
	    .err = err,
	    .stack = mem_new_array(opts->depth, sizeof(struct open)),
	};
	int rc = 0;

	while (rc == 0 && scan.p < scan.end) {
		rc = *scan.p == '<' ? read_markup(&scan) : read_text(&scan);
		if (rc == 0 && out && out->failed)
			rc = err_set(
			    err, "the page grows past %zu bytes", out->max);
	}
	mem_free(&scan.stack);
	return rc;
}
