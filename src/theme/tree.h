/* theme/tree.h - moving and copying nodes between the trees of one page
 *
 * Nothing recurses. A tree that others share is only read. Nodes that came
 * into the theme's tree are marked (_private), so that they can be told from
 * its own. What is taken out is kept until tree_bin_fini(), since node-sets
 * may name it. Adjacent texts are not joined: no pointer goes stale. */
#ifndef THEME_TREE_H
#define THEME_TREE_H

#include <stdbool.h>
#include <libxml/tree.h>
#include "base/arena.h"

/* Nodes out of any tree. */
struct tree_bin {
	xmlNode **nodes;
	size_t count, room;
};

/* Free them; before the documents that they came from. */
void tree_bin_fini(struct tree_bin *bin);

/* What copying may still cost. */
struct tree_budget {
	size_t nodes, bytes;
};

/* A page's own copy of a whole document, its DOCTYPE included. */
xmlDoc *tree_copy_doc(const xmlDoc *doc);
/* A marked copy of a node with all below it, for doc; NULL: over budget. */
xmlNode *tree_copy(
    xmlDoc *doc, const xmlNode *node, struct tree_budget *budget);
/* A marked text. */
xmlNode *tree_new_text(xmlDoc *doc, const char *text);

/* Take a node out of where it is. */
void tree_cut(xmlNode *node);
/* The same, and away with it. */
void tree_drop(struct tree_bin *bin, xmlNode *node);
/* Put a node that is in no tree into parent (an element, or the document as
 * a node) before one of its children; NULL: at the end. It is marked when it
 * comes from another document. */
void tree_put(xmlNode *parent, xmlNode *before, xmlNode *node);
bool tree_is_marked(const xmlNode *node);

/* Set an attribute to what another one has, which may be no value at all. */
void tree_set(xmlNode *element, const xmlAttr *from);
xmlAttr *tree_attribute_named(const xmlNode *element, const char *name);

#endif
