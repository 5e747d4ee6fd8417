/* page/purge.c - PURGE, as CMSs send it
 *
 * The answer is 200 when something went and 404 when there was nothing, both
 * of which Plone and its kin take for done; 403 for those who may not. A purge
 * by path counts for every host of the site, since a CMS sends it to the
 * proxy's own address. Purging a page of a theme refreshes the theme. */
#include <string.h>

#include "page/life.h"

bool
purge_is(const struct request *request)
{
	return strcmp(request->method, "PURGE") == 0;
}

enum step
purge_step(struct page *page)
{
	unsigned n;
	const char *words;

	page->reply.kind = "purge";
	if (!page->request.is_allowed) {
		answer_plain(page, 403, "purging is not allowed from here\n");
		return STEP_DELIVER;
	}
	n = cache_purge_path(page->pages->opts.cache, NULL,
	    page->request.target);
	words = arena_printf(page->arena, "purged %u\n", n);
	answer_plain(page, n > 0 ? 200 : 404, words);
	head_add(&page->reply.head, "X-Cache", n > 0 ? "PURGED" : "MISS");
	return STEP_DELIVER;
}
