/* page/ahead.c - a large page is read while it arrives (contract: page/ahead.h)
 *
 * state says who may touch the reading; it changes by compare-and-swap alone:
 *
 *   RESTS   nobody; the engine makes it QUEUED, a page takes it
 *   QUEUED  in the crew's queue; a page may take it all the same, and the job
 *           finds nothing to do
 *   WORKS   a worker
 *   WAITED  a worker, and a page waits for it
 *   ENDED   nobody, and more bytes are of no use
 *   OVER    the page that took it; or, when it was left behind at WORKS, the
 *           worker, who is the last to let it go
 */
#include "page/ahead.h"

#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"

enum state { RESTS, QUEUED, WORKS, WAITED, ENDED, OVER };

enum { AT_A_TIME = 32 << 10 };

struct ahead {
	struct crew_job job;
	struct pages *pages;
	struct routes *routes; /* counted: keeps site */
	const struct site *site;
	struct flow *flow; /* counted */
	/* shared: any thread */
	_Atomic unsigned refs;
	_Atomic int state;
	_Atomic uint64_t arrived, read;
	/* as state says */
	struct reading *reading;
	struct page *waits;
	uint64_t cost_us;
};

bool
ahead_may(const struct site *site)
{
	return site->opts.html_parser == PARSER_HTML5;
}

/* ---- how many ---- */

static bool
enter(_Atomic unsigned *count, unsigned most)
{
	if (atomic_fetch_add(count, 1) < most)
		return true;
	atomic_fetch_sub(count, 1);
	return false;
}

static bool
enter_both(struct pages *pages, const struct site *site)
{
	unsigned workers = pages->opts.workers;

	if (!enter(&site->load->aheads, workers))
		return false;
	if (enter(&pages->aheads, 2 * workers))
		return true;
	atomic_fetch_sub(&site->load->aheads, 1);
	return false;
}

/* ---- life ---- */

/* What is large of it. */
static void
let_go(struct ahead *ahead)
{
	if (!ahead->reading)
		return;
	reading_free(&ahead->reading);
	flow_unref(&ahead->flow);
	atomic_fetch_sub(&ahead->site->load->aheads, 1);
	atomic_fetch_sub(&ahead->pages->aheads, 1);
}

static void
ahead_unref(struct ahead *ahead)
{
	if (atomic_fetch_sub(&ahead->refs, 1) != 1)
		return;
	let_go(ahead);
	routes_unref(&ahead->routes);
	mem_free(&ahead);
}

static bool
change(struct ahead *ahead, int from, int to)
{
	return atomic_compare_exchange_strong(&ahead->state, &from, to);
}

/* ---- a worker's part ---- */

static void offer(struct ahead *ahead);

/* False: more is of no use, or what came is not kept any more. */
static bool
read_some(struct ahead *ahead)
{
	uint64_t at = atomic_load(&ahead->read), start = clock_mono_us();
	uint64_t until = at + AHEAD_RUN;
	char bytes[AT_A_TIME];
	bool goes = true;
	size_t got;

	while (goes && at < until && at < atomic_load(&ahead->arrived)) {
		got = flow_peek(ahead->flow, at, bytes, sizeof(bytes));
		goes = got > 0 && reading_feed(ahead->reading, bytes, got);
		at += got;
	}
	atomic_store(&ahead->read, at);
	ahead->cost_us += clock_mono_us() - start;
	return goes;
}

static bool
is_worth_it(const struct ahead *ahead)
{
	return atomic_load(&ahead->arrived) >=
	       atomic_load(&ahead->read) + AHEAD_PIECE;
}

static void
work(struct crew_job *job, struct worker *worker)
{
	struct ahead *ahead = container_of(job, struct ahead, job);

	(void)worker;
	if (change(ahead, QUEUED, WORKS)) {
		bool goes = read_some(ahead);

		if (change(ahead, WORKS, goes ? RESTS : ENDED)) {
			if (goes && is_worth_it(ahead))
				offer(ahead);
		} else if (change(ahead, WAITED, OVER)) {
			page_to_crew(ahead->waits, STEP_THEME);
		}
	}
	ahead_unref(ahead);
}

/* Another may have taken it once it is queued: whoever does not succeed in
 * changing the state leaves it alone. */
