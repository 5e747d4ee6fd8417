/* dom/anywhere.c - markup that means the same in HTML, SVG and MathML
 * (contract: dom/html.h)
 *
 * <title>, <style> and the like hold text in HTML and markup in SVG, and what
 * is dead in the one is alive in the other. Where a rule takes an element out
 * of a drawing, or puts HTML into one, of such elements the text alone is
 * written, and all of it escaped: no tag, comment or CDATA section is in it
 * whoever reads it. */
#include "dom/html.h"

#include <string.h>

#include "dom/escape.h"
#include "dom/names.h"

enum holding {
	HOLDS_MARKUP,
	HOLDS_TEXT,    /* in HTML; what else is in it stays away */
	HOLDS_NOTHING, /* in HTML */
	HOLDS_ALL,     /* the whole page behind it: plaintext */
};

static enum holding
holding_of(const xmlNode *element)
{
	char name[64];
	size_t len = 0;
	enum el el;

	for (const xmlChar *p = element->name; *p; p++) {
		if (len == sizeof(name))
			return HOLDS_MARKUP;
		name[len++] = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
	}
	el = el_find(name, len);
	switch (el) {
	case EL_PLAINTEXT:
		return HOLDS_ALL;
	case EL_TITLE:
	case EL_TEXTAREA:
	case EL_NOSCRIPT:
		return HOLDS_TEXT;
	default:
		break;
	}
	if (el_names[el].flags & EL_VOID)
		return HOLDS_NOTHING;
	return el_names[el].flags & EL_RAW ? HOLDS_TEXT : HOLDS_MARKUP;
}

static bool
is_text(const xmlNode *node)
{
	return (node->type == XML_TEXT_NODE ||
		   node->type == XML_CDATA_SECTION_NODE) &&
	       node->content;
}

static void
write_text(struct buf *out, const xmlNode *node)
{
	const char *text = (const char *)node->content;

	escape_add(out, text, strlen(text), 0);
}

static bool
goes_in(const xmlNode *node)
{
	return node->type == XML_ELEMENT_NODE && node->children &&
	       holding_of(node) != HOLDS_NOTHING;
}

/* What stands before the children; within: in an element that holds text. */
static void
enter(struct buf *out, const xmlNode *node, bool within)
{
	if (is_text(node))
		write_text(out, node);
	else if (within)
		return;
	else if (node->type != XML_ELEMENT_NODE)
		html_write(out, node);
	else if (holding_of(node) != HOLDS_ALL)
		html_write_open(out, node);
}

static void
leave(struct buf *out, const xmlNode *node)
{
	enum holding holding;

	if (node->type != XML_ELEMENT_NODE)
		return;
	holding = holding_of(node);
	if (holding == HOLDS_MARKUP || holding == HOLDS_TEXT)
		html_write_close(out, node);
}

static bool
begins_text(const xmlNode *node)
{
	enum holding holding;

	if (node->type != XML_ELEMENT_NODE)
		return false;
	holding = holding_of(node);
	return holding == HOLDS_TEXT || holding == HOLDS_ALL;
}

int
html_write_anywhere(struct buf *out, const xmlNode *root)
{
	const xmlNode *node = root, *within = NULL;

	while (!out->failed) {
		enter(out, node, within);
		if (!within && begins_text(node))
			within = node;
		if (goes_in(node)) {
			node = node->children;
			continue;
		}
		for (;;) {
			if (within == node)
				within = NULL;
			if (!within)
				leave(out, node);
			if (node == root)
				return out->failed ? -1 : 0;
			if (node->next)
				break;
			node = node->parent;
		}
		node = node->next;
	}
	return -1;
}
