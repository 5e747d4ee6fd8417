/* http/base64.c - three bytes are four digits */
#include "http/base64.h"

void
base64_add(struct buf *out, const void *bytes, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *in = bytes;
	size_t i, k;

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
