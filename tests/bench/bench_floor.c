/* tests/bench/bench_floor.c - what no layout of the cache file goes below
 *
 * bench_floor [FOLDER [ROWS]]: makes an SQLite file of 1,000 rows and one of
 * ROWS (1,000,000) in FOLDER (default: a new one under /tmp, removed at the
 * end). All that a look-up wants stands in one row there, found by a number:
 * one descent, one page that nobody read lately, no text compared, and with 64
 * MiB of SQLite's own pages all inner pages of the tree are among those. The
 * cache file cannot be like that (doc/performance.md says why), and whatever it
 * is like, it does this and more. Told for both sizes, in rounds by turns:
 *
 *   one row again   the same row every time: a transaction and nothing else
 *   a look-up       any row, a transaction each
 *   in one          any row, within one transaction that stays open
 *   a bare read     one page of the file, without SQLite
 *
 * The files are locked in the kernel's memory where that is allowed. */
#include <time.h>

#include "base/log.h"
#include "cache/db.h"
#include "cachefile.h"

enum {
	ROWS = 1000000,
	FEW = 1000,
	ROUNDS = 5,
	READS = 20000,
	ROW = BODY + 300, /* a body, and what is said of it */
};

enum how { AGAIN, EACH, IN_ONE, BARE, HOWS };
static const char *const names[HOWS] = {
    "one row again",
    "a look-up",
    "in one",
    "a bare read",
};

enum { FIND, BEGIN, COMMIT, STATEMENTS };
static const char *const sql_table[STATEMENTS] = {
    [FIND] = "SELECT bytes FROM answer WHERE place = ?1",
    [BEGIN] = "BEGIN",
    [COMMIT] = "COMMIT",
};

struct file {
	char *name;
	unsigned rows;
	struct db db;
	int fd;
	uint64_t pages;
	void *map;
	size_t size;
	uint64_t p50[HOWS][ROUNDS], p99[HOWS][ROUNDS]; /* ns */
};

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* A number for a number, in no order; never the same for two. */
static int64_t
place_of(uint64_t number)
{
	number += 0x9e3779b97f4a7c15u;
	number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9u;
	number = (number ^ number >> 27) * 0x94d049bb133111ebu;
	return (int64_t)(number ^ number >> 31);
}

