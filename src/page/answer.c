/* page/answer.c - a reply from an object, from an answer, or from nothing */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "page/ranges.h"
#include "page/press.h"

void
answer_from_object(struct page *page, struct object *object,
    struct object *source)
{
	struct reply *reply = &page->reply;

	reply->status = object->status;
	reply->object = object_ref(object);
	reply->source = object_ref(source);
}

static void
head_from_answer(struct page *page)
{
	struct reply *reply = &page->reply;

	reply->status = page->answer->status;
	head_init(&reply->head, page->arena);
	head_copy(&reply->head, &page->answer->head);
	dress_add_vary(page->site, reply->status, &reply->head);
	press_add_vary(page, reply->status, &reply->head);
	reply->answer = answer_ref(page->answer);
}

void
answer_from_answer(struct page *page)
{
	head_from_answer(page);
	answer_stream(page);
	page->reply.length = (int64_t)flow_len(page->answer->flow);
}

void
answer_stream(struct page *page)
{
	struct reply *reply = &page->reply;

	if (!reply->answer)
		head_from_answer(page);
	reply->length = page->answer->length;
	if (page->answer->flow &&
	    !flow_join(page->answer->flow, &reply->reader))
		must(!"the flow of an answer begins at its first byte");
}

void
answer_error(struct page *page, int status, const char *detail)
{
	struct reply *reply = &page->reply;

	page->error_status = status;
	page->detail = detail;
	reply->status = status;
	reply->no_store = true;
	head_init(&reply->head, page->arena);
	head_add(&reply->head, "Content-Type", "text/html; charset=utf-8");
	if (status == 503)
		head_add(&reply->head, "Retry-After", "5");
	reply->bytes = errorpage_make(page->arena, page->site, status, detail,
	    &reply->len);
}

void
answer_plain(struct page *page, int status, const char *text)
{
	struct reply *reply = &page->reply;

	reply->status = status;
	reply->no_store = true;
	head_init(&reply->head, page->arena);
	head_add(&reply->head, "Content-Type", "text/plain; charset=utf-8");
	reply->bytes = arena_strdup(page->arena, text);
	reply->len = strlen(text);
}

void
answer_proxy_status(struct page *page, const char *error)
{
	head_add(&page->reply.head, "Proxy-Status",
	    arena_printf(page->arena, "livery; error=%s", error));
}

/* ---- Cache-Status (RFC 9211) ---- */

/* Where an answer varies it cannot be told whether another variant was there:
 * "miss" is for that, and "uri-miss" would be a guess. */
static bool
made_varies(const struct page *page)
{
	const struct object *made = page->answer ? page->answer->made : NULL;

	return made && made->vary[0] != '\0';
}

/* How the request went forward, or why. */
static const char *
forwarded_why(const struct page *page)
{
	if (!page->sharing.may && page->sharing.why &&
	    strcmp(page->sharing.why, "method") == 0)
		return "method";
	if (!page->sharing.may)
		return "bypass";
	if (page->unwanted)
		return "request";
	if (page->ranged && page->ranged->lacks)
		return "partial";
	if (page->fallback || page->stale)
		return "stale";
	if (page->other_variant)
		return "vary-miss";
	return made_varies(page) ? "miss" : "uri-miss";
}

static const char *
kind_of(const struct page *page)
{
	if (page->error_status)
		return "error";
	if (page->hit || page->stale)
		return page->stale ? "stale" : "hit";
	return page->sharing.may ? "miss" : "bypass";
}

struct text {
	char *room;
	size_t size, len;
};

static PRINTF(2, 3) void
put(struct text *text, const char *format, ...)
{
	size_t left = text->size - text->len;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text->room + text->len, left, format, args);
	va_end(args);
	if (n > 0)
		text->len += (size_t)n < left ? (size_t)n : left - 1;
}

static const char *
detail_of(const struct page *page)
{
	if (page->detail)
		return page->detail;
	if (page->hit && page->stale)
		return "stale";
	if (!page->sharing.may && page->sharing.why &&
	    strcmp(page->sharing.why, "method") != 0)
		return page->sharing.why;
	if (page->answer && page->answer->unstored)
		return page->answer->unstored;
	return page->outcome != FETCH_OK ? outcome_word(page->outcome) : NULL;
}

void
answer_status(struct page *page)
{
	struct reply *reply = &page->reply;
	const struct object *source =
	    reply->source ? reply->source : page->object;
	struct text text = {reply->cache_status, sizeof(reply->cache_status),
		0};
	const char *detail = detail_of(page);

	reply->kind = kind_of(page);
	/* Not on what we made up ourselves (RFC 9211 2). */
	if (page->error_status && !page->asked)
		return;
	if (page->hit && source) {
		put(&text, "hit; ttl=%" PRId64,
		    object_ttl_ms(source, clock_wall_ms()) / 1000);
	} else {
		put(&text, "fwd=%s", forwarded_why(page));
		if (page->answer && page->answer->status)
			put(&text, "; fwd-status=%d", page->answer->status);
		if (page->answer && page->answer->made)
			put(&text, "; stored");
		if (page->asked && !page->waiter.leader)
			put(&text, "; collapsed");
	}
	/* It helps whoever pokes at the cache: not for everybody. */
	if (detail && page->request.is_allowed)
		put(&text, strpbrk(detail, " *") ? "; detail=\"%s\"" :
		    "; detail=%s", detail);
}

void
reply_fini(struct reply *reply)
{
	flow_leave(&reply->reader);
	answer_unref(&reply->answer);
	object_unref(&reply->object);
	object_unref(&reply->source);
}
