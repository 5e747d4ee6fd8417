/* http/chunked.h - a chunked body is taken apart (RFC 9112 7.1)
 *
 * For who reads a connection without libcurl. Strict: sizes are hexadecimal
 * digits, every line ends in CRLF, trailers are fields, and no control byte
 * stands in a line. Extensions and trailers are read over, and bounded. No I/O.
 */
#ifndef HTTP_CHUNKED_H
#define HTTP_CHUNKED_H

#include <stdint.h>
#include <sys/types.h>
#include "http/url.h"

enum {
	CHUNKED_LINE_MAX = 4096,      /* a size with its extensions */
	CHUNKED_TRAILERS_MAX = 65536, /* all of them */
};

struct chunked {
	int at;	       /* chunked.c's; all zero at first */
	uint64_t left; /* of the chunk */
	unsigned digits;
	uint32_t skipped; /* of the line, of the trailers */
};

/* Take what stands at the beginning of bytes: how many, with those of them that
 * are the body's in *body (len 0: none). 0: there are none, or it is over.
 * -1: it is not chunked. */
ssize_t chunked_take(struct chunked *chunked, const char *bytes, size_t len,
    struct slice *body);
bool chunked_is_over(const struct chunked *chunked);

#endif
