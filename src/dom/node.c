/* dom/node.c - nodes that nobody frees
 *
 * Nodes come out of zeroed slabs of the tree's arena, one behind the other in
 * the order of the page, so that a walk of the tree is a walk of memory. An
 * attribute and its text are one piece. */
#include "dom/node.h"

#include <string.h>
#include <libxml/HTMLtree.h>
#include <libxml/parserInternals.h>

/* A slab is a part of all that there are, so that not much of the last one is
 * left over. */
enum { SLAB_LEAST = 2048, SLAB_MOST = 16384, SLAB_PART = 32 };

struct attribute {
	xmlAttr x;
	xmlNode text;
};

/* Of a tree of ours, in doc->properties, where libxml2 2.9 has bits up to
 * 1 << 7 and libxslt 1.1.35 those from 1 << 27. (_private is for users.) */
enum { OURS = 1 << 16 };

/* ---- the tree ---- */

struct tree *
tree_new(struct arena *arena)
{
	struct tree *tree = arena_get(arena, sizeof(*tree));
	xmlDoc *doc = &tree->doc;

	doc->type = XML_HTML_DOCUMENT_NODE;
	doc->doc = doc;
	doc->standalone = 1;
	doc->charset = XML_CHAR_ENCODING_UTF8;
	doc->properties = XML_DOC_HTML | OURS;
	tree->arena = arena;
	return tree;
}

void
tree_free(struct tree **tree)
{
	struct arena *arena;

	if (!*tree)
		return;
	arena = (*tree)->arena;
	*tree = NULL;
	arena_free(&arena);
}

struct tree *
tree_of(const xmlDoc *doc)
{
	if (!doc || !(doc->properties & OURS))
		return NULL;
	return (struct tree *)(uintptr_t)doc;
}

static void *
take_slow(struct tree *tree, size_t size)
{
	size_t len = tree->slabs_len / SLAB_PART;

	if (len < SLAB_LEAST)
		len = SLAB_LEAST;
	if (len > SLAB_MOST)
		len = SLAB_MOST;
	tree->slab = arena_get(tree->arena, len);
	tree->slab_end = tree->slab + len;
	tree->slabs_len += len;
	tree->slab += size;
	return tree->slab - size;
}

/* Zeroed. */
static inline void *
take(struct tree *tree, size_t size)
{
	char *room = tree->slab;

	if ((size_t)(tree->slab_end - room) < size)
		return take_slow(tree, size);
	tree->slab = room + size;
	return room;
}

static inline xmlNode *
take_node(struct tree *tree, xmlElementType type, const xmlChar *name)
{
	struct node *node = take(tree, sizeof(*node));

	node->x.type = type;
	node->x.name = name;
	node->x.doc = &tree->doc;
	tree->nodes++;
	return &node->x;
}

xmlNode *
tree_element(struct tree *tree, const char *name)
{
	return take_node(tree, XML_ELEMENT_NODE, (const xmlChar *)name);
}

xmlNode *
tree_text(struct tree *tree, const char *text)
{
	xmlNode *node = take_node(tree, XML_TEXT_NODE, xmlStringText);

	node->content = (xmlChar *)(uintptr_t)text;
	return node;
}

xmlNode *
tree_comment(struct tree *tree, const char *text)
{
	xmlNode *node = take_node(tree, XML_COMMENT_NODE, xmlStringComment);

	node->content = (xmlChar *)(uintptr_t)text;
	return node;
}

static void
set_value(xmlAttr *attribute, xmlNode *text, const char *value)
{
	text->type = XML_TEXT_NODE;
	text->name = xmlStringText;
	text->content = (xmlChar *)(uintptr_t)value;
	text->parent = (xmlNode *)attribute;
	text->doc = attribute->doc;
	attribute->children = attribute->last = text;
}

xmlAttr *
tree_attribute_after(struct tree *tree, xmlNode *element, xmlAttr *last,
    const char *name, const char *value)
{
	struct attribute *made =
	    take(tree, value ? sizeof(*made) : sizeof(made->x));
	xmlAttr *x = &made->x;

	x->type = XML_ATTRIBUTE_NODE;
	x->name = (const xmlChar *)name;
	x->parent = element;
	x->doc = &tree->doc;
	if (value)
		set_value(x, &made->text, value);
	x->prev = last;
	if (last)
		last->next = x;
	else
		element->properties = x;
	tree->nodes++;
	return x;
}

xmlDtd *
tree_doctype(struct tree *tree, const char *name, const char *public_id,
    const char *system_id)
{
	xmlDtd *dtd = take(tree, sizeof(*dtd));
	xmlNode *root = tree->doc.children;

	must(!tree->doc.intSubset);
	dtd->type = XML_DTD_NODE;
	dtd->name = (const xmlChar *)(name ? name : "");
	dtd->ExternalID = (const xmlChar *)public_id;
	dtd->SystemID = (const xmlChar *)system_id;
	while (root && root->type != XML_ELEMENT_NODE)
		root = root->next;
	dtd->doc = &tree->doc;
	tree->doc.intSubset = dtd;
	node_insert((xmlNode *)&tree->doc, (xmlNode *)dtd, root);
	tree->nodes++;
	return dtd;
}

