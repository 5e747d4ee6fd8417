/* dom/defuse.h - text where it would end what it stands in too early
 *
 * Rules may move any text anywhere, so what no page could have said in a place
 * may stand there. Scripts and styles get backslashes, which they bear inside
 * of their strings; comments get spaces. */
#ifndef DOM_DEFUSE_H
#define DOM_DEFUSE_H

#include "base/buf.h"

/* The text of a raw text element of this name. */
void defuse_raw(struct buf *out, const char *name, const char *text);
/* A comment, with its marks. */
void defuse_comment(struct buf *out, const char *text);
/* Markup that is to stand within a raw text element, of which nobody knows the
 * name: no end tag of one ends it, and no comment hides its end. is_text: it
 * was text alone, which has its comments in order. */
void defuse_markup(struct buf *out, const struct buf *markup, bool is_text);

#endif
