/* cache/look.h - what the questions of inspect.h share: opening, printing */
#ifndef CACHE_LOOK_H
#define CACHE_LOOK_H

#include <stdio.h>
#include "cache/db.h"
#include "cache/row.h"

/* Open a cache file for reading, beside a running livery or without one, also
 * where nothing may be written. -1: it is none, or cannot be read. */
CHECKED int look_open(sqlite3 **out, const char *file, struct err *err);
/* Prepare; -1 with the reason. */
CHECKED int look_prepare(sqlite3_stmt **out, sqlite3 *sqlite,
    const char *sql, struct err *err);
/* A URL as it stands in the file: where only the rules of some site about
 * queries lead to an entry, that one's. A path alone stays one. Borrows room
 * of KEY_MAX bytes; NULL: too long. */
const char *look_url(sqlite3 *sqlite, const char *url, char *room);
/* Print text with control bytes as \xNN, so that nothing stored can play
 * with somebody's terminal. */
void look_print(FILE *out, const char *text);
/* Print what a statement gives: a table with its names on a terminal, else
 * tab separated lines. Rows whose first column wanted()
 * turns down are left out; NULL: none are. */
void look_table(FILE *out, sqlite3_stmt *stmt,
    bool (*wanted)(const char *pattern, const char *first),
    const char *pattern);
/* Until look_calm(): what takes more than a second says on a terminal that it
 * goes on. */
struct look_busy {
	uint64_t since_ms, told_s;
	long long bytes; /* of the file */
};
void look_busy(struct look_busy *busy, sqlite3 *sqlite, long long bytes);
void look_calm(struct look_busy *busy, sqlite3 *sqlite);
/* "2026-11-21 10:00:00" of milliseconds. */
void look_time(char out[32], int64_t ms);
/* "3 h 5 min" of milliseconds. */
void look_span(char out[32], int64_t ms);

#endif
