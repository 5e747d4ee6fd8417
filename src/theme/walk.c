/* theme/walk.c - content is copied into the page through its own rules
 *
 * One template handles each node. A dropped node is passed over, a stripped
 * one gives its children, one that before, replace and after select goes
 * through their phases, and all else is copied. A task that is pushed later
 * runs earlier, so the phases below stand in reverse. */
#include <string.h>

#include "dom/html.h"
#include "theme/body.h"
#include "theme/markup.h"
#include "theme/tracing.h"
#include "theme/xsl.h"

static int
push(struct page *page, enum task_kind kind, xmlNode *node, uint32_t pc,
    unsigned flags)
{
	struct task task = {
	    .kind = kind, .node = node, .pc = pc, .flags = flags};

	/* A rule's body is about the node itself. */
	if (kind == TASK_RUN)
		task.nth = page->nth;
	return dress_push(page, &task);
}

/* The same of a tag or children of a node that is not copied as the identity
 * does: templates are applied to attributes and children apart. */
static int
push_apart(
    struct page *page, enum task_kind kind, xmlNode *node, unsigned flags)
{
	const struct task task = {
	    .kind = kind,
	    .node = node,
	    .flags = flags,
	    .nth = {.position = NTH_APART},
	};

	return dress_push(page, &task);
}

enum { OP_ROOMS = OP_IN_RAW | OP_WORDS | OP_GUARDED | OP_TABLE | OP_AROUND };

/* What kind of room is inside of an element that has itself the flags, for what
 * rules put there. */
static unsigned
inside(const struct page *page, const xmlNode *node, unsigned flags)
{
	flags &= OP_ROOMS;
	if (flags & (OP_IN_RAW | OP_WORDS) || node->type != XML_ELEMENT_NODE)
		return flags;
	return flags |
	       body_flags(page->program, markup_room_within(node, NULL));
}

/* Those of the children of a node. */
static unsigned
below(const struct page *page, const xmlNode *node, unsigned flags)
{
	enum room room = markup_room(node);

	flags &= OP_ROOMS;
	if (flags & (OP_IN_RAW | OP_WORDS) || node->type != XML_ELEMENT_NODE)
		return flags | (markup_is_verbatim(node) ? OP_VERBATIM : 0);
	if (room == ROOM_WORDS)
		flags |= body_flags(page->program, room);
	if (markup_is_read_apart(node))
		flags |= body_flags(page->program, ROOM_GUARDED);
	if (markup_is_cell(node))
		flags &= ~(unsigned)OP_AROUND;
	else if (markup_is_around_cells(node) && !page->program->compat)
		flags |= OP_AROUND;
	return flags | (markup_is_verbatim(node) ? OP_VERBATIM : 0);
}

static int
push_children(struct page *page, xmlNode *node, unsigned flags)
{
	if (!node->children || node->type == XML_ATTRIBUTE_NODE)
		return 0;
	return push(
	    page, TASK_SIBLINGS, node->children, 0, below(page, node, flags));
}

static int
push_children_apart(struct page *page, xmlNode *node, unsigned flags)
{
	if (!node->children || node->type == XML_ATTRIBUTE_NODE)
		return 0;
	return push_apart(
	    page, TASK_SIBLINGS, node->children, below(page, node, flags));
}

/* What a rule puts in, if anything: written as it can stand there. */
static int
push_body(
    struct page *page, xmlNode *node, const uint32_t *body, unsigned flags)
{
	enum room room = flags & (OP_IN_RAW | OP_VERBATIM) ? ROOM_RAW
			 : flags & OP_WORDS		   ? ROOM_WORDS
			 : flags & OP_GUARDED		   ? ROOM_GUARDED
			 : flags & (OP_TABLE | OP_AROUND)  ? ROOM_TABLE
							   : ROOM_MARKUP;

	if (body[room] == UINT32_MAX)
		return 0;
	return push(page, TASK_RUN, node, body[room], 0);
}

