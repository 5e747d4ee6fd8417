/* dom/xpath_func.h - functions of XPath that cost what they read and make
 *
 * libxml2 counts the steps of an expression and takes a function for one of
 * them, whatever text it walks over: translate() of one long text by another
 * takes minutes, and concat() of its own results fills memory, in a handful of
 * steps. So those of the core whose work grows with texts are ours, or wrapped:
 * what they read counts as steps, and what functions make altogether, in one
 * page, is bounded. Over that the expression fails with libxml2's "operation
 * limit exceeded", as it does when it visits too much.
 *
 * id() is ours as well: it finds the first element with that id by looking,
 * since trees have no table of them. */
#ifndef DOM_XPATH_FUNC_H
#define DOM_XPATH_FUNC_H

#include <stdbool.h>
#include <stddef.h>
#include <libxml/xpath.h>

enum {
	XPATH_TEXT_MAX = 16 * 1024 * 1024, /* of one text that is made */
	XPATH_MADE_MAX = 48 * 1024 * 1024, /* of a page: all such texts */
	XPATH_SMALL = 1024, /* bytes of one that counts as if it were read */
	XPATH_NODES_MAX = 250000,    /* of a page: nodes that are made */
	XPATH_READ_A_STEP = 16,	     /* bytes that count as one step */
	XPATH_VALUE_STEPS = 4,	     /* of one node's value, made to be read */
	XPATH_COMPARED_A_STEP = 128, /* pairs of nodes, likewise */
};

/* Put them into a context, in the place of libxml2's own. */
void xpath_func_register(xmlXPathContext *context);

/* For functions of others. Each counts for what is about to be done; false:
 * that is too much, and the evaluation has failed. */
bool xpath_func_charge(xmlXPathParserContext *parser, size_t steps);
bool xpath_func_read(xmlXPathParserContext *parser, size_t bytes);
bool xpath_func_make(xmlXPathParserContext *parser, size_t bytes);
bool xpath_func_make_nodes(xmlXPathParserContext *parser, size_t count);
/* The values of all nodes of a set are about to be read; *bytes (may be NULL)
 * is how long they are. */
bool xpath_func_read_set(
    xmlXPathParserContext *parser, const xmlNodeSet *set, size_t *bytes);
/* A value that is about to be copied, as that of a variable is. */
void xpath_func_count_copy(
    xmlXPathContext *context, const xmlXPathObject *object);

/* Make strings of the last nargs arguments, or (sets_only) of those that are
 * node-sets, counting what is read. They stay on the stack. */
bool xpath_func_strings(
    xmlXPathParserContext *parser, int nargs, bool sets_only);

#endif
