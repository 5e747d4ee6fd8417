/* upstream/poolmake.c - a pool, from what is configured of its servers */
#include "upstream/poollife.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "upstream/balance.h"

/* ---- a server ---- */

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

/* ---- its lanes ---- */

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

/* ---- the whole ---- */

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
