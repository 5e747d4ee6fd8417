/* front/accesslog.c - a ring of bytes for each front thread, one that writes
 *
 * A ring has one thread that puts and one that takes, so two counters are all
 * it needs. */
#include "front/accesslog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/outlet.h"
#include "base/thread.h"

enum {
	RING_SIZE = 2 << 20, /* a power of two */
	WRITE_EVERY_MS = 40,
	COMPLAIN_EVERY_MS = 60000,
	LAST_WAIT_MS = 2000, /* at the end, for all that is left */
};

struct ring {
	_Atomic uint64_t put, taken; /* bytes, ever */
	char *bytes;
};

struct accesslog {
	char *path;
	enum accesslog_format format;
	struct ring *rings;
	unsigned count;
	struct thread thread;
	struct lock lock;
	struct cond wake;
	bool stop; /* shared: under lock */
	_Atomic bool reopen;
	/* the log thread only: */
	int fd;
	unsigned next; /* the ring to go on with */
	uint64_t last_us; /* it stops: until then. 0: it does not */
	uint64_t complained_ms;
};

/* ---- the rings ---- */

void
accesslog_expect(const struct accesslog *log, unsigned number)
{
	enum { CACHE_LINE = 64, USUAL = 256 };
	const struct ring *ring = &log->rings[number];
	size_t at =
	    (size_t)(atomic_load_explicit(&ring->put, memory_order_relaxed) &
		     (RING_SIZE - 1));
	size_t end = at + USUAL < RING_SIZE ? at + USUAL : RING_SIZE;

	for (; at < end; at += CACHE_LINE)
		__builtin_prefetch(ring->bytes + at, 1);
}

/* Where the longest line would fit it is written in its place. */
void
accesslog_write(
    struct accesslog *log, unsigned number, const struct accesslog_line *line)
{
	static _Thread_local char beside[ACCESSLOG_LINE_MAX];
	struct ring *ring = &log->rings[number];
	uint64_t at = atomic_load_explicit(&ring->put, memory_order_relaxed);
	uint64_t taken =
	    atomic_load_explicit(&ring->taken, memory_order_acquire);
	size_t from = (size_t)(at & (RING_SIZE - 1)), first = RING_SIZE - from;
	size_t room = RING_SIZE - (size_t)(at - taken);
	bool fits = first >= ACCESSLOG_LINE_MAX && room >= ACCESSLOG_LINE_MAX;
	char *text = fits ? ring->bytes + from : beside;
	size_t len = accesslog_format(text, log->format, line);

	if (len > room) {
		counter_up(COUNT_LOG_DROPPED);
		return;
	}
	if (!fits) {
		if (first > len)
			first = len;
		memcpy(ring->bytes + from, text, first);
		memcpy(ring->bytes, text + first, len - first);
	}
	atomic_store_explicit(&ring->put, at + len, memory_order_release);
}

static void
count_lost(const char *bytes, size_t len)
{
	const char *end = bytes + len, *at = bytes;

	while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		counter_up(COUNT_LOG_DROPPED);
		if (++at == end)
			break;
	}
}

static void
complain(struct accesslog *log)
{
	uint64_t now = clock_mono_ms();

	if (log->complained_ms && now - log->complained_ms < COMPLAIN_EVERY_MS)
		return;
	log->complained_ms = now;
	log_error(
	    "access log %s: %s, lines are lost", log->path, strerror(errno));
}

static bool
wait_for_reader(struct accesslog *log)
{
	uint64_t now;

	if (!log->last_us)
		return outlet_wait(log->fd, WRITE_EVERY_MS);
	now = clock_mono_us();
	return now < log->last_us &&
	    outlet_wait(log->fd, (unsigned)((log->last_us - now) / 1000));
}

/* How much of it was dealt with: all that is gone, be it written or lost.
 * Less than len: whoever reads it takes nothing now. */
static size_t
write_out(struct accesslog *log, const char *bytes, size_t len)
{
	size_t at = 0;
	ssize_t n;

	while (at < len) {
		n = outlet_write(log->fd, bytes + at, len - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			if (wait_for_reader(log))
				continue;
			return at;
		}
		if (n < 0) {
			complain(log);
			count_lost(bytes + at, len - at);
			return len;
		}
		at += (size_t)n;
	}
	return at;
}

/* The one or two pieces of memory that hold what is in the ring. */
static size_t
piece_of(const struct ring *ring, uint64_t at, uint64_t end, char **bytes)
{
	size_t from = (size_t)(at & (RING_SIZE - 1)), len = RING_SIZE - from;

	*bytes = ring->bytes + from;
	return len < end - at ? len : (size_t)(end - at);
}

