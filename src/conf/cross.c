/* conf/cross.c - what blocks say about each other */
#include "conf/cross.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include "base/listen.h"
#include "conf/nearest.h"
#include "conf/ruleset.h"
#include "conf/sense.h"

struct crossing {
	struct conf *conf;
	const struct scan_block *blocks;
	struct mistakes *mistakes;
};

static const char *
upstream_name(const void *arg, size_t i)
{
	const struct conf *conf = arg;

	return i < conf->upstreams_count ? conf->upstreams[i].name : NULL;
}

static const char *
theme_name(const void *arg, size_t i)
{
	const struct conf *conf = arg;

	return i < conf->themes_count ? conf->themes[i].name : NULL;
}

static int
line_of(const struct crossing *cross, enum block block, const char *title,
	const char *option)
{
	return scan_line(scan_find(cross->blocks, block, title), option);
}

/* A site names a block: is there one? */
static void
check_reference(const struct crossing *cross, const struct conf_site *site,
		const char *option, const char *wanted,
		const char *(*name)(const void *arg, size_t i))
{
	const char *candidate, *near;

	for (size_t i = 0; (candidate = name(cross->conf, i)) != NULL; i++)
		if (strcmp(candidate, wanted) == 0)
			return;
	near = nearest_find(wanted, name, cross->conf);
	mistake_tell(cross->mistakes,
		     line_of(cross, BLOCK_SITE, site->site.name, option),
		     "site %s: there is no block %s %s { }%s%s%s",
		     site->site.name, option, wanted,
		     near ? "; did you mean '" : "", near ? near : "",
		     near ? "'?" : "");
}

static void
check_site(const struct crossing *cross, struct conf_site *site)
{
	struct conf *conf = cross->conf;
	enum ruleset has =
	    site->upstream ? RULESET_NONE : ruleset_look(conf, site);

	if (!site->upstream && has != RULESET_CHOOSES &&
	    conf->upstreams_count == 1)
		site->upstream = conf->upstreams[0].name;
	if (!site->upstream && has == RULESET_NONE)
		mistake_tell(
		    cross->mistakes,
		    line_of(cross, BLOCK_SITE, site->site.name, ""),
		    conf->upstreams_count == 0
			? "site %s: there is no block upstream NAME { } to "
			  "fetch its pages from, and its theme's rules are no "
			  "ruleset with proxies"
			: "site %s: say which of the upstreams it has: "
			  "upstream = NAME",
		    site->site.name);
	else if (site->upstream)
		check_reference(cross, site, "upstream", site->upstream,
				upstream_name);
	if (site->theme)
		check_reference(cross, site, "theme", site->theme, theme_name);
}

/* ---- two sites for the same requests ---- */

static bool
same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* A path of "/" is no path. */
static const char *
path_of(const struct conf_site *site)
{
	const char *path = site->site.path;

	return path && strcmp(path, "/") != 0 ? path : NULL;
}

/* A host that both have, or "" when both are for any host; else NULL. */
static const char *
shared_host(const struct conf_site *a, const struct conf_site *b)
{
	static const char *const any[] = {NULL};
	const char *const *hosts = a->site.hosts ? a->site.hosts : any;
	const char *const *others = b->site.hosts ? b->site.hosts : any;

	if (!hosts[0] && !others[0])
		return "";
	for (size_t i = 0; hosts[i]; i++)
		for (size_t j = 0; others[j]; j++)
			if (strcasecmp(hosts[i], others[j]) == 0)
				return hosts[i];
	return NULL;
}

static void
check_pair(const struct crossing *cross, const struct conf_site *first,
	   const struct conf_site *second)
{
	const char *host = shared_host(first, second);

	if (!host || !same_text(path_of(first), path_of(second)))
		return;
	mistake_tell(
	    cross->mistakes,
	    line_of(cross, BLOCK_SITE, second->site.name, "hosts"),
	    "site %s and site %s are both for %s%s%s: give one other hosts or "
	    "a path",
	    second->site.name, first->site.name, *host ? host : "every host",
	    path_of(first) ? " below " : "",
	    path_of(first) ? path_of(first) : "");
}

