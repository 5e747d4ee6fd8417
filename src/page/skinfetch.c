/* page/skinfetch.c - one refresh of a theme: its pages asked for, judged,
 * woven with its rules, and live
 *
 * A refresh has three ends: nothing changed (the live version is good for
 * longer), a new version is live, or it failed, and then the live version
 * stays, the reason is recorded, and the next try comes after a back-off.
 * All on the skin thread; skin_from_store() runs before anybody sees the
 * skin. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/report.h"
#include "http/cachecontrol.h"
#include "http/media.h"
#include "http/status.h"
#include "http/url.h"
#include "page/skinlife.h"

enum { URL_MAX = 8192 };

/* ---- where its pages are ---- */

static bool
is_http(const char *url)
{
	return strncmp(url, "http://", 7) == 0 ||
	    strncmp(url, "https://", 8) == 0;
}

static int
new_upstream(struct upstream **out, const struct skin *skin, const char *url,
    bool own, struct err *err)
{
	struct upstream_opts opts = skin->opts.upstream;

	opts.name = skin->opts.name;
	opts.url = url;
	opts.follow = true;
	if (!own)
		opts.username = opts.password = NULL;
	return upstream_new(out, &opts, err);
}

/* A page on the net: its origin is an upstream, the rest its target. */
static int
place_http(struct skin *skin, struct arena *arena, struct skin_page *page,
    const char *url, struct err *err)
{
	struct url_parts parts;
	struct buf origin;
	int rc = -1;

	buf_init(&origin, URL_MAX);
	if (url_origin(&origin, url) != 0) {
		err_set(err, "'%s' is no address of a page", url);
		goto out;
	}
	url_split(&parts, url, strlen(url));
	page->url = arena_strdup(arena, url);
	page->target = arena_printf(arena, "%s%.*s%s%.*s",
	    parts.path.len ? "" : "/", (int)parts.path.len,
	    parts.path.len ? parts.path.from : "", parts.query.from ? "?" : "",
	    (int)parts.query.len, parts.query.from ? parts.query.from : "");
	if (!skin->origin)
		skin->origin = arena_strdup(skin->arena, origin.data);
	rc = new_upstream(&page->upstream, skin, origin.data,
	    strcmp(origin.data, skin->origin) == 0, err);
out:
	buf_fini(&origin);
	return rc;
}

/* A page in a file: its folder is an upstream, under a made-up name. */
static int
place_file(struct skin *skin, struct arena *arena, struct skin_page *page,
    const char *path, struct err *err)
{
	char real[PATH_MAX], *slash;
	const char *origin = arena_printf(arena, "http://%s.theme.invalid",
	    skin->opts.name);

	if (strncmp(path, "file://", 7) == 0)
		path += 7;
	if (!realpath(path, real))
		return err_set(err, "%s: %s", path, strerror(errno));
	slash = strrchr(real, '/');
	page->target = arena_printf(arena, "/%s", slash + 1);
	page->url = arena_printf(arena, "%s%s", origin, page->target);
	*(slash > real ? slash : slash + 1) = '\0';
	if (!skin->origin)
		skin->origin = arena_strdup(skin->arena, origin);
	return new_upstream(&page->upstream, skin, real, true, err);
}

static int
add_page(struct skin_pages *pages, struct skin *skin, const char *href,
    const char *url, struct err *err)
{
	struct skin_page *page = &pages->page[pages->count];

	if (pages->count == SKIN_PAGES_MAX)
		return err_set(err, "more than %d theme pages",
		    SKIN_PAGES_MAX);
	page->skin = skin;
	page->href = href ? arena_strdup(pages->arena, href) : NULL;
	if ((is_http(url) ? place_http : place_file)(skin, pages->arena, page,
		url, err) != 0)
		return -1;
	pages->count++;
	if (!skin->upstream)
		skin->upstream = upstream_ref(page->upstream);
	if (!url_same_origin(page->url, skin->origin))
		pages->one_origin = false;
	return 0;
}

