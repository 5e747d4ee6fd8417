/* page/shape: whose fault an error may be */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "page/page.h"
#include "page/shape.h"

static struct arena *arena;

static int
begin(void **state)
{
	(void)state;
	arena = arena_new(1024);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/* The shape of a request with these fields, "Name: value\n" each. */
static const char *
of(const char *lines)
{
	struct request request = {.scheme = "http", .is_get = true};
	struct head head;

	head_init(&head, arena);
	while (*lines) {
		const char *colon = strchr(lines, ':');
		const char *stop = strchr(lines, '\n');

		head_add_n(&head, lines, (size_t)(colon - lines), colon + 2,
		    (size_t)(stop - colon - 2));
		lines = stop + 1;
	}
	request.fields = &head;
	return shape_of(&request, arena);
}

static void
names_count_and_their_values_and_order_do_not(void **state)
{
	static const char plain[] = "Dnt: 0\nSec-Fetch-Site: none\n";

	(void)state;
	assert_string_equal(of(plain), of("sec-fetch-site: x\nDNT: 1\n"));
	assert_string_equal(of(plain),
	    of("Host: a\nDNT: x\nSec-Fetch-Site: y\nCookie: z=1\n"));
	assert_string_not_equal(of(plain), of("Dnt: 0\n"));
	assert_string_not_equal(of(plain), of("Dnt: x\nSec-Fetch-Mode: y\n"));
	assert_string_not_equal(of(plain),
	    of("Dnt: 0\nSec-Fetch-Site: y\nX-Strange: z\n"));
	assert_string_not_equal(of("A: 1\n"), of("A: 1\nA: 2\n"));
	assert_int_equal(strlen(of("")), 32);
}

static void
what_guards_look_at_counts_with_its_value(void **state)
{
	(void)state;
	assert_string_equal(of("User-Agent: a\n"), of("user-agent: a\n"));
	assert_string_not_equal(of("User-Agent: a\n"), of("User-Agent: b\n"));
	assert_string_not_equal(of("Referer: a\n"), of("Referer: b\n"));
}

static void
what_few_clients_send_is_another_shape(void **state)
{
	const char *plain = of("Dnt: x\n");

	(void)state;
	assert_string_not_equal(plain, of("Dnt: \x01\n"));
	assert_string_not_equal(plain, of("Dnt: \x7f\n"));
	assert_string_not_equal(plain, of("Dnt: \xe4\n"));
	assert_string_equal(plain, of("Dnt: a\tb\n"));
}

static void
a_long_value_is_another_shape(void **state)
{
	char text[5 + SHAPE_LONG + 2] = "Dnt: ";

	(void)state;
	memset(text + 5, 'x', SHAPE_LONG);
	text[5 + SHAPE_LONG] = '\n';
	assert_string_not_equal(of("Dnt: x\n"), of(text));
	text[5 + SHAPE_LONG - 1] = '\n';
	text[5 + SHAPE_LONG] = '\0';
	assert_string_equal(of("Dnt: x\n"), of(text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    names_count_and_their_values_and_order_do_not, begin, end),
		cmocka_unit_test_setup_teardown(
		    what_guards_look_at_counts_with_its_value, begin, end),
		cmocka_unit_test_setup_teardown(
		    what_few_clients_send_is_another_shape, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_long_value_is_another_shape, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
