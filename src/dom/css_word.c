/* dom/css_word.c - what CSS calls tokens, read where they are wanted
 *
 * Selectors are read without a token list: at each place the grammar knows
 * what may come. The productions are those of CSS Syntax Level 3. */
#include "dom/css_word.h"

#include <string.h>
#include <strings.h>

#include "dom/utf8.h"

enum { NUMBER_MAX = 1000000 };

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool
is_newline(char c)
{
	return c == '\n' || c == '\r' || c == '\f';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

static bool
is_escape(const char *p)
{
	return p[0] == '\\' && p[1] != '\0' && !is_newline(p[1]);
}

static int
hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
css_skip_space(struct css_cursor *cursor)
{
	const char *p = cursor->at;
	bool space = false;

	for (;;) {
		if (is_space(*p)) {
			space = true;
			p++;
		} else if (p[0] == '/' && p[1] == '*') {
			p = strstr(p + 2, "*/");
			p = p ? p + 2 : cursor->at + strlen(cursor->at);
		} else {
			break;
		}
	}
	cursor->at = p;
	return space;
}

/* The character that the escape at p means; where it ends. */
static const char *
add_escape(struct buf *out, const char *p)
{
	uint32_t code = 0;
	int digits = 0;

	p++;
	if (hex_value(*p) < 0) {
		buf_putc(out, *p);
		return p + 1;
	}
	for (; digits < 6 && hex_value(*p) >= 0; digits++)
		code = code * 16 + (uint32_t)hex_value(*p++);
	if (p[0] == '\r' && p[1] == '\n')
		p += 2;
	else if (is_space(*p))
		p++;
	/* what no page can hold cannot be asked for either */
	utf8_add(out, code && utf8_is_xml(code) ? code : UTF8_REPLACEMENT);
	return p;
}

bool
css_name(struct css_cursor *cursor, struct buf *out)
{
	const char *p = cursor->at;

	for (;;) {
		if (is_name_start(*p) || is_digit(*p) || *p == '-')
			buf_putc(out, *p++);
		else if (is_escape(p))
			p = add_escape(out, p);
		else
			break;
	}
	if (p == cursor->at || out->failed)
		return false;
	cursor->at = p;
	return true;
}

bool
css_ident(struct css_cursor *cursor, struct buf *out)
{
	const char *p = cursor->at;

	if (*p == '-')
		p++;
	if (!is_name_start(*p) && !is_escape(p) &&
	    !(p > cursor->at && *p == '-'))
		return false;
	return css_name(cursor, out);
}

bool
css_string(struct css_cursor *cursor, struct buf *out)
{
	const char *p = cursor->at;
	char quote = *p;

	if (quote != '"' && quote != '\'')
		return false;
	for (p++; *p != quote;) {
		if (*p == '\0' || is_newline(*p))
			return false;
		if (is_escape(p)) {
			p = add_escape(out, p);
		} else if (*p == '\\' && p[1] != '\0') {
			/* an escaped line end joins the lines */
			p += p[1] == '\r' && p[2] == '\n' ? 3 : 2;
		} else {
			buf_putc(out, *p++);
		}
	}
	cursor->at = p + 1;
	return !out->failed;
}

/* Digits, at least one. */
static bool
number(const char **p, int *value)
{
	const char *from = *p;

	*value = 0;
	for (; is_digit(**p); (*p)++) {
		*value = *value * 10 + (**p - '0');
		if (*value > NUMBER_MAX)
			return false;
	}
	return *p > from;
}

/* The "+b" behind an "n", with room around its sign; none is 0. */
static bool
plus_b(struct css_cursor *cursor, const char *p, int *b)
{
	int sign;

	cursor->at = p;
	*b = 0;
	css_skip_space(cursor);
	if (*cursor->at != '+' && *cursor->at != '-')
		return true;
	sign = *cursor->at++ == '-' ? -1 : 1;
	css_skip_space(cursor);
	if (!number(&cursor->at, b))
		return false;
	*b *= sign;
	return true;
}

static bool
keyword(struct css_cursor *cursor, const char *word)
{
	size_t len = strlen(word);

	if (strncasecmp(cursor->at, word, len) != 0)
		return false;
	cursor->at += len;
	return true;
}

bool
css_an_plus_b(struct css_cursor *cursor, int *a, int *b)
{
	const char *p;
	int sign = 1, value = 1;

	*a = 2;
	*b = 1;
	if (keyword(cursor, "odd"))
		return true;
	*b = 0;
	if (keyword(cursor, "even"))
		return true;
	p = cursor->at;
	if (*p == '+' || *p == '-')
		sign = *p++ == '-' ? -1 : 1;
	if (is_digit(*p) && !number(&p, &value))
		return false;
	if (*p == 'n' || *p == 'N') {
		*a = sign * value;
		return plus_b(cursor, p + 1, b);
	}
	if (!is_digit(p > cursor->at ? p[-1] : '\0'))
		return false;
	*a = 0;
	*b = sign * value;
	cursor->at = p;
	return true;
}

/* XPath 1.0 has no escape in strings: one with both quotes is put together.*/
static void
xpath_concat(struct buf *out, const char *text)
{
	const char *comma = "";

	buf_puts(out, "concat(");
	while (*text) {
		char quote = *text == '\'' ? '"' : '\'';
		size_t n =
		    quote == '"' ? strspn(text, "'") : strcspn(text, "'");

		buf_puts(out, comma);
		buf_putc(out, quote);
		buf_add(out, text, n);
		buf_putc(out, quote);
		text += n;
		comma = ",";
	}
	buf_putc(out, ')');
}

void
css_xpath_string(struct buf *out, const char *text)
{
	char quote = strchr(text, '\'') ? '"' : '\'';

	if (quote == '"' && strchr(text, '"')) {
		xpath_concat(out, text);
		return;
	}
	buf_putc(out, quote);
	buf_puts(out, text);
	buf_putc(out, quote);
}

bool
css_is_plain_name(const char *name)
{
	if (!is_name_start(*name) || (unsigned char)*name >= 0x80)
		return false;
	for (; *name; name++)
		if ((unsigned char)*name >= 0x80 ||
		    (!is_name_start(*name) && !is_digit(*name) &&
			*name != '.' && *name != '-'))
			return false;
	return true;
}
