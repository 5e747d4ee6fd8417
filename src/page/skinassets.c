/* page/skinassets.c - a theme's files: which are known, and fetching them
 * ahead, so that they are there when the theme's host is not
 *
 * Known is what a theme page or one of its stylesheets refers to. The set
 * only grows while the skin lives, up to assets_max; what an old version of
 * the theme referred to may still be in somebody's browser. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/auth.h"
#include "http/media.h"
#include "page/asset.h"
#include "page/skinlife.h"
#include "theme/links.h"

/* ---- known ---- */

/* Under the lock. */
static struct skin_asset *
find_or_add(struct skin *skin, const char *name)
{
	struct skin_asset *asset;

	HASH_FIND_STR(skin->assets, name, asset);
	if (asset)
		return asset;
	if (skin->assets_count >= skin->opts.assets_max)
		return NULL;
	asset = arena_get(skin->assets_arena, sizeof(*asset));
	asset->name = arena_strdup(skin->assets_arena, name);
	HASH_ADD_KEYPTR(hh, skin->assets, asset->name, strlen(asset->name),
	    asset);
	if (++skin->assets_count == skin->opts.assets_max)
		log_warn("theme %s: more than assets_max (%u) files, the "
		    "rest is not kept", skin->opts.name,
		    skin->opts.assets_max);
	return asset;
}

static void
add_name(struct skin *skin, const char *name)
{
	struct skin_asset *asset;

	lock_take(&skin->lock);
	asset = find_or_add(skin, name);
	if (asset && !asset->wanted) {
		asset->wanted = true;
		asset->next_wanted = skin->wanted;
		skin->wanted = asset;
	}
	lock_drop(&skin->lock);
}

static void
add(struct skin *skin, const char *url)
{
	size_t n = strlen(skin->origin);

	if (strncmp(url, skin->origin, n) == 0 && url[n] == '/')
		add_name(skin, url + n);
}

static void
on_asset(void *arg, const char *url)
{
	add(arg, url);
}

void
skin_assets_of_theme(struct skin *skin, struct theme *theme)
{
	const char *url;
	size_t i;

	if (skin->opts.assets != ASSETS_CACHE || !skin->now->one_origin)
		return;
	for (i = 0; (url = theme_asset(theme, i)) != NULL; i++)
		add(skin, url);
}

bool
skin_knows_asset(struct skin *skin, const char *name)
{
	struct skin_asset *asset;

	lock_take(&skin->lock);
	HASH_FIND_STR(skin->assets, name, asset);
	lock_drop(&skin->lock);
	return asset != NULL;
}

void
skin_assets_free(struct skin *skin)
{
	HASH_CLEAR(hh, skin->assets);
	arena_free(&skin->assets_arena);
}

/* ---- stylesheets ---- */

int
skin_rewrite_css(struct skin *skin, const char *asset, const char *css,
    size_t len, struct buf *out)
{
	struct links links = {
		.mode = LINKS_CACHE, .origin = skin->origin,
		.prefix = skin->prefix, .on_asset = on_asset, .arg = skin,
	};
	char *base = mem_printf("%s%s", skin->origin, asset);
	int rc;

	links.base = base;
	rc = links_css(out, css, len, &links);
	mem_free(&base);
	return rc;
}

/* A stored stylesheet's addresses are rewritten already: read them back. */
static void
learn_from(struct skin *skin, const struct object *object)
{
	const char *at = object->body->bytes;
	size_t n = strlen(skin->prefix), len;
	char *name;

	if (!media_is_css(head_find(&object->head, "Content-Type")))
		return;
	while ((at = strstr(at, skin->prefix)) != NULL) {
		at += n;
		len = strcspn(at, "\"') \t\r\n\\#");
		if (at[0] == '/' && len > 1) {
			name = mem_strndup(at, len);
			if (!skin_knows_asset(skin, name))
				add_name(skin, name);
			mem_free(&name);
		}
		at += len;
	}
}

/* ---- ahead ---- */

static void
asset_came(struct skin_note *note)
{
	struct asset_fetch *fetch = container_of(note, struct asset_fetch,
	    note);
	struct skin *skin = fetch->skin;

	skin->assets_in_air--;
	mem_free(&fetch);
	skin_assets_go_on(skin);
	skin_unref(&skin);
}

static void
on_event(struct waiter *waiter, enum event event, struct answer *answer)
{
	struct asset_fetch *fetch = container_of(waiter, struct asset_fetch,
	    waiter);

	(void)event;
	(void)answer; /* asset.c's on_end stored it */
	fetch->note.run = asset_came;
	skins_note(fetch->skin->skins, &fetch->note);
}

static void
ask(struct skin *skin, const char *name, struct object *stored)
{
	struct asset_fetch *fetch = mem_new(sizeof(*fetch));
	struct errand *errand = asset_errand(skin->skins->cache, skin, name,
	    stored);

	fetch->skin = skin_ref(skin);
	fetch->waiter.on_event = on_event;
	skin->assets_in_air++;
	fetch_ask(skin->skins->fetch, &errand, &fetch->waiter);
}

static const char *
next_wanted(struct skin *skin)
{
	struct skin_asset *asset;

	lock_take(&skin->lock);
	asset = skin->wanted;
	if (asset) {
		skin->wanted = asset->next_wanted;
		asset->wanted = false;
	}
	lock_drop(&skin->lock);
	return asset ? asset->name : NULL;
}

static struct object *
stored_asset(struct skin *skin, const char *name)
{
	struct key key;
	char room[KEY_MAX];

	if (asset_key(&key, room, skin, name) != 0)
		return NULL;
	return skin_stored(skin, skin->skins->reader, &key);
}

/* A file that is there and fresh needs nothing; one that is stale is asked
 * about; the rest is fetched. A few at a time. */
void
skin_assets_go_on(struct skin *skin)
{
	const char *name;
	struct object *stored;

	if (skins_are_stopping(skin->skins) ||
	    clock_mono_ms() < skin->assets_at_ms)
		return;
	while (skin->assets_in_air < ASSETS_AT_A_TIME &&
	    (name = next_wanted(skin)) != NULL) {
		stored = stored_asset(skin, name);
		if (stored)
			learn_from(skin, stored);
		if (!stored || object_ttl_ms(stored, clock_wall_ms()) <= 0)
			ask(skin, name, stored);
		object_unref(&stored);
	}
}

/* ---- credentials ---- */

void
skin_add_credentials(struct skin *skin, struct head *fields)
{
	const struct upstream_opts *opts = &skin->opts.upstream;
	struct buf value;

	if (!opts->username)
		return;
	buf_init(&value, 4096);
	if (auth_basic(&value, opts->username, opts->password) == 0)
		head_set(fields, "Authorization", value.data);
	buf_fini(&value);
}
