/* http/url.h - addresses as text: split, join, compare (RFC 3986)
 *
 * Bytes are kept as they came; nothing is decoded. What is fetched is parsed
 * once more by libcurl's own parser in fetch/, so both agree. */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"

/* A piece of a longer text, not NUL-ended. from NULL: absent. */
struct slice {
	const char *from;
	size_t len;
};

/* The five parts of a reference (RFC 3986 appendix B), absent ones NULL. A
 * scheme is one by the grammar only: "2024:news" is all path. */
struct url_parts {
	struct slice scheme;    /* without ":" */
	struct slice authority; /* without "//" */
	struct slice path;      /* maybe empty */
	struct slice query;     /* without "?" */
	struct slice fragment;  /* without "#" */
};
void url_split(struct url_parts *out, const char *url, size_t len);

/* The parts of an authority. -1: userinfo present, bad port (0 is one),
 * empty host or label, or a byte that no host name has, "%", "," and those over
 * 0x7f among them: names are to come in punycode. */
struct url_authority {
	struct slice host; /* brackets of IPv6 kept */
	uint16_t port;     /* 0: none given */
};
CHECKED int url_authority_split(struct url_authority *out, const char *text,
    size_t len);

/* Add to out the reference resolved against base (RFC 3986 5.2, strict, dot
 * segments removed). 0, or -1 when base is not absolute or out is full. */
CHECKED int url_join(struct buf *out, const char *base,
    const char *reference, size_t reference_len);

/* Both have the same scheme, host (case ignored) and port (defaults
 * filled in for http and https). */
bool url_same_origin(const char *a, const char *b);
/* Add scheme://host[:port] of url, lower case, default port left out. */
CHECKED int url_origin(struct buf *out, const char *url);
uint16_t url_default_port(const char *scheme, size_t len); /* 0: unknown */

/* Percent-decode into out. -1: a bad escape, or %00. */
CHECKED int url_decode(struct buf *out, const char *text, size_t len);

/* A path with "." or ".." segments, plain or percent-encoded, or with an
 * encoded slash, backslash or NUL: not for files. */
bool url_path_is_unsafe(const char *path, size_t len);

#endif
