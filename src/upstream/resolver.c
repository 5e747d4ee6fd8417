/* upstream/resolver.c - what is known of each name, and who waits to know
 *
 * Three kinds of threads meet here, under one lock: those who ask (engines),
 * a few detached ones that ask the system and may hang there, and the keeper,
 * which tells those who waited too long and reports problems. The state is
 * counted, so that a thread that comes back from a hang after resolver_free()
 * finds it, sees that it is closed, and goes.
 *
 * A thread that is overdue does not count against `threads` any more: four
 * dead names must not take every other name with them. THREADS_MAX bounds
 * what a dead DNS can pile up. Back-offs run on clock_mono_ms(), the time that
 * somebody waits on real time. */
#include "upstream/resolver.h"

#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/lock.h"
#include "base/mem.h"
#include "base/report.h"
#include "base/thread.h"
#include "upstream/lookup.h"
#include "upstream/names.h"

enum {
	THREADS_MAX = 32,
	RETRY_SHARE = 30, /* of again_ms: between two look-ups of one name */
	REPORT_EVERY_MS = 60000, /* the same good address */
};

struct core {
	struct resolver_opts opts;
	struct lock lock;
	/* shared: all below, under lock */
	unsigned refs;
	bool closed;
	struct cond work;    /* there is a name to ask, or it is closed */
	struct cond changed; /* for the keeper */
	struct names names;
	unsigned threads; /* all of them ... */
	unsigned idle;	  /* ... that wait for work ... */
	unsigned lost;	  /* ... and that are overdue */
};

struct resolver {
	struct core *core;
	struct thread keeper;
};

void
resolver_opts_default(struct resolver_opts *opts)
{
	memset(opts, 0, sizeof(*opts));
	opts->threads = 4;
	opts->timeout_ms = 2000;
	opts->again_ms = 30000;
}

static uint64_t
real_ms(void)
{
	return clock_mono_us() / 1000;
}

static uint64_t
retry_at(const struct core *core, uint64_t now_ms)
{
	return now_ms + core->opts.again_ms / RETRY_SHARE;
}

/* ---- the state; all under lock ---- */

static void
core_unref(struct core *core)
{
	must(lock_is_mine(&core->lock));
	if (--core->refs > 0) {
		lock_drop(&core->lock);
		return;
	}
	names_fini(&core->names);
	lock_drop(&core->lock);
	cond_fini(&core->work);
	cond_fini(&core->changed);
	lock_fini(&core->lock);
	mem_free(&core);
}

static void
looked_up(
    struct core *core, struct name *name, int rc, const struct addresses *found)
{
	uint64_t now = clock_mono_ms();

	if (name->overdue)
		core->lost--;
	if (rc == 0 && found->count > 0) {
		name_take(name, found);
		name->fresh_until_ms = now + core->opts.again_ms;
	} else {
		name->failing = true;
		if (!name->overdue) {
			counter_up(COUNT_DNS_FAILED);
			name->problem = true;
			name->was_late = false;
		}
	}
	name->retry_at_ms = retry_at(core, now);
	name->asked = name->runs = name->overdue = false;
	name_tell(name);
	cond_signal(&core->changed);
}

/* ---- the threads that ask the system ---- */

static struct name *
next_to_ask(struct core *core)
{
	struct name *name, *oldest = NULL;

	for (name = core->names.table; name; name = name->hh.next)
		if (name->asked && !name->runs &&
		    (!oldest || name->late_at_ms < oldest->late_at_ms))
			oldest = name;
	return oldest;
}

static void
ask_one(struct core *core, struct name *name)
{
	struct addresses found = {0};
	char host[NAME_LEN_MAX + 1];
	int rc;

	strcpy(host, name->host);
	name->runs = true;
	counter_up(COUNT_DNS_LOOKUPS);
	lock_drop(&core->lock);
	rc = core->opts.lookup(host, &found);
	lock_take(&core->lock);
	/* A name that is asked for is not forgotten: it is still there. */
	if (!core->closed)
		looked_up(core, names_find(&core->names, host), rc, &found);
}

static bool
too_many(const struct core *core)
{
	return core->threads - core->lost > core->opts.threads;
}

static void
ask_all(void *arg)
{
	struct core *core = arg;
	struct name *name;

	lock_take(&core->lock);
	while (!core->closed && !too_many(core)) {
		name = next_to_ask(core);
		if (name) {
			ask_one(core, name);
			continue;
		}
		core->idle++;
		cond_wait(&core->work, &core->lock, UINT64_MAX);
		core->idle--;
	}
	core->threads--;
	core_unref(core);
}

