/* http/coding.h - content codings: gzip, deflate, br, zstd, decoded by us
 *
 * libcurl's own decoding takes a truncated gzip for whole, so it is not used.
 * A decoder is one thread's. */
#ifndef HTTP_CODING_H
#define HTTP_CODING_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"

struct decoder;

struct decode_limits {
	uint64_t out_max;  /* decoded bytes at most */
	unsigned ratio;    /* decoded may be this many times the encoded, once
	                    * over 1 MiB: decode_ratio, 200; over 0 */
	unsigned codings;  /* how many may be stacked: 2 */
};

/* Give a decoder for a Content-Encoding value ("gzip", "br, gzip"...,
 * "identity"; NULL: none). -1: one of them is not known here, or too many. It
 * holds 40 KiB and a window (gzip 32 KiB, zstd 8 MiB, br 16 MiB at most) a
 * coding, however much it decodes. */
CHECKED int decoder_new(struct decoder **out, const char *content_encoding,
    const struct decode_limits *limits, struct err *err);
void decoder_free(struct decoder **decoder);

/* Decode a piece; each run of decoded bytes goes to sink, which answers 0 or
 * -1 to stop. Errors: garbage, bytes after the end, a limit, the sink. */
CHECKED int decoder_feed(struct decoder *decoder, const void *bytes,
    size_t len, int (*sink)(void *arg, const void *bytes, size_t len),
    void *arg, struct err *err);
/* All came: -1 when the stream stopped before its own end. No byte at all is
 * an empty body, whatever its coding, since servers answer so. */
CHECKED int decoder_end(struct decoder *decoder, struct err *err);

bool coding_is_known(const char *content_encoding);

#endif
