/* page/skinfetch.c - one refresh of a theme: its rules read anew, its pages
 * asked for and judged
 *
 * What comes of it is skinlive.c's to say. All on the skin thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "http/media.h"
#include "http/status.h"
#include "http/url.h"
#include "page/made.h"
#include "page/skinlife.h"

static void ask(struct skin *skin, struct skin_page *page,
    struct upstream *upstream, const char *target);

static void PRINTF(3, 4)
fail(struct skin *skin, const char *what, const char *format, ...)
{
	va_list args;

	if (skin->refresh_failed)
		return; /* the first reason counts */
	skin->refresh_failed = true;
	skin->refresh_what = what;
	va_start(args, format);
	vsnprintf(skin->refresh_err.text, sizeof(skin->refresh_err.text),
	    format, args);
	va_end(args);
}

static bool
is_same(const struct body *a, const struct body *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static struct object *
object_of_answer(struct skin *skin, struct skin_page *page)
{
	struct answer *answer = page->answer;
	struct policy_answer facts = made_facts(answer);
	struct policy_opts opts = {.stale_max_ms = INT64_MAX};
	struct object *object;
	struct body *body;
	struct key key;
	char room[KEY_MAX];

	if (answer->status == 304) {
		object = policy_freshen(page->object, &facts, &opts);
		facts.status = 200;
		facts.head = &object->head;
		object->fresh = policy_freshness(&facts, &opts);
		return object;
	}
	body = made_body(answer);
	if (!body || skin_page_key(&key, room, skin, page) != 0) {
		body_unref(&body);
		return NULL;
	}
	/* The same bytes under a new head are the same version. */
	if (page->object && is_same(page->object->body, body)) {
		body_unref(&body);
		body = body_ref(page->object->body);
	}
	object = made_of(answer, &key, KIND_THEME, skin->opts.name, &body);
	head_drop(&object->head, "Set-Cookie");
	object->fresh = policy_freshness(&facts, &opts);
	return object;
}

/* What came must be an HTML page with something in it. */
static bool
is_a_page(struct skin *skin, const struct answer *answer)
{
	const char *type = head_find(&answer->head, "Content-Type");

	if (answer->status != 200)
		fail(skin, "theme", "status %d, not a page", answer->status);
	else if (type && !media_is_html(type))
		fail(skin, "theme", "its type is %s, not text/html", type);
	else if (head_find(&answer->head, "Content-Encoding"))
		fail(skin, "theme", "it is encoded as %s, which livery does "
		    "not read", head_find(&answer->head, "Content-Encoding"));
	else if (flow_len(answer->flow) == 0)
		fail(skin, "theme", "it is empty");
	else
		return true;
	return false;
}

/* Follow it; false (and failed) when that cannot be. */
static bool
follow(struct skin *skin, struct skin_page *page)
{
	const char *location = head_find(&page->answer->head, "Location");
	struct upstream *upstream = NULL;
	struct buf url, origin;
	struct url_parts parts;
	struct err err;
	bool done = false;

	buf_init(&url, SKIN_URL_MAX);
	buf_init(&origin, SKIN_URL_MAX);
	if (!location || page->redirects++ >= REDIRECTS_MAX) {
		fail(skin, "theme", "more than %d redirects", REDIRECTS_MAX);
	} else if (url_join(&url, page->asked_url, location,
		       strlen(location)) != 0 ||
	    !skin_is_http(url.data) || url_origin(&origin, url.data) != 0) {
		fail(skin, "theme", "it redirects to '%.200s'", location);
	} else if (skin_upstream_new(&upstream, skin, origin.data,
		       url_same_origin(url.data, skin->origin), &err) != 0) {
		fail(skin, "theme", "%s", err.text);
	} else {
		page->asked_url = arena_strdup(page->arena, url.data);
		url_split(&parts, page->asked_url, url.len);
		answer_unref(&page->answer);
		ask(skin, page, upstream, arena_printf(page->arena,
		    "%s%.*s%s%.*s", parts.path.len ? "" : "/",
		    (int)parts.path.len, parts.path.len ? parts.path.from :
							  "",
		    parts.query.from ? "?" : "", (int)parts.query.len,
		    parts.query.from ? parts.query.from : ""));
		done = true;
	}
	upstream_unref(&upstream);
	buf_fini(&url);
	buf_fini(&origin);
	return done;
}

static void
judge(struct skin *skin, struct skin_page *page)
{
	const struct answer *answer = page->answer;

	if (!answer || page->event == EVENT_HEAD)
		fail(skin, "theme", "it is over theme_max (%llu bytes)",
		    (unsigned long long)skin->opts.theme_max);
	else if (answer->outcome != FETCH_OK)
		fail(skin, answer->outcome == FETCH_NO_ADDRESS ? "dns" :
								 "theme",
		    "%s", answer->reason);
	else if (answer->status == 304 ? !page->object :
					 !is_a_page(skin, answer))
		fail(skin, "theme", "304 for what was never had");
	else if (!(page->fetched = object_of_answer(skin, page)))
		fail(skin, "theme", "no memory for it");
}

static void
page_came(struct skin_note *note)
{
	struct skin_page *page = container_of(note, struct skin_page, note);
	struct skin *skin = page->skin;

	/* With any other event the outcome may still be the engine's. */
	if (page->event == EVENT_DONE && page->answer &&
	    page->answer->outcome == FETCH_OK &&
	    !skins_are_stopping(skin->skins) &&
	    status_is_redirect(page->answer->status) && follow(skin, page))
		return;
	if (!skin->refresh_failed)
		judge(skin, page);
	answer_unref(&page->answer);
	arena_free(&page->arena);
	if (--skin->pages_in_air == 0)
		skin_refresh_end(skin);
	skin_unref(&skin);
}

static void
on_event(struct waiter *waiter, enum event event, struct answer *answer)
{
	struct skin_page *page = container_of(waiter, struct skin_page,
	    waiter);

	page->event = event;
	page->answer = answer ? answer_ref(answer) : NULL;
	page->note.run = page_came;
	skins_note(page->skin->skins, &page->note);
}

static enum plan
on_head(struct errand *errand, struct answer *answer)
{
	(void)errand;
	(void)answer;
	return PLAN_GATHER;
}

static void
ask(struct skin *skin, struct skin_page *page, struct upstream *upstream,
    const char *target)
{
	struct errand *errand = errand_new();
	const struct object *had = page->redirects ? NULL : page->object;

	if (page->redirects == 0)
		page->since = since_now(skin->skins->cache);

	errand->method = "GET";
	errand->target = arena_strdup(errand->arena, target);
	head_add(&errand->fields, "Accept",
	    "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1");
	head_add(&errand->fields, "Accept-Encoding", "gzip");
	head_add(&errand->fields, "User-Agent", "livery");
	if (upstream->opts.username)
		skin_add_credentials(skin, &errand->fields);
	if (had && had->etag)
		head_add(&errand->fields, "If-None-Match", had->etag);
	if (had && had->last_modified)
		head_add(&errand->fields, "If-Modified-Since",
		    had->last_modified);
	errand->upstream = upstream_ref(upstream);
	errand->decode = true;
	errand->is_theme = true;
	errand->keep_max = skin->opts.theme_max;
	errand->on_head = on_head;
	memset(&page->waiter, 0, sizeof(page->waiter));
	page->waiter.on_event = on_event;
	fetch_ask(skin->skins->fetch, &errand, &page->waiter);
}

/* Pages that both name need not be fetched whole again. */
static void
keep_objects(struct skin_pages *to, const struct skin_pages *from)
{
	unsigned i, k;

	for (i = 0; i < to->count; i++)
		for (k = 0; k < from->count; k++)
			if (!to->page[i].object && from->page[k].object &&
			    strcmp(to->page[i].url, from->page[k].url) == 0)
				to->page[i].object =
				    object_ref(from->page[k].object);
}

void
skin_reread_rules(struct skin *skin)
{
	struct rules_opts opts = {
	    .root = skin->opts.rules_root,
	    .before = skin->rules,
	    .params = skin->opts.params,
	};
	struct err err;

	rules_unref(&skin->next_rules);
	skin_pages_free(&skin->next_pages);
	if (rules_load(&skin->next_rules, skin->opts.rules, &opts, &err) !=
	    0) {
		fail(skin, "rules", "%s", err.text);
		return;
	}
	if (strcmp(rules_version(skin->next_rules),
		rules_version(skin->rules)) == 0) {
		rules_unref(&skin->next_rules);
		return;
	}
	if (skin_pages_new(&skin->next_pages, skin, skin->next_rules, &err) !=
	    0)
		fail(skin, "rules", "%s", err.text);
	else
		keep_objects(skin->next_pages, skin->now);
}

void
skin_refresh_start(struct skin *skin)
{
	must(skin->pages_in_air == 0);
	skin->refresh_failed = false;
	if (skins_are_stopping(skin->skins)) {
		lock_take(&skin->lock);
		skin_refresh_over(skin, UINT64_MAX);
		lock_drop(&skin->lock);
		return;
	}
	if (!skin_share_waits(skin))
		skin_refresh_go(skin);
}

void
skin_refresh_go(struct skin *skin)
{
	struct skin_pages *pages;
	unsigned i;

	skin_reread_rules(skin);
	pages = skin_pages_of(skin);
	if (skin->refresh_failed || pages->count == 0) {
		skin_refresh_end(skin);
		return;
	}
	skin->pages_in_air = pages->count;
	for (i = 0; i < pages->count; i++) {
		struct skin_page *page = &pages->page[i];

		object_unref(&page->fetched);
		page->redirects = 0;
		page->arena = arena_new(512);
		page->asked_url = page->url;
		skin_ref(skin);
		ask(skin, page, page->upstream, page->target);
	}
}
