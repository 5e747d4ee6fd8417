/* http/chunked.c - a byte of a frame at a time, and bodies as they lie */
#include "http/chunked.h"

#include "http/head.h"

enum at {
	AT_SIZE,
	AT_PADDING, /* blanks behind it */
	AT_EXTENSION,
	AT_SIZE_END, /* its line feed */
	AT_BODY,
	AT_BODY_CR,
	AT_BODY_END,
	AT_TRAILER, /* the first byte of its line */
	AT_TRAILER_NAME,
	AT_TRAILER_REST,
	AT_TRAILER_END,
	AT_LAST_END, /* the line feed of the empty line */
	AT_OVER,
	AT_NOWHERE, /* it is not chunked */
};

enum { DIGITS_MAX = 15 };

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind a size: blanks, as some servers fill up with, and extensions. */
static enum at
of_size_rest(struct chunked *chunked, char c)
{
	if (c == '\r')
		return AT_SIZE_END;
	if (c == ';')
		return AT_EXTENSION;
	if (c != ' ' && c != '\t')
		return AT_NOWHERE;
	return ++chunked->skipped <= CHUNKED_LINE_MAX ? AT_PADDING : AT_NOWHERE;
}

static enum at
of_size(struct chunked *chunked, char c)
{
	int value = digit(c);

	if (value >= 0) {
		chunked->left = chunked->left * 16 + (unsigned)value;
		return ++chunked->digits <= DIGITS_MAX ? AT_SIZE : AT_NOWHERE;
	}
	return chunked->digits > 0 ? of_size_rest(chunked, c) : AT_NOWHERE;
}

static enum at
of_size_end(struct chunked *chunked, char c)
{
	if (c != '\n')
		return AT_NOWHERE;
	chunked->skipped = 0;
	chunked->digits = 0;
	return chunked->left > 0 ? AT_BODY : AT_TRAILER;
}

/* What is read over. */
static enum at
of_rest(
    struct chunked *chunked, char c, enum at here, enum at end, uint32_t max)
{
	if (c == '\r')
		return end;
	if (!head_is_value(&c, 1) || ++chunked->skipped > max)
		return AT_NOWHERE;
	return here;
}

static enum at
of_trailer(struct chunked *chunked, char c)
{
	if (!head_is_token(&c, 1) || ++chunked->skipped > CHUNKED_TRAILERS_MAX)
		return AT_NOWHERE;
	return AT_TRAILER_NAME;
}

static enum at
next(struct chunked *chunked, char c)
{
	switch ((enum at)chunked->at) {
	case AT_SIZE:
		return of_size(chunked, c);
	case AT_PADDING:
		return of_size_rest(chunked, c);
	case AT_EXTENSION:
		return of_rest(
		    chunked, c, AT_EXTENSION, AT_SIZE_END, CHUNKED_LINE_MAX);
	case AT_SIZE_END:
		return of_size_end(chunked, c);
	case AT_BODY_CR:
		return c == '\r' ? AT_BODY_END : AT_NOWHERE;
	case AT_BODY_END:
		return c == '\n' ? AT_SIZE : AT_NOWHERE;
	case AT_TRAILER:
		return c == '\r' ? AT_LAST_END : of_trailer(chunked, c);
	case AT_TRAILER_NAME:
		return c != ':' ? of_trailer(chunked, c)
				: of_rest(chunked, c, AT_TRAILER_REST,
				      AT_NOWHERE, CHUNKED_TRAILERS_MAX);
	case AT_TRAILER_REST:
		return of_rest(chunked, c, AT_TRAILER_REST, AT_TRAILER_END,
		    CHUNKED_TRAILERS_MAX);
	case AT_TRAILER_END:
		return c == '\n' ? AT_TRAILER : AT_NOWHERE;
	case AT_LAST_END:
		return c == '\n' ? AT_OVER : AT_NOWHERE;
	default:
		return AT_NOWHERE;
	}
}

ssize_t
chunked_take(
    struct chunked *chunked, const char *bytes, size_t len, struct slice *body)
{
	size_t i = 0;

	body->from = bytes;
	body->len = 0;
	while (i < len && chunked->at != AT_BODY && chunked->at != AT_OVER) {
		chunked->at = (int)next(chunked, bytes[i++]);
		if (chunked->at == AT_NOWHERE)
			return -1;
	}
	if (chunked->at == AT_BODY && i < len) {
		body->from = bytes + i;
		body->len =
		    len - i < chunked->left ? len - i : (size_t)chunked->left;
		chunked->left -= body->len;
		i += body->len;
		if (chunked->left == 0)
			chunked->at = AT_BODY_CR;
	}
	return (ssize_t)i;
}

bool
chunked_is_over(const struct chunked *chunked)
{
	return chunked->at == AT_OVER;
}
