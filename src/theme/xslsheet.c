/* theme/xslsheet.c - writing the stylesheet
 *
 * Every element of the rules ends its start tag on a line of its own, so that
 * the line in a message of libxslt leads back to a line of the rules. White
 * space outside of text is put nowhere else. */
#include "theme/xslsheet.h"

#include <stdatomic.h>
#include <string.h>

#include "base/mem.h"
#include "dom/path.h"
#include "theme/body.h"
#include "theme/form.h"
#include "theme/markup.h"
#include "theme/pattern.h"
#include "theme/selector.h"
#include "theme/xsl.h"

#define XSL "http://www.w3.org/1999/XSL/Transform"

enum { SHEET_MAX = 16 * 1024 * 1024 };

struct writer {
	struct compiler *compiler;
	struct buf out;
	struct sheet_line *lines;
	size_t lines_count, lines_room;
	bool in_template; /* of the rules: comments are not output there */
	bool drops_space; /* white space alone is never output */
};

/* ---- bytes ---- */

static void
escaped(struct writer *w, const char *text)
{
	for (; text && *text; text++)
		switch (*text) {
		case '&':
			buf_puts(&w->out, "&amp;");
			break;
		case '<':
			buf_puts(&w->out, "&lt;");
			break;
		case '>':
			buf_puts(&w->out, "&gt;");
			break;
		case '"':
			buf_puts(&w->out, "&quot;");
			break;
		case '\n':
		case '\r':
		case '\t':
			buf_printf(&w->out, "&#%d;", *text);
			break;
		default:
			buf_putc(&w->out, *text);
		}
}

static void
attribute(struct writer *w, const char *name, const char *value)
{
	buf_printf(&w->out, " %s=\"", name);
	escaped(w, value);
	buf_puts(&w->out, "\"");
}

/* The tag in hand ends on a new line, which comes from this node. */
static void
end_line(struct writer *w, const xmlNode *node)
{
	struct arena *arena = w->compiler->program->arena;

	buf_putc(&w->out, '\n');
	if (w->lines_count == w->lines_room) {
		struct sheet_line *more;

		w->lines_room = w->lines_room ? 2 * w->lines_room : 256;
		more = arena_get(arena, w->lines_room * sizeof(*more));
		if (w->lines_count)
			memcpy(more, w->lines, w->lines_count * sizeof(*more));
		w->lines = more;
	}
	w->lines[w->lines_count].source = node->_private;
	w->lines[w->lines_count++].line = xmlGetLineNo(node);
}

/* ---- what is in a body ---- */

static bool
is_xsl(const xmlNode *node, const char *name)
{
	return selector_dialect(node) == DIALECT_XSL &&
	       (!name || strcmp((const char *)node->name, name) == 0);
}

static bool
is_include(const xmlNode *node)
{
	enum dialect dialect = selector_dialect(node);

	return (dialect == DIALECT_DIAZO || dialect == DIALECT_OLD) &&
	       strcmp((const char *)node->name, "include") == 0;
}

