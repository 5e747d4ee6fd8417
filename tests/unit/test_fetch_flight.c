/* tests/unit/test_fetch_flight.c - many pages, one question */
#include "fetch_rig.h"

enum { CROWD = 200, FEW = 40 };

static struct rig rig;

static int
set_up(void **state)
{
	(void)state;
	rig_defaults(&rig);
	rig_start(&rig);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	rig_stop(&rig);
	return 0;
}

static struct page *
crowd(struct ask *ask, size_t count)
{
	struct page *pages = calloc(count, sizeof(*pages));

	for (size_t i = 0; i < count; i++)
		page_init(&pages[i], ask);
	for (size_t i = 0; i < count; i++)
		page_ask(&rig, &pages[i]);
	return pages;
}

static void
disperse(struct page *pages, size_t count)
{
	for (size_t i = 0; i < count; i++)
		page_fini(&pages[i]);
	free(pages);
}

static void
wait_frees(struct ask *ask, int count)
{
	for (int i = 0; i < 5000 && atomic_load(&ask->frees) < count; i++)
		usleep(1000);
	assert_int_equal(atomic_load(&ask->frees), count);
}

static void
wait_busy(const char *path, long count)
{
	char target[300];

	snprintf(target, sizeof(target), "/_count?path=%s", path);
	for (int i = 0; i < 5000 && origin_count(rig.port, target) < count; i++)
		usleep(1000);
}

static long
count_of(const char *path)
{
	char target[300];

	snprintf(target, sizeof(target), "/_count?path=%s", path);
	return origin_count(rig.port, target);
}

static void
go(void)
{
	free(origin_says(rig.port, "/_go"));
}

static void
check_streamed(struct page *page, size_t expected)
{
	bool whole;
	size_t len;
	char *body = page_body(page, &len, &whole);

	if (!whole || len != expected)
		fail_msg("%zu bytes, whole %d, outcome %d: %s", len, whole,
		    atomic_load(&page->ask->outcome), page->answer->reason);
	free(body);
}

static void
two_hundred_waiters_make_one_request(void **state)
{
	struct ask ask = {.target = "/crowd?size=20000&hold=1",
	    .key = "p site http://a/crowd",
	    .plan = PLAN_GATHER};
	struct page *pages = crowd(&ask, CROWD);
	int leaders = 0;

	(void)state;
	wait_busy("/crowd", 1);
	go();
	for (int i = 0; i < CROWD; i++) {
		assert_int_equal(page_wait(&pages[i]), EVENT_DONE);
		assert_ptr_equal(pages[i].answer, pages[0].answer);
		leaders += pages[i].waiter.leader;
	}
	assert_int_equal(leaders, 1);
	assert_true(pages[0].waiter.leader);
	wait_frees(&ask, CROWD);
	assert_int_equal(ask.heads, 1);
	assert_int_equal(ask.ends, 1);
	assert_int_equal(count_of("/crowd"), 1);
	disperse(pages, CROWD);
}

static void
pages_without_a_key_never_share(void **state)
{
	struct ask ask = {.target = "/apart", .plan = PLAN_GATHER};
	struct page *pages = crowd(&ask, FEW);

	(void)state;
	for (int i = 0; i < FEW; i++)
		assert_int_equal(page_wait(&pages[i]), EVENT_DONE);
	wait_frees(&ask, FEW);
	assert_int_equal(count_of("/apart"), FEW);
	disperse(pages, FEW);
}

static void
check_release(const char *target, const char *path, enum plan plan)
{
	struct ask ask = {.target = target, .key = path, .plan = plan};
	struct page *pages = crowd(&ask, FEW);

	wait_busy(path, 1);
	go();
	for (int i = 1; i < FEW; i++) {
		assert_int_equal(page_wait(&pages[i]), EVENT_ALONE);
		assert_null(pages[i].answer);
	}
	if (plan == PLAN_STREAM) {
		assert_int_equal(page_wait(&pages[0]), EVENT_HEAD);
		check_streamed(&pages[0], 5000);
	} else {
		assert_int_equal(page_wait(&pages[0]), EVENT_DONE);
		/* They were told at the head, not at the end. */
		assert_true(pages[0].told_ms >= pages[1].told_ms + 50);
	}
	wait_frees(&ask, FEW);
	assert_int_equal(count_of(path), 1);
	disperse(pages, FEW);
}

