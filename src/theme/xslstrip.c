/* theme/xslstrip.c - xsl:strip-space, done to a tree before rules see it
 *
 * libxslt would free the nodes while a transform runs, when rules hold some
 * already; so it is done here, once, and before. */
#include <string.h>

#include "dom/node.h"
#include "theme/dress.h"
#include "theme/form.h"
#include "theme/markup.h"
#include "theme/xsl.h"

/* In these, white space is what the page is about; only their own name takes
 * it away. Diazo's code knows no such thing. */
static bool
is_precious(const char *name)
{
	static const char *const names[] = {
	    "pre", "textarea", "script", "style", "listing", "xmp"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* A name counts more than "*". */
static bool
is_stripped(const struct rules *rules, const xmlNode *element)
{
	const char *name = (const char *)element->name;

	if (words_have(&rules->preserve, name))
		return false;
	if (words_have(&rules->strip, name))
		return true;
	if (words_have(&rules->preserve, "*"))
		return false;
	return words_have(&rules->strip, "*") &&
	       (rules->compat || !is_precious(name));
}

void
xslstrip(const struct rules *rules, xmlDoc *doc)
{
	xmlNode *node = doc->children;

	while (node) {
		xmlNode *next = markup_following(node);

		if (form_is_blank(node) && node->parent &&
		    node->parent->type == XML_ELEMENT_NODE &&
		    is_stripped(rules, node->parent)) {
			xmlUnlinkNode(node);
			if (!tree_of(doc))
				xmlFreeNode(node);
		}
		node = next;
	}
}
