/* dom/html_write.c - a tree as HTML (contract: dom/html.h)
 *
 * WHATWG 13.3, without recursion: the walk goes down to children, along
 * siblings and up by the parents' pointers. Text and comments that would end
 * their element early are defused, since rules may move text anywhere.
 *
 * What our own parser read, and found to be written plainly, goes out as the
 * bytes that it was (dom/node.h). */
#include "dom/html.h"

#include <string.h>
#include <libxml/parserInternals.h>

#include "dom/defuse.h"
#include "dom/emit.h"
#include "dom/escape.h"
#include "dom/html_tag.h"
#include "dom/names.h"
#include "dom/node.h"

/* ---- what stands alone ---- */

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

/* A page that is in quirks mode though its DOCTYPE names nothing of that kind
 * had a broken one: so it is written, or the page would look different. */
static bool
is_broken(const xmlDtd *dtd)
{
	const struct tree *tree = tree_of(dtd->doc);

	return tree && tree->quirks && dtd->name && !dtd->ExternalID &&
	       !dtd->SystemID && strcmp((const char *)dtd->name, "html") == 0;
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
	buf_puts(out, is_broken(dtd) ? " SYSTEM>\n" : ">\n");
}

/* ---- the walk ---- */

struct walk {
	struct buf *out;
	const struct tree *tree; /* that may be written as it came, or NULL */
	const xmlNode *root;
	unsigned returns; /* returns_of() */
	/* An element that ends with the page, or NULL: an end tag would be text
	 * in it, or would make it run. */
	const xmlNode *endless;
	/* The innermost element around whose text is raw, or NULL. */
	const xmlNode *raw;
};

/* Elements of which a line end is no part that stands before their text. */
static bool
swallows_line_end(const xmlNode *node)
{
	const char *name = (const char *)node->name;

	switch (*name) {
	case 'l':
		return strcmp(name, "listing") == 0;
	case 'p':
		return strcmp(name, "pre") == 0;
	case 't':
		return strcmp(name, "textarea") == 0;
	default:
		return false;
	}
}

/* Where a node, or its start tag, stands in the source, if its bytes there say
 * what it is. */
static inline bool
is_as_it_came(const struct walk *walk, const xmlNode *node, enum node_bit bit)
{
	return walk->tree && node->extra & bit && node->doc == &walk->tree->doc;
}

static void
put_source(const struct walk *walk, size_t from, size_t to)
{
	must(from <= to && to <= walk->tree->source_len);
	emit(walk->out, walk->tree->source + from, to - from);
}

static inline void
enter(const struct walk *walk, const xmlNode *node, size_t len)
{
	const struct node *node_of_tree = (const struct node *)node;
	const xmlNode *first = node->children;

	if (is_as_it_came(walk, node, NODE_PLAIN_TAG))
		put_source(walk, node_of_tree->from, node_of_tree->inner);
	else
		html_tag_start(walk->out, node, len);
	if (first && first->type == XML_TEXT_NODE && first->content &&
	    *first->content == '\n' && swallows_line_end(node) &&
	    tree_of(node->doc) && !(node->extra & NODE_FOREIGN))
		emit_char(walk->out, '\n');
}

static void
write_text_node(struct walk *walk, const xmlNode *node)
{
	bool is_raw = walk->raw && walk->raw == node->parent;
	const char *text = (const char *)node->content;
	const struct node *node_of_tree = (const struct node *)node;

	if (!text)
		return;
	if (node->name == xmlStringTextNoenc)
		buf_puts(walk->out, text); /* so the rules want it, in XSLT */
	else if (is_raw && walk->endless)
		buf_puts(walk->out, text);
	else if (is_raw)
		defuse_raw(walk->out, (const char *)node->parent->name, text);
	else if (is_as_it_came(walk, node, NODE_PLAIN))
		put_source(walk, node_of_tree->from, node_of_tree->to);
	else
		escape_add(walk->out, text, strlen(text), walk->returns);
}

/* Whether nothing stands behind the node, up to the root, but what is there
 * without being said (the body behind a head). */
static bool
is_last(const xmlNode *node, const xmlNode *root)
{
	for (; node != root; node = node->parent)
		for (const xmlNode *n = node->next; n; n = n->next)
			if (!(n->extra & NODE_IMPLIED) || n->children)
				return false;
	return true;
}

static const xmlNode *
raw_around(const xmlNode *node)
{
	const xmlNode *parent = node->parent;

	return parent && parent->type == XML_ELEMENT_NODE &&
		       html_holds_raw_text(parent)
		   ? parent
		   : NULL;
}

/* Behind the children. */
static inline void
leave(struct walk *walk, const xmlNode *node, size_t len)
{
	if (node != walk->endless)
		html_tag_end(walk->out, node, len);
	if (walk->raw == node)
		walk->raw = raw_around(node);
}

static bool
is_page(const xmlNode *root)
{
	return root->type == XML_HTML_DOCUMENT_NODE ||
	       root->type == XML_DOCUMENT_NODE;
}

