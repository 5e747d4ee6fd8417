/* page/choose.c - a ruleset's proxies as upstreams, and the first that matches
 *
 * A dest is an address; what of it is the upstream, and what a part of the
 * target, is found out when the rules are read:
 *   http://HOST/path       HOST; the target begins with /path
 *   http://{NAME}.HOST/    a request tells: one of a bounded table, with a
 *                          public address unless fragment_hosts has it
 *   file:///folder         the folder
 *   file:///srv/{NAME}/x   the folder that is there for all: /srv
 *   file:///some/file      its folder; the target is that file
 * A folder upstream lets nobody out of its folder, so no {NAME} does. */
#include "page/choose.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "page/origins.h"
#include "theme/proxies.h"
#include "theme/theme.h"

enum { TARGET_MAX = 64 * 1024 };

/* One <proxy>. */
struct place {
	const struct proxy *proxy;
	struct upstream *upstream; /* counted; NULL: requests tell, or next */
	size_t origin_len;	   /* of an address: what the upstream is */
	bool looks_beyond;
};

struct chooser {
	struct rules *rules; /* counted: has the proxies */
	struct place *places;
	size_t count;
	bool looks_beyond;
	struct origins *origins;
};

/* ---- dests as upstreams ---- */

static bool
is_file(const char *url, size_t len, struct arena *arena)
{
	struct upstream_opts opts;
	struct upstream *upstream = NULL;
	struct err err;
	struct stat st;
	bool is = false;

	/* An upstream knows what path such a URL means. */
	upstream_opts_default(&opts);
	opts.url = arena_strndup(arena, url, len);
	if (upstream_new(&upstream, &opts, &err) == 0)
		is = stat(upstream->path, &st) == 0 && S_ISREG(st.st_mode);
	upstream_unref(&upstream);
	return is;
}

/* How much of a file: URL is the folder. */
static size_t
folder_len(const char *href, struct arena *arena)
{
	size_t len = strcspn(href, "{?#");

	if (href[len] == '{' || is_file(href, len, arena))
		while (len > 0 && href[len - 1] != '/')
			len--;
	while (len > 0 && href[len - 1] == '/')
		len--;
	/* file:/// is the root, and stays so. */
	return len > strlen("file:") ? len : strlen("file:///");
}

static size_t
origin_len_of(const char *url)
{
	struct url_parts parts;

	url_split(&parts, url, strlen(url));
	return (size_t)(parts.authority.from - url) + parts.authority.len;
}

static void
fill_opts(
    struct upstream_opts *opts, const struct proxy *proxy, const char *url)
{
	upstream_opts_default(opts);
	opts->name = opts->url = url;
	opts->host = proxy->keep_host ? "client" : "upstream";
}

static struct upstream *
known_before(const struct chooser *chooser, const struct routes *before,
    const struct upstream *wanted)
{
	for (size_t i = 0; i < chooser->count; i++) {
		struct upstream *known = chooser->places[i].upstream;

		if (known && known != wanted && upstream_same(known, wanted))
			return upstream_ref(known);
	}
	return before ? routes_find_upstream(before, wanted) : NULL;
}

static int
open_place(struct chooser *chooser, struct place *place, struct arena *arena,
    const struct routes *before, struct err *err)
{
	const struct proxy *proxy = place->proxy;
	struct upstream_opts opts;
	struct upstream *known;

	place->origin_len = proxy->kind == PROXY_FILE
				? folder_len(proxy->href, arena)
				: origin_len_of(proxy->href);
	if (memchr(proxy->href, '{', place->origin_len))
		return 0;
	fill_opts(
	    &opts, proxy, arena_strndup(arena, proxy->href, place->origin_len));
	if (upstream_new(&place->upstream, &opts, err) != 0)
		return err_prefix(err, "%s:%ld", proxy->source, proxy->line);
	known = known_before(chooser, before, place->upstream);
	if (known) {
		upstream_unref(&place->upstream);
		place->upstream = known;
	}
	return 0;
}

static int
open_places(
    struct chooser *chooser, const struct routes *before, struct err *err)
{
	enum { ARENA = 4096 };
	struct arena *arena = arena_new(ARENA);
	int rc = 0;

