/* theme/xsldynamic.c - key(), dyn:evaluate(), dyn:map()
 *
 * What a page makes of an expression counts for the page, one inside another
 * as well. */
#include <string.h>
#include <libxml/xpathInternals.h>
#include <libxslt/functions.h>

#include "base/mem.h"
#include "theme/xslnodes.h"

/* ---- key() ---- */

/* What one value of a key finds joins what others found. */
static bool
key_of(xmlXPathParserContext *parser, const xmlChar *name, xmlChar *value,
    xmlNodeSet *all)
{
	xmlXPathObject *found;
	const xmlNodeSet *set;

	valuePush(parser, xmlXPathNewString(name));
	valuePush(parser, xmlXPathWrapString(value));
	xsltKeyFunction(parser, 2);
	if (parser->error)
		return false;
	found = valuePop(parser);
	set = found ? xslnodes_of(found) : NULL;
	if (set && xpath_func_charge(
		       parser, (size_t)set->nodeNr + (size_t)set->nodeNr *
							 (size_t)all->nodeNr /
							 XPATH_COMPARED_A_STEP))
		for (int i = 0; i < set->nodeNr; i++)
			xmlXPathNodeSetAdd(all, set->nodeTab[i]);
	xmlXPathFreeObject(found);
	return !parser->error;
}

void
xsldynamic_key(xmlXPathParserContext *parser, int nargs)
{
	xmlXPathObject *values, *answer;
	const xmlNodeSet *set;
	xmlChar *name;

	if (!xslnodes_arity(parser, nargs, 2, 2) ||
	    !xslnodes_pay(parser, 1, false))
		return;
	set = xslnodes_of(parser->value);
	if (!set || set->nodeNr < 2) {
		xsltKeyFunction(parser, 2);
		if (!parser->error)
			xpath_func_count_copy(parser->context, parser->value);
		return;
	}
	values = valuePop(parser);
	name = xmlXPathPopString(parser);
	answer = xmlXPathNewNodeSet(NULL);
	must(name && answer);
	for (int i = 0; i < set->nodeNr; i++)
		if (!key_of(parser, name,
			xmlXPathCastNodeToString(set->nodeTab[i]),
			answer->nodesetval))
			break;
	xmlFree(name);
	xmlXPathFreeObject(values);
	if (parser->error)
		xmlXPathFreeObject(answer);
	else
		valuePush(parser, answer);
}

/* ---- dyn:evaluate(), dyn:map() ---- */

/* An expression that a page has made. */
struct dynamic {
	xmlXPathParserContext *parser;
	struct xsl_run *run;
	xmlXPathContext before; /* what an evaluation changes in it */
	int code;		/* of the first error */
};

static void
on_error(void *arg, xmlError *error)
{
	struct dynamic *dynamic = arg;

	if (!dynamic->code)
		dynamic->code = error->code - XML_XPATH_EXPRESSION_OK;
}

static void
dynamic_begin(struct dynamic *dynamic, xmlXPathParserContext *parser)
{
	xmlXPathContext *context = parser->context;

	dynamic->parser = parser;
	dynamic->run = xslnodes_run(parser);
	dynamic->run->dynamic++;
	dynamic->before = *context;
	dynamic->code = 0;
	context->error = on_error;
	context->userData = dynamic;
}

/* An expression that is none gives nothing, says EXSLT. But what is too much,
 * or has failed the page, is so here as well. */
static void
dynamic_end(struct dynamic *dynamic)
{
	xmlXPathContext *context = dynamic->parser->context;

	dynamic->run->dynamic--;
	context->error = dynamic->before.error;
	context->userData = dynamic->before.userData;
	context->doc = dynamic->before.doc;
	context->node = dynamic->before.node;
	context->contextSize = dynamic->before.contextSize;
	context->proximityPosition = dynamic->before.proximityPosition;
	context->depth = dynamic->before.depth;
	context->function = dynamic->before.function;
	context->functionURI = dynamic->before.functionURI;
	if (dynamic->run->failed)
		xmlXPathErr(dynamic->parser, XPATH_EXPR_ERROR);
	else if (dynamic->code == XPATH_OP_LIMIT_EXCEEDED ||
		 dynamic->code == XPATH_RECURSION_LIMIT_EXCEEDED ||
		 dynamic->code == XPATH_MEMORY_ERROR)
		xmlXPathErr(dynamic->parser, dynamic->code);
}