/* What nobody takes stays in the ring, and front threads drop and count what
 * has no room there. A line may be cut between two rounds, so a ring is left
 * only when it is empty: false, come again. */
static bool
take(struct accesslog *log, struct ring *ring)
{
	uint64_t end = atomic_load_explicit(&ring->put, memory_order_acquire);
	uint64_t at = atomic_load_explicit(&ring->taken, memory_order_relaxed);
	size_t len, written;
	char *bytes;

	while (at < end) {
		len = piece_of(ring, at, end, &bytes);
		written = write_out(log, bytes, len);
		at += written;
		atomic_store_explicit(&ring->taken, at, memory_order_release);
		if (written < len)
			return false;
	}
	return true;
}

static void
take_all(struct accesslog *log)
{
	while (log->next < log->count && take(log, &log->rings[log->next]))
		log->next++;
	if (log->next == log->count)
		log->next = 0;
}

/* The end: what nobody took is lost, and said to be. */
static void
give_up(struct accesslog *log)
{
	int64_t before = counter_read(COUNT_LOG_DROPPED), lost;
	uint64_t at, end;
	size_t len;
	char *bytes;

	for (unsigned i = 0; i < log->count; i++) {
		end = atomic_load(&log->rings[i].put);
		for (at = atomic_load(&log->rings[i].taken); at < end;
		     at += len) {
			len = piece_of(&log->rings[i], at, end, &bytes);
			count_lost(bytes, len);
		}
	}
	lost = counter_read(COUNT_LOG_DROPPED) - before;
	if (lost > 0)
		log_error("access log %s: nobody took the last %lld lines",
		    log->path, (long long)lost);
}

/* ---- the file ---- */

static int
open_file(const char *path, struct err *err)
{
	int fd;

	if (strcmp(path, "-") == 0)
		return STDOUT_FILENO;
	/* O_NONBLOCK: a named pipe without a reader is a mistake, no wait */
	fd = open(path,
	    O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0640);
	if (fd < 0)
		err_set(err, "access log %s: %s", path, strerror(errno));
	return fd;
}

static void
close_file(struct accesslog *log)
{
	if (log->fd > STDOUT_FILENO)
		close(log->fd);
	log->fd = -1;
}

static void
reopen(struct accesslog *log)
{
	struct err err;
	int fd = open_file(log->path, &err);

	if (fd < 0) {
		log_error("%s, going on with the old file", err.text);
		return;
	}
	close_file(log);
	log->fd = fd;
}

static void
run(void *arg)
{
	struct accesslog *log = arg;
	bool stop = false;

	while (!stop) {
		lock_take(&log->lock);
		if (!log->stop)
			cond_wait(&log->wake, &log->lock, WRITE_EVERY_MS);
		stop = log->stop;
		lock_drop(&log->lock);
		if (stop)
			log->last_us = clock_mono_us() + LAST_WAIT_MS * 1000;
		take_all(log);
		if (log->next == 0 && atomic_exchange(&log->reopen, false))
			reopen(log);
	}
	give_up(log);
}

static void
free_log(struct accesslog **log)
{
	struct accesslog *old = *log;
	unsigned i;

	close_file(old);
	for (i = 0; i < old->count; i++)
		mem_free(&old->rings[i].bytes);
	mem_free(&old->rings);
	mem_free(&old->path);
	cond_fini(&old->wake);
	lock_fini(&old->lock);
	mem_free(log);
}

int
accesslog_start(struct accesslog **out, const char *path,
    enum accesslog_format format, unsigned rings, struct err *err)
{
	struct accesslog *log = mem_new(sizeof(*log));
	unsigned i;

	log->path = mem_strdup(path);
	log->format = format;
	log->count = rings;
	log->rings = mem_new_array(rings, sizeof(*log->rings));
	for (i = 0; i < rings; i++)
		log->rings[i].bytes = mem_new(RING_SIZE);
	lock_init(&log->lock);
	cond_init(&log->wake);
	tzset(); /* reads a file: here, not on a front thread */
	log->fd = open_file(path, err);
	if (log->fd < 0 ||
	    thread_start(&log->thread, "accesslog", run, log, err) != 0) {
		free_log(&log);
		return -1;
	}
	*out = log;
	return 0;
}

void
accesslog_stop(struct accesslog **log)
{
	struct accesslog *old = *log;

	if (!old)
		return;
	lock_take(&old->lock);
	old->stop = true;
	cond_signal(&old->wake);
	lock_drop(&old->lock);
	thread_join(&old->thread);
	free_log(log);
}

void
accesslog_reopen(struct accesslog *log)
{
	atomic_store(&log->reopen, true);
}