/* Without a thread the name is overdue in time_ms, and so is answered. */
static void
start_thread(struct core *core)
{
	struct thread thread = {0};

	core->refs++;
	core->threads++;
	if (thread_start(&thread, "resolver", ask_all, core, NULL) == 0) {
		pthread_detach(thread.id);
		return;
	}
	core->refs--;
	core->threads--;
}

static void
want_thread(struct core *core)
{
	if (core->idle > 0)
		cond_signal(&core->work);
	else if (core->threads - core->lost < core->opts.threads &&
		 core->threads < THREADS_MAX)
		start_thread(core);
}

static void
start_lookup(struct core *core, struct name *name)
{
	name->asked = true;
	name->runs = name->overdue = false;
	name->late_at_ms = real_ms() + core->opts.timeout_ms;
	want_thread(core);
	cond_signal(&core->changed);
}

/* ---- the keeper ---- */

/* One that still stood in line is taken out: it would only find the next
 * thread a hang, before names that somebody waits for. */
static void
pass_deadline(struct core *core, struct name *name)
{
	if (name->runs) {
		name->overdue = true;
		core->lost++;
		if (next_to_ask(core))
			want_thread(core);
	} else {
		name->asked = false;
		name->failing = true;
		name->retry_at_ms = retry_at(core, clock_mono_ms());
	}
	counter_up(COUNT_DNS_FAILED);
	name->problem = name->was_late = true;
	name_tell(name);
}

/* Give one that has a problem to report; *next_ms is when to look again. */
static struct name *
look_around(struct core *core, uint64_t *next_ms)
{
	struct name *name, *problem = NULL;
	uint64_t now = real_ms();

	*next_ms = UINT64_MAX;
	for (name = core->names.table; name; name = name->hh.next) {
		if (name->asked && !name->overdue && now >= name->late_at_ms)
			pass_deadline(core, name);
		if (name->asked && !name->overdue &&
		    name->late_at_ms < *next_ms)
			*next_ms = name->late_at_ms;
		if (name->problem)
			problem = name;
	}
	return problem;
}

static void
report(struct core *core, struct name *name)
{
	char host[NAME_LEN_MAX + 1];
	bool kept = name->good.count > 0, was_late = name->was_late;

	strcpy(host, name->host);
	name->problem = false;
	lock_drop(&core->lock);
	report_problem("dns", host,
	    was_late ? "no answer in time" : "no address for this name",
	    kept ? "its last good addresses are used" : "nothing");
	lock_take(&core->lock);
}

static void
keep_time(void *arg)
{
	struct core *core = arg;
	struct name *problem;
	uint64_t next, now;

	lock_take(&core->lock);
	while (!core->closed) {
		problem = look_around(core, &next);
		if (problem) {
			report(core, problem);
			continue;
		}
		now = real_ms();
		if (next != UINT64_MAX)
			next = next > now ? next - now : 1;
		cond_wait(&core->changed, &core->lock, next);
	}
	lock_drop(&core->lock);
}

/* ---- a resolver ---- */

int
resolver_new(
    struct resolver **out, const struct resolver_opts *opts, struct err *err)
{
	struct resolver *resolver = mem_new(sizeof(*resolver));
	struct core *core = mem_new(sizeof(*core));

	core->opts = *opts;
	if (core->opts.threads == 0)
		core->opts.threads = 1;
	if (!core->opts.lookup)
		core->opts.lookup = lookup_system;
	core->refs = 1;
	lock_init(&core->lock);
	cond_init(&core->work);
	cond_init(&core->changed);
	resolver->core = core;
	if (thread_start(
		&resolver->keeper, "dns-keeper", keep_time, core, err) != 0) {
		resolver_free(&resolver);
		return -1;
	}
	*out = resolver;
	return 0;
}

void
resolver_free(struct resolver **resolver)
{
	struct core *core;
	struct name *name;

	if (!*resolver)
		return;
	core = (*resolver)->core;
	lock_take(&core->lock);
	core->closed = true;
	for (name = core->names.table; name; name = name->hh.next)
		must(!name->waits);
	cond_broadcast(&core->work);
	cond_broadcast(&core->changed);
	lock_drop(&core->lock);
	thread_join(&(*resolver)->keeper);
	lock_take(&core->lock);
	core_unref(core);
	mem_free(resolver);
}

