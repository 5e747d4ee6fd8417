/* page/whom.h - what the upstream's pool must know of a question
 *
 * The lane, whose session it belongs to, where the client is, and whether the
 * upstream itself asks (upstream/pool.h). */
#ifndef PAGE_WHOM_H
#define PAGE_WHOM_H

#include "fetch/fetch.h"
#include "page/page.h"

/* errand has its upstream, method, target and body. hops: how often our name
 * is in its Via. Anybody can write that: what it gains is the one slot in
 * reserve, and nobody loses by it. client: as trusted
 * peers tell it. */
void whom_page(struct errand *errand, unsigned hops,
    const struct net_address *client);
/* A theme, an asset or a fragment. */
void whom_part(struct errand *errand, unsigned hops);

#endif
