/* dom/xhtml.h - a page of HTML once more, in the syntax of XHTML
 *
 * What Diazo's own tools do with a page whose DOCTYPE is one of XHTML: void
 * elements are closed (<br />), values are there and quoted, &, < and > are
 * references in texts, all that is open is ended. The tags are the same in the
 * same order, so a browser makes of both the same page; nothing is put beside a
 * name, a lang or a charset. Scripts and styles, whose text is raw in HTML,
 * stay as they are, as they do there: with a < or & in them they are HTML only. */
#ifndef DOM_XHTML_H
#define DOM_XHTML_H

#include <stdbool.h>
#include <stddef.h>
#include "base/buf.h"
#include "base/err.h"

/* Whether the page begins with a DOCTYPE of XHTML. */
bool xhtml_is_said(const char *page, size_t len);
/* Add to out what is written in html, as html_write() writes: UTF-8, the
 * DOCTYPE first. What XML has no word for is left out: names that are none
 * there (@click), control characters, a second "<?xml". Linear in html but for
 * end tags of what is not open, which look through what is. -1: no memory, or
 * out is full; out has a part then. */
CHECKED int xhtml_write(
    struct buf *out, const char *html, size_t len, struct err *err);

#endif
