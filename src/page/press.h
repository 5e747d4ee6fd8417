/* page/press.h - which coding a client gets, and who makes it
 *
 * What is stored is kept once, as it is. When it is sent for the second time to
 * a client that accepts a coding, a thread of low priority is told to compress
 * it; until that is done, clients have it as it is, or in another coding that
 * is there. Whoever refuses identity waits for a worker to do it. */
#ifndef PAGE_PRESS_H
#define PAGE_PRESS_H

#include "page/life.h"

struct press;
CHECKED int press_start(
    struct press **out, struct cache *cache, struct err *err);
/* What waits is not done any more. */
void press_stop(struct press **press);

/* How this request is answered with that object: fills in reply->varies,
 * packing and packed, which live as long as the object. No lock, no allocation,
 * but once for an object and coding the press's inbox. is_first: it was asked
 * for by this very request, and perhaps never again. False: identity is
 * refused, and a worker is to make a coding (press_reply()). Any thread. */
bool press_choose(struct press *press, const struct site *site,
    const struct request *request, struct object *object, bool is_first,
    struct reply *reply);
/* Choose for page->object's reply; on a worker. */
void press_reply(
    struct page *page, struct worker *worker, struct object *object);
/* Compress a page that was dressed for one client alone, if the site says so.
 */
void press_own(struct page *page, struct worker *worker);
/* An answer that is sent while it comes, and may be sent compressed later. */
void press_add_vary(const struct page *page, int status, struct head *head);

#endif
