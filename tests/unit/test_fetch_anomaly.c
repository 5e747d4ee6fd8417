/* tests/unit/test_fetch_anomaly.c - every wrong answer, gathered and streamed
 *
 * The rows are what an upstream may do; `outcome` is what must be made of it,
 * and `early` whether it shows before the head is given to anybody. */
#include "fetch_rig.h"

static const struct row {
	const char *name;
	enum outcome outcome;
	bool early;
} rows[] = {
    {"cl-short", FETCH_BROKEN, false},
    {"chunk-cut", FETCH_BROKEN, false},
    {"chunk-cut-last", FETCH_BROKEN, false},
    {"chunk-garbage", FETCH_BROKEN, false},
    {"head-cut", FETCH_BROKEN, true},
    {"head-cut-line", FETCH_BROKEN, true},
    {"no-length", FETCH_OK, false},
    {"empty-reply", FETCH_BROKEN, true},
    {"http09", FETCH_MALFORMED, true},
    {"cl-te", FETCH_MALFORMED, true},
    {"cl-cl", FETCH_MALFORMED, true},
    {"cl-list", FETCH_MALFORMED, true},
    {"cl-plus", FETCH_MALFORMED, true},
    {"cl-negative", FETCH_MALFORMED, true},
    {"cl-words", FETCH_MALFORMED, true},
    {"cl-huge", FETCH_MALFORMED, true},
    {"nul-header", FETCH_MALFORMED, true},
    {"no-colon", FETCH_MALFORMED, true},
    {"te-unknown", FETCH_MALFORMED, true},
    {"te-gzip", FETCH_MALFORMED, true},
    {"te-twice", FETCH_MALFORMED, true},
    {"te-http10", FETCH_MALFORMED, true},
    {"long-header", FETCH_MALFORMED, true},
    {"many-headers", FETCH_MALFORMED, true},
    {"endless-headers", FETCH_MALFORMED, true},
    {"obs-fold", FETCH_MALFORMED, true},
    {"space-colon", FETCH_MALFORMED, true},
    {"bare-cr", FETCH_MALFORMED, true},
    {"control", FETCH_MALFORMED, true},
    {"status-junk", FETCH_MALFORMED, true},
    {"status-999", FETCH_MALFORMED, true},
    {"trailers", FETCH_OK, false},
    {"204-body", FETCH_OK, false},
    {"304-body", FETCH_OK, false},
    {"more-body", FETCH_OK, false},
    {"100x2000", FETCH_MALFORMED, true},
    {"103", FETCH_OK, false},
    {"101", FETCH_MALFORMED, true},
    {"gzip-cut", FETCH_BROKEN, false},
    {"gzip-junk", FETCH_MALFORMED, false},
    {"gzip-garbage", FETCH_MALFORMED, false},
    {"gzip-empty", FETCH_OK, false},
    {"coding-unknown", FETCH_OK, false},
    {"codings-6", FETCH_MALFORMED, true},
    {"bomb-gzip", FETCH_MALFORMED, false},
    {"hang", FETCH_HEAD_LATE, true},
    {"hang-head", FETCH_HEAD_LATE, true},
    {"hang-body", FETCH_LATE, false},
    {"reset", FETCH_BROKEN, true},
    {"reset-head", FETCH_BROKEN, true},
    {"reset-body", FETCH_BROKEN, false},
    {"reset-no-length", FETCH_BROKEN, false},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static struct rig rig;

static int
set_up(void **state)
{
	(void)state;
	rig_defaults(&rig);
	rig.up_opts.first_byte_ms = 700 * ORIGIN_SLOWER;
	rig.up_opts.total_ms = 900 * ORIGIN_SLOWER;
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

static void
check_answer(const struct row *row, struct page *page)
{
	const struct answer *answer = page->answer;

	assert_null(head_find(&answer->head, "Set-Cookie"));
	assert_null(head_find(&answer->head, "Transfer-Encoding"));
	assert_int_equal(
	    answer->close_delimited, strstr(row->name, "no-length") != NULL);
	if (strcmp(row->name, "coding-unknown") == 0)
		assert_string_equal(
		    head_find(&answer->head, "Content-Encoding"), "x-rot");
}

static void
check_body(const struct row *row, struct page *page, bool expect_whole)
{
	bool whole;
	size_t len;
	char *body = page_body(page, &len, &whole);
	int status = page->answer->status;

	if (whole != expect_whole)
		fail_msg("%s: whole %d, %zu bytes", row->name, whole, len);
	if (expect_whole && strcmp(row->name, "gzip-empty") != 0)
		assert_int_equal(len, status == 200 ? 5 : 0);
	free(body);
}

struct trial {
	char target[100];
	struct ask ask;
	struct page page;
};

static void
begin(struct trial *trial, const struct row *row, enum plan plan)
{
	memset(trial, 0, sizeof(*trial));
	snprintf(trial->target, sizeof(trial->target), "/bad/%s", row->name);
	trial->ask.target = trial->target;
	trial->ask.plan = plan;
	page_init(&trial->page, &trial->ask);
	page_ask(&rig, &trial->page);
}

static void
check(struct trial *trial, const struct row *row)
{
	struct page *page = &trial->page;
	struct ask *ask = &trial->ask;
	enum event event = page_wait(page), expected;

	expected = ask->plan == PLAN_STREAM && !row->early ? EVENT_HEAD
		   : row->outcome == FETCH_OK		   ? EVENT_DONE
							   : EVENT_FAILED;
	if (event != expected)
		fail_msg("%s: event %d, outcome %s (%s)", row->name, (int)event,
		    outcome_word(page->answer->outcome), page->answer->reason);
	if (event != EVENT_FAILED) {
		check_answer(row, page);
		check_body(row, page, row->outcome == FETCH_OK);
	}
	wait_for_end(ask);
	if (ask->outcome != (int)row->outcome)
		fail_msg("%s: outcome %s, not %s: %s", row->name,
		    outcome_word((enum outcome)ask->outcome),
		    outcome_word(row->outcome), page->answer->reason);
	assert_int_equal(ask->heads, row->early ? 0 : 1);
	if (event == EVENT_FAILED)
		assert_true(page->answer->reason[0] != '\0');
	page_fini(page);
}

static void
check_rows(const struct row *row, size_t count, enum plan plan)
{
	struct trial *trials = calloc(count, sizeof(*trials));

	for (size_t i = 0; i < count; i++)
		begin(&trials[i], &row[i], plan);
	for (size_t i = 0; i < count; i++)
		check(&trials[i], &row[i]);
	free(trials);
}

static void
nothing_wrong_is_ever_gathered(void **state)
{
	(void)state;
	check_rows(rows, ROWS, PLAN_GATHER);
}

static void
a_stream_that_goes_wrong_ends_broken(void **state)
{
	(void)state;
	check_rows(rows, ROWS, PLAN_STREAM);
}

static void
one_byte_a_second_ends_at_a_deadline(void **state)
{
	static const struct row slow[] = {
	    {"slow-body", FETCH_LATE, false},
	    {"slow-head", FETCH_HEAD_LATE, true},
	};

	(void)state;
	check_rows(slow, 2, PLAN_GATHER);
}

static void
a_body_stays_encoded_when_decoding_is_not_asked_for(void **state)
{
	struct ask ask = {.target = "/page?gzip=1&size=5000",
	    .plan = PLAN_GATHER,
	    .raw = true};
	struct page page;

	(void)state;
	page_init(&page, &ask);
	page_ask(&rig, &page);
	assert_int_equal(page_wait(&page), EVENT_DONE);
	assert_string_equal(
	    head_find(&page.answer->head, "Content-Encoding"), "gzip");
	assert_false(page.answer->decoded);
	wait_for_end(&ask);
	page_fini(&page);
}

static void
a_body_is_decoded_and_its_head_says_so(void **state)
{
	struct ask ask = {
	    .target = "/page?gzip=1&size=5000", .plan = PLAN_GATHER};
	struct page page;

	(void)state;
	page_init(&page, &ask);
	page_ask(&rig, &page);
	assert_int_equal(page_wait(&page), EVENT_DONE);
	assert_true(page.answer->decoded);
	assert_null(head_find(&page.answer->head, "Content-Encoding"));
	assert_null(head_find(&page.answer->head, "Content-Length"));
	assert_int_equal(flow_len(page.answer->flow), 5000);
	wait_for_end(&ask);
	page_fini(&page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_wrong_is_ever_gathered),
	    cmocka_unit_test(a_stream_that_goes_wrong_ends_broken),
	    cmocka_unit_test(one_byte_a_second_ends_at_a_deadline),
	    cmocka_unit_test(
		a_body_stays_encoded_when_decoding_is_not_asked_for),
	    cmocka_unit_test(a_body_is_decoded_and_its_head_says_so),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
