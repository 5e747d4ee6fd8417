/* tests/bench/bench_cache.c - what a look-up costs
 *
 * bench_cache [FOLDER]: looks up random keys among 1,000,000 objects in memory
 * and among 1,000 and 1,000,000 rows of a cache file in FOLDER (default: a
 * new one under /tmp, removed at the end), warm, and times opening a file with
 * 100,000 rows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cache/cache.h"
#include "cache/memtier.h"

enum { LOOKUPS = 200000, READS = 20000, BODY = 2000, ROUNDS = 5 };

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

static void
read_rows(struct cache *cache, unsigned count, const char *how)
{
	struct cache_reader *reader = cache_reader_new(cache);
	uint64_t *us = mem_new_array(READS, sizeof(*us));
	unsigned seed = 7, found = 0;
	char room[KEY_MAX];

	for (unsigned i = 0; i < READS; i++) {
		uint64_t start = clock_mono_us();
		struct object *object;
		struct key key;

		make_key(&key, room, (unsigned)rand_r(&seed) % count);
		object = cache_load(reader, &key, NULL, NULL, NULL, NULL);
		found += object != NULL;
		object_unref(&object);
		us[i] = clock_mono_us() - start;
	}
	qsort(us, READS, sizeof(*us), compare);
	printf("file, %u rows, %s: p50 %llu us, p99 %llu us (%u of %d "
	    "found)\n", count, how, (unsigned long long)us[READS / 2],
	    (unsigned long long)us[READS * 99 / 100], found, READS);
	mem_free(&us);
	cache_reader_free(&reader);
}

static void
bench_file(const char *dir, unsigned count)
{
	char *file = mem_printf("%s/bench-%u.db", dir, count);
	struct cache *cache;
	uint64_t start;

	fill(file, count);
	sync(); /* or the kernel's writing would be measured */
	start = clock_mono_us();
	cache = open_cache(file, 1 << 16);
	printf("opened with %u rows: %.1f ms\n", count,
	    (double)(clock_mono_us() - start) / 1000);
	read_rows(cache, count, "first pass");
	for (int i = 0; i < ROUNDS; i++)
		read_rows(cache, count, "warm");
	cache_close(&cache);
	mem_free(&file);
}

int
main(int argc, char **argv)
{
	char dir[] = "/tmp/livery-bench-XXXXXX", command[64];

	setvbuf(stdout, NULL, _IOLBF, 0);
	log_set_level(LOG_ERROR);
	if (argc < 2 && !mkdtemp(dir))
		return 1;
	bench_memory(1000);
	bench_memory(1000000);
	bench_file(argc > 1 ? argv[1] : dir, 1000);
	bench_file(argc > 1 ? argv[1] : dir, 100000);
	bench_file(argc > 1 ? argv[1] : dir, 1000000);
	if (argc < 2) {
		snprintf(command, sizeof(command), "rm -rf '%s'", dir);
		return system(command) != 0;
	}
	return 0;
}
