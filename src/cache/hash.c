/* cache/hash.c - XXH3, 64 bits for tables and 128 for what is kept */
#include "cache/hash.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint64_t seed;

static void
choose_seed(void)
{
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(seed))
		seed = (uint64_t)time(NULL) * 0x9e3779b97f4a7c15u ^
		    (uint64_t)getpid();
}

uint64_t
hash_seeded(const void *bytes, size_t len)
{
	pthread_once(&once, choose_seed);
	return XXH3_64bits_withSeed(bytes, len, seed);
}

/* A struct summing is xxHash's own state: it wants an alignment that only
 * its own maker gives. */
static XXH3_state_t *
state_of(struct summing *summing)
{
	return (void *)summing;
}

struct summing *
summing_new(void)
{
	XXH3_state_t *state = XXH3_createState();

	must(state);
	must(XXH3_128bits_reset(state) == XXH_OK);
	return (void *)state;
}

void
summing_free(struct summing **summing)
{
	if (*summing)
		XXH3_freeState(state_of(*summing));
	*summing = NULL;
}

void
summing_add(struct summing *summing, const void *bytes, size_t len)
{
	summing_number(summing, (int64_t)len);
	if (len)
		XXH3_128bits_update(state_of(summing), bytes, len);
}

void
summing_text(struct summing *summing, const char *text)
{
	summing_number(summing, text != NULL);
	summing_add(summing, text, text ? strlen(text) : 0);
}

void
summing_number(struct summing *summing, int64_t number)
{
	XXH3_128bits_update(state_of(summing), &number, sizeof(number));
}

static struct sum
written(XXH128_hash_t hash)
{
	XXH128_canonical_t canonical;
	struct sum sum;

	XXH128_canonicalFromHash(&canonical, hash);
	memcpy(sum.bytes, canonical.digest, sizeof(sum.bytes));
	return sum;
}

struct sum
summing_end(struct summing *summing)
{
	struct sum sum = written(XXH3_128bits_digest(state_of(summing)));

	must(XXH3_128bits_reset(state_of(summing)) == XXH_OK);
	return sum;
}

void
sum_hex(char out[2 * SUM_LEN + 1], const struct sum *sum)
{
	for (int i = 0; i < SUM_LEN; i++)
		snprintf(out + 2 * i, 3, "%02X", sum->bytes[i]);
}

struct sum
sum_of(const void *bytes, size_t len)
{
	return written(XXH3_128bits(len ? bytes : "", len));
}
