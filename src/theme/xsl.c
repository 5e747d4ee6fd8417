/* theme/xsl.c - stylesheets of a thread, transforms of a page (contract:
 * theme/xsl.h) */
#include "theme/xsl.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/parser.h>
#include <libxml/xpathInternals.h>
#include <libexslt/exslt.h>
#include <libxslt/documents.h>
#include <libxslt/security.h>
#include <libxslt/templates.h>
#include <libxslt/transform.h>
#include <libxslt/variables.h>
#include <libxslt/xslt.h>
#include <libxslt/xsltutils.h>

#include "base/clock.h"
#include "base/mem.h"
#include "theme/markup.h"
#include "theme/xslrun.h"

/* ---- libxslt's words ---- */

/* Where this thread's complaints go. */
struct sink {
	char *words;
	size_t size;
};

static _Thread_local struct sink *sink;

static void
add_words(char *words, size_t size, const char *format, va_list args)
{
	size_t n = strlen(words);

	if (n + 1 < size)
		vsnprintf(words + n, size - n, format, args);
}

/* libxslt has one function for the whole process. */
static void PRINTF(2, 3) on_generic(void *arg, const char *format, ...)
{
	va_list args;

	(void)arg;
	if (!sink)
		return;
	va_start(args, format);
	add_words(sink->words, sink->size, format, args);
	va_end(args);
}

static void
on_structured(void *arg, xmlError *error)
{
	struct sink *to = arg;
	size_t n = strlen(to->words);

	if (error->message && n + 1 < to->size)
		snprintf(to->words + n, to->size - n, "%s", error->message);
}

static void PRINTF(2, 3) on_transform(void *arg, const char *format, ...)
{
	struct xsl_run *run = arg;
	va_list args;

	va_start(args, format);
	add_words(run->words, sizeof(run->words), format, args);
	va_end(args);
}

static void
on_xpath(void *arg, xmlError *error)
{
	struct xsl_run *run = arg;

	if (!run->words[0])
		snprintf(run->words, sizeof(run->words), "XPath '%.200s': %s\n",
		    error->str1 ? error->str1 : "", xpath_words(error->code));
}

/* "... line 12 element value-of\nwords": where in the rules, and the words. */
static const struct sheet_line *
find_line(const struct sheet *sheet, const char *words)
{
	const char *at = strstr(words, "line ");
	size_t line = at ? (size_t)strtoul(at + 5, NULL, 10) : 0;

	if (line < 2 || line - 2 >= sheet->lines_count ||
	    !sheet->lines[line - 2].source)
		return NULL;
	return &sheet->lines[line - 2];
}

static const char *
after_place(const char *words)
{
	const char *newline = strchr(words, '\n');

	if (strstr(words, "error: ") == words + strcspn(words, ":") - 5 &&
	    newline && newline[1])
		return newline + 1;
	return words;
}

/* What libxslt says of depth is for those who run xsltproc. */
static const char *
plainly(const char *words)
{
	if (strstr(words, "infinite template recursion") ||
	    strstr(words, "xsltMaxDepth"))
		return "templates go on without end, or too deep; does one "
		       "apply templates to its own node? In an <include>, "
		       "method=\"raw\" ends that";
	if (strstr(words, "Operation limit exceeded"))
		return "it takes too many instructions";
	return words;
}

/* The first complaint as one line, where it was. */
static void
explain(const struct sheet *sheet, const char *words, struct err *err)
{
	const struct sheet_line *line = find_line(sheet, words);
	char flat[400];
	size_t n = 0;

	for (const char *p = plainly(after_place(words));
	     *p && n + 1 < sizeof(flat) &&
	     strncmp(p, "runtime error: file", 19) != 0 &&
	     strncmp(p, "compilation error: file", 23) != 0;
	     p++)
		if (*p != '\n')
			flat[n++] = *p;
		else if (p[1])
			flat[n++] = ' ';
	while (n > 0 && (flat[n - 1] == ' ' || flat[n - 1] == '.'))
		n--;
	flat[n] = '\0';
	if (n == 0)
		snprintf(flat, sizeof(flat), "it failed without a word");
	if (line)
		rules_fail(err, line->source, line->line, "xsl: %s", flat);
	else
		err_set(err, "xsl: %s", flat);
}

/* libxml2 prints some complaints by a function of the thread. */
struct quiet {
	xmlGenericErrorFunc generic;
	void *generic_arg;
	xmlStructuredErrorFunc structured;
	void *structured_arg;
	struct sink *sink;
};

static struct quiet
hush(struct sink *mine)
{
	struct quiet before = {xmlGenericError, xmlGenericErrorContext,
	    xmlStructuredError, xmlStructuredErrorContext, sink};

	sink = mine;
	xmlSetGenericErrorFunc(NULL, on_generic);
	xmlSetStructuredErrorFunc(mine, on_structured);
	return before;
}

