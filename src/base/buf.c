/* base/buf.c - the only way that a peer's bytes become memory */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* No maximum is so great that growing could overflow. */
enum { FIRST = 256 };
static const size_t MAX_MAX = SIZE_MAX / 4;

void
buf_init(struct buf *buf, size_t max)
{
	memset(buf, 0, sizeof(*buf));
	buf->max = max < MAX_MAX ? max : MAX_MAX;
}

void
buf_fini(struct buf *buf)
{
	free(buf->data);
	buf_init(buf, buf->max);
}

void
buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->failed = false;
	if (buf->data)
		buf->data[0] = '\0';
}

static int
fail(struct buf *buf)
{
	buf->failed = true;
	return -1;
}

int
buf_reserve(struct buf *buf, size_t more)
{
	size_t cap = buf->cap ? buf->cap : FIRST;
	char *data;

	if (buf->failed || more > buf->max || buf->len > buf->max - more)
		return fail(buf);
	if (buf->len + more < buf->cap)
		return 0;
	cap += cap / 2;
	if (cap <= buf->len + more)
		cap = buf->len + more + 1;
	if (cap > buf->max + 1)
		cap = buf->max + 1;
	data = realloc(buf->data, cap);
	if (!data)
		return fail(buf);
	if (!buf->data)
		data[0] = '\0';
	buf->data = data;
	buf->cap = cap;
	return 0;
}

int
buf_add(struct buf *buf, const void *bytes, size_t len)
{
	if (buf_reserve(buf, len) != 0)
		return -1;
	if (len)
		memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return 0;
}

int
buf_puts(struct buf *buf, const char *text)
{
	return buf_add(buf, text, strlen(text));
}

int
buf_putc(struct buf *buf, char c)
{
	return buf_add(buf, &c, 1);
}

int
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	int n;

	if (buf_reserve(buf, 0) != 0)
		return -1;
	va_start(args, format);
	n = vsnprintf(buf->data + buf->len, buf->cap - buf->len, format, args);
	va_end(args);
	must(n >= 0);
	if ((size_t)n >= buf->cap - buf->len) {
		buf->data[buf->len] = '\0';
		if (buf_reserve(buf, (size_t)n) != 0)
			return -1;
		va_start(args, format);
		vsnprintf(buf->data + buf->len, buf->cap - buf->len, format,
		    args);
		va_end(args);
	}
	buf->len += (size_t)n;
	return 0;
}

char *
buf_steal(struct buf *buf, size_t *len)
{
	char *data = mem_resize(buf->data, buf->len + 1);

	data[buf->len] = '\0';
	if (len)
		*len = buf->len;
	buf_init(buf, buf->max);
	return data;
}
