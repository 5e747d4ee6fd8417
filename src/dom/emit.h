/* dom/emit.h - short words into a buffer, without a call for each
 *
 * What base/buf.h promises holds: the bytes end with a NUL, and what failed
 * once goes on failing. */
#ifndef DOM_EMIT_H
#define DOM_EMIT_H

#include <string.h>
#include "base/buf.h"

static inline int
emit_state(const struct buf *out)
{
	return out->failed ? -1 : 0;
}

/* Where so many bytes, and a NUL behind them, may be written; NULL: nowhere. */
static inline char *
emit_room(struct buf *out, size_t len)
{
	/* a buffer that is used again may have more room than it may use */
	if (out->failed ||
	    ((out->cap - out->len <= len || out->max - out->len < len) &&
		buf_reserve(out, len) != 0))
		return NULL;
	return out->data + out->len;
}

/* Names are short: no call for each. */
static inline char *
emit_copy(char *to, const char *from, size_t len)
{
	if (len > 16) {
		memcpy(to, from, len);
	} else if (len >= 8) {
		memcpy(to, from, 8);
		memcpy(to + len - 8, from + len - 8, 8);
	} else if (len >= 4) {
		memcpy(to, from, 4);
		memcpy(to + len - 4, from + len - 4, 4);
	} else if (len > 0) {
		to[0] = from[0];
		to[len / 2] = from[len / 2];
		to[len - 1] = from[len - 1];
	}
	return to + len;
}

/* What was written at emit_room() ends here. */
static inline void
emit_end(struct buf *out, char *to)
{
	*to = '\0';
	out->len = (size_t)(to - out->data);
}

static inline void
emit(struct buf *out, const char *text, size_t len)
{
	char *to = emit_room(out, len);

	if (to)
		emit_end(out, emit_copy(to, text, len));
}

static inline void
emit_char(struct buf *out, char c)
{
	char *to = emit_room(out, 1);

	if (!to)
		return;
	*to = c;
	emit_end(out, to + 1);
}

#endif
