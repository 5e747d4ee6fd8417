/* theme/xsl.h - libxslt, for what rules say in XSLT
 *
 * Dressing is the program's; libxslt runs where the program says so: a body
 * with xsl:* in it, a node that an xsl:template takes, a selection in a mode,
 * an expression with functions or variables of XSLT. Each gives a fragment,
 * and the program writes it.
 *
 * A dresser keeps the stylesheets that it compiled (struct xsl_shop): libxslt
 * 1.1.35 writes to the XPath in a compiled one while it evaluates it (which
 * function a name means is kept in it), so none is shared by threads. A page
 * has one transform context (struct xsl_run), made when it is first needed.
 *
 * Nothing is read or written outside: every preference of libxslt is
 * forbidden, and document() is ours. Depth, operations, what is made and the
 * time that it takes are bounded; over one of these, the page's dressing
 * fails, with the line of the rules where it was noticed. */
#ifndef THEME_XSL_H
#define THEME_XSL_H

#include <stdbool.h>
#include "theme/dress.h"
#include "theme/xslsheet.h"

enum {
	XSL_DEPTH_MAX = 1500,	      /* templates and instructions, nested */
	XSL_VARIABLES_MAX = 15000,    /* local ones at a time */
	XSL_OPERATIONS_MAX = 2000000, /* of a page: instructions executed */
	XSL_NODES_MAX = 1500000,      /* copied, or so */
	XSL_BYTES_MAX = 64 * 1024 * 1024, /* of text made, or so */
	XSL_TEXT_MAX = 16 * 1024 * 1024,  /* of one text */
	XSL_TIME_MAX_MS = 10000,
	XSL_DYNAMIC_MAX = 20, /* dyn:evaluate() in dyn:evaluate() */
};

struct xsl_shop;
struct xsl_shop *xsl_shop_new(void);
void xsl_shop_free(struct xsl_shop **shop);

/* Whether libxslt takes the sheet. Errors have file:line. */
CHECKED int xsl_check(const struct sheet *sheet, struct err *err);

/* These give a fragment: its attributes and children are what came out, where
 * it may name nodes of the page (theme/xslheld.h) if it is written as markup,
 * with no flags. page->nth is the node's. Free it with xsl_fragment_free(). */
CHECKED int xsl_body(struct page *page, uint32_t rule, xmlNode *context,
    unsigned flags, xmlNode **out);
CHECKED int xsl_part(struct page *page, uint32_t number, xmlNode *node,
    unsigned flags, xmlNode **out);
CHECKED int xsl_mode(struct page *page, const char *mode, xmlNode *node,
    unsigned flags, xmlNode **out);
void xsl_fragment_free(xmlNode **fragment);
/* What a fragment holds is about to be done: whether it has not taken too long
 * by now. */
CHECKED int xsl_tick(struct page *page);

/* Evaluate an expression that needs XSLT. */
CHECKED int xsl_select(
    struct page *page, const char *text, xmlNode *node, xmlXPathObject **out);

/* Take white space out of a tree as xsl:strip-space says (theme/xslstrip.c). */
void xslstrip(const struct rules *rules, xmlDoc *doc);

/* Bind the rules' variables to the page's evaluator, and end with it. */
void xsl_bind(struct page *page);
void xsl_end(struct page *page);
bool xsl_has_failed(const struct page *page);
/* The page's reason, and that of XSLT, begins with this place in the rules
 * from here on, unless it names one. Answers -1. */
int xsl_blame(struct page *page, const struct source *source, long line);
/* When something of XSLT failed, it is the page's reason. */
void xsl_reason(struct page *page);

#endif
