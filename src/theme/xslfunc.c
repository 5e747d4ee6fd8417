/* theme/xslfunc.c - functions and elements by which the stylesheet asks the
 * program, and document(), which reads below the rules' folder only
 *
 * Each is found in the transform that calls it, and fails the page there. */
#include <string.h>
#include <libxml/xpathInternals.h>
#include <libxslt/extensions.h>
#include <libxslt/xsltutils.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dom/xpath_func.h"
#include "theme/markup.h"
#include "theme/source.h"
#include "theme/dependency.h"
#include "theme/xslrun.h"

static struct xsl_run *
run_of(xmlXPathParserContext *ctxt)
{
	return xsltXPathGetTransformContext(ctxt)->_private;
}

/* End the evaluation; the page's reason is noted. */
static void
stop(xmlXPathParserContext *ctxt, struct xsl_run *run, const struct err *err)
{
	xsl_fail(run, "%s", err->text);
	xmlXPathSetError(ctxt, XPATH_EXPR_ERROR);
}

/* The argument: a number that we wrote ourselves, unless somebody guessed our
 * prefix; below a bound anyway. */
static uint32_t
pop_number(xmlXPathParserContext *ctxt, size_t bound)
{
	double number = xmlXPathPopNumber(ctxt);

	return number >= 0 && number < (double)bound ? (uint32_t)number : 0;
}

/* ---- the program's own ---- */

/* holds(condition), with the context node */
static void
holds(xmlXPathParserContext *ctxt, int nargs)
{
	struct xsl_run *run = run_of(ctxt);
	uint32_t condition;
	int yes;

	CHECK_ARITY(1);
	condition = pop_number(ctxt, run->page->program->conditions_count);
	yes = dress_holds(run->page, condition, ctxt->context->node);
	if (yes < 0)
		stop(ctxt, run, run->page->err);
	else
		valuePush(ctxt, xmlXPathNewBoolean(yes));
}

/* path(expression) */
static void
path(xmlXPathParserContext *ctxt, int nargs)
{
	struct xsl_run *run = run_of(ctxt);

	CHECK_ARITY(1);
	valuePush(
	    ctxt, xmlXPathNewBoolean(dress_path_fits(run->page,
		      pop_number(ctxt, run->page->program->exprs_count))));
}

/* select(expression), of another document */
static void
select_nodes(xmlXPathParserContext *ctxt, int nargs)
{
	struct xsl_run *run = run_of(ctxt);
	xmlXPathObject *object, *owned;
	uint32_t expr;

	CHECK_ARITY(1);
	expr = pop_number(ctxt, run->page->program->exprs_count);
	if (dress_select(
		run->page, expr, ctxt->context->node, &object, &owned) != 0) {
		stop(ctxt, run, run->page->err);
		return;
	}
	if (!owned) {
		owned = xmlXPathObjectCopy(object);
		must(owned);
		xpath_func_count_copy(ctxt->context, owned);
	}
	valuePush(ctxt, owned);
}

/* The number of a template of the program; -1: none. */
static void
push_template(xmlXPathParserContext *ctxt, const struct xsl_run *run,
    const struct template *template)
{
	valuePush(ctxt,
	    xmlXPathNewFloat(
		template ? (double)(template - run->page->program->templates)
			 : -1));
}

/* rule(): which rule about content has the context node. What xsl:* made has
 * none, and an xsl:template that wins is left to libxslt. */
static void
rule(xmlXPathParserContext *ctxt, int nargs)
{
	struct xsl_run *run = run_of(ctxt);
	const xmlNode *node = ctxt->context->node;
	struct document *document = document_of(run->page, node);
	const struct template *template = NULL;

	CHECK_ARITY(0);
	if (document && (match_all(run->page, document) != 0 ||
			    match_choose(run->page, node, &template) != 0)) {
		stop(ctxt, run, run->page->err);
		return;
	}
	if (template && template->kind == TEMPLATE_XSL)
		template = NULL;
	push_template(ctxt, run, template);
}

/* phase(number): which has the bodies of a phase. */
static void
phase(xmlXPathParserContext *ctxt, int nargs)
{
	struct xsl_run *run = run_of(ctxt);

	CHECK_ARITY(1);
	push_template(ctxt, run,
	    match_phase_template(
		ctxt->context->node, (enum phase)pop_number(ctxt, PHASES)));
}

