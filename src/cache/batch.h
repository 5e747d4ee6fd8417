/* cache/batch.h - one transaction of the writer: what goes into it, and what it
 * does. The writer thread only. */
#ifndef CACHE_BATCH_H
#define CACHE_BATCH_H

#include "cache/job.h"

enum {
	BATCH_JOBS = 256, /* at most */
	BATCH_JOBS_MIN = 16,
	BATCH_US = 25000, /* the jobs of one batch, about */
};

/* How many jobs the next batch may have, when the last might have had `limit`,
 * had count, and took so long for them. What is written is seen when its
 * transaction ends, and a store that asks the disk for the pages it belongs into
 * takes ten times as long as one that need not. */
unsigned batch_pace(unsigned limit, unsigned count, uint64_t took_us);

/* Put the jobs of one batch from the queue into batch. *bytes: of stores. */
void batch_choose(struct writer *writer, struct jobs *batch, uint64_t *bytes);

/* Do them and commit: SQLITE_OK, or the trouble, and then nothing of it is in
 * the file once the transaction was rolled back; the jobs stay in the list
 * either way. Beside the jobs it takes in what other processes purged, writes
 * hits that are due, throws out what is too much (what it brought itself, and
 * then for EVICT_US at most, so that stores do not wait: writer->more_to_evict),
 * removes what was purged for SWEEP_US at most and tidies. */
int batch_write(struct writer *writer, struct jobs *batch);
/* The same, each job in a transaction of its own, after a batch came upon
 * damage: a store, dress or deed whose place in the file is damaged is left
 * out and counted, and so is its damage (file_is_spoilt). Ends early with the
 * trouble when it is another one, when a purge cannot be done, or when there
 * is too much damage. */
int batch_write_singly(struct writer *writer, struct jobs *batch);

/* Take in what other processes purged and stored. */
int batch_changes(struct writer *writer);
/* Take the hits since last time; what was used meanwhile makes a new list. */
int batch_touches(struct writer *writer);
bool batch_has_touches(struct writer *writer);
/* The next batch tidies, however few deeds there were. False: no need. */
bool batch_tidies(struct writer *writer);

#endif
