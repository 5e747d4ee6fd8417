/* dom/place.h - what of a tree cannot be written where it stands
 *
 * A tree that a parser made may have elements that no markup in their place
 * says: its sources are end tags of forms before their time, and what came out
 * of a table. The writer puts their tags where the page had them. */
#ifndef DOM_PLACE_H
#define DOM_PLACE_H

#include <string.h>
#include "dom/node.h"

/* Whether it is an element of HTML of that name. */
static inline bool
place_is_named(const xmlNode *node, const char *name)
{
	return strcmp((const char *)node->name, name) == 0 &&
	       !node_is_foreign(node);
}

/* A table, or what is between it and its cells. */
bool place_is_table_part(const xmlNode *node);
/* Whether an element is a form in a table but in no cell of it: a parser closes
 * it at once, and fields that come later are of it all the same, until its end
 * tag. */
bool place_is_apart(const xmlNode *node);
/* Where in the source the end tag of a form stood, from which on fields are not
 * of it; 0: nobody knows, or nobody is to ask (place_is_tangled()). */
uint32_t place_form_end(const xmlNode *form);
/* Whether the tree of a page has what may be read again as another tree: what
 * ends something around it (dom/said.h), what came out of a table and may do so
 * where it is now, or a form in a form that cannot be ended before it
 * (dom/html.h). So has one of whose templates some were ended within a cell. Of
 * such a page nobody is to ask where its forms ended: written with that and
 * without it, it could become two trees. But forms that are apart are in no
 * other element's way, if none is of SVG or MathML. */
bool place_is_tangled(const xmlNode *page);
bool place_is_in_template(const xmlNode *node);
/* Whether a form begins in an element that the end tag of a form would end (li,
 * p, rt), so that the one that is open ends before that. Looks at a hundred
 * nodes at most. */
bool place_begins_form(const xmlNode *element);
/* Whether the element of a form still ends where it should when an end tag of
 * it stands before `at`, in it, or (table) in a table there. In a table that
 * tag only says that fields are no longer its own, and of two the second is
 * nothing: the element ends with one around it then, if there is one that can
 * and nothing stands between their ends. root: what is written. */
bool place_may_end_form(
    const xmlNode *form, const xmlNode *at, bool table, const xmlNode *root);
/* Of a form whose element holds another form: the table or the like in it
 * before whose end tag that of the form goes, which is nothing to the element
 * there; or NULL. root: what is written. Looks at all in the form up to the
 * other one. */
const xmlNode *place_form_wall(const xmlNode *form, const xmlNode *root);

/* What came out of a table into an element that keeps it from being written
 * there: a link in a link, a p in a p. place_may_end(): what a start tag in
 * this element might end, as bits, of which PLACE_FORM is for a form that is
 * open; place_is_touchy(): whether one of this node
 * and of those in it does, or needs the table for another reason. Both look at
 * a hundred nodes at most, as the next one does. */
enum { PLACE_FORM = 64 };
unsigned place_may_end(const xmlNode *node);
bool place_is_touchy(const xmlNode *node, unsigned may);
/* The table that a fostered node (NODE_FOSTERED) came out of, or NULL. */
const xmlNode *place_table(const xmlNode *node);

#endif
