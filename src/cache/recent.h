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
#include "cache/epoch.h"

enum { RECENT_MAX = 256 };

struct recent;

struct recent *recent_new(void);
void recent_free(struct recent **recent);
/* A purge begins. Refs the meaning. by: whose it is, for recent_means(); 0:
 * nobody's. */
void recent_add(struct recent *recent, struct meaning *meaning, bool soft,
    int64_t at_ms, uint64_t by);
/* How many there were. One atomic load. */
uint64_t recent_count(struct recent *recent);
/* The same up to the last that may have meant what is put into pages (kind
 * fragment). One atomic load. */
uint64_t recent_count_of_parts(struct recent *recent);
/* Whether one after the first `count` meant this object, hard or soft, but for
 * those that are `by`'s own (0: all count). When more came than are remembered:
 * true, to be safe. */
bool recent_means(struct recent *recent, uint64_t count,
    const struct object *object, uint64_t by);
/* The same, and how. MEANT_SOFT: *at_ms is when. */
enum meant recent_judge(struct recent *recent, uint64_t count,
    const struct object *object, uint64_t by, int64_t *at_ms);

#endif
