/* tests/fuzz/same_tree.h - whether two trees of pages are the same
 *
 * What is compared is what a script of the page could see: kinds, names, of
 * SVG or not, attributes in order, text, DOCTYPE. */
#ifndef TESTS_FUZZ_SAME_TREE_H
#define TESTS_FUZZ_SAME_TREE_H

#include <stdbool.h>
#include <string.h>

#include "dom/node.h"

static inline bool
same_text(const xmlChar *a, const xmlChar *b)
{
	return strcmp(a ? (const char *)a : "", b ? (const char *)b : "") == 0;
}

static inline bool
same_attributes(const xmlAttr *a, const xmlAttr *b)
{
	for (; a && b; a = a->next, b = b->next) {
		const xmlChar *x = a->children ? a->children->content : NULL;
		const xmlChar *y = b->children ? b->children->content : NULL;

		if (!same_text(a->name, b->name) || !same_text(x, y))
			return false;
	}
	return !a && !b;
}

static inline bool
same_node(const xmlNode *a, const xmlNode *b)
{
	const xmlDtd *x = (const xmlDtd *)a, *y = (const xmlDtd *)b;

	if (a->type != b->type)
		return false;
	switch (a->type) {
	case XML_ELEMENT_NODE:
		return same_text(a->name, b->name) &&
		       (a->extra & NODE_FOREIGN) == (b->extra & NODE_FOREIGN) &&
		       same_attributes(a->properties, b->properties);
	case XML_DTD_NODE:
		return same_text(x->name, y->name) &&
		       same_text(x->ExternalID, y->ExternalID) &&
		       same_text(x->SystemID, y->SystemID);
	case XML_TEXT_NODE:
	case XML_COMMENT_NODE:
		return same_text(a->content, b->content);
	default:
		return true;
	}
}

static inline bool
has_children(const xmlNode *node)
{
	return node->type != XML_DTD_NODE && node->children;
}

/* The first node of b that is not as in a, or NULL. */
static inline const xmlNode *
differing(const xmlDoc *a_doc, const xmlDoc *b_doc)
{
	const xmlNode *a = (const xmlNode *)a_doc, *b = (const xmlNode *)b_doc;

	for (;;) {
		if (!same_node(a, b) || has_children(a) != has_children(b))
			return b;
		if (has_children(a)) {
			a = a->children;
			b = b->children;
			continue;
		}
		while (a != (const xmlNode *)a_doc && !a->next && !b->next) {
			a = a->parent;
			b = b->parent;
		}
		if (a == (const xmlNode *)a_doc)
			return NULL;
		if (!a->next || !b->next)
			return b;
		a = a->next;
		b = b->next;
	}
}

#endif
