/* cache/job.h - the writer's inside: what is posted to it, and its state; for
 * post.c and writer.c only */
#ifndef CACHE_JOB_H
#define CACHE_JOB_H

#include "base/inbox.h"
#include "base/thread.h"
#include "cache/file.h"
#include "cache/writer.h"

enum {
	WAITING_MAX = 64 << 20, /* bytes; over it stores stay in memory */
	SMALL_MAX = 10000,      /* problems, addresses, errors waiting */
	TEXTS_MAX = 4,
};

enum job_kind { JOB_STORE, JOB_DRESS, JOB_PURGE, JOB_DEED };

/* Who waits for a purge: on the stack of the waiting thread. */
struct waiting {
	struct lock lock;
	struct cond cond;
	bool done;      /* under lock */
	unsigned count; /* under lock */
};

struct job {
	struct inbox_item item;
	enum job_kind kind;
	enum deed deed;
	struct object *object, *dressed;
	char *text[TEXTS_MAX];
	int64_t number;
	int64_t at_ms;
	size_t size;
	unsigned count;
	struct waiting *waiting; /* or NULL */
};

struct jobs {
	struct inbox_item *first, **last;
	unsigned count;
};

struct writer {
	struct thread thread;
	struct memtier *memtier;
	bool has_file;
	struct file file; /* the writer thread's, but what it marks */

	/* shared: any thread */
	struct inbox inbox;
	_Atomic uint64_t bytes_waiting;
	_Atomic unsigned small_waiting;
	_Atomic bool lags;
	_Atomic bool running; /* problems go through the report's sink */
	_Atomic int suspect;  /* an SQLite code that a reader was told */
	struct object *_Atomic touched;

	struct lock lock;
	struct cond cond;
	bool woken, urgent, stopping; /* under lock */
	/* Held while told() runs, so that whoever unsets it knows that it is
	 * over; the one lock here that is no leaf. */
	struct lock telling;
	void (*told)(void *, const char *, const char *); /* under telling */
	void *told_arg;                                   /* under telling */

	/* the writer thread only: */
	struct jobs queue;
	int64_t data_version;
	uint64_t touched_at_us;
	unsigned untidy; /* deeds since the last tidying */
	bool more_to_evict;
};

/* Tell of a problem of the file; a file's `tell`. Problems that arise before
 * cache_open() has returned have no sink yet and are posted right away. */
void writer_tell(void *arg, const char *url, const char *reason,
    const char *instead);

#endif
