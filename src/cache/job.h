/* cache/job.h - the writer's inside: what is posted to it, and its state; for
 * post.c, jobs.c, batch.c, hold.c and writer.c only */
#ifndef CACHE_JOB_H
#define CACHE_JOB_H

#include "base/inbox.h"
#include "base/thread.h"
#include "cache/file.h"
#include "cache/purge.h"
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
	struct purged purged; /* under lock */
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
	/* Of a store: the purges that there were, and those by others. */
	uint64_t purges, purges_elsewhere;
	struct purge_deed purge;  /* of JOB_PURGE; its meaning is counted */
	struct purged purged;     /* what came of it */
	struct waiting *waiting; /* or NULL */
};

struct jobs {
	struct inbox_item *first, **last;
	unsigned count;
};

struct writer {
	struct thread thread;
	struct memtier *memtier;
	struct peers *peers;
	struct charges *charges;
	bool has_file;
	struct checkup *checkup; /* or NULL */
	struct file file; /* the writer thread's, but what it marks */

	/* shared: any thread */
	struct inbox inbox;
	_Atomic uint64_t bytes_waiting;
	_Atomic unsigned small_waiting;
	_Atomic bool lags;
	_Atomic bool running; /* problems go through the report's sink */
	_Atomic unsigned suspect; /* damage that readers met */
	/* Purges after so many are not done in the file yet: see
	 * writer_purges_done(). */
	_Atomic uint64_t purges_done;
	_Atomic uint64_t purges_elsewhere; /* by other processes, so far */
	struct object *_Atomic touched;

	struct lock lock;
	struct cond cond;
	bool woken, urgent, stopping; /* under lock */
	/* Held from remembering a purge to posting it; not a leaf. */
	struct lock purging;
	/* Held while told() runs, so that whoever unsets it knows that it is
	 * over; not a leaf either. */
	struct lock telling;
	/* under telling: */
	void (*told)(void *, const char *, const char *, int64_t);
	void *told_arg;
	void (*heard)(void *); /* news of themes, or of a charge */
	void *heard_arg;

	/* the writer thread only: */
	struct jobs queue;
	unsigned batch_jobs; /* in the next batch: what the last took */
	int64_t data_version;
	uint64_t touched_at_us;
	unsigned untidy; /* deeds since the last tidying */
	bool more_to_evict;
	bool buries; /* memory has dead objects yet */
	bool sweeps; /* this turn has something to sweep yet */
	bool has_news; /* to tell of */
};

/* ---- lists; whoever has one owns what is in it ---- */

struct job *job_of(struct inbox_item *item);
void jobs_init(struct jobs *jobs);
void jobs_add(struct jobs *jobs, struct inbox_item *item);
/* The first one, or NULL. */
struct job *jobs_take(struct jobs *jobs);
/* Move all to the end of another list. */
void jobs_append(struct jobs *to, struct jobs *from);

/* Answer who waits for it, with job->purged; once. */
void job_answer(struct job *job);
/* Answer and free it. */
void job_end(struct writer *writer, struct job **job);
void jobs_end(struct writer *writer, struct jobs *jobs);

/* Count hits; the first since the writer last asked lists the object, which
 * is held for it. Any thread. */
void writer_list_touched(struct writer *writer, struct object *object,
    uint32_t hits);

/* Tell of a problem of the file; a file's `tell`. Problems that arise before
 * cache_open() has returned have no sink yet and are posted right away. */
void writer_tell(void *arg, const char *url, const char *reason,
    const char *instead);

#endif
