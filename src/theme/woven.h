/* theme/woven.h - what a struct theme is, for those who build and run it */
#ifndef THEME_WOVEN_H
#define THEME_WOVEN_H

#include <stdatomic.h>
#include "theme/program.h"

/* Immutable once theme_build() gave it. */
struct theme {
	_Atomic unsigned refs;
	struct arena *arena;
	struct rules *rules;
	struct program *program;
	char version[DIGEST_HEX + 1];
	bool compat;
	struct wardrobe *wardrobe; /* a Deliverance ruleset's pages, or NULL */
	bool is_filter; /* no theme at all: content rules only */
	struct words warnings;
	struct words assets;
	struct words asset_places; /* of each */
	struct place *places;
	struct words main_places; /* names of pages that have one */
	struct words pages;	  /* names of all pages */
};

/* theme/theme.c: what goes out is UTF-8, whatever the page was written in. */
void theme_say_utf8(xmlDoc *doc);

#endif
