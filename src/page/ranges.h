/* page/ranges.h - a client asks for a range of an answer (RFC 9110 14)
 *
 * Of what is stored whole, front cuts the range (front/reply.c). Else what is
 * stored in parts (cache/partial.h) is looked through, and where that has not
 * all of it, the upstream is asked for the range. That question is its client's
 * alone, so nobody joins it, but it has nothing of this client in it, so its
 * answer is kept: a 206 as a part, a 200 as any other.
 *
 * A page that is dressed has other bytes than the upstream's, so a range of one
 * is never asked for: it is fetched whole, and the range cut from the dressed
 * one. That it is such a page is told by the head of the first answer. */
#ifndef PAGE_RANGES_H
#define PAGE_RANGES_H

#include "cache/partial.h"
#include "page/life.h"

/* The one range that a request asks for, where what comes may be kept. */
struct ranged {
	struct asked asked;
	const char *range, *if_range; /* as the client sent them; or NULL */
	struct key key;               /* of the parts */
	struct object *stored;        /* parts that were found, kept by the
	                               * arena; or NULL */
	uint64_t purges;              /* before they were looked for */
	uint64_t number;              /* of the question: its own purges */
	bool lacks;                   /* they are fresh, but not all of it */
};

/* Read what the request asks for: page->ranged, or none of it (ranges_none())
 * where it is too much. */
void ranges_take(struct page *page);
/* The page's, while it counts; NULL. */
struct ranged *ranges_of(const struct page *page);
/* The page asks for the whole from now on; front cuts the range. */
void ranges_none(struct page *page);
/* A field that is not sent because of that. */
bool ranges_drops(const struct page *page, const char *name);

/* What is stored in parts, through this worker's handle. True: page->object is
 * the answer. False: ask; page->object may be what is used if that fails. A
 * whole that a 304 may make fresh is asked about as a whole. */
bool ranges_judge(struct page *page, struct worker *worker,
    request_field_f field);

/* The fields of a question for a range; gives what its hooks need, in the
 * errand's arena. NULL: the page asks for none that is kept. */
struct ranged *ranges_ask(const struct page *page, struct errand *errand);
/* May this 206 be kept as a part, for what its fields say of ranges? */
bool ranges_may_keep(const struct ranged *ranged, const struct site *site,
    const struct choice *choice, const struct answer *answer);
/* Store what came, with what there is of it: as a part, or the whole if it is
 * all there now. page: the key of the whole. Borrows. */
void ranges_store(struct cache *cache, const struct ranged *ranged,
    const struct key *page, struct object *fresh, const struct site *site,
    const struct policy_answer *facts, request_field_f field, void *arg);

/* A range of a page that is to be dressed came: it is asked for whole. */
bool ranges_is_in_vain(const struct page *page, const struct answer *answer);

#endif
