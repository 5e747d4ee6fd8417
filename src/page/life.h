/* page/life.h - a page from the inside, for the files of page/ only
 *
 * page.c runs the steps, in this order; what a step is made of comes below it:
 *   now.c       the answer that memory alone can give: on front's thread
 *   lookup.c    the store
 *     ranges.c    ranges of answers, and answers in parts
 *     part.c      a part of a page is asked for (;filter_xpath=)
 *   judge.c     may what is stored be used?
 *     failing.c   addresses that keep failing
 *   ask.c       the page leaves for an engine, and what comes back
 *     choose.c    which upstream is asked; chosen.c what that changes
 *     sent.c      which fields it gets; cookies.c: who may share
 *     upgrade.c   may it become a WebSocket?
 *     hops.c      how often a request has been here
 *     question.c  the request as it will get it; question.h lists what is
 *                 done with the answer, to the end of its storing
 *     location.c  addresses that an answer's head names
 *     kept.c      what a head says of what is stored
 *   arrive.c    something came, failed, or is late
 *   dress.c     what is dressed, and the dressing; dressed.c what comes of it
 *     due.c       which answers are pages to be dressed
 *     skin.h      the theme that is live
 *     params.c    parameters of the rules
 *     ahead.c     large pages are read while they arrive
 *     again.c     pages of our own that were dressed before
 *     debug.c     what the rules did, shown on the page
 *     validator.c ETags of dressed pages, and back to the upstream's
 *     splice.c    includes that a page carries; directive.c, expand.c: what
 *                 they say; weave.c: those of pages that are not dressed;
 *                 half.c: it waits for them
 *     held.c      whether what a kept page was made of still holds
 *   gather.c    documents that the rules bring in, and includes
 *     fragment.c  the question for one
 *   answer.c    a reply from an object, an answer, or nothing
 *     errorpage.c a page that says so
 *     lengths.c   of what is not stored, for the 304s that it brings later
 *     press.c     which coding a client gets; pressthread.c makes it
 * Beside that way:
 *   pages.c     what all pages share; registry.c what is in hand
 *   crew.c      the workers
 *   route.c     which site answers
 *   asset.c     a theme's files
 *   purge.c     PURGE, BAN, PURGEKEYS; purge_words.c what they ask for
 *   revive.c    what a soft purge made stale is asked for anew */
#ifndef PAGE_LIFE_H
#define PAGE_LIFE_H

#include "base/arena.h"
#include "base/lock.h"
#include "page/choose.h"
#include "page/crew.h"
#include "page/expand.h"
#include "page/limits.h"
#include "page/page.h"
#include "page/weave.h"

/* What a page does next. page.c has the table. */
enum step {
	STEP_LOOKUP, /* the store */
	STEP_JUDGE,  /* may what was found be used? */
	STEP_FETCH,  /* ask the upstream; the page leaves the worker */
	STEP_ANSWER, /* something came, or failed, or is late */
	STEP_THEME,  /* dress it; may leave to wait for a theme */
	STEP_GATHER, /* documents that the rules bring in; may leave for them */
	STEP_ASSET,  /* a theme's file */
	STEP_PURGE,
	STEP_PART,   /* may the part that is asked for be looked for? */
	STEP_DELIVER,
	STEP_AWAY,   /* somebody else has the page now */
};

struct pages {
	struct pages_opts opts;
	struct crew *crew;
	struct press *press;
	struct fragments *fragments;
	struct failing *failing;    /* page/failing.c */
	struct passing *passing;    /* page/passing.c */
	struct lengths *lengths;    /* page/lengths.c */
	struct revive *revive;      /* under lock; NULL: nothing to revive yet */
	struct site_load *load;     /* of what belongs to no site */
	_Atomic unsigned aheads;    /* page/ahead.c: read while they arrive */
	_Atomic uint64_t next_id;
	struct lock lock;
	/* shared: under lock */
	struct routes *routes;
	struct page *oldest, *newest; /* in hand */
	unsigned in_hand;
	_Atomic uint64_t routes_version; /* front threads keep a reference
	                                  * each, and look at this first */
};

