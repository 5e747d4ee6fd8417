/* page/purge.c - PURGE, BAN and PURGEKEYS: who may, and the answer
 *
 * The answer is 200 when something went and 404 when there was nothing, both
 * of which Plone and its kin take for done; 403 for those who may not. Nothing
 * of it ever goes to an upstream. */
#include "page/purge.h"

#include <string.h>

#include "page/life.h"
#include "page/purge_site.h"
#include "page/revive.h"

bool
purge_is(const struct request *request)
{
	const char *method = request->method;

	return strcmp(method, "PURGE") == 0 || strcmp(method, "BAN") == 0 ||
	    strcmp(method, "PURGEKEYS") == 0;
}

/* ---- the answer ---- */

struct sum {
	unsigned purged, expired;
	bool more;
};

static void
answer(struct page *page, const struct sum *sum, bool dry)
{
	bool any = sum->purged + sum->expired > 0;
	const char *at_least = sum->more ? "at least " : "";
	const char *words = arena_printf(page->arena, dry ?
	    "Would purge %s%u objects, expire %s%u objects\n" :
	    "Purged %s%u objects, expired %s%u objects\n",
	    sum->purged ? at_least : "", sum->purged,
	    sum->expired ? at_least : "", sum->expired);

	answer_plain(page, any ? 200 : 404, words);
	head_add(&page->reply.head, "X-Cache", !any ? "MISS" :
	    dry ? "HIT" : sum->purged ? "PURGED" : "EXPIRED");
}

static void
do_word(struct page *page, const struct purge_word *word, bool dry,
    struct sum *sum)
{
	struct pages *pages = page->pages;
	struct purged purged = dry ?
	    cache_purge_count(pages->opts.cache, word->meaning) :
	    cache_purge(pages->opts.cache, word->meaning, word->soft);

	*(word->soft ? &sum->expired : &sum->purged) += purged.count;
	sum->more |= purged.more;
	if (!dry && word->soft && purged.count > 0)
		revive_soon(pages, word->meaning);
}

static void
do_words(struct page *page, const struct purge_words *words)
{
	struct sum sum = {0, 0, false};

	for (unsigned i = 0; i < words->count; i++)
		do_word(page, &words->words[i], words->dry, &sum);
	answer(page, &sum, words->dry);
}

static bool
may_purge_all(const struct page *page)
{
	return page->request.is_allowed ||
	       purge_has_token(
		   &page->request, page->pages->opts.purge_token);
}

/* What one is that does not say. */
static bool
is_soft_here(const struct page *page, const struct site *site)
{
	if (site && site->opts.purge != SITE_PURGE_INHERIT)
		return site->opts.purge == SITE_PURGE_SOFT;
	return page->pages->opts.purge == PURGE_SOFT;
}

enum step
purge_step(struct page *page)
{
	const struct site *only = NULL;
	struct purge_words words;
	const char *why = NULL;
	int status;

	page->reply.kind = "purge";
	if (!may_purge_all(page))
		only = purge_site_of(&page->request, page->routes, page->site);
	if (!only && !may_purge_all(page)) {
		answer_plain(page, 403, "purging is not allowed from here\n");
		return STEP_DELIVER;
	}
	status = purge_words_read(&words, &page->request, page->routes,
	    is_soft_here(page, only ? only : page->site), page->arena, &why);
	if (!status && only)
		status = purge_narrow(&words, only, page->arena, &why);
	if (status)
		answer_plain(page, status, why);
	else
		do_words(page, &words);
	purge_words_fini(&words);
	return STEP_DELIVER;
}
