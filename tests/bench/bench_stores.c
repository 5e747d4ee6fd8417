/* tests/bench/bench_stores.c - what storing, listing and throwing out cost
 *
 * bench_stores [FOLDER [ROWS [SECONDS]]]: stores ROWS (1,000,000) answers in a
 * file in FOLDER (default: a new one under /tmp, removed at the end) as fast as
 * it goes; lists them with `livery cache ls` (LIVERY, or ./livery); stores
 * 2,000 a second for SECONDS (60), with as many thrown out; then throws out a
 * tenth with stores beside it. A file that FOLDER has already is not filled
 * anew.
 *
 * "Seen after" is the time from a store until another connection reads it: that
 * it is committed, and up to a millisecond more. Beside the memory that was
 * resident at most stands what there was before. */
#include <stdatomic.h>
#include <sys/wait.h>

#include "base/counter.h"
#include "base/log.h"
#include "base/thread.h"
#include "cache/db.h"
#include "cachefile.h"

enum {
	ROWS = 1000000,
	RATE = 2000,
	SECONDS = 60,
	PROBE_EVERY = 10, /* stores */
	PROBES = 1 << 20,
	POLL_US = 500,
	GIVE_UP_US = 5000000,
	STORES = 2000,
	STORES_IDLE = 20, /* with nothing thrown out: it is over */
};

/* How long until another connection reads it, at most GIVE_UP_US. */
static uint64_t
seen_after_us(struct cache_reader *reader, unsigned number, uint64_t start)
{
	struct object *seen = NULL;
	char room[KEY_MAX];
	struct key key;

	make_key(&key, room, number);
	while (!seen && clock_mono_us() - start < GIVE_UP_US) {
		seen = cache_load(reader, &key, NULL, NULL, NULL, NULL);
		if (!seen)
			usleep(POLL_US);
	}
	object_unref(&seen);
	return clock_mono_us() - start;
}

static void
print_seen(uint64_t *us, unsigned n)
{
	qsort(us, n, sizeof(*us), compare);
	if (n)
		printf("seen after p50 %.0f ms, p99 %.0f ms, at most %.0f ms "
		       "(%u looked for)\n",
		    (double)us[n / 2] / 1000,
		    (double)us[(uint64_t)n * 99 / 100] / 1000,
		    (double)us[n - 1] / 1000, n);
}

/* ---- listing ---- */

/* `livery cache ls`, writing to out. */
static pid_t
begin_list(const char *livery, const char *file, int out)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	dup2(out, STDOUT_FILENO);
	close(out);
	execl(livery, livery, "cache", "ls", "--cache", file, (char *)NULL);
	_exit(127);
}

static void
list(const char *file, unsigned count)
{
	const char *livery = getenv("LIVERY") ? getenv("LIVERY") : "./livery";
	uint64_t start = clock_mono_us();
	unsigned lines = 0;
	char piece[65536];
	int ends[2], status;
	long resident = 0, now;
	ssize_t len;
	pid_t pid;

	if (access(livery, X_OK) != 0) {
		printf("not listed: no %s (LIVERY names another)\n", livery);
		return;
	}
	if (pipe(ends) != 0 || (pid = begin_list(livery, file, ends[1])) < 0)
		exit(1);
	close(ends[1]);
	while ((len = read(ends[0], piece, sizeof(piece))) > 0) {
		for (ssize_t i = 0; i < len; i++)
			lines += piece[i] == '\n';
		now = resident_mib(pid);
		resident = now > resident ? now : resident;
	}
	close(ends[0]);
	if (waitpid(pid, &status, 0) != pid || status != 0)
		exit(1);
	printf("livery cache ls, %u rows: %u lines in %.1f s, %ld MiB "
	       "resident at most\n",
	    count, lines, (double)(clock_mono_us() - start) / 1e6, resident);
}

/* ---- at a pace ---- */

/* A thread that looks for one store after the other. */
struct probe {
	struct thread thread;
	struct cache *cache;
	_Atomic unsigned number; /* look for this one; 0: for none */
	_Atomic uint64_t at_us;
	_Atomic bool stopping;
	uint64_t *us; /* the thread only, until it was joined */
	unsigned count;
};

static void
look_for_them(void *arg)
{
	struct probe *probe = arg;
	struct cache_reader *reader = cache_reader_new(probe->cache);

	while (!atomic_load(&probe->stopping)) {
		unsigned number = atomic_load(&probe->number);

		if (number == 0) {
			usleep(POLL_US);
			continue;
		}
		if (probe->count < PROBES)
			probe->us[probe->count++] = seen_after_us(
			    reader, number, atomic_load(&probe->at_us));
		atomic_store(&probe->number, 0);
	}
	cache_reader_free(&reader);
}

/* Keys that come in no order, as URLs do. */
static unsigned
scattered(unsigned number)
{
	return (number + 1) * 2654435761u;
}