static void
who_cannot_share_is_released_at_the_head(void **state)
{
	(void)state;
	check_release("/alone?hold=1&size=5000&body-delay=100", "/alone",
	    PLAN_GATHER_ALONE);
	check_release("/alone2?hold=1&size=5000", "/alone2", PLAN_STREAM);
}

static void
who_comes_after_the_head_joins_what_is_gathered(void **state)
{
	struct ask ask = {.target = "/after?size=5000&body-delay=150",
	    .key = "after",
	    .plan = PLAN_GATHER};
	struct page first, second;

	(void)state;
	page_init(&first, &ask);
	page_init(&second, &ask);
	page_ask(&rig, &first);
	while (!atomic_load(&ask.heads))
		usleep(1000);
	page_ask(&rig, &second);
	assert_int_equal(page_wait(&first), EVENT_DONE);
	assert_int_equal(page_wait(&second), EVENT_DONE);
	assert_ptr_equal(first.answer, second.answer);
	wait_frees(&ask, 2);
	assert_int_equal(count_of("/after"), 1);
	page_fini(&first);
	page_fini(&second);
}

static void
a_shared_stream_is_read_whole_by_who_comes_late(void **state)
{
	struct ask ask = {.target = "/share?size=64000&drip=10",
	    .key = "share",
	    .plan = PLAN_SHARE};
	struct page *pages = crowd(&ask, 3), late;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(page_wait(&pages[i]), EVENT_HEAD);
	usleep(30000);
	page_init(&late, &ask);
	page_ask(&rig, &late);
	assert_int_equal(page_wait(&late), EVENT_HEAD);
	check_streamed(&late, 64000);
	for (int i = 0; i < 3; i++)
		check_streamed(&pages[i], 64000);
	wait_frees(&ask, 4);
	assert_int_equal(ask.ends, 1);
	assert_int_equal(ask.outcome, FETCH_OK);
	assert_int_equal(count_of("/share"), 1);
	page_fini(&late);
	disperse(pages, 3);
}

static void
who_comes_to_a_private_stream_asks_anew(void **state)
{
	struct ask ask = {.target = "/private?size=5000&body-delay=150",
	    .key = "private",
	    .plan = PLAN_STREAM};
	struct page first, second;

	(void)state;
	page_init(&first, &ask);
	page_init(&second, &ask);
	page_ask(&rig, &first);
	assert_int_equal(page_wait(&first), EVENT_HEAD);
	page_ask(&rig, &second);
	assert_int_equal(page_wait(&second), EVENT_HEAD);
	assert_true(second.waiter.leader);
	check_streamed(&first, 5000);
	check_streamed(&second, 5000);
	wait_frees(&ask, 2);
	assert_int_equal(count_of("/private"), 2);
	page_fini(&first);
	page_fini(&second);
}

static void
a_body_past_keep_max_is_streamed_to_all_who_waited(void **state)
{
	const char *const targets[] = {"/over?size=3000000&chunked=1",
	    "/over2?size=3000000"}; /* known too long from its head on */

	(void)state;
	for (int t = 0; t < 2; t++) {
		struct ask ask = {.target = targets[t],
		    .key = targets[t],
		    .plan = PLAN_GATHER,
		    .keep_max = 1000000};
		struct page *pages = crowd(&ask, 1);

		assert_int_equal(page_wait(&pages[0]), EVENT_HEAD);
		assert_true(pages[0].waiter.oversize);
		check_streamed(&pages[0], 3000000);
		wait_frees(&ask, 1);
		assert_int_equal(ask.ends, 1);
		disperse(pages, 1);
	}
}

static void
oversize_reaches_every_waiter(void **state)
{
	struct ask ask = {.target = "/over3?hold=1&size=200000&chunked=1",
	    .key = "over3",
	    .plan = PLAN_GATHER,
	    .keep_max = 100000};
	struct page *pages = crowd(&ask, FEW);

	(void)state;
	wait_busy("/over3", 1);
	go();
	for (int i = 0; i < FEW; i++) {
		assert_int_equal(page_wait(&pages[i]), EVENT_HEAD);
		assert_true(pages[i].reads);
	}
	for (int i = 0; i < FEW; i++)
		check_streamed(&pages[i], 200000);
	wait_frees(&ask, FEW);
	disperse(pages, FEW);
}

