/* Reasons, log lines, patterns */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/regex.h"

/* ---- err ---- */

static void
a_reason_grows_towards_the_caller(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(err_set(&err, "no %s", "answer"), -1);
	assert_int_equal(err_prefix(&err, "pool %d", 7), -1);
	assert_string_equal(err.text, "pool 7: no answer");
	assert_int_equal(err_set(NULL, "x"), -1);
	assert_int_equal(err_prefix(NULL, "x"), -1);
}

static void
too_long_a_reason_ends_in_dots(void **state)
{
	enum { LAST = sizeof(((struct err *)NULL)->text) - 1 };
	char text[2 * LAST];
	struct err err;
	int len;

	(void)state;
	for (len = LAST - 5; len < LAST + 5; len++) {
		memset(text, 'a', sizeof(text));
		text[len] = '\0';
		err_set(&err, "%s", text);
		if (len > LAST)
			memcpy(text + LAST - 3, "...", 4);
		assert_string_equal(err.text, text);
	}
	err_set(&err, "reason");
	memset(text, 'b', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_prefix(&err, "%s", text);
	assert_int_equal(strlen(err.text), LAST);
	assert_string_equal(err.text + LAST - 4, "b...");
	err_set(&err, "%0500d", 0);
	err_prefix(&err, "0123456789");
	assert_int_equal(strlen(err.text), LAST);
	assert_memory_equal(err.text, "0123456789: 000", 15);
	assert_string_equal(err.text + LAST - 4, "0...");
}

/* ---- log ---- */

static char folder[] = "/tmp/livery-test-XXXXXX";
static char path[64], moved[64];

static int
make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/log", folder);
	snprintf(moved, sizeof(moved), "%s/log.1", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	unlink(path);
	unlink(moved);
	return rmdir(folder);
}

static const char *
contents(const char *name)
{
	static char text[8192];
	int fd = open(name, O_RDONLY);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, text, sizeof(text) - 1);
	assert_true(n >= 0);
	close(fd);
	text[n] = '\0';
	return text;
}

