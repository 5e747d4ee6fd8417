/* cache/row.h - an object as a row of the cache file, and its checksum
 *
 * SQLite has no checksum over its pages, so each row carries one over all
 * that is served. It is checked on the bare columns, before anything is made
 * of them: nothing in a damaged row is believed, lengths included. */
#ifndef CACHE_ROW_H
#define CACHE_ROW_H

#include <sqlite3.h>
#include "base/buf.h"
#include "cache/hash.h"
#include "cache/object.h"

/* Columns of `entry` in the order that row_bind and row_read know. */
#define ROW_COLUMNS                                                        \
	"key, variant, vary, kind, site, url, status, head, etag, "       \
	"last_modified, tags, asked_ms, answered_ms, cost_ms, "            \
	"lifetime_ms, initial_age_ms, swr_ms, sie_ms, strict, no_cache, "  \
	"size, body_sum, sum"
/* And of `dress`. */
#define DRESS_COLUMNS                                                      \
	"source_sum, theme, theme_version, rules_version, status, head, "  \
	"etag, last_modified, made_ms, cost_ms, size, body_sum, sum"

enum {
	ROW_TEXTS = 10,
	ROW_NUMBERS = 11,
	ROW_BOUND = 23, /* columns in ROW_COLUMNS */
	DRESS_BOUND = 13,
	HEAD_TEXT_MAX = 1 << 20,
};

/* All texts and numbers of one row, borrowed from an object or statement. */
struct row {
	struct slice text[ROW_TEXTS];
	int64_t number[ROW_NUMBERS];
	struct sum body_sum, sum;
	struct slice body;
};

/* head: room for the head's text, which the row borrows. -1: too large. */
CHECKED int row_of_object(struct row *row, const struct object *object,
    struct buf *head, struct summing *summing);
/* Bind as ?1 .. ?ROW_BOUND. */
void row_bind(const struct row *row, sqlite3_stmt *stmt);
/* Read ROW_COLUMNS from column 0 on, and the body in the column behind. */
void row_read(struct row *row, sqlite3_stmt *stmt);
/* Is the row whole, and the one of this key? */
bool row_is_whole(const struct row *row, const struct key *key,
    struct summing *summing);
/* Give the object of a whole row. NULL: no memory for its body, or its head
 * is none. */
struct object *row_to_object(const struct row *row, const struct key *key);

/* The same for a dressed page: source is its page's row sum. */
CHECKED int dress_of_object(struct row *row, const struct object *dressed,
    int64_t made_ms, const struct sum *source, struct buf *head,
    struct summing *summing);
void dress_bind(const struct row *row, const struct sum *source,
    sqlite3_stmt *stmt);
void dress_read(struct row *row, struct sum *source, sqlite3_stmt *stmt);
bool dress_is_whole(const struct row *row, const struct sum *source,
    struct summing *summing);
bool dress_is_version(const struct row *row, const char *theme_version);
struct object *dress_to_object(const struct row *row,
    const struct object *page);

#endif
