/* dom/html_write.c - a tree as HTML (contract: dom/html.h)
 *
 * WHATWG 13.3, without recursion: the walk goes down to children, along
 * siblings and up by the parents' pointers. "<" and ">" are escaped in
 * attributes too, as the standard has it since 2025: what reads a <noscript>
 * as text must not find a tag in an attribute. Text and comments that would
 * end their element early are defused, since rules may move text anywhere. */
#include "dom/html.h"

#include <string.h>
#include <strings.h>
#include <libxml/parserInternals.h>

#include "dom/tags.h"

static int
state(const struct buf *out)
{
	return out->failed ? -1 : 0;
}

static const char *
escape_of(const char *p, size_t left, size_t *used)
{
	*used = 1;
	switch (*p) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '\xC2':
		*used = 2;
		return left > 1 && p[1] == '\xA0' ? "&nbsp;" : NULL;
	default:
		return NULL;
	}
}

static void
write_escaped(struct buf *out, const char *text, size_t len, bool quotes)
{
	const char *end = text + len;
	const char *from = text;
	size_t used;

	for (const char *p = text; p < end; p++) {
		const char *escape = escape_of(p, (size_t)(end - p), &used);

		if (quotes && *p == '"')
			escape = "&quot;";
		if (!escape)
			continue;
		buf_add(out, from, (size_t)(p - from));
		buf_puts(out, escape);
		from = p + used;
		p = from - 1;
	}
	buf_add(out, from, (size_t)(end - from));
}

int
html_write_text(struct buf *out, const char *text, size_t len)
{
	write_escaped(out, text, len, false);
	return state(out);
}

int
html_write_attribute(struct buf *out, const char *name, const char *value)
{
	buf_putc(out, ' ');
	buf_puts(out, name);
	if (value) {
		buf_puts(out, "=\"");
		write_escaped(out, value, strlen(value), true);
		buf_putc(out, '"');
	}
	return state(out);
}

/* ---- of HTML, SVG or MathML ---- */

/* A page's own elements were marked when it was read; of other trees (markup
 * in rules) what is within <svg> or <math> counts, and not what is within an
 * element there that may hold HTML. */
static bool
is_foreign(const xmlNode *node)
{
	if (node->doc && node->doc->type == XML_HTML_DOCUMENT_NODE)
		return node->psvi;
	for (const xmlNode *p = node->parent; p && p->type == XML_ELEMENT_NODE;
	     p = p->parent) {
		const char *name = (const char *)p->name;
		size_t len = strlen(name);

		if (strcmp(name, "svg") == 0 || strcmp(name, "math") == 0)
			return true;
		if (tag_is_integration(name, len, false) ||
		    tag_is_integration(name, len, true) ||
		    strcmp(name, "foreignObject") == 0)
			return false;
	}
	return false;
}

/* What HTML says of it; of SVG and MathML it says nothing. */
static enum tag_kind
kind_of(const xmlNode *node)
{
	const char *name = (const char *)node->name;
	enum tag_kind kind = tag_kind(name, strlen(name));

	if (kind == TAG_ORDINARY || (node->ns && node->ns->prefix) ||
	    is_foreign(node))
		return TAG_ORDINARY;
	return kind;
}

bool
html_holds_raw_text(const xmlNode *element)
{
	enum tag_kind kind = kind_of(element);

	return kind == TAG_RAW || kind == TAG_SCRIPT || kind == TAG_PLAIN;
}

bool
html_holds_escaped_text(const xmlNode *element)
{
	const char *name = (const char *)element->name;
	enum tag_kind kind = tag_kind(name, strlen(name));

	return kind == TAG_ESCAPED ||
	       (kind != TAG_ORDINARY && kind != TAG_VOID &&
		   kind_of(element) == TAG_ORDINARY);
}

/* ---- tags ---- */

static void
write_name(struct buf *out, const xmlNs *ns, const xmlChar *name)
{
	if (ns && ns->prefix)
		buf_printf(out, "%s:", (const char *)ns->prefix);
	buf_puts(out, (const char *)name);
}

static void
write_value(struct buf *out, const xmlNode *part)
{
	for (; part; part = part->next) {
		const char *text = (const char *)part->content;

		if (part->type == XML_ENTITY_REF_NODE)
			buf_printf(out, "&%s;", (const char *)part->name);
		else if (text)
			write_escaped(out, text, strlen(text), true);
	}
}

int
html_write_open(struct buf *out, const xmlNode *node)
{
	buf_putc(out, '<');
	write_name(out, node->ns, node->name);
	for (const xmlAttr *a = node->properties; a; a = a->next) {
		buf_putc(out, ' ');
		write_name(out, a->ns, a->name);
		if (!a->children)
			continue;
		buf_puts(out, "=\"");
		write_value(out, a->children);
		buf_putc(out, '"');
	}
	buf_putc(out, '>');
	return state(out);
}

int
html_write_close(struct buf *out, const xmlNode *node)
{
	if (kind_of(node) == TAG_VOID)
		return state(out);
	buf_puts(out, "</");
	write_name(out, node->ns, node->name);
	buf_putc(out, '>');
	return state(out);
}

/* ---- text ---- */

/* Text that would end its element too early, or hide its end tag, comes of no
 * page: put backslashes where scripts and styles take them. */
static void
write_defused(struct buf *out, const char *name, const char *text)
{
	size_t name_len = strlen(name);

	for (; *text; text++) {
		bool tag = text[0] == '<' && text[1] == '/' &&
			   strncasecmp(text + 2, name, name_len) == 0;
		bool comment = strncmp(text, "<!--", 4) == 0;

		buf_putc(out, *text);
		if (tag || comment)
			buf_putc(out, '\\');
	}
}