void
skin_pages_free(struct skin_pages **pages)
{
	struct arena *arena;
	unsigned i;

	if (!*pages)
		return;
	for (i = 0; i < (*pages)->count; i++) {
		object_unref(&(*pages)->page[i].object);
		object_unref(&(*pages)->page[i].fetched);
		upstream_unref(&(*pages)->page[i].upstream);
	}
	arena = (*pages)->arena;
	*pages = NULL;
	arena_free(&arena);
}

static int
add_pages(struct skin_pages *pages, struct skin *skin,
    const struct rules *rules, struct err *err)
{
	const char *href;
	size_t i;

	/* The skin's own page decides what its own origin is, though the
	 * rules' pages come first in the order of choice. */
	if (skin->opts.url &&
	    add_page(pages, skin, NULL, skin->opts.url, err) != 0)
		return -1;
	for (i = 0; (href = rules_theme_href(rules, i)) != NULL; i++)
		if (add_page(pages, skin, href, href, err) != 0)
			return -1;
	if (!skin->upstream)
		return new_upstream(&skin->upstream, skin, "/nonexistent",
		    false, err);
	return 0;
}

int
skin_pages_new(struct skin_pages **out, struct skin *skin,
    const struct rules *rules, struct err *err)
{
	struct arena *arena = arena_new(2048);
	struct skin_pages *pages = arena_get(arena, sizeof(*pages));

	pages->arena = arena;
	pages->one_origin = true;
	if (add_pages(pages, skin, rules, err) != 0) {
		skin_pages_free(&pages);
		return -1;
	}
	*out = pages;
	return 0;
}

/* What this refresh is about. */
static struct skin_pages *
pages_of(struct skin *skin)
{
	return skin->next_pages ? skin->next_pages : skin->now;
}

/* ---- weaving ---- */

/* The skin's own page comes last for the rules. */
static size_t
pages_in_order(struct skin *skin, struct theme_page *out,
    struct object *(*object_of)(const struct skin_page *))
{
	size_t n = 0;
	struct skin_pages *pages = pages_of(skin);
	unsigned i, from = skin->opts.url ? 1 : 0;

	for (i = 0; i < pages->count; i++) {
		unsigned at = (i + from) % pages->count;
		struct skin_page *page = &pages->page[at];
		struct object *object = object_of(page);

		if (!object)
			return SIZE_MAX;
		out[n].href = page->href;
		out[n].url = page->url;
		out[n].content_type = head_find(&object->head,
		    "Content-Type");
		out[n].bytes = object->body->bytes;
		out[n].len = object->body->len;
		n++;
	}
	return n;
}

static struct object *
stored_of(const struct skin_page *page)
{
	return page->object;
}

static struct object *
fetched_of(const struct skin_page *page)
{
	return page->fetched;
}

static int
weave(struct theme **out, struct skin *skin, struct rules *rules,
    struct object *(*object_of)(const struct skin_page *), struct err *err)
{
	struct theme_page pages[SKIN_PAGES_MAX];
	struct theme_opts opts = {
	    .prefix = skin->prefix,
	    .libxml2 = skin->opts.html_parser == SKIN_LIBXML2,
	};
	size_t n = pages_in_order(skin, pages, object_of);

	if (n == SIZE_MAX)
		return err_set(err, "not all of its pages are there");
	opts.links = pages_of(skin)->one_origin && skin->opts.assets == ASSETS_CACHE ?
	    LINKS_CACHE : LINKS_ABSOLUTE;
	return theme_build(out, rules, pages, n, &opts, err);
}

/* ---- the ends of a refresh ---- */

static const char *
shown_url(const struct skin *skin)
{
	return skin->opts.url ? skin->opts.url : skin->opts.rules;
}

static void
over(struct skin *skin, uint64_t due_ms)
{
	must(lock_is_mine(&skin->lock));
	skin->refreshing = false;
	atomic_store(&skin->due_ms, due_ms);
}

