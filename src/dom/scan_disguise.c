/* dom/scan_disguise.c - names and scripts that libxml2 would misread, as it can
 * read them, and back (contract: dom/scan.h, dom/scan_disguise.h) */
#include "dom/scan_disguise.h"

#include <stdio.h>
#include <string.h>

#include "dom/scan.h"

/* ---- names ---- */

static const char disguise[] = "lvx-";

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_plain_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool
scan_is_plain_name(const char *name, size_t len, bool attribute)
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

size_t
scan_hide_name(char *room, const char *name, size_t len)
{
	size_t n = strlen(disguise);

	memcpy(room, disguise, n);
	for (size_t i = 0; i < len; i++) {
		if (n + 4 > SCAN_NAME_MAX)
			return 0;
		if (is_plain_char(name[i]))
			room[n++] = name[i];
		else
			n += (size_t)sprintf(
			    room + n, "_%02x", (unsigned char)name[i]);
	}
	return n;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

const char *
scan_real_name(const char *name, char *room)
{
	const char *p = name + strlen(disguise);
	size_t n = 0;

	if (strncmp(name, disguise, strlen(disguise)) != 0)
		return NULL;
	for (; *p && n < SCAN_NAME_MAX - 1; p++) {
		int high = *p == '_' ? hex_digit(p[1]) : -1;
		int low = high >= 0 ? hex_digit(p[2]) : -1;

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

/* ---- raw text ---- */

/* U+10FFFD stands for "the next character is a code": 1 for the "<" of
 * a "</", 0 for U+10FFFD itself. */
static const char marker[] = "\xF4\x8F\xBF\xBD";

void
scan_hide_raw(struct buf *out, const char *from, const char *to)
{
	for (const char *p = from; p < to; p++) {
		bool tag = *p == '<' && to - p >= 2 && p[1] == '/';
		bool mark = (unsigned char)*p == 0xF4 && to - p >= 4 &&
			    memcmp(p, marker, 4) == 0;

		if (!tag && !mark)
			continue;
		buf_add(out, from, (size_t)(p - from));
		buf_puts(out, marker);
		buf_putc(out, tag ? '1' : '0');
		p += mark ? 3 : 0;
		from = p + 1;
	}
	buf_add(out, from, (size_t)(to - from));
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
