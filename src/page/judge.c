/* page/judge.c - may what is stored be used: as it is, while it is refreshed
 * behind, or only if asking fails */
#include "base/clock.h"
#include "base/counter.h"
#include "cache/early.h"
#include "page/failing.h"
#include "page/life.h"
#include "page/ranges.h"

/* Not served as it is; kept in case that asking fails. */
static void
fall_back_to(struct page *page)
{
	page->fallback = page->object;
	page->fallback_dressed = page->dressed;
	page->object = page->dressed = NULL;
}

/* One of its kinds only, so that they add up to the hits. */
static void
count_hit(const struct page *page)
{
	if (page->stale)
		counter_up(COUNT_HIT_STALE);
	else if (page->from_file)
		counter_up(COUNT_HIT_STORE);
	else
		counter_up(page->dressed ? COUNT_HIT_DRESSED : COUNT_HIT_PLAIN);
}

/* Whoever asked for it lately did so in vain. */
static bool
asking_is_vain(struct page *page)
{
	if (upstream_is_failing(page->choice.upstream, clock_mono_ms()))
		page->detail = "upstream-failing";
	else if (failing_is(page->pages->failing, &page->key))
		page->detail = "url-failing";
	return page->detail != NULL;
}

/* A failure whose time is over is no page to go on with: whoever's turn it is
 * to try waits for what is true now, the others have the old one. */
static bool
is_spent_failure(const struct object *object, int64_t ttl_ms)
{
	return object->status >= 500 && ttl_ms <= 0;
}

/* What may be done with the stored object; what is to be refreshed behind it is
 * asked for. */
static enum use
judge(struct page *page)
{
	const struct policy_opts *opts = &page->site->opts.policy;
	struct object *object = page->object;
	int64_t ttl_ms = object_ttl_ms(object, clock_wall_ms());
	bool is_vain = asking_is_vain(page);
	enum use use;

	policy_soften(&page->asks, object);
	use = policy_judge(&object->fresh, ttl_ms, &page->asks, is_vain, opts);
	if (page->revives && use == USE_REFRESH && !is_vain)
		use = USE_IF_FAILED;
	page->unwanted = ttl_ms > 0 && !object->fresh.no_cache &&
	    policy_wants_newer(&object->fresh, ttl_ms, &page->asks, opts);
	if (use == USE_REFRESH && is_vain && is_spent_failure(object, ttl_ms) &&
	    question_may_ask(page))
		use = USE_IF_FAILED;
	if (use != USE_REFRESH)
		page->detail = NULL;
	if (use == USE_REFRESH)
		page->stale = ttl_ms <= 0 || object->fresh.no_cache;
	if (use == USE_REFRESH || (use == USE_FRESH && !is_vain &&
				      early_take(object, ttl_ms,
					  opts->early_refresh)))
		question_refresh(page, object);
	return use;
}

enum step
judge_step(struct page *page, struct worker *worker)
{
	page->use = page->object ? judge(page) : USE_VALIDATED;
	if (page->use == USE_FRESH || page->use == USE_REFRESH) {
		page->hit = true;
		cache_touch(page->pages->opts.cache, page->object,
		    clock_wall_ms());
		count_hit(page);
		return STEP_THEME;
	}
	if (page->request.range && ranges_judge(page, worker, page_field)) {
		count_hit(page);
		return STEP_DELIVER;
	}
	fall_back_to(page);
	if (page->asks.cc.flags & CC_ONLY_IF_CACHED) {
		answer_error(page, 504, "only-if-cached");
		answer_proxy_status(page, "proxy_internal_response");
		return STEP_THEME;
	}
	return STEP_FETCH;
}
