/* page/origins.h - upstreams that nobody named beforehand, a bounded number of
 * them remembered
 *
 * Connections, health and back-off are an upstream's, so those whose address
 * only a request or a page tells are kept here for the next who asks. Any
 * thread. */
#ifndef PAGE_ORIGINS_H
#define PAGE_ORIGINS_H

#include <stdbool.h>
#include "upstream/upstream.h"

struct origins;
struct origins *origins_new(void);
void origins_free(struct origins **origins);

/* The one that has these options, made if it is not there (the oldest goes
 * then). The caller's reference; NULL with err: they are not those of an
 * upstream. */
struct upstream *origins_get(
    struct origins *origins, const struct upstream_opts *opts, struct err *err);

/* Whether "host[:port]" is one of a NULL-ended list (which may be NULL). */
bool origins_are_named(
    const char *const *names, const char *authority, size_t len);

#endif
