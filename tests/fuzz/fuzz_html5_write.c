/* Any bytes as a page, read, written and read again. Written as it came or not,
 * it is one tree, of all pages; and that is what it was before, for pages of
 * elements whose place any markup can say (HTML has trees that nobody can write
 * down: a link in a link, a paragraph in a paragraph; dom/html.h). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "dom/html.h"
#include "dom/names.h"
#include "dom/utf8.h"
#include "same_tree.h"

enum { OUT_MAX = 1 << 26 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What has more control characters than text is refused; names are written
 * twice. */
static xmlDoc *
parse(const char *bytes, size_t len, bool spans, size_t factor)
{
	const struct html_opts opts = {
	    .content_type = "text/html; charset=utf-8",
	    .spans = spans,
	    .limits = {.depth = 60 * factor,
		.attributes = 50 * factor,
		.nodes = 3000 * factor},
	};
	struct err err;
	xmlDoc *doc = NULL;

	if (html_parse(&doc, bytes ? bytes : "", len, &opts, &err) != 0)
		must(!doc && (factor == 1 || strstr(err.text, "not text")));
	return doc;
}

/* The tree of what is written of a tree. */
static xmlDoc *
again(const xmlDoc *doc)
{
	struct buf out;
	xmlDoc *made;

	buf_init(&out, OUT_MAX);
	must(html_write(&out, (const xmlNode *)doc) == 0);
	must(utf8_valid_len(out.data, out.len) == out.len);
	made = parse(out.data, out.len, false, 100);
	buf_fini(&out);
	return made;
}

static bool
is_awkward_name(const char *name)
{
	enum el el = el_find(name, strlen(name));

	if (el_names[el].flags & (EL_FORMATTING | EL_IMPLIED_END | EL_HEADING))
		return true;
	switch (el) {
	case EL_BUTTON:
	case EL_FORM:
	case EL_FRAMESET:
	case EL_PLAINTEXT:
	case EL_SELECT:
		return true;
	default:
		return false;
	}
}

static bool
is_awkward(const xmlDoc *doc)
{
	const xmlNode *node = (const xmlNode *)doc;

	for (;;) {
		if (node->type == XML_ELEMENT_NODE &&
		    ((!(node->extra & NODE_FOREIGN) &&
			 is_awkward_name((const char *)node->name)) ||
			node->extra & NODE_UNENDED))
			return true;
		if (has_children(node)) {
			node = node->children;
			continue;
		}
		while (node->parent && !node->next)
			node = node->parent;
		if (!node->parent)
			return false;
		node = node->next;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	xmlDoc *first = parse((const char *)data, size, true, 1);
	xmlDoc *plain, *from_spans, *from_plain;

	if (!first)
		return 0;
	plain = parse((const char *)data, size, false, 1);
	must(plain && !differing(first, plain));
	from_spans = again(first);
	from_plain = again(plain);
	must(!from_plain || !from_spans || !differing(from_plain, from_spans));
	if (from_plain && !is_awkward(first))
		must(!differing(first, from_plain));
	html_free(&first);
	html_free(&plain);
	html_free(&from_spans);
	html_free(&from_plain);
	return 0;
}
