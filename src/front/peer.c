/* front/peer.c - who asks, seen through the proxies that are trusted
 *
 * Each proxy adds the address that it sees at the right end of the list. So
 * the list is read from the right, and the first address that is not a trusted
 * proxy's is the client: what stands left of it is the client's own word.
 *
 * There are two lists, X-Forwarded-For and Forwarded, and most proxies write
 * only one of them and pass the other on as it came. So where both are there
 * and do not say the same, one of them is a stranger's word, and nobody knows
 * which: neither is believed, unless `trusted_fields` says which the proxies
 * write. What the client may then is what a stranger may. */
#include <string.h>
#include <strings.h>

#include "base/counter.h"
#include "front/client.h"
#include "http/forwarded.h"

enum { HOPS_MAX = 64 }; /* of one request; more are not looked at */

struct hop {
	struct net_address address;
	bool is_known;
	struct slice proto, host; /* of Forwarded */
};

struct hops {
	struct hop hop[HOPS_MAX];
	unsigned count;
};

/* What one of the two forms says. */
struct saying {
	bool is_there;
	bool is_known; /* who the client is; else it is the last who is */
	struct net_address client;
	struct slice proto, host; /* from NULL: not said */
};

/* ---- the two forms ---- */

static void
add_hop(struct hops *hops, const struct hop *hop)
{
	if (hops->count == HOPS_MAX) {
		memmove(
		    hops->hop, hops->hop + 1, (HOPS_MAX - 1) * sizeof(*hop));
		hops->count--;
	}
	hops->hop[hops->count++] = *hop;
}

/* "192.0.2.1", "192.0.2.1:4711", "[2001:db8::1]:4711", "2001:db8::1". */
static int
parse_hop(struct net_address *out, struct slice hop)
{
	const char *colon = memchr(hop.from, ':', hop.len), *bracket;

	if (hop.len > 0 && hop.from[0] == '[') {
		bracket = memchr(hop.from, ']', hop.len);
		if (!bracket)
			return -1;
		return net_parse(
		    out, hop.from, (size_t)(bracket - hop.from) + 1);
	}
	if (colon &&
	    !memchr(colon + 1, ':', hop.len - (size_t)(colon + 1 - hop.from)))
		hop.len = (size_t)(colon - hop.from);
	return net_parse(out, hop.from, hop.len);
}

static void
read_x_forwarded_for(struct hops *hops, const struct head *fields)
{
	const char *value;
	struct slice item;
	unsigned i = 0;

	while ((value = head_next(fields, "X-Forwarded-For", &i)) != NULL)
		while (list_next(&value, &item)) {
			struct hop hop = {.is_known = false};

			hop.is_known = parse_hop(&hop.address, item) == 0;
			add_hop(hops, &hop);
		}
}

/* -1: a proxy has not written that. */
static int
read_forwarded(struct hops *hops, const struct head *fields)
{
	struct forwarded element;
	const char *value;
	unsigned i = 0;
	int got;

	while ((value = head_next(fields, "Forwarded", &i)) != NULL) {
		while (
		    (got = forwarded_next(&value, &element)) == FORWARDED_GOT) {
			const struct hop hop = {
			    .address = element.address,
			    .is_known = element.node == FORWARDED_ADDRESS,
			    .proto = element.proto,
			    .host = element.host,
			};

			add_hop(hops, &hop);
		}
		if (got == FORWARDED_MALFORMED)
			return -1;
	}
	return 0;
}

/* ---- the walk ---- */

/* The words of the last hop that is reached are those of a trusted proxy: of
 * the first that there was. */
static void
walk(struct saying *out, const struct hops *hops, const struct peer_opts *peers)
{
	const struct hop *hop = hops->hop + hops->count;

	out->is_there = out->is_known = hops->count > 0;
	while (hop > hops->hop) {
		hop--;
		out->proto = hop->proto;
		out->host = hop->host;
		/* "unknown" and the like: who told us is all we know */
		out->is_known = hop->is_known;
		if (!hop->is_known)
			return;
		out->client = hop->address;
		if (!peers->trusted_peers ||
		    !nets_have(peers->trusted_peers, &hop->address))
			return;
	}
}

