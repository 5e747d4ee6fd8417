/* fetch/probe.c - targets, when each is due, and what came of it
 *
 * A target is counted: once by the list, once by each probe in the air, which
 * may end after the list has gone. */
#include "fetch/probe.h"

#include <stdio.h>
#include <string.h>
#include <utlist.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/thread.h"

enum { KEEP_MAX = 64 << 10 }; /* of a probe's answer; more is not read */

struct target {
	struct target *next;
	_Atomic unsigned refs;
	struct upstream *upstream; /* counted */
	struct member *server;
	struct lock lock;
	/* shared: under lock */
	unsigned bad, good; /* in a row */
	bool in_air;
	/* the thread only */
	uint64_t due_ms; /* clock_mono_ms */
};

struct probe {
	struct target *target;
	int status; /* 0: no head came */
};

struct probes {
	struct fetch *fetch;
	struct thread thread;
	struct lock lock;
	struct cond cond;
	/* shared: under lock */
	struct target *targets;
	bool stops;
};

static void
target_unref(struct target *target)
{
	if (atomic_fetch_sub(&target->refs, 1) != 1)
		return;
	upstream_unref(&target->upstream);
	lock_fini(&target->lock);
	mem_free(&target);
}

static const struct upstream_opts *
opts_of(const struct target *target)
{
	return &target->upstream->opts;
}

/* ---- what came ---- */

/* A body that is longer than is kept is left alone: the status is there. */
static bool
is_good(const struct target *target, enum outcome outcome, int status)
{
	unsigned wanted = opts_of(target)->probe_status;

	if (outcome != FETCH_OK && outcome != FETCH_LEFT)
		return false;
	return wanted ? status == (int)wanted : status >= 100 && status < 400;
}

static void
turn(struct target *target, bool down, const char *why)
{
	struct member *server = target->server;

	if (atomic_exchange(&server->probed_down, down) == down)
		return;
	if (down)
		log_warn("upstream %s: server %s is down by its probe: %s",
		    opts_of(target)->name, server->place->opts.url, why);
	else
		log_info("upstream %s: server %s is up again",
		    opts_of(target)->name, server->place->opts.url);
	pool_look(
	    target->upstream->pool, down ? NULL : server, clock_mono_ms());
}

static void
count(struct target *target, bool good, const char *why)
{
	const struct upstream_opts *opts = opts_of(target);
	bool fell, rose;

	lock_take(&target->lock);
	target->in_air = false;
	target->bad = good ? 0 : target->bad + 1;
	target->good = good ? target->good + 1 : 0;
	fell = target->bad >= opts->probe_fall;
	rose = target->good >= opts->probe_rise;
	lock_drop(&target->lock);
	if (fell || rose)
		turn(target, fell, why);
}

static enum plan
on_head(struct errand *errand, struct answer *answer)
{
	struct probe *probe = errand->arg;

	probe->status = answer->status;
	return PLAN_GATHER;
}

/* It was not asked: that says nothing of it. */
static bool
is_ours(enum outcome outcome)
{
	return outcome == FETCH_STOPPED || outcome == FETCH_TOO_MANY ||
	       outcome == FETCH_NO_SLOT || outcome == FETCH_NO_SERVER;
}

static void
forget(struct target *target)
{
	lock_take(&target->lock);
	target->in_air = false;
	lock_drop(&target->lock);
}

static void
on_end(struct errand *errand, struct answer *answer)
{
	struct probe *probe = errand->arg;
	char why[64];

	if (is_ours(answer->outcome) && !probe->status) {
		forget(probe->target);
		return;
	}
	snprintf(why, sizeof(why), "status %d", probe->status);
	count(probe->target,
	    is_good(probe->target, answer->outcome, probe->status),
	    probe->status ? why : answer->reason);
}

static void
on_free(struct errand *errand)
{
	struct probe *probe = errand->arg;

	target_unref(probe->target);
}

/* ---- asking ---- */

/* The name that the upstream is always asked by, if there is one. */
static const char *
host_of(const struct target *target)
{
	const char *host = opts_of(target)->host;

	if (!host || strcmp(host, "client") == 0 ||
	    strcmp(host, "upstream") == 0)
		return NULL;
	return host;
}

