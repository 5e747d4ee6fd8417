/* page/debug.c - what the rules did, appended to the page (contract:
 * page/debug.h) */
#include "page/debug.h"

#include <string.h>
#include <strings.h>

#include "theme/trace.h"

enum { OVERLAY_MAX = 16 << 20 };

static void
free_trace(void *arg)
{
	struct dress_trace *trace = arg;

	dress_trace_free(&trace);
}

struct dress_trace *
debug_trace(struct page *page)
{
	struct dress_trace *trace;

	if (!page->request.livery_debug)
		return NULL;
	trace = dress_trace_new();
	arena_keep(page->arena, free_trace, trace);
	return trace;
}

/* Where the last end tag of a body is; the end when there is none. */
static size_t
end_of_body(const struct buf *html)
{
	static const char tag[] = "</body";

	for (size_t at = html->len; at >= sizeof(tag) - 1; at--) {
		size_t from = at - (sizeof(tag) - 1);

		if (strncasecmp(html->data + from, tag, sizeof(tag) - 1) == 0)
			return from;
	}
	return html->len;
}

void
debug_put(struct buf *html, const struct dress_trace *trace)
{
	struct buf overlay;
	size_t at = end_of_body(html);

	buf_init(&overlay, OVERLAY_MAX);
	if (dress_trace_html(trace, &overlay) == 0 &&
	    buf_reserve(html, overlay.len + 1) == 0) {
		memmove(html->data + at + overlay.len, html->data + at,
		    html->len - at);
		memcpy(html->data + at, overlay.data, overlay.len);
		html->len += overlay.len;
		html->data[html->len] = '\0';
	}
	buf_fini(&overlay);
}

void
debug_head(struct page *page)
{
	static const char *const of_stored_ones[] = {
	    "ETag",
	    "Last-Modified",
	    "Expires",
	    "Age",
	    "Pragma",
	    "CDN-Cache-Control",
	    "Surrogate-Control",
	};
	struct reply *reply = &page->reply;

	for (size_t i = 0; i < COUNT_OF(of_stored_ones); i++)
		head_drop(&reply->head, of_stored_ones[i]);
	head_set(&reply->head, "Cache-Control", "no-store");
	reply->no_store = true;
}
