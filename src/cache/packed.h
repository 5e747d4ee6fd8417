/* cache/packed.h - a body's other codings, made when clients want them
 *
 * Part of an object (cache/object.h). They come after it was published, each
 * once, and go with it; the cache file never has them. Any thread. */
#ifndef CACHE_PACKED_H
#define CACHE_PACKED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include "base/inbox.h"
#include "http/pack.h"

struct body;

/* Marks; those that are of a coding are shifted by its number. */
enum {
	PACKED_JUDGED = 1 << 0, /* PACKED_SUITS is known */
	PACKED_SUITS = 1 << 1,	/* type and fields allow another coding */
	PACKED_USED = 1 << 2,	/* it was sent once */
	PACKED_WAITS = 1 << 3,	/* in the inbox of who compresses */
	PACKED_WANTED = 1 << 8, /* a client asked for it in this coding */
	PACKED_VAIN = 1 << 16,	/* it does not become smaller by it */
};

struct packed {
	struct inbox_item item; /* while it waits: page/press.c's */
	/* shared: any thread */
	_Atomic unsigned marks;
	_Atomic(struct body *) body[PACKINGS]; /* set once, never changed */
};

/* Borrow the body in that coding; NULL: not made. */
static inline struct body *
packed_body(const struct packed *packed, enum packing packing)
{
	return atomic_load_explicit(
	    &packed->body[packing], memory_order_acquire);
}

/* Takes *body. False: another thread was first, and its body stays. */
bool packed_set(
    struct packed *packed, enum packing packing, struct body **body);
/* Another object with the same identity body has the same codings. */
void packed_copy(struct packed *to, const struct packed *from);
void packed_fini(struct packed *packed);
/* Bytes of all that were made. */
size_t packed_size(const struct packed *packed);
/* An answer goes out in that coding: count it, if it is one. */
void packed_count(enum packing packing);

#endif
