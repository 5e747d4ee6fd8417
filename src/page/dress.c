/* page/dress.c - is a page to be dressed, with what, and the dressing
 *
 * A theme failure never costs the content: whatever goes wrong here, the page
 * goes out as the upstream sent it, with one problem and one counter. What
 * comes out is dressed.c's. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/report.h"
#include "page/ahead.h"
#include "page/debug.h"
#include "page/due.h"
#include "page/half.h"
#include "page/held.h"
#include "page/life.h"
#include "theme/proxies.h"
#include "theme/trace.h"

/* ---- is it due? ---- */

bool
dress_is_due(const struct site *site, const struct request *request,
    int status, const struct head *head)
{
	return site->skin && !request->is_script && !request->livery_off &&
	    due_is(status, head);
}

/* ---- what goes in ---- */

CHECKED int
page_source(struct page *page, struct source *source)
{
	if (page->error_status) {
		source->status = page->reply.status;
		source->head = &page->reply.head;
		source->bytes = page->reply.bytes;
		source->len = page->reply.len;
	} else if (page->object) {
		source->status = page->object->status;
		source->head = &page->object->head;
		source->bytes = page->object->body->bytes;
		source->len = page->object->body->len;
	} else {
		source->status = page->answer->status;
		source->head = &page->answer->head;
		source->len = (size_t)flow_len(page->answer->flow);
		/* Once, however often it is dressed. */
		if (!page->flat) {
			page->flat = flow_flatten(page->answer->flow);
			if (!page->flat)
				return -1;
			arena_keep(page->arena, free, page->flat);
		}
		source->bytes = page->flat;
	}
	return 0;
}

static const char *
path_of(struct page *page)
{
	return arena_strndup(page->arena, page->request.target,
	    strcspn(page->request.target, "?"));
}

static struct dress_exchange
exchange_of(struct page *page, const struct source *source)
{
	const struct request *request = &page->request;
	const char *query = strchr(request->target, '?');

	return (struct dress_exchange){
	    /* What a HEAD finds stored is dressed for those who GET it. */
	    .method = request->is_head ? "GET" : request->method,
	    .scheme = request->scheme,
	    .host = arena_strndup(page->arena, request->host,
		routes_host_len(request->host, request->host_len)),
	    .query = query ? query + 1 : NULL,
	    .client = request_client(request, page->arena),
	    .request = request->fields,
	    .response = source->head,
	    .status = source->status,
	    .classes = page->choice.proxy ? page->choice.proxy->classes : NULL,
	};
}

void
dress_set_limits(struct dress_ask *ask, const struct site_opts *opts)
{
	ask->xpath_max_ops = (unsigned long)opts->xpath_max_ops;
	ask->html_max_bytes = (size_t)opts->themed_max;
	ask->libxml2 = opts->html_parser == PARSER_LIBXML2;
	ask->html_max_depth = opts->html_max_depth;
	ask->html_max_attributes = opts->html_max_attributes;
	ask->html_max_nodes = opts->html_max_nodes;
}

static void
ask_for(struct dress_ask *ask, struct page *page, const struct source *source)
{
	memset(ask, 0, sizeof(*ask));
	ask->bytes = source->bytes;
	ask->len = source->len;
	ask->content_type = head_find(source->head, "Content-Type");
	ask->path = path_of(page);
	ask->exchange = exchange_of(page, source);
	params_give(page, ask);
	gather_give(page, ask);
	dress_set_limits(ask, &page->site->opts);
}

/* ---- the dressing ---- */

static void
failed(struct page *page, const struct err *err)
{
	counter_up(COUNT_DRESS_FAILED);
	page->detail = "undressed";
	report_problem("dress", page_url(page), err->text,
	    "the page as it came");
}

/* Some of the page comes from elsewhere. */
static enum step
gather(struct page *page, const struct dresser *dresser)
{
	static const struct err never = {
	    "its rules want ever more documents"};

	if (gather_want(page, dresser) == 0)
		return STEP_GATHER;
	failed(page, &never);
	return STEP_DELIVER;
}

/* Not before its includes were looked at. */
static void
leave_undressed(struct page *page)
{
	const char *version = theme_version(page->theme);

	if (page->site->opts.includes == INCLUDES_NONE)
		dress_keep_undressed(page, version);
	else
		page->verdict = arena_strdup(page->arena, version);
}

/* What its rules make of it, or had made of it when its includes were found. */
static enum dressed
make(struct page *page, struct worker *worker, const struct source *source,
    struct dress_ask *ask, uint64_t *cost_us, struct err *err)
{
	uint64_t start = clock_mono_us(), before_us;
	enum dressed how;

