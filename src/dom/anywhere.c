/* dom/anywhere.c - markup that means the same in HTML, SVG and MathML
 * (contract: dom/html.h)
 *
 * <title>, <style> and the like hold text in HTML and markup in SVG, and what
 * is dead in the one is alive in the other. Where a rule takes an element out
 * of a drawing, or puts HTML into one, of such elements the text alone is
 * written, and all of it escaped: no tag, comment or CDATA section is in it
 * whoever reads it. A template is inert in HTML alone, and to a browser with
 * scripts a noscript is one text, which a comment must not end. */
#include "dom/html.h"

#include <string.h>
#include <strings.h>

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
	case EL_TEMPLATE:
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

/* Of what has no markup: whether it would end a noscript around it. */
static bool
ends_noscript(const xmlNode *node)
{
	static const char end[] = "</noscript";
	const char *at = (const char *)node->content;

	while (at && (at = strchr(at, '<')) != NULL) {
		if (strncasecmp(at, end, strlen(end)) == 0)
			return true;
		at++;
	}
	return false;
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
	else if (node->type != XML_ELEMENT_NODE && !ends_noscript(node))
		html_write(out, node);
	else if (node->type == XML_ELEMENT_NODE &&
		 holding_of(node) != HOLDS_ALL)
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

/* ---- what needs none of it ---- */

/* Where text alone is held, "<" and "&" mean something to one reader. */
static bool
is_text_alike(const xmlNode *element)
{
	for (const xmlNode *c = element->children; c; c = c->next)
		if (!is_text(c) || strpbrk((const char *)c->content, "<&"))
			return false;
	return true;
}

static bool
is_alike(const xmlNode *node, const xmlNode *root)
{
	(void)root;
	if (node->type != XML_ELEMENT_NODE)
		return is_text(node) || !ends_noscript(node);
	switch (holding_of(node)) {
	case HOLDS_MARKUP:
		return true;
	case HOLDS_TEXT:
		return is_text_alike(node);
	case HOLDS_NOTHING:
		return !node->children;
	case HOLDS_ALL:
		break;
	}
	return false;
}

/* Each node of the tree is fit. */
static bool
all_are(const xmlNode *root,
    bool (*fit)(const xmlNode *node, const xmlNode *root))
{
	const xmlNode *node = root;

	while (fit(node, root)) {
		if (node->type == XML_ELEMENT_NODE && node->children) {
			node = node->children;
			continue;
		}
		while (node != root && !node->next)
			node = node->parent;
		if (node == root)
			return true;
		node = node->next;
	}
	return false;
}

bool
html_reads_alike(const xmlNode *root)
{
	return all_are(root, is_alike);
}

/* ---- in a table ---- */

/* In MathML what is in a form may be no more HTML: see the header. */
static bool
is_no_form_in_math(const xmlNode *node, const xmlNode *root)
{
	const xmlNode *p = node;

	if (node->type != XML_ELEMENT_NODE ||
	    strcmp((const char *)node->name, "form") != 0)
		return true;
	while (p != root && strcmp((const char *)p->name, "math") != 0)
		p = p->parent;
	return strcmp((const char *)p->name, "math") != 0;
}

bool
html_reads_alike_in_table(const xmlNode *root)
{
	return all_are(root, is_no_form_in_math);
}
