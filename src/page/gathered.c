/* page/gathered.c - what was gathered, for those who wanted it: documents for
 * the dresser, texts for includes; and what a page that is kept holds of it */
#include "page/gather.h"

#include "base/report.h"
#include "page/directive.h"
#include "page/held.h"

/* ---- documents ---- */

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
	struct fragment *fragment = fragment_include(page, base, address);
	const char *expression;
	const struct body *body;

	if (!fragment)
		return HAD_NOT;
	fragment_advance(fragment, gathering->worker);
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

/* ---- the page that came of it ---- */

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
