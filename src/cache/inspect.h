/* cache/inspect.h - questions to a cache file from outside, for people
 *
 * Opens the file read-only; works beside a running livery and after one.
 * Output goes to a FILE as a table, or as tab separated lines when it is not
 * a terminal. */
#ifndef CACHE_INSPECT_H
#define CACHE_INSPECT_H

#include <stdio.h>
#include "base/err.h"
#include "cache/meaning.h"

/* All of it, also what was purged and has not gone yet: its state says so. */
CHECKED int inspect_ls(const char *file, const char *pattern, FILE *out,
    struct err *err);
/* The file that is meant when none is named: ./cache/cache.db in a source
 * tree (where ./cache/schema.sql stands), else /var/cache/livery/cache.db. */
const char *cache_default_file(void);

/* Head and (with_body) body of what is stored for url. 1: nothing is; 2: what
 * stands there was purged, and is served to nobody. */
CHECKED int inspect_show(const char *file, const char *url, int with_body,
    FILE *out, struct err *err);
/* In words: the key, the variants, fresh or stale until when and by which
 * field, what would be served if the upstream were down. What was purged and has
 * not gone yet is named, and counts as nothing. 1: nothing stored. */
CHECKED int inspect_why(const char *file, const char *url, FILE *out,
    struct err *err);
CHECKED int inspect_stat(const char *file, FILE *out, struct err *err);

/* Remove, and leave word in the file for running servers, who drop it from
 * memory within half a second. Exactly one of url (a path alone: on every
 * host), tag, regex (looked for in path and query), all. soft: nothing goes, it
 * is stale from now on. dry: it is only counted. Rows go a few at a time, so
 * that a running server is not held up. */
struct inspect_purging {
	const char *url, *tag, *regex;
	bool all, soft, dry;
};
CHECKED int inspect_purge(const char *file,
    const struct inspect_purging *what, struct purged *purged,
    struct err *err);

#endif
