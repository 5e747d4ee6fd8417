/* page/revive.h - pages that a soft purge made stale are asked for anew, the
 * most used first (purge_refresh)
 *
 * One page at a time of each upstream, and no more than REVIVE_RATE a second in
 * all, so that a purge of everything is no herd: whoever comes meanwhile is
 * answered as ever. A page that somebody else has had made anew by then costs a
 * look-up; an upstream that is failing is left alone. */
#ifndef PAGE_REVIVE_H
#define PAGE_REVIVE_H

#include "cache/meaning.h"
#include "page/page.h"

enum {
	REVIVE_RATE = 50,
	REVIVE_HANDS = 8, /* pages in hand */
};

struct revive;

/* The pages that this means, if the option says so; purge_refresh_max of all
 * that wait. On a thread that may read the disk. */
void revive_soon(struct pages *pages, struct meaning *meaning);
/* Start no page more, and end those in hand. Before the fetch module stops. */
void revive_quiet(struct pages *pages);
void revive_free(struct revive **revive);

#endif
