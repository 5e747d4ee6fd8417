/* theme/xslread.h - xsl:* in the rules, checked where it stands
 *
 * Elements of XSLT at the root of the rules are parts of the stylesheet that
 * theme/xslsheet.c writes; those in inline bodies belong to their rule. Here
 * it is seen to that they are known, that their expressions are XPath, and
 * that nothing in them reaches outside; css:... attributes become their XPath
 * twins in the tree itself. */
#ifndef THEME_XSLREAD_H
#define THEME_XSLREAD_H

#include "theme/form.h"

/* An element at the root. Nested: of a <rules> inside another. */
CHECKED enum verdict xslread_root(
    struct reading *reading, const xmlNode *node, bool nested);

/* One element of XSLT in a body or a template. */
CHECKED int xslread_element(struct reading *reading, const xmlNode *node);

/* One element of markup there: its {expressions}, and attributes of XSLT's. */
CHECKED int xslread_markup(struct reading *reading, const xmlNode *node);

#endif
