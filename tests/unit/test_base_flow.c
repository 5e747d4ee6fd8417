/* Flows: one writer, several readers, bounded memory */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/flow.h"
#include "base/lock.h"
#include "base/thread.h"

enum { WINDOW = 100, BLOCK = 64 << 10 };

/* ---- one thread ---- */

struct calls {
	int pauses, resumes, rooms;
};

static void
on_pause(void *arg)
{
	((struct calls *)arg)->pauses++;
}

static void
on_resume(void *arg)
{
	((struct calls *)arg)->resumes++;
}

static void
on_room(void *arg)
{
	((struct calls *)arg)->rooms++;
}

static struct flow_reader
reader_of(struct calls *calls)
{
	return (struct flow_reader){.on_pause = on_pause,
	    .on_resume = on_resume, .arg = calls};
}

static void
assert_reads(struct flow_reader *reader, const char *expected)
{
	char text[1000];
	ssize_t n = flow_read(reader, text, sizeof(text) - 1);

	assert_true(n >= 0);
	text[n] = '\0';
	assert_string_equal(text, expected);
}

static ssize_t
read_some(struct flow_reader *reader, size_t max)
{
	static char bytes[3 << 20];

	return flow_read(reader, bytes, max);
}

static enum flow_took
write_some(struct flow *flow, size_t len)
{
	static const char bytes[3 << 20];

	return flow_write(flow, bytes, len);
}

static void
each_reader_reads_all_at_its_own_pace(void **state)
{
	struct flow *flow = flow_new(WINDOW, false, 0);
	struct calls calls = {0};
	struct flow_reader a = reader_of(&calls), b = a;

	(void)state;
	assert_true(flow_join(flow, &a));
	assert_true(flow_join(flow, &b));
	assert_int_equal(flow_write(flow, "one ", 4), FLOW_TOOK);
	assert_reads(&a, "one ");
	assert_int_equal(flow_write(flow, "two", 3), FLOW_TOOK);
	assert_int_equal(flow_write(flow, "", 0), FLOW_TOOK);
	assert_reads(&a, "two");
	assert_reads(&b, "one two");
	assert_int_equal(flow_len(flow), 7);
	flow_end(flow, true);
	flow_end(flow, false);
	assert_int_equal(read_some(&a, 10), FLOW_END);
	assert_int_equal(read_some(&b, 10), FLOW_END);
	flow_leave(&a);
	flow_leave(&a);
	flow_leave(&b);
	flow_unref(&flow);
	assert_null(flow);
	flow_unref(&flow);
}

static void
who_finds_nothing_is_paused_and_resumed_once(void **state)
{
	struct flow *flow = flow_new(WINDOW, false, 0);
	struct calls calls = {0};
	struct flow_reader reader = reader_of(&calls);

	(void)state;
	assert_true(flow_join(flow, &reader));
	assert_int_equal(read_some(&reader, 0), 0);
	assert_int_equal(calls.pauses, 0);
	assert_int_equal(read_some(&reader, 10), 0);
	assert_int_equal(calls.pauses, 1);
	flow_write(flow, "a", 1);
	flow_write(flow, "b", 1);
	assert_int_equal(calls.resumes, 1);
	assert_reads(&reader, "ab");
	assert_int_equal(read_some(&reader, 10), 0);
	flow_end(flow, false);
	assert_int_equal(calls.pauses, 2);
	assert_int_equal(calls.resumes, 2);
	assert_int_equal(read_some(&reader, 10), FLOW_BROKEN);
	flow_leave(&reader);
	flow_unref(&flow);
}

static void
a_broken_flow_still_gives_what_came(void **state)
{
	struct flow *flow = flow_new(WINDOW, false, 0);
	struct calls calls = {0};
	struct flow_reader reader = reader_of(&calls);

	(void)state;
	flow_write(flow, "part", 4);
	flow_end(flow, false);
	assert_true(flow_join(flow, &reader));
	assert_reads(&reader, "part");
	assert_int_equal(read_some(&reader, 10), FLOW_BROKEN);
	flow_leave(&reader);
	flow_unref(&flow);
}

