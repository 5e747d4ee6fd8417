/* tests/unit/test_cache_policy.c - RFC 9111 as tables: facts in, verdict out
 *
 * doc/rfc9111.md names these tests beside the rules they hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/date.h"
#include "policy_help.h"

static const struct policy_opts lenient = {.stale_override = true,
    .stale_max_ms = 7 * DAY};
static const struct policy_opts obedient = {.stale_max_ms = 7 * DAY,
    .honour_request = HONOUR_ON};
static const struct policy_opts choosy = {.stale_max_ms = 7 * DAY,
    .honour_request = HONOUR_ALLOWED};
static const struct policy_opts told = {.stale_max_ms = 7 * DAY,
    .ttl_header = "X-Accel-Expires"};
static const struct policy_opts ttl_60 = {.stale_max_ms = 7 * DAY,
    .default_ttl_ms = 60000};

static void
read_request(struct policy_request *request, struct arena *arena,
    const char *lines)
{
	struct head head;

	read_lines(&head, arena, lines);
	*request = (struct policy_request){.is_get = true};
	request->has_authorization =
	    head_find(&head, "Authorization") != NULL;
	cachecontrol_read(&request->cc, &head, "Cache-Control");
}

/* ---- storing ---- */

static const struct {
	const char *request, *answer;
	int status;
	bool store, share;
	const char *why;
} storing[] = {
	{"", DATE "Cache-Control: max-age=60\n", 200, true, true, "stored"},
	{"", DATE "Cache-Control: s-maxage=60\n", 200, true, true, "stored"},
	{"", DATE "Expires: Tue, 14 Nov 2023 22:14:20 GMT\n", 200, true, true,
	    "stored"},
	{"", DATE "Cache-Control: no-store\n", 200, false, false, "no-store"},
	{"", DATE "Cache-Control: no-store, max-age=60\n", 200, false, false,
	    "no-store"},
	{"", DATE "Cache-Control: private\n", 200, false, false, "private"},
	{"", DATE "Cache-Control: max-age=60, private=\"x\"\n", 200, false,
	    false, "private"},
	{"", DATE "Cache-Control: max-age=60\nSet-Cookie: a=b\n", 200, false,
	    false, "set-cookie"},
	{"", DATE "Cache-Control: max-age=60\nVary: *\n", 200, false, false,
	    "vary *"},
	{"", DATE "Cache-Control: max-age=60\nVary: Foo, *\n", 200, false,
	    false, "vary *"},
	{"", DATE "Cache-Control: max-age=60\nVary: Foo\nVary: , *\n", 200,
	    false, false, "vary *"},
	{"", DATE "Cache-Control: max-age=60\nVary: Foo\n", 200, true, true,
	    "stored"},
	/* 3.5: Authorization */
	{"Authorization: x\n", DATE "Cache-Control: max-age=60\n", 200, false,
	    false, "authorization"},
	{"Authorization: x\n", DATE "Cache-Control: max-age=60, public\n",
	    200, true, true, "stored"},
	{"Authorization: x\n", DATE "Cache-Control: s-maxage=60\n", 200, true,
	    true, "stored"},
	{"Authorization: x\n", DATE
	    "Cache-Control: max-age=60, must-revalidate\n", 200, true, true,
	    "stored"},
	/* 5.2.1.5: the request's no-store */
	{"Cache-Control: no-store\n", DATE "Cache-Control: max-age=60\n", 200,
	    false, true, "request no-store"},
	/* statuses */
	{"", DATE "Cache-Control: max-age=60\n", 404, true, true, "stored"},
	{"", DATE "Cache-Control: max-age=60\n", 302, true, true, "stored"},
	{"", DATE, 302, false, true, "no freshness"},
	{"", DATE "Cache-Control: max-age=60\n", 206, false, false, "status"},
	{"", DATE "Cache-Control: max-age=60\n", 304, false, false, "status"},
	{"", DATE "Cache-Control: max-age=60\n", 416, false, false, "status"},
	/* how it was asked is one client's, whatever the answer says */
	{"", DATE "Cache-Control: max-age=60\n", 406, false, false, "status"},
	{"", DATE "Cache-Control: max-age=60\n", 400, true, true, "stored"},
	{"", DATE, 400, false, true, "no freshness"},
	{"", DATE "Cache-Control: max-age=60, public\n", 413, false, false,
	    "status"},
	{"", DATE "Cache-Control: s-maxage=60\n", 429, false, false, "status"},
	{"", DATE "Cache-Control: max-age=60\n", 431, false, false, "status"},
	/* a failure only by its own word */
	{"", DATE "Cache-Control: max-age=60\n", 503, true, true, "stored"},
	{"", DATE "Expires: Tue, 14 Nov 2023 22:14:20 GMT\n", 500, true, true,
	    "stored"},
	{"", DATE, 503, false, true, "status"},
	{"", DATE "Cache-Control: max-age=0\n", 500, false, true, "status"},
	{"", DATE "Cache-Control: public\n"
	    "Last-Modified: Mon, 13 Nov 2023 22:13:20 GMT\n", 502, false, true,
	    "status"},
	{"", DATE "Cache-Control: max-age=60, no-cache\nETag: \"a\"\n", 504,
	    false, false, "status"},
	/* RFC 9213: what is said to this cache alone */
	{"", DATE "Cache-Control: no-store\nCDN-Cache-Control: max-age=60\n",
	    200, true, true, "stored"},
	{"", DATE "Cache-Control: max-age=60\nCDN-Cache-Control: no-store\n",
	    200, false, false, "no-store"},
	{"", DATE "Cache-Control: max-age=60\nSurrogate-Control: no-store\n",
	    200, false, false, "no-store"},
	{"", DATE "Expires: Tue, 14 Nov 2023 22:14:20 GMT\n"
	    "CDN-Cache-Control: must-revalidate\n", 200, false, true,
	    "no freshness"},
	{"", DATE "Cache-Control: max-age=60\n", 101, false, true, "status"},
	{"", DATE "Cache-Control: max-age=60\n", 599, true, true, "stored"},
	/* 5.2.2.3: must-understand */
	{"", DATE "Cache-Control: max-age=60, no-store, must-understand\n",
	    200, true, true, "stored"},
	{"", DATE "Cache-Control: max-age=60, no-store, must-understand\n",
	    499, false, false, "no-store"},
	{"", DATE "Cache-Control: max-age=60, must-understand\n", 499, false,
	    true, "must-understand"},
	/* nothing said */
	{"", DATE, 200, false, true, "no freshness"},
	{"", DATE "Last-Modified: Mon, 13 Nov 2023 22:13:20 GMT\n", 200, true,
	    true, "heuristic"},
	{"", DATE "Last-Modified: Mon, 13 Nov 2023 22:13:20 GMT\n", 403,
	    false, true, "no freshness"},
	{"", DATE "Last-Modified: Mon, 13 Nov 2023 22:13:20 GMT\n"
	    "Cache-Control: public\n", 403, true, true, "heuristic"},
	/* stored to be asked about */
	{"", DATE "Cache-Control: no-cache\nETag: \"a\"\n", 200, true, false,
	    "stored"},
	{"", DATE "Cache-Control: no-cache\n", 200, false, false,
	    "no-cache"},
	{"", DATE "Cache-Control: no-cache, max-age=60\nETag: \"a\"\n", 200,
	    true, false, "stored"},
	{"", DATE "Cache-Control: no-cache, max-age=60\n", 200, false, false,
	    "no-cache"},
	{"", DATE "Cache-Control: max-age=0\n", 200, true, true, "stored"},
	{"", DATE "Cache-Control: max-age=0, must-revalidate\n", 200, false,
	    true, "stale"},
	{"", DATE "Cache-Control: max-age=0, must-revalidate\nETag: \"a\"\n",
	    200, true, true, "stored"},
};

