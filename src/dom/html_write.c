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

#include "base/mem.h"
#include "dom/defuse.h"
#include "dom/emit.h"
#include "dom/escape.h"
#include "dom/html_tag.h"
#include "dom/names.h"
#include "dom/node.h"
#include "dom/place.h"

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
	/* The form that a field which comes now would be of, or NULL; and the
	 * outermost template from the root on that is around, where none would
	 * be. */
	const xmlNode *form, *template;
	bool asked, templated; /* whether the root is in one */
	const xmlNode *kept; /* a form that ends where its element does */
	const xmlNode *walled, *wall; /* a form, and its place_form_wall() */
	/* The innermost table that began before what came out of it, or NULL;
	 * and those around it. */
	const xmlNode *early;
	const xmlNode **outer;
	size_t outer_count, outer_room;
	const xmlNode *form_early; /* what that was when the form began */
	const xmlNode *around;	   /* place_may_end() was asked of it last */
	unsigned may_end;
	unsigned voids; /* that hold something, and are not left yet */
};

/* ---- forms ---- */

/* A browser has one form at a time: fields are of it until its end tag, which
 * may come before the element ends or, when a table holds the form and gives
 * it no children, long after; and within it a start tag of another form is
 * nothing. So an end tag goes where the page had it, and before that start
 * tag. In a template all this is not so: a form there ends where its element
 * does, is in nobody's way, and that of the page around it goes on behind. */

static inline bool
is_form(const xmlNode *node)
{
	return *node->name == 'f' && place_is_named(node, "form");
}

static inline bool
is_template(const xmlNode *node)
{
	return *node->name == 't' && place_is_named(node, "template");
}

static void
end_form(struct walk *walk)
{
	emit(walk->out, "</form>", 7);
	walk->form = NULL;
}

/* Of what is entered now. What is around the root is looked at once: a page of
 * many deep forms would cost too much. */
static bool
is_in_template(struct walk *walk)
{
	if (walk->template)
		return true;
	if (!walk->asked)
		walk->templated = place_is_in_template(walk->root);
	walk->asked = true;
	return walk->templated;
}

static void
begin_form(struct walk *walk, const xmlNode *node)
{
	if (is_in_template(walk))
		return;
	if (walk->form)
		end_form(walk);
	walk->form = node;
	walk->form_early = walk->early;
}

/* Few elements are one: not in line with what all of them pass. */
static __attribute__((noinline)) void
see_form_or_template(struct walk *walk, const xmlNode *node)
{
	if (node == walk->early)
		return;
	if (is_form(node))
		begin_form(walk, node);
	else if (!walk->template && is_template(node))
		walk->template = node;
}

/* Whether the end tag of the open form goes before a node, or (table) into the
 * table that the node came out of. */
static bool
may_end_form(struct walk *walk, const xmlNode *node, bool table)
{
	if (walk->kept == walk->form)
		return false;
	if (place_may_end_form(walk->form, node, table, walk->root))
		return true;
	walk->kept = walk->form;
	return false;
}

/* Where that end tag stood, if what comes now may be behind it; or 0. */
static inline uint32_t
end_of_form(const struct walk *walk)
{
	return walk->form && !walk->template ? place_form_end(walk->form) : 0;
}

/* Whether a node stands behind the end tag of the open form. */
static bool
is_past_form(struct walk *walk, const xmlNode *node)
{
	uint32_t end = end_of_form(walk);

	return end && ((const struct node *)node)->from >= end &&
	       may_end_form(walk, node, walk->early != walk->form_early);
}

/* Whether that end tag stood before what came out of a table, or in it, and may
 * be what puts it back there. */
static bool
reaches_end_of_form(struct walk *walk, const xmlNode *node)
{
	uint32_t end = end_of_form(walk);

	return end && !tree_of(walk->form->doc)->tangled &&
	       (((const struct node *)node)->from >= end ||
		   ((const struct node *)node)->to > end) &&
	       may_end_form(walk, node, true);
}

/* The element at whose end the end tag of the open form goes, or NULL. */
static const xmlNode *
wall_of_form(struct walk *walk)
{
	const struct tree *tree;

	if (walk->walled == walk->form)
		return walk->wall;
	tree = tree_of(walk->form->doc);
	walk->walled = walk->form;
	walk->wall = tree && !tree->nested
			 ? NULL
			 : place_form_wall(walk->form, walk->root);
	return walk->wall;
}

