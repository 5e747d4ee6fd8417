/* cache/unswept.h - rows that a purge means and that still stand in the file,
 * for who looks at it from outside
 *
 * As the server judges them (epoch.h), by the same words: a purge that is open
 * is in force. */
#ifndef CACHE_UNSWEPT_H
#define CACHE_UNSWEPT_H

#include <sqlite3.h>
#include "cache/epoch.h"

struct unswept;

/* Read the purges that are open; sqlite must live as long. -1: they cannot be
 * read, and so nobody knows what is served. */
CHECKED int unswept_new(
    struct unswept **out, sqlite3 *sqlite, struct err *err);
void unswept_free(struct unswept **unswept);

/* Row id of `entry`. MEANT_SOFT: *at_ms is when, of the first. */
enum meant unswept_judge(struct unswept *unswept, int64_t id, int64_t *at_ms);
/* Give sqlite a function state_of(id, state), the state with these purges, for
 * as long as both live. */
CHECKED int unswept_function(struct unswept *unswept, struct err *err);

#endif
