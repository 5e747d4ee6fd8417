/* dom/css.h - CSS selectors (Selectors Level 3 and what cssselect adds of 4)
 * as XPath 1.0 */
#ifndef DOM_CSS_H
#define DOM_CSS_H

#include "base/buf.h"
#include "base/err.h"

/* Add to out the XPath of a selector list; each selector of the list begins
 * with prefix ("descendant-or-self::" for themes, "//" for content), lists
 * become unions. As_pattern writes descendant combinators as "//" (or as
 * conditions, "[ancestor::a]") so that the result is an XSLT match pattern too
 * (spec: Diazo's content attributes); otherwise as "/descendant::", which finds
 * the same as cssselect's "/descendant-or-self::*" + "/". Names are case
 * sensitive and have no namespace. Errors name the place in the selector:
 * pseudo-elements, unknown pseudo-classes, nonsense. Dynamic pseudo-classes
 * (:hover, :checked, ...) translate to what never matches. */
CHECKED int css_to_xpath(struct buf *out, const char *selectors,
    const char *prefix, bool as_pattern, struct err *err);

#endif
