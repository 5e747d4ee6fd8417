/* theme/xsl.c - the transform of a page (contract: theme/xsl.h) */
#include "theme/xsl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <libxml/xpathInternals.h>
#include <libxslt/documents.h>
#include <libxslt/templates.h>
#include <libxslt/transform.h>
#include <libxslt/variables.h>
#include <libxslt/xsltutils.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dom/xpath_func.h"
#include "dom/order.h"
#include "theme/markup.h"
#include "theme/xslheld.h"
#include "theme/xslrun.h"

/* ---- transforms ---- */

/* Where in the rules an instruction stands, or NULL. */
static const struct sheet_line *
line_of(const struct xsl_run *run, const xmlNode *inst)
{
	long at = inst ? xmlGetLineNo(inst) : 0;

	if (at < 2 || (size_t)at - 2 >= run->sheet->lines_count ||
	    !run->sheet->lines[at - 2].source)
		return NULL;
	return &run->sheet->lines[at - 2];
}

/* That of the one in hand. */
static const struct sheet_line *
line_in_hand(const struct xsl_run *run)
{
	return line_of(run, run->ctxt->inst);
}

/* libxslt does not always say where: a message and an xsl:sort have no line of
 * their own. */
static void PRINTF(2, 3) on_transform(void *arg, const char *format, ...)
{
	struct xsl_run *run = arg;
	va_list args;

	run->at = line_in_hand(run);
	va_start(args, format);
	xsl_add_words(run->words, sizeof(run->words), format, args);
	va_end(args);
}

static void
on_xpath(void *arg, xmlError *error)
{
	struct xsl_run *run = arg;

	if (run->words[0])
		return;
	run->at = line_in_hand(run);
	if (error->code == XML_XPATH_EXPRESSION_OK + XPATH_OP_LIMIT_EXCEEDED)
		snprintf(run->words, sizeof(run->words),
		    "XPath: it takes too many operations, or makes too much "
		    "text; xpath_max_ops says how many it may\n");
	else if (error->str1 && *error->str1)
		snprintf(run->words, sizeof(run->words), "XPath '%.200s': %s\n",
		    error->str1, xpath_words(error->code));
	else
		snprintf(run->words, sizeof(run->words), "XPath: %s\n",
		    xpath_words(error->code));
}

int
xsl_fail(struct xsl_run *run, const char *format, ...)
{
	const struct sheet_line *line = line_in_hand(run);
	char words[sizeof(run->why.text)];
	va_list args;

	run->ctxt->state = XSLT_STATE_STOPPED;
	if (run->failed)
		return -1;
	run->failed = true;
	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	run->placed = line != NULL;
	if (line)
		return rules_fail(
		    &run->why, line->source, line->line, "xsl: %s", words);
	return err_set(&run->why, "%s", words);
}

/* xsl:message says nothing but its own words, if any. */
static void
explain_message(struct xsl_run *run)
{
	const xmlNode *inst = run->inst; /* it, or the last in it */
	char said[sizeof(run->words)];

	while (inst && inst->type != XML_DOCUMENT_NODE &&
	       strcmp((const char *)inst->name, "message") != 0)
		inst = inst->parent;
	if (run->ctxt->state != XSLT_STATE_STOPPED || !inst ||
	    inst->type == XML_DOCUMENT_NODE)
		return;
	snprintf(said, sizeof(said), "%s", run->words);
	snprintf(run->words, sizeof(run->words),
	    "message terminate=\"yes\"%s%.700s", *said ? ": " : "", said);
}

/* What went wrong goes to the page. */
static int
give_up(struct xsl_run *run)
{
	const struct sheet_line *at;

	if (!run->failed) {
		run->failed = true;
		explain_message(run);
		run->placed = xsl_explain(run->sheet, run->words, &run->why);
		at = run->at ? run->at : line_of(run, run->inst);
		if (!run->placed && at) {
			err_prefix(
			    &run->why, "%s:%ld", at->source->name, at->line);
			run->placed = true;
		}
	}
	*run->page->err = run->why;
	return -1;
}

int
xsl_blame(struct page *page, const struct source *source, long line)
{
	struct xsl_run *run = page->xsl;

	if (!xsl_has_failed(page))
		return err_prefix(page->err, "%s:%ld", source->name, line);
	(void)give_up(run);
	if (!run->placed)
		err_prefix(&run->why, "%s:%ld", source->name, line);
	run->placed = true;
	*page->err = run->why;
	return -1;
}

