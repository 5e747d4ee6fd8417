/* tests/html5lib/browser.h - a page as a browser has it: our own parser, in the
 * standard's form */
#ifndef TESTS_HTML5LIB_BROWSER_H
#define TESTS_HTML5LIB_BROWSER_H

#include <stdbool.h>
#include "base/buf.h"
#include "dom/node.h"

/* Gives the tree of any bytes of UTF-8, with limits that no test reaches. */
struct tree *browser_read(const char *bytes, size_t len, bool scripting);
/* Add a file to out; it ends with a NUL then, also when it is empty. -1: it
 * cannot be read, or is over out's limit. */
int browser_file(struct buf *out, const char *path);

#endif
