/* page/page.c - the life of one page, step by step
 *
 *   lookup   the store, through this worker's handle
 *   judge    fresh: dress it; stale but allowed: dress it and refresh behind;
 *            else fetch
 *   fetch    the page leaves for the engine, alone or with others who ask
 *            the same
 *   answer   something came, failed, or is late: store, freshen, fall back
 *   theme    HTML with a theme is dressed
 *   gather   documents that the rules bring in, then theme once more
 *   deliver  back to front
 *
 * A page is in one place at a time. A step that cannot go on without waiting
 * gives the page to whoever it waits for and answers STEP_AWAY; from that
 * moment this thread does not touch it any more. */
#include "page/page.h"

#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"
#include "base/report.h"
#include "cache/early.h"
#include "page/ahead.h"
#include "page/failing.h"
#include "page/fragment.h"
#include "page/hops.h"
#include "page/life.h"
#include "page/press.h"
#include "page/ranges.h"
#include "page/revive.h"

enum { PAGE_ARENA = 2048 };

static void on_event(struct waiter *waiter, enum event event,
    struct answer *answer);

/* ---- the steps ---- */

/* What a field of the page's request is to whom it is asked of. */
static const char *
page_field(void *arg, const char *name)
{
	struct page *page = arg;
	struct slice value;

	switch (sent_field(&page->request, &page->choice, name, &value)) {
	case SENT_ABSENT:
		return NULL;
	case SENT_VALUE:
		return arena_strndup(page->arena, value.from, value.len);
	case SENT_AS_IT_CAME:
		break;
	}
	if (sent_is_listed(&page->request, name))
		return NULL;
	return head_joined(page->request.fields, name, page->arena);
}

static enum step
step_lookup(struct page *page, struct worker *worker)
{
	struct cache *cache = page->pages->opts.cache;
	const char *version = NULL;

	if (!page->sharing.may || page->key.len == 0)
		return STEP_FETCH;
	page->object = cache_find(cache, &page->key, page_field, page,
	    &page->dressed);
	if (page->object)
		return STEP_JUDGE;
	if (page->site->skin) {
		theme_unref(&page->theme);
		skin_look(page->site->skin, &page->theme);
		version = page->theme ? arena_printf(page->arena, "%s%s",
		    theme_version(page->theme), page->site->wearing) : NULL;
	}
	page->object = cache_load(worker->reader, &page->key, page_field,
	    page, version, &page->dressed);
	page->from_file = page->object != NULL;
	page->other_variant = !page->object && cache_has(cache, &page->key);
	return STEP_JUDGE;
}

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

static enum step
step_judge(struct page *page, struct worker *worker)
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

/* The site's share of misses, and the waiting of one who has a stale copy. */
static bool
enter_miss(struct page *page)
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
static void
ask(struct page *page)
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

static enum step
step_fetch(struct page *page, struct worker *worker)
{
	(void)worker;
	if (!enter_miss(page)) {
		page->outcome = FETCH_TOO_MANY;
		return STEP_ANSWER;
	}
	ask(page);
	return STEP_AWAY;
}

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
	if (!upstream_answered_since(upstream, page->asked_ms))
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

static enum step
step_answer(struct page *page, struct worker *worker)
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

static enum step
step_deliver(struct page *page, struct worker *worker)
{
	struct object *shown = page->dressed ? page->dressed : page->object;

	if (page->error_status || page->reply.bytes) {
		press_own(page, worker);
	} else if (page->object) {
		answer_from_object(page, shown, page->object);
		press_reply(page, worker, shown);
	} else if (page->answer) {
		answer_from_answer(page);
	}
	page_ready(page);
	return STEP_AWAY;
}

static enum step
step_purge(struct page *page, struct worker *worker)
{
	(void)worker;
	return purge_step(page);
}

static enum step
step_part(struct page *page, struct worker *worker)
{
	(void)worker;
	return part_judge(page);
}

static const struct {
	enum step (*run)(struct page *page, struct worker *worker);
	const char *stage;
} steps[] = {
	[STEP_LOOKUP] = {step_lookup, "lookup"},
	[STEP_JUDGE] = {step_judge, "judge"},
	[STEP_FETCH] = {step_fetch, "fetch"},
	[STEP_ANSWER] = {step_answer, "answer"},
	[STEP_THEME] = {dress_page, "dress"},
	[STEP_GATHER] = {gather_step, "gather"},
	[STEP_ASSET] = {asset_step, "asset"},
	[STEP_PURGE] = {step_purge, "purge"},
	[STEP_PART] = {step_part, "part"},
	[STEP_DELIVER] = {step_deliver, "deliver"},
};

static void
page_run(struct crew_job *job, struct worker *worker)
{
	struct page *page = container_of(job, struct page, job);
	enum step step = page->step;

	while (step != STEP_AWAY) {
		page->step = step;
		atomic_store(&page->stage, steps[step].stage);
		step = steps[step].run(page, worker);
	}
}

/* ---- from place to place ---- */

