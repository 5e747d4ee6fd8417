/* dom/span.h - how far a text is plain: the next byte that means something,
 * found many bytes at a time
 *
 * Of each set there is a mask of 16 bytes (SSE2, where the compiler has it) and
 * one of 8 in a word: bit i, or the byte i, is set where one of the set stands;
 * of a word only the lowest counts. Words are of little-endian machines: others
 * look at one byte after the other. */
#ifndef DOM_SPAN_H
#define DOM_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#define SPAN_BLOCKS 1
#else
#define SPAN_BLOCKS 0
#endif
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define SPAN_WORDS 1
#else
#define SPAN_WORDS 0
#endif

#define SPAN_EACH(c) ((uint64_t)(unsigned char)(c)*0x0101010101010101)

/* The highest bit of each byte that is c; above the lowest such byte also of
 * some others. */
static inline uint64_t
span_word_is(uint64_t word, char c)
{
	uint64_t x = word ^ SPAN_EACH(c);

	return (x - SPAN_EACH(1)) & ~x & SPAN_EACH('\x80');
}

/* What text may not have as it is: &, <, >, the first byte of a no-break space,
 * and what the set adds. Two that differ in one bit are found as one. */
enum span_set {
	SPAN_QUOTES = 1,  /* the quote of attributes */
	SPAN_RETURNS = 2, /* a carriage return, which is a line end otherwise */
};

static inline uint64_t
span_word_escaped(uint64_t word, unsigned set)
{
	uint64_t found =
	    span_word_is(word | SPAN_EACH(2), '>') | span_word_is(word, '\xC2');

	if (set & SPAN_RETURNS)
		found |= span_word_is(word, '\r');
	if (set & SPAN_QUOTES)
		word |= SPAN_EACH(4);
	return found | span_word_is(word, '&');
}

/* 1 to 7 bytes as a word, zeros behind them. */
static inline uint64_t
span_short(const char *p, size_t len)
{
	const unsigned char *bytes = (const unsigned char *)p;
	uint32_t low, high;

	if (len < 4)
		return bytes[0] | (uint64_t)bytes[len >> 1] << 8 * (len >> 1) |
		       (uint64_t)bytes[len - 1] << 8 * (len - 1);
	memcpy(&low, p, 4);
	memcpy(&high, p + len - 4, 4);
	return low | (uint64_t)high << 8 * (len - 4);
}

#if SPAN_BLOCKS
static inline __m128i
span_block_is(__m128i block, char c)
{
	return _mm_cmpeq_epi8(block, _mm_set1_epi8(c));
}

static inline unsigned
span_block_escaped(__m128i block, unsigned set)
{
	__m128i angles = _mm_or_si128(block, _mm_set1_epi8(2));
	__m128i found = _mm_or_si128(
	    span_block_is(angles, '>'), span_block_is(block, '\xC2'));

	if (set & SPAN_RETURNS)
		found = _mm_or_si128(found, span_block_is(block, '\r'));
	if (set & SPAN_QUOTES)
		block = _mm_or_si128(block, _mm_set1_epi8(4));
	found = _mm_or_si128(found, span_block_is(block, '&'));
	return (unsigned)_mm_movemask_epi8(found);
}
#endif

#endif