static void
unhush(struct quiet before)
{
	sink = before.sink;
	xmlSetGenericErrorFunc(before.generic_arg, before.generic);
	xmlSetStructuredErrorFunc(before.structured_arg, before.structured);
}

/* ---- once in the process ---- */

static pthread_once_t is_up = PTHREAD_ONCE_INIT;
static xsltSecurityPrefs *forbidden;

static void
bring_up(void)
{
	static const xsltSecurityOption all[] = {XSLT_SECPREF_READ_FILE,
	    XSLT_SECPREF_WRITE_FILE, XSLT_SECPREF_CREATE_DIRECTORY,
	    XSLT_SECPREF_READ_NETWORK, XSLT_SECPREF_WRITE_NETWORK};

	rules_init();
	xsltInit();
	xsltSetGenericErrorFunc(NULL, on_generic);
	exsltCommonRegister();
	exsltMathRegister();
	exsltSetsRegister();
	exsltDateRegister();
	exsltStrRegister();
	exsltDynRegister();
	forbidden = xsltNewSecurityPrefs();
	must(forbidden);
	for (size_t i = 0; i < COUNT_OF(all); i++)
		must(xsltSetSecurityPrefs(
			 forbidden, all[i], xsltSecurityForbid) == 0);
	xsltSetDefaultSecurityPrefs(forbidden);
}

static void
init(void)
{
	pthread_once(&is_up, bring_up);
}

/* ---- stylesheets ---- */

static xsltStylesheet *
make_style(const struct sheet *sheet, struct err *err)
{
	char words[800] = "";
	struct sink mine = {words, sizeof(words)};
	struct quiet before;
	xsltStylesheet *style = NULL;
	xmlDoc *doc;

	init();
	before = hush(&mine);
	doc = xmlReadMemory(sheet->text, (int)sheet->len, "rules", NULL,
	    XML_PARSE_NONET | XML_PARSE_BIG_LINES);
	if (doc)
		style = xsltParseStylesheetDoc(doc);
	if (doc && !style)
		xmlFreeDoc(doc);
	unhush(before);
	if (!style)
		explain(sheet, words, err);
	return style;
}

CHECKED int
xsl_check(const struct sheet *sheet, struct err *err)
{
	xsltStylesheet *style = make_style(sheet, err);

	if (!style)
		return -1;
	xsltFreeStylesheet(style);
	return 0;
}

/* The number in an attribute of ours; -1: it has none. */
static long
number_of(const xsltTemplate *template, const char *name)
{
	xmlChar *text = template->elem ? xmlGetNsProp(template->elem,
					     BAD_CAST name, BAD_CAST SHEET_NS)
				       : NULL;
	long number = text ? strtol((char *)text, NULL, 10) : -1;

	xmlFree(text);
	return number;
}

static void
find_templates(struct xsl_made *made, const struct sheet *sheet)
{
	made->parts_count = sheet->parts_count;
	made->bodies_count = sheet->rules->count;
	made->parts =
	    mem_new_array(made->parts_count + 1, sizeof(xsltTemplate *));
	made->bodies =
	    mem_new_array(made->bodies_count + 1, sizeof(xsltTemplate *));
	made->rules_count = sheet->templates_count;
	made->rules =
	    mem_new_array(made->rules_count + 1, sizeof(xsltTemplate *));
	for (xsltTemplate *t = made->style->templates; t; t = t->next) {
		long part = number_of(t, "part"), body = number_of(t, "body");
		long rule = number_of(t, "rule");

		if (part >= 0 && (size_t)part < made->parts_count)
			made->parts[part] = t;
		if (body >= 0 && (size_t)body < made->bodies_count)
			made->bodies[body] = t;
		if (rule >= 0 && (size_t)rule < made->rules_count)
			made->rules[rule] = t;
	}
}

static void
made_clear(struct xsl_made *made)
{
	if (made->style)
		xsltFreeStylesheet(made->style);
	for (size_t i = 0; i < made->files_count; i++) {
		mem_free(&made->files[i].path);
		xmlFreeDoc(made->files[i].doc);
	}
	mem_free(&made->parts);
	mem_free(&made->bodies);
	mem_free(&made->rules);
	memset(made, 0, sizeof(*made));
}

struct xsl_shop *
xsl_shop_new(void)
{
	return mem_new(sizeof(struct xsl_shop));
}

void
xsl_shop_free(struct xsl_shop **shop)
{
	if (!*shop)
		return;
	for (size_t i = 0; i < COUNT_OF((*shop)->made); i++)
		made_clear(&(*shop)->made[i]);
	xslregexp_free(*shop);
	mem_free(shop);
}

/* This thread's stylesheet of a sheet; the one that was used least lately
 * makes room. */
