/* theme/digest.h - a short name for many bytes: versions of rules and themes
 *
 * FNV-1a, 128 bits: it tells versions apart, and guards against nobody. */
#ifndef THEME_DIGEST_H
#define THEME_DIGEST_H

#include <stddef.h>

enum { DIGEST_HEX = 32 };

struct digest {
	unsigned __int128 sum;
};

void digest_init(struct digest *digest);
void digest_add(struct digest *digest, const void *bytes, size_t len);
/* The text with its NUL, so that "ab", "c" and "a", "bc" differ. NULL is
 * other than "". */
void digest_puts(struct digest *digest, const char *text);
void digest_hex(const struct digest *digest, char out[DIGEST_HEX + 1]);

#endif