	for (size_t i = 0; i < chooser->count && rc == 0; i++) {
		struct place *place = &chooser->places[i];

		place->proxy = rules_proxy(chooser->rules, i);
		place->looks_beyond = proxy_looks_beyond(place->proxy);
		chooser->looks_beyond |= place->looks_beyond;
		if (place->proxy->kind == PROXY_NEXT)
			continue;
		rc = open_place(chooser, place, arena, before, err);
	}
	arena_free(&arena);
	return rc;
}

int
chooser_new(struct chooser **out, struct rules *rules,
    const struct routes *before, struct err *err)
{
	struct chooser *chooser = mem_new(sizeof(*chooser));

	chooser->rules = rules_ref(rules);
	chooser->origins = origins_new();
	while (rules_proxy(rules, chooser->count))
		chooser->count++;
	chooser->places =
	    mem_new_array(chooser->count, sizeof(*chooser->places));
	if (open_places(chooser, before, err) != 0) {
		chooser_free(&chooser);
		return -1;
	}
	*out = chooser;
	return 0;
}

void
chooser_free(struct chooser **chooser)
{
	if (!*chooser)
		return;
	for (size_t i = 0; i < (*chooser)->count; i++)
		upstream_unref(&(*chooser)->places[i].upstream);
	mem_free(&(*chooser)->places);
	origins_free(&(*chooser)->origins);
	rules_unref(&(*chooser)->rules);
	mem_free(chooser);
}

/* Several proxies may share one: it counts where it is first. */
static bool
is_first(const struct chooser *chooser, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (chooser->places[k].upstream == chooser->places[i].upstream)
			return false;
	return true;
}

struct upstream *
chooser_upstream(const struct chooser *chooser, unsigned i)
{
	for (size_t k = 0; k < chooser->count; k++)
		if (chooser->places[k].upstream && is_first(chooser, k) &&
		    i-- == 0)
			return chooser->places[k].upstream;
	return NULL;
}

bool
chooser_looks_beyond(const struct chooser *chooser)
{
	return chooser->looks_beyond;
}

static const struct proxy_field *
find_field(const struct proxy_field *fields, size_t count, const char *name)
{
	const struct proxy_field *found = NULL;

	for (size_t i = 0; i < count; i++)
		if (strcasecmp(fields[i].name, name) == 0)
			found = &fields[i];
	return found;
}

bool
chooser_sets(const struct chooser *chooser, const char *name)
{
	for (size_t i = 0; i < chooser->count; i++) {
		const struct proxy *proxy = chooser->places[i].proxy;

		if (find_field(proxy->request, proxy->request_count, name))
			return true;
	}
	return false;
}

/* ---- choosing ---- */

struct asking {
	const struct site *site;
	const struct request *request;
	struct dress_exchange exchange;
	const char *path;
	struct arena *arena;
};

const char *
request_client(const struct request *request, struct arena *arena)
{
	static const struct net_address nobody;
	char text[NET_TEXT];

	if (memcmp(request->client.bytes, nobody.bytes, sizeof(nobody.bytes)) ==
	    0)
		return NULL;
	net_write(text, &request->client);
	return arena_strdup(arena, text);
}

static struct asking
asking_of(
    const struct site *site, const struct request *request, struct arena *arena)
{
	size_t path_len = strcspn(request->target, "?");
	const char *query = request->target + path_len;

	return (struct asking){
	    .site = site,
	    .request = request,
	    .exchange =
		{
		    .method = request->method,
		    .scheme = request->scheme,
		    .host = arena_strndup(arena, request->host,
			routes_host_len(request->host, request->host_len)),
		    .query = *query ? query + 1 : NULL,
		    .client = request_client(request, arena),
		    .request = request->fields,
		},
	    .path = arena_strndup(arena, request->target, path_len),
	    .arena = arena,
	};
}

/* An upstream that the address names: what strangers ask for must not lead to
 * this machine's neighbours. */
static struct upstream *
named_upstream(const struct chooser *chooser, const struct place *place,
    const struct asking *asking, const char *url, size_t len, struct err *err)
{
	struct upstream_opts opts;
	struct url_parts parts;

	url_split(&parts, url, len);
	fill_opts(&opts, place->proxy, arena_strndup(asking->arena, url, len));
	opts.public_only = !origins_are_named(asking->site->opts.fragment_hosts,
	    parts.authority.from, parts.authority.len);
	return origins_get(chooser->origins, &opts, err);
}

