/* theme/xslread and its neighbours: mistakes that are told when rules are
 * read, with the line and what would be right */
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
	"xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\">\n" inner          \
	"</rules>"
#define BODY(inner) RULES("<replace css:theme=\"#a\">" inner "</replace>")

static char path[64];

static int
begin(void **state)
{
	(void)state;
	strcpy(path, "/tmp/test_theme_xslread.XXXXXX");
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
load(const char *text, bool compat, struct err *err)
{
	const struct rules_opts opts = {.compat = compat};
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

static void
is_read(const char *text, bool compat)
{
	struct err err = {""};

	if (load(text, compat, &err) != 0)
		fail_msg("%s: %s", text, err.text);
}

static void
is_refused(const char *text, const char *words)
{
	struct err err = {""};

	if (load(text, false, &err) == 0)
		fail_msg("read: %s", text);
	if (!strstr(err.text, "rules.xml:2: ") || !strstr(err.text, words))
		fail_msg("%s, and not: %s", err.text, words);
}

static void
elements_of_xslt_say_what_they_lack(void **state)
{
	(void)state;
	is_refused(BODY("<xsl:for-each/>"), "xsl:for-each needs select");
	is_refused(BODY("<xsl:value-of/>"), "xsl:value-of needs select");
	is_refused(BODY("<xsl:copy-of/>"), "xsl:copy-of needs select");
	is_refused(BODY("<xsl:if><b/></xsl:if>"), "xsl:if needs test");
	is_refused(BODY("<xsl:element/>"), "xsl:element needs name");
	is_refused(BODY("<b><xsl:attribute>x</xsl:attribute></b>"),
	    "xsl:attribute needs name");
	is_refused(
	    BODY("<xsl:call-template/>"), "xsl:call-template needs name");
	is_refused(
	    RULES("<xsl:variable select=\"1\"/>"), "xsl:variable needs name");
	is_refused(
	    RULES("<xsl:key name=\"k\" match=\"a\"/>"), "xsl:key needs use");
	is_read(
	    BODY("<xsl:for-each css:select=\"a\"><b/></xsl:for-each>"), false);
}

static void
elements_of_xslt_say_where_they_belong(void **state)
{
	(void)state;
	is_refused(BODY("<xsl:when test=\"1\"/>"),
	    "xsl:when belongs directly inside xsl:choose");
	is_refused(BODY("<b><xsl:otherwise/></b>"),
	    "xsl:otherwise belongs directly inside xsl:choose");
	is_refused(BODY("<xsl:sort select=\".\"/>"),
	    "xsl:sort belongs directly inside xsl:for-each or "
	    "xsl:apply-templates");
	is_refused(BODY("<xsl:if test=\"1\"><xsl:with-param name=\"a\"/>"
			"</xsl:if>"),
	    "xsl:with-param belongs directly inside xsl:apply-templates or "
	    "xsl:call-template");
	is_refused(
	    BODY("<xsl:choose> </xsl:choose>"), "xsl:choose needs an xsl:when");
	is_refused(BODY("<xsl:choose><b/></xsl:choose>"),
	    "xsl:choose holds nothing but xsl:when");
	is_refused(RULES("<xsl:template match=\"a\"><xsl:apply-imports/>"
			 "</xsl:template>"),
	    "<xsl:apply-templates/> goes on");
	is_read(BODY("<xsl:choose> <!-- x --> <xsl:when test=\"1\"/> "
		     "<xsl:otherwise/> </xsl:choose>"),
	    false);
}

static void
markup_has_few_attributes_of_xslt(void **state)
{
	(void)state;
	is_refused(BODY("<b xsl:select=\"a\"/>"),
	    "xsl:select is nothing that markup may have");
	is_read(BODY("<b xsl:version=\"1.0\" xsl:use-attribute-sets=\"{a\"/>"),
	    false);
}

static void
functions_that_nobody_has_are_told_when_rules_are_read(void **state)
{
	(void)state;
	is_refused(RULES("<drop css:theme=\"#a\" if=\"nope(1)\"/>"),
	    "if=\"nope(1)\": XPath 1.0 has no function nope()");
	is_refused(RULES("<drop css:theme=\"#a\" if=\"a[ ends-with (b, 'c')]"
			 "\"/>"),
	    "no function ends-with(); see regexp:test()");
	is_refused(RULES("<drop theme=\"//a[lower-case(@b)='c']\"/>"),
	    "no function lower-case(); see translate()");
	is_refused(RULES("<drop content=\"//a[matches(@b, 'c')]\"/>"),
	    "no function matches()");
	is_refused(BODY("<b class=\"{nope()}\"/>"), "no function nope()");
	is_refused(
	    BODY("<xsl:value-of select=\"nope()\"/>"), "no function nope()");
	is_read(RULES("<drop css:theme=\"#a\" if=\"not (a) and (b) or "
		      "(1 div (2) = 3 mod (4)) or a/text() or 'nope()' or "
		      "count(key('k', 1)) or str:nope(1) or self::nope\"/>"),
	    false);
	is_read(RULES("<drop css:theme=\"#a\" if=\"nope(1)\"/>"), true);
}

static void
a_selector_of_the_theme_knows_no_request(void **state)
{
	(void)state;
	is_refused(RULES("<drop theme=\"//a[$path='/']\"/>"), "if=");
	is_read(RULES("<drop theme=\"//a[.='$path']\"/>"), false);
	is_read(RULES("<drop theme=\"//a[$path='/']\"/>"), true);
}

static void
a_brace_that_does_not_close_is_told_of(void **state)
{
	(void)state;
	is_refused(BODY("<b class=\"{a\"/>"), "class: { has no expression");
	is_refused(BODY("<b class=\"{}\"/>"), "class: { has no expression");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(elements_of_xslt_say_what_they_lack),
	    cmocka_unit_test(elements_of_xslt_say_where_they_belong),
	    cmocka_unit_test(markup_has_few_attributes_of_xslt),
	    cmocka_unit_test(
		functions_that_nobody_has_are_told_when_rules_are_read),
	    cmocka_unit_test(a_selector_of_the_theme_knows_no_request),
	    cmocka_unit_test(a_brace_that_does_not_close_is_told_of),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
