/* cache/rows.h - what the writer does to the file, one function a deed
 *
 * All run inside the writer's transaction and answer an SQLite code;
 * SQLITE_OK when done. The writer thread only. */
#ifndef CACHE_ROWS_H
#define CACHE_ROWS_H

#include "cache/db.h"
#include "cache/epoch.h"
#include "cache/object.h"
#include "cache/purge.h"
#include "cache/row.h"

enum {
	PROBLEMS_MAX = 1000,  /* rows kept, the newest */
	CHANGES_MAX = 10000,
	ADDRESSES_MAX = 10000,
	UNSTORED_MAX = 1000,
	THEMES_MAX = 20,      /* versions kept of one theme */
	EVICT_STEP = 8, /* few: with a small size_max they may be all */
	SWEEP_US = 10000, /* of one transaction, for rows that are purged */
	COUNT_US = 50000, /* of one purge, for how many they are */
};

/* A writing connection and what it works with. */
struct rows {
	struct db db;
	struct summing *summing;
	struct buf head;
	int64_t page_size;
	int64_t last_seq; /* in `changes`, that we know of */
	int64_t last_seq_before; /* this transaction */
	int64_t last_news;       /* in `news`, that we know of */
	/* Nothing in memory is older. Set before it is opened, as what
	 * follows; purges since then that are written in another file are
	 * heard of when that is opened in the place of the first. */
	int64_t begun_ms;
	bool has_readers;        /* of `news`, in this transaction */
	/* As one of several processes (peers.h, charge.h): borrowed, set before
	 * it is opened, or both NULL. */
	struct peers *peers;
	const char *file; /* borrowed */
	struct charges *charges;
	struct epochs *epochs; /* borrowed, set before it is opened */
	_Atomic unsigned variants_max;
};

enum db_state rows_open(struct rows *rows, const char *file, int *version,
    struct err *err);
void rows_close(struct rows *rows);

int rows_begin(struct rows *rows);
int rows_commit(struct rows *rows);
void rows_rollback(struct rows *rows);

/* Store or replace; sets object->row. The body is left alone when the row
 * has the same one already. */
int rows_put(struct rows *rows, struct object *object, int64_t now_ms);
int rows_put_dressed(struct rows *rows, const struct object *page,
    const struct object *dressed, int64_t now_ms);
int rows_touch(struct rows *rows, const struct object *object,
    uint32_t hits);
int rows_note_error(struct rows *rows, const char *key, const char *reason);
/* Purge, and leave word in `changes`. Rows that would take longer than SWEEP_US
 * are dead all the same, and go with rows_sweep(). */
int rows_purge(struct rows *rows, const struct purge_deed *deed,
    struct purged *purged);
/* Remove rows that were purged, until then. */
int rows_sweep(struct rows *rows, uint64_t until_us);
/* Whether there are any. */
bool rows_may_sweep(struct rows *rows);
/* Purges that are open in a file. */
int rows_read_epochs(sqlite3 *sqlite, struct epochs *epochs);
int rows_problem(struct rows *rows, const char *what, const char *url,
    const char *reason, const char *instead, int64_t now_ms);
int rows_address(struct rows *rows, const char *host, const char *address,
    int64_t now_ms);
int rows_theme_live(struct rows *rows, const char *name, const char *url,
    const char *version, int64_t size, int64_t now_ms);
int rows_site(struct rows *rows, const char *name, bool stale_override,
    int64_t stale_max_ms, bool sort_query, const char *ignore_params);
int rows_unstored(struct rows *rows, const char *url, const char *why,
    int64_t now_ms);
/* Remove the damaged row with this id, unless it was replaced meanwhile: sum
 * (in hex) is the one that stood in it. */
int rows_drop(struct rows *rows, int64_t id, const char *sum,
    bool is_dressed);
/* Throw out what was used longest ago, EVICT_STEP rows. *count grows. */
int rows_evict(struct rows *rows, unsigned *count);
/* Keep problems, changes and addresses within their limits. */
int rows_tidy(struct rows *rows);

/* Bytes of the file that are in use now. */
int64_t rows_used_bytes(struct rows *rows);
/* Number that changes when another connection has written. */
int64_t rows_data_version(struct rows *rows);
/* Call told for each purge by others since last asked: one of everything when
 * some are not known any more. Those that others have closed are closed. */
int rows_changes(struct rows *rows,
    void (*told)(void *arg, const struct purge_deed *deed), void *arg);

#endif
