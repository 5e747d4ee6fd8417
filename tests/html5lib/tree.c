/* Tree construction: a page is built, dumped, and compared with the dump that
 * is wanted, fed whole and in pieces */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "dom/build.h"

enum { DUMP_MAX = 64 << 20, ARENA_FIRST = 4096 };

/* ---- the dump ---- */

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

/* All below a node, that itself not. */
static void
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

/* ---- the run ---- */

static int
feed(struct build *build, struct arena *arena, struct span page, size_t size,
    struct err *err)
{
	size_t from = 0, to;
	int rc;

	do {
		const char *rest = NULL;
		size_t rest_len = from ? build_rest(build, &rest) : 0;
		char *bytes;

		to = piece_end(page, from, size);
		bytes = arena_room(arena, rest_len + to - from + 1);
		if (rest_len)
			memcpy(bytes, rest, rest_len);
		memcpy(bytes + rest_len, page.p + from, to - from);
		rc = build_feed(
		    build, bytes, rest_len + to - from, to == page.len, err);
		from = to;
	} while (rc == 0 && to < page.len);
	return rc;
}

static void
dump_page(struct buf *out, const struct tree_case *one, const char *context,
    size_t size)
{
	const struct build_opts opts = {
	    .depth = 10000,
	    .attributes = 10000,
	    .nodes = 10000000,
	    .implied = true,
	    .scripting = one->scripting,
	    .context = context,
	};
	struct arena *arena = arena_new(ARENA_FIRST);
	struct tree *tree = tree_new(arena);
	struct build *build = build_new(tree, &opts);
	struct err err = {""};

	if (feed(build, arena, one->data, size, &err) != 0)
		buf_puts(out, err.text);
	else if (context)
		dump_below(out, xmlDocGetRootElement(&tree->doc));
	else
		dump_below(out, (const xmlNode *)&tree->doc);
	build_free(&build);
	tree_free(&tree);
}

/* False when it failed, which is printed. */
static bool
run_in_pieces(const struct place *place, const struct tree_case *one,
    const char *context, size_t size)
{
	struct buf out;
	char how[64] = "";
	bool same;

	buf_init(&out, DUMP_MAX);
	dump_page(&out, one, context, size);
	same =
	    out.len == one->document.len &&
	    (out.len == 0 || memcmp(out.data, one->document.p, out.len) == 0);
	if (size)
		snprintf(how, sizeof(how), "in pieces of %zu", size);
	if (!same)
		case_failed(place, how, one->data, one->document,
		    (struct span){out.data ? out.data : "", out.len});
	buf_fini(&out);
	return same;
}

void
tree_case_run(const struct place *place, const struct tree_case *one)
{
	char *context = one->context.p
			    ? mem_strndup(one->context.p, one->context.len)
			    : NULL;
	bool same = true;

	for (size_t i = 0; i < PIECE_SIZES && same; i++)
		same = run_in_pieces(place, one, context, piece_sizes[i]);
	if (same)
		case_passed();
	mem_free(&context);
}
