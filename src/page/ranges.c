/* page/ranges.c - ranges of answers: from parts, and parts from them (contract:
 * page/ranges.h) */
#include "page/ranges.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "page/due.h"
#include "page/failing.h"

/* ---- what is asked for ---- */

void
ranges_none(struct page *page)
{
	page->request.range = NULL;
	page->ranged = NULL;
	page->no_range = true;
}

/* Who has a copy of his own asks about that first, and only the upstream can
 * say of a part (RFC 9110 13.2.2). */
static bool
is_conditional(const struct request *request)
{
	return request->if_none_match || request->if_modified_since ||
	    head_find(request->fields, "If-Match") ||
	    head_find(request->fields, "If-Unmodified-Since");
}

static bool
is_kept(const struct page *page)
{
	return page->sharing.may && page->key.len > 0 &&
	    !is_conditional(&page->request) &&
	    head_count(page->request.fields, "If-Range") <= 1;
}

void
ranges_take(struct page *page)
{
	const struct request *request = &page->request;
	struct asked asked;
	char room[KEY_MAX];

	if (!request->range || !request->is_get)
		return;
	if (page->part || partial_asks_too_much(request->range)) {
		ranges_none(page);
		return;
	}
	asked = partial_asked(request->range);
	if (asked.form == ASKED_ELSE || !is_kept(page))
		return;
	page->ranged = arena_get(page->arena, sizeof(*page->ranged));
	page->ranged->asked = asked;
	page->ranged->range = request->range;
	page->ranged->if_range = head_find(request->fields, "If-Range");
	key_make_kind(&page->ranged->key, room, KIND_RANGE, &page->key);
	page->ranged->key.text = arena_strndup(page->arena, room,
	    page->key.len);
}

struct ranged *
ranges_of(const struct page *page)
{
	/* a refresh of the whole borrows the page without its range */
	return page->request.range && page->sharing.may ? page->ranged : NULL;
}

bool
ranges_drops(const struct page *page, const char *name)
{
	return page->no_range && (strcasecmp(name, "Range") == 0 ||
	    strcasecmp(name, "If-Range") == 0);
}

/* ---- from parts ---- */

static bool
find(struct page *page, struct worker *worker, request_field_f field)
{
	struct cache *cache = page->pages->opts.cache;
	struct ranged *ranged = page->ranged;
	struct object *stored;

	ranged->purges = cache_purges(cache);
	stored = cache_find(cache, &ranged->key, field, page, NULL);
	if (!stored) {
		stored = cache_load(worker->reader, &ranged->key, field, page,
		    NULL, NULL);
		page->from_file = stored != NULL;
	}
	if (!stored)
		return false;
	object_keep(page->arena, stored);
	ranged->stored = stored;
	return true;
}

/* What the parts answer, or NULL. */
static struct object *
cut(struct ranged *ranged)
{
	const struct object *stored = ranged->stored;
	struct span span = {0, 0};
	struct parts parts;

	if (!partial_of(&parts, stored) ||
	    !partial_if_range(&stored->head, ranged->if_range))
		return NULL;
	return partial_cut(stored, &parts,
	    partial_resolve(ranged->asked, parts.len, &span), span);
}

static enum use
judge(const struct page *page, const struct object *stored)
{
	return policy_judge(&stored->fresh,
	    object_ttl_ms(stored, clock_wall_ms()), &page->asks,
	    upstream_is_failing(page->choice.upstream, clock_mono_ms()) ||
		failing_is(page->pages->failing, &page->key),
	    &page->site->opts.policy);
}

/* Serve it now, or keep it in case that asking fails. Takes object. */
static bool
take(struct page *page, struct object *object, enum use use)
{
	struct object *stored = page->ranged->stored;
	bool may_now = use == USE_FRESH || use == USE_REFRESH;

	/* to fall back to, the whole is as good */
	if (!may_now && page->object) {
		object_unref(&object);
		return false;
	}
	object_unref(&page->object);
	object_unref(&page->dressed);
	page->use = use;
	page->hit = may_now;
	page->stale = use == USE_REFRESH &&
	    object_ttl_ms(stored, clock_wall_ms()) <= 0;
	if (may_now)
		cache_touch(page->pages->opts.cache, stored, clock_wall_ms());
	/* The whole is asked for, if it is another by now. */
	if (use == USE_REFRESH)
		question_refresh(page, stored);
	page->object = object;
	return may_now;
}