static const char *
target_of(const char *rest, struct arena *arena)
{
	return *rest == '/' ? arena_strdup(arena, rest)
			    : arena_printf(arena, "/%s", rest);
}

/* A folder itself, asked for without a slash: what its page links to would be
 * beside the folder. */
static bool
is_without_slash(const char *path, const char *target)
{
	size_t len = strlen(path);

	target += *target == '/';
	return len > 0 && path[len - 1] != '/' &&
	       (*target == '\0' || *target == '?');
}

/* The whole address, and what of it is the dest. */
static int
read_address(struct choice *out, const struct chooser *chooser,
    const struct place *place, const struct asking *asking, size_t prefix_len,
    struct buf *url, struct buf *base, struct err *err)
{
	const struct proxy *proxy = place->proxy;
	size_t origin_len = place->origin_len;

	if (proxy_target(url, proxy, &asking->exchange, asking->path,
		prefix_len, err) != 0 ||
	    proxy_base(base, proxy, &asking->exchange, asking->path, prefix_len,
		err) != 0)
		return 502;
	if (!place->upstream)
		origin_len = origin_len_of(url->data);
	out->upstream = place->upstream ? upstream_ref(place->upstream)
					: named_upstream(chooser, place, asking,
					      url->data, origin_len, err);
	if (!out->upstream)
		return 502;
	out->path = base->len > origin_len
			? arena_strdup(asking->arena, base->data + origin_len)
			: "";
	if (proxy->kind == PROXY_FILE && !*out->path &&
	    is_without_slash(asking->path, url->data + origin_len))
		return 301;
	out->target = target_of(url->data + origin_len, asking->arena);
	return 0;
}

static int
take(struct choice *out, const struct chooser *chooser,
    const struct place *place, const struct asking *asking, size_t prefix_len,
    struct err *err)
{
	struct buf url, base;
	int status;

	out->proxy = place->proxy;
	out->prefix =
	    place->proxy->strip_script_name
		? arena_strndup(asking->arena, asking->path, prefix_len)
		: "";
	buf_init(&url, TARGET_MAX);
	buf_init(&base, TARGET_MAX);
	status = read_address(
	    out, chooser, place, asking, prefix_len, &url, &base, err);
	buf_fini(&url);
	buf_fini(&base);
	return status;
}

static int
choose_proxy(struct choice *out, const struct site *site,
    const struct asking *asking, struct err *err)
{
	const struct chooser *chooser = site->chooser;
	size_t prefix_len;

	out->adds =
	    arena_get(asking->arena, chooser->count * sizeof(*out->adds));
	for (size_t i = 0; i < chooser->count; i++) {
		const struct place *place = &chooser->places[i];

		if (place->looks_beyond && !out->looked_beyond)
			out->looked_beyond = proxy_fits_address(
			    place->proxy, &asking->exchange, asking->path);
		if (!proxy_matches(place->proxy, &asking->exchange,
			asking->path, &prefix_len))
			continue;
		out->adds[out->adds_count++] = place->proxy;
		if (place->proxy->kind != PROXY_NEXT)
			return take(
			    out, chooser, place, asking, prefix_len, err);
	}
	return 404;
}

int
choose(struct choice *out, const struct site *site,
    const struct request *request, struct arena *arena, struct err *err)
{
	struct asking asking;

	*out = (struct choice){.prefix = "", .path = ""};
	if (site->chooser) {
		asking = asking_of(site, request, arena);
		return choose_proxy(out, site, &asking, err);
	}
	out->upstream = upstream_ref(site->upstream);
	out->rewrites = site->opts.rewrite_links;
	out->target = arena_printf(arena, "%s%s",
	    site->upstream->prefix ? site->upstream->prefix : "",
	    request->target);
	return 0;
}

void
choice_copy(struct choice *out, const struct choice *from, struct arena *arena)
{
	size_t size = from->adds_count * sizeof(*from->adds);

	*out = *from;
	if (out->upstream)
		out->upstream = upstream_ref(out->upstream);
	out->target = from->target ? arena_strdup(arena, from->target) : NULL;
	out->prefix = arena_strdup(arena, from->prefix);
	out->path = arena_strdup(arena, from->path);
	out->adds = arena_get(arena, size);
	if (size)
		memcpy(out->adds, from->adds, size);
}

void
choice_fini(struct choice *choice)
{
	upstream_unref(&choice->upstream);
}
