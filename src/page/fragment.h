/* page/fragment.h - documents that rules bring into a page (href), and what
 * pages include
 *
 * Each is a stored answer of its own (kind fragment): asked for without
 * anything of one client, kept as long as it says and at least
 * fragment_min_refresh, stale-kept for as long as no better one comes. One
 * below the site's own address is asked of the site's upstream, undressed,
 * without leaving the process, so no page can bring in itself for ever; any
 * other host's address must be public, unless fragment_hosts names the host.
 *
 * What failed is not asked again within fragment_min_refresh. A redirect is
 * stored as such, and followed by who reads it. */
#ifndef PAGE_FRAGMENT_H
#define PAGE_FRAGMENT_H

#include "cache/object.h"
#include "fetch/fetch.h"
#include "page/route.h"

struct pages;
struct routes;

/* Whom to ask outside the sites (by origin), and who failed a moment ago. */
struct fragments;
struct fragments *fragments_new(void);
void fragments_free(struct fragments **fragments);
/* Borrowed. */
struct origins;
struct origins *fragments_origins(struct fragments *fragments);

/* For whom a document is asked. All borrowed. */
struct fragment_asker {
	struct pages *pages;
	struct routes *routes;
	const struct site *site;
	const char *scheme; /* as the client sees the page */
	const char *host;
	size_t host_len;
	bool named_only; /* the site's own pages and fragment_hosts, no others */
	const struct head *fields; /* of that page's request: Via counts */
	unsigned hops;   /* how often that has been here, page/hops.h */
	/* Whether the rules may read this local file; NULL: none. */
	bool (*may_read)(void *arg, const char *path);
	void *arg;
};

/* The key of an absolute URL (file:, http:, https:) without its "#...". room
 * is KEY_MAX bytes. -1: too long. */
CHECKED int fragment_key(struct key *key, char *room,
    const struct fragment_asker *asker, const char *url);

/* Make the question for it. stored: what a 304 would speak of, or NULL. It
 * stores what comes and sets answer->made; whatever is not 200 or a redirect
 * has none. NULL with err: nobody may be asked for that. */
struct errand *fragment_errand(const struct fragment_asker *asker,
    const struct key *key, const char *url, struct object *stored,
    struct err *err);

/* It failed (or was late) within fragment_min_refresh. key: hops_key(). */
bool fragment_has_failed(struct fragments *fragments, const struct key *key,
    int64_t now_ms);
void fragment_note_failed(struct fragments *fragments, const struct key *key,
    int64_t until_ms);

/* It was waited for in vain, until a good answer comes: the next time it is
 * asked for, nobody waits. */
void fragment_note_late(struct fragments *fragments, const struct key *key,
    int64_t until_ms);
bool fragment_was_late(struct fragments *fragments, const struct key *key);

/* fetch_opts.forbidden: an address of this machine or its neighbourhood that
 * a document from elsewhere may not come from. */
bool fragment_is_forbidden(const struct upstream *upstream,
    const char *address);

#endif
