/* base/regex.h - PCRE2 patterns with a bound on what a match may cost */
#ifndef BASE_REGEX_H
#define BASE_REGEX_H

#include <stdbool.h>
#include "base/err.h"

struct regex;

/* Errors name the pattern, the place in it and what is wrong. */
CHECKED int regex_new(struct regex **out, const char *pattern,
    bool ignore_case, struct err *err);
/* The same for text that is UTF-8: "." is a character, not a byte. */
CHECKED int regex_new_utf8(struct regex **out, const char *pattern,
    bool ignore_case, struct err *err);
void regex_free(struct regex **regex);
/* Any thread. Past the match limit (100,000 steps) it counts as no match. */
bool regex_matches(const struct regex *regex, const char *text, size_t len);

/* Where a match and its groups lie; from == to == SIZE_MAX: not part of it. */
struct regex_span {
	size_t from, to;
};

/* The first match at or behind from. How many spans there are (the whole
 * match, then each group, at most max), 0: none, -1: past the match limit, or
 * text that is not the UTF-8 that it should be; with from > 0 the caller has
 * had that checked with 0. The match limit counts anew at each byte that a
 * match might begin at; so for patterns of regex_new_utf8() *steps (may be
 * NULL) bounds all of it: what was spent is taken off, at 0 it is -1. */
int regex_find(const struct regex *regex, const char *text, size_t len,
    size_t from, struct regex_span *spans, int max, size_t *steps);

/* Shell pattern over the whole text: '*' and '?' only; case ignored if told.
 * Linear in text times stars, no back-tracking blow-up. */
bool glob_matches(const char *pattern, const char *text, bool ignore_case);

#endif
