/* theme/body.c - inline markup and <include>, and the forms that leave the
 * fetching to others (SSI, ESI)
 *
 * Elements lose their namespace: what is written in the rules' own namespace,
 * or in that of XHTML, is HTML. Attributes are templates: {expression} stands
 * for its string, {{ and }} for the braces themselves. */
#include "theme/body.h"

#include <ctype.h>
#include <string.h>

#include "dom/html.h"
#include "dom/xpath.h"
#include "theme/markup.h"
#include "theme/pattern.h"
#include "theme/selector.h"
#include "theme/xslsheet.h"

struct body {
	struct program *program;
	const struct rule *rule;
	uint32_t number;
	enum room room;
	struct err *err;
};

/* ---- pulls ---- */

/* Percent-encode all but what a path expression is mostly made of. */
static void
write_filter(struct buf *out, const char *xpath)
{
	for (; *xpath; xpath++) {
		unsigned char c = (unsigned char)*xpath;

		if (isalnum(c) || strchr("_.-~/*[]@='", c))
			buf_putc(out, *xpath);
		else
			buf_printf(out, "%%%02X", c);
	}
}

/* HREF, or HREF?;filter_xpath=XPATH when part of it is asked for. */
void
body_address(struct buf *out, const struct pull *pull)
{
	buf_puts(out, pull->href);
	if (!pull->content)
		return;
	buf_puts(out,
	    strchr(pull->href, '?') ? ";filter_xpath=" : "?;filter_xpath=");
	write_filter(out, pull->content);
}

static void
write_include(struct program *program, const struct pull *pull)
{
	struct buf *out = &program->text;
	size_t from = out->len;
	struct buf address;

	buf_init(&address, PROGRAM_TEXT_MAX);
	body_address(&address, pull);
	if (pull->method == METHOD_ESI) {
		buf_puts(out, "<esi:include src=\"");
		markup_write_value(out, address.data, address.len);
		buf_puts(out, "\"></esi:include>");
	} else {
		/* Diazo's code writes two spaces, its manual one. */
		buf_printf(out, "<!--#include %svirtual=\"%s\"%s-->",
		    program->compat ? " " : "", address.data,
		    pull->method == METHOD_SSIWAIT ? " wait=\"yes\"" : "");
	}
	if (address.failed)
		out->failed = true;
	buf_fini(&address);
	program_text(program, from);
}

unsigned
body_flags(const struct program *program, enum room room)
{
	switch (room) {
	case ROOM_RAW:
		return OP_IN_RAW;
	case ROOM_WORDS:
		/* Diazo's code brings elements into titles too */
		return program->compat ? 0 : OP_WORDS;
	case ROOM_GUARDED:
		return program->compat ? 0 : OP_GUARDED;
	case ROOM_TABLE:
		return program->compat ? 0 : OP_TABLE;
	default:
		return 0;
	}
}

static void
copy_selection(struct program *program, const struct pull *pull,
    const char *content, const char *href, uint32_t rule, unsigned flags)
{
	uint32_t expr = program_expr_of(program, content, href);
	uint32_t at;

	if (pull->mode || (pull->raw && program->has_raw_templates))
		program_op(program, OP_MODE,
		    program_name(program, pull->mode ? pull->mode : "raw"), 0);
	at = program_op(program, OP_COPY, expr, rule);

	program->exprs[expr].typed = arena_strdup(program->arena, pull->typed);
	program->ops[at].flags = (uint8_t)(flags | (pull->raw ? OP_RAW : 0));
}

/* Diazo's code glues the document and the selector together as text, so of a
 * union only the first part means that document. */
static void
copy_glued(struct program *program, const struct pull *pull, uint32_t rule,
    unsigned flags)
{
	size_t count;
	char **parts = pattern_split(program->arena, pull->content, &count);

	for (size_t i = 0; i < count; i++)
		copy_selection(program, pull, parts[i],
		    i == 0 ? pull->href : NULL, rule, flags);
}

