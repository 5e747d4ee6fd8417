/* tests/fuzz/plain_chunked.h - a chunked body that is there at once
 *
 * The grammar of RFC 9112 7.1 with the limits of http/chunked.h, read from left
 * to right, to compare with what reads it in pieces. */
#ifndef TESTS_FUZZ_PLAIN_CHUNKED_H
#define TESTS_FUZZ_PLAIN_CHUNKED_H

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "http/chunked.h"

enum plain { PLAIN_OVER, PLAIN_MORE, PLAIN_BAD };

struct plain_text {
	const char *at, *end;
};

#define PLAIN_DIGITS  "0123456789"
#define PLAIN_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static inline bool
plain_is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c);
}

static inline bool
plain_is_name(char c)
{
	return plain_is_one_of(c, PLAIN_DIGITS PLAIN_LETTERS "!#$%&'*+-.^_`|~");
}

static inline bool
plain_is_value(char c)
{
	unsigned char byte = (unsigned char)c;

	return byte == '\t' || (byte >= ' ' && byte != 127);
}

static inline bool
plain_is_hex(char c)
{
	return plain_is_one_of(c, PLAIN_DIGITS "abcdefABCDEF");
}

static inline bool
plain_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Past all such bytes; how many. */
static inline size_t
plain_span(struct plain_text *text, bool (*is)(char c))
{
	const char *from = text->at;

	while (text->at < text->end && is(*text->at))
		text->at++;
	return (size_t)(text->at - from);
}

static inline enum plain
plain_expect(struct plain_text *text, const char *words)
{
	for (; *words; words++, text->at++) {
		if (text->at == text->end)
			return PLAIN_MORE;
		if (*text->at != *words)
			return PLAIN_BAD;
	}
	return PLAIN_OVER;
}

static inline enum plain
plain_size(struct plain_text *text, uint64_t *size)
{
	const char *from = text->at;
	size_t digits = plain_span(text, plain_is_hex), skipped;

	*size = 0;
	if (digits > 15)
		return PLAIN_BAD;
	for (; from < text->at; from++)
		*size = *size * 16 + strtoul((char[]){*from, '\0'}, NULL, 16);
	if (digits == 0)
		return text->at == text->end ? PLAIN_MORE : PLAIN_BAD;
	skipped = plain_span(text, plain_is_blank);
	if (text->at < text->end && *text->at == ';') {
		text->at++;
		skipped += plain_span(text, plain_is_value);
	}
	if (skipped > CHUNKED_LINE_MAX)
		return PLAIN_BAD;
	return plain_expect(text, "\r\n");
}

static inline enum plain
plain_trailers(struct plain_text *text)
{
	size_t skipped = 0, name;
	enum plain got = PLAIN_OVER;

	while (text->at < text->end && *text->at != '\r' && got == PLAIN_OVER) {
		name = plain_span(text, plain_is_name);
		skipped += name;
		if (name == 0 || skipped > CHUNKED_TRAILERS_MAX)
			return PLAIN_BAD;
		got = plain_expect(text, ":");
		if (got != PLAIN_OVER)
			return got;
		skipped += 1 + plain_span(text, plain_is_value);
		if (skipped > CHUNKED_TRAILERS_MAX)
			return PLAIN_BAD;
		got = plain_expect(text, "\r\n");
	}
	return got == PLAIN_OVER ? plain_expect(text, "\r\n") : got;
}

/* text is then behind it, body has as much of it as is there. */
static inline enum plain
plain_chunked(struct plain_text *text, struct buf *body)
{
	uint64_t size = 0;
	enum plain got;
	size_t there;

	while ((got = plain_size(text, &size)) == PLAIN_OVER && size > 0) {
		there = (size_t)(text->end - text->at);
		if (there > size)
			there = (size_t)size;
		must(buf_add(body, text->at, there) == 0);
		text->at += there;
		if (there < size)
			return PLAIN_MORE;
		got = plain_expect(text, "\r\n");
		if (got != PLAIN_OVER)
			return got;
	}
	return got == PLAIN_OVER ? plain_trailers(text) : got;
}

#endif
