/* theme/linting.h - what a theme page shows of its rules, noted while it is
 * compiled */
#ifndef THEME_LINTING_H
#define THEME_LINTING_H

#include <stdbool.h>
#include <stdint.h>
#include "theme/compile.h"

/* What became of the theme nodes that a rule selects. */
struct shade {
	bool is_hit;  /* there are some */
	bool is_free; /* at one of them it can run */
	uint32_t by;  /* at the others this rule is before it */
};

/* The rules that select a page's nodes have been noted at the nodes (spot.h):
 * note in program->shades which of them can run. */
void linting_page(struct compiler *compiler, xmlDoc *doc);

#endif
