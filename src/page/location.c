/* page/location.c - addresses in an answer's head, as clients are to see them
 *
 * An application builds them from what it takes for its own address: what it
 * was sent as Host, its web server's port, a path that the public site has
 * not. Followed as they stand they lead past livery, or nowhere. */
#include <string.h>
#include <strings.h>

#include "page/headmap.h"
#include "page/life.h"
#include "theme/proxies.h"

static bool
same(struct slice a, struct slice b)
{
	return a.len == b.len && strncasecmp(a.from, b.from, a.len) == 0;
}

static struct slice
whole(const char *text)
{
	return (struct slice){text, strlen(text)};
}

static bool
is_web(struct slice scheme)
{
	return scheme.from &&
	       (same(scheme, whole("http")) || same(scheme, whole("https")));
}

/* The host that a request's own server would be called by, if another than
 * the client's; from NULL: the client's own. */
static struct slice
sent_host(const struct upstream *upstream)
{
	const char *host = upstream->opts.host;

	if (!host || strcmp(host, "client") == 0)
		return (struct slice){NULL, 0};
	return whole(
	    strcmp(host, "upstream") == 0 ? upstream->authority : host);
}

/* "http://www.example.org:8081/wp-admin/": the host is the client's, since the
 * upstream was sent it, and the port that of the server behind. */
static bool
has_port_behind(const struct upstream *upstream, struct slice authority,
    const struct request *request)
{
	struct url_authority said, asked;

	return upstream->form == UPSTREAM_HTTP &&
	       url_authority_split(&said, authority.from, authority.len) == 0 &&
	       url_authority_split(&asked, request->host, request->host_len) ==
		   0 &&
	       said.port != 0 && said.port == upstream->port &&
	       said.port != asked.port && same(said.host, asked.host);
}

/* "http://cms/" and "http://cms:80/" are one address. */
static bool
is_own_address(const struct upstream *upstream, const struct url_parts *parts)
{
	struct url_authority said, own;
	uint16_t usual =
	    url_default_port(upstream->scheme, strlen(upstream->scheme));

	return same(parts->scheme, whole(upstream->scheme)) &&
	       url_authority_split(
		   &said, parts->authority.from, parts->authority.len) == 0 &&
	       url_authority_split(&own, upstream->authority,
		   strlen(upstream->authority)) == 0 &&
	       same(said.host, own.host) &&
	       (said.port ? said.port : usual) == (own.port ? own.port : usual);
}

static bool
is_upstreams(const struct upstream *upstream, const struct request *request,
    const struct url_parts *parts)
{
	struct slice host = sent_host(upstream);
	struct slice client = {request->host, request->host_len};

	/* The client's own, with whatever scheme: a redirect to https is meant
	 * so, and taking it back would make a loop of it. */
	if (same(parts->authority, client))
		return false;
	if (host.from && same(parts->authority, host))
		return true;
	for (unsigned i = 0; i < pool_count(upstream->pool); i++) {
		const struct upstream *place =
		    pool_member(upstream->pool, i)->place;

		if (is_own_address(place, parts) ||
		    has_port_behind(place, parts->authority, request))
			return true;
	}
	return false;
}

/* The path without the one that the upstream's URL puts in front of all. */
static const char *
without_prefix(
    const struct upstream *upstream, const char *path, struct arena *arena)
{
	size_t len = strlen(upstream->prefix);
	const char *rest = path + len;

	if (len == 0 || strncmp(path, upstream->prefix, len) != 0)
		return path;
	if (*rest == '/')
		return rest;
	return *rest == '\0' || *rest == '?' || *rest == '#'
		   ? arena_printf(arena, "/%s", rest)
		   : path;
}

/* Of "/app//else.example" "//else.example" is left, which would be a host
 * (WHATWG URL 4.5 puts the same dot in front). Browsers take "\" for "/", and
 * tabs for nothing. */
static const char *
no_host(const char *path, const char *left, struct arena *arena)
{
	const char *second;

	if (left == path || *left != '/')
		return left;
	second = left + 1 + strspn(left + 1, "\t");
	if (*second != '/' && *second != '\\')
		return left;
	return arena_printf(arena, "/.%s", left);
}

/* A path that the upstream names. Behind a proxy it may mean its own address
 * or, told by X-Forwarded-Path, ours: only rewrite-links says that it is its
 * own for sure, and so does a folder's. */
