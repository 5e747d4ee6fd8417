/* page/skinlive.c - which version of a theme is live, and for how long
 *
 * A refresh has three ends: nothing changed (the live version is good for
 * longer), a new version is live, or it failed, and then the live version
 * stays, the reason is recorded, and the next try comes after a back-off.
 * All on the skin thread; skin_from_store() runs before anybody sees the
 * skin. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/report.h"
#include "http/cachecontrol.h"
#include "page/skinlife.h"

/* ---- the ends of a refresh ---- */

static const char *
shown_url(const struct skin *skin)
{
	return skin->opts.url ? skin->opts.url : skin->opts.rules;
}

void
skin_refresh_over(struct skin *skin, uint64_t due_ms)
{
	must(lock_is_mine(&skin->lock));
	skin->refreshing = false;
	atomic_store(&skin->due_ms, due_ms);
}

static uint64_t
back_off(const struct skin *skin)
{
	uint64_t ms = skin->opts.back_off_min_ms;
	unsigned i;

	for (i = 1; i < skin->failures && ms < skin->opts.back_off_max_ms; i++)
		ms *= 2;
	return ms < skin->opts.back_off_max_ms ? ms :
						 skin->opts.back_off_max_ms;
}

static void
end_failed(struct skin *skin, const char *what, const char *reason)
{
	uint64_t now_ms = clock_mono_ms(), stale_ms;
	const char *instead;
	bool has_live;

	lock_take(&skin->lock);
	skin->failures++;
	skin->next_try_ms = skin->again ? 0 : now_ms + back_off(skin);
	has_live = skin->live != NULL;
	stale_ms = has_live ? now_ms - skin->good_at_ms : 0;
	snprintf(skin->last_error, sizeof(skin->last_error), "%s", reason);
	skin_refresh_over(skin, skin->next_try_ms);
	lock_drop(&skin->lock);
	skin_share_ended(skin);
	counter_up(COUNT_THEME_FAILED);
	instead = has_live ? "the last good version" : "pages undressed";
	if (skin->failures == 1)
		log_warn("theme %s: %s: %s, serving %s", skin->opts.name,
		    shown_url(skin), reason, instead);
	report_problem(what, shown_url(skin), reason, instead);
	if (has_live && stale_ms > skin->opts.stale_warn_ms &&
	    !skin->warned_stale) {
		skin->warned_stale = true;
		log_warn("theme %s: not refreshed for %llu s, serving the "
		    "last good version", skin->opts.name,
		    (unsigned long long)(stale_ms / 1000));
		report_problem("theme", shown_url(skin),
		    "older than stale_warn", instead);
	}
}

/* Its headers want it asked for each time; min_refresh bounds that. */
static bool
says_stale(const struct head *head)
{
	struct cachecontrol cc;

	cachecontrol_read(&cc, head, "Cache-Control");
	return cc.flags & (CC_NO_STORE | CC_NO_CACHE) || cc.max_age >= 0 ||
	    cc.s_maxage >= 0 || head_find(head, "Expires");
}

/* For how long what was fetched is current. */
static uint64_t
lifetime_ms(const struct skin *skin)
{
	uint64_t least = skin->opts.ttl_ms;
	bool said = false;
	unsigned i;

	for (i = 0; i < skin->now->count; i++) {
		const struct object *object = skin->now->page[i].object;
		int64_t ttl = object ? object_ttl_ms(object, clock_wall_ms()) :
				       0;

		if (!object || (ttl <= 0 && !says_stale(&object->head)))
			continue;
		ttl = ttl > 0 ? ttl : 0;
		if (!said || (uint64_t)ttl < least)
			least = (uint64_t)ttl;
		said = true;
	}
	return least > skin->opts.min_refresh_ms ? least :
						   skin->opts.min_refresh_ms;
}

/* What was fetched is what is stored from now on. */
static void
adopt_pages(struct skin *skin)
{
	unsigned i;

	for (i = 0; i < skin->now->count; i++) {
		struct skin_page *page = &skin->now->page[i];

		if (!page->fetched)
			continue;
		if (skin->share.takes)
			; /* it is stored */
		else if (page->object && page->object->body == page->fetched->body)
			(void)since_freshen(
			    &page->since, page->object, page->fetched);
		else
			(void)since_store(&page->since, page->fetched);
		object_unref(&page->object);
		page->object = page->fetched;
		page->fetched = NULL;
	}
}

