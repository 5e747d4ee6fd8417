/* cache/query.h - what of a query counts for the key
 *
 * "?utm_source=x" is for a script in the page, not for who makes it: a site
 * may say that such parameters do not count, and that their order does not.
 * Only the key changes; the upstream is asked with what the client sent, so
 * the page that is stored was made with the first client's. */
#ifndef CACHE_QUERY_H
#define CACHE_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include "cache/key.h"
#include "http/url.h"

enum { QUERY_PARAMS_MAX = 64 };

struct query_rules {
	bool sort;		   /* parameters by their names */
	const char *const *ignore; /* names, a "*" at the end stands for any
				    * rest; NULL-ended, or NULL */
};

/* Whether they change anything for any target. */
static inline bool
query_has_rules(const struct query_rules *rules)
{
	return rules->sort || (rules->ignore && *rules->ignore);
}

/* The target (path and query) with its query in normal form, in room, or the
 * target itself: it has no query, or too long a one, or one of more than
 * QUERY_PARAMS_MAX. Parts are those between "&"; ";" is a byte like any
 * other, and nothing is decoded: what upstreams may take for two is two. No
 * allocation. */
struct slice query_normal(
    const struct query_rules *rules, char room[KEY_MAX], struct slice target);

#endif
