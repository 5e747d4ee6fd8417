/* tests/bench/cachefile.h - a cache file full of small answers, for
 * bench_cache.c, bench_floor.c and bench_stores.c */
#ifndef BENCH_CACHEFILE_H
#define BENCH_CACHEFILE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cache/cache.h"

enum { BODY = 2000, FILL_MEMORY = 1 << 20 };

static inline void
make_key(struct key *key, char *room, unsigned number)
{
	char target[64];
	int len =
	    snprintf(target, sizeof(target), "/news/2026/item-%u.html", number);

	if (key_make(key, room, KIND_PAGE, "main", "http", 4, "www.example.org",
		15, target, (size_t)len) != 0)
		exit(1);
}

static inline struct object *
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

static inline struct cache *
open_cache(const char *file, uint64_t memory)
{
	struct cache_opts opts = {.file = file,
	    .size_max = (uint64_t)64 << 30,
	    .memory_max = memory,
	    .wal_max = (uint64_t)256 << 20,
	    .variants_max = 32};
	struct cache *cache;
	struct err err;

	if (cache_open(&cache, &opts, &err) != 0) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	return cache;
}

/* From now on resident_mib() of this process counts anew. */
static inline void
resident_begin(void)
{
	FILE *file = fopen("/proc/self/clear_refs", "w");

	if (!file)
		return;
	fputs("5", file);
	fclose(file);
}

/* What a process had resident at most, in MiB; 0 when it is over. */
static inline long
resident_mib(pid_t pid)
{
	char line[128];
	FILE *file;
	long kib = 0, now;

	snprintf(line, sizeof(line), "/proc/%d/status", (int)pid);
	file = fopen(line, "r");

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "VmHWM: %ld", &now) == 1)
			kib = now;
	}
	if (file)
		fclose(file);
	return kib >> 10;
}

static inline void
fill(const char *file, unsigned count)
{
	struct cache *cache = open_cache(file, FILL_MEMORY);
	uint64_t start = clock_mono_us();

	resident_begin();
	for (unsigned i = 0; i < count; i++) {
		struct object *object = make_object(i, BODY);

		while (!cache_store(cache, object))
			usleep(10000);
		object_unref(&object);
	}
	cache_close(&cache);
	printf("stored %u rows of %d bytes: %.0f a second, %ld MiB resident "
	       "at most\n",
	    count, BODY, count / ((double)(clock_mono_us() - start) / 1e6),
	    resident_mib(getpid()));
}

/* Into the kernel's memory with it, to stay there. Returns what unlock_file()
 * wants; NULL: it may not be. */
static inline void *
lock_file(const char *file, size_t *size)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	void *map;

	*size = (size_t)lseek(fd, 0, SEEK_END);
	map = mmap(NULL, *size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return NULL;
	if (mlock(map, *size) != 0) {
		perror("the file is not locked in memory");
		munmap(map, *size);
		return NULL;
	}
	return map;
}

static inline void
unlock_file(void *map, size_t size)
{
	if (map)
		munmap(map, size);
}

static inline int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

#endif
