/* theme/apply.c - dressing one page: run the program, evaluate what it asks
 *
 * The content is parsed, the program's literals are copied, and at each hole
 * the content that its rule selects is written straight behind them. An
 * expression about the whole content is evaluated once a page however many
 * rules share it. The tree is this page's own; nothing else is written to. */
#include "theme/theme.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dom/html.h"
#include "dom/xhtml.h"
#include "theme/dress.h"
#include "theme/markup.h"
#include "theme/reading.h"
#include "theme/tracing.h"
#include "theme/xsl.h"
#include "theme/wardrobe.h"

enum {
	OUT_MAX_LEAST = 32 * 1024 * 1024,
	OUT_TIMES = 2, /* of what a page may be, it may become */
	PAGE_ARENA = 16384,
	WORK_ARENA = 12288,
	MEMORY_KEPT = 16 * 1024 * 1024, /* by a dresser between pages */
	WORK_KEPT = 256 * 1024,
	ADDS_PART = 16, /* of a page: what templates make more of it */
};

struct dresser {
	struct xpath_eval *eval;
	struct task *tasks;
	size_t tasks_room;
	struct wanted wanted;
	struct xsl_shop *shop;
	/* what a page needs, from page to page: its tree, and, in smaller
	 * pieces, as it is less, what is noted about it */
	struct arena *memory, *work;
};

struct dresser *
dresser_new(void)
{
	struct dresser *dresser = mem_new(sizeof(*dresser));

	rules_init();
	dresser->eval = xpath_eval_new();
	dresser->shop = xsl_shop_new();
	dresser->memory = arena_new(PAGE_ARENA);
	dresser->work = arena_new(WORK_ARENA);
	return dresser;
}

void
dresser_free(struct dresser **dresser)
{
	if (!*dresser)
		return;
	xpath_eval_free(&(*dresser)->eval);
	mem_free(&(*dresser)->tasks);
	wanted_fini(&(*dresser)->wanted);
	xsl_shop_free(&(*dresser)->shop);
	arena_free(&(*dresser)->memory);
	arena_free(&(*dresser)->work);
	mem_free(dresser);
}

const char *
dresser_wanted(const struct dresser *dresser, size_t i)
{
	return i < dresser->wanted.count ? dresser->wanted.list[i] : NULL;
}

/* ---- operations ---- */

/* The selector as it was written. An expression may be that of several rules,
 * each of which has its own words for it. */
static const char *
typed(const struct page *page, const struct op *op)
{
	const struct rule *rule = page->program->rules[op->b];

	return rule->body ? page->program->exprs[op->a].typed
			  : rule->pull.typed;
}

static void
note_unmatched(
    struct page *page, const struct op *op, const struct document *document)
{
	uint32_t number = op->b;
	const struct rule *rule = page->program->rules[number];
	struct arena *arena = page->arena;

	if (!page->ask->on_unmatched || page->unmatched[number])
		return;
	page->unmatched[number] = true;
	words_add(arena, &page->unmatched_words,
	    document && document->why
		? arena_printf(arena, "%s:%ld: %s: %s", rule->source->name,
		      rule->line, document->href, document->why)
		: arena_printf(arena, "%s:%ld: %s finds nothing in %s",
		      rule->source->name, rule->line, typed(page, op),
		      document && document->href ? document->href
						 : "the content"));
}

static void
tell_unmatched(const struct page *page)
{
	for (size_t i = 0; i < page->unmatched_words.count; i++)
		page->ask->on_unmatched(
		    page->ask->arg, page->unmatched_words.list[i]);
}

static int
rule_failed(struct page *page, uint32_t number)
{
	const struct rule *rule = page->program->rules[number];

	return err_prefix(page->err, "%s:%ld", rule->source->name, rule->line);
}

static int
not_nodes(struct page *page, const struct op *op)
{
	const struct rule *rule = page->program->rules[op->b];

	return rules_fail(page->err, rule->source, rule->line,
	    "%s selects no nodes but a value", typed(page, op));
}

static int
op_copy(struct page *page, const struct op *op, xmlNode *context)
{
	struct task task = {
	    .kind = TASK_NODES, .flags = op->flags, .mode = page->mode};
	struct document *document;
	xmlXPathObject *object;

	if (document_for(page, op->a, context, &document) != 0)
		return rule_failed(page, op->b);
	page->mode = NULL;
	if (document && !(op->flags & OP_RAW) && match_all(page, document) != 0)
		return -1;
	if (dress_select(page, op->a, context, &object, &task.owned) != 0)
		return -1;
	/* A variable's fragment is as good as nodes. */
	if (object->type != XPATH_NODESET && object->type != XPATH_XSLT_TREE) {
		xmlXPathFreeObject(task.owned);
		return not_nodes(page, op);
	}
	task.nodes = object->nodesetval;
	if (page->trace)
		tracing_copied(page, op->b, task.nodes);
	if (!task.nodes || task.nodes->nodeNr == 0) {
		xmlXPathFreeObject(task.owned);
		note_unmatched(page, op, document);
		return 0;
	}
	if (dress_push(page, &task) != 0) {
		xmlXPathFreeObject(task.owned);
		return -1;
	}
	return 0;
}

