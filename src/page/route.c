/* page/route.c - hosts and paths to sites
 *
 * There are few sites, so a linear look at each host is faster than a table
 * and needs no copy of the authority. */
#include "page/route.h"

#include <stdatomic.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/mem.h"
#include "cache/hash.h"
#include "page/again.h"
#include "page/choose.h"
#include "page/cookies.h"
#include "page/crew.h"
#include "page/parts.h"
#include "page/skin.h"

enum { SITES_MAX = 1000 };

struct routes {
	_Atomic unsigned refs;
	struct arena *arena;
	struct site *sites[SITES_MAX];
	unsigned count;
};

/* At equal weights: the least bytes first. */
static const char *const compress_all[] = {"br", "zstd", "gzip", NULL};

void
site_opts_default(struct site_opts *opts)
{
	static const struct site_opts defaults = {
		.name = "main",
		.login_cookies = cookies_of_logins,
		.ignore_cookies = cookies_of_nothing,
		.policy = {.stale_max_ms = 7 * 24 * 3600 * 1000LL,
		    .honour_request = HONOUR_ALLOWED,
		    .early_refresh = 100},
		.stale_wait_ms = 1000,
		.upgrade = 1,
		.themed_max = 16 << 20,
		.store_max = 64 << 20,
		.html_max_depth = 512,
		.html_max_attributes = 1000,
		.html_max_nodes = 500000,
		.xpath_max_ops = 5000000,
		.misses_max = 1000,
		.fragment_wait_ms = 2000,
		.fragment_timeout_ms = 10000,
		.fragment_min_refresh_ms = 5000,
		.fragment_ttl_ms = 60000,
		.fragment_max = 4 << 20,
		.fragments_max = 50,
		.compress = compress_all,
		.compress_min = 1 << 10,
		.map_redirects = true,
	};

	*opts = defaults;
}

struct routes *
routes_new(void)
{
	struct routes *routes = mem_new(sizeof(*routes));

	atomic_init(&routes->refs, 1);
	routes->arena = arena_new(4096);
	return routes;
}

struct routes *
routes_ref(struct routes *routes)
{
	atomic_fetch_add(&routes->refs, 1);
	return routes;
}

void
routes_unref(struct routes **routes)
{
	struct routes *gone = *routes;
	unsigned i;

	*routes = NULL;
	if (!gone || atomic_fetch_sub(&gone->refs, 1) != 1)
		return;
	for (i = 0; i < gone->count; i++) {
		upstream_unref(&gone->sites[i]->upstream);
		chooser_free(&gone->sites[i]->chooser);
		skin_unref(&gone->sites[i]->skin);
		site_load_unref(&gone->sites[i]->load);
		again_free(&gone->sites[i]->again);
		parts_free(&gone->sites[i]->parts);
	}
	arena_free(&gone->arena);
	mem_free(&gone);
}

static bool
names_host(const struct site *site, const char *host)
{
	const char *const *name;

	for (name = site->opts.hosts; *name; name++)
		if (strcasecmp(*name, host) == 0)
			return true;
	return false;
}

static bool
same_path(const struct site *a, const struct site_opts *b)
{
	return strcmp(a->opts.path ? a->opts.path : "/",
		   b->path ? b->path : "/") == 0;
}

/* Two sites that nothing tells apart: the second would never be asked. */
static int
check_conflict(const struct routes *routes, const struct site_opts *opts,
    struct err *err)
{
	const char *const *host;
	unsigned i;

	for (i = 0; i < routes->count; i++) {
		const struct site *site = routes->sites[i];

		if (!same_path(site, opts))
			continue;
		if (!*site->opts.hosts && (!opts->hosts || !*opts->hosts))
			return err_set(err, "sites %s and %s both answer for "
			    "every host", site->opts.name, opts->name);
		for (host = opts->hosts; host && *host; host++)
			if (names_host(site, *host))
				return err_set(err,
				    "sites %s and %s both answer for %s",
				    site->opts.name, opts->name, *host);
	}
	return 0;
}

static const char *
copy_text(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : NULL;
}

static void
sum_list(struct summing *summing, const char *const *list)
{
	for (; list && *list; list++)
		summing_text(summing, *list);
	summing_text(summing, NULL);
}

/* A digest of what the site puts into its dressed pages by options of its own:
 * "-..." behind their version; "" where there are none. */
static const char *
wearing(struct arena *arena, const struct site_opts *opts)
{
	enum { SHOWN = 12 };
	char hex[2 * SUM_LEN + 1];
	struct summing *summing;
	struct sum sum;

	if ((!opts->params || !*opts->params) &&
	    opts->includes == INCLUDES_NONE &&
	    opts->html_parser == PARSER_HTML5)
		return "";
	summing = summing_new();
	sum_list(summing, opts->params);
	sum_list(summing, opts->fragment_hosts);
	summing_number(summing, opts->includes);
	summing_number(summing, opts->html_parser);
	sum = summing_end(summing);
	summing_free(&summing);
	sum_hex(hex, &sum);
	return arena_printf(arena, "-%.*s", (int)SHOWN, hex);
}

