/* cache/purging.c - rows that a purge means are counted, removed, marked, and
 * word of it is left and read */
#include "cache/purging.h"

#include "base/clock.h"
#include "cache/db.h"
#include "cache/purging_way.h"

enum {
	STEP_IDS = 64,    /* found, and then worked off */
	LOOK_EVERY = 16, /* rows, at the clock */
};

static int
done(int rc)
{
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* ---- counting ---- */

int
purging_count(sqlite3 *sqlite, const struct meaning *meaning, int64_t from,
    int64_t to, uint64_t until_us, unsigned *count, bool *more)
{
	sqlite3_stmt *stmt = NULL;
	unsigned seen = 0;
	int rc = way_prepare(&stmt, sqlite, meaning, true);

	*more = false;
	*count = 0;
	if (rc != SQLITE_OK)
		goto out;
	way_bind(stmt, meaning, from, to);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		*count += way_is_meant(stmt, meaning);
		if (++seen % LOOK_EVERY == 0 && clock_mono_us() > until_us) {
			*more = true;
			break;
		}
	}
out:
	sqlite3_finalize(stmt);
	return done(rc);
}

/* ---- removing ---- */

struct ids {
	int64_t ids[STEP_IDS];
	unsigned count;
	int64_t looked_at; /* the last id that was judged */
	bool all;          /* there are no more */
};

static int
find_ids(sqlite3_stmt *stmt, const struct epoch *epoch, uint64_t until_us,
    struct ids *ids)
{
	unsigned seen = 0;
	int rc;

	ids->count = 0;
	ids->looked_at = epoch->cursor;
	sqlite3_reset(stmt);
	way_bind(stmt, epoch->meaning, epoch->cursor, epoch->max_id);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		ids->looked_at = sqlite3_column_int64(stmt, 0);
		if (way_is_meant(stmt, epoch->meaning))
			ids->ids[ids->count++] = ids->looked_at;
		if (ids->count == STEP_IDS ||
		    (++seen % LOOK_EVERY == 0 && clock_mono_us() > until_us))
			break;
	}
	ids->all = rc == SQLITE_DONE;
	sqlite3_reset(stmt);
	return done(rc);
}

static int
run_with(sqlite3_stmt *stmt, int64_t id)
{
	int rc;

	sqlite3_bind_int64(stmt, 1, id);
	rc = sqlite3_step(stmt);
	sqlite3_reset(stmt);
	return done(rc);
}

/* One after the other; the cursor stays behind the last that was done. */
static int
work_off(sqlite3 *sqlite, sqlite3_stmt *deed, struct epoch *epoch,
    const struct ids *ids, uint64_t until_us, unsigned *count)
{
	for (unsigned i = 0; i < ids->count; i++) {
		int rc = run_with(deed, ids->ids[i]);

		if (rc != SQLITE_OK)
			return rc;
		*count += (unsigned)sqlite3_changes(sqlite);
		epoch->cursor = ids->ids[i];
		if (i + 1 < ids->count && clock_mono_us() > until_us)
			return SQLITE_OK;
	}
	epoch->cursor = ids->looked_at;
	epoch->is_over = ids->all;
	return SQLITE_OK;
}

static int
prepare_deed(sqlite3 *sqlite, const struct epoch *epoch, sqlite3_stmt **deed)
{
	int rc = sqlite3_prepare_v2(sqlite, epoch->soft ?
	    "UPDATE entry SET expired_ms = iif(expired_ms = ?3, ?2, "
	    "min(expired_ms, ?2)) WHERE id = ?1" :
	    "DELETE FROM entry WHERE id = ?1", -1, deed, NULL);

	if (rc == SQLITE_OK && epoch->soft) {
		sqlite3_bind_int64(*deed, 2, epoch->at_ms);
		sqlite3_bind_int64(*deed, 3, ROW_NOT_EXPIRED);
	}
	return rc;
}

