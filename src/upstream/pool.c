/* upstream/pool.c - slots and the queue for them
 *
 * A slot that is given back goes to who waits before the lock is dropped, so
 * whoever comes finds a free slot only if nobody in the queue can use it. */
#include "upstream/poollife.h"

#include <string.h>
#include <utlist.h>

/* ---- slots ---- */

static void
hold(struct pool *pool, struct pool_wait *wait, struct member *server)
{
	bool over = !pool_has_usual_room(pool, server, &wait->ask);

	wait->server = server;
	wait->holds = true;
	wait->on_reserve = over;
	server->in_use++;
	server->own += over;
	pool->own[wait->ask.lane] += over;
	pool->figures.lanes[wait->ask.lane]++;
	atomic_fetch_add(&server->requests, 1);
}

static void
let_go(struct pool *pool, struct pool_wait *wait)
{
	must(wait->server->in_use > 0 &&
	     pool->figures.lanes[wait->ask.lane] > 0);
	wait->server->in_use--;
	wait->server->own -= wait->on_reserve;
	pool->own[wait->ask.lane] -= wait->on_reserve;
	pool->figures.lanes[wait->ask.lane]--;
	wait->holds = wait->on_reserve = false;
}

/* ---- the queue ---- */

static void
queue_add(struct pool *pool, struct pool_wait *wait)
{
	wait->waits = true;
	wait->order = pool->order++;
	DL_APPEND(pool->queue[wait->ask.lane], wait);
	pool->figures.queued++;
	pool->figures.queued_ever++;
}

static void
queue_remove(struct pool *pool, struct pool_wait *wait)
{
	DL_DELETE(pool->queue[wait->ask.lane], wait);
	wait->waits = false;
	pool->figures.queued--;
}

static bool
is_plain(const struct pool_ask *ask)
{
	return !*ask->session && !ask->sticky && !ask->tried && !ask->own;
}

/* The first of that lane that needs not wait any longer goes. False: none. */
static bool
serve_lane(struct pool *pool, enum lane lane, uint64_t now_ms)
{
	struct pool_wait *wait, *next;
	struct member *server = NULL;
	bool blocked = false;

	DL_FOREACH_SAFE(pool->queue[lane], wait, next)
	{
		enum pool_said said;

		/* one plain ask is like the other */
		if (blocked && is_plain(&wait->ask))
			continue;
		said = pool_choose(pool, &wait->ask, now_ms, &server);
		if (said == POOL_WAITS) {
			blocked |= is_plain(&wait->ask);
			continue;
		}
		queue_remove(pool, wait);
		if (said == POOL_CHOSEN)
			hold(pool, wait, server);
		wait->on_slot(wait->arg);
		return true;
	}
	return false;
}

/* The lane whose first waits longest, of those after *last; LANES: no more. */
static enum lane
next_lane(const struct pool *pool, uint64_t after)
{
	enum lane found = LANES;

	for (unsigned i = 0; i < LANES; i++) {
		const struct pool_wait *first = pool->queue[i];

		if (first && first->order >= after &&
		    (found == LANES ||
			first->order < pool->queue[found]->order))
			found = (enum lane)i;
	}
	return found;
}

static bool
serve_one(struct pool *pool, uint64_t now_ms)
{
	uint64_t after = 0;
	enum lane lane;

	while ((lane = next_lane(pool, after)) != LANES) {
		after = pool->queue[lane]->order + 1;
		if (serve_lane(pool, lane, now_ms))
			return true;
	}
	return false;
}

static void
serve(struct pool *pool, uint64_t now_ms)
{
	while (pool->figures.queued && serve_one(pool, now_ms))
		;
}

/* ---- coming and going ---- */