static void
ask(struct probes *probes, struct target *target)
{
	struct errand *errand = errand_new();
	struct probe *probe = arena_get(errand->arena, sizeof(*probe));
	const struct upstream *place = target->server->place;

	atomic_fetch_add(&target->refs, 1);
	probe->target = target;
	errand->target = arena_printf(
	    errand->arena, "%s%s", place->prefix, opts_of(target)->probe);
	errand->upstream = upstream_ref(target->server->place);
	errand->host = host_of(target);
	/* Past the queue and what is known of a single server. */
	errand->ask.own = errand->ask.probes = true;
	errand->patience_ms = opts_of(target)->probe_ms;
	errand->outlives = true;
	errand->keep_max = KEEP_MAX;
	errand->on_head = on_head;
	errand->on_end = on_end;
	errand->on_free = on_free;
	errand->arg = probe;
	fetch_ask(probes->fetch, &errand, NULL);
}

/* False: it is not due, or the last one is still in the air. */
static bool
take_due(struct target *target, uint64_t now_ms)
{
	bool due = now_ms >= target->due_ms;

	if (!due)
		return false;
	target->due_ms = now_ms + opts_of(target)->probe_interval_ms;
	lock_take(&target->lock);
	due = !target->in_air;
	target->in_air = true;
	lock_drop(&target->lock);
	return due;
}

/* The next that is due, with the lock; *wait_ms: until then otherwise. */
static struct target *
next_due(struct probes *probes, uint64_t *wait_ms)
{
	uint64_t now = clock_mono_us() / 1000;
	struct target *target;

	*wait_ms = UINT64_MAX;
	LL_FOREACH(probes->targets, target)
	{
		if (take_due(target, now))
			return target;
		if (target->due_ms - now < *wait_ms)
			*wait_ms = target->due_ms - now;
	}
	return NULL;
}

static void
run(void *arg)
{
	struct probes *probes = arg;
	struct target *target;
	uint64_t wait_ms;

	lock_take(&probes->lock);
	while (!probes->stops) {
		target = next_due(probes, &wait_ms);
		if (!target) {
			(void)cond_wait(&probes->cond, &probes->lock, wait_ms);
			continue;
		}
		atomic_fetch_add(&target->refs, 1);
		lock_drop(&probes->lock);
		ask(probes, target);
		target_unref(target);
		lock_take(&probes->lock);
	}
	lock_drop(&probes->lock);
}

/* ---- life ---- */

static struct target *
target_new(struct upstream *upstream, struct member *server, unsigned at)
{
	struct target *target = mem_new(sizeof(*target));

	atomic_init(&target->refs, 1);
	lock_init(&target->lock);
	target->upstream = upstream_ref(upstream);
	target->server = server;
	/* The first at once, the others spread over one interval. */
	target->due_ms = clock_mono_us() / 1000 +
			 (uint64_t)upstream->opts.probe_interval_ms * at /
			     pool_count(upstream->pool);
	return target;
}

static struct target *
targets_of(struct upstream *const *upstreams, unsigned count)
{
	struct target *targets = NULL, *target;

	for (unsigned i = 0; i < count; i++) {
		struct pool *pool = upstreams[i]->pool;

		for (unsigned at = 0;
		     upstreams[i]->opts.probe && at < pool_count(pool); at++) {
			target =
			    target_new(upstreams[i], pool_member(pool, at), at);
			LL_PREPEND(targets, target);
		}
	}
	return targets;
}

static void
free_targets(struct target *targets)
{
	struct target *target, *next;

	LL_FOREACH_SAFE(targets, target, next)
	target_unref(target);
}

void
probes_set(
    struct probes *probes, struct upstream *const *upstreams, unsigned count)
{
	struct target *targets = targets_of(upstreams, count), *old;

	lock_take(&probes->lock);
	old = probes->targets;
	probes->targets = targets;
	cond_signal(&probes->cond);
	lock_drop(&probes->lock);
	free_targets(old);
}

int
probes_start(struct probes **out, struct fetch *fetch, struct err *err)
{
	struct probes *probes = mem_new(sizeof(*probes));

	probes->fetch = fetch;
	lock_init(&probes->lock);
	cond_init(&probes->cond);
	if (thread_start(&probes->thread, "probes", run, probes, err) != 0) {
		probes_stop(&probes);
		return -1;
	}
	*out = probes;
	return 0;
}

void
probes_stop(struct probes **probes)
{
	struct probes *gone = *probes;

	if (!gone)
		return;
	lock_take(&gone->lock);
	gone->stops = true;
	cond_signal(&gone->cond);
	lock_drop(&gone->lock);
	thread_join(&gone->thread);
	free_targets(gone->targets);
	cond_fini(&gone->cond);
	lock_fini(&gone->lock);
	mem_free(probes);
}
