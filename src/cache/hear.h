/* cache/hear.h - what the writer does about the news of other processes
 *
 * The writer thread only. */
#ifndef CACHE_HEAR_H
#define CACHE_HEAR_H

#include "cache/job.h"

/* Drop from memory what others have stored anew: an SQLite code. */
int hear_news(struct writer *writer);
/* This store was posted before a purge by another process was heard of that
 * means it: it is not to be written. One that a soft purge meant is marked. */
bool hear_was_purged(struct writer *writer, struct job *job);
/* The file was closed for a while, and others wrote to it: nothing that is in
 * memory is sure any more. */
void hear_what_was_missed(struct writer *writer);
/* Tell whoever wants to know (cache_on_news()). */
void hear_tell(struct writer *writer);

#endif
