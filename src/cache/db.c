/* cache/db.c - opening a database that may be missing, foreign or broken
 *
 * Every question is asked of SQLite and never of the file itself: opening and
 * closing the file beside it would drop the locks of the whole process
 * (fcntl(2)). That is also why the lease is a file of its own. */
#include "cache/db.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cache/schema.h"

enum { SET_ASIDE_MAX = 2, FILE_MODE = 0640 };

enum db_state
db_state_of(sqlite3 *sqlite, int rc)
{
	int os = sqlite ? sqlite3_system_errno(sqlite) : 0;

	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return DB_OK;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return DB_CORRUPT;
	case SQLITE_FULL:
		return DB_FULL;
	case SQLITE_READONLY:
		if (rc == SQLITE_READONLY_DBMOVED)
			return DB_TROUBLE;
		return DB_READ_ONLY;
	case SQLITE_PERM:
		return DB_READ_ONLY;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return DB_BUSY;
	case SQLITE_CANTOPEN:
		return os == EACCES || os == EROFS || os == EPERM ?
		    DB_READ_ONLY : DB_TROUBLE;
	case SQLITE_IOERR:
		if (rc == SQLITE_IOERR_SHORT_READ)
			return DB_CORRUPT;
		return os == ENOSPC || os == EDQUOT ? DB_FULL : DB_TROUBLE;
	case SQLITE_CONSTRAINT:
	case SQLITE_TOOBIG:
	case SQLITE_MISMATCH:
		return DB_BAD_ROW;
	default:
		return DB_TROUBLE;
	}
}

int64_t
db_number(sqlite3 *sqlite, const char *sql, int64_t otherwise)
{
	sqlite3_stmt *stmt = NULL;
	int64_t number = otherwise;

	if (sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return number;
}

int64_t
db_page_size(sqlite3 *sqlite)
{
	return db_number(sqlite, "PRAGMA page_size", DB_PAGE_SIZE);
}

sqlite3_stmt *
db_use(struct db *db, unsigned i)
{
	must(i < db->count);
	sqlite3_reset(db->stmts[i]);
	return db->stmts[i];
}

int
db_run(sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);

	sqlite3_reset(stmt);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

void
db_close(struct db *db)
{
	for (unsigned i = 0; i < db->count; i++)
		sqlite3_finalize(db->stmts[i]);
	mem_free(&db->stmts);
	db->count = 0;
	if (db->sqlite)
		must(sqlite3_close(db->sqlite) == SQLITE_OK);
	db->sqlite = NULL;
}

static int
wait_for_turn(void *arg, int times)
{
	(void)arg;
	if (times >= DB_BUSY_MS)
		return 0;
	usleep(1000);
	return 1;
}

void
db_be_patient(sqlite3 *sqlite)
{
	sqlite3_busy_handler(sqlite, wait_for_turn, NULL);
}

static int
exec(struct db *db, const char *sql)
{
	return sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);
}

static enum db_state
fail(struct db *db, const char *file, int rc, struct err *err)
{
	enum db_state state = db_state_of(db->sqlite, rc);

	err_set(err, "%s: %s", file,
	    db->sqlite ? sqlite3_errmsg(db->sqlite) : sqlite3_errstr(rc));
	db_close(db);
	return state;
}

/* ---- opening ---- */

/* For readers and writers alike: nothing in the file is trusted. */
static int
set_up(struct db *db)
{
	int on;

	sqlite3_extended_result_codes(db->sqlite, 1);
	sqlite3_busy_timeout(db->sqlite, DB_BUSY_MS);
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, &on);
	/* closing a file that was set aside must not touch what now bears
	 * its name, and no reader is to pay for a checkpoint */
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
	    &on);
	return exec(db, "PRAGMA trusted_schema = OFF;"
	    "PRAGMA cell_size_check = ON;"
	    "PRAGMA mmap_size = 0");
}