static uint64_t
back_off(const struct skin *skin)
{
	uint64_t ms = skin->opts.back_off_min_ms;
	unsigned i;

	for (i = 1; i < skin->failures && ms < skin->opts.back_off_max_ms; i++)
		ms *= 2;
	return ms < skin->opts.back_off_max_ms ? ms :
						 skin->opts.back_off_max_ms;
}

static void
end_failed(struct skin *skin, const char *what, const char *reason)
{
	uint64_t now_ms = clock_mono_ms(), stale_ms;
	const char *instead;
	bool has_live;

	lock_take(&skin->lock);
	skin->failures++;
	skin->next_try_ms = skin->again ? 0 : now_ms + back_off(skin);
	has_live = skin->live != NULL;
	stale_ms = has_live ? now_ms - skin->good_at_ms : 0;
	snprintf(skin->last_error, sizeof(skin->last_error), "%s", reason);
	over(skin, skin->next_try_ms);
	lock_drop(&skin->lock);
	counter_up(COUNT_THEME_FAILED);
	instead = has_live ? "the last good version" : "pages undressed";
	if (skin->failures == 1)
		log_warn("theme %s: %s: %s, serving %s", skin->opts.name,
		    shown_url(skin), reason, instead);
	report_problem(what, shown_url(skin), reason, instead);
	if (has_live && stale_ms > skin->opts.stale_warn_ms &&
	    !skin->warned_stale) {
		skin->warned_stale = true;
		log_warn("theme %s: not refreshed for %llu s, serving the "
		    "last good version", skin->opts.name,
		    (unsigned long long)(stale_ms / 1000));
		report_problem("theme", shown_url(skin),
		    "older than stale_warn", instead);
	}
}

/* Its headers want it asked for each time; min_refresh bounds that. */
static bool
says_stale(const struct head *head)
{
	struct cachecontrol cc;

	cachecontrol_read(&cc, head, "Cache-Control");
	return cc.flags & (CC_NO_STORE | CC_NO_CACHE) || cc.max_age >= 0 ||
	    cc.s_maxage >= 0 || head_find(head, "Expires");
}

/* For how long what was fetched is current. */
static uint64_t
lifetime_ms(const struct skin *skin)
{
	uint64_t least = skin->opts.ttl_ms;
	bool said = false;
	unsigned i;

	for (i = 0; i < skin->now->count; i++) {
		const struct object *object = skin->now->page[i].object;
		int64_t ttl = object ? object_ttl_ms(object, clock_wall_ms()) :
				       0;

		if (!object || (ttl <= 0 && !says_stale(&object->head)))
			continue;
		ttl = ttl > 0 ? ttl : 0;
		if (!said || (uint64_t)ttl < least)
			least = (uint64_t)ttl;
		said = true;
	}
	return least > skin->opts.min_refresh_ms ? least :
						   skin->opts.min_refresh_ms;
}

/* What was fetched is what is stored from now on. */
static void
adopt_pages(struct skin *skin)
{
	struct cache *cache = skin->skins->cache;
	unsigned i;

	for (i = 0; i < skin->now->count; i++) {
		struct skin_page *page = &skin->now->page[i];

		if (!page->fetched)
			continue;
		if (page->object && page->object->body == page->fetched->body)
			cache_freshen(cache, page->object, page->fetched);
		else
			cache_store(cache, page->fetched);
		object_unref(&page->object);
		page->object = page->fetched;
		page->fetched = NULL;
	}
}

static void
end_good(struct skin *skin)
{
	uint64_t now_ms = clock_mono_ms();

	if (skin->next_rules) {
		rules_unref(&skin->rules);
		skin->rules = skin->next_rules;
		skin->next_rules = NULL;
		skin_pages_free(&skin->now);
		skin->now = skin->next_pages;
		skin->next_pages = NULL;
	}
	adopt_pages(skin);
	lock_take(&skin->lock);
	skin->failures = 0;
	skin->last_error[0] = '\0';
	skin->good_at_ms = now_ms;
	skin->fetched_at_ms = clock_wall_ms();
	skin->fresh_until_ms = skin->again ? 0 : now_ms + lifetime_ms(skin);
	skin->next_try_ms = skin->again ? 0 :
	    now_ms + skin->opts.min_refresh_ms;
	over(skin, skin->fresh_until_ms);
	lock_drop(&skin->lock);
	skin->warned_stale = false;
}

