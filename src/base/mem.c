/* base/mem.c - malloc for things whose size we chose ourselves */
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
never_null(void *got)
{
	if (!got) {
		fputs("<2>livery: out of memory\n", stderr);
		abort();
	}
	return got;
}

void *
mem_new(size_t size)
{
	return never_null(calloc(1, size ? size : 1));
}

void *
mem_new_array(size_t count, size_t size)
{
	return never_null(calloc(count ? count : 1, size ? size : 1));
}

void *
mem_resize(void *old, size_t size)
{
	return never_null(realloc(old, size ? size : 1));
}

char *
mem_strdup(const char *text)
{
	return never_null(strdup(text));
}

char *
mem_strndup(const char *text, size_t len)
{
	char *copy = never_null(malloc(len + 1));

	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *
mem_printf(const char *format, ...)
{
	va_list args;
	char *text = NULL;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	return never_null(n < 0 ? NULL : text);
}

void
mem_free(void *address_of_pointer)
{
	void *old, *none = NULL;

	/* memcpy, since the pointer's own type is not ours to know */
	memcpy(&old, address_of_pointer, sizeof(old));
	memcpy(address_of_pointer, &none, sizeof(none));
	free(old);
}
