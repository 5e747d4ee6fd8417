/* cache/meaning.h - the words of a purge, and what they mean
 *
 * A purge is a kind and a key, both text, so that it can stand in the cache
 * file and be read by another process:
 *
 *   key    the key of one answer, all its variants, and its parts
 *   url    a whole URL
 *   path   "SITE TARGET": path and query on every host; SITE may be empty
 *   at     "HOST TARGET": the same on one host, whatever its scheme and port
 *   tag    one tag
 *   tags   any of some, parted by spaces; in the file each is a `tag`
 *   all    SITE, or nothing: every site
 *   match  lines "NAME VALUE": site NAME, and patterns (PCRE2) that are looked
 *          for in host, url (path and query), type (Content-Type) and tags
 *          (parted by commas). All lines must hold
 *
 * path and at mean a target with and without the last slash of its path. Themes
 * and assets go by key only: the last good one stays until a fetch has replaced
 * it. A meaning is immutable once made; any thread. */
#ifndef CACHE_MEANING_H
#define CACHE_MEANING_H

#include "base/err.h"
#include "cache/object.h"

enum {
	MEANING_KEY_MAX = 32 << 10, /* bytes of a purge's key */
};

/* What came of a purge. */
struct purged {
	unsigned count; /* answers that it meant */
	bool more;      /* counting took too long: at least so many */
};

/* What is asked of an answer. Texts borrowed; none is NULL but tags: then its
 * head is not there yet, and what goes by tags or type counts as meaning it. */
struct purgeable {
	const char *key, *site, *url, *tags;
	const char *type; /* Content-Type, or "" */
	size_t type_len;
	bool is_lasting;
};

struct meaning;

/* Give it. -1: no such kind, or a pattern that is none, or a key that is too
 * long. */
CHECKED int meaning_new(struct meaning **out, const char *kind,
    const char *key, struct err *err);
/* As people say it: what carries that tag; where that pattern is found in path
 * and query; without either everything. */
CHECKED int meaning_of(struct meaning **out, const char *tag,
    const char *pattern, struct err *err);
/* That path, with its query, on every host of every site. */
CHECKED int meaning_of_path(struct meaning **out, const char *path,
    struct err *err);
struct meaning *meaning_ref(struct meaning *meaning);
void meaning_unref(struct meaning **meaning);
const char *meaning_kind(const struct meaning *meaning);
const char *meaning_key(const struct meaning *meaning);

/* A pattern that costs too much to look for counts as found: what is thrown
 * out in vain is asked for again, and what stays in vain is wrong. */
bool meaning_holds(const struct meaning *meaning,
    const struct purgeable *what);
bool meaning_holds_object(const struct meaning *meaning,
    const struct object *object);

/* ---- parts of it, for who finds rows by them (all borrowed) ---- */

/* kind path: the SITE ("" : all); at: the HOST; all and match: the site. */
const char *meaning_where(const struct meaning *meaning);
/* kind path and at; url: the target of it. key: the key. */
const char *meaning_target(const struct meaning *meaning);
/* The same with, or without, its last slash; itself if it has no twin. key:
 * the key of its parts. */
const char *meaning_twin(const struct meaning *meaning);

#endif