/* Takes *theme, of what was fetched then. */
static void
go_live(struct skin *skin, struct theme **theme, int64_t fetched_ms)
{
	struct theme *old;
	size_t size = 0, i;
	const char *warning;

	lock_take(&skin->lock);
	old = skin->live;
	skin->live = *theme;
	atomic_store(&skin->version, skin_number(theme_version(*theme)));
	lock_drop(&skin->lock);
	theme_unref(&old);
	for (i = 0; i < pages_of(skin)->count; i++) {
		const struct skin_page *page = &pages_of(skin)->page[i];
		struct object *object = page->fetched ? page->fetched :
							page->object;

		size += object ? object->body->len : 0;
	}
	cache_theme_live(skin->skins->cache, skin->opts.name,
	    shown_url(skin), theme_version(*theme), size, fetched_ms);
	counter_up(COUNT_THEME_CHANGES);
	log_info("theme %s: version %.12s of %s is live", skin->opts.name,
	    theme_version(*theme), shown_url(skin));
	for (i = 0; (warning = theme_warning(*theme, i)) != NULL; i++)
		log_debug("theme %s: %s", skin->opts.name, warning);
	skin_assets_of_theme(skin, *theme);
	*theme = NULL;
}

static bool
nothing_changed(const struct skin *skin)
{
	unsigned i;

	if (!skin->live || skin->next_rules)
		return false;
	for (i = 0; i < skin->now->count; i++) {
		const struct skin_page *page = &skin->now->page[i];

		if (!page->object || !page->fetched ||
		    page->object->body != page->fetched->body)
			return false;
	}
	return true;
}

static void
finish(struct skin *skin)
{
	struct rules *rules = skin->next_rules ? skin->next_rules :
						 skin->rules;
	struct theme *theme = NULL;
	struct err err;
	bool body_only = false;

	if (skin->refresh_failed) {
		end_failed(skin, skin->refresh_what, skin->refresh_err.text);
		return;
	}
	if (nothing_changed(skin)) {
		skin_assets_of_theme(skin, skin->live);
		end_good(skin);
		return;
	}
	if (weave(&theme, skin, rules, fetched_of, &err) != 0 ||
	    theme_may_replace(skin->live, theme, &body_only, &err) != 0) {
		theme_unref(&theme);
		end_failed(skin, "theme", err.text);
		return;
	}
	if (body_only)
		log_warn("theme %s: %s has no main, [role=main], #content or "
		    "#main: the whole body is its main place",
		    skin->opts.name, shown_url(skin));
	go_live(skin, &theme, clock_wall_ms());
	end_good(skin);
}

/* ---- asking ---- */

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

static int
page_key(struct key *key, char *room, const struct skin *skin,
    const struct skin_page *page)
{
	return key_make_url(key, room, KIND_THEME, skin->opts.name, page->url);
}

