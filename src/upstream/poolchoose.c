/* upstream/poolchoose.c - which server of a pool a request may be sent to
 *
 * Of those that it may ask, the best rank that there is; of these the session,
 * the number or the balance decides. */
#include "upstream/poollife.h"

#include <string.h>

#include "upstream/balance.h"

/* ---- is there room ---- */

static bool
lane_is_full(const struct pool *pool, const struct pool_ask *ask)
{
	unsigned max = pool->lane_max[ask->lane];

	return max &&
	       pool->figures.lanes[ask->lane] - pool->own[ask->lane] >= max;
}

bool
pool_has_usual_room(const struct pool *pool, const struct member *server,
    const struct pool_ask *ask)
{
	return !lane_is_full(pool, ask) &&
	       (!server->max || server->in_use - server->own < server->max);
}

bool
pool_has_room(const struct pool *pool, const struct member *server,
    const struct pool_ask *ask)
{
	return pool_has_usual_room(pool, server, ask) ||
	       (ask->own && !server->own);
}

/* ---- who could be asked ---- */

static bool
was_tried(const struct member *server, const struct pool_ask *ask)
{
	return ask->tried >> server->at & 1;
}

/* The server of its session, if that may be asked. */
static struct member *
of_session(struct pool *pool, const struct pool_ask *ask, uint64_t now_ms)
{
	for (unsigned i = 0; *ask->session && i < pool->count; i++) {
		struct member *server = &pool->servers[i];

		if (strcmp(server->tag, ask->session) == 0)
			return member_may_be_asked(server) &&
				       !was_tried(server, ask) &&
				       !pool_is_failing(server, now_ms)
				   ? server
				   : NULL;
	}
	return NULL;
}

/* First choice, second, last. */
enum rank { WELL, WELL_BACKUP, FAILING, NOT_AT_ALL };

static enum rank
rank_of(
    const struct member *server, const struct pool_ask *ask, uint64_t now_ms)
{
	if (was_tried(server, ask) ||
	    (!ask->probes && (!member_may_be_asked(server) ||
				 atomic_load(&server->order) == MEMBER_DRAINS)))
		return NOT_AT_ALL;
	if (pool_is_failing(server, now_ms))
		return FAILING;
	return server->backup ? WELL_BACKUP : WELL;
}

/* Those of the best rank that there is; *with_room of them come first. */
static unsigned
best_ranked(struct pool *pool, const struct pool_ask *ask, uint64_t now_ms,
    struct member **out, unsigned *with_room)
{
	enum rank ranks[MEMBERS_MAX], best = NOT_AT_ALL;
	unsigned all = 0;

	*with_room = 0;
	for (unsigned i = 0; i < pool->count; i++) {
		ranks[i] = rank_of(&pool->servers[i], ask, now_ms);
		if (ranks[i] < best)
			best = ranks[i];
	}
	for (unsigned i = 0; best < NOT_AT_ALL && i < pool->count; i++) {
		if (ranks[i] != best)
			continue;
		all++;
		if (pool_has_room(pool, &pool->servers[i], ask))
			out[(*with_room)++] = &pool->servers[i];
	}
	return all;
}

bool
pool_another_is_well(
    struct pool *pool, const struct member *than, uint64_t now_ms)
{
	static const struct pool_ask any = {.lane = LANE_PAGES};

	for (unsigned i = 0; i < pool->count; i++)
		if (&pool->servers[i] != than &&
		    rank_of(&pool->servers[i], &any, now_ms) < FAILING)
			return true;
	return false;
}

/* ---- who is ---- */

static struct member *
balanced(struct pool *pool, const struct pool_ask *ask, uint64_t now_ms,
    struct member **servers, unsigned count)
{
	const struct balance_ask how = {
	    .how = pool->balance,
	    .hash = pool->balance == BALANCE_CLIENT && ask->client_hash
			? ask->client_hash
			: ask->url_hash,
	    .now_ms = now_ms,
	    .slow_start_ms = pool->slow_start_ms,
	};

	return balance_pick(servers, count, &how);
}

/* The server that its number draws, with a free slot or without. */
static struct member *
drawn(struct pool *pool, const struct pool_ask *ask, uint64_t now_ms)
{
	const struct balance_ask how = {
	    .how = BALANCE_URL, .hash = ask->sticky, .now_ms = now_ms};
	struct member *servers[MEMBERS_MAX];
	enum rank best = NOT_AT_ALL, rank;
	unsigned count = 0;

	if (!ask->sticky)
		return NULL;
	for (unsigned i = 0; i < pool->count; i++) {
		rank = rank_of(&pool->servers[i], ask, now_ms);
		if (rank < best) {
			best = rank;
			count = 0;
		}
		if (rank == best && rank != NOT_AT_ALL)
			servers[count++] = &pool->servers[i];
	}
	return count ? balance_pick(servers, count, &how) : NULL;
}

enum pool_said
pool_choose(struct pool *pool, const struct pool_ask *ask, uint64_t now_ms,
    struct member **out)
{
	struct member *servers[MEMBERS_MAX], *its;
	unsigned all, with_room;

	its = of_session(pool, ask, now_ms);
	if (!its)
		its = drawn(pool, ask, now_ms);
	if (its) {
		all = 1;
		with_room = pool_has_room(pool, its, ask);
		servers[0] = its;
	} else {
		all = best_ranked(pool, ask, now_ms, servers, &with_room);
	}
	if (!all)
		return POOL_NONE;
	if (!with_room)
		return POOL_WAITS;
	*out = its ? its : balanced(pool, ask, now_ms, servers, with_room);
	return POOL_CHOSEN;
}

/* ---- one that fails ---- */

/* Whose number draws a server keeps to that while it is well: only who would
 * be of this one, did it not fail, tries it. */
static bool
may_draw(struct pool *pool, struct member *server, const struct pool_ask *ask,
    uint64_t now_ms)
{
	struct member *servers[MEMBERS_MAX];
	const struct balance_ask how = {
	    .how = BALANCE_URL, .hash = ask->sticky, .now_ms = now_ms};
	unsigned count = 0;

	for (unsigned i = 0; ask->sticky && i < pool->count; i++)
		if (&pool->servers[i] == server ||
		    rank_of(&pool->servers[i], ask, now_ms) == WELL)
			servers[count++] = &pool->servers[i];
	return count == 0 || balance_pick(servers, count, &how) == server;
}

struct member *
pool_one_to_try(struct pool *pool, const struct pool_ask *ask, uint64_t now_ms)
{
	if (pool->is_single || !ask->may_repeat ||
	    of_session(pool, ask, now_ms))
		return NULL;
	for (unsigned i = 0; i < pool->count; i++) {
		struct member *server = &pool->servers[i];

		if (rank_of(server, ask, now_ms) == FAILING &&
		    may_draw(pool, server, ask, now_ms) &&
		    upstream_may_try(server->place, now_ms))
			return server;
	}
	return NULL;
}
