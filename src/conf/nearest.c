/* conf/nearest.c - optimal string alignment, three rows of it */
#include "conf/nearest.h"

#include <string.h>

enum { LEN_MAX = 63 };

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;

	return ab < c ? ab : c;
}

static unsigned
distance(const char *a, const char *b)
{
	unsigned rows[3][LEN_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2], *swap;
	size_t a_len = strlen(a), b_len = strlen(b), i, j;

	if (a_len > LEN_MAX || b_len > LEN_MAX)
		return LEN_MAX;
	for (j = 0; j <= b_len; j++) {
		before[j] = 0;
		last[j] = (unsigned)j;
	}
	for (i = 1; i <= a_len; i++) {
		now[0] = (unsigned)i;
		for (j = 1; j <= b_len; j++) {
			now[j] = least(last[j] + 1, now[j - 1] + 1,
				       last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				now[j] =
				    least(now[j], before[j - 2] + 1, LEN_MAX);
		}
		swap = before;
		before = last;
		last = now;
		now = swap;
	}
	return last[b_len];
}

const char *
nearest_find(const char *word, const char *(*name)(const void *arg, size_t i),
	     const void *arg)
{
	/* A third of the letters may be wrong, and one in the shortest. */
	unsigned best = (unsigned)strlen(word) / 3 + 2, d;
	const char *candidate, *found = NULL;

	for (size_t i = 0; (candidate = name(arg, i)) != NULL; i++) {
		d = distance(word, candidate);
		if (d < best && d < strlen(candidate)) {
			best = d;
			found = candidate;
		}
	}
	return found;
}
