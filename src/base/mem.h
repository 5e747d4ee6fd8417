/* base/mem.h - small allocations, which never fail
 *
 * When there is no memory for them the process stops: nobody checks. What a
 * peer decides the size of uses buf_reserve() (base/buf.h), which can fail. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/must.h"

/* Give size zeroed bytes. */
void *mem_new(size_t size) CHECKED __attribute__((malloc));
/* Give room for count things of size each, zeroed. */
void *mem_new_array(size_t count, size_t size) CHECKED;
/* Give the same bytes in a block of new size; takes the old one. */
void *mem_resize(void *old, size_t size) CHECKED;
char *mem_strdup(const char *text) CHECKED;
/* The first len bytes, ended with a NUL. */
char *mem_strndup(const char *text, size_t len) CHECKED;
char *mem_printf(const char *format, ...) PRINTF(1, 2) CHECKED;

/* Free what *pointer points to and leave NULL: mem_free(&thing). */
void mem_free(void *address_of_pointer);

#endif
