/* tests/html5lib/alive.h - what of a page a browser would run */
#ifndef TESTS_HTML5LIB_ALIVE_H
#define TESTS_HTML5LIB_ALIVE_H

#include <libxml/tree.h>
#include "base/buf.h"

/* Say what runs in page and does not, or less often, in either of the others
 * (theme may be NULL): scripts but for those that are empty or that no end tag
 * ended, event handlers, addresses that are code. Trees of build.h. */
void alive_news(struct buf *out, const xmlDoc *page, const xmlDoc *content,
    const xmlDoc *theme);

#endif