static enum pool_said
enter(struct pool *pool, struct pool_wait *wait, struct member *try_it,
    uint64_t now_ms)
{
	struct member *server = NULL;
	enum pool_said said;

	if (try_it && pool_has_room(pool, try_it, &wait->ask)) {
		hold(pool, wait, try_it);
		return POOL_CHOSEN;
	}
	said = pool_choose(pool, &wait->ask, now_ms, &server);
	if (said == POOL_CHOSEN)
		hold(pool, wait, server);
	if (said != POOL_WAITS)
		return said;
	if (pool->figures.queued >= pool->queue_max) {
		pool->figures.refused_ever++;
		return POOL_FULL;
	}
	queue_add(pool, wait);
	return POOL_WAITS;
}

enum pool_said
pool_enter(struct pool *pool, struct pool_wait *wait, uint64_t now_ms)
{
	struct member *try_it = pool_one_to_try(pool, &wait->ask, now_ms);
	enum pool_said said;

	must(!wait->waits && !wait->holds);
	lock_take(&pool->lock);
	said = enter(pool, wait, try_it, now_ms);
	lock_drop(&pool->lock);
	return said;
}

enum pool_said
pool_stand(struct pool *pool, const struct pool_wait *wait)
{
	enum pool_said said = POOL_NONE;

	lock_take(&pool->lock);
	if (wait->waits)
		said = POOL_WAITS;
	if (wait->holds)
		said = POOL_CHOSEN;
	lock_drop(&pool->lock);
	return said;
}

void
pool_leave(struct pool *pool, struct pool_wait *wait, uint64_t now_ms)
{
	lock_take(&pool->lock);
	if (wait->waits)
		queue_remove(pool, wait);
	if (wait->holds) {
		let_go(pool, wait);
		serve(pool, now_ms);
	}
	lock_drop(&pool->lock);
}

void
pool_look(struct pool *pool, struct member *since, uint64_t now_ms)
{
	lock_take(&pool->lock);
	if (since)
		since->back_ms = now_ms;
	serve(pool, now_ms);
	lock_drop(&pool->lock);
}

/* ---- how they do ---- */

void
pool_report(struct pool *pool, struct upstream *upstream, struct member *server,
    enum outcome_kind how, uint64_t now_ms)
{
	bool was_failing = pool_is_failing(server, now_ms);

	if (how != OUTCOME_OK)
		atomic_fetch_add(&server->failures, 1);
	upstream_report(server->place, how, now_ms);
	if (!pool->is_single &&
	    (how == OUTCOME_OK || !pool_another_is_well(pool, server, now_ms)))
		upstream_report(upstream, how, now_ms);
	if (was_failing && how == OUTCOME_OK)
		pool_look(pool, server, now_ms);
}

void
pool_inherit(struct pool *pool, struct pool *from)
{
	const struct member *old;

	for (unsigned i = 0; i < pool->count; i++) {
		old = pool_find(from, pool->servers[i].tag);
		if (!old)
			continue;
		atomic_store(
		    &pool->servers[i].order, atomic_load(&old->order));
		/* Nobody would bring it back without a probe. */
		atomic_store(&pool->servers[i].probed_down,
		    pool->servers[i].place->opts.probe &&
			atomic_load(&old->probed_down));
	}
}

/* ---- looking ---- */

unsigned
pool_count(const struct pool *pool)
{
	return pool->count;
}

struct member *
pool_member(struct pool *pool, unsigned at)
{
	must(at < pool->count);
	return &pool->servers[at];
}

struct member *
pool_find(struct pool *pool, const char *name)
{
	for (unsigned i = 0; i < pool->count; i++)
		if (strcmp(pool->servers[i].tag, name) == 0 ||
		    strcmp(pool->servers[i].place->opts.url, name) == 0)
			return &pool->servers[i];
	return NULL;
}

void
pool_figures(struct pool *pool, struct pool_figures *out)
{
	lock_take(&pool->lock);
	*out = pool->figures;
	lock_drop(&pool->lock);
}

unsigned
pool_in_use(struct pool *pool, const struct member *server)
{
	unsigned in_use;

	lock_take(&pool->lock);
	in_use = server->in_use;
	lock_drop(&pool->lock);
	return in_use;
}
