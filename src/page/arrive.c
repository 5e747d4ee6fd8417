/* page/arrive.c - something came for a page, failed, or is late */
#include "base/clock.h"
#include "base/counter.h"
#include "base/report.h"
#include "page/failing.h"
#include "page/life.h"

/* Nothing usable came: the stale copy if it may be had, else a page of ours
 * that says so. */
static enum step
without_answer(struct page *page)
{
	bool may = page->fallback && page->use == USE_IF_FAILED;

	if (page->outcome == FETCH_TOO_MANY)
		counter_up(COUNT_OVERLOAD);
	if (may) {
		page->object = page->fallback;
		page->dressed = page->fallback_dressed;
		page->fallback = page->fallback_dressed = NULL;
		counter_up(COUNT_HIT_STALE);
		cache_touch(page->pages->opts.cache, page->object,
		    clock_wall_ms());
		page->stale = true;
		if (!page->detail)
			page->detail = outcome_word(page->outcome);
	} else {
		answer_error(page, outcome_status(page->outcome),
		    outcome_word(page->outcome));
		answer_proxy_status(page, outcome_error(page->outcome));
	}
	return STEP_THEME;
}

static bool
is_ours(struct page *page, const struct object *object)
{
	return policy_vary_matches(object, page_field, page);
}

/* The address is slow, or all of its upstream. */
static void
note_late(struct page *page)
{
	struct upstream *upstream = page->choice.upstream;
	uint64_t now_ms = clock_mono_ms();

	failing_note(page->pages->failing, &page->key,
	    upstream->opts.back_off_min_ms, upstream->opts.back_off_max_ms,
	    now_ms);
	/* Of several servers one is slow, and nobody knows which yet. */
	if (pool_count(upstream->pool) == 1 &&
	    !upstream_answered_since(upstream, page->asked_ms))
		upstream_report(upstream, OUTCOME_LATE, now_ms);
}

/* A 304 for another answer than the stored one, or to a question that had no
 * condition: the first is asked for again, whole (RFC 9111 4.3.3). */
static enum step
without_body(struct page *page)
{
	bool may_ask = page->conditional && page->fallback &&
	    atomic_load(&page->fallback->doubted);

	answer_unref(&page->answer);
	if (may_ask)
		return STEP_FETCH;
	report_problem("fetch", page_url(page),
	    "304 to a question without a condition", page->fallback ?
	    "the stored copy" : "an error page");
	page->outcome = FETCH_MALFORMED;
	return without_answer(page);
}

/* What it was dressed as before, where a 304 left that as it was. */
static void
find_dressed(struct page *page)
{
	struct object *found = cache_find(page->pages->opts.cache, &page->key,
	    page_field, page, &page->dressed);

	if (found != page->object)
		object_unref(&page->dressed);
	object_unref(&found);
}

enum step
arrive_step(struct page *page, struct worker *worker)
{
	(void)worker;
	if (page->event == EVENT_LATE) {
		note_late(page);
		page->detail = "late";
		page->outcome = FETCH_LATE;
		return without_answer(page);
	}
	if (page->outcome != FETCH_OK)
		return without_answer(page);
	if (page->answer->status == 304 && !page->answer->made)
		return without_body(page);
	/* An upstream in trouble must not push a good copy aside. */
	if (policy_is_failure(page->answer->status) && page->fallback &&
	    page->use == USE_IF_FAILED) {
		page->detail = "upstream-error";
		return without_answer(page);
	}
	if (page->answer->made) {
		struct object *made = page->answer->made;

		if (!page->alone && !page->waiter.leader &&
		    !is_ours(page, made)) {
			/* Another variant: ask for ours, once. */
			page->alone = true;
			answer_unref(&page->answer);
			return STEP_FETCH;
		}
		object_unref(&page->dressed);
		page->object = object_ref(made);
		find_dressed(page);
		/* Stored by another while this one was on its way: no flow,
		 * nothing went forward. */
		page->hit = !page->answer->flow;
	}
	return STEP_THEME;
}
