/* theme/xslapply.c - xsl:apply-templates in the mode of content rules, by what
 * the program knows
 *
 * For each node libxslt would try its patterns, and count siblings for the
 * predicates in them, which takes the square of their number. The program has
 * marked the nodes that any pattern matches. So a node that an xsl:template or
 * a content rule wins goes to libxslt, and one that none of them wins is held
 * for the program's own walk (theme/xslheld.h).
 *
 * Where that cannot be, as in a variable, it is copied: what has no mark as it
 * stands, and the rest tag by tag, down the tree and up again. */
#include <libxml/xpathInternals.h>
#include <libxslt/extensions.h>
#include <libxslt/templates.h>
#include <libxslt/transform.h>

#include "theme/xslheld.h"
#include "theme/xslrun.h"

struct walk {
	struct xsl_run *run;
	xsltTransformContext *ctxt;
};

static void
give_to_libxslt(struct walk *walk, xmlNode *node, struct nth nth)
{
	xsltTransformContext *ctxt = walk->ctxt;

	ctxt->xpathCtxt->proximityPosition = nth.position;
	ctxt->xpathCtxt->contextSize = nth.size;
	xsltProcessOneNode(ctxt, node, NULL);
}

/* Run the template that the program names; libxslt need not look for it. */
static void
run(struct walk *walk, xmlNode *node, const struct template *winner,
    struct nth nth)
{
	xsltTransformContext *ctxt = walk->ctxt;
	struct xsl_made *made = walk->run->made;
	size_t number = (size_t)(winner - walk->run->page->program->templates);
	xsltTemplate *template = winner->kind == TEMPLATE_XSL
				     ? made->parts[winner->rule]
				     : made->rules[number];
	xsltTemplate *before = ctxt->currentTemplateRule;
	xmlNode *current = ctxt->node;
	int base = ctxt->varsBase;

	ctxt->xpathCtxt->proximityPosition = nth.position;
	ctxt->xpathCtxt->contextSize = nth.size;
	ctxt->node = node;
	ctxt->varsBase = ctxt->varsNr; /* the caller's are not seen in it */
	ctxt->currentTemplateRule = template;
	if (xsl_has_params(template))
		xsltProcessOneNode(ctxt, node, NULL);
	else
		xsltApplyOneTemplate(
		    ctxt, node, template->content, template, NULL);
	ctxt->currentTemplateRule = before;
	ctxt->varsBase = base;
	ctxt->node = current;
}

static void
add(struct walk *walk, xmlNode *copy)
{
	must(copy);
	must(xmlAddChild(walk->ctxt->insert, copy));
	walk->ctxt->lasttext = NULL; /* libxslt's idea of the last text */
}

/* As the identity applies templates to it. */
static struct nth
among_siblings(struct walk *walk, const void *node)
{
	return siblings_nth(&walk->run->siblings, node, false);
}

/* The tag of a marked element that nothing wins. */
static void
copy_tag(struct walk *walk, const xmlNode *node)
{
	xmlNode *copy =
	    xmlNewDocNode(walk->ctxt->output, NULL, node->name, NULL);

	add(walk, copy);
	walk->ctxt->insert = copy;
	for (xmlAttr *a = node->properties; a; a = a->next) {
		xmlChar *value;

		if (a->ns || match_is_marked(a)) {
			give_to_libxslt(
			    walk, (xmlNode *)a, among_siblings(walk, a));
			continue;
		}
		value = a->children
			    ? xmlNodeListGetString(a->doc, a->children, 1)
			    : NULL;
		must(xmlNewProp(copy, a->name, value));
		xmlFree(value);
	}
}

/* 1: its children are next. */
static int
enter(struct walk *walk, xmlNode *node)
{
	const struct template *winner = NULL;

	if (node->type == XML_DTD_NODE)
		return 0;
	if (!match_is_marked(node)) {
		xsl_weigh(walk->run, node);
		add(walk, xmlDocCopyNode(node, walk->ctxt->output, 1));
		return 0;
	}
	if (match_choose(walk->run->page, node, &winner) != 0) {
		xsl_fail(walk->run, "%s", walk->run->page->err->text);
		return 0;
	}
	if (winner) {
		run(walk, node, winner, among_siblings(walk, node));
		return 0;
	}
	if (node->type != XML_ELEMENT_NODE) {
		add(walk, xmlDocCopyNode(node, walk->ctxt->output, 1));
		return 0;
	}
	copy_tag(walk, node);
	return 1;
}