/* Of XSLT itself, or markup with attributes that are. */
static bool
says_xsl(const xmlNode *node)
{
	if (is_xsl(node, NULL))
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

/* Namespaces that XPath in here may name: all in scope, or only those that
 * the element itself declares. */
static void
declare(struct writer *w, const xmlNode *node, bool all)
{
	xmlNs **list = all ? xmlGetNsList(node->doc, node) : NULL;

	for (size_t i = 0; list && list[i]; i++)
		if (list[i]->prefix &&
		    strcmp((const char *)list[i]->prefix, "xsl") != 0 &&
		    strcmp((const char *)list[i]->prefix, SHEET_PREFIX) != 0) {
			buf_printf(&w->out, " xmlns:%s=\"",
			    (const char *)list[i]->prefix);
			escaped(w, (const char *)list[i]->href);
			buf_puts(&w->out, "\"");
		}
	xmlFree(list);
	for (const xmlNs *ns = all ? NULL : node->nsDef; ns; ns = ns->next)
		if (ns->prefix &&
		    strcmp((const char *)ns->prefix, "xsl") != 0 &&
		    strcmp((const char *)ns->prefix, SHEET_PREFIX) != 0) {
			buf_printf(
			    &w->out, " xmlns:%s=\"", (const char *)ns->prefix);
			escaped(w, (const char *)ns->href);
			buf_puts(&w->out, "\"");
		}
}

/* Whether the tag in hand has it by now: from the element itself, or from an
 * attribute before this one. */
static bool
is_declared_here(const xmlNode *node, const xmlAttr *attribute)
{
	const xmlNs *ns = attribute->ns;

	for (const xmlNs *n = node->nsDef; n; n = n->next)
		if (n->prefix && xmlStrEqual(n->prefix, ns->prefix))
			return true;
	for (const xmlAttr *a = attribute->prev; a; a = a->prev)
		if (a->ns && xmlStrEqual(a->ns->prefix, ns->prefix))
			return true;
	return false;
}

/* Those of XSLT's elements that are patterns. */
static bool
is_pattern(const xmlAttr *a)
{
	const char *name = (const char *)a->name;

	return strcmp(name, "match") == 0 || strcmp(name, "count") == 0 ||
	       strcmp(name, "from") == 0;
}

/* A path that looks at more than what is next to a node. */
static bool
is_far(const char *value)
{
	static const char far[] = "descendant";

	return pattern_is_absolute(value) ||
	       strncmp(value, far, sizeof(far) - 1) == 0;
}

/* The number of an expression that the program finds, as it does those of its
 * own rules, in a walk of the page: a plain path. -1: another. */
static long
found_by_program(struct writer *w, const xmlAttr *a, const char *value)
{
	struct path *path;

	if (strcmp((const char *)a->name, "select") != 0 ||
	    !is_far(value) || !(path = path_new(value)))
		return -1;
	path_free(&path);
	return (long)program_expr(w->compiler->program, value, false);
}

static void
xsl_attribute(struct writer *w, const xmlAttr *a)
{
	struct arena *arena = w->compiler->program->arena;
	const char *name = markup_name(arena, a);
	const char *value = markup_value(arena, a);
	long number = found_by_program(w, a, value);

	if (number >= 0)
		buf_printf(&w->out, " %s=\"" SHEET_PREFIX ":select(%ld)\"",
		    name, number);
	else if (is_pattern(a))
		attribute(w, name, pattern_without_id(arena, value));
	else
		attribute(w, name, value);
}

static void
attributes(struct writer *w, const xmlNode *node, bool xsl)
{
	struct arena *arena = w->compiler->program->arena;

	for (const xmlAttr *a = node->properties; a; a = a->next) {
		if (a->ns && (xsl || selector_is_css(a->ns)))
			continue;
		if (a->ns && a->ns->prefix &&
		    strcmp((const char *)a->ns->prefix, "xml") != 0 &&
		    !is_declared_here(node, a)) {
			buf_printf(&w->out, " xmlns:%s=\"",
			    (const char *)a->ns->prefix);
			escaped(w, (const char *)a->ns->href);
			buf_puts(&w->out, "\"");
		}
		if (xsl)
			xsl_attribute(w, a);
		else
			attribute(
			    w, markup_name(arena, a), markup_value(arena, a));
	}
}

static const xmlNode *
past_blank(const xmlNode *node)
{
	while (
	    node && (form_is_blank(node) || is_xsl(node, "variable") ||
			is_xsl(node, "sort") || node->type == XML_COMMENT_NODE))
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
	while (node && (is_xsl(node, "if") || is_xsl(node, "choose") ||
			   is_xsl(node, "when") || is_xsl(node, "for-each")))
		node = past_blank(node->children);
	if (!node || is_xsl(node, "attribute"))
		return node != NULL;
	if (!is_xsl(node, "copy-of") && !is_xsl(node, "apply-templates"))
		return false;
	select = xmlGetNoNsProp(node, BAD_CAST "select");
	gives = select && *select == '@';
	xmlFree(select);
	return gives;
}

/* White space alone counts inside of literal markup, and not before an
 * attribute, whose element has no content yet. */
static bool
counts(const struct writer *w, const xmlNode *text, const xmlNode *top)
{
	const xmlNode *parent = text->parent;

	if (!form_is_blank(text) || is_xsl(parent, "text"))
		return true;
	if (w->drops_space || is_xsl(parent, NULL))
		return false;
	if (gives_attribute(text->next))
		return false;
	return parent != top || text != top->children;
}

static void
text(struct writer *w, const xmlNode *node, const xmlNode *top)
{
	bool wrap = !is_xsl(node->parent, "text");

	if (!counts(w, node, top))
		return;
	if (wrap)
		buf_puts(&w->out, "<xsl:text>");
	escaped(w, (const char *)node->content);
	if (wrap)
		buf_puts(&w->out, "</xsl:text>");
}

static void
comment(struct writer *w, const xmlNode *node, const xmlNode *top)
{
	if (w->in_template ||
	    (node->parent != top && is_xsl(node->parent, NULL)))
		return;
	buf_puts(&w->out, "<xsl:comment><xsl:text>");
	escaped(w, (const char *)node->content);
	buf_puts(&w->out, "</xsl:text></xsl:comment>");
}

/* ---- <include> ---- */

static void
include_tests(struct writer *w, const struct terms *terms)
{
	buf_puts(&w->out, "<xsl:if test=\"");
	for (size_t i = 0; i < terms->count; i++) {
		const struct term *term = terms->list[i];

		buf_puts(&w->out, i ? " and " : "");
		buf_puts(&w->out, term->negate ? "not(" : "boolean(");
		if (term->kind == TERM_PATH)
			buf_printf(&w->out, SHEET_PREFIX ":path(%u)",
			    program_expr(
				w->compiler->program, term->text, true));
		else
			escaped(w, term->text);
		buf_puts(&w->out, ")");
	}
	buf_puts(&w->out, "\">");
}

static void
include_selection(
    struct writer *w, const xmlNode *node, const struct pull *pull)
{
	struct program *program = w->compiler->program;

	bool copies = pull->raw && !program->has_raw_templates;
	bool plain = !copies && !pull->mode && !pull->raw;

	buf_puts(&w->out, copies  ? "<xsl:copy-of"
			  : plain ? "<" SHEET_PREFIX ":apply"
				  : "<xsl:apply-templates");
	if (pull->mode || (pull->raw && !copies))
		attribute(w, "mode", pull->mode ? pull->mode : "raw");
	if (pull->href)
		buf_printf(&w->out, " select=\"" SHEET_PREFIX ":select(%u)\"",
		    program_expr_of(program, pull->content, pull->href));
	else
		attribute(w, "select", pull->content);
	end_line(w, node);
	buf_puts(&w->out, "/>");
}

static void
include_address(struct writer *w, const struct pull *pull)
{
	struct buf address;

	buf_init(&address, SHEET_MAX);
	body_address(&address, pull);
	if (pull->method == METHOD_ESI) {
		buf_puts(&w->out, "<esi:include");
		attribute(w, "src", address.data);
		buf_puts(&w->out, "/>");
	} else {
		buf_printf(&w->out, "<xsl:comment>#include %svirtual=\"",
		    w->compiler->program->compat ? " " : "");
		escaped(w, address.data);
		buf_printf(&w->out, "\"%s</xsl:comment>",
		    pull->method == METHOD_SSIWAIT ? " wait=\"yes\"" : "");
	}
	buf_fini(&address);
}

static void
include(struct writer *w, const xmlNode *node)
{
	const struct inclusion *inclusion = node->_private;

	if (inclusion->terms.count)
		include_tests(w, &inclusion->terms);
	if (inclusion->pull.method > METHOD_DOCUMENT)
		include_address(w, &inclusion->pull);
	else
		include_selection(w, node, &inclusion->pull);
	if (inclusion->terms.count)
		buf_puts(&w->out, "</xsl:if>");
}

/* ---- elements ---- */

/* In the bodies of templates and loops, before the first thing that they do,
 * it is asked whether the page has not cost enough by now. */
static void
tick(struct writer *w, const xmlNode *node)
{
	const xmlNode *parent = node->parent;

	if (!is_xsl(parent, "template") && !is_xsl(parent, "for-each"))
		return;
	if (is_xsl(node, "param") || is_xsl(node, "sort") ||
	    form_is_blank(node) || node->type == XML_COMMENT_NODE)
		return;
	for (const xmlNode *p = node->prev; p; p = p->prev)
		if (!is_xsl(p, "param") && !is_xsl(p, "sort") &&
		    !form_is_blank(p) && p->type != XML_COMMENT_NODE)
			return;
	buf_puts(&w->out, "<" SHEET_PREFIX ":tick/>");
}

/* xsl:apply-templates that says no more than what it applies them to is ours
 * (theme/xslapply.c). */
static bool
is_plain_apply(const xmlNode *node)
{
	if (!is_xsl(node, "apply-templates") ||
	    xmlHasProp((xmlNode *)node, BAD_CAST "mode"))
		return false;
	for (const xmlNode *c = node->children; c; c = c->next)
		if (c->type == XML_ELEMENT_NODE)
			return false;
	return true;
}

static const char *
xsl_name(struct writer *w, const xmlNode *node)
{
	if (is_plain_apply(node))
		return SHEET_PREFIX ":apply";
	return arena_printf(
	    w->compiler->program->arena, "xsl:%s", (const char *)node->name);
}

static void
open_xsl(struct writer *w, const xmlNode *node)
{
	if (is_xsl(node, "copy-of")) {
		buf_puts(&w->out, "<" SHEET_PREFIX ":weigh");
		attributes(w, node, true);
		buf_puts(&w->out, "/>");
	}
	buf_printf(&w->out, "<%s", xsl_name(w, node));
	declare(w, node, false);
	attributes(w, node, true);
}

static void
open_literal(struct writer *w, const xmlNode *node)
{
	buf_printf(&w->out, "<%s", (const char *)node->name);
	declare(w, node, false);
	attributes(w, node, false);
}

/* 1: its children are next. */
static int
enter(struct writer *w, const xmlNode *node, const xmlNode *top)
{
	tick(w, node);
	if (markup_is_text(node))
		text(w, node, top);
	else if (node->type == XML_COMMENT_NODE)
		comment(w, node, top);
	if (node->type != XML_ELEMENT_NODE)
		return 0;
	if (is_include(node)) {
		include(w, node);
		return 0;
	}
	if (is_xsl(node, NULL))
		open_xsl(w, node);
	else
		open_literal(w, node);
	end_line(w, node);
	buf_puts(&w->out, ">");
	return 1;
}

static void
leave(struct writer *w, const xmlNode *node)
{
	buf_printf(&w->out, "</%s>",
	    is_xsl(node, NULL) ? xsl_name(w, node) : (const char *)node->name);
}

/* What is in an element, not the element. */
static void
children(struct writer *w, const xmlNode *top)
{
	const xmlNode *node = top->children;

	while (node) {
		int down = enter(w, node, top);

		if (down && node->children) {
			node = node->children;
			continue;
		}
		if (down)
			leave(w, node);
		while (!node->next && node->parent != top) {
			node = node->parent;
			leave(w, node);
		}
		node = node->next;
	}
}

/* ---- content rules ---- */

static void
body_of(struct writer *w, uint32_t number)
{
	const struct rule *rule = w->compiler->rule[number];

	w->drops_space = w->compiler->program->compat;
	if (rule->body)
		children(w, rule->body);
	w->drops_space = false;
}

static void
strip(struct writer *w)
{
	buf_puts(&w->out, "<" SHEET_PREFIX ":apply select=\"node()\"/>");
	if (!w->compiler->program->compat)
		buf_puts(&w->out,
		    "<xsl:copy-of select=\"self::text()|self::comment()|"
		    "self::processing-instruction()\"/>");
}

static void
replace_children(struct writer *w, const struct template *template)
{
	buf_puts(&w->out, "<xsl:choose><xsl:when test=\"self::*\"><xsl:copy>"
			  "<xsl:apply-templates select=\"@*\"/>");
	body_of(w, template->rule);
	buf_puts(&w->out, "</xsl:copy></xsl:when><xsl:otherwise>"
			  "<xsl:copy-of select=\".\"/></xsl:otherwise>"
			  "</xsl:choose>");
}

static const char *const phase_names[PHASES] = {
    [PHASE_BEFORE] = "before",
    [PHASE_REPLACE] = "replace",
    [PHASE_PREPEND] = "prepend",
    [PHASE_APPEND] = "append",
    [PHASE_AFTER] = "after",
};

static void
phase_bodies(struct writer *w, const struct phase_body *bodies)
{
	for (const struct phase_body *b = bodies; b; b = b->next) {
		bool test = b->condition != NO_CONDITION;

		if (test)
			buf_printf(&w->out,
			    "<xsl:if test=\"" SHEET_PREFIX ":holds(%u)\">",
			    b->condition);
		body_of(w, b->rule);
		if (test)
			buf_puts(&w->out, "</xsl:if>");
	}
}

/* The first replace that holds; else all that always do; else a copy. */
static void
phase_replace(struct writer *w, const struct phase_body *bodies)
{
	bool always = false, tests = false;

	for (const struct phase_body *b = bodies; b; b = b->next) {
		always |= b->condition == NO_CONDITION;
		if (b->condition == NO_CONDITION)
			continue;
		if (!tests)
			buf_puts(&w->out, "<xsl:choose>");
		tests = true;
		buf_printf(&w->out,
		    "<xsl:when test=\"" SHEET_PREFIX ":holds(%u)\">",
		    b->condition);
		body_of(w, b->rule);
		buf_puts(&w->out, "</xsl:when>");
	}
	if (tests)
		buf_puts(&w->out, "<xsl:otherwise>");
	for (const struct phase_body *b = bodies; b; b = b->next)
		if (b->condition == NO_CONDITION)
			body_of(w, b->rule);
	if (!always)
		buf_puts(&w->out,
		    "<xsl:call-template name=\"" SHEET_PREFIX ":copy\"/>");
	if (tests)
		buf_puts(&w->out, "</xsl:otherwise></xsl:choose>");
}

/* One phase: the bodies of the rule that has it for this node. */
static void
phase_template(struct writer *w, enum phase phase)
{
	const struct program *program = w->compiler->program;

	buf_printf(&w->out,
	    "<xsl:template name=\"" SHEET_PREFIX ":%s\">"
	    "<xsl:variable name=\"" SHEET_PREFIX ":t\" select=\"" SHEET_PREFIX
	    ":phase(%d)\"/><xsl:choose><xsl:when test=\"false()\"/>",
	    phase_names[phase], (int)phase);
	for (size_t i = 0; i < program->templates_count; i++) {
		const struct phase_body *bodies =
		    program->templates[i].phases[phase];

		if (!bodies)
			continue;
		buf_printf(&w->out,
		    "<xsl:when test=\"$" SHEET_PREFIX ":t = %zu\">", i);
		if (phase == PHASE_REPLACE)
			phase_replace(w, bodies);
		else
			phase_bodies(w, bodies);
		buf_puts(&w->out, "</xsl:when>");
	}
	buf_puts(&w->out,
	    phase == PHASE_REPLACE
		? "<xsl:otherwise><xsl:call-template name=\"" SHEET_PREFIX
		  ":copy\"/></xsl:otherwise>"
		: "<xsl:otherwise/>");
	buf_puts(&w->out, "</xsl:choose></xsl:template>");
}

static void
content_rule(struct writer *w, const struct template *template)
{
	switch (template->kind) {
	case TEMPLATE_STRIP:
		strip(w);
		break;
	case TEMPLATE_PHASES:
		buf_puts(&w->out,
		    "<xsl:call-template name=\"" SHEET_PREFIX ":phases\"/>");
		break;
	case TEMPLATE_REPLACE_CHILDREN:
		replace_children(w, template);
		break;
	case TEMPLATE_DROP:
	case TEMPLATE_XSL:
		break;
	}
}

/* All rules about content in one template: the program knows which of them
 * has a node. (As patterns of their own, libxslt would count siblings for each
 * predicate at each node, which takes the square of their number.) */
static void
content_rules(struct writer *w)
{
	const struct program *program = w->compiler->program;

	buf_puts(&w->out,
	    "<xsl:template priority=\"1000000000\" match=\""
	    "node()[" SHEET_PREFIX ":rule() &gt;= 0]|@*[" SHEET_PREFIX
	    ":rule() &gt;= 0]\"><xsl:variable name=\"" SHEET_PREFIX
	    ":t\" select=\"" SHEET_PREFIX ":rule()\"/><xsl:choose>");
	for (size_t i = 0; i < program->templates_count; i++) {
		if (program->templates[i].kind == TEMPLATE_XSL)
			continue;
		buf_printf(&w->out,
		    "<xsl:when test=\"$" SHEET_PREFIX ":t = %zu\">"
		    "<xsl:call-template name=\"" SHEET_PREFIX
		    ":c%zu\"/></xsl:when>",
		    i, i);
	}
	buf_puts(&w->out, "<xsl:otherwise/></xsl:choose></xsl:template>");
	for (size_t i = 0; i < program->templates_count; i++) {
		if (program->templates[i].kind == TEMPLATE_XSL)
			continue;
		buf_printf(&w->out,
		    "<xsl:template name=\"" SHEET_PREFIX ":c%zu\" " SHEET_PREFIX
		    ":rule=\"%zu\">",
		    i, i);
		content_rule(w, &program->templates[i]);
		buf_puts(&w->out, "</xsl:template>");
	}
	for (int phase = 0; phase < PHASES; phase++)
		phase_template(w, (enum phase)phase);
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
part(struct writer *w, const xmlNode *node, uint32_t number)
{
	w->in_template = true;
	buf_printf(&w->out, "<xsl:%s", (const char *)node->name);
	declare(w, node, true);
	attributes(w, node, true);
	if (is_xsl(node, "template"))
		buf_printf(&w->out, " " SHEET_PREFIX ":part=\"%u\"", number);
	end_line(w, node);
	buf_puts(&w->out, ">");
	children(w, node);
	leave(w, node);
	w->in_template = false;
}

static void
named_body(struct writer *w, uint32_t number)
{
	const struct rule *rule = w->compiler->rule[number];

	buf_printf(&w->out,
	    "<xsl:template name=\"" SHEET_PREFIX ":b%u\" " SHEET_PREFIX
	    ":body=\"%u\"",
	    number, number);
	declare(w, rule->body, true);
	end_line(w, rule->body);
	buf_puts(&w->out, ">");
	w->drops_space = !rule->theme && w->compiler->program->compat;
	children(w, rule->body);
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
compose(struct writer *w, struct sheet *sheet)
{
	const struct program *program = w->compiler->program;
	uint32_t number = 0;

	buf_puts(&w->out, head);
	if (has_content_rules(program)) {
		buf_puts(&w->out, dispatch);
		content_rules(w);
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
	struct writer w = {.compiler = compiler};
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