/* Its tag, start or end; where only text has room there is none. */
static int
push_tag(struct page *page, enum task_kind kind, xmlNode *node, unsigned flags)
{
	return flags & OP_WORDS ? 0 : push(page, kind, node, 0, 0);
}

/* ---- a node as it is ---- */

void
walk_plain(struct page *page, xmlNode *node, unsigned flags)
{
	const xmlNode *form =
	    page->form_row == node->parent ? page->form : NULL;

	if (form)
		page->form = NULL; /* it goes on */
	tag_flush(page);
	if (flags & OP_WORDS)
		markup_write_words(page->out, node);
	else if (flags & OP_IN_RAW)
		markup_write_raw(page->out, node);
	else if (markup_is_text(node))
		markup_write_text(page->out, node, flags & OP_VERBATIM);
	else if (flags & (OP_GUARDED | OP_TABLE))
		markup_write_guarded(
		    page->out, node, &form, !(flags & OP_GUARDED));
	else
		html_write_row(page->out, node, &form);
	page->form = form;
	page->form_row = node->parent;
}

static bool
is_document(const xmlNode *node)
{
	return node->type == XML_HTML_DOCUMENT_NODE ||
	       node->type == XML_DOCUMENT_NODE;
}

static void
set_attribute(struct page *page, const xmlAttr *attribute)
{
	tag_set(page, markup_name(page->arena, attribute),
	    attribute->children ? markup_value(page->arena, attribute) : NULL);
}

/* ---- what rules put before, after, instead ---- */

/* What was pushed since then is done in its own order. */
static void
turn_around(struct page *page, size_t from)
{
	for (size_t to = page->tasks_count; from + 1 < to; from++) {
		struct task task = page->tasks[--to];

		page->tasks[to] = page->tasks[from];
		page->tasks[from] = task;
	}
}

/* All bodies of a phase whose condition holds, first on top. */
static int
push_phase(struct page *page, xmlNode *node, enum phase phase, unsigned flags)
{
	const struct phase_body *bodies = match_phase(node, phase);
	size_t from = page->tasks_count;

	for (const struct phase_body *b = bodies; b; b = b->next) {
		int yes = dress_holds(page, b->condition, node);

		if (yes > 0 && page->trace)
			tracing_took(page, b->rule, node);
		if (yes < 0 ||
		    (yes && push_body(page, node, b->body, flags) != 0))
			return -1;
	}
	turn_around(page, from);
	return 0;
}

/* The replace that fires; 1 when one did. Conditional ones come first, then
 * every unconditional one. */
static int
push_replace(struct page *page, xmlNode *node, unsigned flags)
{
	const struct phase_body *bodies = match_phase(node, PHASE_REPLACE);
	size_t from = page->tasks_count;
	bool replaced = false;

	for (const struct phase_body *b = bodies; b; b = b->next) {
		int yes = b->condition == NO_CONDITION
			      ? 0
			      : dress_holds(page, b->condition, node);

		if (yes < 0)
			return -1;
		if (!yes)
			continue;
		if (page->trace)
			tracing_took(page, b->rule, node);
		if (push_body(page, node, b->body, flags) != 0)
			return -1;
		return 1;
	}
	for (const struct phase_body *b = bodies; b; b = b->next) {
		if (b->condition != NO_CONDITION)
			continue;
		replaced = true;
		if (page->trace)
			tracing_took(page, b->rule, node);
		if (push_body(page, node, b->body, flags) != 0)
			return -1;
	}
	turn_around(page, from);
	return replaced;
}

/* ---- a start tag ---- */

/* An attribute that before, replace or after select: their bodies come behind
 * the tag, since an attribute has no place of its own for them. */
static int
attribute_phases(struct page *page, xmlAttr *attribute)
{
	xmlNode *node = (xmlNode *)attribute;
	int replaced;

	if (push_phase(page, node, PHASE_AFTER, 0) != 0)
		return -1;
	replaced = push_replace(page, node, 0);
	if (replaced < 0)
		return -1;
	if (!replaced)
		set_attribute(page, attribute);
	return push_phase(page, node, PHASE_BEFORE, 0);
}