static const char *
path_ours(const struct choice *choice, const char *path, struct arena *arena)
{
	if (!choice->proxy)
		return no_host(path,
		    without_prefix(choice->upstream, path, arena), arena);
	if (*path != '/' || (!*choice->path && !choice->proxy->rewrite_links &&
				choice->upstream->form == UPSTREAM_HTTP))
		return path;
	return no_host(path, choice_own_path(choice, path, arena), arena);
}

/* The same behind scheme and host of the upstream's. */
static const char *
rest_ours(const struct choice *choice, const char *rest, struct arena *arena)
{
	return choice->proxy ? choice_own_path(choice, rest, arena)
			     : without_prefix(choice->upstream, rest, arena);
}

/* Who named no host, as HTTP/1.0 may, is told none: "http:///x" is nowhere, and
 * of "http:////else.example" browsers make that host. */
static const char *
path_alone(const char *rest, struct arena *arena)
{
	const char *path =
	    *rest == '/' ? rest : arena_printf(arena, "/%s", rest);

	return no_host(NULL, path, arena);
}

const char *
location_ours(const struct choice *choice, const struct request *request,
    const char *location, struct arena *arena)
{
	struct url_parts parts;
	const char *rest;

	url_split(&parts, location, strlen(location));
	if (!parts.scheme.from && !parts.authority.from)
		return path_ours(choice, location, arena);
	/* "//cms/x" is meant with the scheme that the upstream was asked in */
	if (!parts.scheme.from)
		parts.scheme = whole(choice->upstream->scheme);
	if (!parts.authority.from || !is_web(parts.scheme) ||
	    !is_upstreams(choice->upstream, request, &parts))
		return location;
	rest = rest_ours(
	    choice, parts.authority.from + parts.authority.len, arena);
	if (request->host_len == 0)
		return path_alone(rest, arena);
	return arena_printf(arena, "%s://%.*s%s", request->scheme,
	    (int)request->host_len, request->host, rest);
}

/* ---- a whole head ---- */

const char *
location_map(void *arg, const char *address)
{
	const struct location_mapping *mapping = arg;

	return location_ours(mapping->choice, mapping->request, address,
	    mapping->arena);
}

static bool
is_upstreams_host(void *arg, struct slice host)
{
	const struct location_mapping *mapping = arg;
	const struct request *request = mapping->request;
	struct pool *pool = mapping->choice->upstream->pool;
	struct slice client = {request->host,
	    routes_host_len(request->host, request->host_len)};
	struct slice sent = sent_host(mapping->choice->upstream);

	if (sent.from && !same(host, client) &&
	    same(host, (struct slice){
			   sent.from, routes_host_len(sent.from, sent.len)}))
		return true;
	for (unsigned i = 0; i < pool_count(pool) && !same(host, client); i++)
		if (same(host, whole(pool_member(pool, i)->place->host)))
			return true;
	return false;
}

void
location_map_head(const struct choice *choice, const struct request *request,
    struct head *head)
{
	struct location_mapping mapping = {choice, request, head->arena};
	const struct headmap map = {location_map, is_upstreams_host, &mapping};

	headmap_apply(&map, head);
}

static struct slice
without_user(struct slice authority)
{
	const char *at = authority.from ?
	    memrchr(authority.from, '@', authority.len) : NULL;

	if (at) {
		authority.len -= (size_t)(at + 1 - authority.from);
		authority.from = at + 1;
	}
	return authority;
}

bool
location_key(struct key *key, char *room, const struct routes *routes,
    const char *asked, const char *location)
{
	struct url_parts parts;
	const struct site *site;
	struct buf url;
	char *target;
	bool found = false;

	buf_init(&url, KEY_MAX);
	if (url_join(&url, asked, location, strcspn(location, "#")) != 0 ||
	    !url_same_origin(asked, url.data))
		goto out;
	url_split(&parts, url.data, url.len);
	target = url.data + (parts.path.from - url.data);
	site = routes_find(
	    routes, parts.authority.from, parts.authority.len, target);
	found = site && site_key(site, key, room, parts.scheme,
			    without_user(parts.authority),
			    (struct slice){target, strlen(target)}) == 0;
out:
	buf_fini(&url);
	return found;
}