/* ---- places ---- */

void
node_insert(xmlNode *parent, xmlNode *node, xmlNode *before)
{
	xmlNode *prev = before ? before->prev : parent->last;

	node->parent = parent;
	node->prev = prev;
	node->next = before;
	if (prev)
		prev->next = node;
	else
		parent->children = node;
	if (before)
		before->prev = node;
	else
		parent->last = node;
}

void
node_unlink(xmlNode *node)
{
	xmlNode *parent = node->parent;

	if (!parent)
		return;
	if (node->prev)
		node->prev->next = node->next;
	else
		parent->children = node->next;
	if (node->next)
		node->next->prev = node->prev;
	else
		parent->last = node->prev;
	node->parent = node->prev = node->next = NULL;
}

/* ---- SVG and MathML ---- */

/* Names of elements of SVG and MathML that hold HTML. */
static bool
is_holder(const char *name)
{
	static const char *const names[] = {"foreignObject", "desc", "title",
	    "annotation-xml", "mi", "mn", "mo", "ms", "mtext"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

bool
node_holds_html(const xmlNode *element)
{
	return is_holder((const char *)element->name);
}

/* Whether an svg or math is around it, nearer than what holds HTML: of trees
 * in which nobody wrote it down. */
bool
node_is_in_drawing(const xmlNode *element)
{
	for (const xmlNode *p = element; p && p->type == XML_ELEMENT_NODE;
	     p = p->parent) {
		const char *name = (const char *)p->name;

		if (strcmp(name, "svg") == 0 || strcmp(name, "math") == 0)
			return true;
		if (p != element && is_holder(name))
			return false;
	}
	return false;
}

bool
node_is_foreign(const xmlNode *element)
{
	if (element->extra & NODE_FOREIGN)
		return true;
	if (element->doc && element->doc->type == XML_HTML_DOCUMENT_NODE)
		return false;
	return node_is_in_drawing(element);
}

/* ---- a copy that may be edited ---- */

static bool
copy_attributes(xmlDoc *doc, xmlNode *copy, const xmlNode *from)
{
	xmlAttr *last = NULL;

	for (const xmlAttr *a = from->properties; a; a = a->next) {
		xmlAttr *made = xmlNewDocProp(doc, a->name, NULL);

		if (!made)
			return false;
		made->parent = copy;
		made->prev = last;
		if (last)
			last->next = made;
		else
			copy->properties = made;
		last = made;
		if (!a->children)
			continue;
		made->children = xmlNewDocText(doc, a->children->content);
		if (!made->children)
			return false;
		made->last = made->children;
		made->children->parent = (xmlNode *)made;
		if (xmlIsID(doc, copy, made) == 1)
			xmlAddID(NULL, doc, a->children->content, made);
	}
	return true;
}

/* NULL: no memory. */
static xmlNode *
copy_one(xmlDoc *doc, const xmlNode *node)
{
	xmlNode *copy;

	if (node->type == XML_TEXT_NODE)
		copy = xmlNewDocText(doc, node->content);
	else if (node->type == XML_COMMENT_NODE)
		copy = xmlNewDocComment(doc, node->content);
	else
		copy = xmlNewDocNode(doc, NULL, node->name, NULL);
	if (!copy)
		return NULL;
	copy->line = node->line;
	copy->extra = node->extra &
		      (NODE_FOREIGN | NODE_IMPLIED | NODE_RAW |
			 NODE_UNENDED | NODE_FOSTERED);
	if (node->type == XML_ELEMENT_NODE &&
	    !copy_attributes(doc, copy, node)) {
		xmlFreeNode(copy);
		return NULL;
	}
	return copy;
}

static bool
copy_below(xmlDoc *doc, const xmlDoc *from)
{
	const xmlNode *node = from->children;
	xmlNode *parent = (xmlNode *)doc, *copy;

	while (node) {
		if (node->type == XML_DTD_NODE) {
			node = node->next;
			continue;
		}
		copy = copy_one(doc, node);
		if (!copy)
			return false;
		node_insert(parent, copy, NULL);
		if (node->children) {
			parent = copy;
			node = node->children;
			continue;
		}
		while (!node->next && parent != (xmlNode *)doc) {
			node = node->parent;
			parent = parent->parent;
		}
		node = node->next;
	}
	return true;
}

xmlDoc *
tree_editable(const struct tree *tree)
{
	const xmlDtd *dtd = tree->doc.intSubset;
	xmlDoc *doc = htmlNewDocNoDtD(NULL, NULL);

	if (!doc)
		return NULL;
	if ((dtd && !xmlCreateIntSubset(
			doc, dtd->name, dtd->ExternalID, dtd->SystemID)) ||
	    !copy_below(doc, &tree->doc)) {
		xmlFreeDoc(doc);
		return NULL;
	}
	return doc;
}
