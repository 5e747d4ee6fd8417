/* theme/attributes.c - the attributes of one theme element
 *
 * Drops first, then copies, then merges, which start from the theme's own
 * value; each kind in the order of the file. Without such rules a start tag is
 * a literal; with them it stays open until something else is written. */
#include <string.h>

#include "dom/html.h"
#include "theme/markup.h"
#include "theme/spot.h"

static bool
rule_names(const struct rule *rule, const char *name)
{
	for (const char **n = rule->attributes; *n; n++)
		if (strcmp(*n, name) == 0)
			return true;
	return false;
}

/* Whether an unconditional rule takes this attribute of the theme away. In
 * Diazo's code a conditional drop of the same name speaks last. */
static bool
is_dropped(
    const struct compiler *compiler, const struct spot *spot, const char *name)
{
	bool dropped = false, doubted = false;

	for (const struct hit *h = spot->hits; h; h = h->next) {
		if (h->rule->does != DO_DROP_ATTRS)
			continue;
		if (h->rule->all_attributes)
			dropped |= h->condition == NO_CONDITION;
		else if (!rule_names(h->rule, name))
			continue;
		else if (h->condition == NO_CONDITION)
			dropped = true;
		else
			doubted = true;
	}
	return dropped && !(doubted && compiler->rules->compat);
}

static void
set_attribute(struct compiler *compiler, const struct spot *spot,
    const xmlAttr *attribute)
{
	struct program *program = compiler->program;
	const char *name = markup_name(program->arena, attribute);
	struct label skip = {NULL};

	if (is_dropped(compiler, spot, name))
		return;
	for (const struct hit *h = spot->hits; h; h = h->next)
		if (h->rule->does == DO_DROP_ATTRS &&
		    h->condition != NO_CONDITION &&
		    (h->rule->all_attributes || rule_names(h->rule, name)))
			program_if(program, h->condition, &skip);
	program_op(program, OP_SET, program_name(program, name),
	    program_name(program, attribute->children
				      ? markup_value(program->arena, attribute)
				      : NULL));
	program_land(program, &skip);
}

static void
copy_attributes(struct compiler *compiler, const struct hit *hit)
{
	const struct rule *rule = hit->rule;
	struct attribute_op op = {
	    .expr = program_expr_of(
		compiler->program, rule->pull.content, rule->pull.href),
	    .rule = hit->number,
	    .names = rule->all_attributes ? NULL : rule->attributes,
	    .clears = rule->clears,
	    /* Diazo's code goes by the rules about content all the same. */
	    .raw = rule->pull.raw &&
		   (rule->pull.href || !compiler->rules->compat),
	};

	program_op(compiler->program, OP_ATTRS,
	    program_attributes(compiler->program, &op), 0);
}

static const char *
theme_value(struct compiler *compiler, const xmlNode *node, const char *name)
{
	struct arena *arena = compiler->program->arena;

	for (const xmlAttr *a = node->properties; a; a = a->next)
		if (strcmp(markup_name(arena, a), name) == 0)
			return arena_strdup(arena, markup_value(arena, a));
	return NULL;
}

static void
merge_attributes(
    struct compiler *compiler, const struct hit *hit, const xmlNode *node)
{
	const struct rule *rule = hit->rule;

	for (const char **name = rule->attributes; *name; name++) {
		struct attribute_op op = {
		    .expr = program_expr_of(
			compiler->program, rule->pull.content, rule->pull.href),
		    .rule = hit->number,
		    .merge = *name,
		    .separator = rule->separator,
		    .theme_value = theme_value(compiler, node, *name),
		};

		program_op(compiler->program, OP_ATTRS,
		    program_attributes(compiler->program, &op), 0);
	}
}

static void
attribute_rules(struct compiler *compiler, const struct spot *spot,
    const xmlNode *node, enum does does)
{
	for (const struct hit *h = spot->hits; h; h = h->next) {
		struct label skip = {NULL};

		if (h->rule->does != does)
			continue;
		program_unless(compiler->program, h->condition, &skip);
		if (does == DO_COPY_ATTRS)
			copy_attributes(compiler, h);
		else
			merge_attributes(compiler, h, node);
		program_land(compiler->program, &skip);
	}
}

/* Whether something may still set attributes once the tag was begun: only
 * content that is put in as the first children can. */
static bool
is_open_ended(const struct spot *spot)
{
	for (const struct hit *h = spot->hits; h; h = h->next) {
		const char *content = h->rule->pull.content;

		if (h->rule->does == DO_DROP_ATTRS ||
		    h->rule->does == DO_COPY_ATTRS ||
		    h->rule->does == DO_MERGE_ATTRS)
			return true;
		if ((h->rule->does == DO_PREPEND || h->rule->does == DO_COPY) &&
		    (h->rule->body || (content && strchr(content, '@'))))
			return true;
	}
	return false;
}

/* Drops leave no operation of their own behind; a trace wants to see them. */
static void
note_drops(struct compiler *compiler, const struct spot *spot)
{
	for (const struct hit *h = spot->hits; h; h = h->next) {
		struct label skip = {NULL};

		if (h->rule->does != DO_DROP_ATTRS)
			continue;
		program_unless(compiler->program, h->condition, &skip);
		program_op(compiler->program, OP_RULE, h->number, 0);
		program_land(compiler->program, &skip);
	}
}

void
attributes_open(
    struct compiler *compiler, const struct spot *spot, const xmlNode *node)
{
	struct program *program = compiler->program;
	size_t from = program->text.len;

	if (!is_open_ended(spot)) {
		html_write_open(&program->text, node);
		program_text(program, from);
		return;
	}
	program_op(program, OP_OPEN,
	    program_name(program, (const char *)node->name), 0);
	note_drops(compiler, spot);
	for (const xmlAttr *a = node->properties; a; a = a->next)
		set_attribute(compiler, spot, a);
	attribute_rules(compiler, spot, node, DO_COPY_ATTRS);
	attribute_rules(compiler, spot, node, DO_MERGE_ATTRS);
}
