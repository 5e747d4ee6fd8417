/* theme/xslbody.c - what stands in an inline body, or in the rules' own
 * xsl:template, as it is put into the stylesheet */
#include <string.h>

#include "theme/form.h"
#include "theme/markup.h"
#include "theme/selector.h"
#include "theme/xslwrite.h"

/* ---- text ---- */

static const xmlNode *
past_blank(const xmlNode *node)
{
	while (node && (form_is_blank(node) || sheet_is_xsl(node, "variable") ||
			   sheet_is_xsl(node, "sort") ||
			   node->type == XML_COMMENT_NODE))
		node = node->next;
	return node;
}

/* Whether the first that comes of it is, or may be, an attribute. */
static bool
gives_attribute(const xmlNode *node)
{
	xmlChar *select;
	bool gives;

	node = past_blank(node);
	while (
	    node &&
	    (sheet_is_xsl(node, "if") || sheet_is_xsl(node, "choose") ||
		sheet_is_xsl(node, "when") || sheet_is_xsl(node, "for-each")))
		node = past_blank(node->children);
	if (!node || sheet_is_xsl(node, "attribute"))
		return node != NULL;
	if (!sheet_is_xsl(node, "copy-of") &&
	    !sheet_is_xsl(node, "apply-templates"))
		return false;
	select = xmlGetNoNsProp(node, BAD_CAST "select");
	gives = select && *select == '@';
	xmlFree(select);
	return gives;
}

/* White space alone counts inside of literal markup, and not before an
 * attribute, whose element has no content yet. */
static bool
counts(const struct sheet_writer *w, const xmlNode *text, const xmlNode *top)
{
	const xmlNode *parent = text->parent;

	if (!form_is_blank(text) || sheet_is_xsl(parent, "text"))
		return true;
	if (w->drops_space || sheet_is_xsl(parent, NULL))
		return false;
	if (gives_attribute(text->next))
		return false;
	return parent != top || text != top->children;
}

static void
text(struct sheet_writer *w, const xmlNode *node, const xmlNode *top)
{
	bool wrap = !sheet_is_xsl(node->parent, "text");

	if (!counts(w, node, top))
		return;
	if (wrap)
		buf_puts(&w->out, "<xsl:text>");
	sheet_escaped(w, (const char *)node->content);
	if (wrap)
		buf_puts(&w->out, "</xsl:text>");
}

static void
comment(struct sheet_writer *w, const xmlNode *node, const xmlNode *top)
{
	if (w->in_template ||
	    (node->parent != top && sheet_is_xsl(node->parent, NULL)))
		return;
	buf_puts(&w->out, "<xsl:comment><xsl:text>");
	sheet_escaped(w, (const char *)node->content);
	buf_puts(&w->out, "</xsl:text></xsl:comment>");
}

/* ---- elements ---- */

static bool
is_include(const xmlNode *node)
{
	enum dialect dialect = selector_dialect(node);

	return (dialect == DIALECT_DIAZO || dialect == DIALECT_OLD) &&
	       strcmp((const char *)node->name, "include") == 0;
}

/* In the bodies of templates and loops, before the first thing that they do,
 * it is asked whether the page has not cost enough by now. */
static void
tick(struct sheet_writer *w, const xmlNode *node)
{
	const xmlNode *parent = node->parent;

	if (!sheet_is_xsl(parent, "template") &&
	    !sheet_is_xsl(parent, "for-each"))
		return;
	if (sheet_is_xsl(node, "param") || sheet_is_xsl(node, "sort") ||
	    form_is_blank(node) || node->type == XML_COMMENT_NODE)
		return;
	for (const xmlNode *p = node->prev; p; p = p->prev)
		if (!sheet_is_xsl(p, "param") && !sheet_is_xsl(p, "sort") &&
		    !form_is_blank(p) && p->type != XML_COMMENT_NODE)
			return;
	buf_puts(&w->out, "<" SHEET_PREFIX ":tick/>");
}

/* xsl:apply-templates that says no more than what it applies them to is ours
 * (theme/xslapply.c). */
static bool
is_plain_apply(const xmlNode *node)
{
	if (!sheet_is_xsl(node, "apply-templates") ||
	    xmlHasProp((xmlNode *)node, BAD_CAST "mode"))
		return false;
	for (const xmlNode *c = node->children; c; c = c->next)
		if (c->type == XML_ELEMENT_NODE)
			return false;
	return true;
}

/* One that copies what it selects as it stands: the stylesheet's own copy, with
 * it inside (theme/xslheld.h). */
static bool
only_copies(const struct sheet_writer *w, const xmlNode *node)
{
	xmlChar *mode;
	bool is_raw;

	if (sheet_is_xsl(node, "copy-of"))
		return true;
	if (!sheet_is_xsl(node, "apply-templates") ||
	    w->compiler->rules->has_raw_templates)
		return false;
	mode = xmlGetNoNsProp(node, BAD_CAST "mode");
	is_raw = xmlStrEqual(mode, BAD_CAST "raw") &&
		 xmlHasProp((xmlNode *)node, BAD_CAST "select") &&
		 !xmlFirstElementChild((xmlNode *)node);
	xmlFree(mode);
	return is_raw;
}

static const char *
xsl_name(struct sheet_writer *w, const xmlNode *node)
{
	if (is_plain_apply(node))
		return SHEET_PREFIX ":apply";
	return arena_printf(
	    w->compiler->program->arena, "xsl:%s", (const char *)node->name);
}

static void
open_xsl(struct sheet_writer *w, const xmlNode *node)
{
	if (only_copies(w, node)) {
		buf_puts(&w->out, "<" SHEET_PREFIX ":copy");
		sheet_end_line(w, node);
		buf_puts(&w->out, ">");
	}
	buf_printf(&w->out, "<%s", xsl_name(w, node));
	sheet_declare(w, node, false);
	sheet_attributes(w, node, true);
}

static void
open_literal(struct sheet_writer *w, const xmlNode *node)
{
	buf_printf(&w->out, "<%s", (const char *)node->name);
	sheet_declare(w, node, false);
	sheet_attributes(w, node, false);
}

/* 1: its children are next. */
static int
enter(struct sheet_writer *w, const xmlNode *node, const xmlNode *top)
{
	tick(w, node);
	if (markup_is_text(node))
		text(w, node, top);
	else if (node->type == XML_COMMENT_NODE)
		comment(w, node, top);
	if (node->type != XML_ELEMENT_NODE)
		return 0;
	if (is_include(node)) {
		sheet_include(w, node);
		return 0;
	}
	if (sheet_is_xsl(node, NULL))
		open_xsl(w, node);
	else
		open_literal(w, node);
	sheet_end_line(w, node);
	buf_puts(&w->out, ">");
	return 1;
}

void
sheet_leave(struct sheet_writer *w, const xmlNode *node)
{
	buf_printf(&w->out, "</%s>",
	    sheet_is_xsl(node, NULL) ? xsl_name(w, node)
				     : (const char *)node->name);
	if (only_copies(w, node))
		buf_puts(&w->out, "</" SHEET_PREFIX ":copy>");
}

/* What is in an element, not the element. */
void
sheet_children(struct sheet_writer *w, const xmlNode *top)
{
	const xmlNode *node = top->children;

	while (node) {
		int down = enter(w, node, top);

		if (down && node->children) {
			node = node->children;
			continue;
		}
		if (down)
			sheet_leave(w, node);
		while (!node->next && node->parent != top) {
			node = node->parent;
			sheet_leave(w, node);
		}
		node = node->next;
	}
}
