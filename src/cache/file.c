/* cache/file.c - a cache file may vanish, break or fill up, and the site goes
 * on
 *
 * In every trouble stores stay in memory; the writer comes back here now and
 * then to see whether it is over. Each trouble is one line in the log and one
 * problem, however long it lasts. */
#include "cache/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cache/checkpoint.h"

enum {
	OPEN_ATTEMPTS = 3,
	RETRY_US = 500000,
	CALM_US = 10000000, /* without trouble, before it is called over */
	RESERVE_MAX = 16 << 20,      /* of the disk, left to purges */
	RESERVE_PART = 20,           /* or a twentieth of a small one */
	SHRINK_PAGES = 8,  /* in one transaction */
	SHRINK_US = 5000,  /* in one turn: stores wait meanwhile */
};

static const char *const state_words[] = {
	[DB_OK] = "in order",
	[DB_CORRUPT] = "damaged",
	[DB_FOREIGN] = "not a cache file of this version",
	[DB_READ_ONLY] = "read-only",
	[DB_FULL] = "no space left",
	[DB_BUSY] = "busy",
	[DB_TROUBLE] = "not usable",
	[DB_BAD_ROW] = "refusing a row",
};

void
file_init(struct file *file, const char *name)
{
	memset(file, 0, sizeof(*file));
	file->name = mem_strdup(name);
	file->lease_fd = -1;
	file->rows.begun_ms = clock_wall_ms();
	file->rows.epochs = epochs_new();
}

void
file_fini(struct file *file)
{
	file_close(file);
	checkpoint_free(&file->checkpoint);
	epochs_free(&file->rows.epochs);
	lease_drop(&file->lease_fd);
	mem_free(&file->name);
}

CHECKED static int
make_folder(const struct file *file, struct err *err)
{
	char path[PATH_MAX];
	char *slash;

	if (strlen(file->name) + 64 >= sizeof(path))
		return err_set(err, "%s: the name is too long", file->name);
	snprintf(path, sizeof(path), "%s", file->name);
	for (slash = strchr(path + 1, '/'); slash;
	    slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0750) != 0 && errno != EEXIST &&
		    access(path, F_OK) != 0)
			return err_set(err, "%s: cannot be made: %s", path,
			    strerror(errno));
		*slash = '/';
	}
	return 0;
}

/* ---- trouble ---- */

bool
file_has_trouble(struct file *file)
{
	return atomic_load(&file->trouble) != NULL;
}

void
file_trouble(struct file *file, enum db_state state, const char *reason)
{
	atomic_store(&file->trouble, state_words[state]);
	file->retry_at_us = clock_mono_us() + RETRY_US;
	if (file->told == state)
		return;
	file->told = state;
	log_warn(atomic_load(&file->only_read) ?
	    "cache file %s, serving what it holds and keeping nothing new in "
	    "it: %s" : "cache file %s, keeping stores in memory: %s",
	    state_words[state], reason);
	file->tell(file->tell_arg, file->name, reason,
	    atomic_load(&file->only_read) ?
	    "served from; what is new is in memory only" : "memory only");
}

bool
file_is_spoilt(struct file *file, unsigned times)
{
	static const char reason[] = "a place in the file is damaged";
	static const char instead[] = "in use on; what is stored there is "
	    "asked for anew";

	if (file->damage == 0) {
		log_warn("cache file %s: %s; %s", file->name, reason, instead);
		file->tell(file->tell_arg, file->name, reason, instead);
	}
	file->damage += times;
	return file->damage >= DAMAGE_MAX;
}

static void
trouble_is_over(struct file *file)
{
	if (!file_has_trouble(file))
		return;
	atomic_store(&file->trouble, NULL);
	file->over_at_us = clock_mono_us();
}

/* A disk with room for small stores and not for large ones comes and goes
 * twice a second. */
void
file_calm(struct file *file)
{
	if (file->told == DB_OK || file_has_trouble(file) ||
	    clock_mono_us() - file->over_at_us < CALM_US)
		return;
	log_info("cache file %s: in use again", file->name);
	file->told = DB_OK;
}

