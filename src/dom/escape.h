/* dom/escape.h - text and values of attributes as HTML wants them */
#ifndef DOM_ESCAPE_H
#define DOM_ESCAPE_H

#include <stddef.h>
#include "base/buf.h"
#include "dom/span.h"

/* Add the text with &, <, > and no-break spaces as references, and with what
 * else is in the set (of enum span_set). -1: out is full, and has a part. */
int escape_add(struct buf *out, const char *text, size_t len, unsigned set);

#endif
