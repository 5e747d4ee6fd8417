/* theme/compile.h - rules and theme pages become a program */
#ifndef THEME_COMPILE_H
#define THEME_COMPILE_H

#include "theme/markup.h"
#include "theme/program.h"

/* Where a rule puts something into a page, if its selector finds it there. */
struct place {
	const char *page, *selector;
	const char *typed;   /* the selector, for messages */
	const char *content; /* what it puts there; NULL: markup */
	bool found;
	struct place *next;
};

struct compiler {
	struct program *program;
	const struct rules *rules;
	struct err *err;
	/* one per rule, in the order of the file */
	const struct rule **rule;
	uint32_t (*bodies)[ROOMS]; /* first op */
	bool *found;		   /* somewhere in a page */
	struct place *places, **last_place;
};

/* Begin: bodies and content rules. */
CHECKED int compile_rules(struct compiler *compiler);

/* Add one theme page at this point of the program. The tree's _private are
 * used, and the tree may be freed afterwards. */
CHECKED int compile_page(
    struct compiler *compiler, xmlDoc *doc, const char *page_name);

/* theme/templates.c: the content rules, in the order that breaks ties. */
void templates_compile(struct compiler *compiler);

#endif