/* Whether the open form ends before an element for the form that is in it. In a
 * template none ends for another: the end tag would be nothing there, or that
 * of a form of the template. */
static bool
is_ended_by(struct walk *walk, const xmlNode *node)
{
	return walk->form && !walk->template && place_begins_form(node) &&
	       !wall_of_form(walk);
}

/* Whether the end tag of the open form is to be written in an element that is
 * as it came. */
static bool
holds_wall(struct walk *walk, const xmlNode *node)
{
	const struct node *wall, *in = (const struct node *)node;

	if (!walk->form)
		return false;
	wall = (const struct node *)wall_of_form(walk);
	return wall && wall->from >= in->from && wall->to <= in->to;
}

/* Behind the children of an element, while a form is open. */
static void
leave_form(struct walk *walk, const xmlNode *node)
{
	bool is_apart = place_is_apart(walk->form);

	if (!is_apart && node == wall_of_form(walk)) {
		end_form(walk);
		return;
	}
	if (node == walk->form && !is_apart)
		walk->form = NULL; /* its own end tag follows */
	else if (is_apart && node == walk->form->parent &&
		 !place_form_end(walk->form))
		end_form(walk);
}

/* ---- elements ---- */

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
enter(struct walk *walk, const xmlNode *node, size_t len)
{
	const struct node *node_of_tree = (const struct node *)node;
	const xmlNode *first = node->children;

	if (node == walk->early)
		return;
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

static bool
is_page(const xmlNode *root)
{
	return root->type == XML_HTML_DOCUMENT_NODE ||
	       root->type == XML_DOCUMENT_NODE;
}

/* Whether the start tag of a table stands before what came out of it. */
static bool
is_early(const struct walk *walk, const xmlNode *node)
{
	if (node == walk->early)
		return true;
	for (size_t i = 0; i < walk->outer_count; i++)
		if (node == walk->outer[i])
			return true;
	return false;
}

static void
enter_early(struct walk *walk, const xmlNode *table)
{
	if (walk->early) {
		if (walk->outer_count == walk->outer_room) {
			walk->outer_room = 2 * walk->outer_room + 8;
			walk->outer = mem_resize(walk->outer,
			    walk->outer_room * sizeof(*walk->outer));
		}
		walk->outer[walk->outer_count++] = walk->early;
	}
	walk->early = table;
}

static void
leave_early(struct walk *walk)
{
	walk->early =
	    walk->outer_count ? walk->outer[--walk->outer_count] : NULL;
}

/* Whether the page ends with the node: nothing stands behind it but what is
 * there without being said (the body behind a head, a table that began before
 * it). */
static bool
is_last(const struct walk *walk, const xmlNode *node)
{
	if (!is_page(walk->root))
		return false;
	for (; node != walk->root; node = node->parent)
		for (const xmlNode *n = node->next; n; n = n->next)
			if ((!(n->extra & NODE_IMPLIED) &&
				!is_early(walk, n)) ||
			    n->children)
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
	if (walk->form)
		leave_form(walk, node);
	if (walk->voids && el_names[html_el(node, len)].flags & EL_VOID)
		walk->voids--;
	else if (node != walk->endless && node != walk->form)
		html_tag_end(walk->out, node, len);
	if (walk->early == node)
		leave_early(walk);
	if (walk->raw == node)
		walk->raw = raw_around(node);
	if (walk->template == node)
		walk->template = NULL;
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

static bool
would_run(const xmlNode *script)
{
	return script->children || xmlHasProp(script, BAD_CAST "src");
}

/* Nothing ends a plaintext but the page, and with more of that behind it, all
 * of it would be text. A pre looks the same. */
static void
write_preformatted(struct buf *out, const xmlNode *node)
{
	xmlNode pre = *node;

	pre.name = BAD_CAST "pre";
	html_tag_start(out, &pre, name_len(pre.name));
	buf_puts(out, "\n"); /* it is no part, as one of the text would be */
	for (const xmlNode *c = node->children; c; c = c->next)
		if (c->type == XML_TEXT_NODE && c->content)
			escape_add(out, (const char *)c->content,
			    strlen((const char *)c->content), 0);
	html_tag_end(out, &pre, name_len(pre.name));
}

/* ---- what stood in a table ---- */

/* Whether what came out of a table last would be one text, there, with the
 * space that it begins with, which would come out of it too. */
static bool
takes_space_along(const xmlNode *table)
{
	return table->prev->type == XML_TEXT_NODE && table->children &&
	       table->children->type == XML_TEXT_NODE;
}

/* That of a form in a table is no end of an element; and in a template none
 * ends. */
static unsigned
form_that_may_end(const struct walk *walk)
{
	return walk->form && !walk->template && !place_is_apart(walk->form)
		   ? PLACE_FORM
		   : 0;
}

/* It goes back into the table, whose start tag comes first then. */
static void
begin_table_early(struct walk *walk, const xmlNode *node)
{
	const xmlNode *table;
	bool must_go;

	if (walk->early && walk->early->parent == node->parent)
		return;
	if (node->parent != walk->around) {
		walk->around = node->parent;
		walk->may_end = place_may_end(node->parent);
	}
	must_go =
	    place_is_touchy(node, walk->may_end | form_that_may_end(walk));
	if (!must_go && !reaches_end_of_form(walk, node))
		return;
	table = place_table(node);
	if (!table || (!must_go && takes_space_along(table)))
		return;
	if (is_past_form(walk, table))
		end_form(walk);
	html_tag_start(walk->out, table, name_len(table->name));
	enter_early(walk, table);
}

/* ---- one node ---- */

/* What is below a void element would be read beside it, where it only belongs
 * if a page had it there: HTML 4 knows no source, track and wbr, so libxml2 puts
 * what follows one into it. */
static bool
enter_void(struct walk *walk, const xmlNode *node)
{
	if (!node->children || !node->doc ||
	    node->doc->type != XML_HTML_DOCUMENT_NODE)
		return false;
	walk->voids++;
	return true;
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
	if (is_past_form(walk, node))
		end_form(walk);
	if (is_as_it_came(walk, node, NODE_PLAIN) && node != walk->early &&
	    !holds_wall(walk, node)) {
		put_source(walk, node_of_tree->from, node_of_tree->to);
		return false;
	}
	if (node->extra & NODE_UNENDED) {
		if (is_last(walk, node))
			walk->endless = node;
		else if (would_run(node))
			return false; /* with an end tag */
	}
	len = name_len(node->name);
	el = html_el(node, len);
	if (is_ended_by(walk, node))
		end_form(walk);
	if (holds_text_only(node, len, el) && is_misread(walk, node)) {
		html_write_anywhere(walk->out, node);
		return false;
	}
	if (el == EL_PLAINTEXT && !is_last(walk, node)) {
		write_preformatted(walk->out, node);
		return false;
	}
	if ((len == strlen("form") && *node->name == 'f') ||
	    (len == strlen("template") && *node->name == 't'))
		see_form_or_template(walk, node);
	enter(walk, node, len);
	if (el_names[el].flags & EL_RAW || node->extra & NODE_RAW)
		walk->raw = node;
	if (el_names[el].flags & EL_VOID)
		return enter_void(walk, node);
	if (el == EL_PLAINTEXT)
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
	if (node->extra & NODE_FOSTERED && node != walk->root)
		begin_table_early(walk, node);
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

/* What is open behind the root: who writes what follows knows where it ends, or
 * it ends here. */
static void
leave_row(struct walk *walk, const xmlNode **form)
{
	if (form && walk->form && place_form_end(walk->form)) {
		*form = walk->form;
		return;
	}
	if (walk->form && !is_page(walk->root))
		end_form(walk);
	if (form)
		*form = NULL;
}

int
html_write_row(struct buf *out, const xmlNode *root, const xmlNode **form)
{
	struct walk walk = {
	    .out = out,
	    .tree = tree_of(root->doc),
	    .root = root,
	    .form = form ? *form : NULL,
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
		if (node == root || node == walk.endless) {
			leave_row(&walk, form);
			break;
		}
		node = node->next;
	}
	mem_free(&walk.outer);
	return emit_state(out);
}

int
html_write(struct buf *out, const xmlNode *node)
{
	return html_write_row(out, node, NULL);
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
