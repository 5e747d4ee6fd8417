/* theme/xslheld.c - nodes of the page in fragments (contract: theme/xslheld.h)
 *
 * A comment without text stands for them: _private is the first, psvi the last,
 * neither of which libxml2 looks at. The elements around it have a mark in
 * their _private, up to the fragment itself. */
#include "theme/xslheld.h"

#include <string.h>
#include <libxml/xpathInternals.h>
#include <libxslt/extensions.h>
#include <libxslt/transform.h>

#include "dom/html.h"
#include "dom/node.h"
#include "theme/markup.h"
#include "theme/xslrun.h"

static char holds;

enum { RAW = 1, NOT_RAW };

bool
xslheld_get(const xmlNode *node, struct xslheld *out)
{
	if (node->type != XML_COMMENT_NODE || !node->_private)
		return false;
	*out = (struct xslheld){node->_private, node->psvi, node->line == RAW};
	return true;
}

bool
xslheld_is_in(const xmlNode *element)
{
	return element->type == XML_ELEMENT_NODE && element->_private == &holds;
}

/* ---- what may be held, and where ---- */

/* Whether markup in it is read as elsewhere, and written as elsewhere: the
 * writer ends a form before another that is in it. */
static bool
is_ordinary(const xmlNode *element)
{
	static const char *const others[] = {"form", "math", "noscript",
	    "plaintext", "select", "svg", "template"};

	for (size_t i = 0; i < COUNT_OF(others); i++)
		if (strcmp((const char *)element->name, others[i]) == 0)
			return false;
	return !element->ns && markup_room(element) == ROOM_MARKUP &&
	       !html_is_void((const char *)element->name);
}

/* Nor is it in a table, outside of its cells. */
static bool
has_place(const struct xsl_run *run)
{
	const xmlNode *around = run->ctxt->insert;
	bool in_cell = false;

	while (around && around != run->fragment &&
	       around->type == XML_ELEMENT_NODE && is_ordinary(around)) {
		in_cell |= markup_is_cell(around);
		if (!in_cell && markup_is_around_cells(around))
			return false;
		in_cell &= strcmp((const char *)around->name, "table") != 0;
		around = around->parent;
	}
	return around && around == run->fragment;
}

static bool
may_be_held(const struct xsl_run *run, const xmlNode *node)
{
	switch (node->type) {
	case XML_ELEMENT_NODE:
		return document_of(run->page, node) && !node_is_foreign(node);
	case XML_TEXT_NODE:
	case XML_COMMENT_NODE:
		return document_of(run->page, node);
	default:
		return false;
	}
}

/* ---- taking ---- */

/* Whether it follows what was held last, which then is one node longer. */
static bool
add_to_last(xmlNode *insert, xmlNode *node, bool is_raw)
{
	xmlNode *last = insert->last;
	struct xslheld held;

	if (!last || !xslheld_get(last, &held) || held.is_raw != is_raw ||
	    held.last->next != node)
		return false;
	last->psvi = node;
	return true;
}

void
xslheld_mark(xmlNode *element, const xmlNode *fragment)
{
	for (xmlNode *n = element; n->_private != &holds; n = n->parent) {
		n->_private = &holds;
		if (n == fragment)
			break;
	}
}

bool
xslheld_take(struct xsl_run *run, xmlNode *node, bool is_raw)
{
	xmlNode *insert = run->ctxt->insert, *stands;

	if (!run->fragment || !may_be_held(run, node))
		return false;
	if (add_to_last(insert, node, is_raw))
		return true;
	if (!has_place(run))
		return false;
	stands = xmlNewDocComment(run->output, NULL);
	must(stands);
	stands->_private = node;
	stands->psvi = node;
	stands->line = is_raw ? RAW : NOT_RAW;
	must(xmlAddChild(insert, stands));
	run->ctxt->lasttext = NULL; /* libxslt's idea of the last text */
	run->nodes++;
	xslheld_mark(insert, run->fragment);
	return true;
}

/* ---- xsl:copy-of ---- */

static bool
may_all_be_held(const struct xsl_run *run, const xmlXPathObject *selected)
{
	const xmlNodeSet *set = selected->nodesetval;

	if (selected->type != XPATH_NODESET || !run->fragment ||
	    !has_place(run))
		return false;
	for (int i = 0; set && i < set->nodeNr; i++)
		if (!may_be_held(run, set->nodeTab[i]))
			return false;
	return true;
}

static void
weigh_all(struct xsl_run *run, const xmlNodeSet *set)
{
	for (int i = 0; set && i < set->nodeNr; i++)
		if (set->nodeTab[i]->type != XML_NAMESPACE_DECL)
			xsl_weigh(run, set->nodeTab[i]);
}

/* As libxslt will for the instruction in there; NULL: that will say why. */
static xmlXPathObject *
evaluate(xsltTransformContext *ctxt, xmlNode *node, const xmlNode *inner)
{
	const xsltStylePreComp *comp = inner ? inner->psvi : NULL;
	xmlXPathContext *context = ctxt->xpathCtxt, before = *context;
	xmlXPathObject *object;

	if (!comp || !comp->comp)
		return NULL;
	context->node = node;
	context->namespaces = comp->nsList;
	context->nsNr = comp->nsNr;
	object = xmlXPathCompiledEval(comp->comp, context);
	context->node = before.node;
	context->namespaces = before.namespaces;
	context->nsNr = before.nsNr;
	context->contextSize = before.contextSize;
	context->proximityPosition = before.proximityPosition;
	return object;
}

static void
copy(xsltTransformContext *ctxt, xmlNode *node, xmlNode *inst,
    xsltElemPreComp *comp)
{
	struct xsl_run *run = ctxt->_private;
	xmlXPathObject *object = evaluate(ctxt, node, inst->children);
	const xmlNodeSet *set = object ? object->nodesetval : NULL;
	bool held = object && may_all_be_held(run, object);

	(void)comp;
	for (int i = 0; held && set && i < set->nodeNr; i++)
		must(xslheld_take(run, set->nodeTab[i], true));
	if (object && !held)
		weigh_all(run, set);
	xmlXPathFreeObject(object);
	if (!held)
		xsltApplyOneTemplate(ctxt, node, inst->children, NULL, NULL);
}

void
xslheld_register(struct xsl_run *run)
{
	must(xsltRegisterExtElement(
		 run->ctxt, BAD_CAST "copy", BAD_CAST SHEET_NS, copy) == 0);
}
