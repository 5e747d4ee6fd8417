/* upstream/poollife.h - a pool from the inside, for pool*.c only
 *
 *   pool.c        slots, the queue, coming and going; how servers do
 *   poolchoose.c  who could be asked, and who is
 *   poolmake.c    one is made, from what is configured */
#ifndef UPSTREAM_POOLLIFE_H
#define UPSTREAM_POOLLIFE_H

#include "base/lock.h"
#include "upstream/pool.h"

struct pool {
	/* immutable */
	enum balance balance;
	uint32_t slow_start_ms;
	unsigned queue_max;
	unsigned lane_max[LANES]; /* 0: any number */
	unsigned count;
	struct member *servers;
	bool is_single; /* the only server is the upstream itself */
	struct lock lock;
	/* shared: all below, under lock */
	struct pool_wait *queue[LANES]; /* the first to come first */
	struct pool_figures figures;
	unsigned own[LANES]; /* of their slots, those of the reserve */
	uint64_t order;
};

static inline bool
pool_is_failing(const struct member *server, uint64_t now_ms)
{
	return upstream_is_failing(server->place, now_ms);
}

/* poolchoose.c */
/* ... under the lock. */
/* A slot that anybody may have. */
bool pool_has_usual_room(const struct pool *pool, const struct member *server,
    const struct pool_ask *ask);
/* That, or the one in reserve. */
bool pool_has_room(const struct pool *pool, const struct member *server,
    const struct pool_ask *ask);
/* POOL_CHOSEN with *out, POOL_WAITS or POOL_NONE. */
enum pool_said pool_choose(struct pool *pool, const struct pool_ask *ask,
    uint64_t now_ms, struct member **out);
/* ... and before the lock is taken, since health has one of its own. */
/* Of those that fail, one that may be tried now; none for a session whose
 * server is well. */
struct member *pool_one_to_try(
    struct pool *pool, const struct pool_ask *ask, uint64_t now_ms);
/* Some server other than this is well. */
bool pool_another_is_well(
    struct pool *pool, const struct member *than, uint64_t now_ms);

#endif
