/* theme/tree.c - nodes from one tree to another (contract: theme/tree.h) */
#include "theme/tree.h"

#include <string.h>
#include <libxml/HTMLparser.h>
#include <libxml/HTMLtree.h>
#include <libxml/valid.h>

#include "base/mem.h"
#include "dom/node.h"
#include "theme/markup.h"

static char came_in; /* its address is the mark */

bool
tree_is_marked(const xmlNode *node)
{
	return node->_private == &came_in;
}

/* ---- what is out of any tree ---- */

void
tree_bin_fini(struct tree_bin *bin)
{
	for (size_t i = 0; i < bin->count; i++)
		if (!bin->nodes[i]->parent)
			xmlFreeNode(bin->nodes[i]);
	mem_free(&bin->nodes);
	bin->count = bin->room = 0;
}

static void
bin_add(struct tree_bin *bin, xmlNode *node)
{
	if (bin->count == bin->room) {
		bin->room = bin->room ? 2 * bin->room : 64;
		bin->nodes =
		    mem_resize(bin->nodes, bin->room * sizeof(*bin->nodes));
	}
	bin->nodes[bin->count++] = node;
}

void
tree_cut(xmlNode *node)
{
	xmlUnlinkNode(node);
}

/* A node may be cut out of one that was dropped before it: each is in the bin
 * once, as nothing that was dropped comes back. */
void
tree_drop(struct tree_bin *bin, xmlNode *node)
{
	tree_cut(node);
	bin_add(bin, node);
}

/* ---- ids: libxml2 keeps a table of them in each document ---- */

static void
note_id(xmlAttr *attribute)
{
	const xmlChar *value =
	    attribute->children ? attribute->children->content : NULL;

	if (value && xmlIsID(attribute->doc, attribute->parent, attribute) == 1)
		xmlAddID(NULL, attribute->doc, value, attribute);
}

static void
forget_id(xmlAttr *attribute)
{
	if (attribute->atype == XML_ATTRIBUTE_ID)
		xmlRemoveID(attribute->doc, attribute);
}

/* ---- copying ---- */

static bool
spend(struct tree_budget *budget, size_t bytes)
{
	if (!budget)
		return true;
	if (budget->nodes == 0 || budget->bytes < bytes)
		return false;
	budget->nodes--;
	budget->bytes -= bytes;
	return true;
}

static size_t
text_length(const xmlChar *text)
{
	return text ? strlen((const char *)text) : 0;
}

xmlNode *
tree_new_text(xmlDoc *doc, const char *text)
{
	xmlNode *node = xmlNewDocText(doc, BAD_CAST text);

	must(node);
	node->_private = &came_in;
	return node;
}

static void
set_value(xmlAttr *attribute, const xmlAttr *from)
{
	const xmlNode *text = from->children;
	xmlChar *all = NULL;

	if (!text)
		return;
	if (text->next || !markup_is_text(text))
		all = xmlNodeListGetString(from->doc, text, 1);
	attribute->children = tree_new_text(
	    attribute->doc, all		    ? (const char *)all
			    : text->content ? (const char *)text->content
					    : "");
	attribute->last = attribute->children;
	attribute->children->parent = (xmlNode *)attribute;
	xmlFree(all);
	note_id(attribute);
}

/* xml:lang is a plain name in a tree of HTML, and any name may come. */
static xmlAttr *
add_attribute(xmlNode *element, const xmlAttr *from)
{
	xmlAttr *attribute = xmlNewNsProp(element, NULL, from->name, NULL);

	must(attribute);
	set_value(attribute, from);
	return attribute;
}

