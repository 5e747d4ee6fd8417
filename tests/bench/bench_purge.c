/* tests/bench/bench_purge.c - what a large purge costs who asks for it, and
 * everybody else
 *
 * bench_purge [ROWS]: fills a cache file under /tmp with ROWS answers (100,000)
 * of one tag and as many others as are asked for meanwhile. Then, at rest,
 * during a hard and a soft purge of the tag and while their rows go: how long
 * a look-up in memory takes, and how long after its store an answer stands in
 * the file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/thread.h"
#include "cache/cache.h"
#include "cache/db.h"

enum {
	HOT = 1000,      /* answers that are looked up meanwhile */
	SAMPLES_MAX = 1 << 22,
	STORE_EVERY_US = 5000,
	REST_US = 3000000,
};

struct samples {
	uint64_t *ns;
	size_t count;
};

struct others {
	struct cache *cache;
	const char *file;
	_Atomic bool stop;
	struct samples hits, stores;
};

static struct object *
make_object(struct key *key, char *room, const char *target, const char *tags)
{
	char *bytes = mem_new(2001);
	struct object *object;

	if (key_make(key, room, KIND_PAGE, "main", "http", 4,
		"www.example.org", 15, target, strlen(target)) != 0)
		exit(1);
	memset(bytes, 'x', 2000);
	object = object_new(key, KIND_PAGE, "main");
	object->status = 200;
	head_add(&object->head, "Content-Type", "text/html; charset=utf-8");
	head_add(&object->head, "Cache-Control", "max-age=600");
	object->asked_ms = object->answered_ms = clock_wall_ms();
	object->fresh.lifetime_ms = 600000;
	object->body = body_new(&bytes, 2000);
	object->tags = tags;
	return object;
}

static void
store(struct cache *cache, const char *folder, unsigned number,
    const char *tags)
{
	char room[KEY_MAX], target[64];
	struct object *object;
	struct key key;

	snprintf(target, sizeof(target), "%s%u", folder, number);
	object = make_object(&key, room, target, tags);
	(void)cache_store(cache, object);
	object_unref(&object);
}

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void
add(struct samples *samples, uint64_t ns)
{
	if (samples->count < SAMPLES_MAX)
		samples->ns[samples->count++] = ns;
}

/* Look-ups in memory, with a rest so that others have the processor too. */
static void
run_hits(void *arg)
{
	struct others *others = arg;
	char room[KEY_MAX], target[64];
	struct key key;

	for (unsigned i = 0; !atomic_load(&others->stop); i++) {
		struct object *object;
		uint64_t start;

		snprintf(target, sizeof(target), "/hot/%u", i % HOT);
		if (key_make(&key, room, KIND_PAGE, "main", "http", 4,
			"www.example.org", 15, target, strlen(target)) != 0)
			exit(1);
		start = now_ns();
		object = cache_find(others->cache, &key, NULL, NULL, NULL);
		add(&others->hits, now_ns() - start);
		object_unref(&object);
		usleep(50);
	}
}

