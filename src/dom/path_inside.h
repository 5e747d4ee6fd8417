/* dom/path_inside.h - a plain path as path.c and sieve.c see it */
#ifndef DOM_PATH_INSIDE_H
#define DOM_PATH_INSIDE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "dom/path.h"

enum { PATH_STEPS_MAX = 64 /* bits of a word */ };

struct path_predicate {
	const char *attribute;
	enum {
		HAS,
		LACKS,
		EQUALS,
		CONTAINS_WORD,
		CONTAINS,
		STARTS_WITH,
		ANCESTOR /* some element above is what the step says */
	} how;
	const char *value;
	const struct path_step *ancestor;
	struct path_predicate *next;
};

struct path_step {
	enum { TEST_ELEMENT, TEST_NODE, TEST_TEXT, TEST_ATTRIBUTE } test;
	const char *name; /* NULL: any */
	struct path_predicate *predicates;
};

/* Steps are bits; each alternative's stand behind a bit for its beginning. */
struct path {
	struct arena *arena;
	struct path_step steps[PATH_STEPS_MAX];
	unsigned count;
	uint64_t starts[2]; /* where alternatives begin: context, or root */
	uint64_t child, descendant, or_self, last, attributes;
};

/* Whether a node is what the step says, wherever it stands. */
bool path_step_fits(const struct path_step *step, const xmlNode *node);

#endif
