/* The examples of RFC 7617 2 and of RFC 4648 10. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "http/auth.h"

static void
check(const char *user, const char *password, const char *wanted)
{
	struct buf out;

	buf_init(&out, 1000);
	assert_int_equal(auth_basic(&out, user, password), 0);
	assert_string_equal(out.data, wanted);
	buf_fini(&out);
}

static void
a_user_and_a_password_become_base64_of_every_length(void **state)
{
	(void)state;
	check("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
	check("test", "123\xc2\xa3", "Basic dGVzdDoxMjPCow==");
	check("f", "oobar", "Basic Zjpvb2Jhcg==");
	check("fo", "obar", "Basic Zm86b2Jhcg==");
	check("foo", "", "Basic Zm9vOg==");
	check("foo", NULL, "Basic Zm9vOg==");
	check("ab", "cde", "Basic YWI6Y2Rl");
}

static void
what_does_not_fit_is_an_error(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 12);
	assert_int_equal(auth_basic(&out, "Aladdin", "open sesame"), -1);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_user_and_a_password_become_base64_of_every_length),
		cmocka_unit_test(what_does_not_fit_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
