/* page/validator.h - the ETag of a dressed page, and the way back
 *
 * A dressed page is made of the upstream's bytes by this version of theme and
 * rules, and of nothing else; so its ETag is the upstream's with that version
 * behind it: "x" becomes W/"x-VERSION", and W/"x" becomes W/"x~VERSION". What
 * more went into it (documents, the client's own fields) is told by a mark, a
 * sum of what came out. An upstream without an ETag leaves only the sum.
 *
 * They are weak: which bytes livery writes for a tree is a matter of its
 * release, and of the content coding that a client takes.
 *
 * A tag without a mark leads back: who has W/"x-VERSION" of the version that
 * is live has what the upstream calls "x", and when the upstream says that "x"
 * still holds, so does the dressed page. */
#ifndef PAGE_VALIDATOR_H
#define PAGE_VALIDATOR_H

#include "page/life.h"

/* The first 16 digits of a version and what its site wears, in the arena. */
const char *validator_version(
    struct arena *arena, const char *version, const char *wearing);

/* The tag for bytes made from what had `etag` (NULL: none, or none that is
 * one), or NULL. `mark` is "" or begins with "-". */
const char *validator_dressed(struct arena *arena, const char *etag,
    const char *version, const char *mark);
/* One of the bytes alone: W/"SUM". */
const char *validator_of_bytes(
    struct arena *arena, const char *bytes, size_t len);
/* "-SUM" */
const char *validator_mark(struct arena *arena, const char *bytes, size_t len);

/* If-None-Match as the upstream knows it: tags of that version lead back to
 * its own, others stay as they are. *mapped: how many lead back. */
const char *validator_asked(struct arena *arena, const char *if_none_match,
    const char *version, unsigned *mapped);

/* Whether a 304 speaks of what is stored (RFC 9111 4.3.4): it names no tag,
 * or that one. Servers that add their coding to a tag forget it in a 304 now
 * and then: "x" and "x-gzip" are one. */
bool validator_confirms(const char *stored, const char *said);

/* What a conditional question of a client's own becomes. On errand->fields,
 * which has what the client sent. Gives the version whose tags were led
 * back, in the errand's arena; NULL: none. */
const char *validator_ask(struct errand *errand, struct page *page);
/* The upstream's 304 as the client knows it. */
void validator_answer(const struct errand *errand, struct answer *answer,
    const char *version, const char *if_none_match);

/* Whether the client has what its reply is: then that is a 304 without bytes,
 * which keeps its len. */
bool validator_holds(struct page *page);

#endif
