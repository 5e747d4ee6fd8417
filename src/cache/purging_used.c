/* cache/purging_used.c - the pages that a purge means, the most used first */
#include "cache/purging.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cache/purging_way.h"

struct used {
	int64_t id, hits, last_ms;
};

/* A heap whose top is the least used. */
struct most {
	struct used *list;
	unsigned count, max;
};

static bool
is_less(const struct used *a, const struct used *b)
{
	return a->hits < b->hits ||
	    (a->hits == b->hits && a->last_ms < b->last_ms);
}

static void
swap(struct used *a, struct used *b)
{
	struct used was = *a;

	*a = *b;
	*b = was;
}

static void
sink(struct most *most)
{
	unsigned at = 0, least;

	for (;; at = least) {
		least = at;
		for (unsigned i = 2 * at + 1; i <= 2 * at + 2; i++)
			if (i < most->count &&
			    is_less(&most->list[i], &most->list[least]))
				least = i;
		if (least == at)
			return;
		swap(&most->list[at], &most->list[least]);
	}
}

static void
add(struct most *most, const struct used *used)
{
	unsigned at;

	if (most->count == most->max) {
		if (!is_less(&most->list[0], used))
			return;
		most->list[0] = *used;
		sink(most);
		return;
	}
	at = most->count++;
	most->list[at] = *used;
	for (; at > 0 && is_less(&most->list[at],
	    &most->list[(at - 1) / 2]); at = (at - 1) / 2)
		swap(&most->list[at], &most->list[(at - 1) / 2]);
}

static int
compare(const void *a, const void *b)
{
	return is_less(a, b) ? 1 : is_less(b, a) ? -1 : 0;
}

/* One row by its id; false: it is no page, or gone. */
static bool
read_used(sqlite3_stmt *stmt, int64_t id, struct used *used)
{
	bool found;

	sqlite3_bind_int64(stmt, 1, id);
	found = sqlite3_step(stmt) == SQLITE_ROW;
	if (found)
		*used = (struct used){id, sqlite3_column_int64(stmt, 0),
		    sqlite3_column_int64(stmt, 1)};
	sqlite3_reset(stmt);
	return found;
}

static int
find(sqlite3 *sqlite, const struct meaning *meaning, uint64_t until_us,
    struct most *most)
{
	sqlite3_stmt *find = NULL, *read = NULL;
	struct used used;
	int rc = way_prepare(&find, sqlite, meaning, false);

	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(sqlite, "SELECT hits, last_used_ms "
		    "FROM entry WHERE id = ?1 AND kind = 'page'", -1, &read,
		    NULL);
	if (rc == SQLITE_OK)
		way_bind(find, meaning, 0, INT64_MAX);
	while (rc == SQLITE_OK && sqlite3_step(find) == SQLITE_ROW) {
		if (way_is_meant(find, meaning) && read_used(read,
		    sqlite3_column_int64(find, 0), &used))
			add(most, &used);
		if (clock_mono_us() > until_us)
			break;
	}
	sqlite3_finalize(find);
	sqlite3_finalize(read);
	return rc;
}

int
purging_most_used(sqlite3 *sqlite, const struct meaning *meaning, unsigned max,
    uint64_t until_us, void (*told)(void *arg, const char *url,
    const char *variant), void *arg)
{
	struct most most = {mem_new_array(max, sizeof(struct used)), 0, max};
	sqlite3_stmt *stmt = NULL;
	int rc = find(sqlite, meaning, until_us, &most);

	qsort(most.list, most.count, sizeof(*most.list), compare);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(sqlite, "SELECT url, variant FROM "
		    "entry WHERE id = ?1", -1, &stmt, NULL);
	for (unsigned i = 0; rc == SQLITE_OK && i < most.count; i++) {
		sqlite3_bind_int64(stmt, 1, most.list[i].id);
		if (sqlite3_step(stmt) == SQLITE_ROW)
			told(arg, (const char *)sqlite3_column_text(stmt, 0),
			    (const char *)sqlite3_column_text(stmt, 1));
		sqlite3_reset(stmt);
	}
	sqlite3_finalize(stmt);
	mem_free(&most.list);
	return rc;
}
