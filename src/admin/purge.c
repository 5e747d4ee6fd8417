/* admin/purge.c - out of the cache, and anew */
#include <string.h>

#include "admin/inside.h"
#include "http/url.h"

/* A theme's own address: it is asked for anew, and the last good one stays. */
static unsigned
refresh_of(struct admin *admin, const char *url)
{
	const struct skin_opts *opts;
	struct skin *skin;
	unsigned i, count = 0;

	for (i = 0; admin->opts.skins &&
		    (skin = skins_get(admin->opts.skins, i)) != NULL;
	     i++) {
		opts = skin_options(skin);
		if (opts->url && strcmp(opts->url, url) == 0) {
			skin_refresh(skin);
			count++;
		}
		skin_unref(&skin);
	}
	return count;
}

/* -1: not an address. */
static int
purge_key(struct admin *admin, const char *url)
{
	struct routes *routes;
	const struct site *site;
	struct url_parts parts;
	struct key key;
	char room[KEY_MAX];
	const char *target;
	int count = -1;

	url_split(&parts, url, strlen(url));
	if (!parts.scheme.from || !parts.authority.from)
		return -1;
	target = parts.authority.from + parts.authority.len;
	routes = pages_routes(admin->opts.pages);
	site = routes_find(routes, parts.authority.from, parts.authority.len,
	    *target ? target : "/");
	if (site &&
	    key_make(&key, room, KIND_PAGE, site->opts.name, parts.scheme.from,
		parts.scheme.len, parts.authority.from, parts.authority.len,
		*target ? target : "/", *target ? strlen(target) : 1) == 0)
		count = (int)cache_purge_key(admin->opts.cache, &key);
	routes_unref(&routes);
	return count < 0 ? 0 : count;
}

static int
purge_url(struct admin *admin, const char *url, struct buf *out)
{
	unsigned refreshed = refresh_of(admin, url);
	int count;

	if (*url == '/')
		count = (int)cache_purge_path(admin->opts.cache, NULL, url);
	else
		count = purge_key(admin, url);
	if (count < 0)
		return admin_wrong(
		    out, 400, "url=http://HOST/PATH or url=/PATH is wanted");
	buf_printf(out, "{\"purged\": %u}\n", (unsigned)count + refreshed);
	return 200;
}

int
admin_purge(struct admin *admin, const char *url, const char *tag,
    const char *all, struct buf *out)
{
	if ((url != NULL) + (tag != NULL) + (all != NULL) != 1)
		return admin_wrong(
		    out, 400, "one of url=URL, tag=TAG and all=1 is wanted");
	if (url)
		return purge_url(admin, url, out);
	if (all && strcmp(all, "1") != 0)
		return admin_wrong(out, 400, "all=1 is wanted");
	buf_printf(out, "{\"purged\": %u}\n",
	    tag ? cache_purge_tag(admin->opts.cache, tag)
		: cache_purge_all(admin->opts.cache));
	return 200;
}

int
admin_refresh(struct admin *admin, const char *theme, struct buf *out)
{
	struct skin *skin;
	unsigned i, count = 0;

	if (!theme)
		return admin_wrong(out, 400, "theme=NAME is wanted");
	for (i = 0; admin->opts.skins &&
		    (skin = skins_get(admin->opts.skins, i)) != NULL;
	     i++) {
		if (strcmp(skin_options(skin)->name, theme) == 0) {
			skin_refresh(skin);
			count++;
		}
		skin_unref(&skin);
	}
	if (count == 0)
		return admin_wrong(out, 404, "no theme has that name");
	buf_puts(out, "{\"refreshed\": 1}\n");
	return 200;
}
