/* theme/outside, theme/filter: what strangers may select of a page, and what
 * comes out */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/thread.h"
#include "theme/theme.h"

static void
may(const char *expression)
{
	struct err err = {""};

	if (theme_filter_check(expression, &err) != 0)
		fail_msg("%s: %s", expression, err.text);
}

static void
may_not(const char *expression, const char *words)
{
	struct err err = {""};

	if (theme_filter_check(expression, &err) == 0)
		fail_msg("%s is accepted", expression);
	if (!strstr(err.text, words))
		fail_msg("%s: %s (not: %s)", expression, err.text, words);
}

static void
parts_with_a_name_may_be_asked_for(void **state)
{
	(void)state;
	may("//*[@id='x']");
	may("//*[@id=\"x\"]/node()");
	may("/html/body/main/*");
	may("//main//p[2]/text()");
	may("//a/@href");
	may("//comment()");
	may("//h1 | //h2|//h3");
	may("(//p)[last()]");
	may("//li[position() mod 2 = 1]");
	may("//ul[count(li) > 3 and not(@class)]");
	may("//*[contains(concat(' ', normalize-space(@class), ' '), ' a ')]");
	may("descendant-or-self::div | descendant-or-self::p");
	may("descendant-or-self::*[@class and contains(concat(' ', "
	    "normalize-space(@class), ' '), ' portlet ')]/child::p");
	may("//div[p]");
	may("//div[.//p]");
	may("//p[. = 'x']");
	may("//p[1 < position()]");
	may("/");
	may(".");
	may("*");
	may("//and/or/div[div div 2 = 1]");
	may("//dl[@a-b = '[//*/..']");
	may("//p[string-length(.)=3]");
}

static void
what_could_cost_much_may_not(void **state)
{
	(void)state;
	may_not("//*/following-sibling::*", "only the axes");
	may_not("//*/following::*", "only the axes");
	may_not("//p/ancestor :: div", "only the axes");
	may_not("//p/parent::*", "only the axes");
	may_not("//p/..", "below");
	may_not("//*[../p]", "below");
	may_not("//*[//p]", "predicate");
	may_not("//*[not(/p)]", "predicate");
	may_not("//*[contains(/, 'x')]", "predicate");
	may_not("//*[p = p]", "text or a number");
	may_not("//*[.//p=.//p]", "text or a number");
	may_not("//*/descendant::*", "//");
	may_not("id('x')", "function");
	may_not("//p[translate(., 'a', 'b') = 'b']", "function");
	may_not("document('/etc/passwd')", "function");
	may_not("//p[$x = 1]", "$");
	may_not("a|b|c|d|e|f", "more than 4");
	may_not("//a//a//a//a", "more than 3");
	may_not("//p[1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1]",
	    "more than 16");
	may_not("svg:rect", "");
}

static void
what_is_none_is_told(void **state)
{
	char big[FILTER_XPATH_MAX + 3];

	(void)state;
	may_not("", "");
	may_not("//*[", "");
	may_not("//p[@a='x]", "");
	may_not("]", "");
	may_not("//p)", "");
	memset(big, 'a', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	may_not(big, "over 2048 bytes");
}

/* ---- what comes out ---- */

static enum filtered
filter(const char *page, const char *expression, struct buf *out)
{
	struct filter_ask ask = {
	    .bytes = page, .len = strlen(page), .xpath = expression};
	struct err err = {""};

	buf_init(out, 1 << 20);
	return theme_filter(&ask, out, &err);
}

static void
gives(const char *page, const char *expression, const char *wanted)
{
	struct buf out;

	assert_int_equal(filter(page, expression, &out), FILTERED);
	assert_string_equal(out.data, wanted);
	buf_fini(&out);
}

static void
a_scripts_text_is_no_markup(void **state)
{
	static const char page[] =
	    "<html><body><script>var x = '<img onerror=a()>';</script>"
	    "<p title='<b>'>a &lt; b</p></body></html>";

	(void)state;
	gives(page, "//script/text()", "var x = '&lt;img onerror=a()&gt;';");
	gives(page, "//p/text()", "a &lt; b");
	gives(page, "//p/@title", "&lt;b&gt;");
	gives(page, "//none", "<!-- No content found -->");
}

static void
who_is_to_blame_is_known(void **state)
{
	struct buf out;

	(void)state;
	assert_int_equal(
	    filter("<html><p>x</html>", "1 + 1", &out), FILTER_BAD_EXPRESSION);
	buf_fini(&out);
	assert_int_equal(filter("", "//p", &out), FILTER_BAD_PAGE);
	buf_fini(&out);
}

/* ---- what it costs at most ---- */

/* An eighth of the nodes: a 64th of the time. */
enum { NODES = FILTER_NODES_MAX / 8 };

static char *
deep_page(size_t depth)
{
	struct buf page;
	size_t len;

	buf_init(&page, 64 << 20);
	buf_puts(&page, "<html><body>");
	for (size_t n = 0; n + 2 * depth < NODES; n += depth) {
		for (size_t i = 0; i < depth; i++)
			buf_puts(&page, "<div>");
		buf_puts(&page, "some words that stand here");
		for (size_t i = 0; i < depth; i++)
			buf_puts(&page, "</div>");
	}
	return buf_steal(&page, &len);
}

static void
costs_little(const char *page, size_t depth, const char *expression)
{
	struct filter_ask ask = {
	    .bytes = page,
	    .len = strlen(page),
	    .xpath = expression,
	    .xpath_max_ops = FILTER_OPERATIONS_MAX,
	};
	uint64_t start_us = thread_cpu_us(), took_ms;
	struct err err = {""};
	struct buf out;

	may(expression);
	buf_init(&out, 1 << 20);
	if (theme_filter(&ask, &out, &err) == FILTER_BAD_PAGE)
		fail_msg("%s", err.text);
	took_ms = (thread_cpu_us() - start_us) / 1000;
	buf_fini(&out);
	if (took_ms > 5000)
		fail_msg("depth %zu, %s takes %lu ms", depth, expression,
		    (unsigned long)took_ms);
}

static void
the_worst_that_is_accepted_ends_soon(void **state)
{
	static const char *const worst[] = {
	    "//*//*//*",
	    "//*[1]//*[1]//*[1]",
	    "//*[not(a)]//*[not(b)]//*[not(c)]",
	    "(//*)//*",
	    "//*/self::*//*",
	    "//*|//*|//*",
	    "descendant::*|descendant::*|descendant::*|descendant::*",
	    "//*[1]//*[last()]//node()",
	    "(//*)[1]//*",
	    "//*[contains(.,'a')][contains(.,'b')]",
	    "//*[.//*[.//*]]",
	    "//node()[count(.//node()) > 2]",
	    "//*[contains(concat(.,.,.,.),'xxxx')]",
	};

	(void)state;
	for (size_t depth = 1; depth < 300; depth *= 16) {
		char *page = deep_page(depth);

		for (size_t i = 0; i < COUNT_OF(worst); i++)
			costs_little(page, depth, worst[i]);
		free(page);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parts_with_a_name_may_be_asked_for),
	    cmocka_unit_test(what_could_cost_much_may_not),
	    cmocka_unit_test(what_is_none_is_told),
	    cmocka_unit_test(a_scripts_text_is_no_markup),
	    cmocka_unit_test(who_is_to_blame_is_known),
	    cmocka_unit_test(the_worst_that_is_accepted_ends_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
