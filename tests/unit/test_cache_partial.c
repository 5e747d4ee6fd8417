/* Parts of answers: what is read of ranges, what goes together, what is cut
 * out again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cache/partial.h"

#define ETAG "\"one\""
#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define NOW_MS ((int64_t)784111777 * 1000)

static const struct policy_opts opts = {.stale_max_ms = 1000000};

/* ---- words ---- */

static void
one_range_is_read_and_nothing_else(void **state)
{
	static const struct {
		const char *text;
		enum asked_form form;
		uint64_t first, last;
	} rows[] = {
		{"bytes=0-0", ASKED_SPAN, 0, 0},
		{"bytes=0-499", ASKED_SPAN, 0, 499},
		{"BYTES=5-9", ASKED_SPAN, 5, 9},
		{"bytes=9500-", ASKED_SPAN, 9500, UINT64_MAX},
		{"bytes=-500", ASKED_SUFFIX, 500, 0},
		{"bytes=-0", ASKED_SUFFIX, 0, 0},
		{"bytes=007-008", ASKED_SPAN, 7, 8},
		{"bytes=999999999999999999-", ASKED_SPAN, 999999999999999999,
		    UINT64_MAX},
		{"", ASKED_ELSE, 0, 0},
		{"bytes", ASKED_ELSE, 0, 0},
		{"bytes=", ASKED_ELSE, 0, 0},
		{"bytes=-", ASKED_ELSE, 0, 0},
		{"bytes=5", ASKED_ELSE, 0, 0},
		{"bytes=5-4", ASKED_ELSE, 0, 0},
		{"bytes= 0-4", ASKED_ELSE, 0, 0},
		{"bytes=0-4 ", ASKED_ELSE, 0, 0},
		{"bytes=0 -4", ASKED_ELSE, 0, 0},
		{"bytes=+0-4", ASKED_ELSE, 0, 0},
		{"bytes=0x0-4", ASKED_ELSE, 0, 0},
		{"bytes=0.0-4", ASKED_ELSE, 0, 0},
		{"bytes=--4", ASKED_ELSE, 0, 0},
		{"bytes=0-4,6-7", ASKED_ELSE, 0, 0},
		{"bytes=0-4,", ASKED_ELSE, 0, 0},
		{"bytes 0-4", ASKED_ELSE, 0, 0},
		{"items=0-4", ASKED_ELSE, 0, 0},
		{"bytes=1000000000000000000-", ASKED_ELSE, 0, 0},
		{"bytes=0-18446744073709551616", ASKED_ELSE, 0, 0},
		{"bytes=-99999999999999999999", ASKED_ELSE, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct asked asked = partial_asked(rows[i].text);

		if (asked.form != rows[i].form ||
		    (asked.form != ASKED_ELSE &&
			asked.first != rows[i].first) ||
		    (asked.form == ASKED_SPAN && asked.last != rows[i].last))
			fail_msg("%s", rows[i].text);
	}
}

static void
too_many_or_too_long_ranges_are_not_looked_at(void **state)
{
	char text[PARTIAL_FIELD_MAX + 2];

	(void)state;
	assert_false(partial_asks_too_much("bytes=0-1"));
	assert_false(partial_asks_too_much(
	    "bytes=0-0,2-2,4-4,6-6,8-8,1-1,3-3,5-5,7-7,9-9,1-,2-,3-,4-,5-,6-"));
	assert_true(partial_asks_too_much("bytes=0-0,2-2,4-4,6-6,8-8,1-1,3-3,"
	    "5-5,7-7,9-9,1-,2-,3-,4-,5-,6-,7-"));
	memset(text, '0', sizeof(text));
	memcpy(text, "bytes=", 6);
	text[PARTIAL_FIELD_MAX] = '\0';
	assert_false(partial_asks_too_much(text));
	text[PARTIAL_FIELD_MAX] = '0';
	text[PARTIAL_FIELD_MAX + 1] = '\0';
	assert_true(partial_asks_too_much(text));
}

static void
a_range_is_resolved_by_the_length(void **state)
{
	static const struct {
		const char *range;
		uint64_t len;
		enum satisfied how;
		uint64_t first, last;
	} rows[] = {
		{"bytes=0-4", 10, SPAN_IS, 0, 4},
		{"bytes=0-99", 10, SPAN_IS, 0, 9},
		{"bytes=9-9", 10, SPAN_IS, 9, 9},
		{"bytes=10-", 10, SPAN_NONE, 0, 0},
		{"bytes=10-12", 10, SPAN_NONE, 0, 0},
		{"bytes=5-", 10, SPAN_IS, 5, 9},
		{"bytes=-3", 10, SPAN_IS, 7, 9},
		{"bytes=-30", 10, SPAN_IS, 0, 9},
		{"bytes=-0", 10, SPAN_NONE, 0, 0},
		{"bytes=0-0", 0, SPAN_NONE, 0, 0},
		{"bytes=-1", 0, SPAN_NONE, 0, 0},
		{"bytes=0-4", PARTIAL_UNKNOWN, SPAN_IS, 0, 4},
		{"bytes=5-", PARTIAL_UNKNOWN, SPAN_UNSURE, 0, 0},
		{"bytes=-3", PARTIAL_UNKNOWN, SPAN_UNSURE, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span span = {77, 77};
		enum satisfied how = partial_resolve(
		    partial_asked(rows[i].range), rows[i].len, &span);

		if (how != rows[i].how || (how == SPAN_IS &&
		    (span.first != rows[i].first || span.last != rows[i].last)))
			fail_msg("%s of %llu", rows[i].range,
			    (unsigned long long)rows[i].len);
	}
}

static void
lists_of_parts_are_read_strictly(void **state)
{
	static const struct {
		const char *text;
		unsigned count; /* 0: it is none */
		uint64_t len;
	} rows[] = {
		{"bytes 0-4/10", 1, 10},
		{"Bytes 0-9/10", 1, 10},
		{"bytes 5-9/*", 1, PARTIAL_UNKNOWN},
		{"bytes 0-4,6-7/10", 2, 10},
		{"bytes 0-0,2-2,4-4/*", 3, PARTIAL_UNKNOWN},
		{"", 0, 0}, {"bytes", 0, 0}, {"bytes ", 0, 0},
		{"bytes */10", 0, 0}, {"bytes 0-4", 0, 0},
		{"bytes 0-4/", 0, 0}, {"bytes 0-4/ 10", 0, 0},
		{"bytes 0-4/10 ", 0, 0}, {"bytes 0-4/10x", 0, 0},
		{"bytes 0-4/**", 0, 0}, {"bytes  0-4/10", 0, 0},
		{"bytes=0-4/10", 0, 0}, {"items 0-4/10", 0, 0},
		{"bytes 4-0/10", 0, 0}, {"bytes 0-10/10", 0, 0},
		{"bytes 0-4/0", 0, 0}, {"bytes -4/10", 0, 0},
		{"bytes 0-/10", 0, 0}, {"bytes +0-4/10", 0, 0},
		{"bytes 0-4/-1", 0, 0}, {"bytes 0-4/1e3", 0, 0},
		{"bytes 0-4,5-6/10", 0, 0}, {"bytes 6-7,0-4/10", 0, 0},
		{"bytes 0-4,3-6/10", 0, 0}, {"bytes 0-4, 6-7/10", 0, 0},
		{"bytes 0-4,/10", 0, 0}, {"bytes ,0-4/10", 0, 0},
		{"bytes 0-4/10,bytes 5-9/10", 0, 0},
		{"bytes 0-99999999999999999999/*", 0, 0},
		{"bytes 0-4/99999999999999999999", 0, 0},
	};
	struct parts parts;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		bool is = partial_read(&parts, rows[i].text);

		if (is != (rows[i].count != 0) || (is &&
		    (parts.count != rows[i].count || parts.len != rows[i].len)))
			fail_msg("%s", rows[i].text);
	}
	assert_false(partial_read(&parts, NULL));
}

/* ---- heads ---- */

static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(1024);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/* "Name: value\n..." */
static void
read_head(struct head *head, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n"), name = strcspn(text, ":");

		head_add_n(head, text, name, text + name + 2, len - name - 2);
		text += len + (text[len] == '\n');
	}
}

