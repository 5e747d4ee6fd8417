/* page/gather.c - a page waits for the documents that its rules bring in, and
 * for what it includes
 *
 * The dresser says which are wanted, or the text itself; each is looked up
 * here, and what is not stored is asked for, all at once. A stored one is used
 * at once, however old, while it is refreshed behind. Nobody waits longer than
 * fragment_wait in all, nor again for what failed a moment ago, nor ever for
 * what was late until it was there once. When all is there, or over, the page
 * is dressed again, from the start: what came in time is in it.
 *
 * While documents are on their way the page belongs to the engines; each
 * event touches its own fragment only, and the last one to come gives the page
 * back to the crew. */
#include "page/gather.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/report.h"

enum { REDIRECTS_MAX = 5 }; /* of one document */

static void on_event(
    struct waiter *waiter, enum event event, struct answer *answer);

/* ---- asking ---- */

static void
refresh(struct fragment *fragment)
{
	struct page *page = fragment->page;
	const struct fragment_asker asker = fragment_asker(fragment);
	struct errand *errand;
	struct err err;

	errand = fragment_errand(&asker, &fragment->key, fragment->url,
	    fragment->object, &err);
	if (errand)
		fetch_ask(page->pages->opts.fetch, &errand, NULL);
}

/* From now on it is the engine's, if NULL is answered: else why not. */
static const char *
ask(struct fragment *fragment)
{
	struct page *page = fragment->page;
	const struct fragment_asker asker = fragment_asker(fragment);
	struct errand *errand;
	struct err err;

	errand = fragment_errand(&asker, &fragment->key, fragment->url, NULL,
	    &err);
	if (!errand)
		return arena_strdup(page->arena, err.text);
	if (fragment->alone)
		errand->key.len = 0;
	fragment->waiter.on_event = on_event;
	fragment->waiter.gone = &page->gone;
	fragment->waiter.late_at_ms = page->gather_until_ms;
	counter_add(COUNT_IN_FETCH, 1);
	fetch_ask(page->pages->opts.fetch, &errand, &fragment->waiter);
	return NULL;
}

/* A page that was let go may be another thread's before this returns. */
static bool
was_last(struct page *page)
{
	return atomic_fetch_sub(&page->gather_pending, 1) == 1;
}

static int64_t
not_before(const struct page *page)
{
	return clock_wall_ms() + page->site->opts.fragment_min_refresh_ms;
}

/* On the engine's thread. The arena is the page's, which others may be using:
 * no texts are made here. */
static void
on_event(struct waiter *waiter, enum event event, struct answer *answer)
{
	struct fragment *fragment =
	    container_of(waiter, struct fragment, waiter);
	struct page *page = fragment->page;

	counter_add(COUNT_IN_FETCH, -1);
	if (event == EVENT_DONE && answer->made) {
		fragment->object = object_ref(answer->made);
		fragment->is_news = true;
	} else if (event == EVENT_ALONE) {
		fragment->alone = true;
	} else if (event == EVENT_LATE) {
		fragment->why = "it was not there within fragment_wait";
		fragment_note_late(page->pages->fragments, &fragment->asked,
		    not_before(page));
	} else if (event == EVENT_HEAD) {
		fragment->why = "it is over fragment_max";
		fragment_note_failed(page->pages->fragments,
		    &fragment->asked, not_before(page));
	} else {
		fragment->why = answer && answer->outcome != FETCH_OK
				    ? outcome_word(answer->outcome)
				    : "no good answer";
		fragment->is_told = true;
	}
	if (was_last(page))
		page_to_crew(page, STEP_GATHER);
}

/* ---- looking ---- */

static struct object *
look_up(struct fragment *fragment, struct worker *worker)
{
	struct cache *cache = fragment->page->pages->opts.cache;
	struct object *object =
	    cache_find(cache, &fragment->key, NULL, NULL, NULL);

	if (!object)
		object = cache_load(worker->reader, &fragment->key, NULL, NULL,
		    NULL, NULL);
	return object;
}

