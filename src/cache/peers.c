/* cache/peers.c - a row that says who, and a lock that says whether
 *
 * The locks are of the open file (F_OFD_*), not of the process: closing
 * another file of that name leaves them alone, and two caches in one process
 * see each other. */
#include "cache/peers.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/mem.h"

enum { NUMBER_TRIES = 1000, LEAVE_BUSY_MS = 500 };

struct peers {
	struct lock lock;
	int fd;         /* under lock: of FILE.lease; -1: not joined */
	int64_t number; /* written by the writer thread, under lock */
	/* the writer thread's: */
	int64_t before; /* the number it had last */
	dev_t device;   /* in this file */
	ino_t inode;
	bool came_back, missed;
};

struct peers *
peers_new(void)
{
	struct peers *peers = mem_new(sizeof(*peers));

	lock_init(&peers->lock);
	peers->fd = -1;
	return peers;
}

void
peers_free(struct peers **peers)
{
	if (!*peers)
		return;
	peers_let_go(*peers);
	lock_fini(&(*peers)->lock);
	mem_free(peers);
}

int64_t
peers_number(const struct peers *peers)
{
	return peers->number;
}

/* ---- locks ---- */

/* Does anybody else hold a lock on these bytes? len 0: to the end. */
static bool
is_held(int fd, int64_t from, int64_t len)
{
	struct flock lock = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = from,
		.l_len = len,
	};

	return fcntl(fd, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

/* A shared lock: that is to be had of a file that may only be read, too. */
static void
hold(int fd, int64_t number)
{
	struct flock lock = {
		.l_type = F_RDLCK,
		.l_whence = SEEK_SET,
		.l_start = number,
		.l_len = 1,
	};

	(void)fcntl(fd, F_OFD_SETLK, &lock);
}

bool
peers_are_there(struct peers *peers)
{
	bool are;

	lock_take(&peers->lock);
	are = peers->fd >= 0 && is_held(peers->fd, 1, 0);
	lock_drop(&peers->lock);
	return are;
}

bool
peers_is_alive(struct peers *peers, int64_t number)
{
	return number == peers->number ||
	    (peers->fd >= 0 && number > 0 && is_held(peers->fd, number, 1));
}

void
peers_let_go(struct peers *peers)
{
	lock_take(&peers->lock);
	if (peers->fd >= 0)
		close(peers->fd);
	peers->fd = -1;
	peers->number = 0;
	lock_drop(&peers->lock);
}

/* ---- rows ---- */

static int
run(sqlite3 *sqlite, const char *sql, int64_t one, int64_t two)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL);

	if (rc != SQLITE_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, one);
	sqlite3_bind_int64(stmt, 2, two);
	rc = sqlite3_step(stmt);
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int
forget(sqlite3 *sqlite, int64_t number)
{
	int rc = run(sqlite, "DELETE FROM charge WHERE process = ?1", number,
	    0);

	return rc == SQLITE_OK ? run(sqlite,
	    "DELETE FROM process WHERE id = ?1", number, 0) : rc;
}

static int
forget_dead(sqlite3 *sqlite, int fd)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(sqlite, "SELECT id FROM process "
	    "ORDER BY id", -1, &stmt, NULL), failed = SQLITE_OK;

	if (rc != SQLITE_OK)
		return rc;
	while (failed == SQLITE_OK &&
	    (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		int64_t number = sqlite3_column_int64(stmt, 0);

		if (!is_held(fd, number, 1))
			failed = forget(sqlite, number);
	}
	sqlite3_finalize(stmt);
	if (failed != SQLITE_OK)
		return failed;
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Another file may have had this name, and its processes may live: then their
 * numbers are taken. */
static int
take_number(sqlite3 *sqlite, int fd, int64_t *number)
{
	int rc = SQLITE_OK;

	for (int i = 0; rc == SQLITE_OK && i < NUMBER_TRIES; i++) {
		rc = run(sqlite, "INSERT INTO process (pid, begun_ms) "
		    "VALUES (?1, ?2)", getpid(), clock_wall_ms());
		*number = sqlite3_last_insert_rowid(sqlite);
		if (rc != SQLITE_OK || !is_held(fd, *number, 1))
			break;
		rc = run(sqlite, "DELETE FROM process WHERE id = ?1",
		    *number, 0);
	}
	if (rc == SQLITE_OK)
		hold(fd, *number);
	return rc;
}

static int
join(sqlite3 *sqlite, int fd, int64_t *number)
{
	int rc = sqlite3_exec(sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		return rc;
	rc = forget_dead(sqlite, fd);
	/* nobody is left who would read it */
	if (rc == SQLITE_OK && !is_held(fd, 1, 0))
		rc = sqlite3_exec(sqlite, "DELETE FROM news", NULL, NULL,
		    NULL);
	if (rc == SQLITE_OK)
		rc = take_number(sqlite, fd, number);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(sqlite, "COMMIT", NULL, NULL, NULL);
	if (rc != SQLITE_OK && !sqlite3_get_autocommit(sqlite))
		sqlite3_exec(sqlite, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

/* Not the one that has the flock: that one is closed at other times. */
static int
open_lease(const char *file)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s.lease", file);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd >= 0 ? fd : open(path, O_RDONLY | O_CLOEXEC);
}

/* Numbers only grow: with a smaller one it is another file in the old one's
 * place. Who comes back and finds others there, or that somebody took the
 * number behind its own, has missed what they did. */
static void
look_back(struct peers *peers, const char *file)
{
	struct stat st = {.st_ino = 0};

	(void)stat(file, &st);
	peers->came_back = peers->before != 0 && st.st_ino != 0 &&
	    st.st_dev == peers->device && st.st_ino == peers->inode &&
	    peers->number > peers->before;
	if (peers->came_back && (peers->number != peers->before + 1 ||
				    peers_are_there(peers)))
		peers->missed = true;
	peers->before = peers->number;
	peers->device = st.st_dev;
	peers->inode = st.st_ino;
}

bool
peers_came_back(const struct peers *peers)
{
	return peers->came_back;
}

bool
peers_missed(struct peers *peers)
{
	bool missed = peers->missed;

	peers->missed = false;
	return missed;
}

int
peers_join(struct peers *peers, sqlite3 *sqlite, const char *file,
    bool is_late)
{
	int fd = open_lease(file), rc;
	int64_t number = 0;

	peers_let_go(peers);
	if (fd < 0)
		return SQLITE_CANTOPEN;
	rc = join(sqlite, fd, &number);
	if (rc != SQLITE_OK) {
		close(fd);
		return rc;
	}
	lock_take(&peers->lock);
	peers->fd = fd;
	peers->number = number;
	lock_drop(&peers->lock);
	look_back(peers, file);
	if (is_late && peers_are_there(peers))
		peers->missed = true;
	return SQLITE_OK;
}

void
peers_leave(struct peers *peers, sqlite3 *sqlite)
{
	/* no end waits long for another that was stopped while it wrote */
	sqlite3_busy_timeout(sqlite, LEAVE_BUSY_MS);
	if (peers->number != 0)
		(void)forget(sqlite, peers->number);
	peers_let_go(peers);
}
