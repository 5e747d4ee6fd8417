/* page/dress.c - what is dressed, and the dressing
 *
 * A theme failure never costs the content: whatever goes wrong here, the page
 * goes out as the upstream sent it, with one problem and one counter.
 *
 * The verdict "the rules leave this page alone" (or cannot dress it) is kept
 * like a dressed page, so that it is not found out again for each request. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"
#include "base/report.h"
#include "http/media.h"
#include "page/life.h"

enum { VERSION_SHOWN = 12 };

/* ---- is it due? ---- */

static bool
says_off(const struct head *head)
{
	static const char *const names[] = {
		"X-Livery-Off", "X-Diazo-Off", "X-Theme-Disabled",
	};
	size_t i;

	for (i = 0; i < COUNT_OF(names); i++) {
		const char *value = head_find(head, names[i]);

		if (value && strcasecmp(value, "false") != 0 &&
		    strcasecmp(value, "no") != 0 && strcmp(value, "0") != 0)
			return true;
	}
	return false;
}

static bool
may_be_transformed(const struct head *head)
{
	struct cachecontrol cc;

	cachecontrol_read(&cc, head, "Cache-Control");
	return !(cc.flags & CC_NO_TRANSFORM);
}

bool
dress_is_due_head(int status, const struct head *head)
{
	if (status < 200 || status == 204 || status == 206 || status == 401 ||
	    (status >= 300 && status < 400))
		return false;
	return media_is_html(head_find(head, "Content-Type")) &&
	    !head_find(head, "Content-Encoding") && !says_off(head) &&
	    may_be_transformed(head);
}

bool
dress_is_due(const struct site *site, const struct request *request,
    int status, const struct head *head)
{
	return site->skin && !request->is_script && !request->livery_off &&
	    dress_is_due_head(status, head);
}

void
dress_add_vary(const struct site *site, int status, struct head *head)
{
	if (site && site->skin && dress_is_due_head(status, head))
		head_add(head, "Vary", "X-Requested-With, Sec-Fetch-Dest");
}

/* ---- what goes in ---- */

struct source {
	int status;
	const struct head *head;
	const char *bytes;
	size_t len;
};

static int
source_of(struct page *page, struct source *source)
{
	char *flat;

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
		flat = flow_flatten(page->answer->flow);
		if (!flat)
			return -1;
		arena_keep(page->arena, free, flat);
		source->bytes = flat;
	}
	return 0;
}

static const char *
path_of(struct page *page)
{
	return arena_strndup(page->arena, page->request.target,
	    strcspn(page->request.target, "?"));
}

static void
ask_for(struct dress_ask *ask, struct page *page,
    const struct source *source, struct dress_param params[6])
{
	const struct site_opts *opts = &page->site->opts;
	const struct request *request = &page->request;
	const char *query = strchr(request->target, '?');
	const char *host = arena_strndup(page->arena, request->host,
	    request->host_len);

	memset(ask, 0, sizeof(*ask));
	ask->bytes = source->bytes;
	ask->len = source->len;
	ask->content_type = head_find(source->head, "Content-Type");
	ask->path = path_of(page);
	params[0] = (struct dress_param){"host", host};
	params[1] = (struct dress_param){"scheme", request->scheme};
	params[2] = (struct dress_param){"query_string",
		query ? query + 1 : ""};
	params[3] = (struct dress_param){"url", arena_printf(page->arena,
		"%s://%s%s", request->scheme, host, ask->path)};
	params[4] = (struct dress_param){"base", arena_printf(page->arena,
		"%s://%s", request->scheme, host)};
	ask->params = params;
	ask->params_count = 5;
	ask->xpath_max_ops = (unsigned long)opts->xpath_max_ops;
	ask->html_max_bytes = (size_t)opts->themed_max;
	ask->html_max_depth = opts->html_max_depth;
	ask->html_max_attributes = opts->html_max_attributes;
	ask->html_max_nodes = opts->html_max_nodes;
}

/* ---- what comes out ---- */

/* Fields that speak of the bytes as the upstream sent them (RFC 9110 7.7). */
static void
adapt_head(struct head *head, const struct head *from, struct arena *arena,
    const char *version)
{
	static const char *const of_the_bytes[] = {
		"Content-Length", "Content-MD5", "Digest", "Content-Digest",
		"Repr-Digest", "Accept-Ranges", "Content-Range", "ETag",
		"Last-Modified", "Content-Type",
	};
	const char *etag = head_find(from, "ETag");
	size_t i, n;

	head_copy(head, from);
	for (i = 0; i < COUNT_OF(of_the_bytes); i++)
		head_drop(head, of_the_bytes[i]);
	head_add(head, "Content-Type", "text/html; charset=utf-8");
	if (etag) {
		etag += strncmp(etag, "W/", 2) == 0 ? 2 : 0;
		n = strlen(etag);
		if (n >= 2 && etag[0] == '"' && etag[n - 1] == '"')
			head_add(head, "ETag", arena_printf(arena,
			    "W/\"%.*s-%.*s\"", (int)(n - 2), etag + 1,
			    VERSION_SHOWN, version));
	}
}

