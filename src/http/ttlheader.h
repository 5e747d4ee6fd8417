/* http/ttlheader.h - a field that says how long its answer is fresh, in the
 * words of X-Accel-Expires and X-Reverse-Proxy-TTL */
#ifndef HTTP_TTLHEADER_H
#define HTTP_TTLHEADER_H

#include <stdbool.h>
#include <stdint.h>
#include "http/head.h"

/* Seconds from now_ms on: "60", or "@1700000000" for a moment (past: 0). More
 * than 2^31 are 2^31. False: absent, there more than once, or neither of
 * both; *ttl_s is untouched then. */
bool ttlheader_read(
    int64_t *ttl_s, const struct head *head, const char *name, int64_t now_ms);

#endif
