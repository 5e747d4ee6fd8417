/* cache/schema.h - whether a cache file has what cache/schema.sql would make
 *
 * The version of the schema counts what another livery cannot work with. Below
 * that columns, tables, indexes and views come: a file made before them is given
 * them when it is opened for writing, in one transaction. What cannot
 * be added, or would refuse our rows, makes the file a foreign one.
 *
 * Adding a column reads its table once (SQLite looks whether a STRICT table
 * holds what it should): a second or so for a million rows, on the day that
 * livery is replaced. */
#ifndef CACHE_SCHEMA_H
#define CACHE_SCHEMA_H

#include <sqlite3.h>
#include "base/err.h"

/* Make it in an empty file; within the caller's transaction. */
int schema_make(sqlite3 *sqlite);

enum schema {
	SCHEMA_SAME,
	SCHEMA_BEHIND, /* in views, indexes, triggers: its rows can be read */
	SCHEMA_LACKS,  /* columns or tables */
	SCHEMA_OTHER,  /* and they cannot be added, or there are others */
};
/* An SQLite code. Otherwise than SCHEMA_SAME: err says in what, first of all.
 * Changes nothing. */
int schema_look(sqlite3 *sqlite, enum schema *how, struct err *err);
/* Add what is not there. SQLITE_OK; SQLITE_MISMATCH: it is SCHEMA_OTHER, err
 * says why; another code: the world's trouble, err untouched. The file is as it
 * was then. */
int schema_bring_up(sqlite3 *sqlite, struct err *err);

#endif
