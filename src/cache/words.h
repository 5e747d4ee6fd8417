/* cache/words.h - what `livery cache why` says of one stored answer, and of
 * one that was not stored
 *
 * Sentences for somebody who is woken by a telephone: what is, until when, and
 * which field or setting says so. Facts and the clock go in, lines come out. */
#ifndef CACHE_WORDS_H
#define CACHE_WORDS_H

#include <stdio.h>
#include "cache/policy.h"

/* By which field the lifetime is what it is: "Cache-Control: s-maxage=300",
 * "a tenth of the time since Last-Modified", ... Into room; gives it. */
enum { WORDS_MAX = 160 };
const char *words_lifetime(char room[WORDS_MAX], const struct object *object);

/* The request fields that chose it: "accept-language: de; cookie: not sent".
 * Nothing for one that does not vary. */
void words_variant(FILE *out, const struct object *object);

/* Lines "fresh"/"stale", "next" and "if down". */
void words_state(FILE *out, const struct object *object,
    const struct policy_opts *opts, int64_t now_ms);

/* What an answer said of itself: the fields that the policy reads. */
void words_said(FILE *out, const struct object *object);

/* What policy_storing.why and its like mean ("cookie NAME" too); NULL: no
 * more than they say. */
const char *words_unstored(const char *why);

#endif
