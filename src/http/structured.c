/* http/structured.c - RFC 8941 4.2, each function one of its algorithms */
#include "http/structured.h"

#include <string.h>

enum {
	INTEGER_DIGITS = 15, /* RFC 8941 3.3.1 */
	DECIMAL_WHOLE = 12,
	DECIMAL_DIGITS = 16, /* with the point: 4.2.4 */
	FRACTION_DIGITS = 3,
};

struct reading {
	const char *at, *end;
};

static int
peek(const struct reading *in)
{
	return in->at < in->end ? (unsigned char)*in->at : -1;
}

static bool
take(struct reading *in, char wanted)
{
	if (peek(in) != wanted)
		return false;
	in->at++;
	return true;
}

static void
skip_spaces(struct reading *in)
{
	while (take(in, ' '))
		;
}

static void
skip_white(struct reading *in)
{
	while (take(in, ' ') || take(in, '\t'))
		;
}

static bool
is_lower(int c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_alpha(int c)
{
	return is_lower(c | 0x20);
}

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

/* tchar, ":" and "/": what a token goes on with. */
static bool
is_token_char(int c)
{
	return is_alpha(c) || is_digit(c) ||
	    (c > 0 && strchr("!#$%&'*+-.^_`|~:/", c) != NULL);
}

/* 4.2.3.3 */
static bool
read_key(struct reading *in, struct slice *key)
{
	const char *from = in->at;

	if (!is_lower(peek(in)) && peek(in) != '*')
		return false;
	while (is_lower(peek(in)) || is_digit(peek(in)) ||
	    (peek(in) > 0 && strchr("_-.*", peek(in)) != NULL))
		in->at++;
	key->from = from;
	key->len = (size_t)(in->at - from);
	return true;
}

/* 4.2.4 */
static bool
read_number(struct reading *in, struct sf_member *member)
{
	bool negative = take(in, '-');
	int digits = 0, fraction = 0;
	int64_t value = 0;

	member->type = SF_INTEGER;
	while (is_digit(peek(in)) ||
	    (peek(in) == '.' && member->type == SF_INTEGER)) {
		if (*in->at++ == '.') {
			if (digits == 0 || digits > DECIMAL_WHOLE)
				return false;
			member->type = SF_DECIMAL;
			continue;
		}
		digits++;
		fraction += member->type == SF_DECIMAL;
		if (digits > (member->type == SF_DECIMAL
				 ? DECIMAL_DIGITS - 1 : INTEGER_DIGITS))
			return false;
		value = value * 10 + (in->at[-1] - '0');
	}
	if (digits == 0 || (member->type == SF_DECIMAL &&
	    (fraction == 0 || fraction > FRACTION_DIGITS)))
		return false;
	member->integer = negative ? -value : value;
	return true;
}

/* 4.2.5, behind its first quote */
static bool
read_string(struct reading *in)
{
	int c;

	while ((c = peek(in)) >= 0) {
		in->at++;
		if (c == '"')
			return true;
		if (c == '\\') {
			c = peek(in);
			if (c != '"' && c != '\\')
				return false;
			in->at++;
		} else if (c < 0x20 || c > 0x7e) {
			return false;
		}
	}
	return false;
}

/* 4.2.7, behind its first colon */
static bool
read_bytes(struct reading *in)
{
	int c;

	while ((c = peek(in)) >= 0) {
		in->at++;
		if (c == ':')
			return true;
		if (!is_alpha(c) && !is_digit(c) && c != '+' && c != '/' &&
		    c != '=')
			return false;
	}
	return false;
}

/* 4.2.3.1 */
static bool
read_bare(struct reading *in, struct sf_member *member)
{
	int c = peek(in);

	if (c == '-' || is_digit(c))
		return read_number(in, member);
	if (take(in, '"')) {
		member->type = SF_STRING;
		return read_string(in);
	}
	if (take(in, ':')) {
		member->type = SF_BYTES;
		return read_bytes(in);
	}
	if (take(in, '?')) {
		member->type = SF_BOOLEAN;
		member->integer = peek(in) == '1';
		return take(in, '0') || take(in, '1');
	}
	if (c != '*' && !is_alpha(c))
		return false;
	member->type = SF_TOKEN;
	while (is_token_char(peek(in)))
		in->at++;
	return true;
}

/* 4.2.3.2 */
static bool
read_parameters(struct reading *in)
{
	struct sf_member value;
	struct slice key;

	while (take(in, ';')) {
		skip_spaces(in);
		if (!read_key(in, &key))
			return false;
		if (take(in, '=') && !read_bare(in, &value))
			return false;
	}
	return true;
}

/* 4.2.1.2, behind its first parenthesis */
static bool
read_inner_list(struct reading *in, struct sf_member *member)
{
	struct sf_member item;

	member->type = SF_INNER_LIST;
	for (;;) {
		skip_spaces(in);
		if (take(in, ')'))
			return true;
		if (!read_bare(in, &item) || !read_parameters(in))
			return false;
		if (peek(in) != ' ' && peek(in) != ')')
			return false;
	}
}

/* 4.2.2: one member with its parameters */
static bool
read_member(struct reading *in, struct sf_member *member)
{
	*member = (struct sf_member){.type = SF_BOOLEAN, .integer = 1};
	if (!read_key(in, &member->key))
		return false;
	if (take(in, '=') && !(take(in, '(') ? read_inner_list(in, member)
					     : read_bare(in, member)))
		return false;
	return read_parameters(in);
}

/* The end, or a comma with something behind it. */
static bool
read_comma(struct reading *in)
{
	skip_white(in);
	if (in->at == in->end)
		return true;
	if (!take(in, ','))
		return false;
	skip_white(in);
	return in->at < in->end;
}

int
sf_dictionary(const char *text, size_t len, sf_member_f on_member, void *arg)
{
	struct reading in = {text, text + len};
	struct sf_member member;
	int count = 0;

	skip_spaces(&in);
	while (in.at < in.end) {
		if (!read_member(&in, &member))
			return -1;
		on_member(arg, &member);
		count++;
		if (!read_comma(&in))
			return -1;
	}
	return count;
}

/* 4.2.1 */
int
sf_list(const char *text, size_t len, sf_item_f on_item, void *arg)
{
	struct reading in = {text, text + len};
	int count = 0;

	skip_spaces(&in);
	while (in.at < in.end) {
		struct sf_member member = {.type = SF_TOKEN};
		const char *from = in.at;
		struct sf_item item;

		if (!(take(&in, '(') ? read_inner_list(&in, &member)
				     : read_bare(&in, &member)))
			return -1;
		item = (struct sf_item){member.type, member.integer,
		    {from, (size_t)(in.at - from)}};
		if (member.type == SF_STRING) {
			item.text.from++;
			item.text.len -= 2;
		}
		if (!read_parameters(&in))
			return -1;
		on_item(arg, &item);
		count++;
		if (!read_comma(&in))
			return -1;
	}
	return count;
}
