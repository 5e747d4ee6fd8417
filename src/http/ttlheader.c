/* http/ttlheader.c - "X-Accel-Expires: 60" */
#include "http/ttlheader.h"

enum { SECOND_MS = 1000 };
#define LONGEST_S ((int64_t)1 << 31)

/* Digits alone; what would not fit is the greatest that does. */
static bool
read_digits(int64_t *out, const char *text)
{
	int64_t n = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		if (n < INT64_MAX / 10 - 9)
			n = n * 10 + (*text - '0');
	}
	*out = n;
	return true;
}

bool
ttlheader_read(
    int64_t *ttl_s, const struct head *head, const char *name, int64_t now_ms)
{
	const char *text = head_find(head, name);
	int64_t n;
	bool is_moment;

	if (!text || head_count(head, name) != 1)
		return false;
	is_moment = *text == '@';
	if (!read_digits(&n, text + is_moment))
		return false;
	if (is_moment)
		n -= now_ms / SECOND_MS;
	*ttl_s = n < 0 ? 0 : n < LONGEST_S ? n : LONGEST_S;
	return true;
}
