/* tests/fuzz/pieces.h - bytes of a connection, and how they are cut
 *
 * In what a target reads a byte of 255 and the one behind it say how often the
 * byte before them comes again, 64 times each: so that short inputs reach the
 * limits. Each piece is memory of its own, as long as it is, and freed when it
 * may no longer be looked at: what looks there all the same is found. */
#ifndef TESTS_FUZZ_PIECES_H
#define TESTS_FUZZ_PIECES_H

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum { SPREAD_MAX = 1 << 18, AGAIN = 64, EACH_BYTE_MAX = 1 << 10 };

static inline void
spread(struct buf *out, const uint8_t *data, size_t size)
{
	size_t again;

	buf_init(out, SPREAD_MAX);
	for (size_t i = 0; i < size; i++) {
		if (data[i] != 255 || i + 1 == size || out->len == 0) {
			buf_putc(out, (char)data[i]);
			continue;
		}
		again = (size_t)data[++i] * AGAIN;
		if (buf_reserve(out, again + 1) != 0)
			continue;
		memset(out->data + out->len, out->data[out->len - 1], again);
		out->len += again;
		out->data[out->len] = '\0';
	}
}

/* 0: in one piece; 1: each byte; else by chance. */
struct cuts {
	uint32_t seed;
};

/* One that leaves it to chance, of a byte. */
static inline uint32_t
cuts_seed(uint8_t byte)
{
	return (byte + 2U) * 2654435761U;
}

static inline uint32_t
cuts_chance(struct cuts *cuts)
{
	cuts->seed ^= cuts->seed << 13;
	cuts->seed ^= cuts->seed >> 17;
	cuts->seed ^= cuts->seed << 5;
	return cuts->seed;
}

/* Of so many bytes, how many come now. */
static inline size_t
cuts_next(struct cuts *cuts, size_t left)
{
	uint32_t chance;
	size_t len = 1;

	if (cuts->seed == 0)
		return left;
	if (cuts->seed > 1) {
		chance = cuts_chance(cuts);
		len = 1 + (chance & 1 ? chance >> 4 & 7 : chance >> 4 & 1023);
	}
	return len < left ? len : left;
}

static inline char *
piece_new(const char *bytes, size_t len)
{
	char *piece = mem_new(len);

	return memcpy(piece, bytes, len);
}

#endif
