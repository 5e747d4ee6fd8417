/* theme/spelling.h - what a word that nobody knows may have been meant to be */
#ifndef THEME_SPELLING_H
#define THEME_SPELLING_H

#include <stddef.h>

/* The word that differs in the fewest letters, two at most; NULL: none is so
 * near. */
const char *spelling_nearest(
    const char *word, const char *const *words, size_t count);

#endif