void
page_to_crew(struct page *page, enum step step)
{
	page->step = step;
	page->job.run = page_run;
	atomic_store(&page->stage, "crew");
	crew_post(page->pages->crew,
	    page->site ? page->site->load : page->pages->load, &page->job);
}

/* The reply is complete: front's again. However long its client takes to read
 * it, what was read ahead and is of no use is not kept for that. */
void
page_ready(struct page *page)
{
	if (!page->reply.kind)
		answer_status(page);
	if (page->answer)
		ahead_drop(page->answer);
	ahead_close(page);
	if (page->counts_as_miss) {
		atomic_fetch_sub(&page->site->load->misses, 1);
		page->counts_as_miss = false;
	}
	atomic_store(&page->stage, "front");
	page->on_ready(page->arg);
}

const char *
page_url(struct page *page)
{
	const struct request *request = &page->request;

	return arena_printf(page->arena, "%s://%.*s%.*s", request->scheme,
	    (int)request->host_len, request->host, (int)request->target_len,
	    request->target);
}

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
		ask(page);
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
		ask(page);
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
		ask(page);
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

/* ---- birth and death ---- */

static bool
make_key(struct page *page, struct key *key, char room[KEY_MAX])
{
	const struct request *request = &page->request;

	return site_key(page->site, key, room,
		   (struct slice){request->scheme, strlen(request->scheme)},
		   (struct slice){request->host, request->host_len},
		   (struct slice){request->target,
		       request->target_len}) == 0;
}

/* RFC 9110 9.2.1; an unknown method may change things. */
static bool
is_safe(const char *method)
{
	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ||
	    strcmp(method, "OPTIONS") == 0 || strcmp(method, "TRACE") == 0;
}

/* A cookie that keeps a page from being shared: `cache why` names it. */
static void
note_cookie(struct page *page, const struct key *key)
{
	const struct slice *cookie = &page->sharing.cookie;

	cache_note_unstored(page->pages->opts.cache, key,
	    arena_printf(page->arena, "cookie %.*s", (int)cookie->len,
		cookie->from), clock_wall_ms());
}

static void
read_request(struct page *page)
{
	const struct request *request = &page->request;
	char room[KEY_MAX];

	page->asks.is_get = request->is_get;
	page->asks.is_head = request->is_head;
	page->asks.is_allowed = request->is_allowed;
	page->asks.has_authorization = request->authorization != NULL;
	cachecontrol_read(&page->asks.cc, request->fields, "Cache-Control");
	page->hops = hops_count(request->fields, page->pages->opts.via);
	if (!page->site)
		return;
	page->sharing = sharing_of(request, page->site);
	page->is_unsafe = !is_safe(request->method);
	if (!make_key(page, &page->key, room)) {
		page->key.len = 0;
		return;
	}
	page->key.text = arena_strndup(page->arena, page->key.text,
	    page->key.len);
	ranges_take(page);
	if (!page->sharing.may && page->sharing.cookie.len > 0)
		note_cookie(page, &page->key);
}

/* Whom to ask. What more than the address decides is nobody else's. */
static void
choose_upstream(struct page *page)
{
	struct err err = {""};

	if (!page->site || asset_is_path(&page->request) ||
	    purge_is(&page->request))
		return;
	page->refused = choose(&page->choice, page->site, &page->request,
	    page->arena, &err);
	if (page->choice.looked_beyond)
		page->sharing.may_keep = false;
	if (page->choice.looked_beyond && page->sharing.may) {
		page->sharing.may = false;
		page->sharing.why = "proxy";
	}
	if (page->refused == 502)
		report_problem("fetch", page_url(page), err.text,
		    "an error page");
}

/* The same path with a slash at its end. */
static void
answer_moved(struct page *page)
{
	const char *target = page->request.target;
	size_t len = strcspn(target, "?");

	/* "//x/" would be another host. */
	while (target[0] == '/' && target[1] == '/') {
		target++;
		len--;
	}
	answer_plain(page, 301, "it is at the same address with a slash\n");
	head_add(&page->reply.head, "Location", arena_printf(page->arena,
	    "%.*s/%s", (int)len, target, target + len));
	page_ready(page);
}

static void
start_refused(struct page *page)
{
	if (page->refused == 301) {
		answer_moved(page);
		return;
	}
	answer_error(page, page->refused,
	    page->refused == 502 ? "no address" : NULL);
	page_to_crew(page, STEP_THEME);
}

/* It goes in a circle, and everybody in it would wait for the next. Not
 * dressed: a theme may have the include that closes the circle. */
static void
answer_loop(struct page *page)
{
	page->error_status = 508;
	report_problem("loop", page_url(page),
	    "by its Via it has been here too often: what includes this "
	    "includes itself, or an upstream is this server", "508");
	answer_plain(page, 508, "this request goes in a circle\n");
	answer_proxy_status(page, "proxy_loop_detected");
	page_ready(page);
}

