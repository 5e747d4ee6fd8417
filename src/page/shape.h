/* page/shape.h - how a request is built, apart from what it asks for
 *
 * An error that names no key may be the fault of the one request that got it:
 * a field too long, a character that the upstream refuses, a field that nobody
 * else sends. Kept, it would be everybody's. So errors are kept for requests of
 * the same shape: the same names of fields, the same of them odd (long, or with
 * bytes beside visible ASCII), and the same values of those that guards look at
 * (User-Agent and its kin). What does not go to the upstream, and the order, do
 * not count. */
#ifndef PAGE_SHAPE_H
#define PAGE_SHAPE_H

#include <stdint.h>
#include "base/arena.h"

struct request;
struct field;

/* A field of this length is odd. */
enum { SHAPE_LONG = 512 };

/* Begins as zeros; the order of fields does not count. */
struct shape {
	uint64_t sum[2];
};

/* A field that goes to the upstream, whoever asks (sent_is_dropped() with
 * `shared` and sent_is_listed() both say no). */
void shape_add(struct shape *shape, const struct field *field);
/* 32 hexadecimal digits, of the arena; the same in every process. */
const char *shape_text(const struct shape *shape, struct arena *arena);
/* All of that for a whole request. */
const char *shape_of(const struct request *request, struct arena *arena);

#endif
