/* Trees of pages as short texts: name[attribute=value](children), "text",
 * <!comment>, !doctype. Elements of SVG are svg:name, those of MathML
 * math:name, and what nobody wrote is not told apart. */
#ifndef TESTS_UNIT_BUILD_HELP_H
#define TESTS_UNIT_BUILD_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "dom/build.h"

enum { HELP_DUMP_MAX = 1 << 24 };

static const struct build_opts help_opts = {
    .depth = 512,
    .attributes = 1000,
    .nodes = 500000,
    .spans = true,
};

static void
help_open(struct buf *out, const xmlNode *node)
{
	if (node->extra & NODE_SVG)
		buf_puts(out, "svg:");
	if (node->extra & NODE_MATHML)
		buf_puts(out, "math:");
	buf_puts(out, (const char *)node->name);
	if (node->properties)
		buf_putc(out, '[');
	for (const xmlAttr *a = node->properties; a; a = a->next) {
		buf_puts(out, (const char *)a->name);
		if (a->children)
			buf_printf(
			    out, "=%s", (const char *)a->children->content);
		buf_putc(out, a->next ? ' ' : ']');
	}
	if (node->children)
		buf_putc(out, '(');
}

static void
help_node(struct buf *out, const xmlNode *node)
{
	if (node->type == XML_ELEMENT_NODE)
		help_open(out, node);
	else if (node->type == XML_TEXT_NODE)
		buf_printf(out, "\"%s\"", (const char *)node->content);
	else if (node->type == XML_COMMENT_NODE)
		buf_printf(out, "<!%s>", (const char *)node->content);
	else
		buf_printf(out, "!%s",
		    (const char *)((const xmlDtd *)(const void *)node)->name);
}

/* What is below root. */
static void
help_dump(struct buf *out, const xmlNode *root)
{
	const xmlNode *node = root->children;

	while (node) {
		help_node(out, node);
		if (node->type == XML_ELEMENT_NODE && node->children) {
			node = node->children;
			continue;
		}
		while (!node->next && node->parent != root) {
			buf_putc(out, ')');
			node = node->parent;
		}
		if (node->next)
			buf_putc(out, ' ');
		node = node->next;
	}
}

/* Feed the page in two pieces, the second one from `cut` on; or, with cut 0,
 * whole; or, with `each`, byte by byte. */
static int
help_feed(struct build *build, struct arena *arena, const char *page,
    size_t len, size_t cut, bool each, struct err *err)
{
	size_t from = 0, to;
	int rc;

	do {
		const char *rest = NULL;
		size_t rest_len = from ? build_rest(build, &rest) : 0;
		char *bytes;

		to = each ? from + 1 : from < cut ? cut : len;
		if (to > len)
			to = len;
		bytes = malloc(rest_len + to - from + 1);
		assert_non_null(bytes);
		arena_keep(arena, free, bytes);
		if (rest_len)
			memcpy(bytes, rest, rest_len);
		memcpy(bytes + rest_len, page + from, to - from);
		rc = build_feed(
		    build, bytes, rest_len + to - from, to == len, err);
		from = to;
	} while (rc == 0 && to < len);
	return rc;
}

/* Give a tree; NULL: refused, with the reason. */
static struct tree *
help_build(const struct build_opts *opts, const char *page, size_t len,
    size_t cut, bool each, struct err *err)
{
	struct arena *arena = arena_new(4096);
	struct tree *tree = tree_new(arena);
	struct build *build = build_new(tree, opts);

	if (help_feed(build, arena, page, len, cut, each, err) != 0) {
		build_free(&build);
		tree_free(&tree);
		return NULL;
	}
	build_free(&build);
	return tree;
}

static void
help_expect(const struct build_opts *opts, const char *page, size_t len,
    size_t cut, bool each, const char *wanted)
{
	struct err err = {""};
	struct tree *tree = help_build(opts, page, len, cut, each, &err);
	struct buf out;

	assert_string_equal(err.text, "");
	assert_non_null(tree);
	buf_init(&out, HELP_DUMP_MAX);
	help_dump(&out, opts->context ? xmlDocGetRootElement(&tree->doc)
				      : (const xmlNode *)&tree->doc);
	if (strcmp(out.data ? out.data : "", wanted) != 0)
		print_message("%s, cut at %zu%s\n", page, cut,
		    each ? ", byte by byte" : "");
	assert_string_equal(out.data ? out.data : "", wanted);
	buf_fini(&out);
	tree_free(&tree);
}

/* Whole, cut at each byte, and byte by byte it is the same tree. */
static inline void
help_tree_of(const struct build_opts *opts, const char *page, size_t len,
    const char *wanted)
{
	for (size_t cut = 0; cut < len; cut++)
		help_expect(opts, page, len, cut, false, wanted);
	help_expect(opts, page, len, 0, true, wanted);
}

static inline void
tree_is(const char *page, const char *wanted)
{
	help_tree_of(&help_opts, page, strlen(page), wanted);
}

/* What is in the body, of a page that begins with a DOCTYPE. */
static inline void
body_is(const char *page, const char *wanted)
{
	static char text[8192], whole[8192];

	snprintf(text, sizeof(text), "<!DOCTYPE html>%s", page);
	snprintf(whole, sizeof(whole), "!html html(head body%s%s%s)",
	    *wanted ? "(" : "", wanted, *wanted ? ")" : "");
	help_tree_of(&help_opts, text, strlen(text), whole);
}

static inline void
fragment_is(const char *context, const char *page, const char *wanted)
{
	struct build_opts opts = help_opts;

	opts.context = context;
	help_tree_of(&opts, page, strlen(page), wanted);
}

#endif
