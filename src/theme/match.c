/* theme/match.c - which template handles a content node
 *
 * The reference asks every pattern at every node. Here each pattern is
 * evaluated once, as the expression that finds all its nodes, and leaves a
 * mark (_private) on each; a subtree without a mark is copied in one go. */
#include <string.h>

#include "theme/tracing.h"

struct match {
	const struct template *template;
	const struct alternative *alternative;
	struct match *next;
};

/* The _private of a content node. */
struct mark {
	struct match *matches; /* NULL: only nodes below have some */
};

/* libxml2's nodes and attributes begin alike. */
static struct mark *
mark_of(const void *node)
{
	return ((const xmlNode *)node)->_private;
}

bool
match_is_marked(const void *node)
{
	return mark_of(node) != NULL;
}

static struct mark *
make_mark(struct page *page, xmlNode *node)
{
	struct mark *mark = mark_of(node);

	if (mark)
		return mark;
	mark = arena_get(page->arena, sizeof(*mark));
	node->_private = mark;
	for (xmlNode *up = node->parent; up && !up->_private; up = up->parent)
		up->_private = arena_get(page->arena, sizeof(*mark));
	return mark;
}

static void
add_match(struct page *page, xmlNode *node, const struct template *template,
    const struct alternative *alternative)
{
	struct mark *mark = make_mark(page, node);
	struct match *match = arena_get(page->arena, sizeof(*match));

	match->template = template;
	match->alternative = alternative;
	match->next = mark->matches;
	mark->matches = match;
	if (node->type == XML_ATTRIBUTE_NODE)
		page->marked_attributes = true;
}

static int
match_alternative(struct page *page, struct document *document,
    const struct template *template, const struct alternative *alternative)
{
	xmlXPathObject *object, *owned;
	const xmlNodeSet *set;

	if (dress_select(page, alternative->expr, (xmlNode *)document->doc,
		&object, &owned) != 0)
		return -1;
	must(!owned);
	set = object->type == XPATH_NODESET ? object->nodesetval : NULL;
	for (int i = 0; set && i < set->nodeNr; i++)
		if (set->nodeTab[i]->type != XML_NAMESPACE_DECL)
			add_match(page, set->nodeTab[i], template, alternative);
	return 0;
}

CHECKED int
match_all(struct page *page, struct document *document)
{
	const struct program *program = page->program;

	if (document->marked)
		return 0;
	document->marked = true;
	for (size_t t = 0; t < program->templates_count; t++) {
		const struct template *template = &program->templates[t];

		if (page->trace && template->kind != TEMPLATE_XSL)
			tracing_switch(page, template->rule);
		for (size_t a = 0; a < template->alternatives_count; a++)
			if (match_alternative(page, document, template,
				&template->alternatives[a]) != 0)
				return -1;
	}
	return 0;
}

/* Higher priority wins, then the later template. */
static bool
outranks(const struct match *a, const struct match *b)
{
	if (!b)
		return true;
	if (a->alternative->priority != b->alternative->priority)
		return a->alternative->priority > b->alternative->priority;
	return a->template > b->template;
}

static int
applies(struct page *page, const struct match *match, const void *node)
{
	if (!match->alternative->conditional)
		return 1;
	return dress_holds(page, match->template->condition, (xmlNode *)node);
}

CHECKED int
match_choose(struct page *page, const void *node, const struct template **out)
{
	const struct mark *mark = mark_of(node);
	const struct match *best = NULL;

	for (const struct match *m = mark ? mark->matches : NULL; m;
	     m = m->next) {
		int yes;

		if (!outranks(m, best))
			continue;
		yes = applies(page, m, node);
		if (yes < 0)
			return -1;
		if (yes)
			best = m;
	}
	*out = best ? best->template : NULL;
	return 0;
}

const struct template *
match_phase_template(const void *node, enum phase phase)
{
	const struct mark *mark = mark_of(node);
	const struct match *best = NULL;

	for (const struct match *m = mark ? mark->matches : NULL; m;
	     m = m->next)
		if (m->template->kind == TEMPLATE_PHASES &&
		    m->template->phases[phase] && outranks(m, best))
			best = m;
	return best ? best->template : NULL;
}

const struct phase_body *
match_phase(const void *node, enum phase phase)
{
	const struct template *template = match_phase_template(node, phase);

	return template ? template->phases[phase] : NULL;
}
