/* tests/unit/test_page_press.c - bodies that wait to be compressed:
 * page/pressthread.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/must.h"
#include "cache/cache.h"
#include "page/press.h"
#include "page/pressthread.h"

enum {
	TOO_MUCH = 33 << 20, /* over what may wait */
	SMALL = 4096,
	TRIES = 500, /* of 10 ms */
};

static struct cache *cache;
static struct press *press;

static int
begin(void **state)
{
	struct cache_opts opts = {.memory_max = 1 << 20, .variants_max = 4};
	struct err err;

	(void)state;
	must(cache_open(&cache, &opts, &err) == 0);
	must(press_start(&press, cache, &err) == 0);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	press_stop(&press);
	cache_close(&cache);
	return 0;
}

/* A page with a body that says it is so long. */
static struct object *
page_of(const char *url, size_t len, size_t room)
{
	struct object *object;
	struct key key;
	char text[KEY_MAX];
	char *bytes = calloc(1, room);

	must(bytes);
	assert_int_equal(key_make_url(&key, text, KIND_PAGE, "main", url), 0);
	object = object_new(&key, KIND_PAGE, "main");
	object->status = 200;
	object->body = body_new(&bytes, len);
	object->fresh.lifetime_ms = INT64_MAX / 2;
	return object;
}

static unsigned
wish(enum packing packing)
{
	return (unsigned)PACKED_WANTED << packing;
}

/* Three clients want it in two codings, and the first of them posts it. */
static void
what_is_too_much_is_not_taken_and_can_be_asked_for_again(void **state)
{
	struct object *object =
	    page_of("http://h/large", TOO_MUCH, sizeof(uint64_t));

	(void)state;
	for (int i = 0; i < 3; i++) {
		atomic_store(&object->packed.marks, PACKED_USED |
			PACKED_SUITS | PACKED_WAITS | wish(PACKING_GZIP) |
			wish(PACKING_BR));
		press_post(press, object);
		/* all that it was is still so, and nobody waits in vain */
		assert_int_equal(atomic_load(&object->packed.marks),
		    PACKED_USED | PACKED_SUITS);
		assert_int_equal(atomic_load(&object->refs), 1);
	}
	object_unref(&object);
}

/* What was refused counts as nothing that waits. */
static void
others_are_made_behind_it(void **state)
{
	struct object *object = page_of("http://h/small", SMALL, SMALL);

	(void)state;
	(void)cache_store(cache, object); /* no file: memory has it */
	atomic_store(&object->packed.marks, PACKED_USED | PACKED_SUITS |
		PACKED_WAITS | wish(PACKING_GZIP));
	press_post(press, object);
	for (int i = 0; i < TRIES; i++) {
		if (packed_body(&object->packed, PACKING_GZIP))
			break;
		usleep(10 * 1000);
	}
	assert_non_null(packed_body(&object->packed, PACKING_GZIP));
	assert_null(packed_body(&object->packed, PACKING_BR));
	assert_false(atomic_load(&object->packed.marks) & PACKED_WAITS);
	object_unref(&object);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		what_is_too_much_is_not_taken_and_can_be_asked_for_again),
	    cmocka_unit_test(others_are_made_behind_it),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
