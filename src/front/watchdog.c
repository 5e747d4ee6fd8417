/* front/watchdog.c - one thread, an epoll for departures, a walk for deadlines
 *
 * The table has a place for each fd. An event names fd and generation, so one
 * that was fetched just before its connection ended, and the fd was used
 * again, is told from news of the new one. The walk takes the lock for a few
 * places at a time: a front thread that begins or ends a connection waits for
 * those at most. */
#include "front/watchdog.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/counter.h"
#include "base/lock.h"
#include "base/mem.h"
#include "base/thread.h"

enum {
	TICK_MS = 200,
	STILL_MS = 3 * TICK_MS, /* from walk to walk: more is no accident */
	EVENTS = 64,
	STEP = 256, /* places looked at under one lock */
	TABLE_FIRST = 1024,
	RATE_GRACE_MS = 10000, /* body_rate counts after this */
};

struct watchdog {
	struct watchdog_opts opts;
	struct thread thread;
	int epoll_fd, wake_fd;
	struct inbox orphans;
	struct lock lock;
	/* shared: under lock */
	struct watch **table; /* by fd */
	size_t size;
	uint32_t generation;
	bool stop;
	/* the thread's */
	uint64_t looked_ms;  /* when it last walked */
	uint64_t lenient_ms; /* nobody is late until then */
};

/* Coarse, and real time also where tests move the clock. */
static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- the front thread's side ---- */

void
watch_stage(struct watch *watch, enum watch_stage stage)
{
	uint64_t now = now_ms();

	atomic_store_explicit(&watch->began_ms, now, memory_order_relaxed);
	atomic_store_explicit(&watch->since_ms, now, memory_order_relaxed);
	atomic_store_explicit(&watch->moved, 0, memory_order_relaxed);
	atomic_store_explicit(&watch->stage, stage, memory_order_relaxed);
}

void
watch_moved(struct watch *watch, size_t bytes)
{
	uint64_t moved =
	    atomic_load_explicit(&watch->moved, memory_order_relaxed);

	atomic_store_explicit(
	    &watch->moved, moved + bytes, memory_order_relaxed);
	atomic_store_explicit(&watch->since_ms, now_ms(), memory_order_relaxed);
}

void
watch_send(struct watch *watch, uint64_t allow_ms)
{
	atomic_store_explicit(&watch->allow_ms, allow_ms, memory_order_relaxed);
	watch_stage(watch, WATCH_SEND);
}

static void
grow(struct watchdog *dog, size_t wanted)
{
	size_t size = dog->size ? dog->size : TABLE_FIRST;

	while (size <= wanted)
		size *= 2;
	dog->table = mem_resize(dog->table, size * sizeof(*dog->table));
	memset(dog->table + dog->size, 0,
	    (size - dog->size) * sizeof(*dog->table));
	dog->size = size;
}

void
watch_init(struct watchdog *dog, struct watch *watch, int fd)
{
	watch->fd = fd;
	watch_stage(watch, WATCH_HEAD);
	lock_take(&dog->lock);
	if ((size_t)fd >= dog->size)
		grow(dog, (size_t)fd);
	watch->generation = ++dog->generation;
	dog->table[fd] = watch;
	lock_drop(&dog->lock);
}

void
watch_fini(struct watchdog *dog, struct watch *watch)
{
	lock_take(&dog->lock);
	must(dog->table[watch->fd] == watch && !watch->page);
	dog->table[watch->fd] = NULL;
	lock_drop(&dog->lock);
}

/* The fd leaves the epoll when it is closed. */
static void
follow(struct watchdog *dog, struct watch *watch)
{
	struct epoll_event event = {
	    .events = EPOLLRDHUP | EPOLLHUP | EPOLLET,
	    .data.u64 = (uint64_t)watch->generation << 32 | (uint32_t)watch->fd,
	};

	/* Without it only departures are noticed late: at the next write. */
	if (epoll_ctl(dog->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) == 0)
		watch->followed = true;
}

void
watch_page(struct watchdog *dog, struct watch *watch, struct page *page)
{
	bool leave;

	lock_take(&dog->lock);
	watch->page = page;
	watch->reader = NULL;
	leave = page && atomic_load(&watch->gone);
	if (leave)
		page_leave(page);
	lock_drop(&dog->lock);
	if (page && !watch->followed)
		follow(dog, watch);
}

