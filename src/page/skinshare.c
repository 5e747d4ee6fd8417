/* page/skinshare.c - whose turn it is, and what others have stored */
#include "page/skinshare.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cache/charge.h"
#include "page/skinlife.h"

enum {
	/* Of our writer; then we go on alone: where a theme is live, later. */
	ANSWER_MAX_MS = 5000,
	FIRST_ANSWER_MAX_MS = 1000,
	ASK_AGAIN_MS = 250,   /* while another is at it */
	TRY_AGAIN_MS = 1000,  /* while it is another's, and it is idle */
	SLACK_MS = 5000,      /* who is in charge is late by so much at most */
	/* The files of a theme that another fetched are being fetched, too. */
	ASSETS_AFTER_MS = 3000,
};

static char *
name_of(const struct skin *skin)
{
	return mem_printf("%s %s", skin->opts.name,
	    skin->now->count ? skin->now->page[0].url : "");
}

static void
ask(struct skin *skin)
{
	char *name = name_of(skin);

	cache_charge_ask(skin->skins->cache, name, skin->share.urgent_ms);
	skin->share.asked_at_ms = clock_mono_ms();
	mem_free(&name);
}

static bool
is_on_the_net(const struct skin *skin)
{
	for (unsigned i = 0; i < skin->now->count; i++)
		if (skin->now->page[i].upstream->form != UPSTREAM_FOLDER)
			return true;
	return false;
}

/* The refresh under way has to bring what was asked for after then. */
static int64_t
take_urgency(struct skin *skin)
{
	int64_t urgent_ms;

	lock_take(&skin->lock);
	urgent_ms = skin->urgent_ms;
	skin->urgent_ms = 0;
	lock_drop(&skin->lock);
	return urgent_ms;
}

bool
skin_share_waits(struct skin *skin)
{
	struct sharing_skin *share = &skin->share;

	share->urgent_ms = take_urgency(skin);
	share->waits = share->in_charge = false;
	if (!is_on_the_net(skin))
		return false;
	ask(skin);
	share->waits = cache_is_shared(skin->skins->cache);
	/* Whoever comes now finds that we are at it. */
	share->in_charge = !share->waits;
	if (share->waits)
		skins_wake(skin->skins);
	return share->waits;
}

void
skin_share_ended(struct skin *skin)
{
	uint64_t now_ms = clock_mono_ms(), due_ms = atomic_load(&skin->due_ms);
	char *name;

	if (!skin->share.in_charge)
		return;
	skin->share.in_charge = false;
	name = name_of(skin);
	if (due_ms > now_ms + CHARGE_MAX_MS)
		due_ms = now_ms + CHARGE_MAX_MS;
	cache_charge_end(skin->skins->cache, name, SLACK_MS +
	    (due_ms > now_ms ? (int64_t)(due_ms - now_ms) : 0));
	mem_free(&name);
}

/* ---- what others have stored ---- */

/* Takes the reference. The same bytes are the same body, as after a fetch. */
static struct object *
with_known_body(const struct skin_page *page, struct object *object)
{
	const struct body *had = page->object ? page->object->body : NULL;
	struct object *copy;

	if (!had || had == object->body || had->len != object->body->len ||
	    memcmp(had->bytes, object->body->bytes, had->len) != 0)
		return object;
	copy = object_copy(object);
	body_unref(&copy->body);
	copy->body = body_ref(page->object->body);
	object_unref(&object);
	return copy;
}

/* And not one that could not go live here, whatever the others make of it. */
static bool
is_newer(const struct skin *skin, const struct skin_page *page,
    const struct object *object, int64_t since_ms)
{
	return object->asked_ms >= since_ms &&
	    object->answered_ms > skin->share.refused_ms && (!page->object ||
	    object->answered_ms > page->object->answered_ms);
}

static void
drop_fetched(struct skin_pages *pages)
{
	for (unsigned i = 0; i < pages->count; i++)
		object_unref(&pages->page[i].fetched);
}

/* All pages are in the file, and one of them is newer than what is live. */
static bool
find_newer(struct skin *skin, struct skin_pages *pages, int64_t since_ms)
{
	bool newer = false;

	drop_fetched(pages);
	for (unsigned i = 0; i < pages->count; i++) {
		struct skin_page *page = &pages->page[i];
		struct object *object = skin_page_stored(skin,
		    skin->skins->reader, page);

		if (!object) {
			drop_fetched(pages);
			return false;
		}
		newer |= is_newer(skin, page, object, since_ms);
		page->fetched = with_known_body(page, object);
	}
	if (!newer)
		drop_fetched(pages);
	return newer;
}

