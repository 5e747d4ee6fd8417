/* cache/checkpoint.h - a thread that copies the WAL into the cache file
 *
 * Copying what some batches wrote takes as long as the disk takes, and no store
 * is to wait for that. SQLite lets one connection copy while another writes.
 *
 * When the disk is full, the file cannot be opened or another process copies,
 * a pass fails: that is told to who looks, and nothing else happens. What is
 * not copied is in the WAL, so nothing is lost; who asks does it otherwise. */
#ifndef CACHE_CHECKPOINT_H
#define CACHE_CHECKPOINT_H

#include "base/err.h"

struct checkpoint;

/* Begin the thread; it does nothing until asked. Borrows the name. */
CHECKED int checkpoint_new(
    struct checkpoint **out, const char *file, struct err *err);
/* End the thread, after the pass that it is at. */
void checkpoint_free(struct checkpoint **checkpoint);

/* ---- one thread asks: the writer, or who ends it ---- */

enum copying {
	COPYING_RUNS,
	COPYING_DONE,	/* or nothing was asked for yet */
	COPYING_FAILED, /* the last time; asking again tries again */
};
/* How is it? *frames: so many of the WAL were in the file after the last pass;
 * left alone while there was none since the file was opened. */
enum copying checkpoint_look(struct checkpoint *checkpoint, int *frames);
/* Begin a pass, unless one runs. */
void checkpoint_ask(struct checkpoint *checkpoint);
/* Wait for the pass that runs. */
void checkpoint_wait(struct checkpoint *checkpoint);
/* The same, and close the file: it is about to be another one. */
void checkpoint_leave(struct checkpoint *checkpoint);

#endif
