/* page/dressed.c - what comes out of dressing: a page that is kept for all, or
 * a reply for one
 *
 * The verdict "the rules leave this page alone" (or cannot dress it) is kept
 * like a dressed page, so that it is not found out again for each request. */
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "page/again.h"
#include "page/debug.h"
#include "page/due.h"
#include "page/life.h"
#include "page/validator.h"

enum { VERSION_SHOWN = 16 };

/* ---- its head ---- */

void
dress_add_vary(const struct site *site, int status, struct head *head)
{
	if (site && site->skin && due_is(status, head))
		head_add(head, "Vary", "X-Requested-With, Sec-Fetch-Dest");
}

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

/* ---- kept ---- */

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

/* ---- for one ---- */

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

static bool
is_the_same_for_all(const struct page *page)
{
	return page->error_status && theme_is_same_everywhere(page->theme) &&
	    page->site->opts.includes == INCLUDES_NONE;
}

bool
dressed_before(struct page *page, const struct source *source)
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

/* The page as it is dressed: for all who ask for it, unless the rules looked
 * at this one's fields. */
void
dressed_show(struct page *page, struct worker *worker, const struct source *source,
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
void
dressed_debug(struct page *page, struct worker *worker,
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
