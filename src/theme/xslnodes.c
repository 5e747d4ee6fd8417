/* theme/xslnodes.c - arguments and answers of EXSLT's functions
 * (contract: theme/xslnodes.h) */
#include "theme/xslnodes.h"

#include <libxml/xpathInternals.h>
#include <libxslt/extensions.h>
#include <libxslt/variables.h>
#include <libxslt/xsltutils.h>

#include "base/mem.h"

struct xsl_run *
xslnodes_run(xmlXPathParserContext *parser)
{
	return xsltXPathGetTransformContext(parser)->_private;
}

const xmlNodeSet *
xslnodes_of(const xmlXPathObject *object)
{
	return object->type == XPATH_NODESET || object->type == XPATH_XSLT_TREE
		   ? object->nodesetval
		   : NULL;
}

bool
xslnodes_pay(xmlXPathParserContext *parser, int nargs, bool joined)
{
	size_t all = 0, bytes;

	for (int i = parser->valueNr - nargs; i < parser->valueNr; i++) {
		if (!xpath_func_read_set(
			parser, xslnodes_of(parser->valueTab[i]), &bytes))
			return false;
		all += bytes;
	}
	return !joined || xpath_func_make(parser, all);
}

bool
xslnodes_arity(xmlXPathParserContext *parser, int nargs, int least, int most)
{
	if (nargs >= least && nargs <= most)
		return true;
	xmlXPathErr(parser, XPATH_INVALID_ARITY);
	return false;
}

/* ---- nodes that are made ---- */

/* A tree that lives as long as the variable, or the instruction, needs it. */
static xmlDoc *
new_tree(struct xsl_run *run)
{
	xmlDoc *tree = xsltCreateRVT(run->ctxt);

	must(tree);
	must(xsltRegisterLocalRVT(run->ctxt, tree) == 0);
	return tree;
}

void
xslnodes_begin(struct xslnodes *nodes, xmlXPathParserContext *parser)
{
	nodes->parser = parser;
	nodes->tree = new_tree(xslnodes_run(parser));
	nodes->set = xmlXPathNewNodeSet(NULL);
	must(nodes->set);
	(void)xpath_func_make_nodes(parser, 1);
}

void
xslnodes_end(struct xslnodes *nodes)
{
	if (nodes->parser->error)
		xmlXPathFreeObject(nodes->set);
	else
		valuePush(nodes->parser, nodes->set);
}

bool
xslnodes_add(struct xslnodes *nodes, const char *name, const xmlNs *ns,
    const char *text, size_t len)
{
	xmlNode *node, *child;

	if (!xpath_func_make_nodes(nodes->parser, 2) ||
	    !xpath_func_make(nodes->parser, len))
		return false;
	node = xmlNewDocNode(nodes->tree, NULL, BAD_CAST name, NULL);
	child = xmlNewTextLen(BAD_CAST text, (int)len);
	must(node && child);
	if (ns)
		xmlSetNs(node, xmlNewNs(node, ns->href, ns->prefix));
	must(xmlAddChild(node, child));
	must(xmlAddChild((xmlNode *)nodes->tree, node));
	/* It is new, so it is not looked for in the set. */
	must(xmlXPathNodeSetAddUnique(nodes->set->nodesetval, node) == 0);
	return true;
}
