/* dom/said.h - whether markup says a tree: written as it nests, no start tag in
 * it ends an element around it
 *
 * A parser makes trees of which that is not so: it moves elements (the adoption
 * agency, what a table throws out), takes links and forms away from around what
 * is in them, and begins formatting elements again wherever it is. So there are
 * links in links, headings in headings and paragraphs in paragraphs. Read
 * again, all that follows such an element is somewhere else, and where exactly
 * depends on all that is open. */
#ifndef DOM_SAID_H
#define DOM_SAID_H

#include <stdbool.h>
#include <libxml/tree.h>

/* Of all in a page but what is in templates, which is nothing to what is around
 * them. quirks: a table may be in a paragraph. Looks at each element once. */
bool said_is_page(const xmlNode *page, bool quirks);

#endif
