/* base/arena.h - memory that dies all at once
 *
 * One owner, one thread at a time. Nothing is given back singly. Blocks come
 * from malloc in growing sizes; out of memory stops the process, so whatever
 * a peer decides the size of is limited before it comes here. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include "base/must.h"

struct arena;

struct arena *arena_new(size_t first_block);
void arena_free(struct arena **arena);
/* Release all that is in it, and have it empty, for the next of many of the
 * same size: what it needed this time it has as one block then, up to most
 * bytes. */
void arena_recycle(struct arena **arena, size_t most);

/* Zeroed, aligned for anything. */
void *arena_get(struct arena *arena, size_t size)
    __attribute__((returns_nonnull));
/* Not zeroed, not aligned: for text. */
char *arena_room(struct arena *arena, size_t size)
    __attribute__((returns_nonnull));
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);
/* A list, with its texts. NULL stands behind the last; NULL is an empty one. */
const char **arena_strdup_list(
    struct arena *arena, const char *const *list);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF(2, 3);
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
    PRINTF(2, 0);

/* Call release(thing) when the arena is freed, last kept first released. */
void arena_keep(struct arena *arena, void (*release)(void *), void *thing);

/* About so many bytes more will be asked for, or never mind (SIZE_MAX): the next
 * block is made no larger than that, though not tiny either. */
void arena_expect(struct arena *arena, size_t bytes);

/* Bytes of malloc that it holds now. */
size_t arena_size(const struct arena *arena);

#endif
