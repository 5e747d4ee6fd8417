/* theme/relink.c - a page parsed, its links moved, and written (contract:
 * theme/relink.h) */
#include "theme/relink.h"

#include <string.h>

#include "dom/html.h"
#include "theme/links.h"
#include "theme/rule.h"

/* What stands in head and body, without the elements that a parser adds. */
static int
write_piece(struct buf *out, const xmlDoc *doc)
{
	const xmlNode *root = xmlDocGetRootElement(doc);
	int rc = 0;

	for (const xmlNode *n = root ? root->children : NULL; n; n = n->next)
		for (const xmlNode *c = n->children; c && rc == 0; c = c->next)
			rc = html_write(out, c);
	return rc;
}

CHECKED int
theme_relink(const struct relink_ask *ask, struct buf *out, struct err *err)
{
	const struct html_opts opts = {
	    .content_type = ask->content_type,
	    .parser = ask->libxml2 ? HTML_LIBXML2 : HTML_HTML5,
	    .editable = true,
	    .limits = {ask->html_max_bytes, ask->html_max_depth,
		ask->html_max_attributes, ask->html_max_nodes},
	};
	const struct links links = {
	    .mode = ask->map ? LINKS_MAPPED : LINKS_ABSOLUTE,
	    .base = ask->base,
	    .from = ask->from,
	    .to = ask->to,
	    .map = ask->map,
	    .arg = ask->arg,
	};
	xmlDoc *doc = NULL;
	int rc;

	rules_init();
	if (html_parse(&doc, ask->bytes, ask->len, &opts, err) != 0)
		return -1;
	links_rewrite(doc, &links);
	rc = html_is_page(ask->bytes, ask->len)
		 ? html_write(out, (const xmlNode *)doc)
		 : write_piece(out, doc);
	html_free(&doc);
	return rc == 0 && !out->failed
		   ? 0
		   : err_set(err, "with its links changed it is too big");
}
