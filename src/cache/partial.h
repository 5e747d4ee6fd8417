/* cache/partial.h - parts of an answer: what they say of themselves, which of
 * them go together, and what may be served from them (RFC 9110 14, 15.3.7, RFC
 * 9111 3.3, 3.4)
 *
 * What is stored of an answer in parts is one object of kind range: status 206,
 * its body the parts one behind the other, and its Content-Range the list of
 * where each of them stands: "bytes 0-499,1000-1499/2000". The parts are in
 * order, and two that touch are one. With one part the list is what HTTP
 * writes; with several it is nobody's but this file's.
 *
 * Pure: no clock, no store. Nothing here is ever served as a 200 but what
 * partial_whole() made. */
#ifndef CACHE_PARTIAL_H
#define CACHE_PARTIAL_H

#include <stdbool.h>
#include <stdint.h>
#include "cache/object.h"
#include "cache/policy.h"

enum {
	/* Parts of one answer; with one more, the smallest goes. */
	PARTIAL_PARTS_MAX = 32,
	/* Taking one more part in copies those that are there. Past so many
	 * bytes of them a part is only taken in while it is more than this
	 * fraction of them, or makes the answer whole. */
	PARTIAL_SMALL = 256 << 10,
	PARTIAL_FRACTION = 16,
	/* A Range field with more is not looked at, nor sent on. */
	PARTIAL_FIELD_MAX = 512,
	PARTIAL_ASKED_MAX = 16,
};

/* ---- what a client asks for ---- */

enum asked_form {
	ASKED_ELSE,   /* several ranges, another unit, or no range at all */
	ASKED_SPAN,   /* first-last, or first- (last is UINT64_MAX) */
	ASKED_SUFFIX, /* the last `first` bytes */
};
struct asked {
	enum asked_form form;
	uint64_t first, last;
};
struct asked partial_asked(const char *range);
/* Is the field longer, or are there more ranges in it, than is looked at? */
bool partial_asks_too_much(const char *range);

/* Bytes first to last, both meant. */
struct span {
	uint64_t first, last;
};
enum satisfied {
	SPAN_NONE,   /* nothing of it is there: 416 */
	SPAN_IS,     /* *span says which bytes are meant */
	SPAN_UNSURE, /* that cannot be told without the length */
};
#define PARTIAL_UNKNOWN UINT64_MAX /* a length: "*" */
/* Which bytes of an answer of that length. asked.form is not ASKED_ELSE. */
enum satisfied partial_resolve(struct asked asked, uint64_t len,
    struct span *span);

/* ---- what an answer says ---- */

struct parts {
	unsigned count;
	struct span span[PARTIAL_PARTS_MAX];
	uint64_t len; /* of the whole; PARTIAL_UNKNOWN */
};
/* Read the list. False: not one, empty, out of order, touching, past the
 * length, or of too many. Nothing else may stand before, in or after it. */
bool partial_read(struct parts *parts, const char *content_range);

/* Is this 206 one part, said rightly, and of what was asked? length: of the
 * body as announced, -1 unknown. A sender may stop short of what was asked
 * (RFC 9110 15.3.7) but begins where it should. */
bool partial_is_answer(const struct head *head, int64_t length,
    struct asked asked);

/* The validator by which two answers are parts of the same: a strong ETag, or
 * where there is none at all a Last-Modified that is at least a second older
 * than Date (RFC 9110 8.8.2.2). NULL: none. Borrowed. */
const char *partial_validator(const struct head *head);
/* Do both have one, and the same? */
bool partial_is_same(const struct head *a, const struct head *b);

/* Does a client's If-Range hold (RFC 9110 13.1.5)? NULL: it sent none. */
bool partial_if_range(const struct head *head, const char *if_range);

/* ---- stored ones ---- */

/* The list of an object of kind range. False: it is not what its body has, so
 * it is of no use. */
bool partial_of(struct parts *parts, const struct object *object);
/* Are these bytes in it? */
bool partial_has(const struct parts *parts, struct span span);

/* Give the object that a 206 answers this span with, or (SPAN_NONE) a 416.
 * It shares the stored one's bytes. NULL: they are not in it. */
struct object *partial_cut(const struct object *stored,
    const struct parts *parts, enum satisfied how, struct span span);

/* Give what `fresh` (one new part, an object of kind range) makes of `stored`
 * (or NULL): both in one where they have the same validator, with the fields of
 * the newer one (RFC 9111 3.4), its times and its freshness; else fresh alone,
 * or NULL when what is stored is better left as it is: the part is too small
 * for what taking it in costs. Of bytes in both the newer count. No more than
 * max bytes: then fresh alone. facts: of the answer that fresh is of. */
struct object *partial_combine(const struct object *stored,
    struct object *fresh, uint64_t max, const struct policy_answer *facts,
    const struct policy_opts *opts);

/* Give the whole answer, kind page under this key and status 200, where all of
 * it is there; NULL: it is not. */
struct object *partial_whole(const struct object *object,
    const struct key *key);

/* A 206 came of what is stored whole: give that with the fields of the newer
 * (RFC 9111 3.4). NULL: they have not the same validator, or the length is
 * another. */
struct object *partial_freshen(const struct object *whole,
    const struct policy_answer *facts, const struct policy_opts *opts);

#endif
