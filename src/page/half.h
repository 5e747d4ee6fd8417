/* page/half.h - a page is dressed, and what it includes is still to be had
 *
 * Its text waits with it, so that the page is put together when all is there,
 * and not dressed once more. The page's owner's. */
#ifndef PAGE_HALF_H
#define PAGE_HALF_H

#include "page/life.h"

/* It was dressed with page->theme, in so long. Takes what is in text, which is
 * empty then. */
void half_keep(struct page *page, struct buf *text, uint64_t cost_us);
/* Give it back in the place of text. False: there is none, or the theme is
 * another by now. */
bool half_take(struct page *page, struct buf *text, uint64_t *cost_us);
void half_drop(struct page *page);

#endif
