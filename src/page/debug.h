/* page/debug.h - a page that says what the rules did to it (?livery.debug=1),
 * for clients that may see that */
#ifndef PAGE_DEBUG_H
#define PAGE_DEBUG_H

#include "base/buf.h"
#include "page/life.h"

struct dress_trace;

/* A trace that dies with the page; NULL: this request wants none. */
struct dress_trace *debug_trace(struct page *page);
/* Put it before the end of the body, or behind all where there is none. Where
 * it does not fit the page stays without. */
void debug_put(struct buf *html, const struct dress_trace *trace);
/* The reply's head is of such a page: for nobody else, and not to be kept. */
void debug_head(struct page *page);

#endif
