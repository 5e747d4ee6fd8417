/* front/accesslog.c - a ring of bytes for each front thread, one that writes
 *
 * A ring has one thread that puts and one that takes, so two counters are all
 * it needs. What strangers sent is escaped byte by byte: control bytes,
 * quotes and backslashes never end a field or a line. */
#include "front/accesslog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
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

/* ---- formatting ---- */

struct out {
	char *at, *end;
};

/* The static assertion below has it that all of a line has room. */
static inline void
put(struct out *out, const char *text, size_t len)
{
	must(len <= (size_t)(out->end - out->at));
	memcpy(out->at, text, len);
	out->at += len;
}

static void
puts_out(struct out *out, const char *text)
{
	put(out, text, strlen(text));
}

static void
put_number(struct out *out, uint64_t n)
{
	uint64_t left = n;
	size_t len = 0;

	do {
		len++;
		left /= 10;
	} while (left);
	must(len <= (size_t)(out->end - out->at));
	out->at += len;
	for (char *at = out->at; len > 0; len--) {
		*--at = (char)('0' + n % 10);
		n /= 10;
	}
}

/* Neither control bytes, quotes, backslashes nor bytes over 0x7e; a bit
 * each. */
static inline bool
is_plain(unsigned char c)
{
	static const uint32_t plain[8] = {
	    0, 0xfffffffb, 0xefffffff, 0x7fffffff, 0, 0, 0, 0};

	return plain[c >> 5] >> (c & 31) & 1;
}

/* Eight at once; false also when some of them may be. A byte that a test
 * looks for is 0 in its word, and 0 - 1 sets its highest bit. */
static inline bool
is_plain_8(const char *text)
{
	const uint64_t each = 0x0101010101010101ull;
	uint64_t eight, found;

	memcpy(&eight, text, 8);
	found = eight | (eight - each * 0x20);
	found |= (eight ^ each * 0x7f) - each;
	found |= (eight ^ each * '"') - each;
	found |= (eight ^ each * '\\') - each;
	return (found & each * 0x80) == 0;
}

static void
put_byte(struct out *out, unsigned char c, const char *before)
{
	static const char hex[] = "0123456789abcdef";
	char text[2] = {hex[c >> 4], hex[c & 15]};

	puts_out(out, before);
	put(out, text, 2);
}

/* Nearly every text: all of it is plain, and as it stands it is copied. The
 * last eight may overlap those before. False: it is not, or so short that there
 * is nothing to gain. */
static bool
put_plain(struct out *out, const char *text, size_t len)
{
	size_t at = 0;

	if (len < 8 || len > (size_t)(out->end - out->at))
		return false;
	for (; at + 8 <= len; at += 8) {
		if (!is_plain_8(text + at))
			return false;
		memcpy(out->at + at, text + at, 8);
	}
	if (at < len) {
		if (!is_plain_8(text + len - 8))
			return false;
		memcpy(out->at + len - 8, text + len - 8, 8);
	}
	out->at += len;
	return true;
}

/* At most max bytes of text; before: what stands before the two digits of a
 * byte that is not plain. */
static void
put_escaped(struct out *out, const char *text, size_t len, size_t max,
    const char *before)
{
	const char *end = text + (len < max ? len : max);

	if (put_plain(out, text, (size_t)(end - text)))
		return;

	while (text < end) {
		if (end - text >= 8 && out->end - out->at >= 8 &&
		    is_plain_8(text)) {
			memcpy(out->at, text, 8);
			out->at += 8;
			text += 8;
			continue;
		}
		if (out->at == out->end)
			return;
		if (is_plain((unsigned char)*text))
			*out->at++ = *text;
		else
			put_byte(out, (unsigned char)*text, before);
		text++;
	}
}

/* Most that one field may take of a line, before escaping. */
enum { TARGET_MAX = 1400, REFERER_MAX = 600, WORD_MAX = 256 };

static const char HEX_ESCAPE[] = "\\x";
/* JSON has no \x; bytes over 0x7f are shown as Latin-1 would. */
static const char JSON_ESCAPE[] = "\\u00";

static void
put_quoted(struct out *out, const char *text, size_t max)
{
	if (!text || !*text) {
		put(out, " \"-\"", 4);
		return;
	}
	put(out, " \"", 2);
	put_escaped(out, text, strlen(text), max, HEX_ESCAPE);
	put(out, "\"", 1);
}

