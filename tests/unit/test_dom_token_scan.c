/* scanning: the fast ways find what a loop over bytes finds, on this
 * processor's instructions and on words */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dom/token_scan.h"

/* The same file again, under other names. */
#undef DOM_TOKEN_SCAN_H
#define TOKEN_SCAN_PORTABLE
#define SCAN_STEP      WORD_STEP
#define SCAN_LANE_BITS WORD_LANE_BITS
#define scan_block     word_block
#define scan_load      word_load
#define scan_eq	       word_eq
#define scan_or	       word_or
#define scan_and       word_and
#define scan_bits      word_bits
#define scan_first     word_first
#define scan_any       word_any
#define scan_pair      word_pair
#define scan_text      word_text
#define scan_raw       word_raw
#define scan_value     word_value
#include "dom/token_scan.h"
#undef scan_any
#undef scan_pair
#undef scan_text
#undef scan_raw
#undef scan_value

static uint32_t
chance(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 8;
}

/* Bytes near the ones that are looked for, and those with the high bit set. */
static void
fill(char *bytes, size_t len, uint32_t *seed, unsigned rare)
{
	static const char near[] = "=;%'\x0c\x0e\x01\xBC\xA6\x8D\x80\xFF,.?a ";
	static const char wanted[] = "<&\r\0\">/-!";

	for (size_t i = 0; i < len; i++) {
		bytes[i] = near[chance(seed) % (sizeof(near) - 1)];
		if (chance(seed) % rare == 0)
			bytes[i] = wanted[chance(seed) % (sizeof(wanted) - 1)];
	}
}

static char *
slow_any(char *p, char *end, const char *set, size_t len)
{
	while (p < end && !memchr(set, *p, len))
		p++;
	return p;
}

static char *
slow_pair(char *p, char *end, char a, char b, char then)
{
	for (p++; p < end; p++)
		if (*p == then && (p[-1] == a || p[-1] == b))
			return p;
	return end;
}

static void
compare(char *from, char *end)
{
	char *text = slow_any(from, end, "<&\r\0", 4);
	char *raw = slow_any(from, end, "\r\0", 2);
	char *value = slow_any(from, end, "\"&<\r\0", 5);
	char *pair = slow_pair(from, end, '-', '!', '>');

	assert_ptr_equal(scan_text(from, end), text);
	assert_ptr_equal(word_text(from, end), text);
	assert_ptr_equal(scan_raw(from, end), raw);
	assert_ptr_equal(word_raw(from, end), raw);
	assert_ptr_equal(scan_value(from, end, '"'), value);
	assert_ptr_equal(word_value(from, end, '"'), value);
	assert_ptr_equal(scan_pair(from, end, '-', '!', '>'), pair);
	assert_ptr_equal(word_pair(from, end, '-', '!', '>'), pair);
}

static void
every_way_finds_the_same_place(void **state)
{
	uint32_t seed = 4711;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		size_t len = chance(&seed) % 100;
		char *bytes = test_malloc(len + 1);

		fill(bytes, len, &seed, 1 + chance(&seed) % 60);
		for (size_t from = 0; from <= len && from < 20; from++)
			compare(bytes + from, bytes + len);
		test_free(bytes);
	}
}

static void
each_byte_is_found_in_each_place(void **state)
{
	(void)state;
	for (size_t len = 0; len < 70; len++) {
		char *bytes = test_malloc(len + 1);

		for (size_t i = 0; i < len; i++) {
			memset(bytes, 'a', len);
			bytes[i] = '<';
			compare(bytes, bytes + len);
			bytes[i] = '\0';
			compare(bytes, bytes + len);
			bytes[i] = '>';
			if (i > 0)
				bytes[i - 1] = '!';
			compare(bytes, bytes + len);
		}
		test_free(bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_way_finds_the_same_place),
	    cmocka_unit_test(each_byte_is_found_in_each_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
