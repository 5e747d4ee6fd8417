/* page/part.c - "/page?;filter_xpath=EXPRESSION": a part of a page is asked
 * for
 *
 * That is how includes in the themes of others (Diazo's ssi, ssiwait and esi)
 * name what they want; a server in front of us, or another of our kind, asks
 * for it. Where the site says filter_xpath, the page is got as ever, from the
 * cache or not, under its own address, and what the expression selects of it
 * is the answer. It is not dressed, as documents that our own rules bring in
 * are not.
 *
 * Whoever asks may be a stranger, so the expression is held to what
 * theme_filter_check() allows before anybody is asked anything. */
#include <string.h>

#include "base/counter.h"
#include "base/report.h"
#include "cache/hash.h"
#include "http/url.h"
#include "page/due.h"
#include "page/life.h"
#include "page/parts.h"
#include "page/validator.h"

enum { HASH_SHOWN = 12 };

static const char mark[] = ";filter_xpath=";

/* Where it begins in a target; NULL: it is not there. */
static const char *
find_mark(const char *target)
{
	const char *query = strchr(target, '?');

	return query ? strstr(query, mark) : NULL;
}

bool
part_is_asked(const struct site *site, const struct request *request)
{
	return site && site->opts.filter_xpath &&
	       (request->is_get || request->is_head) &&
	       find_mark(request->target);
}

void
part_take(struct page *page)
{
	struct request *request = &page->request;
	const char *at;
	size_t len;

	if (!part_is_asked(page->site, request))
		return;
	at = find_mark(request->target);
	len = (size_t)(at - request->target);
	page->part = at + strlen(mark);
	if (request->target[len - 1] == '?')
		len--;
	request->target = arena_strndup(page->arena, request->target, len);
	request->target_len = len;
}

/* ---- is it one that may be evaluated? ---- */

static enum step
answer_why(struct page *page, int status, const char *why)
{
	page->error_status = status;
	object_unref(&page->dressed);
	object_unref(&page->object);
	answer_plain(
	    page, status, arena_printf(page->arena, "filter_xpath: %s\n", why));
	return STEP_DELIVER;
}

/* NULL: a bad escape. */
static const char *
decoded(struct arena *arena, const char *text)
{
	const char *plain = NULL;
	struct buf out;

	buf_init(&out, 4 * FILTER_XPATH_MAX);
	if (url_decode(&out, text, strlen(text)) == 0)
		plain = arena_strndup(arena, out.len ? out.data : "", out.len);
	buf_fini(&out);
	return plain;
}

enum step
part_judge(struct page *page)
{
	struct err err = {""};

	page->part = decoded(page->arena, page->part);
	if (!page->part)
		return answer_why(page, 400,
		    "not percent-encoded as it "
		    "should be, or far too long");
	if (theme_filter_check(page->part, &err) != 0)
		return answer_why(page, 400, err.text);
	return STEP_LOOKUP;
}

/* ---- which answers have parts ---- */

bool
part_is_due(int status, const struct head *head)
{
	return status == 200 && due_may_change(head);
}

/* ---- taking it ---- */

/* The page's own trouble, not the asker's. */
static enum step
bad_page(struct page *page, const struct err *err)
{
	report_problem("dress", page_url(page), err->text, "no part of it");
	return answer_why(page, 502,
	    "the page cannot be parsed, or is over a "
	    "limit");
}

static const char *
mark_of(struct page *page)
{
	struct sum sum = sum_of(page->part, strlen(page->part));
	char hex[2 * SUM_LEN + 1];

	sum_hex(hex, &sum);
	return arena_printf(page->arena, "%.*s", (int)HASH_SHOWN, hex);
}

static void
make_head(struct page *page, const struct source *source)
{
	struct reply *reply = &page->reply;
	struct head old = *source->head;

	reply->status = source->status;
	head_init(&reply->head, page->arena);
	dress_adapt_head(&reply->head, &old,
	    validator_dressed(page->arena, head_find(&old, "ETag"), "part",
		mark_of(page)));
	if (page->object)
		dress_add_age(page);
}

/* The page and the expression are what the part depends on, so it need not be
 * looked for. */
static bool
is_unchanged(struct page *page)
{
	if (!validator_holds(page))
		return false;
	page->reply.len = 0;
	return true;
}

/* Takes the reference to the body. */
static enum step
reply_part(struct page *page, struct body *body)
{
	body_keep(page->arena, body);
	page->reply.bytes = body->bytes;
	page->reply.len = body->len;
	return STEP_DELIVER;
}

static unsigned long
least(unsigned long own, unsigned long most)
{
	return own && own < most ? own : most;
}

struct filter_ask
part_ask(const struct site *site, const struct dress_document *html,
    const char *xpath)
{
	const struct site_opts *opts = &site->opts;

	return (struct filter_ask){
	    .bytes = html->bytes,
	    .len = html->len,
	    .content_type = html->content_type,
	    .libxml2 = opts->html_parser == PARSER_LIBXML2,
	    .xpath = xpath,
	    .html_max_bytes = (size_t)opts->themed_max,
	    .html_max_depth = opts->html_max_depth,
	    .html_max_attributes = opts->html_max_attributes,
	    .html_max_nodes = opts->html_max_nodes,
	    .xpath_max_ops = (unsigned long)opts->xpath_max_ops,
	};
}

/* A stranger's expression has less to spend. */
static enum filtered
select_part(struct page *page, const struct source *source, struct buf *out,
    struct err *err)
{
	const struct dress_document html = {
	    .bytes = source->bytes,
	    .len = source->len,
	    .content_type = head_find(source->head, "Content-Type"),
	};
	struct filter_ask ask = part_ask(page->site, &html, page->part);

	ask.html_max_nodes = least(ask.html_max_nodes, FILTER_NODES_MAX);
	ask.xpath_max_ops = least(ask.xpath_max_ops, FILTER_OPERATIONS_MAX);
	return theme_filter(&ask, out, err);
}

static enum step
take(struct page *page, const struct source *source)
{
	struct err err = {""};
	struct body *body;
	struct buf out;
	enum filtered how;
	size_t len;
	char *bytes;

	buf_init(&out, (size_t)page->site->opts.fragment_max);
	how = select_part(page, source, &out, &err);
	if (how != FILTERED) {
		buf_fini(&out);
		return how == FILTER_BAD_PAGE ? bad_page(page, &err)
					      : answer_why(page, 400, err.text);
	}
	bytes = buf_steal(&out, &len);
	body = body_new(&bytes, len);
	if (page->object)
		parts_note(
		    page->site->parts, page->object->id, page->part, body);
	return reply_part(page, body);
}

enum step
part_step(struct page *page)
{
	struct source source;
	struct body *body = NULL;

	object_unref(&page->dressed);
	/* A head alone has no parts; an answer that failed is what it is. */
	if (page->error_status || (page->request.is_head && !page->object) ||
	    page_source(page, &source) != 0 ||
	    !part_is_due(source.status, source.head))
		return STEP_DELIVER;
	make_head(page, &source);
	if (is_unchanged(page))
		return STEP_DELIVER;
	if (page->object)
		body =
		    parts_find(page->site->parts, page->object->id, page->part);
	return body ? reply_part(page, body) : take(page, &source);
}
