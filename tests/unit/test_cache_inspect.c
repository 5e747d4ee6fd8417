/* tests/unit/test_cache_inspect.c - the cache file as an interface: its views,
 * the ready-made questions, and livery cache's own */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <unistd.h>

#include "base/log.h"
#include "cache/inspect.h"
#include "cache_help.h"

static void
store_aged(struct cache *cache, const char *target, const char *text,
    int64_t age_ms, const char *field)
{
	struct object *object = help_object(target, text);

	object->answered_ms -= age_ms;
	object->asked_ms -= age_ms;
	if (field) {
		head_add(&object->head, "Cache-Control", field);
		object->fresh.strict = strstr(field, "must") != NULL;
		object->fresh.no_cache = strstr(field, "no-cache") != NULL;
	}
	object->tags = "news sports";
	cache_store(cache, object);
	object_unref(&object);
}

static void
store_theme(struct cache *cache)
{
	char room[KEY_MAX], *bytes = mem_strdup("<html>");
	struct object *theme;
	struct key key;

	assert_int_equal(key_make_url(&key, room, KIND_THEME, "main",
	    "http://theme.example/"), 0);
	theme = object_new(&key, KIND_THEME, "main");
	theme->body = body_new(&bytes, 6);
	theme->status = 200;
	theme->asked_ms = theme->answered_ms = clock_wall_ms();
	theme->fresh.strict = true;
	cache_store(cache, theme);
	object_unref(&theme);
	cache_theme_live(cache, "main", "http://theme.example/", "v1", 6,
	    clock_wall_ms());
}

static void
populate(struct help *help)
{
	static const struct policy_opts lenient = {.stale_override = true,
	    .stale_max_ms = 7 * 86400000LL};
	struct cache *cache = help_open(help);
	struct object *page, *dressed;
	char room[KEY_MAX];
	struct key key;

	store_aged(cache, "/fresh", "fresh page", 1000, "max-age=60");
	store_aged(cache, "/stale", "stale page", 90000, NULL);
	store_aged(cache, "/strict", "strict page", 90000,
	    "max-age=60, must-revalidate");
	store_aged(cache, "/never", "no-cache page", 1000, "no-cache");
	store_theme(cache);
	page = help_store(cache, "/worn", "worn");
	dressed = object_copy(page);
	dressed->theme = "main";
	dressed->theme_version = "v1";
	(void)cache_store_dressed(cache, page, dressed);
	cache_touch(cache, page, clock_wall_ms());
	object_unref(&dressed);
	object_unref(&page);
	cache_site(cache, "lenient", &lenient, NULL);
	cache_problem(cache, "fetch", "http://www.example.org/stale",
	    "timed out", "stale page");
	help_key(&key, room, "/private");
	cache_note_unstored(cache, &key, "cookie basket", clock_wall_ms());
	cache_address(cache, "www.example.org", "192.0.2.7");
	cache_close(&cache);
}

static int
setup(void **state)
{
	if (help_setup(state) != 0)
		return -1;
	populate(*state);
	return 0;
}

#define inspect_test(f) cmocka_unit_test_setup_teardown(f, setup, help_end)

/* Give what a question printed. */
struct printed {
	char *text;
	size_t len;
	FILE *out;
};

static FILE *
begin(struct printed *printed)
{
	printed->text = NULL;
	printed->out = open_memstream(&printed->text, &printed->len);
	assert_non_null(printed->out);
	return printed->out;
}

static void
check_has(struct printed *printed, const char *part, bool has)
{
	fflush(printed->out);
	if ((strstr(printed->text, part) != NULL) != has)
		fail_msg("%s \"%s\":\n%s", has ? "no" : "there is", part,
		    printed->text);
}

static void
end(struct printed *printed)
{
	fclose(printed->out);
	free(printed->text);
}

static void
each_view_has_its_columns(void **state)
{
	static const char *const selects[] = {
		"SELECT url, site, kind, status, state, age_s, ttl_s, size, "
		"hits, fetched_at, last_used_at, etag, tags, vary, "
		"last_error FROM entries",
		"SELECT url, theme, theme_version, rules_version, size, "
		"made_at FROM dressed",
		"SELECT first_at, last_at, times, what, url, reason, instead "
		"FROM problems",
		"SELECT url, version, live, fetched_at, size, pages "
		"FROM themes",
		"SELECT host, address, seen_at FROM addresses",
	};
	char sql[512];

	for (size_t i = 0; i < COUNT_OF(selects); i++) {
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM (%s)",
		    selects[i]);
		assert_true(help_count(*state, sql) > 0);
	}
	assert_int_equal(help_count(*state, "SELECT pages FROM themes"), 1);
	assert_int_equal(help_count(*state, "PRAGMA user_version"), 1);
	assert_int_equal(help_count(*state, "PRAGMA application_id"),
	    0x4c697679);
}

