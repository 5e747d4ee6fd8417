/* page/fragment_ask.h - the question for a document from the inside:
 * fragment.c, fragment_whom.c */
#ifndef PAGE_FRAGMENT_ASK_H
#define PAGE_FRAGMENT_ASK_H

#include "page/fragment.h"
#include "page/life.h"
#include "page/since.h"

/* What the hooks know of it, on the errand's arena. */
struct fragment_question {
	struct pages *pages;
	struct key key;
	struct key asked;      /* as one who has been here so often */
	const char *url;
	const char *site;
	struct object *stored; /* counted, or NULL */
	uint64_t keep_max;
	int64_t min_refresh_ms, ttl_ms;
	struct since since;    /* when it was asked */
	bool storing;
	/* of a page of a site, whom that asks: */
	struct routes *routes;  /* counted: keeps what follows; or NULL */
	const struct site *own;
	struct choice choice;
	struct request request; /* what that is made from */
	struct head fields;
};

/* fragment_whom.c: where the errand goes: a file, a page of the site itself,
 * or elsewhere. -1: nobody may be asked for that. */
CHECKED int fragment_choose(struct errand *errand,
    const struct fragment_asker *asker, const char *url, struct err *err);

#endif
