/* dom/html.h - HTML bytes to a tree and back, within limits
 *
 * Trees are libxml2's (xmlDoc, dict NULL), owned by one thread, freed with
 * html_free(). Nothing here recurses on the depth of its input. */
#ifndef DOM_HTML_H
#define DOM_HTML_H

#include <stdbool.h>
#include <libxml/tree.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* What a page may be; 0 takes the default. Over one of them: refused by name,
 * before any tree is built. */
struct html_limits {
	size_t bytes;	   /* themed_max, 16 MiB, as UTF-8 too */
	size_t depth;	   /* html_max_depth, 512 open elements */
	size_t attributes; /* html_max_attributes, 1,000 in one tag */
	/* html_max_nodes, 500,000 elements, texts, comments and attributes.
	 * Where these take more than 25 times what was read of the page, fewer:
	 * as if with the page's bytes each took 120 (60 MB; one more is free).
	 * With libxml2 attributes do not count, but a tag of more than 64
	 * counts as several. */
	size_t nodes;
};

enum html_parser {
	HTML_HTML5,   /* our own: as browsers do */
	HTML_LIBXML2, /* as HTML 4, but what is dead text stays dead */
};

struct html_opts {
	/* The Content-Type field as sent, or NULL; its charset counts before
	 * a BOM's absence and a meta element (WHATWG encoding sniffing:
	 * BOM, then this, then meta in the first 1024 bytes, then UTF-8). */
	const char *content_type;
	/* Read as Diazo's own tools do: libxml2's guess, ISO-8859-1 when
	 * nothing is said, and no repair of bogus comments. */
	bool compat;
	enum html_parser parser;
	/* The tree is to be changed: it is made by malloc, for libxml2's calls.
	 * Else (dom/node.h) it is only read. */
	bool editable;
	/* What is left as it came goes out byte for byte: the bytes stay until
	 * html_free(). */
	bool spans;
	/* Where to make a tree that is not editable; it stays the caller's.
	 * NULL: one of its own. */
	struct arena *arena;
	struct html_limits limits;
};

/* Give the tree of a page. Errors: a limit (named), no memory, not text. There
 * is an html with a head and a body (or a frameset) always; the names of
 * elements are in lower case, but in SVG as SVG writes them.
 *
 * HTML_HTML5 reads as dom/build.h says. HTML_LIBXML2: what a browser takes for
 * a comment (<!x, <?x, </ ) is one here too, and what libxml2 would cut off
 * (depth) is an error instead; names like @click are kept, names of more than
 * 95 bytes and attribute names with quotes in them are dropped; of what stands
 * in a style, title or the like of SVG and MathML, where it is markup, the text
 * is kept: nothing else fits into its namesake of HTML. Text of scripts and
 * styles is one text node (compat: one CDATA node). With compat, attributes
 * without a value that HTML 4 knows have their name as value; else they have no
 * child. Threads may parse side by side. opts may be NULL. */
CHECKED int html_parse(xmlDoc **out, const char *bytes, size_t len,
    const struct html_opts *opts, struct err *err);
void html_free(xmlDoc **doc);

/* True if the source has an <html, <head, <body or <!doctype tag: a page and
 * not a fragment for a script. Looks at the first 64 KiB. */
bool html_is_page(const char *bytes, size_t len);

/* Write one node with all below it as HTML (a document: its DOCTYPE too; void
 * elements, raw text of script and style, quoted attributes; UTF-8). Comments
 * and script text that would end too early are defused. 0, or -1: out is full,
 * and has a part.
 *
 * The tree of a page that is written and read again is what it was. That cannot
 * be so of each: there are trees that a parser makes and no markup says (WHATWG
 * 13.3 warns of them; a link in a link, a p in a p or a form in a form, which
 * come of end tags before their time and of what tables throw out). Of these:
 * - what came out of a table, and cannot be where it is now, is written in the
 *   table again;
 * - a form in a form follows an end tag of the outer one, where that moves
 *   nothing: in a table or the like of the outer form, if nothing follows its
 *   element up to an end tag that ends it too, or else in the last child;
 * - all others are written as they nest, and become another tree, but always
 *   one tree: with spans or without, the same tags are written in the same
 *   order. So where a form ended in the page, which spans know, counts only in
 *   trees that are none of these (place_is_tangled()), or for a form in a table
 *   (place_is_apart()): there it makes no difference but to which fields are
 *   the form's. */
int html_write(struct buf *out, const xmlNode *node);
/* The same of one of several siblings, each in its turn. A form in a table may
 * be open behind it, with *form: NULL before the first of them. Before anything
 * else is written, who has a form there writes its end tag. */
int html_write_row(struct buf *out, const xmlNode *node, const xmlNode **form);
/* html_write(), so that it means the same in HTML, in SVG and in MathML: of
 * elements that hold text in the one and markup in the others the text is
 * written alone, and escaped. html_write() does so with what a tree holds in
 * another place than parsers put it. */
int html_write_anywhere(struct buf *out, const xmlNode *node);
/* Whether html_write() does, too, whoever reads it: as HTML or as SVG, in a
 * select (of whose elements older browsers leave out most tags), or in a
 * noscript, which is one text to a browser with scripts. */
bool html_reads_alike(const xmlNode *node);
/* The same of a place in a table around its cells: there a form is empty, and
 * in MathML it is then no more HTML what is in it. */
bool html_reads_alike_in_table(const xmlNode *node);
/* The start tag alone with the attributes of node; the end tag alone, which
 * is nothing for a void element, and nothing for a form that stands in a table
 * around no cell, so that the fields of the table stay its own: it ends with
 * the part of the table that it is in. */
int html_write_open(struct buf *out, const xmlNode *node);
int html_write_close(struct buf *out, const xmlNode *node);
/* Text and attribute values, escaped as HTML wants them. */
int html_write_text(struct buf *out, const char *text, size_t len);
int html_write_attribute(struct buf *out, const char *name, const char *value);
bool html_is_void(const char *name);
/* Whether the text of this element is written as it is: a script or style of
 * HTML. In SVG and MathML text is text. */
bool html_holds_raw_text(const xmlNode *element);
/* Whether it holds only text, though an escaped one: a title or textarea, or
 * what is no script or style of HTML but of SVG. */
bool html_holds_escaped_text(const xmlNode *element);
/* Write what may stand in a script, style or the like of another page: one
 * node with all below it, where no end tag of such an element ends it early
 * and no comment hides its end. */
int html_write_defused(struct buf *out, const xmlNode *node);

#endif
