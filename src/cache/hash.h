/* cache/hash.h - hashes of keys and rows (xxHash stays behind this) */
#ifndef CACHE_HASH_H
#define CACHE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include "base/must.h"

/* For tables in memory: seeded once a process with what nobody outside
 * knows, so that no one can choose keys that collide. */
uint64_t hash_seeded(const void *bytes, size_t len);

enum { SUM_LEN = 16 };

/* 128 bits over several pieces, each with its length, so that "ab" + "c" is
 * not "a" + "bc". The same in every process: it is kept in the file. */
struct sum {
	unsigned char bytes[SUM_LEN];
};
struct summing;
struct summing *summing_new(void);
void summing_free(struct summing **summing);
void summing_add(struct summing *summing, const void *bytes, size_t len);
/* NULL is told apart from "". */
void summing_text(struct summing *summing, const char *text);
void summing_number(struct summing *summing, int64_t number);
/* The sum of all that was added; ready for the next one then. */
struct sum summing_end(struct summing *summing);

void sum_hex(char out[2 * SUM_LEN + 1], const struct sum *sum);
struct sum sum_of(const void *bytes, size_t len);

#endif