static void
set_packings(struct site *site, const char *const *names)
{
	enum packing packing;

	for (; names && *names; names++) {
		packing = packing_find((struct slice){*names, strlen(*names)});
		if (packing != PACKINGS && packing != PACKING_NONE &&
		    site->packings_count < PACKINGS)
			site->packings[site->packings_count++] =
			    (uint8_t)packing;
	}
}

int
site_key(const struct site *site, struct key *key, char room[KEY_MAX],
    struct slice scheme, struct slice host, struct slice target)
{
	char normal[KEY_MAX];

	if (query_has_rules(&site->opts.query))
		target = query_normal(&site->opts.query, normal, target);
	return key_make(key, room, KIND_PAGE, site->opts.name, scheme.from,
	    scheme.len, host.from, host.len, target.from, target.len);
}

CHECKED static int
read_nets(struct nets **out, struct arena *arena, const char *const *texts,
    struct err *err)
{
	struct nets *nets = texts && *texts ? nets_in(arena) : NULL;

	for (; texts && *texts; texts++)
		if (nets_add(nets, *texts, err) != 0)
			return -1;
	*out = nets;
	return 0;
}

static int
add(struct site **out, struct routes *routes, const struct site_opts *opts,
    struct skin *skin, struct err *err)
{
	struct nets *nets;
	struct site *site;

	if (routes->count == SITES_MAX)
		return err_set(err, "more than %d sites", SITES_MAX);
	if (check_conflict(routes, opts, err) != 0 ||
	    read_nets(&nets, routes->arena, opts->purge_allowed, err) != 0)
		return -1;
	site = arena_get(routes->arena, sizeof(*site));
	site->opts = *opts;
	site->opts.name = arena_strdup(routes->arena, opts->name);
	site->opts.hosts = arena_strdup_list(routes->arena, opts->hosts);
	site->opts.path = copy_text(routes->arena, opts->path);
	site->opts.login_cookies = arena_strdup_list(routes->arena,
	    opts->login_cookies);
	site->opts.ignore_cookies = arena_strdup_list(routes->arena,
	    opts->ignore_cookies);
	site->opts.query.ignore = arena_strdup_list(routes->arena,
	    opts->query.ignore);
	site->opts.policy.ttl_header = copy_text(routes->arena,
	    opts->policy.ttl_header);
	site->opts.params = arena_strdup_list(routes->arena, opts->params);
	site->opts.fragment_hosts = arena_strdup_list(routes->arena,
	    opts->fragment_hosts);
	site->opts.hsts = copy_text(routes->arena, opts->hsts);
	site->opts.error_page = copy_text(routes->arena, opts->error_page);
	site->opts.purge_token = copy_text(routes->arena, opts->purge_token);
	site->opts.purge_allowed = arena_strdup_list(routes->arena,
	    opts->purge_allowed);
	site->purge_allowed = nets;
	site->opts.compress = arena_strdup_list(routes->arena, opts->compress);
	set_packings(site, opts->compress);
	site->wearing = wearing(routes->arena, opts);
	site->skin = skin ? skin_ref(skin) : NULL;
	site->number = routes->count;
	site->load = site_load_new();
	site->again = again_new();
	site->parts = parts_new();
	routes->sites[routes->count++] = site;
	*out = site;
	return 0;
}

int
routes_add(struct routes *routes, const struct site_opts *opts,
    struct upstream *upstream, struct skin *skin, struct err *err)
{
	struct site *site;

	if (add(&site, routes, opts, skin, err) != 0)
		return -1;
	site->upstream = upstream_ref(upstream);
	return 0;
}

int
routes_add_chosen(struct routes *routes, const struct site_opts *opts,
    struct chooser **chooser, struct skin *skin, struct err *err)
{
	struct site *site;

	if (add(&site, routes, opts, skin, err) != 0) {
		chooser_free(chooser);
		return -1;
	}
	site->chooser = *chooser;
	*chooser = NULL;
	return 0;
}

static struct upstream *
same_of_site(const struct site *site, const struct upstream *wanted)
{
	struct upstream *upstream;
	unsigned i;

	if (!site->chooser)
		return upstream_same(site->upstream, wanted) ?
		    site->upstream : NULL;
	for (i = 0; (upstream = chooser_upstream(site->chooser, i)); i++)
		if (upstream_same(upstream, wanted))
			return upstream;
	return NULL;
}

