/* theme/filter.c - the part of a document that ;filter_xpath= asks for */
#include "theme/theme.h"

#include <string.h>

#include "dom/html.h"
#include "dom/xpath.h"
#include "theme/rule.h"

/* What was a script's text would be markup where it is put now. */
static int
write_node(struct buf *out, const xmlNode *node)
{
	const char *text = (const char *)node->content;

	if (node->type != XML_TEXT_NODE && node->type != XML_CDATA_SECTION_NODE)
		return html_write(out, node);
	return text ? html_write_text(out, text, strlen(text)) : 0;
}

static int
write_nodes(const xmlXPathObject *found, struct buf *out, struct err *err)
{
	const xmlNodeSet *nodes = found->nodesetval;

	if (found->type != XPATH_NODESET)
		return err_set(err, "the expression selects no nodes");
	if (!nodes || nodes->nodeNr == 0)
		buf_puts(out, "<!-- No content found -->");
	for (int i = 0; nodes && i < nodes->nodeNr; i++) {
		const xmlNode *node = nodes->nodeTab[i];

		if (node->type == XML_ATTRIBUTE_NODE)
			node = node->children;
		if (node && node->type != XML_NAMESPACE_DECL &&
		    write_node(out, node) != 0)
			return err_set(
			    err, "what it selects is over %zu bytes", out->max);
	}
	return 0;
}

CHECKED enum filtered
theme_filter(const struct filter_ask *ask, struct buf *out, struct err *err)
{
	const struct html_opts opts = {
	    .content_type = ask->content_type,
	    .parser = ask->libxml2 ? HTML_LIBXML2 : HTML_HTML5,
	    .limits = {
		.bytes = ask->html_max_bytes,
		.depth = ask->html_max_depth,
		.attributes = ask->html_max_attributes,
		.nodes = ask->html_max_nodes,
	    },
	};
	struct xpath_eval *eval;
	xmlXPathObject *found = NULL;
	xmlDoc *doc = NULL;
	enum filtered how = FILTER_BAD_PAGE;

	rules_init();
	eval = xpath_eval_new();
	if (html_parse(&doc, ask->bytes, ask->len, &opts, err) != 0)
		goto out;
	how = FILTER_BAD_EXPRESSION;
	xpath_eval_begin(eval, doc, ask->xpath_max_ops);
	if (xpath_eval_run(eval, ask->xpath, NULL, &found, err) == 0 &&
	    write_nodes(found, out, err) == 0)
		how = FILTERED;
out:
	xmlXPathFreeObject(found);
	xpath_eval_begin(eval, NULL, 0);
	xpath_eval_free(&eval);
	html_free(&doc);
	return how;
}