static void
what_may_be_stored_and_shared(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(storing); i++) {
		struct arena *arena = arena_new(1024);
		struct policy_request request;
		struct policy_storing got;
		struct head head;
		struct policy_answer answer = {storing[i].status, &head,
		    NOW_MS, NOW_MS};

		read_request(&request, arena, storing[i].request);
		read_lines(&head, arena, storing[i].answer);
		got = policy_store(&request, &answer, &plain);
		if (got.store != storing[i].store ||
		    got.share != storing[i].share ||
		    strcmp(got.why, storing[i].why) != 0)
			fail_msg("row %zu (%d %s%s): store %d share %d why "
			    "%s", i, storing[i].status, storing[i].request,
			    storing[i].answer, got.store, got.share, got.why);
		arena_free(&arena);
	}
}

static void
the_answer_to_head_is_not_stored(void **state)
{
	struct arena *arena = arena_new(1024);
	struct policy_request request = {.is_head = true};
	struct head head;
	struct policy_answer answer = {200, &head, NOW_MS, NOW_MS};
	struct policy_storing got;

	(void)state;
	read_lines(&head, arena, DATE "Cache-Control: max-age=60\n");
	got = policy_store(&request, &answer, &plain);
	assert_false(got.store);
	assert_string_equal(got.why, "method");
	arena_free(&arena);
}

static void
with_a_default_ttl_what_says_nothing_is_stored(void **state)
{
	struct arena *arena = arena_new(1024);
	struct policy_request request;
	struct head head;
	struct policy_answer answer = {200, &head, NOW_MS, NOW_MS};
	struct policy_storing got;

	(void)state;
	read_request(&request, arena, "");
	read_lines(&head, arena, DATE);
	got = policy_store(&request, &answer, &ttl_60);
	assert_true(got.store);
	assert_int_equal(got.fresh.lifetime_ms, 60000);
	answer.status = 302;
	assert_false(policy_store(&request, &answer, &ttl_60).store);
	arena_free(&arena);
}

static void
with_stale_override_a_page_that_forbids_all_is_kept_for_an_outage(
    void **state)
{
	struct arena *arena = arena_new(1024);
	struct policy_request request;
	struct head head;
	struct policy_answer answer = {200, &head, NOW_MS, NOW_MS};

	(void)state;
	read_request(&request, arena, "");
	read_lines(&head, arena, DATE
	    "Cache-Control: no-cache, must-revalidate, max-age=0\n");
	assert_false(policy_store(&request, &answer, &plain).store);
	assert_true(policy_store(&request, &answer, &lenient).store);
	arena_free(&arena);
}

/* ---- freshness ---- */