/* One node with all below it. */
static void
visit(struct walk *walk, xmlNode *top)
{
	xsltTransformContext *ctxt = walk->ctxt;
	xmlNode *node = top;

	while (ctxt->state == XSLT_STATE_OK) {
		bool entered = enter(walk, node);

		if (entered && node->children) {
			node = node->children;
			continue;
		}
		if (entered)
			ctxt->insert = ctxt->insert->parent;
		while (node != top && !node->next) {
			node = node->parent;
			ctxt->insert = ctxt->insert->parent;
		}
		if (node == top)
			break;
		node = node->next;
	}
}

/* A selected node; whatever its winner, it has its place in the list. */
static void
begin(struct walk *walk, xmlNode *node, struct nth nth)
{
	struct page *page = walk->run->page;
	struct document *document =
	    node->type == XML_NAMESPACE_DECL ? NULL : document_of(page, node);
	const struct template *winner = NULL;

	if (document && node->doc != walk->ctxt->xpathCtxt->doc) {
		xsl_know_document(walk->run, node->doc);
		walk->ctxt->xpathCtxt->doc = node->doc;
	}
	if (document && match_all(page, document) != 0) {
		xsl_fail(walk->run, "%s", page->err->text);
		return;
	}
	/* Attributes, whole documents, and what xsl:* itself has made. */
	if (!document || node->type == XML_ATTRIBUTE_NODE ||
	    node->type == XML_HTML_DOCUMENT_NODE ||
	    node->type == XML_DOCUMENT_NODE) {
		give_to_libxslt(walk, node, nth);
		return;
	}
	if (match_is_marked(node) && match_choose(page, node, &winner) != 0)
		xsl_fail(walk->run, "%s", page->err->text);
	else if (winner)
		run(walk, node, winner, nth);
	else if (!xslheld_take(walk->run, node, false))
		visit(walk, node);
}

static void
apply_to_children(struct walk *walk, const xmlNode *parent)
{
	struct nth nth = {0};

	if (parent->type != XML_ELEMENT_NODE &&
	    parent->type != XML_HTML_DOCUMENT_NODE &&
	    parent->type != XML_DOCUMENT_NODE)
		return;
	for (const xmlNode *n = parent->children; n; n = n->next)
		nth.size++;
	for (xmlNode *n = parent->children;
	     n && walk->ctxt->state == XSLT_STATE_OK; n = n->next) {
		nth.position++;
		begin(walk, n, nth);
	}
}

static void
apply_to_selection(struct walk *walk, const xmlAttr *select, xmlNode *node)
{
	struct page *page = walk->run->page;
	xmlXPathObject *object = NULL;
	const xmlNodeSet *set;
	struct err why;

	if (!select->children ||
	    xpath_eval_run_in(page->eval, walk->ctxt->xpathCtxt,
		(const char *)select->children->content, node, &object,
		&why) != 0) {
		xsl_fail(walk->run, "%s",
		    select->children ? why.text : "select is empty");
		return;
	}
	set = object->nodesetval;
	if (object->type != XPATH_NODESET && object->type != XPATH_XSLT_TREE)
		xsl_fail(walk->run,
		    "select=\"%s\" selects no nodes but a value",
		    (const char *)select->children->content);
	else
		for (int i = 0; set && i < set->nodeNr &&
				walk->ctxt->state == XSLT_STATE_OK;
		     i++)
			begin(walk, set->nodeTab[i],
			    (struct nth){i + 1, set->nodeNr});
	xmlXPathFreeObject(object);
}

static void
apply(xsltTransformContext *ctxt, xmlNode *node, xmlNode *inst,
    xsltElemPreComp *comp)
{
	struct walk walk = {.run = ctxt->_private, .ctxt = ctxt};
	const xmlAttr *select = xmlHasProp(inst, BAD_CAST "select");
	const xmlChar *mode = ctxt->mode;
	int position = ctxt->xpathCtxt->proximityPosition;
	int size = ctxt->xpathCtxt->contextSize;
	xmlNode *insert = ctxt->insert, *current = ctxt->xpathCtxt->node;
	xsltDocument *document = ctxt->document;
	xmlDoc *doc = ctxt->xpathCtxt->doc;

	(void)comp;
	ctxt->mode = NULL;
	if (select)
		apply_to_selection(&walk, select, node);
	else
		apply_to_children(&walk, node);
	ctxt->mode = mode;
	ctxt->insert = insert;
	ctxt->document = document;
	ctxt->xpathCtxt->doc = doc;
	ctxt->xpathCtxt->node = current;
	ctxt->xpathCtxt->proximityPosition = position;
	ctxt->xpathCtxt->contextSize = size;
}

void
xslapply_register(struct xsl_run *run)
{
	must(xsltRegisterExtElement(
		 run->ctxt, BAD_CAST "apply", BAD_CAST SHEET_NS, apply) == 0);
}
