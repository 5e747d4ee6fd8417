/* theme/apply.c - dressing one page: run the program, evaluate what it asks
 *
 * The content is parsed, the program's literals are copied, and at each hole
 * the content that its rule selects is written straight behind them. An
 * expression about the whole content is evaluated once a page however many
 * rules share it. The tree is this page's own; nothing else is written to. */
#include "theme/theme.h"

#include <string.h>

#include "base/mem.h"
#include "dom/html.h"
#include "theme/dress.h"
#include "theme/markup.h"

enum {
	OUT_MAX_DEFAULT = 64 * 1024 * 1024,
	PAGE_ARENA = 16384,
};

struct dresser {
	struct xpath_eval *eval;
	struct task *tasks;
	size_t tasks_room;
};

struct dresser *
dresser_new(void)
{
	struct dresser *dresser = mem_new(sizeof(*dresser));

	rules_init();
	dresser->eval = xpath_eval_new();
	return dresser;
}

void
dresser_free(struct dresser **dresser)
{
	if (!*dresser)
		return;
	xpath_eval_free(&(*dresser)->eval);
	mem_free(&(*dresser)->tasks);
	mem_free(dresser);
}

/* ---- operations ---- */

static void
tell_unmatched(struct page *page, uint32_t number, const char *typed)
{
	const struct rule *rule = page->program->rules[number];

	if (!page->ask->on_unmatched || page->unmatched[number])
		return;
	page->unmatched[number] = true;
	page->ask->on_unmatched(page->ask->arg,
	    arena_printf(page->arena, "%s:%ld: %s finds nothing in the content",
		rule->source->name, rule->line, typed));
}

static int
not_nodes(struct page *page, const struct op *op)
{
	const struct rule *rule = page->program->rules[op->b];

	return rules_fail(page->err, rule->source, rule->line,
	    "%s selects no nodes but a value",
	    page->program->exprs[op->a].typed);
}

static int
op_copy(struct page *page, const struct op *op, xmlNode *context)
{
	struct task task = {.kind = TASK_NODES, .flags = op->flags};
	xmlXPathObject *object;

	if (!(op->flags & OP_RAW) && match_all(page) != 0)
		return -1;
	if (dress_select(page, op->a, context, &object, &task.owned) != 0)
		return -1;
	if (object->type != XPATH_NODESET) {
		xmlXPathFreeObject(task.owned);
		return not_nodes(page, op);
	}
	task.nodes = object->nodesetval;
	if (!task.nodes || task.nodes->nodeNr == 0) {
		xmlXPathFreeObject(task.owned);
		tell_unmatched(page, op->b, page->program->exprs[op->a].typed);
		return 0;
	}
	if (dress_push(page, &task) != 0) {
		xmlXPathFreeObject(task.owned);
		return -1;
	}
	return 0;
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
	struct task call = {.kind = TASK_RUN, .node = context, .pc = op->a};
	int yes;

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
next_node(struct page *page)
{
	struct task *task = &page->tasks[page->tasks_count - 1];

	if (task->next == task->nodes->nodeNr) {
		dress_pop(page);
		return 0;
	}
	return walk_visit(
	    page, task->nodes->nodeTab[task->next++], task->flags);
}

static int
next_sibling(struct page *page)
{
	struct task *task = &page->tasks[page->tasks_count - 1];
	xmlNode *node = task->node;
	unsigned flags = task->flags;

	if (node->next && !task->next)
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
		dress_pop(page);
		return walk_open(page, node);
	case TASK_CLOSE:
		dress_pop(page);
		tag_flush(page);
		html_write_close(page->out, node);
		return 0;
	}
	must(!"a task of no kind");
	return -1;
}

static int
work(struct page *page)
{
	while (page->tasks_count > 0) {
		if (one_task(page) != 0 || page->out->failed) {
			if (page->out->failed)
				err_set(page->err,
				    "the dressed page is over %zu bytes",
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
	if (match_all(page) != 0)
		return -1;
	if (task.node && dress_push(page, &task) != 0)
		return -1;
	return work(page);
}

static enum dressed
dress(struct page *page)
{
	struct task main = {.kind = TASK_RUN, .pc = page->program->start};

	page->memos = arena_get(page->arena,
	    (page->program->exprs_count + 1) * sizeof(*page->memos));
	page->unmatched =
	    arena_get(page->arena, page->program->rules_count + 1);
	xpath_eval_begin(page->eval, page->doc, page->ask->xpath_max_ops);
	xpath_eval_variable(
	    page->eval, "path", page->ask->path ? page->ask->path : "");
	for (size_t i = 0; i < page->ask->params_count; i++)
		xpath_eval_variable(page->eval, page->ask->params[i].name,
		    page->ask->params[i].value);
	if (dress_push(page, &main) != 0 || work(page) != 0)
		return DRESSED_FAILED;
	if (!page->chose_none)
		return DRESSED;
	if (!page->theme->is_filter && !page->program->compat)
		return DRESSED_NOT;
	if (page->theme->is_filter && !page->program->compat &&
	    page->program->templates_count == 0)
		return DRESSED_NOT;
	return filter(page) == 0 ? DRESSED : DRESSED_FAILED;
}

static void
clean_up(struct page *page, struct dresser *dresser)
{
	while (page->tasks_count > 0)
		dress_pop(page);
	for (size_t i = 0; page->memos && i < page->program->exprs_count; i++)
		if (page->memos[i].nodes)
			xmlXPathFreeObject(page->memos[i].nodes);
	dresser->tasks = page->tasks;
	dresser->tasks_room = page->tasks_room;
	xpath_eval_begin(dresser->eval, NULL, 0);
	html_free(&page->doc);
	arena_free(&page->arena);
}

static int
parse(struct page *page)
{
	const struct dress_ask *ask = page->ask;
	struct html_opts opts = {
	    .content_type = ask->content_type,
	    .compat = page->theme->compat,
	    .limits =
		{
		    .bytes = ask->html_max_bytes,
		    .depth = ask->html_max_depth,
		    .attributes = ask->html_max_attributes,
		    .nodes = ask->html_max_nodes,
		},
	};

	if (html_parse(&page->doc, ask->bytes, ask->len, &opts, page->err))
		return -1;
	if (page->theme->compat)
		markup_unix_lines(page->doc);
	return 0;
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
	    .tasks_room = dresser->tasks_room,
	};
	size_t out_max = out->max;
	enum dressed dressed = DRESSED_FAILED;

	buf_clear(out);
	if (ask->len == 0 ||
	    (!theme->compat && !html_is_page(ask->bytes, ask->len)))
		return DRESSED_NOT;
	out->max = ask->out_max ? ask->out_max : OUT_MAX_DEFAULT;
	if (out->max > out_max)
		out->max = out_max;
	page.arena = arena_new(PAGE_ARENA);
	if (parse(&page) == 0)
		dressed = dress(&page);
	clean_up(&page, dresser);
	out->max = out_max;
	if (dressed != DRESSED)
		buf_clear(out);
	return dressed;
}