void
body_pull(struct program *program, const struct pull *pull, uint32_t rule,
    unsigned flags)
{
	if (pull->method > METHOD_DOCUMENT)
		write_include(program, pull);
	else if (pull->content && pull->href && program->compat)
		copy_glued(program, pull, rule, flags);
	else if (pull->content)
		copy_selection(
		    program, pull, pull->content, pull->href, rule, flags);
}

/* ---- attributes ---- */

size_t
body_expression_len(const char *at)
{
	char quote = 0;

	for (size_t i = 0; at[i]; i++) {
		if (quote)
			quote = at[i] == quote ? 0 : quote;
		else if (at[i] == '"' || at[i] == '\'')
			quote = at[i];
		else if (at[i] == '}')
			return i;
	}
	return 0;
}

static int
value_expression(
    struct body *body, const xmlNode *element, const char *from, size_t len)
{
	struct program *program = body->program;
	char *xpath = arena_strndup(program->arena, from, len);
	const struct source *source = element->_private;
	struct err why;

	if (len == 0 || xpath_check(xpath, &why) != 0)
		return rules_fail(body->err, source, xmlGetLineNo(element),
		    "{%s} is not XPath%s%s; a brace itself is written {{",
		    xpath, len ? ": " : "", len ? why.text : "");
	program_op(program, OP_VALUE, program_expr(program, xpath, false), 0);
	return 0;
}

static void
value_text(struct program *program, const char *from, size_t len)
{
	size_t at = program->text.len;

	markup_write_value(&program->text, from, len);
	program_text(program, at);
}

/* One attribute's value, text and expressions in turn. */
static int
value_template(struct body *body, const xmlNode *element, const char *value)
{
	while (*value) {
		size_t n = strcspn(value, "{}");

		value_text(body->program, value, n);
		value += n;
		if (*value && value[1] == *value) {
			value_text(body->program, value, 1);
			value += 2;
		} else if (*value == '}') {
			value_text(body->program, value, 1);
			value += 1;
		} else if (*value == '{') {
			n = body_expression_len(value + 1);
			if (value_expression(body, element, value + 1, n))
				return -1;
			value += n + 2;
		}
	}
	return 0;
}

static bool
is_declaration(const xmlAttr *attribute)
{
	return strcmp((const char *)attribute->name, "xmlns") == 0;
}

static int
start_tag(struct body *body, const xmlNode *element)
{
	struct program *program = body->program;

	program_puts(program, "<");
	program_puts(program, (const char *)element->name);
	for (const xmlAttr *a = element->properties; a; a = a->next) {
		if (is_declaration(a))
			continue;
		program_puts(program, " ");
		program_puts(program, markup_name(program->arena, a));
		program_puts(program, "=\"");
		if (value_template(
			body, element, markup_value(program->arena, a)) != 0)
			return -1;
		program_puts(program, "\"");
	}
	program_puts(program, ">");
	return 0;
}

/* Content that is an attribute belongs to the tag around it, so that this tag
 * must wait. Values with expressions in them are not written then. */
static bool
wants_attributes(const xmlNode *element)
{
	for (const xmlNode *c = element->children; c; c = c->next) {
		const struct inclusion *inclusion = c->_private;

		if (c->type == XML_COMMENT_NODE ||
		    (markup_is_text(c) && xmlIsBlankNode((xmlNode *)c)))
			continue;
		return selector_dialect(c) != DIALECT_NONE &&
		       strcmp((const char *)c->name, "include") == 0 &&
		       inclusion->pull.content &&
		       strchr(inclusion->pull.content, '@');
	}
	return false;
}

static void
open_tag(struct program *program, const xmlNode *element)
{
	program_op(program, OP_OPEN,
	    program_name(program, (const char *)element->name), 0);
	for (const xmlAttr *a = element->properties; a; a = a->next)
		if (!is_declaration(a))
			program_op(program, OP_SET,
			    program_name(
				program, markup_name(program->arena, a)),
			    program_name(
				program, markup_value(program->arena, a)));
}

/* ---- nodes ---- */

static bool
is_include(const xmlNode *node)
{
	return (selector_dialect(node) == DIALECT_DIAZO ||
		   selector_dialect(node) == DIALECT_OLD) &&
	       strcmp((const char *)node->name, "include") == 0;
}