static bool
is_overridden(const struct dress_ask *ask, size_t from, const char *name)
{
	for (size_t i = from; i < ask->params_count; i++)
		if (strcmp(ask->params[i].name, name) == 0)
			return true;
	return false;
}

static void
set_param(struct xsl_run *run, const char *name, const char *value)
{
	if (value)
		xsltQuoteOneUserParam(run->ctxt, BAD_CAST name, BAD_CAST value);
	else
		xsltEvalOneUserParam(run->ctxt, BAD_CAST name, BAD_CAST "/..");
}

static void
set_params(struct xsl_run *run)
{
	const struct dress_ask *ask = run->page->ask;

	if (!is_overridden(ask, 0, "path"))
		set_param(run, "path", ask->path ? ask->path : "");
	for (size_t i = 0; i < ask->params_count; i++)
		if (!is_overridden(ask, i + 1, ask->params[i].name))
			set_param(
			    run, ask->params[i].name, ask->params[i].value);
}

/* libxslt gives a copy each time, however long the value is. */
static xmlXPathObject *
look_up(void *arg, const xmlChar *name, const xmlChar *ns)
{
	struct xsl_run *run = arg;
	xmlXPathObject *object = xsltXPathVariableLookup(run->ctxt, name, ns);

	xpath_func_count_copy(run->ctxt->xpathCtxt, object);
	return object;
}

static void
set_up_context(struct xsl_run *run)
{
	xsltTransformContext *ctxt = run->ctxt;
	struct page *page = run->page;

	ctxt->_private = run;
	xsltSetTransformErrorFunc(ctxt, run, on_transform);
	must(xsltSetCtxtSecurityPrefs(xsl_forbidden, ctxt) == 0);
	ctxt->maxTemplateDepth = XSL_DEPTH_MAX;
	ctxt->maxTemplateVars = XSL_VARIABLES_MAX;
	ctxt->debugStatus = XSLT_DEBUG_CONT;
	ctxt->opLimit = XSL_OPERATIONS_MAX;
	ctxt->xpathCtxt->error = on_xpath;
	ctxt->xpathCtxt->userData = run;
	ctxt->xpathCtxt->opLimit = dress_operations(page->ask);
	/* The table that it begins with is the stylesheet's. */
	ctxt->xpathCtxt->nsHash = NULL;
	for (const struct prefix *p = run->sheet->rules->prefixes; p;
	     p = p->next)
		xmlXPathRegisterNs(
		    ctxt->xpathCtxt, BAD_CAST p->name, BAD_CAST p->href);
	xpath_register_prefixes(ctxt->xpathCtxt);
	xmlXPathRegisterVariableLookup(ctxt->xpathCtxt, look_up, run);
	must(xmlXPathRegisterNs(ctxt->xpathCtxt, BAD_CAST SHEET_PREFIX,
		 BAD_CAST SHEET_NS) == 0);
	xslfunc_register(run);
	xslapply_register(run);
	xslheld_register(run);
	xslexslt_register(run);
	xslregexp_register(run);
}

/* libxslt keeps a record of each document that it meets. They are ours. */
void
xsl_know_document(struct xsl_run *run, xmlDoc *doc)
{
	xsltDocument *document = xsltFindDocument(run->ctxt, doc);

	if (!document)
		document = xsltNewDocument(run->ctxt, doc);
	must(document);
	document->main = 1;
	run->ctxt->document = document;
}

static struct nth
nth_of(struct xsl_run *run, const xmlNode *node)
{
	const struct nth *given = &run->page->nth;

	return given->size ? *given
			   : siblings_nth(&run->siblings, node,
				 given->position == NTH_APART);
}

static void
set_context(struct xsl_run *run, xmlNode *node)
{
	xsltTransformContext *ctxt = run->ctxt;
	struct nth nth = nth_of(run, node);

	xsl_know_document(run, node->doc);
	ctxt->node = node;
	ctxt->xpathCtxt->node = node;
	ctxt->xpathCtxt->doc = node->doc;
	ctxt->xpathCtxt->contextSize = nth.size;
	ctxt->xpathCtxt->proximityPosition = nth.position;
}

