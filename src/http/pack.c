/* http/pack.c - three encoders with one face
 *
 * Levels were chosen by what they cost and save on pages of 30 and 500 KB (see
 * doc/performance.md): past them time doubles for some percent of bytes. All
 * three write one stream in one go into room that is there beforehand: what
 * does not fit was not worth compressing. */
#include "http/pack.h"

#include <brotli/encode.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/mem.h"
#include "http/head.h"
#include "http/media.h"

enum {
	GZIP_WINDOW_BITS = 15 + 16, /* 32 KiB; and gzip's head, in zlib's way */
	GZIP_MEMORY = 8,
	/* RFC 9659: 8 MiB is what a decoder of zstd has for a window. */
	ZSTD_WINDOW_LOG_MAX = 23,
	BR_WINDOW_MIN = 10,
	BR_WINDOW_MAX = 22,
	BR_WINDOW_GAP = 16,  /* bytes that a window has less than its power */
	PIECE_MAX = 1 << 30, /* zlib counts in 32 bits */
};

static const int levels[PACKINGS][PACKING_EFFORTS] = {
    [PACKING_GZIP] = {[PACKING_KEPT] = 6, [PACKING_ONCE] = 1},
    [PACKING_BR] = {[PACKING_KEPT] = 5, [PACKING_ONCE] = 2},
    [PACKING_ZSTD] = {[PACKING_KEPT] = 8, [PACKING_ONCE] = 1},
};

struct packer {
	z_stream z;
	int z_level; /* what z is made for; 0: not made yet */
	ZSTD_CCtx *zstd;
};

/* ---- names and types ---- */

static const char *const names[PACKINGS] = {
    [PACKING_NONE] = "identity",
    [PACKING_GZIP] = "gzip",
    [PACKING_BR] = "br",
    [PACKING_ZSTD] = "zstd",
};

const char *
packing_name(enum packing packing)
{
	return names[packing];
}

enum packing
packing_find(struct slice name)
{
	unsigned i;

	if (slice_is(name, "x-gzip")) /* RFC 9110 8.4.1.3 */
		return PACKING_GZIP;
	for (i = 0; i < PACKINGS; i++)
		if (slice_is(name, names[i]))
			return i;
	return PACKINGS;
}

bool
packing_suits(const char *content_type)
{
	static const char *const others[] = {"application/wasm", "font/ttf",
	    "font/otf", "font/collection", "application/x-font-ttf",
	    "application/x-font-otf", "application/vnd.ms-fontobject",
	    "image/x-icon", "image/vnd.microsoft.icon", "image/bmp",
	    "application/rtf", "application/postscript",
	    "application/x-web-app-manifest+json", "application/jsonlines",
	    "application/x-ndjson"};
	size_t i;

	if (!content_type)
		return false;
	if (media_is_text(content_type))
		return true;
	for (i = 0; i < COUNT_OF(others); i++)
		if (media_is(content_type, others[i]))
			return true;
	return false;
}

/* ---- the encoders: from bytes into room, the length or -1 ---- */

static int
z_prepare(struct packer *packer, int level)
{
	z_stream *z = &packer->z;

	if (packer->z_level == level)
		return deflateReset(z) == Z_OK ? 0 : -1;
	if (packer->z_level != 0)
		deflateEnd(z);
	packer->z_level = 0;
	memset(z, 0, sizeof(*z));
	if (deflateInit2(z, level, Z_DEFLATED, GZIP_WINDOW_BITS, GZIP_MEMORY,
		Z_DEFAULT_STRATEGY) != Z_OK)
		return -1;
	packer->z_level = level;
	return 0;
}

static ssize_t
run_gzip(struct packer *packer, int level, const void *bytes, size_t len,
    char *room, size_t size)
{
	z_stream *z = &packer->z;

	if (len > PIECE_MAX || size > PIECE_MAX ||
	    z_prepare(packer, level) != 0)
		return -1;
	z->next_in = (unsigned char *)(uintptr_t)bytes;
	z->avail_in = (uInt)len;
	z->next_out = (unsigned char *)room;
	z->avail_out = (uInt)size;
	if (deflate(z, Z_FINISH) != Z_STREAM_END)
		return -1;
	return (ssize_t)(size - z->avail_out);
}

/* The least that holds it all: a larger one only costs memory. */
static int
br_window(size_t len)
{
	int bits = BR_WINDOW_MIN;

	while (
	    bits < BR_WINDOW_MAX && ((size_t)1 << bits) - BR_WINDOW_GAP < len)
		bits++;
	return bits;
}

static ssize_t
run_br(int level, const void *bytes, size_t len, char *room, size_t size)
{
	size_t got = size;

	if (BrotliEncoderCompress(level, br_window(len), BROTLI_MODE_GENERIC,
		len, bytes, &got, (uint8_t *)room) != BROTLI_TRUE)
		return -1;
	return (ssize_t)got;
}

static ssize_t
run_zstd(struct packer *packer, int level, const void *bytes, size_t len,
    char *room, size_t size)
{
	ZSTD_CCtx *zstd = packer->zstd;
	size_t got;

	if (!zstd)
		zstd = packer->zstd = ZSTD_createCCtx();
	if (!zstd)
		return -1;
	(void)ZSTD_CCtx_reset(zstd, ZSTD_reset_session_and_parameters);
	(void)ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, level);
	/* Small ones get a smaller window by themselves. */
	if (len > (size_t)1 << ZSTD_WINDOW_LOG_MAX)
		(void)ZSTD_CCtx_setParameter(
		    zstd, ZSTD_c_windowLog, ZSTD_WINDOW_LOG_MAX);
	got = ZSTD_compress2(zstd, room, size, bytes, len);
	return ZSTD_isError(got) ? -1 : (ssize_t)got;
}

static ssize_t
run(struct packer *packer, enum packing packing, int level, const void *bytes,
    size_t len, char *room, size_t size)
{
	switch (packing) {
	case PACKING_GZIP:
		return run_gzip(packer, level, bytes, len, room, size);
	case PACKING_BR:
		return run_br(level, bytes, len, room, size);
	case PACKING_ZSTD:
		return run_zstd(packer, level, bytes, len, room, size);
	case PACKING_NONE:
	case PACKINGS:
		break;
	}
	return -1;
}

/* ---- the packer ---- */

struct packer *
packer_new(void)
{
	return mem_new(sizeof(struct packer));
}

void
packer_free(struct packer **packer)
{
	if (!*packer)
		return;
	if ((*packer)->z_level != 0)
		deflateEnd(&(*packer)->z);
	ZSTD_freeCCtx((*packer)->zstd);
	mem_free(packer);
}

int
packer_run(struct packer *packer, enum packing packing,
    enum packing_effort effort, const void *bytes, size_t len, struct buf *out)
{
	size_t room = out->max - out->len;
	ssize_t got;

	/* What it takes at most is little more than what there is. */
	if (room > len + len / 8 + 1024)
		room = len + len / 8 + 1024;
	if (buf_reserve(out, room) != 0)
		return -1;
	got = run(packer, packing, levels[packing][effort], bytes, len,
	    out->data + out->len, room);
	if (got < 0) {
		out->data[out->len] = '\0';
		return -1;
	}
	out->len += (size_t)got;
	out->data[out->len] = '\0';
	return 0;
}