/* Why a request may not use the cache; the word goes into Cache-Status. */
struct sharing {
	bool may;            /* it may be answered from the cache and stored */
	bool may_keep;       /* not answered from it, but perhaps stored */
	const char *why;     /* "method", "cookie", "authorization", ... */
	struct slice cookie; /* which one */
};

struct page {
	struct crew_job job;
	struct pages *pages;
	struct arena *arena;
	struct request request;
	struct routes *routes;
	const struct site *site; /* NULL: none answers for that host */
	struct choice choice;    /* of its upstream */
	struct flow *body;
	int64_t body_len;
	void (*on_ready)(void *);
	void *arg;

	/* its owner's, wherever it is */
	enum step step;
	struct sharing sharing;
	struct key key;              /* len 0: not cacheable */
	struct policy_request asks;
	struct object *object;       /* the answer to be used, counted */
	struct object *dressed;      /* and dressed already, counted */
	struct object *fallback;     /* stale: used if asking fails, counted */
	struct object *fallback_dressed; /* counted */
	enum use use;
	struct waiter waiter;
	uint64_t asked_ms;           /* clock_mono_ms() */
	enum event event;
	struct answer *answer;       /* counted; NULL */
	enum outcome outcome;        /* of a failed fetch */
	bool is_unsafe;              /* its method may change what is stored */
	bool asked, alone, waited_for_skin, counts_as_miss;
	bool conditional;            /* the last question was */
	bool unwanted;               /* fresh, but the client wants it newer */
	bool other_variant;          /* another of the same URL is stored */
	bool looked_in_vain;         /* nothing of the URL is stored */
	struct ranged *ranged;       /* page/ranges.h; NULL */
	bool no_range;               /* Range and If-Range are not sent on */
	bool revives;                /* nobody waits: page/revive.c */
	struct skin_wait skin_wait;
	struct theme *theme;         /* counted */
	struct fragment *fragments;  /* gather.c's, on the arena */
	unsigned fragments_count, gather_rounds;
	uint64_t gather_until_ms;    /* on the steady clock */
	uint64_t gather_purges;      /* that were before it began to gather */
	const char *verdict;         /* the version that leaves it undressed,
	                              * until its includes are seen to; NULL */
	int refused;                 /* choose() says so; 0 */
	unsigned hops;               /* how often it has been here before */
	const char *part;            /* of the page is wanted: XPath; NULL: all */
	int error_status;            /* of a page of our own; 0 */
	char *flat;                  /* the answer's body, to be dressed */
	struct ahead *ahead;         /* what was read of it; NULL */
	struct half *half;           /* dressed, but for its includes; NULL */
	const char *detail;          /* for Cache-Status */
	bool from_file;              /* object was not in memory */
	bool hit;                    /* no forwarding was needed */
	bool stale;                  /* what is served is */
	struct reply reply;

	/* shared: any thread */
	_Atomic bool gone;           /* the client left, or it was killed */
	_Atomic bool killed;
	_Atomic unsigned gather_pending;
	_Atomic(const char *) stage;
	/* under pages->lock */
	struct page *older, *newer;
	uint64_t id, started_ms;
};

/* page.c */
void page_to_crew(struct page *page, enum step step);
void page_ready(struct page *page);
/* Nobody waits for it: it asks, and waits for what comes. */
void page_revives(struct page *page);
/* The address that was asked for, in the page's arena. */
const char *page_url(struct page *page);

/* lookup.c */
enum step lookup_step(struct page *page, struct worker *worker);
/* What a field of the page's request (arg) is to whom it is asked of. */
const char *page_field(void *arg, const char *name);

/* judge.c */
enum step judge_step(struct page *page, struct worker *worker);

/* ask.c */
enum step ask_step(struct page *page, struct worker *worker);
/* The site has room for one more miss; from now on the page is counted as one,
 * until page_ready(). */
bool ask_may(struct page *page);
/* Any thread that owns the page, which is the engine's from now on. */
void ask_upstream(struct page *page);

/* arrive.c */
enum step arrive_step(struct page *page, struct worker *worker);

/* upgrade.c: whether the page is to become a WebSocket; else it is a page as
 * ever. */
void upgrade_judge(struct page *page);

/* cookies.c */
struct sharing sharing_of(const struct request *request,
    const struct site *site);