static void
the_writer_waits_for_the_slowest_reader(void **state)
{
	struct flow *flow = flow_new(WINDOW, false, 0);
	struct calls calls = {0};
	struct flow_reader fast = reader_of(&calls), slow = fast;

	(void)state;
	flow_on_room(flow, on_room, &calls);
	assert_true(flow_join(flow, &fast));
	assert_true(flow_join(flow, &slow));
	assert_int_equal(write_some(flow, 60), FLOW_TOOK);
	assert_int_equal(write_some(flow, 40), FLOW_TOOK);
	assert_int_equal(write_some(flow, 1), FLOW_FULL);
	assert_int_equal(flow_len(flow), 100);
	assert_int_equal(read_some(&fast, 1000), 100);
	assert_int_equal(write_some(flow, 1), FLOW_FULL);
	assert_int_equal(read_some(&slow, 49), 49);
	assert_int_equal(calls.rooms, 0);
	assert_int_equal(read_some(&slow, 1), 1);
	assert_int_equal(calls.rooms, 1);
	assert_int_equal(read_some(&slow, 50), 50);
	assert_int_equal(calls.rooms, 1);
	/* the slow one leaves: no one to wait for but the fast one */
	assert_int_equal(write_some(flow, 100), FLOW_TOOK);
	assert_int_equal(read_some(&fast, 1000), 100);
	assert_int_equal(write_some(flow, 1), FLOW_FULL);
	flow_leave(&slow);
	assert_int_equal(calls.rooms, 2);
	assert_int_equal(write_some(flow, 100), FLOW_TOOK);
	flow_leave(&fast);
	flow_unref(&flow);
}

static void
a_piece_over_the_window_passes_alone(void **state)
{
	struct flow *flow = flow_new(WINDOW, false, 0);
	struct calls calls = {0};
	struct flow_reader reader = reader_of(&calls);

	(void)state;
	assert_true(flow_join(flow, &reader));
	assert_int_equal(write_some(flow, 1 << 20), FLOW_TOOK);
	assert_int_equal(write_some(flow, 1), FLOW_FULL);
	assert_int_equal(read_some(&reader, 1 << 20), 1 << 20);
	assert_int_equal(write_some(flow, 1 << 20), FLOW_TOOK);
	assert_int_equal(read_some(&reader, 3 << 20), 1 << 20);
	flow_leave(&reader);
	flow_unref(&flow);
}

static void
without_readers_yet_the_window_fills(void **state)
{
	struct flow *flow = flow_new(WINDOW, false, 0);
	struct calls calls = {0};
	struct flow_reader reader = reader_of(&calls);

	(void)state;
	flow_on_room(flow, on_room, &calls);
	assert_int_equal(write_some(flow, 100), FLOW_TOOK);
	assert_int_equal(write_some(flow, 1), FLOW_FULL);
	assert_true(flow_join(flow, &reader));
	assert_int_equal(read_some(&reader, 1000), 100);
	assert_int_equal(calls.rooms, 1);
	flow_leave(&reader);
	flow_unref(&flow);
}

static void
when_the_last_reader_left_the_writer_is_told(void **state)
{
	struct flow *flow = flow_new(WINDOW, false, 0);
	struct calls calls = {0};
	struct flow_reader reader = reader_of(&calls);

	(void)state;
	flow_on_room(flow, on_room, &calls);
	assert_true(flow_join(flow, &reader));
	assert_int_equal(write_some(flow, 100), FLOW_TOOK);
	assert_int_equal(write_some(flow, 1), FLOW_FULL);
	flow_leave(&reader);
	assert_int_equal(calls.rooms, 1);
	assert_int_equal(write_some(flow, 1), FLOW_GONE);
	flow_unref(&flow);
	flow = flow_new(WINDOW, false, 0);
	flow_on_room(flow, on_room, &calls);
	assert_int_equal(write_some(flow, 100), FLOW_TOOK);
	assert_int_equal(write_some(flow, 1), FLOW_FULL);
	flow_abandon(flow);
	assert_int_equal(calls.rooms, 2);
	assert_int_equal(write_some(flow, 1), FLOW_GONE);
	flow_unref(&flow);
}

/* ---- keeping ---- */

static void
a_kept_flow_waits_for_nobody_and_stops_at_its_limit(void **state)
{
	struct flow *flow = flow_new(WINDOW, true, 1000);
	char *bytes;

	(void)state;
	assert_int_equal(write_some(flow, 999), FLOW_TOOK);
	assert_int_equal(write_some(flow, 2), FLOW_OVER);
	flow_abandon(flow);
	assert_int_equal(flow_write(flow, "x", 1), FLOW_TOOK);
	assert_int_equal(write_some(flow, 1), FLOW_OVER);
	flow_end(flow, true);
	bytes = flow_flatten(flow);
	assert_non_null(bytes);
	assert_memory_equal(bytes + 998, "\0x", 3);
	free(bytes);
	flow_unref(&flow);
}

