/* upstream/lookup.h - one question to the system's resolver
 *
 * Blocks for as long as the system likes. 0 with out filled in: addresses in
 * the system's order, each once; -1: none. */
#ifndef UPSTREAM_LOOKUP_H
#define UPSTREAM_LOOKUP_H

#include "upstream/resolver.h"

int lookup_system(const char *host, struct addresses *out);

#endif
