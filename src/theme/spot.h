/* theme/spot.h - a theme node that rules select, while a page is compiled */
#ifndef THEME_SPOT_H
#define THEME_SPOT_H

#include "theme/compile.h"

/* One rule that selects a theme node. */
struct hit {
	const struct rule *rule;
	uint32_t number;
	uint32_t condition;
	struct hit *next;
};

/* A theme node that rules select: its _private. */
struct spot {
	struct hit *hits, **last;
	struct label after;  /* past the element, where `after` rules are */
	struct label copied; /* past the children */
	bool gone;	     /* unconditionally dropped or replaced */
	bool stripped;
	bool filled; /* its children are unconditionally something else */
};

/* theme/attributes.c: the start tag of an element, with what the attribute
 * rules make of it. */
void attributes_open(
    struct compiler *compiler, const struct spot *spot, const xmlNode *node);

#endif
