/* cache/checkpoint.c - one word at a time, from one thread to another */
#include "cache/checkpoint.h"

#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/thread.h"
#include "cache/db.h"

enum word { NONE, COPY, LEAVE, STOP };

struct checkpoint {
	struct thread thread;
	const char *file;
	struct lock lock;
	struct cond cond;
	/* under lock: */
	enum word word; /* NONE again when it was done */
	bool failed;
	int frames;

	/* the thread only: */
	struct db db; /* open from its first pass on */
};

/* ---- the thread ---- */

/* How many frames are in the file now, or -1. */
static int
copy(struct checkpoint *checkpoint)
{
	struct db *db = &checkpoint->db;
	int frames = -1, rc;
	struct err err;

	if (!db->sqlite &&
	    db_open_reader(db, checkpoint->file, NULL, 0, &err) != DB_OK) {
		log_debug("cache file: its WAL is not copied: %s", err.text);
		return -1;
	}
	rc = sqlite3_wal_checkpoint_v2(
	    db->sqlite, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, &frames);
	if (rc == SQLITE_OK)
		return frames;
	log_debug("cache file: its WAL is not copied: %s",
	    sqlite3_errmsg(db->sqlite));
	db_close(db);
	return -1;
}

static enum word
wait_for_word(struct checkpoint *checkpoint)
{
	enum word word;

	lock_take(&checkpoint->lock);
	while (checkpoint->word == NONE)
		cond_wait(&checkpoint->cond, &checkpoint->lock, UINT64_MAX);
	word = checkpoint->word;
	lock_drop(&checkpoint->lock);
	return word;
}

static void
run(void *arg)
{
	struct checkpoint *checkpoint = arg;
	enum word word;

	do {
		int frames = 0;

		word = wait_for_word(checkpoint);
		if (word == COPY)
			frames = copy(checkpoint);
		else
			db_close(&checkpoint->db);
		lock_take(&checkpoint->lock);
		checkpoint->failed = frames < 0;
		checkpoint->frames = frames < 0 ? 0 : frames;
		checkpoint->word = NONE;
		cond_broadcast(&checkpoint->cond);
		lock_drop(&checkpoint->lock);
	} while (word != STOP);
}

/* ---- who asks ---- */

static void
wait_until_done(struct checkpoint *checkpoint)
{
	while (checkpoint->word != NONE)
		cond_wait(&checkpoint->cond, &checkpoint->lock, UINT64_MAX);
}

static void
say(struct checkpoint *checkpoint, enum word word)
{
	checkpoint->word = word;
	cond_broadcast(&checkpoint->cond);
}

enum copying
checkpoint_look(struct checkpoint *checkpoint, int *frames)
{
	enum copying copying = COPYING_RUNS;

	lock_take(&checkpoint->lock);
	if (checkpoint->word == NONE) {
		copying = checkpoint->failed ? COPYING_FAILED : COPYING_DONE;
		if (checkpoint->frames)
			*frames = checkpoint->frames;
		checkpoint->failed = false;
		checkpoint->frames = 0;
	}
	lock_drop(&checkpoint->lock);
	return copying;
}

void
checkpoint_ask(struct checkpoint *checkpoint)
{
	lock_take(&checkpoint->lock);
	if (checkpoint->word == NONE)
		say(checkpoint, COPY);
	lock_drop(&checkpoint->lock);
}

void
checkpoint_wait(struct checkpoint *checkpoint)
{
	lock_take(&checkpoint->lock);
	wait_until_done(checkpoint);
	lock_drop(&checkpoint->lock);
}

void
checkpoint_leave(struct checkpoint *checkpoint)
{
	lock_take(&checkpoint->lock);
	wait_until_done(checkpoint);
	say(checkpoint, LEAVE);
	wait_until_done(checkpoint);
	lock_drop(&checkpoint->lock);
}

/* ---- beginning and end ---- */

int
checkpoint_new(struct checkpoint **out, const char *file, struct err *err)
{
	struct checkpoint *checkpoint = mem_new(sizeof(*checkpoint));

	checkpoint->file = file;
	lock_init(&checkpoint->lock);
	cond_init(&checkpoint->cond);
	if (thread_start(&checkpoint->thread, "cache-copier", run, checkpoint,
		err) != 0) {
		checkpoint_free(&checkpoint);
		return -1;
	}
	*out = checkpoint;
	return 0;
}

void
checkpoint_free(struct checkpoint **checkpoint_p)
{
	struct checkpoint *checkpoint = *checkpoint_p;

	*checkpoint_p = NULL;
	if (!checkpoint)
		return;
	if (checkpoint->thread.runs) {
		lock_take(&checkpoint->lock);
		wait_until_done(checkpoint);
		say(checkpoint, STOP);
		lock_drop(&checkpoint->lock);
	}
	thread_join(&checkpoint->thread);
	cond_fini(&checkpoint->cond);
	lock_fini(&checkpoint->lock);
	mem_free(&checkpoint);
}
