/* page/asset.c - the files of a theme: styles, scripts, images, fonts
 *
 * They are served under "/.livery/t/NAME/" so that a site is whole without its
 * theme's host. What a page or stylesheet of the theme refers to is fetched
 * ahead, stored and kept like the theme. Anything else below that path (what a
 * script loads by itself) is passed on if it is the kind of thing a page is made
 * of, without the theme's credentials, and not stored: this is no way to read
 * the theme's host. */
#include "page/asset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/report.h"
#include "http/media.h"
#include "page/life.h"
#include "page/made.h"
#include "page/press.h"
#include "page/since.h"

static const char root[] = "/.livery/";
static const char below[] = "/.livery/t/";

enum { KEEP_AT_LEAST_MS = 60 * 1000 };

bool
asset_is_path(const struct request *request)
{
	return strncmp(request->target, root, sizeof(root) - 1) == 0;
}

/* "/.livery/t/NAME/css/site.css" is "/css/site.css" of the theme NAME; NULL:
 * it is no file of a theme. */
static const char *
asset_of(const char *target, struct slice *name)
{
	if (strncmp(target, below, sizeof(below) - 1) != 0)
		return NULL;
	name->from = target + sizeof(below) - 1;
	name->len = strcspn(name->from, "/?");
	return name->len && name->from[name->len] == '/' ?
	    name->from + name->len : NULL;
}

const struct site *
asset_site(const struct routes *routes, const struct request *request)
{
	struct slice name;

	if (!asset_of(request->target, &name))
		return NULL;
	return routes_find_theme(routes, request->host, request->host_len,
	    name.from, name.len);
}

/* The address itself is in the key: a theme that moved to another host has
 * other files. */
int
asset_key(struct key *key, char *room, const struct skin *skin,
    const char *asset)
{
	const char *origin = skin_origin(skin);
	size_t origin_len = strlen(origin), len = strlen(asset);
	char url[KEY_MAX];

	if (origin_len + len >= sizeof(url))
		return -1;
	memcpy(url, origin, origin_len);
	memcpy(url + origin_len, asset, len + 1);
	return key_make_url(key, room, KIND_ASSET, skin_options(skin)->name,
	    url);
}

/* ---- the question ---- */

struct asset_question {
	struct since since; /* when it was asked */
	struct skin *skin; /* counted */
	const char *asset;
	struct key key;
	struct object *stored; /* counted, or NULL */
	bool known;
};

static bool
is_page_material(const char *content_type)
{
	static const char *const types[] = {
		"text/css", "text/javascript", "application/javascript",
		"application/x-javascript", "application/manifest+json",
		"application/wasm", "application/font-woff",
		"application/vnd.ms-fontobject", "text/vtt",
	};
	size_t i;

	if (!content_type)
		return false;
	for (i = 0; i < COUNT_OF(types); i++)
		if (media_is(content_type, types[i]))
			return true;
	return strncmp(content_type, "image/", 6) == 0 ||
	    strncmp(content_type, "font/", 5) == 0 ||
	    strncmp(content_type, "video/", 6) == 0 ||
	    strncmp(content_type, "audio/", 6) == 0 ||
	    strncmp(content_type, "application/x-font", 18) == 0;
}

static enum plan
on_head(struct errand *errand, struct answer *answer)
{
	struct asset_question *question = errand->arg;

	errand->keep_max = skin_options(question->skin)->asset_max;
	head_drop(&answer->head, "Set-Cookie");
	/* They come from the site's own origin: none of them is a document. */
	head_set(&answer->head, "X-Content-Type-Options", "nosniff");
	head_set(&answer->head, "Content-Security-Policy", "sandbox");
	return PLAN_GATHER;
}

static struct freshness
freshness_of(const struct answer *answer, const struct head *head)
{
	struct policy_answer facts = made_facts(answer);
	struct policy_opts opts = {.stale_max_ms = INT64_MAX};
	struct freshness fresh;

	facts.status = 200;
	facts.head = head;
	fresh = policy_freshness(&facts, &opts);
	/* Kept as the theme is: whatever the host says, a theme's file is good
	 * for a while, and better stale than gone. */
	if (fresh.lifetime_ms < fresh.initial_age_ms + KEEP_AT_LEAST_MS)
		fresh.lifetime_ms = fresh.initial_age_ms + KEEP_AT_LEAST_MS;
	fresh.no_cache = fresh.strict = false;
	return fresh;
}

static bool
is_over(struct errand *errand)
{
	struct asset_question *question = errand->arg;

	return since_is_over(&question->since, &question->key, KIND_ASSET,
	    skin_options(question->skin)->name);
}

