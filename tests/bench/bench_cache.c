/* tests/bench/bench_cache.c - what a look-up costs
 *
 * bench_cache [FOLDER [ROWS]]: looks up random keys among 1,000,000 objects in
 * memory and among 1,000, 100,000 and 1,000,000 rows (or ROWS only) of a cache
 * file in FOLDER (default: a new one under /tmp, removed at the end), warm and
 * from a cold disk; then reads the figures, and throws a tenth of the rows out
 * while stores go on. A file that FOLDER has already is not filled anew.
 *
 * Beside each look-up stand the time of a loop that does nothing but count, and
 * of three reads of a page without SQLite: what the slowest of those take is
 * the machine's and the kernel's doing and nobody else's. "From disk" is what
 * the kernel had to fetch, in warm passes because it had thrown it out. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/mem.h"
#include "cache/cache.h"
#include "cache/db.h"
#include "cache/memtier.h"

enum {
	LOOKUPS = 200000,
	READS = 20000,
	COLD_READS = 2000,
	BODY = 2000,
	ROUNDS = 5,
	SPINS = 12000,
	STORES = 2000,
	STORES_IDLE = 20, /* with nothing thrown out: it is over */
};

static void
make_key(struct key *key, char *room, unsigned number)
{
	char target[64];
	int len = snprintf(target, sizeof(target), "/news/2026/item-%u.html",
	    number);

	if (key_make(key, room, KIND_PAGE, "main", "http", 4,
	    "www.example.org", 15, target, (size_t)len) != 0)
		exit(1);
}