/* ---- asking ---- */

static enum resolved
give(const struct name *name, struct addresses *out)
{
	name_give(name, out, clock_mono_ms());
	out->kept = name->failing || name->overdue || name->seeded;
	if (out->kept)
		counter_up(COUNT_DNS_KEPT);
	return RESOLVED;
}

static enum resolved
wait_for(struct name *name, struct resolver_wait *wait)
{
	if (wait) {
		wait->waits = true;
		wait->next = name->waits;
		name->waits = wait;
	}
	return RESOLVING;
}

static enum resolved
find(struct core *core, const char *host, struct addresses *out,
    struct resolver_wait *wait)
{
	struct name *name = names_get(&core->names, host);
	uint64_t now = clock_mono_ms();
	bool in_time;

	if (!name)
		return UNRESOLVABLE;
	if (name->good.count && !name->doubted && now < name->fresh_until_ms)
		return give(name, out);
	if (!name->asked && now >= name->retry_at_ms)
		start_lookup(core, name);
	in_time = name->asked && !name->overdue;
	/* What an earlier life knew may be old, what does not connect is of
	 * no use: worth a wait, once. */
	if (name->good.count &&
	    !((name->seeded || name->doubted) && !name->failing && in_time))
		return give(name, out);
	return in_time ? wait_for(name, wait) : UNRESOLVABLE;
}

enum resolved
resolver_find(struct resolver *resolver, const char *host,
    struct addresses *out, struct resolver_wait *wait)
{
	struct core *core = resolver->core;
	enum resolved found;

	if (address_is_known(host, out))
		return RESOLVED;
	lock_take(&core->lock);
	found = find(core, host, out, wait);
	lock_drop(&core->lock);
	return found;
}

void
resolver_withdraw(
    struct resolver *resolver, const char *host, struct resolver_wait *wait)
{
	struct core *core = resolver->core;
	struct resolver_wait **link;
	struct name *name;

	lock_take(&core->lock);
	name = wait->waits ? names_find(&core->names, host) : NULL;
	if (name) {
		for (link = &name->waits; *link != wait; link = &(*link)->next)
			must(*link);
		*link = wait->next;
		wait->waits = false;
	}
	lock_drop(&core->lock);
}

/* ---- what others found out ---- */

void
resolver_doubt(struct resolver *resolver, const char *host)
{
	struct core *core = resolver->core;
	struct name *name;

	lock_take(&core->lock);
	name = names_find(&core->names, host);
	if (name)
		name->doubted = true;
	lock_drop(&core->lock);
}

void
resolver_bad(struct resolver *resolver, const char *host, const char *address)
{
	struct core *core = resolver->core;
	struct name *name;

	lock_take(&core->lock);
	name = names_find(&core->names, host);
	if (name)
		name_note(
		    name, address, clock_mono_ms() + core->opts.again_ms);
	lock_drop(&core->lock);
}

void
resolver_good(struct resolver *resolver, const char *host, const char *address,
    bool spread)
{
	struct core *core = resolver->core;
	uint64_t now = clock_mono_ms();
	bool tell = false;
	struct name *name;
	unsigned at;

	lock_take(&core->lock);
	name = names_find(&core->names, host);
	if (name && addresses_hold(&name->good, address, &at)) {
		if (!spread)
			addresses_first(&name->good, at);
		name_note(name, address, 0);
		tell = (strcmp(name->reported, address) != 0 &&
			   (!spread || !*name->reported)) ||
		       now - name->reported_ms >= REPORT_EVERY_MS;
	}
	if (tell) {
		strcpy(name->reported, address);
		name->reported_ms = now;
	}
	lock_drop(&core->lock);
	if (tell)
		report_address(host, address);
}

void
resolver_seed(struct resolver *resolver, const char *host, const char *address)
{
	struct core *core = resolver->core;
	struct name *name;
	unsigned at;

	if (strlen(address) >= ADDRESS_MAX || !address_is_numeric(address))
		return;
	lock_take(&core->lock);
	name = names_get(&core->names, host);
	if (name && (name->seeded || !name->good.count) &&
	    name->good.count < ADDRESSES_MAX &&
	    !addresses_hold(&name->good, address, &at)) {
		strcpy(name->good.text[name->good.count++], address);
		name->seeded = true;
	}
	lock_drop(&core->lock);
}
