/* theme/xslmarkup.c - tags and attributes of the stylesheet
 *
 * Every element of the rules ends its start tag on a line of its own, so that
 * the line in a message of libxslt leads back to a line of the rules. White
 * space outside of text is put nowhere else. */
#include <string.h>

#include "dom/path.h"
#include "theme/markup.h"
#include "theme/pattern.h"
#include "theme/selector.h"
#include "theme/xslwrite.h"

/* ---- bytes ---- */

void
sheet_escaped(struct sheet_writer *w, const char *text)
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

void
sheet_attribute(struct sheet_writer *w, const char *name, const char *value)
{
	buf_printf(&w->out, " %s=\"", name);
	sheet_escaped(w, value);
	buf_puts(&w->out, "\"");
}

/* The tag in hand ends on a new line, which comes from this node. */
void
sheet_end_line(struct sheet_writer *w, const xmlNode *node)
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

/* ---- namespaces ---- */

bool
sheet_is_xsl(const xmlNode *node, const char *name)
{
	return selector_dialect(node) == DIALECT_XSL &&
	       (!name || strcmp((const char *)node->name, name) == 0);
}

/* Namespaces that XPath in here may name: all in scope, or only those that
 * the element itself declares. */
void
sheet_declare(struct sheet_writer *w, const xmlNode *node, bool all)
{
	xmlNs **list = all ? xmlGetNsList(node->doc, node) : NULL;

	for (size_t i = 0; list && list[i]; i++)
		if (list[i]->prefix &&
		    strcmp((const char *)list[i]->prefix, "xsl") != 0 &&
		    strcmp((const char *)list[i]->prefix, SHEET_PREFIX) != 0) {
			buf_printf(&w->out, " xmlns:%s=\"",
			    (const char *)list[i]->prefix);
			sheet_escaped(w, (const char *)list[i]->href);
			buf_puts(&w->out, "\"");
		}
	xmlFree(list);
	for (const xmlNs *ns = all ? NULL : node->nsDef; ns; ns = ns->next)
		if (ns->prefix &&
		    strcmp((const char *)ns->prefix, "xsl") != 0 &&
		    strcmp((const char *)ns->prefix, SHEET_PREFIX) != 0) {
			buf_printf(
			    &w->out, " xmlns:%s=\"", (const char *)ns->prefix);
			sheet_escaped(w, (const char *)ns->href);
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

/* ---- attributes ---- */

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
found_by_program(struct sheet_writer *w, const xmlAttr *a, const char *value)
{
	struct path *path;

	if (strcmp((const char *)a->name, "select") != 0 || !is_far(value) ||
	    !(path = path_new(value)))
		return -1;
	path_free(&path);
	return (long)program_expr(w->compiler->program, value, false);
}

static void
xsl_attribute(struct sheet_writer *w, const xmlAttr *a)
{
	struct arena *arena = w->compiler->program->arena;
	const char *name = markup_name(arena, a);
	const char *value = markup_value(arena, a);
	long number = found_by_program(w, a, value);

	if (number >= 0)
		buf_printf(&w->out, " %s=\"" SHEET_PREFIX ":select(%ld)\"",
		    name, number);
	else if (is_pattern(a))
		sheet_attribute(w, name, pattern_without_id(arena, value));
	else
		sheet_attribute(w, name, value);
}

void
sheet_attributes(struct sheet_writer *w, const xmlNode *node, bool xsl)
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
			sheet_escaped(w, (const char *)a->ns->href);
			buf_puts(&w->out, "\"");
		}
		if (xsl)
			xsl_attribute(w, a);
		else
			sheet_attribute(
			    w, markup_name(arena, a), markup_value(arena, a));
	}
}
