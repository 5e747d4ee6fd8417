/* upstream/pool.c - slots, lanes and the queue for them
 *
 * A slot that is given back goes to who waits before the lock is dropped, so
 * whoever comes finds a free slot only if nobody in the queue can use it. */
#include "upstream/pool.h"

#include <stdio.h>
#include <string.h>
#include <utlist.h>

#include "base/lock.h"
#include "base/mem.h"
#include "upstream/balance.h"

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

/* ---- making one ---- */

static void
member_init(struct member *server, unsigned at, const char *url)
{
	server->at = at;
	server->hash = balance_hash(url, strlen(url));
	snprintf(server->tag, sizeof(server->tag), "%016llx",
	    (unsigned long long)server->hash);
}

/* An upstream of its own, with all that is said of the whole but its servers.
 * Its address as written is its name too. */
static int
make_place(struct member *server, const struct upstream *upstream,
    const char *url, struct err *err)
{
	struct upstream_opts opts = upstream->opts;

	opts.name = opts.url = url;
	opts.servers = NULL;
	opts.max_connections = 0; /* counted by the pool; probes go past it */
	return upstream_new(&server->place, &opts, err);
}

static int
add_member(struct pool *pool, const struct upstream *upstream, const char *text,
    struct err *err)
{
	struct member *server = &pool->servers[pool->count];
	struct member_words words;

	if (member_read(&words, text, upstream->opts.max_connections, err) !=
		0 ||
	    make_place(server, upstream, words.url, err) != 0)
		return -1;
	member_init(server, pool->count++, words.url);
	server->weight = words.weight;
	server->max = words.max;
	server->backup = words.backup;
	if (strcmp(server->place->prefix, upstream->prefix) != 0)
		return err_set(err,
		    "%s: the servers of one upstream have the same path, as "
		    "the first: '%s/'",
		    words.url, upstream->prefix);
	for (unsigned i = 0; i < server->at; i++)
		if (pool->servers[i].hash == server->hash)
			return err_set(err, "%s stands there twice", words.url);
	return 0;
}

static int
add_members(struct pool *pool, const struct upstream *upstream, struct err *err)
{
	const char *const *texts = upstream->opts.servers;
	unsigned count = 0;

	while (texts[count])
		count++;
	if (count > MEMBERS_MAX)
		return err_set(err, "%s: at most %d servers",
		    upstream->opts.name, MEMBERS_MAX);
	pool->servers = mem_new_array(count, sizeof(*pool->servers));
	for (unsigned i = 0; i < count; i++)
		if (add_member(pool, upstream, texts[i], err) != 0)
			return -1;
	return 0;
}

static void
be_single(struct pool *pool, struct upstream *upstream)
{
	pool->servers = mem_new_array(1, sizeof(*pool->servers));
	pool->count = 1;
	pool->is_single = true;
	member_init(&pool->servers[0], 0, upstream->opts.url);
	pool->servers[0].place = upstream;
	pool->servers[0].weight = 1;
	pool->servers[0].max = upstream->opts.max_connections;
}

/* All slots of the pool; 0: no such number. */
static unsigned
slots_of(const struct pool *pool)
{
	unsigned all = 0;

	for (unsigned i = 0; i < pool->count; i++) {
		if (!pool->servers[i].max)
			return 0;
		if (!pool->servers[i].backup)
			all += pool->servers[i].max;
	}
	return all;
}

static unsigned
share(unsigned said, unsigned all, unsigned part)
{
	if (said || !all)
		return said;
	return all / part ? all / part : 1;
}

static void
set_lanes(struct pool *pool, const struct upstream_opts *opts)
{
	unsigned all = slots_of(pool);

	pool->lane_max[LANE_PARTS] = share(opts->lane_parts, all, 4);
	pool->lane_max[LANE_LONG] = share(opts->lane_long, all, 2);
}

int
pool_new(struct pool **out, struct upstream *upstream, struct err *err)
{
	struct pool *pool = mem_new(sizeof(*pool));

	lock_init(&pool->lock);
	pool->balance = upstream->opts.balance;
	pool->slow_start_ms = upstream->opts.slow_start_ms;
	pool->queue_max = upstream->opts.queue_max;
	if (!upstream->opts.servers || !upstream->opts.servers[0])
		be_single(pool, upstream);
	else if (add_members(pool, upstream, err) != 0) {
		pool_free(&pool);
		return -1;
	}
	set_lanes(pool, &upstream->opts);
	*out = pool;
	return 0;
}

