/* dom/html_tag.h - tags of elements, for who writes a tree
 *
 * The public words are in dom/html.h; these spare the walk of a tree what it
 * knows already. */
#ifndef DOM_HTML_TAG_H
#define DOM_HTML_TAG_H

#include <string.h>
#include <libxml/tree.h>
#include "base/buf.h"
#include "dom/names.h"
#include "dom/node.h"
#include "dom/span.h"

/* What HTML says of the element, whose name has so many bytes, if it is void or
 * raw and not of SVG or MathML, of which HTML says nothing; else EL_NONE. */
enum el html_el(const xmlNode *node, size_t len);

/* The start tag with its attributes; the end tag, also of a void element. */
void html_tag_start(struct buf *out, const xmlNode *node, size_t len);
void html_tag_end(struct buf *out, const xmlNode *node, size_t len);

static inline size_t
name_len(const xmlChar *name)
{
	return strlen((const char *)name);
}

/* In a tree of ours a carriage return is one that was said by a reference; in
 * others it may be half of a line end. */
static inline unsigned
returns_of(const xmlDoc *doc)
{
	return tree_of(doc) ? SPAN_RETURNS : 0;
}

#endif