void
watch_reader(
    struct watchdog *dog, struct watch *watch, struct flow_reader *reader)
{
	lock_take(&dog->lock);
	watch->reader = reader;
	lock_drop(&dog->lock);
}

/* ---- the thread's side ---- */

/* Under lock. */
static void
let_go(struct watch *watch)
{
	atomic_store(&watch->gone, true);
	if (watch->reader)
		flow_poke(watch->reader);
	else if (watch->page)
		page_leave(watch->page);
}

static bool
is_at(const struct watch *watch, enum watch_stage stage)
{
	return atomic_load_explicit(&watch->stage, memory_order_relaxed) ==
	       (int)stage;
}

/* Under lock. libmicrohttpd sees the end of the connection and closes it. */
static void
cut(struct watch *watch)
{
	static const struct linger at_once = {1, 0};

	atomic_store(&watch->cut, true);
	/* Who does not read shall not keep what is in the kernel's buffers. */
	if (is_at(watch, WATCH_SEND))
		setsockopt(watch->fd, SOL_SOCKET, SO_LINGER, &at_once,
		    sizeof(at_once));
	shutdown(watch->fd, SHUT_RDWR);
	let_go(watch);
}

static bool
body_is_late(
    const struct watchdog_opts *opts, const struct watch *watch, uint64_t now)
{
	uint64_t began =
	    atomic_load_explicit(&watch->began_ms, memory_order_relaxed);
	uint64_t since =
	    atomic_load_explicit(&watch->since_ms, memory_order_relaxed);
	uint64_t moved =
	    atomic_load_explicit(&watch->moved, memory_order_relaxed);

	if (since + opts->body_stall_ms < now)
		return true;
	return began + RATE_GRACE_MS < now &&
	       moved < (now - began) / 1000 * opts->body_rate;
}

static bool
is_late(
    const struct watchdog_opts *opts, const struct watch *watch, uint64_t now)
{
	uint64_t since =
	    atomic_load_explicit(&watch->since_ms, memory_order_relaxed);

	switch (atomic_load_explicit(&watch->stage, memory_order_relaxed)) {
	case WATCH_IDLE:
		return since + opts->keepalive_ms < now;
	case WATCH_HEAD:
		return since + opts->head_ms < now;
	case WATCH_BODY:
		return body_is_late(opts, watch, now);
	case WATCH_SEND:
		return since + atomic_load_explicit(
				   &watch->allow_ms, memory_order_relaxed) <
		       now;
	default:
		return false;
	}
}

/* Under lock. The operator ended it, while it is being streamed. */
static bool
is_killed(const struct watch *watch)
{
	return watch->reader && watch->page && page_is_gone(watch->page) &&
	       !atomic_load(&watch->gone);
}

/* Under lock. The operator ended it while its body is coming: no answer goes
 * out before all of that has come, so the connection ends instead. */
static bool
is_killed_upload(const struct watch *watch)
{
	return is_at(watch, WATCH_BODY) && watch->page &&
	       page_is_gone(watch->page) && !atomic_load(&watch->gone);
}

/* Under lock. It has spoken, and the front thread has yet to read it: this
 * process was stopped, or starved, and not the client late. */
static bool
is_our_turn(const struct watch *watch)
{
	int waiting = 0;

	return (is_at(watch, WATCH_HEAD) || is_at(watch, WATCH_IDLE)) &&
	       ioctl(watch->fd, FIONREAD, &waiting) == 0 && waiting > 0;
}

/* Some places of the table; false past its end. */
static bool
look_at(struct watchdog *dog, size_t from, uint64_t now)
{
	struct watch *watch;
	size_t i, end;

	lock_take(&dog->lock);
	end = from + STEP < dog->size ? from + STEP : dog->size;
	for (i = from; i < end; i++) {
		watch = dog->table[i];
		if (watch && is_killed(watch))
			let_go(watch);
		else if (watch && !watch->cut && is_killed_upload(watch))
			cut(watch);
		if (!watch || watch->cut || now < dog->lenient_ms ||
		    !is_late(&dog->opts, watch, now) || is_our_turn(watch))
			continue;
		/* on an idle one nothing was asked, so nothing timed out */
		counter_up(is_at(watch, WATCH_IDLE) ? COUNT_IDLE_ENDED :
						      COUNT_TIMEOUTS);
		cut(watch);
	}
	lock_drop(&dog->lock);
	return end > from;
}

