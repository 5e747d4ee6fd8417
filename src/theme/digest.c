/* theme/digest.c - FNV-1a over 128 bits, constants from its specification */
#include "theme/digest.h"

#include <string.h>

static const unsigned __int128 offset_basis =
    (unsigned __int128)0x6c62272e07bb0142ULL << 64 | 0x62b821756295c58dULL;
static const unsigned __int128 prime =
    (unsigned __int128)0x0000000001000000ULL << 64 | 0x13bULL;

void
digest_init(struct digest *digest)
{
	digest->sum = offset_basis;
}

void
digest_add(struct digest *digest, const void *bytes, size_t len)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < len; i++)
		digest->sum = (digest->sum ^ byte[i]) * prime;
}

void
digest_puts(struct digest *digest, const char *text)
{
	if (text)
		digest_add(digest, text, strlen(text) + 1);
	else
		digest_add(digest, "\xff", 1);
}

void
digest_hex(const struct digest *digest, char out[DIGEST_HEX + 1])
{
	static const char hex[] = "0123456789abcdef";

	for (int i = 0; i < DIGEST_HEX; i++)
		out[i] = hex[digest->sum >> (4 * (DIGEST_HEX - 1 - i)) & 15];
	out[DIGEST_HEX] = '\0';
}
