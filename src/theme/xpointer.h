/* theme/xpointer.h - the part of a file that xpointer= of xi:include names
 *
 * W3C's XPointer framework with the schemes element(), xmlns() and, with XPath
 * 1.0, xpointer(); and a bare name, which is an xml:id or an id. There are
 * neither points nor ranges. */
#ifndef THEME_XPOINTER_H
#define THEME_XPOINTER_H

#include <libxml/xpath.h>
#include "base/err.h"

enum {
	XPOINTER_MAX = 4096, /* bytes of one */
	/* Of a file that has parts, in one pointer, and in looking for what it
	 * selects: libxml2 joins two sets in the time of their product, which
	 * no count of operations bounds by itself. */
	XPOINTER_NODES_MAX = 5000,
	XPOINTER_UNIONS_MAX = 8,
	XPOINTER_OPERATIONS_MAX = 200000,
};

/* Find what the first scheme that finds anything selects: elements, texts,
 * comments and PIs in the order of the document, none inside another; the
 * document counts as its root. Gives a node-set, maybe empty, to be freed.
 * Errors: it is no pointer, of no known scheme, or selects something else; the
 * document is too big. */
CHECKED int xpointer_find(
    xmlDoc *doc, const char *pointer, xmlXPathObject **out, struct err *err);

#endif
