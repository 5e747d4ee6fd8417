/* theme/xsltrace.c - for a trace: which nodes the instructions of a body of
 * XSLT select (contract: theme/xslrun.h)
 *
 * libxslt does not tell what an instruction selected, only that its turn has
 * come. So its expression is evaluated once more, with what is known at that
 * moment; what that costs is not the page's, and it happens for traces only. */
#include "theme/xslrun.h"

#include <string.h>
#include <libxml/xpathInternals.h>

#include "theme/tracing.h"

enum { LOOKS_MAX = 2000 }; /* evaluations of one page */

static bool
is_ours(const xmlNode *inst)
{
	return inst->type == XML_ELEMENT_NODE && inst->ns &&
	       xmlStrcmp(inst->ns->href, BAD_CAST SHEET_NS) == 0;
}

/* Around the one that selects. */
static bool
is_copy(const xmlNode *inst)
{
	return is_ours(inst) && strcmp((const char *)inst->name, "copy") == 0;
}

/* One that puts what it selects into the page, or goes through it. */
static bool
selects(const xmlNode *inst)
{
	static const char *const names[] = {
	    "for-each", "value-of", "apply-templates"};

	if (inst->type != XML_ELEMENT_NODE || !inst->ns)
		return false;
	if (is_ours(inst))
		return strcmp((const char *)inst->name, "apply") == 0 ||
		       is_copy(inst);
	if (xmlStrcmp(inst->ns->href, XSLT_NAMESPACE) != 0 ||
	    is_ours(inst->parent))
		return false;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp((const char *)inst->name, names[i]) == 0)
			return true;
	return false;
}

/* Not of the identity and its like, which no rule says. */
static bool
is_of_rules(const struct xsl_run *run, const xmlNode *inst)
{
	long at = xmlGetLineNo(inst);

	return at >= 2 && (size_t)at - 2 < run->sheet->lines_count &&
	       run->sheet->lines[at - 2].source;
}

static void
on_error(void *arg, xmlError *error)
{
	(void)arg;
	(void)error; /* the instruction itself will say it */
}

static xmlXPathObject *
evaluate(xmlXPathContext *context, const xmlChar *text)
{
	xmlXPathCompExpr *comp = xmlXPathCtxtCompile(context, text);
	xmlXPathObject *object =
	    comp ? xmlXPathCompiledEval(comp, context) : NULL;

	xmlXPathFreeCompExpr(comp);
	return object;
}

/* As the instruction will see it. */
static xmlXPathObject *
look(struct xsl_run *run, xmlNode *inst, xmlNode *node, const xmlChar *text)
{
	xmlXPathContext *context = run->ctxt->xpathCtxt, before = *context;
	xmlNs **list = xmlGetNsList(inst->doc, inst);
	xmlXPathObject *object;

	context->node = node;
	context->namespaces = list;
	for (context->nsNr = 0; list && list[context->nsNr];)
		context->nsNr++;
	context->error = on_error;
	object = evaluate(context, text);
	context->node = before.node;
	context->doc = before.doc;
	context->namespaces = before.namespaces;
	context->nsNr = before.nsNr;
	context->contextSize = before.contextSize;
	context->proximityPosition = before.proximityPosition;
	context->error = before.error;
	context->opCount = before.opCount;
	xmlFree(list);
	return object;
}

void
xsltrace_instruction(struct xsl_run *run, xmlNode *inst, xmlNode *node)
{
	xmlXPathObject *object;
	xmlChar *text;

	if (run->looks >= LOOKS_MAX || !inst || !node || !selects(inst))
		return;
	if (is_copy(inst))
		inst = inst->children;
	if (!is_of_rules(run, inst))
		return;
	text = xmlGetNoNsProp(inst, BAD_CAST "select");
	if (!text)
		return;
	run->looks++;
	object = look(run, inst, node, text);
	if (object && object->nodesetval)
		tracing_selected(run->page, object->nodesetval);
	xmlXPathFreeObject(object);
	xmlFree(text);
}
