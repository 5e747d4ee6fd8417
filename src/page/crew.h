/* page/crew.h - worker threads, fair between sites
 *
 * Each site has a queue; a worker takes from the one that has had the least
 * worker time lately, and no site holds more than its share of the workers (half
 * of them, when several sites are served), so a slow site delays itself only.
 * Workers never wait for anything but work. */
#ifndef PAGE_CREW_H
#define PAGE_CREW_H

#include <stdatomic.h>
#include <stdint.h>
#include "cache/cache.h"
#include "theme/theme.h"

struct crew;

/* What a worker has at hand. */
struct worker {
	struct cache_reader *reader;
	struct dresser *dresser;
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
	unsigned running;
	/* shared: any thread */
	_Atomic unsigned refs;
	_Atomic unsigned misses;
};
/* Counted: by its routes, and by a worker that is at a job of it. */
struct site_load *site_load_new(void);
struct site_load *site_load_ref(struct site_load *load);
void site_load_unref(struct site_load **load);

CHECKED int crew_start(struct crew **out, struct cache *cache,
    unsigned workers, struct err *err);
/* Everything posted is done first. */
void crew_stop(struct crew **crew);
/* How many workers one site may hold at a time. */
void crew_set_share(struct crew *crew, unsigned share);
unsigned crew_workers(const struct crew *crew);

/* Any thread. */
void crew_post(struct crew *crew, struct site_load *load,
    struct crew_job *job);

#endif