static struct head
head_of(const char *text)
{
	struct head head;

	head_init(&head, arena);
	read_head(&head, text);
	return head;
}

static void
a_206_is_one_part_of_what_was_asked(void **state)
{
	static const struct {
		const char *range, *head;
		int64_t length;
		bool is;
	} rows[] = {
		{"bytes=0-4", "Content-Range: bytes 0-4/10", 5, true},
		{"bytes=0-4", "Content-Range: bytes 0-4/10", -1, true},
		{"bytes=0-4", "Content-Range: bytes 0-4/*", 5, true},
		{"bytes=5-", "Content-Range: bytes 5-9/10", 5, true},
		{"bytes=5-", "Content-Range: bytes 5-9/*", 5, true},
		{"bytes=5-99", "Content-Range: bytes 5-9/10", 5, true},
		{"bytes=-3", "Content-Range: bytes 7-9/10", 3, true},
		{"bytes=-30", "Content-Range: bytes 0-9/10", 10, true},
		/* it may stop short */
		{"bytes=0-4", "Content-Range: bytes 0-2/10", 3, true},
		/* not as long as it says */
		{"bytes=0-4", "Content-Range: bytes 0-4/10", 4, false},
		{"bytes=-5", "Content-Range: bytes 4-9/10", 5, false},
		/* something else than was asked for */
		{"bytes=0-4", "Content-Range: bytes 1-4/10", 4, false},
		{"bytes=0-4", "Content-Range: bytes 0-5/10", 6, false},
		{"bytes=5-", "Content-Range: bytes 0-9/10", 10, false},
		{"bytes=-5", "Content-Range: bytes 0-4/10", 5, false},
		{"bytes=-5", "Content-Range: bytes 5-9/*", 5, false},
		/* none, two, several */
		{"bytes=0-4", "", 5, false},
		{"bytes=0-4", "Content-Range: bytes 0-4/10\n"
		    "Content-Range: bytes 0-4/10", 5, false},
		{"bytes=0-4", "Content-Range: bytes 0-1,3-4/10", 4, false},
		{"bytes=0-4", "Content-Range: bytes */10", 5, false},
		{"bytes=0-4", "Content-Range: bytes 0-4/10\n"
		    "Content-Type: multipart/byteranges; boundary=x", 5,
		    false},
		{"bytes=0-4", "Content-Range: bytes 0-4/10\n"
		    "Content-Encoding: gzip", 5, false},
		{"bytes=0-1,3-4", "Content-Range: bytes 0-1/10", 2, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct head head = head_of(rows[i].head);

		if (partial_is_answer(&head, rows[i].length,
			partial_asked(rows[i].range)) != rows[i].is)
			fail_msg("row %zu: %s, %s", i, rows[i].range,
			    rows[i].head);
	}
}

static void
only_strong_validators_hold_parts_together(void **state)
{
	static const struct {
		const char *head, *validator;
	} rows[] = {
		{"ETag: \"a\"", "\"a\""},
		{"ETag: \"a\"\nLast-Modified: " DATE "\nDate: " DATE, "\"a\""},
		{"ETag: W/\"a\"", NULL},
		{"ETag: W/\"a\"\nLast-Modified: " BEFORE "\nDate: " DATE, NULL},
		{"ETag: a", NULL},
		{"ETag: \"", NULL},
		{"ETag: \"a\"\nETag: \"a\"", NULL},
		{"Last-Modified: " BEFORE "\nDate: " DATE, BEFORE},
		{"Last-Modified: " DATE "\nDate: " DATE, NULL},
		{"Last-Modified: " DATE "\nDate: " BEFORE, NULL},
		{"Last-Modified: " BEFORE, NULL},
		{"Last-Modified: yesterday\nDate: " DATE, NULL},
		{"Last-Modified: " BEFORE "\nLast-Modified: " BEFORE
		    "\nDate: " DATE, NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct head head = head_of(rows[i].head);
		const char *is = partial_validator(&head);

		if ((is == NULL) != (rows[i].validator == NULL) ||
		    (is && strcmp(is, rows[i].validator) != 0))
			fail_msg("%s", rows[i].head);
		assert_int_equal(partial_is_same(&head, &head), is != NULL);
	}
}

static void
if_range_is_compared_strongly(void **state)
{
	static const struct {
		const char *head, *if_range;
		bool holds;
	} rows[] = {
		{"ETag: \"a\"", NULL, true},
		{"ETag: \"a\"", "\"a\"", true},
		{"ETag: \"a\"", "\"b\"", false},
		{"ETag: \"a\"", "W/\"a\"", false},
		{"ETag: W/\"a\"", "W/\"a\"", false},
		{"ETag: W/\"a\"", "\"a\"", false},
		{"", "\"a\"", false},
		{"Last-Modified: " BEFORE "\nDate: " DATE, BEFORE, true},
		{"Last-Modified: " BEFORE "\nDate: " DATE, DATE, false},
		{"Last-Modified: " DATE "\nDate: " DATE, DATE, false},
		{"ETag: \"a\"", DATE, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct head head = head_of(rows[i].head);

		if (partial_if_range(&head, rows[i].if_range) !=
		    rows[i].holds)
			fail_msg("%s, %s", rows[i].head, rows[i].if_range);
	}
}

/* ---- combining ---- */

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz";

static struct object *
object_with(const char *bytes, size_t len, const char *range,
    const char *fields)
{
	struct key key = {.text = "r main http://x/", .len = 16};
	struct object *object;
	char *copy = malloc(len + 1);

	key_hash(&key);
	object = object_new(&key, KIND_RANGE, "main");
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	object->body = body_new(&copy, len);
	object->status = 206;
	object->answered_ms = object->asked_ms = NOW_MS;
	head_add(&object->head, "Content-Range", range);
	read_head(&object->head, fields);
	return object;
}

/* What a first answer of first-last would be stored as. */
static struct object *
part(unsigned first, unsigned last, const char *fields)
{
	char range[64];

	snprintf(range, sizeof(range), "bytes %u-%u/26", first, last);
	return object_with(alphabet + first, last - first + 1, range, fields);
}

/* stored and one more; takes both, and fresh is released. */
static struct object *
with(struct object *stored, struct object *fresh, uint64_t max)
{
	const struct policy_answer facts = {206, &fresh->head, NOW_MS, NOW_MS};
	struct object *all = partial_combine(stored, fresh, max, &facts,
	    &opts);

	object_unref(&stored);
	object_unref(&fresh);
	return all;
}

static void
must_be(struct object *object, const char *range, const char *bytes)
{
	assert_non_null(object);
	assert_int_equal(object->status, 206);
	assert_int_equal(object->kind, KIND_RANGE);
	assert_int_equal(head_count(&object->head, "Content-Range"), 1);
	assert_string_equal(head_find(&object->head, "Content-Range"), range);
	assert_int_equal(object->body->len, strlen(bytes));
	assert_memory_equal(object->body->bytes, bytes, strlen(bytes));
}

#define SAME "ETag: " ETAG "\nCache-Control: max-age=60"

static void
parts_are_merged_in_order(void **state)
{
	static const struct {
		unsigned a, b, c, d;
		const char *range, *bytes;
	} rows[] = {
		{0, 4, 5, 9, "bytes 0-9/26", "abcdefghij"}, /* touching */
		{5, 9, 0, 4, "bytes 0-9/26", "abcdefghij"},
		{0, 4, 3, 9, "bytes 0-9/26", "abcdefghij"}, /* overlapping */
		{3, 9, 0, 4, "bytes 0-9/26", "abcdefghij"},
		{0, 4, 6, 9, "bytes 0-4,6-9/26", "abcdeghij"}, /* apart */
		{6, 9, 0, 4, "bytes 0-4,6-9/26", "abcdeghij"},
		{0, 9, 2, 3, "bytes 0-9/26", "abcdefghij"}, /* in it */
		{2, 3, 0, 9, "bytes 0-9/26", "abcdefghij"}, /* around it */
		{0, 4, 0, 4, "bytes 0-4/26", "abcde"}, /* the same */
		{0, 4, 25, 25, "bytes 0-4,25-25/26", "abcdez"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct object *all = with(part(rows[i].a, rows[i].b, SAME),
		    part(rows[i].c, rows[i].d, SAME), 1000);

		must_be(all, rows[i].range, rows[i].bytes);
		object_unref(&all);
	}
}

static void
a_part_that_closes_gaps_makes_one_of_many(void **state)
{
	struct object *all = part(0, 1, SAME);

	(void)state;
	all = with(all, part(4, 5, SAME), 1000);
	all = with(all, part(8, 9, SAME), 1000);
	all = with(all, part(12, 13, SAME), 1000);
	must_be(all, "bytes 0-1,4-5,8-9,12-13/26", "abefijmn");
	all = with(all, part(2, 8, SAME), 1000);
	must_be(all, "bytes 0-9,12-13/26", "abcdefghijmn");
	object_unref(&all);
}

static void
of_bytes_in_both_the_newer_count(void **state)
{
	struct object *all = with(part(0, 4, SAME),
	    object_with("XYZ", 3, "bytes 4-6/26", SAME), 1000);

	(void)state;
	must_be(all, "bytes 0-6/26", "abcdXYZ");
	object_unref(&all);
}

static void
what_differs_is_never_combined(void **state)
{
	static const struct {
		const char *old, *fresh;
	} rows[] = {
		{"ETag: \"a\"", "ETag: \"b\""},
		{"ETag: W/\"a\"", "ETag: W/\"a\""},
		{"ETag: \"a\"", "ETag: W/\"a\""},
		{"", ""},
		{"Last-Modified: " DATE "\nDate: " DATE,
		    "Last-Modified: " DATE "\nDate: " DATE},
		{"ETag: \"a\"\nLast-Modified: " BEFORE "\nDate: " DATE,
		    "Last-Modified: " BEFORE "\nDate: " DATE},
	};
	struct object *all;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		all = with(part(0, 4, rows[i].old), part(5, 9, rows[i].fresh),
		    1000);
		must_be(all, "bytes 5-9/26", "fghij");
		object_unref(&all);
	}
	/* another length, or a part past the end of it */
	all = with(part(0, 4, SAME),
	    object_with("fghij", 5, "bytes 5-9/27", SAME), 1000);
	must_be(all, "bytes 5-9/27", "fghij");
	object_unref(&all);
	all = with(object_with("xyz", 3, "bytes 30-32/*", SAME),
	    part(0, 4, SAME), 1000);
	must_be(all, "bytes 0-4/26", "abcde");
	object_unref(&all);
}

static void
an_unknown_length_is_learnt(void **state)
{
	struct object *all = with(object_with("abcde", 5, "bytes 0-4/*", SAME),
	    part(5, 9, SAME), 1000);

	(void)state;
	must_be(all, "bytes 0-9/26", "abcdefghij");
	object_unref(&all);
	all = with(part(0, 9, SAME),
	    object_with("fg", 2, "bytes 5-6/*", SAME), 1000);
	must_be(all, "bytes 0-9/26", "abcdefghij");
	object_unref(&all);
	all = with(object_with("abcde", 5, "bytes 0-4/*", SAME),
	    object_with("cd", 2, "bytes 2-3/26", SAME), 1000);
	must_be(all, "bytes 0-4/26", "abcde");
	object_unref(&all);
}

static void
the_newer_fields_replace_the_stored_ones(void **state)
{
	struct object *all = with(
	    part(0, 4, SAME "\nA: 1\nB: 1"),
	    part(5, 9, "ETag: " ETAG "\nCache-Control: max-age=90\nA: 2"),
	    1000);

	(void)state;
	assert_string_equal(head_find(&all->head, "A"), "2");
	assert_string_equal(head_find(&all->head, "B"), "1");
	assert_int_equal(head_count(&all->head, "ETag"), 1);
	assert_int_equal(all->fresh.lifetime_ms, 90000);
	assert_int_equal(all->answered_ms, NOW_MS);
	object_unref(&all);
}

static void
there_are_bounds_to_what_is_taken_in(void **state)
{
	enum { LARGE = 2 * PARTIAL_SMALL };
	struct object *all = NULL;
	char *bytes = calloc(1, LARGE), range[64];

	(void)state;
	/* more bytes than allowed: what is there stays */
	all = with(part(0, 4, SAME), part(5, 9, SAME), 9);
	must_be(all, "bytes 0-4/26", "abcde");
	object_unref(&all);
	/* more parts: the smallest goes, and it is not the new one */
	for (unsigned i = 0; i < PARTIAL_PARTS_MAX; i++) {
		snprintf(range, sizeof(range), "bytes %u-%u/1000", i * 4,
		    i * 4 + (i == 7 ? 0 : 1));
		all = with(all, object_with("no", i == 7 ? 1 : 2, range, SAME),
		    1000);
	}
	all = with(all, object_with("x", 1, "bytes 500-500/1000", SAME),
	    1000);
	assert_int_equal(all->body->len, 2 * PARTIAL_PARTS_MAX - 1);
	assert_null(strstr(head_find(&all->head, "Content-Range"), "28-28"));
	assert_non_null(strstr(head_find(&all->head, "Content-Range"),
	    ",500-500/1000"));
	object_unref(&all);
	/* much to copy for little: only where it makes the whole */
	snprintf(range, sizeof(range), "bytes 0-%u/%u", LARGE - 1, LARGE + 2);
	all = object_with(bytes, LARGE, range, SAME);
	snprintf(range, sizeof(range), "bytes %u-%u/%u", LARGE + 1, LARGE + 1,
	    LARGE + 2);
	all = with(all, object_with("x", 1, range, SAME), UINT64_MAX);
	assert_int_equal(all->body->len, LARGE);
	snprintf(range, sizeof(range), "bytes %u-%u/%u", LARGE, LARGE + 1,
	    LARGE + 2);
	all = with(all, object_with("xy", 2, range, SAME), UINT64_MAX);
	assert_int_equal(all->body->len, LARGE + 2);
	object_unref(&all);
	free(bytes);
}

static void
what_is_all_there_becomes_the_whole(void **state)
{
	struct key key = {.text = "p main http://x/", .len = 16};
	struct object *all = with(part(0, 9, SAME), part(12, 25, SAME), 1000);
	struct object *whole = partial_whole(all, &key);

	(void)state;
	assert_null(whole);
	all = with(all, part(10, 11, SAME), 1000);
	whole = partial_whole(all, &key);
	assert_non_null(whole);
	assert_int_equal(whole->kind, KIND_PAGE);
	assert_int_equal(whole->status, 200);
	assert_string_equal(whole->key.text, key.text);
	assert_string_equal(whole->url, "http://x/");
	assert_null(head_find(&whole->head, "Content-Range"));
	assert_string_equal(whole->body->bytes, alphabet);
	object_unref(&whole);
	object_unref(&all);
	/* of unknown length nothing is whole */
	all = object_with(alphabet, 26, "bytes 0-25/*", SAME);
	assert_null(partial_whole(all, &key));
	object_unref(&all);
}

/* ---- serving ---- */

static void
a_range_is_cut_out_of_a_part(void **state)
{
	struct object *all = with(part(0, 4, SAME), part(10, 19, SAME), 1000);
	struct object *cut;
	struct parts parts;

	(void)state;
	assert_true(partial_of(&parts, all));
	cut = partial_cut(all, &parts, SPAN_IS, (struct span){11, 13});
	must_be(cut, "bytes 11-13/26", "lmn");
	assert_string_equal(head_find(&cut->head, "ETag"), ETAG);
	object_unref(&cut);
	cut = partial_cut(all, &parts, SPAN_IS, (struct span){0, 4});
	must_be(cut, "bytes 0-4/26", "abcde");
	object_unref(&cut);
	assert_null(partial_cut(all, &parts, SPAN_IS, (struct span){4, 5}));
	assert_null(partial_cut(all, &parts, SPAN_IS, (struct span){4, 10}));
	assert_null(partial_cut(all, &parts, SPAN_IS, (struct span){20, 25}));
	assert_null(partial_cut(all, &parts, SPAN_UNSURE,
	    (struct span){0, 4}));
	cut = partial_cut(all, &parts, SPAN_NONE, (struct span){0, 0});
	assert_int_equal(cut->status, 416);
	assert_string_equal(head_find(&cut->head, "Content-Range"),
	    "bytes */26");
	assert_null(cut->body);
	object_unref(&cut);
	object_unref(&all);
}

static void
a_list_that_lies_about_its_bytes_is_of_no_use(void **state)
{
	static const char *const ranges[] = {"bytes 0-5/26", "bytes 0-3/26",
	    "bytes 0-1,3-6/26", "bytes */26", "x"};
	struct parts parts;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ranges); i++) {
		struct object *object = object_with("abcde", 5, ranges[i],
		    SAME);
		struct object *fresh = part(5, 9, SAME);

		assert_false(partial_of(&parts, object));
		object = with(object, fresh, 1000);
		must_be(object, "bytes 5-9/26", "fghij");
		object_unref(&object);
	}
}

static void
a_part_of_the_stored_whole_brings_its_fields(void **state)
{
	struct head head = head_of("ETag: " ETAG "\nCache-Control: max-age=90\n"
	    "Content-Range: bytes 0-4/26\nA: 2");
	struct policy_answer facts = {206, &head, NOW_MS, NOW_MS};
	struct object *whole = object_with(alphabet, 26, "", SAME "\nA: 1");
	struct object *fresh;

	(void)state;
	head_drop(&whole->head, "Content-Range");
	whole->kind = KIND_PAGE;
	whole->status = 200;
	fresh = partial_freshen(whole, &facts, &opts);
	assert_non_null(fresh);
	assert_int_equal(fresh->status, 200);
	assert_string_equal(head_find(&fresh->head, "A"), "2");
	assert_null(head_find(&fresh->head, "Content-Range"));
	assert_int_equal(fresh->fresh.lifetime_ms, 90000);
	assert_ptr_equal(fresh->body, whole->body);
	object_unref(&fresh);
	head_set(&head, "Content-Range", "bytes 0-4/27");
	assert_null(partial_freshen(whole, &facts, &opts));
	head_set(&head, "Content-Range", "bytes 0-4/26");
	head_set(&head, "ETag", "\"two\"");
	assert_null(partial_freshen(whole, &facts, &opts));
	object_unref(&whole);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_range_is_read_and_nothing_else),
		cmocka_unit_test(too_many_or_too_long_ranges_are_not_looked_at),
		cmocka_unit_test(a_range_is_resolved_by_the_length),
		cmocka_unit_test(lists_of_parts_are_read_strictly),
		cmocka_unit_test(a_206_is_one_part_of_what_was_asked),
		cmocka_unit_test(only_strong_validators_hold_parts_together),
		cmocka_unit_test(if_range_is_compared_strongly),
		cmocka_unit_test(parts_are_merged_in_order),
		cmocka_unit_test(a_part_that_closes_gaps_makes_one_of_many),
		cmocka_unit_test(of_bytes_in_both_the_newer_count),
		cmocka_unit_test(what_differs_is_never_combined),
		cmocka_unit_test(an_unknown_length_is_learnt),
		cmocka_unit_test(the_newer_fields_replace_the_stored_ones),
		cmocka_unit_test(there_are_bounds_to_what_is_taken_in),
		cmocka_unit_test(what_is_all_there_becomes_the_whole),
		cmocka_unit_test(a_range_is_cut_out_of_a_part),
		cmocka_unit_test(a_list_that_lies_about_its_bytes_is_of_no_use),
		cmocka_unit_test(a_part_of_the_stored_whole_brings_its_fields),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
