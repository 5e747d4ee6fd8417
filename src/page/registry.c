/* page/registry.c - the pages in hand, oldest first: for people who ask what
 * is going on, and for the end of the process */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "page/life.h"

bool
registry_enter(struct page *page)
{
	struct pages *pages = page->pages;
	bool room;

	lock_take(&pages->lock);
	room = pages->in_hand < pages->opts.parked_max;
	if (room) {
		pages->in_hand++;
		page->older = pages->newest;
		if (pages->newest)
			pages->newest->newer = page;
		else
			pages->oldest = page;
		pages->newest = page;
	}
	lock_drop(&pages->lock);
	return room;
}

void
registry_leave(struct page *page)
{
	struct pages *pages = page->pages;

	lock_take(&pages->lock);
	pages->in_hand--;
	if (page->older)
		page->older->newer = page->newer;
	else
		pages->oldest = page->newer;
	if (page->newer)
		page->newer->older = page->older;
	else
		pages->newest = page->older;
	lock_drop(&pages->lock);
}

static void
describe(const struct page *page, struct page_figures *out, uint64_t now_ms)
{
	const struct request *request = &page->request;

	memset(out, 0, sizeof(*out));
	out->id = page->id;
	out->age_ms = now_ms > page->started_ms ? now_ms - page->started_ms :
						  0;
	out->stage = atomic_load(&page->stage);
	snprintf(out->method, sizeof(out->method), "%s", request->method);
	snprintf(out->url, sizeof(out->url), "%s://%.*s%s", request->scheme,
	    (int)request->host_len, request->host, request->target);
	if (!page->site)
		return;
	snprintf(out->site, sizeof(out->site), "%s", page->site->opts.name);
	snprintf(out->upstream, sizeof(out->upstream), "%s",
	    page->choice.upstream ? page->choice.upstream->opts.name : "");
}

unsigned
pages_list(struct pages *pages, struct page_figures *out, unsigned max)
{
	uint64_t now_ms = clock_mono_ms();
	const struct page *page;
	unsigned n = 0;

	lock_take(&pages->lock);
	for (page = pages->oldest; page; page = page->newer, n++)
		if (n < max)
			describe(page, &out[n], now_ms);
	lock_drop(&pages->lock);
	return n;
}

static void
kill_page(struct page *page)
{
	atomic_store(&page->killed, true);
	atomic_store(&page->gone, true);
}

bool
pages_kill(struct pages *pages, uint64_t id)
{
	struct page *page;

	lock_take(&pages->lock);
	for (page = pages->oldest; page; page = page->newer) {
		if (page->id == id) {
			kill_page(page);
			break;
		}
	}
	lock_drop(&pages->lock);
	return page != NULL;
}

void
pages_fail_all(struct pages *pages)
{
	struct page *page;

	lock_take(&pages->lock);
	for (page = pages->oldest; page; page = page->newer)
		kill_page(page);
	lock_drop(&pages->lock);
}
