/* front/request.c - a head becomes a request: what a page is asked for
 *
 * All of it is borrowed: from the gate, which read the fields, and from our
 * copy of the target. */
#include "front/client.h"

#include <string.h>

#include "base/counter.h"
#include "base/mem.h"
#include "front/upgrade.h"

/* livery's own words, and those of Diazo's and Deliverance's own servers. */
static const char *const off_options[] = {
    "livery.off=1", "diazo.off=1", "deliv_notheme", NULL};
static const char *const debug_options[] = {
    "livery.debug=1", "diazo.debug=1", "deliv_log", NULL};

/* The argument of a query that begins here is one of these. */
static bool
is_option(const char *at, const char *const *options)
{
	for (; *options; options++) {
		size_t len = strlen(*options);

		if (strncmp(at, *options, len) == 0 &&
		    (at[len] == '\0' || at[len] == '&' ||
			(at[len] == '=' && !strchr(*options, '='))))
			return true;
	}
	return false;
}

/* In the query; both of them in one pass. */
static void
find_options(const char *target, bool *off, bool *debug)
{
	const char *at = strchr(target, '?');

	*off = *debug = false;
	for (; at; at = strchr(at + 1, '&')) {
		/* as all of them begin, and little else does */
		if (at[1] != 'd' && at[1] != 'l')
			continue;
		*off |= is_option(at + 1, off_options);
		*debug |= is_option(at + 1, debug_options);
	}
}

/* They speak to livery: the page that is looked up, stored and asked for is
 * the one without them. */
static void
drop_options(struct client *client)
{
	struct request *request = &client->request;
	const char *at = strchr(request->target, '?');
	char *plain = mem_new(request->target_len + 1);
	size_t len = (size_t)(at - request->target);

	memcpy(plain, request->target, len);
	for (bool first = true; at; at = strchr(at + 1, '&')) {
		size_t n = strcspn(at + 1, "&");

		if (is_option(at + 1, off_options) ||
		    is_option(at + 1, debug_options))
			continue;
		plain[len++] = first ? '?' : '&';
		memcpy(plain + len, at + 1, n);
		len += n;
		first = false;
	}
	client->target_plain = plain;
	request->target = plain;
	request->target_len = len;
}

/* A trusted peer tells another host than it asked with. What could not stand
 * in Host is no host. */
static void
use_host(struct client *client, struct slice told)
{
	struct request *request = &client->request;
	struct url_authority authority;
	size_t i;

	if (told.len == 0 || told.len > GATE_HOST_MAX)
		return;
	if (url_authority_split(&authority, told.from, told.len) != 0) {
		counter_up(COUNT_FORWARDED_DOUBTED);
		return;
	}
	for (i = 0; i < told.len; i++) {
		char c = told.from[i];

		client->told_host[i] =
		    c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	client->told_host[told.len] = '\0';
	request->host = client->told_host;
	request->host_len = told.len;
}

/* Most requests say nothing of a proxy: who asks is the peer then, and what
 * it may was found out with the connection. */
static void
resolve(struct client *client)
{
	struct request *request = &client->request;
	const struct gate *gate = &client->gate;
	const struct peer_opts *peers = &client->core->opts.peers;

	request->scheme = client->port->tls ? "https" : "http";
	if (gate->has_forwarding || gate->has_proto ||
	    (peers->trusted_host && client->peer_trusted)) {
		use_host(client,
		    peer_resolve(request, &client->peer, client->peer_trusted,
			gate->has_forwarding, peers));
		return;
	}
	request->peer = request->client = client->peer;
	request->is_trusted = client->peer_trusted;
	request->is_allowed = client->peer_allowed;
}

void
client_request(struct client *client)
{
	struct request *request = &client->request;
	const struct gate *gate = &client->gate;
	bool off, debug;

	request->livery_off = request->livery_debug = false;
	request->method = gate->method;
	request->is_get = strcmp(gate->method, "GET") == 0;
	request->is_head = strcmp(gate->method, "HEAD") == 0;
	request->host = gate->host;
	request->host_len = gate->host_len;
	request->target = gate->target;
	request->target_len = gate->target_len;
	request->fields = &gate->fields;
	request->cookie = gate->cookie;
	request->authorization = gate->authorization;
	request->cache_control = gate->cache_control;
	request->pragma = gate->pragma;
	request->range = gate->range;
	request->if_none_match = gate->if_none_match;
	request->if_modified_since = gate->if_modified_since;
	request->accept_encoding = gate->accept_encoding;
	request->is_conditional_else = gate->is_conditional_else;
	request->is_script = gate->is_script;
	request->upgrade = upgrade_is_asked(client);
	resolve(client);
	if (!request->is_allowed)
		return;
	find_options(gate->target, &off, &debug);
	request->livery_off = gate->livery_off || off;
	request->livery_debug = debug;
	if (off || debug)
		drop_options(client);
}