static bool
is_drawing(const xmlNode *node)
{
	return xmlStrEqual(node->name, BAD_CAST "svg") ||
	       xmlStrEqual(node->name, BAD_CAST "math");
}

static bool
holds_other_than_text(const xmlNode *node)
{
	const xmlNode *c = node->children;

	while (c &&
	       (c->type == XML_TEXT_NODE || c->type == XML_CDATA_SECTION_NODE))
		c = c->next;
	return c;
}

/* An element of SVG or MathML that is in none: no parser puts it there, but
 * rules do. What root was in is left behind. */
static bool
is_uprooted(const struct walk *walk, const xmlNode *node)
{
	const xmlNode *up = node == walk->root ? NULL : node->parent;

	return !is_drawing(node) &&
	       !(up && (up->extra & NODE_FOREIGN || node_is_in_drawing(up)));
}

static inline bool
holds_text_only(const xmlNode *node, size_t len, enum el el)
{
	const char *name = (const char *)node->name;

	if (el != EL_NONE)
		return el_names[el].flags & EL_RAW;
	return *name == 't' &&
	       ((len == 5 && memcmp(name, "title", 5) == 0) ||
		   (len == 8 && memcmp(name, "textarea", 8) == 0)) &&
	       !node_is_foreign(node);
}

/* An element of HTML that holds text, within SVG or MathML where no HTML is,
 * or with something else in it: rules do that, too. */
static bool
is_misread(const struct walk *walk, const xmlNode *node)
{
	const xmlNode *up = node == walk->root ? NULL : node->parent;

	return holds_other_than_text(node) ||
	       (up && up->extra & NODE_FOREIGN && !node_holds_html(up));
}

/* Of an element its start tag; true when its children are to follow. */
static bool
write_element(struct walk *walk, const xmlNode *node)
{
	const struct node *node_of_tree = (const struct node *)node;
	size_t len;
	enum el el;

	if (node->extra & NODE_FOREIGN && is_uprooted(walk, node)) {
		html_write_anywhere(walk->out, node);
		return false;
	}
	if (is_as_it_came(walk, node, NODE_PLAIN)) {
		put_source(walk, node_of_tree->from, node_of_tree->to);
		return false;
	}
	if (node->extra & NODE_UNENDED) {
		if (!is_page(walk->root) || !is_last(node, walk->root))
			return false; /* with an end tag it would run */
		walk->endless = node;
	}
	len = name_len(node->name);
	el = html_el(node, len);
	if (holds_text_only(node, len, el) && is_misread(walk, node)) {
		html_write_anywhere(walk->out, node);
		return false;
	}
	enter(walk, node, len);
	if (el_names[el].flags & EL_RAW || node->extra & NODE_RAW)
		walk->raw = node;
	/* what is below a void element would be read beside it */
	if (el_names[el].flags & EL_VOID)
		return false;
	if (el == EL_PLAINTEXT && is_last(node, walk->root))
		walk->endless = node;
	if (node->children)
		return true;
	leave(walk, node, len);
	return false;
}

/* What stands before the children; true when they are to follow. */
static bool
write_node(struct walk *walk, const xmlNode *node)
{
	switch (node->type) {
	case XML_ELEMENT_NODE:
		return write_element(walk, node);
	case XML_TEXT_NODE:
	case XML_CDATA_SECTION_NODE:
		write_text_node(walk, node);
		return false;
	case XML_COMMENT_NODE:
		defuse_comment(walk->out,
		    node->content ? (const char *)node->content : "");
		return false;
	case XML_PI_NODE:
		write_instruction(walk->out, node);
		return false;
	case XML_ENTITY_REF_NODE:
		buf_printf(walk->out, "&%s;", (const char *)node->name);
		return false;
	case XML_DTD_NODE:
	case XML_DOCUMENT_TYPE_NODE:
		write_doctype(walk->out, (const xmlDtd *)node);
		return false;
	case XML_DOCUMENT_NODE:
	case XML_HTML_DOCUMENT_NODE:
	case XML_DOCUMENT_FRAG_NODE:
		return node->children != NULL;
	default:
		return false;
	}
}

int
html_write(struct buf *out, const xmlNode *root)
{
	struct walk walk = {
	    .out = out,
	    .tree = tree_of(root->doc),
	    .root = root,
	    .raw = raw_around(root),
	    .returns = returns_of(root->doc),
	};
	const xmlNode *node = root;

	if (walk.tree && !walk.tree->source)
		walk.tree = NULL;
	while (!out->failed) {
		if (write_node(&walk, node)) {
			node = node->children;
			continue;
		}
		while (node != root && node != walk.endless && !node->next) {
			node = node->parent;
			if (node->type == XML_ELEMENT_NODE)
				leave(&walk, node, name_len(node->name));
		}
		if (node == root || node == walk.endless)
			return emit_state(out);
		node = node->next;
	}
	return -1;
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
	if (markup.len > 0)
		defuse_markup(out, &markup, is_text);
	buf_fini(&markup);
	return emit_state(out);
}
