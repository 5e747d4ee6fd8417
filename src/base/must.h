/* base/must.h - what must be true, and words for the compiler */
#ifndef BASE_MUST_H
#define BASE_MUST_H

#include <stddef.h>

/* A bug when false: says where, and stops the process. Always compiled in. */
#define must(cond)                                                         \
	do {                                                               \
		if (__builtin_expect(!(cond), 0))                          \
			must_fail(#cond, __FILE__, __LINE__);              \
	} while (0)

_Noreturn void must_fail(const char *what, const char *file, int line);

/* The result may not be ignored. */
#define CHECKED __attribute__((warn_unused_result))
/* Arguments are checked as printf's are: format is number f, first is a. */
#define PRINTF(f, a) __attribute__((format(printf, f, a)))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The struct that has its member at this address. */
#define container_of(pointer, type, member)                                \
	((type *)(void *)((char *)(pointer) - offsetof(type, member)))

#endif
