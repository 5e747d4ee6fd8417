/* base/inbox.c - a list under a lock that is held for three stores */
#include "base/inbox.h"

void
inbox_init(struct inbox *inbox)
{
	lock_init(&inbox->lock);
	inbox->first = NULL;
	inbox->last = &inbox->first;
}

void
inbox_fini(struct inbox *inbox)
{
	must(!inbox->first);
	lock_fini(&inbox->lock);
}

bool
inbox_post(struct inbox *inbox, struct inbox_item *item)
{
	bool was_empty;

	item->next = NULL;
	lock_take(&inbox->lock);
	was_empty = !inbox->first;
	*inbox->last = item;
	inbox->last = &item->next;
	lock_drop(&inbox->lock);
	return was_empty;
}

struct inbox_item *
inbox_take(struct inbox *inbox)
{
	struct inbox_item *items;

	lock_take(&inbox->lock);
	items = inbox->first;
	inbox->first = NULL;
	inbox->last = &inbox->first;
	lock_drop(&inbox->lock);
	return items;
}
