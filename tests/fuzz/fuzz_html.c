/* Any bytes as a page for libxml2's parser: no crash, limits hold, and what is
 * written reads again as the same (after one round, so that repairs are done),
 * in both modes. The first byte chooses mode and Content-Type. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "dom/html.h"
#include "dom/utf8.h"

enum { DEPTH = 40 };

static const char *const types[] = {NULL, "text/html",
    "text/html; charset=utf-8", "text/html; charset=iso-8859-1",
    "application/xhtml+xml", "text/html; charset=utf-16",
    "text/html; charset=shift_jis", "text/html; charset=iso-2022-jp"};

static void
check_depth(const xmlNode *node)
{
	const xmlNode *root = node;
	size_t depth = 0;

	while (node) {
		must(depth <= DEPTH + 2);
		if (node->type != XML_ATTRIBUTE_NODE && node->children &&
		    node->type != XML_DTD_NODE) {
			node = node->children;
			depth++;
			continue;
		}
		while (node != root && !node->next) {
			node = node->parent;
			depth--;
		}
		node = node == root ? NULL : node->next;
	}
}

/* Read and write; false when it is refused. */
static bool
round_trip(struct buf *out, const char *bytes, size_t len,
    const struct html_opts *opts)
{
	struct err err;
	xmlDoc *doc = NULL;

	if (html_parse(&doc, bytes, len, opts, &err) != 0) {
		must(!doc && err.text[0]);
		return false;
	}
	check_depth((xmlNode *)doc);
	must(html_write(out, (xmlNode *)doc) == 0);
	if (!opts->compat)
		must(utf8_clean_len(out->data, out->len) == out->len);
	html_free(&doc);
	must(!doc);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct html_opts opts = {.parser = HTML_LIBXML2,
				 .limits = {.depth = DEPTH,
				     .attributes = 50,
				     .nodes = 2000,
				     .bytes = 100000}};
	struct html_opts again = opts;
	struct buf once, twice;

	if (size == 0)
		return 0;
	opts.compat = data[0] & 1;
	opts.content_type = types[data[0] >> 1 & 7];
	again.content_type = "text/html; charset=utf-8";
	again.limits.bytes = 10000000;
	buf_init(&once, 10000000);
	buf_init(&twice, 10000000);
	html_is_page((const char *)data, size);
	if (round_trip(&once, (const char *)data + 1, size - 1, &opts) &&
	    !opts.compat)
		round_trip(&twice, once.data, once.len, &again);
	buf_fini(&once);
	buf_fini(&twice);
	return 0;
}
