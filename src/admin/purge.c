/* admin/purge.c - out of the cache, and anew */
#include <string.h>

#include "admin/inside.h"

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

/* As its site would keep it. */
CHECKED static int
key_of_url(struct admin *admin, struct key *key, char room[KEY_MAX],
    const char *url)
{
	struct slice target = {"/", 1};
	struct url_parts parts;
	const struct site *site;
	struct routes *routes;
	int rc = -1;

	url_split(&parts, url, strlen(url));
	if (!parts.scheme.from || !parts.authority.from)
		return -1;
	if (parts.authority.from[parts.authority.len]) {
		target.from = parts.authority.from + parts.authority.len;
		target.len = strlen(target.from);
	}
	routes = pages_routes(admin->opts.pages);
	site = routes_find(routes, parts.authority.from, parts.authority.len,
	    target.from);
	if (site)
		rc = site_key(site, key, room, parts.scheme, parts.authority,
		    target);
	routes_unref(&routes);
	return rc == 0 ? 0 : key_make_url(key, room, KIND_PAGE, "-", url);
}

/* A path alone means every host. */
CHECKED static int
meaning_of_url(struct admin *admin, struct meaning **out, const char *url,
    struct err *err)
{
	char room[KEY_MAX];
	struct key key;

	if (*url == '/')
		return meaning_of_path(out, url, err);
	if (key_of_url(admin, &key, room, url) != 0)
		return err_set(err,
		    "url=http://HOST/PATH or url=/PATH is wanted");
	return meaning_new(out, "url", key_url(&key), err);
}

/* "1" or nothing. */
static bool
is_flag(const char *flag)
{
	return !flag || strcmp(flag, "1") == 0;
}

int
admin_purge(struct admin *admin, const struct admin_purging *what,
    struct buf *out)
{
	struct meaning *meaning;
	struct purged purged;
	struct err err;

	if ((what->url != NULL) + (what->tag != NULL) + (what->all != NULL) +
		(what->regex != NULL) != 1)
		return admin_wrong(out, 400, "one of url=URL, tag=TAG, "
		    "regex=PATTERN and all=1 is wanted");
	if (!is_flag(what->all) || !is_flag(what->soft) || !is_flag(what->dry))
		return admin_wrong(
		    out, 400, "all=1, soft=1 and dry=1 have no other value");
	if ((what->url
		    ? meaning_of_url(admin, &meaning, what->url, &err)
		    : meaning_of(&meaning, what->tag, what->regex, &err)) != 0)
		return admin_wrong(out, 400, err.text);
	purged = what->dry ? cache_purge_count(admin->opts.cache, meaning) :
	    cache_purge(admin->opts.cache, meaning, what->soft != NULL);
	meaning_unref(&meaning);
	if (what->url && !what->dry)
		purged.count += refresh_of(admin, what->url);
	buf_printf(out, "{\"%s\": %u%s%s}\n",
	    what->soft ? "expired" : "purged", purged.count,
	    purged.more ? ", \"at_least\": true" : "",
	    what->dry ? ", \"dry\": true" : "");
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