struct page *
page_new(struct pages *pages, const struct request *request,
    struct flow *body, int64_t body_len, void (*on_ready)(void *arg),
    void *arg)
{
	struct arena *arena = arena_new(PAGE_ARENA);
	struct page *page = arena_get(arena, sizeof(*page));

	page->arena = arena;
	page->pages = pages;
	page->request = *request;
	page->started_ms = clock_mono_ms();
	page->id = atomic_fetch_add(&pages->next_id, 1) + 1;
	atomic_store(&page->stage, "front");
	page->routes = pages_routes(pages);
	page->site = asset_is_path(request) ?
	    asset_site(page->routes, request) : NULL;
	if (!page->site)
		page->site = routes_find(page->routes, request->host,
		    request->host_len, request->target);
	page->body = body ? flow_ref(body) : NULL;
	page->body_len = body_len;
	page->on_ready = on_ready;
	page->arg = arg;
	page->outcome = FETCH_OK;
	part_take(page);
	read_request(page);
	choose_upstream(page);
	if (!registry_enter(page)) {
		choice_fini(&page->choice);
		flow_unref(&page->body);
		routes_unref(&page->routes);
		arena_free(&arena);
		return NULL;
	}
	return page;
}

void
page_start(struct page *page)
{
	if (purge_is(&page->request)) {
		page_to_crew(page, STEP_PURGE);
	} else if (!page->site) {
		answer_error(page, 421, NULL);
		page_ready(page);
	} else if (page->hops >= HOPS_SEEN_MAX) {
		answer_loop(page);
	} else if (asset_is_path(&page->request)) {
		page_to_crew(page, STEP_ASSET);
	} else if (page->refused) {
		start_refused(page);
	} else if (page->part) {
		page_to_crew(page, STEP_PART);
	} else if (page->sharing.may && page->key.len > 0) {
		page_to_crew(page, STEP_LOOKUP);
	} else if (enter_miss(page)) {
		/* Nothing to look up: straight to the engine. */
		ask(page);
	} else {
		page_to_crew(page, STEP_FETCH);
	}
}

struct reply *
page_reply(struct page *page)
{
	return &page->reply;
}

void
page_revives(struct page *page)
{
	page->revives = true;
}

void
page_leave(struct page *page)
{
	atomic_store(&page->gone, true);
}

bool
page_is_gone(const struct page *page)
{
	return atomic_load(&page->gone);
}

void
page_free(struct page **page)
{
	struct page *gone = *page;
	struct arena *arena;

	*page = NULL;
	if (!gone)
		return;
	registry_leave(gone);
	reply_fini(&gone->reply);
	answer_unref(&gone->answer);
	object_unref(&gone->object);
	object_unref(&gone->dressed);
	object_unref(&gone->fallback);
	object_unref(&gone->fallback_dressed);
	theme_unref(&gone->theme);
	ahead_close(gone);
	gather_fini(gone);
	choice_fini(&gone->choice);
	flow_unref(&gone->body);
	routes_unref(&gone->routes);
	arena = gone->arena;
	arena_free(&arena);
}

/* ---- the module ---- */

int
pages_start(struct pages **out, const struct pages_opts *opts,
    struct err *err)
{
	struct pages *pages = mem_new(sizeof(*pages));

	pages->opts = *opts;
	lock_init(&pages->lock);
	pages->routes = routes_new();
	pages->load = site_load_new();
	pages->fragments = fragments_new();
	pages->failing = failing_new();
	if (press_start(&pages->press, opts->cache, err) != 0 ||
	    crew_start(&pages->crew, opts->cache, opts->workers, err) != 0) {
		press_stop(&pages->press);
		routes_unref(&pages->routes);
		site_load_unref(&pages->load);
		fragments_free(&pages->fragments);
		failing_free(&pages->failing);
		lock_fini(&pages->lock);
		mem_free(&pages);
		return -1;
	}
	*out = pages;
	return 0;
}

void
pages_quiet(struct pages *pages)
{
	if (pages)
		revive_quiet(pages);
}

void
pages_stop(struct pages **pages)
{
	if (!*pages)
		return;
	revive_quiet(*pages);
	revive_free(&(*pages)->revive);
	crew_stop(&(*pages)->crew);
	press_stop(&(*pages)->press);
	must(!(*pages)->oldest);
	routes_unref(&(*pages)->routes);
	site_load_unref(&(*pages)->load);
	fragments_free(&(*pages)->fragments);
	failing_free(&(*pages)->failing);
	lock_fini(&(*pages)->lock);
	mem_free(pages);
}

void
pages_set_routes(struct pages *pages, struct routes *routes)
{
	struct routes *old;

	crew_set_sites(pages->crew, (unsigned)routes_count(routes));
	lock_take(&pages->lock);
	old = pages->routes;
	pages->routes = routes_ref(routes);
	lock_drop(&pages->lock);
	atomic_fetch_add_explicit(&pages->routes_version, 1,
	    memory_order_release);
	routes_unref(&old);
}

struct routes *
pages_routes(struct pages *pages)
{
	struct routes *routes;

	lock_take(&pages->lock);
	routes = routes_ref(pages->routes);
	lock_drop(&pages->lock);
	return routes;
}
