/* dom/utf8.c - strict UTF-8
 *
 * libxml2 falls back to Latin-1 for the rest of a page at the first byte it
 * cannot read, so it is never given one. */
#include "dom/utf8.h"

#include <string.h>

static bool
is_tail(const unsigned char *p, unsigned from, unsigned n)
{
	for (unsigned i = from; i < n; i++)
		if ((p[i] & 0xC0) != 0x80)
			return false;
	return true;
}

static unsigned
sequence_len(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xC2 && first <= 0xDF)
		return 2;
	if ((first & 0xF0) == 0xE0)
		return 3;
	return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

unsigned
utf8_decode(const char *text, const char *end, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)text;
	unsigned n;
	uint32_t value;

	if (text >= end)
		return 0;
	n = sequence_len(p[0]);
	if (n == 0 || (size_t)(end - text) < n || !is_tail(p, 1, n))
		return 0;
	value = n == 1 ? p[0] : p[0] & (0x7Fu >> n);
	for (unsigned i = 1; i < n; i++)
		value = value << 6 | (p[i] & 0x3Fu);
	if (value < least[n] || value > 0x10FFFF ||
	    (value >= 0xD800 && value <= 0xDFFF))
		return 0;
	*code = value;
	return n;
}

unsigned
utf8_encode(char out[4], uint32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xC0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xE0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3F));
		out[2] = (char)(0x80 | (code & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3F));
	out[2] = (char)(0x80 | (code >> 6 & 0x3F));
	out[3] = (char)(0x80 | (code & 0x3F));
	return 4;
}

int
utf8_add(struct buf *out, uint32_t code)
{
	char bytes[4];

	return buf_add(out, bytes, utf8_encode(bytes, code));
}

bool
utf8_is_xml(uint32_t code)
{
	if (code < 0x20)
		return code == '\t' || code == '\n' || code == '\r';
	return code <= 0xD7FF || (code >= 0xE000 && code <= 0xFFFD) ||
	       (code >= 0x10000 && code <= 0x10FFFF);
}

size_t
utf8_clean_len(const char *bytes, size_t len)
{
	const char *end = bytes + len;
	const char *p = bytes;
	uint32_t code;
	unsigned n;

	while (p < end) {
		if ((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80) {
			p++;
			continue;
		}
		n = utf8_decode(p, end, &code);
		/* a form feed is white space in a tag: the scan sees to it */
		if (n == 0 || (!utf8_is_xml(code) && code != '\f'))
			break;
		p += n;
	}
	return (size_t)(p - bytes);
}

/* How many bytes one U+FFFD stands for: a character that XML forbids whole,
 * else one byte. */
static unsigned
dirty_len(const char *p, const char *end)
{
	uint32_t code;
	unsigned n = utf8_decode(p, end, &code);

	return n ? n : 1;
}

int
utf8_add_clean(struct buf *out, const char *bytes, size_t len)
{
	const char *end = bytes + len;

	while (bytes < end) {
		size_t clean = utf8_clean_len(bytes, (size_t)(end - bytes));

		if (buf_add(out, bytes, clean) != 0)
			return -1;
		bytes += clean;
		if (bytes == end)
			break;
		if (utf8_add(out, UTF8_REPLACEMENT) != 0)
			return -1;
		bytes += dirty_len(bytes, end);
	}
	return 0;
}

/* ---- as browsers decode it ---- */

/* How many bytes from the start are ASCII, up to 7 less. */
static size_t
ascii_len(const char *bytes, size_t len)
{
	size_t i = 0;
	uint64_t eight;

	for (; i + sizeof(eight) <= len; i += sizeof(eight)) {
		memcpy(&eight, bytes + i, sizeof(eight));
		if (eight & UINT64_C(0x8080808080808080))
			break;
	}
	return i;
}

size_t
utf8_valid_len(const char *bytes, size_t len)
{
	const char *p = bytes, *end = bytes + len;
	uint32_t code;
	unsigned n;

	for (;;) {
		p += ascii_len(p, (size_t)(end - p));
		while (p < end && (unsigned char)*p < 0x80)
			p++;
		if (p == end)
			return len;
		/* letters of other scripts come in runs */
		while (p < end && (unsigned char)*p >= 0x80) {
			n = utf8_decode(p, end, &code);
			if (n == 0)
				return (size_t)(p - bytes);
			p += n;
		}
	}
}

/* What may follow a first byte: not every sequence of its length. */
static bool
is_second(unsigned char first, unsigned char second)
{
	unsigned char least = 0x80, most = 0xBF;

	if (first == 0xE0)
		least = 0xA0;
	else if (first == 0xED)
		most = 0x9F;
	else if (first == 0xF0)
		least = 0x90;
	else if (first == 0xF4)
		most = 0x8F;
	return second >= least && second <= most;
}

/* How many bytes one U+FFFD stands for, at p, where no sequence is whole. */
static size_t
broken_len(const unsigned char *p, size_t left)
{
	size_t n = sequence_len(p[0]), i = 1;

	if (n < 2 || left < 2 || !is_second(p[0], p[1]))
		return 1;
	while (i < n && i < left && (p[i] & 0xC0) == 0x80)
		i++;
	return i;
}

int
utf8_add_valid(struct buf *out, const char *bytes, size_t len)
{
	while (len > 0) {
		size_t n = utf8_valid_len(bytes, len);

		if (buf_add(out, bytes, n) != 0)
			return -1;
		bytes += n;
		len -= n;
		if (len == 0)
			break;
		if (utf8_add(out, UTF8_REPLACEMENT) != 0)
			return -1;
		n = broken_len((const unsigned char *)bytes, len);
		bytes += n;
		len -= n;
	}
	return 0;
}