static struct object *
make_object(unsigned number, size_t size)
{
	char room[KEY_MAX], *bytes = mem_new(size + 1);
	struct object *object;
	struct key key;

	memset(bytes, 'x', size);
	make_key(&key, room, number);
	object = object_new(&key, KIND_PAGE, "main");
	object->status = 200;
	head_add(&object->head, "Content-Type", "text/html; charset=utf-8");
	head_add(&object->head, "Cache-Control", "max-age=600");
	object->asked_ms = object->answered_ms = clock_wall_ms();
	object->fresh.lifetime_ms = 600000;
	object->body = body_new(&bytes, size);
	return object;
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static uint64_t
look_up_all(struct memtier *memtier, const struct key *keys)
{
	uint64_t start = clock_mono_us();

	for (unsigned i = 0; i < LOOKUPS; i++) {
		struct object *object = memtier_find(memtier, &keys[i], NULL,
		    NULL, NULL);

		if (!object)
			exit(1);
		object_unref(&object);
	}
	return clock_mono_us() - start;
}

static void
bench_memory(unsigned count)
{
	struct memtier *memtier = memtier_new((uint64_t)8 << 30, 32);
	char (*rooms)[128] = mem_new_array(LOOKUPS, sizeof(*rooms));
	struct key *keys = mem_new_array(LOOKUPS, sizeof(*keys));
	uint64_t us[ROUNDS];
	unsigned seed = 1;
	char room[KEY_MAX];

	for (unsigned i = 0; i < count; i++) {
		struct object *object = make_object(i, 10);

		(void)memtier_put(memtier, object);
		object_unref(&object);
	}
	for (unsigned i = 0; i < LOOKUPS; i++) {
		make_key(&keys[i], room, (unsigned)rand_r(&seed) % count);
		memcpy(rooms[i], keys[i].text, keys[i].len + 1);
		keys[i].text = rooms[i];
	}
	for (int i = 0; i < ROUNDS; i++)
		us[i] = look_up_all(memtier, keys);
	qsort(us, ROUNDS, sizeof(*us), compare);
	printf("memory, %u objects: %.0f ns a look-up (median of %d rounds, "
	    "best %.0f)\n", count, (double)us[ROUNDS / 2] * 1000 / LOOKUPS,
	    ROUNDS, (double)us[0] * 1000 / LOOKUPS);
	memtier_free(&memtier);
	mem_free(&rooms);
	mem_free(&keys);
}

/* ---- the file ---- */

static struct cache *
open_cache(const char *file, uint64_t memory)
{
	struct cache_opts opts = {.file = file, .size_max = (uint64_t)64 << 30,
	    .memory_max = memory, .wal_max = (uint64_t)1 << 30,
	    .variants_max = 32};
	struct cache *cache;
	struct err err;

	if (cache_open(&cache, &opts, &err) != 0) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	return cache;
}

static void
fill(const char *file, unsigned count)
{
	struct cache *cache = open_cache(file, 1 << 20);
	uint64_t start = clock_mono_us();

	for (unsigned i = 0; i < count; i++) {
		struct object *object = make_object(i, BODY);

		while (!cache_store(cache, object))
			usleep(10000);
		object_unref(&object);
	}
	cache_close(&cache);
	printf("stored %u rows of %d bytes: %.0f a second\n", count, BODY,
	    count / ((double)(clock_mono_us() - start) / 1e6));
}

static volatile uint64_t spun; /* so that it is not left out */

/* Work of some ten microseconds that needs nothing but the processor: what its
 * slowest are is what the machine does to everybody. */
static uint64_t
spin_us(void)
{
	uint64_t start = clock_mono_us(), x = start | 1;

	for (int i = 0; i < SPINS; i++)
		x = x * 6364136223846793005u + 1442695040888963407u;
	spun = x;
	return clock_mono_us() - start;
}

/* What a look-up cannot do without: three pages of the file, wherever. */
static uint64_t
bare_us(int fd, uint64_t pages, unsigned *seed)
{
	static char page[DB_PAGE_SIZE];
	uint64_t start = clock_mono_us();

	for (int i = 0; i < 3; i++) {
		uint64_t at = ((uint64_t)rand_r(seed) << 16 ^
		    (uint64_t)rand_r(seed)) % pages;

		if (pread(fd, page, sizeof(page),
		    (off_t)(at * sizeof(page))) < 0)
			exit(1);
	}
	return clock_mono_us() - start;
}

/* Times of each look-up, and what stood beside it. */
struct pass {
	const char *file;
	uint64_t *us, *spin_us, *bare_us;
	unsigned found;
};

static void
read_all(struct pass *pass, struct cache *cache, unsigned count, unsigned n,
    unsigned seed)
{
	struct cache_reader *reader = cache_reader_new(cache);
	int fd = open(pass->file, O_RDONLY | O_CLOEXEC);
	uint64_t pages = (uint64_t)lseek(fd, 0, SEEK_END) / DB_PAGE_SIZE;
	unsigned bare_seed = seed;
	char room[KEY_MAX];

	for (unsigned i = 0; i < n; i++) {
		uint64_t start = clock_mono_us();
		struct object *object;
		struct key key;

		make_key(&key, room, (unsigned)rand_r(&seed) % count);
		object = cache_load(reader, &key, NULL, NULL, NULL, NULL);
		pass->found += object != NULL;
		object_unref(&object);
		pass->us[i] = clock_mono_us() - start;
		pass->spin_us[i] = spin_us();
		pass->bare_us[i] = bare_us(fd, pages, &bare_seed);
	}
	cache_reader_free(&reader);
}

static void
print_times(const char *what, uint64_t *us, unsigned n)
{
	qsort(us, n, sizeof(*us), compare);
	printf("%s: p50 %llu us, p99 %llu us, p99.9 %llu us", what,
	    (unsigned long long)us[n / 2],
	    (unsigned long long)us[(uint64_t)n * 99 / 100],
	    (unsigned long long)us[(uint64_t)n * 999 / 1000]);
}

static void
read_rows(struct cache *cache, unsigned count, unsigned n, unsigned seed,
    const char *how)
{
	struct pass pass = {.file = cache_file(cache),
	    .us = mem_new_array(n, sizeof(uint64_t)),
	    .spin_us = mem_new_array(n, sizeof(uint64_t)),
	    .bare_us = mem_new_array(n, sizeof(uint64_t))};
	struct rusage before, after;

	getrusage(RUSAGE_SELF, &before);
	read_all(&pass, cache, count, n, seed);
	getrusage(RUSAGE_SELF, &after);
	printf("file, %u rows, %s", count, how);
	print_times("", pass.us, n);
	print_times("; counting", pass.spin_us, n);
	print_times("; three bare reads", pass.bare_us, n);
	printf("; %ld KiB from disk (%u of %u found)\n",
	    (after.ru_inblock - before.ru_inblock) / 2, pass.found, n);
	mem_free(&pass.us);
	mem_free(&pass.spin_us);
	mem_free(&pass.bare_us);
}

/* Out of the kernel's memory with it. */
static void
make_cold(const char *file)
{
	char *wal = mem_printf("%s-wal", file);
	const char *const names[] = {file, wal};

	sync();
	for (int i = 0; i < 2; i++) {
		int fd = open(names[i], O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			continue;
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		close(fd);
	}
	mem_free(&wal);
}

static void
bench_figures(struct cache *cache, unsigned count)
{
	uint64_t start = clock_mono_us();
	struct cache_figures figures;

	cache_read_figures(cache, &figures);
	printf("figures, %u rows: %.1f ms (%llu entries, %llu MiB)\n", count,
	    (double)(clock_mono_us() - start) / 1000,
	    (unsigned long long)figures.entries,
	    (unsigned long long)figures.file_bytes >> 20);
}

/* How long until a store can be read by another connection. */
static uint64_t
store_us(struct cache *cache, struct cache_reader *reader, unsigned number)
{
	struct object *object = make_object(number, BODY), *seen = NULL;
	uint64_t start = clock_mono_us();
	char room[KEY_MAX];
	struct key key;

	make_key(&key, room, number);
	(void)cache_store(cache, object);
	while (!seen && clock_mono_us() - start < 5000000) {
		usleep(1000);
		seen = cache_load(reader, &key, NULL, NULL, NULL, NULL);
	}
	object_unref(&seen);
	object_unref(&object);
	return clock_mono_us() - start;
}

/* Throw a tenth out, with stores going on. */
static void
bench_evict(struct cache *cache, unsigned count)
{
	struct cache_reader *reader = cache_reader_new(cache);
	struct cache_opts opts = {.memory_max = 1 << 16, .variants_max = 32,
	    .wal_max = (uint64_t)1 << 30};
	struct cache_figures figures;
	uint64_t us[STORES], start = clock_mono_us();
	unsigned stores = 0, before = (unsigned)counter_read(COUNT_EVICTED);
	unsigned gone = 0, idle = 0;

	cache_read_figures(cache, &figures);
	/* throwing out goes to a twentieth below */
	opts.size_max = figures.file_bytes / 100 * 95;
	cache_set_limits(cache, &opts);
	for (; stores < STORES && idle < STORES_IDLE; stores++) {
		unsigned now;

		us[stores] = store_us(cache, reader, count + stores);
		now = (unsigned)counter_read(COUNT_EVICTED) - before;
		idle = now == gone ? idle + 1 : 0;
		gone = now;
	}
	qsort(us, stores, sizeof(*us), compare);
	printf("evicted %u of %u rows in %.1f s; %u stores beside it: seen by "
	    "a reader after p50 %.0f ms, p99 %.0f ms, at most %.0f ms\n", gone,
	    count,
	    (double)(clock_mono_us() - start) / 1e6, stores,
	    (double)us[stores / 2] / 1000,
	    (double)us[stores * 99 / 100] / 1000,
	    (double)us[stores - 1] / 1000);
	cache_reader_free(&reader);
}

static void
bench_file(const char *dir, unsigned count)
{
	char *file = mem_printf("%s/bench-%u.db", dir, count);
	struct cache *cache;
	uint64_t start;

	if (access(file, F_OK) != 0)
		fill(file, count);
	sync(); /* or the kernel's writing would be measured */
	start = clock_mono_us();
	cache = open_cache(file, 1 << 16);
	printf("opened with %u rows: %.1f ms\n", count,
	    (double)(clock_mono_us() - start) / 1000);
	read_rows(cache, count, READS, 7, "first pass");
	for (int i = 0; i < ROUNDS; i++)
		read_rows(cache, count, READS, 7, "warm");
	bench_figures(cache, count);
	cache_close(&cache);
	make_cold(file);
	cache = open_cache(file, 1 << 16);
	read_rows(cache, count, COLD_READS, 11, "cold disk");
	bench_figures(cache, count);
	bench_evict(cache, count);
	cache_close(&cache);
	mem_free(&file);
}

int
main(int argc, char **argv)
{
	char dir[] = "/tmp/livery-bench-XXXXXX", command[64];
	static const unsigned counts[] = {1000, 100000, 1000000};

	setvbuf(stdout, NULL, _IOLBF, 0);
	log_set_level(LOG_ERROR);
	if (argc > 2) {
		bench_file(argv[1], (unsigned)strtoul(argv[2], NULL, 10));
		return 0;
	}
	if (argc < 2 && !mkdtemp(dir))
		return 1;
	bench_memory(1000);
	bench_memory(1000000);
	for (size_t i = 0; i < COUNT_OF(counts); i++)
		bench_file(argc > 1 ? argv[1] : dir, counts[i]);
	if (argc < 2) {
		snprintf(command, sizeof(command), "rm -rf '%s'", dir);
		return system(command) != 0;
	}
	return 0;
}
