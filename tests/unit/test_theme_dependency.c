/* theme/dependency: files that document() reads are part of the version */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "theme/dependency.h"

static char folder[64], path[96], words[96];
static char version[DIGEST_HEX + 1];

static void
put(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int
begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_dependency.XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/rules.xml", folder);
	snprintf(words, sizeof(words), "%s/words.xml", folder);
	put(words, "<w>first</w>");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	unlink(path);
	unlink(words);
	rmdir(folder);
	return 0;
}

static void
write_rules(const char *name)
{
	char text[600];

	snprintf(text, sizeof(text),
	    "<rules xmlns=\"http://namespaces.plone.org/diazo\" "
	    "xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\">"
	    "<before theme=\"//p\"><xsl:value-of select=\"document(%s)/w\"/>"
	    "</before></rules>",
	    name);
	put(path, text);
}

static struct rules *
load(const struct rules *before)
{
	const struct rules_opts opts = {.before = before};
	struct rules *rules = NULL;
	struct err err = {""};

	if (rules_load(&rules, path, &opts, &err) != 0)
		fail_msg("%s", err.text);
	strcpy(version, rules_version(rules));
	return rules;
}

/* True: it is another version than before. */
static bool
changes(const struct rules *before)
{
	char was[sizeof(version)];
	struct rules *rules;

	strcpy(was, version);
	rules = load(before);
	rules_unref(&rules);
	return strcmp(was, version) != 0;
}

static void
a_file_that_is_named_counts(void **state)
{
	struct rules *rules;

	(void)state;
	write_rules("'words.xml'");
	rules = load(NULL);
	assert_false(changes(rules));
	put(words, "<w>other</w>");
	assert_true(changes(rules));
	assert_false(changes(rules));
	rules_unref(&rules);
}

static void
a_file_whose_name_is_worked_out_counts_once_it_was_read(void **state)
{
	struct rules *rules, *next;

	(void)state;
	write_rules("concat('words', '.xml')");
	rules = load(NULL);
	assert_false(changes(rules));
	put(words, "<w>other</w>");
	assert_false(changes(rules));
	dependency_note(rules, words);
	next = load(rules);
	assert_string_not_equal(rules_version(rules), version);
	assert_false(changes(next));
	put(words, "<w>third</w>");
	assert_true(changes(next));
	rules_unref(&rules);
	rules_unref(&next);
}

static void
one_that_may_not_be_read_is_not(void **state)
{
	struct rules *rules;

	(void)state;
	write_rules("concat('/etc/', 'hostname')");
	rules = load(NULL);
	dependency_note(rules, "/etc/hostname");
	assert_false(changes(rules));
	rules_unref(&rules);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	    TEST(a_file_that_is_named_counts),
	    TEST(a_file_whose_name_is_worked_out_counts_once_it_was_read),
	    TEST(one_that_may_not_be_read_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
