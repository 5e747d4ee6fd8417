/* Any bytes through the parser alone, whole and in pieces: no crash, limits
 * hold, and the tree is the same however the bytes came. The first byte says in
 * what context, the second how large pieces are. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "dom/build.h"
#include "dom/utf8.h"
#include "same_tree.h"

enum {
	DEPTH = 60,
	ATTRIBUTES = 20,
	NODES = 3000,
	BYTES = 300, /* counts only where something grew */
	TEXT_MAX = 1 << 24
};

static const char *const contexts[] = {NULL, NULL, NULL, "body", "div", "table",
    "tbody", "tr", "td", "select", "template", "colgroup", "caption", "head",
    "html", "frameset", "title", "script", "style", "plaintext", "svg svg",
    "svg foreignObject", "svg title", "math mi", "math annotation-xml",
    "math math"};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_limits(const xmlDoc *doc, const struct build_opts *opts)
{
	const xmlNode *node = (const xmlNode *)doc;
	size_t depth = 0, attributes;

	for (;;) {
		attributes = 0;
		if (node->type == XML_ELEMENT_NODE)
			for (const xmlAttr *a = node->properties; a;
			     a = a->next)
				attributes++;
		/* body and html collect those of all their tags */
		must(attributes <= opts->nodes);
		/* a form whose end tag comes while others are open in it is not
		 * open any more, but around them still */
		must(depth <= 2 * opts->depth + 2);
		if (has_children(node)) {
			must(node->children->parent == node);
			node = node->children;
			depth++;
			continue;
		}
		while (node->parent && !node->next) {
			must(node->parent->last == node);
			node = node->parent;
			depth--;
		}
		if (!node->parent)
			return;
		must(node->next->prev == node);
		node = node->next;
	}
}

/* NULL: refused, and err says why. */
static struct tree *
parse(const struct buf *page, size_t piece, const struct build_opts *opts,
    struct err *err)
{
	struct tree *tree = tree_new(arena_new(1024));
	struct build *build = build_new(tree, opts);
	size_t from = 0, to;
	int rc;

	do {
		const char *rest = NULL;
		size_t rest_len = from ? build_rest(build, &rest) : 0;
		char *bytes;

		to = piece && page->len - from > piece ? from + piece
						       : page->len;
		while (to < page->len && (page->data[to] & 0xC0) == 0x80)
			to++;
		/* of its own, so that what reads beyond it is noticed */
		bytes = malloc(rest_len + to - from + 1);
		must(bytes);
		arena_keep(tree->arena, free, bytes);
		if (rest_len)
			memcpy(bytes, rest, rest_len);
		if (to > from)
			memcpy(bytes + rest_len, page->data + from, to - from);
		rc = build_feed(
		    build, bytes, rest_len + to - from, to == page->len, err);
		from = to;
	} while (rc == 0 && to < page->len);
	build_free(&build);
	if (rc != 0)
		tree_free(&tree);
	else
		check_limits(&tree->doc, opts);
	return tree;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct build_opts opts = {
	    .depth = DEPTH,
	    .attributes = ATTRIBUTES,
	    .nodes = NODES,
	    .bytes = BYTES};
	struct err err = {""}, err2 = {""};
	struct tree *whole, *pieces;
	struct buf page;

	if (size < 2)
		return 0;
	opts.context = contexts[data[0] % COUNT_OF(contexts)];
	opts.implied = data[1] & 1;
	opts.spans = data[1] & 2;
	opts.xhtml = (data[1] & 0x1C) == 0x1C;
	buf_init(&page, TEXT_MAX);
	must(utf8_add_valid(&page, (const char *)data + 2, size - 2) == 0);
	whole = parse(&page, 0, &opts, &err);
	pieces = parse(&page, 1 + (data[1] >> 5), &opts, &err2);
	/* which limit is met first may depend on the pieces */
	must(whole || *err.text);
	must(pieces || *err2.text);
	must(!whole == !pieces);
	must(!whole || whole->quirks == pieces->quirks);
	must(!whole || !differing(&whole->doc, &pieces->doc));
	tree_free(&whole);
	tree_free(&pieces);
	buf_fini(&page);
	return 0;
}
