/* page/purge.c - PURGE, BAN and PURGEKEYS: who may, and the answer
 *
 * The answer is 200 when something went and 404 when there was nothing, both
 * of which Plone and its kin take for done; 403 for those who may not. Nothing
 * of it ever goes to an upstream. */
#include "page/purge.h"

#include <string.h>
#include <strings.h>

#include "page/life.h"
#include "page/revive.h"

bool
purge_is(const struct request *request)
{
	const char *method = request->method;

	return strcmp(method, "PURGE") == 0 || strcmp(method, "BAN") == 0 ||
	    strcmp(method, "PURGEKEYS") == 0;
}

/* ---- who may ---- */

/* Takes as long whatever is wrong with it, so that nobody finds it out byte by
 * byte. */
static bool
is_token(const char *token, const char *given)
{
	size_t len = strlen(token), given_len = strlen(given);
	volatile unsigned char differs = len != given_len;

	for (size_t i = 0; i < given_len; i++)
		differs |= (unsigned char)(given[i] ^ token[i % len]);
	return differs == 0;
}

static bool
has_token(const struct page *page)
{
	static const char bearer[] = "bearer ";
	const char *token = page->pages->opts.purge_token;
	const char *given = page->request.authorization;

	if (!token || !*token)
		return false;
	if (given && strncasecmp(given, bearer, sizeof(bearer) - 1) == 0) {
		given += sizeof(bearer) - 1;
		given += strspn(given, " ");
		if (is_token(token, given))
			return true;
	}
	given = head_find(page->request.fields, "X-Purge-Token");
	return given && is_token(token, given);
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

enum step
purge_step(struct page *page)
{
	struct purge_words words;
	const char *why = NULL;
	int status;

	page->reply.kind = "purge";
	if (!page->request.is_allowed && !has_token(page)) {
		answer_plain(page, 403, "purging is not allowed from here\n");
		return STEP_DELIVER;
	}
	status = purge_words_read(&words, &page->request, page->routes,
	    page->pages->opts.purge == PURGE_SOFT, page->arena, &why);
	if (status)
		answer_plain(page, status, why);
	else
		do_words(page, &words);
	purge_words_fini(&words);
	return STEP_DELIVER;
}
