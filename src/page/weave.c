/* page/weave.c - includes in pages that are not dressed
 *
 * Their site has no theme, its rules leave them alone, a script asks, or they
 * are no pages for people: XML, and whatever says of itself that it is to be
 * read (Surrogate-Control: content="ESI/1.0"). What comes out is kept beside
 * what it was made from, where a dressed page would be, in memory only.
 *
 * Whether a stored body has includes at all is found out once, and remembered
 * in its object, so that the hit path need not look. */
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/report.h"
#include "http/cachecontrol.h"
#include "http/media.h"
#include "http/status.h"
#include "http/targeted.h"
#include "page/due.h"
#include "page/held.h"
#include "page/life.h"
#include "page/validator.h"

/* ---- which answers ---- */

static bool
is_xml(const char *type)
{
	size_t len = type ? strcspn(type, "; \t") : 0;

	return media_is(type, "text/xml") ||
	       media_is(type, "application/xml") ||
	       (len > 4 && strncasecmp(type + len - 4, "+xml", 4) == 0);
}

bool
weave_reads(enum includes how, const struct head *head)
{
	const char *type = head_find(head, "Content-Type");
	struct cachecontrol cc;

	if (how == INCLUDES_NONE || head_find(head, "Content-Encoding"))
		return false;
	if (!media_is_html(type) && !is_xml(type) &&
	    !(how & INCLUDES_ESI && targeted_has_content(head, "ESI/1.0")))
		return false;
	cachecontrol_read(&cc, head, "Cache-Control");
	return !(cc.flags & CC_NO_TRANSFORM);
}

bool
weave_is_due(const struct site *site, int status, const struct head *head)
{
	if (status < 200 || status == 204 || status == 206 || status == 304 ||
	    status_is_redirect(status))
		return false;
	return weave_reads(site->opts.includes, head);
}

/* ---- what memory has ---- */

/* The mark of an object without includes of that kind; 0 is none. */
static unsigned
plain_mark(const struct site *site)
{
	return 1u + (unsigned)site->opts.includes;
}

static bool
is_plain(const struct site *site, struct object *object)
{
	return site->opts.includes == INCLUDES_NONE ||
	       atomic_load_explicit(&object->plain, memory_order_relaxed) ==
		   plain_mark(site);
}

static void
note_plain(const struct site *site, struct object *object)
{
	atomic_store_explicit(
	    &object->plain, plain_mark(site), memory_order_relaxed);
}

static bool
is_woven(const struct site *site, const struct object *woven)
{
	return woven && !woven->theme && woven->theme_version &&
	       strcmp(woven->theme_version, site->wearing) == 0;
}

struct object *
weave_now(struct pages *pages, const struct site *site, struct object *object,
    struct object *woven, int64_t now_ms)
{
	if (is_plain(site, object))
		return object;
	return is_woven(site, woven) &&
		       held_is_good_now(pages->opts.cache, woven, now_ms)
		   ? woven
		   : NULL;
}

/* ---- what comes out ---- */

/* A mark on each tag: what went in may change while the upstream's tag does
 * not. */
static void
adapt_head(struct head *head, const struct head *from, struct arena *arena,
    const struct body *body)
{
	const char *type = head_find(from, "Content-Type");
	const char *mark = validator_mark(arena, body->bytes, body->len);
	const char *etag =
	    validator_dressed(arena, head_find(from, "ETag"), "esi", mark);

	if (!etag)
		etag = validator_of_bytes(arena, body->bytes, body->len);
	dress_adapt_head(head, from, etag);
	head_drop(head, "Content-Type");
	if (type)
		head_add(head, "Content-Type", type);
}

static void
keep(struct page *page, struct body *body)
{
	struct object *woven =
	    dress_object(page, page->verdict ? page->verdict : "");

	adapt_head(&woven->head, &page->object->head, woven->arena, body);
	woven->etag = head_find(&woven->head, "ETag");
	woven->body = body;
	cache_store_dressed(page->pages->opts.cache, page->object, woven);
	object_unref(&page->dressed);
	page->dressed = woven;
}

/* Takes the reference to the body. */
static void
reply_woven(struct page *page, const struct source *source, struct body *body)
{
	struct reply *reply = &page->reply;
	struct head old = *source->head;

	body_keep(page->arena, body);
	reply->status = source->status;
	head_init(&reply->head, page->arena);
	adapt_head(&reply->head, &old, page->arena, body);
	if (!page->object)
		dress_add_vary(page->site, source->status, &reply->head);
	reply->bytes = body->bytes;
	reply->len = body->len;
	if (gather_is_private(page))
		dress_make_private(&reply->head);
	if (page->object)
		dress_add_age(page);
}

/* Is it what everybody gets who asks for this? A script's page, or one that
 * waits for its theme, is not. */
static bool
is_for_all(const struct page *page, const struct source *source)
{
	return page->object && !gather_is_private(page) &&
	       (page->verdict || !page->site->skin ||
		   !due_is(source->status, source->head));
}

static enum step
show(struct page *page, struct worker *worker, const struct source *source)
{
	struct body *body;
	size_t len;
	char *bytes = buf_steal(&worker->out, &len);

	counter_up(COUNT_WOVEN);
	body = body_new(&bytes, len);
	if (is_for_all(page, source))
		keep(page, body);
	else
		reply_woven(page, source, body);
	return STEP_DELIVER;
}

/* ---- the weaving ---- */

static enum step
as_it_came(struct page *page, const char *why)
{
	report_problem("fragment", page_url(page), why, "the page as it came");
	return STEP_DELIVER;
}

static enum step
weave(struct page *page, struct worker *worker, const struct source *source)
{
	struct slice text = {source->bytes, source->len};
	struct expanded said;

	buf_clear(&worker->out);
	if (splice_text(page, worker, text, &worker->out, &said) != 0)
		return as_it_came(page, "with its includes it is too big");
	if (said.waits)
		return gather_want(page, NULL) == 0
			   ? STEP_GATHER
			   : as_it_came(page, "ever more includes");
	if (said.lacks && page->site->opts.fragment_failure != FRAGMENT_EMPTY)
		return gather_without(page);
	if (said.any)
		return show(page, worker, source);
	if (page->object)
		note_plain(page->site, page->object);
	if (page->verdict)
		dress_keep_undressed(page, page->verdict);
	return STEP_DELIVER;
}

/* It has its answer, or what it has is to be left alone. */
static bool
is_done(struct page *page)
{
	if (!page->site || page->site->opts.includes == INCLUDES_NONE ||
	    page->part || page->error_status || page->reply.bytes ||
	    page->request.livery_off || page->request.livery_debug)
		return true;
	if (!page->dressed)
		return false;
	/* Of a site with a theme: it was looked at already. */
	if (page->site->skin || (is_woven(page->site, page->dressed) &&
				    held_is_good(page->pages->opts.cache,
					page->dressed, clock_wall_ms())))
		return true;
	object_unref(&page->dressed);
	return false;
}

enum step
weave_page(struct page *page, struct worker *worker)
{
	struct source source;

	if (is_done(page))
		return STEP_DELIVER;
	if (page->object && is_plain(page->site, page->object)) {
		if (page->verdict)
			dress_keep_undressed(page, page->verdict);
		return STEP_DELIVER;
	}
	if (page_source(page, &source) != 0 || source.len == 0)
		return STEP_DELIVER;
	if (weave_is_due(page->site, source.status, source.head))
		return weave(page, worker, &source);
	if (page->object)
		note_plain(page->site, page->object);
	return STEP_DELIVER;
}