static void
check_state(struct help *help, const char *target, const char *state)
{
	char sql[200];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM entries WHERE url = "
	    "'http://www.example.org%s' AND state = '%s'", target, state);
	if (help_count(help, sql) != 1)
		fail_msg("%s is not %s", target, state);
}

static void
the_state_says_what_may_be_served(void **state)
{
	check_state(*state, "/fresh", "fresh");
	check_state(*state, "/stale", "stale");
	check_state(*state, "/strict", "kept");
	check_state(*state, "/never", "kept");
	/* the site decides otherwise */
	help_count(*state, "INSERT INTO site (name, "
	    "stale_override, stale_max_ms) VALUES ('site', 1, 604800000)");
	check_state(*state, "/strict", "stale");
	check_state(*state, "/never", "stale");
	help_count(*state, "UPDATE site SET stale_max_ms = 1000");
	check_state(*state, "/strict", "kept");
	assert_int_equal(help_count(*state, "SELECT count(*) FROM entries "
	    "WHERE kind = 'theme' AND state = 'stale'"), 1);
}

/* Where the sources are: the test may run from any folder. */
static void
find_queries(glob_t *found)
{
	static const char here[] = "tests/unit/test_cache_inspect.c";
	const char *srcdir = getenv("srcdir");
	char pattern[PATH_MAX];

	snprintf(pattern, sizeof(pattern), "%s/cache/queries/*.sql",
	    srcdir ? srcdir : ".");
	if (glob(pattern, 0, NULL, found) == 0)
		return;
	snprintf(pattern, sizeof(pattern), "%.*s/cache/queries/*.sql",
	    (int)(strlen(__FILE__) - strlen(here)), __FILE__);
	assert_int_equal(glob(pattern, 0, NULL, found), 0);
}

static int
count_row(void *arg, int columns, char **values, char **names)
{
	(void)columns;
	(void)values;
	(void)names;
	++*(int *)arg;
	return 0;
}

static void
run_query(sqlite3 *sqlite, const char *name)
{
	char sql[4096] = "", *error = NULL;
	FILE *file = fopen(name, "r");
	int rows = 0;

	assert_non_null(file);
	assert_true(fread(sql, 1, sizeof(sql) - 1, file) > 0);
	fclose(file);
	if (sqlite3_exec(sqlite, sql, count_row, &rows, &error) != SQLITE_OK)
		fail_msg("%s: %s", name, error);
	if (rows == 0)
		fail_msg("%s gives nothing", name);
}

static void
each_ready_made_question_has_an_answer(void **state)
{
	struct help *help = *state;
	sqlite3 *sqlite;
	glob_t found;

	sqlite = help_sqlite(help);
	find_queries(&found);
	assert_true(found.gl_pathc >= 5);
	for (size_t i = 0; i < found.gl_pathc; i++)
		run_query(sqlite, found.gl_pathv[i]);
	globfree(&found);
	sqlite3_close(sqlite);
}

static void
ls_lists_what_matches(void **state)
{
	struct help *help = *state;
	struct printed p;

	assert_int_equal(inspect_ls(help->file, NULL, begin(&p), NULL), 0);
	check_has(&p, "http://www.example.org/fresh\tsite\tpage\t200\tfresh",
	    true);
	check_has(&p, "http://theme.example/\tmain\ttheme", true);
	end(&p);
	assert_int_equal(inspect_ls(help->file, "/str", begin(&p), NULL), 0);
	check_has(&p, "/strict", true);
	check_has(&p, "/fresh", false);
	end(&p);
	assert_int_equal(inspect_ls(help->file, "*/s*e", begin(&p), NULL), 0);
	check_has(&p, "/stale", true);
	check_has(&p, "/strict", false);
	end(&p);
}

