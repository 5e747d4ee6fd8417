/* page/skin.h - keeps each theme and its files current; the last good one stays
 *
 * A skin is a theme by name: where its page is, its rules, and the live
 * version made of both. One thread ("skin") owns all skins' changing state:
 * it asks the fetch module, weaves, swaps the live version in, and lets pages
 * go that waited. Everybody else takes a counted reference to what is live.
 *
 * Promises: a theme is asked for at most every min_refresh; what cannot be
 * parsed, is empty, or lost a place that the live version fills never goes
 * live; after a failure nobody waits and the next try comes after a back-off
 * (5 s to 5 min); the live version outlives restarts (kind theme in the cache
 * file); its files are fetched as soon as it is live (kind asset). Of several
 * processes on one cache file one asks for a theme and the others take what it
 * stored: skinshare.h. */
#ifndef PAGE_SKIN_H
#define PAGE_SKIN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "http/head.h"
#include "theme/theme.h"
#include "upstream/upstream.h"

struct skin;
struct skins; /* the module */
struct cache;
struct fetch;

enum skin_assets { ASSETS_CACHE, ASSETS_ABSOLUTE };
/* Our own, as browsers do; libxml2's, as HTML 4. */
enum skin_parser { SKIN_HTML5, SKIN_LIBXML2 };

struct skin_opts {
	const char *name;        /* [a-z0-9_-]+ */
	const char *url;         /* the theme page: http[s], file: or a path;
	                          * NULL: only what the rules name */
	const char *rules;       /* rules file */
	const char *rules_root;  /* or NULL */
	/* What the rules may mention, as site_opts.params; NULL: anything */
	const char *const *params;
	uint32_t wait_ms;        /* 300 */
	uint32_t first_wait_ms;  /* for a theme never seen: 10 s */
	uint32_t min_refresh_ms; /* 5 s */
	uint32_t ttl_ms;         /* theme without freshness: 60 s */
	uint32_t stale_warn_ms;  /* a live theme that could not be refreshed
	                          * for so long is a problem: 1 h */
	uint32_t back_off_min_ms, back_off_max_ms; /* 5 s, 5 min */
	enum skin_assets assets;
	enum skin_parser html_parser; /* who reads the theme */
	uint64_t theme_max;      /* bytes of a theme page: 4 MiB */
	uint64_t asset_max;      /* bytes of one of its files: 16 MiB */
	unsigned assets_max;     /* files of one theme: 500 */
	struct upstream_opts upstream; /* deadlines, credentials; url ignored */
};
void skin_opts_default(struct skin_opts *opts);

CHECKED int skins_start(struct skins **out, struct cache *cache,
    struct fetch *fetch, struct err *err);
/* Ask for nothing more, and end the thread: before the fetch module stops. */
void skins_quiet(struct skins *skins);
/* After it has; every skin must have been let go. */
void skins_stop(struct skins **skins);

/* A skin of that name: the one that runs already when its options are the
 * same, with its live version kept when only some differ. Reads the rules (at
 * start: errors name file:line), and what the cache file has. The caller's
 * reference. */
CHECKED int skin_open(struct skin **out, struct skins *skins,
    const struct skin_opts *opts, struct err *err);
struct skin *skin_ref(struct skin *skin);
void skin_unref(struct skin **skin);
const struct skin_opts *skin_options(const struct skin *skin);

enum skin_state {
	SKIN_FRESH,
	SKIN_STALE,  /* a refresh was started, or is not due */
	SKIN_LATE,   /* being refreshed just now: a page that is to be dressed
	              * may skin_wait() */
	SKIN_NEVER,  /* never seen, being fetched: skin_wait() */
	SKIN_NONE,   /* never seen, and it failed: go undressed */
};
/* What is live, counted (NULL in NEVER and NONE). Starts a refresh when one
 * is due. Any thread, never blocks. */
enum skin_state skin_look(struct skin *skin, struct theme **theme);
/* The live version's number, 0: none. Two atomic loads, for the hit path;
 * also starts a refresh when one is due. */
uint64_t skin_version(struct skin *skin);
/* The number of a version: its first 16 hex digits; 0: not one. */
uint64_t skin_number(const char *version);

struct skin_wait {
	struct skin_wait *next;
	void (*on_over)(struct skin_wait *wait); /* on the skin thread: post */
	const _Atomic bool *gone; /* nobody waits any more; or NULL */
	uint64_t until_ms;
};
/* Be told when the refresh is over, or the wait is. */
void skin_wait(struct skin *skin, struct skin_wait *wait);

/* No site uses it any more: it refreshes nothing by itself. */
void skin_retire(struct skin *skin, bool retired);

/* Refresh now, whatever min_refresh says (purge, HUP); the live one stays. */
void skin_refresh(struct skin *skin);
/* The same, of what was said then (wall clock): what was asked for after that,
 * by whatever process, will do. */
void skin_refresh_since(struct skin *skin, int64_t at_ms);

/* ---- its files: "/.livery/t/NAME/path?query" ----
 *
 * "path?query" with its first slash is an asset's name here; it stands for the
 * same path and query at the theme's origin. */

/* Whether a page or stylesheet of the theme refers to it. */
bool skin_knows_asset(struct skin *skin, const char *asset);
/* Where the theme's own files are: scheme://host[:port]; made up for a theme
 * in a file. */
const char *skin_origin(const struct skin *skin);
/* Where to ask for it. Borrowed from the skin. */
struct upstream *skin_upstream(struct skin *skin);
/* The theme's user and password as an Authorization field, if it has any. */
void skin_add_credentials(struct skin *skin, struct head *fields);
/* A stylesheet of the theme's own came: add it to out with its addresses
 * rewritten; those to the theme's origin are known from now on, and fetched. -1:
 * too big; leave it as it is. */
CHECKED int skin_rewrite_css(struct skin *skin, const char *asset,
    const char *css, size_t len, struct buf *out);

struct skin_figures {
	const char *name, *url;
	bool retired; /* no site uses it: another may have its name now */
	char version[40];
	enum skin_state state;
	int64_t fetched_at_ms; /* wall; 0: never */
	int64_t age_ms;        /* since it was last known to be current */
	unsigned assets, failures;
	char last_error[256];
};
void skin_read_figures(struct skin *skin, struct skin_figures *out);
/* Walk all open skins (admin): i from 0; counted, NULL at the end. */
struct skin *skins_get(struct skins *skins, unsigned i);

#endif