static void
look_over(struct watchdog *dog)
{
	uint64_t now = now_ms();
	size_t from;

	/* We stood still: what a front thread had in its hands then has been
	 * read, and is not where it belongs yet. */
	if (dog->looked_ms + STILL_MS < now)
		dog->lenient_ms = now + STILL_MS;
	dog->looked_ms = now;
	for (from = 0; look_at(dog, from, now); from += STEP)
		continue;
}

static void
on_departure(struct watchdog *dog, uint64_t name)
{
	size_t fd = (uint32_t)name;
	uint32_t generation = (uint32_t)(name >> 32);
	struct watch *watch;

	lock_take(&dog->lock);
	watch = fd < dog->size ? dog->table[fd] : NULL;
	if (watch && watch->generation == generation &&
	    !atomic_load(&watch->gone))
		let_go(watch);
	lock_drop(&dog->lock);
}

static void
release_orphans(struct watchdog *dog)
{
	struct inbox_item *item = inbox_take(&dog->orphans), *next;
	struct watch_orphan *orphan;

	for (; item; item = next) {
		next = item->next;
		orphan = container_of(item, struct watch_orphan, item);
		orphan->release(orphan);
	}
}

void
watchdog_post(struct watchdog *dog, struct watch_orphan *orphan)
{
	inbox_post(&dog->orphans, &orphan->item);
}

static void
run(void *arg)
{
	struct watchdog *dog = arg;
	struct epoll_event events[EVENTS];
	uint64_t next_ms = 0, now;
	bool stop = false;
	int i, n;

	/* It may stand still before the first walk, too. */
	dog->looked_ms = now_ms();
	while (!stop) {
		n = epoll_wait(dog->epoll_fd, events, EVENTS, TICK_MS);
		for (i = 0; i < n; i++)
			if (events[i].data.u64 != UINT64_MAX)
				on_departure(dog, events[i].data.u64);
		release_orphans(dog);
		now = now_ms();
		if (now >= next_ms) {
			look_over(dog);
			next_ms = now + TICK_MS;
		}
		lock_take(&dog->lock);
		stop = dog->stop;
		lock_drop(&dog->lock);
	}
	release_orphans(dog);
}

/* ---- begin and end ---- */

static void
free_dog(struct watchdog **dog)
{
	struct watchdog *old = *dog;

	if (old->epoll_fd >= 0)
		close(old->epoll_fd);
	if (old->wake_fd >= 0)
		close(old->wake_fd);
	mem_free(&old->table);
	inbox_fini(&old->orphans);
	lock_fini(&old->lock);
	mem_free(dog);
}

int
watchdog_start(
    struct watchdog **out, const struct watchdog_opts *opts, struct err *err)
{
	struct watchdog *dog = mem_new(sizeof(*dog));
	struct epoll_event event = {
	    .events = EPOLLIN,
	    .data.u64 = UINT64_MAX,
	};

	dog->opts = *opts;
	lock_init(&dog->lock);
	inbox_init(&dog->orphans);
	dog->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	dog->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (dog->epoll_fd < 0 || dog->wake_fd < 0 ||
	    epoll_ctl(dog->epoll_fd, EPOLL_CTL_ADD, dog->wake_fd, &event)) {
		err_set(err, "cannot watch connections: %s", strerror(errno));
		goto out;
	}
	if (thread_start(&dog->thread, "watchdog", run, dog, err) != 0)
		goto out;
	*out = dog;
	return 0;
out:
	free_dog(&dog);
	return -1;
}

void
watchdog_stop(struct watchdog **dog)
{
	uint64_t one = 1;

	if (!*dog)
		return;
	lock_take(&(*dog)->lock);
	(*dog)->stop = true;
	lock_drop(&(*dog)->lock);
	must(write((*dog)->wake_fd, &one, sizeof(one)) == sizeof(one));
	thread_join(&(*dog)->thread);
	free_dog(dog);
}

void
watchdog_cut_all(struct watchdog *dog)
{
	size_t i;

	lock_take(&dog->lock);
	for (i = 0; i < dog->size; i++)
		if (dog->table[i] && !dog->table[i]->cut)
			cut(dog->table[i]);
	lock_drop(&dog->lock);
}
