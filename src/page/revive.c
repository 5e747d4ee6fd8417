/* page/revive.c - a queue, and a thread that asks as a client would
 *
 * The thread is started with the first page to be revived. It makes ordinary
 * pages, so that what they bring is judged, stored and dressed as ever. */
#include "page/revive.h"

#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/thread.h"
#include "http/url.h"
#include "page/life.h"

/* One page: in the queue, in hand, or done. */
struct revived {
	struct revived *next;
	struct revive *revive;
	struct arena *arena; /* of its texts */
	struct request request;
	struct head fields;
	struct page *page;   /* NULL: not begun */
	const void *whom;    /* the upstream, or the site that chooses one */
	bool is_ready;       /* under the lock */
};

struct revive {
	struct pages *pages;
	struct thread thread;
	struct lock lock;
	struct cond cond;
	/* under lock */
	struct revived *first, **last;
	unsigned waiting;
	bool runs, stopping, woken;
	/* the thread's, but for is_ready */
	struct revived *in_hand;
	unsigned hands;
};

/* ---- one page ---- */

static void
revived_free(struct revived **revived_p)
{
	struct revived *revived = *revived_p;
	struct arena *arena = revived->arena;

	*revived_p = NULL;
	page_free(&revived->page);
	arena_free(&arena);
}

/* The lines of a variant are the fields that it was asked with. */
static void
add_variant(struct revived *revived, const char *variant)
{
	const char *line, *colon, *end;

	for (line = variant; *line && *line != '='; line = end + 1) {
		end = strchr(line, '\n');
		colon = strchr(line, ':');
		if (!end)
			return;
		if (!colon || colon > end || colon[1] != ' ')
			continue;
		head_add_n(&revived->fields, line, (size_t)(colon - line),
		    colon + 2, (size_t)(end - colon - 2));
	}
}

static bool
read_url(struct request *request, const char *url, struct arena *arena)
{
	const char *copy = arena_strdup(arena, url), *target;
	struct url_parts parts;

	url_split(&parts, copy, strlen(copy));
	if (!parts.scheme.from || !parts.authority.from)
		return false;
	target = parts.authority.from + parts.authority.len;
	request->method = "GET";
	request->is_get = true;
	request->scheme = slice_is(parts.scheme, "https") ? "https" : "http";
	request->host = arena_strndup(arena, parts.authority.from,
	    parts.authority.len);
	request->host_len = parts.authority.len;
	request->target = *target ? target : "/";
	request->target_len = strlen(request->target);
	return *request->target == '/';
}

static struct revived *
revived_new(const char *url, const char *variant)
{
	struct arena *arena = arena_new(1024);
	struct revived *revived = arena_get(arena, sizeof(*revived));
	struct request *request = &revived->request;

	revived->arena = arena;
	head_init(&revived->fields, arena);
	if (!read_url(request, url, arena)) {
		revived_free(&revived);
		return NULL;
	}
	head_add(&revived->fields, "Host", request->host);
	head_add(&revived->fields, "Accept-Encoding", "gzip");
	add_variant(revived, variant);
	request->fields = &revived->fields;
	request->accept_encoding = "gzip";
	request->peer.is_unix = request->client.is_unix = true;
	return revived;
}

/* ---- the thread ---- */

/* On whatever thread has the page: it is freed on ours. */
static void
on_ready(void *arg)
{
	struct revived *revived = arg;
	struct revive *revive = revived->revive;

	lock_take(&revive->lock);
	revived->is_ready = revive->woken = true;
	cond_signal(&revive->cond);
	lock_drop(&revive->lock);
}

static void
take_back(struct revive *revive)
{
	struct revived **at = &revive->in_hand, *done = NULL, *one;

	lock_take(&revive->lock);
	while ((one = *at) != NULL) {
		if (!one->is_ready) {
			at = &one->next;
			continue;
		}
		*at = one->next;
		one->next = done;
		done = one;
		revive->hands--;
	}
	lock_drop(&revive->lock);
	while ((one = done) != NULL) {
		done = one->next;
		revived_free(&one);
	}
}

static const void *
whom(struct revive *revive, const struct request *request)
{
	struct routes *routes = pages_routes(revive->pages);
	const struct site *site = routes_find(routes, request->host,
	    request->host_len, request->target);
	const void *whom = NULL;

	if (site)
		whom = site->upstream ? (const void *)site->upstream : site;
	routes_unref(&routes);
	return whom;
}

static bool
is_busy(const struct revive *revive, const void *upstream)
{
	const struct revived *one;

	for (one = revive->in_hand; one; one = one->next)
		if (one->whom == upstream)
			return true;
	return false;
}

static void
take_out(struct revive *revive, struct revived **at)
{
	struct revived *one = *at;

	lock_take(&revive->lock);
	*at = one->next;
	if (revive->last == &one->next)
		revive->last = at;
	revive->waiting--;
	lock_drop(&revive->lock);
}

/* The first whose upstream is free. Others only add behind the last, so the
 * list may be walked without the lock up to what was last then. */