static void
show_gives_head_and_body(void **state)
{
	struct help *help = *state;
	struct printed p;

	assert_int_equal(inspect_show(help->file,
	    "HTTP://www.Example.org:80/fresh", 1, begin(&p), NULL), 0);
	check_has(&p, "200\nContent-Type: text/html\n", true);
	check_has(&p, "\n\nfresh page", true);
	end(&p);
	assert_int_equal(inspect_show(help->file, "/fresh", 0, begin(&p),
	    NULL), 0);
	check_has(&p, "fresh page", false);
	end(&p);
	assert_int_equal(inspect_show(help->file, "http://x/none", 0,
	    begin(&p), NULL), 1);
	end(&p);
}

static void
show_refuses_a_damaged_row(void **state)
{
	struct help *help = *state;
	struct printed p;
	struct err err;

	help_count(help, "UPDATE entry SET status = 404 WHERE "
	    "target = '/fresh'");
	assert_int_equal(inspect_show(help->file, "/fresh", 1, begin(&p),
	    &err), -1);
	assert_non_null(strstr(err.text, "damaged"));
	end(&p);
}

static void
why_explains_in_words(void **state)
{
	struct help *help = *state;
	struct printed p;

	assert_int_equal(inspect_why(help->file, "/fresh", begin(&p), NULL),
	    0);
	check_has(&p, "key p site http://www.example.org/fresh (page of site)",
	    true);
	check_has(&p, "by Cache-Control: max-age=60", true);
	check_has(&p, "next      served as it is", true);
	end(&p);
	assert_int_equal(inspect_why(help->file,
	    "http://www.example.org/stale", begin(&p), NULL), 0);
	check_has(&p, "stale     since", true);
	check_has(&p, "if down   served stale", true);
	check_has(&p, "problem   ", true);
	check_has(&p, "1 times: fetch: timed out; instead: stale page", true);
	end(&p);
	assert_int_equal(inspect_why(help->file, "/strict", begin(&p), NULL),
	    0);
	check_has(&p, "if down   an error: must-revalidate", true);
	end(&p);
	assert_int_equal(inspect_why(help->file, "/worn", begin(&p), NULL),
	    0);
	check_has(&p, "dressed   in main v1", true);
	check_has(&p, ", the live theme", true);
	end(&p);
	assert_int_equal(inspect_why(help->file,
	    "http://www.example.org/private", begin(&p), NULL), 1);
	check_has(&p, "nothing is stored for http://www.example.org/private",
	    true);
	check_has(&p, "cookie basket (a request with this cookie", true);
	end(&p);
	/* a path alone will do */
	assert_int_equal(inspect_why(help->file, "/private", begin(&p), NULL),
	    1);
	check_has(&p, "http://www.example.org/private: cookie basket", true);
	end(&p);
	assert_int_equal(inspect_why(help->file, "/stale", begin(&p), NULL),
	    0);
	check_has(&p, "timed out", true);
	end(&p);
}

static void
why_names_what_may_have_been_meant(void **state)
{
	static const char *const asked[] = {"/fresh/", "/fresh?utm_source=x",
	    "https://www.example.org/fresh", "http://other.example/fresh"};
	struct help *help = *state;
	struct printed p;

	for (size_t i = 0; i < COUNT_OF(asked); i++) {
		assert_int_equal(inspect_why(help->file, asked[i], begin(&p),
		    NULL), 1);
		check_has(&p, "nobody asked for it", true);
		check_has(&p, "stored is http://www.example.org/fresh",
		    true);
		end(&p);
	}
	help_count(help, "UPDATE entry SET target = '/fresh?a', "
	    "url = 'http://www.example.org/fresh?a' WHERE target = '/fresh'");
	assert_int_equal(inspect_why(help->file, "/fresh?b", begin(&p), NULL),
	    1);
	check_has(&p, "stored is http://www.example.org/fresh?a", true);
	end(&p);
}

static void
why_counts_variants(void **state)
{
	static const char *const variants[] = {"accept-language: de\n",
	    "accept-language\n"};
	struct help *help = *state;
	struct cache *cache = help_open(help);
	struct printed p;

	for (size_t i = 0; i < COUNT_OF(variants); i++) {
		struct object *object = help_object("/varies", "x");

		object->vary = "accept-language";
		object->variant = variants[i];
		cache_store(cache, object);
		object_unref(&object);
	}
	cache_close(&cache);
	assert_int_equal(inspect_why(help->file, "/varies", begin(&p), NULL),
	    0);
	check_has(&p, "variant   1 of 2: accept-language", true);
	check_has(&p, "variant   2 of 2: accept-language", true);
	check_has(&p, "accept-language: de\n", true);
	check_has(&p, "accept-language: not sent\n", true);
	assert_null(strstr(strstr(p.text, "key p") + 1, "key p"));
	end(&p);
}

