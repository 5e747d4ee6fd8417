/* dom/place.c - what of a tree cannot be written where it stands (contract:
 * dom/place.h) */
#include "dom/place.h"

#include <string.h>

#include "dom/html_tag.h"
#include "dom/said.h"

/* Elements that one question looks at: where there are more, the answer is no,
 * and a page cannot make it expensive. */
enum { LOOKS_MAX = 100 };

static enum el
el_of(const xmlNode *node)
{
	return el_find((const char *)node->name, name_len(node->name));
}

/* ---- forms ---- */

bool
place_is_table_part(const xmlNode *node)
{
	return node->type == XML_ELEMENT_NODE &&
	       el_names[el_of(node)].flags & EL_TABLE_PART &&
	       !place_is_named(node, "template");
}

bool
place_is_apart(const xmlNode *node)
{
	return *node->name == 'f' && place_is_named(node, "form") &&
	       !node->children && node->parent &&
	       place_is_table_part(node->parent);
}

bool
place_is_in_template(const xmlNode *node)
{
	for (node = node->parent; node && node->type == XML_ELEMENT_NODE;
	     node = node->parent)
		if (place_is_named(node, "template"))
			return true;
	return false;
}

uint32_t
place_form_end(const xmlNode *form)
{
	const struct node *node = (const struct node *)form;
	const struct tree *tree = tree_of(form->doc);

	if (!tree || node->inner_end < node->inner || tree->drawn_form ||
	    (tree->tangled && !place_is_apart(form)))
		return 0;
	return node->inner_end;
}

static bool
is_implied_end(const xmlNode *node)
{
	return node->type == XML_ELEMENT_NODE &&
	       !(node->extra & NODE_FOREIGN) &&
	       el_names[el_of(node)].flags & EL_IMPLIED_END;
}

bool
place_begins_form(const xmlNode *element)
{
	const xmlNode *node = element;

	for (int looks = 0; looks < LOOKS_MAX; looks++) {
		if (is_implied_end(node) && node->children) {
			node = node->children;
			continue;
		}
		if (node != element && node->type == XML_ELEMENT_NODE &&
		    place_is_named(node, "form"))
			return true;
		while (node != element && !node->next)
			node = node->parent;
		if (node == element)
			return false;
		node = node->next;
	}
	return false;
}

/* Whether the element of a form goes on when its end tag comes in this one. */
static bool
keeps_form_open(const xmlNode *node)
{
	return node->type == XML_ELEMENT_NODE &&
	       !(node->extra & NODE_FOREIGN) &&
	       !place_is_named(node, "template") &&
	       el_names[el_of(node)].flags & EL_SCOPE;
}

/* What the end tag of an element does to a form in it that is open still. */
enum end { END_CLOSES, END_IS_NOTHING, END_MOVES };

static enum end
end_of(const xmlNode *node)
{
	enum el el = el_of(node);

	if (node->type != XML_ELEMENT_NODE || node->extra & NODE_FOREIGN ||
	    el == EL_FORM || el_names[el].flags & EL_FORMATTING)
		return END_MOVES;
	if (el != EL_NOSCRIPT && el_names[el].flags & EL_SPECIAL)
		return END_CLOSES;
	return END_IS_NOTHING;
}

/* Whether an element that no end tag of its own ends is the last thing before
 * one that does. */
static bool
ends_with_its_parents(const xmlNode *form, const xmlNode *root)
{
	enum end end = END_IS_NOTHING;

	for (; end == END_IS_NOTHING; form = form->parent) {
		if (form == root || form->next || !form->parent)
			return false;
		end = end_of(form->parent);
	}
	return end == END_CLOSES;
}

/* In no table: the form is no longer open then, so that of what is in it only
 * what is in its last child goes on. */
static bool
is_in_last_child(const xmlNode *form, const xmlNode *child, const xmlNode *at)
{
	return child != at && child == form->last &&
	       !is_implied_end(at->parent);
}

/* What an li, dd or dt looks through for one to end. */
static bool
is_passed_by_items(const xmlNode *node)
{
	enum el el = el_of(node);

	if (node->extra & NODE_FOREIGN)
		return false;
	return el == EL_ADDRESS || el == EL_DIV || el == EL_P ||
	       !(el_names[el].flags & EL_SPECIAL);
}

/* A dd ends a dt. */
static enum el
item_of(const xmlNode *node)
{
	enum el el = node->extra & NODE_FOREIGN ? EL_NONE : el_of(node);

	if (el == EL_LI)
		return EL_LI;
	return el == EL_DD || el == EL_DT ? EL_DD : EL_NONE;
}

/* Forms that hold another one have ended before it. */
static enum el
item_around(const xmlNode *node)
{
	while (node && node->type == XML_ELEMENT_NODE &&
	       (is_passed_by_items(node) || place_is_named(node, "form")))
		node = node->parent;
	return node && node->type == XML_ELEMENT_NODE ? item_of(node) : EL_NONE;
}

