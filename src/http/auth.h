/* http/auth.h - credentials as a field's value (RFC 7617) */
#ifndef HTTP_AUTH_H
#define HTTP_AUTH_H

#include "base/buf.h"

/* Add "Basic ..." for a user and a password (NULL: empty) to out. -1: out is
 * full. */
CHECKED int auth_basic(struct buf *out, const char *user,
    const char *password);

#endif
