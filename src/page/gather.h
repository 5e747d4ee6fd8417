/* page/gather.h - a gathering from the inside: gather.c, wanted.c, gathered.c
 *
 *   wanted.c    what a page wants: which documents and includes, at which
 *               addresses
 *   gather.c    looked up, asked for, waited for
 *   gathered.c  what came of it, for the dresser and for includes
 *
 * What the rest of page/ may call is in life.h. */
#ifndef PAGE_GATHER_H
#define PAGE_GATHER_H

#include "page/fragment.h"
#include "page/life.h"

/* One document or include; on the page's arena. The page's owner's, but while
 * it is asked for: then on_event() fills in what came, on an engine's thread,
 * each event in its own. */
struct fragment {
	struct fragment *next;
	struct page *page;
	struct waiter waiter;
	const char *href;      /* as the rules or the include have it */
	const char *base;      /* of what includes it; NULL: the page */
	const char *url;       /* absolute; after redirects the last one */
	struct key key;
	struct key asked;      /* as one whose page has been here so often */
	struct object *object; /* counted: the answer */
	const char *why;       /* there is none */
	unsigned redirects;
	bool is_include, waits, alone, is_news, is_told;
	bool has_part, is_bad_part;
	struct buf part;       /* of an include with an expression */
};

/* wanted.c */
/* For whom it is asked. */
struct fragment_asker fragment_asker(const struct fragment *fragment);
/* Point it at a reference, resolved against base; or it has a why. */
void fragment_aim(struct fragment *fragment, const char *base,
    const char *reference);
/* The include that stands in base (NULL: the page) with this address, which is
 * made if it is new. NULL: it is one too many. */
struct fragment *fragment_include(struct page *page, const char *base,
    const char *address);

/* gather.c */
/* Go on with one that nobody waits for: until it is there, over, or must be
 * asked for (then it waits). What failed is told once. */
void fragment_advance(struct fragment *fragment, struct worker *worker);

#endif