/* A purge that nobody has worked off; soft: and nobody has marked. */
static void
open_purge(struct help *help, const char *kind, const char *key, bool soft)
{
	char sql[300];

	snprintf(sql, sizeof(sql), "INSERT INTO changes (kind, key, at_ms, "
	    "soft, max_id, open) SELECT '%s', '%s', %lld, %d, max(id), 1 "
	    "FROM entry", kind, key, (long long)clock_wall_ms() - 1000, soft);
	(void)help_count(help, sql);
}

static void
check_purged(struct help *help, const char *target, bool is)
{
	char line[200];
	struct printed p;

	snprintf(line, sizeof(line),
	    "http://www.example.org%s\tsite\tpage\t200\tpurged\t", target);
	assert_int_equal(inspect_ls(help->file, NULL, begin(&p), NULL), 0);
	check_has(&p, line, is);
	end(&p);
	assert_int_equal(inspect_show(help->file, target, 1, begin(&p),
	    NULL), is ? 2 : 0);
	fflush(p.out);
	assert_int_equal(is, p.len == 0);
	end(&p);
	assert_int_equal(inspect_why(help->file, target, begin(&p), NULL),
	    is);
	check_has(&p, "  purged    served to nobody", is);
	check_has(&p, "nothing is stored for", is);
	check_has(&p, "next      ", !is);
	check_has(&p, "stored is ", false);
	end(&p);
}

static void
what_was_purged_and_has_not_gone_is_told_so(void **state)
{
	struct help *help = *state;

	check_purged(help, "/fresh", false);
	open_purge(help, "tag", "sports", false);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entries "
	    "WHERE state = 'purged'"), help_count(help, "SELECT count(*) "
	    "FROM tag WHERE tag = 'sports'"));
	(void)help_count(help, "DELETE FROM changes");
	/* patterns are beyond SQL, and not beyond us */
	open_purge(help, "match", "url ^/fre", false);
	check_purged(help, "/fresh", true);
	check_purged(help, "/worn", false);
	check_state(help, "/fresh", "fresh");
	(void)help_count(help, "DELETE FROM changes");
	open_purge(help, "url", "http://www.example.org/fresh", false);
	check_purged(help, "/fresh", true);
	check_purged(help, "/worn", false);
	(void)help_count(help, "DELETE FROM changes");
	open_purge(help, "all", "elsewhere", false);
	check_purged(help, "/fresh", false);
	check_state(help, "/fresh", "fresh");
	open_purge(help, "all", "site", false);
	check_purged(help, "/fresh", true);
	check_state(help, "/fresh", "purged");
	/* what lasts is never meant, nor what came after it */
	assert_int_equal(help_count(help, "SELECT count(*) FROM entries "
	    "WHERE kind = 'theme' AND state = 'purged'"), 0);
	(void)help_count(help, "UPDATE changes SET max_id = (SELECT id - 1 "
	    "FROM entry WHERE target = '/fresh')");
	check_purged(help, "/fresh", false);
	check_state(help, "/fresh", "fresh");
	/* and one that is closed means nothing any more */
	(void)help_count(help, "UPDATE changes SET max_id = 99, open = 0");
	check_purged(help, "/fresh", false);
	check_state(help, "/fresh", "fresh");
}

static void
what_a_soft_purge_means_and_has_not_marked_is_stale(void **state)
{
	struct help *help = *state;
	struct printed p;

	open_purge(help, "all", "", true);
	check_state(help, "/fresh", "stale");
	assert_int_equal(help_count(help, "SELECT count(*) FROM entries WHERE "
	    "url LIKE '%/fresh' AND ttl_s < 0 AND soft_purged_at IS NOT "
	    "NULL"), 1);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entries WHERE "
	    "kind = 'theme' AND soft_purged_at IS NULL"), 1);
	assert_int_equal(inspect_why(help->file, "/fresh", begin(&p), NULL),
	    0);
	check_has(&p, "stale     since", true);
	check_has(&p, "soft", true);
	end(&p);
	(void)help_count(help, "DELETE FROM changes");
	open_purge(help, "match", "url ^/fre", true);
	assert_int_equal(inspect_ls(help->file, "*/fresh", begin(&p), NULL),
	    0);
	check_has(&p, "\tstale\t", true);
	end(&p);
	assert_int_equal(inspect_why(help->file, "/fresh", begin(&p), NULL),
	    0);
	check_has(&p, "stale     since", true);
	end(&p);
	assert_int_equal(inspect_show(help->file, "/fresh", 0, begin(&p),
	    NULL), 0);
	end(&p);
}