static void
end_good(struct skin *skin)
{
	uint64_t now_ms = clock_mono_ms();

	if (skin->next_rules) {
		rules_unref(&skin->rules);
		skin->rules = skin->next_rules;
		skin->next_rules = NULL;
		skin_pages_free(&skin->now);
		skin->now = skin->next_pages;
		skin->next_pages = NULL;
	}
	adopt_pages(skin);
	lock_take(&skin->lock);
	skin->failures = 0;
	skin->last_error[0] = '\0';
	skin->good_at_ms = now_ms;
	skin->fetched_at_ms = skin_share_asked_ms(skin);
	skin->fresh_until_ms = skin->again ? 0 : now_ms + lifetime_ms(skin);
	skin->next_try_ms = skin->again ? 0 :
	    now_ms + skin->opts.min_refresh_ms;
	skin_refresh_over(skin, skin->fresh_until_ms);
	lock_drop(&skin->lock);
	skin_share_ended(skin);
	skin->warned_stale = false;
}

/* Takes *theme, of what was fetched then. */
static void
go_live(struct skin *skin, struct theme **theme, int64_t fetched_ms)
{
	struct theme *old;
	size_t size = 0, i;
	const char *warning;

	lock_take(&skin->lock);
	old = skin->live;
	skin->live = *theme;
	atomic_store(&skin->version, skin_number(theme_version(*theme)));
	lock_drop(&skin->lock);
	theme_unref(&old);
	for (i = 0; i < skin_pages_of(skin)->count; i++) {
		const struct skin_page *page = &skin_pages_of(skin)->page[i];
		struct object *object = page->fetched ? page->fetched :
							page->object;

		size += object ? object->body->len : 0;
	}
	cache_theme_live(skin->skins->cache, skin->opts.name,
	    shown_url(skin), theme_version(*theme), size, fetched_ms);
	counter_up(COUNT_THEME_CHANGES);
	log_info("theme %s: version %.12s of %s is live", skin->opts.name,
	    theme_version(*theme), shown_url(skin));
	for (i = 0; (warning = theme_warning(*theme, i)) != NULL; i++)
		log_debug("theme %s: %s", skin->opts.name, warning);
	skin_assets_of_theme(skin, *theme);
	*theme = NULL;
}

static bool
nothing_changed(const struct skin *skin)
{
	unsigned i;

	if (!skin->live || skin->next_rules)
		return false;
	for (i = 0; i < skin->now->count; i++) {
		const struct skin_page *page = &skin->now->page[i];

		if (!page->object || !page->fetched ||
		    page->object->body != page->fetched->body)
			return false;
	}
	return true;
}

void
skin_refresh_end(struct skin *skin)
{
	struct rules *rules = skin->next_rules ? skin->next_rules :
						 skin->rules;
	struct theme *theme = NULL;
	struct err err;
	bool body_only = false;

	if (skin->refresh_failed) {
		end_failed(skin, skin->refresh_what, skin->refresh_err.text);
		return;
	}
	if (nothing_changed(skin)) {
		skin_assets_of_theme(skin, skin->live);
		end_good(skin);
		return;
	}
	if (skin_weave(&theme, skin, rules, true, &err) != 0 ||
	    theme_may_replace(skin->live, theme, &body_only, &err) != 0) {
		theme_unref(&theme);
		end_failed(skin, "theme", err.text);
		return;
	}
	if (body_only)
		log_warn("theme %s: %s has no main, [role=main], #content or "
		    "#main: the whole body is its main place",
		    skin->opts.name, shown_url(skin));
	go_live(skin, &theme, skin_share_asked_ms(skin));
	end_good(skin);
}
/* ---- at start ---- */

static uint64_t
fresh_until(const struct skin *skin)
{
	int64_t now_ms = clock_wall_ms(), ttl, least = INT64_MAX;
	unsigned i;

	for (i = 0; i < skin->now->count; i++) {
		ttl = object_ttl_ms(skin->now->page[i].object, now_ms);
		if (ttl < least)
			least = ttl;
	}
	if (skin->now->count == 0)
		least = skin->opts.ttl_ms;
	return least > 0 ? clock_mono_ms() + (uint64_t)least : 0;
}

void
skin_from_store(struct skin *skin, struct cache_reader *reader)
{
	struct theme *theme = NULL;
	struct err err;
	unsigned i;

	for (i = 0; i < skin->now->count; i++) {
		struct skin_page *page = &skin->now->page[i];

		page->object = skin_page_stored(skin, reader, page);
		if (!page->object)
			return;
	}
	if (skin_weave(&theme, skin, skin->rules, false, &err) != 0) {
		log_warn("theme %s: the stored version cannot be used: %s",
		    skin->opts.name, err.text);
		return;
	}
	if (skin->now->count)
		skin->fetched_at_ms = skin->now->page[0].object->answered_ms;
	go_live(skin, &theme,
	    skin->now->count ? skin->fetched_at_ms : clock_wall_ms());
	skin->fresh_until_ms = fresh_until(skin);
	skin->good_at_ms = clock_mono_ms();
	atomic_store(&skin->due_ms, skin->fresh_until_ms);
}
