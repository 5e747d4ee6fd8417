/* dom/build_select.c - select, option and optgroup, as they are since a select
 * may hold any markup; and the copy of the chosen option that a
 * selectedcontent shows */
#include "dom/build_inside.h"

#include <string.h>

bool
build_start_select(struct build *build, struct token *token)
{
	if (build->is_fragment && build->context.el == EL_SELECT &&
	    build->context.space == SPACE_HTML)
		return false;
	if (build_in_scope(build, EL_SELECT)) {
		build_pop_until(build, EL_SELECT, NULL);
		return false;
	}
	build_reconstruct(build);
	build_insert(build, token);
	build->frameset_ok = false;
	return false;
}

/* Of an optgroup too. */
bool
build_start_option(struct build *build, struct token *token)
{
	if (build_in_scope(build, EL_SELECT))
		build_generate_implied(
		    build, token->el == EL_OPTION ? EL_OPTGROUP : EL_NONE);
	else if (build_is_top(build, EL_OPTION))
		build_pop(build, false);
	build_reconstruct(build);
	build_insert(build, token);
	return false;
}

/* ---- selectedcontent ---- */

static bool
is_html(const xmlNode *node, enum el el)
{
	return node->type == XML_ELEMENT_NODE &&
	       !(node->extra & NODE_FOREIGN) &&
	       strcmp((const char *)node->name, el_names[el].text) == 0;
}

static bool
has_attribute(const xmlNode *node, const char *name)
{
	for (const xmlAttr *a = node->properties; a; a = a->next)
		if (strcmp((const char *)a->name, name) == 0)
			return true;
	return false;
}

static xmlNode *
next_within(const xmlNode *root, const xmlNode *node)
{
	if (node->type == XML_ELEMENT_NODE && node->children)
		return node->children;
	while (node != root && !node->next)
		node = node->parent;
	return node == root ? NULL : node->next;
}

static xmlNode *
find_first(xmlNode *root, enum el el)
{
	xmlNode *node = root;

	while ((node = next_within(root, node)))
		if (is_html(node, el))
			return node;
	return NULL;
}

/* Without a choice it is the first one. */
static bool
is_chosen(xmlNode *select, const struct node *option)
{
	return has_attribute(&option->x, "selected") ||
	       find_first(select, EL_OPTION) == &option->x;
}

static xmlNode *
copy_one(struct build *build, const xmlNode *node)
{
	struct node *copy;

	if (node->type == XML_TEXT_NODE) {
		copy = (struct node *)tree_text(
		    build->tree, (const char *)node->content);
		copy->inner = ((const struct node *)node)->inner;
		return &copy->x;
	}
	if (node->type == XML_COMMENT_NODE)
		return tree_comment(build->tree, (const char *)node->content);
	copy = build_clone(build, (const struct node *)node);
	copy->x.extra |= node->extra & NODE_FOREIGN;
	return &copy->x;
}

static void
copy_content(struct build *build, xmlNode *to, const xmlNode *from)
{
	const xmlNode *node = from->children;
	xmlNode *parent = to;

	to->children = to->last = NULL;
	while (node) {
		xmlNode *copy = copy_one(build, node);

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
}

/* One in an option shows nothing, nor one that holds this option. */
static bool
is_apart(const xmlNode *content, const xmlNode *select, const xmlNode *option)
{
	for (const xmlNode *p = option; p != select; p = p->parent)
		if (p == content)
			return false;
	for (const xmlNode *p = content; p != select; p = p->parent)
		if (is_html(p, EL_OPTION))
			return false;
	return true;
}

void
build_option_closed(struct build *build, struct node *option)
{
	xmlNode *select = option->x.parent, *content;

	while (select && !is_html(select, EL_SELECT))
		select = select->parent;
	if (!select || has_attribute(select, "multiple") ||
	    !is_chosen(select, option))
		return;
	content = find_first(select, EL_SELECTEDCONTENT);
	if (content && is_apart(content, select, &option->x))
		copy_content(build, content, &option->x);
}