static void
check_sites(const struct crossing *cross)
{
	struct conf *conf = cross->conf;

	if (conf->sites_count == 0)
		mistake_tell(
		    cross->mistakes, 0,
		    "there is no site: add site main { upstream = NAME }");
	for (unsigned i = 0; i < conf->sites_count; i++) {
		check_site(cross, &conf->sites[i]);
		for (unsigned j = 0; j < i; j++)
			check_pair(cross, &conf->sites[j], &conf->sites[i]);
	}
}

/* ---- within one block ---- */

static void
check_back_off(const struct crossing *cross, enum block block,
	       const char *title, uint32_t min_ms, uint32_t max_ms)
{
	if (min_ms > max_ms)
		mistake_tell(cross->mistakes,
			     line_of(cross, block, title, "back_off_min"),
			     "%s %s: back_off_min is more than back_off_max",
			     schema_blocks[block].name, title);
}

static void
check_login(const struct crossing *cross, enum block block, const char *title,
	    const struct upstream_opts *opts)
{
	if (opts->password && !opts->username)
		mistake_tell(cross->mistakes,
			     line_of(cross, block, title, "password"),
			     "%s %s: a password without a username",
			     schema_blocks[block].name, title);
}

/* No application has a cookie of our name. */
static void
check_session(const struct crossing *cross, const struct upstream_opts *opts)
{
	struct upstream_opts usual;
	int line =
	    line_of(cross, BLOCK_UPSTREAM, opts->name, "session_cookie");

	upstream_opts_default(&usual);
	if (!opts->session_cookie)
		mistake_tell(cross->mistakes, line,
			     "upstream %s: session_cookie: a name is wanted",
			     opts->name);
	else if (opts->session == SESSION_HASH &&
		 strcmp(opts->session_cookie, usual.session_cookie) == 0)
		mistake_tell(cross->mistakes,
			     line_of(cross, BLOCK_UPSTREAM, opts->name,
				     "session"),
			     "upstream %s: session = hash needs the name of "
			     "the application's cookie: session_cookie = __ac",
			     opts->name);
}

/* Behind it the client's own path and query come. */
static void
check_upstream_url(
    const struct crossing *cross, const struct upstream_opts *opts)
{
	int line = line_of(cross, BLOCK_UPSTREAM, opts->name, "url");
	struct upstream *made = NULL;
	struct err err = {0};

	if (strstr(opts->url, "://") && strchr(opts->url, '?'))
		mistake_tell(cross->mistakes, line,
			     "upstream %s: its url has a query; clients bring "
			     "theirs: take away what begins with '?'",
			     opts->name);
	else if (upstream_new(&made, opts, &err) != 0)
		mistake_tell(cross->mistakes, line, "upstream %s: %s",
			     opts->name, err.text);
	upstream_unref(&made);
}

/* What its servers have against each other. The first names it. */
static void
check_servers(const struct crossing *cross, struct upstream_opts *opts)
{
	int line = line_of(cross, BLOCK_UPSTREAM, opts->name, "servers");
	struct upstream *made = NULL;
	struct err err = {0};

	if (opts->url)
		mistake_tell(cross->mistakes, line,
			     "upstream %s has a url and servers: the servers "
			     "alone are asked, take the url away",
			     opts->name);
	else if (upstream_new(&made, opts, &err) != 0)
		mistake_tell(cross->mistakes, line, "upstream %s: %s",
			     opts->name, err.text);
	else
		opts->url = arena_strdup(cross->conf->arena, made->opts.url);
	upstream_unref(&made);
}

/* Servers that could not be read have been told of; "{}" could. */
static void
check_has_place(const struct crossing *cross, const struct upstream_opts *opts)
{
	const struct scan_block *block =
	    scan_find(cross->blocks, BLOCK_UPSTREAM, opts->name);
	bool says =
	    block->lines[schema_find(BLOCK_UPSTREAM, "servers") - schema] != 0;

	if (opts->servers || !says)
		mistake_tell(cross->mistakes, block->line,
			     "upstream %s has no url and no servers",
			     opts->name);
}