static struct object *
object_of_answer(struct skin *skin, struct skin_page *page)
{
	struct answer *answer = page->answer;
	struct policy_answer facts = {
		.status = answer->status, .head = &answer->head,
		.asked_ms = answer->asked_ms,
		.answered_ms = answer->answered_ms,
	};
	struct policy_opts opts = {.stale_max_ms = INT64_MAX};
	struct object *object;
	struct key key;
	char room[KEY_MAX];
	size_t len;
	char *bytes;

	if (answer->status == 304) {
		object = policy_freshen(page->object, &facts, &opts);
		facts.status = 200;
		facts.head = &object->head;
		object->fresh = policy_freshness(&facts, &opts);
		return object;
	}
	bytes = flow_flatten(answer->flow);
	if (!bytes || page_key(&key, room, skin, page) != 0) {
		free(bytes);
		return NULL;
	}
	len = (size_t)flow_len(answer->flow);
	object = object_new(&key, KIND_THEME, skin->opts.name);
	object->status = 200;
	head_copy(&object->head, &answer->head);
	head_drop(&object->head, "Age");
	head_drop(&object->head, "Set-Cookie");
	object->asked_ms = answer->asked_ms;
	object->answered_ms = answer->answered_ms;
	object->cost_ms = answer->cost_ms;
	object->fresh = policy_freshness(&facts, &opts);
	object->etag = head_find(&object->head, "ETag");
	object->last_modified = head_find(&object->head, "Last-Modified");
	/* The same bytes under a new head are the same version. */
	if (page->object && page->object->body->len == len &&
	    memcmp(page->object->body->bytes, bytes, len) == 0) {
		object->body = body_ref(page->object->body);
		free(bytes);
	} else {
		object->body = body_new(&bytes, len);
	}
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

	buf_init(&url, URL_MAX);
	buf_init(&origin, URL_MAX);
	if (!location || page->redirects++ >= REDIRECTS_MAX) {
		fail(skin, "theme", "more than %d redirects", REDIRECTS_MAX);
	} else if (url_join(&url, page->asked_url, location,
		       strlen(location)) != 0 ||
	    !is_http(url.data) || url_origin(&origin, url.data) != 0) {
		fail(skin, "theme", "it redirects to '%.200s'", location);
	} else if (new_upstream(&upstream, skin, origin.data,
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
		finish(skin);
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

/* The rules as their file says now: next_rules and next_pages when they
 * changed. What is live stays with its own until theirs has gone live. */
static void
reread_rules(struct skin *skin)
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
	struct skin_pages *pages;
	unsigned i;

	must(skin->pages_in_air == 0);
	skin->refresh_failed = false;
	if (skins_are_stopping(skin->skins)) {
		lock_take(&skin->lock);
		over(skin, UINT64_MAX);
		lock_drop(&skin->lock);
		return;
	}
	reread_rules(skin);
	pages = pages_of(skin);
	if (skin->refresh_failed || pages->count == 0) {
		finish(skin);
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

/* ---- at start ---- */

static uint64_t
fresh_until(const struct skin *skin)
{
	int64_t now_ms = clock_wall_ms(), ttl, least = INT64_MAX;
	unsigned i;

	for (i = 0; i < skin->now->count; i++) {
		ttl = object_ttl_ms(skin->now->page[i].object, now_ms);
		if (ttl < least)
			least = ttl;
	}
	if (skin->now->count == 0)
		least = skin->opts.ttl_ms;
	return least > 0 ? clock_mono_ms() + (uint64_t)least : 0;
}

void
skin_from_store(struct skin *skin, struct cache_reader *reader)
{
	struct theme *theme = NULL;
	struct err err;
	struct key key;
	char room[KEY_MAX];
	unsigned i;

	for (i = 0; i < skin->now->count; i++) {
		struct skin_page *page = &skin->now->page[i];

		if (page_key(&key, room, skin, page) != 0)
			return;
		page->object = cache_find(skin->skins->cache, &key, NULL,
		    NULL, NULL);
		if (!page->object)
			page->object = cache_load(reader, &key, NULL, NULL,
			    NULL, NULL);
		if (!page->object)
			return;
	}
	if (weave(&theme, skin, skin->rules, stored_of, &err) != 0) {
		log_warn("theme %s: the stored version cannot be used: %s",
		    skin->opts.name, err.text);
		return;
	}
	if (skin->now->count)
		skin->fetched_at_ms = skin->now->page[0].object->answered_ms;
	go_live(skin, &theme,
	    skin->now->count ? skin->fetched_at_ms : clock_wall_ms());
	skin->fresh_until_ms = fresh_until(skin);
	skin->good_at_ms = clock_mono_ms();
	atomic_store(&skin->due_ms, skin->fresh_until_ms);
}
