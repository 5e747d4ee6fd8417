/* cache/rows_purge.c - purges within the writer's transactions
 *
 * What a purge means is counted and written down; what of it can go in the same
 * moment goes, and the rest in later transactions (epoch.h). */
#include "cache/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cache/purging.h"

static int
work_off_oldest(struct rows *rows, uint64_t until_us, unsigned *count)
{
	struct epoch *epoch = epochs_next(rows->epochs);
	int rc = purging_sweep(rows->db.sqlite, epoch, until_us, count);

	if (rc == SQLITE_OK && epoch->is_over)
		rc = purging_close(rows->db.sqlite, epoch);
	return rc;
}

int
rows_sweep(struct rows *rows, uint64_t until_us)
{
	unsigned count = 0;
	int rc = SQLITE_OK;

	while (rc == SQLITE_OK && epochs_next(rows->epochs)) {
		rc = work_off_oldest(rows, until_us, &count);
		if (clock_mono_us() > until_us)
			break;
	}
	return rc;
}

bool
rows_may_sweep(struct rows *rows)
{
	return rows->db.sqlite && epochs_next(rows->epochs);
}

/* What is left when the time is over is only counted. */
static int
begin(struct rows *rows, struct epoch *epoch, struct purged *purged)
{
	uint64_t now_us = clock_mono_us();
	int64_t from = epochs_covered(rows->epochs, epoch->meaning);
	unsigned left = 0;
	int rc;

	epoch->max_id = purging_last_id(rows->db.sqlite);
	epoch->cursor = epoch->cursor_before = from;
	rc = purging_sweep(rows->db.sqlite, epoch,
	    epochs_count(rows->epochs) >= EPOCHS_MAX ? UINT64_MAX :
	    now_us + SWEEP_US, &purged->count);
	if (rc != SQLITE_OK || epoch->is_over)
		return rc;
	rc = purging_count(rows->db.sqlite, epoch->meaning, epoch->cursor,
	    epoch->max_id, now_us + COUNT_US, &left, &purged->more);
	purged->count += left;
	return rc;
}

static int
purge_one(struct rows *rows, const struct purge_deed *deed,
    struct purged *purged)
{
	struct epoch epoch = {
		.meaning = deed->meaning,
		.at_ms = deed->at_ms,
		.soft = deed->soft,
		.is_new = true,
	};
	int rc;

	*purged = (struct purged){0, false};
	rc = begin(rows, &epoch, purged);
	if (rc == SQLITE_OK)
		rc = purging_note(rows->db.sqlite, &epoch);
	if (rc != SQLITE_OK)
		return rc;
	rows->last_seq = epoch.seq;
	if (!epoch.is_over)
		epochs_add(rows->epochs, &epoch);
	return SQLITE_OK;
}

/* One tag after the other, so that each is found by its index. What has two of
 * them counts once if it went with the first. */
static int
purge_tags(struct rows *rows, const struct purge_deed *deed,
    struct purged *purged)
{
	char *tags = mem_strdup(meaning_key(deed->meaning)), *rest = tags;
	struct purge_deed one = *deed;
	struct purged some;
	int rc = SQLITE_OK;
	struct err err;
	char *tag;

	while (rc == SQLITE_OK && (tag = strsep(&rest, " ")) != NULL) {
		if (!*tag)
			continue;
		must(meaning_new(&one.meaning, "tag", tag, &err) == 0);
		rc = purge_one(rows, &one, &some);
		meaning_unref(&one.meaning);
		purged->count += some.count;
		purged->more |= some.more;
	}
	mem_free(&tags);
	return rc;
}

int
rows_purge(struct rows *rows, const struct purge_deed *deed,
    struct purged *purged)
{
	*purged = (struct purged){0, false};
	if (strcmp(meaning_kind(deed->meaning), "tags") == 0)
		return purge_tags(rows, deed, purged);
	return purge_one(rows, deed, purged);
}

/* ---- the words of others ---- */

struct reading {
	struct rows *rows;
	void (*told)(void *arg, const struct purge_deed *deed);
	void *arg;
};

/* It may have been anything. */
static void
tell_of_unknown(struct reading *reading, int64_t at_ms)
{
	struct purge_deed deed = {.at_ms = at_ms};
	struct err err;

	must(meaning_new(&deed.meaning, "all", "", &err) == 0);
	if (reading->told)
		reading->told(reading->arg, &deed);
	meaning_unref(&deed.meaning);
}

static void
on_word(void *arg, const struct epoch *epoch, bool is_open)
{
	struct reading *reading = arg;
	struct rows *rows = reading->rows;
	const struct purge_deed deed = {
		.meaning = epoch->meaning,
		.soft = epoch->soft,
		.at_ms = epoch->at_ms,
	};

	if (is_open)
		epochs_add(rows->epochs, epoch);
	/* numbers have no gaps but where old words were tidied up */
	if (epoch->seq > rows->last_seq + 1)
		tell_of_unknown(reading, epoch->at_ms);
	if (epoch->seq > rows->last_seq)
		rows->last_seq = epoch->seq;
	if (reading->told)
		reading->told(reading->arg, &deed);
}

/* Another process has worked it off. A row that it means may be a new answer
 * in the place of an old one by now. */
static bool
is_closed(void *arg, const struct epoch *epoch)
{
	char sql[80];

	snprintf(sql, sizeof(sql), "SELECT NOT open FROM changes WHERE "
	    "seq = %" PRId64, epoch->seq);
	return db_number(arg, sql, 0) != 0;
}

int
rows_changes(struct rows *rows,
    void (*told)(void *arg, const struct purge_deed *deed), void *arg)
{
	struct reading reading = {rows, told, arg};
	int rc = purging_words(rows->db.sqlite, rows->last_seq, false,
	    on_word, &reading);

	if (rc == SQLITE_OK)
		epochs_thin(rows->epochs, is_closed, rows->db.sqlite);
	return rc;
}

static void
on_open(void *arg, const struct epoch *epoch, bool is_open)
{
	if (is_open)
		epochs_add(arg, epoch);
}

int
rows_read_epochs(sqlite3 *sqlite, struct epochs *epochs)
{
	return purging_words(sqlite, 0, true, on_open, epochs);
}
