/* page/gather.c - a page waits for the documents that its rules bring in
 *
 * The dresser says which are wanted; each is looked up here, and what is not
 * stored is asked for, all at once. A stored one is used at once, however old,
 * while it is refreshed behind. Nobody waits longer than fragment_wait in all,
 * nor again for what failed a moment ago. When all is there, or over, the page
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
#include "page/hops.h"
#include "page/life.h"

enum {
	ROUNDS_MAX = 8,    /* dressings of one page that want more */
	REDIRECTS_MAX = 5, /* of one document */
	URL_MAX = 8192,
};

struct fragment {
	struct fragment *next;
	struct page *page;
	struct waiter waiter;
	const char *href;      /* as the rules have it */
	const char *url;       /* absolute; after redirects the last one */
	struct key key;
	struct key asked;      /* as one whose page has been here so often */
	struct object *object; /* counted: the answer */
	const char *why;       /* there is none */
	unsigned redirects;
	bool is_include, waits, alone, is_news, is_told;
	bool has_part;
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
is_known(const struct page *page, const char *href)
{
	const struct fragment *fragment = page->fragments;

	while (fragment && strcmp(fragment->href, href) != 0)
		fragment = fragment->next;
	return fragment != NULL;
}

static struct fragment *
new_fragment(struct page *page, const char *href)
{
	struct fragment *fragment =
	    arena_get(page->arena, sizeof(*fragment));

	fragment->page = page;
	fragment->href = arena_strdup(page->arena, href);
	fragment->next = page->fragments;
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

bool
gather_include(struct page *page, const char *address)
{
	struct fragment *fragment;

	/* One over the limit is told of, not each. */
	if (page->fragments_count > page->site->opts.fragments_max ||
	    is_known(page, address))
		return false;
	fragment = new_fragment(page, address);
	fragment->is_include = true;
	if (!fragment->why)
		aim(fragment, page_url(page),
		    arena_strndup(page->arena, address,
			directive_page_len(address)));
	return true;
}

/* A round of dressing that wanted more. */
static int
begin_round(struct page *page)
{
	if (page->gather_rounds++ == 0)
		page->gather_until_ms =
		    clock_mono_ms() + page->site->opts.fragment_wait_ms;
	return page->gather_rounds > ROUNDS_MAX ? -1 : 0;
}

CHECKED int
gather_want(struct page *page, const struct dresser *dresser)
{
	const char *href;
	size_t i;

	for (i = 0; dresser && (href = dresser_wanted(dresser, i)) != NULL; i++)
		if (!is_known(page, href))
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

static void
note_failure(struct fragment *fragment, const char *why)
{
	const struct page *page = fragment->page;

	fragment->why = why;
	fragment_note_failed(page->pages->fragments, &fragment->asked,
	    clock_wall_ms() + page->site->opts.fragment_min_refresh_ms);
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
		note_failure(fragment, "it was not there within fragment_wait");
	} else if (event == EVENT_HEAD) {
		note_failure(fragment, "it is over fragment_max");
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

/* Go on until it is there, over, or must be asked for (true). */
static bool
advance(struct fragment *fragment, struct worker *worker)
{
	struct page *page = fragment->page;

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
	if (fragment->why)
		return false;
	if (fragment_has_failed(page->pages->fragments, &fragment->asked,
		clock_wall_ms())) {
		fragment->why = "it failed a moment ago";
		fragment->is_told = true;
	}
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
		if (!is_over(fragment))
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
		documents[n++] = document_of(fragment);
	ask->documents = documents;
	ask->documents_count = n;
}

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
	report_problem(
	    "fragment", fragment->href, err.text, "the page without it");
}

struct slice
gather_part(struct page *page, const char *address)
{
	struct fragment *fragment = page->fragments;
	const char *expression;
	const struct body *body;

	while (fragment && strcmp(fragment->href, address) != 0)
		fragment = fragment->next;
	if (!fragment || !fragment->object)
		return (struct slice){NULL, 0};
	body = fragment->object->body;
	expression = directive_expression(page->arena, address);
	if (!expression)
		return (struct slice){body->bytes, body->len};
	/* Once, however often the page names it. */
	if (!fragment->has_part)
		take_part(fragment, expression);
	fragment->has_part = true;
	return (struct slice){fragment->part.data, fragment->part.len};
}

bool
gather_is_private(const struct page *page)
{
	const struct fragment *fragment = page->fragments;

	/* Via, which anybody can write, may be why. */
	if (page->hops > 0 && gather_has_failed(page))
		return true;
	while (fragment &&
	       !(fragment->object && fragment->object->fresh.no_cache))
		fragment = fragment->next;
	return fragment != NULL;
}

bool
gather_has_failed(const struct page *page)
{
	const struct fragment *fragment = page->fragments;

	while (fragment && !fragment->why)
		fragment = fragment->next;
	return fragment != NULL;
}

/* Until the first of them is stale; what is stale or missing is on its way,
 * so look again soon. */
int64_t
gather_good_until(const struct page *page, int64_t now_ms)
{
	int64_t soonest = INT64_MAX;
	const struct fragment *fragment;

	for (fragment = page->fragments; fragment; fragment = fragment->next) {
		int64_t ttl_ms = fragment->object
				     ? object_ttl_ms(fragment->object, now_ms)
				     : 0;

		if (ttl_ms < page->site->opts.fragment_min_refresh_ms)
			ttl_ms = page->site->opts.fragment_min_refresh_ms;
		if (ttl_ms < soonest)
			soonest = ttl_ms;
	}
	return soonest == INT64_MAX ? 0 : now_ms + soonest;
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
