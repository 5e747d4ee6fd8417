/* admin/servers.c - the servers of each upstream: how they do, in and out */
#include <inttypes.h>
#include <string.h>

#include "admin/inside.h"
#include "base/clock.h"
#include "base/log.h"

static const char *const orders[] = {
    [MEMBER_IN] = "in",
    [MEMBER_DRAINS] = "drain",
    [MEMBER_OUT] = "out",
};

const char *
admin_server_state(const struct member *server)
{
	switch (atomic_load(&server->order)) {
	case MEMBER_OUT:
		return "out";
	case MEMBER_DRAINS:
		return "draining";
	default:
		break;
	}
	if (atomic_load(&server->probed_down))
		return "down";
	return upstream_is_failing(server->place, clock_mono_ms()) ? "failing"
								   : "well";
}

struct each {
	void (*on_server)(
	    void *arg, struct upstream *upstream, struct member *server);
	void *arg;
};

static void
each_of(void *arg, struct upstream *upstream)
{
	const struct each *each = arg;

	for (unsigned i = 0; i < pool_count(upstream->pool); i++)
		each->on_server(
		    each->arg, upstream, pool_member(upstream->pool, i));
}

void
admin_each_server(struct admin *admin,
    void (*on_server)(
	void *arg, struct upstream *upstream, struct member *server),
    void *arg)
{
	struct routes *routes = pages_routes(admin->opts.pages);
	struct each each = {on_server, arg};

	routes_each_upstream(routes, each_of, &each);
	routes_unref(&routes);
}

/* ---- /servers ---- */

static void
add_server(struct buf *out, struct pool *pool, struct member *server)
{
	buf_puts(
	    out, server->at ? ",\n    {\"server\": " : "\n    {\"server\": ");
	json_text(out, server->place->opts.url);
	buf_printf(out, ", \"tag\": \"%s\", \"state\": \"%s\"", server->tag,
	    admin_server_state(server));
	buf_printf(out, ", \"in_use\": %u, \"max_connections\": %u",
	    pool_in_use(pool, server), server->max);
	buf_printf(out, ", \"weight\": %u, \"backup\": %s", server->weight,
	    server->backup ? "true" : "false");
	buf_printf(out,
	    ", \"requests\": %" PRIu64 ", \"failures\": %" PRIu64 "}",
	    atomic_load(&server->requests), atomic_load(&server->failures));
}

struct list {
	struct buf *out;
	unsigned count;
};

static void
add_upstream(void *arg, struct upstream *upstream)
{
	struct list *list = arg;
	struct buf *out = list->out;
	struct pool *pool = upstream->pool;
	struct pool_figures figures;

	pool_figures(pool, &figures);
	buf_puts(out,
	    list->count++ ? ",\n  {\"upstream\": " : "\n  {\"upstream\": ");
	json_text(out, upstream->opts.name);
	buf_printf(out, ", \"waiting\": %u, \"refused\": %" PRIu64,
	    figures.queued, figures.refused_ever);
	buf_printf(out,
	    ", \"pages\": %u, \"parts\": %u, \"long\": %u, \"servers\": [",
	    figures.lanes[LANE_PAGES], figures.lanes[LANE_PARTS],
	    figures.lanes[LANE_LONG]);
	for (unsigned i = 0; i < pool_count(pool); i++)
		add_server(out, pool, pool_member(pool, i));
	buf_puts(out, "]}");
}

int
admin_servers(struct admin *admin, struct buf *out)
{
	struct routes *routes = pages_routes(admin->opts.pages);
	struct list list = {out, 0};

	buf_puts(out, "{\"upstreams\": [");
	routes_each_upstream(routes, add_upstream, &list);
	buf_puts(out, "]}\n");
	routes_unref(&routes);
	return 200;
}

/* ---- /servers/order ---- */

struct ordering {
	const char *upstream, *server;
	enum member_order order;
	unsigned changed;
};

static void
give_order(void *arg, struct upstream *upstream)
{
	struct ordering *ordering = arg;
	struct member *server;
	bool was_away;

	if (strcmp(upstream->opts.name, ordering->upstream) != 0)
		return;
	server = pool_find(upstream->pool, ordering->server);
	if (!server)
		return;
	was_away =
	    atomic_exchange(&server->order, ordering->order) != MEMBER_IN;
	ordering->changed++;
	pool_look(upstream->pool,
	    was_away && ordering->order == MEMBER_IN ? server : NULL,
	    clock_mono_ms());
	log_info("upstream %s: server %s is %s by order", upstream->opts.name,
	    server->place->opts.url,
	    ordering->order == MEMBER_IN ? "in" : admin_server_state(server));
}

static int
find_order(const char *word)
{
	for (unsigned i = 0; word && i < COUNT_OF(orders); i++)
		if (strcmp(orders[i], word) == 0)
			return (int)i;
	return -1;
}

int
admin_order(struct admin *admin, const char *upstream, const char *server,
    const char *order, struct buf *out)
{
	struct ordering ordering = {upstream, server, MEMBER_IN, 0};
	int found = find_order(order);
	struct routes *routes;

	if (!upstream || !server || found < 0)
		return admin_wrong(out, 400,
		    "upstream=NAME, server=ADDRESS and order=in, drain or out"
		    " are wanted");
	ordering.order = (enum member_order)found;
	routes = pages_routes(admin->opts.pages);
	routes_each_upstream(routes, give_order, &ordering);
	routes_unref(&routes);
	if (!ordering.changed)
		return admin_wrong(
		    out, 404, "no upstream of that name has that server");
	buf_printf(out, "{\"changed\": %u}\n", ordering.changed);
	return 200;
}