static const struct {
	const char *answer;
	int64_t lifetime_ms;
	bool strict, no_cache;
	int64_t swr_ms, sie_ms;
} lifetimes[] = {
	{DATE "Cache-Control: s-maxage=10, max-age=20\n"
	    "Expires: Tue, 14 Nov 2023 22:14:20 GMT\n", 10000, true, false, 0,
	    -1},
	{DATE "Cache-Control: max-age=20\n"
	    "Expires: Tue, 14 Nov 2023 22:14:20 GMT\n", 20000, false, false,
	    0, -1},
	{DATE "Expires: Tue, 14 Nov 2023 22:14:20 GMT\n", 60000, false, false,
	    0, -1},
	/* Expires counts from the sender's own clock */
	{"Date: Tue, 14 Nov 2023 21:13:20 GMT\n"
	    "Expires: Tue, 14 Nov 2023 21:14:20 GMT\n", 60000, false, false,
	    0, -1},
	{DATE "Expires: Tuesday, 14-Nov-23 22:14:20 GMT\n", 60000, false,
	    false, 0, -1},
	{DATE "Expires: Tue Nov 14 22:14:20 2023\n", 60000, false, false, 0,
	    -1},
	{DATE "Expires: 0\n", 0, false, false, 0, -1},
	{DATE "Expires: -1\n", 0, false, false, 0, -1},
	{DATE "Expires: Tue, 14 Nov 2023 22:14:20 CET\n", 0, false, false, 0,
	    -1},
	{DATE "Expires: Tue, 14 Nov 2023 20:14:20 GMT\n", 0, false, false, 0,
	    -1},
	{DATE "Expires: Tue, 14 Nov 2023 22:14:20 GMT\nExpires: 0\n", 0,
	    false, false, 0, -1},
	{DATE "Cache-Control: max-age=abc\n", 0, false, false, 0, -1},
	{DATE "Cache-Control: max-age=99999999999\n", 2147483648000, false,
	    false, 0, -1},
	{DATE "Cache-Control: max-age=60, must-revalidate\n", 60000, true,
	    false, 0, -1},
	{DATE "Cache-Control: max-age=60, proxy-revalidate\n", 60000, true,
	    false, 0, -1},
	{DATE "Cache-Control: max-age=60, no-cache\n", 60000, false, true, 0,
	    -1},
	{DATE "Cache-Control: max-age=60, stale-while-revalidate=30, "
	    "stale-if-error=90\n", 60000, false, false, 30000, 90000},
	{DATE "Cache-Control: max-age=60, stale-if-error=0\n", 60000, false,
	    false, 0, 0},
	/* 4.2.2: a tenth, a day at most, nothing for a future change */
	{DATE "Last-Modified: Tue, 14 Nov 2023 22:03:20 GMT\n", 60000, false,
	    false, 0, -1},
	{DATE "Last-Modified: Tue, 14 Nov 2000 22:03:20 GMT\n", DAY, false,
	    false, 0, -1},
	{DATE "Last-Modified: Wed, 15 Nov 2023 22:03:20 GMT\n", 0, false,
	    false, 0, -1},
	{DATE "Last-Modified: yesterday\n", 0, false, false, 0, -1},
	{DATE, 0, false, false, 0, -1},
};

static void
how_long_an_answer_is_fresh(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(lifetimes); i++) {
		struct arena *arena = arena_new(1024);
		struct head head;
		struct policy_answer answer = {200, &head, NOW_MS, NOW_MS};
		struct freshness got;

		read_lines(&head, arena, lifetimes[i].answer);
		got = policy_freshness(&answer, &plain);
		if (got.lifetime_ms != lifetimes[i].lifetime_ms ||
		    got.strict != lifetimes[i].strict ||
		    got.no_cache != lifetimes[i].no_cache ||
		    got.swr_ms != lifetimes[i].swr_ms ||
		    got.sie_ms != lifetimes[i].sie_ms)
			fail_msg("row %zu (%s): %lld ms, strict %d, no_cache "
			    "%d, swr %lld, sie %lld", i, lifetimes[i].answer,
			    (long long)got.lifetime_ms, got.strict,
			    got.no_cache, (long long)got.swr_ms,
			    (long long)got.sie_ms);
		arena_free(&arena);
	}
}

static const struct {
	const char *answer;
	int64_t delay_ms, age_ms;
} ages[] = {
	{DATE, 0, 0},
	{DATE, 2500, 2500},
	{DATE "Age: 10\n", 0, 10000},
	{DATE "Age: 10\n", 2500, 12500},
	/* apparent age: the Date is older than that */
	{"Date: Tue, 14 Nov 2023 22:12:50 GMT\nAge: 10\n", 2500, 30000},
	{"Date: Tue, 14 Nov 2023 22:12:50 GMT\nAge: 60\n", 0, 60000},
	/* a Date in the future makes nothing younger */
	{"Date: Tue, 14 Nov 2023 23:12:50 GMT\n", 1000, 1000},
	{"Date: nonsense\n", 1000, 1000},
	/* of a list the first counts (5.1), unless it says that twice */
	{"Age: 10, 20\n", 0, 10000},
	{"Age: 20, 10\n", 0, 20000},
	{"Age: 10, 10\n", 0, 0},
	{"Age: 10\nAge: 20\n", 0, 0},
	{"Age: -5\n", 0, 0},
	{"Age: x\n", 0, 0},
};