static struct object *
dressed_object(struct page *page, const char *version)
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
	object->theme_version = arena_strdup(object->arena, version);
	return object;
}

/* A stored page was dressed: so is the answer, and whoever asks next has it
 * at once. */
static void
keep_dressed(struct page *page, struct worker *worker, const char *version,
    uint64_t cost_us)
{
	const char *name = skin_options(page->site->skin)->name;
	struct object *object = dressed_object(page, version);
	size_t len;
	char *bytes = buf_steal(&worker->out, &len);

	adapt_head(&object->head, &page->object->head, object->arena,
	    version);
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

/* The rules leave it alone, or cannot dress it: remembered in memory. */
static void
keep_undressed(struct page *page, const char *version)
{
	struct object *object;

	if (!page->object)
		return;
	object = dressed_object(page, version);
	head_copy(&object->head, &page->object->head);
	object->etag = head_find(&object->head, "ETag");
	object->last_modified = head_find(&object->head, "Last-Modified");
	object->body = body_ref(page->object->body);
	cache_store_dressed(page->pages->opts.cache, page->object, object);
	object_unref(&object);
}

static void
reply_dressed(struct page *page, const struct source *source,
    struct worker *worker, const char *version)
{
	struct reply *reply = &page->reply;
	struct head old = *source->head;
	size_t len;
	char *bytes = buf_steal(&worker->out, &len);

	arena_keep(page->arena, free, bytes);
	reply->status = source->status;
	head_init(&reply->head, page->arena);
	adapt_head(&reply->head, &old, page->arena, version);
	dress_add_vary(page->site, source->status, &reply->head);
	reply->theme = arena_printf(page->arena, "%s; %.*s",
	    skin_options(page->site->skin)->name, VERSION_SHOWN, version);
	reply->bytes = bytes;
	reply->len = len;
}

/* ---- the dressing ---- */

static void
failed(struct page *page, const struct err *err)
{
	const char *url = arena_printf(page->arena, "%s://%.*s%s",
	    page->request.scheme, (int)page->request.host_len,
	    page->request.host, page->request.target);

	counter_up(COUNT_DRESS_FAILED);
	page->detail = "undressed";
	report_problem("dress", url, err->text, "the page as it came");
}

static void
dress(struct page *page, struct worker *worker, const struct source *source)
{
	const char *version = theme_version(page->theme);
	struct dress_param params[6];
	struct dress_ask ask;
	struct err err = {""};
	uint64_t start = clock_mono_us();
	enum dressed how;

	ask_for(&ask, page, source, params);
	how = theme_dress(page->theme, worker->dresser, &ask, &worker->out,
	    &err);
	counter_add(COUNT_DRESS_US, (int64_t)(clock_mono_us() - start));
	if (how == DRESSED)
		counter_up(COUNT_DRESSED_PAGES);
	if (how == DRESSED_FAILED)
		failed(page, &err);
	if (how != DRESSED)
		keep_undressed(page, version);
	else if (page->object)
		keep_dressed(page, worker, version, clock_mono_us() - start);
	else
		reply_dressed(page, source, worker, version);
}

static void
on_skin(struct skin_wait *wait)
{
	page_to_crew(container_of(wait, struct page, skin_wait), STEP_THEME);
}

static bool
is_made_with(const struct object *dressed, const struct theme *theme)
{
	return dressed && theme && dressed->theme_version &&
	    strcmp(dressed->theme_version, theme_version(theme)) == 0;
}

enum step
dress_page(struct page *page, struct worker *worker)
{
	struct source source;
	enum skin_state state;

	if (!page->site || !page->site->skin) {
		object_unref(&page->dressed);
		return STEP_DELIVER;
	}
	theme_unref(&page->theme);
	state = skin_look(page->site->skin, &page->theme);
	/* It is the object's: an answer that came since, or a page of ours, is
	 * another. */
	if (page->object && is_made_with(page->dressed, page->theme) &&
	    !page->request.is_script && !page->request.livery_off)
		return STEP_DELIVER;
	object_unref(&page->dressed);
	must(!(page->error_status && page->object));
	if (source_of(page, &source) != 0 ||
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
		dress(page, worker, &source);
	else
		page->detail = "no-theme";
	return STEP_DELIVER;
}
