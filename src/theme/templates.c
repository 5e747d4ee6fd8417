/* theme/templates.c - rules about content alone, as XSLT templates
 *
 * The order decides between equal priorities: drops, strips, one dispatcher
 * for each distinct selector of before, replace and after, then replaces of
 * children. */
#include <stdlib.h>
#include <string.h>

#include "theme/compile.h"
#include "theme/pattern.h"

static void
set_alternatives(
    struct compiler *compiler, struct template *template, const char *selector)
{
	struct program *program = compiler->program;
	size_t count;
	char **list = pattern_split(program->arena, selector, &count);

	template->selector = selector;
	template->alternatives_count = count;
	template->alternatives =
	    arena_get(program->arena, count * sizeof(*template->alternatives));
	for (size_t i = 0; i < count; i++) {
		struct alternative *a = &template->alternatives[i];

		a->priority = pattern_priority(list[i]) / 4.0;
		a->pattern = list[i];
		a->expr = program_expr(program,
		    pattern_everywhere(program->arena, list[i]), false);
		/* Diazo's code glues the condition to the text's end. */
		a->conditional = !program->compat || i + 1 == count;
	}
}

static struct template *
new_template(struct compiler *compiler, enum template_kind kind, uint32_t rule)
{
	struct template *template = program_template(compiler->program);

	memset(template, 0, sizeof(*template));
	template->kind = kind;
	template->rule = rule;
	template->condition = NO_CONDITION;
	set_alternatives(
	    compiler, template, compiler->rule[rule]->pull.content);
	return template;
}

/* In Diazo's code a lone numeric condition of a drop tests the position, since
 * it is a predicate of the pattern. */
static bool
is_predicate(const struct compiler *compiler, const struct rule *rule)
{
	const struct term *term =
	    rule->terms.count == 1 ? rule->terms.list[0] : NULL;

	return compiler->rules->compat && term && !term->negate &&
	       term->kind == TERM_XPATH && !strchr(term->text, '$');
}

static void
predicate(struct compiler *compiler, struct template *template,
    const struct rule *rule)
{
	struct program *program = compiler->program;
	struct alternative *last =
	    &template->alternatives[template->alternatives_count - 1];

	last->priority = 0.5;
	last->conditional = false;
	last->pattern = arena_printf(program->arena, "%s[%s]", last->pattern,
	    rule->terms.list[0]->text);
	last->expr = program_expr(program,
	    arena_printf(program->arena, "%s[%s]",
		program->exprs[last->expr].text, rule->terms.list[0]->text),
	    false);
}

/* A condition is a predicate of the pattern, so it goes before a bare name. */
static void
condition(struct compiler *compiler, struct template *template,
    const struct rule *rule)
{
	template->condition =
	    program_condition(compiler->program, &rule->terms);
	if (rule->terms.count == 0)
		return;
	for (size_t i = 0; i < template->alternatives_count; i++)
		if (template->alternatives[i].conditional)
			template->alternatives[i].priority = 0.5;
}

static void
lone_rules(struct compiler *compiler, enum does does, enum template_kind kind)
{
	for (uint32_t i = 0; i < compiler->rules->count; i++) {
		const struct rule *rule = compiler->rule[i];
		struct template *template;

		if (rule->does != does)
			continue;
		template = new_template(compiler, kind, i);
		template->body = compiler->bodies[i];
		if (is_predicate(compiler, rule))
			predicate(compiler, template, rule);
		else
			condition(compiler, template, rule);
	}
}

static struct template *
dispatcher(struct compiler *compiler, uint32_t rule)
{
	struct program *program = compiler->program;
	const char *selector = compiler->rule[rule]->pull.content;

	for (size_t i = 0; i < program->templates_count; i++) {
		struct template *t = &program->templates[i];

		if (t->kind == TEMPLATE_PHASES &&
		    strcmp(t->selector, selector) == 0)
			return t;
	}
	return new_template(compiler, TEMPLATE_PHASES, rule);
}

static void
phase_rule(struct compiler *compiler, uint32_t number, enum phase phase)
{
	struct template *template = dispatcher(compiler, number);
	struct phase_body **tail = &template->phases[phase];
	struct phase_body *body =
	    arena_get(compiler->program->arena, sizeof(*body));

	body->condition = program_condition(
	    compiler->program, &compiler->rule[number]->terms);
	body->rule = number;
	body->body = compiler->bodies[number];
	while (*tail)
		tail = &(*tail)->next;
	*tail = body;
}

/* An xsl:template of the default mode is one more candidate at each node that
 * it matches; what it then does is libxslt's business. */
static void
xsl_template(struct compiler *compiler, const xmlNode *node, uint32_t number)
{
	struct program *program = compiler->program;
	struct template *template;
	char *match, *priority;

	if (strcmp((const char *)node->name, "template") != 0 ||
	    xmlHasProp((xmlNode *)node, BAD_CAST "mode") ||
	    !xmlHasProp((xmlNode *)node, BAD_CAST "match"))
		return;
	match = (char *)xmlGetNoNsProp(node, BAD_CAST "match");
	priority = (char *)xmlGetNoNsProp(node, BAD_CAST "priority");
	template = program_template(program);
	memset(template, 0, sizeof(*template));
	template->kind = TEMPLATE_XSL;
	template->rule = number;
	template->condition = NO_CONDITION;
	set_alternatives(
	    compiler, template, arena_strdup(program->arena, match));
	for (size_t i = 0; i < template->alternatives_count; i++) {
		struct alternative *a = &template->alternatives[i];

		a->conditional = false;
		if (priority)
			a->priority = strtod(priority, NULL);
		if (strcmp(a->pattern, "/") != 0)
			continue;
		program->has_root_template = true;
		program->root_template = number;
	}
	xmlFree(match);
	xmlFree(priority);
}

void
templates_compile(struct compiler *compiler)
{
	uint32_t i = 0;
	static const struct {
		enum does does;
		enum phase phase;
	} phases[] = {
	    {DO_CONTENT_BEFORE, PHASE_BEFORE},
	    {DO_CONTENT_REPLACE, PHASE_REPLACE},
	    {DO_CONTENT_PREPEND, PHASE_PREPEND},
	    {DO_CONTENT_APPEND, PHASE_APPEND},
	    {DO_CONTENT_AFTER, PHASE_AFTER},
	};

	lone_rules(compiler, DO_CONTENT_DROP, TEMPLATE_DROP);
	lone_rules(compiler, DO_CONTENT_STRIP, TEMPLATE_STRIP);
	for (uint32_t r = 0; r < compiler->rules->count; r++)
		for (size_t p = 0; p < COUNT_OF(phases); p++)
			if (compiler->rule[r]->does == phases[p].does)
				phase_rule(compiler, r, phases[p].phase);
	lone_rules(
	    compiler, DO_CONTENT_REPLACE_CHILDREN, TEMPLATE_REPLACE_CHILDREN);
	for (const struct sheet_part *p = compiler->rules->sheet; p;
	     p = p->next, i++)
		xsl_template(compiler, p->node, i);
}