static void
how_old_an_answer_is_at_arrival(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(ages); i++) {
		struct arena *arena = arena_new(1024);
		struct head head;
		struct policy_answer answer = {200, &head,
		    NOW_MS - ages[i].delay_ms, NOW_MS};
		int64_t age;

		read_lines(&head, arena, ages[i].answer);
		age = policy_freshness(&answer, &plain).initial_age_ms;
		if (age != ages[i].age_ms)
			fail_msg("row %zu (%s): %lld ms", i, ages[i].answer,
			    (long long)age);
		arena_free(&arena);
	}
}

static void
what_nobody_can_tell_the_age_of_is_stale(void **state)
{
	static const char *const unreadable[] = {"Age: x\n", "Age: -5\n",
	    "Age: 1.5\n", "Age: 0, 0\n", "Age: 0\nAge: 0\n",
	    "Age: 0\nAge: 1\n", "Age: x, 0\n"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(unreadable); i++) {
		struct arena *arena = arena_new(1024);
		struct head head;
		struct policy_answer answer = {200, &head, NOW_MS, NOW_MS};
		struct freshness fresh;

		read_lines(&head, arena, DATE "Cache-Control: max-age=60, "
		    "stale-while-revalidate=9\n");
		read_more_lines(&head, unreadable[i]);
		fresh = policy_freshness(&answer, &plain);
		assert_int_equal(fresh.lifetime_ms, 0);
		assert_int_equal(fresh.swr_ms, 0);
		arena_free(&arena);
	}
}

static void
an_object_ages_while_it_lies_here(void **state)
{
	struct key key = {.text = "p s http://x/", .len = 13};
	struct object *object;

	(void)state;
	key_hash(&key);
	object = object_new(&key, KIND_PAGE, "s");
	object->answered_ms = NOW_MS;
	object->fresh.initial_age_ms = 5000;
	object->fresh.lifetime_ms = 60000;
	assert_int_equal(object_age_ms(object, NOW_MS + 10000), 15000);
	assert_int_equal(object_ttl_ms(object, NOW_MS + 10000), 45000);
	assert_int_equal(object_ttl_ms(object, NOW_MS + 60000), -5000);
	/* the clock was set back */
	assert_int_equal(object_age_ms(object, NOW_MS - 99999), 5000);
	assert_int_equal(object_ttl_ms(object, NOW_MS - 99999), 55000);
	/* or is lost: nothing is known to be fresh */
	assert_int_equal(object_ttl_ms(object, NOW_MS - 2 * DAY), 0);
	assert_int_equal(object_ttl_ms(object, 0), 0);
	object_unref(&object);
}

/* ---- reuse ---- */

enum { STRICT = 1, NO_CACHE = 2, ALLOWED = 4 };

static const struct {
	int64_t ttl_s;
	int flags;
	int64_t swr_s, sie_s;
	const struct policy_opts *opts;
	const char *request;
	enum use use, use_when_failing;
} judging[] = {
	{10, 0, 0, -1, &plain, "", USE_FRESH, USE_FRESH},
	{10, STRICT, 0, -1, &plain, "", USE_FRESH, USE_FRESH},
	{0, 0, 0, -1, &plain, "", USE_IF_FAILED, USE_REFRESH},
	{-10, 0, 0, -1, &plain, "", USE_IF_FAILED, USE_REFRESH},
	{-10, STRICT, 0, -1, &plain, "", USE_VALIDATED, USE_VALIDATED},
	{10, NO_CACHE, 0, -1, &plain, "", USE_VALIDATED, USE_VALIDATED},
	/* the site's override */
	{-10, STRICT, 0, -1, &lenient, "", USE_IF_FAILED, USE_REFRESH},
	{10, NO_CACHE, 0, -1, &lenient, "", USE_IF_FAILED, USE_REFRESH},
	{-10, NO_CACHE, 0, -1, &lenient, "", USE_IF_FAILED, USE_REFRESH},
	/* RFC 5861 */
	{-10, 0, 30, -1, &plain, "", USE_REFRESH, USE_REFRESH},
	{-31, 0, 30, -1, &plain, "", USE_IF_FAILED, USE_REFRESH},
	{-10, STRICT, 30, -1, &plain, "", USE_VALIDATED, USE_VALIDATED},
	{-10, 0, 0, 20, &plain, "", USE_IF_FAILED, USE_REFRESH},
	{-21, 0, 0, 20, &plain, "", USE_VALIDATED, USE_VALIDATED},
	{-21, 0, 0, 20, &lenient, "", USE_IF_FAILED, USE_REFRESH},
	{-1, 0, 0, 0, &plain, "", USE_VALIDATED, USE_VALIDATED},
	{-10, 0, 30, 0, &plain, "", USE_REFRESH, USE_REFRESH},
	/* a week is the end of it */
	{-7 * 86400 - 1, 0, 0, -1, &plain, "", USE_VALIDATED, USE_VALIDATED},
	{-7 * 86400 - 1, 0, 0, -1, &lenient, "", USE_VALIDATED,
	    USE_VALIDATED},
	/* the client's wishes count only where they are honoured */
	{10, 0, 0, -1, &plain, "Cache-Control: no-cache\n", USE_FRESH,
	    USE_FRESH},
	{10, 0, 0, -1, &obedient, "Cache-Control: no-cache\n", USE_IF_FAILED,
	    USE_REFRESH},
	{10, 0, 0, -1, &obedient, "Cache-Control: max-age=49\n",
	    USE_IF_FAILED, USE_REFRESH},
	{10, 0, 0, -1, &obedient, "Cache-Control: max-age=50\n", USE_FRESH,
	    USE_FRESH},
	{10, 0, 0, -1, &obedient, "Cache-Control: min-fresh=11\n",
	    USE_IF_FAILED, USE_REFRESH},
	{-10, 0, 0, -1, &obedient, "Cache-Control: max-stale=20\n",
	    USE_REFRESH, USE_REFRESH},
	{-10, 0, 0, -1, &obedient, "Cache-Control: max-stale=5\n",
	    USE_IF_FAILED, USE_REFRESH},
	{-10, 0, 0, -1, &obedient, "Cache-Control: max-stale\n", USE_REFRESH,
	    USE_REFRESH},
	{-10, STRICT, 0, -1, &obedient, "Cache-Control: max-stale\n",
	    USE_VALIDATED, USE_VALIDATED},
	/* those of who may purge */
	{10, 0, 0, -1, &choosy, "Cache-Control: no-cache\n", USE_FRESH,
	    USE_FRESH},
	{10, ALLOWED, 0, -1, &choosy, "Cache-Control: no-cache\n",
	    USE_IF_FAILED, USE_REFRESH},
	{-10, ALLOWED, 0, -1, &choosy, "Cache-Control: max-stale\n",
	    USE_REFRESH, USE_REFRESH},
	{10, ALLOWED, 0, -1, &plain, "Cache-Control: no-cache\n", USE_FRESH,
	    USE_FRESH},
};

