/* dom/token_scan.h - how far it is to the next byte that means something
 *
 * Sixteen bytes at a time where the processor has SSE2 or NEON, else eight in
 * a word; never a byte at `end` or behind it. With TOKEN_SCAN_PORTABLE defined
 * it is words on every machine: the test compares both. */
#ifndef DOM_TOKEN_SCAN_H
#define DOM_TOKEN_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__) && !defined(TOKEN_SCAN_PORTABLE)
#include <emmintrin.h>

enum { SCAN_STEP = 16, SCAN_LANE_BITS = 1 };

typedef __m128i scan_block;

static inline scan_block
scan_load(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline scan_block
scan_eq(scan_block block, char c)
{
	return _mm_cmpeq_epi8(block, _mm_set1_epi8(c));
}

static inline scan_block
scan_or(scan_block a, scan_block b)
{
	return _mm_or_si128(a, b);
}

static inline scan_block
scan_and(scan_block a, scan_block b)
{
	return _mm_and_si128(a, b);
}

static inline uint64_t
scan_bits(scan_block found)
{
	return (uint64_t)(unsigned)_mm_movemask_epi8(found);
}

#elif defined(__ARM_NEON) && defined(__ORDER_LITTLE_ENDIAN__) &&               \
    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && !defined(TOKEN_SCAN_PORTABLE)
#include <arm_neon.h>

enum { SCAN_STEP = 16, SCAN_LANE_BITS = 4 };

typedef uint8x16_t scan_block;

static inline scan_block
scan_load(const char *p)
{
	return vld1q_u8((const uint8_t *)p);
}

static inline scan_block
scan_eq(scan_block block, char c)
{
	return vceqq_u8(block, vdupq_n_u8((uint8_t)c));
}

static inline scan_block
scan_or(scan_block a, scan_block b)
{
	return vorrq_u8(a, b);
}

static inline scan_block
scan_and(scan_block a, scan_block b)
{
	return vandq_u8(a, b);
}

/* NEON has no movemask: halve each lane. */
static inline uint64_t
scan_bits(scan_block found)
{
	uint8x8_t half = vshrn_n_u16(vreinterpretq_u16_u8(found), 4);

	return vget_lane_u64(vreinterpret_u64_u8(half), 0);
}

#else
#include <endian.h>

enum { SCAN_STEP = 8, SCAN_LANE_BITS = 8 };

typedef uint64_t scan_block;

static inline scan_block
scan_load(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

/* The high bit of each byte that is c, and no other: scan_and() needs that. */
static inline scan_block
scan_eq(scan_block block, char c)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t differs = block ^ (low / 0x7f * (unsigned char)c);

	return ~(((differs & low) + low) | differs | low);
}

static inline scan_block
scan_or(scan_block a, scan_block b)
{
	return a | b;
}

static inline scan_block
scan_and(scan_block a, scan_block b)
{
	return a & b;
}

static inline uint64_t
scan_bits(scan_block found)
{
	return found;
}
#endif

static inline size_t
scan_first(uint64_t bits)
{
	return (size_t)__builtin_ctzll(bits) / SCAN_LANE_BITS;
}

/* The first of these five bytes, or end. They may be named twice. */
static inline char *
scan_any(char *p, char *end, char a, char b, char c, char d, char e)
{
	for (; end - p >= SCAN_STEP; p += SCAN_STEP) {
		scan_block block = scan_load(p);
		scan_block ab = scan_or(scan_eq(block, a), scan_eq(block, b));
		scan_block cd = scan_or(scan_eq(block, c), scan_eq(block, d));
		uint64_t bits =
		    scan_bits(scan_or(scan_or(ab, cd), scan_eq(block, e)));

		if (bits)
			return p + scan_first(bits);
	}
	for (; p < end; p++)
		if (*p == a || *p == b || *p == c || *p == d || *p == e)
			break;
	return p;
}

/* The first `then` with `a` or `b` right before it, both from p on; or end. */
static inline char *
scan_pair(char *p, char *end, char a, char b, char then)
{
	for (; end - p > SCAN_STEP; p += SCAN_STEP) {
		scan_block block = scan_load(p);
		scan_block ab = scan_or(scan_eq(block, a), scan_eq(block, b));
		uint64_t bits =
		    scan_bits(scan_and(ab, scan_eq(scan_load(p + 1), then)));

		if (bits)
			return p + scan_first(bits) + 1;
	}
	for (; end - p > 1; p++)
		if (p[1] == then && (*p == a || *p == b))
			return p + 1;
	return end;
}

/* Of text with markup and references; of text without; of a quoted value. */
static inline char *
scan_text(char *p, char *end)
{
	return scan_any(p, end, '<', '&', '\r', '\0', '<');
}

static inline char *
scan_raw(char *p, char *end)
{
	return scan_any(p, end, '\r', '\0', '\r', '\0', '\r');
}

static inline char *
scan_value(char *p, char *end, char quote)
{
	return scan_any(p, end, quote, '&', '<', '\r', '\0');
}

#endif