/* ---- what it costs ---- */

int
xsl_check_cost(struct xsl_run *run)
{
	if (run->nodes > XSL_NODES_MAX)
		return xsl_fail(run,
		    "more than %d nodes are made; is there a "
		    "loop without end?",
		    XSL_NODES_MAX);
	if (run->bytes > XSL_BYTES_MAX)
		return xsl_fail(
		    run, "more than %d bytes are made", XSL_BYTES_MAX);
	if (clock_mono_ms() - run->began_ms > XSL_TIME_MAX_MS)
		return xsl_fail(
		    run, "it takes longer than %d ms", XSL_TIME_MAX_MS);
	return 0;
}

/* What was added to the text in hand counts; one that is no longer in hand,
 * as that of a variable with one instruction in it, as a whole, once. */
static void
weigh_text(struct xsl_run *run)
{
	const xsltTransformContext *ctxt = run->ctxt;
	const xmlNode *last = ctxt->insert ? ctxt->insert->last : NULL;
	size_t len = ctxt->lasttext ? (size_t)ctxt->lasttuse : 0;

	if (!len)
		return;
	if (last && markup_is_text(last) && last->content == ctxt->lasttext) {
		bool grown = last == run->text && len >= run->text_len;

		run->bytes += grown ? len - run->text_len : len;
		run->text = last;
		run->text_len = len;
	} else if (ctxt->lasttext != run->closed) {
		run->bytes += len;
		run->closed = ctxt->lasttext;
	}
}

/* Add what is in a tree, at most so many nodes of it. */
static void
weigh_tree(struct xsl_run *run, const xmlNode *top, size_t max)
{
	const xmlNode *node = top;

	for (size_t n = 0; node && n < max; n++) {
		run->nodes++;
		if (markup_is_text(node) && node->content &&
		    node->content != run->ctxt->lasttext)
			run->bytes += strlen((const char *)node->content);
		if (node->children && node->type != XML_ENTITY_REF_NODE &&
		    node->type != XML_ATTRIBUTE_NODE) {
			node = node->children;
			continue;
		}
		while (node != top && !node->next)
			node = node->parent;
		node = node == top ? NULL : node->next;
	}
}

void
xsl_weigh(struct xsl_run *run, const xmlNode *tree)
{
	weigh_tree(run, tree, XSL_NODES_MAX);
	(void)(xsl_check_cost(run) == 0);
}

/* One text that grows and grows is not read anew in each round. */
static bool
is_known_text(struct xsl_run *run, const xmlNode *last)
{
	enum { ROUNDS = 64 };
	bool known = last == run->seen && run->seen_rounds++ < ROUNDS;

	if (!known)
		run->seen_rounds = 0;
	run->seen = markup_is_text(last) ? last : NULL;
	return known;
}

/* Once in each template and round of a loop: what the round before left. */
static void
tick(xsltTransformContext *ctxt, xmlNode *node, xmlNode *inst,
    xsltElemPreComp *comp)
{
	enum { LOOKED_AT = 64 };
	struct xsl_run *run = ctxt->_private;

	(void)node;
	(void)inst;
	(void)comp;
	if (ctxt->insert && ctxt->insert->type == XML_ELEMENT_NODE &&
	    ctxt->insert->last && !is_known_text(run, ctxt->insert->last))
		weigh_tree(run, ctxt->insert->last, LOOKED_AT);
	(void)(xsl_check_cost(run) == 0);
}

/* libxslt calls its debugger before each instruction: the one place that sees
 * what makes text of text of text, in few instructions. */
static void
on_instruction(xmlNode *inst, xmlNode *node, xsltTemplate *template,
    xsltTransformContext *ctxt)
{
	struct xsl_run *run = ctxt->_private;

	(void)template;
	run->inst = inst;
	if (run->page->trace)
		xsltrace_instruction(run, inst, node);
	weigh_text(run);
	if (ctxt->lasttuse > XSL_TEXT_MAX)
		(void)(xsl_fail(run, "more than %d bytes of one text are made",
			   XSL_TEXT_MAX) == 0);
	else
		(void)(xsl_check_cost(run) == 0);
}

static int
on_call(xsltTemplate *template, xmlNode *source)
{
	(void)template;
	(void)source;
	return 0;
}

static void
on_return(void)
{
}

