/* page/upgrade.c - may this page become a WebSocket?
 *
 * Front has read a handshake that cannot be read in two ways. Where the site
 * does not let it through, or nobody is there who could speak it, the request
 * is the ordinary GET that it is without its Upgrade field (RFC 9110 7.8). */
#include "page/life.h"

static bool
may_upgrade(const struct page *page)
{
	const struct upstream *upstream = page->choice.upstream;

	return page->site && page->site->opts.upgrade && upstream &&
	       upstream->form != UPSTREAM_FOLDER && page->request.is_get &&
	       !page->part && !page->refused && !asset_is_path(&page->request);
}

void
upgrade_judge(struct page *page)
{
	if (!page->request.upgrade)
		return;
	if (!may_upgrade(page)) {
		page->request.upgrade = false;
		flow_unref(&page->body);
		return;
	}
	/* The connection is its client's alone. */
	page->sharing.may = page->sharing.may_keep = false;
	page->sharing.why = "upgrade";
}
