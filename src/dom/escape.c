/* dom/escape.c - copying text, and looking at 16 bytes of it at a time
 *
 * A block is written before it is known to be plain: when it is not, what
 * follows its plain part is written over. So there is always room for a block
 * behind what is written. */
#include "dom/escape.h"

enum { BLOCK = 16, LONGEST = 8, SLACK = 64, PART = 64 << 10 };

static inline const char *
escape_of(const char *p, const char *end, unsigned set, size_t *used)
{
	*used = 1;
	switch (*p) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return set & SPAN_QUOTES ? "&quot;" : NULL;
	case '\r':
		return set & SPAN_RETURNS ? "&#13;" : NULL;
	case '\xC2':
		*used = 2;
		return end - p > 1 && p[1] == '\xA0' ? "&nbsp;" : NULL;
	default:
		return NULL;
	}
}

/* One byte after the other: where no words can be looked at, and where out is
 * so full that there is no room for blocks. */
static void
add_slowly(struct buf *out, const char *text, const char *end, unsigned set)
{
	const char *from = text;
	size_t used;

	for (const char *p = text; p < end; p++) {
		const char *escape = escape_of(p, end, set, &used);

		if (!escape)
			continue;
		buf_add(out, from, (size_t)(p - from));
		buf_puts(out, escape);
		from = p + used;
		p = from - 1;
	}
	buf_add(out, from, (size_t)(end - from));
}

struct copy {
	const char *p, *end; /* what is to be copied */
	char *to;
};

/* At a byte that may need a reference. */
static inline void
copy_special(struct copy *copy, unsigned set)
{
	size_t used, len;
	const char *escape = escape_of(copy->p, copy->end, set, &used);

	if (!escape) {
		*copy->to++ = *copy->p++;
		return;
	}
	len = strlen(escape);
	memcpy(copy->to, escape, len);
	copy->to += len;
	copy->p += used;
}

/* The last bytes, fewer than a block: to the next that may need a reference,
 * or to the end. */
static inline void
copy_rest(struct copy *copy, unsigned set)
{
	size_t left = (size_t)(copy->end - copy->p);
	uint64_t word, found;

	if (left >= sizeof(word)) {
		memcpy(&word, copy->p, sizeof(word));
		left = sizeof(word);
	} else {
		word = span_short(copy->p, left);
	}
	memcpy(copy->to, &word, sizeof(word));
	found = span_word_escaped(word, set);
	if (found)
		left = (size_t)__builtin_ctzll(found) / 8;
	copy->p += left;
	copy->to += left;
	if (found)
		copy_special(copy, set);
}

#if SPAN_BLOCKS
static inline void
copy_block(struct copy *copy, unsigned set)
{
	__m128i block = _mm_loadu_si128((const __m128i *)(const void *)copy->p);
	unsigned found = span_block_escaped(block, set);
	size_t plain = found ? (size_t)__builtin_ctz(found) : BLOCK;

	_mm_storeu_si128((__m128i *)(void *)copy->to, block);
	copy->p += plain;
	copy->to += plain;
	if (found)
		copy_special(copy, set);
}
#endif

/* Copy until there is no room for what is left, were it all plain. */
static inline void
copy_all(struct copy *copy, const char *limit, unsigned set)
{
	while (copy->p < copy->end &&
	       limit - copy->to >= copy->end - copy->p + BLOCK + LONGEST) {
#if SPAN_BLOCKS
		if (copy->end - copy->p >= BLOCK) {
			copy_block(copy, set);
			continue;
		}
#endif
		copy_rest(copy, set);
	}
}

/* For each set code of its own. */
static void
copy_set(struct copy *copy, const char *limit, unsigned set)
{
	switch (set) {
	case 0:
		copy_all(copy, limit, 0);
		break;
	case SPAN_QUOTES:
		copy_all(copy, limit, SPAN_QUOTES);
		break;
	case SPAN_RETURNS:
		copy_all(copy, limit, SPAN_RETURNS);
		break;
	default:
		copy_all(copy, limit, SPAN_QUOTES | SPAN_RETURNS);
	}
}

/* A buffer that is used again may have more room than it may use. */
static size_t
limit_of(const struct buf *out)
{
	return out->cap <= out->max ? out->cap : out->max;
}

static void
add(struct buf *out, const char *text, size_t len, unsigned set)
{
	struct copy copy = {text, text + len, NULL};

	while (SPAN_WORDS && copy.p < copy.end && !out->failed) {
		size_t need = (size_t)(copy.end - copy.p) + SLACK;

		if (need > out->max - out->len)
			break;
		if (out->cap - out->len <= need && buf_reserve(out, need) != 0)
			break;
		copy.to = out->data + out->len;
		copy_set(&copy, out->data + limit_of(out), set);
		out->len = (size_t)(copy.to - out->data);
		*copy.to = '\0';
	}
	if (copy.p < copy.end)
		add_slowly(out, copy.p, copy.end, set);
}

/* In parts: of a long text the rest need not fit for the fast way. No part ends
 * within a no-break space. */
int
escape_add(struct buf *out, const char *text, size_t len, unsigned set)
{
	while (len > PART && !out->failed) {
		size_t part = text[PART - 1] == '\xC2' ? PART - 1 : PART;

		add(out, text, part, set);
		text += part;
		len -= part;
	}
	if (!out->failed)
		add(out, text, len, set);
	return out->failed ? -1 : 0;
}
