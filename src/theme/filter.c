/* theme/filter.c - the part of a document that ;filter_xpath= asks for */
#include "theme/theme.h"

#include <string.h>

#include "dom/html.h"
#include "dom/xpath.h"
#include "theme/rule.h"

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
		    html_write(out, node) != 0)
			return err_set(
			    err, "what it selects is over %zu bytes", out->max);
	}
	return 0;
}

CHECKED int
theme_filter(const struct filter_ask *ask, struct buf *out, struct err *err)
{
	const struct html_opts opts = {
	    .content_type = ask->content_type,
	    .limits = {.bytes = ask->html_max_bytes},
	};
	struct xpath_eval *eval;
	xmlXPathObject *found = NULL;
	xmlDoc *doc = NULL;
	int rc = -1;

	rules_init();
	eval = xpath_eval_new();
	if (html_parse(&doc, ask->bytes, ask->len, &opts, err) != 0)
		goto out;
	xpath_eval_begin(eval, doc, ask->xpath_max_ops);
	if (xpath_eval_run(eval, ask->xpath, NULL, &found, err) == 0)
		rc = write_nodes(found, out, err);
out:
	xmlXPathFreeObject(found);
	xpath_eval_begin(eval, NULL, 0);
	xpath_eval_free(&eval);
	html_free(&doc);
	return rc;
}