/* sent.c: a field as upstreams get it, for Vary: what a shared question asks,
 * whoever asks it. SENT_ABSENT: none; else the client's own field counts, or
 * *value, which is borrowed. */
enum sent { SENT_AS_IT_CAME, SENT_ABSENT, SENT_VALUE };
enum sent sent_field(const struct request *request,
    const struct choice *choice, const char *name, struct slice *value);
/* A client's field that goes no further. */
bool sent_is_dropped(const struct request *request, const char *name,
    bool shared);
/* The client's Connection field names this one. */
bool sent_is_listed(const struct request *request, const char *name);
/* What may change an answer, goes to the upstream, and is in no key. */
bool sent_is_hearsay(const char *name);

/* hearsay.c: an answer that a trusted peer's fields may have changed varies by
 * them; what the choice sets is ours. asked: the fields as they were sent. */
void hearsay_add_vary(const struct request *request,
    const struct choice *choice, const struct head *asked,
    struct head *answered);

/* question.c: give the errand. sharable: with a key, so that others join. */
struct errand *question_new(struct page *page, bool sharable);
/* The Host field for an upstream; NULL: its own. client_host: what the
 * client sent, in the arena. */
const char *question_host(const struct upstream *upstream,
    const char *client_host, struct arena *arena);
/* livery's own log-in at the upstream, where the client brings none. */
void question_add_credentials(struct head *fields,
    const struct upstream_opts *opts);
/* Nothing failed lately, or it is this caller's turn to try all the same: true
 * for one per back-off. */
bool question_may_ask(struct page *page);
/* A conditional question that nobody waits for; none while it may not ask. */
void question_refresh(struct page *page, struct object *stale);

/* location.c: the address as the client is to see it, which is `location` itself
 * unless the upstream means itself by it. */
const char *location_ours(const struct choice *choice,
    const struct request *request, const char *location, struct arena *arena);
/* The same as a callback: arg is a struct location_mapping. */
struct location_mapping {
	const struct choice *choice;
	const struct request *request;
	struct arena *arena;
};
const char *location_map(void *arg, const char *address);
/* All addresses of an answer's head (page/headmap.h). */
void location_map_head(const struct choice *choice,
    const struct request *request, struct head *head);
/* The page that an answer from `asked` (a URL as clients ask) names as its
 * Location. room: KEY_MAX bytes. False: of another origin, or none. */
bool location_key(struct key *key, char *room, const struct routes *routes,
    const char *asked, const char *location);

/* dress.c */
/* What is there to be dressed, borrowed from the page. */
struct source {
	int status;
	const struct head *head;
	const char *bytes;
	size_t len;
};
CHECKED int page_source(struct page *page, struct source *source);
/* Whether this answer is one to be dressed for this request at all. */
bool dress_is_due(const struct site *site, const struct request *request,
    int status, const struct head *head);
enum step dress_page(struct page *page, struct worker *worker);

/* dressed.c */
/* A head for other bytes than those that it came with, in HTML and UTF-8.
 * etag: of those bytes; NULL: none. */
void dress_adapt_head(struct head *head, const struct head *from,
    const char *etag);
/* RFC 9111 5.1, for what front does not see to be a stored one. */
void dress_add_age(struct page *page);
/* Whether it is dressed depends on who asks: say so (RFC 9110 12.5.5). */
void dress_add_vary(const struct site *site, int status, struct head *head);
/* It is for nobody else. */
void dress_make_private(struct head *head);
/* What a kept page is made of, without head and body: with this version and
 * what the site wears; "" for one that is not dressed. */
struct object *dress_object(struct page *page, const char *version);
/* The rules leave it alone: remembered in memory. */
void dress_keep_undressed(struct page *page, const char *version);
/* A page of ours that was dressed a moment ago is the reply. */
bool dressed_before(struct page *page, const struct source *source);
/* The page is dressed, in worker->out: for all who ask for it, unless the
 * rules looked at this one's fields. */
void dressed_show(struct page *page, struct worker *worker,
    const struct source *source, uint64_t cost_us);
/* The page, dressed or as it came, and what the rules did. */
struct dress_trace;
void dressed_debug(struct page *page, struct worker *worker,
    const struct source *source, const struct dress_trace *trace,
    bool is_dressed);

