/* theme/siblings.c - the place of a node in its parent, and lists of siblings
 * that are remembered (contract: theme/siblings.h) */
#include "theme/siblings.h"

static bool
has_attributes(const xmlNode *parent)
{
	return parent->type == XML_ELEMENT_NODE;
}

static void
begin(struct siblings_list *list, const xmlNode *parent)
{
	*list = (struct siblings_list){.parent = parent};
	if (has_attributes(parent))
		for (const xmlAttr *a = parent->properties; a; a = a->next)
			list->attributes++;
	for (const xmlNode *c = parent->children; c; c = c->next)
		list->size++;
}

static bool
has_few_children(const xmlNode *parent)
{
	enum { FEW = 8 };
	const xmlNode *n = parent->children;

	for (int i = 0; n && i < FEW; i++)
		n = n->next;
	return !n;
}

/* That of the parent; else the one that was not asked for longest is begun
 * anew. */
static struct siblings_list *
find(struct siblings *memory, const xmlNode *parent)
{
	struct siblings_list *oldest = &memory->lists[0];

	for (int i = 0; i < SIBLINGS_LISTS; i++) {
		struct siblings_list *list = &memory->lists[i];

		if (list->parent == parent)
			return list;
		if (list->used < oldest->used)
			oldest = list;
	}
	begin(oldest, parent);
	return oldest;
}

static void
count(struct siblings_list *list, const xmlNode *node)
{
	const xmlNode *n = node;
	int steps = 0;

	for (; n && n != list->last; n = n->prev)
		steps++;
	list->position = n ? list->position + steps : steps;
	list->last = node;
}

static struct nth
nth_attribute(const xmlAttr *attribute, int size)
{
	struct nth nth = {.size = size};

	for (; attribute; attribute = attribute->prev)
		nth.position++;
	return nth;
}

struct nth
siblings_nth(struct siblings *memory, const xmlNode *node, bool apart)
{
	const xmlNode *parent = node->parent;
	struct siblings_list few, *list = &few;
	int attributes;

	if (!parent || node->type == XML_HTML_DOCUMENT_NODE ||
	    node->type == XML_DOCUMENT_NODE)
		return (struct nth){1, 1};
	if (has_few_children(parent))
		begin(&few, parent);
	else
		list = find(memory, parent);
	list->used = ++memory->clock;
	if (node->type == XML_ATTRIBUTE_NODE)
		return nth_attribute((const xmlAttr *)node,
		    list->attributes + (apart ? 0 : list->size));
	count(list, node);
	attributes = apart ? 0 : list->attributes;
	return (struct nth){
	    attributes + list->position, attributes + list->size};
}
