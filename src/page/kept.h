/* page/kept.h - what a confirmed or changed head means for what is stored */
#ifndef PAGE_KEPT_H
#define PAGE_KEPT_H

#include "page/life.h"

/* A 304 made `fresh` of `old`. If nothing that it changed can show in the
 * dressed page, that holds on: store it with the fresh one, so that nothing is
 * dressed anew. dressed: made from old, or NULL. */
void kept_dress(struct cache *cache, const struct object *old,
    const struct object *dressed, struct object *fresh);

/* RFC 9111 4.3.5: what the head that a HEAD brought says of the stored answer
 * to GET: its fields are updated, or it is stale from now on. A head that
 * tells nothing (no validator, no length) leaves it alone. */
void kept_head(struct cache *cache, struct object *stored,
    const struct policy_answer *answer, const struct policy_opts *opts);

#endif
