/* cache/stored.h - what a cache file has, one answer after another, for
 * programs that look at it from outside
 *
 * The file is opened read-only and may belong to a running livery: each answer
 * is read by itself, so that nothing is held up. What the server does in the
 * meantime is seen or not. Damaged rows are passed over. One thread. */
#ifndef CACHE_STORED_H
#define CACHE_STORED_H

#include <stdint.h>
#include "base/err.h"
#include "cache/object.h"

struct stored;

CHECKED int stored_open(struct stored **out, const char *file, struct err *err);
void stored_close(struct stored **stored);

/* The pages (kind page, status 200) of a site; NULL: of all. */
int64_t stored_count(struct stored *stored, const char *site);
/* The next of them, counted, or NULL past the last. *dressed (may be NULL) is
 * its dressed page with this version of a theme, counted, or NULL. */
struct object *stored_next(struct stored *stored, const char *site,
    const char *theme_version, struct object **dressed);
/* How many were passed over so far. */
int64_t stored_damaged(const struct stored *stored);
/* The answer of status 200 that was stored last for a URL, of any kind,
 * counted, or NULL. */
struct object *stored_find(struct stored *stored, const char *url);

/* The same, or a redirect: whichever was stored last. */
struct object *stored_answer(struct stored *stored, const char *url);

/* The theme that is live: its name, URL and version, until it is closed.
 * 0: none is, or it is not that name's; 1; more: so many, and one of them. name
 * NULL: of any name. */
int stored_theme(struct stored *stored, const char *name, const char **is,
    const char **url, const char **version);

#endif
