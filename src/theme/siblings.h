/* theme/siblings.h - position() and last() of a node that the identity applies
 * templates to
 *
 * Templates are applied to the attributes and children of a node, so its place
 * is that among them. Whoever goes through a list asks for one after the other:
 * that is counted from the one before, so that it does not take the square of
 * their number. Lists of a few are not remembered; of longer ones several are,
 * as nodes of one stand between those of another. */
#ifndef THEME_SIBLINGS_H
#define THEME_SIBLINGS_H

#include <stdbool.h>
#include <libxml/tree.h>

enum { SIBLINGS_LISTS = 8 };

struct siblings {
	struct siblings_list {
		const xmlNode *parent, *last; /* last: asked for last */
		int position, size, attributes;
		unsigned long used;
	} lists[SIBLINGS_LISTS];
	unsigned long clock;
};

/* Where a node stands; size 0: that is to be counted, and when position is
 * NTH_APART, attributes and children each for themselves. */
struct nth {
	int position, size;
};

enum { NTH_APART = -1 };

/* Zeroed memory is none. What has no parent is the only one. */
struct nth siblings_nth(
    struct siblings *memory, const xmlNode *node, bool apart);

#endif
