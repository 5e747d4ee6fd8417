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
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"
#include "base/report.h"
#include "page/directive.h"
#include "page/fragment.h"
#include "page/held.h"
#include "page/hops.h"
#include "page/life.h"

enum {
	ROUNDS_MAX = 16,   /* dressings of one page that want more: a level of
	                    * includes can take some for src, alt, except */
	REDIRECTS_MAX = 5, /* of one document */
	URL_MAX = 8192,
};

struct fragment {
	struct fragment *next;
	struct page *page;
	struct waiter waiter;
	const char *href;      /* as the rules or the include have it */
	const char *base;      /* of what includes it; NULL: the page */
	const char *url;       /* absolute; after redirects the last one */
	struct key key;
	struct key asked;      /* as one whose page has been here so often */
	struct object *object; /* counted: the answer */
	const char *why;       /* there is none */
	unsigned redirects;
	bool is_include, waits, alone, is_news, is_told;
	bool has_part, is_bad_part;
	struct buf part;       /* of an include with an expression */
};

static void on_event(
    struct waiter *waiter, enum event event, struct answer *answer);

/* ---- what is wanted ---- */

static bool
may_read(void *arg, const char *path)
{
	const struct page *page = arg;

	return page->theme && theme_may_read(page->theme, path);
}

static struct fragment_asker
asker_of(const struct fragment *fragment)
{
	struct page *page = fragment->page;

	return (struct fragment_asker){
	    .pages = page->pages,
	    .routes = page->routes,
	    .site = page->site,
	    .scheme = page->request.scheme,
	    .host = page->request.host,
	    .host_len = page->request.host_len,
	    .named_only = fragment->is_include,
	    .fields = page->request.fields,
	    .hops = page->hops,
	    .may_read = may_read,
	    .arg = page,
	};
}

/* As browsers do with what an address may not have in it. The names of files
 * are as they are. */
static const char *
encoded(struct arena *arena, const char *url)
{
	static const char digits[] = "0123456789ABCDEF";
	char *out = arena_room(arena, 3 * strlen(url) + 1), *to = out;
	bool is_file = strncasecmp(url, "file:", 5) == 0;

	for (; *url; url++) {
		unsigned char c = (unsigned char)*url;

		if (is_file || (c > ' ' && c < 0x7f && !strchr("\"<>\\^`{|}", c))) {
			*to++ = (char)c;
			continue;
		}
		*to++ = '%';
		*to++ = digits[c >> 4];
		*to++ = digits[c & 15];
	}
	*to = '\0';
	return out;
}

/* Point it at a reference, resolved against base. */
static void
aim(struct fragment *fragment, const char *base, const char *reference)
{
	struct page *page = fragment->page;
	const struct fragment_asker asker = asker_of(fragment);
	char room[KEY_MAX];
	struct buf url;
	size_t len;

	buf_init(&url, URL_MAX);
	reference += strspn(reference, " \t\r\n");
	len = strcspn(reference, "#");
	while (len > 0 && strchr(" \t\r\n", reference[len - 1]))
		len--;
	if (url_join(&url, base, reference, len) != 0)
		fragment->why = "no address that can be asked for";
	else
		fragment->url = encoded(page->arena, url.data);
	buf_fini(&url);
	if (!fragment->why &&
	    fragment_key(&fragment->key, room, &asker, fragment->url) != 0)
		fragment->why = "its address is too long";
	if (fragment->why)
		return;
	fragment->key.text = arena_strndup(page->arena,
	    fragment->key.text, fragment->key.len);
	fragment->asked = hops_key(&fragment->key, page->hops, page->arena);
}

static bool
is_same_base(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Includes and documents of the rules are apart: not everything is allowed to
 * both. */
static struct fragment *
known(const struct page *page, bool is_include, const char *base,
    const char *href)
{
	struct fragment *fragment = page->fragments;

	while (fragment && !(fragment->is_include == is_include &&
			       strcmp(fragment->href, href) == 0 &&
			       is_same_base(fragment->base, base)))
		fragment = fragment->next;
	return fragment;
}

static struct fragment *
new_fragment(struct page *page, const char *href)
{
	struct fragment *fragment =
	    arena_get(page->arena, sizeof(*fragment));

	fragment->page = page;
	fragment->href = arena_strdup(page->arena, href);
	fragment->next = page->fragments;
	if (!page->fragments)
		page->gather_purges = cache_purges(page->pages->opts.cache);
	page->fragments = fragment;
	if (page->fragments_count++ >= page->site->opts.fragments_max)
		fragment->why = "over fragments_max";
	return fragment;
}

static void
add(struct page *page, const char *href)
{
	struct fragment *fragment = new_fragment(page, href);

	if (!fragment->why)
		aim(fragment, page_url(page), href);
}

/* NULL: it is one too many. One over the limit is told of, not each. */
static struct fragment *
new_include(struct page *page, const char *base, const char *address)
{
	struct fragment *fragment;

	if (page->fragments_count > page->site->opts.fragments_max)
		return NULL;
	fragment = new_fragment(page, address);
	fragment->is_include = true;
	fragment->base = base;
	if (!fragment->why)
		aim(fragment, base ? base : page_url(page),
		    arena_strndup(page->arena, address,
			directive_page_len(address)));
	return fragment;
}

/* A round of dressing that wanted more. */
static int
begin_round(struct page *page)
{
	if (page->gather_rounds++ == 0)
		page->gather_until_ms =
		    clock_mono_us() / 1000 + page->site->opts.fragment_wait_ms;
	return page->gather_rounds > ROUNDS_MAX ? -1 : 0;
}

CHECKED int
gather_want(struct page *page, const struct dresser *dresser)
{
	const char *href;
	size_t i;

	for (i = 0; dresser && (href = dresser_wanted(dresser, i)) != NULL; i++)
		if (!known(page, false, NULL, href))
			add(page, href);
	return begin_round(page);
}

/* ---- asking ---- */

static void
refresh(struct fragment *fragment)
{
	struct page *page = fragment->page;
	const struct fragment_asker asker = asker_of(fragment);
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
	const struct fragment_asker asker = asker_of(fragment);
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
		aim(fragment, base, location);
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
		if (!fragment->waits && !is_over(fragment))
			fragment->waits = advance(fragment, worker);
		any |= fragment->waits;
		tell(fragment);
	}
	if (any && ask_all(page))
		return STEP_AWAY;
	return any ? STEP_GATHER : STEP_THEME;
}

