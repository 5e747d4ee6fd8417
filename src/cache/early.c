/* cache/early.c - XFetch without a logarithm, and jitter
 *
 * The hit path asks at each hit, so nearly all are turned away by one
 * comparison; what is left draws from a generator of its own thread. */
#include "cache/early.h"

#include "base/clock.h"

enum {
	NOT_DRAWN = 0,
	WON,   /* somebody is to refresh it */
	TAKEN, /* and does */
	HUNDRED = 100,
	ONE = 1 << 16,	/* of the fractions below */
	LOG2_E = 94548, /* 1.442695 */
};
#define JITTER_FROM_MS ((int64_t)60 * 1000)

/* 2^-f for 0 <= f < 1, in parts of ONE: a parabola through both ends, good to
 * half a per cent. */
static uint32_t
half_power(uint32_t f)
{
	uint64_t square = ((uint64_t)f * f) >> 16;

	return (uint32_t)(ONE - ((uint64_t)f * 43010 >> 16) +
			  (square * 10242 >> 16));
}

static int64_t
scale_of(int64_t cost_ms, int64_t lifetime_ms, uint32_t beta)
{
	if (cost_ms > lifetime_ms / EARLY_PART)
		cost_ms = lifetime_ms / EARLY_PART;
	return cost_ms * beta / HUNDRED;
}

uint32_t
early_chance(
    int64_t ttl_ms, int64_t cost_ms, int64_t lifetime_ms, uint32_t beta)
{
	int64_t scale = scale_of(cost_ms, lifetime_ms, beta), x;
	uint64_t won;

	if (scale <= 0 || ttl_ms >= scale * EARLY_FROM)
		return 0;
	if (ttl_ms <= 0)
		return UINT32_MAX;
	x = ttl_ms * LOG2_E / scale;
	won = ((uint64_t)half_power((uint32_t)x % ONE) << 16) >> (x / ONE);
	return won < UINT32_MAX ? (uint32_t)won : UINT32_MAX;
}

static uint32_t
draw(void)
{
	static _Thread_local uint64_t state;

	if (state == 0)
		state = clock_mono_us() ^ (uint64_t)(uintptr_t)&state;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16);
}

static bool
is_drawn(struct object *object, int64_t ttl_ms, uint32_t beta)
{
	uint32_t chance = early_chance(
	    ttl_ms, object->cost_ms, object->fresh.lifetime_ms, beta);

	return chance > 0 && draw() < chance;
}

bool
early_wins(struct object *object, int64_t ttl_ms, uint32_t beta)
{
	unsigned none = NOT_DRAWN;

	/* Most objects are far from their end. */
	if (beta == 0 ||
	    ttl_ms >= (int64_t)object->cost_ms * EARLY_FROM * beta / HUNDRED)
		return false;
	return is_drawn(object, ttl_ms, beta) &&
	       atomic_compare_exchange_strong(&object->early, &none, WON);
}

bool
early_take(struct object *object, int64_t ttl_ms, uint32_t beta)
{
	unsigned won = WON;

	(void)early_wins(object, ttl_ms, beta);
	return atomic_compare_exchange_strong(&object->early, &won, TAKEN);
}

void
early_shorten(struct freshness *fresh, uint32_t percent, uint64_t chance)
{
	int64_t left = fresh->lifetime_ms - fresh->initial_age_ms;

	if (percent == 0 || left < JITTER_FROM_MS)
		return;
	fresh->lifetime_ms -=
	    (int64_t)(chance % ((uint64_t)left * percent / HUNDRED + 1));
}
