/* http/etag.h - entity tags of a body that we compressed (RFC 9110 8.8.3)
 *
 * Bytes that differ need strong tags that differ: of "abc" it is "abc-gzip" in
 * gzip. A weak tag says nothing of bytes and stays. */
#ifndef HTTP_ETAG_H
#define HTTP_ETAG_H

#include <stdbool.h>
#include "base/arena.h"
#include "http/pack.h"

/* Read one tag at *at, quotes and all but without its W/, and go behind it.
 * False: none stands there. */
bool etag_read(const char **at, struct slice *tag);

/* The tag for that coding, in the arena; etag itself where it is weak, or no
 * tag at all, or the coding is identity. */
const char *etag_packed(
    const char *etag, enum packing packing, struct arena *arena);

/* Is theirs what ours, a strong one, is called in a coding? Both as etag_read()
 * gives them. *as, on true only: which. */
bool etag_is_packed(struct slice ours, struct slice theirs, enum packing *as);

/* The value of an If-Match or If-None-Match, for who knows nothing of our tags:
 * behind each that may be one of ours stands the one that it would be made of.
 * The value itself where there is none, or where it is not understood. */
const char *etag_widen(const char *list, struct arena *arena);

#endif