static void
what_may_be_done_with_a_stored_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(judging); i++) {
		struct freshness fresh = {.lifetime_ms = 60000,
		    .swr_ms = judging[i].swr_s * 1000,
		    .sie_ms = judging[i].sie_s < 0 ? -1 :
		    judging[i].sie_s * 1000,
		    .strict = judging[i].flags & STRICT,
		    .no_cache = judging[i].flags & NO_CACHE};
		struct arena *arena = arena_new(1024);
		struct policy_request request;
		enum use use, failing;

		read_request(&request, arena, judging[i].request);
		request.is_allowed = judging[i].flags & ALLOWED;
		use = policy_judge(&fresh, judging[i].ttl_s * 1000, &request,
		    false, judging[i].opts);
		failing = policy_judge(&fresh, judging[i].ttl_s * 1000,
		    &request, true, judging[i].opts);
		if (use != judging[i].use ||
		    failing != judging[i].use_when_failing)
			fail_msg("row %zu: %d, failing %d", i, use, failing);
		arena_free(&arena);
	}
}

static void
who_reloads_what_never_changes_does_not_ask_for_another(void **state)
{
	static const char *const ours[] = {"max-age=9, immutable",
	    "immutable=1, max-age=9", "max-age=9"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ours); i++) {
		struct arena *arena = arena_new(1024);
		struct object object = {.status = 200};
		struct policy_request request;

		head_init(&object.head, arena);
		head_add(&object.head, "Cache-Control", ours[i]);
		read_request(&request, arena, "Cache-Control: max-age=0\n");
		policy_soften(&request, &object);
		assert_int_equal(request.cc.max_age, i < 2 ? -1 : 0);
		read_request(&request, arena, "Cache-Control: no-cache\n");
		policy_soften(&request, &object);
		assert_true(request.cc.flags & CC_NO_CACHE);
		arena_free(&arena);
	}
}

static const struct {
	const char *head;
	bool store;
	int64_t lifetime_s;
} by_header[] = {
	{"X-Accel-Expires: 60\n", true, 60},
	{"Cache-Control: no-store, private\nX-Accel-Expires: 60\n", true, 60},
	{"Expires: 0\nCache-Control: s-maxage=5\nX-Accel-Expires: 60\n",
	    true, 60},
	{"CDN-Cache-Control: max-age=5\nX-Accel-Expires: 60\n", true, 60},
	{"X-Accel-Expires: @1700000060\n", true, 60},
	{"Cache-Control: max-age=9\nX-Accel-Expires: @1699999999\n", false, 0},
	{"Cache-Control: max-age=9\nX-Accel-Expires: 0\n", false, 0},
	{"X-Accel-Expires: 60\nSet-Cookie: a=b\n", false, 60},
	/* what is no number says nothing */
	{"Cache-Control: max-age=9\nX-Accel-Expires: 60s\n", true, 9},
	{"Cache-Control: max-age=9\nX-Accel-Expires: -1\n", true, 9},
	{"Cache-Control: max-age=9\nX-Accel-Expires: @\n", true, 9},
	{"Cache-Control: max-age=9\nX-Accel-Expires: 60, 60\n", true, 9},
	{"Cache-Control: max-age=9\nX-Accel-Expires: 1\n"
	 "X-Accel-Expires: 2\n", true, 9},
	{"X-Accel-Expires: 99999999999999999999999\n", true, 2147483648},
};

static void
a_field_of_the_sites_choosing_comes_before_all_others(void **state)
{
	struct policy_request request = {.is_get = true};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(by_header); i++) {
		struct arena *arena = arena_new(1024);
		struct head head;
		struct policy_answer answer = {200, &head, NOW_MS, NOW_MS};
		struct policy_storing may;

		read_lines(&head, arena, by_header[i].head);
		may = policy_store(&request, &answer, &told);
		if (may.store != by_header[i].store ||
		    may.fresh.lifetime_ms !=
		    by_header[i].lifetime_s * 1000)
			fail_msg("row %zu: %s, %lld ms", i, may.why,
			    (long long)may.fresh.lifetime_ms);
		may = policy_store(&request, &answer, &plain);
		assert_true(may.fresh.lifetime_ms != 60000);
		arena_free(&arena);
	}
}

