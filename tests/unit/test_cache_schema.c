/* tests/unit/test_cache_schema.c - cache files that another livery made */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <unistd.h>

#include "cache/inspect.h"
#include "cache/schema.h"
#include "cache_help.h"

/* ---- help ---- */

/* A file with /kept in it, changed by that SQL. */
static void
make_file(struct help *help, const char *sql)
{
	struct cache *cache = help_open(help);
	struct object *object = help_store(cache, "/kept", "x");
	sqlite3 *sqlite;
	char *why = NULL;

	object_unref(&object);
	cache_close(&cache);
	sqlite = help_sqlite(help);
	if (sqlite3_exec(sqlite, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	sqlite3_close(sqlite);
}

static bool
is_set_aside(const struct help *help)
{
	char pattern[160];
	glob_t names;
	bool is;

	snprintf(pattern, sizeof(pattern), "%s.v1-*", help->file);
	is = glob(pattern, 0, NULL, &names) == 0;
	globfree(&names);
	return is;
}

/* Open it as a server does: is /kept still there? Whatever came of it, the file
 * must be whole, and stored in. */
static bool
has_kept(struct help *help)
{
	struct cache *cache = help_open(help);
	struct cache_reader *reader = cache_reader_new(cache);
	struct object *object;
	enum schema how;
	struct err err;
	sqlite3 *sqlite;
	bool has;

	object = help_store(cache, "/new", "y");
	object_unref(&object);
	for (int i = 0; i < 200 && help_count(help, "SELECT count(*) FROM "
	    "entries WHERE url LIKE '%/new'") != 1; i++)
		usleep(10000);
	object = help_load(reader, "/kept");
	has = object != NULL;
	object_unref(&object);
	cache_reader_free(&reader);
	cache_close(&cache);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entries "
	    "WHERE url LIKE '%/new'"), 1);
	sqlite = help_sqlite(help);
	assert_int_equal(schema_look(sqlite, &how, &err), SQLITE_OK);
	assert_int_equal(how, SCHEMA_SAME);
	sqlite3_close(sqlite);
	assert_int_not_equal(is_set_aside(help), has);
	return has;
}

/* ---- tests ---- */

#define NO_VIEWS "DROP VIEW entries; DROP VIEW dressed;"

static void
what_may_be_absent_is_added(void **state)
{
	struct help *help = *state;

	make_file(help, NO_VIEWS
	    "ALTER TABLE entry DROP COLUMN expired_ms;"
	    "ALTER TABLE entry DROP COLUMN last_error;"
	    "ALTER TABLE site DROP COLUMN sort_query;"
	    "DROP TABLE unstored; DROP TRIGGER entry_goes;"
	    "DROP INDEX entry_by_use;"
	    "CREATE INDEX entry_by_use ON entry (last_used_ms);"
	    "CREATE VIEW entries AS SELECT url FROM entry");
	assert_true(has_kept(help));
	assert_int_equal(help_count(help, "SELECT expired_ms FROM entry "
	    "WHERE url LIKE '%/kept'"), -1);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entries "
	    "WHERE soft_purged_at IS NULL"), 2);
	assert_int_equal(help_count(help, "SELECT count(*) FROM "
	    "pragma_index_info('entry_by_use')"), 2);
	/* and is there the next time */
	assert_true(has_kept(help));
}

static void
a_column_more_that_may_be_absent_harms_nothing(void **state)
{
	struct help *help = *state;

	make_file(help, "ALTER TABLE entry ADD COLUMN later TEXT;"
	    "ALTER TABLE site ADD COLUMN later INTEGER NOT NULL DEFAULT 3;"
	    "CREATE TABLE later (a)");
	assert_true(has_kept(help));
	assert_int_equal(help_count(help, "SELECT count(*) FROM "
	    "pragma_table_info('entry') WHERE name = 'later'"), 1);
}

static void
what_cannot_be_added_sets_the_file_aside_with_a_word(void **state)
{
	static const struct {
		const char *sql, *word;
	} files[] = {
		{NO_VIEWS "DROP INDEX changes_open; ALTER TABLE changes "
		    "DROP COLUMN open", "changes.open is not there"},
		{NO_VIEWS "ALTER TABLE entry DROP COLUMN cost_ms",
		    "entry.cost_ms is not there"},
		{"DROP TABLE problem; CREATE TABLE problem (id INTEGER "
		    "PRIMARY KEY, what TEXT NOT NULL, url TEXT NOT NULL, "
		    "reason TEXT NOT NULL, instead TEXT NOT NULL, first_ms "
		    "INTEGER NOT NULL, last_ms INTEGER NOT NULL, times TEXT "
		    "NOT NULL); CREATE UNIQUE INDEX problem_by_text ON "
		    "problem (what, url, reason); CREATE INDEX "
		    "problem_by_time ON problem (last_ms)",
		    "problem.times is another"},
		{"DROP TABLE site; CREATE TABLE site (name TEXT PRIMARY KEY, "
		    "stale_override INTEGER NOT NULL, stale_max_ms INTEGER "
		    "NOT NULL, sort_query INTEGER NOT NULL DEFAULT 0, "
		    "ignore_params TEXT NOT NULL DEFAULT '', "
		    "later TEXT NOT NULL) STRICT, WITHOUT ROWID",
		    "site.later is not known here"},
	};
	struct help *help = *state;
	char sql[300], command[300];

	for (size_t i = 0; i < COUNT_OF(files); i++) {
		make_file(help, files[i].sql);
		assert_false(has_kept(help));
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM problems "
		    "WHERE instr(reason, 'made by another livery: %s') AND "
		    "instr(instead, 'set aside as ')", files[i].word);
		if (help_count(help, sql) != 1)
			fail_msg("%s", files[i].word);
		snprintf(command, sizeof(command), "rm -f '%s'*", help->file);
		(void)!system(command);
	}
}

static void
who_only_reads_says_what_is_not_there(void **state)
{
	struct help *help = *state;
	struct err err;
	FILE *null = fopen("/dev/null", "w");

	/* another view is no trouble */
	make_file(help, "DROP VIEW themes");
	assert_int_equal(inspect_ls(help->file, NULL, null, &err), 0);
	make_file(help, NO_VIEWS);
	make_file(help, NO_VIEWS "ALTER TABLE entry DROP COLUMN expired_ms");
	assert_int_equal(inspect_why(help->file, "/kept", null, &err), -1);
	if (!strstr(err.text, "cache.db: made by another livery: "
	    "entry.expired_ms is not there; the next start"))
		fail_msg("%s", err.text);
	fclose(null);
	assert_true(has_kept(help));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		help_test(what_may_be_absent_is_added),
		help_test(a_column_more_that_may_be_absent_harms_nothing),
		help_test(
		    what_cannot_be_added_sets_the_file_aside_with_a_word),
		help_test(who_only_reads_says_what_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
