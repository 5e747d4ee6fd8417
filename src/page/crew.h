/* page/crew.h - worker threads, fair between sites
 *
 * Each site has a queue; a worker takes from the one that has had the least
 * worker time lately, and no site holds more than its share of the workers
 * (half of them, when several sites are served), so a slow site delays itself
 * only.
 * Workers never wait for anything but work.
 *
 * When several sites are served, one that had a job which took CREW_SLOW_US of
 * processor time is slow, until CREW_SLOW_FOR_US have gone by without another.
 * What slow sites ask for is done in a lane of its own: as many threads as a
 * site's share, with a lower priority, fair between them. So the ordinary
 * workers are free of it but for the job that told, and the processors turn to
 * other sites first; what is left over is the slow ones'. So whatever one site's
 * rules cost, the p99 of another's dressing stays within 1.5 times of what it
 * is without. Where the system does not let a thread lower its priority, the
 * lanes still are apart. */
#ifndef PAGE_CREW_H
#define PAGE_CREW_H

#include <stdatomic.h>
#include <stdint.h>
#include "cache/cache.h"
#include "http/pack.h"
#include "theme/theme.h"

enum {
	CREW_SLOW_US = 10 * 1000,
	CREW_SLOW_FOR_US = 10 * 1000 * 1000,
};

struct crew;

/* What a worker has at hand. */
struct worker {
	struct cache_reader *reader;
	struct dresser *dresser;
	struct packer *packer;
	struct buf out; /* scratch of a dressing */
};

/* A piece of work, embedded in a page. */
struct crew_job {
	struct crew_job *next;
	uint64_t posted_us;
	void (*run)(struct crew_job *job, struct worker *worker);
};

/* A site's standing with the crew, and its misses in flight. */
struct site_load {
	/* shared: under the crew's lock */
	struct crew_job *first, **last;
	struct site_load *next_active; /* of those with work waiting */
	uint64_t used_us;              /* worker time, as it is reckoned */
	uint64_t slow_until_us;
	unsigned running, lane;
	/* shared: any thread */
	_Atomic unsigned refs;
	_Atomic unsigned misses;
	_Atomic unsigned aheads; /* page/ahead.c: read while they arrive */
};
/* Counted: by its routes, and by a worker that is at a job of it. */
struct site_load *site_load_new(void);
struct site_load *site_load_ref(struct site_load *load);
void site_load_unref(struct site_load **load);
/* A job of it took so much: whether it is slow now. Under the crew's lock. */
bool site_load_is_slow(struct site_load *load, uint64_t cpu_us,
    uint64_t now_us);

CHECKED int crew_start(struct crew **out, struct cache *cache,
    unsigned workers, struct err *err);
/* Everything posted is done first. */
void crew_stop(struct crew **crew);
/* How many sites are served: one alone may hold all workers, of several each
 * may hold half. One, until this is called. */
void crew_set_sites(struct crew *crew, unsigned sites);

/* Any thread. */
void crew_post(struct crew *crew, struct site_load *load,
    struct crew_job *job);
/* The same for what can be left undone: true if a worker is idle for it now, and
 * nobody waits for one. Else nothing has happened. */
CHECKED bool crew_offer(struct crew *crew, struct site_load *load,
    struct crew_job *job);

#endif
