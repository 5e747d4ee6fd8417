/* cache/epoch.h - purges that are in force while the rows they mean still stand
 * in the cache file
 *
 * A purge writes down what it means and the last row that there is, and is done
 * as far as anybody can see: a row up to that one which it means is dead, or
 * (a soft purge) stale from then on. The writer removes or marks the rows
 * afterwards, a few at a time, and then the purge is closed. What stands in the
 * table `changes` as open is read again when the file is opened, so this holds
 * after a restart and after a crash.
 *
 * The list is the writer thread's; any thread may judge by it. Nothing that a
 * transaction brought or closed counts until the writer says how it ended, but
 * for what it brought: that is in force at once, taken back if it failed. */
#ifndef CACHE_EPOCH_H
#define CACHE_EPOCH_H

#include "cache/meaning.h"

/* More than so many open at a time are worked off at once, so that judging a
 * row stays cheap. */
enum { EPOCHS_MAX = 64 };

struct epoch {
	struct meaning *meaning; /* counted */
	int64_t seq;             /* in `changes` */
	int64_t max_id;          /* rows up to this one */
	int64_t at_ms;
	bool soft;
	/* the writer thread's: */
	int64_t cursor;          /* rows up to this one are done */
	int64_t cursor_before;   /* as it was before this transaction */
	bool is_new, is_over;    /* in this transaction */
};

struct epochs;

struct epochs *epochs_new(void);
void epochs_free(struct epochs **epochs);

/* ---- the writer thread ---- */

/* Refs the meaning. The list is longer than EPOCHS_MAX for a moment only. */
void epochs_add(struct epochs *epochs, const struct epoch *epoch);
/* The oldest that is not over, or NULL. */
struct epoch *epochs_next(struct epochs *epochs);
unsigned epochs_count(struct epochs *epochs);
/* Rows up to this id may be meant by one of them: who writes to such a row
 * writes another instead. */
int64_t epochs_max_id(struct epochs *epochs);
/* Take out those that `gone` says; it may read the file. */
void epochs_thin(struct epochs *epochs,
    bool (*gone)(void *arg, const struct epoch *epoch), void *arg);
/* How the transaction ended. */
void epochs_settle(struct epochs *epochs, bool committed);
/* The file is closed. */
void epochs_clear(struct epochs *epochs);

/* ---- any thread ---- */

/* Rows up to this one, of those that this means, are dead already; 0: none. */
int64_t epochs_covered(struct epochs *epochs, const struct meaning *meaning);

enum meant { MEANT_NOT, MEANT_SOFT, MEANT_HARD };

/* Of an object that was read from row object->row. MEANT_SOFT: *at_ms is
 * when. One atomic load when there is none. */
enum meant epochs_judge(struct epochs *epochs, const struct object *object,
    int64_t *at_ms);
/* How many were closed. A row that was read when this was another number may
 * have been meant by one that is not in the list any more. */
uint64_t epochs_closings(struct epochs *epochs);

#endif