static void
a_look_at_what_is_kept_holds_nobody_up(void **state)
{
	struct flow *flow = flow_new(WINDOW, true, 1000);
	char got[8] = "";

	(void)state;
	assert_int_equal(flow_peek(flow, 0, got, sizeof(got)), 0);
	assert_int_equal(flow_write(flow, "abcdef", 6), FLOW_TOOK);
	assert_int_equal(flow_peek(flow, 2, got, 3), 3);
	assert_memory_equal(got, "cde", 3);
	assert_int_equal(flow_peek(flow, 5, got, sizeof(got)), 1);
	assert_int_equal(flow_peek(flow, 6, got, sizeof(got)), 0);
	assert_false(flow_is_read(flow));
	flow_stop_keeping(flow);
	assert_int_equal(flow_peek(flow, 0, got, sizeof(got)), 0);
	flow_unref(&flow);
}

static void
who_joins_late_gets_all_that_was_kept(void **state)
{
	enum { PIECES = 300, LEN = PIECES * BLOCK };
	struct flow *flow = flow_new(WINDOW, true, LEN);
	struct calls calls = {0};
	struct flow_reader reader = reader_of(&calls);
	static char block[BLOCK], got[BLOCK];
	char *flat;
	int i;

	(void)state;
	for (i = 0; i < PIECES; i++) {
		memset(block, i, BLOCK);
		assert_int_equal(flow_write(flow, block, BLOCK), FLOW_TOOK);
	}
	flow_end(flow, true);
	assert_true(flow_join(flow, &reader));
	flat = flow_flatten(flow);
	assert_non_null(flat);
	for (i = 0; i < PIECES; i++) {
		memset(block, i, BLOCK);
		assert_int_equal(flow_read(&reader, got, BLOCK), BLOCK);
		assert_memory_equal(got, block, BLOCK);
		assert_memory_equal(flat + (size_t)i * BLOCK, block, BLOCK);
	}
	assert_int_equal(flow_read(&reader, got, BLOCK), FLOW_END);
	free(flat);
	flow_leave(&reader);
	flow_unref(&flow);
}

static void
an_empty_flow_flattens_to_nothing(void **state)
{
	struct flow *flow = flow_new(WINDOW, true, 0);
	char *flat;

	(void)state;
	assert_int_equal(write_some(flow, 1), FLOW_OVER);
	flow_end(flow, true);
	flat = flow_flatten(flow);
	assert_string_equal(flat, "");
	free(flat);
	flow_unref(&flow);
}

static void
what_is_kept_no_more_goes_when_it_was_read(void **state)
{
	struct flow *flow = flow_new(WINDOW, true, BLOCK);
	struct calls calls = {0};
	struct flow_reader first = reader_of(&calls), late = first;

	(void)state;
	flow_on_room(flow, on_room, &calls);
	assert_true(flow_join(flow, &first));
	assert_int_equal(write_some(flow, BLOCK), FLOW_TOOK);
	assert_int_equal(write_some(flow, 1), FLOW_OVER);
	flow_stop_keeping(flow);
	assert_int_equal(write_some(flow, 1), FLOW_FULL);
	assert_int_equal(read_some(&first, BLOCK), BLOCK);
	assert_int_equal(calls.rooms, 1);
	/* enough to fill chunks behind the first */
	assert_int_equal(write_some(flow, 2 * BLOCK), FLOW_TOOK);
	assert_int_equal(read_some(&first, 2 * BLOCK), 2 * BLOCK);
	assert_false(flow_join(flow, &late));
	assert_null(flow_flatten(flow));
	flow_leave(&late);
	assert_int_equal(write_some(flow, 50), FLOW_TOOK);
	flow_leave(&first);
	assert_int_equal(write_some(flow, 1), FLOW_GONE);
	flow_unref(&flow);
}

