/* cache/purging_way.h - the candidates of a purge, for purging*.c only */
#ifndef CACHE_PURGING_WAY_H
#define CACHE_PURGING_WAY_H

#include <sqlite3.h>
#include "cache/meaning.h"

/* A statement that gives ids in column 0, in their order; counting: in any,
 * and perhaps cheaper. An SQLite code; *out is to be finalized either way. */
int way_prepare(sqlite3_stmt **out, sqlite3 *sqlite,
    const struct meaning *meaning, bool counting);
/* Ids behind `from`, up to `to`. Texts are the meaning's. */
void way_bind(sqlite3_stmt *stmt, const struct meaning *meaning, int64_t from,
    int64_t to);
/* One row by its id, ?1, for way_is_meant() and any meaning. */
extern const char WAY_ROW[];
/* Whether the row that it stands at is meant. */
bool way_is_meant(sqlite3_stmt *stmt, const struct meaning *meaning);

#endif