/* Whether of what is in a form, from `at` on, an item would end one around the
 * form, if the form were no longer open, which keeps them apart. */
static bool
items_reach_out(const xmlNode *form, const xmlNode *at)
{
	enum el item = item_around(form->parent);
	const xmlNode *node = at;

	if (item == EL_NONE)
		return false;
	for (const xmlNode *up = at->parent; up != form; up = up->parent)
		if (!is_passed_by_items(up))
			node = up;
	for (bool past = node != at;; past = false) {
		if (!past && node->type == XML_ELEMENT_NODE) {
			if (item_of(node) == item)
				return true;
			if (node->children && is_passed_by_items(node)) {
				node = node->children;
				continue;
			}
		}
		while (!node->next) {
			node = node->parent;
			if (node == form)
				return false;
		}
		node = node->next;
	}
}

bool
place_may_end_form(
    const xmlNode *form, const xmlNode *at, bool table, const xmlNode *root)
{
	const xmlNode *child = at, *up = at->parent;

	if (place_is_apart(form))
		return true;
	while (!table && up && up != form && up->type == XML_ELEMENT_NODE) {
		if (up->extra & NODE_FOREIGN || place_is_named(up, "template"))
			return false;
		table = keeps_form_open(up);
		child = up;
		up = up->parent;
	}
	if (!table)
		return is_in_last_child(form, child, at) &&
		       !items_reach_out(form, at);
	return ends_with_its_parents(form, root);
}

/* The first that ends behind the end tag; where nobody knows, the last. */
static const xmlNode *
better_wall(const xmlNode *form, const xmlNode *wall, const xmlNode *node)
{
	uint32_t end = place_form_end(form);
	uint32_t to = end ? ((const struct node *)node)->to : 0;

	if (!keeps_form_open(node) || (to && to <= end))
		return wall;
	if (to && wall)
		return wall;
	return node;
}

static bool
is_in_wall(const xmlNode *node, const xmlNode *form)
{
	while (node != form && !keeps_form_open(node))
		node = node->parent;
	return node != form;
}

const xmlNode *
place_form_wall(const xmlNode *form, const xmlNode *root)
{
	const xmlNode *node = form->children, *wall = NULL;

	if (!node || !place_may_end_form(form, node, true, root) ||
	    place_is_in_template(form))
		return NULL;
	for (;;) {
		if (node->type == XML_ELEMENT_NODE) {
			if (place_is_named(node, "form"))
				return is_in_wall(node, form) ? NULL : wall;
			if (node->children &&
			    !place_is_named(node, "template")) {
				node = node->children;
				continue;
			}
			wall = better_wall(form, wall, node);
		}
		while (!node->next) {
			node = node->parent;
			if (node == form)
				return NULL;
			wall = better_wall(form, wall, node);
		}
		node = node->next;
	}
}

/* ---- tables ---- */

/* What ends the search for what a start tag may end. */
static bool
is_wall(const xmlNode *node)
{
	return el_names[el_of(node)].flags & EL_SCOPE ||
	       node->extra & NODE_FOREIGN;
}

/* What a start tag may end, as bits. */
enum {
	ENDS_LINK = 1,
	ENDS_NOBR = 2,
	ENDS_BUTTON = 4,
	ENDS_HEADING = 8,
	ENDS_P = 16,
	ENDS_ITEM = 32, /* li, dd, option, rt and the like */
	ENDS_FORM = PLACE_FORM,
	ENDS_SELECT = 2 * PLACE_FORM,
};

static unsigned
ended_of(const xmlNode *node)
{
	enum el el = el_of(node);

	if (node->extra & NODE_FOREIGN)
		return 0;
	switch (el) {
	case EL_A:
		return ENDS_LINK;
	case EL_NOBR:
		return ENDS_NOBR;
	case EL_BUTTON:
		return ENDS_BUTTON;
	case EL_P:
		return ENDS_P;
	case EL_FORM:
		return ENDS_FORM;
	default:
		break;
	}
	if (el_names[el].flags & EL_HEADING)
		return ENDS_HEADING;
	return el_names[el].flags & EL_IMPLIED_END ? ENDS_ITEM : 0;
}

/* What a start tag of the same name ends: more than its like, a p. */
static unsigned
ends_of(const xmlNode *node)
{
	unsigned ends = ended_of(node);
	enum el el = el_of(node);

	if (node->extra & NODE_FOREIGN)
		return 0;
	return el_names[el].flags & EL_SPECIAL || el == EL_DIALOG
		   ? ends | ENDS_P
		   : ends;
}

/* What start tags end in this element because it is around them, though nothing
 * of it: in a ruby an rt ends what has no end tag, in a select nearly all do.
 */
