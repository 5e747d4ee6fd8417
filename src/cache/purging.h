/* cache/purging.h - purges in the cache file: finding, counting, removing and
 * marking the rows that one means
 *
 * Rows are found by their index where the kind of purge has one (all but
 * `match` and `all` of one site), in the order of their ids, so that whoever is
 * interrupted goes on behind the last. All answer an SQLite code. Statements
 * are made for the one purge: that is a small part of what it costs. */
#ifndef CACHE_PURGING_H
#define CACHE_PURGING_H

#include <sqlite3.h>
#include "cache/epoch.h"

/* expired_ms of a row that no soft purge has meant. Not 0: a damaged byte makes
 * no other value of it, nor it of another. */
enum { ROW_NOT_EXPIRED = -1 };

/* How many rows behind `from` and up to `to` it means. Stops at until_us
 * (steady clock): *more. For `tag` and `all` only an index is read. */
int purging_count(sqlite3 *sqlite, const struct meaning *meaning,
    int64_t from, int64_t to, uint64_t until_us, unsigned *count, bool *more);

/* Remove (soft: mark) what this means behind its cursor, until until_us, at
 * least one row. *count grows. The cursor moves; epoch->is_over: it was all. */
int purging_sweep(sqlite3 *sqlite, struct epoch *epoch, uint64_t until_us,
    unsigned *count);

/* The last row there ever was. */
int64_t purging_last_id(sqlite3 *sqlite);
/* Leave word of it in `changes`: open unless epoch->is_over. Sets its seq. */
int purging_note(sqlite3 *sqlite, struct epoch *epoch);
/* It is over: so in `changes`. */
int purging_close(sqlite3 *sqlite, const struct epoch *epoch);
/* Tell of the words behind `seq`, in order; open_only: of the open ones. A
 * purge whose words cannot be read is told as one of everything. What is told
 * is borrowed. */
int purging_words(sqlite3 *sqlite, int64_t seq, bool open_only,
    void (*told)(void *arg, const struct epoch *epoch, bool is_open),
    void *arg);

/* The most used first of the pages that it means: told(arg, url, variant) at
 * most max times. Of more than can be looked at until until_us, of those. */
int purging_most_used(sqlite3 *sqlite, const struct meaning *meaning,
    unsigned max, uint64_t until_us, void (*told)(void *arg, const char *url,
    const char *variant), void *arg);

#endif
