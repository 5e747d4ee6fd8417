/* tests/bench/bench_cache.c - what a look-up costs
 *
 * bench_cache [FOLDER [ROWS]]: looks up random keys among 1,000,000 objects in
 * memory and among 1,000, 100,000 and 1,000,000 rows (or ROWS only) of a cache
 * file in FOLDER (default: a new one under /tmp, removed at the end), warm and
 * from a cold disk; then reads the figures. A file that FOLDER has already is
 * not filled anew. What stores cost: bench_stores.c.
 *
 * Beside each look-up stand the time of a loop that does nothing but count, and
 * of three reads of a page without SQLite: what the slowest of those take is
 * the machine's and the kernel's doing and nobody else's. Warm means that the
 * file is in the kernel's memory, so it is locked there for those passes, where
 * that is allowed; "from disk" is what had to be fetched all the same. A
 * connection is kept, as a worker keeps its own: in its first pass it takes the
 * memory that the inner pages of the trees then stay in.
 *
 * bench_cache memory: the first part only. What one step costs there is what the
 * machine wants for a read from an object that nobody looked at lately. */
#include <fcntl.h>
#include <sys/resource.h>

#include "base/log.h"
#include "cache/db.h"
#include "cache/memtier.h"
#include "cachefile.h"

enum {
	LOOKUPS = 200000,
	STEPS = 1000000,
	READS = 20000,
	COLD_READS = 2000,
	ROUNDS = 5,
	SPINS = 12000,
};

static volatile uint64_t spun; /* so that it is not left out */

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

/* All objects, in no order. */
static struct object **
shuffled(struct memtier *memtier, unsigned count, unsigned *seed)
{
	struct object **all = mem_new_array(count, sizeof(*all));
	size_t n = 0;

	for (unsigned i = 0; i < MEMTIER_SHARDS; i++) {
		struct object **some;
		size_t len = memtier_list(memtier, i, &some);

		if (n + len > count)
			exit(1);
		memcpy(all + n, some, len * sizeof(*some));
		n += len;
		mem_free(&some);
	}
	for (size_t i = n; i > 1; i--) {
		size_t j = ((size_t)rand_r(seed) << 16 ^
			       (size_t)rand_r(seed)) % i;
		struct object *object = all[i - 1];

		all[i - 1] = all[j];
		all[j] = object;
	}
	return all;
}

/* What a look-up cannot do without, over and over: from one object to another
 * that nobody looked at lately, and nothing else. */
static double
step_ns(struct memtier *memtier, unsigned count)
{
	unsigned seed = 1;
	struct object **all = shuffled(memtier, count, &seed), *at;
	uint64_t start;

	for (unsigned i = 0; i < count; i++)
		all[i]->touched_next = all[(i + 1) % count];
	at = all[0];
	start = clock_mono_us();
	for (unsigned i = 0; i < STEPS; i++)
		at = at->touched_next;
	start = clock_mono_us() - start;
	spun = (uintptr_t)at;
	for (unsigned i = 0; i < count; i++) {
		all[i]->touched_next = NULL;
		object_unref(&all[i]);
	}
	mem_free(&all);
	return (double)start * 1000 / STEPS;
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
	    "best %.0f); a step from object to object %.0f ns\n", count,
	    (double)us[ROUNDS / 2] * 1000 / LOOKUPS, ROUNDS,
	    (double)us[0] * 1000 / LOOKUPS, step_ns(memtier, count));
	memtier_free(&memtier);
	mem_free(&rooms);
	mem_free(&keys);
}

/* ---- the file ---- */

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
read_all(struct pass *pass, struct cache_reader *reader, unsigned count,
    unsigned n, unsigned seed)
{
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
read_rows(struct cache *cache, struct cache_reader *reader, unsigned count,
    unsigned n, unsigned seed, const char *how)
{
	struct pass pass = {.file = cache_file(cache),
	    .us = mem_new_array(n, sizeof(uint64_t)),
	    .spin_us = mem_new_array(n, sizeof(uint64_t)),
	    .bare_us = mem_new_array(n, sizeof(uint64_t))};
	struct rusage before, after;

	getrusage(RUSAGE_SELF, &before);
	read_all(&pass, reader, count, n, seed);
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

static void
bench_file(const char *dir, unsigned count)
{
	char *file = mem_printf("%s/bench-%u.db", dir, count);
	struct cache_reader *reader;
	struct cache *cache;
	uint64_t start;
	size_t size;
	void *map;

	if (access(file, F_OK) != 0)
		fill(file, count);
	sync(); /* or the kernel's writing would be measured */
	/* before the cache opens it: closing it then would drop SQLite's locks */
	map = lock_file(file, &size);
	start = clock_mono_us();
	cache = open_cache(file, 1 << 16);
	printf("opened with %u rows: %.1f ms\n", count,
	    (double)(clock_mono_us() - start) / 1000);
	reader = cache_reader_new(cache);
	for (unsigned i = 0; i <= ROUNDS; i++)
		read_rows(cache, reader, count, READS, 7 + i,
		    i == 0 ? "the connection new" : "warm");
	cache_reader_free(&reader);
	bench_figures(cache, count);
	cache_close(&cache);
	unlock_file(map, size);
	make_cold(file);
	cache = open_cache(file, 1 << 16);
	reader = cache_reader_new(cache);
	read_rows(cache, reader, count, COLD_READS, 11, "cold disk");
	cache_reader_free(&reader);
	bench_figures(cache, count);
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
	if (argc == 2 && strcmp(argv[1], "memory") == 0)
		return 0;
	for (size_t i = 0; i < COUNT_OF(counts); i++)
		bench_file(argc > 1 ? argv[1] : dir, counts[i]);
	if (argc < 2) {
		snprintf(command, sizeof(command), "rm -rf '%s'", dir);
		return system(command) != 0;
	}
	return 0;
}
