/* http/sign.h - a text that only we can have written (HMAC, RFC 2104, with
 * SHA-256) */
#ifndef HTTP_SIGN_H
#define HTTP_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include "base/must.h"

enum { SIGN_LEN = 32, SIGN_KEY_LEN = 32 }; /* 16 bytes in hex; bytes */

/* Random bytes, from the system. */
void sign_key(unsigned char key[SIGN_KEY_LEN]);
/* key: any bytes. The first half of the code, in lower-case hex. */
void sign_text(char out[SIGN_LEN + 1], const void *key, size_t key_len,
    const char *text);
/* In a time that does not depend on where they differ. */
bool sign_is(const char *signature, size_t len, const void *key,
    size_t key_len, const char *text);

#endif
