/* page/purge.c - PURGE, as CMSs send it
 *
 * The answer is 200 when something went and 404 when there was nothing, both
 * of which Plone and its kin take for done; 403 for those who may not. A purge
 * by path counts for every host of the site, since a CMS sends it to the
 * proxy's own address. Purging a page of a theme refreshes the theme.
 *
 * Plugins made for Varnish empty it with "PURGE /.*" and X-Purge-Method: regex.
 * That is understood, for all sites at once; other patterns are refused, since
 * to leave in place what one of them meant would be worse. */
#include <string.h>
#include <strings.h>

#include "page/life.h"

bool
purge_is(const struct request *request)
{
	return strcmp(request->method, "PURGE") == 0;
}

static bool
is_pattern(const struct request *request)
{
	const char *how = head_find(request->fields, "X-Purge-Method");

	return how && strcasecmp(how, "regex") == 0;
}

enum step
purge_step(struct page *page)
{
	struct cache *cache = page->pages->opts.cache;
	const char *target = page->request.target, *words;
	bool by_pattern = is_pattern(&page->request);
	unsigned n;

	page->reply.kind = "purge";
	if (!page->request.is_allowed) {
		answer_plain(page, 403, "purging is not allowed from here\n");
		return STEP_DELIVER;
	}
	if (by_pattern && strcmp(target, "/.*") != 0) {
		answer_plain(page, 501, "of patterns only /.* is understood\n");
		return STEP_DELIVER;
	}
	n = by_pattern ? cache_purge_all(cache)
		       : cache_purge_path(cache, NULL, target);
	words = arena_printf(page->arena, "purged %u\n", n);
	answer_plain(page, n > 0 ? 200 : 404, words);
	head_add(&page->reply.head, "X-Cache", n > 0 ? "PURGED" : "MISS");
	return STEP_DELIVER;
}