static void
who_is_late_leaves_and_the_flight_goes_on(void **state)
{
	struct ask ask = {
	    .target = "/late?delay=300", .key = "late", .plan = PLAN_GATHER};
	struct page page, other;
	uint64_t began = now_ms();

	(void)state;
	page_init(&page, &ask);
	page_init(&other, &ask);
	page.waiter.late_at_ms = began + 50;
	page_ask(&rig, &page);
	page_ask(&rig, &other);
	assert_int_equal(page_wait(&page), EVENT_LATE);
	assert_null(page.answer);
	assert_in_range(page.told_ms - began, 49, 280);
	assert_int_equal(page_wait(&other), EVENT_DONE);
	wait_frees(&ask, 2);
	assert_int_equal(ask.outcome, FETCH_OK);
	page_fini(&page);
	page_fini(&other);
}

static void
a_flight_that_all_were_late_for_fills_the_cache(void **state)
{
	struct ask ask = {
	    .target = "/late2?delay=200", .key = "late2", .plan = PLAN_GATHER};
	struct page page;

	(void)state;
	page_init(&page, &ask);
	page.waiter.late_at_ms = now_ms() + 20;
	page_ask(&rig, &page);
	assert_int_equal(page_wait(&page), EVENT_LATE);
	wait_for_end(&ask);
	assert_int_equal(ask.outcome, FETCH_OK);
	page_fini(&page);
}

static void
who_is_gone_is_told_soon_and_ends_its_flight(void **state)
{
	struct ask ask = {
	    .target = "/gone?delay=1000", .key = "gone", .plan = PLAN_GATHER};
	struct page page;
	uint64_t began;

	(void)state;
	page_init(&page, &ask);
	page_ask(&rig, &page);
	usleep(20000);
	began = now_ms();
	atomic_store(&page.gone, true);
	assert_int_equal(page_wait(&page), EVENT_FAILED);
	assert_int_equal(page.answer->outcome, FETCH_LEFT);
	assert_true(page.told_ms - began <= 500);
	wait_for_end(&ask);
	assert_int_equal(ask.outcome, FETCH_LEFT);
	page_fini(&page);
}

static void
one_who_goes_leaves_the_others_waiting(void **state)
{
	struct ask ask = {
	    .target = "/gone2?delay=300", .key = "gone2", .plan = PLAN_GATHER};
	struct page *pages = crowd(&ask, 3);

	(void)state;
	atomic_store(&pages[0].gone, true);
	assert_int_equal(page_wait(&pages[0]), EVENT_FAILED);
	assert_int_equal(page_wait(&pages[1]), EVENT_DONE);
	assert_int_equal(page_wait(&pages[2]), EVENT_DONE);
	wait_frees(&ask, 3);
	assert_int_equal(count_of("/gone2"), 1);
	disperse(pages, 3);
}

static void
what_outlives_goes_on_until_its_head_cannot_be_shared(void **state)
{
	static const enum plan plans[] = {
	    PLAN_GATHER, PLAN_SHARE, PLAN_GATHER_ALONE, PLAN_STREAM};
	static const enum outcome outcomes[] = {
	    FETCH_OK, FETCH_OK, FETCH_LEFT, FETCH_LEFT};
	struct ask asks[4];
	struct page pages[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		asks[i] =
		    (struct ask){.target = "/outlives?delay=250&size=40000",
			.plan = plans[i],
			.outlives = true};
		page_init(&pages[i], &asks[i]);
		page_ask(&rig, &pages[i]);
		atomic_store(&pages[i].gone, true);
	}
	for (int i = 0; i < 4; i++) {
		assert_int_equal(page_wait(&pages[i]), EVENT_FAILED);
		wait_for_end(&asks[i]);
		assert_int_equal(asks[i].outcome, outcomes[i]);
		page_fini(&pages[i]);
	}
}

static void
a_reader_who_leaves_ends_a_silent_stream(void **state)
{
	struct ask ask = {.target = "/bad/hang-body", .plan = PLAN_STREAM};
	struct page page;

	(void)state;
	page_init(&page, &ask);
	page_ask(&rig, &page);
	assert_int_equal(page_wait(&page), EVENT_HEAD);
	flow_leave(&page.reader);
	wait_for_end(&ask);
	assert_int_equal(ask.outcome, FETCH_LEFT);
	page_fini(&page);
}

static void
a_refresh_is_dropped_when_the_same_is_in_the_air(void **state)
{
	struct ask ask = {.target = "/refresh?delay=100",
	    .key = "refresh",
	    .plan = PLAN_GATHER};

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct errand *errand = errand_for(&rig, &ask);

		fetch_ask(rig.fetch, &errand, NULL);
	}
	wait_frees(&ask, 5);
	assert_int_equal(ask.ends, 1);
	assert_int_equal(ask.outcome, FETCH_OK);
	assert_int_equal(count_of("/refresh"), 1);
}

