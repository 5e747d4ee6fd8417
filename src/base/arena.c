/* base/arena.c - a list of blocks, filled from the front, freed together
 *
 * The arena itself lies in its first block, so a page costs one malloc as
 * long as it stays small. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/mem.h"

enum {
	ALIGN = 16,
	HUGE_BLOCK = 4 << 20,
	BIGGEST_BLOCK = 8 << 20,
	SMALLEST_PART = 64, /* of a block, that is made of it for a rest */
};

/* With AddressSanitizer memory is not used again: who comes too late to it is
 * to be seen. */
#ifdef __SANITIZE_ADDRESS__
enum { IS_WATCHED = 1 };
#else
enum { IS_WATCHED = 0 };
#endif

struct block {
	struct block *next;
	size_t size; /* of bytes, without this header */
	_Alignas(16) char bytes[];
};

struct kept {
	struct kept *next;
	void (*release)(void *);
	void *thing;
};

struct arena {
	struct block *blocks; /* newest first */
	char *free;	      /* in the newest block */
	char *end;
	struct kept *kept;
	size_t held;
	size_t next_size;
	size_t expected; /* bytes still to come; SIZE_MAX: nobody knows */
};

/* The kernel then gives a large block out in few pieces and not in thousands;
 * it may say no. */
static void
ask_for_huge_pages(void *bytes, size_t size)
{
	const uintptr_t page = 2 << 20;
	uintptr_t from = ((uintptr_t)bytes + page - 1) & ~(page - 1);
	uintptr_t end = ((uintptr_t)bytes + size) & ~(page - 1);

	if (from < end)
		(void)!madvise((void *)from, end - from, MADV_HUGEPAGE);
}

static struct block *
block_new(size_t size)
{
	struct block *block = mem_resize(NULL, sizeof(*block) + size);

	if (size >= HUGE_BLOCK)
		ask_for_huge_pages(block, sizeof(*block) + size);
	block->next = NULL;
	block->size = size;
	return block;
}

struct arena *
arena_new(size_t first_block)
{
	size_t size = first_block + sizeof(struct arena);
	struct block *block = block_new(size);
	struct arena *arena = (struct arena *)(void *)block->bytes;

	memset(arena, 0, sizeof(*arena));
	arena->blocks = block;
	arena->free = block->bytes + sizeof(*arena);
	arena->end = block->bytes + size;
	arena->held = sizeof(*block) + size;
	arena->next_size = first_block < 512 ? 1024 : first_block * 2;
	if (arena->next_size > BIGGEST_BLOCK)
		arena->next_size = BIGGEST_BLOCK;
	arena->expected = SIZE_MAX;
	return arena;
}

static void
release_kept(struct arena *arena)
{
	for (struct kept *kept = arena->kept; kept; kept = kept->next)
		kept->release(kept->thing);
	arena->kept = NULL;
}

void
arena_free(struct arena **arena)
{
	struct block *block, *next;

	if (!*arena)
		return;
	release_kept(*arena);
	for (block = (*arena)->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	*arena = NULL;
}

void
arena_recycle(struct arena **arena, size_t most)
{
	struct block *only = (*arena)->blocks;
	size_t held = (*arena)->held;

	if (only->next || held > most + sizeof(*only) + sizeof(**arena)) {
		arena_free(arena);
		*arena = arena_new(held < most ? held : most);
		return;
	}
	if (IS_WATCHED) {
		size_t size = only->size - sizeof(**arena);

		arena_free(arena);
		*arena = arena_new(size);
		return;
	}
	release_kept(*arena);
	(*arena)->free = only->bytes + sizeof(**arena);
	(*arena)->expected = SIZE_MAX;
}

void
arena_expect(struct arena *arena, size_t bytes)
{
	arena->expected = bytes;
}

static void
grow(struct arena *arena, size_t size)
{
	size_t wanted = arena->next_size;
	struct block *block;

	if (wanted > arena->expected) {
		wanted /= SMALLEST_PART;
		if (wanted < arena->expected)
			wanted = arena->expected;
	}
	if (wanted < size + ALIGN)
		wanted = size + ALIGN;
	if (arena->next_size < BIGGEST_BLOCK)
		arena->next_size *= 2;
	block = block_new(wanted);
	block->next = arena->blocks;
	arena->blocks = block;
	arena->free = block->bytes;
	arena->end = block->bytes + wanted;
	arena->held += sizeof(*block) + wanted;
}

/* What is larger than a block has one of its own, behind the one in hand, whose
 * rest is not lost. */
static char *
take_apart(struct arena *arena, size_t size)
{
	struct block *block = block_new(size);

	block->next = arena->blocks->next;
	arena->blocks->next = block;
	arena->held += sizeof(*block) + size;
	return block->bytes;
}

char *
arena_room(struct arena *arena, size_t size)
{
	char *room;

	if (size > (size_t)(arena->end - arena->free)) {
		if (size > arena->next_size)
			return take_apart(arena, size);
		grow(arena, size);
	}
	room = arena->free;
	arena->free += size;
	return room;
}

void *
arena_get(struct arena *arena, size_t size)
{
	size_t slack = (size_t)(-(intptr_t)arena->free) & (ALIGN - 1);
	char *room;

	if (slack + size > (size_t)(arena->end - arena->free)) {
		grow(arena, size);
		slack = 0; /* a block's bytes are aligned */
	}
	room = arena->free + slack;
	arena->free = room + size;
	return memset(room, 0, size);
}

char *
arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_room(arena, len + 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

const char **
arena_strdup_list(struct arena *arena, const char *const *list)
{
	const char **copy;
	size_t n = 0;

	while (list && list[n])
		n++;
	copy = arena_get(arena, (n + 1) * sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		copy[i] = arena_strdup(arena, list[i]);
	return copy;
}

char *
arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	char *text;
	int n;

	must(format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	must(n >= 0);
	text = arena_room(arena, (size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, format, args);
	return text;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}

void
arena_keep(struct arena *arena, void (*release)(void *), void *thing)
{
	struct kept *kept = arena_get(arena, sizeof(*kept));

	kept->release = release;
	kept->thing = thing;
	kept->next = arena->kept;
	arena->kept = kept;
}

size_t
arena_size(const struct arena *arena)
{
	return arena->held;
}