/* Until another connection sees it. */
static void
run_stores(void *arg)
{
	static const char *const sql[] = {
	    "SELECT 1 FROM entry WHERE target = ?1"};
	struct others *others = arg;
	struct db db;
	static unsigned number;

	if (db_open_reader(&db, others->file, sql, 1, NULL) != DB_OK)
		exit(1);
	while (!atomic_load(&others->stop)) {
		uint64_t start = now_ns();
		char target[64];
		bool seen = false;

		snprintf(target, sizeof(target), "/new/%u", number);
		store(others->cache, "/new/", number++, "");
		while (!seen) {
			sqlite3_stmt *stmt = db_use(&db, 0);

			sqlite3_bind_text(stmt, 1, target, -1, SQLITE_STATIC);
			seen = sqlite3_step(stmt) == SQLITE_ROW;
			sqlite3_reset(stmt);
			if (!seen)
				usleep(500);
		}
		add(&others->stores, now_ns() - start);
		usleep(STORE_EVERY_US);
	}
	db_close(&db);
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
print(const char *what, struct samples *samples)
{
	size_t n = samples->count;

	if (n == 0)
		return;
	qsort(samples->ns, n, sizeof(*samples->ns), compare);
	printf("  %-8s %8zu: p50 %8.1f us, p99 %8.1f us, p99.9 %8.1f us, "
	    "most %8.1f us\n", what, n, (double)samples->ns[n / 2] / 1000,
	    (double)samples->ns[n * 99 / 100] / 1000,
	    (double)samples->ns[n * 999 / 1000] / 1000,
	    (double)samples->ns[n - 1] / 1000);
	samples->count = 0;
}

static int64_t
number(const char *file, const char *sql)
{
	const char *const all[] = {sql};
	sqlite3_stmt *stmt;
	int64_t got = 0;
	struct db db;

	if (db_open_reader(&db, file, all, 1, NULL) != DB_OK)
		exit(1);
	stmt = db_use(&db, 0);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		got = sqlite3_column_int64(stmt, 0);
	db_close(&db);
	return got;
}

static void
settle(const char *file, const char *sql)
{
	while (number(file, sql) > 0)
		usleep(20000);
}

/* What others meet while `soft`: 0 or 1 purges, -1: nothing happens. */
static void
bench(struct others *others, const char *what, const char *kind,
    const char *key, int soft)
{
	struct thread hits = {0}, stores = {0};
	struct meaning *meaning;
	struct purged purged = {0, false};
	uint64_t start, answered = 0;
	struct err err;

	if (meaning_new(&meaning, kind, key, &err) != 0)
		exit(1);
	atomic_store(&others->stop, false);
	if (thread_start(&hits, "hits", run_hits, others, &err) != 0 ||
	    thread_start(&stores, "stores", run_stores, others, &err) != 0)
		exit(1);
	usleep(100000);
	start = clock_mono_us();
	if (soft >= 0) {
		purged = cache_purge(others->cache, meaning, soft);
		answered = clock_mono_us() - start;
		settle(others->file, "SELECT count(*) FROM changes WHERE open");
	} else {
		usleep(REST_US);
	}
	atomic_store(&others->stop, true);
	thread_join(&hits);
	thread_join(&stores);
	printf("%s: %s%u answers in %.1f ms, rows done after %.0f ms\n", what,
	    purged.more ? "at least " : "", purged.count,
	    (double)answered / 1000,
	    (double)(clock_mono_us() - start) / 1000);
	print("look-ups", &others->hits);
	print("stores", &others->stores);
	meaning_unref(&meaning);
}

static void
fill(struct cache *cache, const char *file, unsigned rows)
{
	char sql[] = "SELECT count(*) FROM tag";

	for (unsigned i = 0; i < rows; i++) {
		store(cache, "/tagged/", i, "everywhere");
		if (i % 2000 == 1999)
			usleep(100000); /* or it stays in memory only */
	}
	while (number(file, sql) < (int64_t)rows * 99 / 100)
		usleep(50000);
	printf("%lld rows\n", (long long)number(file, sql));
}

int
main(int argc, char **argv)
{
	unsigned rows = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) :
				   100000;
	char dir[] = "/tmp/livery-bench-XXXXXX", command[64];
	struct cache_opts opts = {.size_max = (uint64_t)64 << 30,
	    .memory_max = (uint64_t)1 << 30, .wal_max = (uint64_t)1 << 30,
	    .variants_max = 32};
	struct others others = {.hits = {.ns = NULL}};
	char *file;
	struct err err;

	setvbuf(stdout, NULL, _IOLBF, 0);
	log_set_level(LOG_ERROR);
	if (!mkdtemp(dir))
		return 1;
	opts.file = others.file = file = mem_printf("%s/cache.db", dir);
	others.hits.ns = mem_new_array(SAMPLES_MAX, sizeof(uint64_t));
	others.stores.ns = mem_new_array(SAMPLES_MAX, sizeof(uint64_t));
	if (cache_open(&others.cache, &opts, &err) != 0)
		return 1;
	fill(others.cache, file, rows);
	for (unsigned i = 0; i < HOT; i++)
		store(others.cache, "/hot/", i, "");
	bench(&others, "at rest", "tag", "nothing", -1);
	bench(&others, "soft purge of a tag", "tag", "everywhere", 1);
	bench(&others, "soft purge by a pattern", "match", "url ^/tagged", 1);
	bench(&others, "hard purge of a tag", "tag", "everywhere", 0);
	fill(others.cache, file, rows);
	bench(&others, "hard purge of everything", "all", "", 0);
	cache_close(&others.cache);
	mem_free(&file);
	mem_free(&others.hits.ns);
	mem_free(&others.stores.ns);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command) != 0;
}