/* ---- opening ---- */

static enum db_state
set_aside(struct file *file, enum db_state why, int version,
    const char *reason, struct err *err)
{
	char word[32], name[PATH_MAX], instead[PATH_MAX + 64];
	enum db_state state;

	snprintf(word, sizeof(word), "v%d", version);
	state = db_set_aside(file->name, file->lease_fd,
	    why == DB_CORRUPT ? "corrupt" : word, name, sizeof(name), err);
	if (state != DB_OK) {
		err_prefix(err, "%s", reason);
		return state;
	}
	snprintf(instead, sizeof(instead), "set aside as %s, starting afresh",
	    name);
	log_warn("cache file %s: %s; %s", state_words[why], reason, instead);
	file->tell(file->tell_arg, file->name, reason, instead);
	return DB_OK;
}

static enum db_state
try_open(struct file *file, struct err *err)
{
	enum db_state state = DB_READ_ONLY;
	struct err why;
	int version = 0;

	if (make_folder(file, err) != 0)
		return DB_READ_ONLY;
	if (file->lease_fd < 0)
		file->lease_fd = lease_take(file->name, err);
	if (file->lease_fd < 0)
		return DB_READ_ONLY;
	file->was_left = lease_is_ours(file->lease_fd) && file_has_wal(file);
	for (int i = 0; i < OPEN_ATTEMPTS; i++) {
		state = rows_open(&file->rows, file->name, &version, &why);
		if (state == DB_OK)
			return DB_OK;
		*err = why;
		if (state != DB_CORRUPT && state != DB_FOREIGN)
			return state;
		state = set_aside(file, state, version, why.text, err);
		/* another process has it too: let that one set it aside */
		if (state == DB_BUSY)
			lease_drop(&file->lease_fd);
		if (state != DB_OK)
			return state;
	}
	return state == DB_OK ? DB_TROUBLE : state;
}

/* Read what cannot be written. That the file is still the one of last time is
 * all that is looked at then: this runs twice a second. */
static void
try_to_read(struct file *file)
{
	struct stat st;
	struct db db;
	bool ours;

	if (stat(file->name, &st) != 0) {
		file_close(file);
		return;
	}
	if (atomic_load(&file->only_read) && st.st_dev == file->device &&
	    st.st_ino == file->inode)
		return;
	file_close(file);
	if (db_open_reader(&db, file->name, NULL, 0, NULL) != DB_OK)
		return;
	ours = db_is_ours(db.sqlite, NULL) &&
	    rows_read_epochs(db.sqlite, file->rows.epochs) == SQLITE_OK;
	db_close(&db);
	if (!ours)
		return;
	file->device = st.st_dev;
	file->inode = st.st_ino;
	atomic_store(&file->only_read, true);
	atomic_store(&file->generation, ++file->openings);
}

bool
file_open(struct file *file)
{
	enum db_state state;
	struct err err;

	must(!file->rows.db.sqlite);
	state = try_open(file, &err);
	if (state == DB_READ_ONLY)
		try_to_read(file);
	else if (state != DB_OK)
		file_close(file);
	if (state != DB_OK) {
		file_trouble(file, state, err.text);
		return false;
	}
	file_watch_wal(file);
	trouble_is_over(file);
	file->damage = 0;
	atomic_store(&file->only_read, false);
	file->openings++;
	atomic_store(&file->generation,
	    file->owes_purges ? 0 : file->openings);
	return true;
}

void
file_close(struct file *file)
{
	atomic_store(&file->generation, 0);
	atomic_store(&file->only_read, false);
	if (file->checkpoint)
		checkpoint_leave(file->checkpoint);
	rows_close(&file->rows);
}

bool
file_reopen(struct file *file)
{
	file_close(file);
	/* who removed the file removed the lease's name as well */
	lease_drop(&file->lease_fd);
	return file_open(file);
}

/* ---- what to do about it ---- */

