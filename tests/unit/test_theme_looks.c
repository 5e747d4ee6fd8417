/* theme/looks: which parsed theme pages stay, and for how long */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/thread.h"
#include "dom/html.h"
#include "theme/looks.h"
#include "theme/rule.h"

static struct looks *looks;

static int
begin(void **state)
{
	(void)state;
	rules_init();
	looks = looks_new();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	looks_free(&looks);
	return 0;
}

static struct look_key
key_of(const char *name, const char *bytes)
{
	return (struct look_key){
	    .name = name, .bytes = bytes, .len = strlen(bytes)};
}

static const xmlDoc *
note(const char *name, const char *bytes)
{
	struct look_key key = key_of(name, bytes);
	struct look_doc *look;
	const xmlDoc *tree;
	xmlDoc *doc = NULL;
	struct err err;

	if (html_parse(&doc, "<p>x</p>", 8, NULL, &err) != 0)
		fail_msg("%s", err.text);
	look = looks_note(looks, &key, &doc);
	assert_null(doc);
	tree = look_doc_tree(look);
	look_doc_unref(&look);
	return tree;
}

static const xmlDoc *
find(const char *name, const char *bytes)
{
	struct look_key key = key_of(name, bytes);
	struct look_doc *look = looks_find(looks, &key);
	const xmlDoc *tree = look ? look_doc_tree(look) : NULL;

	look_doc_unref(&look);
	return tree;
}

static void
the_same_bytes_are_parsed_once(void **state)
{
	const xmlDoc *doc = note("/a", "<p>a</p>");

	(void)state;
	assert_ptr_equal(find("/a", "<p>a</p>"), doc);
	assert_ptr_equal(find("/a", "<p>a</p>"), doc);
	assert_null(find("/b", "<p>a</p>"));
}

static void
other_bytes_or_another_type_are_another_page(void **state)
{
	struct look_key key = key_of("/a", "<p>a</p>");

	(void)state;
	note("/a", "<p>a</p>");
	assert_null(find("/a", "<p>b</p>"));
	assert_null(find("/a", "<p>a</p>")); /* forgotten */
	note("/a", "<p>a</p>");
	key.content_type = "text/html; charset=latin1";
	assert_null(looks_find(looks, &key));
}

static void
the_one_used_longest_ago_goes_first(void **state)
{
	char name[16];

	(void)state;
	for (int i = 0; i < LOOKS_MAX; i++) {
		snprintf(name, sizeof(name), "/%d", i);
		note(name, "x");
	}
	assert_non_null(find("/0", "x"));
	note("/new", "x");
	assert_non_null(find("/0", "x"));
	assert_null(find("/1", "x"));
	assert_non_null(find("/2", "x"));
}

static void
big_ones_push_others_out_and_the_biggest_stay_outside(void **state)
{
	char *big = malloc(LOOKS_BYTES_MAX);

	(void)state;
	assert_non_null(big);
	memset(big, 'x', LOOKS_BYTES_MAX - 1);
	big[LOOKS_BYTES_MAX - 1] = '\0';
	note("/a", "x");
	assert_non_null(note("/huge", big));
	assert_null(find("/huge", big));
	assert_non_null(find("/a", "x"));
	big[LOOKS_BYTES_MAX / 2 - 1] = '\0';
	note("/b", big);
	note("/c", big);
	note("/d", big);
	assert_null(find("/a", "x"));
	assert_null(find("/b", big));
	assert_non_null(find("/d", big));
	free(big);
}

static void
use(void *arg)
{
	struct look_key key = key_of("/a", "<p>a</p>");
	struct look_key other = key_of("/a", "<p>b</p>");

	(void)arg;
	for (int i = 0; i < 300; i++) {
		struct look_key *mine = i % 3 ? &key : &other;
		struct look_doc *look = looks_find(looks, mine);
		xmlDoc *doc = NULL;
		struct err err;

		if (!look) {
			assert_int_equal(
			    html_parse(&doc, "<p>x</p>", 8, NULL, &err), 0);
			look = looks_note(looks, mine, &doc);
		}
		assert_non_null(look_doc_tree(look)->children);
		look_doc_unref(&look);
	}
}

static void
threads_share_them(void **state)
{
	struct thread threads[4];
	struct err err;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(
		    thread_start(&threads[i], "use", use, NULL, &err), 0);
	for (int i = 0; i < 4; i++)
		thread_join(&threads[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	    TEST(the_same_bytes_are_parsed_once),
	    TEST(other_bytes_or_another_type_are_another_page),
	    TEST(the_one_used_longest_ago_goes_first),
	    TEST(big_ones_push_others_out_and_the_biggest_stay_outside),
	    TEST(threads_share_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