static void
stat_sums_up(void **state)
{
	struct help *help = *state;
	struct printed p;

	assert_int_equal(inspect_stat(help->file, begin(&p), NULL), 0);
	check_has(&p, "page\tfresh\t2\t", true);
	check_has(&p, "main\tv1\t1\t", true);
	check_has(&p, "timed out", true);
	end(&p);
}

static int
purged(struct help *help, struct inspect_purging what)
{
	struct purged purged = {0, false};
	struct err err;

	if (inspect_purge(help->file, &what, &purged, &err) != 0)
		return -1;
	return (int)purged.count;
}

static void
purge_removes_and_leaves_themes_alone(void **state)
{
	struct help *help = *state;

	assert_int_equal(purged(help, (struct inspect_purging){
	    .url = "http://www.example.org/fresh"}), 1);
	assert_int_equal(purged(help, (struct inspect_purging){
	    .url = "/stale/"}), 1);
	assert_int_equal(purged(help, (struct inspect_purging){
	    .tag = "sports"}), 2);
	assert_int_equal(purged(help, (struct inspect_purging){
	    .url = "http://theme.example/"}), 1);
	assert_int_equal(purged(help, (struct inspect_purging){
	    .all = true}), 1);
	assert_int_equal(help_count(help, "SELECT count(*) FROM entry"), 1);
	assert_int_equal(help_count(help, "SELECT count(*) FROM dress"), 0);
}

static _Atomic int told_count;

static void
on_change(void *arg, const char *kind, const char *key, int64_t at_ms)
{
	assert_true(at_ms > 0 && at_ms <= clock_wall_ms());
	(void)arg;
	if (strcmp(kind, "url") == 0 &&
	    strcmp(key, "http://theme.example/") == 0)
		told_count++;
}

static void
a_running_server_hears_of_a_purge_within_half_a_second(void **state)
{
	struct help *help = *state;
	struct cache *cache = help_open(help);
	struct object *object = help_store(cache, "/live", "x");
	uint64_t start;

	object_unref(&object);
	cache_on_change(cache, on_change, NULL);
	usleep(100000);
	assert_int_equal(purged(help, (struct inspect_purging){
	    .url = "http://www.example.org/live"}), 1);
	assert_int_equal(purged(help, (struct inspect_purging){
	    .url = "http://theme.example/"}), 1);
	start = clock_mono_us();
	while ((object = help_find(cache, "/live")) || told_count == 0) {
		object_unref(&object);
		assert_true(clock_mono_us() - start < 2000000);
		usleep(10000);
	}
	print_message("heard after %llu ms\n", (unsigned long long)
	    (clock_mono_us() - start) / 1000);
	cache_close(&cache);
}

static void
a_missing_or_foreign_file_is_said_to_be_so(void **state)
{
	struct help *help = *state;
	const struct inspect_purging all = {.all = true};
	struct purged gone;
	struct err err;

	assert_int_equal(inspect_stat("/nowhere/cache.db", stdout, &err), -1);
	assert_non_null(strstr(err.text, "/nowhere/cache.db"));
	assert_int_equal(inspect_purge("/nowhere/cache.db", &all, &gone,
	    &err), -1);
	help_count(help, "PRAGMA user_version = 9");
	assert_int_equal(inspect_ls(help->file, NULL, stdout, &err), -1);
	assert_non_null(strstr(err.text, "version"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		inspect_test(each_view_has_its_columns),
		inspect_test(the_state_says_what_may_be_served),
		inspect_test(each_ready_made_question_has_an_answer),
		inspect_test(ls_lists_what_matches),
		inspect_test(show_gives_head_and_body),
		inspect_test(show_refuses_a_damaged_row),
		inspect_test(why_explains_in_words),
		inspect_test(why_names_what_may_have_been_meant),
		inspect_test(why_counts_variants),
		inspect_test(what_was_purged_and_has_not_gone_is_told_so),
		inspect_test(
		    what_a_soft_purge_means_and_has_not_marked_is_stale),
		inspect_test(stat_sums_up),
		inspect_test(purge_removes_and_leaves_themes_alone),
		inspect_test(
		    a_running_server_hears_of_a_purge_within_half_a_second),
		inspect_test(a_missing_or_foreign_file_is_said_to_be_so),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
