/* theme/fragment.c - a fragment of xsl:* is written into the page
 *
 * Most of it is copied node by node. Where it names nodes of the page in place
 * of having copies of them (theme/xslheld.h), these are done in between, as
 * tasks: so it is written as far as the next of them, and gone on with later.
 */
#include "dom/html.h"
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

CHECKED int
fragment_write(struct page *page, xmlNode **fragment, unsigned flags)
{
	fragment_attributes(page, *fragment);
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

		if (xslheld_get(node, &held)) {
			task->next = 1;
			return push_held(page, &held);
		}
		if (xslheld_is_in(node)) {
			open(page, node);
			task->at = node->children;
			continue;
		}
		walk_plain(page, node, task->flags);
		task->at = go_past(page, node, task->node);
	}
	dress_pop(page);
	return 0;
}