static int
op_xsl(struct page *page, const struct op *op, xmlNode *context)
{
	xmlNode *fragment;

	if (xsl_body(page, op->a, context, op->flags, &fragment) != 0)
		return -1;
	return fragment_write(page, &fragment, op->flags);
}

static int
op_value(struct page *page, const struct op *op, xmlNode *context)
{
	xmlXPathObject *object, *owned;
	xmlChar *text;

	if (dress_select(page, op->a, context, &object, &owned) != 0)
		return -1;
	text = xmlXPathCastToString(object);
	if (text)
		markup_write_value(
		    page->out, (char *)text, strlen((char *)text));
	xmlFree(text);
	xmlXPathFreeObject(owned);
	return 0;
}

static int
op_attributes(struct page *page, const struct op *op)
{
	const struct attribute_op *attributes =
	    &page->program->attributes[op->a];

	return tag_attributes(page, attributes);
}

/* Do one operation. *pc stands behind it already. */
static int
step(struct page *page, const struct op *op, xmlNode *context, uint32_t *pc)
{
	const struct program *program = page->program;
	struct task call = {
	    .kind = TASK_RUN, .node = context, .pc = op->a, .nth = page->nth};
	int yes;

	if (page->trace)
		tracing_step(page, op);
	switch ((enum op_kind)op->kind) {
	case OP_TEXT:
		tag_flush(page);
		buf_add(page->out, program->text.data + op->a, op->b);
		return 0;
	case OP_JUMP:
		*pc = op->a;
		return 0;
	case OP_IF:
	case OP_UNLESS:
		yes = dress_holds(page, op->b, context);
		if (yes == (op->kind == OP_IF))
			*pc = op->a;
		return yes < 0 ? -1 : 0;
	case OP_CALL:
		return dress_push(page, &call);
	case OP_COPY:
		return op_copy(page, op, context);
	case OP_VALUE:
		return op_value(page, op, context);
	case OP_OPEN:
		tag_open(page, program->names[op->a]);
		return 0;
	case OP_SET:
		tag_set(page, program->names[op->a], program->names[op->b]);
		return 0;
	case OP_ATTRS:
		return op_attributes(page, op);
	case OP_NOTHEME:
		page->chose_none = true;
		return 0;
	case OP_MODE:
		page->mode = program->names[op->a];
		return 0;
	case OP_XSL:
		return op_xsl(page, op, context);
	case OP_RULE:
		return 0;
	case OP_END:
		break;
	}
	must(!"OP_END is for run()");
	return -1;
}

/* Run until something was pushed on top, or the program's end. */
static int
run(struct page *page)
{
	size_t mine = page->tasks_count - 1;

	page->nth = page->tasks[mine].nth;
	while (page->tasks_count == mine + 1) {
		struct task *task = &page->tasks[mine];
		const struct op *op = &page->program->ops[task->pc];
		uint32_t pc = task->pc + 1;

		if (op->kind == OP_END || page->chose_none) {
			dress_pop(page);
			return 0;
		}
		if (step(page, op, task->node, &pc) != 0)
			return -1;
		page->tasks[mine].pc = pc;
		if (page->out->failed)
			return -1;
	}
	return 0;
}

static int
next_in_mode(struct page *page)
{
	struct task *task = &page->tasks[page->tasks_count - 1];
	unsigned flags = task->flags;
	xmlNode *fragment;

	if (xsl_mode(page, task->mode, task->nodes->nodeTab[task->next++],
		flags, &fragment) != 0)
		return -1;
	return fragment_write(page, &fragment, flags);
}

static int
next_node(struct page *page)
{
	struct task *task = &page->tasks[page->tasks_count - 1];

	if (task->next == task->nodes->nodeNr) {
		dress_pop(page);
		return 0;
	}
	page->nth = (struct nth){task->next + 1, task->nodes->nodeNr};
	if (task->mode)
		return next_in_mode(page);
	return walk_visit(
	    page, task->nodes->nodeTab[task->next++], task->flags);
}

static int
next_sibling(struct page *page)
{
	struct task *task = &page->tasks[page->tasks_count - 1];
	xmlNode *node = task->node;
	unsigned flags = task->flags;

	page->nth = task->nth;
	if (node->next && node != task->last)
		task->node = node->next;
	else
		dress_pop(page);
	return walk_visit(page, node, flags);
}

