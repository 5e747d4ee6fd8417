/* http/cachecontrol.h - the Cache-Control field as numbers (RFC 9111 5.2,
 * RFC 5861, RFC 8246) */
#ifndef HTTP_CACHECONTROL_H
#define HTTP_CACHECONTROL_H

#include <stdbool.h>
#include <stdint.h>
#include "http/head.h"

enum cc_flag {
	CC_NO_STORE = 1 << 0,
	CC_NO_CACHE = 1 << 1,  /* unqualified, or qualified (taken as such) */
	CC_PRIVATE = 1 << 2,   /* likewise */
	CC_PUBLIC = 1 << 3,
	CC_MUST_REVALIDATE = 1 << 4,
	CC_PROXY_REVALIDATE = 1 << 5,
	CC_MUST_UNDERSTAND = 1 << 6,
	CC_NO_TRANSFORM = 1 << 7,
	CC_IMMUTABLE = 1 << 8,
	CC_ONLY_IF_CACHED = 1 << 9, /* requests */
	CC_MAX_STALE_ANY = 1 << 10, /* requests: max-stale without a number */
};

/* Seconds; -1: absent or not to be used. Numbers over 2^31 are 2^31; both
 * quoted and bare arguments are read; of duplicates the smallest counts (of
 * min-fresh the greatest); an argument that is no number makes max-age and
 * s-maxage 0 (stale). A quoted string that never ends means no-store.
 * Where white space stands for a comma, directives that forbid count. */
struct cachecontrol {
	unsigned flags;
	int64_t max_age, s_maxage;
	int64_t stale_while_revalidate, stale_if_error;
	int64_t max_stale, min_fresh; /* requests */
	bool present;
};

/* Read all fields called name ("Cache-Control") of head. */
void cachecontrol_read(struct cachecontrol *out, const struct head *head,
    const char *name);

/* In steps, for other fields of the same syntax: nothing said yet; one more
 * directive as list_next() gives it. A known one makes it present. */
void cachecontrol_init(struct cachecontrol *out);
void cachecontrol_add(struct cachecontrol *out, struct slice directive);

/* The same from values that were read already: the directive called name is
 * set (flag 1) or unset (0), or has this number; -1: it has none of that kind,
 * and a directive that wants it stays as it was. */
void cachecontrol_set(struct cachecontrol *out, struct slice name, int flag,
    int64_t number);
/* no-cache and private, which may name fields. */
bool cachecontrol_may_be_qualified(struct slice name);

enum { AGE_UNKNOWN = -2, AGE_NONE = -1 };

/* An Age field's seconds, of a list the first member (RFC 9111 5.1); AGE_NONE:
 * there is none. AGE_UNKNOWN: that is no number, or the list has it twice, or
 * there are several fields. */
int64_t cachecontrol_age(const struct head *head);

#endif
