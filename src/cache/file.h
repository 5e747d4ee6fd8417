/* cache/file.h - the cache file and its fortunes: opened, full, damaged, set
 * aside, replaced, only to be read
 *
 * A file that may not be written is read all the same: it has a generation
 * then, and trouble. A damaged place in a file costs what is stored there; the
 * file is set aside when it cannot be opened, when a purge or a transaction
 * cannot be written, or after DAMAGE_MAX encounters.
 *
 * Only the writer thread calls these (and cache_open before it runs). What
 * other threads may ask of it is marked.
 *
 * The WAL is copied into the file by a thread of its own (checkpoint.h), which
 * is begun when there is something to copy. When it cannot be, or fails, the
 * writer copies it itself; when that fails too, the WAL grows to wal_max, and
 * from then on nothing is stored (trouble). */
#ifndef CACHE_FILE_H
#define CACHE_FILE_H

#include <stdatomic.h>
#include <sys/types.h>
#include "cache/rows.h"

/* How often damage is met in one file before it is given up. */
enum { DAMAGE_MAX = 64 };

struct file {
	struct rows rows; /* open while rows.db.sqlite is */
	char *name;
	int lease_fd;
	uint64_t openings;
	_Atomic uint64_t wal_bytes; /* any thread */
	uint64_t copied_bytes;      /* of them, known to be in the file too */
	bool wal_is_new;            /* begun anew since copying was asked for */
	struct checkpoint *checkpoint; /* or NULL */
	bool has_no_checkpoint;        /* there was no thread to be had */
	_Atomic uint64_t size_max, wal_max;
	uint64_t retry_at_us; /* while in trouble */
	bool was_left;        /* by a process that ended without a last word */
	bool owes_purges;     /* one is held: see hold.h */
	unsigned damage;      /* how often it was met in this file */
	dev_t device;         /* which one is only read */
	ino_t inode;
	enum db_state told;   /* the trouble that was told, or DB_OK */
	uint64_t over_at_us;  /* when it was over; it may come back */
	/* whom problems are told: reason, and what was done instead */
	void (*tell)(void *arg, const char *url, const char *reason,
	    const char *instead);
	void *tell_arg;

	/* Any thread: counts up with each file that was opened; 0 while
	 * nothing may be read from it, as while it owes a purge. */
	_Atomic uint64_t generation;
	/* Any thread: it is read and cannot be written. */
	_Atomic bool only_read;
	/* Any thread: why nothing is written, or NULL. */
	const char *_Atomic trouble;
};

void file_init(struct file *file, const char *name);
void file_fini(struct file *file);

/* Open it, setting aside what is no use. True: it can be used. Otherwise
 * trouble is set, told once, and retry_at_us says when to try again; it may
 * be one that is only read. */
bool file_open(struct file *file);
/* Close it and read from it no more; the data of later stores stays in
 * memory until file_open() succeeds. */
void file_close(struct file *file);

/* Leave it and open what has its name now. As file_open(). */
bool file_reopen(struct file *file);

/* Something went wrong: forget the transaction and do what is to be done.
 * True: a fresh file is open, and the batch may be tried again. */
bool file_failed(struct file *file, int rc);
/* So many damaged places were met: true when that makes too many. Told the
 * first time. */
bool file_is_spoilt(struct file *file, unsigned times);
/* Enter a trouble (told once) that ends with file_recovered(). */
void file_trouble(struct file *file, enum db_state state,
    const char *reason);
bool file_has_trouble(struct file *file); /* any thread */
/* Is it over? Asked when retry_at_us has come. */
bool file_recovered(struct file *file);
/* Asked now and then: tells that the trouble is over once it has stayed away
 * for a while, so that one which comes and goes is told once. */
void file_calm(struct file *file);

/* May so many bytes be written now? If not, trouble was entered. */
bool file_has_room(struct file *file, uint64_t bytes);
/* ---- the WAL: file_wal.c ---- */

/* A file was opened: know from now on how long its WAL is. */
void file_watch_wal(struct file *file);
/* Have the WAL copied into the file when it has grown enough; a little
 * earlier when there is nothing else to do. Waits for the disk only when the
 * thread failed or is too slow for what comes. */
void file_checkpoint(struct file *file, bool idle);
/* It is so long that what can wait is to wait until it is copied. */
bool file_wal_is_long(struct file *file);
/* Try to empty the WAL, waiting for no reader. */
bool file_empty_wal(struct file *file);
/* A clean end empties it. */
bool file_has_wal(const struct file *file);
/* Before the last close: all of it into the file, the WAL emptied. */
void file_finish(struct file *file);
/* Another file has its name now, or none. */
bool file_was_replaced(struct file *file);
/* Give free pages back to the disk, a few at a time. */
void file_shrink(struct file *file);

#endif
