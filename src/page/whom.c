/* page/whom.c - filling in the pool's ask */
#include "page/whom.h"

#include "upstream/balance.h"
#include "upstream/lane.h"

void
whom_page(struct errand *errand, unsigned hops,
    const struct net_address *client)
{
	const struct upstream_opts *opts = &errand->upstream->opts;
	bool is_slow;

	errand->ask.lane =
	    lane_of(opts, errand->target,
		errand_is_safe(errand) && !errand->upgrade, &is_slow);
	errand->ask.own = hops > 0;
	errand->ask.client_hash = balance_hash(
	    (const char *)client->bytes, sizeof(client->bytes));
	if (is_slow)
		errand->patience_ms = opts->long_ms;
}

void
whom_part(struct errand *errand, unsigned hops)
{
	errand->ask.lane = LANE_PARTS;
	errand->ask.own = hops > 0;
}