static int
one_task(struct page *page)
{
	struct task *task = &page->tasks[page->tasks_count - 1];
	xmlNode *node = task->node;

	switch (task->kind) {
	case TASK_RUN:
		return run(page);
	case TASK_NODES:
		return next_node(page);
	case TASK_SIBLINGS:
		return next_sibling(page);
	case TASK_OPEN:
		page->nth = task->nth;
		dress_pop(page);
		return walk_open(page, node);
	case TASK_CLOSE:
		dress_pop(page);
		tag_flush(page);
		html_write_close(page->out, node);
		return 0;
	case TASK_FRAGMENT:
		return fragment_go_on(page);
	}
	must(!"a task of no kind");
	return -1;
}

static int
work(struct page *page)
{
	while (page->tasks_count > 0) {
		if (page->trace)
			tracing_switch(
			    page, page->tasks[page->tasks_count - 1].rule);
		if (one_task(page) != 0 || page->out->failed) {
			if (page->out->failed)
				err_set(page->err,
				    "the dressed page is over %zu bytes "
				    "(themed_max)",
				    page->out->max);
			return -1;
		}
	}
	tag_flush(page);
	return 0;
}

/* ---- a page ---- */

/* No theme, but rules about content: the whole page through them. */
static int
filter(struct page *page)
{
	struct task task = {.kind = TASK_SIBLINGS, .node = page->doc->children};

	page->chose_none = false;
	if (page->doc->intSubset)
		html_write(page->out, (const xmlNode *)page->doc->intSubset);
	if (match_all(page, page->documents) != 0)
		return -1;
	if (task.node && dress_push(page, &task) != 0)
		return -1;
	return work(page);
}

static void
begin(struct page *page)
{
	document_new(page, NULL, page->doc);
	page->unmatched =
	    arena_get(page->arena, page->program->rules_count + 1);
	xpath_eval_begin(page->eval, page->doc, dress_operations(page->ask));
	xpath_eval_variable(
	    page->eval, "path", page->ask->path ? page->ask->path : "");
	for (size_t i = 0; i < page->ask->params_count; i++)
		xpath_eval_variable(page->eval, page->ask->params[i].name,
		    page->ask->params[i].value);
}

static enum dressed
chosen_none(struct page *page)
{
	if (!page->chose_none)
		return !page->program->compat &&
			       dress_is_of_frames(page->doc, page->err)
			   ? DRESSED_NOT
			   : DRESSED;
	if (!page->theme->is_filter && !page->program->compat)
		return DRESSED_NOT;
	if (page->theme->is_filter && !page->program->compat &&
	    page->program->templates_count == 0)
		return DRESSED_NOT;
	return filter(page) == 0 ? DRESSED : DRESSED_FAILED;
}

/* An xsl:template of "/" makes the page, and nothing else does. */
static int
whole_page(struct page *page)
{
	xmlNode *fragment;

	if (xsl_part(page, page->program->root_template, (xmlNode *)page->doc,
		0, &fragment) != 0 ||
	    fragment_write(page, &fragment, 0) != 0)
		return -1;
	return work(page);
}

/* As much as the page and the theme are together, which most pages become, in
 * one piece: what grows step by step is up to half empty, and is moved. */
static void
reserve(struct page *page)
{
	size_t len = page->ask->len;
	size_t size = len + page->program->text.len;

	if (page->program->sheet)
		size += len / ADDS_PART;
	if (size > page->out->max)
		size = page->out->max;
	(void)!buf_reserve(page->out, size);
}

static enum dressed
dress(struct page *page)
{
	struct task main = {.kind = TASK_RUN, .pc = page->program->start};

	begin(page);
	reserve(page);
	xsl_bind(page);
	if (page->program->has_root_template)
		return whole_page(page) == 0 ? DRESSED : DRESSED_FAILED;
	if (dress_push(page, &main) != 0 || work(page) != 0)
		return DRESSED_FAILED;
	return chosen_none(page);
}

static void
clean_up(struct page *page, struct dresser *dresser)
{
	while (page->tasks_count > 0)
		dress_pop(page);
	for (struct document *d = page->documents; d; d = d->next)
		document_forget(d, page->program->exprs_count);
	xsl_end(page);
	for (struct document *d = page->documents; d; d = d->next)
		document_free(d);
	dresser->tasks = page->tasks;
	dresser->tasks_room = page->tasks_room;
	xpath_eval_begin(dresser->eval, NULL, 0);
	html_free(&page->doc);
	arena_recycle(&dresser->memory, MEMORY_KEPT);
	arena_recycle(&dresser->work, WORK_KEPT);
}