static void
a_reader_that_joins_after_another_left_is_written_for(void **state)
{
	struct flow *flow = flow_new(WINDOW, true, 1000);
	struct calls calls = {0};
	struct flow_reader first = reader_of(&calls), second = first;

	(void)state;
	assert_true(flow_join(flow, &first));
	assert_int_equal(flow_write(flow, "abc", 3), FLOW_TOOK);
	flow_leave(&first);
	assert_true(flow_join(flow, &second));
	flow_stop_keeping(flow);
	assert_int_equal(flow_write(flow, "def", 3), FLOW_TOOK);
	assert_reads(&second, "abcdef");
	flow_leave(&second);
	flow_unref(&flow);
}

static void
a_reader_may_outlive_all_other_owners(void **state)
{
	struct flow *flow = flow_new(WINDOW, false, 0), *more = flow_ref(flow);
	struct calls calls = {0};
	struct flow_reader reader = reader_of(&calls);

	(void)state;
	assert_true(flow_join(flow, &reader));
	flow_write(flow, "x", 1);
	flow_end(flow, true);
	flow_unref(&flow);
	flow_unref(&more);
	assert_reads(&reader, "x");
	assert_int_equal(read_some(&reader, 1), FLOW_END);
	flow_leave(&reader);
}

/* ---- several threads ---- */

enum { READERS = 4, TOTAL = 4 << 20, THREAD_WINDOW = 32 << 10 };

/* What a thread sleeps on until its flow calls. */
struct bell {
	struct lock lock;
	struct cond cond;
	bool rung; /* shared: under lock */
};

static void
bell_init(struct bell *bell)
{
	lock_init(&bell->lock);
	cond_init(&bell->cond);
	bell->rung = false;
}

static void
bell_fini(struct bell *bell)
{
	lock_fini(&bell->lock);
	cond_fini(&bell->cond);
}

static void
ring(void *arg)
{
	struct bell *bell = arg;

	lock_take(&bell->lock);
	bell->rung = true;
	cond_signal(&bell->cond);
	lock_drop(&bell->lock);
}

static void
no_ring(void *arg)
{
	(void)arg;
}

/* A call that never comes is what this is all about: ten seconds. */
static void
bell_wait(struct bell *bell)
{
	lock_take(&bell->lock);
	while (!bell->rung)
		must(cond_wait(&bell->cond, &bell->lock, 10000));
	bell->rung = false;
	lock_drop(&bell->lock);
}

static char
byte_at(uint64_t at)
{
	return (char)(at * 2654435761U >> 13);
}

struct guest {
	struct flow_reader reader;
	struct thread thread;
	struct bell bell;
	size_t piece;
	uint64_t leave_at;
	uint64_t got;
	uint64_t wrong;
	ssize_t last;
};

static void
read_all(void *arg)
{
	struct guest *guest = arg;
	char bytes[8192];
	ssize_t n, i;

	while (guest->got < guest->leave_at) {
		n = flow_read(&guest->reader, bytes, guest->piece);
		guest->last = n;
		if (n < 0)
			break;
		if (n == 0)
			bell_wait(&guest->bell);
		for (i = 0; i < n; i++)
			guest->wrong += bytes[i] != byte_at(guest->got + i);
		guest->got += (uint64_t)n;
	}
	flow_leave(&guest->reader);
}

/* Gives what the last write answered. */
static enum flow_took
write_all(struct flow *flow, struct bell *room)
{
	static char bytes[10000];
	enum flow_took took = FLOW_TOOK;
	uint64_t at = 0;
	size_t len, i;

	while (at < TOTAL) {
		len = 1 + at * 7919 % sizeof(bytes);
		if (len > TOTAL - at)
			len = TOTAL - at;
		for (i = 0; i < len; i++)
			bytes[i] = byte_at(at + i);
		took = flow_write(flow, bytes, len);
		if (took == FLOW_TOOK)
			at += len;
		else if (took == FLOW_FULL)
			bell_wait(room);
		else
			break;
	}
	return took;
}

static void
guests_begin(struct guest *guests, struct flow *flow, const uint64_t *leave_at)
{
	static const size_t pieces[READERS] = {8192, 1000, 4096, 333};
	struct err err;
	int i;

	for (i = 0; i < READERS; i++) {
		memset(&guests[i], 0, sizeof(guests[i]));
		bell_init(&guests[i].bell);
		guests[i].piece = pieces[i];
		guests[i].leave_at = leave_at[i];
		guests[i].reader.on_pause = no_ring;
		guests[i].reader.on_resume = ring;
		guests[i].reader.arg = &guests[i].bell;
		assert_true(flow_join(flow, &guests[i].reader));
	}
	for (i = 0; i < READERS; i++)
		assert_int_equal(thread_start(&guests[i].thread, "guest",
		    read_all, &guests[i], &err), 0);
}

