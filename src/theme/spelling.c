/* theme/spelling.c - contract: theme/spelling.h */
#include "theme/spelling.h"

#include <string.h>

/* How many letters must change to make one word of the other, for words of
 * at most WORD_MAX letters. */
static unsigned
distance(const char *a, const char *b)
{
	enum { WORD_MAX = 15 };
	unsigned row[WORD_MAX + 1];
	size_t m = strlen(b);

	if (strlen(a) > WORD_MAX || m > WORD_MAX)
		return WORD_MAX;
	for (unsigned j = 0; j <= m; j++)
		row[j] = j;
	for (unsigned i = 1; a[i - 1]; i++) {
		unsigned corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			unsigned best = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[m];
}

const char *
spelling_nearest(const char *word, const char *const *words, size_t count)
{
	const char *best = NULL;
	unsigned least = 3;

	for (size_t i = 0; i < count; i++) {
		unsigned d = distance(word, words[i]);

		if (d < least) {
			least = d;
			best = words[i];
		}
	}
	return best;
}
