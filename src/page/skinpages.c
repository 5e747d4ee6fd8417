/* page/skinpages.c - the pages of a theme: which they are, where they are, and
 * the theme that is woven from them
 *
 * On the skin thread; skin_open() makes the first before anybody sees the
 * skin. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "http/url.h"
#include "page/skinlife.h"

bool
skin_is_http(const char *url)
{
	return strncmp(url, "http://", 7) == 0 ||
	    strncmp(url, "https://", 8) == 0;
}

int
skin_upstream_new(struct upstream **out, const struct skin *skin, const char *url,
    bool own, struct err *err)
{
	struct upstream_opts opts = skin->opts.upstream;

	opts.name = skin->opts.name;
	opts.url = url;
	opts.follow = true;
	/* What is the theme host's alone. */
	if (!own) {
		opts.username = opts.password = NULL;
		opts.cert_file = opts.key_file = opts.tls_name = NULL;
	}
	return upstream_new(out, &opts, err);
}

/* A page on the net: its origin is an upstream, the rest its target. */
static int
place_http(struct skin *skin, struct arena *arena, struct skin_page *page,
    const char *url, struct err *err)
{
	struct url_parts parts;
	struct buf origin;
	int rc = -1;

	buf_init(&origin, SKIN_URL_MAX);
	if (url_origin(&origin, url) != 0) {
		err_set(err, "'%s' is no address of a page", url);
		goto out;
	}
	url_split(&parts, url, strlen(url));
	page->url = arena_strdup(arena, url);
	page->target = arena_printf(arena, "%s%.*s%s%.*s",
	    parts.path.len ? "" : "/", (int)parts.path.len,
	    parts.path.len ? parts.path.from : "", parts.query.from ? "?" : "",
	    (int)parts.query.len, parts.query.from ? parts.query.from : "");
	if (!skin->origin)
		skin->origin = arena_strdup(skin->arena, origin.data);
	rc = skin_upstream_new(&page->upstream, skin, origin.data,
	    strcmp(origin.data, skin->origin) == 0, err);
out:
	buf_fini(&origin);
	return rc;
}

/* A page in a file: its folder is an upstream, under a made-up name. */
static int
place_file(struct skin *skin, struct arena *arena, struct skin_page *page,
    const char *path, struct err *err)
{
	char real[PATH_MAX], *slash;
	const char *origin = arena_printf(arena, "http://%s.theme.invalid",
	    skin->opts.name);

	if (strncmp(path, "file://", 7) == 0)
		path += 7;
	if (!realpath(path, real))
		return err_set(err, "%s: %s", path, strerror(errno));
	slash = strrchr(real, '/');
	page->target = arena_printf(arena, "/%s", slash + 1);
	page->url = arena_printf(arena, "%s%s", origin, page->target);
	*(slash > real ? slash : slash + 1) = '\0';
	if (!skin->origin)
		skin->origin = arena_strdup(skin->arena, origin);
	return skin_upstream_new(&page->upstream, skin, real, true, err);
}

static int
add_page(struct skin_pages *pages, struct skin *skin, const char *href,
    const char *url, struct err *err)
{
	struct skin_page *page = &pages->page[pages->count];

	if (pages->count == SKIN_PAGES_MAX)
		return err_set(err, "more than %d theme pages",
		    SKIN_PAGES_MAX);
	page->skin = skin;
	page->href = href ? arena_strdup(pages->arena, href) : NULL;
	if ((skin_is_http(url) ? place_http : place_file)(skin, pages->arena, page,
		url, err) != 0)
		return -1;
	pages->count++;
	if (!skin->upstream)
		skin->upstream = upstream_ref(page->upstream);
	if (!url_same_origin(page->url, skin->origin))
		pages->one_origin = false;
	return 0;
}