/* The node without what is below it, NULL: over budget or not to be copied. */
static xmlNode *
copy_one(xmlDoc *doc, const xmlNode *node, struct tree_budget *budget)
{
	xmlNode *copy = NULL;

	if (!spend(budget, text_length(node->content)))
		return NULL;
	switch (node->type) {
	case XML_ELEMENT_NODE:
		copy = xmlNewDocRawNode(doc, NULL, node->name, NULL);
		break;
	case XML_TEXT_NODE:
		copy = xmlNewDocText(doc, node->content);
		break;
	case XML_CDATA_SECTION_NODE:
		copy = xmlNewCDataBlock(
		    doc, node->content, (int)text_length(node->content));
		break;
	case XML_COMMENT_NODE:
		copy = xmlNewDocComment(doc, node->content);
		break;
	case XML_PI_NODE:
		copy = xmlNewDocPI(doc, node->name, node->content);
		break;
	default: /* HTML has nothing else */
		copy = xmlNewDocText(doc, BAD_CAST "");
		break;
	}
	must(copy);
	copy->extra = node->extra & (NODE_FOREIGN | NODE_RAW);
	copy->line = node->line;
	if (node->type == XML_ELEMENT_NODE)
		for (const xmlAttr *a = node->properties; a; a = a->next) {
			if (budget)
				spend(budget, text_length(a->name));
			add_attribute(copy, a);
		}
	return copy;
}

/* Copy what is below `from` to `to`; false: over budget. mark: NULL or the
 * mark that all get. */
static bool
copy_below(
    xmlNode *to, const xmlNode *from, struct tree_budget *budget, void *mark)
{
	const xmlNode *node = from->children;
	xmlNode *parent = to;

	while (node) {
		xmlNode *copy;

		if (node->type == XML_DTD_NODE) {
			node = node->next;
			continue;
		}
		copy = copy_one(to->doc, node, budget);
		if (!copy)
			return false;
		copy->_private = mark;
		node_insert(parent, copy, NULL);
		if (node->type == XML_ELEMENT_NODE && node->children) {
			parent = copy;
			node = node->children;
			continue;
		}
		while (!node->next && node->parent != from) {
			node = node->parent;
			parent = parent->parent;
		}
		node = node->next;
	}
	return true;
}

xmlDoc *
tree_copy_doc(const xmlDoc *doc)
{
	xmlDoc *copy = htmlNewDocNoDtD(NULL, NULL);
	const xmlDtd *dtd = doc->intSubset;

	must(copy);
	if (dtd)
		must(xmlCreateIntSubset(
		    copy, dtd->name, dtd->ExternalID, dtd->SystemID));
	must(copy_below((xmlNode *)copy, (const xmlNode *)doc, NULL, NULL));
	return copy;
}

xmlNode *
tree_copy(xmlDoc *doc, const xmlNode *node, struct tree_budget *budget)
{
	xmlNode *copy = copy_one(doc, node, budget);

	if (!copy)
		return NULL;
	copy->_private = &came_in;
	if (node->type == XML_ELEMENT_NODE &&
	    !copy_below(copy, node, budget, &came_in)) {
		xmlFreeNode(copy);
		return NULL;
	}
	return copy;
}

/* ---- moving ---- */

static void
adopt_attributes(xmlDoc *doc, xmlNode *element)
{
	for (xmlAttr *a = element->properties; a; a = a->next) {
		forget_id(a);
		a->doc = doc;
		for (xmlNode *c = a->children; c; c = c->next)
			c->doc = doc;
		note_id(a);
	}
}

static void
adopt(xmlDoc *doc, xmlNode *top)
{
	const xmlNode *end = NULL;

	/* It has no parent now, so the walk ends by itself. */
	for (xmlNode *n = top; n != end; n = markup_following(n)) {
		if (n->type == XML_ELEMENT_NODE)
			adopt_attributes(doc, n);
		n->doc = doc;
		n->_private = &came_in;
	}
}

void
tree_put(xmlNode *parent, xmlNode *before, xmlNode *node)
{
	must(!node->parent && !node->next && !node->prev);
	if (node->doc != parent->doc)
		adopt(parent->doc, node);
	must(!before || before->parent == parent);
	node_insert(parent, node, before);
}

/* ---- attributes ---- */

xmlAttr *
tree_attribute_named(const xmlNode *element, const char *name)
{
	for (xmlAttr *a = element->properties; a; a = a->next)
		if (strcmp((const char *)a->name, name) == 0)
			return a;
	return NULL;
}

void
tree_set(xmlNode *element, const xmlAttr *from)
{
	xmlAttr *attribute =
	    tree_attribute_named(element, (const char *)from->name);

	if (!attribute) {
		add_attribute(element, from);
		return;
	}
	forget_id(attribute);
	xmlFreeNodeList(attribute->children);
	attribute->children = attribute->last = NULL;
	set_value(attribute, from);
}