static struct body *
body_of(const struct asset_question *question, const struct answer *answer)
{
	size_t len = (size_t)flow_len(answer->flow);
	char *bytes = flow_flatten(answer->flow);
	struct buf css;

	if (!bytes)
		return NULL;
	if (media_is_css(head_find(&answer->head, "Content-Type"))) {
		buf_init(&css, 2 * len + 65536);
		if (skin_rewrite_css(question->skin, question->asset, bytes,
			len, &css) == 0) {
			free(bytes);
			bytes = buf_steal(&css, &len);
		}
		buf_fini(&css);
	}
	return body_new(&bytes, len);
}

/* For people, and the views. */
static const char *
asset_url(const struct asset_question *question, struct arena *arena)
{
	const struct upstream *upstream = skin_upstream(question->skin);

	return upstream->form == UPSTREAM_FOLDER ?
	    arena_printf(arena, "file://%s%s", upstream->path,
		question->asset) :
	    arena_printf(arena, "%s://%s%s", upstream->scheme,
		upstream->authority, question->asset);
}

static struct object *
object_of(const struct asset_question *question, const struct answer *answer)
{
	struct body *body = body_of(question, answer);
	struct object *object;

	if (!body)
		return NULL;
	object = made_of(answer, &question->key, KIND_ASSET,
	    skin_options(question->skin)->name, &body);
	object->url = asset_url(question, object->arena);
	head_drop(&object->head, "Vary");
	object->fresh = freshness_of(answer, &object->head);
	return object;
}

static struct object *
freshened(const struct asset_question *question, const struct answer *answer)
{
	struct policy_answer facts = made_facts(answer);
	struct policy_opts opts = {.stale_max_ms = INT64_MAX};
	struct object *object = policy_freshen(question->stored, &facts,
	    &opts);

	object->fresh = freshness_of(answer, &object->head);
	return object;
}

static bool
may_be_kept(const struct asset_question *question,
    const struct answer *answer)
{
	return answer->status == 200 && question->known &&
	    !media_is_html(head_find(&answer->head, "Content-Type")) &&
	    !head_find(&answer->head, "Content-Encoding");
}

static void
on_end(struct errand *errand, struct answer *answer)
{
	struct asset_question *question = errand->arg;
	struct object *object = NULL;

	if (answer->outcome != FETCH_OK || answer->status >= 400) {
		if (question->known && answer->outcome != FETCH_STOPPED)
			report_problem("theme",
			    asset_url(question, errand->arena),
			    answer->outcome != FETCH_OK ? answer->reason :
			    arena_printf(errand->arena, "status %d",
				answer->status),
			    question->stored ? "the stored file" : "nothing");
		return;
	}
	if (answer->status == 304 && question->stored) {
		object = freshened(question, answer);
		(void)since_freshen(
		    &question->since, question->stored, object);
	} else if (may_be_kept(question, answer)) {
		object = object_of(question, answer);
		if (object)
			(void)since_store(&question->since, object);
	}
	made_set(answer, &object);
}

static void
on_free(struct errand *errand)
{
	struct asset_question *question = errand->arg;

	object_unref(&question->stored);
	skin_unref(&question->skin);
}

struct errand *
asset_errand(struct cache *cache, struct skin *skin, const char *asset,
    struct object *stored)
{
	struct errand *errand = errand_new();
	struct asset_question *question = arena_get(errand->arena,
	    sizeof(*question));
	const struct upstream *upstream = skin_upstream(skin);
	char room[KEY_MAX];

	question->since = since_now(cache);
	question->skin = skin_ref(skin);
	question->asset = arena_strdup(errand->arena, asset);
	question->known = skin_knows_asset(skin, asset);
	if (asset_key(&question->key, room, skin, asset) == 0) {
		question->key.text = arena_strndup(errand->arena,
		    question->key.text, question->key.len);
		errand->key = question->key;
	} else {
		question->known = false;
	}
	errand->method = "GET";
	errand->target = question->asset;
	head_add(&errand->fields, "Accept", "*/*");
	head_add(&errand->fields, "Accept-Encoding", "gzip");
	head_add(&errand->fields, "User-Agent", "livery");
	if (question->known)
		skin_add_credentials(skin, &errand->fields);
	if (stored) {
		question->stored = object_ref(stored);
		if (stored->etag)
			head_add(&errand->fields, "If-None-Match",
			    stored->etag);
		if (stored->last_modified)
			head_add(&errand->fields, "If-Modified-Since",
			    stored->last_modified);
	}
	errand->upstream = upstream_ref((struct upstream *)upstream);
	errand->body_len = 0;
	errand->outlives = question->known;
	errand->decode = true;
	errand->is_theme = true;
	errand->is_over = is_over;
	errand->on_head = on_head;
	errand->on_end = on_end;
	errand->on_free = on_free;
	errand->arg = question;
	return errand;
}