static void
a_page_may_join_a_refresh(void **state)
{
	struct ask ask = {.target = "/refresh2?delay=100",
	    .key = "refresh2",
	    .plan = PLAN_GATHER};
	struct errand *errand = errand_for(&rig, &ask);
	struct page page;

	(void)state;
	fetch_ask(rig.fetch, &errand, NULL);
	usleep(20000);
	page_init(&page, &ask);
	page_ask(&rig, &page);
	assert_int_equal(page_wait(&page), EVENT_DONE);
	assert_false(page.waiter.leader);
	wait_frees(&ask, 2);
	assert_int_equal(count_of("/refresh2"), 1);
	page_fini(&page);
}

static void
too_many_are_turned_away_at_once(void **state)
{
	struct ask ask = {.target = "/many?hold=1", .plan = PLAN_GATHER};
	struct page *pages;
	int away = 0;

	(void)state;
	rig.up_opts.misses_max = 10;
	ask.up = up_at(&rig, "127.0.0.1", rig.port);
	rig.up_opts.misses_max = 1000;
	pages = crowd(&ask, 15);
	wait_busy("/many", 10);
	go();
	for (int i = 0; i < 15; i++)
		if (page_wait(&pages[i]) == EVENT_FAILED)
			away += pages[i].answer->outcome == FETCH_TOO_MANY;
	assert_int_equal(away, 5);
	wait_frees(&ask, 15);
	assert_int_equal(upstream_in_flight(ask.up), 0);
	disperse(pages, 15);
	upstream_unref(&ask.up);
}

static void
stopping_fails_what_is_in_the_air(void **state)
{
	struct rig other;
	struct ask ask = {.target = "/stop?mode=hang", .plan = PLAN_GATHER};
	struct page page;

	(void)state;
	rig_defaults(&other);
	rig_start(&other);
	page_init(&page, &ask);
	page_ask(&other, &page);
	usleep(20000);
	fetch_stop(&other.fetch);
	assert_int_equal(page_wait(&page), EVENT_FAILED);
	assert_int_equal(page.answer->outcome, FETCH_STOPPED);
	wait_for_end(&ask);
	page_fini(&page);
	rig_stop(&other);
}

static void
no_transfer_is_left_over(void **state)
{
	(void)state;
	for (int i = 0; i < 2000 && counter_read(COUNT_TRANSFERS); i++)
		usleep(1000);
	assert_int_equal(counter_read(COUNT_TRANSFERS), 0);
	assert_int_equal(upstream_in_flight(rig.up), 0);
	assert_true(counter_read(COUNT_COALESCED) >= CROWD - 1);
	assert_true(counter_read(COUNT_RELEASED) >= 2 * (FEW - 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_hundred_waiters_make_one_request),
	    cmocka_unit_test(pages_without_a_key_never_share),
	    cmocka_unit_test(who_cannot_share_is_released_at_the_head),
	    cmocka_unit_test(who_comes_after_the_head_joins_what_is_gathered),
	    cmocka_unit_test(a_shared_stream_is_read_whole_by_who_comes_late),
	    cmocka_unit_test(who_comes_to_a_private_stream_asks_anew),
	    cmocka_unit_test(
		a_body_past_keep_max_is_streamed_to_all_who_waited),
	    cmocka_unit_test(oversize_reaches_every_waiter),
	    cmocka_unit_test(who_is_late_leaves_and_the_flight_goes_on),
	    cmocka_unit_test(a_flight_that_all_were_late_for_fills_the_cache),
	    cmocka_unit_test(who_is_gone_is_told_soon_and_ends_its_flight),
	    cmocka_unit_test(one_who_goes_leaves_the_others_waiting),
	    cmocka_unit_test(
		what_outlives_goes_on_until_its_head_cannot_be_shared),
	    cmocka_unit_test(a_reader_who_leaves_ends_a_silent_stream),
	    cmocka_unit_test(a_refresh_is_dropped_when_the_same_is_in_the_air),
	    cmocka_unit_test(a_page_may_join_a_refresh),
	    cmocka_unit_test(too_many_are_turned_away_at_once),
	    cmocka_unit_test(stopping_fails_what_is_in_the_air),
	    cmocka_unit_test(no_transfer_is_left_over),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
