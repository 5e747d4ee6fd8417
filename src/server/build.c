/* server/build.c - upstreams and skins by name, then the sites that use them */
#include "server/build.h"

#include <string.h>

#include "base/mem.h"

struct parts {
	struct upstream **upstreams;
	struct skin **skins;
};

static struct upstream *
running(struct routes *before, const struct upstream *wanted)
{
	const struct site *site;
	unsigned i;

	for (i = 0; before && (site = routes_site(before, i)) != NULL; i++)
		if (upstream_same(site->upstream, wanted))
			return site->upstream;
	return NULL;
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
		old = running(before, parts->upstreams[i]);
		if (old) {
			upstream_unref(&parts->upstreams[i]);
			parts->upstreams[i] = upstream_ref(old);
		}
	}
	return 0;
}

static int
open_skins(struct parts *parts, const struct conf *conf,
    struct skins *skins, struct err *err)
{
	unsigned i;

	for (i = 0; i < conf->themes_count; i++)
		if (skin_open(&parts->skins[i], skins, &conf->themes[i],
			err) != 0)
			return err_prefix(err, "theme %s",
			    conf->themes[i].name);
	return 0;
}

static int
add_site(struct routes *routes, const struct conf *conf,
    const struct conf_site *site, const struct parts *parts, struct err *err)
{
	struct upstream *upstream = NULL;
	struct skin *skin = NULL;
	unsigned i;

	for (i = 0; i < conf->upstreams_count; i++)
		if (strcmp(conf->upstreams[i].name, site->upstream) == 0)
			upstream = parts->upstreams[i];
	for (i = 0; site->theme && i < conf->themes_count; i++)
		if (strcmp(conf->themes[i].name, site->theme) == 0)
			skin = parts->skins[i];
	if (!upstream)
		return err_set(err, "site %s: there is no upstream %s",
		    site->site.name, site->upstream);
	if (site->theme && !skin)
		return err_set(err, "site %s: there is no theme %s",
		    site->site.name, site->theme);
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
		if (add_site(routes, conf, &conf->sites[i], &parts, err) != 0)
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