static void
check_upstreams(const struct crossing *cross)
{
	struct upstream_opts *opts;

	for (unsigned i = 0; i < cross->conf->upstreams_count; i++) {
		opts = &cross->conf->upstreams[i];
		if (opts->servers && opts->servers[0])
			check_servers(cross, opts);
		else if (!opts->url)
			check_has_place(cross, opts);
		else
			check_upstream_url(cross, opts);
		check_back_off(cross, BLOCK_UPSTREAM, opts->name,
			       opts->back_off_min_ms, opts->back_off_max_ms);
		check_login(cross, BLOCK_UPSTREAM, opts->name, opts);
		check_session(cross, opts);
	}
}

static void
check_themes(const struct crossing *cross)
{
	struct conf *conf = cross->conf;
	struct skin_opts *opts;

	conf->rules_lines = arena_get(conf->arena,
	    (conf->themes_count + 1) * sizeof(*conf->rules_lines));
	conf->theme_lines = arena_get(conf->arena,
	    (conf->themes_count + 1) * sizeof(*conf->theme_lines));
	for (unsigned i = 0; i < conf->themes_count; i++) {
		opts = &conf->themes[i];
		conf->rules_lines[i] =
		    line_of(cross, BLOCK_THEME, opts->name, "rules");
		conf->theme_lines[i] =
		    line_of(cross, BLOCK_THEME, opts->name, "url");
		if (!opts->url && !opts->rules)
			mistake_tell(
			    cross->mistakes,
			    line_of(cross, BLOCK_THEME, opts->name, ""),
			    "theme %s has neither a url nor rules that name "
			    "a theme page",
			    opts->name);
		if (!opts->rules)
			opts->rules = conf_default_rules();
		check_back_off(cross, BLOCK_THEME, opts->name,
			       opts->back_off_min_ms, opts->back_off_max_ms);
		check_login(cross, BLOCK_THEME, opts->name, &opts->upstream);
	}
}

/* A certificate that is for both sides of a connection, or none. */
static void
check_pair_of_files(const struct crossing *cross, enum block block,
		    const struct upstream_opts *opts, const char *title)
{
	if (opts->key_file && !opts->cert_file)
		mistake_tell(cross->mistakes,
			     line_of(cross, block, title, "key_file"),
			     "%s %s: a key_file without a cert_file",
			     schema_blocks[block].name, title);
}

static bool
listens_for_tls(const struct conf *conf)
{
	const char *const *listen = conf->front.listen;
	struct listen_at at;
	struct err err;

	for (; listen && *listen; listen++)
		if (listen_parse(&at, *listen, &err) == 0 && at.tls)
			return true;
	return false;
}

static void
check_tls(const struct crossing *cross)
{
	const struct conf *conf = cross->conf;

	for (unsigned i = 0; i < conf->certs_count; i++)
		if (!conf->certs[i].file)
			mistake_tell(
			    cross->mistakes,
			    line_of(cross, BLOCK_CERTIFICATE,
				    conf->certs[i].name, ""),
			    "certificate %s has no file",
			    conf->certs[i].name);
	if (conf->certs_count == 0 && listens_for_tls(conf))
		mistake_tell(cross->mistakes,
			     line_of(cross, BLOCK_TOP, NULL, "listen"),
			     "listen: tls needs a block certificate NAME { "
			     "file = PATH key = PATH }");
	for (unsigned i = 0; i < conf->upstreams_count; i++)
		check_pair_of_files(cross, BLOCK_UPSTREAM, &conf->upstreams[i],
				    conf->upstreams[i].name);
	for (unsigned i = 0; i < conf->themes_count; i++)
		check_pair_of_files(cross, BLOCK_THEME,
				    &conf->themes[i].upstream,
				    conf->themes[i].name);
}

void
cross_check(struct conf *conf, const struct scan_block *blocks,
	    struct mistakes *mistakes)
{
	struct crossing cross = {conf, blocks, mistakes};
	struct sense sense = {conf, blocks, mistakes};

	if (!conf->front.listen || !conf->front.listen[0])
		mistake_tell(mistakes,
			     line_of(&cross, BLOCK_TOP, NULL, "listen"),
			     "listen: an empty list serves nobody");
	check_tls(&cross);
	if (!conf->front.tls_priorities)
		mistake_tell(mistakes,
			     line_of(&cross, BLOCK_TOP, NULL, "tls_priorities"),
			     "tls_priorities: versions and ciphers are wanted, "
			     "as NORMAL");
	check_upstreams(&cross);
	check_themes(&cross);
	check_sites(&cross);
	sense_check(&sense);
}