void
skin_pages_free(struct skin_pages **pages)
{
	struct arena *arena;
	unsigned i;

	if (!*pages)
		return;
	for (i = 0; i < (*pages)->count; i++) {
		object_unref(&(*pages)->page[i].object);
		object_unref(&(*pages)->page[i].fetched);
		upstream_unref(&(*pages)->page[i].upstream);
	}
	arena = (*pages)->arena;
	*pages = NULL;
	arena_free(&arena);
}

static int
add_pages(struct skin_pages *pages, struct skin *skin,
    const struct rules *rules, struct err *err)
{
	const char *href;
	size_t i;

	/* The skin's own page decides what its own origin is, though the
	 * rules' pages come first in the order of choice. */
	if (skin->opts.url &&
	    add_page(pages, skin, NULL, skin->opts.url, err) != 0)
		return -1;
	for (i = 0; (href = rules_theme_href(rules, i)) != NULL; i++)
		if (add_page(pages, skin, href, href, err) != 0)
			return -1;
	if (!skin->upstream)
		return skin_upstream_new(&skin->upstream, skin, "/nonexistent",
		    false, err);
	return 0;
}

int
skin_pages_new(struct skin_pages **out, struct skin *skin,
    const struct rules *rules, struct err *err)
{
	struct arena *arena = arena_new(2048);
	struct skin_pages *pages = arena_get(arena, sizeof(*pages));

	pages->arena = arena;
	pages->one_origin = true;
	if (add_pages(pages, skin, rules, err) != 0) {
		skin_pages_free(&pages);
		return -1;
	}
	*out = pages;
	return 0;
}

/* What this refresh is about. */
struct skin_pages *
skin_pages_of(struct skin *skin)
{
	return skin->next_pages ? skin->next_pages : skin->now;
}

int
skin_page_key(struct key *key, char *room, const struct skin *skin,
    const struct skin_page *page)
{
	return key_make_url(key, room, KIND_THEME, skin->opts.name, page->url);
}

struct object *
skin_stored(struct skin *skin, struct cache_reader *reader,
    const struct key *key)
{
	struct object *object = cache_find(skin->skins->cache, key, NULL, NULL,
	    NULL);

	return object ? object :
			cache_load(reader, key, NULL, NULL, NULL, NULL);
}

struct object *
skin_page_stored(struct skin *skin, struct cache_reader *reader,
    const struct skin_page *page)
{
	struct key key;
	char room[KEY_MAX];

	if (skin_page_key(&key, room, skin, page) != 0)
		return NULL;
	return skin_stored(skin, reader, &key);
}

/* ---- weaving ---- */

/* The skin's own page comes last for the rules. */
static size_t
pages_in_order(struct skin *skin, struct theme_page *out, bool fetched)
{
	size_t n = 0;
	struct skin_pages *pages = skin_pages_of(skin);
	unsigned i, from = skin->opts.url ? 1 : 0;

	for (i = 0; i < pages->count; i++) {
		unsigned at = (i + from) % pages->count;
		struct skin_page *page = &pages->page[at];
		struct object *object = fetched ? page->fetched :
						  page->object;

		if (!object)
			return SIZE_MAX;
		out[n].href = page->href;
		out[n].url = page->url;
		out[n].content_type = head_find(&object->head,
		    "Content-Type");
		out[n].bytes = object->body->bytes;
		out[n].len = object->body->len;
		n++;
	}
	return n;
}

int
skin_weave(struct theme **out, struct skin *skin, struct rules *rules,
    bool fetched, struct err *err)
{
	struct theme_page pages[SKIN_PAGES_MAX];
	struct theme_opts opts = {
	    .prefix = skin->prefix,
	    .libxml2 = skin->opts.html_parser == SKIN_LIBXML2,
	};
	size_t n = pages_in_order(skin, pages, fetched);

	if (n == SIZE_MAX)
		return err_set(err, "not all of its pages are there");
	opts.links = skin_pages_of(skin)->one_origin &&
	    skin->opts.assets == ASSETS_CACHE ? LINKS_CACHE : LINKS_ABSOLUTE;
	return theme_build(out, rules, pages, n, &opts, err);
}
