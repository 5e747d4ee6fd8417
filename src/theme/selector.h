/* theme/selector.h - the attributes of Diazo's elements as XPath and terms
 *
 * Every selector may be written as XPath (content="...") or, with a prefix
 * bound to Diazo's CSS namespace, as CSS (css:content="..."). */
#ifndef THEME_SELECTOR_H
#define THEME_SELECTOR_H

#include <stdbool.h>
#include <libxml/tree.h>
#include "theme/rule.h"

/* One reading of one set of rules. */
struct reading {
	struct rules *rules;
	struct err *err;
};

/* An <include> inside an inline body: what its node's _private is, with the
 * source first, as for all other elements. */
struct inclusion {
	struct source source;
	struct pull pull;
	struct terms terms;
};

enum dialect {
	DIALECT_NONE, /* not an element of the language */
	DIALECT_DIAZO,
	DIALECT_OLD, /* Deliverance 0.2's <rules> */
	DIALECT_XSL,
};

enum dialect selector_dialect(const xmlNode *node);
/* Write "file:line: words" of this element and answer -1. */
int selector_fail(struct reading *reading, const xmlNode *node,
    const char *format, ...) PRINTF(3, 4);

/* The attribute, copied, or NULL. */
const char *selector_plain(
    struct reading *reading, const xmlNode *node, const char *name);
/* The attribute or its CSS twin as XPath; NULL when there is neither. */
CHECKED int selector_get(struct reading *reading, const xmlNode *node,
    const char *name, const char **out);
/* The attribute or its CSS twin as NAME="VALUE", for messages. */
const char *selector_typed(
    struct reading *reading, const xmlNode *node, const char *name);
/* Whether an expression is XPath, with no prefix in it that nobody declares;
 * what names it in the message. What XSLT is needed for is noted. */
CHECKED int selector_check(struct reading *reading, const xmlNode *node,
    const char *what, const char *xpath);

/* Whether all prefixes in it are declared, alone. */
CHECKED int selector_prefixes(struct reading *reading, const xmlNode *node,
    const char *what, const char *xpath);
/* The functions in it that have no prefix are XPath's or XSLT's; of others err
 * says what to use instead. typed: how messages name the expression. */
CHECKED int selector_functions(struct reading *reading, const xmlNode *node,
    const char *typed, const char *xpath);

/* Whether it is one of the namespaces of css:... attributes. */
bool selector_is_css(const xmlNs *ns);
bool selector_is_xsl(const xmlNs *ns);

/* The conditions of an element, and then the outer ones. own is the content
 * selector that if-content="" stands for, or NULL. */
CHECKED int selector_terms(struct reading *reading, const xmlNode *node,
    const char *own, const struct terms *outer, struct terms *out);

/* content, content-children, href, method and mode of a rule with a theme
 * selector, or of an <include>. */
CHECKED int selector_pull(
    struct reading *reading, const xmlNode *node, struct pull *out);

#endif
