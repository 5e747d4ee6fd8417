/* tests/unit/cache_help.h - what the tests of the cache share: a folder of
 * their own, and short words for storing and finding */
#ifndef CACHE_HELP_H
#define CACHE_HELP_H

#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cache/cache.h"

#define help_test(f) cmocka_unit_test_setup_teardown(f, help_setup, help_end)

struct help {
	char dir[64];
	char file[128];
	struct cache_opts opts;
};

static inline int
help_setup(void **state)
{
	struct help *help = mem_new(sizeof(*help));

	snprintf(help->dir, sizeof(help->dir), "/tmp/livery-cache-XXXXXX");
	if (!mkdtemp(help->dir))
		return -1;
	snprintf(help->file, sizeof(help->file), "%s/cache.db", help->dir);
	help->opts = (struct cache_opts){.file = help->file,
	    .size_max = 1 << 30, .memory_max = 64 << 20,
	    .wal_max = 256 << 20, .variants_max = 32};
	*state = help;
	return 0;
}

static inline int
help_end(void **state)
{
	struct help *help = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", help->dir);
	(void)!system(command);
	mem_free(&help);
	return 0;
}

static inline struct cache *
help_open(struct help *help)
{
	struct cache *cache = NULL;
	struct err err;

	if (cache_open(&cache, &help->opts, &err) != 0)
		fail_msg("%s", err.text);
	return cache;
}

static inline void
help_key(struct key *key, char *room, const char *target)
{
	assert_int_equal(key_make(key, room, KIND_PAGE, "site", "http", 4,
	    "www.example.org", 15, target, strlen(target)), 0);
}

static inline struct object *
help_object(const char *target, const char *text)
{
	char room[KEY_MAX], *bytes = mem_strdup(text);
	struct object *object;
	struct key key;

	help_key(&key, room, target);
	object = object_new(&key, KIND_PAGE, "site");
	object->status = 200;
	head_add(&object->head, "Content-Type", "text/html");
	head_add(&object->head, "X-Other", "some text, with commas");
	object->body = body_new(&bytes, strlen(text));
	object->asked_ms = object->answered_ms = clock_wall_ms();
	object->fresh.lifetime_ms = 60000;
	object->etag = "\"e\"";
	return object;
}

/* The caller's own count of it is given. */
static inline struct object *
help_store(struct cache *cache, const char *target, const char *text)
{
	struct object *object = help_object(target, text);

	(void)cache_store(cache, object);
	return object;
}

static inline struct object *
help_find(struct cache *cache, const char *target)
{
	char room[KEY_MAX];
	struct key key;

	help_key(&key, room, target);
	return cache_find(cache, &key, NULL, NULL, NULL);
}

static inline struct object *
help_load(struct cache_reader *reader, const char *target)
{
	char room[KEY_MAX];
	struct key key;

	help_key(&key, room, target);
	return cache_load(reader, &key, NULL, NULL, NULL, NULL);
}

/* A connection of somebody else's to the file, who waits for a lock as others
 * do: the writer may hold it just now. */
static inline sqlite3 *
help_sqlite(const struct help *help)
{
	sqlite3 *sqlite = NULL;

	assert_int_equal(sqlite3_open(help->file, &sqlite), SQLITE_OK);
	assert_int_equal(sqlite3_busy_timeout(sqlite, 5000), SQLITE_OK);
	return sqlite;
}

/* One number from the file, through a connection of its own; -1: none. */
static inline int64_t
help_count(const struct help *help, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	sqlite3 *sqlite = NULL;
	int64_t number = -1;

	if (sqlite3_open_v2(help->file, &sqlite, SQLITE_OPEN_READWRITE,
	    NULL) == SQLITE_OK &&
	    sqlite3_busy_timeout(sqlite, 2000) == SQLITE_OK &&
	    sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(sqlite);
	return number;
}

#endif
