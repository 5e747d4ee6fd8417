/* page/page.c - the life of one page, step by step
 *
 *   lookup   the store, through this worker's handle (lookup.c)
 *   judge    fresh: dress it; stale but allowed: dress it and refresh behind;
 *            else fetch (judge.c)
 *   fetch    the page leaves for the engine, alone or with others who ask
 *            the same (ask.c)
 *   answer   something came, failed, or is late: store, freshen, fall back
 *            (arrive.c)
 *   theme    HTML with a theme is dressed (dress.c)
 *   gather   documents that the rules bring in, then theme once more
 *            (gather.c)
 *   deliver  back to front (answer.c)
 *
 * A page is in one place at a time. A step that cannot go on without waiting
 * gives the page to whoever it waits for and answers STEP_AWAY; from that
 * moment this thread does not touch it any more. */
#include "page/session.h"
#include "page/page.h"

#include <string.h>

#include "base/clock.h"
#include "base/report.h"
#include "page/ahead.h"
#include "page/half.h"
#include "page/hops.h"
#include "page/lengths.h"
#include "page/life.h"
#include "page/passing.h"
#include "page/press.h"
#include "page/ranges.h"

enum { PAGE_ARENA = 2048 };

/* ---- the steps ---- */

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

static const struct {
	enum step (*run)(struct page *page, struct worker *worker);
	const char *stage;
} steps[] = {
	[STEP_LOOKUP] = {lookup_step, "lookup"},
	[STEP_JUDGE] = {judge_step, "judge"},
	[STEP_FETCH] = {ask_step, "fetch"},
	[STEP_ANSWER] = {arrive_step, "answer"},
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

/* Unqualified: with private="X" or no-cache the rest may be kept by caches
 * that others use, our cookie with it (RFC 9111 5.2.2.4, 5.2.2.7). */
static bool
is_kept_to_itself(const struct head *head, struct arena *arena)
{
	const char *at = head_joined(head, "Cache-Control", arena);
	struct slice said;

	while (at && list_next(&at, &said))
		if (slice_is(said, "private") || slice_is(said, "no-store"))
			return true;
	return false;
}

/* An answer that is its client's own may begin a session, and then names the
 * server. Nobody else's cache is to keep it with that. */
static void
name_server(struct page *page)
{
	const struct answer *answer = page->answer;
	struct head *head = &page->reply.head;
	const char *cookie;

	if (!answer || answer->made || page->reply.object || page->hit ||
	    !page->choice.upstream || page->error_status ||
	    (page->sharing.may && !head_find(&answer->head, "Set-Cookie")))
		return;
	cookie = session_cookie(page->choice.upstream, &page->request,
	    answer->server, page->arena);
	if (!cookie)
		return;
	head_add(head, "Set-Cookie", cookie);
	if (!is_kept_to_itself(head, page->arena))
		head_add(head, "Cache-Control", "private");
}

/* The reply is complete: front's again. However long its client takes to read
 * it, what was read ahead and is of no use is not kept for that. */
void
page_ready(struct page *page)
{
	if (!page->reply.kind)
		answer_status(page);
	name_server(page);
	lengths_see(page->pages->lengths, page);
	if (page->answer)
		ahead_drop(page->answer);
	ahead_close(page);
	if (page->counts_as_miss) {
		atomic_fetch_sub(&page->site->load->misses, 1);
		page->counts_as_miss = false;
	}
	atomic_store(&page->stage,
	    page->reply.status == 101 ? "upgraded" : "front");
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

/* ---- birth ---- */

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
	if (page->site)
		page->reply.ends_here = page->site->opts.policy.ttl_header;
	if (page->site && !asset_is_path(request))
		page->reply.hsts = site_hsts(page->site, request->scheme);
	page->body = body ? flow_ref(body) : NULL;
	page->body_len = body_len;
	page->on_ready = on_ready;
	page->arg = arg;
	page->outcome = FETCH_OK;
	part_take(page);
	read_request(page);
	choose_upstream(page);
	upgrade_judge(page);
	if (!registry_enter(page)) {
		choice_fini(&page->choice);
		flow_unref(&page->body);
		routes_unref(&page->routes);
		arena_free(&arena);
		return NULL;
	}
	return page;
}

/* ---- which step is the first ---- */

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

/* What the upstream answers is all that there can be, and whoever asked last
 * found that it is not kept: nothing to look up. */
static bool
only_passes(const struct page *page)
{
	const struct pages *pages = page->pages;

	if (!page->sharing.may || page->key.len == 0)
		return true;
	return !page->revives && !page->request.range &&
	    !(page->asks.cc.flags & CC_ONLY_IF_CACHED) &&
	    passing_is(pages->passing, &page->key, clock_mono_ms()) &&
	    !cache_has(pages->opts.cache, &page->key);
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
	} else if (!only_passes(page)) {
		page_to_crew(page, STEP_LOOKUP);
	} else if (ask_may(page)) {
		/* Straight to the engine. */
		ask_upstream(page);
	} else {
		page_to_crew(page, STEP_FETCH);
	}
}

/* ---- from outside, and death ---- */

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
	half_drop(gone);
	gather_fini(gone);
	choice_fini(&gone->choice);
	flow_unref(&gone->body);
	routes_unref(&gone->routes);
	arena = gone->arena;
	arena_free(&arena);
}
