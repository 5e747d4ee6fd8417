/* theme/xslexslt: EXSLT's functions answer as libexslt has them, and what is
 * hostile in them is refused soon, with file:line */
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

#include "base/mem.h"
#include "theme/theme.h"

static const char head[] =
    "<rules xmlns=\"http://namespaces.plone.org/diazo\"\n"
    " xmlns:css=\"http://namespaces.plone.org/diazo/css\"\n"
    " xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\">\n"
    "<xsl:variable name=\"l\" select=\"'abcdefghabcdefgh'\"/>\n"
    "<xsl:variable name=\"m\" select=\"concat($l, $l, $l, $l, $l, $l, $l, "
    "$l, $l, $l, $l, $l, $l, $l, $l, $l)\"/>\n"
    "<xsl:variable name=\"n\" select=\"concat($m, $m, $m, $m, $m, $m, $m, "
    "$m, $m, $m, $m, $m, $m, $m, $m, $m)\"/>\n"
    "<xsl:variable name=\"big\" select=\"concat($n, $n, $n, $n, $n, $n, $n, "
    "$n, $n, $n, $n, $n, $n, $n, $n, $n)\"/>\n"; /* 64 KiB */

static const char theme_text[] = "<html><head><title>t</title></head>"
				 "<body><i id=\"a\">A</i></body></html>";

static const char content[] =
    "<html><head><title>t</title></head><body><p>ab</p><p>a</p><p></p>"
    "<i>1</i><i>2</i></body></html>";

static char path[64];

static int
begin(void **state)
{
	(void)state;
	strcpy(path, "/tmp/test_theme_xslexslt.XXXXXX");
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

/* An expression as an attribute's value. */
static void
put_escaped(FILE *file, const char *text)
{
	for (; *text; text++)
		if (*text == '<')
			fputs("&lt;", file);
		else if (*text == '"')
			fputs("&quot;", file);
		else
			fputc(*text, file);
}

static struct theme *
build(const char *expression)
{
	static const char *const none[] = {NULL};
	const struct rules_opts rules_opts = {.params = none};
	const struct theme_opts opts = {.links = LINKS_KEEP};
	const struct theme_page page = {
	    .bytes = theme_text, .len = strlen(theme_text)};
	struct theme *theme = NULL;
	struct rules *rules = NULL;
	struct err err = {""};
	char name[96];
	FILE *file;

	snprintf(name, sizeof(name), "%s/rules.xml", path);
	file = fopen(name, "w");
	assert_non_null(file);
	fputs(head, file);
	fputs("<replace css:theme=\"#a\">\n<xsl:value-of select=\"", file);
	put_escaped(file, expression);
	fputs("\"/></replace></rules>", file);
	fclose(file);
	if (rules_load(&rules, name, &rules_opts, &err) != 0 ||
	    theme_build(&theme, rules, &page, 1, &opts, &err) != 0)
		fail_msg("%s: %s", expression, err.text);
	rules_unref(&rules);
	return theme;
}

/* What comes out between the body's tags; NULL: the page fails. */
static char *
value(const char *expression, unsigned long steps, struct err *err)
{
	struct theme *theme = build(expression);
	const struct dress_ask ask = {
	    .bytes = content,
	    .len = strlen(content),
	    .path = "/",
	    .xpath_max_ops = steps,
	};
	struct dresser *dresser = dresser_new();
	char *from, *got = NULL;
	struct buf out;

	buf_init(&out, SIZE_MAX);
	if (theme_dress(theme, dresser, &ask, &out, err) == DRESSED) {
		from = strstr(out.data, "<body>") + 6;
		got =
		    mem_strndup(from, (size_t)(strstr(from, "</body>") - from));
	}
	buf_fini(&out);
	dresser_free(&dresser);
	theme_unref(&theme);
	return got;
}

static void
functions_answer_as_libexslt_has_them(void **state)
{
	static const char *const answers[][2] = {
	    {"str:replace('xabay', //p, 'Z')", "xZy"},
	    {"str:replace('xabay', //p, //i)", "x12y"},
	    {"str:replace('xabay', 'a', //i)", "x1b1y"},
	    {"str:replace('abc', '', '-')", "a-b-c"},
	    {"str:replace('h\xC3\xA9', '', '-')", "h-\xC3\xA9"},
	    {"str:replace('abcabc', 'bc', '')", "aa"},
	    {"str:replace('', 'a', 'b')", ""},
	    {"str:replace('abc', //nope, 'b')", "abc"},
	    {"count(str:split('aXbxc', 'x'))", "3"},
	    {"count(str:split('a  b'))", "2"},
	    {"count(str:split('abc', ''))", "3"},
	    {"count(str:split('', ''))", "0"},
	    {"count(str:tokenize('a  b c'))", "3"},
	    {"count(str:tokenize('a-b_c', '-_'))", "3"},
	    {"str:tokenize('a\xC3\xA9"
	     "b\xC3\xA9"
	     "c', '\xC3\xA9')[2]",
		"b"},
	    {"name(str:tokenize('a')[1])", "token"},
	    {"count(str:tokenize('a b')/../token)", "2"},
	    {"dyn:map(//p, 'string(.)')[1]", "ab"},
	    {"name(dyn:map(//i, 'number(.)')[1])", "exsl:number"},
	    {"namespace-uri(dyn:map(//i, '. > 1')[1])",
		"http://exslt.org/common"},
	    {"concat('[', dyn:map(//i, '. > 1')[1], ']')", "[]"},
	    {"dyn:map(//i, '. > 1')[2]", "true"},
	    {"count(dyn:map(//p, '//p'))", "3"},
	    {"count(dyn:map(//p, '(('))", "0"},
	    {"dyn:map(//i, 'position()')[2]", "2"},
	    {"dyn:map(//i, 'last()')[1]", "2"},
	    {"dyn:evaluate('1 + 1')", "2"},
	    {"count(dyn:evaluate('1 +'))", "0"},
	    {"count(dyn:evaluate(''))", "0"},
	    {"count(dyn:evaluate('//p'))", "3"},
	    {"dyn:evaluate('$l')", "abcdefghabcdefgh"},
	    {"str:padding(5, 'ab')", "ababa"},
	    {"str:padding(1, 'ab')", "a"},
	    {"str:padding(4, 'ab')", "abab"},
	    {"str:padding(5, 'äöü')", "äöüäö"},
	    {"concat('[', str:padding(3), ']')", "[   ]"},
	    {"concat('[', str:padding(0, 'x'), ']')", "[]"},
	    {"concat('[', str:padding(-1, 'x'), ']')", "[]"},
	    {"concat('[', str:padding(0 div 0, 'x'), ']')", "[]"},
	    {"str:padding(2.9, 'x')", "xx"},
	    {"concat('[', str:padding(2, ''), ']')", "[  ]"},
	    {"str:align('ab', '-----', 'right')", "---ab"},
	    {"str:encode-uri('a b/', true())", "a%20b%2F"},
	    {"str:decode-uri('a%20b')", "a b"},
	    {"str:concat(//p)", "aba"},
	    {"count(set:distinct(//p | //p))", "3"},
	    {"count(set:difference(//p, //p[2]))", "2"},
	    {"count(set:intersection(//p, //p[2] | //i))", "1"},
	    {"set:has-same-node(//p, //i)", "false"},
	    {"count(set:leading(//p, //p[2]))", "1"},
	    {"math:max(//i)", "2"},
	    {"math:abs(-2)", "2"},
	    {"date:year('2020-01-02')", "2020"},
	    {"exsl:object-type(str:tokenize('x'))", "node-set"},
	    {"exsl:node-set('x')", "x"},
	    {"format-number(1234.5, '#,##0.00')", "1,234.50"},
	};
	struct err err = {""};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		char *got = value(answers[i][0], 0, &err);

		if (!got)
			fail_msg("%s: %s", answers[i][0], err.text);
		if (strcmp(got, answers[i][1]) != 0)
			fail_msg("%s is '%s'", answers[i][0], got);
		mem_free(&got);
	}
}

