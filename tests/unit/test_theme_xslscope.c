/* theme/xslscope: variables that nobody declares are found when rules are read,
 * and those that somebody does are not */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/mem.h"
#include "theme/theme.h"

#define RULES(inner)                                                           \
	"<rules xmlns=\"http://namespaces.plone.org/diazo\" "                  \
	"xmlns:css=\"http://namespaces.plone.org/diazo/css\" "                 \
	"xmlns:dyn=\"http://exslt.org/dynamic\" "                              \
	"xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\">\n" inner          \
	"</rules>"

static char path[64];

static int
begin(void **state)
{
	(void)state;
	strcpy(path, "/tmp/test_theme_xslscope.XXXXXX");
	return mkdtemp(path) ? 0 : -1;
}

static int
end(void **state)
{
	char file[96];

	(void)state;
	snprintf(file, sizeof(file), "%s/rules.xml", path);
	unlink(file);
	return rmdir(path);
}

static int
load(const char *text, const char *const *params, bool compat, struct err *err)
{
	const struct rules_opts opts = {.params = params, .compat = compat};
	struct rules *rules = NULL;
	char name[96];
	FILE *file;
	int rc;

	snprintf(name, sizeof(name), "%s/rules.xml", path);
	file = fopen(name, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	rc = rules_load(&rules, name, &opts, err);
	rules_unref(&rules);
	return rc;
}

static const char *const params[] = {"mine", "theirs=cookie:x", NULL};

static void
declared(const char *text)
{
	struct err err = {""};

	for (int compat = 0; compat < 2; compat++)
		if (load(text, params, compat, &err) != 0)
			fail_msg("%s", err.text);
}

/* In its second line. */
static void
undeclared(const char *text, const char *words)
{
	struct err err = {""};

	for (int compat = 0; compat < 2; compat++) {
		if (load(text, params, compat, &err) == 0)
			fail_msg("%s passes", text);
		if (!strstr(err.text, "rules.xml:2: ") ||
		    !strstr(err.text, words))
			fail_msg("%s is not in %s", words, err.text);
	}
	/* who does not say what pages are given is not told what they lack */
	assert_int_equal(load(text, NULL, false, &err), 0);
}

static void
names_that_nobody_declares_are_found_wherever_they_stand(void **state)
{
	static const char *const rules[] = {
	    RULES("<drop css:theme=\"a\" if=\"$x\"/>"),
	    RULES("<drop css:theme=\"a\" if-not=\"$x\"/>"),
	    RULES("<drop css:theme=\"a\" if-content=\"//p[$x]\"/>"),
	    RULES("<rules if=\"$x\"><drop css:theme=\"a\"/></rules>"),
	    RULES("<notheme if=\"$x\"/>"),
	    RULES("<theme href=\"t.html\" if=\"$x\"/>"),
	    RULES("<replace css:theme=\"a\" content=\"//p[$x]\"/>"),
	    RULES("<replace css:theme=\"a\" content-children=\"//p[$x]\"/>"),
	    RULES("<drop content=\"p[$x]\"/>"),
	    RULES("<replace css:theme=\"a\"><b c=\"{$x}\"/></replace>"),
	    RULES("<replace css:theme=\"a\"><include content=\"$x\"/>"
		  "</replace>"),
	    RULES("<replace css:theme=\"a\"><xsl:value-of select=\"$x\"/>"
		  "</replace>"),
	    RULES("<replace css:theme=\"a\"><xsl:element name=\"{$x}\"/>"
		  "</replace>"),
	    RULES("<replace css:theme=\"a\"><xsl:for-each select=\"//p\">"
		  "<xsl:sort select=\".\" order=\"{$x}\"/></xsl:for-each>"
		  "</replace>"),
	    RULES("<xsl:variable name=\"v\" select=\"$x\"/>"),
	    RULES("<xsl:variable name=\"v\"><xsl:copy-of select=\"$x\"/>"
		  "</xsl:variable>"),
	    RULES("<xsl:template match=\"p[$x]\"/>"),
	    RULES("<xsl:template match=\"p\"><i j=\"{$x}\"/></xsl:template>"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rules); i++)
		undeclared(rules[i], "$x is declared here");
}

static void
a_local_variable_is_seen_behind_it_and_below(void **state)
{
	(void)state;
	declared(RULES("<replace css:theme=\"a\">"
		       "<xsl:variable name=\"x\" select=\"1\"/>"
		       "<xsl:variable name=\"y\" select=\"$x\"/>"
		       "<b><i j=\"{$x}\"><include content=\"//p[$y]\"/></i></b>"
		       "</replace>"));
	declared(RULES("<xsl:template name=\"t\"><xsl:param name=\"x\"/>"
		       "<xsl:param name=\"y\" select=\"$x\"/>"
		       "<xsl:if test=\"$y\"><xsl:call-template name=\"t\">"
		       "<xsl:with-param name=\"x\" select=\"$x\"/>"
		       "</xsl:call-template></xsl:if></xsl:template>"));
	undeclared(RULES("<replace css:theme=\"a\"><b c=\"{$x}\"/>"
			 "<xsl:variable name=\"x\" select=\"1\"/></replace>"),
	    "$x is declared here");
	undeclared(RULES("<replace css:theme=\"a\"><xsl:variable name=\"x\" "
			 "select=\"$x\"/></replace>"),
	    "$x is declared here");
	undeclared(RULES("<replace css:theme=\"a\"><b><xsl:variable name=\"x\" "
			 "select=\"1\"/></b><b c=\"{$x}\"/></replace>"),
	    "$x is declared here");
	undeclared(RULES("<replace css:theme=\"a\"><xsl:variable name=\"x\" "
			 "select=\"1\"/></replace><drop css:theme=\"a\" "
			 "if=\"$x\"/>"),
	    "$x is declared here");
	undeclared(RULES("<replace css:theme=\"a\"><xsl:apply-templates>"
			 "<xsl:with-param name=\"x\" select=\"1\"/>"
			 "</xsl:apply-templates><b c=\"{$x}\"/></replace>"),
	    "$x is declared here");
}

static void
what_the_root_declares_is_seen_everywhere(void **state)
{
	(void)state;
	declared(RULES("<drop css:theme=\"a\" if=\"$x and $y\"/>"
		       "<drop content=\"p[$y]\"/>"
		       "<xsl:variable name=\"x\" select=\"$y\"/>"
		       "<xsl:param name=\"y\" select=\"1\"/>"));
}

static void
parameters_of_pages_and_of_the_site_are_known(void **state)
{
	(void)state;
	declared(RULES("<drop css:theme=\"a\" if=\"$path and $host and $scheme "
		       "and $query_string and $url and $base\"/>"
		       "<drop css:theme=\"a\" if=\"$mine = $theirs\"/>"));
	undeclared(RULES("<drop css:theme=\"a\" if=\"$min\"/>"), "$min ");
	undeclared(RULES("<drop css:theme=\"a\" if=\"$mine2\"/>"), "$mine2 ");
}

static void
what_stands_in_quotes_is_text(void **state)
{
	(void)state;
	declared(
	    RULES("<drop css:theme=\"a\" if=\"'$x' = concat('it',&quot;'$y"
		  "&quot;)\"/><replace css:theme=\"a\"><b c=\"{{$x}} $y "
		  "{'$x'}\">$z<xsl:value-of select=\"dyn:evaluate('$x')\"/>"
		  "</b></replace>"));
}

static void
a_prefix_that_nobody_declares_is_a_mistake(void **state)
{
	static const char *const rules[] = {
	    RULES("<drop css:theme=\"a\" if=\"//nope:p\"/>"),
	    RULES("<drop theme=\"//nope:p\"/>"),
	    RULES("<replace css:theme=\"a\" content=\"//nope:p\"/>"),
	    RULES("<replace css:theme=\"a\"><b c=\"{nope:f()}\"/></replace>"),
	    RULES("<xsl:template match=\"nope:p\"/>"),
	};
	struct err err = {""};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rules); i++)
		for (int compat = 0; compat < 2; compat++) {
			assert_int_equal(
			    load(rules[i], NULL, compat, &err), -1);
			if (!strstr(err.text, "rules.xml:2: ") ||
			    !strstr(err.text, "prefix nope"))
				fail_msg("%s", err.text);
		}
}

