/* theme/xslnodes.h - functions of EXSLT that are ours: what they share
 *
 * Each takes its arguments from the stack and leaves its answer there, or an
 * error; what it reads and makes is paid for first (dom/xpath_func.h). */
#ifndef THEME_XSLNODES_H
#define THEME_XSLNODES_H

#include <stdbool.h>
#include <libxml/xpath.h>
#include "dom/xpath_func.h"
#include "theme/xslrun.h"

/* The page's transform that calls. */
struct xsl_run *xslnodes_run(xmlXPathParserContext *parser);
/* Whether there are so many arguments; else that is the error. */
bool xslnodes_arity(
    xmlXPathParserContext *parser, int nargs, int least, int most);
/* The nodes of a value; NULL: it has none, or is no set of them. */
const xmlNodeSet *xslnodes_of(const xmlXPathObject *object);
/* Pay for the values of all nodes among the last nargs arguments, and
 * (joined) for a text of all of them. */
bool xslnodes_pay(xmlXPathParserContext *parser, int nargs, bool joined);

/* Nodes that a function makes. They live as long as the variable, or the
 * instruction, needs them. */
struct xslnodes {
	xmlXPathParserContext *parser;
	xmlDoc *tree;
	xmlXPathObject *set;
};
void xslnodes_begin(struct xslnodes *nodes, xmlXPathParserContext *parser);
/* An element with this text in it; ns may be NULL. */
bool xslnodes_add(struct xslnodes *nodes, const char *name, const xmlNs *ns,
    const char *text, size_t len);
/* They are the answer, if nothing has failed. */
void xslnodes_end(struct xslnodes *nodes);

/* theme/xsltext.c */
void xsltext_tokenize(xmlXPathParserContext *parser, int nargs);
void xsltext_split(xmlXPathParserContext *parser, int nargs);
void xsltext_padding(xmlXPathParserContext *parser, int nargs);
void xsltext_replace(xmlXPathParserContext *parser, int nargs);
/* theme/xsldynamic.c */
void xsldynamic_key(xmlXPathParserContext *parser, int nargs);
void xsldynamic_evaluate(xmlXPathParserContext *parser, int nargs);
void xsldynamic_map(xmlXPathParserContext *parser, int nargs);

#endif
