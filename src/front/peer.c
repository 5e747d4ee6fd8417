/* front/peer.c - who asks, seen through the proxies that are trusted
 *
 * Each proxy adds the address that it sees at the right end of the list. So
 * the list is read from the right, and the first address that is not a trusted
 * proxy's is the client: what stands left of it is the client's own word. */
#include <string.h>
#include <strings.h>

#include "front/client.h"

enum { HOPS_MAX = 64 }; /* of one request; more are not looked at */

struct hops {
	struct slice hop[HOPS_MAX];
	unsigned count;
	struct slice proto; /* of the last Forwarded element */
};

/* ---- the two forms ---- */

static void
add_hop(struct hops *hops, struct slice hop)
{
	if (hops->count == HOPS_MAX) {
		memmove(hops->hop, hops->hop + 1, (HOPS_MAX - 1) * sizeof(hop));
		hops->count--;
	}
	hops->hop[hops->count++] = hop;
}

static void
read_x_forwarded_for(struct hops *hops, const struct head *fields)
{
	const char *value;
	struct slice item;
	unsigned i = 0;

	while ((value = head_next(fields, "X-Forwarded-For", &i)) != NULL)
		while (list_next(&value, &item))
			add_hop(hops, item);
}

static struct slice
unquoted(struct slice text)
{
	if (text.len >= 2 && text.from[0] == '"' &&
	    text.from[text.len - 1] == '"') {
		text.from++;
		text.len -= 2;
	}
	return text;
}

/* One element of Forwarded: "for=192.0.2.1;proto=https" (RFC 7239 4). */
static void
read_element(struct hops *hops, struct slice element)
{
	struct slice hop = {"", 0}, pair;
	const char *at = element.from, *end = at + element.len, *stop;

	hops->proto.len = 0;
	for (; at < end; at = stop + 1) {
		stop = memchr(at, ';', (size_t)(end - at));
		if (!stop)
			stop = end;
		while (at < stop && *at == ' ')
			at++;
		pair.from = at;
		pair.len = (size_t)(stop - at);
		if (pair.len > 4 && strncasecmp(at, "for=", 4) == 0)
			hop = unquoted((struct slice){at + 4, pair.len - 4});
		if (pair.len > 6 && strncasecmp(at, "proto=", 6) == 0)
			hops->proto =
			    unquoted((struct slice){at + 6, pair.len - 6});
	}
	add_hop(hops, hop);
}

static void
read_forwarded(struct hops *hops, const struct head *fields)
{
	const char *value;
	struct slice item;
	unsigned i = 0;

	while ((value = head_next(fields, "Forwarded", &i)) != NULL)
		while (list_next(&value, &item))
			read_element(hops, item);
}

/* ---- the walk ---- */

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
walk(struct request *request, const struct hops *hops,
    const struct peer_opts *peers)
{
	struct net_address address;
	unsigned i;

	for (i = hops->count; i > 0; i--) {
		/* "unknown" and the like: who told us is all we know */
		if (parse_hop(&address, hops->hop[i - 1]) != 0)
			return;
		request->client = address;
		if (!peers->trusted_peers ||
		    !nets_have(peers->trusted_peers, &address))
			return;
	}
}

static bool
is_local(const struct net_address *address)
{
	return address->is_unix || net_is_loopback(address);
}

static const char *
scheme_of(const struct head *fields, struct slice proto)
{
	const char *said = head_find(fields, "X-Forwarded-Proto");

	if (said)
		return strcasecmp(said, "https") == 0 ? "https" : "http";
	return proto.len > 0 && slice_is(proto, "https") ? "https" : "http";
}

static void
believe(struct request *request, const struct peer_opts *peers)
{
	struct hops hops;

	hops.count = 0;
	hops.proto = (struct slice){"", 0};
	read_x_forwarded_for(&hops, request->fields);
	if (hops.count == 0)
		read_forwarded(&hops, request->fields);
	walk(request, &hops, peers);
	request->scheme = scheme_of(request->fields, hops.proto);
}

void
peer_resolve(struct request *request, const struct net_address *peer,
    bool trusted, bool has_forwarding, const struct peer_opts *peers)
{
	request->peer = request->client = *peer;
	request->is_trusted = trusted;
	request->scheme = "http";
	if (trusted)
		believe(request, peers);
	/* What came through a proxy is never this machine's own user, even
	 * where the proxy runs here, or the field says so. */
	request->is_allowed = peers->allowed &&
			      !(has_forwarding && is_local(&request->client)) &&
			      nets_have(peers->allowed, &request->client);
}