static void
start(struct xsl_run *run)
{
	xsltTransformContext *ctxt = run->ctxt;
	xmlDoc *doc = run->page->doc;

	run->output = xmlNewDoc(BAD_CAST "1.0");
	must(run->output);
	run->output->dict = ctxt->dict;
	xmlDictReference(ctxt->dict);
	ctxt->output = run->output;
	ctxt->insert = (xmlNode *)run->output;
	ctxt->initialContextDoc = doc;
	ctxt->initialContextNode = (xmlNode *)doc;
	/* Only then it looks for a key that a document has no table of. */
	for (const struct sheet_part *p = run->sheet->rules->sheet; p;
	     p = p->next)
		if (strcmp((const char *)p->node->name, "key") == 0)
			ctxt->nbKeys++;
	set_context(run, (xmlNode *)doc);
	set_params(run);
	xsltEvalGlobalVariables(ctxt);
}

/* Steps of XPath count for the page, whoever made them. */
struct work {
	struct quiet before;
	struct sink sink;
	unsigned long outer; /* of the evaluation that this is part of */
	unsigned long spent;
};

static void
work_begin(struct work *work, struct xsl_run *run)
{
	work->sink.words = run->words;
	work->sink.size = sizeof(run->words);
	work->before = xsl_hush(&work->sink);
	work->outer = run->ctxt->xpathCtxt->opCount;
	work->spent = xpath_eval_spent(run->page->eval);
	run->ctxt->xpathCtxt->opCount = work->spent;
}

static void
work_end(struct work *work, struct xsl_run *run)
{
	unsigned long mine = run->ctxt->xpathCtxt->opCount - work->spent;

	run->ctxt->xpathCtxt->opCount = work->outer + mine;
	xpath_eval_spend(run->page->eval, mine);
	xsl_unhush(work->before);
}

/* The page's transform; NULL: page->err says why there is none. */
static struct xsl_run *
get_run(struct page *page)
{
	struct xsl_run *run = page->xsl;
	struct work work;

	if (run)
		return run;
	run = arena_get(page->arena, sizeof(*run));
	run->page = page;
	run->sheet = page->program->sheet;
	run->made = xsl_find_made(page->shop, run->sheet, page->err);
	if (!run->made)
		return NULL;
	run->ctxt = xsltNewTransformContext(run->made->style, page->doc);
	must(run->ctxt);
	order_mend(page->doc); /* that call has numbered its elements */
	run->began_ms = clock_mono_ms();
	set_up_context(run);
	page->xsl = run;
	work_begin(&work, run);
	start(run);
	work_end(&work, run);
	return run;
}

bool
xsl_has_failed(const struct page *page)
{
	const struct xsl_run *run = page->xsl;

	return run && (run->failed || run->ctxt->state != XSLT_STATE_OK);
}

void
xsl_reason(struct page *page)
{
	struct xsl_run *run = page->xsl;

	if (xsl_has_failed(page))
		(void)(give_up(run) == 0);
}

void
xsl_end(struct page *page)
{
	struct xsl_run *run = page->xsl;

	if (!run)
		return;
	page->xsl = NULL;
	xmlXPathRegisteredNsCleanup(run->ctxt->xpathCtxt);
	xsltFreeTransformContext(run->ctxt);
	if (run->output)
		xmlFreeDoc(run->output);
}

/* ---- fragments ---- */

static xmlNode *
begin_fragment(struct xsl_run *run, xmlNode *node, unsigned flags)
{
	xmlNode *root =
	    xmlNewDocNode(run->output, NULL, BAD_CAST "fragment", NULL);

	must(root);
	run->words[0] = '\0';
	run->at = NULL;
	run->inst = NULL;
	set_context(run, node);
	run->fragment = flags ? NULL : root;
	run->ctxt->insert = root;
	run->ctxt->lasttext = NULL; /* it may be freed by now */
	return root;
}

static int
end_fragment(struct xsl_run *run, xmlNode *root, xmlNode **out)
{
	run->fragment = NULL;
	run->ctxt->insert = (xmlNode *)run->output;
	run->ctxt->lasttext = NULL;
	if (run->ctxt->state != XSLT_STATE_OK || run->failed) {
		xmlFreeNode(root);
		return give_up(run);
	}
	*out = root;
	return 0;
}

