/* cache/inspect_purge.c - `livery cache purge`: a purge by another process than
 * the server, which finds word of it in the file */
#include "cache/inspect.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cache/look.h"
#include "cache/purging.h"
#include "cache/rows.h"
#include "cache/target.h"

enum { REST_US = 2000 }; /* between two transactions: the server's turn */

static int64_t
count_lasting(sqlite3 *sqlite, const char *url)
{
	sqlite3_stmt *stmt = NULL;
	int64_t count = 0;

	if (sqlite3_prepare_v2(sqlite, "SELECT count(*) FROM entry WHERE "
	    "target = ?1 AND url = ?2 AND lasting", -1, &stmt, NULL) ==
	    SQLITE_OK) {
		sqlite3_bind_text(stmt, 1, target_of(url), -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 2, url, -1, SQLITE_STATIC);
		if (sqlite3_step(stmt) == SQLITE_ROW)
			count = sqlite3_column_int64(stmt, 0);
	}
	sqlite3_finalize(stmt);
	return count;
}

/* A path alone means all hosts of all sites. */
CHECKED static int
meaning_of_url(sqlite3 *sqlite, struct meaning **out, const char *url,
    struct err *err)
{
	char room[KEY_MAX];
	const char *name = look_url(sqlite, url, room);

	if (!name)
		return err_set(err, "nothing is stored of URLs that are "
		    "longer than %d bytes", KEY_MAX);
	return name[0] == '/' ? meaning_of_path(out, name, err) :
	    meaning_new(out, "url", name, err);
}

static int
commit(struct rows *rows, int rc)
{
	if (rc == SQLITE_OK)
		rc = rows_commit(rows);
	if (rc != SQLITE_OK)
		rows_rollback(rows);
	return rc;
}

/* From here on it is in force, and another process would go on with it. */
static int
purge(struct rows *rows, const struct purge_deed *deed, struct purged *purged)
{
	int rc = rows_begin(rows);

	if (rc == SQLITE_OK)
		rc = commit(rows, rows_purge(rows, deed, purged));
	while (rc == SQLITE_OK && rows_may_sweep(rows)) {
		usleep(REST_US);
		rc = rows_begin(rows);
		if (rc == SQLITE_OK)
			rc = commit(rows, rows_sweep(rows,
			    clock_mono_us() + SWEEP_US));
	}
	return rc;
}

CHECKED static int
open_rows(struct rows *rows, const char *file, struct err *err)
{
	int version;

	memset(rows, 0, sizeof(*rows));
	rows->epochs = epochs_new();
	if (rows_open(rows, file, &version, err) == DB_OK)
		return 0;
	epochs_free(&rows->epochs);
	return -1;
}

/* A theme is not removed: running servers fetch it anew. */
static unsigned
themes_at(struct rows *rows, const struct inspect_purging *what)
{
	char room[KEY_MAX];
	const char *name = what->url ?
	    look_url(rows->db.sqlite, what->url, room) : NULL;

	return name && name[0] != '/' ?
	    (unsigned)count_lasting(rows->db.sqlite, name) : 0;
}

static int
purge_file(const char *file, const struct inspect_purging *what,
    struct meaning *meaning, struct purged *purged, struct err *err)
{
	const struct purge_deed deed = {
		.meaning = meaning,
		.soft = what->soft,
		.at_ms = clock_wall_ms(),
	};
	struct rows rows;
	int rc;

	if (open_rows(&rows, file, err) != 0)
		return -1;
	rc = purge(&rows, &deed, purged);
	if (rc == SQLITE_OK)
		purged->count += themes_at(&rows, what);
	else
		err_set(err, "%s: %s", file, sqlite3_errmsg(rows.db.sqlite));
	rows_close(&rows);
	epochs_free(&rows.epochs);
	return rc == SQLITE_OK ? 0 : -1;
}

int
inspect_purge(const char *file, const struct inspect_purging *what,
    struct purged *purged, struct err *err)
{
	struct meaning *meaning = NULL;
	sqlite3 *sqlite;
	int rc = -1, code;

	/* look first: opening for writing would make a missing file */
	if (look_open(&sqlite, file, err) != 0)
		return -1;
	if ((what->url ? meaning_of_url(sqlite, &meaning, what->url, err) :
	    meaning_of(&meaning, what->tag, what->regex, err)) != 0)
		goto out;
	rc = 0;
	if (what->dry) {
		code = purging_count(sqlite, meaning, 0, INT64_MAX,
		    UINT64_MAX, &purged->count, &purged->more);
		if (code != SQLITE_OK)
			rc = err_set(err, "%s: %s", file,
			    sqlite3_errmsg(sqlite));
	}
out:
	sqlite3_close(sqlite);
	if (rc == 0 && !what->dry)
		rc = purge_file(file, what, meaning, purged, err);
	meaning_unref(&meaning);
	return rc;
}
