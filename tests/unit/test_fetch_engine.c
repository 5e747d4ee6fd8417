/* tests/unit/test_fetch_engine.c - getting things from a real origin */
#include "fetch_rig.h"

static int
set_up(void **state)
{
	struct rig *rig = malloc(sizeof(*rig));

	rig_defaults(rig);
	rig_start(rig);
	*state = rig;
	return 0;
}

static int
tear_down(void **state)
{
	struct rig *rig = *state;

	rig_stop(rig);
	free(rig);
	return 0;
}

static void
a_page_is_gathered_whole(void **state)
{
	struct ask ask = {
	    .target = "/page?size=30000&max-age=60", .plan = PLAN_GATHER};
	struct page page;
	size_t len;
	bool whole;
	char *body;

	page_init(&page, &ask);
	page_ask(*state, &page);
	assert_int_equal(page_wait(&page), EVENT_DONE);
	assert_true(page.waiter.leader);
	assert_int_equal(page.answer->outcome, FETCH_OK);
	assert_int_equal(page.answer->status, 200);
	assert_int_equal(page.answer->length, 30000);
	assert_string_equal(
	    head_find(&page.answer->head, "Cache-Control"), "max-age=60");
	body = page_body(&page, &len, &whole);
	assert_int_equal(len, 30000);
	assert_non_null(strstr(body, "<main"));
	free(body);
	wait_for_end(&ask);
	page_fini(&page);
}

static void
a_page_is_streamed_whole(void **state)
{
	struct ask ask = {
	    .target = "/page?size=300000&chunked=1", .plan = PLAN_STREAM};
	struct page page;
	size_t len;
	bool whole;
	char *body;

	page_init(&page, &ask);
	page_ask(*state, &page);
	assert_int_equal(page_wait(&page), EVENT_HEAD);
	assert_int_equal(page.answer->length, -1);
	body = page_body(&page, &len, &whole);
	assert_true(whole);
	assert_int_equal(len, 300000);
	free(body);
	wait_for_end(&ask);
	assert_int_equal(ask.outcome, FETCH_OK);
	page_fini(&page);
}

static void
what_passes_through_may_stay_coded_as_on_head_says(void **state)
{
	struct ask ask = {.target = "/page?size=300000&gzip=1",
	    .plan = PLAN_STREAM, .raw_at_head = true};
	struct page page;
	size_t len;
	bool whole;
	char *body;

	page_init(&page, &ask);
	page_ask(*state, &page);
	assert_int_equal(page_wait(&page), EVENT_HEAD);
	assert_string_equal(
	    head_find(&page.answer->head, "Content-Encoding"), "gzip");
	assert_null(head_find(&page.answer->head, "Content-Length"));
	assert_int_equal(page.answer->length, -1);
	body = page_body(&page, &len, &whole);
	assert_true(whole);
	assert_memory_equal(body, "\x1f\x8b", 2);
	free(body);
	wait_for_end(&ask);
	page_fini(&page);
}

static struct rig *asking_rig;
static struct page asked_meanwhile;

/* On the fetch thread, which has just taken what was asked: somebody asks
 * for more, and nothing else happens there. */
static bool
more_is_asked(struct errand *errand, struct answer *answer)
{
	(void)errand;
	answer->outcome = FETCH_OK;
	page_ask(asking_rig, &asked_meanwhile);
	return true;
}

static void
what_is_asked_while_asks_are_taken_is_heard(void **state)
{
	struct ask first = {.target = "/first", .key = "same"};
	struct ask second = {
	    .target = "/second", .key = "same", .plan = PLAN_GATHER};
	struct errand *errand = errand_for(*state, &first);
	struct page page;

	asking_rig = *state;
	page_init(&page, &first);
	page_init(&asked_meanwhile, &second);
	errand->on_ask = more_is_asked;
	fetch_ask(asking_rig->fetch, &errand, &page.waiter);
	assert_int_equal(page_wait(&page), EVENT_DONE);
	assert_int_equal(page_wait(&asked_meanwhile), EVENT_DONE);
	assert_int_equal(asked_meanwhile.answer->status, 200);
	/* both asks are on this stack */
	wait_for_end(&second);
	while (!atomic_load(&first.frees))
		usleep(1000);
	page_fini(&page);
	page_fini(&asked_meanwhile);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_asked_while_asks_are_taken_is_heard),
	    cmocka_unit_test(a_page_is_gathered_whole),
	    cmocka_unit_test(a_page_is_streamed_whole),
	    cmocka_unit_test(
		what_passes_through_may_stay_coded_as_on_head_says),

	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
