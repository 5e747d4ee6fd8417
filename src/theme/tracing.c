/* theme/tracing.c - a record for each rule, filled in while a page is dressed
 * (contract: theme/tracing.h)
 *
 * Time is charged by switching: each moment belongs to the rule that was
 * switched to last, so that nothing is counted twice and no clock is read but
 * at a change. */
#include "theme/tracing.h"

#include <string.h>

#include "base/clock.h"

static const char *const does_words[] = {
    [DO_BEFORE] = "before",
    [DO_DROP] = "drop",
    [DO_REPLACE] = "replace",
    [DO_STRIP] = "strip",
    [DO_DROP_ATTRS] = "drop attributes",
    [DO_COPY_ATTRS] = "copy attributes",
    [DO_MERGE_ATTRS] = "merge attributes",
    [DO_PREPEND] = "before children",
    [DO_COPY] = "replace children",
    [DO_DROP_CHILDREN] = "drop children",
    [DO_APPEND] = "after children",
    [DO_AFTER] = "after",
    [DO_CONTENT_DROP] = "drop content",
    [DO_CONTENT_STRIP] = "strip content",
    [DO_CONTENT_BEFORE] = "before content",
    [DO_CONTENT_REPLACE] = "replace content",
    [DO_CONTENT_AFTER] = "after content",
    [DO_CONTENT_PREPEND] = "before content-children",
    [DO_CONTENT_APPEND] = "after content-children",
    [DO_CONTENT_REPLACE_CHILDREN] = "replace content-children",
};

/* ---- nodes ---- */

static const char *
path_of(struct arena *arena, const xmlNode *node)
{
	char *path = (char *)xmlGetNodePath(node);
	const char *kept;

	if (!path)
		return "?";
	kept = strlen(path) <= TRACE_PATH_MAX
		   ? arena_strdup(arena, path)
		   : arena_printf(arena, "%.*s...", TRACE_PATH_MAX - 3, path);
	xmlFree(path);
	return kept;
}

void
tracing_node(
    struct arena *arena, struct traced_nodes *nodes, const xmlNode *node)
{
	nodes->count++;
	if (nodes->shown < TRACE_NODES_MAX)
		nodes->paths[nodes->shown++] = path_of(arena, node);
}

static void
copy_nodes(struct arena *arena, struct traced_nodes *to,
    const struct traced_nodes *from)
{
	*to = *from;
	for (size_t i = 0; i < from->shown; i++)
		to->paths[i] = arena_strdup(arena, from->paths[i]);
}

static const char *
keep(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : NULL;
}

/* ---- the records of Diazo's rules ---- */

static void
add_terms(
    struct arena *arena, struct traced_rule *record, const struct terms *terms)
{
	for (size_t i = 0; i < terms->count && i < TRACE_TERMS_MAX; i++) {
		const struct term *term = terms->list[i];

		record->terms[record->terms_count++].text = arena_printf(arena,
		    "%s%s=\"%s\"", term->negate ? "if-not" : "if",
		    term->kind == TERM_PATH ? "-path" : "", term->text);
	}
}

static const char *
content_of(struct arena *arena, const struct pull *pull)
{
	if (!pull->content)
		return NULL;
	return pull->typed && strchr(pull->typed, '=')
		   ? arena_strdup(arena, pull->typed)
		   : arena_printf(arena, "content=\"%s\"", pull->content);
}

static void
begin_rules(struct dress_trace *trace, const struct program *program)
{
	struct arena *arena = trace->arena;

	trace->rules_count = program->rules_count;
	if (trace->rules_count > TRACE_RULES_MAX)
		trace->rules_count = TRACE_RULES_MAX;
	trace->left_out = program->rules_count - trace->rules_count;
	trace->rules =
	    arena_get(arena, (trace->rules_count + 1) * sizeof(*trace->rules));
	for (size_t i = 0; i < trace->rules_count; i++) {
		const struct rule *rule = program->rules[i];
		struct traced_rule *record = &trace->rules[i];

		record->source = arena_strdup(arena, rule->source->name);
		record->line = rule->line;
		record->does = does_words[rule->does];
		record->theme = rule->theme ? keep(arena, rule->typed) : NULL;
		record->content = content_of(arena, &rule->pull);
		record->href = keep(arena, rule->pull.href);
		add_terms(arena, record, &rule->terms);
		record->asked_theme = rule->theme != NULL;
		copy_nodes(arena, &record->in_theme, &program->traced[i]);
	}
}

