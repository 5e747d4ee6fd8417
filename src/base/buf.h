/* base/buf.h - bytes that grow, up to a limit written beside them
 *
 * Every buffer is born with its maximum. Adding past it, or past what memory
 * there is, fails, and goes on failing (`failed`), so a writer may add many
 * times and ask once at the end. data is always NUL-ended when not NULL. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include "base/must.h"

struct buf {
	char *data;
	size_t len;
	size_t cap;
	size_t max;
	bool failed;
};

void buf_init(struct buf *buf, size_t max);
void buf_fini(struct buf *buf);
/* Empty it and forget a failure; the memory stays. */
void buf_clear(struct buf *buf);

/* Make sure that more bytes fit. 0, or -1: over the limit, or no memory. */
int buf_reserve(struct buf *buf, size_t more);
int buf_add(struct buf *buf, const void *bytes, size_t len);
int buf_puts(struct buf *buf, const char *text);
int buf_putc(struct buf *buf, char c);
int buf_printf(struct buf *buf, const char *format, ...) PRINTF(2, 3);

/* Give the bytes (exactly allocated, NUL behind); the buffer is empty then.
 * Never NULL, an empty buffer gives "". */
char *buf_steal(struct buf *buf, size_t *len) CHECKED;

#endif
