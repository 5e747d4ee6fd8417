/* dom/utf8: what is well-formed, and what stands for what is not */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dom/utf8.h"

#define FFFD "\xEF\xBF\xBD"

static void
broken_sequences_become_one_mark_each(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"plain", "plain"},
	    {"a long run of ASCII \xE4\xB8\xAD\xC3\xA9\xF0\x9F\x98\x80 end",
		"a long run of ASCII \xE4\xB8\xAD\xC3\xA9\xF0\x9F\x98\x80 end"},
	    {"\x80", FFFD},
	    {"\xC0\xAF", FFFD FFFD},	      /* overlong */
	    {"\xE2\x82", FFFD},	      /* cut */
	    {"\xE2\x82x", FFFD "x"},	      /* cut by another */
	    {"\xE0\x80\x80", FFFD FFFD FFFD}, /* overlong */
	    {"\xED\xA0\x80", FFFD FFFD FFFD}, /* a surrogate */
	    {"\xF0\x9F\x98", FFFD},
	    {"\xF0\x9F\x98\xC3\xA9", FFFD "\xC3\xA9"},
	    {"\xF5\x80\x80\x80", FFFD FFFD FFFD FFFD},
	    {"\xF4\x90\x80\x80", FFFD FFFD FFFD FFFD},
	    {"\x01\x7F", "\x01\x7F"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		size_t len = strlen(cases[i].in);
		struct buf out;

		buf_init(&out, 1000);
		assert_int_equal(utf8_add_valid(&out, cases[i].in, len), 0);
		assert_string_equal(out.data, cases[i].out);
		assert_int_equal(utf8_valid_len(out.data, out.len), out.len);
		assert_int_equal(utf8_valid_len(cases[i].in, len) == len,
		    strcmp(cases[i].in, cases[i].out) == 0);
		buf_fini(&out);
	}
}

static void
a_broken_byte_is_found_wherever_it_stands(void **state)
{
	char text[64];

	(void)state;
	for (size_t len = 1; len < sizeof(text); len++)
		for (size_t at = 0; at < len; at++) {
			memset(text, 'a', len);
			assert_int_equal(utf8_valid_len(text, len), len);
			text[at] = '\xFF';
			assert_int_equal(utf8_valid_len(text, len), at);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(broken_sequences_become_one_mark_each),
	    cmocka_unit_test(a_broken_byte_is_found_wherever_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