struct upstream *
routes_find_upstream(const struct routes *routes,
    const struct upstream *wanted)
{
	struct upstream *found;
	unsigned i;

	for (i = 0; i < routes->count; i++) {
		found = same_of_site(routes->sites[i], wanted);
		if (found)
			return upstream_ref(found);
	}
	return NULL;
}

static struct upstream *
upstream_of_site(const struct site *site, unsigned at)
{
	if (site->chooser)
		return chooser_upstream(site->chooser, at);
	return at == 0 ? site->upstream : NULL;
}

static bool
was_before(const struct routes *routes, unsigned of_site, unsigned of_at,
    const struct upstream *upstream)
{
	struct upstream *other;
	unsigned at;

	for (unsigned i = 0; i <= of_site; i++)
		for (at = 0; (other = upstream_of_site(routes->sites[i], at));
		    at++) {
			if (i == of_site && at == of_at)
				return false;
			if (other == upstream)
				return true;
		}
	return false;
}

void
routes_each_upstream(const struct routes *routes,
    void (*on_upstream)(void *arg, struct upstream *upstream), void *arg)
{
	struct upstream *upstream;
	unsigned at;

	for (unsigned i = 0; i < routes->count; i++)
		for (at = 0;
		    (upstream = upstream_of_site(routes->sites[i], at)); at++)
			if (!was_before(routes, i, at, upstream))
				on_upstream(arg, upstream);
}

unsigned
routes_count(const struct routes *routes)
{
	return routes->count;
}

const struct site *
routes_site(const struct routes *routes, unsigned i)
{
	return i < routes->count ? routes->sites[i] : NULL;
}

size_t
routes_host_len(const char *host, size_t len)
{
	size_t n = len;

	while (n > 0 && host[n - 1] >= '0' && host[n - 1] <= '9')
		n--;
	if (n > 0 && host[n - 1] == ':' && (n == 1 || host[n - 2] != ':'))
		return n - 1;
	return len;
}

/* 3: this very host, 2: by "*.", 1: any host, 0: another site's. */
static int
host_rank(const struct site *site, const char *host, size_t len)
{
	const char *const *name;
	int rank = 0;

	if (!*site->opts.hosts)
		return 1;
	for (name = site->opts.hosts; *name; name++) {
		size_t n = strlen(*name);

		if (n == len && strncasecmp(*name, host, len) == 0)
			return 3;
		if (n > 1 && (*name)[0] == '*' && (*name)[1] == '.' &&
		    len >= n && strncasecmp(*name + 1, host + len - (n - 1),
			n - 1) == 0)
			rank = 2;
		if (n == 1 && (*name)[0] == '*' && rank == 0)
			rank = 1;
	}
	return rank;
}

/* How much of the target the site's path takes; -1: not below it. */
static int
path_rank(const struct site *site, const char *target)
{
	const char *path = site->opts.path;
	size_t n = path ? strlen(path) : 0;

	while (n > 0 && path[n - 1] == '/')
		n--;
	if (n == 0)
		return 0;
	if (strncmp(path, target, n) != 0)
		return -1;
	if (target[n] != '\0' && target[n] != '/' && target[n] != '?')
		return -1;
	return (int)n;
}

const char *
site_hsts(const struct site *site, const char *scheme)
{
	if (!site->opts.hsts)
		return NULL;
	return strcmp(scheme, "https") == 0 ? site->opts.hsts : "";
}

bool
site_has_host(const struct site *site, const char *host, size_t len)
{
	return host_rank(site, host, routes_host_len(host, len)) > 1;
}

const struct site *
routes_find(const struct routes *routes, const char *host, size_t host_len,
    const char *target)
{
	const struct site *best = NULL;
	size_t len = routes_host_len(host, host_len);
	int best_host = 0, best_path = -1;
	unsigned i;

	for (i = 0; i < routes->count; i++) {
		const struct site *site = routes->sites[i];
		int by_host = host_rank(site, host, len);
		int by_path = path_rank(site, target);

		if (by_host == 0 || by_path < 0)
			continue;
		if (by_host > best_host ||
		    (by_host == best_host && by_path > best_path)) {
			best = site;
			best_host = by_host;
			best_path = by_path;
		}
	}
	return best;
}

const struct site *
routes_find_theme(const struct routes *routes, const char *host,
    size_t host_len, const char *name, size_t name_len)
{
	size_t len = routes_host_len(host, host_len);
	unsigned i;

	for (i = 0; i < routes->count; i++) {
		const struct site *site = routes->sites[i];
		const char *skin = site->skin ?
		    skin_options(site->skin)->name : NULL;

		if (skin && strlen(skin) == name_len &&
		    memcmp(skin, name, name_len) == 0 &&
		    host_rank(site, host, len) > 0)
			return site;
	}
	return NULL;
}
