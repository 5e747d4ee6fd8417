/* dom/xpath.h - XPath 1.0 expressions, compiled once a thread, with a bound
 *
 * libxml2 writes to a compiled expression while it evaluates one with function
 * calls, so a compiled expression belongs to one thread: struct xpath is what
 * everyone shares (text, checked), struct xpath_eval is a thread's. */
#ifndef DOM_XPATH_H
#define DOM_XPATH_H

#include <stdbool.h>
#include <libxml/xpath.h>
#include "base/err.h"

/* Check that an expression compiles. Gives the reason in err. */
CHECKED int xpath_check(const char *expression, struct err *err);

/* A thread's evaluator: keeps what it compiled, by address of the shared
 * text (which must outlive it) so a look-up is one table probe. */
enum { XPATH_OPERATIONS_DEFAULT = 5000000 };

struct xpath_eval;
struct xpath_eval *xpath_eval_new(void);
void xpath_eval_free(struct xpath_eval **eval);

/* Begin with a document: variables are dropped, and at most max_operations
 * steps (0: 5 million) may be spent until the next begin. */
void xpath_eval_begin(
    struct xpath_eval *eval, xmlDoc *doc, unsigned long max_operations);
/* $name has this text until the next begin. */
void xpath_eval_variable(
    struct xpath_eval *eval, const char *name, const char *value);

/* Ask on_variable(arg, name, namespace or NULL) for what is not declared here,
 * until the next begin. It gives an object, or NULL. */
void xpath_eval_on_variable(struct xpath_eval *eval,
    xmlXPathVariableLookupFunc on_variable, void *arg);
/* The steps that were spent since begin, and some more that were. */
unsigned long xpath_eval_spent(const struct xpath_eval *eval);
/* Those that may still be spent, at least 1. */
unsigned long xpath_eval_left(const struct xpath_eval *eval);
void xpath_eval_spend(struct xpath_eval *eval, unsigned long more);

/* Evaluate with node as context (NULL: the document); "/" is the root of the
 * tree that the node is in. Give the object, to be
 * freed with xmlXPathFreeObject. Errors: does not compile, undeclared
 * variable, too many operations; err names the expression. */
CHECKED int xpath_eval_run(struct xpath_eval *eval, const char *expression,
    xmlNode *node, xmlXPathObject **out, struct err *err);
/* The same in a context of somebody else, which knows more functions. */
CHECKED int xpath_eval_run_in(struct xpath_eval *eval, xmlXPathContext *context,
    const char *expression, xmlNode *node, xmlXPathObject **out,
    struct err *err);
/* boolean() of the result. 0 or 1, -1 with err. */
CHECKED int xpath_eval_test(struct xpath_eval *eval, const char *expression,
    xmlNode *node, struct err *err);

/* Operations bound what is visited, not what libxml2 compares when it joins
 * node-sets: `//a/following-sibling::b` costs more than it counts, up to the
 * square of what it finds. `//b[preceding-sibling::a]` does not.
 *
 * The prefixes css, date, diazo, dyn, dv, esi, exsl, math, regexp, set, str,
 * xhtml and xsl are bound, and functions cost what they read and make
 * (dom/xpath_func.h); xpath_register_prefixes() does both in a context of
 * somebody else. Only the core functions are known here: EXSLT's are for
 * xpath_eval_run_in() and a context that has them. */
void xpath_register_prefixes(xmlXPathContext *context);
/* What libxml2's code of an error in an expression means. */
const char *xpath_words(int code);

#endif