/* ---- what was gathered ---- */

static struct dress_document
document_of(const struct fragment *fragment)
{
	struct dress_document document = {
	    .href = fragment->href, .why = fragment->why};

	if (!fragment->object)
		return document;
	document.bytes = fragment->object->body->bytes;
	document.len = fragment->object->body->len;
	document.content_type =
	    head_find(&fragment->object->head, "Content-Type");
	return document;
}

void
gather_give(struct page *page, struct dress_ask *ask)
{
	struct dress_document *documents = arena_get(page->arena,
	    (page->fragments_count + 1) * sizeof(*documents));
	struct fragment *fragment;
	size_t n = 0;

	for (fragment = page->fragments; fragment;
	     fragment = fragment->next)
		if (!fragment->is_include)
			documents[n++] = document_of(fragment);
	ask->documents = documents;
	ask->documents_count = n;
}

/* ---- includes ---- */

static void
take_part(struct fragment *fragment, const char *expression)
{
	const struct site *site = fragment->page->site;
	const struct dress_document document = document_of(fragment);
	struct filter_ask ask = part_ask(site, &document, expression);
	struct err err;

	ask.html_max_bytes = (size_t)site->opts.fragment_max;
	buf_init(&fragment->part, (size_t)site->opts.fragment_max);
	if (theme_filter(&ask, &fragment->part, &err) == FILTERED)
		return;
	buf_clear(&fragment->part);
	fragment->is_bad_part = true;
	report_problem(
	    "fragment", fragment->href, err.text, "the page without it");
}

/* The part of it that the include asks for. False: there is none to be had. */
static bool
give_part(struct fragment *fragment, const char *expression,
    struct slice *text)
{
	/* Once, however often the page names it. */
	if (!fragment->has_part)
		take_part(fragment, expression);
	fragment->has_part = true;
	*text = (struct slice){fragment->part.data, fragment->part.len};
	return !fragment->is_bad_part;
}

enum had
gather_include(void *arg, const char *base, const char *address,
    struct included *out)
{
	const struct gathering *gathering = arg;
	struct page *page = gathering->page;
	struct fragment *fragment = known(page, true, base, address);
	const char *expression;
	const struct body *body;

	if (!fragment)
		fragment = new_include(page, base, address);
	if (!fragment)
		return HAD_NOT;
	if (!fragment->waits && !is_over(fragment))
		fragment->waits = advance(fragment, gathering->worker);
	tell(fragment);
	if (fragment->waits)
		return HAD_WAITS;
	if (fragment->why)
		return HAD_NOT;
	body = fragment->object->body;
	out->text = (struct slice){body->bytes, body->len};
	out->base = fragment->url;
	out->is_read = weave_reads(
	    page->site->opts.includes, &fragment->object->head);
	expression = directive_expression(page->arena, address);
	return !expression || give_part(fragment, expression, &out->text)
		   ? HAD : HAD_NOT;
}

bool
gather_is_private(const struct page *page)
{
	const struct fragment *fragment = page->fragments;

	/* Via, which anybody can write, may be why. */
	while (fragment && !(page->hops > 0 && fragment->why) &&
	       !(fragment->object && fragment->object->fresh.no_cache))
		fragment = fragment->next;
	return fragment != NULL;
}

bool
gather_has_failed(const struct page *page)
{
	const struct fragment *fragment = page->fragments;

	while (fragment && (!fragment->why || fragment->is_include))
		fragment = fragment->next;
	return fragment != NULL;
}

enum step
gather_without(struct page *page)
{
	page->detail = "fragment";
	if (page->site->opts.fragment_failure == FRAGMENT_ERROR)
		answer_plain(page, 502, "a part of the page is missing\n");
	return STEP_DELIVER;
}

/* Until the first of them is stale; what is stale or missing is on its way,
 * so look again soon. */
static int64_t
good_for_ms(const struct fragment *fragment, int64_t now_ms)
{
	int64_t ttl_ms = fragment->object
			     ? object_ttl_ms(fragment->object, now_ms)
			     : 0;
	int64_t least_ms = fragment->page->site->opts.fragment_min_refresh_ms;

	return ttl_ms < least_ms ? least_ms : ttl_ms;
}

void
gather_hold(const struct page *page, struct object *kept, int64_t now_ms)
{
	int64_t soonest = INT64_MAX;
	const struct fragment *fragment;

	if (!page->fragments)
		return;
	held_begin(kept, page->fragments_count, page->gather_purges);
	for (fragment = page->fragments; fragment; fragment = fragment->next) {
		int64_t ttl_ms = good_for_ms(fragment, now_ms);

		if (ttl_ms < soonest)
			soonest = ttl_ms;
		if (fragment->object)
			held_add(kept, fragment->object);
	}
	kept->good_until_ms = now_ms + soonest;
}

void
gather_fini(struct page *page)
{
	struct fragment *fragment;

	for (fragment = page->fragments; fragment; fragment = fragment->next) {
		object_unref(&fragment->object);
		buf_fini(&fragment->part);
	}
}