static void
use_stored(struct fragment *fragment)
{
	struct pages *pages = fragment->page->pages;
	int64_t now_ms = clock_wall_ms();

	if (fragment->is_news)
		return;
	cache_touch(pages->opts.cache, fragment->object, now_ms);
	if (object_ttl_ms(fragment->object, now_ms) <= 0 &&
	    !fragment_has_failed(pages->fragments, &fragment->asked, now_ms))
		refresh(fragment);
}

/* A stored redirect: look at where it leads. */
static void
follow(struct fragment *fragment)
{
	const char *location =
	    head_find(&fragment->object->head, "Location");
	const char *base = fragment->url;

	if (!location)
		fragment->why = "it redirects to nowhere";
	else if (fragment->redirects++ == REDIRECTS_MAX)
		fragment->why = "more than 5 redirects";
	else
		fragment_aim(fragment, base, location);
	/* The rules name files, and nobody on the network does. */
	if (!fragment->why && strncasecmp(fragment->url, "file:", 5) == 0)
		fragment->why = "it redirects to a file";
	object_unref(&fragment->object);
	fragment->is_news = fragment->alone = false;
}

/* It is not stored. If it failed a moment ago it is not asked for; and one
 * that was waited for in vain before is not waited for again. */
static void
look_back(struct fragment *fragment)
{
	const struct page *page = fragment->page;
	struct fragments *fragments = page->pages->fragments;

	fragment->is_told = true;
	if (fragment_has_failed(
		fragments, &fragment->asked, clock_wall_ms())) {
		fragment->why = "it failed a moment ago";
	} else if (fragment_was_late(fragments, &fragment->asked)) {
		fragment->why = "it was late before, and is asked for behind";
		fragment_note_late(
		    fragments, &fragment->asked, not_before(page));
		refresh(fragment);
	} else {
		fragment->is_told = false;
	}
}

/* Go on until it is there, over, or must be asked for (true). */
static bool
advance(struct fragment *fragment, struct worker *worker)
{
	while (!fragment->why) {
		if (!fragment->object && !fragment->alone)
			fragment->object = look_up(fragment, worker);
		if (!fragment->object)
			break;
		use_stored(fragment);
		if (fragment->object->status == 200)
			return false;
		follow(fragment);
	}
	if (!fragment->why)
		look_back(fragment);
	return !fragment->why;
}

/* What its question told already is not told again. */
static void
tell(struct fragment *fragment)
{
	if (!fragment->why || fragment->is_told)
		return;
	fragment->is_told = true;
	report_problem("fragment",
	    fragment->url ? fragment->url : fragment->href, fragment->why,
	    "the page without it");
}

static bool
is_over(const struct fragment *fragment)
{
	return fragment->why ||
	       (fragment->object && fragment->object->status == 200);
}

void
fragment_advance(struct fragment *fragment, struct worker *worker)
{
	if (!fragment->waits && !is_over(fragment))
		fragment->waits = advance(fragment, worker);
	tell(fragment);
}

/* Ask for all that wait. True: some are on their way, and the page with them.
 */
static bool
ask_all(struct page *page)
{
	struct fragment *fragment, *next;
	const char *why;
	unsigned n = 1;

	for (fragment = page->fragments; fragment; fragment = fragment->next)
		n += fragment->waits;
	/* One more than are asked: nobody else is the last before this loop
	 * is over. */
	atomic_store(&page->gather_pending, n);
	atomic_store(&page->stage, "fetch");
	for (fragment = page->fragments; fragment; fragment = next) {
		next = fragment->next;
		if (!fragment->waits)
			continue;
		fragment->waits = false;
		why = ask(fragment);
		if (why) {
			fragment->why = why;
			was_last(page);
		}
	}
	return !was_last(page);
}

enum step
gather_step(struct page *page, struct worker *worker)
{
	struct fragment *fragment;
	bool any = false;

	for (fragment = page->fragments; fragment; fragment = fragment->next) {
		fragment_advance(fragment, worker);
		any |= fragment->waits;
	}
	if (any && ask_all(page))
		return STEP_AWAY;
	return any ? STEP_GATHER : STEP_THEME;
}