static void
elements_of_unknown_extensions_are_mistakes(void **state)
{
	struct err err = {""};

	(void)state;
	declared(RULES("<replace css:theme=\"a\"><my:b xmlns:my=\"urn:my\"/>"
		       "</replace>"));
	assert_int_equal(
	    load(RULES("<replace css:theme=\"a\" xmlns:my=\"urn:my\">"
		       "<b xsl:extension-element-prefixes=\"other my\">"
		       "<my:b/></b></replace>"),
		params, false, &err),
	    -1);
	assert_non_null(strstr(err.text, "rules.xml:2: <b>: no such element"));
	assert_int_equal(
	    load(RULES("<xsl:template match=\"p\" xmlns:my=\"urn:my\" "
		       "extension-element-prefixes=\"my\"><q><my:b/></q>"
		       "</xsl:template>"),
		params, false, &err),
	    -1);
	assert_non_null(strstr(err.text, "rules.xml:2: <b>: no such element"));
}

/* On as little memory as a thread may have. */
static void *
load_long_name(void *arg)
{
	static const char *const none[] = {NULL};
	enum { LETTERS = 20000 };
	char *name = mem_new(2 * LETTERS + 1), *text;
	struct err err = {""};

	for (size_t i = 0; i < LETTERS; i++)
		memcpy(name + 2 * i, "\u00e9", 2);
	text = mem_printf(RULES("<drop css:theme=\"a\" if=\"$%s\"/>"), name);
	*(int *)arg = load(text, none, false, &err);
	mem_free(&text);
	mem_free(&name);
	return NULL;
}

static void
a_long_name_takes_no_stack(void **state)
{
	enum { STACK = 512 * 1024 };
	pthread_attr_t small;
	pthread_t thread;
	int rc = 0;

	(void)state;
	assert_int_equal(pthread_attr_init(&small), 0);
	assert_int_equal(pthread_attr_setstacksize(&small, STACK), 0);
	assert_int_equal(
	    pthread_create(&thread, &small, load_long_name, &rc), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	pthread_attr_destroy(&small);
	assert_int_equal(rc, -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(names_that_nobody_declares_are_found_wherever_they_stand),
	    TEST(a_local_variable_is_seen_behind_it_and_below),
	    TEST(what_the_root_declares_is_seen_everywhere),
	    TEST(parameters_of_pages_and_of_the_site_are_known),
	    TEST(what_stands_in_quotes_is_text),
	    TEST(a_prefix_that_nobody_declares_is_a_mistake),
	    TEST(elements_of_unknown_extensions_are_mistakes),
	    TEST(a_long_name_takes_no_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