static void
offer(struct ahead *ahead)
{
	if (!change(ahead, RESTS, QUEUED))
		return;
	atomic_fetch_add(&ahead->refs, 1);
	if (crew_offer(ahead->pages->crew, ahead->site->load, &ahead->job))
		return;
	change(ahead, QUEUED, RESTS);
	ahead_unref(ahead);
}

/* ---- the engine's part ---- */

static bool
is_of_use(const struct site *site)
{
	struct theme *theme = NULL;
	bool is;

	skin_look(site->skin, &theme);
	is = theme && theme_reads_ahead(theme);
	theme_unref(&theme);
	return is;
}

/* No page will take it: a worker who is at it goes no further. */
static void
leave(struct ahead *ahead)
{
	int state = atomic_load(&ahead->state);

	while (!change(ahead, state, OVER))
		state = atomic_load(&ahead->state);
	must(state != WAITED);
	if (state != WORKS)
		let_go(ahead);
	ahead_unref(ahead);
}

static void
free_left(void *left)
{
	leave(left);
}

static struct ahead *
begin(struct pages *pages, struct routes *routes, const struct site *site,
    struct answer *answer)
{
	struct dress_ask ask = {
	    .content_type = head_find(&answer->head, "Content-Type")};
	struct ahead *ahead;

	if (!is_of_use(site) || !enter_both(pages, site))
		return NULL;
	dress_set_limits(&ask, &site->opts);
	ahead = mem_new(sizeof(*ahead));
	ahead->job.run = work;
	ahead->pages = pages;
	ahead->routes = routes_ref(routes);
	ahead->site = site;
	ahead->flow = flow_ref(answer->flow);
	ahead->reading = reading_new(&ask);
	atomic_init(&ahead->refs, 1);
	answer->ahead_free = free_left;
	atomic_store(&answer->ahead, ahead);
	return ahead;
}

void
ahead_more(struct pages *pages, struct routes *routes, const struct site *site,
    struct answer *answer, uint64_t arrived)
{
	struct ahead *ahead = atomic_load(&answer->ahead);

	if (!ahead && arrived >= AHEAD_FROM)
		ahead = begin(pages, routes, site, answer);
	if (!ahead)
		return;
	atomic_store(&ahead->arrived, arrived);
	if (is_worth_it(ahead))
		offer(ahead);
}

/* ---- the page's part ---- */

void
ahead_drop(struct answer *answer)
{
	struct ahead *ahead = atomic_exchange(&answer->ahead, NULL);

	if (ahead)
		leave(ahead);
}

/* What is dressed is this answer, for this page's site as it was when the
 * reading began: a reload may have changed its limits. */
static struct ahead *
find(const struct page *page)
{
	struct answer *answer = page->answer;
	struct ahead *ahead;

	if (!answer || page->error_status || page->object != answer->made)
		return NULL;
	ahead = atomic_exchange(&answer->ahead, NULL);
	if (ahead && ahead->site != page->site) {
		leave(ahead);
		return NULL;
	}
	return ahead;
}

bool
ahead_take(struct page *page)
{
	struct ahead *ahead;

	if (!page->ahead)
		page->ahead = find(page);
	ahead = page->ahead;
	if (!ahead)
		return true;
	for (;;) {
		int state = atomic_load(&ahead->state);

		if (state == OVER)
			return true;
		if (state != WORKS) {
			if (change(ahead, state, OVER))
				return true;
			continue;
		}
		ahead->waits = page;
		atomic_store(&page->stage, "read");
		if (change(ahead, WORKS, WAITED))
			return false;
	}
}

struct reading *
ahead_reading(struct page *page, uint64_t *cost_us)
{
	struct ahead *ahead = page->ahead;

	*cost_us = ahead ? ahead->cost_us : 0;
	if (!ahead || !ahead->reading)
		return NULL;
	counter_up(COUNT_READ_AHEAD);
	return ahead->reading;
}

void
ahead_close(struct page *page)
{
	struct ahead *ahead = page->ahead;

	if (!ahead)
		return;
	page->ahead = NULL;
	must(atomic_load(&ahead->state) == OVER);
	let_go(ahead);
	ahead_unref(ahead);
}
