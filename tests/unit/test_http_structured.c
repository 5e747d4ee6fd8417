/* tests/unit/test_http_structured.c - dictionaries of RFC 8941 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/structured.h"

/* Members as "key:type=number," */
static void
write_member(void *arg, const struct sf_member *member)
{
	static const char types[] = {'b', 'i', 'd', 's', 't', 'y', 'l'};
	char *out = arg;

	sprintf(out + strlen(out), "%.*s:%c=%d,", (int)member->key.len,
	    member->key.from, types[member->type],
	    member->type == SF_INTEGER || member->type == SF_BOOLEAN
		? (int)member->integer : 0);
}

static const struct {
	const char *text;
	int count;
	const char *members;
} table[] = {
	{"", 0, ""},
	{"   ", 0, ""},
	{"a", 1, "a:b=1,"},
	{"a, b;x=1 ,\tc=?0", 3, "a:b=1,b:b=1,c:b=0,"},
	{"max-age=60", 1, "max-age:i=60,"},
	{"max-age=-60;a;b=\"c\"; d=:YQ==:", 1, "max-age:i=-60,"},
	{"a=1.5, b=\"x, \\\"y\\\\\", c=tok/en:*, d=:YQ==:", 4,
	    "a:d=0,b:s=0,c:t=0,d:y=0,"},
	{"a=(1 \"b\" c;d=1);e=2, *f=()", 2, "a:l=0,*f:l=0,"},
	{"a=1,a=2", 2, "a:i=1,a:i=2,"},
	{"a=000000000000012", 1, "a:i=12,"},
	{"a=123456789012.123", 1, "a:d=0,"},
};

static void
what_is_a_dictionary_is_read_member_by_member(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		char got[256] = "";
		int count = sf_dictionary(table[i].text,
		    strlen(table[i].text), write_member, got);

		if (count != table[i].count ||
		    strcmp(got, table[i].members) != 0)
			fail_msg("%s: %d, %s", table[i].text, count, got);
	}
}

static void
anything_wrong_makes_all_of_it_wrong(void **state)
{
	static const char *const bad[] = {"A=1", "max_age =60", "a= 1", "a=",
	    "a,", "a,,b", ",a", "a b", "a;B", "a; =1", "a=\"b", "a=\"\\n\"",
	    "a=\"\x7f\"", "a=\"\xc3\xa9\"", "a='b'", "a=?2", "a=?", "a=:Y",
	    "a=:Y*:", "a=(1", "a=(1,2)", "a=(1 2)x", "a=1.", "a=.5",
	    "a=1.2345", "a=1234567890123456", "a=1234567890123.1", "a=--1",
	    "a=-", "a=1.2.3", "\ta", "a=+1", "a=@1", "1a", "\"a\"", "a=1;",
	    "a\n", "a=((1))", "a=1234567890123456789012345678901234567890"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		char got[256] = "";

		if (sf_dictionary(bad[i], strlen(bad[i]), write_member,
			got) != -1)
			fail_msg("\"%s\" was read: %s", bad[i], got);
	}
}

/* Cut anywhere, nothing behind the end is looked at (sanitizers watch). */
static void
the_end_is_the_end(void **state)
{
	static const char text[] = "a=(1 \"b\" c;d=1);e=2, f=:YQ==:, g=1.5";

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		char *copy = malloc(len ? len : 1), got[256] = "";

		memcpy(copy, text, len);
		(void)!sf_dictionary(copy, len, write_member, got);
		free(copy);
	}
}

/* ---- lists ---- */

struct listed {
	char text[256];
};

static void
note_item(void *arg, const struct sf_item *item)
{
	static const char letters[] = {[SF_BOOLEAN] = 'b', [SF_INTEGER] = 'i',
	    [SF_DECIMAL] = 'd', [SF_STRING] = 's', [SF_TOKEN] = 't',
	    [SF_BYTES] = 'y', [SF_INNER_LIST] = 'l'};
	struct listed *listed = arg;
	size_t len = strlen(listed->text);

	snprintf(listed->text + len, sizeof(listed->text) - len, "%c<%.*s>",
	    letters[item->type], (int)item->text.len, item->text.from);
}

static void
a_list_is_read_or_wrong_as_a_whole(void **state)
{
	static const struct {
		const char *text, *items;
		int count;
	} cases[] = {
		{"", "", 0}, {"  ", "", 0},
		{"\"a\"", "s<a>", 1}, {" \"a\" ", "s<a>", 1},
		{"\"a\", \"b c\"\t,\t\"\"", "s<a>s<b c>s<>", 3},
		{"\"a\";p;q=\"x\", b;r=1", "s<a>t<b>", 2},
		{"\"a\\\"\\\\\"", "s<a\\\"\\\\>", 1},
		{"1, 2.5, ?1, :aGk=:, *x, (\"a\" b);q",
		    "i<1>d<2.5>b<?1>y<:aGk=:>t<*x>l<(\"a\" b)>", 6},
		{"\"a\",", NULL, -1}, {",\"a\"", NULL, -1},
		{"\"a\" \"b\"", NULL, -1}, {"\"a", NULL, -1},
		{"\"\xc3\xa4\"", NULL, -1}, {"\"a\";P", NULL, -1},
		{"(\"a\"", NULL, -1}, {"a=1", NULL, -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct listed listed = {""};
		int count = sf_list(cases[i].text, strlen(cases[i].text),
		    note_item, &listed);

		if (count != cases[i].count)
			fail_msg("%s: %d", cases[i].text, count);
		if (count >= 0)
			assert_string_equal(listed.text, cases[i].items);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_list_is_read_or_wrong_as_a_whole),
	    cmocka_unit_test(what_is_a_dictionary_is_read_member_by_member),
	    cmocka_unit_test(anything_wrong_makes_all_of_it_wrong),
	    cmocka_unit_test(the_end_is_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
