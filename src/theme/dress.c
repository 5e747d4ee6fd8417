/* theme/dress.c - the stack of a page's tasks, and what it knows by now: each
 * expression about the whole content is evaluated at most once */
#include "theme/dress.h"

#include <string.h>
#include <libxml/xpathInternals.h>

#include "base/mem.h"
#include "dom/sieve.h"
#include "theme/xsl.h"

/* ---- the stack ---- */

/* The rule that has just begun to copy something: its body goes on behind
 * that. NULL: none of those that are topmost. */
static const struct rule *
last_to_copy(const struct page *page)
{
	enum { LOOKED_AT = 100 };
	const struct program *program = page->program;

	for (size_t i = 0; i < page->tasks_count && i < LOOKED_AT; i++) {
		const struct task *task =
		    &page->tasks[page->tasks_count - 1 - i];
		const struct op *op = task->kind == TASK_RUN && task->pc > 0
					  ? &program->ops[task->pc - 1]
					  : NULL;

		if (op && op->kind == OP_COPY && op->b < program->rules_count)
			return program->rules[op->b];
	}
	return NULL;
}

static int
too_deep(struct page *page)
{
	const struct rule *rule = last_to_copy(page);

	err_set(page->err,
	    "rules and content nest deeper than %d; does a rule include the "
	    "node that it replaces? method=\"raw\" helps",
	    DRESS_TASKS_MAX);
	return rule ? err_prefix(page->err, "%s:%ld", rule->source->name,
			  rule->line)
		    : -1;
}

CHECKED int
dress_push(struct page *page, const struct task *task)
{
	if (page->tasks_count == DRESS_TASKS_MAX)
		return too_deep(page);
	if (page->tasks_count == page->tasks_room) {
		page->tasks_room = page->tasks_room ? 2 * page->tasks_room : 64;
		page->tasks = mem_resize(
		    page->tasks, page->tasks_room * sizeof(*page->tasks));
	}
	page->tasks[page->tasks_count] = *task;
	page->tasks[page->tasks_count++].rule = page->rule;
	return 0;
}

void
dress_pop(struct page *page)
{
	struct task *top = &page->tasks[--page->tasks_count];

	if (top->owned)
		xmlXPathFreeObject(top->owned);
	if (top->kind == TASK_FRAGMENT)
		xsl_fragment_free(&top->node);
}

/* ---- pages without a body ---- */

bool
dress_is_of_frames(const xmlDoc *content, struct err *err)
{
	const xmlNode *root = xmlDocGetRootElement(content);
	const xmlNode *n = root ? root->children : NULL;

	while (n && (n->type != XML_ELEMENT_NODE ||
			strcmp((const char *)n->name, "frameset") != 0))
		n = n->next;
	if (n)
		err_set(err, "a frameset has no place in a theme");
	return n;
}

/* ---- expressions ---- */

static bool
rule_says(const struct rule *rule, const char *text)
{
	if (rule->pull.content && strcmp(rule->pull.content, text) == 0)
		return true;
	for (size_t i = 0; i < rule->terms.count; i++)
		if (strcmp(rule->terms.list[i]->text, text) == 0)
			return true;
	return false;
}

/* Name the rule in the reason, if the expression is some rule's. */
static int
blame(struct page *page, const char *text)
{
	const struct said *said = page->theme->rules->said;

	for (size_t i = 0; i < page->program->rules_count; i++) {
		const struct rule *rule = page->program->rules[i];

		if (rule_says(rule, text))
			return xsl_blame(page, rule->source, rule->line);
	}
	/* Patterns are asked of all of a page, and in parts. */
	if (strncmp(text, "//", 2) == 0)
		text += 2;
	while (said && !strstr(said->text, text))
		said = said->next;
	if (said)
		return xsl_blame(page, said->source, said->line);
	return -1;
}

static int
evaluate(struct page *page, const struct expr *expr, xmlNode *node,
    xmlXPathObject **out)
{
	int rc;

	if (expr->needs_xslt && page->program->sheet)
		return xsl_select(page, expr->text, node, out);
	rc = xpath_eval_run(page->eval, expr->text, node, out, page->err);

	/* A variable of XSLT may be behind it, and may have failed. */
	if (!xsl_has_failed(page))
		return rc;
	if (rc == 0)
		xmlXPathFreeObject(*out);
	xsl_reason(page);
	return -1;
}

/* All plain paths of the program in one walk of the page, when the first of
 * them is asked for. A trace wants to know what each costs. When the page may
 * not cost so much, the first that asks will find that out. */