/* What comes out beside attributes has its place behind the tag. */
CHECKED int
walk_xsl_attribute(struct page *page, xmlAttr *attribute, uint32_t number)
{
	xmlNode *fragment;

	if (xsl_part(page, number, (xmlNode *)attribute, 0, &fragment) != 0)
		return -1;
	if (!fragment->children)
		return fragment_write(page, &fragment, 0);
	fragment_attributes(page, fragment);
	return fragment_push(page, &fragment, 0);
}

static int
visit_attribute(struct page *page, xmlAttr *attribute)
{
	const struct template *template = NULL;

	if (match_choose(page, attribute, &template) != 0)
		return -1;
	if (!template || template->kind == TEMPLATE_REPLACE_CHILDREN)
		set_attribute(page, attribute);
	else if (template->kind == TEMPLATE_PHASES)
		return attribute_phases(page, attribute);
	else if (template->kind == TEMPLATE_XSL)
		return walk_xsl_attribute(page, attribute, template->rule);
	return 0;
}

CHECKED int
walk_open(struct page *page, xmlNode *node)
{
	tag_open(page, (const char *)node->name);
	for (xmlAttr *a = node->properties; a; a = a->next) {
		if (!page->marked_attributes || !match_is_marked(a))
			set_attribute(page, a);
		else if (visit_attribute(page, a) != 0)
			return -1;
	}
	return 0;
}

/* ---- templates ---- */

/* Whether no rule counts inside: in another's text a script is no words, and
 * must not end that; and what would come alive goes as one. */
static bool
is_one_piece(const xmlNode *node, unsigned flags)
{
	if (flags & OP_TABLE && !html_reads_alike_in_table(node))
		return true;
	if (flags & OP_GUARDED &&
	    (xmlStrEqual(node->name, BAD_CAST "noscript") ||
		html_holds_escaped_text(node)))
		return true;
	return flags & (OP_IN_RAW | OP_WORDS | OP_GUARDED) &&
	       markup_is_verbatim(node);
}

static int
copy_element(struct page *page, xmlNode *node, unsigned flags)
{
	if (is_one_piece(node, flags)) {
		walk_plain(page, node, flags);
		return 0;
	}
	if (flags & OP_TABLE) /* what is below has been looked at */
		flags = (flags & ~(unsigned)OP_TABLE) | OP_AROUND;
	if (push_tag(page, TASK_CLOSE, node, flags) != 0 ||
	    push_children(page, node, flags) != 0)
		return -1;
	return push_tag(page, TASK_OPEN, node, flags);
}

static int
copy_node(struct page *page, xmlNode *node, unsigned flags)
{
	if (is_document(node))
		return push_children(page, node, flags);
	if (node->type == XML_ELEMENT_NODE)
		return copy_element(page, node, flags);
	if (node->type == XML_ATTRIBUTE_NODE)
		set_attribute(page, (xmlAttr *)node);
	else if (node->type != XML_DTD_NODE)
		walk_plain(page, node, flags);
	return 0;
}

/* Diazo's code loses what has no tag (texts, comments); its manual speaks of
 * the tag only. The text of a script is no script's any more, so that it must
 * not be taken for markup where it then stands. */
static int
strip(struct page *page, xmlNode *node, unsigned flags)
{
	if (node->type == XML_ELEMENT_NODE && markup_is_verbatim(node))
		return node->children
			   ? push_apart(page, TASK_SIBLINGS, node->children,
				 flags & (OP_IN_RAW | OP_WORDS))
			   : 0;
	if (node->type == XML_ELEMENT_NODE || is_document(node))
		return push_children_apart(page, node, flags);
	if (node->type != XML_ATTRIBUTE_NODE && node->type != XML_DTD_NODE &&
	    !page->program->compat)
		walk_plain(page, node, flags);
	return 0;
}

