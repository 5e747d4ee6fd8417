/* cache/key.h - under what an answer is kept
 *
 * The text is "K SITE URL": K the kind's letter (p t f a r), SITE the site's
 * name (or the theme's, for kinds t and a), URL as the client asked for it,
 * scheme://host[:port]/path?query with scheme and host in lower case, the
 * default port left out, and path and query byte for byte as they are sent
 * upstream. The hash is seeded at start, and the text is always compared. */
#ifndef CACHE_KEY_H
#define CACHE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/must.h"

enum kind {
	KIND_PAGE,
	KIND_THEME,
	KIND_FRAGMENT,
	KIND_ASSET,
	KIND_RANGE, /* parts of a page: cache/partial.h. Who looks for a page
	             * never meets them */
	KINDS
};
extern const char *const kind_names[KINDS]; /* "page", ... */

enum { KEY_MAX = 8 << 10 }; /* longer ones are not cached */

struct key {
	const char *text; /* borrowed, NUL-ended */
	size_t len;
	uint64_t hash;
};

/* Write the key's text into room (KEY_MAX bytes) and point key at it. -1: it
 * would be too long. No allocation. */
CHECKED int key_make(struct key *key, char *room, enum kind kind,
    const char *site, const char *scheme, size_t scheme_len,
    const char *host, size_t host_len, const char *target,
    size_t target_len);
/* For a URL that stands as one text already. */
CHECKED int key_make_url(struct key *key, char *room, enum kind kind,
    const char *site, const char *url);
/* The same address as another kind; room as above. */
void key_make_kind(struct key *key, char *room, enum kind kind,
    const struct key *from);
/* Whoever purges a page means its parts too. True: `page` is a page's key, and
 * *parts that of its parts; room as above. */
bool key_parts(struct key *parts, char *room, const char *page);
/* Fill in the hash of a key whose text and len are set. */
void key_hash(struct key *key);
/* The URL part of a key's text. */
const char *key_url(const struct key *key);

#endif