static struct xsl_made *
find_made(struct xsl_shop *shop, const struct sheet *sheet, struct err *err)
{
	struct xsl_made *oldest = &shop->made[0];

	shop->clock++;
	for (size_t i = 0; i < COUNT_OF(shop->made); i++) {
		struct xsl_made *made = &shop->made[i];

		if (made->serial == sheet->serial) {
			made->used = shop->clock;
			return made;
		}
		if (made->used < oldest->used)
			oldest = made;
	}
	made_clear(oldest);
	oldest->style = make_style(sheet, err);
	if (!oldest->style)
		return NULL;
	oldest->serial = sheet->serial;
	oldest->used = shop->clock;
	find_templates(oldest, sheet);
	return oldest;
}

/* ---- transforms ---- */

/* Where in the rules the instruction in hand stands, or NULL. */
static const struct sheet_line *
line_in_hand(const struct xsl_run *run)
{
	long at = run->ctxt->inst ? xmlGetLineNo(run->ctxt->inst) : 0;

	if (at < 2 || (size_t)at - 2 >= run->sheet->lines_count ||
	    !run->sheet->lines[at - 2].source)
		return NULL;
	return &run->sheet->lines[at - 2];
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
	if (line)
		return rules_fail(
		    &run->why, line->source, line->line, "xsl: %s", words);
	return err_set(&run->why, "%s", words);
}

/* What went wrong goes to the page. */
static int
give_up(struct xsl_run *run)
{
	if (!run->failed) {
		run->failed = true;
		explain(run->sheet, run->words, &run->why);
	}
	*run->page->err = run->why;
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

static void
set_up_context(struct xsl_run *run)
{
	xsltTransformContext *ctxt = run->ctxt;
	struct page *page = run->page;

	ctxt->_private = run;
	xsltSetTransformErrorFunc(ctxt, run, on_transform);
	must(xsltSetCtxtSecurityPrefs(forbidden, ctxt) == 0);
	ctxt->maxTemplateDepth = XSL_DEPTH_MAX;
	ctxt->maxTemplateVars = XSL_VARIABLES_MAX;
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
	xslfunc_register(run);
	xslapply_register(run);
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

static void
set_context(struct xsl_run *run, xmlNode *node)
{
	xsltTransformContext *ctxt = run->ctxt;

	xsl_know_document(run, node->doc);
	ctxt->node = node;
	ctxt->xpathCtxt->node = node;
	ctxt->xpathCtxt->doc = node->doc;
	ctxt->xpathCtxt->contextSize = 1;
	ctxt->xpathCtxt->proximityPosition = 1;
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
	work->before = hush(&work->sink);
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
	unhush(work->before);
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
	run->made = find_made(page->shop, run->sheet, page->err);
	if (!run->made)
		return NULL;
	run->ctxt = xsltNewTransformContext(run->made->style, page->doc);
	must(run->ctxt);
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
begin_fragment(struct xsl_run *run, xmlNode *node)
{
	xmlNode *root =
	    xmlNewDocNode(run->output, NULL, BAD_CAST "fragment", NULL);

	must(root);
	run->words[0] = '\0';
	set_context(run, node);
	run->ctxt->insert = root;
	run->ctxt->lasttext = NULL; /* it may be freed by now */
	return root;
}

static int
end_fragment(struct xsl_run *run, xmlNode *root, xmlNode **out)
{
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

static int
run_template(struct page *page, struct xsl_run *run, xsltTemplate *template,
    xmlNode *node, xmlNode **out)
{
	struct work work;
	xmlNode *root;

	if (run->ctxt->state != XSLT_STATE_OK || run->failed)
		return give_up(run);
	must(template);
	root = begin_fragment(run, node ? node : (xmlNode *)page->doc);
	work_begin(&work, run);
	xsltApplyOneTemplate(
	    run->ctxt, run->ctxt->node, template->content, template, NULL);
	work_end(&work, run);
	return end_fragment(run, root, out);
}

CHECKED int
xsl_body(struct page *page, uint32_t rule, xmlNode *context, xmlNode **out)
{
	struct xsl_run *run = get_run(page);

	if (!run)
		return -1;
	must(rule < run->made->bodies_count);
	return run_template(page, run, run->made->bodies[rule], context, out);
}

CHECKED int
xsl_part(struct page *page, uint32_t number, xmlNode *node, xmlNode **out)
{
	struct xsl_run *run = get_run(page);

	if (!run)
		return -1;
	must(number < run->made->parts_count);
	return run_template(page, run, run->made->parts[number], node, out);
}

CHECKED int
xsl_mode(struct page *page, const char *mode, xmlNode *node, xmlNode **out)
{
	struct xsl_run *run = get_run(page);
	struct work work;
	xmlNode *root;

	if (!run)
		return -1;
	if (run->ctxt->state != XSLT_STATE_OK || run->failed)
		return give_up(run);
	root = begin_fragment(run, node);
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
