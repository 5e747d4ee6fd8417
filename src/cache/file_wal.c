/* cache/file_wal.c - the WAL grows, is copied, and begins anew
 *
 * SQLite begins it anew with the first write that finds all of it copied and
 * nobody reading in it. The thread that copies is a little behind while the
 * writer writes, and comes to the end when the writer waits for work for some
 * milliseconds; so what can wait (throwing out) does while the WAL is long. */
#include "cache/file.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/log.h"
#include "cache/checkpoint.h"

enum {
	CHECKPOINT_IDLE = 4 << 20,  /* when there is nothing else to do */
	CHECKPOINT_SOON = 8 << 20,  /* in any case */
	CHECKPOINT_LONG = 16 << 20, /* now what can wait does */
	CHECKPOINT_LATE = 64 << 20, /* and now the writer waits for the disk */
};

static int
on_wal(void *arg, sqlite3 *sqlite, const char *name, int frames)
{
	struct file *file = arg;
	uint64_t bytes = (uint64_t)frames *
			 (uint64_t)(file->rows.page_size + DB_WAL_FRAME_HEAD);

	(void)sqlite;
	(void)name;
	if (bytes < atomic_load(&file->wal_bytes)) {
		file->copied_bytes = 0;
		file->wal_is_new = true;
	}
	atomic_store(&file->wal_bytes, bytes);
	return SQLITE_OK;
}

void
file_watch_wal(struct file *file)
{
	atomic_store(&file->wal_bytes, 0);
	file->copied_bytes = 0;
	sqlite3_wal_hook(file->rows.db.sqlite, on_wal, file);
}

bool
file_has_wal(const struct file *file)
{
	char wal[PATH_MAX];
	struct stat st;

	snprintf(wal, sizeof(wal), "%s-wal", file->name);
	return stat(wal, &st) == 0 && st.st_size > 0;
}

/* All of it is copied: the next write begins the WAL anew, unless a reader is
 * in the way, and then it tells the true length again. */
static void
begin_anew(struct file *file)
{
	atomic_store(&file->wal_bytes, 0);
	file->copied_bytes = 0;
}

bool
file_empty_wal(struct file *file)
{
	sqlite3 *sqlite = file->rows.db.sqlite;
	int rc;

	/* two cannot copy at once */
	if (file->checkpoint)
		checkpoint_wait(file->checkpoint);
	sqlite3_busy_timeout(sqlite, 0);
	rc = sqlite3_wal_checkpoint_v2(
	    sqlite, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	db_be_patient(sqlite);
	if (rc == SQLITE_OK)
		begin_anew(file);
	return rc == SQLITE_OK;
}

static void
note_copied(struct file *file, int frames)
{
	if (frames > 0)
		file->copied_bytes =
		    (uint64_t)frames *
		    (uint64_t)(file->rows.page_size + DB_WAL_FRAME_HEAD);
}

static void
copy_here(struct file *file)
{
	int in_wal, copied;

	if (sqlite3_wal_checkpoint_v2(file->rows.db.sqlite, NULL,
		SQLITE_CHECKPOINT_PASSIVE, &in_wal, &copied) != SQLITE_OK)
		return;
	note_copied(file, copied);
	if (in_wal == copied)
		begin_anew(file);
}

/* The thread, made when it is wanted first; or NULL. */
static struct checkpoint *
checkpoint_of(struct file *file)
{
	struct err err;

	if (!file->checkpoint && !file->has_no_checkpoint &&
	    checkpoint_new(&file->checkpoint, file->name, &err) != 0) {
		file->has_no_checkpoint = true;
		log_warn("cache file %s: stores wait for its WAL to be copied: "
			 "%s",
		    file->name, err.text);
	}
	return file->checkpoint;
}

void
file_checkpoint(struct file *file, bool idle)
{
	uint64_t bytes = atomic_load(&file->wal_bytes);
	enum copying copying = COPYING_FAILED;
	struct checkpoint *checkpoint;
	int copied = 0;

	if (bytes < CHECKPOINT_IDLE || (!idle && bytes < CHECKPOINT_SOON))
		return;
	checkpoint = checkpoint_of(file);
	if (checkpoint)
		copying = checkpoint_look(checkpoint, &copied);
	if (bytes > atomic_load(&file->wal_max) / 2) {
		(void)file_empty_wal(file);
		return;
	}
	if (copying == COPYING_RUNS)
		return;
	if (!file->wal_is_new)
		note_copied(file, copied);
	if (bytes <= file->copied_bytes) {
		begin_anew(file);
	} else if (copying == COPYING_FAILED || bytes > CHECKPOINT_LATE) {
		copy_here(file);
	} else {
		file->wal_is_new = false;
		checkpoint_ask(checkpoint);
	}
}

bool
file_wal_is_long(struct file *file)
{
	return file->checkpoint &&
	       atomic_load(&file->wal_bytes) > CHECKPOINT_LONG;
}

void
file_finish(struct file *file)
{
	if (!file_has_wal(file))
		return; /* nothing was written */
	sqlite3_exec(file->rows.db.sqlite, "PRAGMA optimize", NULL, NULL, NULL);
	(void)file_empty_wal(file);
}
