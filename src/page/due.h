/* page/due.h - which answers are pages to be dressed, by what they say of
 * themselves */
#ifndef PAGE_DUE_H
#define PAGE_DUE_H

#include <stdbool.h>
#include "http/head.h"

/* HTML as it is, which the answer lets others change (RFC 9110 7.7). */
bool due_may_change(const struct head *head);
/* One to be dressed, where its site has a theme. */
bool due_is(int status, const struct head *head);

#endif