	if (half_take(page, &worker->out, cost_us))
		return DRESSED;
	ask_for(ask, page, source);
	ask->trace = debug_trace(page);
	ask->reading = ahead_reading(page, &before_us);
	how = theme_dress(page->theme, worker->dresser, ask, &worker->out,
	    err);
	ahead_close(page);
	*cost_us = clock_mono_us() - start + before_us;
	counter_add(COUNT_DRESS_US, (int64_t)*cost_us);
	return how;
}

/* What the rules did is told of the whole. */
static enum step
wait_for_includes(struct page *page, struct worker *worker, uint64_t cost_us)
{
	if (!page->request.livery_debug)
		half_keep(page, &worker->out, cost_us);
	return gather(page, NULL);
}

static enum step
dress(struct page *page, struct worker *worker, const struct source *source)
{
	struct dress_ask ask = {.trace = NULL};
	struct err err = {""};
	uint64_t cost_us;
	enum dressed how;
	struct expanded said = {.any = false};

	if (page->site->opts.fragment_failure != FRAGMENT_EMPTY &&
	    gather_has_failed(page))
		return gather_without(page);
	if (!page->request.livery_debug && dressed_before(page, source))
		return STEP_DELIVER;
	if (!ahead_take(page))
		return STEP_AWAY;
	how = make(page, worker, source, &ask, &cost_us, &err);
	if (how == DRESSED_WANTS)
		return gather(page, worker->dresser);
	if (how == DRESSED && splice_page(page, worker, &worker->out,
				   &said) != 0) {
		err_set(&err, "with its includes it is too big");
		how = DRESSED_FAILED;
	}
	if (said.waits)
		return wait_for_includes(page, worker, cost_us);
	if (said.lacks &&
	    page->site->opts.fragment_failure != FRAGMENT_EMPTY)
		return gather_without(page);
	if (how == DRESSED_FAILED || (how == DRESSED_NOT && *err.text))
		failed(page, &err);
	if (ask.trace)
		dressed_debug(page, worker, source, ask.trace, how == DRESSED);
	else if (how == DRESSED)
		dressed_show(page, worker, source, cost_us);
	else if (!params_vary(page))
		leave_undressed(page);
	return STEP_DELIVER;
}

static void
on_skin(struct skin_wait *wait)
{
	page_to_crew(container_of(wait, struct page, skin_wait), STEP_THEME);
}

static bool
is_made_with(const struct object *dressed, const struct theme *theme,
    const struct site *site)
{
	const char *version = theme ? theme_version(theme) : "";
	size_t len = strlen(version);

	return dressed && theme && dressed->theme_version &&
	    strncmp(dressed->theme_version, version, len) == 0 &&
	    strcmp(dressed->theme_version + len, site->wearing) == 0;
}

/* STEP_DELIVER: it was dressed, or goes as it is. */
static enum step
dress_or_leave(struct page *page, struct worker *worker)
{
	struct source source;
	enum skin_state state;

	if (page->part)
		return part_step(page);
	if (!page->site || !page->site->skin) {
		if (!page->site || page->site->opts.includes == INCLUDES_NONE)
			object_unref(&page->dressed);
		return STEP_DELIVER;
	}
	theme_unref(&page->theme);
	state = skin_look(page->site->skin, &page->theme);
	/* It is the object's: an answer that came since, or a page of ours, is
	 * another. */
	if (page->object && is_made_with(page->dressed, page->theme,
				page->site) &&
	    held_is_good(page->pages->opts.cache, page->dressed,
		clock_wall_ms()) &&
	    !page->request.is_script && !page->request.livery_off &&
	    !page->request.livery_debug)
		return STEP_DELIVER;
	object_unref(&page->dressed);
	must(!(page->error_status && page->object));
	if (page_source(page, &source) != 0 ||
	    !dress_is_due(page->site, &page->request, source.status,
		source.head))
		return STEP_DELIVER;
	if ((state == SKIN_LATE || state == SKIN_NEVER) &&
	    !page->waited_for_skin) {
		page->waited_for_skin = true;
		page->skin_wait.on_over = on_skin;
		page->skin_wait.gone = &page->gone;
		atomic_store(&page->stage, "theme");
		skin_wait(page->site->skin, &page->skin_wait);
		return STEP_AWAY;
	}
	if (page->theme)
		return dress(page, worker, &source);
	page->detail = "no-theme";
	return STEP_DELIVER;
}

enum step
dress_page(struct page *page, struct worker *worker)
{
	enum step step = dress_or_leave(page, worker);

	return step == STEP_DELIVER ? weave_page(page, worker) : step;
}
