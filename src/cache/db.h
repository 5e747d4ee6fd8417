/* cache/db.h - the SQLite file: opening it, its state, setting it aside
 *
 * No memory mapping: a file that somebody truncates under us would kill the
 * process (SIGBUS), and reading a page of 30 KB with read() costs some ten
 * microseconds more, on a path that is no hit. (The WAL's index is mapped
 * all the same; that is SQLite's own file beside ours.)
 *
 * New files have small pages: of a million rows a look-up reads three pages
 * that nobody read lately, and throwing rows out writes as many as it touches.
 * Bodies of 30 KB are read and stored nearly as fast as with pages of 16 KiB.
 * A file with other pages works as well. */
#ifndef CACHE_DB_H
#define CACHE_DB_H

#include <stdbool.h>
#include <sqlite3.h>
#include <stdint.h>
#include "base/err.h"

enum {
	DB_APPLICATION_ID = 0x4c697679, /* "Livy" */
	DB_VERSION = 1,                 /* of the schema: user_version */
	DB_PAGE_SIZE = 4096, /* of a new file */
	DB_WAL_FRAME_HEAD = 24,
	DB_BUSY_MS = 5000,
};

/* What became of an attempt to use the file. */
enum db_state {
	DB_OK,
	DB_CORRUPT,   /* no database, or a damaged one: set aside */
	DB_FOREIGN,   /* another program's, or another version's: set aside */
	DB_READ_ONLY, /* file or folder */
	DB_FULL,      /* the disk */
	DB_BUSY,      /* another process writes, or holds the lease */
	DB_TROUBLE,   /* anything else of the world: wait and try again */
	DB_BAD_ROW,   /* this row only: too big, or against a constraint */
};
enum db_state db_state_of(sqlite3 *sqlite, int rc);

/* One connection with its statements, all prepared at once. One thread. */
struct db {
	sqlite3 *sqlite;
	sqlite3_stmt **stmts;
	unsigned count;
};

/* Open for writing: make the file and its schema if there is none. After
 * anything but DB_OK there is no connection, and *version is what was found
 * when the file is foreign. */
enum db_state db_open(struct db *db, const char *file,
    const char *const *sql, unsigned count, int *version, struct err *err);
/* Open for looking only; never makes or changes anything. A file that may not
 * be written, or in a folder or on a medium where nothing may be, is read all
 * the same, and with it the -wal that a dead process left there. */
enum db_state db_open_reader(struct db *db, const char *file,
    const char *const *sql, unsigned count, struct err *err);
/* The same without statements, with flags of sqlite3_open_v2. SQLITE_OK, or
 * the trouble; *out is to be closed either way. */
int db_connect(sqlite3 **out, const char *file, int flags);
/* It is a cache file of this version, with all that is read here. */
bool db_is_ours(sqlite3 *sqlite, struct err *err);
void db_close(struct db *db);
/* Where another connection writes, look again each millisecond for about
 * DB_BUSY_MS: its transactions are short, and its rests (peers.h) are, too. */
void db_be_patient(sqlite3 *sqlite);

/* Borrow the statement with index i, reset and ready to be bound. */
sqlite3_stmt *db_use(struct db *db, unsigned i);
/* Step a statement that gives no row, and reset it. SQLITE_OK or the
 * trouble. */
int db_run(sqlite3_stmt *stmt);
/* The first column of a PRAGMA or SELECT that gives one number. */
int64_t db_number(sqlite3 *sqlite, const char *sql, int64_t otherwise);

/* Of the file that is open. */
int64_t db_page_size(sqlite3 *sqlite);

/* The file that is open is not the one of that name any more. */
bool db_has_moved(struct db *db, const char *file);

/* ---- the lease: who uses the file ---- */

/* Processes that use a file hold a shared lock on FILE.lease; only who gets
 * it alone may rename or migrate the file. -1: no lease to have (then the
 * file may not be used). */
CHECKED int lease_take(const char *file, struct err *err);
void lease_drop(int *fd);
/* Nobody else has it now. */
bool lease_is_ours(int fd);

/* Rename FILE, FILE-wal to FILE.WHY-<time>; err says the new name. */
enum db_state db_set_aside(const char *file, int lease_fd, const char *why,
    char *new_name, size_t size, struct err *err);

#endif