static void
sift(struct page *page, struct document *document, uint32_t expr)
{
	const struct program *program = page->program;
	unsigned long spent, left = xpath_eval_left(page->eval);
	xmlNodeSet **sets;

	if (document != page->documents || document->sifted || page->trace ||
	    !program->exprs[expr].is_sifted)
		return;
	document->sifted = true;
	sets = arena_get(
	    page->arena, program->exprs_count * sizeof(xmlNodeSet *));
	spent = sieve_run(program->sieve, document->doc, left, sets);
	for (size_t i = 0; i < program->exprs_count; i++) {
		struct memo *memo = &document->memos[i];

		if (!spent || memo->nodes || !program->exprs[i].is_sifted) {
			xmlXPathFreeNodeSet(sets[i]);
			continue;
		}
		memo->truth = sets[i] ? YES : NO;
		memo->nodes = sets[i] ? xmlXPathWrapNodeSet(sets[i])
				      : xmlXPathNewNodeSet(NULL);
		must(memo->nodes);
	}
	xpath_eval_spend(page->eval, spent);
}

CHECKED int
dress_select(struct page *page, uint32_t expr, xmlNode *node,
    xmlXPathObject **out, xmlXPathObject **owned)
{
	const char *text = page->program->exprs[expr].text;
	struct document *document;
	struct memo *memo = NULL;

	if (document_for(page, expr, node, &document) != 0)
		return blame(page, text);
	if (document &&
	    (!node || page->program->exprs[expr].is_absolute))
		node = (xmlNode *)document->doc;
	if (document && node == (xmlNode *)document->doc)
		memo = &document->memos[expr];
	*owned = NULL;
	if (memo)
		sift(page, document, expr);
	if (memo && memo->nodes) {
		*out = memo->nodes;
		return 0;
	}
	if (evaluate(page, &page->program->exprs[expr], node, out) != 0)
		return blame(page, text);
	if (memo)
		memo->nodes = *out;
	else
		*owned = *out;
	return 0;
}

/* Whether one of the words fits the path; a word is whole segments. */
static bool
path_fits(const char *words, const char *path)
{
	size_t n = strlen(path);
	bool slash = n && path[n - 1] == '/';
	char *normal = mem_printf("%s%s", path, slash ? "" : "/");
	bool fits = false;

	n = strlen(normal);
	while (!fits && *(words += strspn(words, " \t\r\n")) != '\0') {
		size_t len = strcspn(words, " \t\r\n");
		bool starts = words[0] == '/', ends = words[len - 1] == '/';
		char *word = mem_printf("%s%.*s%s", starts ? "" : "/", (int)len,
		    words, ends ? "" : "/");
		size_t w = strlen(word);

		if (starts && ends)
			fits = strcmp(normal, word) == 0;
		else if (starts)
			fits = strncmp(normal, word, w) == 0;
		else if (ends)
			fits = n >= w && strcmp(normal + n - w, word) == 0;
		else
			fits = strstr(normal, word) != NULL;
		mem_free(&word);
		words += len;
	}
	mem_free(&normal);
	return fits;
}

bool
dress_path_fits(const struct page *page, uint32_t expr)
{
	return path_fits(page->program->exprs[expr].text,
	    page->ask->path ? page->ask->path : "");
}

static int
ask_truth(struct page *page, const struct expr *expr, xmlNode *node)
{
	xmlXPathObject *object;
	int yes;

	if (evaluate(page, expr, node, &object) != 0)
		return -1;
	yes = xmlXPathCastToBoolean(object);
	xmlXPathFreeObject(object);
	return yes != 0;
}

/* With the document as context: once a page. */
static int
expr_is_true(struct page *page, uint32_t number, xmlNode *node)
{
	const struct expr *expr = &page->program->exprs[number];
	struct document *document = document_of(page, node);
	struct memo *memo = NULL;
	int yes;

	if (document && (!node || expr->is_absolute))
		node = (xmlNode *)document->doc;
	if (document && node == (xmlNode *)document->doc)
		memo = &document->memos[number];
	if (memo)
		sift(page, document, number);
	if (memo && memo->truth != UNASKED)
		return memo->truth == YES;
	yes = expr->is_path ? dress_path_fits(page, number)
			    : ask_truth(page, expr, node);
	if (yes < 0)
		return blame(page, expr->text);
	if (memo)
		memo->truth = yes ? YES : NO;
	return yes;
}

CHECKED int
dress_holds(struct page *page, uint32_t condition, xmlNode *node)
{
	const struct condition *all;

	if (condition == NO_CONDITION)
		return 1;
	all = &page->program->conditions[condition];
	for (uint32_t i = 0; i < all->count; i++) {
		const struct condition_term *term =
		    &page->program->terms[all->first + i];
		int yes = expr_is_true(page, term->expr, node);

		if (yes < 0)
			return -1;
		if ((yes != 0) == term->negate)
			return 0;
	}
	return 1;
}

CHECKED int
dress_term_holds(struct page *page, const struct term *term, xmlNode *node)
{
	const struct program *program = page->program;
	bool is_path = term->kind == TERM_PATH;

	for (uint32_t i = 0; i < program->exprs_count; i++)
		if (program->exprs[i].is_path == is_path &&
		    program->exprs[i].document == 0 &&
		    strcmp(program->exprs[i].text, term->text) == 0)
			return expr_is_true(page, i, node);
	/* Its rule found no place in the theme. */
	if (is_path)
		return path_fits(
		    term->text, page->ask->path ? page->ask->path : "");
	return ask_truth(page, &(struct expr){.text = term->text}, node);
}
