/* dom/path.h - the plain paths of XPath, without libxml2's machine for all
 *
 * Nearly every selector of nearly every rules file is a path of names with an
 * id or a class. libxml2 makes, compares and frees several objects for each
 * node that such a path looks at. Here one walk of the tree finds what all
 * steps and all alternatives of a union want, in the order of the document,
 * and passes over subtrees in which nothing can be found. */
#ifndef DOM_PATH_H
#define DOM_PATH_H

#include <libxml/xpath.h>

struct path;

/* Read an expression; NULL: it is no plain path, which says nothing about
 * whether it is XPath. Plain are unions of paths along child and descendant
 * (the last step may be an attribute) of names without a prefix, *, node() and
 * text(), with predicates [@a], [@a = 'x'], [not(@a)],
 * [contains(@a, 'x')], [starts-with(@a, 'x')], that which CSS's .x becomes, and
 * [ancestor::...] of a step with such predicates. */
struct path *path_new(const char *expression);
void path_free(struct path **path);

/* What it selects, a new node-set as libxml2's own machine gives it; node is
 * a document or an element. *visited: how many nodes were looked at, at most
 * most (0: any number); NULL: they were more. */
xmlXPathObject *path_select(const struct path *path, xmlNode *node,
    unsigned long most, unsigned long *visited);

#endif
