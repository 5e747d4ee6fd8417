/* page/hops.h - how often a request has passed here already
 *
 * Each proxy adds its name to Via (RFC 9110 7.6.3), and so do we, also where
 * a page's parts are asked for: two servers whose pages include each other
 * see it there, and the round ends instead of going on until somebody's
 * patience does.
 *
 * Via is the client's word. So nothing that is shared may be decided by it:
 * questions that have been here a different number of times are different
 * flights, and have failures of their own (hops_key()). */
#ifndef PAGE_HOPS_H
#define PAGE_HOPS_H

#include "base/arena.h"
#include "cache/key.h"
#include "http/head.h"

/* A request that has passed here so often is refused: 508. */
enum { HOPS_SEEN_MAX = 5 };

/* How often our name is in Via. No allocation. */
unsigned hops_count(const struct head *fields, const char *name);

/* The Via field of what is asked because of a request with these fields. */
const char *hops_via(
    const struct head *fields, const char *name, struct arena *arena);

/* What tells a question from the same one after another number of rounds; the
 * key itself for one that was never here. Its text is in the arena, or the
 * key's own. */
struct key hops_key(const struct key *key, unsigned hops, struct arena *arena);

#endif
