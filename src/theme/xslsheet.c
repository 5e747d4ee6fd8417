/* theme/xslsheet.c - the stylesheet beside a program: the whole of it */
#include "theme/xslsheet.h"

#include <stdatomic.h>

#include "base/mem.h"
#include "theme/selector.h"
#include "theme/xslwrite.h"

#define XSL "http://www.w3.org/1999/XSL/Transform"

/* ---- is there any XSLT? ---- */

/* Of XSLT itself, or markup with attributes that are. */
static bool
says_xsl(const xmlNode *node)
{
	if (sheet_is_xsl(node, NULL))
		return true;
	if (node->type != XML_ELEMENT_NODE)
		return false;
	for (const xmlAttr *a = node->properties; a; a = a->next)
		if (selector_is_xsl(a->ns))
			return true;
	return false;
}

bool
sheet_has_xsl(const xmlNode *body)
{
	const xmlNode *node = body;

	for (;;) {
		if (node->type == XML_ELEMENT_NODE && node->children)
			node = node->children;
		else {
			while (node != body && !node->next)
				node = node->parent;
			if (node == body)
				return false;
			node = node->next;
		}
		if (says_xsl(node))
			return true;
	}
}

/* ---- the whole ---- */

static const char head[] =
    "<xsl:stylesheet version=\"1.0\" xmlns:xsl=\"" XSL "\""
    " xmlns:" SHEET_PREFIX "=\"" SHEET_NS "\""
    " xmlns:css=\"http://namespaces.plone.org/diazo/css\""
    " xmlns:date=\"http://exslt.org/dates-and-times\""
    " xmlns:diazo=\"http://namespaces.plone.org/diazo\""
    " xmlns:dv=\"http://openplans.org/deliverance\""
    " xmlns:dyn=\"http://exslt.org/dynamic\""
    " xmlns:esi=\"http://www.edge-delivery.org/esi/1.0\""
    " xmlns:exsl=\"http://exslt.org/common\""
    " xmlns:math=\"http://exslt.org/math\""
    " xmlns:regexp=\"http://exslt.org/regular-expressions\""
    " xmlns:set=\"http://exslt.org/sets\""
    " xmlns:str=\"http://exslt.org/strings\""
    " xmlns:xhtml=\"http://www.w3.org/1999/xhtml\""
    " exclude-result-prefixes=\"" SHEET_PREFIX " css date diazo dv dyn exsl"
    " math regexp set str xhtml\""
    " extension-element-prefixes=\"" SHEET_PREFIX "\">"
    "<xsl:template match=\"@*|node()\"><xsl:copy>"
    "<xsl:apply-templates select=\"@*\"/><_l:apply/></xsl:copy>"
    "</xsl:template><xsl:template match=\"@*|node()\" mode=\"raw\"><xsl:copy>"
    "<xsl:apply-templates select=\"@*|node()\" mode=\"raw\"/></xsl:copy>"
    "</xsl:template>";

/* What before, replace and after do with a node, phase by phase. */
static const char dispatch[] =
    "<xsl:template name=\"_l:phases\">"
    "<xsl:call-template name=\"_l:before\"/>"
    "<xsl:call-template name=\"_l:replace\"/>"
    "<xsl:call-template name=\"_l:after\"/>"
    "</xsl:template>"
    "<xsl:template name=\"_l:copy\"><xsl:choose>"
    "<xsl:when test=\"self::*\"><xsl:copy>"
    "<xsl:apply-templates select=\"@*\"/>"
    "<xsl:call-template name=\"_l:prepend\"/>"
    "<_l:apply select=\"node()\"/>"
    "<xsl:call-template name=\"_l:append\"/>"
    "</xsl:copy></xsl:when>"
    "<xsl:otherwise><xsl:copy-of select=\".\"/></xsl:otherwise>"
    "</xsl:choose></xsl:template>";

static void
part(struct sheet_writer *w, const xmlNode *node, uint32_t number)
{
	w->in_template = true;
	buf_printf(&w->out, "<xsl:%s", (const char *)node->name);
	sheet_declare(w, node, true);
	sheet_attributes(w, node, true);
	if (sheet_is_xsl(node, "template"))
		buf_printf(&w->out, " " SHEET_PREFIX ":part=\"%u\"", number);
	sheet_end_line(w, node);
	buf_puts(&w->out, ">");
	sheet_children(w, node);
	sheet_leave(w, node);
	w->in_template = false;
}

static void
named_body(struct sheet_writer *w, uint32_t number)
{
	const struct rule *rule = w->compiler->rule[number];

	buf_printf(&w->out,
	    "<xsl:template name=\"" SHEET_PREFIX ":b%u\" " SHEET_PREFIX
	    ":body=\"%u\"",
	    number, number);
	sheet_declare(w, rule->body, true);
	sheet_end_line(w, rule->body);
	buf_puts(&w->out, ">");
	w->drops_space = !rule->theme && w->compiler->program->compat;
	sheet_children(w, rule->body);
	w->drops_space = false;
	buf_puts(&w->out, "</xsl:template>");
}

static bool
has_content_rules(const struct program *program)
{
	for (size_t i = 0; i < program->templates_count; i++)
		if (program->templates[i].kind != TEMPLATE_XSL)
			return true;
	return false;
}

static void
compose(struct sheet_writer *w, struct sheet *sheet)
{
	const struct program *program = w->compiler->program;
	uint32_t number = 0;

	buf_puts(&w->out, head);
	if (has_content_rules(program)) {
		buf_puts(&w->out, dispatch);
		sheet_content_rules(w);
	}
	for (const struct sheet_part *p = w->compiler->rules->sheet; p;
	     p = p->next)
		part(w, p->node, number++);
	for (uint32_t i = 0; i < program->rules_count; i++)
		if (program->rules[i]->body &&
		    sheet_has_xsl(program->rules[i]->body))
			named_body(w, i);
	buf_puts(&w->out, "</xsl:stylesheet>");
	sheet->parts_count = number;
}

CHECKED int
sheet_compose(struct compiler *compiler)
{
	static _Atomic unsigned long serial;
	struct arena *arena = compiler->program->arena;
	struct sheet_writer w = {.compiler = compiler};
	struct sheet *sheet;
	int rc = 0;

	if (!compiler->rules->uses_xsl)
		return 0;
	sheet = arena_get(arena, sizeof(*sheet));
	buf_init(&w.out, SHEET_MAX);
	compose(&w, sheet);
	if (w.out.failed) {
		rc = err_set(compiler->err,
		    "the rules make over %d bytes of XSLT", SHEET_MAX);
	} else {
		sheet->serial = atomic_fetch_add(&serial, 1) + 1;
		sheet->rules = compiler->rules;
		sheet->templates_count = compiler->program->templates_count;
		sheet->text = arena_strndup(arena, w.out.data, w.out.len);
		sheet->len = w.out.len;
		sheet->lines = w.lines;
		sheet->lines_count = w.lines_count;
		compiler->program->sheet = sheet;
	}
	buf_fini(&w.out);
	return rc;
}
