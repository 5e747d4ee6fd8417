/* theme/markup.c - what dom/html.h has no word for */
#include "theme/markup.h"

#include <string.h>
#include <libxml/parserInternals.h>

#include "base/must.h"
#include "dom/html.h"
#include "dom/node.h"

const char *
markup_name(struct arena *arena, const xmlAttr *attribute)
{
	const char *prefix =
	    attribute->ns ? (const char *)attribute->ns->prefix : NULL;

	if (!prefix)
		return (const char *)attribute->name;
	return arena_printf(
	    arena, "%s:%s", prefix, (const char *)attribute->name);
}

const char *
markup_value(struct arena *arena, const xmlAttr *attribute)
{
	const xmlNode *text = attribute->children;
	xmlChar *all;
	char *copy;

	if (!text)
		return "";
	if (!text->next && markup_is_text(text))
		return text->content ? (const char *)text->content : "";
	all = xmlNodeListGetString(attribute->doc, text, 1);
	copy = arena_strdup(arena, all ? (char *)all : "");
	xmlFree(all);
	return copy;
}

void
markup_write_value(struct buf *out, const char *text, size_t len)
{
	const char *end = text + len, *quote;

	while ((quote = memchr(text, '"', (size_t)(end - text))) != NULL) {
		html_write_text(out, text, (size_t)(quote - text));
		buf_puts(out, "&quot;");
		text = quote + 1;
	}
	html_write_text(out, text, (size_t)(end - text));
}

/* What would end a raw text element, or hide its end, gets a backslash, which
 * scripts and styles bear inside their strings. */
static void
write_verbatim(struct buf *out, const char *text)
{
	for (; *text; text++) {
		buf_putc(out, *text);
		if (text[0] == '<' && (text[1] == '/' || text[1] == '!'))
			buf_putc(out, '\\');
	}
}

void
markup_write_text(struct buf *out, const xmlNode *text, bool verbatim)
{
	const char *content = (const char *)text->content;

	if (!content)
		return;
	if (!verbatim && text->name == xmlStringTextNoenc)
		html_write(out, text);
	else if (!verbatim)
		html_write_text(out, content, strlen(content));
	else if (text->parent && markup_is_verbatim(text->parent))
		html_write(out, text);
	else
		write_verbatim(out, content);
}

bool
markup_is_verbatim(const xmlNode *element)
{
	return element->type == XML_ELEMENT_NODE &&
	       html_holds_raw_text(element);
}

enum room
markup_room(const xmlNode *element)
{
	if (element->type != XML_ELEMENT_NODE)
		return ROOM_MARKUP;
	/* to a browser without scripts it is markup: words are safe */
	if (element->extra & NODE_RAW)
		return ROOM_WORDS;
	if (html_holds_raw_text(element))
		return ROOM_RAW;
	return html_holds_escaped_text(element) ? ROOM_WORDS : ROOM_MARKUP;
}

/* Of an annotation-xml an attribute decides, which may change. */
static bool
is_within_drawing(const xmlNode *element)
{
	return node_is_foreign(element) &&
	       (!node_holds_html(element) ||
		   strcmp((const char *)element->name, "annotation-xml") == 0);
}

static bool
is_noscript_or_select(const xmlNode *element)
{
	const char *name = (const char *)element->name;

	return strcmp(name, "noscript") == 0 || strcmp(name, "select") == 0;
}

bool
markup_is_read_apart(const xmlNode *element)
{
	return is_noscript_or_select(element) || is_within_drawing(element);
}

bool
markup_is_around_cells(const xmlNode *element)
{
	static const char *const names[] = {
	    "table", "tbody", "thead", "tfoot", "tr", "colgroup"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp((const char *)element->name, names[i]) == 0)
			return true;
	return false;
}

bool
markup_is_cell(const xmlNode *element)
{
	const char *name = (const char *)element->name;

	return strcmp(name, "td") == 0 || strcmp(name, "th") == 0 ||
	       strcmp(name, "caption") == 0;
}

enum room
markup_room_within(const xmlNode *element, const xmlNode *top)
{
	enum room room = markup_room(element);

	if (room != ROOM_MARKUP || element->type != XML_ELEMENT_NODE)
		return room;
	if (is_within_drawing(element))
		return ROOM_GUARDED;
	for (const xmlNode *p = element;
	     p && p != top && p->type == XML_ELEMENT_NODE; p = p->parent)
		if (is_noscript_or_select(p))
			return ROOM_GUARDED;
	return markup_is_around_cells(element) ? ROOM_TABLE : ROOM_MARKUP;
}

void
markup_write_guarded(struct buf *out, const xmlNode *node,
    const xmlNode **form, bool in_table)
{
	if (in_table ? html_reads_alike_in_table(node) : html_reads_alike(node))
		html_write_row(out, node, form);
	else
		html_write_anywhere(out, node);
}

void
markup_write_raw(struct buf *out, const xmlNode *node)
{
	const char *content = (const char *)node->content;

	if (!markup_is_text(node) ||
	    (node->parent && markup_is_verbatim(node->parent)))
		html_write_defused(out, node);
	else if (content)
		write_verbatim(out, content);
}

void
markup_write_words(struct buf *out, xmlNode *node)
{
	const xmlNode *end = markup_past(node);

	if (markup_is_text(node)) {
		markup_write_text(out, node, false);
		return;
	}
	if (node->type != XML_ELEMENT_NODE)
		return;
	for (xmlNode *n = node; n && n != end; n = markup_following(n))
		if (markup_is_text(n) && !markup_is_verbatim(n->parent))
			markup_write_text(out, n, false);
}

bool
markup_is_text(const xmlNode *node)
{
	return node->type == XML_TEXT_NODE ||
	       node->type == XML_CDATA_SECTION_NODE;
}

static void
unix_lines(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++)
		if (at[0] != '\r' || at[1] != '\n')
			*to++ = *at;
	*to = '\0';
}

void
markup_unix_lines(xmlDoc *doc)
{
	for (xmlNode *n = doc->children; n; n = markup_following(n))
		if (markup_is_text(n) && n->content)
			unix_lines((char *)n->content);
}

xmlNode *
markup_past(xmlNode *node)
{
	while (node && !node->next) {
		node = node->parent;
		if (node && node->type != XML_ELEMENT_NODE)
			return NULL;
	}
	return node ? node->next : NULL;
}

xmlNode *
markup_following(xmlNode *node)
{
	if (node->type == XML_ELEMENT_NODE && node->children)
		return node->children;
	return markup_past(node);
}