static int
prepare_all(struct db *db, const char *const *sql, unsigned count)
{
	int rc = SQLITE_OK;

	db->stmts = mem_new_array(count, sizeof(sqlite3_stmt *));
	db->count = count;
	for (unsigned i = 0; i < count && rc == SQLITE_OK; i++)
		rc = sqlite3_prepare_v3(db->sqlite, sql[i], -1,
		    SQLITE_PREPARE_PERSISTENT, &db->stmts[i], NULL);
	return rc;
}

/* Page size and vacuum mode can be chosen before the first write only. */
static int
make_schema(struct db *db)
{
	char sql[160];
	int rc;

	snprintf(sql, sizeof(sql),
	    "PRAGMA page_size = %d; PRAGMA auto_vacuum = INCREMENTAL;"
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
	    "BEGIN IMMEDIATE", DB_PAGE_SIZE);
	rc = exec(db, sql);
	/* another process may have made it while we waited */
	if (rc == SQLITE_OK &&
	    db_number(db->sqlite, "PRAGMA application_id", 0) != 0)
		return exec(db, "ROLLBACK");
	if (rc == SQLITE_OK)
		rc = schema_make(db->sqlite);
	snprintf(sql, sizeof(sql),
	    "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
	    DB_APPLICATION_ID, DB_VERSION);
	if (rc == SQLITE_OK)
		rc = exec(db, sql);
	return rc;
}

static int
set_up_writer(struct db *db)
{
	int rc, persist = 1;

	/* -wal and -shm stay when we stop, so that who may only read can
	 * still open the file then */
	sqlite3_file_control(db->sqlite, "main", SQLITE_FCNTL_PERSIST_WAL,
	    &persist);
	rc = exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
	    "PRAGMA secure_delete = OFF; PRAGMA wal_autocheckpoint = 0;"
	    /* a WAL that was long is written over, and not shortened and made
	     * longer again: that makes stores wait for the file system */
	    "PRAGMA journal_size_limit = 67108864;"
	    "PRAGMA recursive_triggers = ON;"
	    "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY");
	return rc;
}

/* It is ours: made by which livery? */
static enum db_state
bring_up(struct db *db, const char *file, struct err *err)
{
	struct err why;
	int rc = schema_bring_up(db->sqlite, &why);

	if (rc == SQLITE_OK)
		return DB_OK;
	if (rc != SQLITE_MISMATCH)
		return fail(db, file, rc, err);
	err_set(err, "%s: made by another livery: %s", file, why.text);
	db_close(db);
	return DB_FOREIGN;
}

/* Is it ours? An empty file is nobody's yet. */
static enum db_state
look_whose(struct db *db, const char *file, int *version, struct err *err)
{
	int64_t id, tables;
	int rc;

	/* the first look at the file: here it shows that it is none */
	rc = exec(db, "SELECT count(*) FROM sqlite_schema");
	if (rc != SQLITE_OK)
		return fail(db, file, rc, err);
	id = db_number(db->sqlite, "PRAGMA application_id", 0);
	tables = db_number(db->sqlite, "SELECT count(*) FROM sqlite_schema",
	    0);
	*version = (int)db_number(db->sqlite, "PRAGMA user_version", 0);
	if (id == DB_APPLICATION_ID && *version == DB_VERSION)
		return bring_up(db, file, err);
	if (id == 0 && *version == 0 && tables == 0) {
		rc = make_schema(db);
		return rc == SQLITE_OK ? DB_OK : fail(db, file, rc, err);
	}
	err_set(err, id == DB_APPLICATION_ID ?
	    "%s: its version is %d, and this livery knows %d" :
	    "%s: it is another program's database (version %d)", file,
	    *version, DB_VERSION);
	db_close(db);
	return DB_FOREIGN;
}

/* SQLite would make it for everybody to read, and its -wal and -shm alike. A
 * file that was not there has no locks that closing it could drop. */
static void
make_private(const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    FILE_MODE);

	if (fd >= 0)
		close(fd);
}

