/* cli/diff: how two pages differ, in a few lines */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "cli/diff.h"

static void
on_line(void *arg, char sign, const char *line)
{
	buf_printf(arg, "%c%s|", sign, line);
}

static void
must_differ(const char *was, const char *is, size_t max, size_t count,
    const char *wanted)
{
	struct buf said;

	buf_init(&said, 1 << 20);
	buf_puts(&said, "");
	assert_int_equal(
	    diff_pages(was, strlen(was), is, strlen(is), max, on_line, &said),
	    count);
	assert_string_equal(said.len ? said.data : "", wanted);
	buf_fini(&said);
}

static void
what_is_the_same_is_not_told(void **state)
{
	(void)state;
	must_differ("", "", 9, 0, "");
	must_differ("<p>a</p>", "<p>a</p>", 9, 0, "");
	must_differ("a\n\n  b", "a\nb \n", 9, 0, "");
	must_differ("<p>a<b>x</b></p>", "<p>a<i>x</i></p>", 9, 4,
	    "-<b>x|-</b>|+<i>x|+</i>|");
	must_differ("a\nb\nc\nd\ne", "a\nc\nd\nx\ne", 9, 2, "-b|+x|");
	must_differ("b", "a\nb\nc", 9, 2, "+a|+c|");
	must_differ("a\nb\nc", "b", 9, 2, "-a|-c|");
	must_differ("a", "", 9, 1, "-a|");
}

static void
no_more_is_told_than_was_asked_for(void **state)
{
	(void)state;
	must_differ("a\nb\nc", "x\ny\nz", 2, 6, "-a|-b|");
	must_differ("a\nb\nc", "x\ny\nz", 0, 6, "");
}

static void
control_bytes_and_long_lines_are_cut(void **state)
{
	char line[1001], wanted[DIFF_LINE_MAX + 8] = "+";

	(void)state;
	must_differ("", "a\033[2J", 9, 1, "+a?[2J|");
	memset(line, 'x', 1000);
	line[1000] = '\0';
	memset(wanted + 1, 'x', DIFF_LINE_MAX);
	strcpy(wanted + 1 + DIFF_LINE_MAX, "...|");
	must_differ("", line, 9, 1, wanted);
}

/* Two long pages that have nothing in common. */
static void
what_differs_altogether_costs_little(void **state)
{
	struct buf was, is, said;

	(void)state;
	buf_init(&was, 1 << 24);
	buf_init(&is, 1 << 24);
	buf_init(&said, 1 << 20);
	for (int i = 0; i < 50000; i++) {
		buf_printf(&was, "was %d\n", i);
		buf_printf(&is, "is %d\n", i);
	}
	assert_int_equal(
	    diff_pages(was.data, was.len, is.data, is.len, 3, on_line, &said),
	    100000);
	assert_string_equal(said.data, "-was 0|-was 1|-was 2|");
	buf_fini(&was);
	buf_fini(&is);
	buf_fini(&said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_the_same_is_not_told),
	    cmocka_unit_test(no_more_is_told_than_was_asked_for),
	    cmocka_unit_test(control_bytes_and_long_lines_are_cut),
	    cmocka_unit_test(what_differs_altogether_costs_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
