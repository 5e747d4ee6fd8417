/* dom/node.h - trees of libxml2 in one piece of memory
 *
 * A tree that was parsed lives in an arena, and is released in one step: no
 * call of libxml2 that frees or edits may meet one of its nodes, since those
 * free singly. xmlUnlinkNode() alone is fine. Whoever edits asks html_parse()
 * for a tree that is editable, which is a copy by malloc. doc->dict is NULL. */
#ifndef DOM_NODE_H
#define DOM_NODE_H

#include <stdbool.h>
#include <stdint.h>
#include <libxml/tree.h>
#include "base/arena.h"

/* Bits of xmlNode.extra. libxslt 1.1.35 has those from 1 << 12 up. */
enum node_bit {
	NODE_SVG = 1, /* an element of SVG; its ns is NULL all the same */
	NODE_MATHML = 2,
	NODE_FOREIGN = NODE_SVG | NODE_MATHML,
	/* This node with all below it is what stands from..to in the source,
	 * and means the same wherever it may stand: it goes out as it came. */
	NODE_PLAIN = 4,
	/* The same of the start tag alone (inner). */
	NODE_PLAIN_TAG = 8,
	NODE_IMPLIED = 16, /* an element that no start tag began */
	NODE_RAW = 64,	   /* a noscript whose text is raw (build.h) */
	/* A script that no end tag ended, so that it does not run: the writer
	 * gives it none either. */
	NODE_UNENDED = 32,
	/* It came out of the table behind it, where it may not stand. */
	NODE_FOSTERED = 128,
};

/* A node of a parsed tree. Elements, texts and comments all are. */
struct node {
	xmlNode x;
	uint32_t from; /* in the source, up to `to`; 0, 0: nowhere */
	/* Elements: behind the start tag, before the end tag; of a form, before
	 * the one from which on fields are no longer its own, which may stand
	 * elsewhere. Of other nodes they are the tree construction's own. */
	uint32_t inner, inner_end;
	uint32_t to;
};

struct tree {
	xmlDoc doc; /* first: a pointer to it is one to the tree */
	struct arena *arena;
	const char *source; /* UTF-8, not ended by NUL; NULL: not kept */
	size_t source_len;
	size_t nodes; /* elements, texts, comments and attributes made */
	bool quirks;
	bool nested;  /* a form may be in the element of another one */
	bool tangled; /* place.h: where forms ended is no help to the writer */
	/* There is a form of SVG or MathML: the end tag of another one that is
	 * in it ends it. Nobody is to ask where any form ended. */
	bool drawn_form;
	bool is_lent; /* html.c: the arena is somebody's */
	/* node.c: where the next nodes will be */
	char *slab, *slab_end;
	size_t slabs_len; /* of all */
};

/* A new, empty tree of type XML_HTML_DOCUMENT_NODE; it owns the arena. */
struct tree *tree_new(struct arena *arena);
void tree_free(struct tree **tree);
/* The tree that doc is, or NULL: libxml2 made doc. */
struct tree *tree_of(const xmlDoc *doc);
/* Bytes of its nodes, without names and texts. */
static inline size_t
tree_taken(const struct tree *tree)
{
	return tree->slabs_len - (size_t)(tree->slab_end - tree->slab);
}

/* Nodes of the tree, not yet in any place. Names and texts are not copied:
 * they live as long as the tree. */
xmlNode *tree_element(struct tree *tree, const char *name);
xmlNode *tree_text(struct tree *tree, const char *text);
xmlNode *tree_comment(struct tree *tree, const char *text);
/* Put an attribute behind the last one that element has (NULL: it has none);
 * no look whether it is there. value NULL: without one. */
xmlAttr *tree_attribute_after(struct tree *tree, xmlNode *element,
    xmlAttr *last, const char *name, const char *value);
/* The DOCTYPE, before the root. NULL: missing. */
xmlDtd *tree_doctype(struct tree *tree, const char *name, const char *public_id,
    const char *system_id);

/* Link a node that is nowhere; before NULL: as the last child. */
void node_insert(xmlNode *parent, xmlNode *node, xmlNode *before);
void node_unlink(xmlNode *node);

/* Whether an element is of SVG or MathML, in a tree of any origin: by its bits
 * in one of HTML, by what is around it in another. */
bool node_is_foreign(const xmlNode *element);
/* The same by the names of what is around it, itself too. */
bool node_is_in_drawing(const xmlNode *element);
/* Whether HTML may stand again in such an element (foreignObject, mtext). */
bool node_holds_html(const xmlNode *element);

/* A copy of the whole by malloc, for xmlFreeDoc(); foreign-ness is kept, the
 * source is not. NULL: no memory. No recursion. */
xmlDoc *tree_editable(const struct tree *tree);

#endif
