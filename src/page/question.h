/* page/question.h - a question from the inside: question.c, plan.c, store.c,
 * invalidate.c, relink.c
 *
 *   question.c    makes it: the request as the upstream will get it
 *   plan.c        the head came: who may have the answer, and is it kept?
 *   invalidate.c  the head says that it changed something
 *   relink.c      the body is whole: its links are made ours
 *   store.c       ... and it is stored, freshens what is stored, or failed
 *
 * A question outlives the page that asked it (a flight goes on to fill the
 * cache when its client is gone), so it has its own copies of all it needs.
 * It is the engine's from fetch_ask() on; the hooks run on the engine's
 * thread. What they read of the request is what copy_request() copied. */
#ifndef PAGE_QUESTION_H
#define PAGE_QUESTION_H

#include "page/life.h"
#include "page/made.h"
#include "page/ranges.h"
#include "page/shape.h"
#include "page/since.h"

/* What the hooks know of the request, on the errand's arena. */
struct question {
	struct pages *pages;
	struct routes *routes;     /* counted: keeps site */
	const struct site *site;
	struct choice choice;      /* who is asked */
	struct request request;    /* with own texts for what hooks read */
	struct policy_request asks;
	struct shape shape;        /* of the request ... */
	bool has_shape;            /* ... if an answer may be kept by it */
	struct key key;            /* what it is stored under; len 0: nothing */
	struct object *stored;     /* counted: what a 304 speaks of; or NULL */
	struct object *seen;       /* counted: what the asker found; or NULL */
	struct object *dressed;    /* counted: made from stored; or NULL */
	const char *if_none_match; /* the client's own, for version */
	const char *version;       /* whose tags were led back; or NULL */
	bool own_condition;        /* the client's own copy is asked about */
	bool shared;               /* may be stored */
	bool storing;              /* the head said so */
	bool relinks;              /* the body's links are to be rewritten */
	bool parts;                /* a part of the page is wanted */
	struct since since;        /* when it was asked */
	bool is_unsafe;            /* its success makes what is stored void */
	bool bound;                /* asked with Authorization, or posted: never
	                            * shared with who waits, but an answer that
	                            * says others may have it is stored */
	bool is_post;
	struct ranged *ranged;     /* bound, and a range is asked for; or NULL */
	bool is_refresh;
	bool has_copy;             /* the asker falls back to one */
	bool looked_in_vain;       /* the asker did, and found nothing */
	struct freshness fresh;
};

/* question.c */
/* A field as it was asked with, for Vary; arg: the errand. */
const char *question_field(void *arg, const char *name);
/* The address that was asked, for people. */
const char *question_url(const struct question *question,
    const struct errand *errand);

/* plan.c: errand->on_head */
enum plan question_on_head(struct errand *errand, struct answer *answer);

/* invalidate.c: what an unsafe method's success makes void, and the groups
 * that its answer names. Before the client hears of it. */
void question_invalidate(struct question *question,
    const struct answer *answer);

/* relink.c: the links of a body that is whole are for who asks this site; one
 * that cannot be parsed goes as it came. */
void question_relink(const struct question *question, struct errand *errand,
    struct answer *answer);

/* store.c: errand->is_over, on_ask and on_end */
bool question_is_over(struct errand *errand);
bool question_on_ask(struct errand *errand, struct answer *answer);
void question_on_end(struct errand *errand, struct answer *answer);

#endif