/* ---- validation ---- */

static const struct {
	const char *inm, *ims, *etag, *lm;
	bool not_modified;
} conditions[] = {
	{NULL, NULL, "\"a\"", NULL, false},
	{"\"a\"", NULL, "\"a\"", NULL, true},
	{"\"b\"", NULL, "\"a\"", NULL, false},
	{"W/\"a\"", NULL, "\"a\"", NULL, true},
	{"\"a\"", NULL, "W/\"a\"", NULL, true},
	{"\"x\", W/\"y\" ,\"a\"", NULL, "\"a\"", NULL, true},
	{"\"x,\", \"a\"", NULL, "\"a\"", NULL, true},
	{"\"x, \"a\"", NULL, "\"a\"", NULL, false},
	{"*", NULL, "\"a\"", NULL, true},
	{" * ", NULL, NULL, NULL, true},
	{"*x", NULL, "\"a\"", NULL, false},
	{"a", NULL, "\"a\"", NULL, false},
	{"\"\"", NULL, "\"\"", NULL, true},
	{"\"a\"", NULL, NULL, NULL, false},
	{"\"a\"", NULL, "broken", NULL, false},
	/* If-None-Match wins over If-Modified-Since */
	{"\"b\"", "Tue, 14 Nov 2023 22:13:20 GMT", "\"a\"",
	    "Tue, 14 Nov 2023 22:13:20 GMT", false},
	{NULL, "Tue, 14 Nov 2023 22:13:20 GMT", NULL,
	    "Tue, 14 Nov 2023 22:13:20 GMT", true},
	{NULL, "Tue, 14 Nov 2023 22:13:21 GMT", NULL,
	    "Tue, 14 Nov 2023 22:13:20 GMT", true},
	{NULL, "Tue, 14 Nov 2023 22:13:19 GMT", NULL,
	    "Tue, 14 Nov 2023 22:13:20 GMT", false},
	{NULL, "nonsense", NULL, "Tue, 14 Nov 2023 22:13:20 GMT", false},
	{NULL, "Tue, 14 Nov 2023 22:13:20 GMT", NULL, NULL, false},
};

static void
when_the_clients_own_copy_still_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(conditions); i++) {
		if (policy_not_modified(conditions[i].inm, conditions[i].ims,
		    conditions[i].etag, conditions[i].lm, NOW_MS / 1000) !=
		    conditions[i].not_modified)
			fail_msg("row %zu", i);
	}
}

static struct object *
stored(const char *lines)
{
	struct key key = {.text = "p s http://x/", .len = 13};
	struct object *object;
	char *bytes = strdup("body");

	key_hash(&key);
	object = object_new(&key, KIND_PAGE, "s");
	object->status = 200;
	object->body = body_new(&bytes, 4);
	read_lines(&object->head, object->arena, lines);
	return object;
}

static void
a_304_replaces_fields_but_those_of_the_body(void **state)
{
	struct object *old = stored("Date: Mon, 13 Nov 2023 22:13:20 GMT\n"
	    "Cache-Control: max-age=60\nETag: \"a\"\nX-A: 1\nX-A: 2\n"
	    "X-Keep: k\nContent-Encoding: gzip\nContent-Type: text/html\n");
	struct arena *arena = arena_new(1024);
	struct head head;
	struct policy_answer answer = {304, &head, NOW_MS, NOW_MS + 1000};
	struct object *fresh;

	(void)state;
	read_lines(&head, arena, DATE "Cache-Control: max-age=90\n"
	    "ETag: \"b\"\nX-A: 3\nContent-Length: 0\nContent-Encoding: br\n"
	    "Transfer-Encoding: chunked\nSet-Cookie: a=b\nAge: 5\n"
	    "xkey: t1 t2\n");
	fresh = policy_freshen(old, &answer, &plain);
	assert_int_equal(fresh->status, 200);
	assert_ptr_equal(fresh->body, old->body);
	assert_int_equal(fresh->fresh.lifetime_ms, 90000);
	assert_int_equal(fresh->fresh.initial_age_ms, 6000);
	assert_int_equal(fresh->answered_ms, NOW_MS + 1000);
	assert_string_equal(fresh->etag, "\"a\"");
	assert_string_equal(fresh->tags, "t1 t2");
	assert_int_equal(head_count(&fresh->head, "X-A"), 1);
	assert_string_equal(head_find(&fresh->head, "X-A"), "3");
	assert_string_equal(head_find(&fresh->head, "X-Keep"), "k");
	assert_string_equal(head_find(&fresh->head, "Content-Encoding"),
	    "gzip");
	assert_null(head_find(&fresh->head, "Content-Length"));
	assert_null(head_find(&fresh->head, "Transfer-Encoding"));
	assert_null(head_find(&fresh->head, "Set-Cookie"));
	assert_null(head_find(&fresh->head, "Age"));
	object_unref(&fresh);
	object_unref(&old);
	arena_free(&arena);
}