/* The same second is asked for many times. */
static const char *
local_time(int64_t now_ms)
{
	static _Thread_local int64_t second = -1;
	static _Thread_local char text[40];
	time_t now = (time_t)(now_ms / 1000);
	struct tm tm;

	if (second != now) {
		localtime_r(&now, &tm);
		strftime(text, sizeof(text), "[%d/%b/%Y:%H:%M:%S %z]", &tm);
		second = now;
	}
	return text;
}

static void
put_combined(struct out *out, const struct accesslog_line *line)
{
	puts_out(out, line->client ? line->client : "-");
	put(out, " - - ", 5);
	puts_out(out, local_time(line->now_ms));
	put(out, " \"", 2);
	if (line->method)
		put_escaped(out, line->method, strlen(line->method), WORD_MAX,
		    HEX_ESCAPE);
	put(out, " ", 1);
	if (line->target)
		put_escaped(out, line->target, line->target_len, TARGET_MAX,
		    HEX_ESCAPE);
	put(out, " ", 1);
	if (line->version)
		put_escaped(out, line->version, strlen(line->version), WORD_MAX,
		    HEX_ESCAPE);
	put(out, "\" ", 2);
	put_number(out, (uint64_t)line->status);
	put(out, " ", 1);
	put_number(out, line->bytes);
	put_quoted(out, line->referer, REFERER_MAX);
	put_quoted(out, line->user_agent, REFERER_MAX);
}

static void
put_member_n(
    struct out *out, const char *name, const char *text, size_t len, size_t max)
{
	if (!text)
		return;
	put(out, ",\"", 2);
	puts_out(out, name);
	put(out, "\":\"", 3);
	put_escaped(out, text, len, max, JSON_ESCAPE);
	put(out, "\"", 1);
}

static void
put_member(struct out *out, const char *name, const char *text, size_t max)
{
	put_member_n(out, name, text, text ? strlen(text) : 0, max);
}

static void
put_figure(struct out *out, const char *name, uint64_t n)
{
	put(out, ",\"", 2);
	puts_out(out, name);
	put(out, "\":", 2);
	put_number(out, n);
}

static const char *
utc_time(int64_t now_ms)
{
	static _Thread_local int64_t second = -1;
	static _Thread_local char text[40];
	time_t now = (time_t)(now_ms / 1000);
	struct tm tm;

	if (second != now) {
		gmtime_r(&now, &tm);
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.", &tm);
		second = now;
	}
	return text;
}

static void
put_json(struct out *out, const struct accesslog_line *line)
{
	char ms[8];

	put(out, "{\"time\":\"", 9);
	puts_out(out, utc_time(line->now_ms));
	snprintf(ms, sizeof(ms), "%03uZ\"", (unsigned)(line->now_ms % 1000));
	puts_out(out, ms);
	put_member(out, "client", line->client, WORD_MAX);
	put_member(out, "method", line->method, WORD_MAX);
	put_member_n(out, "host", line->host, line->host_len, WORD_MAX);
	put_member_n(out, "target", line->target, line->target_len, TARGET_MAX);
	put_figure(out, "status", (uint64_t)line->status);
	put_figure(out, "bytes", line->bytes);
	put_figure(out, "duration_us", line->duration_us);
	put_member(out, "kind", line->kind, WORD_MAX);
	put_member(out, "cache_status", line->cache_status, WORD_MAX);
	put_member(out, "theme", line->theme, WORD_MAX);
	put_member(out, "referer", line->referer, REFERER_MAX);
	put_member(out, "user_agent", line->user_agent, REFERER_MAX);
	put(out, "}", 1);
}

/* Every byte may become six, so the fields' limits fit the line's. */
_Static_assert(6 * (TARGET_MAX + 2 * REFERER_MAX + 6 * WORD_MAX) + 1024 <
		   ACCESSLOG_LINE_MAX,
    "room for a line");

size_t
accesslog_format(char text[ACCESSLOG_LINE_MAX], enum accesslog_format format,
    const struct accesslog_line *line)
{
	struct out out = {text, text + ACCESSLOG_LINE_MAX - 1};

	if (format == ACCESSLOG_JSON)
		put_json(&out, line);
	else
		put_combined(&out, line);
	*out.at++ = '\n';
	return (size_t)(out.at - text);
}

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