static int
replace_children(struct page *page, xmlNode *node,
    const struct template *template, unsigned flags)
{
	if (node->type != XML_ELEMENT_NODE)
		return copy_node(page, node, flags);
	if (push_tag(page, TASK_CLOSE, node, flags) != 0)
		return -1;
	if (push_body(page, node, template->body, inside(page, node, flags)) !=
	    0)
		return -1;
	return flags & OP_WORDS ? 0 : push_apart(page, TASK_OPEN, node, 0);
}

static int
phases(struct page *page, xmlNode *node, unsigned flags)
{
	unsigned room = inside(page, node, flags);
	int replaced;

	if (push_phase(page, node, PHASE_AFTER, flags) != 0)
		return -1;
	replaced = push_replace(page, node, flags);
	if (replaced < 0)
		return -1;
	if (!replaced && (node->type != XML_ELEMENT_NODE ||
			     is_one_piece(node, flags))) {
		struct task task = {.kind = TASK_SIBLINGS,
		    .node = node,
		    .flags = flags | OP_RAW,
		    .last = node};

		if (dress_push(page, &task) != 0)
			return -1;
	} else if (!replaced) {
		if (push_tag(page, TASK_CLOSE, node, flags) != 0 ||
		    push_phase(page, node, PHASE_APPEND, room) != 0 ||
		    push_children_apart(page, node, flags) != 0 ||
		    push_phase(page, node, PHASE_PREPEND, room) != 0)
			return -1;
		if (!(flags & OP_WORDS) &&
		    push_apart(page, TASK_OPEN, node, 0) != 0)
			return -1;
	}
	return push_phase(page, node, PHASE_BEFORE, flags);
}

static int
xsl_template(struct page *page, xmlNode *node, const struct template *template,
    unsigned flags)
{
	xmlNode *fragment;

	if (flags & OP_AROUND)
		flags = (flags & ~(unsigned)OP_AROUND) | OP_TABLE;
	if (xsl_part(page, template->rule, node, flags, &fragment) != 0)
		return -1;
	return fragment_write(page, &fragment, flags);
}

static int
apply_template(struct page *page, xmlNode *node,
    const struct template *template, unsigned flags)
{
	if (page->trace && template->kind != TEMPLATE_PHASES &&
	    template->kind != TEMPLATE_XSL)
		tracing_took(page, template->rule, node);
	switch (template->kind) {
	case TEMPLATE_DROP:
		return 0;
	case TEMPLATE_STRIP:
		return strip(page, node, flags);
	case TEMPLATE_REPLACE_CHILDREN:
		return replace_children(page, node, template, flags);
	case TEMPLATE_PHASES:
		return phases(page, node, flags);
	case TEMPLATE_XSL:
		return xsl_template(page, node, template, flags);
	}
	must(!"a template of no kind");
	return -1;
}

CHECKED int
walk_visit(struct page *page, xmlNode *node, unsigned flags)
{
	const struct template *template = NULL;

	if (flags & OP_RAW && !is_document(node)) {
		if (node->type == XML_ATTRIBUTE_NODE)
			set_attribute(page, (xmlAttr *)node);
		else if (node->type != XML_DTD_NODE)
			walk_plain(page, node, flags);
		return 0;
	}
	if (is_document(node)) {
		struct task task = {.kind = TASK_SIBLINGS,
		    .node = node->children,
		    .flags = flags};

		return node->children ? dress_push(page, &task) : 0;
	}
	if (!match_is_marked(node)) {
		if (node->type == XML_ATTRIBUTE_NODE)
			set_attribute(page, (xmlAttr *)node);
		else if (node->type != XML_DTD_NODE)
			walk_plain(page, node, flags);
		return 0;
	}
	if (match_choose(page, node, &template) != 0)
		return -1;
	if (!template)
		return copy_node(page, node, flags);
	return apply_template(page, node, template, flags);
}
