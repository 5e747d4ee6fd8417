/* conf/scan.h - a first look over the file, for the mistakes that libconfuse
 * does not tell
 *
 * libconfuse stops at the first unknown name, says nothing about an option
 * that stands twice or a brace that is never closed, and silently drops "*"
 * from a value without quotes. This look finds all of those, with their
 * lines. Names that are unknown are blanked out (lines stay), so that
 * libconfuse can read the rest. */
#ifndef CONF_SCAN_H
#define CONF_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include "base/arena.h"
#include "conf/mistake.h"
#include "conf/schema.h"

/* A block, in the order they stand. The first is BLOCK_TOP: what stands
 * outside of all blocks. */
struct scan_block {
	struct scan_block *next;
	enum block block;
	const char *title; /* or NULL */
	int line;
	int *lines; /* of its options, by row of the schema; 0: not there */
	bool *adds; /* written with "+=": to what the list is by default */
};

/* text is changed. Gives the blocks (in the arena). -1: the grammar is broken
 * somewhere (told), so that reading on would only mislead. */
CHECKED int scan_file(char *text, struct arena *arena,
    struct scan_block **blocks, struct mistakes *mistakes);

/* The block, or NULL; title NULL: the first of its kind. */
const struct scan_block *scan_find(
    const struct scan_block *blocks, enum block block, const char *title);
/* The line where its option stands; where it begins, if the option is not
 * there; 0 for no block. */
int scan_line(const struct scan_block *block, const char *option);

#endif
