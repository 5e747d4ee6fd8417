/* base/inbox.h - things that other threads hand to one thread
 *
 * Any thread posts; one thread takes all, in the order posted. A thing sits
 * in one inbox at a time, by the struct inbox_item inside it. */
#ifndef BASE_INBOX_H
#define BASE_INBOX_H

#include <stdbool.h>
#include "base/lock.h"

struct inbox_item {
	struct inbox_item *next;
};

struct inbox {
	struct lock lock;
	struct inbox_item *first; /* shared: under lock */
	struct inbox_item **last; /* shared: under lock */
};

void inbox_init(struct inbox *inbox);
void inbox_fini(struct inbox *inbox); /* it must be empty */

/* True when it was empty before: the poster then wakes the owner. */
bool inbox_post(struct inbox *inbox, struct inbox_item *item);
/* All that is there, oldest first, linked by next; NULL when empty. */
struct inbox_item *inbox_take(struct inbox *inbox);

#endif