static void
guests_end(struct guest *guests)
{
	int i;

	for (i = 0; i < READERS; i++) {
		thread_join(&guests[i].thread);
		assert_int_equal(guests[i].wrong, 0);
		bell_fini(&guests[i].bell);
	}
}

static void
threads_read_the_same_bytes_through_a_small_window(void **state)
{
	static const uint64_t leave_at[READERS] = {UINT64_MAX, TOTAL / 3,
	    UINT64_MAX, TOTAL / 2};
	struct flow *flow = flow_new(THREAD_WINDOW, false, 0);
	struct guest guests[READERS];
	struct bell room;

	(void)state;
	bell_init(&room);
	flow_on_room(flow, ring, &room);
	guests_begin(guests, flow, leave_at);
	assert_int_equal(write_all(flow, &room), FLOW_TOOK);
	flow_end(flow, true);
	guests_end(guests);
	assert_int_equal(guests[0].got, TOTAL);
	assert_int_equal(guests[0].last, FLOW_END);
	assert_int_equal(guests[2].got, TOTAL);
	assert_int_equal(guests[2].last, FLOW_END);
	assert_true(guests[1].got < TOTAL);
	assert_true(guests[3].got < TOTAL);
	bell_fini(&room);
	flow_unref(&flow);
}

static void
a_writer_learns_that_all_threads_left(void **state)
{
	static const uint64_t leave_at[READERS] = {TOTAL / 2, 1, TOTAL / 3,
	    TOTAL / 4};
	struct flow *flow = flow_new(THREAD_WINDOW, false, 0);
	struct guest guests[READERS];
	struct bell room;

	(void)state;
	bell_init(&room);
	flow_on_room(flow, ring, &room);
	guests_begin(guests, flow, leave_at);
	assert_int_equal(write_all(flow, &room), FLOW_GONE);
	flow_end(flow, false);
	guests_end(guests);
	bell_fini(&room);
	flow_unref(&flow);
}

static void
threads_read_while_all_is_kept(void **state)
{
	static const uint64_t leave_at[READERS] = {UINT64_MAX, UINT64_MAX,
	    TOTAL / 2, UINT64_MAX};
	struct flow *flow = flow_new(THREAD_WINDOW, true, TOTAL);
	struct guest guests[READERS];
	uint64_t at, wrong = 0;
	char *flat;

	(void)state;
	guests_begin(guests, flow, leave_at);
	assert_int_equal(write_all(flow, NULL), FLOW_TOOK);
	flow_end(flow, true);
	flat = flow_flatten(flow);
	assert_non_null(flat);
	for (at = 0; at < TOTAL; at++)
		wrong += flat[at] != byte_at(at);
	assert_int_equal(wrong, 0);
	free(flat);
	guests_end(guests);
	assert_int_equal(guests[0].got, TOTAL);
	assert_int_equal(guests[3].last, FLOW_END);
	flow_unref(&flow);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_reader_reads_all_at_its_own_pace),
	    cmocka_unit_test(who_finds_nothing_is_paused_and_resumed_once),
	    cmocka_unit_test(a_broken_flow_still_gives_what_came),
	    cmocka_unit_test(the_writer_waits_for_the_slowest_reader),
	    cmocka_unit_test(a_piece_over_the_window_passes_alone),
	    cmocka_unit_test(without_readers_yet_the_window_fills),
	    cmocka_unit_test(when_the_last_reader_left_the_writer_is_told),
	    cmocka_unit_test(
	        a_kept_flow_waits_for_nobody_and_stops_at_its_limit),
	    cmocka_unit_test(who_joins_late_gets_all_that_was_kept),
	    cmocka_unit_test(an_empty_flow_flattens_to_nothing),
	    cmocka_unit_test(what_is_kept_no_more_goes_when_it_was_read),
	    cmocka_unit_test(
	        a_reader_that_joins_after_another_left_is_written_for),
	    cmocka_unit_test(a_reader_may_outlive_all_other_owners),
	    cmocka_unit_test(
	        threads_read_the_same_bytes_through_a_small_window),
	    cmocka_unit_test(a_writer_learns_that_all_threads_left),
	    cmocka_unit_test(threads_read_while_all_is_kept),
	    cmocka_unit_test(a_look_at_what_is_kept_holds_nobody_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
