/* page/page.h - the life of one page
 *
 * front reads a request and asks page_now(): a fresh page that is in memory and
 * already dressed is answered on that thread at once. All else becomes a
 * struct page, which is always in exactly one place: front, the crew's inbox,
 * a worker, an engine, the skin thread. That place is its state. It comes back
 * to front by on_ready(), with a reply. page.c has the steps in order. */
#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/flow.h"
#include "base/net.h"
#include "cache/cache.h"
#include "cache/object.h"
#include "fetch/fetch.h"
#include "http/head.h"
#include "page/route.h"
#include "page/skin.h"

struct pages; /* the module */
struct page;

enum purge_kind { PURGE_HARD, PURGE_SOFT };

struct pages_opts {
	struct cache *cache;
	struct fetch *fetch;
	struct skins *skins;
	unsigned workers;       /* crew threads: one a core, at least 2 */
	uint32_t parked_max;    /* pages in hand in all: 4,000 */
	const char *via;        /* our name in Via: "livery" */
	enum purge_kind purge;  /* what a PURGE does that does not say */
	const char *purge_token; /* who has it may purge from anywhere; NULL.
	                          * Never written anywhere */
	bool purge_refresh;     /* pages made stale are asked for anew */
	uint32_t purge_refresh_max; /* so many of them may wait for it: 500 */
	struct peer_opts peers; /* borrowed */
};
CHECKED int pages_start(struct pages **out, const struct pages_opts *opts,
    struct err *err);
/* All pages must have been answered. */
void pages_stop(struct pages **pages);
/* From now on new requests use these. Refs. */
void pages_set_routes(struct pages *pages, struct routes *routes);
/* Begin nothing of our own any more. Before fetch stops. */
void pages_quiet(struct pages *pages);
/* Fail what is in hand (503), so that front can stop. */
void pages_fail_all(struct pages *pages);

/* What a client asks, as front read it. All borrowed: valid, at the same
 * addresses, until the page is freed. */
struct request {
	const char *method;
	bool is_get, is_head;
	const char *scheme;       /* "http" or "https" as the client sees it */
	const char *host;         /* authority as sent, lower case */
	size_t host_len;
	const char *target;       /* origin form, raw bytes */
	size_t target_len;
	const struct head *fields; /* every request field, in order; arena NULL:
	                            * read only. Host among them */
	/* Found on the way, or NULL: */
	const char *cookie, *authorization, *cache_control, *pragma, *range;
	const char *if_none_match, *if_modified_since, *accept_encoding;
	bool is_conditional_else; /* If-Match, If-Unmodified-Since, If-Range */
	bool upgrade;             /* to WebSocket, if the site lets it: the body
	                           * is what comes after a 101 */
	bool is_script;           /* X-Requested-With: XMLHttpRequest, or
	                           * Sec-Fetch-Dest: empty */
	bool livery_off;          /* X-Livery-Off, or ?livery.off=1 */
	bool livery_debug;        /* ?livery.debug=1: say what the rules did */
	struct net_address peer;  /* the socket's */
	struct net_address client; /* resolved through trusted peers */
	bool is_trusted;          /* the peer's forwarding fields count */
	bool is_allowed;          /* the client may purge and debug */
};

/* How an answer is to be sent. Exactly one of object, flow, bytes has the
 * body (or none: status 204/304). */
struct reply {
	int status;
	/* From the cache: head and body are the object's; age and ttl are
	 * source's (the same object, or what a dressed one was made from). Both
	 * counted. */
	struct object *object, *source;
	/* The object's body in a coding (page/press.c), borrowed from it; and
	 * whether who accepts others gets others. */
	enum packing packing;
	struct body *packed;
	bool varies;
	/* As it arrives: head below, body from here (joined reader is front's
	 * to make before the page is freed). */
	struct flow_reader reader; /* reader.flow NULL: not streamed */
	int64_t length;            /* of the stream; -1: unknown */
	/* Made here: */
	struct head head;          /* for all but object replies; may be empty */
	const char *bytes;
	size_t len;
	/* For all: */
	char cache_status[256];    /* Cache-Status without "livery"; "" : none */
	const char *theme;         /* "NAME; VERSION" for X-Livery-Theme */
	const char *ends_here;     /* a field that clients do not get; or NULL */
	const char *hsts;          /* the site's Strict-Transport-Security, "" by
	                            * http; NULL: the upstream's own */
	struct answer *answer;     /* kept alive for head and flow; counted */
	bool no_store;             /* add Cache-Control: no-store (ours) */
	const char *kind;          /* for the access log: "hit", "miss", "stale",
	                            * "bypass", "error", "asset", "purge" */
};
/* Give back what it counts; the struct itself is the caller's. */
void reply_fini(struct reply *reply);

/* Answer from memory alone, if that can be: a fresh hit, a stale one that its
 * headers allow while it is refreshed behind, a 304, a theme's file, a refusal
 * (421). True and *reply filled in, or false: make a page. No allocation, no
 * waiting. */
bool page_now(struct pages *pages, const struct request *request,
    struct reply *reply);

/* False: where the request goes nobody may upgrade, so it is a request like
 * others, though it asks for that. On a front thread, as page_now(). */
bool page_may_upgrade(struct pages *pages, const struct request *request);

/* Make a page of a request. If it is for an upgrade, body is there, and the
 * reply is a 101, streamed, or a refusal like any answer. request is copied, what it points to borrowed.
 * body: the request's body as it comes, or NULL; counted. body_len -1:
 * unknown. NULL: too many pages are in hand (503, which the caller counts). */
struct page *page_new(struct pages *pages, const struct request *request,
    struct flow *body, int64_t body_len, void (*on_ready)(void *arg),
    void *arg);
/* Let it run. on_ready(arg) comes exactly once, maybe on this thread, maybe
 * before this returns. */
void page_start(struct page *page);
/* After on_ready: the reply, owned by the page. */
struct reply *page_reply(struct page *page);
void page_free(struct page **page);
/* The client left, or its deadline passed: whoever has the page lets it go
 * soon. Any thread, while the page lives. */
void page_leave(struct page *page);
/* Whether it was told so, or killed. Any thread, while the page lives. */
bool page_is_gone(const struct page *page);

/* ---- what is in hand now (admin, `livery requests`) ---- */

struct page_figures {
	uint64_t id;
	uint64_t age_ms;
	const char *stage; /* "front", "crew", "worker", "fetch", "skin", ...*/
	char method[16];
	char url[512];
	char site[64], upstream[64];
};
/* Fill up to max, oldest first; answers how many there are. */
unsigned pages_list(struct pages *pages, struct page_figures *out,
    unsigned max);
/* End the one with that id: its client gets 503. False: no such one. */
bool pages_kill(struct pages *pages, uint64_t id);

struct routes *pages_routes(struct pages *pages); /* counted */

#endif