static bool
same_word(struct slice a, struct slice b)
{
	return a.len == b.len && strncasecmp(a.from, b.from, a.len) == 0;
}

/* What one of them says, or both; false: they do not agree. */
static bool
agree(struct slice *out, struct slice a, struct slice b)
{
	if (a.len > 0 && b.len > 0 && !same_word(a, b)) {
		*out = (struct slice){NULL, 0};
		return false;
	}
	*out = a.len > 0 ? a : b;
	return true;
}

/* A proxy that adds its word to the client's makes two of them, and which is
 * whose is not said. False: there are several that differ. */
static bool
said_in(struct slice *out, const struct head *fields, const char *name)
{
	const char *value;
	struct slice item, said = {NULL, 0};
	unsigned i = 0;

	while ((value = head_next(fields, name, &i)) != NULL)
		while (list_next(&value, &item))
			if (!agree(&said, said, item))
				return false;
	*out = said;
	return true;
}

/* False: it contradicts itself; what it says twice is as though not said. */
static bool
hear_x(struct saying *out, const struct request *request,
    const struct peer_opts *peers)
{
	struct hops hops;
	bool clear;

	hops.count = 0;
	read_x_forwarded_for(&hops, request->fields);
	walk(out, &hops, peers);
	clear = said_in(&out->proto, request->fields, "X-Forwarded-Proto");
	if (peers->trusted_host)
		clear &= said_in(
		    &out->host, request->fields, "X-Forwarded-Host");
	return clear;
}

/* False: it is malformed, and as though it were not there. */
static bool
hear_standard(struct saying *out, const struct request *request,
    const struct peer_opts *peers)
{
	struct hops hops;

	hops.count = 0;
	if (read_forwarded(&hops, request->fields) != 0)
		return false;
	walk(out, &hops, peers);
	return true;
}

/* ---- both ---- */

static bool
is_local(const struct net_address *address)
{
	return address->is_unix || net_is_loopback(address);
}

static bool
same_client(const struct saying *a, const struct saying *b)
{
	return a->is_known == b->is_known && net_same(&a->client, &b->client);
}

static void
use(struct request *request, struct slice proto)
{
	if (slice_is(proto, "https"))
		request->scheme = "https";
	else if (proto.len > 0)
		request->scheme = "http";
}

/* Whether the client is known; *host: the one that was asked for, if that is
 * to be believed. */
static bool
believe(
    struct request *request, bool has_forwarding, const struct peer_opts *peers,
    struct slice *host)
{
	struct saying x = {.client = request->peer}, standard = x, *said = &x;
	bool clear = true, known;
	struct slice proto;

	if (peers->trusted_fields != TRUSTED_STANDARD)
		clear = hear_x(&x, request, peers);
	if (peers->trusted_fields != TRUSTED_X)
		clear &= hear_standard(&standard, request, peers);
	if (!x.is_there)
		said = &standard;
	/* it came through a proxy, which does not say whose it is: what it
	 * wrote is malformed, or not what `trusted_fields` wants */
	known = said->is_there ? said->is_known : !has_forwarding;
	request->client = said->client;
	if (x.is_there && standard.is_there && !same_client(&x, &standard)) {
		request->client = request->peer;
		known = clear = false;
	}
	clear &= agree(&proto, x.proto, standard.proto);
	use(request, proto);
	if (peers->trusted_host)
		clear &= agree(host, x.host, standard.host);
	if (!clear)
		counter_up(COUNT_FORWARDED_DOUBTED);
	return known;
}

struct slice
peer_resolve(struct request *request, const struct net_address *peer,
    bool trusted, bool has_forwarding, const struct peer_opts *peers)
{
	struct slice host = {NULL, 0};
	bool known = true;

	request->peer = request->client = *peer;
	request->is_trusted = trusted;
	if (trusted)
		known = believe(request, has_forwarding, peers, &host);
	/* What came through a proxy is never this machine's own user, even
	 * where the proxy runs here, or the field says so. Nor is it the
	 * proxy's, when only the proxy knows whose it is. */
	request->is_allowed = peers->allowed && known &&
			      !(has_forwarding && is_local(&request->client)) &&
			      nets_have(peers->allowed, &request->client);
	return host;
}