static xmlXPathCompExpr *
dynamic_compile(struct dynamic *dynamic, const xmlChar *text)
{
	if (dynamic->run->dynamic > XSL_DYNAMIC_MAX) {
		xsl_fail(dynamic->run,
		    "dyn:evaluate() goes on without end, or more than %d deep",
		    XSL_DYNAMIC_MAX);
		return NULL;
	}
	return *text ? xmlXPathCtxtCompile(dynamic->parser->context, text)
		     : NULL;
}

void
xsldynamic_evaluate(xmlXPathParserContext *parser, int nargs)
{
	xmlXPathObject *object = NULL;
	xmlXPathCompExpr *compiled;
	struct dynamic dynamic;
	xmlChar *text;

	if (!xslnodes_arity(parser, nargs, 1, 1) ||
	    !xpath_func_strings(parser, nargs, false))
		return;
	text = xmlXPathPopString(parser);
	must(text);
	dynamic_begin(&dynamic, parser);
	compiled = dynamic_compile(&dynamic, text);
	if (compiled)
		object = xmlXPathCompiledEval(compiled, parser->context);
	dynamic_end(&dynamic);
	xmlXPathFreeCompExpr(compiled);
	xmlFree(text);
	if (parser->error)
		xmlXPathFreeObject(object);
	else
		valuePush(parser, object ? object : xmlXPathNewNodeSet(NULL));
}

/* What an expression said of one node joins the answer. */
static void
add_answer(struct xslnodes *nodes, xmlXPathObject *object)
{
	static xmlNs exsl = {.href = BAD_CAST "http://exslt.org/common",
	    .prefix = BAD_CAST "exsl"};
	xmlNodeSet *all = nodes->set->nodesetval;
	const xmlNodeSet *set = xslnodes_of(object);
	const char *name = object->type == XPATH_BOOLEAN  ? "boolean"
			   : object->type == XPATH_NUMBER ? "number"
							  : "string";
	xmlChar *text;

	if (object->type == XPATH_NODESET || object->type == XPATH_XSLT_TREE) {
		size_t more = set ? (size_t)set->nodeNr : 0;

		if (!xpath_func_charge(
			nodes->parser, more * ((size_t)all->nodeNr + more) /
					   XPATH_COMPARED_A_STEP))
			return;
		for (size_t i = 0; i < more; i++)
			xmlXPathNodeSetAdd(all, set->nodeTab[i]);
		return;
	}
	text = object->type == XPATH_BOOLEAN && !object->boolval
		   ? xmlStrdup(BAD_CAST "")
		   : xmlXPathCastToString(object);
	must(text);
	(void)xslnodes_add(
	    nodes, name, &exsl, (char *)text, strlen((char *)text));
	xmlFree(text);
}

static void
map_nodes(struct dynamic *dynamic, xmlXPathCompExpr *compiled,
    const xmlNodeSet *set, struct xslnodes *nodes)
{
	xmlXPathContext *context = dynamic->parser->context;

	for (int i = 0; set && i < set->nodeNr; i++) {
		xmlXPathObject *object;

		context->node = set->nodeTab[i];
		context->doc = context->node->type == XML_NAMESPACE_DECL
				   ? dynamic->before.doc
				   : context->node->doc;
		context->contextSize = set->nodeNr;
		context->proximityPosition = i + 1;
		context->depth = dynamic->before.depth;
		object = xmlXPathCompiledEval(compiled, context);
		if (object)
			add_answer(nodes, object);
		xmlXPathFreeObject(object);
		if (!object || dynamic->parser->error)
			break;
	}
}

void
xsldynamic_map(xmlXPathParserContext *parser, int nargs)
{
	xmlXPathCompExpr *compiled;
	struct dynamic dynamic;
	struct xslnodes nodes;
	xmlXPathObject *set;
	xmlChar *text;

	if (!xslnodes_arity(parser, nargs, 2, 2) ||
	    !xpath_func_strings(parser, 1, false))
		return;
	text = xmlXPathPopString(parser);
	set = valuePop(parser);
	must(text && set);
	if (set->type != XPATH_NODESET && set->type != XPATH_XSLT_TREE) {
		xmlXPathErr(parser, XPATH_INVALID_TYPE);
	} else {
		xslnodes_begin(&nodes, parser);
		dynamic_begin(&dynamic, parser);
		compiled = dynamic_compile(&dynamic, text);
		if (compiled)
			map_nodes(&dynamic, compiled, set->nodesetval, &nodes);
		dynamic_end(&dynamic);
		xmlXPathFreeCompExpr(compiled);
		xslnodes_end(&nodes);
	}
	xmlXPathFreeObject(set);
	xmlFree(text);
}
