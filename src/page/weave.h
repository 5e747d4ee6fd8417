/* page/weave.h - in which answers includes count, by what they say of
 * themselves */
#ifndef PAGE_WEAVE_H
#define PAGE_WEAVE_H

#include "page/route.h"

/* HTML and XML, and what Surrogate-Control: content="ESI/1.0" marks; not what
 * is encoded, or says no-transform. */
bool weave_reads(enum includes how, const struct head *head);
/* And it is an answer to be read whole for them. */
bool weave_is_due(const struct site *site, int status, const struct head *head);

#endif
