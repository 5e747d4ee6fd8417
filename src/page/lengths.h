/* page/lengths.h - how long the answers are that clients have copies of
 *
 * A 304 may say the length that a 200 would have, and libmicrohttpd keeps a
 * connection open behind one only if it does. Our own 304s know it; one that
 * an upstream answered, and that is passed on, mostly does not. So the length
 * of what was sent whole, and not stored, is remembered by its address, its
 * tag and what codings its client took. Any thread. */
#ifndef PAGE_LENGTHS_H
#define PAGE_LENGTHS_H

#include "page/life.h"

struct lengths;
struct lengths *lengths_new(void);
void lengths_free(struct lengths **lengths);

/* The page's reply is complete: remember its length, or let a 304 that was
 * passed on have it. The page's owner calls it. */
void lengths_see(struct lengths *lengths, struct page *page);

#endif