void
xsl_fragment_free(xmlNode **fragment)
{
	if (*fragment)
		xmlFreeNode(*fragment);
	*fragment = NULL;
}

CHECKED int
xsl_tick(struct page *page)
{
	return xsl_check_cost(page->xsl) == 0 ? 0 : give_up(page->xsl);
}

bool
xsl_has_params(const xsltTemplate *template)
{
	for (const xmlNode *n = template->content; n; n = n->next)
		if (n->type == XML_ELEMENT_NODE)
			return strcmp((const char *)n->name, "param") == 0;
	return false;
}

static int
run_template(struct page *page, struct xsl_run *run, xsltTemplate *template,
    xmlNode *node, unsigned flags, xmlNode **out)
{
	struct work work;
	xmlNode *root;

	if (run->ctxt->state != XSLT_STATE_OK || run->failed)
		return give_up(run);
	must(template);
	root = begin_fragment(run, node ? node : (xmlNode *)page->doc, flags);
	work_begin(&work, run);
	if (xsl_has_params(template))
		xsltProcessOneNode(run->ctxt, run->ctxt->node, NULL);
	else
		xsltApplyOneTemplate(run->ctxt, run->ctxt->node,
		    template->content, template, NULL);
	work_end(&work, run);
	return end_fragment(run, root, out);
}

CHECKED int
xsl_body(struct page *page, uint32_t rule, xmlNode *context, unsigned flags,
    xmlNode **out)
{
	struct xsl_run *run = get_run(page);

	if (!run)
		return -1;
	must(rule < run->made->bodies_count);
	return run_template(
	    page, run, run->made->bodies[rule], context, flags, out);
}

CHECKED int
xsl_part(struct page *page, uint32_t number, xmlNode *node, unsigned flags,
    xmlNode **out)
{
	struct xsl_run *run = get_run(page);

	if (!run)
		return -1;
	must(number < run->made->parts_count);
	return run_template(
	    page, run, run->made->parts[number], node, flags, out);
}

CHECKED int
xsl_mode(struct page *page, const char *mode, xmlNode *node, unsigned flags,
    xmlNode **out)
{
	struct xsl_run *run = get_run(page);
	struct work work;
	xmlNode *root;

	if (!run)
		return -1;
	if (run->ctxt->state != XSLT_STATE_OK || run->failed)
		return give_up(run);
	root = begin_fragment(run, node, flags);
	run->ctxt->mode = xmlDictLookup(run->ctxt->dict, BAD_CAST mode, -1);
	work_begin(&work, run);
	xsltProcessOneNode(run->ctxt, node, NULL);
	work_end(&work, run);
	run->ctxt->mode = NULL;
	return end_fragment(run, root, out);
}

/* ---- expressions ---- */

CHECKED int
xsl_select(
    struct page *page, const char *text, xmlNode *node, xmlXPathObject **out)
{
	struct xsl_run *run = get_run(page);
	xsltTransformContext *ctxt;
	xsltDocument *document;
	xmlNode *current;
	struct work work;
	int rc;

	if (!run)
		return -1;
	if (run->failed || run->ctxt->state != XSLT_STATE_OK)
		return give_up(run);
	ctxt = run->ctxt;
	document = ctxt->document;
	current = ctxt->node;
	ctxt->node = node ? node : (xmlNode *)page->doc;
	xsl_know_document(run, ctxt->node->doc);
	run->words[0] = '\0';
	run->at = NULL;
	run->inst = NULL;
	work_begin(&work, run);
	rc = xpath_eval_run_in(
	    page->eval, ctxt->xpathCtxt, text, ctxt->node, out, page->err);
	work_end(&work, run);
	ctxt->node = current;
	ctxt->document = document;
	if (run->failed)
		*page->err = run->why;
	return rc;
}

static xmlXPathObject *
on_variable(void *arg, const xmlChar *name, const xmlChar *ns)
{
	struct page *page = arg;
	struct xsl_run *run;

	if (ns ||
	    !words_have(&page->program->sheet->rules->variables, (char *)name))
		return NULL;
	run = get_run(page);
	return run ? xsltVariableLookup(run->ctxt, name, NULL) : NULL;
}

void
xsl_bind(struct page *page)
{
	if (page->program->sheet &&
	    page->program->sheet->rules->variables.count > 0)
		xpath_eval_on_variable(page->eval, on_variable, page);
}
