/* server/build.c - upstreams and skins by name, then the sites that use them */
#include "server/build.h"

#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "page/choose.h"
#include "upstream/pool.h"

struct parts {
	struct upstream **upstreams;
	struct skin **skins;
};

static void
inherit(void *arg, struct upstream *old)
{
	struct upstream *upstream = arg;

	if (strcmp(old->opts.name, upstream->opts.name) == 0)
		pool_inherit(upstream->pool, old->pool);
}

static int
open_upstreams(struct parts *parts, const struct conf *conf,
    struct routes *before, struct err *err)
{
	struct upstream *old;
	unsigned i;

	for (i = 0; i < conf->upstreams_count; i++) {
		if (upstream_new(&parts->upstreams[i], &conf->upstreams[i],
			err) != 0)
			return err_prefix(err, "upstream %s",
			    conf->upstreams[i].name);
		old = before ? routes_find_upstream(before,
				   parts->upstreams[i]) : NULL;
		if (old) {
			upstream_unref(&parts->upstreams[i]);
			parts->upstreams[i] = old;
		} else if (before) {
			routes_each_upstream(before, inherit,
			    parts->upstreams[i]);
		}
	}
	return 0;
}

/* The line that names what cannot be used, or 0. Rules with a mistake say
 * their own file and line. */
static int
line_to_blame(const struct conf *conf, unsigned i, const struct err *err)
{
	const char *rules = conf->themes[i].rules;

	if (!conf->file || !conf->rules_lines)
		return 0;
	if (access(rules, R_OK) != 0)
		return conf->rules_lines[i];
	return strncmp(err->text, rules, strlen(rules)) == 0 ?
	    0 : conf->theme_lines[i];
}

static int
blame_theme(const struct conf *conf, unsigned i, struct err *err)
{
	const char *name = conf->themes[i].name;
	int line = line_to_blame(conf, i, err);

	if (line > 0)
		return err_prefix(err, "%s:%d: theme %s", conf->file, line,
		    name);
	return err_prefix(err, "theme %s", name);
}

static int
open_skins(struct parts *parts, const struct conf *conf,
    struct skins *skins, struct err *err)
{
	unsigned i;

	for (i = 0; i < conf->themes_count; i++)
		if (skin_open(&parts->skins[i], skins, &conf->themes[i],
			err) != 0)
			return blame_theme(conf, i, err);
	return 0;
}

/* Its ruleset's proxies choose. */
static int
add_chosen(struct routes *routes, const struct conf_site *site,
    struct skin *skin, struct routes *before, struct err *err)
{
	struct chooser *chooser;

	if (chooser_new(&chooser, site->rules, before, err) != 0)
		return -1;
	return routes_add_chosen(routes, &site->site, &chooser, skin, err);
}

static int
add_site(struct routes *routes, const struct conf *conf,
    const struct conf_site *site, const struct parts *parts,
    struct routes *before, struct err *err)
{
	struct upstream *upstream = NULL;
	struct skin *skin = NULL;
	unsigned i;

	for (i = 0; site->upstream && i < conf->upstreams_count; i++)
		if (strcmp(conf->upstreams[i].name, site->upstream) == 0)
			upstream = parts->upstreams[i];
	for (i = 0; site->theme && i < conf->themes_count; i++)
		if (strcmp(conf->themes[i].name, site->theme) == 0)
			skin = parts->skins[i];
	if (site->theme && !skin)
		return err_set(err, "site %s: there is no theme %s",
		    site->site.name, site->theme);
	if (site->rules)
		return add_chosen(routes, site, skin, before, err);
	if (!upstream)
		return err_set(err, "site %s: there is no upstream %s",
		    site->site.name, site->upstream);
	return routes_add(routes, &site->site, upstream, skin, err);
}

int
build_routes(struct routes **out, const struct conf *conf,
    struct skins *skins, struct routes *before, struct err *err)
{
	struct routes *routes = routes_new();
	struct parts parts = {
		mem_new_array(conf->upstreams_count, sizeof(void *)),
		mem_new_array(conf->themes_count, sizeof(void *)),
	};
	int rc = -1;
	unsigned i;

	if (open_upstreams(&parts, conf, before, err) != 0 ||
	    open_skins(&parts, conf, skins, err) != 0)
		goto out;
	for (i = 0; i < conf->sites_count; i++)
		if (add_site(routes, conf, &conf->sites[i], &parts, before,
			err) != 0)
			goto out;
	*out = routes_ref(routes);
	rc = 0;
out:
	for (i = 0; i < conf->upstreams_count; i++)
		upstream_unref(&parts.upstreams[i]);
	for (i = 0; i < conf->themes_count; i++)
		skin_unref(&parts.skins[i]);
	mem_free(&parts.upstreams);
	mem_free(&parts.skins);
	routes_unref(&routes);
	return rc;
}
