/* dom/charref.c - named references, and those by number
 *
 * Numbers of 1990s' pages are of windows-1252 where Unicode has controls. */
#include "dom/charref.h"

#include <stdint.h>

#include "base/must.h"
#include "dom/entity.h"

enum { CODE_MAX = 0x10FFFF, REPLACEMENT = 0xFFFD };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alphanumeric(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static int
hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t
write_utf8(char *out, uint32_t code)
{
	static const unsigned char mark[] = {0, 0, 0xC0, 0xE0, 0xF0};
	size_t len = code < 0x80      ? 1
		     : code < 0x800   ? 2
		     : code < 0x10000 ? 3
				      : 4;

	for (size_t i = len - 1; i > 0; i--, code >>= 6)
		out[i] = (char)(0x80 | (code & 0x3F));
	out[0] = (char)(mark[len > 1 ? len : 0] | code);
	out[len] = '\0';
	return len;
}

/* What 0x80 to 0x9F are in windows-1252; 0: nothing. */
static const uint16_t windows_1252[] = {0x20AC, 0, 0x201A, 0x0192, 0x201E,
    0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D,
    0, 0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC,
    0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178};

/* The character that is meant; *plain false: it is not the one that is
 * named, or one that should not be. */
static uint32_t
mend(uint32_t code, bool *plain)
{
	if (code >= 0x20 && code < 0x7F)
		return code;
	if (code == '\t' || code == '\n' || code == '\f')
		return code;
	if (code >= 0xA0 && code < 0xD800)
		return code;
	*plain = false;
	if (code == 0 || code > CODE_MAX || (code >= 0xD800 && code < 0xE000))
		return REPLACEMENT;
	if (code >= 0x80 && code < 0xA0 && windows_1252[code - 0x80])
		return windows_1252[code - 0x80];
	if (code >= 0xE000 && (code & 0xFFFE) != 0xFFFE &&
	    !(code >= 0xFDD0 && code <= 0xFDEF))
		*plain = true;
	return code;
}

/* The digits at p; more than a character can have count as CODE_MAX + 1. */
static const char *
digits(const char *p, const char *end, unsigned base, uint32_t *code)
{
	*code = 0;
	for (; p < end; p++) {
		int digit = hex_value(*p);

		if (digit < 0 || (unsigned)digit >= base)
			break;
		*code = *code * base + (unsigned)digit;
		if (*code > CODE_MAX)
			*code = CODE_MAX + 1;
	}
	return p;
}

/* at: the '#'. */
static enum charref_kind
number(struct charref *ref, const char *at, const char *end, bool whole)
{
	const char *p = at + 1, *first;
	unsigned base = 10;
	uint32_t code;

	if (p < end && (*p | 0x20) == 'x') {
		base = 16;
		p++;
	}
	first = p;
	p = digits(p, end, base, &code);
	if (p == end && !whole)
		return CHARREF_MORE;
	if (p == first)
		return CHARREF_NONE;
	ref->plain = p < end && *p == ';';
	p += ref->plain;
	ref->used = (size_t)(p - at);
	ref->len = write_utf8(ref->made, mend(code, &ref->plain));
	ref->text = ref->made;
	return CHARREF_FOUND;
}

/* An '&' that begins nothing is plain if what follows ends in a way that it
 * could not go on as a name in another place. */
static bool
is_plain_sign(const char *at, const char *end, bool in_attribute)
{
	size_t run = entity_run(at, (size_t)(end - at));

	if (at + run == end)
		return in_attribute;
	if (run == 0 && at[0] == '#')
		return false;
	return at[run] != ';' && at[run] != '<' && at[run] != '&' &&
	       run <= ENTITY_LEN_MAX;
}

static enum charref_kind
name(struct charref *ref, const char *at, const char *end, bool in_attribute)
{
	const struct entity *found =
	    entity_look(at, (size_t)(end - at), &ref->used);
	const char *next = at + ref->used;

	ref->plain = is_plain_sign(at, end, in_attribute);
	if (!found)
		return CHARREF_NONE;
	ref->plain = next[-1] == ';';
	if (in_attribute && !ref->plain && next < end &&
	    (*next == '=' || is_alphanumeric(*next)))
		return CHARREF_NONE;
	ref->text = found->text;
	ref->len = found->text_len;
	return CHARREF_FOUND;
}

enum charref_kind
charref_read(struct charref *ref, const char *at, const char *end, bool whole,
    bool in_attribute)
{
	size_t run;

	ref->plain = false;
	ref->used = 0;
	if (at < end && *at == '#')
		return number(ref, at, end, whole);
	run = entity_run(at, (size_t)(end - at));
	if (at + run == end && !whole && run <= ENTITY_LEN_MAX)
		return CHARREF_MORE;
	if (run == 0) {
		ref->plain = is_plain_sign(at, end, in_attribute);
		return CHARREF_NONE;
	}
	return name(ref, at, end, in_attribute);
}