static void
nobody_forges_a_log_line(void **state)
{
	struct err err;
	const char *text;

	(void)state;
	assert_int_equal(log_open(path, &err), 0);
	log_warn("bad path %s", "/a\n<1>livery: all is well\r\x1b[2J\t\x7f");
	text = contents(path);
	assert_non_null(strstr(text,
	    " warning: bad path /a\\x0a<1>livery: all is well\\x0d"
	    "\\x1b[2J\\x09\\x7f\n"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_int_equal(log_open(NULL, &err), 0);
	unlink(path);
}

static void
the_journal_gets_a_priority_in_front(void **state)
{
	int saved = dup(STDERR_FILENO);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	(void)state;
	assert_true(saved >= 0 && fd >= 0);
	dup2(fd, STDERR_FILENO);
	close(fd);
	log_error("one");
	log_info("two");
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_string_equal(contents(path), "<3>livery: one\n<6>livery: two\n");
	unlink(path);
}

static void
a_long_line_is_cut_and_still_one_line(void **state)
{
	char text[6000];
	struct err err;
	const char *got;

	(void)state;
	assert_int_equal(log_open(path, &err), 0);
	memset(text, '\n', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_error("%s", text);
	memset(text, 'a', sizeof(text) - 1);
	log_error("%s", text);
	got = contents(path);
	assert_true(strlen(got) < 5000);
	got = strchr(got, '\n');
	assert_non_null(got);
	got = strchr(got + 1, '\n');
	assert_non_null(got);
	assert_string_equal(got, "\n");
	assert_int_equal(log_open(NULL, &err), 0);
	unlink(path);
}

static void
levels_above_the_set_one_are_silent(void **state)
{
	struct err err;
	const char *text;

	(void)state;
	assert_int_equal(log_open(path, &err), 0);
	log_debug("one");
	log_info("two");
	log_set_level(LOG_ERROR);
	log_warn("three");
	log_error("four");
	log_set_level(LOG_DEBUG);
	log_debug("five");
	log_set_level(LOG_INFO);
	text = contents(path);
	assert_null(strstr(text, "one"));
	assert_non_null(strstr(text, " info: two\n"));
	assert_null(strstr(text, "three"));
	assert_non_null(strstr(text, " error: four\n"));
	assert_non_null(strstr(text, " debug: five\n"));
	assert_int_equal(log_open(NULL, &err), 0);
	unlink(path);
}

static void
a_moved_log_is_opened_anew(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(log_open(path, &err), 0);
	log_error("before");
	assert_int_equal(rename(path, moved), 0);
	log_error("between");
	assert_int_equal(log_reopen(&err), 0);
	log_error("after");
	assert_non_null(strstr(contents(moved), "between\n"));
	assert_null(strstr(contents(path), "between"));
	assert_non_null(strstr(contents(path), "after\n"));
	assert_int_equal(log_open(NULL, &err), 0);
	assert_int_equal(log_reopen(&err), 0);
}

static void
a_log_that_cannot_be_opened_leaves_the_old_one(void **state)
{
	struct err err;

	(void)state;
	unlink(path);
	assert_int_equal(log_open(path, &err), 0);
	assert_int_equal(log_open("/no/such/folder/log", &err), -1);
	assert_string_equal(err.text,
	    "/no/such/folder/log: No such file or directory");
	log_error("still here");
	assert_non_null(strstr(contents(path), "still here\n"));
	assert_int_equal(log_open(NULL, &err), 0);
}

/* ---- patterns ---- */

static bool
matches(const char *pattern, bool ignore_case, const char *text, size_t len)
{
	struct regex *regex = NULL;
	struct err err;
	bool answer;

	if (regex_new(&regex, pattern, ignore_case, &err) != 0)
		fail_msg("%s", err.text);
	answer = regex_matches(regex, text, len);
	regex_free(&regex);
	assert_null(regex);
	regex_free(&regex);
	return answer;
}

static void
patterns_match_as_perl_has_it(void **state)
{
	(void)state;
	assert_true(matches("^/news/\\d+$", false, "/news/2024", 10));
	assert_false(matches("^/news/\\d+$", false, "/News/2024", 10));
	assert_true(matches("^/news/\\d+$", true, "/News/2024", 10));
	assert_true(matches("a.b", false, "xa\0by", 5));
	assert_true(matches("", false, "", 0));
	assert_false(matches("b", false, "abc", 1));
}

static void
a_bad_pattern_is_named_with_its_place(void **state)
{
	struct regex *regex = NULL;
	struct err err;

	(void)state;
	assert_int_equal(regex_new(&regex, "a(b", false, &err), -1);
	assert_null(regex);
	assert_string_equal(err.text,
	    "regex 'a(b', at byte 4: missing closing parenthesis");
	assert_int_equal(regex_new(&regex, "a\\Cb", false, &err), -1);
}

static uint64_t
cpu_ms(void)
{
	return (uint64_t)clock() * 1000 / CLOCKS_PER_SEC;
}

static void
an_honest_pattern_matches_a_long_text(void **state)
{
	static char text[9999];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(text); i++)
		text[i] = i % 9 ? 'a' : '/';
	assert_true(matches("^(?:[a-z]|/)+$", false, text, sizeof(text)));
	assert_true(matches("^(/[a-z]+)*$", false, text, sizeof(text)));
}

static void
an_evil_pattern_ends_soon(void **state)
{
	static char text[100000];
	uint64_t before = cpu_ms();

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '!';
	assert_false(matches("^(a|aa)+$", false, text, sizeof(text)));
	assert_false(matches("^(a*)*b$", false, text, 40));
	assert_false(matches("(.*)(.*)(.*)(.*)(.*)[^!a]", false, text,
	    sizeof(text)));
	assert_false(matches("^((a{0,9}){0,9}){0,9}(?:x|y)$", false, text,
	    sizeof(text)));
	assert_true(cpu_ms() - before < 1000);
}

static void
globs_know_stars_and_question_marks(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool ignore_case, answer;
	} table[] = {{"", "", 0, 1}, {"", "a", 0, 0}, {"*", "", 0, 1},
	    {"*", "abc", 0, 1}, {"**", "", 0, 1}, {"?", "", 0, 0},
	    {"?", "a", 0, 1}, {"?", "ab", 0, 0}, {"a*", "abc", 0, 1},
	    {"a*", "bac", 0, 0}, {"*c", "abc", 0, 1}, {"*c", "abcd", 0, 0},
	    {"a*b*c", "aXbYbZc", 0, 1}, {"a*b*c", "aXbYbZ", 0, 0},
	    {"*sess*", "PHPSESSID", 0, 0}, {"*sess*", "PHPSESSID", 1, 1},
	    {"__ac", "__ac", 0, 1}, {"__ac", "__acx", 0, 0},
	    {"a?c*", "abc", 0, 1}, {"*?", "", 0, 0}, {"?*?", "ab", 0, 1},
	    {"[a]", "a", 0, 0}, {"[a]", "[a]", 0, 1}, {"\\*", "*", 0, 0},
	    {"\\*", "\\x", 0, 1}, {"*ab", "aab", 0, 1},
	    {"*aab*", "aaab", 0, 1}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (glob_matches(table[i].pattern, table[i].text,
			table[i].ignore_case) != table[i].answer)
			fail_msg("'%s' on '%s'", table[i].pattern,
			    table[i].text);
}

static void
a_glob_of_many_stars_ends_soon(void **state)
{
	static char text[20001], pattern[2001];
	uint64_t before = cpu_ms();
	int i;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	for (i = 0; i < 2000; i += 2)
		memcpy(pattern + i, "*a", 2);
	pattern[1999] = 'b';
	assert_false(glob_matches(pattern, text, true));
	assert_true(cpu_ms() - before < 1000);
}

static void
a_match_is_found_with_its_groups(void **state)
{
	struct regex_span spans[4];
	struct regex *regex = NULL;
	struct err err;

	(void)state;
	assert_int_equal(
	    regex_new_utf8(&regex, "(.)(x)?-", false, &err), 0);
	assert_int_equal(
	    regex_find(regex, "a\xC3\xA4-b", 5, 0, spans, 4, NULL), 2);
	assert_int_equal(spans[0].from, 1);
	assert_int_equal(spans[0].to, 4);
	assert_int_equal(spans[1].to, 3);
	assert_int_equal(regex_find(regex, "a-b-", 4, 2, spans, 1, NULL), 1);
	assert_int_equal(spans[0].from, 2);
	assert_int_equal(regex_find(regex, "ab", 2, 0, spans, 4, NULL), 0);
	assert_int_equal(regex_find(regex, "\xFF-", 2, 0, spans, 4, NULL), -1);
	regex_free(&regex);
	assert_int_equal(regex_new_utf8(&regex, "(", false, &err), -1);
}

static void
what_a_search_tries_is_bounded_over_all_of_the_text(void **state)
{
	/* each of them begins at every byte, and fails there soon */
	static const char *const dear[] = {
	    "a*[bc]", "(a+)\\1[bc]", "(?=a*[bc])a"};
	enum { LEN = 100000 };
	char *text = mem_new(LEN + 1);
	struct regex_span spans[4];
	struct regex *regex = NULL;
	int64_t before = cpu_ms();
	size_t steps;
	struct err err;

	(void)state;
	memset(text, 'a', LEN);
	for (size_t i = 0; i < COUNT_OF(dear); i++) {
		steps = 1000000;
		assert_int_equal(
		    regex_new_utf8(&regex, dear[i], false, &err), 0);
		assert_int_equal(
		    regex_find(regex, text, LEN, 0, spans, 4, &steps), -1);
		regex_free(&regex);
	}
	steps = 1000000;
	assert_int_equal(regex_new_utf8(&regex, "a+$", false, &err), 0);
	assert_int_equal(
	    regex_find(regex, text, LEN, 0, spans, 4, &steps), 1);
	assert_true(steps < 1000000 && steps > 900000);
	regex_free(&regex);
	assert_true(cpu_ms() - before < 1000);
	mem_free(&text);
}

/* Each item copies what all of them have found. */
static void
groups_that_have_matched_cost_at_each_item(void **state)
{
	enum { GROUPS = 900, LEN = 50, STEPS = 1000000 };
	char *pattern = mem_new(2 * GROUPS + 16), *text = mem_new(LEN + 1);
	struct regex_span spans[4];
	struct regex *regex = NULL;
	size_t steps = STEPS;
	struct err err;

	(void)state;
	for (size_t i = 0; i < GROUPS; i++)
		memcpy(pattern + 2 * i, "()", 2);
	strcpy(pattern + 2 * GROUPS, "a*?[bc]");
	memset(text, 'a', LEN);
	assert_int_equal(regex_new_utf8(&regex, pattern, false, &err), 0);
	assert_int_equal(
	    regex_find(regex, text, LEN, 0, spans, 4, &steps), -1);
	regex_free(&regex);
	mem_free(&pattern);
	mem_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_match_is_found_with_its_groups),
	    cmocka_unit_test(groups_that_have_matched_cost_at_each_item),
	    cmocka_unit_test(
		what_a_search_tries_is_bounded_over_all_of_the_text),
	    cmocka_unit_test(a_reason_grows_towards_the_caller),
	    cmocka_unit_test(too_long_a_reason_ends_in_dots),
	    cmocka_unit_test(nobody_forges_a_log_line),
	    cmocka_unit_test(the_journal_gets_a_priority_in_front),
	    cmocka_unit_test(a_long_line_is_cut_and_still_one_line),
	    cmocka_unit_test(levels_above_the_set_one_are_silent),
	    cmocka_unit_test(a_moved_log_is_opened_anew),
	    cmocka_unit_test(a_log_that_cannot_be_opened_leaves_the_old_one),
	    cmocka_unit_test(patterns_match_as_perl_has_it),
	    cmocka_unit_test(a_bad_pattern_is_named_with_its_place),
	    cmocka_unit_test(an_honest_pattern_matches_a_long_text),
	    cmocka_unit_test(an_evil_pattern_ends_soon),
	    cmocka_unit_test(globs_know_stars_and_question_marks),
	    cmocka_unit_test(a_glob_of_many_stars_ends_soon),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
