/* page/choose.h - which upstream a request goes to, and as what
 *
 * A site has one upstream, or the <proxy>s of its ruleset choose one for each
 * request: the first that matches. Every page has a choice, so that nobody
 * else needs to know which of the two it is.
 *
 * The key of a stored page is the address that its client asked for, whoever
 * answers. So where more than the address decides (a request field, the
 * method), the page goes past the cache. */
#ifndef PAGE_CHOOSE_H
#define PAGE_CHOOSE_H

#include "base/arena.h"
#include "page/page.h"

struct proxy;
struct rules;

/* ---- the proxies of one site: immutable, of its routes ---- */

struct chooser;

/* Read what their dests are. Upstreams that ran before (those of `before`,
 * which may be NULL) go on. Refs rules. Errors name file:line. */
CHECKED int chooser_new(struct chooser **out, struct rules *rules,
    const struct routes *before, struct err *err);
void chooser_free(struct chooser **chooser);
/* The i-th upstream that is known beforehand, borrowed; NULL past the last. */
struct upstream *chooser_upstream(const struct chooser *chooser, unsigned i);
/* Whether more than a request's address may decide. */
bool chooser_looks_beyond(const struct chooser *chooser);
/* Whether one of them sets this request field. */
bool chooser_sets(const struct chooser *chooser, const char *name);

/* A field that <request> and <response> may not touch, since it says where a
 * message ends or belongs to one connection. */
bool choose_keeps_field(const char *name);

/* The client's address, in the arena; NULL: it has none, or is unknown. */
const char *request_client(const struct request *request, struct arena *arena);

/* ---- the choice for one request ---- */

struct choice {
	struct upstream *upstream; /* counted; NULL: nobody is to be asked */
	const char *target;	   /* as it is asked there */
	bool looked_beyond;	   /* more than the address decided */
	/* NULL: the site's one upstream, and the rest is empty */
	const struct proxy *proxy;
	const struct proxy **adds; /* whose <request>s count, it comes last */
	size_t adds_count;
	const char *prefix; /* what was taken off the path, or "" */
	const char *path;   /* what the dest puts in front of it, or "" */
	bool rewrites;	    /* the site's rewrite_links, without a proxy */
};

/* Choose; texts go to the arena, of request method, scheme, host, target and
 * fields count. 0, or the status of an answer of our own: 404 when no proxy
 * matches; 502 when the one that does leads to no address, with err; 301 when
 * the client is to ask for the same path with a slash at its end. */
CHECKED int choose(struct choice *out, const struct site *site,
    const struct request *request, struct arena *arena, struct err *err);
void choice_copy(
    struct choice *out, const struct choice *from, struct arena *arena);
void choice_fini(struct choice *choice);

/* What the upstream gets of a field because of the choice, if that says
 * anything: true, and *value (NULL: none is sent). */
bool choice_field(const struct choice *choice, const struct request *request,
    const char *name, struct slice *value);
/* Set such fields; *host is the Host field. */
void choice_add_fields(const struct choice *choice,
    const struct request *request, struct head *fields, const char **host);
/* What <response>s say, and with rewrite-links the Domain of cookies. A 304
 * loses its type then: what it speaks of was rewritten, and is UTF-8 since. */
void choice_adapt_head(const struct choice *choice,
    const struct request *request, int status, struct head *head);

/* A path of the upstream's as clients ask for it; itself when it is not below
 * the dest. */
const char *choice_own_path(
    const struct choice *choice, const char *path, struct arena *arena);

/* Whether the body of this answer is one whose links are to be rewritten. */
bool choice_relinks(const struct choice *choice, const struct head *head);
/* Add it to out, rewritten. -1: as theme_relink(). */
CHECKED int choice_relink(const struct choice *choice, const struct site *site,
    const struct request *request, const struct head *head, const char *bytes,
    size_t len, struct buf *out, struct err *err);

#endif