/* params.c */
void params_give(struct page *page, struct dress_ask *ask);
/* The request's fields, comma-separated, that page->theme's rules read: what
 * is dressed with them is for nobody else. NULL: none. */
const char *params_vary(struct page *page);

/* gather.c */
/* Note what the last dressing wanted (NULL: only its includes did, which are
 * noted). -1: it will never have enough. */
CHECKED int gather_want(struct page *page, const struct dresser *dresser);
/* Get it; then STEP_THEME. */
enum step gather_step(struct page *page, struct worker *worker);
void gather_give(struct page *page, struct dress_ask *ask);
/* Whether one may not be kept, nor a page that it is in. */
bool gather_is_private(const struct page *page);
/* Whether one that the rules want could not be had. */
bool gather_has_failed(const struct page *page);
/* What fragment_failure says of a page that one is missing from: as it came,
 * or an error. */
enum step gather_without(struct page *page);
/* A kept page, not yet published, is as good as they are, and was made of
 * them. */
void gather_hold(const struct page *page, struct object *kept,
    int64_t now_ms);
void gather_fini(struct page *page);
/* expand_ask.get; arg: a struct gathering. What is stored is had at once. */
struct gathering {
	struct page *page;
	struct worker *worker;
};
struct included;
enum had gather_include(void *arg, const char *base, const char *address,
    struct included *out);

/* splice.c */
struct expanded;
/* Add text to out, with what its includes name. If said->waits some are to be
 * had first, by gather_want() and STEP_GATHER, and out is void. -1: it would be
 * too big. */
CHECKED int splice_text(struct page *page, struct worker *worker,
    struct slice text, struct buf *out, struct expanded *said);
/* The same in place; while some are to be had text stays as it is. */
CHECKED int splice_page(struct page *page, struct worker *worker,
    struct buf *text, struct expanded *said);

/* weave.c, beside page/weave.h */
/* Of an undressed object in memory, and what hangs on it (or NULL): what is to
 * be served, or NULL: that is to be found out first. The hit path's. */
struct object *weave_now(struct pages *pages, const struct site *site,
    struct object *object, struct object *woven, int64_t now_ms);
/* After dress_page() has said that it goes as it is. */
enum step weave_page(struct page *page, struct worker *worker);

/* answer.c */
void answer_from_object(struct page *page, struct object *object,
    struct object *source);
void answer_from_answer(struct page *page);  /* gathered, not stored */
void answer_stream(struct page *page);       /* as it arrives */
void answer_error(struct page *page, int status, const char *detail);
/* Why there is none from the upstream, by an error of RFC 9209. */
void answer_proxy_status(struct page *page, const char *error);
void answer_plain(struct page *page, int status, const char *text);
void answer_status(struct page *page); /* fills in reply.cache_status */

/* asset.c */
bool asset_is_path(const struct request *request);
/* The site whose theme it is of, or NULL. */
const struct site *asset_site(const struct routes *routes,
    const struct request *request);
enum step asset_step(struct page *page, struct worker *worker);
bool asset_now(struct pages *pages, const struct routes *routes,
    const struct request *request, struct reply *reply);

/* part.c */
/* Whether the site gives parts and this request asks for one. */
bool part_is_asked(const struct site *site, const struct request *request);
/* Then page->part is set, and the request is one for the page. */
void part_take(struct page *page);
enum step part_judge(struct page *page);
/* In place of dressing. */
enum step part_step(struct page *page);
/* What to ask theme_filter() for a part of HTML that came to the site, within
 * its limits. All borrowed. */
struct filter_ask part_ask(const struct site *site,
    const struct dress_document *html, const char *xpath);
/* Whether an answer has parts: then it is to be gathered. */
bool part_is_due(int status, const struct head *head);

/* purge.c: of a method that is for the cache alone. */
bool purge_is(const struct request *request);
enum step purge_step(struct page *page);

/* registry.c */
bool registry_enter(struct page *page);
void registry_leave(struct page *page);

/* errorpage.c: HTML for a status of our own, in the arena. */
const char *errorpage_make(struct arena *arena, const struct site *site,
    int status, const char *detail, size_t *len);

#endif