enum db_state
db_open(struct db *db, const char *file, const char *const *sql,
    unsigned count, int *version, struct err *err)
{
	enum db_state state;
	int rc;

	memset(db, 0, sizeof(*db));
	make_private(file);
	rc = sqlite3_open_v2(file, &db->sqlite, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK || (rc = set_up(db)) != SQLITE_OK)
		return fail(db, file, rc, err);
	if (sqlite3_db_readonly(db->sqlite, "main") == 1) {
		err_set(err, "%s: the file may not be written", file);
		db_close(db);
		return DB_READ_ONLY;
	}
	state = look_whose(db, file, version, err);
	if (state != DB_OK)
		return state;
	rc = set_up_writer(db);
	if (rc != SQLITE_OK)
		return fail(db, file, rc, err);
	rc = prepare_all(db, sql, count);
	if (rc == SQLITE_ERROR)
		rc = SQLITE_CORRUPT; /* a table or column is not there */
	return rc == SQLITE_OK ? DB_OK : fail(db, file, rc, err);
}

/* ---- reading ---- */

#define LOOK                                                               \
	"PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"        \
	"SELECT count(*) FROM sqlite_schema"

static bool
may_be_at_rest(int rc)
{
	return (rc & 0xff) == SQLITE_CANTOPEN ||
	    (rc & 0xff) == SQLITE_READONLY;
}

/* A file: URI for a path. */
static int
write_uri(struct buf *uri, const char *file, const char *query)
{
	buf_puts(uri, "file:");
	for (; *file; file++) {
		unsigned char c = (unsigned char)*file;

		if (isalnum(c) || strchr("/._-", c))
			buf_putc(uri, (char)c);
		else
			buf_printf(uri, "%%%02x", c);
	}
	return buf_puts(uri, query);
}

/* Open and look whether it can be read: a WAL database shows that late. */
static int
connect_once(sqlite3 **out, const char *name, int flags, const char *sql)
{
	int rc = sqlite3_open_v2(name, out, flags | SQLITE_OPEN_NOMUTEX,
	    NULL);

	if (rc != SQLITE_OK)
		return rc;
	sqlite3_extended_result_codes(*out, 1);
	sqlite3_busy_timeout(*out, DB_BUSY_MS);
	return sqlite3_exec(*out, sql, NULL, NULL, NULL);
}

/* Where nothing may be written and no -shm was left, nobody writes either. An
 * -wal that was left is read all the same, with its index in memory: that is
 * what one gets without other processes and without locks. Without an -wal
 * SQLite wants to be told that the file is at rest. */
static int
connect_at_rest(sqlite3 **out, const char *file)
{
	static const char *const queries[] = {
	    "?mode=ro&vfs=unix-none",
	    "?immutable=1",
	};
	struct buf uri;
	int rc = SQLITE_CANTOPEN;

	for (size_t i = 0; i < COUNT_OF(queries) && may_be_at_rest(rc); i++) {
		sqlite3_close(*out);
		*out = NULL;
		buf_init(&uri, 4 * PATH_MAX);
		if (write_uri(&uri, file, queries[i]) == 0)
			rc = connect_once(out, uri.data,
			    SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
			    "PRAGMA locking_mode = EXCLUSIVE;" LOOK);
		buf_fini(&uri);
	}
	return rc;
}

int
db_connect(sqlite3 **out, const char *file, int flags)
{
	int rc;

	*out = NULL;
	rc = connect_once(out, file, flags, LOOK);
	return may_be_at_rest(rc) ? connect_at_rest(out, file) : rc;
}

bool
db_is_ours(sqlite3 *sqlite, struct err *err)
{
	enum schema how = SCHEMA_OTHER;
	struct err why = {""};

	if (db_number(sqlite, "PRAGMA application_id", 0) !=
	    DB_APPLICATION_ID ||
	    db_number(sqlite, "PRAGMA user_version", 0) != DB_VERSION) {
		err_set(err, "not a cache file of version %d", DB_VERSION);
		return false;
	}
	if (schema_look(sqlite, &how, &why) == SQLITE_OK &&
	    (how == SCHEMA_SAME || how == SCHEMA_BEHIND))
		return true;
	err_set(err, how == SCHEMA_LACKS ? "made by another livery: %s; the "
	    "next start of this one adds that" : "made by another livery: %s",
	    why.text);
	return false;
}

