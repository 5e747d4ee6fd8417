/* conf/nearest.h - the name that somebody probably meant */
#ifndef CONF_NEAREST_H
#define CONF_NEAREST_H

#include <stddef.h>

/* Of the names, the one that is fewest typing mistakes away from word (a
 * letter wrong, missing, too many, or two swapped), or NULL when none is near
 * enough to be worth saying. name(arg, i) gives the i-th, NULL past the last.
 */
const char *nearest_find(const char *word,
    const char *(*name)(const void *arg, size_t i), const void *arg);

#endif
