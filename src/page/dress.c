/* page/dress.c - what is dressed, and the dressing
 *
 * A theme failure never costs the content: whatever goes wrong here, the page
 * goes out as the upstream sent it, with one problem and one counter.
 *
 * The verdict "the rules leave this page alone" (or cannot dress it) is kept
 * like a dressed page, so that it is not found out again for each request. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"
#include "base/report.h"
#include "page/again.h"
#include "page/ahead.h"
#include "page/debug.h"
#include "page/due.h"
#include "page/held.h"
#include "page/life.h"
#include "page/validator.h"
#include "theme/proxies.h"
#include "theme/trace.h"

enum { VERSION_SHOWN = 16 };

/* ---- is it due? ---- */

bool
dress_is_due(const struct site *site, const struct request *request,
    int status, const struct head *head)
{
	return site->skin && !request->is_script && !request->livery_off &&
	    due_is(status, head);
}

void
dress_add_vary(const struct site *site, int status, struct head *head)
{
	if (site && site->skin && due_is(status, head))
		head_add(head, "Vary", "X-Requested-With, Sec-Fetch-Dest");
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

/* ---- what comes out ---- */

/* Pages that consist of more than the upstream's bytes and the theme are told
 * apart by what they became. */
static const char *
tag_of(struct page *page, const struct head *from, const char *version,
    const char *bytes, size_t len)
{
	struct arena *arena = page->arena;
	const char *mark = page->fragments || params_vary(page) ?
	    validator_mark(arena, bytes, len) : "";
	const char *tag = validator_dressed(arena, head_find(from, "ETag"),
	    validator_version(arena, version, page->site->wearing), mark);

	return tag ? tag : validator_of_bytes(arena, bytes, len);
}

/* Fields that speak of the bytes as the upstream sent them (RFC 9110 7.7).
 * Last-Modified: a theme or a document can change within the second that it
 * counts, or go back to what it was; the ETag, which is always there, tells
 * that apart. */
void
dress_adapt_head(struct head *head, const struct head *from,
    const char *etag)
{
	static const char *const of_the_bytes[] = {
		"Content-Length", "Content-MD5", "Digest", "Content-Digest",
		"Repr-Digest", "Accept-Ranges", "Content-Range", "ETag",
		"Last-Modified", "Content-Type",
	};
	size_t i;

	head_copy(head, from);
	for (i = 0; i < COUNT_OF(of_the_bytes); i++)
		head_drop(head, of_the_bytes[i]);
	head_add(head, "Content-Type", "text/html; charset=utf-8");
	if (etag)
		head_add(head, "ETag", etag);
}

struct object *
dress_object(struct page *page, const char *version)
{
	const struct object *from = page->object;
	struct object *object = object_new(&from->key, from->kind, from->site);

	object->is_dressed = true;
	object->status = from->status;
	object->source_id = from->id;
	object->asked_ms = from->asked_ms;
	object->answered_ms = from->answered_ms;
	object->fresh = from->fresh;
	object->url = arena_strdup(object->arena, from->url);
	object->vary = arena_strdup(object->arena, from->vary);
	object->variant = arena_strdup(object->arena, from->variant);
	object->theme_version = arena_printf(object->arena, "%s%s", version,
	    page->site->wearing);
	gather_hold(page, object, clock_wall_ms());
	return object;
}

/* A stored page was dressed: so is the answer, and whoever asks next has it
 * at once. */
static void
keep_dressed(struct page *page, struct worker *worker, const char *version,
    uint64_t cost_us)
{
	const char *name = skin_options(page->site->skin)->name;
	struct object *object = dress_object(page, version);
	size_t len;
	char *bytes = buf_steal(&worker->out, &len);

	dress_adapt_head(&object->head, &page->object->head,
	    tag_of(page, &page->object->head, version, bytes, len));
	object->etag = head_find(&object->head, "ETag");
	object->theme = arena_strdup(object->arena, name);
	object->rules_version = arena_strdup(object->arena,
	    theme_rules_version(page->theme));
	object->cost_ms = (uint32_t)(cost_us / 1000);
	object->body = body_new(&bytes, len);
	cache_store_dressed(page->pages->opts.cache, page->object, object);
	object_unref(&page->dressed);
	page->dressed = object;
}

void
dress_keep_undressed(struct page *page, const char *version)
{
	struct object *object;

	if (!page->object || gather_is_private(page))
		return;
	object = dress_object(page, version);
	head_copy(&object->head, &page->object->head);
	object->etag = head_find(&object->head, "ETag");
	object->last_modified = head_find(&object->head, "Last-Modified");
	object->body = body_ref(page->object->body);
	cache_store_dressed(page->pages->opts.cache, page->object, object);
	object_unref(&object);
}

/* Takes the reference to the body. */
static void
reply_dressed(struct page *page, const struct source *source,
    struct body *body, const char *version)
{
	struct reply *reply = &page->reply;
	struct head old = *source->head;

	body_keep(page->arena, body);
	reply->status = source->status;
	head_init(&reply->head, page->arena);
	dress_adapt_head(&reply->head, &old,
	    page->error_status ? NULL :
	    tag_of(page, &old, version, body->bytes, body->len));
	/* A stored one has it already. */
	if (!page->object)
		dress_add_vary(page->site, source->status, &reply->head);
	reply->theme = arena_printf(page->arena, "%s; %.*s",
	    skin_options(page->site->skin)->name, VERSION_SHOWN, version);
	reply->bytes = body->bytes;
	reply->len = body->len;
}

/* ---- pages of our own ---- */

static bool
is_the_same_for_all(const struct page *page)
{
	return page->error_status && theme_is_same_everywhere(page->theme) &&
	    page->site->opts.includes == INCLUDES_NONE;
}

static bool
was_dressed_before(struct page *page, const struct source *source)
{
	const char *version = theme_version(page->theme);
	struct body *body = NULL;

	if (is_the_same_for_all(page))
		body = again_find(page->site->again, version, source->bytes,
		    source->len);
	if (body)
		reply_dressed(page, source, body, version);
	return body != NULL;
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

void
dress_add_age(struct page *page)
{
	int64_t age_ms = object_age_ms(page->object, clock_wall_ms());

	head_set(&page->reply.head, "Age", arena_printf(page->arena,
	    "%lld", (long long)(age_ms / 1000)));
}

void
dress_make_private(struct head *head)
{
	head_drop(head, "Expires");
	head_set(head, "Cache-Control", "private, no-cache");
}

/* The page as it is dressed: for all who ask for it, unless the rules looked
 * at this one's fields. */
static void
show(struct page *page, struct worker *worker, const struct source *source,
    uint64_t cost_us)
{
	const char *version = theme_version(page->theme);
	const char *fields = params_vary(page);
	struct body *body;
	char *bytes;
	size_t len;

	counter_up(COUNT_DRESSED_PAGES);
	if (page->object && !fields && !gather_is_private(page)) {
		keep_dressed(page, worker, version, cost_us);
		return;
	}
	bytes = buf_steal(&worker->out, &len);
	body = body_new(&bytes, len);
	if (is_the_same_for_all(page))
		again_note(page->site->again, version, source->bytes,
		    source->len, body);
	reply_dressed(page, source, body, version);
	if (fields)
		head_add(&page->reply.head, "Vary", fields);
	if (gather_is_private(page))
		dress_make_private(&page->reply.head);
	if (page->object)
		dress_add_age(page);
	(void)validator_holds(page);
}

/* The page, dressed or as it came, and what the rules did. */
static void
show_debug(struct page *page, struct worker *worker,
    const struct source *source, const struct dress_trace *trace,
    bool is_dressed)
{
	const char *type = head_find(source->head, "Content-Type");
	struct buf *out = &worker->out;
	struct body *body;
	char *bytes;
	size_t len;

	if (!is_dressed) {
		buf_clear(out);
		buf_add(out, source->bytes, source->len);
	}
	debug_put(out, trace);
	bytes = buf_steal(out, &len);
	body = body_new(&bytes, len);
	reply_dressed(page, source, body, theme_version(page->theme));
	if (!is_dressed) {
		page->reply.theme = NULL;
		head_set(&page->reply.head, "Content-Type", type);
	}
	debug_head(page);
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

static enum step
dress(struct page *page, struct worker *worker, const struct source *source)
{
	struct dress_ask ask;
	struct err err = {""};
	uint64_t start, cost_us, before_us;
	enum dressed how;
	struct expanded said = {.any = false};

	if (page->site->opts.fragment_failure != FRAGMENT_EMPTY &&
	    gather_has_failed(page))
		return gather_without(page);
	if (!page->request.livery_debug && was_dressed_before(page, source))
		return STEP_DELIVER;
	if (!ahead_take(page))
		return STEP_AWAY;
	start = clock_mono_us();
	ask_for(&ask, page, source);
	ask.trace = debug_trace(page);
	ask.reading = ahead_reading(page, &before_us);
	how = theme_dress(page->theme, worker->dresser, &ask, &worker->out,
	    &err);
	ahead_close(page);
	cost_us = clock_mono_us() - start + before_us;
	counter_add(COUNT_DRESS_US, (int64_t)cost_us);
	if (how == DRESSED_WANTS)
		return gather(page, worker->dresser);
	if (how == DRESSED && splice_page(page, worker, &worker->out,
				   &said) != 0) {
		err_set(&err, "with its includes it is too big");
		how = DRESSED_FAILED;
	}
	if (said.waits)
		return gather(page, NULL);
	if (said.lacks &&
	    page->site->opts.fragment_failure != FRAGMENT_EMPTY)
		return gather_without(page);
	if (how == DRESSED_FAILED || (how == DRESSED_NOT && *err.text))
		failed(page, &err);
	if (ask.trace)
		show_debug(page, worker, source, ask.trace, how == DRESSED);
	else if (how == DRESSED)
		show(page, worker, source, cost_us);
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
