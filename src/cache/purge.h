/* cache/purge.h - dropping from memory what a purge means */
#ifndef CACHE_PURGE_H
#define CACHE_PURGE_H

#include "cache/memtier.h"

/* kind: key, url, path (key is "SITE TARGET", SITE maybe empty), tag or all.
 * Begins a new epoch, so that no reader brings back what it read before.
 * Answers how many went. Themes and assets go by key only. Any thread. */
unsigned purge_memory(struct memtier *memtier, const char *kind,
    const char *key);
/* Whether that purge is about this object. */
bool purge_means(const char *kind, const char *key,
    const struct object *object);

#endif
