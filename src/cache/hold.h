/* cache/hold.h - what waits while the file cannot be written. The writer
 * thread only. */
#ifndef CACHE_HOLD_H
#define CACHE_HOLD_H

#include "cache/job.h"

/* The queue and this batch, kept or given up: purges and deeds stay in the
 * queue (HELD_MAX of each; more purges become one of everything), stores are
 * given up and counted. Purges are still written where they can be. From one
 * that cannot be on, rows that it means are not shown any more; in a file that
 * is only read each row is looked at, else nothing is read. */
void hold_all(struct writer *writer, struct jobs *batch);

/* After trouble, or with a fresh file: what memory has and the file has not
 * is stored now. all: rows of an older file count for nothing. */
void hold_restore(struct writer *writer, bool all);

#endif
