/* Media types, charsets, files' types, Accept-Encoding */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/must.h"
#include "http/media.h"

static void
types_are_told_without_case_and_parameters(void **state)
{
	(void)state;
	assert_true(media_is_html("text/html"));
	assert_true(media_is_html(" Text/HTML ; charset=utf-8"));
	assert_true(media_is_html("application/xhtml+xml"));
	assert_false(media_is_html("text/html5"));
	assert_false(media_is_html("text/plain; a=text/html"));
	assert_false(media_is_html(""));
	assert_false(media_is_html(NULL));
	assert_true(media_is_css("text/css;charset=x"));
	assert_false(media_is_css(NULL));
	assert_true(media_is("image/PNG; x", "image/png"));
	assert_false(media_is("image/pn", "image/png"));
}

static void
text_is_what_is_worth_compressing(void **state)
{
	static const char *const text[] = {"text/plain", "TEXT/x-y; q",
	    "application/json", "application/ld+json", "image/svg+xml",
	    "application/javascript", "application/atom+xml",
	    "application/xml; charset=x"};
	static const char *const other[] = {"image/png", "text", "text/",
	    "application/octet-stream", "+xml", "application/zip", "",
	    "font/woff2"};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(text); i++)
		assert_true(media_is_text(text[i]));
	for (i = 0; i < COUNT_OF(other); i++)
		assert_false(media_is_text(other[i]));
	assert_false(media_is_text(NULL));
}

static void
files_are_typed_by_their_ending(void **state)
{
	(void)state;
	assert_string_equal(media_of_file("/a/b.html"), "text/html");
	assert_string_equal(media_of_file("b.CSS"), "text/css");
	assert_string_equal(media_of_file("a.min.js"), "text/javascript");
	assert_string_equal(media_of_file("f.woff2"), "font/woff2");
	assert_string_equal(media_of_file("/a.html/b"),
	    "application/octet-stream");
	assert_string_equal(media_of_file("a."), "application/octet-stream");
	assert_string_equal(media_of_file("html"), "application/octet-stream");
	assert_string_equal(media_of_file(""), "application/octet-stream");
	assert_string_equal(media_of_file("a.htmlx"),
	    "application/octet-stream");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(types_are_told_without_case_and_parameters),
	    cmocka_unit_test(text_is_what_is_worth_compressing),
	    cmocka_unit_test(files_are_typed_by_their_ending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