static int
compare_places(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
run(sqlite3 *sqlite, const char *sql)
{
	char *why = NULL;

	if (sqlite3_exec(sqlite, sql, NULL, NULL, &why) == SQLITE_OK)
		return;
	fprintf(stderr, "%s: %s\n", sql, why ? why : "no memory");
	exit(1);
}

/* In the order of the table, so that it is as dense as it can be. */
static void
put_rows(sqlite3 *sqlite, unsigned rows)
{
	int64_t *places = mem_new_array(rows, sizeof(*places));
	static char bytes[ROW];
	sqlite3_stmt *stmt;

	for (unsigned i = 0; i < rows; i++)
		places[i] = place_of(i);
	qsort(places, rows, sizeof(*places), compare_places);
	if (sqlite3_prepare_v2(sqlite, "INSERT INTO answer VALUES (?1, ?2)", -1,
		&stmt, NULL) != SQLITE_OK)
		exit(1);
	sqlite3_bind_blob(stmt, 2, bytes, ROW, SQLITE_STATIC);
	for (unsigned i = 0; i < rows; i++) {
		sqlite3_bind_int64(stmt, 1, places[i]);
		if (db_run(stmt) != SQLITE_OK)
			exit(1);
	}
	sqlite3_finalize(stmt);
	mem_free(&places);
}

static void
make_file(const struct file *file)
{
	char pragma[64];
	sqlite3 *sqlite;

	if (sqlite3_open(file->name, &sqlite) != SQLITE_OK)
		exit(1);
	snprintf(pragma, sizeof(pragma), "PRAGMA page_size = %d", DB_PAGE_SIZE);
	run(sqlite, pragma);
	run(sqlite, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
		    "CREATE TABLE answer (place INTEGER PRIMARY KEY, "
		    "bytes BLOB NOT NULL) STRICT; BEGIN");
	put_rows(sqlite, file->rows);
	run(sqlite, "COMMIT; PRAGMA journal_mode = WAL");
	sqlite3_close(sqlite);
}

static void
open_file(struct file *file, const char *dir, unsigned rows)
{
	struct err err;

	memset(file, 0, sizeof(*file));
	file->name = mem_printf("%s/floor-%u.db", dir, rows);
	file->rows = rows;
	if (access(file->name, F_OK) != 0)
		make_file(file);
	sync(); /* or the kernel's writing would be measured */
	/* both before SQLite has it open: closing them drops its locks */
	file->map = lock_file(file->name, &file->size);
	file->fd = open(file->name, O_RDONLY | O_CLOEXEC);
	file->pages = file->size / DB_PAGE_SIZE;
	if (file->fd < 0 || db_open_reader(&file->db, file->name, sql_table,
				STATEMENTS, &err) != DB_OK) {
		fprintf(stderr, "%s cannot be read\n", file->name);
		exit(1);
	}
	run(file->db.sqlite, "PRAGMA cache_size = -65536");
}

static void
close_file(struct file *file)
{
	db_close(&file->db);
	close(file->fd);
	unlock_file(file->map, file->size);
	mem_free(&file->name);
}

/* ---- measuring ---- */

static void
look_up(struct file *file, unsigned number)
{
	sqlite3_stmt *stmt = db_use(&file->db, FIND);
	static char copy[ROW];

	sqlite3_bind_int64(stmt, 1, place_of(number));
	if (sqlite3_step(stmt) != SQLITE_ROW ||
	    sqlite3_column_bytes(stmt, 0) != ROW)
		exit(1);
	memcpy(copy, sqlite3_column_blob(stmt, 0), ROW);
	sqlite3_reset(stmt);
}

static void
do_once(struct file *file, enum how how, uint64_t chance)
{
	static char page[DB_PAGE_SIZE];

	if (how != BARE)
		look_up(
		    file, how == AGAIN ? 0 : (unsigned)(chance % file->rows));
	else if (pread(file->fd, page, sizeof(page),
		     (off_t)(chance % file->pages * sizeof(page))) < 0)
		exit(1);
}

static void
measure(struct file *file, enum how how, int round)
{
	uint64_t *ns = mem_new_array(READS, sizeof(*ns));

	if (how == IN_ONE)
		(void)db_run(db_use(&file->db, BEGIN));
	for (unsigned i = 0; i < READS; i++) {
		uint64_t chance = (uint64_t)place_of(
		    i + (uint64_t)(round * HOWS + how) * READS);
		uint64_t start = now_ns();

		do_once(file, how, chance);
		ns[i] = now_ns() - start;
	}
	if (how == IN_ONE)
		(void)db_run(db_use(&file->db, COMMIT));
	qsort(ns, READS, sizeof(*ns), compare);
	file->p50[how][round] = ns[READS / 2];
	file->p99[how][round] = ns[READS * 99 / 100];
	mem_free(&ns);
}

/* In microseconds. */
static double
median(uint64_t *ns)
{
	qsort(ns, ROUNDS, sizeof(*ns), compare);
	return (double)ns[ROUNDS / 2] / 1000;
}

static void
report(struct file *few, struct file *many)
{
	printf(
	    "p50 and p99 in us, medians of %d rounds of %d:\n", ROUNDS, READS);
	for (int how = 0; how < HOWS; how++) {
		double small = median(few->p50[how]);
		double large = median(many->p50[how]);

		printf(
		    "%-13s  %u rows %.1f %.1f, %u rows %.1f %.1f: %.1f more, "
		    "%.1f times\n",
		    names[how], few->rows, small, median(few->p99[how]),
		    many->rows, large, median(many->p99[how]), large - small,
		    large / small);
	}
}

int
main(int argc, char **argv)
{
	char dir[] = "/tmp/livery-bench-XXXXXX", command[64];
	const char *folder = argc > 1 ? argv[1] : dir;
	struct file files[2];

	log_set_level(LOG_ERROR);
	if (argc < 2 && !mkdtemp(dir))
		return 1;
	open_file(&files[0], folder, FEW);
	open_file(&files[1], folder,
	    argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : ROWS);
	/* the first is not told: SQLite takes its memory then */
	for (int round = -1; round < ROUNDS; round++)
		for (int how = 0; how < HOWS; how++)
			for (int i = 0; i < 2; i++)
				measure(&files[i], (enum how)how,
				    round < 0 ? 0 : round);
	report(&files[0], &files[1]);
	close_file(&files[0]);
	close_file(&files[1]);
	if (argc < 2) {
		snprintf(command, sizeof(command), "rm -rf '%s'", dir);
		return system(command) != 0;
	}
	return 0;
}
