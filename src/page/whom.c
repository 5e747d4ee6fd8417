/* page/whom.c - filling in the pool's ask */
#include "page/whom.h"

#include <string.h>

#include "upstream/balance.h"
#include "upstream/lane.h"

static bool
is_safe(const struct errand *errand)
{
	static const char *const methods[] = {
	    "GET", "HEAD", "OPTIONS", "TRACE"};

	for (unsigned i = 0; i < COUNT_OF(methods); i++)
		if (strcmp(errand->method, methods[i]) == 0)
			return !errand->body;
	return false;
}

void
whom_page(struct errand *errand, unsigned hops,
    const struct net_address *client)
{
	const struct upstream_opts *opts = &errand->upstream->opts;
	bool is_slow;

	errand->ask.lane =
	    lane_of(opts, errand->target, is_safe(errand), &is_slow);
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
