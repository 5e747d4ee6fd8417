/* page/ask.c - a page leaves for an engine, and what comes back for it
 *
 * Between ask_upstream() and on_event() the page is the engine's. What streams
 * goes straight back to front; all else goes to the crew, which looks at what
 * came (arrive.c). */
#include "base/clock.h"
#include "base/counter.h"
#include "base/report.h"
#include "page/ahead.h"
#include "page/life.h"
#include "page/ranges.h"

static void on_event(struct waiter *waiter, enum event event,
    struct answer *answer);

/* The site's share of misses, and the waiting of one who has a stale copy. */
bool
ask_may(struct page *page)
{
	struct site_load *load = page->site->load;

	if (page->counts_as_miss)
		return true;
	if (atomic_fetch_add(&load->misses, 1) >=
	    page->site->opts.misses_max) {
		atomic_fetch_sub(&load->misses, 1);
		return false;
	}
	page->counts_as_miss = true;
	counter_up(page->sharing.may ? COUNT_MISS : COUNT_BYPASS);
	return true;
}

/* Ask the upstream. Any thread that owns the page. */
void
ask_upstream(struct page *page)
{
	struct pages *pages = page->pages;
	bool sharable = page->sharing.may && !page->alone &&
	    !cache_is_unshared(pages->opts.cache, &page->key,
		clock_wall_ms());
	struct errand *errand = question_new(page, sharable);

	page->asked = true;
	page->asked_ms = clock_mono_ms();
	page->waiter.on_event = on_event;
	page->waiter.gone = &page->gone;
	page->waiter.late_at_ms = 0;
	if (page->fallback && page->use == USE_IF_FAILED && !page->revives)
		page->waiter.late_at_ms = clock_mono_us() / 1000 +
		    page->site->opts.stale_wait_ms;
	atomic_store(&page->stage, "fetch");
	counter_add(COUNT_IN_FETCH, 1);
	fetch_ask(pages->opts.fetch, &errand, &page->waiter);
}

enum step
ask_step(struct page *page, struct worker *worker)
{
	(void)worker;
	if (!ask_may(page)) {
		page->outcome = FETCH_TOO_MANY;
		return STEP_ANSWER;
	}
	ask_upstream(page);
	return STEP_AWAY;
}

/* ---- what comes: on the engine's thread ---- */

/* Its body passed what was to be gathered. */
static void
too_big(struct page *page)
{
	page->detail = "too-big";
	if (!dress_is_due(page->site, &page->request, page->answer->status,
		&page->answer->head) &&
	    !weave_is_due(page->site, page->answer->status,
		&page->answer->head))
		return;
	report_problem("dress", page_url(page), "the page is over themed_max",
	    "the page as it came");
}

/* Others read it as it comes: ask anew, for the whole of it. It was one's own
 * question already: then it is too big to be gathered. */
static void
gather_for_part(struct page *page)
{
	bool own = page->alone || page->waiter.leader;

	answer_unref(&page->answer);
	if (!own) {
		page->alone = true;
		ask_upstream(page);
		return;
	}
	page->error_status = 502;
	answer_plain(page, 502, "filter_xpath: the page is over themed_max\n");
	page_ready(page);
}

/* On the engine's thread. What streams goes straight to front. */
static void
on_event(struct waiter *waiter, enum event event, struct answer *answer)
{
	struct page *page = container_of(waiter, struct page, waiter);

	counter_add(COUNT_IN_FETCH, -1);
	page->event = event;
	if (event == EVENT_ALONE) {
		page->alone = true;
		ask_upstream(page);
		return;
	}
	if (answer) {
		page->answer = answer_ref(answer);
		page->outcome = answer->outcome;
		if (page->outcome == FETCH_LEFT && atomic_load(&page->killed))
			page->outcome = FETCH_KILLED;
	}
	if (event == EVENT_HEAD)
		ahead_drop(answer);
	if (event == EVENT_HEAD && answer->status == 304 &&
	    !page->conditional) {
		page_to_crew(page, STEP_ANSWER);
		return;
	}
	if (event == EVENT_HEAD && ranges_is_in_vain(page, answer)) {
		answer_unref(&page->answer);
		ranges_none(page);
		ask_upstream(page);
		return;
	}
	if (event == EVENT_HEAD && page->part && !page->request.is_head &&
	    part_is_due(answer->status, &answer->head)) {
		gather_for_part(page);
		return;
	}
	if (event == EVENT_HEAD &&
	    !(policy_is_failure(answer->status) && page->fallback &&
		page->use == USE_IF_FAILED)) {
		if (waiter->oversize)
			too_big(page);
		answer_stream(page);
		page_ready(page);
		return;
	}
	page_to_crew(page, STEP_ANSWER);
}
