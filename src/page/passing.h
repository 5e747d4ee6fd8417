/* page/passing.h - addresses whose answers only pass through
 *
 * Nothing was stored of one when somebody looked, and what the upstream
 * answered then was not kept. So for a while nobody looks again: who asks for
 * it goes straight to the upstream, and not by way of the crew and the cache
 * file. It is a hint and no more. What comes is judged as ever: kept if it may
 * be kept, which ends this, and dressed if it is to be. In memory only,
 * bounded; of two addresses that meet in one place the later is remembered. Any
 * thread, no lock. */
#ifndef PAGE_PASSING_H
#define PAGE_PASSING_H

#include <stdbool.h>
#include <stdint.h>
#include "cache/key.h"

enum {
	PASSING_MAX = 4096,
	/* Then one looks again: another process may have stored it. */
	PASSING_MS = 10 * 1000,
};

struct passing;
struct passing *passing_new(void);
void passing_free(struct passing **passing);

/* One who had looked in vain got what was not kept. now_ms: clock_mono_ms(). */
void passing_note(
    struct passing *passing, const struct key *key, uint64_t now_ms);
/* It was kept this time. */
void passing_forget(struct passing *passing, const struct key *key);
bool passing_is(
    struct passing *passing, const struct key *key, uint64_t now_ms);

#endif