/* ---- the records of Deliverance's actions ---- */

static const char *
act_word(const struct action *action)
{
	switch (action->act) {
	case ACT_REPLACE:
		return action->moves ? "replace, moving" : "replace, copying";
	case ACT_APPEND:
		return action->moves ? "append, moving" : "append, copying";
	case ACT_PREPEND:
		return action->moves ? "prepend, moving" : "prepend, copying";
	case ACT_DROP:
		return "drop";
	}
	must(!"an action of no kind");
	return NULL;
}

static void
add_action(
    struct dress_trace *trace, const struct action *action, const void **keys)
{
	struct arena *arena = trace->arena;
	struct traced_rule *record;

	if (trace->rules_count == TRACE_RULES_MAX) {
		trace->left_out++;
		return;
	}
	keys[trace->rules_count] = action;
	record = &trace->rules[trace->rules_count++];
	record->source = arena_strdup(arena, action->source->name);
	record->line = action->line;
	record->does = act_word(action);
	record->theme =
	    action->theme ? keep(arena, action->theme->typed) : NULL;
	record->content =
	    action->content ? keep(arena, action->content->typed) : NULL;
	record->href = keep(arena, action->href);
	if (action->condition)
		record->terms[record->terms_count++].text =
		    keep(arena, action->condition->typed);
}

static void
begin_actions(struct dress_trace *trace, const struct ruleset *ruleset)
{
	const struct sequence *standard = ruleset->standard;
	const void **keys;
	size_t count = 0;

	for (const struct sequence *s = ruleset->sequences; s; s = s->next)
		for (const struct action *a = s->first; a; a = a->next)
			count++;
	for (const struct action *a = standard->first; a; a = a->next)
		count++;
	if (count > TRACE_RULES_MAX)
		count = TRACE_RULES_MAX;
	trace->rules =
	    arena_get(trace->arena, (count + 1) * sizeof(*trace->rules));
	trace->keys = keys =
	    arena_get(trace->arena, (count + 1) * sizeof(*keys));
	for (const struct sequence *s = ruleset->sequences; s; s = s->next)
		for (const struct action *a = s->first; a; a = a->next)
			add_action(trace, a, keys);
	for (const struct action *a = standard->first; a; a = a->next)
		add_action(trace, a, keys);
}

/* ---- begin and end ---- */

enum { TRACE_ARENA = 16384 };

void
tracing_begin(struct dress_trace *trace, const struct theme *theme)
{
	arena_free(&trace->arena);
	/* What is no page at all goes no further. */
	*trace = (struct dress_trace){
	    .arena = arena_new(TRACE_ARENA), .how = DRESSED_NOT};
	if (theme->rules->ruleset)
		begin_actions(trace, theme->rules->ruleset);
	else
		begin_rules(trace, theme->program);
}

void
tracing_end(struct dress_trace *trace, enum dressed how, const struct err *err,
    uint64_t since_us)
{
	trace->how = how;
	trace->total_us = clock_mono_us() - since_us;
	if (how == DRESSED_FAILED || (how == DRESSED_NOT && *err->text))
		trace->reason = arena_strdup(trace->arena, err->text);
}

/* ---- Diazo's ---- */

static struct traced_rule *
record_of(struct dress_trace *trace, uint32_t rule)
{
	return rule < trace->rules_count ? &trace->rules[rule] : NULL;
}

void
tracing_switch(struct page *page, uint32_t rule)
{
	struct traced_rule *was;
	uint64_t now_us;

	if (page->rule == rule)
		return;
	was = record_of(page->trace, page->rule);
	now_us = clock_mono_us();
	if (was)
		was->time_us += now_us - page->since_us;
	page->since_us = now_us;
	page->rule = rule;
}

static void
ran(struct page *page, uint32_t rule)
{
	struct traced_rule *record = record_of(page->trace, rule);

	if (record)
		record->runs++;
	tracing_switch(page, rule);
}

