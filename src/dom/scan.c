/* dom/scan.c - the WHATWG's tokenizer (13.2.5), writing what it reads
 *
 * Out come: start tags with names in lower case and all values in double
 * quotes, end tags, comments, one DOCTYPE, and text whose character references
 * are resolved. What browsers make a comment of is a comment. Elements without
 * content are written <x/>, which libxml2 takes for any name. What is open
 * meanwhile is scan_open.c's. */
#include "dom/scan_inside.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "dom/charref.h"
#include "dom/scan_disguise.h"
#include "dom/tags.h"
#include "dom/utf8.h"

enum {
	MANY_ATTRIBUTES = 64,
	MANY_LEVELS = 16 /* that an end tag looks through */
};

/* ---- writing ---- */

static void
put(struct scan *scan, const char *bytes, size_t len)
{
	if (scan->out && (!scan->text_only || scan->in_text))
		buf_add(scan->out, bytes, len);
}

void
scan_put(struct scan *scan, const char *text)
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
		scan_put(scan, escape);
		from = p + 1;
	}
	put(scan, from, (size_t)(to - from));
}

/* ---- character references ---- */

/* What the reference stands for, where a tree of XML may hold it; of a line end
 * that somebody wrote so, a reference. */
static void
put_referred(struct scan *scan, const struct charref *ref, bool is_number)
{
	const char *text = ref->text, *end = text + ref->len;
	uint32_t code = 0;

	if (utf8_decode(text, end, &code) == 0 || !utf8_is_xml(code))
		scan_put(scan, "\xEF\xBF\xBD");
	else if (is_number && (code == '\n' || code == '\r'))
		scan_put(scan, code == '\n' ? "&#10;" : "&#13;");
	else
		put_escaped(scan, text, end);
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
		struct charref ref;

		if (!amp)
			amp = to;
		put_escaped(scan, from, amp);
		if (amp == to)
			break;
		from = amp + 1;
		if (charref_read(&ref, from, to, true, attribute) ==
		    CHARREF_FOUND) {
			put_referred(scan, &ref, *from == '#');
			from += ref.used;
		} else {
			scan_put(scan, "&amp;");
		}
	}
	scan->in_text = false;
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
		return scan_count_leaf(scan);
	}
	if (scan_enter_body(scan) != 0)
		return -1;
	scan->any = true;
	put_text(scan, from, to, false);
	return scan_count_leaf(scan);
}

static void
hide_raw(struct scan *scan, const char *from, const char *to)
{
	if (scan->out)
		scan_hide_raw(scan->out, from, to);
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
		hide_raw(scan, from, scan->p);
	else
		put_escaped(scan, from, scan->p);
	return scan_count(scan, 1);
}

/* ---- names ---- */

/* False: it is too long even so. */
static bool
put_disguised(struct scan *scan, const char *name, size_t len)
{
	char room[SCAN_NAME_MAX];
	size_t hidden = scan_hide_name(room, name, len);

	put(scan, room, hidden);
	return hidden > 0;
}

static bool
put_name(struct scan *scan, const char *name, size_t len, bool attribute)
{
	if (!scan_is_plain_name(name, len, attribute))
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
	scan_put(scan, " ");
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
		scan_put(scan, "=\"");
		put_text(scan, from, to, true);
		scan_put(scan, "\"");
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
	return scan_count(scan,
		   1 + count * count / (MANY_ATTRIBUTES * MANY_ATTRIBUTES)) == 0
		   ? 1
		   : -1;
}

static void
write_end(struct scan *scan, const char *name, size_t len, bool foreign)
{
	size_t before = scan->out ? scan->out->len : 0;

	scan_put(scan, "</");
	if (put_element_name(scan, name, len, foreign))
		scan_put(scan, ">");
	else if (scan->out)
		scan->out->len = before;
}

/* The element is begun: what comes of it? */
static int
after_start(struct scan *scan, struct tag *tag)
{
	bool foreign = scan_is_foreign_now(scan, tag->name);
	enum tag_kind kind =
	    foreign ? TAG_ORDINARY : tag_kind(tag->name, tag->len);
	bool may_close =
	    foreign || scan_is_root(tag->name) || scan->opts->xhtml;

	scan->leaves = 0;
	if (kind == TAG_VOID || (tag->self_closed && may_close)) {
		scan_put(scan, "/>");
		return 0;
	}
	scan_put(scan, ">");
	if (scan_push(scan, tag) != 0)
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
	if (!scan_is_foreign_now(scan, name) ||
	    !(tag_is_breakout(name, len) ||
		(strcmp(name, "font") == 0 && is_font_of_html(scan))))
		return;
	while (
	    scan->depth && scan_top(scan)->foreign && !scan_top(scan)->html) {
		struct open open = *scan_top(scan);

		scan_close_down_to(scan, scan->depth - 1);
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
	    (!scan_is_frame(tag->name) && !scan_belongs_in_head(tag->name)))
		scan_imply_head(scan);
	if (scan_is_second_frame(scan, tag->name))
		return false;
	foreign = scan_is_foreign_now(scan, tag->name);
	if (scan_open_is(scan_top(scan), "head") &&
	    !scan_belongs_in_head(tag->name) && !scan_is_frame(tag->name))
		scan_leave_head(scan);
	if (!foreign)
		scan_close_optional(scan, tag->name, tag->len);
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
		scan_put(scan, "<");
		written = put_element_name(scan, tag.name, tag.len,
		    scan_is_foreign_now(scan, tag.name));
	}
	rc = read_attributes(scan, &tag, written);
	if (rc == 1 && written) {
		scan->any = scan->any || !scan_is_frame(tag.name);
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
		scan_put(scan, "<br/>");
		return 0;
	}
	/* libxml2 looks through all that is open: pay for that */
	if (scan_count(scan, scan->depth / MANY_LEVELS) != 0)
		return -1;
	foreign = scan_closes_foreign(scan, tag.name, tag.len);
	/* what comes behind </body> still belongs to it */
	if (!foreign &&
	    (tag_kind(tag.name, tag.len) == TAG_VOID ||
		strcmp(tag.name, "body") == 0 || strcmp(tag.name, "html") == 0))
		return 0;
	if (scan_pop(scan, tag.name, tag.len))
		write_end(scan, tag.name, tag.len, foreign);
	return 0;
}

/* ---- comments and their like ---- */

static int
put_comment(struct scan *scan, const char *from, const char *to)
{
	scan_put(scan, "<!--");
	put(scan, from, (size_t)(to - from));
	scan_put(scan, "-->");
	return scan_count_leaf(scan);
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
	if (!is_blank(from, to) && scan_enter_body(scan) != 0)
		return -1;
	scan->in_text = true;
	put_escaped(scan, from, to);
	scan->in_text = false;
	return scan_count_leaf(scan);
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
	scan_put(scan, public ? " PUBLIC \"" : " SYSTEM \"");
	put(scan, id, len);
	scan_put(scan, "\"");
	if (!public || !doctype_id(&p, end, &id, &len))
		return;
	scan_put(scan, " \"");
	put(scan, id, len);
	scan_put(scan, "\"");
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
	scan_put(scan, "<!DOCTYPE ");
	if (name_end - from == 4 && strncasecmp(from, "html", 4) == 0)
		put(scan, from, 4);
	else
		scan_put(scan, "html");
	put_doctype_ids(scan, skip_space(name_end, end), end);
	scan_put(scan, ">");
	return scan_count(scan, 1);
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
