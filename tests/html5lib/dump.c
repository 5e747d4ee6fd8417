/* A tree as the .dat files show it (contract: dump.h) */
#include "dump.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dom/node.h"

/* Attributes of SVG and MathML that have a namespace; "xmlns" alone has too,
 * and that is its own prefix. */
static const char *
in_namespace(const char *name)
{
	static const char *const names[][2] = {
	    {"xlink:actuate", "xlink actuate"},
	    {"xlink:arcrole", "xlink arcrole"},
	    {"xlink:href", "xlink href"},
	    {"xlink:role", "xlink role"},
	    {"xlink:show", "xlink show"},
	    {"xlink:title", "xlink title"},
	    {"xlink:type", "xlink type"},
	    {"xml:lang", "xml lang"},
	    {"xml:space", "xml space"},
	    {"xmlns", "xmlns xmlns"},
	    {"xmlns:xlink", "xmlns xlink"},
	};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(names[i][0], name) == 0)
			return names[i][1];
	return name;
}

static void
indent(struct buf *out, size_t depth)
{
	if (out->len > 0)
		buf_putc(out, '\n');
	buf_puts(out, "| ");
	while (depth-- > 0)
		buf_puts(out, "  ");
}

struct shown {
	const char *name, *value;
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(
	    ((const struct shown *)a)->name, ((const struct shown *)b)->name);
}

static void
dump_attributes(struct buf *out, const xmlNode *element, size_t depth)
{
	bool foreign = node_is_foreign(element);
	struct shown *shown;
	size_t count = 0;

	for (const xmlAttr *a = element->properties; a; a = a->next)
		count++;
	shown = mem_new_array(count + 1, sizeof(*shown));
	count = 0;
	for (const xmlAttr *a = element->properties; a; a = a->next) {
		const char *name = (const char *)a->name;

		shown[count].name = foreign ? in_namespace(name) : name;
		shown[count++].value =
		    a->children ? (const char *)a->children->content : "";
	}
	qsort(shown, count, sizeof(*shown), by_name);
	for (size_t i = 0; i < count; i++) {
		indent(out, depth);
		buf_printf(out, "%s=\"", shown[i].name);
		buf_puts(out, shown[i].value);
		buf_putc(out, '"');
	}
	mem_free(&shown);
}

static bool
holds_content(const xmlNode *node)
{
	return node->type == XML_ELEMENT_NODE &&
	       strcmp((const char *)node->name, "template") == 0 &&
	       !node_is_foreign(node);
}

static void
dump_element(struct buf *out, const xmlNode *node, size_t depth)
{
	indent(out, depth);
	buf_putc(out, '<');
	if (node->extra & NODE_SVG)
		buf_puts(out, "svg ");
	if (node->extra & NODE_MATHML)
		buf_puts(out, "math ");
	buf_puts(out, (const char *)node->name);
	buf_putc(out, '>');
	dump_attributes(out, node, depth + 1);
	if (holds_content(node)) {
		indent(out, depth + 1);
		buf_puts(out, "content");
	}
}

static void
dump_doctype(struct buf *out, const xmlDtd *dtd)
{
	const char *public_id = (const char *)dtd->ExternalID;
	const char *system_id = (const char *)dtd->SystemID;

	buf_printf(
	    out, "<!DOCTYPE %s", dtd->name ? (const char *)dtd->name : "");
	if ((public_id && *public_id) || (system_id && *system_id))
		buf_printf(out, " \"%s\" \"%s\"", public_id ? public_id : "",
		    system_id ? system_id : "");
	buf_putc(out, '>');
}

static void
dump_node(struct buf *out, const xmlNode *node, size_t depth)
{
	const char *text = (const char *)node->content;

	switch (node->type) {
	case XML_ELEMENT_NODE:
		dump_element(out, node, depth);
		break;
	case XML_TEXT_NODE:
		indent(out, depth);
		buf_putc(out, '"');
		buf_puts(out, text);
		buf_putc(out, '"');
		break;
	case XML_COMMENT_NODE:
		indent(out, depth);
		buf_puts(out, "<!-- ");
		buf_puts(out, text ? text : "");
		buf_puts(out, " -->");
		break;
	case XML_DTD_NODE:
		indent(out, depth);
		dump_doctype(out, (const xmlDtd *)node);
		break;
	default:
		indent(out, depth);
		buf_printf(out, "(a node of type %d)", (int)node->type);
	}
}

void
dump_below(struct buf *out, const xmlNode *root)
{
	const xmlNode *node = root->children;
	size_t depth = 0;

	while (node) {
		dump_node(out, node, depth);
		if (node->type == XML_ELEMENT_NODE && node->children) {
			depth += holds_content(node) ? 2 : 1;
			node = node->children;
			continue;
		}
		while (!node->next && node->parent != root) {
			node = node->parent;
			depth -= holds_content(node) ? 2 : 1;
		}
		node = node->next;
	}
}
