/* theme/stylesheet.c - addresses in CSS (contract: theme/links.h)
 *
 * The tokens of CSS Syntax Level 3, as far as they decide what is an address:
 * comments, strings, identifiers with escapes, url(, and functions. Whatever
 * is not an address is copied byte for byte. An address is a url token, the
 * string in url("") and src(""), the string after @import, and a string
 * directly inside image-set(). */
#include "theme/links.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "theme/address.h"

enum { NAME_MAX_LEN = 32 }; /* longer words are none of ours */

enum expect {
	NOTHING,
	AN_IMPORT,   /* @import was read: the next string is an address */
	A_NAMESPACE, /* @namespace: what follows is a name, not an address */
};

struct css {
	const char *at, *end;
	const struct links *links;
	struct buf *out;
	enum expect expect;
	unsigned depth;	    /* of parentheses */
	unsigned url_depth; /* strings at this depth are addresses; 0: none */
	unsigned set_depth; /* of the image-set() that we are in; 0: none */
};

static bool
is_name(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' ||
	       (unsigned char)c >= 0x80;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void
add_code_point(struct buf *out, unsigned long c)
{
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		c = 0xfffd;
	if (c < 0x80) {
		buf_putc(out, (char)c);
	} else if (c < 0x800) {
		buf_putc(out, (char)(0xc0 | c >> 6));
		buf_putc(out, (char)(0x80 | (c & 63)));
	} else if (c < 0x10000) {
		buf_putc(out, (char)(0xe0 | c >> 12));
		buf_putc(out, (char)(0x80 | (c >> 6 & 63)));
		buf_putc(out, (char)(0x80 | (c & 63)));
	} else {
		buf_putc(out, (char)(0xf0 | c >> 18));
		buf_putc(out, (char)(0x80 | (c >> 12 & 63)));
		buf_putc(out, (char)(0x80 | (c >> 6 & 63)));
		buf_putc(out, (char)(0x80 | (c & 63)));
	}
}

static unsigned
hex_value(char c)
{
	return c <= '9' ? (unsigned)(c - '0')
			: (unsigned)(tolower((unsigned char)c) - 'a' + 10);
}

/* at stands behind a backslash. Gives where the escape ends; what it means
 * goes to out. */
static const char *
escape(const char *at, const char *end, struct buf *out)
{
	unsigned long c = 0;
	int digits = 0;

	if (at == end)
		return at;
	if (*at == '\n' || *at == '\f')
		return at + 1;
	if (*at == '\r')
		return at + 1 < end && at[1] == '\n' ? at + 2 : at + 1;
	while (at < end && digits < 6 && isxdigit((unsigned char)*at)) {
		c = c * 16 + hex_value(*at++);
		digits++;
	}
	if (digits == 0) {
		buf_putc(out, *at);
		return at + 1;
	}
	add_code_point(out, c);
	if (at + 1 < end && at[0] == '\r' && at[1] == '\n')
		return at + 2;
	return at < end && is_blank(*at) ? at + 1 : at;
}

/* Copy what lies between at and here, and go on from here. */
static void
copy_to(struct css *css, const char *here)
{
	buf_add(css->out, css->at, (size_t)(here - css->at));
	css->at = here;
}

/* Past a string that begins at from; its value goes to out. A line end ends a
 * broken one. */
static const char *
string_end(const char *from, const char *end, struct buf *value)
{
	const char *at = from + 1;

	while (at < end) {
		if (*at == *from)
			return at + 1;
		if (*at == '\n' || *at == '\r' || *at == '\f')
			return at;
		if (*at == '\\')
			at = escape(at + 1, end, value);
		else
			buf_putc(value, *at++);
	}
	return end;
}

/* An address as CSS bears it, quoted or not, also inside a style element. */
static void
write_address(struct buf *out, const char *text, size_t len, bool quoted)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c <= ' ' || c == '"' || c == '<' || c == '>' || c == '\\' ||
		    c == 0x7f)
			buf_printf(out, "%%%02X", c);
		else if (c == '\'' || (!quoted && (c == '(' || c == ')')))
			buf_printf(out, "%%%02X", c);
		else
			buf_putc(out, text[i]);
	}
}

/* Replace the bytes from at to end, whose value is known, unless the address
 * stays. quote 0: none. */
static void
put_address(
    struct css *css, const char *end, const struct buf *value, char quote)
{
	struct buf changed;

	buf_init(&changed, ADDRESS_MAX);
	if (!value->failed &&
	    address_rewrite(&changed, css->links,
		value->data ? value->data : "", value->len, USE_ASSET) == 1 &&
	    !changed.failed) {
		if (quote)
			buf_putc(css->out, quote);
		write_address(css->out, changed.data, changed.len, quote != 0);
		if (quote)
			buf_putc(css->out, quote);
		css->at = end;
	} else {
		copy_to(css, end);
	}
	buf_fini(&changed);
}