void
tracing_step(struct page *page, const struct op *op)
{
	switch ((enum op_kind)op->kind) {
	case OP_IF:
	case OP_UNLESS:
		tracing_switch(page, NO_RULE);
		break;
	case OP_RULE:
		ran(page, op->a);
		break;
	case OP_COPY:
		tracing_switch(page, op->b);
		break;
	case OP_XSL:
		tracing_switch(page, op->a);
		break;
	case OP_ATTRS:
		ran(page, page->program->attributes[op->a].rule);
		break;
	default:
		break;
	}
}

/* Several theme nodes get the same selection: that counts once. */
static bool
is_known(struct traced_rule *record, const void *set)
{
	for (size_t i = 0; i < record->sets_count; i++)
		if (record->sets[i] == set)
			return true;
	if (record->sets_count < TRACE_SETS_MAX)
		record->sets[record->sets_count++] = set;
	return false;
}

void
tracing_copied(struct page *page, uint32_t rule, const xmlNodeSet *nodes)
{
	struct traced_rule *record = record_of(page->trace, rule);

	if (!record)
		return;
	record->asked_content = true;
	if (!nodes || is_known(record, nodes))
		return;
	for (int i = 0; i < nodes->nodeNr; i++)
		if (nodes->nodeTab[i]->type != XML_NAMESPACE_DECL)
			tracing_node(page->trace->arena, &record->in_content,
			    nodes->nodeTab[i]);
}

/* Of the content's trees, and for the first time. False: one of many. */
static bool
is_news(struct page *page, struct traced_rule *record, const xmlNode *node)
{
	if (node->type == XML_NAMESPACE_DECL || !document_of(page, node))
		return false;
	if (!record->taken)
		record->taken = arena_get(page->trace->arena,
		    TRACE_TAKEN_MAX * sizeof(*record->taken));
	if (record->in_content.count >= TRACE_TAKEN_MAX)
		return false;
	for (size_t i = 0; i < record->in_content.count; i++)
		if (record->taken[i] == node)
			return false;
	record->taken[record->in_content.count] = node;
	return true;
}

void
tracing_selected(struct page *page, const xmlNodeSet *nodes)
{
	struct traced_rule *record = record_of(page->trace, page->rule);

	/* One with a selector of its own has told what it took. */
	if (!record || (record->in_content.count > 0 && !record->taken))
		return;
	record->asked_content = true;
	for (int i = 0; i < nodes->nodeNr; i++)
		if (is_news(page, record, nodes->nodeTab[i]))
			tracing_node(page->trace->arena, &record->in_content,
			    nodes->nodeTab[i]);
}

void
tracing_took(struct page *page, uint32_t rule, const xmlNode *node)
{
	struct traced_rule *record = record_of(page->trace, rule);

	if (!record)
		return;
	record->asked_content = true;
	record->runs++;
	tracing_node(page->trace->arena, &record->in_content, node);
}

/* ---- conditions ---- */

static void
ask_terms(struct page *page, uint32_t rule, xmlNode *node)
{
	const struct terms *terms = &page->program->rules[rule]->terms;
	struct traced_rule *record = &page->trace->rules[rule];
	struct err *err = page->err, why;

	page->err = &why; /* one that cannot be told costs no page */
	for (size_t i = 0; i < record->terms_count; i++) {
		const struct term *term = terms->list[i];
		int yes = dress_term_holds(page, term, node);

		if (yes < 0)
			continue;
		record->terms[i].asked++;
		record->terms[i].held += (yes != 0) != term->negate;
	}
	page->err = err;
}

static bool
is_of_rule(const struct template *template, uint32_t rule)
{
	if (template->kind == TEMPLATE_XSL)
		return false;
	if (template->kind != TEMPLATE_PHASES)
		return template->rule == rule;
	for (int p = 0; p < PHASES; p++)
		for (const struct phase_body *b = template->phases[p]; b;
		     b = b->next)
			if (b->rule == rule)
				return true;
	return false;
}

/* The nodes that a rule about content alone is about. */
static void
ask_terms_at_nodes(struct page *page, uint32_t rule)
{
	const struct template *template = NULL;
	xmlXPathObject *object, *owned;
	unsigned asked = 0;

	for (size_t t = 0; t < page->program->templates_count && !template; t++)
		if (is_of_rule(&page->program->templates[t], rule))
			template = &page->program->templates[t];
	for (size_t a = 0; template && a < template->alternatives_count; a++) {
		if (dress_select(page, template->alternatives[a].expr, NULL,
			&object, &owned) != 0 ||
		    object->type != XPATH_NODESET || !object->nodesetval)
			continue;
		for (int i = 0;
		     i < object->nodesetval->nodeNr && asked < TRACE_NODES_MAX;
		     i++, asked++)
			ask_terms(page, rule, object->nodesetval->nodeTab[i]);
		xmlXPathFreeObject(owned);
	}
}