static void
a_304_without_a_date_is_young_all_the_same(void **state)
{
	struct object *old = stored("Date: Mon, 13 Nov 2023 22:13:20 GMT\n"
	    "Cache-Control: max-age=60\n");
	struct arena *arena = arena_new(1024);
	struct head head;
	struct policy_answer answer = {304, &head, NOW_MS, NOW_MS};
	struct object *fresh;

	(void)state;
	read_lines(&head, arena, "");
	fresh = policy_freshen(old, &answer, &plain);
	assert_int_equal(fresh->fresh.initial_age_ms, 0);
	assert_int_equal(fresh->fresh.lifetime_ms, 60000);
	object_unref(&fresh);
	object_unref(&old);
	arena_free(&arena);
}

static void
failures_are_four_statuses(void **state)
{
	(void)state;
	for (int status = 100; status < 600; status++)
		assert_int_equal(policy_is_failure(status), status == 500 ||
		    status == 502 || status == 503 || status == 504);
}

/* ---- Vary and tags ---- */

static const char *
field_of(void *arg, const char *name)
{
	return head_find(arg, name);
}

static const struct {
	const char *vary, *asked, *asks;
	bool matches;
} varying[] = {
	{"", "", "Accept-Language: de\n", true},
	{"Vary: Accept-Language\n", "Accept-Language: de\n",
	    "Accept-Language: de\n", true},
	{"Vary: Accept-Language\n", "Accept-Language: de\n",
	    "Accept-Language:  de \n", true},
	{"Vary: Accept-Language\n", "Accept-Language: de\n",
	    "Accept-Language: en\n", false},
	{"Vary: Accept-Language\n", "Accept-Language: de\n",
	    "Accept-Language: de-at\n", false},
	{"Vary: Accept-Language\n", "Accept-Language: de\n", "", false},
	{"Vary: Accept-Language\n", "", "Accept-Language: de\n", false},
	{"Vary: Accept-Language\n", "", "", true},
	{"Vary: Accept-Language\n", "Accept-Language: \n", "", false},
	{"Vary: X-B, x-a\nVary: X-A\n", "X-A: 1\nX-B: 2\n",
	    "X-B: 2\nX-A: 1\n", true},
	{"Vary: X-B, x-a\n", "X-A: 1\nX-B: 2\n", "X-B: 2\nX-A: 2\n", false},
	{"Vary: Accept-Encoding\n", "Accept-Encoding: gzip\n", "", true},
	{"Vary: Accept-Language\n", "Accept-Language: de, en;q=0.5\n",
	    "Accept-Language: EN;q=0.50,de\n", true},
	{"Vary: Accept-Language\n", "Accept-Language: de, en;q=0.5\n",
	    "Accept-Language: en,de\n", false},
	/* ... or the language that it came to */
	{"Vary: Accept-Language\nContent-Language: de\n",
	    "Accept-Language: en, de\n",
	    "Accept-Language: fr;q=0.5, de;q=1.0\n", true},
	{"Vary: Accept-Language\nContent-Language: de\n",
	    "Accept-Language: en, de\n", "Accept-Language: fr, de\n", false},
	{"Vary: Accept-Language\nContent-Language: de, en\n",
	    "Accept-Language: en, de\n", "Accept-Language: de\n", false},
	{"Vary: Accept-Language, Foo\nContent-Language: de\n",
	    "Accept-Language: en, de\nFoo: 1\n",
	    "Accept-Language: de\nFoo: 2\n", false},
	{"Vary: Accept-Language\nContent-Language: de\n", "",
	    "Accept-Language: de\n", false},
	{"Vary: Foo\n", "Foo: 1, 2\n", "Foo: 1,2\n", true},
	{"Vary: Cookie\n", "Cookie: a=1, 2\n", "Cookie: a=1,2\n", false},
};

static void
a_variant_is_for_requests_like_the_one_that_made_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(varying); i++) {
		struct object *object = stored(varying[i].vary);
		struct arena *arena = arena_new(1024);
		struct head asked, asks;

		read_lines(&asked, arena, varying[i].asked);
		read_lines(&asks, arena, varying[i].asks);
		assert_int_equal(policy_vary_set(object, field_of, &asked),
		    0);
		if (policy_vary_matches(object, field_of, &asks) !=
		    varying[i].matches)
			fail_msg("row %zu: %s", i, object->variant);
		object_unref(&object);
		arena_free(&arena);
	}
}

static void
what_varies_by_anything_or_too_much_is_refused(void **state)
{
	static const char *const refused[] = {"Vary: *\n", "Vary: *, *\n",
	    "Vary: , *\n", "Vary: Foo, *\n", "Vary: Foo\nVary: *\n",
	    "Vary: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\n",
	    "Vary: a: b\n", "Vary: Foo Bar\n", "Vary: \"Foo\n",
	    "Vary: Foo;q=1\n", "Vary: F\xc3\xb6\n"};
	struct object *object;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		object = stored(refused[i]);
		assert_int_equal(policy_vary_set(object, NULL, NULL), -1);
		object_unref(&object);
	}
	object = stored("Vary: User-Agent, Accept-Encoding, ACCEPT\n");
	assert_int_equal(policy_vary_set(object, NULL, NULL), 0);
	assert_string_equal(object->vary, "accept,user-agent");
	assert_string_equal(object->variant, "accept\nuser-agent\n");
	assert_true(policy_vary_matches(object, NULL, NULL));
	object_unref(&object);
}