void
pool_free(struct pool **pool)
{
	if (!*pool)
		return;
	for (unsigned i = 0; i < (*pool)->count && !(*pool)->is_single; i++)
		upstream_unref(&(*pool)->servers[i].place);
	for (unsigned i = 0; i < LANES; i++)
		must(!(*pool)->queue[i]);
	lock_fini(&(*pool)->lock);
	mem_free(&(*pool)->servers);
	mem_free(pool);
}

/* ---- who could be asked ---- */

static bool
lane_is_full(const struct pool *pool, const struct pool_ask *ask)
{
	unsigned max = pool->lane_max[ask->lane];

	return max &&
	       pool->figures.lanes[ask->lane] - pool->own[ask->lane] >= max;
}

/* A slot that anybody may have. */
static bool
has_usual_room(const struct pool *pool, const struct member *server,
    const struct pool_ask *ask)
{
	return !lane_is_full(pool, ask) &&
	       (!server->max || server->in_use - server->own < server->max);
}

/* That, or the one in reserve. */
static bool
has_room(const struct pool *pool, const struct member *server,
    const struct pool_ask *ask)
{
	return has_usual_room(pool, server, ask) || (ask->own && !server->own);
}

static bool
is_failing(const struct member *server, uint64_t now_ms)
{
	return upstream_is_failing(server->place, now_ms);
}

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
				       !is_failing(server, now_ms)
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
	if (is_failing(server, now_ms))
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
		if (has_room(pool, &pool->servers[i], ask))
			out[(*with_room)++] = &pool->servers[i];
	}
	return all;
}

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

/* POOL_CHOSEN with *out, POOL_WAITS or POOL_NONE. */
static enum pool_said
choose(struct pool *pool, const struct pool_ask *ask, uint64_t now_ms,
    struct member **out)
{
	struct member *servers[MEMBERS_MAX], *its;
	unsigned all, with_room;

	its = of_session(pool, ask, now_ms);
	if (!its)
		its = drawn(pool, ask, now_ms);
	if (its) {
		all = 1;
		with_room = has_room(pool, its, ask);
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

/* ---- slots ---- */

static void
hold(struct pool *pool, struct pool_wait *wait, struct member *server)
{
	bool over = !has_usual_room(pool, server, &wait->ask);

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
		said = choose(pool, &wait->ask, now_ms, &server);
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

/* Of those that fail, one that may be tried now; none for a session whose
 * server is well. Before the lock is taken:
 * health has one of its own. */
static struct member *
one_to_try(struct pool *pool, const struct pool_ask *ask, uint64_t now_ms)
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

static enum pool_said
enter(struct pool *pool, struct pool_wait *wait, struct member *try_it,
    uint64_t now_ms)
{
	struct member *server = NULL;
	enum pool_said said;

	if (try_it && has_room(pool, try_it, &wait->ask)) {
		hold(pool, wait, try_it);
		return POOL_CHOSEN;
	}
	said = choose(pool, &wait->ask, now_ms, &server);
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
	struct member *try_it = one_to_try(pool, &wait->ask, now_ms);
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

static bool
another_is_well(struct pool *pool, const struct member *than, uint64_t now_ms)
{
	static const struct pool_ask any = {.lane = LANE_PAGES};

	for (unsigned i = 0; i < pool->count; i++)
		if (&pool->servers[i] != than &&
		    rank_of(&pool->servers[i], &any, now_ms) < FAILING)
			return true;
	return false;
}

void
pool_report(struct pool *pool, struct upstream *upstream, struct member *server,
    enum outcome_kind how, uint64_t now_ms)
{
	bool was_failing = is_failing(server, now_ms);

	if (how != OUTCOME_OK)
		atomic_fetch_add(&server->failures, 1);
	upstream_report(server->place, how, now_ms);
	if (!pool->is_single &&
	    (how == OUTCOME_OK || !another_is_well(pool, server, now_ms)))
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