void
xslfunc_init(void)
{
	static struct {
		xsltHandleDebuggerCallback handle;
		xsltAddCallCallback add;
		xsltDropCallCallback drop;
	} callbacks = {on_instruction, on_call, on_return};

	must(xsltSetDebuggerCallbacks(3, &callbacks) == 0);
}

/* ---- document() ---- */

static xmlDoc *
read_document(struct xsl_run *run, const char *href, struct err *err)
{
	struct xsl_made *made = run->made;
	const struct rules *rules = run->sheet->rules;
	struct arena *arena = run->page->arena;
	const char *path;
	xmlDoc *doc = NULL;

	path = *href == '/' ? href
			    : arena_printf(arena, "%s/%s", rules->folder, href);
	for (size_t i = 0; i < made->files_count; i++)
		if (strcmp(made->files[i].path, path) == 0)
			return made->files[i].doc;
	if (made->files_count == XSL_FILES_MAX) {
		err_set(err, "document(): more than %d files", XSL_FILES_MAX);
		return NULL;
	}
	if (!rules_may_read(rules, path)) {
		err_set(err,
		    "document('%s'): not there, or not below the folder of "
		    "the rules",
		    href);
		return NULL;
	}
	dependency_note(rules, path);
	if (source_document(&doc, path, err) != 0)
		return NULL;
	made->files[made->files_count].path = mem_strdup(path);
	made->files[made->files_count++].doc = doc;
	return doc;
}

static int
add_document(struct xsl_run *run, const char *href, xmlNodeSet *set)
{
	struct err err;
	xmlDoc *doc =
	    *href ? read_document(run, href, &err) : run->made->style->doc;

	if (!doc)
		return xsl_fail(run, "%s", err.text);
	xmlXPathNodeSetAdd(set, (xmlNode *)doc);
	return 0;
}

static int
add_documents(struct xsl_run *run, const xmlXPathObject *names, xmlNodeSet *set)
{
	const xmlNodeSet *nodes = names->nodesetval;
	int rc = 0;

	for (int i = 0; rc == 0 && nodes && i < nodes->nodeNr; i++) {
		xmlChar *text = xmlXPathCastNodeToString(nodes->nodeTab[i]);

		rc = add_document(run, text ? (char *)text : "", set);
		xmlFree(text);
	}
	return rc;
}

static void
document(xmlXPathParserContext *ctxt, int nargs)
{
	struct xsl_run *run = run_of(ctxt);
	xmlXPathObject *names, *set;
	xmlChar *text;
	int rc;

	if (nargs == 2) {
		xmlXPathFreeObject(valuePop(ctxt));
		nargs = 1;
	}
	CHECK_ARITY(1);
	names = valuePop(ctxt);
	set = xmlXPathNewNodeSet(NULL);
	if (names->type == XPATH_NODESET) {
		rc = add_documents(run, names, set->nodesetval);
		xmlXPathFreeObject(names);
	} else {
		names = xmlXPathConvertString(names);
		text = names->stringval;
		rc = add_document(
		    run, text ? (char *)text : "", set->nodesetval);
		xmlXPathFreeObject(names);
	}
	if (rc != 0) {
		xmlXPathFreeObject(set);
		xmlXPathSetError(ctxt, XPATH_EXPR_ERROR);
		return;
	}
	valuePush(ctxt, set);
}

void
xslfunc_register(struct xsl_run *run)
{
	static const struct {
		const char *name;
		xmlXPathFunction function;
	} functions[] = {
	    {"holds", holds},
	    {"path", path},
	    {"select", select_nodes},
	    {"rule", rule},
	    {"phase", phase},
	};

	for (size_t i = 0; i < COUNT_OF(functions); i++)
		must(xsltRegisterExtFunction(run->ctxt,
			 BAD_CAST functions[i].name, BAD_CAST SHEET_NS,
			 functions[i].function) == 0);
	must(xsltRegisterExtElement(
		 run->ctxt, BAD_CAST "tick", BAD_CAST SHEET_NS, tick) == 0);
	/* Libxslt's own goes first: a name has one function. */
	xmlXPathRegisterFunc(run->ctxt->xpathCtxt, BAD_CAST "document", NULL);
	must(xmlXPathRegisterFunc(
		 run->ctxt->xpathCtxt, BAD_CAST "document", document) == 0);
}