static void
store_at_pace(struct probe *probe, unsigned total, unsigned *refused)
{
	uint64_t start = clock_mono_us();
	/* not those of the last time, in a file that was there */
	unsigned first = (unsigned)clock_wall_ms() * 1000;

	for (unsigned i = 0; i < total; i++) {
		uint64_t due = start + (uint64_t)i * 1000000 / RATE;
		uint64_t now = clock_mono_us();
		struct object *object = make_object(scattered(first + i), BODY);

		if (now < due)
			usleep((useconds_t)(due - now));
		*refused += !cache_store(probe->cache, object);
		object_unref(&object);
		if (i % PROBE_EVERY == 0 && atomic_load(&probe->number) == 0) {
			atomic_store(&probe->at_us, clock_mono_us());
			atomic_store(&probe->number, scattered(first + i));
		}
	}
}

static void
set_size_max(struct cache *cache, uint64_t size_max)
{
	struct cache_opts opts = {.memory_max = FILL_MEMORY,
	    .variants_max = 32,
	    .wal_max = (uint64_t)256 << 20,
	    .size_max = size_max};

	cache_set_limits(cache, &opts);
}

/* Bytes of the file that hold something. */
static uint64_t
used_bytes(const char *file)
{
	int64_t pages = 0;
	sqlite3 *sqlite;

	if (db_connect(&sqlite, file, SQLITE_OPEN_READONLY) == SQLITE_OK)
		pages = (db_number(sqlite, "PRAGMA page_count", 0) -
			    db_number(sqlite, "PRAGMA freelist_count", 0)) *
			db_page_size(sqlite);
	sqlite3_close(sqlite);
	return (uint64_t)pages;
}

static void
bench_pace(struct cache *cache, unsigned seconds)
{
	struct probe probe = {
	    .cache = cache, .us = mem_new_array(PROBES, sizeof(uint64_t))};
	unsigned total = RATE * seconds, refused = 0;
	uint64_t before = (uint64_t)counter_read(COUNT_EVICTED), start;
	struct err err;
	long resident;

	set_size_max(cache, used_bytes(cache_file(cache)));
	if (thread_start(&probe.thread, "probe", look_for_them, &probe, &err) !=
	    0)
		exit(1);
	resident_begin();
	resident = resident_mib(getpid());
	start = clock_mono_us();
	store_at_pace(&probe, total, &refused);
	printf("stored %u rows in %.1f s, %u refused; %llu thrown out beside "
	       "it; %ld MiB resident at most (before: %ld); ",
	    total, (double)(clock_mono_us() - start) / 1e6, refused,
	    (unsigned long long)counter_read(COUNT_EVICTED) - before,
	    resident_mib(getpid()), resident);
	atomic_store(&probe.stopping, true);
	thread_join(&probe.thread);
	print_seen(probe.us, probe.count);
	mem_free(&probe.us);
}

/* ---- throwing out ---- */

static void
bench_evict(struct cache *cache, unsigned count)
{
	struct cache_reader *reader = cache_reader_new(cache);
	unsigned stores = 0, before = (unsigned)counter_read(COUNT_EVICTED);
	uint64_t us[STORES], start = clock_mono_us();
	unsigned gone = 0, idle = 0, first = (unsigned)clock_wall_ms() * 1000;
	long resident;

	resident_begin();
	resident = resident_mib(getpid());
	/* throwing out goes to a twentieth below */
	set_size_max(cache, used_bytes(cache_file(cache)) / 100 * 95);
	for (; stores < STORES && idle < STORES_IDLE; stores++) {
		struct object *object =
		    make_object(scattered(first + stores), BODY);
		uint64_t at_us = clock_mono_us();
		unsigned now;

		(void)cache_store(cache, object);
		us[stores] =
		    seen_after_us(reader, scattered(first + stores), at_us);
		object_unref(&object);
		now = (unsigned)counter_read(COUNT_EVICTED) - before;
		idle = now == gone ? idle + 1 : 0;
		gone = now;
	}
	printf("threw out %u of %u rows in %.1f s, %ld MiB resident at most "
	       "(before: %ld); stores beside it: ",
	    gone, count, (double)(clock_mono_us() - start) / 1e6,
	    resident_mib(getpid()), resident);
	print_seen(us, stores);
	cache_reader_free(&reader);
}

int
main(int argc, char **argv)
{
	char dir[] = "/tmp/livery-bench-XXXXXX";
	unsigned count = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : ROWS;
	unsigned seconds =
	    argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : SECONDS;
	struct cache *cache;
	char *file, *command;

	setvbuf(stdout, NULL, _IOLBF, 0);
	log_set_level(LOG_ERROR);
	if (argc < 2 && !mkdtemp(dir))
		return 1;
	file = mem_printf("%s/bench-%u.db", argc > 1 ? argv[1] : dir, count);
	if (access(file, F_OK) != 0)
		fill(file, count);
	list(file, count);
	cache = open_cache(file, FILL_MEMORY);
	bench_pace(cache, seconds);
	bench_evict(cache, count);
	cache_close(&cache);
	mem_free(&file);
	if (argc > 1)
		return 0;
	command = mem_printf("rm -rf '%s'", dir);
	return system(command) != 0;
}
