/* tests/html5lib/dump.h - a tree in lines, as the .dat files show it */
#ifndef TESTS_HTML5LIB_DUMP_H
#define TESTS_HTML5LIB_DUMP_H

#include <libxml/tree.h>
#include "base/buf.h"

/* All below a node, that itself not. */
void dump_below(struct buf *out, const xmlNode *root);

#endif