/* ---- on the hit path ---- */

bool
asset_now(struct pages *pages, const struct routes *routes,
    const struct request *request, struct reply *reply)
{
	const struct site *site = asset_site(routes, request);
	struct object *object;
	struct slice name;
	struct key key;
	char room[KEY_MAX];
	int64_t now_ms = clock_wall_ms();

	if (!site || asset_key(&key, room, site->skin,
			 asset_of(request->target, &name)) != 0)
		return false;
	object = cache_find(pages->opts.cache, &key, NULL, NULL, NULL);
	if (!object || object_ttl_ms(object, now_ms) <= 0 ||
	    !press_choose(pages->press, site, request, object, false,
		reply)) {
		object_unref(&object);
		return false;
	}
	reply->status = object->status;
	reply->object = object;
	reply->source = object_ref(object);
	reply->kind = "asset";
	strcpy(reply->cache_status, "hit");
	cache_touch(pages->opts.cache, object, now_ms);
	counter_up(COUNT_HIT_ASSET);
	return true;
}

/* ---- as a step ---- */

static void
on_event(struct waiter *waiter, enum event event, struct answer *answer)
{
	struct page *page = container_of(waiter, struct page, waiter);

	counter_add(COUNT_IN_FETCH, -1);
	page->event = event;
	page->answer = answer ? answer_ref(answer) : NULL;
	page->outcome = answer ? answer->outcome : FETCH_LATE;
	if (event == EVENT_HEAD)
		page->outcome = FETCH_TOO_MANY; /* over asset_max */
	page_to_crew(page, STEP_ASSET);
}

static enum step
ask(struct page *page, const char *asset)
{
	struct errand *errand = asset_errand(page->pages->opts.cache,
	    page->site->skin, asset, NULL);

	page->asked = true;
	page->waiter.on_event = on_event;
	page->waiter.gone = &page->gone;
	atomic_store(&page->stage, "fetch");
	counter_add(COUNT_IN_FETCH, 1);
	fetch_ask(page->pages->opts.fetch, &errand, &page->waiter);
	return STEP_AWAY;
}

static enum step
answered(struct page *page)
{
	if (page->outcome != FETCH_OK) {
		answer_error(page, outcome_status(page->outcome),
		    outcome_word(page->outcome));
	} else if (page->answer->made) {
		page->object = object_ref(page->answer->made);
	} else if (page->answer->status != 200 ||
	    !is_page_material(head_find(&page->answer->head,
		"Content-Type"))) {
		answer_plain(page, 404, "no such file in the theme\n");
	}
	return STEP_DELIVER;
}

static struct object *
look_up(struct page *page, struct worker *worker, const char *asset)
{
	struct object *object;
	struct key key;
	char room[KEY_MAX];

	if (asset_key(&key, room, page->site->skin, asset) != 0)
		return NULL;
	object = cache_find(page->pages->opts.cache, &key, NULL, NULL, NULL);
	if (!object)
		object = cache_load(worker->reader, &key, NULL, NULL, NULL,
		    NULL);
	return object;
}

enum step
asset_step(struct page *page, struct worker *worker)
{
	struct slice name;
	const char *asset = asset_of(page->request.target, &name);
	struct errand *errand;

	page->reply.kind = "asset";
	if (!asset ||
	    page->site != asset_site(page->routes, &page->request) ||
	    (!page->request.is_get && !page->request.is_head)) {
		answer_plain(page, 404, "no such file in the theme\n");
		return STEP_DELIVER;
	}
	if (page->asked)
		return answered(page);
	page->object = look_up(page, worker, asset);
	if (!page->object)
		return ask(page, asset);
	page->hit = true;
	strcpy(page->reply.cache_status, "hit");
	counter_up(COUNT_HIT_ASSET);
	cache_touch(page->pages->opts.cache, page->object, clock_wall_ms());
	if (object_ttl_ms(page->object, clock_wall_ms()) <= 0 &&
	    upstream_may_try(skin_upstream(page->site->skin),
		clock_mono_ms())) {
		errand = asset_errand(page->pages->opts.cache,
		    page->site->skin, asset, page->object);
		fetch_ask(page->pages->opts.fetch, &errand, NULL);
	}
	return STEP_DELIVER;
}
