/* cache/recent.h - the last purges, so that what was asked for before one is
 * not stored after it
 *
 * An answer on its way while its page is purged is as old as what the purge
 * removed. Whoever asks remembers how many purges there had been, and looks
 * here before it stores. Any thread. */
#ifndef CACHE_RECENT_H
#define CACHE_RECENT_H

#include <stdbool.h>
#include <stdint.h>
#include "cache/object.h"

enum { RECENT_MAX = 256 };

struct recent;

struct recent *recent_new(void);
void recent_free(struct recent **recent);
/* A purge begins: the words of purge_memory(). */
void recent_add(struct recent *recent, const char *kind, const char *key);
/* How many there were. One atomic load. */
uint64_t recent_count(struct recent *recent);
/* Whether one after the first `count` meant this object. When more came than
 * are remembered: true, to be safe. */
bool recent_means(struct recent *recent, uint64_t count,
    const struct object *object);

#endif
