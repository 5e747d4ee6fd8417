/* http/sign.c - codes by GnuTLS */
#include "http/sign.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

void
sign_key(unsigned char key[SIGN_KEY_LEN])
{
	must(gnutls_rnd(GNUTLS_RND_KEY, key, SIGN_KEY_LEN) == 0);
}

void
sign_text(char out[SIGN_LEN + 1], const void *key, size_t key_len,
    const char *text)
{
	unsigned char code[32];

	must(gnutls_hmac_fast(GNUTLS_MAC_SHA256, key, key_len, text,
		 strlen(text), code) == 0);
	for (unsigned i = 0; i < SIGN_LEN / 2; i++)
		snprintf(out + 2 * i, 3, "%02x", code[i]);
}

bool
sign_is(const char *signature, size_t len, const void *key, size_t key_len,
    const char *text)
{
	char right[SIGN_LEN + 1];

	if (len != SIGN_LEN)
		return false;
	sign_text(right, key, key_len, text);
	return gnutls_memcmp(signature, right, SIGN_LEN) == 0;
}
