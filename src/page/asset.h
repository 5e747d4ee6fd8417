/* page/asset.h - the files of a theme, as questions to its host */
#ifndef PAGE_ASSET_H
#define PAGE_ASSET_H

#include "cache/object.h"
#include "fetch/fetch.h"
#include "page/skin.h"

struct cache;

/* Ask for one of the skin's files ("/css/site.css?v=3"). What comes is stored
 * (kind asset) when the theme is known to refer to it, a stylesheet rewritten.
 * stored: what a 304 would speak of; or NULL. */
struct errand *asset_errand(struct cache *cache, struct skin *skin,
    const char *asset, struct object *stored);

/* The key that it is stored under; room is KEY_MAX bytes. */
CHECKED int asset_key(struct key *key, char *room, const struct skin *skin,
    const char *asset);

#endif