static int64_t
cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Sanitizers cost many times as much. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWER 20
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLOWER 20
#endif
#endif
#ifndef SLOWER
#define SLOWER 1
#endif

static void
what_is_hostile_is_refused_soon(void **state)
{
	enum { STEPS = 1000000, MS = 250 };
#define EACH(expression) "count(str:tokenize($n, '')[" expression "])"
	static const char *const hostile[] = {
	    "str:replace(str:replace(str:replace(str:replace($big, 'a', $n), "
	    "'b', $n), 'c', $n), 'd', $n)",
	    EACH("str:replace($big, 'a', 'b') = 1"),
	    EACH("str:replace($big, //p, //i) = 1"),
	    EACH("str:split($big, '')"),
	    EACH("str:tokenize($big, 'a')"),
	    EACH("str:padding(100000, 'x') = 1"),
	    EACH("str:align($big, $big, 'left') = 1"),
	    EACH("str:encode-uri($big, true()) = 1"),
	    EACH("str:decode-uri($big) = 1"),
	    EACH("str:concat(../token | ../token/text()) = 1"),
	    EACH("exsl:node-set($big)"),
	    EACH("set:distinct(../token)"),
	    EACH("set:difference(../token, ../token/text())"),
	    EACH("set:intersection(../token, ../token/text())"),
	    EACH("set:has-same-node(../token, ../token/text())"),
	    EACH("math:max(../token) = 1"),
	    EACH("math:highest(../token)"),
	    EACH("date:sum(../token) = 1"),
	    EACH("date:year($big) = 1"),
	    EACH("dyn:map(../token, 'string(.)')"),
	    EACH("dyn:map(../token, '../token')"),
	    EACH("dyn:evaluate('../token')[2] = 'q'"),
	    EACH("dyn:evaluate($big)"),
	    EACH("format-number(1, $big) = 1"),
	    EACH("regexp:match($big, '.', 'g')"),
	    EACH("regexp:replace($big, '.', 'g', 'xx') = 1"),
	    "regexp:test(concat($big, $big), '[a-h]*[yz]|[a-h]*q')",
	    "regexp:test(concat($big, $big), '([a-h]+)\\1[yz]|([a-h]+)q')",
	    EACH("translate($big, $n, 'x') = 1"),
	    EACH("normalize-space($big) = 1"),
	    EACH("contains($big, 'q')"),
	    EACH("string($big) = 1"),
	    EACH("string-length($big) = 1"),
	    EACH("$big"),
	    "translate($big, $big, $n)",
	};
	struct err err = {""};
	int64_t began;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(hostile); i++) {
		began = cpu_ms();
		if (value(hostile[i], STEPS, &err))
			fail_msg("%s passes", hostile[i]);
		if (cpu_ms() - began > MS * SLOWER)
			fail_msg("%s takes %d ms", hostile[i],
			    (int)(cpu_ms() - began));
		if (!strstr(err.text, "rules.xml:9:"))
			fail_msg("%s: %s", hostile[i], err.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		functions_answer_as_libexslt_has_them, begin, end),
	    cmocka_unit_test_setup_teardown(
		what_is_hostile_is_refused_soon, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