static struct revived *
next_one(struct revive *revive)
{
	struct revived **at = &revive->first, *one;
	unsigned left;

	lock_take(&revive->lock);
	left = revive->waiting;
	lock_drop(&revive->lock);
	for (; left > 0; left--, at = &one->next) {
		one = *at;
		one->whom = whom(revive, &one->request);
		if (one->whom && is_busy(revive, one->whom))
			continue;
		take_out(revive, at);
		return one;
	}
	return NULL;
}

static void
begin(struct revive *revive, struct revived **one_p)
{
	struct revived *one = *one_p;

	*one_p = NULL;
	if (one->whom)
		one->page = page_new(revive->pages, &one->request, NULL, -1,
		    on_ready, one);
	if (!one->page) {
		revived_free(&one);
		return;
	}
	counter_up(COUNT_REVIVED);
	page_revives(one->page);
	one->next = revive->in_hand;
	revive->in_hand = one;
	revive->hands++;
	page_start(one->page);
}

/* False: it is over. */
static bool
wait(struct revive *revive, uint64_t ms)
{
	bool stopping;

	lock_take(&revive->lock);
	if (!revive->stopping && !revive->woken)
		cond_wait(&revive->cond, &revive->lock, ms);
	revive->woken = false;
	stopping = revive->stopping;
	lock_drop(&revive->lock);
	return !stopping;
}

static void
end_those_in_hand(struct revive *revive)
{
	const struct revived *one;

	for (one = revive->in_hand; one; one = one->next)
		page_leave(one->page);
	while (revive->hands > 0) {
		lock_take(&revive->lock);
		cond_wait(&revive->cond, &revive->lock, 1000 / REVIVE_RATE);
		lock_drop(&revive->lock);
		take_back(revive);
	}
}

static void
run(void *arg)
{
	struct revive *revive = arg;
	uint64_t begun_ms = 0, now_ms, rest_ms = UINT64_MAX;

	while (wait(revive, rest_ms)) {
		struct revived *one = NULL;

		take_back(revive);
		now_ms = clock_mono_ms();
		rest_ms = 1000 / REVIVE_RATE;
		if (now_ms < begun_ms + rest_ms)
			continue;
		if (revive->hands < REVIVE_HANDS)
			one = next_one(revive);
		if (one) {
			begun_ms = now_ms;
			begin(revive, &one);
		} else {
			rest_ms = UINT64_MAX; /* until something happens */
		}
	}
	end_those_in_hand(revive);
}

/* ---- for others ---- */

static struct revive *
revive_of(struct pages *pages)
{
	struct revive *revive;

	lock_take(&pages->lock);
	if (!pages->revive) {
		revive = mem_new(sizeof(*revive));
		revive->pages = pages;
		revive->last = &revive->first;
		lock_init(&revive->lock);
		cond_init(&revive->cond);
		pages->revive = revive;
	}
	revive = pages->revive;
	lock_drop(&pages->lock);
	return revive;
}

struct adding {
	struct revive *revive;
	unsigned max;
};

static void
add(void *arg, const char *url, const char *variant)
{
	struct adding *adding = arg;
	struct revive *revive = adding->revive;
	struct revived *one = url ? revived_new(url, variant ? variant : "") :
	    NULL;
	bool added = false;

	if (!one)
		return;
	one->revive = revive;
	lock_take(&revive->lock);
	if (revive->waiting < adding->max && !revive->stopping) {
		*revive->last = one;
		revive->last = &one->next;
		revive->waiting++;
		added = true;
	}
	lock_drop(&revive->lock);
	if (!added)
		revived_free(&one);
}

static void
wake(struct revive *revive)
{
	struct err err;

	lock_take(&revive->lock);
	if (!revive->runs && !revive->stopping) {
		revive->runs = thread_start(&revive->thread, "revive", run,
		    revive, &err) == 0;
		if (!revive->runs)
			log_warn("pages that were purged are not asked for "
			    "anew: %s", err.text);
	}
	revive->woken = true;
	cond_signal(&revive->cond);
	lock_drop(&revive->lock);
}

void
revive_soon(struct pages *pages, struct meaning *meaning)
{
	struct adding adding = {NULL, pages->opts.purge_refresh_max};

	if (!pages->opts.purge_refresh || adding.max == 0)
		return;
	adding.revive = revive_of(pages);
	cache_most_used(pages->opts.cache, meaning, adding.max, add, &adding);
	wake(adding.revive);
}

void
revive_quiet(struct pages *pages)
{
	struct revive *revive;

	lock_take(&pages->lock);
	revive = pages->revive;
	lock_drop(&pages->lock);
	if (!revive)
		return;
	lock_take(&revive->lock);
	revive->stopping = true;
	cond_signal(&revive->cond);
	lock_drop(&revive->lock);
	thread_join(&revive->thread);
}

void
revive_free(struct revive **revive_p)
{
	struct revive *revive = *revive_p;
	struct revived *one;

	*revive_p = NULL;
	if (!revive)
		return;
	while ((one = revive->first) != NULL) {
		revive->first = one->next;
		revived_free(&one);
	}
	cond_fini(&revive->cond);
	lock_fini(&revive->lock);
	mem_free(&revive);
}
