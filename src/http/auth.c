/* http/auth.c - base64 (RFC 4648 4), only ever written */
#include "http/auth.h"

#include <string.h>

#include "base/mem.h"

static void
base64(struct buf *out, const char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *in = (const unsigned char *)text;
	size_t len = strlen(text), i, k;

	for (i = 0; i < len; i += 3) {
		unsigned long bits = (unsigned long)in[i] << 16;

		if (i + 1 < len)
			bits |= (unsigned long)in[i + 1] << 8;
		if (i + 2 < len)
			bits |= in[i + 2];
		for (k = 0; k < 4; k++)
			buf_putc(out, i + k > len ? '=' :
			    digits[bits >> (18 - 6 * k) & 63]);
	}
}

int
auth_basic(struct buf *out, const char *user, const char *password)
{
	char *pair = mem_printf("%s:%s", user, password ? password : "");

	buf_puts(out, "Basic ");
	base64(out, pair);
	mem_free(&pair);
	return out->failed ? -1 : 0;
}