static void
string(struct css *css)
{
	struct buf value;
	const char *end;
	bool whole, address;

	buf_init(&value, ADDRESS_MAX);
	end = string_end(css->at, css->end, &value);
	whole = end > css->at + 1 && end[-1] == *css->at;
	address = css->expect != A_NAMESPACE &&
		  (css->expect == AN_IMPORT ||
		      (css->depth && css->depth == css->url_depth) ||
		      (css->depth && css->depth == css->set_depth));
	if (css->expect == AN_IMPORT)
		css->expect = NOTHING;
	if (whole && address)
		put_address(css, end, &value, *css->at);
	else
		copy_to(css, end);
	buf_fini(&value);
}

/* What stands after "url(" and is no string, up to ")" or the white space
 * before it; at the first blank that does not lead there it is no url. */
static void
bare_url(struct css *css)
{
	const char *at = css->at;
	struct buf value;

	buf_init(&value, ADDRESS_MAX);
	while (at < css->end && *at != ')' && !is_blank(*at)) {
		if (*at == '\\')
			at = escape(at + 1, css->end, &value);
		else
			buf_putc(&value, *at++);
	}
	if (css->expect == A_NAMESPACE || value.len == 0)
		copy_to(css, at);
	else
		put_address(css, at, &value, 0);
	while (at < css->end && *at != ')')
		at++;
	copy_to(css, at);
	buf_fini(&value);
}

static void
after_url(struct css *css)
{
	const char *at = css->at;

	while (at < css->end && is_blank(*at))
		at++;
	copy_to(css, at);
	css->depth++;
	if (at < css->end && (*at == '"' || *at == '\''))
		css->url_depth = css->depth;
	else
		bare_url(css);
	if (css->expect == AN_IMPORT)
		css->expect = NOTHING;
}

/* A word, and "(" behind it if it is a function. Escapes count as what they
 * stand for. */
static const char *
word(const char *at, const char *end, struct buf *name)
{
	while (at < end) {
		if (is_name(*at))
			buf_putc(name, *at++);
		else if (*at == '\\' && at + 1 < end && at[1] != '\n')
			at = escape(at + 1, end, name);
		else
			break;
	}
	return at;
}

static bool
word_is(const struct buf *name, const char *what)
{
	return name->data && !name->failed && strcasecmp(name->data, what) == 0;
}

static void
identifier(struct css *css)
{
	struct buf name;
	const char *end;

	buf_init(&name, NAME_MAX_LEN);
	end = word(css->at, css->end, &name);
	if (end == css->end || *end != '(') {
		copy_to(css, end);
		goto out;
	}
	copy_to(css, end + 1);
	if (word_is(&name, "url")) {
		after_url(css);
		goto out;
	}
	css->depth++;
	if (word_is(&name, "src"))
		css->url_depth = css->depth;
	else if (word_is(&name, "image-set") ||
		 word_is(&name, "-webkit-image-set"))
		css->set_depth = css->depth;
out:
	buf_fini(&name);
}

static void
at_word(struct css *css)
{
	struct buf name;
	const char *end;

	buf_init(&name, NAME_MAX_LEN);
	end = word(css->at + 1, css->end, &name);
	css->expect = word_is(&name, "import")	    ? AN_IMPORT
		      : word_is(&name, "namespace") ? A_NAMESPACE
						    : NOTHING;
	copy_to(css, end);
	buf_fini(&name);
}

static void
comment(struct css *css)
{
	const char *at = css->at + 2;

	while (at + 1 < css->end && (at[0] != '*' || at[1] != '/'))
		at++;
	copy_to(css, at + 1 < css->end ? at + 2 : css->end);
}

static void
close_paren(struct css *css)
{
	if (css->depth == css->url_depth)
		css->url_depth = 0;
	if (css->depth == css->set_depth)
		css->set_depth = 0;
	if (css->depth)
		css->depth--;
}

static void
one_token(struct css *css)
{
	char c = *css->at;

	if (c == '/' && css->at + 1 < css->end && css->at[1] == '*') {
		comment(css);
	} else if (c == '"' || c == '\'') {
		string(css);
	} else if (c == '@') {
		at_word(css);
	} else if (is_name(c) || (c == '\\' && css->at + 1 < css->end)) {
		const char *before = css->at;

		identifier(css);
		if (css->at == before) /* a backslash before a line end */
			copy_to(css, before + 1);
	} else {
		if (c == '(')
			css->depth++;
		else if (c == ')')
			close_paren(css);
		else if (c == ';' || c == '{' || c == '}')
			css->expect = NOTHING;
		copy_to(css, css->at + 1);
	}
}

CHECKED int
links_css(
    struct buf *out, const char *text, size_t len, const struct links *links)
{
	struct css css = {
	    .at = text,
	    .end = text + len,
	    .links = links,
	    .out = out,
	};

	while (css.at < css.end && !out->failed)
		one_token(&css);
	return out->failed ? -1 : 0;
}