struct html_limits
dress_limits(const struct dress_ask *ask)
{
	return (struct html_limits){
	    .bytes = ask->html_max_bytes,
	    .depth = ask->html_max_depth,
	    .attributes = ask->html_max_attributes,
	    .nodes = ask->html_max_nodes,
	};
}

unsigned long
dress_operations(const struct dress_ask *ask)
{
	enum { A_BYTE = 20 };

	return ask->xpath_max_ops
		   ? ask->xpath_max_ops
		   : XPATH_OPERATIONS_DEFAULT + A_BYTE * ask->len;
}

void
dress_prepare(struct page *page, xmlDoc *doc)
{
	if (page->theme->compat)
		markup_unix_lines(doc);
	if (page->theme->rules->strip.count > 0)
		xslstrip(page->theme->rules, doc);
}

static int
parse(struct page *page, struct arena *memory)
{
	const struct dress_ask *ask = page->ask;
	struct html_opts opts = {
	    .content_type = ask->content_type,
	    .compat = page->theme->compat,
	    .parser = ask->libxml2 ? HTML_LIBXML2 : HTML_HTML5,
	    /* where nodes are taken out, what is left is not as it came */
	    .spans = page->theme->rules->strip.count == 0,
	    .arena = memory,
	    .limits = dress_limits(ask),
	};
	struct html_feed *feed = NULL;
	int rc;

	if (ask->reading && theme_reads_ahead(page->theme) && !ask->libxml2)
		feed = reading_use(ask->reading);
	rc = feed ? html_feed_end(&feed, &page->doc, ask->bytes, ask->len,
			opts.spans, opts.arena, page->err)
		  : html_parse(
			&page->doc, ask->bytes, ask->len, &opts, page->err);
	if (rc == 0)
		dress_prepare(page, page->doc);
	return rc;
}

/* Diazo's own tools write XHTML where the DOCTYPE is one of it. */
static enum dressed
as_xhtml(const struct page *page)
{
	struct buf *out = page->out, html = *out;
	int rc;

	if (!page->theme->compat || page->theme->wardrobe ||
	    page->theme->rules->writes_html ||
	    !xhtml_is_said(html.data ? html.data : "", html.len))
		return DRESSED;
	buf_init(out, html.max);
	rc = xhtml_write(out, html.data, html.len, page->err);
	buf_fini(&html);
	return rc == 0 ? DRESSED : DRESSED_FAILED;
}

static size_t
most_out(const struct dress_ask *ask)
{
	size_t most = OUT_TIMES * ask->html_max_bytes;

	if (ask->out_max)
		return ask->out_max;
	return most > OUT_MAX_LEAST ? most : OUT_MAX_LEAST;
}

CHECKED enum dressed
theme_dress(struct theme *theme, struct dresser *dresser,
    const struct dress_ask *ask, struct buf *out, struct err *err)
{
	struct page page = {
	    .theme = theme,
	    .program = theme->program,
	    .ask = ask,
	    .eval = dresser->eval,
	    .out = out,
	    .err = err,
	    .tasks = dresser->tasks,
	    .shop = dresser->shop,
	    .tasks_room = dresser->tasks_room,
	    .trace = ask->trace,
	    .rule = NO_RULE,
	};
	uint64_t since_us = ask->trace ? clock_mono_us() : 0;
	size_t out_max = out->max;
	enum dressed dressed = DRESSED_FAILED;

	buf_clear(out);
	*err->text = '\0';
	wanted_fini(&dresser->wanted);
	if (page.trace)
		tracing_begin(page.trace, theme);
	page.last_document = &page.documents;
	page.wanted = &dresser->wanted;
	if (ask->len == 0 ||
	    (!theme->compat && !html_is_page(ask->bytes, ask->len)))
		return DRESSED_NOT;
	out->max = most_out(ask);
	if (out->max > out_max)
		out->max = out_max;
	page.arena = dresser->work;
	if (theme->wardrobe)
		dressed = wardrobe_dress(theme->wardrobe, dresser->eval, ask,
		    &dresser->wanted, out, err);
	else if (parse(&page, dresser->memory) == 0)
		dressed = dress(&page);
	if (dressed == DRESSED)
		dressed = as_xhtml(&page);
	/* What went wrong may be due to what is not there yet. */
	if (dresser->wanted.count > 0)
		dressed = DRESSED_WANTS;
	if (dressed == DRESSED)
		tell_unmatched(&page);
	if (page.trace && page.documents)
		tracing_conditions(&page);
	if (page.trace)
		tracing_end(page.trace, dressed, err, since_us);
	clean_up(&page, dresser);
	out->max = out_max;
	if (dressed != DRESSED)
		buf_clear(out);
	return dressed;
}