static bool
has_validator(const struct object *object)
{
	return object && (object->etag || object->last_modified);
}

bool
ranges_judge(struct page *page, struct worker *worker, request_field_f field)
{
	struct ranged *ranged = ranges_of(page);
	struct object *object = NULL;
	enum use how;

	if (ranged && find(page, worker, field)) {
		how = judge(page, ranged->stored);
		object = how == USE_VALIDATED ? NULL : cut(ranged);
		ranged->lacks = !object && how == USE_FRESH;
		if (object && take(page, object, how))
			return true;
	}
	if (page->request.range && has_validator(page->object) &&
	    page->object->kind == KIND_PAGE)
		ranges_none(page);
	return false;
}

/* ---- asking for one ---- */

struct ranged *
ranges_ask(const struct page *page, struct errand *errand)
{
	const struct ranged *from = ranges_of(page);
	struct arena *arena = errand->arena;
	struct ranged *ranged;

	if (!from)
		return NULL;
	ranged = arena_get(arena, sizeof(*ranged));
	*ranged = *from;
	ranged->key.text = arena_strndup(arena, from->key.text, from->key.len);
	if (from->stored)
		object_keep(arena, object_ref(from->stored));
	head_add(&errand->fields, "Range", from->range);
	if (from->if_range)
		head_add(&errand->fields, "If-Range", from->if_range);
	/* A part of a compressed body could not be read. */
	head_set(&errand->fields, "Accept-Encoding", "identity");
	return ranged;
}

bool
ranges_may_keep(const struct ranged *ranged, const struct site *site,
    const struct choice *choice, const struct answer *answer)
{
	const struct head *head = &answer->head;

	if (answer->length > 0 &&
	    (uint64_t)answer->length > site->opts.store_max)
		return false;
	return !(site->skin && due_is(200, head)) &&
	    !choice_relinks(choice, head) &&
	    partial_is_answer(head, answer->length, ranged->asked);
}

/* Counted, or NULL. The engine has no handle of the file: what the page found
 * there is as good, if nobody purged it meanwhile. */
static struct object *
stored_parts(struct cache *cache, const struct ranged *ranged,
    request_field_f field, void *arg)
{
	struct object *stored = cache_find(cache, &ranged->key, field, arg,
	    NULL);

	if (!stored && ranged->stored &&
	    !cache_was_purged(cache, ranged->purges, ranged->stored))
		stored = object_ref(ranged->stored);
	return stored;
}

/* It is of what is stored whole: that has newer fields now. */
static bool
freshen_whole(struct cache *cache, const struct key *key,
    const struct site *site, const struct policy_answer *facts,
    request_field_f field, void *arg)
{
	struct object *whole = cache_find(cache, key, field, arg, NULL);
	struct object *fresh = whole ? partial_freshen(whole, facts,
	    &site->opts.policy) : NULL;
	bool is_its = fresh != NULL;

	if (is_its)
		cache_freshen(cache, whole, fresh);
	object_unref(&fresh);
	object_unref(&whole);
	return is_its;
}

static void
store(struct cache *cache, const struct ranged *ranged,
    const struct key *page, struct object *parts, bool had_parts)
{
	struct object *whole = partial_whole(parts, page);

	if (!whole) {
		cache_store(cache, parts);
		return;
	}
	cache_store(cache, whole);
	if (had_parts)
		cache_invalidate_by(cache, &ranged->key, ranged->number);
	object_unref(&whole);
}

void
ranges_store(struct cache *cache, const struct ranged *ranged,
    const struct key *page, struct object *fresh, const struct site *site,
    const struct policy_answer *facts, request_field_f field, void *arg)
{
	struct object *stored, *parts = NULL;

	if (freshen_whole(cache, page, site, facts, field, arg))
		return;
	stored = stored_parts(cache, ranged, field, arg);
	/* a slow answer of before a change does not take its place */
	if (!stored || stored->answered_ms <= fresh->answered_ms)
		parts = partial_combine(stored, fresh, site->opts.store_max,
		    facts, &site->opts.policy);
	if (parts)
		store(cache, ranged, page, parts, stored != NULL);
	object_unref(&parts);
	object_unref(&stored);
}

/* ---- pages to be dressed ---- */

bool
ranges_is_in_vain(const struct page *page, const struct answer *answer)
{
	return answer->status == 206 && page->request.range &&
	    page->request.is_get &&
	    dress_is_due(page->site, &page->request, 200, &answer->head);
}