static void
write_raw(struct buf *out, const char *name, const char *text)
{
	size_t len = strlen(text);
	bool hidden;

	if (tag_raw_end(name, text, len, &hidden) == len && !hidden)
		buf_add(out, text, len);
	else
		write_defused(out, name, text);
}

static void
write_text_node(struct buf *out, const xmlNode *node)
{
	const xmlNode *parent = node->parent;
	const char *text = (const char *)node->content;

	if (!text)
		return;
	if (node->name == xmlStringTextNoenc)
		buf_puts(out, text); /* so the rules want it, in XSLT */
	else if (parent && parent->type == XML_ELEMENT_NODE &&
		 html_holds_raw_text(parent))
		write_raw(out, (const char *)parent->name, text);
	else
		write_escaped(out, text, strlen(text), false);
}

static void
write_comment(struct buf *out, const char *text)
{
	buf_puts(out, "<!--");
	if (*text == '>' || strncmp(text, "->", 2) == 0)
		buf_putc(out, ' ');
	for (; *text; text++) {
		buf_putc(out, *text);
		if (text[0] == '-' && text[1] == '-' &&
		    (text[2] == '>' || strncmp(text + 2, "!>", 2) == 0))
			buf_putc(out, ' ');
	}
	buf_puts(out, "-->");
}

/* To a browser it ends at the first ">". */
static void
write_instruction(struct buf *out, const xmlNode *node)
{
	const char *text = (const char *)node->content;

	buf_printf(out, "<?%s", (const char *)node->name);
	if (text && *text) {
		buf_putc(out, ' ');
		for (; *text; text++)
			if (*text != '>')
				buf_putc(out, *text);
	}
	buf_putc(out, '>');
}

static void
write_id(struct buf *out, const char *before, const xmlChar *id)
{
	char quote = strchr((const char *)id, '"') ? '\'' : '"';

	buf_printf(out, "%s %c%s%c", before, quote, (const char *)id, quote);
}

static void
write_doctype(struct buf *out, const xmlDtd *dtd)
{
	buf_printf(
	    out, "<!DOCTYPE %s", dtd->name ? (const char *)dtd->name : "html");
	if (dtd->ExternalID)
		write_id(out, " PUBLIC", dtd->ExternalID);
	else if (dtd->SystemID)
		write_id(out, " SYSTEM", dtd->SystemID);
	if (dtd->ExternalID && dtd->SystemID)
		write_id(out, "", dtd->SystemID);
	buf_puts(out, ">\n");
}

/* ---- the walk ---- */

/* What stands before the children. */
static void
write_before(struct buf *out, const xmlNode *node)
{
	switch (node->type) {
	case XML_ELEMENT_NODE:
		html_write_open(out, node);
		break;
	case XML_TEXT_NODE:
	case XML_CDATA_SECTION_NODE:
		write_text_node(out, node);
		break;
	case XML_COMMENT_NODE:
		write_comment(
		    out, node->content ? (const char *)node->content : "");
		break;
	case XML_PI_NODE:
		write_instruction(out, node);
		break;
	case XML_ENTITY_REF_NODE:
		buf_printf(out, "&%s;", (const char *)node->name);
		break;
	case XML_DTD_NODE:
	case XML_DOCUMENT_TYPE_NODE:
		write_doctype(out, (const xmlDtd *)node);
		break;
	default:
		break;
	}
}

static const xmlNode *
first_child(const xmlNode *node)
{
	switch (node->type) {
	case XML_ELEMENT_NODE:
		/* what is below a void element would be read beside it */
		if (kind_of(node) == TAG_VOID)
			return NULL;
		return node->children;
	case XML_DOCUMENT_NODE:
	case XML_HTML_DOCUMENT_NODE:
	case XML_DOCUMENT_FRAG_NODE:
		return node->children;
	default:
		return NULL;
	}
}

int
html_write(struct buf *out, const xmlNode *root)
{
	const xmlNode *node = root;

	while (!out->failed) {
		const xmlNode *child;

		write_before(out, node);
		child = first_child(node);
		if (child) {
			node = child;
			continue;
		}
		for (;;) {
			if (node->type == XML_ELEMENT_NODE)
				html_write_close(out, node);
			if (node == root)
				return state(out);
			if (node->next)
				break;
			node = node->parent;
		}
		node = node->next;
	}
	return -1;
}

/* An end tag of an element that holds only text, at "</". */
static bool
ends_text(const char *p, const char *end)
{
	char name[16];
	size_t len = 0;

	for (p += 2; p < end && len < sizeof(name) && *p != '>' && *p != '/' &&
		     !strchr(" \t\n\f\r", *p);
	     p++)
		name[len++] = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
	switch (tag_kind(name, len)) {
	case TAG_RAW:
	case TAG_SCRIPT:
	case TAG_ESCAPED:
		return true;
	default:
		return false;
	}
}

int
html_write_defused(struct buf *out, const xmlNode *node)
{
	bool is_text =
	    node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
	struct buf markup;

	buf_init(&markup, out->max);
	if (html_write(&markup, node) != 0)
		out->failed = true;
	for (const char *p = markup.data, *end = p + markup.len; p < end; p++) {
		bool tag = end - p > 2 && p[0] == '<' && p[1] == '/' &&
			   ends_text(p, end);
		/* a script's own text has its comments in order */
		bool comment =
		    !is_text && end - p >= 4 && memcmp(p, "<!--", 4) == 0;

		buf_putc(out, *p);
		if (tag || comment)
			buf_putc(out, '\\');
	}
	buf_fini(&markup);
	return state(out);
}
