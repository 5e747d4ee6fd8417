/* tests/unit/test_http_selecting.c - the normal form of selecting fields */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/must.h"
#include "http/selecting.h"

static const struct {
	const char *name, *value, *normal;
} table[] = {
	{"foo", "1,2", "1,2"},
	{"foo", " 1,\t 2 ", "1,2"},
	{"foo", "1 , 2  3", "1,2  3"},
	{"foo", "\"a , b\" , \"\\\" , \"", "\"a , b\",\"\\\" , \""},
	{"foo", "", ""},
	{"foo", " \t", ""},
	{"foo", "\"open , x", "\"open , x"},
	{"cookie", " a=1 , b ", "a=1 , b"},
	{"user-agent", "X (a , b)", "X (a , b)"},
	{"accept-language", "en, de", "de,en"},
	{"accept-language", "de,en", "de,en"},
	{"accept-language", "eN ,  De", "de,en"},
	{"accept-language", "de-AT, de;q=0.8,en ; q=0.80", "de-at,de;800,en;800"},
	{"accept-language", "fr;q=0.5, de;q=1.0", "de,fr;500"},
	{"accept-language", "de, de-at", "de,de-at"},
	{"accept-language", "*;q=0", "*;000"},
	{"accept-language", "", ""},
	/* what is no such list stays as it came */
	{"accept-language", "en;q=2, De", "en;q=2,De"},
	{"accept-language", "en;level=1, De", "en;level=1,De"},
	{"accept-language", "en, ;q=1", "en,;q=1"},
	{"accept-language", "en\", de\", De", "en\", de\",De"},
	{"accept-language", "en;q=0.1234, De", "en;q=0.1234,De"},
};

static void
what_means_the_same_looks_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		char room[64];
		ssize_t len = selecting_normal(room, sizeof(room),
		    table[i].name, table[i].value);

		if (len != (ssize_t)strlen(table[i].normal) ||
		    memcmp(room, table[i].normal, (size_t)len) != 0)
			fail_msg("%s: %s: \"%.*s\"", table[i].name,
			    table[i].value, (int)len, room);
	}
}

static void
what_does_not_fit_is_refused(void **state)
{
	char room[4];

	(void)state;
	assert_int_equal(selecting_normal(room, 4, "foo", "abcd"), 4);
	assert_int_equal(selecting_normal(room, 4, "foo", "abcde"), -1);
	assert_int_equal(
	    selecting_normal(room, 4, "accept-language", "de,en"), -1);
}

static void
very_many_languages_stay_as_they_came(void **state)
{
	char value[200] = "", room[200];

	(void)state;
	for (int i = 0; i < 40; i++)
		strcat(value, i ? ", x" : "z");
	assert_int_equal(selecting_normal(room, sizeof(room),
	    "accept-language", value), 79);
	assert_memory_equal(room, "z,x,x", 5);
}

static void
a_language_is_preferred_when_none_is_wanted_as_much(void **state)
{
	(void)state;
	assert_true(selecting_prefers("de", "DE", 2));
	assert_true(selecting_prefers("fr;q=0.5, de", "de", 2));
	assert_false(selecting_prefers("fr, de", "de", 2));
	assert_false(selecting_prefers("de-at", "de", 2));
	assert_false(selecting_prefers("de;q=0", "de", 2));
	assert_false(selecting_prefers("*", "de", 2));
	assert_false(selecting_prefers("", "de", 2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_means_the_same_looks_the_same),
	    cmocka_unit_test(what_does_not_fit_is_refused),
	    cmocka_unit_test(very_many_languages_stay_as_they_came),
	    cmocka_unit_test(
		a_language_is_preferred_when_none_is_wanted_as_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