int
purging_sweep(sqlite3 *sqlite, struct epoch *epoch, uint64_t until_us,
    unsigned *count)
{
	sqlite3_stmt *find = NULL, *deed = NULL;
	struct ids ids;
	int rc = way_prepare(&find, sqlite, epoch->meaning, false);

	if (rc == SQLITE_OK)
		rc = prepare_deed(sqlite, epoch, &deed);
	while (rc == SQLITE_OK && !epoch->is_over) {
		rc = find_ids(find, epoch, until_us, &ids);
		if (rc == SQLITE_OK)
			rc = work_off(sqlite, deed, epoch, &ids, until_us,
			    count);
		if (clock_mono_us() > until_us)
			break;
	}
	sqlite3_finalize(find);
	sqlite3_finalize(deed);
	return rc;
}

/* ---- word of it ---- */

static const char *
text(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return text ? text : "";
}

int64_t
purging_last_id(sqlite3 *sqlite)
{
	return db_number(sqlite,
	    "SELECT seq FROM sqlite_sequence WHERE name = 'entry'", 0);
}

int
purging_note(sqlite3 *sqlite, struct epoch *epoch)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(sqlite, "INSERT INTO changes (kind, key, "
	    "at_ms, soft, max_id, open) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", -1,
	    &stmt, NULL);

	if (rc != SQLITE_OK)
		return rc;
	sqlite3_bind_text(stmt, 1, meaning_kind(epoch->meaning), -1,
	    SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, meaning_key(epoch->meaning), -1,
	    SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, epoch->at_ms);
	sqlite3_bind_int(stmt, 4, epoch->soft);
	sqlite3_bind_int64(stmt, 5, epoch->max_id);
	sqlite3_bind_int(stmt, 6, !epoch->is_over);
	rc = done(sqlite3_step(stmt));
	sqlite3_finalize(stmt);
	if (rc == SQLITE_OK)
		epoch->seq = sqlite3_last_insert_rowid(sqlite);
	return rc;
}

int
purging_close(sqlite3 *sqlite, const struct epoch *epoch)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(sqlite,
	    "UPDATE changes SET open = 0 WHERE seq = ?1 AND open", -1, &stmt,
	    NULL);

	if (rc != SQLITE_OK)
		return rc;
	rc = run_with(stmt, epoch->seq);
	sqlite3_finalize(stmt);
	return rc;
}

/* Whatever cannot be read was a purge, and nobody knows of what. */
static struct meaning *
read_meaning(sqlite3_stmt *stmt)
{
	struct meaning *meaning = NULL;
	struct err err;

	if (meaning_new(&meaning, text(stmt, 1), text(stmt, 2), &err) != 0)
		must(meaning_new(&meaning, "all", "", &err) == 0);
	return meaning;
}

int
purging_words(sqlite3 *sqlite, int64_t seq, bool open_only,
    void (*told)(void *arg, const struct epoch *epoch, bool is_open),
    void *arg)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(sqlite, open_only ?
	    "SELECT seq, kind, key, soft, max_id, at_ms, open FROM changes "
	    "WHERE open AND seq > ?1 ORDER BY seq" :
	    "SELECT seq, kind, key, soft, max_id, at_ms, open FROM changes "
	    "WHERE seq > ?1 ORDER BY seq", -1, &stmt, NULL);

	if (rc != SQLITE_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, seq);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct epoch epoch = {
			.meaning = read_meaning(stmt),
			.seq = sqlite3_column_int64(stmt, 0),
			.soft = sqlite3_column_int(stmt, 3) != 0,
			.max_id = sqlite3_column_int64(stmt, 4),
			.at_ms = sqlite3_column_int64(stmt, 5),
		};

		told(arg, &epoch, sqlite3_column_int(stmt, 6) != 0);
		meaning_unref(&epoch.meaning);
	}
	sqlite3_finalize(stmt);
	return done(rc);
}
