/* upstream/balance.c - a table of ways to choose */
#include "upstream/balance.h"

#include <math.h>

enum { UNIT = 256, STEPS = 16 };

unsigned
balance_weight(
    const struct member *server, uint64_t now_ms, uint32_t slow_start_ms)
{
	unsigned whole = server->weight * UNIT;
	uint64_t since;

	/* First: without one, when it was back is not read. */
	if (slow_start_ms == 0 || !server->back_ms || now_ms < server->back_ms)
		return whole;
	since = now_ms - server->back_ms;
	if (since >= slow_start_ms)
		return whole;
	return whole / STEPS + (unsigned)((uint64_t)(whole - whole / STEPS) *
					  since / slow_start_ms);
}

/* The finisher of splitmix64 (Steele, Lea, Flood 2014). */
uint64_t
balance_mix(uint64_t a, uint64_t b)
{
	uint64_t z = a + UINT64_C(0x9e3779b97f4a7c15) * (b | 1) + (b >> 32);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t
balance_hash(const char *text, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		hash =
		    (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
	hash = balance_mix(hash, 1);
	return hash ? hash : 1;
}

/* Each gets its weight in turns; who has most goes, and pays with all. So five
 * of weight 3, 1, 1 go a b a c a, not a a a b c. */
static struct member *
in_turn(struct member *const *servers, unsigned count,
    const struct balance_ask *ask)
{
	struct member *best = servers[0];
	int64_t all = 0;

	for (unsigned i = 0; i < count; i++) {
		int64_t weight =
		    balance_weight(servers[i], ask->now_ms, ask->slow_start_ms);

		servers[i]->turn += weight;
		all += weight;
		if (servers[i]->turn > best->turn)
			best = servers[i];
	}
	best->turn -= all;
	return best;
}

/* Of those with the fewest, the one whose turn it is. */
static struct member *
least_used(struct member *const *servers, unsigned count,
    const struct balance_ask *ask)
{
	struct member *same[MEMBERS_MAX];
	unsigned found = 0;
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < count; i++) {
		unsigned weight =
		    balance_weight(servers[i], ask->now_ms, ask->slow_start_ms);
		/* one more than it has: weight counts when all are idle */
		uint64_t load =
		    ((uint64_t)servers[i]->in_use + 1) * UNIT * UNIT / weight;

		if (load < least)
			found = 0;
		if (load <= least) {
			least = load;
			same[found++] = servers[i];
		}
	}
	return in_turn(same, found, ask);
}

/* Rendezvous: each server draws a number from the hash and its own; -ln(u)/w
 * is least for a server in proportion to its weight w. */
static struct member *
by_hash(struct member *const *servers, unsigned count,
    const struct balance_ask *ask)
{
	struct member *best = servers[0];
	double least = INFINITY;

	for (unsigned i = 0; i < count; i++) {
		uint64_t drawn = balance_mix(ask->hash, servers[i]->hash);
		double u = ((double)(drawn >> 11) + 0.5) * 0x1p-53;
		double score = -log(u) / balance_weight(servers[i], ask->now_ms,
					     ask->slow_start_ms);

		if (score < least) {
			least = score;
			best = servers[i];
		}
	}
	return best;
}

struct member *
balance_pick(struct member *const *servers, unsigned count,
    const struct balance_ask *ask)
{
	static struct member *(*const ways[])(
	    struct member *const *, unsigned, const struct balance_ask *) = {
	    [BALANCE_ROUND] = in_turn,
	    [BALANCE_LEAST] = least_used,
	    [BALANCE_URL] = by_hash,
	    [BALANCE_CLIENT] = by_hash,
	};

	must(count > 0 && count <= MEMBERS_MAX);
	return ways[ask->how](servers, count, ask);
}
