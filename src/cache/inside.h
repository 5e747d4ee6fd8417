/* cache/inside.h - struct cache, for cache.c, reader.c, figures.c and problems.c
 * only */
#ifndef CACHE_INSIDE_H
#define CACHE_INSIDE_H

#include "base/lock.h"
#include "cache/cache.h"
#include "cache/db.h"
#include "cache/memtier.h"
#include "cache/writer.h"

/* Powers of two; later marks overwrite earlier ones. */
enum { UNSHARED_MARKS = 8192, UNSTORED_MARKS = 1024, UNSTORED_MS = 60000 };

/* A key and a time: its answers cannot be shared, or it was noted. Two atomics
 * that may disagree for a moment: then one request asks alone, or one waits in
 * vain. */
struct mark {
	_Atomic uint64_t hash;
	_Atomic int64_t until_ms;
};

struct cache {
	struct memtier *memtier;
	struct writer *writer;
	struct mark unshared[UNSHARED_MARKS];
	struct mark unstored[UNSTORED_MARKS];
	_Atomic uint64_t numbers; /* cache_new_number() */

	/* The file's part of the figures, while it is good enough. */
	struct lock figures_lock;
	struct cache_figures figures;   /* under figures_lock */
	uint64_t figures_generation;    /* under figures_lock */
	uint64_t figures_good_until_us; /* under figures_lock */
};

#endif
