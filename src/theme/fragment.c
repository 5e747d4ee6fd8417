/* theme/fragment.c - a fragment of xsl:* is written into the page
 *
 * Most of it is copied node by node. Where it names nodes of the page in place
 * of having copies of them (theme/xslheld.h), these are done in between, as
 * tasks: so it is written as far as the next of them, and gone on with later.
 *
 * So it is, too, where a body has a noscript, a select, or a drawing around
 * what it brings in: such a place is not read alike by all browsers, and what
 * was dead in the content is written so that it is dead there. Its tags are
 * written alone, and each of its children with that in mind.
 */
#include <string.h>

#include "dom/html.h"
#include "theme/body.h"
#include "theme/dress.h"
#include "theme/markup.h"
#include "theme/xsl.h"
#include "theme/xslheld.h"

CHECKED int
fragment_push(struct page *page, xmlNode **fragment, unsigned flags)
{
	struct task task = {
	    .kind = TASK_FRAGMENT,
	    .node = *fragment,
	    .at = (*fragment)->children,
	    .flags = flags,
	};

	if (dress_push(page, &task) != 0) {
		xsl_fragment_free(fragment);
		return -1;
	}
	*fragment = NULL;
	return 0;
}

void
fragment_attributes(struct page *page, const xmlNode *fragment)
{
	struct arena *arena = page->arena;

	for (xmlAttr *a = fragment->properties; a; a = a->next)
		tag_set(page, arena_strdup(arena, markup_name(arena, a)),
		    a->children ? arena_strdup(arena, markup_value(arena, a))
				: NULL);
}

/* ---- places that are not read alike ---- */

/* What is in such an element is written apart; all below it is, then. */
static bool
guards_all(const xmlNode *element)
{
	static const char *const names[] = {"math", "noscript", "select", "svg"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp((const char *)element->name, names[i]) == 0)
			return true;
	return false;
}

/* Whether markup is in it: what holds text is left to the writer. */
static bool
holds_markup(const xmlNode *node)
{
	return node->type == XML_ELEMENT_NODE && node->children &&
	       markup_room(node) == ROOM_MARKUP &&
	       !html_is_void((const char *)node->name) &&
	       strcmp((const char *)node->name, "plaintext") != 0;
}

static void
mark_guards(xmlNode *fragment)
{
	xmlNode *node = fragment->children;

	while (node) {
		bool down = holds_markup(node);

		if (down && guards_all(node)) {
			xslheld_mark(node, fragment);
			down = false;
		}
		if (down) {
			node = node->children;
			continue;
		}
		while (!node->next && node->parent != fragment)
			node = node->parent;
		node = node->next;
	}
}

/* Those of a node of a fragment by what it is in. */
static unsigned
flags_of(const struct page *page, const struct task *task, const xmlNode *node)
{
	unsigned flags = task->flags;

	if (node->parent == task->node || node->parent->type != XML_ELEMENT_NODE)
		return flags;
	if (guards_all(node->parent))
		flags |= body_flags(page->program, ROOM_GUARDED);
	else if (markup_is_around_cells(node->parent))
		flags |= body_flags(page->program, ROOM_TABLE);
	return flags;
}

/* Whether its tags are written alone. */
static bool
goes_in(const xmlNode *node, unsigned flags)
{
	if (!xslheld_is_in(node) || flags & OP_GUARDED)
		return false;
	return !(flags & OP_TABLE) || markup_is_around_cells(node) ||
	       markup_is_cell(node) || html_reads_alike_in_table(node);
}

/* ---- writing ---- */

CHECKED int
fragment_write(struct page *page, xmlNode **fragment, unsigned flags)
{
	fragment_attributes(page, *fragment);
	if (!(flags & (OP_IN_RAW | OP_WORDS | OP_GUARDED)) &&
	    !page->program->compat)
		mark_guards(*fragment);
	if (xslheld_is_in(*fragment))
		return fragment_push(page, fragment, flags);
	for (xmlNode *c = (*fragment)->children; c; c = c->next)
		walk_plain(page, c, flags);
	xsl_fragment_free(fragment);
	return 0;
}

static void
open(struct page *page, const xmlNode *element)
{
	tag_flush(page);
	html_write_open(page->out, element);
}

static void
close(struct page *page, const xmlNode *element)
{
	tag_flush(page);
	html_write_close(page->out, element);
}

/* Behind a node: what comes next in document order, with the tags that end
 * before it. NULL: nothing does. */
static xmlNode *
go_past(struct page *page, xmlNode *node, const xmlNode *fragment)
{
	while (!node->next && node->parent != fragment) {
		node = node->parent;
		close(page, node);
	}
	return node->next;
}

static int
push_held(struct page *page, const struct xslheld *held)
{
	const struct task task = {
	    .kind = TASK_SIBLINGS,
	    .node = held->first,
	    .last = held->last,
	    .flags = held->is_raw ? OP_RAW : 0,
	};

	return xsl_tick(page) == 0 ? dress_push(page, &task) : -1;
}

CHECKED int
fragment_go_on(struct page *page)
{
	struct task *task = &page->tasks[page->tasks_count - 1];
	struct xslheld held;

	if (task->at && task->next) /* the one that is held there is done */
		task->at = go_past(page, task->at, task->node);
	task->next = 0;
	while (task->at) {
		xmlNode *node = task->at;
		unsigned flags = flags_of(page, task, node);

		if (xslheld_get(node, &held)) {
			task->next = 1;
			return push_held(page, &held);
		}
		if (goes_in(node, flags)) {
			open(page, node);
			task->at = node->children;
			continue;
		}
		walk_plain(page, node, flags);
		task->at = go_past(page, node, task->node);
	}
	dress_pop(page);
	return 0;
}
