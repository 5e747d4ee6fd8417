/* fetch/dial.c - addresses, one after the other */
#include "fetch/dial.h"

#include <string.h>

enum { SHARE_MIN_MS = 250 }; /* for one address of several */

void
dial_init(struct dial *dial, const struct fetch_opts *opts,
    struct upstream *upstream, void (*on_known)(void *), void *arg)
{
	memset(dial, 0, sizeof(*dial));
	dial->opts = opts;
	dial->upstream = upstream;
	dial->wait.on_resolved = on_known;
	dial->wait.arg = arg;
}

void
dial_fini(struct dial *dial)
{
	if (dial->upstream->form == UPSTREAM_HTTP)
		resolver_withdraw(
		    dial->opts->resolver, dial->upstream->host, &dial->wait);
}

/* False: there is none left. */
static bool
drop_forbidden(struct dial *dial, struct err *err)
{
	const struct upstream *up = dial->upstream;
	struct addresses *all = &dial->addresses;
	unsigned kept = 0, gone_bad = 0, well = all->count - all->bad;

	if (!dial->opts->forbidden)
		return true;
	for (unsigned i = 0; i < all->count; i++) {
		if (dial->opts->forbidden(up, all->text[i])) {
			err_set(err, "%s is at %s, which may not be asked",
			    up->host, all->text[i]);
			gone_bad += i >= well;
			continue;
		}
		if (kept != i)
			memcpy(all->text[kept], all->text[i], ADDRESS_MAX);
		kept++;
	}
	all->count = kept;
	all->bad -= gone_bad;
	return kept > 0;
}

static bool
was_tried(const struct dial *dial, const char *address)
{
	for (unsigned i = 0; i < dial->tried.count; i++)
		if (strcmp(dial->tried.text[i], address) == 0)
			return true;
	return false;
}

/* False: there is none left. */
static bool
drop_tried(struct dial *dial)
{
	struct addresses *all = &dial->addresses;
	unsigned kept = 0, gone_bad = 0, well = all->count - all->bad;

	for (unsigned i = 0; i < all->count; i++) {
		if (was_tried(dial, all->text[i])) {
			gone_bad += i >= well;
			continue;
		}
		if (kept != i)
			memcpy(all->text[kept], all->text[i], ADDRESS_MAX);
		kept++;
	}
	all->count = kept;
	all->bad -= gone_bad;
	return kept > 0;
}

/* The next of those that are well goes first. */
static void
take_turn(struct dial *dial)
{
	const struct addresses *all = &dial->addresses;
	unsigned well = all->count > all->bad ? all->count - all->bad : 0;

	dial->dialled = 1;
	dial->at = 0;
	if (dial->upstream->opts.spread && well > 1)
		dial->at = atomic_fetch_add(
			       &dial->upstream->turn, 1) %
			   well;
}

void
dial_anew(struct dial *dial, uint64_t now_ms)
{
	dial->until_ms = now_ms + dial->upstream->opts.connect_ms;
}

enum dial_state
dial_find(struct dial *dial, uint64_t now_ms, struct err *err)
{
	const struct upstream *up = dial->upstream;

	dial_anew(dial, now_ms);
	if (up->form != UPSTREAM_HTTP)
		return DIAL_READY;
	switch (resolver_find(
	    dial->opts->resolver, up->host, &dial->addresses, &dial->wait)) {
	case RESOLVED:
		break;
	case RESOLVING:
		return DIAL_WAITS;
	case UNRESOLVABLE:
		err_set(err, "no address for %s", up->host);
		return DIAL_NOWHERE;
	}
	if (!drop_tried(dial))
		return DIAL_NO_OTHER;
	if (!drop_forbidden(dial, err))
		return DIAL_FORBIDDEN;
	take_turn(dial);
	return DIAL_READY;
}

const char *
dial_address(const struct dial *dial)
{
	return dial->addresses.count ? dial->addresses.text[dial->at] : NULL;
}

uint32_t
dial_share_ms(const struct dial *dial, uint64_t now_ms)
{
	uint64_t left = dial->until_ms > now_ms ? dial->until_ms - now_ms : 0;

	if (dial->addresses.count <= 1)
		return left > 0 ? (uint32_t)left : 1;
	left /= dial->addresses.count - dial->dialled + 1;
	return left > SHARE_MIN_MS ? (uint32_t)left : SHARE_MIN_MS;
}

bool
dial_next(struct dial *dial)
{
	if (dial->addresses.count)
		resolver_bad(dial->opts->resolver, dial->upstream->host,
		    dial_address(dial));
	if (dial->dialled >= dial->addresses.count)
		return false;
	dial->dialled++;
	dial->at = (dial->at + 1) % dial->addresses.count;
	return true;
}

bool
dial_again(struct dial *dial)
{
	if (dial->upstream->form != UPSTREAM_HTTP)
		return false;
	resolver_doubt(dial->opts->resolver, dial->upstream->host);
	if (dial->tried.count)
		return false;
	dial->tried = dial->addresses;
	dial->addresses.count = 0;
	dial->at = 0;
	return true;
}

void
dial_answered(struct dial *dial)
{
	if (dial->addresses.count)
		resolver_good(dial->opts->resolver, dial->upstream->host,
		    dial->addresses.text[dial->at],
		    dial->upstream->opts.spread);
}
