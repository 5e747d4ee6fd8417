/* dom/order.c - see order.h
 *
 * libxml2 compares a text or a comment by the number of the element in front
 * of it, as if it stood right behind that element's start tag: what is inside
 * of the element then comes after the text. Where an element has no number it
 * looks at the tree, which is slower and right. So the elements lose theirs
 * that have elements inside and something else than one behind them. */
#include "dom/order.h"

#include <stdbool.h>
#include <stddef.h>

static bool
has_element(const xmlNode *node)
{
	const xmlNode *child = node->children;

	while (child && child->type != XML_ELEMENT_NODE)
		child = child->next;
	return child != NULL;
}

static xmlNode *
following(xmlNode *node)
{
	if (node->type == XML_ELEMENT_NODE && node->children)
		return node->children;
	while (node && !node->next)
		node = node->parent;
	return node ? node->next : NULL;
}

void
order_mend(xmlDoc *doc)
{
	xmlNode *node;

	for (node = doc->children; node; node = following(node))
		if (node->type == XML_ELEMENT_NODE && node->next &&
		    node->next->type != XML_ELEMENT_NODE && has_element(node))
			node->content = NULL;
}
