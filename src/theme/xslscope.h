/* theme/xslscope.h - the $names that rules mention, and who declares them
 *
 * A name is declared by an xsl:variable or xsl:param at the root, by one that
 * stands before the mention in the same body or template (XSLT 1.0, 11.5), or
 * by whoever dresses pages, as a parameter. What dyn:evaluate() is given is
 * text, and not looked at. */
#ifndef THEME_XSLSCOPE_H
#define THEME_XSLSCOPE_H

#include "theme/selector.h"

/* Note the names in an expression of this element. */
void xslscope_note(struct reading *reading, const xmlNode *node,
    const char *what, const char *xpath);

/* The next $name at or behind *at that stands in no quotes, its length in *len;
 * *at is past it then. NULL: there is none. */
const char *xslscope_next(const char **at, size_t *len);

/* The {expressions} in the attributes of an element in a body: XPath, and
 * whatever else selector_check() looks at. */
CHECKED int xslscope_values(struct reading *reading, const xmlNode *node);

/* When all is read: params are names that pages will give, as NAME or
 * NAME=..., NULL behind the last, beside those that each has. */
CHECKED int xslscope_check(struct reading *reading, const char *const *params);

#endif
