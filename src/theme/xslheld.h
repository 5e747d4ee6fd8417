/* theme/xslheld.h - nodes of the page that a fragment names
 *
 * What xsl:apply-templates leaves as it is, and what xsl:copy-of copies, would
 * be a second tree of these nodes, and of most pages that is nearly all there
 * is. Where such a copy would go straight into the page, as markup, a comment
 * stands in its place that says which nodes are meant: they are held. Whoever
 * writes the fragment has them copied from the page's own tree, through the
 * rules about content or (raw) not.
 *
 * That is the same, since nothing in a transform looks at what it has made: but
 * whether an element has children by now, when attributes are set; what is
 * held is at least one. What would be no child (an attribute, what a template
 * takes, which may make nothing) is never held, nor what is read in another
 * way where it goes: in a variable, in the value of an attribute, in a title
 * or script, in SVG, in a form, in a table around its cells. */
#ifndef THEME_XSLHELD_H
#define THEME_XSLHELD_H

#include <stdbool.h>
#include <libxml/tree.h>

struct xsl_run;

/* A node and those behind it; all of one parent. */
struct xslheld {
	xmlNode *first, *last;
	bool is_raw; /* rules about content are not asked */
};

/* Put a node of the page into the fragment in hand, if it may be held there:
 * else nothing is done. Not raw: no template takes it. */
bool xslheld_take(struct xsl_run *run, xmlNode *node, bool is_raw);

/* What a node of a fragment stands for; false: for itself. */
bool xslheld_get(const xmlNode *node, struct xslheld *out);
/* Whether one that does is in an element of a fragment, or in a fragment. */
bool xslheld_is_in(const xmlNode *element);
/* Let an element of a fragment count as one that does. */
void xslheld_mark(xmlNode *element, const xmlNode *fragment);

/* The stylesheet's copy, an element around an instruction: what that selects is
 * held, raw, or if that cannot be, the instruction is done. */
void xslheld_register(struct xsl_run *run);

#endif
