/* http/base64.h - base64 (RFC 4648 4), only ever written */
#ifndef HTTP_BASE64_H
#define HTTP_BASE64_H

#include "base/buf.h"

void base64_add(struct buf *out, const void *bytes, size_t len);

#endif