/* Why a rule did not run, as far as its record tells. */
static const char *
reason_of(const struct traced_rule *record)
{
	for (size_t i = 0; i < record->terms_count; i++)
		if (record->terms[i].asked && !record->terms[i].held)
			return "a condition does not hold";
	if (record->theme && record->in_theme.count == 0)
		return "its selector finds nothing in the theme";
	if (record->theme)
		return "what it selects is not there any more when its turn "
		       "comes, or another rule took its place, or another "
		       "theme was chosen";
	return "no content that was copied is for it";
}

void
tracing_conditions(struct page *page)
{
	struct err *err = page->err, why;

	tracing_switch(page, NO_RULE);
	page->err = &why;
	for (uint32_t i = 0; i < page->trace->rules_count; i++) {
		struct traced_rule *record = &page->trace->rules[i];

		if (record->theme)
			ask_terms(page, i, NULL);
		else if (record->terms_count > 0)
			ask_terms_at_nodes(page, i);
		if (record->runs == 0 && !page->trace->reason)
			record->why = reason_of(record);
	}
	page->err = err;
}

/* ---- Deliverance's ---- */

static struct traced_rule *
action_record(struct dress_trace *trace, const struct action *action)
{
	for (size_t i = 0; trace && i < trace->rules_count; i++)
		if (trace->keys[i] == action)
			return &trace->rules[i];
	return NULL;
}

void
tracing_classes(struct dress_trace *trace, const struct words *classes)
{
	for (size_t i = 0; trace && i < classes->count; i++)
		trace->classes = arena_printf(trace->arena, "%s%s%s",
		    trace->classes ? trace->classes : "",
		    trace->classes ? " " : "", classes->list[i]);
}

void
tracing_skipped(
    struct dress_trace *trace, const struct sequence *sequence, const char *why)
{
	for (const struct action *a = sequence->first; trace && a;
	     a = a->next) {
		struct traced_rule *record = action_record(trace, a);

		if (record)
			record->why = why;
	}
}

void
tracing_condition(
    struct dress_trace *trace, const struct action *action, bool holds)
{
	struct traced_rule *record = action_record(trace, action);

	if (!record)
		return;
	record->terms[0].asked++;
	record->terms[0].held += holds;
	if (!holds)
		record->why = "if-content does not hold";
}

static void
add_found(struct dress_trace *trace, struct traced_nodes *nodes,
    const struct found *found)
{
	for (size_t i = 0; found->by && i < found->count; i++)
		tracing_node(trace->arena, nodes, found->nodes[i]);
}

void
tracing_in_theme(struct dress_trace *trace, const struct action *action,
    const struct found *found)
{
	struct traced_rule *record = action_record(trace, action);

	if (!record)
		return;
	record->asked_theme = true;
	add_found(trace, &record->in_theme, found);
	if (!found->by)
		record->why = "its selector finds nothing in the theme";
}

void
tracing_in_content(struct dress_trace *trace, const struct action *action,
    const struct found *found)
{
	struct traced_rule *record = action_record(trace, action);

	if (!record)
		return;
	record->asked_content = true;
	add_found(trace, &record->in_content, found);
	if (!found->by && !record->why)
		record->why = "its selector finds nothing in the content";
}

void
tracing_done(struct dress_trace *trace, const struct action *action, bool done,
    uint64_t since_us)
{
	struct traced_rule *record = action_record(trace, action);

	if (!record)
		return;
	record->time_us += clock_mono_us() - since_us;
	if (!done)
		return;
	if (action->act == ACT_DROP)
		record->runs +=
		    record->in_theme.count + record->in_content.count > 0;
	else
		record->runs +=
		    record->in_theme.count > 0 && record->in_content.count > 0;
}

void
tracing_says(
    struct dress_trace *trace, const struct action *action, const char *words)
{
	struct traced_rule *record = action_record(trace, action);

	if (record && !record->why)
		record->why =
		    arena_printf(trace->arena, "%.*s", TRACE_WORDS_MAX, words);
}