/* arg: the request's shape; no other field. */
static const char *
shape_field(void *arg, const char *name)
{
	return strcmp(name, POLICY_SHAPE) == 0 ? arg : NULL;
}

static void
an_error_is_for_requests_of_its_shape_unless_it_speaks_of_the_address(
    void **state)
{
	static const struct {
		int status;
		bool for_all;
	} rows[] = {{200, true}, {301, true}, {400, false}, {403, false},
	    {404, true}, {405, false}, {410, true}, {414, true}, {451, true},
	    {500, false}, {501, false}, {503, false}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct object *object = stored("");

		object->status = rows[i].status;
		assert_int_equal(policy_vary_set(object, shape_field, "one"),
		    0);
		assert_true(policy_vary_matches(object, shape_field, "one"));
		if (policy_vary_matches(object, shape_field, "two") !=
		    rows[i].for_all)
			fail_msg("status %d", rows[i].status);
		object_unref(&object);
	}
}

static void
tags_are_gathered_from_every_dialect(void **state)
{
	struct object *object = stored("xkey: a b\nSurrogate-Key: c\n"
	    "Cache-Tag: d,e , f\nX-Ids-Involved: #1a#2b#\n");

	(void)state;
	assert_string_equal(policy_tags(&object->head, object->arena),
	    "a b c d e f 1a 2b");
	object_unref(&object);
	object = stored("");
	assert_string_equal(policy_tags(&object->head, object->arena), "");
	object_unref(&object);
}

/* ---- keys ---- */

static const struct {
	const char *url, *key;
} keys[] = {
	{"http://Example.ORG/A?b", "p s http://example.org/A?b"},
	{"HTTP://example.org:80/", "p s http://example.org/"},
	{"https://example.org:443/", "p s https://example.org/"},
	{"http://example.org:443/", "p s http://example.org:443/"},
	{"http://example.org", "p s http://example.org/"},
	{"http://example.org?q", "p s http://example.org/?q"},
	{"http://example.org:/x", "p s http://example.org/x"},
	{"http://[::1]:80/x", "p s http://[::1]/x"},
	{"http://[::80]/x", "p s http://[::80]/x"},
	{"http://u:p@example.org/x#frag", "p s http://example.org/x"},
	{"http://example.org/a%2Fb/../c", "p s http://example.org/a%2Fb/../c"},
	{"/srv/theme/index.html", "p s /srv/theme/index.html"},
	{"file:///srv/theme.html", "p s file:///srv/theme.html"},
};

static void
a_key_folds_what_means_the_same_and_nothing_else(void **state)
{
	char room[KEY_MAX];
	struct key key;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		assert_int_equal(key_make_url(&key, room, KIND_PAGE, "s",
		    keys[i].url), 0);
		assert_string_equal(key.text, keys[i].key);
		assert_string_equal(key_url(&key), keys[i].key + 4);
		assert_int_equal(key.len, strlen(key.text));
	}
}

static void
a_key_that_is_too_long_is_none(void **state)
{
	char room[KEY_MAX], path[KEY_MAX + 1];
	struct key key;

	(void)state;
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	assert_int_equal(key_make(&key, room, KIND_PAGE, "s", "http", 4, "h",
	    1, path, sizeof(path)), -1);
	assert_int_equal(key_make(&key, room, KIND_PAGE, "s", "http", 4, "h",
	    1, path, KEY_MAX - 13), 0);
	assert_int_equal(key.len, KEY_MAX - 1);
	assert_int_equal(key_make(&key, room, KIND_PAGE, "a b", "http", 4,
	    "h", 1, "/", 1), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_be_stored_and_shared),
		cmocka_unit_test(the_answer_to_head_is_not_stored),
		cmocka_unit_test(
		    with_a_default_ttl_what_says_nothing_is_stored),
		cmocka_unit_test(
		    with_stale_override_a_page_that_forbids_all_is_kept_for_an_outage),
		cmocka_unit_test(how_long_an_answer_is_fresh),
		cmocka_unit_test(how_old_an_answer_is_at_arrival),
		cmocka_unit_test(what_nobody_can_tell_the_age_of_is_stale),
		cmocka_unit_test(an_object_ages_while_it_lies_here),
		cmocka_unit_test(what_may_be_done_with_a_stored_answer),
		cmocka_unit_test(
		    who_reloads_what_never_changes_does_not_ask_for_another),
		cmocka_unit_test(
		    a_field_of_the_sites_choosing_comes_before_all_others),
		cmocka_unit_test(when_the_clients_own_copy_still_holds),
		cmocka_unit_test(a_304_replaces_fields_but_those_of_the_body),
		cmocka_unit_test(a_304_without_a_date_is_young_all_the_same),
		cmocka_unit_test(failures_are_four_statuses),
		cmocka_unit_test(
		    a_variant_is_for_requests_like_the_one_that_made_it),
		cmocka_unit_test(
		    what_varies_by_anything_or_too_much_is_refused),
		cmocka_unit_test(
		    an_error_is_for_requests_of_its_shape_unless_it_speaks_of_the_address),
		cmocka_unit_test(tags_are_gathered_from_every_dialect),
		cmocka_unit_test(
		    a_key_folds_what_means_the_same_and_nothing_else),
		cmocka_unit_test(a_key_that_is_too_long_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
