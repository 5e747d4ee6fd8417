/* theme/selection.h - Deliverance's selectors: "[type:]sel || [type:]sel"
 *
 *   elements:                the elements themselves (where no type is said)
 *   children:                what is inside of them
 *   attributes:              their attributes; attributes(a,b): these
 *   tag:                     their tag
 * A selector is XPath when it begins with "/", else CSS. The first of the
 * alternatives that finds anything counts. */
#ifndef THEME_SELECTION_H
#define THEME_SELECTION_H

#include <stdbool.h>
#include <libxml/tree.h>
#include "base/arena.h"
#include "dom/xpath.h"
#include "theme/rule.h"
#include "theme/selector.h"

enum selects {
	SELECTS_ELEMENTS,
	SELECTS_CHILDREN,
	SELECTS_ATTRIBUTES,
	SELECTS_TAG,
};

struct alternative_path {
	enum selects selects;
	const char *xpath;
	struct words names; /* of SELECTS_ATTRIBUTES; none: all */
	struct alternative_path *next;
};

struct selection {
	const char *typed; /* NAME="VALUE", for messages */
	bool negate;	   /* "not:" of a condition */
	struct alternative_path *first;
};

/* What one run of a selection found. */
struct found {
	const struct alternative_path *by; /* NULL: nothing was found */
	xmlNode **nodes;		   /* in the order of the page */
	size_t count;
};

/* Read the attribute `name` of an element; NULL when there is none. Errors:
 * no selector, an unknown type, types that do not go together. may_negate:
 * "not:" may come first. */
CHECKED int selection_read(const struct selection **out,
    struct reading *reading, const xmlNode *node, const char *name,
    bool may_negate);

/* The same from a text: source and line of node stand in messages. */
CHECKED int selection_parse(const struct selection **out,
    struct reading *reading, const xmlNode *node, const char *name,
    const char *text, bool may_negate);

/* Run it over a document. Only elements, comments and texts are found, of
 * attributes: and tag: only elements; and, with `only`, those that it says yes
 * to. The nodes are in the arena. -1 with err: the expression
 * cannot be evaluated, or is no node-set. */
CHECKED int selection_run(struct found *out, const struct selection *selection,
    struct xpath_eval *eval, xmlDoc *doc, bool (*only)(const xmlNode *node),
    struct arena *arena, struct err *err);

/* Whether what was found is there, as if-content means it: children: asks for
 * an element or a text inside that is not blank, attributes: for such an
 * attribute. */
CHECKED bool selection_holds(
    const struct selection *selection, const struct found *found);

/* Whether the attribute is one of those that the alternative names. */
CHECKED bool selection_names(const struct words *names, const char *name);

#endif
