/* front/legal.c - which bytes may stand in a request, eight at a time */
#include "front/legal.h"

#include <stdint.h>
#include <string.h>

#define EACH(byte) (0x0101010101010101ull * (byte))

/* Some byte of eight is below 0x20, or is 0x7f (HTAB among them). */
static bool
has_control(uint64_t eight)
{
	uint64_t del = eight ^ EACH(0x7f);

	return (((eight - EACH(0x20)) & ~eight) | ((del - EACH(1)) & ~del)) &
	       EACH(0x80);
}

bool
legal_is_text(const char *text, size_t len)
{
	uint64_t eight;
	size_t i = 0, j, end;

	while (i < len) {
		/* the last eight may overlap those before */
		if (i + 8 > len && len >= 8)
			i = len - 8;
		end = i + 8 <= len ? i + 8 : len;
		if (end - i == 8) {
			memcpy(&eight, text + i, 8);
			if (!has_control(eight)) {
				i = end;
				continue;
			}
		}
		for (j = i; j < end; j++) {
			unsigned char c = (unsigned char)text[j];

			if ((c < 0x20 && c != '\t') || c == 0x7f)
				return false;
		}
		i = end;
	}
	return true;
}

/* Some byte of eight may be none of a target's: that is for the look at each
 * byte to say. */
static bool
is_odd_in_target(uint64_t eight)
{
	uint64_t found = eight | (eight - EACH(0x21));

	found |= (eight ^ EACH(0x7f)) - EACH(1);
	found |= (eight ^ EACH('#')) - EACH(1);
	return found & EACH(0x80);
}

bool
legal_is_target(const char *text, size_t len)
{
	uint64_t eight;
	size_t i = 0;

	while (i < len) {
		unsigned char c = (unsigned char)text[i];

		if (i + 8 <= len) {
			memcpy(&eight, text + i, 8);
			if (!is_odd_in_target(eight)) {
				i += 8;
				continue;
			}
		}
		if (c < 0x21 || c > 0x7e || c == '#')
			return false;
		i++;
	}
	return true;
}