static unsigned
ended_in(const xmlNode *node)
{
	if (node->type != XML_ELEMENT_NODE || node->extra & NODE_FOREIGN)
		return 0;
	if (place_is_named(node, "select"))
		return ENDS_ITEM | ENDS_P | ENDS_SELECT;
	return place_is_named(node, "ruby") ? ENDS_ITEM : 0;
}

/* beyond: what it is when there are more than may be looked at. */
static unsigned
may_end(const xmlNode *node, unsigned beyond)
{
	unsigned may = 0;
	int looks = 0;

	for (; node->type == XML_ELEMENT_NODE && !is_wall(node);
	     node = node->parent) {
		if (looks++ == LOOKS_MAX)
			return may | beyond;
		may |= ended_of(node) | ended_in(node);
	}
	return may | ended_in(node);
}

unsigned
place_may_end(const xmlNode *node)
{
	return may_end(node, 0);
}

/* A form there ends the p around it, an input (but a hidden one in a table) the
 * select, and nothing ends a plaintext, nor a script that has no end. */
static unsigned
ends_anywhere(const xmlNode *node)
{
	if (place_is_named(node, "plaintext") || node->extra & NODE_UNENDED)
		return ~0U;
	if (place_is_named(node, "form") &&
	    node->parent->type == XML_ELEMENT_NODE &&
	    place_is_named(node->parent, "p"))
		return ~0U;
	if (place_is_named(node, "input") &&
	    may_end(node->parent, 0) & ENDS_SELECT)
		return ~0U;
	return ends_of(node);
}

static bool
is_touchy(const xmlNode *root, unsigned may, bool beyond)
{
	const xmlNode *node = root;

	for (int looks = 0; looks < LOOKS_MAX; looks++) {
		if (node->type == XML_ELEMENT_NODE) {
			unsigned ends = ends_anywhere(node);

			if (ends & may || ends == ~0U)
				return true;
			if (node->children) {
				node = node->children;
				continue;
			}
		}
		while (node != root && !node->next)
			node = node->parent;
		if (node == root)
			return false;
		node = node->next;
	}
	return beyond;
}

bool
place_is_touchy(const xmlNode *root, unsigned may)
{
	return is_touchy(root, may, false);
}

const xmlNode *
place_table(const xmlNode *node)
{
	const xmlNode *table = node->next;
	int looks = 0;

	while (table && table->extra & NODE_FOSTERED && looks++ < LOOKS_MAX)
		table = table->next;
	return table && table->type == XML_ELEMENT_NODE &&
		       place_is_named(table, "table")
		   ? table
		   : NULL;
}

/* ---- all of a page ---- */

/* The next node, without what is in a template. */
static const xmlNode *
next_node(const xmlNode *node, const xmlNode *root)
{
	if (node->type != XML_DTD_NODE && node->children &&
	    (node->type != XML_ELEMENT_NODE ||
		!place_is_named(node, "template")))
		return node->children;
	while (node != root && !node->next)
		node = node->parent;
	return node == root ? NULL : node->next;
}

/* The first form in the element of another one. */
static const xmlNode *
nested_form(const xmlNode *form)
{
	const xmlNode *node = form;

	while ((node = next_node(node, form)))
		if (node->type == XML_ELEMENT_NODE &&
		    place_is_named(node, "form"))
			return node;
	return NULL;
}

/* What the writer ends a form before, if one is in it. */
static const xmlNode *
place_of_end(const xmlNode *form)
{
	const xmlNode *node = form;

	while ((node = next_node(node, form)))
		if (node->type == XML_ELEMENT_NODE &&
		    (place_is_named(node, "form") || place_begins_form(node)))
			break;
	return node;
}

/* Whether a form may be ended before the one in it so that this does not move
 * what is behind. */
static bool
makes_room(const xmlNode *form)
{
	if (!nested_form(form) || place_form_wall(form, NULL))
		return true;
	return place_may_end_form(form, place_of_end(form), false, NULL);
}

/* Whether what came out of a table stands as well before it as in it. */
static bool
stands_alone(const xmlNode *node)
{
	const char *text = (const char *)node->content;

	if (node->type == XML_TEXT_NODE)
		return text[strspn(text, " \t\r\n\f")];
	return !is_touchy(node, may_end(node->parent, ~0U) | PLACE_FORM, true);
}

bool
place_is_tangled(const xmlNode *page)
{
	const struct tree *tree = tree_of(page->doc);
	const xmlNode *node = page;

	if (!said_is_page(page, tree && tree->quirks))
		return true;
	while ((node = next_node(node, page))) {
		if (node->extra & NODE_FOSTERED && !stands_alone(node))
			return true;
		if (node->type == XML_ELEMENT_NODE && *node->name == 'f' &&
		    place_is_named(node, "form") && !makes_room(node))
			return true;
	}
	return false;
}