/* Text alone has a place where it goes: no tag, no comment. */
static bool
is_words(const struct body *body)
{
	return body_flags(body->program, body->room) & OP_WORDS;
}

/* What there is room for where a node of the body stands. */
static enum room
room_of(const struct body *body, const xmlNode *node)
{
	enum room room;

	if (node->parent == body->rule->body || is_words(body) ||
	    body->room == ROOM_RAW)
		return body->room;
	room = markup_room_within(node->parent, body->rule->body);
	return room == ROOM_MARKUP && body->room == ROOM_GUARDED ? ROOM_GUARDED
								 : room;
}

static void
include(struct body *body, const xmlNode *node)
{
	const struct inclusion *inclusion = node->_private;
	struct label skip = {NULL};

	program_unless(body->program,
	    program_condition(body->program, &inclusion->terms), &skip);
	body_pull(body->program, &inclusion->pull, body->number,
	    body_flags(body->program, room_of(body, node)));
	program_land(body->program, &skip);
}

static bool
is_only_space(const xmlNode *text)
{
	return xmlIsBlankNode((xmlNode *)text);
}

static void
text(struct body *body, const xmlNode *node)
{
	struct program *program = body->program;
	size_t from = program->text.len;
	bool top = node->parent == body->rule->body;

	/* Diazo's code loses it in a rule about content. */
	if (is_only_space(node) && !body->rule->theme && program->compat)
		return;
	/* White space before an <include> of attributes would come first. */
	if (is_only_space(node) &&
	    (top ? body->rule->body : node->parent)->children == node &&
	    (top || wants_attributes(node->parent)))
		return;
	markup_write_text(&program->text, node,
	    top ? body->room == ROOM_RAW : markup_is_verbatim(node->parent));
	program_text(program, from);
}

/* 1: its children are next; 0: they are not. */
static int
enter(struct body *body, const xmlNode *node)
{
	struct program *program = body->program;
	size_t from = program->text.len;

	if (markup_is_text(node)) {
		text(body, node);
	} else if (node->type == XML_COMMENT_NODE && !is_words(body)) {
		html_write(&program->text, node);
		program_text(program, from);
	} else if (node->type == XML_ELEMENT_NODE) {
		if (is_include(node)) {
			include(body, node);
			return 0;
		}
		if (is_words(body))
			return !markup_is_verbatim(node);
		if (wants_attributes(node))
			open_tag(program, node);
		else if (start_tag(body, node) != 0)
			return -1;
		return 1;
	}
	return 0;
}

static void
leave(struct body *body, const xmlNode *node)
{
	struct program *program = body->program;
	size_t from = program->text.len;

	if (is_words(body) || html_is_void((const char *)node->name))
		return;
	buf_printf(&program->text, "</%s>", (const char *)node->name);
	program_text(program, from);
}

/* A body with xsl:* in it is a template of the stylesheet, as a whole. */
static void
run_template(struct program *program, uint32_t number, enum room room)
{
	uint32_t at = program_op(program, OP_XSL, number, 0);

	program->ops[at].flags = (uint8_t)body_flags(program, room);
	program_op(program, OP_END, 0, 0);
}

CHECKED int
body_compile(struct program *program, const struct rule *rule, uint32_t number,
    enum room room, uint32_t *start, struct err *err)
{
	struct body body = {program, rule, number, room, err};
	const xmlNode *top = rule->body, *node = top->children;
	uint32_t first = program_here(program);

	if (sheet_has_xsl(rule->body)) {
		run_template(program, number, room);
		*start = first;
		return 0;
	}
	while (node) {
		int down = enter(&body, node);

		if (down < 0)
			return -1;
		if (down && node->children) {
			node = node->children;
			continue;
		}
		if (down)
			leave(&body, node);
		while (!node->next && node->parent != top) {
			node = node->parent;
			leave(&body, node);
		}
		node = node->next;
	}
	program_op(program, OP_END, 0, 0);
	*start = first;
	return 0;
}
