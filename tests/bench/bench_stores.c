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
 * resident at most stands what there was before.
 *
 * Beside the 2,000 a second another thread writes to a small file of its own
 * and waits until the disk has it, and sleeps, as any program might: what its
 * slowest are is the disk's doing, or that of others on the machine. Of each
 * store that took long stands there what that thread met in the same time. */
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/resource.h>
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
	DISK_EVERY_US = 5000,
	DISK_WRITES = 1 << 16,
	LONG_US = 80000, /* such a store is told by itself */
	LONG_TOLD = 20,
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
print_ms(uint64_t *us, unsigned n)
{
	qsort(us, n, sizeof(*us), compare);
	if (n)
		printf("p50 %.1f ms, p99 %.1f ms, at most %.1f ms (of %u)\n",
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

/* How long something took, and since when. */
struct span {
	uint64_t at_us, us;
};

/* A thread that has the disk take what is written. */
struct disk {
	struct thread thread;
	int fd;
	_Atomic bool stopping;
	/* the thread only, until it was joined: */
	struct span *spans, *naps; /* naps: over DISK_EVERY_US */
	long *blocks;		   /* that this process had read by then */
	unsigned count;
};

static long
blocks_read(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_inblock;
}

static void
write_through(void *arg)
{
	static const char block[512];
	struct disk *disk = arg;

	while (!atomic_load(&disk->stopping) && disk->count < DISK_WRITES) {
		struct span *span = &disk->spans[disk->count];
		struct span *nap = &disk->naps[disk->count];

		disk->blocks[disk->count++] = blocks_read();
		span->at_us = clock_mono_us();
		if (pwrite(disk->fd, block, sizeof(block), 0) < 0 ||
		    fdatasync(disk->fd) != 0)
			exit(1);
		span->us = clock_mono_us() - span->at_us;
		nap->at_us = span->at_us + span->us;
		usleep(DISK_EVERY_US);
		nap->us = clock_mono_us() - nap->at_us - DISK_EVERY_US;
	}
}

static void
disk_begin(struct disk *disk, const char *file)
{
	char *name = mem_printf("%s.twin", file);
	struct err err;

	memset(disk, 0, sizeof(*disk));
	disk->spans = mem_new_array(DISK_WRITES, sizeof(*disk->spans));
	disk->naps = mem_new_array(DISK_WRITES, sizeof(*disk->naps));
	disk->blocks = mem_new_array(DISK_WRITES, sizeof(*disk->blocks));
	disk->fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (disk->fd < 0 || unlink(name) != 0 ||
	    thread_start(&disk->thread, "disk", write_through, disk, &err) != 0)
		exit(1);
	mem_free(&name);
}

static void
disk_end(struct disk *disk)
{
	atomic_store(&disk->stopping, true);
	thread_join(&disk->thread);
	close(disk->fd);
}

/* The longest of some while the span lasted. */
static double
most_ms_while(const struct span *span, const struct span *some, unsigned count)
{
	uint64_t most = 0;

	for (unsigned i = 0; i < count; i++) {
		if (some[i].at_us < span->at_us + span->us &&
		    some[i].at_us + some[i].us + DISK_EVERY_US > span->at_us &&
		    some[i].us > most)
			most = some[i].us;
	}
	return (double)most / 1000;
}

/* A thread that looks for one store after the other. */
struct probe {
	struct thread thread;
	struct cache *cache;
	_Atomic unsigned number; /* look for this one; 0: for none */
	_Atomic uint64_t at_us;
	_Atomic bool stopping;
	struct span *spans; /* the thread only, until it was joined */
	unsigned count;
};

static void
look_for_them(void *arg)
{
	struct probe *probe = arg;
	struct cache_reader *reader = cache_reader_new(probe->cache);

	while (!atomic_load(&probe->stopping)) {
		unsigned number = atomic_load(&probe->number);
		struct span *span = &probe->spans[probe->count];

		if (number == 0 || probe->count == PROBES) {
			usleep(POLL_US);
			continue;
		}
		span->at_us = atomic_load(&probe->at_us);
		span->us = seen_after_us(reader, number, span->at_us);
		probe->count++;
		atomic_store(&probe->number, 0);
	}
	cache_reader_free(&reader);
}

/* What was read from the disk, about, while the span lasted. */
static long
read_kib_while(const struct span *span, const struct disk *disk)
{
	long first = -1, last = 0;

	for (unsigned i = 0; i < disk->count; i++) {
		if (first < 0 || disk->spans[i].at_us <= span->at_us)
			first = disk->blocks[i];
		last = disk->blocks[i];
		if (disk->spans[i].at_us >= span->at_us + span->us)
			break;
	}
	return first < 0 ? 0 : (last - first) / 2;
}

static void
print_spans(const struct span *spans, unsigned count)
{
	uint64_t *us = mem_new_array(count, sizeof(*us));

	for (unsigned i = 0; i < count; i++)
		us[i] = spans[i].us;
	print_ms(us, count);
	mem_free(&us);
}

static void
print_long(const struct probe *probe, const struct disk *disk, uint64_t start)
{
	unsigned told = 0;

	for (unsigned i = 0; i < probe->count && told < LONG_TOLD; i++) {
		const struct span *span = &probe->spans[i];

		if (span->us < LONG_US)
			continue;
		told++;
		printf("    one after %.0f ms, stored at %.2f s; 512 bytes "
		       "took up to %.0f ms meanwhile, a sleep of %d ms up to "
		       "%.0f more; %ld KiB read from disk\n",
		    (double)span->us / 1000,
		    (double)(span->at_us - start) / 1e6,
		    most_ms_while(span, disk->spans, disk->count),
		    DISK_EVERY_US / 1000,
		    most_ms_while(span, disk->naps, disk->count),
		    read_kib_while(span, disk));
	}
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
	struct probe probe = {.cache = cache,
	    .spans = mem_new_array(PROBES + 1, sizeof(struct span))};
	unsigned total = RATE * seconds, refused = 0;
	long blocks = blocks_read();
	uint64_t before = (uint64_t)counter_read(COUNT_EVICTED), start;
	struct disk disk;
	struct err err;
	long resident;

	set_size_max(cache, used_bytes(cache_file(cache)));
	if (thread_start(&probe.thread, "probe", look_for_them, &probe, &err) !=
	    0)
		exit(1);
	disk_begin(&disk, cache_file(cache));
	resident_begin();
	resident = resident_mib(getpid());
	start = clock_mono_us();
	store_at_pace(&probe, total, &refused);
	printf(
	    "stored %u rows in %.1f s, %u refused; %llu thrown out beside "
	    "it, %ld MiB read from disk; %ld MiB resident at most (before: %ld); seen after ",
	    total, (double)(clock_mono_us() - start) / 1e6, refused,
	    (unsigned long long)counter_read(COUNT_EVICTED) - before,
	    (blocks_read() - blocks) / 2048, resident_mib(getpid()), resident);
	atomic_store(&probe.stopping, true);
	thread_join(&probe.thread);
	disk_end(&disk);
	print_spans(probe.spans, probe.count);
	print_long(&probe, &disk, start);
	printf("512 bytes written through beside it: ");
	print_spans(disk.spans, disk.count);
	printf("slept longer than asked: ");
	print_spans(disk.naps, disk.count);
	mem_free(&probe.spans);
	mem_free(&disk.spans);
	mem_free(&disk.naps);
	mem_free(&disk.blocks);
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
	       "(before: %ld); stores beside it seen after ",
	    gone, count, (double)(clock_mono_us() - start) / 1e6,
	    resident_mib(getpid()), resident);
	print_ms(us, stores);
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
