/* cache/target.h - path and query of a URL, as purges go by them */
#ifndef CACHE_TARGET_H
#define CACHE_TARGET_H

#include <stddef.h>

/* Path and query of a URL; "/" when it has none. */
const char *target_of(const char *url);
/* The twin of a target: with the last slash of its path, or without. Points
 * into room (as large as target and two bytes), or NULL when there is none. */
const char *target_twin(char *room, size_t size, const char *target);

#endif