/* Make live what another stored since then. False: nothing did. It is the end
 * of the refresh under way. */
static bool
take(struct skin *skin, int64_t since_ms)
{
	int64_t newest_ms = 0;

	/* before the rules are read, which takes longer */
	if (!find_newer(skin, skin->now, since_ms))
		return false;
	drop_fetched(skin->now);
	skin->refresh_failed = false;
	skin_reread_rules(skin);
	if (skin->refresh_failed ||
	    !find_newer(skin, skin_pages_of(skin), since_ms))
		return false;
	for (unsigned i = 0; i < skin_pages_of(skin)->count; i++) {
		int64_t ms = skin_pages_of(skin)->page[i].fetched->answered_ms;

		newest_ms = ms > newest_ms ? ms : newest_ms;
	}
	skin->share.waits = false;
	skin->share.takes = true;
	skin->assets_at_ms = clock_mono_ms() + ASSETS_AFTER_MS;
	skin_refresh_end(skin);
	skin->share.takes = false;
	if (skin->failures > 0)
		skin->share.refused_ms = newest_ms;
	return true;
}

int64_t
skin_share_asked_ms(const struct skin *skin)
{
	const struct skin_pages *pages = skin->next_pages ?
	    skin->next_pages : skin->now;
	const struct object *object;

	if (!skin->share.takes || pages->count == 0)
		return clock_wall_ms();
	object = pages->page[0].fetched ? pages->page[0].fetched :
					  pages->page[0].object;
	return object ? object->answered_ms : clock_wall_ms();
}

/* Nobody here asked for it: it came by itself. */
static void
take_news(struct skin *skin)
{
	uint64_t due_ms;
	bool busy;

	if (!is_on_the_net(skin) || !find_newer(skin, skin->now, 0))
		return;
	drop_fetched(skin->now);
	lock_take(&skin->lock);
	busy = skin->refreshing;
	due_ms = atomic_load(&skin->due_ms);
	if (!busy) {
		skin->refreshing = true;
		skin->refresh_started_ms = clock_mono_ms();
	}
	lock_drop(&skin->lock);
	if (busy || take(skin, 0))
		return;
	lock_take(&skin->lock);
	skin_refresh_over(skin, due_ms);
	lock_drop(&skin->lock);
}

/* ---- a refresh that waits ---- */

/* Not our turn, and nothing came: what is live stays, and whoever finds it due
 * looks again. */
static void
give_up(struct skin *skin)
{
	lock_take(&skin->lock);
	skin->next_try_ms = skin->again ? 0 : clock_mono_ms() + TRY_AGAIN_MS;
	skin_refresh_over(skin, skin->next_try_ms);
	lock_drop(&skin->lock);
	skin->share.waits = false;
}

static void
begin(struct skin *skin)
{
	struct sharing_skin *share = &skin->share;

	share->in_charge = true;
	/* Whoever was in charge may have stored it and gone. */
	if (take(skin, share->urgent_ms))
		return;
	share->waits = false;
	skin->refresh_failed = false;
	skin_refresh_go(skin);
}

static void
wait_on(struct skin *skin)
{
	struct sharing_skin *share = &skin->share;
	uint64_t waited_ms = clock_mono_ms() - share->asked_at_ms;
	uint64_t most_ms = skin->live ? ANSWER_MAX_MS : FIRST_ANSWER_MAX_MS;
	enum charge charge;
	char *name = name_of(skin);

	charge = cache_charge_look(skin->skins->cache, name);
	mem_free(&name);
	if (charge == CHARGE_OURS ||
	    (charge == CHARGE_ASKED && waited_ms >= most_ms))
		begin(skin);
	else if (charge == CHARGE_ASKED || take(skin, share->urgent_ms))
		return;
	else if (charge == CHARGE_THEIRS)
		give_up(skin);
	else if (waited_ms >= ASK_AGAIN_MS)
		ask(skin);
}

void
skin_share_go_on(struct skin *skin, bool news, uint64_t *next_ms)
{
	uint64_t soon_ms = clock_mono_ms() + ASK_AGAIN_MS;

	if (skin->share.waits) {
		wait_on(skin);
		if (skin->share.waits && soon_ms < *next_ms)
			*next_ms = soon_ms;
	} else if (news && skin->pages_in_air == 0) {
		take_news(skin);
	}
}
