/* page/failing.h - addresses that keep failing while their upstream is well
 *
 * Who has a stale copy is not made to wait for one of these again and again:
 * it is served at once, and one request per back-off tries behind it. A good
 * answer ends that. In memory only, bounded; of two addresses that meet in one
 * place the later is remembered. Any thread, no lock. */
#ifndef PAGE_FAILING_H
#define PAGE_FAILING_H

#include <stdbool.h>
#include <stdint.h>
#include "cache/key.h"

enum { FAILING_MAX = 4096 };

struct failing;
struct failing *failing_new(void);
void failing_free(struct failing **failing);

/* It failed: from now on for first_ms, then twice that, up to most_ms. Reports
 * within one back-off count once. Times are clock_mono_ms(). */
void failing_note(struct failing *failing, const struct key *key,
    uint32_t first_ms, uint32_t most_ms, uint64_t now_ms);
void failing_forget(struct failing *failing, const struct key *key);

bool failing_is(struct failing *failing, const struct key *key);
/* True for one caller per back-off, and always where nothing fails. */
bool failing_may_try(
    struct failing *failing, const struct key *key, uint64_t now_ms);

#endif
