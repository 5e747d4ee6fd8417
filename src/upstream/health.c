/* upstream/health.c - failures in a row, and a back-off that doubles
 *
 * Failing begins with failures_max failures in a row (at once when nothing
 * listens there) and ends with the first good answer. While it lasts one
 * request may be sent per back-off. Only that one's failure doubles the
 * back-off: the thousand that were in the air when the upstream died say
 * nothing new. */
#include "upstream/health.h"

#include <stdatomic.h>

#include "base/lock.h"
#include "base/mem.h"

struct upstream_health {
	uint32_t back_off_min_ms, back_off_max_ms, failures_max;
	uint32_t in_flight_max;
	_Atomic unsigned in_flight;
	_Atomic bool is_failing; /* written under lock, read without */
	_Atomic uint64_t well_ms; /* likewise: its last good answer */
	struct lock lock;
	/* shared: all below, under lock */
	uint32_t failures;
	uint32_t back_off_ms;
	uint64_t try_at_ms;
	bool tries; /* somebody was let through and has not reported yet */
};

struct upstream_health *
health_new(const struct upstream_opts *opts)
{
	struct upstream_health *health = mem_new(sizeof(*health));

	lock_init(&health->lock);
	health->back_off_min_ms = opts->back_off_min_ms;
	health->back_off_max_ms = opts->back_off_max_ms;
	health->failures_max = opts->failures_max;
	health->in_flight_max = opts->misses_max;
	return health;
}

void
health_free(struct upstream_health **health)
{
	if (!*health)
		return;
	lock_fini(&(*health)->lock);
	mem_free(health);
}

static void
recover(struct upstream_health *health)
{
	health->failures = 0;
	health->back_off_ms = 0;
	health->tries = false;
	atomic_store(&health->is_failing, false);
}

static void
back_off(struct upstream_health *health, uint64_t now_ms)
{
	uint64_t next = (uint64_t)health->back_off_ms * 2;

	if (next < health->back_off_min_ms)
		next = health->back_off_min_ms;
	if (next > health->back_off_max_ms)
		next = health->back_off_max_ms;
	health->back_off_ms = (uint32_t)next;
	health->try_at_ms = now_ms + next;
	health->tries = false;
	atomic_store(&health->is_failing, true);
}

static void
fail(struct upstream_health *health, bool is_down, uint64_t now_ms)
{
	if (atomic_load(&health->is_failing)) {
		if (health->tries)
			back_off(health, now_ms);
		return;
	}
	health->failures =
	    is_down ? health->failures_max : health->failures + 1;
	if (health->failures >= health->failures_max)
		back_off(health, now_ms);
}

void
upstream_report(
    struct upstream *upstream, enum outcome_kind how, uint64_t now_ms)
{
	struct upstream_health *health = upstream->health;

	lock_take(&health->lock);
	if (how == OUTCOME_OK) {
		recover(health);
		atomic_store(&health->well_ms, now_ms);
	}
	if (how != OUTCOME_OK)
		fail(health, how == OUTCOME_DOWN || how == OUTCOME_LATE,
		    now_ms);
	lock_drop(&health->lock);
}

bool
upstream_is_failing(const struct upstream *upstream, uint64_t now_ms)
{
	(void)now_ms;
	return atomic_load(&upstream->health->is_failing);
}

bool
upstream_answered_since(const struct upstream *upstream, uint64_t since_ms)
{
	uint64_t well_ms = atomic_load(&upstream->health->well_ms);

	return well_ms != 0 && well_ms >= since_ms;
}

bool
upstream_may_try(struct upstream *upstream, uint64_t now_ms)
{
	struct upstream_health *health = upstream->health;
	bool may;

	if (!atomic_load(&health->is_failing))
		return true;
	lock_take(&health->lock);
	may = !atomic_load(&health->is_failing);
	if (!may && now_ms >= health->try_at_ms) {
		/* Should it never report, another may in a while. */
		health->try_at_ms = now_ms + health->back_off_ms;
		health->tries = true;
		may = true;
	}
	lock_drop(&health->lock);
	return may;
}

bool
upstream_enter(struct upstream *upstream)
{
	struct upstream_health *health = upstream->health;

	if (atomic_fetch_add(&health->in_flight, 1) < health->in_flight_max)
		return true;
	atomic_fetch_sub(&health->in_flight, 1);
	return false;
}

void
upstream_leave(struct upstream *upstream)
{
	must(atomic_fetch_sub(&upstream->health->in_flight, 1) > 0);
}

unsigned
upstream_in_flight(const struct upstream *upstream)
{
	return atomic_load(&upstream->health->in_flight);
}
