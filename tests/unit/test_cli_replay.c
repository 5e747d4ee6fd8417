/* What livery replay takes for a page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/replay.h"

static bool
is_due(int status, const char *name, const char *value)
{
	const struct key key = {.text = "p main http://h/", .len = 16};
	struct object *object = object_new(&key, KIND_PAGE, "main");
	bool due;

	object->status = status;
	head_add(&object->head, "Content-Type", "text/html");
	if (name)
		head_add(&object->head, name, value);
	due = replay_is_due(object);
	object_unref(&object);
	return due;
}

static void
what_the_server_would_dress_is_replayed(void **state)
{
	(void)state;
	assert_true(is_due(200, NULL, NULL));
	assert_true(is_due(200, "Cache-Control", "max-age=60"));
	assert_true(is_due(200, "X-Livery-Off", "false"));
}

static void
what_the_server_leaves_alone_is_not_replayed(void **state)
{
	(void)state;
	assert_false(is_due(200, "X-Livery-Off", "1"));
	assert_false(is_due(200, "Content-Encoding", "br"));
	assert_false(is_due(200, "Cache-Control", "no-transform, max-age=60"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_the_server_would_dress_is_replayed),
	    cmocka_unit_test(what_the_server_leaves_alone_is_not_replayed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
