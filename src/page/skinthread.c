/* page/skinthread.c - the thread that owns what changes about skins
 *
 * It runs notes (refresh this, that page came, that file came), lets waiting
 * pages go when the refresh or their time is over, and keeps themes current
 * that nobody asks for. */
#include "base/clock.h"
#include "base/mem.h"
#include "page/skinlife.h"

enum { LOOK_AT_LEAST_MS = 500, LOOK_FOR_GONE_MS = 100 };

void
skins_wake(struct skins *skins)
{
	lock_take(&skins->lock);
	skins->woken = true;
	cond_signal(&skins->wake);
	lock_drop(&skins->lock);
}

void
skins_note(struct skins *skins, struct skin_note *note)
{
	if (inbox_post(&skins->inbox, &note->item))
		skins_wake(skins);
}

static bool
run_notes(struct skins *skins)
{
	struct inbox_item *item = inbox_take(&skins->inbox), *next;
	bool any = item != NULL;

	for (; item; item = next) {
		struct skin_note *note = container_of(item, struct skin_note,
		    item);

		next = item->next;
		note->run(note);
	}
	return any;
}

/* Take out the waits that are over; *next_ms is when the next one will be. */
static struct skin_wait *
waits_over(struct skin *skin, uint64_t now_ms, uint64_t *next_ms)
{
	struct skin_wait **link, *wait, *over = NULL;

	lock_take(&skin->lock);
	for (link = &skin->waits; (wait = *link) != NULL;) {
		if (!skin->refreshing || wait->until_ms <= now_ms ||
		    (wait->gone && atomic_load(wait->gone))) {
			*link = wait->next;
			wait->next = over;
			over = wait;
			continue;
		}
		if (wait->until_ms < *next_ms)
			*next_ms = wait->until_ms;
		if (now_ms + LOOK_FOR_GONE_MS < *next_ms)
			*next_ms = now_ms + LOOK_FOR_GONE_MS;
		link = &wait->next;
	}
	lock_drop(&skin->lock);
	return over;
}

static void
look_after(struct skin *skin, uint64_t now_ms, bool news, uint64_t *next_ms)
{
	struct skin_wait *over = waits_over(skin, now_ms, next_ms), *next;
	uint64_t due_ms;

	for (; over; over = next) {
		next = over->next;
		over->on_over(over);
	}
	skin_share_go_on(skin, news, next_ms);
	skin_version(skin); /* begins a refresh when one is due */
	skin_assets_go_on(skin);
	due_ms = atomic_load(&skin->due_ms);
	if (due_ms < *next_ms)
		*next_ms = due_ms;
}

static uint64_t
look_after_all(struct skins *skins)
{
	uint64_t now_ms = clock_mono_ms();
	uint64_t next_ms = now_ms + LOOK_AT_LEAST_MS;
	bool news = atomic_exchange(&skins->has_news, false);
	struct skin *skin;
	unsigned i;

	for (i = 0; (skin = skins_get(skins, i)) != NULL; i++) {
		look_after(skin, now_ms, news, &next_ms);
		skin_unref(&skin);
	}
	now_ms = clock_mono_ms();
	return next_ms > now_ms ? next_ms - now_ms : 1;
}

static void
run(void *arg)
{
	struct skins *skins = arg;
	uint64_t sleep_ms;
	bool stops = false;

	while (!stops) {
		run_notes(skins);
		cache_reader_rest(skins->reader);
		sleep_ms = look_after_all(skins);
		lock_take(&skins->lock);
		if (!skins->woken && !skins->stops)
			cond_wait(&skins->wake, &skins->lock, sleep_ms);
		skins->woken = false;
		stops = skins->stops;
		lock_drop(&skins->lock);
	}
}

/* On the writer's thread. */
static void
on_news(void *arg)
{
	struct skins *skins = arg;

	atomic_store(&skins->has_news, true);
	skins_wake(skins);
}

int
skins_start(struct skins **out, struct cache *cache, struct fetch *fetch,
    struct err *err)
{
	struct skins *skins = mem_new(sizeof(*skins));

	skins->cache = cache;
	skins->fetch = fetch;
	skins->reader = cache_reader_new(cache);
	inbox_init(&skins->inbox);
	lock_init(&skins->lock);
	cond_init(&skins->wake);
	cache_on_news(cache, on_news, skins);
	if (thread_start(&skins->thread, "skin", run, skins, err) != 0) {
		skins_stop(&skins);
		return -1;
	}
	*out = skins;
	return 0;
}

bool
skins_are_stopping(struct skins *skins)
{
	bool stops;

	lock_take(&skins->lock);
	stops = skins->stops;
	lock_drop(&skins->lock);
	return stops;
}

void
skins_quiet(struct skins *skins)
{
	if (!skins)
		return;
	cache_on_news(skins->cache, NULL, NULL);
	lock_take(&skins->lock);
	skins->stops = true;
	cond_signal(&skins->wake);
	lock_drop(&skins->lock);
	thread_join(&skins->thread);
}

void
skins_stop(struct skins **skins)
{
	if (!*skins)
		return;
	skins_quiet(*skins);
	/* What the fetch module said at its end; lets the last skins go. */
	while (run_notes(*skins))
		;
	must(!(*skins)->first);
	cache_reader_free(&(*skins)->reader);
	cond_fini(&(*skins)->wake);
	lock_fini(&(*skins)->lock);
	inbox_fini(&(*skins)->inbox);
	mem_free(skins);
}