enum db_state
db_open_reader(struct db *db, const char *file, const char *const *sql,
    unsigned count, struct err *err)
{
	int rc;

	memset(db, 0, sizeof(*db));
	/* not READONLY: a reader may have to write the WAL's index */
	rc = db_connect(&db->sqlite, file, SQLITE_OPEN_READWRITE);
	if (rc == SQLITE_OK)
		rc = set_up(db);
	if (rc == SQLITE_OK)
		/* of a million rows the inner pages of the trees are 7 MiB;
		 * the leaves that pass through must not drive them out */
		rc = exec(db, "PRAGMA query_only = ON;"
		    "PRAGMA cache_size = -12288");
	if (rc == SQLITE_OK)
		rc = prepare_all(db, sql, count);
	return rc == SQLITE_OK ? DB_OK : fail(db, file, rc, err);
}

/* ---- files ---- */

bool
db_has_moved(struct db *db, const char *file)
{
	char wal[PATH_MAX];
	int moved = 0;

	sqlite3_file_control(db->sqlite, "main", SQLITE_FCNTL_HAS_MOVED,
	    &moved);
	snprintf(wal, sizeof(wal), "%s-wal", file);
	return moved || access(wal, F_OK) != 0;
}

int
lease_take(const char *file, struct err *err)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s.lease", file);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
	if (fd < 0 && (errno == EACCES || errno == EPERM || errno == EROFS))
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, "%s: %s", path, strerror(errno));
	if (flock(fd, LOCK_SH | LOCK_NB) != 0) {
		close(fd);
		return err_set(err, "%s: another process is setting the "
		    "cache file aside", path);
	}
	return fd;
}

void
lease_drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

bool
lease_is_ours(int fd)
{
	bool ours = flock(fd, LOCK_EX | LOCK_NB) == 0;

	/* who could not have it alone may have lost it: who has it alone now
	 * only renames */
	while (flock(fd, LOCK_SH) != 0 && errno == EINTR)
		;
	return ours;
}

/* Of files set aside for this reason the newest few stay: their names end in
 * the time, so they sort by age. */
static void
drop_old(const char *file, const char *why)
{
	char pattern[PATH_MAX];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s.%s-*[0-9]", file, why);
	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i + SET_ASIDE_MAX < found.gl_pathc; i++) {
		char wal[PATH_MAX];

		snprintf(wal, sizeof(wal), "%s-wal", found.gl_pathv[i]);
		unlink(found.gl_pathv[i]);
		unlink(wal);
	}
	globfree(&found);
}

static void
name_aside(char *name, size_t size, const char *file, const char *why)
{
	time_t now = time(NULL);
	struct tm tm;
	char stamp[32];

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &tm);
	snprintf(name, size, "%s.%s-%s", file, why, stamp);
	/* two in one second */
	for (int i = 1; access(name, F_OK) == 0 && i < 100; i++)
		snprintf(name, size, "%s.%s-%s-%02d", file, why, stamp, i);
}

enum db_state
db_set_aside(const char *file, int lease_fd, const char *why, char *new_name,
    size_t size, struct err *err)
{
	char from[PATH_MAX], to[PATH_MAX];

	if (flock(lease_fd, LOCK_EX | LOCK_NB) != 0) {
		err_set(err, "%s: another process uses it, so it cannot be "
		    "set aside", file);
		return DB_BUSY;
	}
	name_aside(new_name, size, file, why);
	/* the WAL first: left behind, it would be played into the new file */
	snprintf(from, sizeof(from), "%s-wal", file);
	snprintf(to, sizeof(to), "%s-wal", new_name);
	if ((rename(from, to) != 0 && errno != ENOENT) ||
	    (rename(file, new_name) != 0 && errno != ENOENT)) {
		err_set(err, "%s: cannot be renamed: %s", file,
		    strerror(errno));
		flock(lease_fd, LOCK_SH | LOCK_NB);
		return DB_READ_ONLY;
	}
	snprintf(from, sizeof(from), "%s-shm", file);
	unlink(from);
	drop_old(file, why);
	flock(lease_fd, LOCK_SH | LOCK_NB);
	return DB_OK;
}
