/* page/skinlife.h - a skin from the inside, for skin*.c only
 *
 *   skin.c         what everybody sees: looking, waiting, figures
 *   skinthread.c   the thread that owns what changes
 *   skinfetch.c    one refresh: the theme's pages asked for and judged
 *   skinpages.c    which pages those are, and the theme woven from them
 *   skinlive.c     which version is live, and how a refresh ends
 *   skinshare.c    whose turn it is, of several processes; what others stored
 *   skinassets.c   its files: which are known, which are to be fetched ahead */
#ifndef PAGE_SKINLIFE_H
#define PAGE_SKINLIFE_H

#include <stdatomic.h>
#include <uthash.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/inbox.h"
#include "base/lock.h"
#include "base/thread.h"
#include "cache/cache.h"
#include "fetch/fetch.h"
#include "page/since.h"
#include "page/skin.h"
#include "page/skinshare.h"

enum {
	SKIN_PAGES_MAX = 16,
	REDIRECTS_MAX = 5,
	ASSETS_AT_A_TIME = 6,
	SKIN_URL_MAX = 8192, /* bytes of a page's address */
};

/* Something for the skin thread, embedded in what it is about. */
struct skin_note {
	struct inbox_item item;
	void (*run)(struct skin_note *note);
};

/* One page of a theme: how it is named, where it is, what came last. */
struct skin_page {
	const char *href;       /* as the rules name it; NULL: the skin's own */
	const char *url;        /* what its links are relative to; made up for
	                         * files */
	const char *target;     /* what is asked for there */
	struct upstream *upstream; /* counted */
	struct object *object;  /* counted: the bytes that are live, or NULL */
	struct object *fetched; /* counted: what this refresh brought */
	struct since since;     /* when that was asked for */
	/* while it is in the air */
	struct skin *skin;
	struct waiter waiter;
	struct skin_note note;
	struct answer *answer;
	enum event event;
	unsigned redirects;
	struct arena *arena;    /* of one refresh: addresses after redirects */
	const char *asked_url;
};

/* All pages of a theme, as one version of its rules names them. */
struct skin_pages {
	struct arena *arena;
	struct skin_page page[SKIN_PAGES_MAX];
	unsigned count;
	bool one_origin;        /* all are from the skin's own */
};

struct skin_asset {
	struct skin_asset *next_wanted;
	const char *name;   /* "/css/site.css" */
	bool wanted;        /* in the list of those to be fetched */
	UT_hash_handle hh;
};

/* One file in the air. */
struct asset_fetch {
	struct skin *skin;
	struct waiter waiter;
	struct skin_note note;
};

struct skin {
	_Atomic unsigned refs;
	struct skin *next;          /* in skins, under its lock */
	struct skins *skins;
	struct arena *arena;
	struct skin_opts opts;      /* own copies */
	struct upstream *upstream;  /* of the theme's own origin */
	const char *origin;         /* scheme://host[:port]; made up for files */
	const char *prefix;         /* "/.livery/t/NAME" */

	/* For the hit path, any thread: */
	_Atomic uint64_t version;   /* of the live theme; 0: none */
	_Atomic uint64_t due_ms;    /* when skin_look() should be called */

	struct lock lock;
	/* shared: under lock */
	struct theme *live;
	bool refreshing;
	bool again;                 /* and once more when it is over */
	int64_t urgent_ms;          /* to be asked for after then; 0 */
	bool retired;
	uint64_t refresh_started_ms, fresh_until_ms, next_try_ms, good_at_ms;
	int64_t fetched_at_ms;      /* wall clock */
	unsigned failures;
	char last_error[256];
	struct skin_wait *waits;
	struct skin_asset *assets;  /* by name */
	struct skin_asset *wanted;
	unsigned assets_count;
	struct arena *assets_arena;

	/* the skin thread's: */
	struct skin_note note;      /* "refresh" */
	_Atomic bool noted;
	struct rules *rules;        /* of the live version */
	struct rules *next_rules;   /* as the file says now, or NULL */
	struct skin_pages *now;        /* of rules */
	struct skin_pages *next_pages; /* of next_rules, or NULL */
	unsigned pages_in_air;
	struct err refresh_err;
	const char *refresh_what;   /* "theme", "rules", "dns": what failed */
	bool refresh_failed;
	unsigned assets_in_air;
	uint64_t assets_at_ms;      /* not fetched ahead before then */
	bool warned_stale;
	struct sharing_skin share;  /* with other processes */
};

struct skins {
	struct cache *cache;
	struct fetch *fetch;
	struct thread thread;
	struct inbox inbox;
	struct lock lock;
	struct cond wake;
	/* shared: under lock */
	struct skin *first;
	bool woken, stops;
	_Atomic bool has_news;      /* of themes, by other processes */
	/* the skin thread's */
	struct cache_reader *reader;
};

/* skinthread.c */
void skins_note(struct skins *skins, struct skin_note *note);
void skins_wake(struct skins *skins);
bool skins_are_stopping(struct skins *skins);

/* skinfetch.c: the skin thread */
void skin_refresh_start(struct skin *skin);
/* The same when it is this process's turn: nobody is waited for any more. */
void skin_refresh_go(struct skin *skin);
/* The rules as their file says now: next_rules and next_pages when they
 * changed. What is live stays with its own until theirs has gone live. */
void skin_reread_rules(struct skin *skin);

/* skinpages.c: the skin thread (and skin_open, before anybody sees it) */
CHECKED int skin_pages_new(struct skin_pages **out, struct skin *skin,
    const struct rules *rules, struct err *err);
void skin_pages_free(struct skin_pages **pages);
/* What the refresh under way is about; without one what is live. */
struct skin_pages *skin_pages_of(struct skin *skin);
CHECKED int skin_page_key(struct key *key, char *room,
    const struct skin *skin, const struct skin_page *page);
/* What the cache has of that page, or under that key; NULL: nothing. The
 * reader is the calling thread's. */
struct object *skin_page_stored(struct skin *skin, struct cache_reader *reader,
    const struct skin_page *page);
struct object *skin_stored(struct skin *skin, struct cache_reader *reader,
    const struct key *key);
bool skin_is_http(const char *url);
/* Whom to ask for what is at an origin. own: the theme's own, which alone is
 * told the credentials. */
CHECKED int skin_upstream_new(struct upstream **out, const struct skin *skin,
    const char *url, bool own, struct err *err);
/* The theme of these rules and the pages that were fetched, or that are
 * stored. -1: not all of them are there, or it cannot be built. */
CHECKED int skin_weave(struct theme **out, struct skin *skin,
    struct rules *rules, bool fetched, struct err *err);

/* skinlive.c: the skin thread */
/* Nothing is in the air any more: nothing changed, a new version, or a failure. */
void skin_refresh_end(struct skin *skin);
/* It ends here; the next is due then. Under the skin's lock. */
void skin_refresh_over(struct skin *skin, uint64_t due_ms);
/* At start: what was stored goes live, if it is all there. */
void skin_from_store(struct skin *skin, struct cache_reader *reader);

/* skinassets.c */
void skin_assets_of_theme(struct skin *skin, struct theme *theme);
void skin_assets_go_on(struct skin *skin);
void skin_assets_free(struct skin *skin);

#endif