/* A page that says "read-only" of a file that is not: its header lies. */
static enum db_state
look_closer(struct file *file, enum db_state state)
{
	if (state == DB_READ_ONLY && access(file->name, W_OK) == 0 &&
	    sqlite3_db_readonly(file->rows.db.sqlite, "main") != 1)
		return DB_CORRUPT;
	return state;
}

bool
file_failed(struct file *file, int rc)
{
	enum db_state state = db_state_of(file->rows.db.sqlite, rc);
	struct err err, why;

	err_set(&why, "%s: %s", file->name,
	    sqlite3_errcode(file->rows.db.sqlite) == SQLITE_OK ?
	    sqlite3_errstr(rc) : sqlite3_errmsg(file->rows.db.sqlite));
	rows_rollback(&file->rows);
	state = look_closer(file, state);
	if (state == DB_FULL || state == DB_BUSY) {
		file_trouble(file, state, why.text);
		return false;
	}
	file_close(file);
	if (state == DB_CORRUPT) {
		state = set_aside(file, DB_CORRUPT, 0, why.text, &err);
		if (state == DB_OK)
			return file_open(file);
		if (state == DB_BUSY)
			lease_drop(&file->lease_fd);
		why = err;
	}
	if (state == DB_READ_ONLY)
		try_to_read(file);
	file_trouble(file, state, why.text);
	return false;
}

bool
file_recovered(struct file *file)
{
	uint64_t now = clock_mono_us();

	if (now < file->retry_at_us)
		return false;
	file->retry_at_us = now + RETRY_US;
	if (!file->rows.db.sqlite)
		return file_open(file);
	if (file_was_replaced(file))
		return file_reopen(file);
	if (!file_has_room(file, 0))
		return false;
	trouble_is_over(file);
	return true;
}

/* ---- space ---- */

static bool
disk_has_room(struct file *file, uint64_t bytes)
{
	struct statvfs fs;
	uint64_t reserve, free_bytes;

	if (statvfs(file->name, &fs) != 0)
		return true; /* writing will tell */
	reserve = (uint64_t)fs.f_blocks * fs.f_frsize / RESERVE_PART;
	if (reserve > RESERVE_MAX)
		reserve = RESERVE_MAX;
	free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	/* once in the WAL and once in the file */
	return free_bytes > reserve + 2 * bytes;
}

bool
file_has_room(struct file *file, uint64_t bytes)
{
	char reason[256];

	if (atomic_load(&file->wal_bytes) > atomic_load(&file->wal_max) &&
	    !file_empty_wal(file)) {
		snprintf(reason, sizeof(reason), "%s-wal: over %llu MiB, "
		    "since somebody keeps reading (a BEGIN in a shell?)",
		    file->name, (unsigned long long)
		    atomic_load(&file->wal_max) >> 20);
		file_trouble(file, DB_BUSY, reason);
		return false;
	}
	if (!disk_has_room(file, bytes)) {
		(void)file_empty_wal(file);
		if (!disk_has_room(file, bytes)) {
			snprintf(reason, sizeof(reason), "%s: the disk is "
			    "nearly full", file->name);
			file_trouble(file, DB_FULL, reason);
			return false;
		}
	}
	return true;
}

void
file_shrink(struct file *file)
{
	sqlite3 *sqlite = file->rows.db.sqlite;
	uint64_t until_us = clock_mono_us() + SHRINK_US;
	int64_t size = file->rows.page_size, pages, before = INT64_MAX;
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA incremental_vacuum(%d)",
	    SHRINK_PAGES);
	pages = db_number(sqlite, "PRAGMA page_count", 0);
	while (pages < before &&
	    (uint64_t)(pages * size) > atomic_load(&file->size_max) &&
	    db_number(sqlite, "PRAGMA freelist_count", 0) > 0 &&
	    !file_wal_is_long(file) && clock_mono_us() < until_us) {
		if (sqlite3_exec(sqlite, sql, NULL, NULL, NULL) != SQLITE_OK)
			return;
		before = pages;
		pages = db_number(sqlite, "PRAGMA page_count", 0);
	}
}

bool
file_was_replaced(struct file *file)
{
	return file->rows.db.sqlite &&
	    db_has_moved(&file->rows.db, file->name);
}
