/* page/skin.c - what everybody sees of a skin: looking, waiting, figures
 *
 * A look takes the skin's lock for a few loads and a reference. Whatever takes
 * longer is a note to the skin thread. */
#include "page/skin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "page/skinlife.h"

void
skin_opts_default(struct skin_opts *opts)
{
	static const struct skin_opts defaults = {
		.name = "theme",
		.wait_ms = 300,
		.first_wait_ms = 10000,
		.min_refresh_ms = 5000,
		.ttl_ms = 60000,
		.stale_warn_ms = 3600 * 1000,
		.back_off_min_ms = 5000,
		.back_off_max_ms = 300000,
		.assets = ASSETS_CACHE,
		.theme_max = 4 << 20,
		.asset_max = 16 << 20,
		.assets_max = 500,
	};

	*opts = defaults;
	upstream_opts_default(&opts->upstream);
	opts->upstream.first_byte_ms = 10000;
	opts->upstream.total_ms = 30000;
	opts->upstream.host = "upstream";
}

/* ---- looking ---- */

/* Under the lock: whether to note a refresh, which is then in progress. */
static bool
begin_if_due(struct skin *skin, uint64_t now_ms)
{
	if (skin->refreshing || skin->retired ||
	    now_ms < skin->fresh_until_ms || now_ms < skin->next_try_ms)
		return false;
	skin->refreshing = true;
	skin->again = false;
	skin->refresh_started_ms = now_ms;
	atomic_store(&skin->due_ms, UINT64_MAX);
	return true;
}

static enum skin_state
state_now(const struct skin *skin, uint64_t now_ms)
{
	bool hopeful = skin->refreshing && skin->failures == 0;
	uint32_t wait_ms = skin->live ? skin->opts.wait_ms :
					skin->opts.first_wait_ms;

	if (hopeful && now_ms >= skin->refresh_started_ms + wait_ms)
		hopeful = false;
	if (!skin->live)
		return hopeful ? SKIN_NEVER : SKIN_NONE;
	if (!skin->refreshing && now_ms < skin->fresh_until_ms)
		return SKIN_FRESH;
	return hopeful ? SKIN_LATE : SKIN_STALE;
}

static void
note_refresh(struct skin *skin)
{
	if (!atomic_exchange(&skin->noted, true)) {
		skin_ref(skin);
		skins_note(skin->skins, &skin->note);
	}
}

enum skin_state
skin_look(struct skin *skin, struct theme **theme)
{
	uint64_t now_ms = clock_mono_ms();
	enum skin_state state;
	bool begin;

	lock_take(&skin->lock);
	begin = begin_if_due(skin, now_ms);
	state = state_now(skin, now_ms);
	*theme = skin->live ? theme_ref(skin->live) : NULL;
	lock_drop(&skin->lock);
	if (begin)
		note_refresh(skin);
	return state;
}

uint64_t
skin_version(struct skin *skin)
{
	struct theme *theme;

	if (clock_mono_ms() >= atomic_load_explicit(&skin->due_ms,
		memory_order_relaxed)) {
		skin_look(skin, &theme);
		theme_unref(&theme);
	}
	return atomic_load_explicit(&skin->version, memory_order_relaxed);
}

uint64_t
skin_number(const char *version)
{
	uint64_t number = 0;
	unsigned i;

	for (i = 0; i < 16; i++) {
		unsigned char c = (unsigned char)version[i];

		if (c >= '0' && c <= '9')
			number = number << 4 | (c - '0');
		else if (c >= 'a' && c <= 'f')
			number = number << 4 | (c - 'a' + 10u);
		else
			return 0;
	}
	return number;
}

void
skin_wait(struct skin *skin, struct skin_wait *wait)
{
	bool waits = false;

	lock_take(&skin->lock);
	if (skin->refreshing) {
		wait->until_ms = skin->refresh_started_ms +
		    (skin->live ? skin->opts.wait_ms :
				  skin->opts.first_wait_ms);
		wait->next = skin->waits;
		skin->waits = wait;
		waits = true;
	}
	lock_drop(&skin->lock);
	if (waits)
		skins_wake(skin->skins);
	else
		wait->on_over(wait);
}

void
skin_refresh(struct skin *skin)
{
	skin_refresh_since(skin, clock_wall_ms());
}

void
skin_refresh_since(struct skin *skin, int64_t at_ms)
{
	bool begin = false;

	lock_take(&skin->lock);
	if (at_ms > skin->urgent_ms)
		skin->urgent_ms = at_ms;
	/* What is in the air may have left before the change. */
	skin->again = skin->refreshing;
	skin->fresh_until_ms = skin->next_try_ms = 0;
	begin = begin_if_due(skin, clock_mono_ms());
	lock_drop(&skin->lock);
	if (begin)
		note_refresh(skin);
}

void
skin_retire(struct skin *skin, bool retired)
{
	lock_take(&skin->lock);
	skin->retired = retired;
	lock_drop(&skin->lock);
}

/* ---- birth and death ---- */

static const char *
copy_text(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : NULL;
}

static void
copy_opts(struct skin *skin, const struct skin_opts *opts)
{
	struct arena *arena = skin->arena;

	skin->opts = *opts;
	skin->opts.name = arena_strdup(arena, opts->name);
	skin->opts.url = copy_text(arena, opts->url);
	skin->opts.rules = arena_strdup(arena, opts->rules);
	skin->opts.rules_root = copy_text(arena, opts->rules_root);
	if (opts->params)
		skin->opts.params = arena_strdup_list(arena, opts->params);
	skin->opts.upstream.username = copy_text(arena,
	    opts->upstream.username);
	skin->opts.upstream.password = copy_text(arena,
	    opts->upstream.password);
	skin->opts.upstream.ca_file = copy_text(arena,
	    opts->upstream.ca_file);
	skin->opts.upstream.cert_file = copy_text(arena,
	    opts->upstream.cert_file);
	skin->opts.upstream.key_file = copy_text(arena,
	    opts->upstream.key_file);
	skin->opts.upstream.tls_name = copy_text(arena,
	    opts->upstream.tls_name);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool
same_list(const char *const *a, const char *const *b)
{
	if (!a || !b)
		return a == b;
	while (*a && *b && strcmp(*a, *b) == 0) {
		a++;
		b++;
	}
	return !*a && !*b;
}

static bool
same_opts(const struct skin_opts *a, const struct skin_opts *b)
{
	return same_text(a->name, b->name) && same_text(a->url, b->url) &&
	    same_text(a->rules, b->rules) &&
	    same_text(a->rules_root, b->rules_root) &&
	    same_list(a->params, b->params) &&
	    a->wait_ms == b->wait_ms &&
	    a->first_wait_ms == b->first_wait_ms &&
	    a->min_refresh_ms == b->min_refresh_ms &&
	    a->ttl_ms == b->ttl_ms && a->stale_warn_ms == b->stale_warn_ms &&
	    a->back_off_min_ms == b->back_off_min_ms &&
	    a->back_off_max_ms == b->back_off_max_ms &&
	    a->html_parser == b->html_parser && a->assets == b->assets &&
	    a->theme_max == b->theme_max &&
	    a->asset_max == b->asset_max && a->assets_max == b->assets_max &&
	    upstream_opts_same(&a->upstream, &b->upstream);
}

static struct skin *
find_running(struct skins *skins, const struct skin_opts *opts)
{
	struct skin *skin;

	lock_take(&skins->lock);
	for (skin = skins->first; skin; skin = skin->next)
		if (same_opts(&skin->opts, opts))
			break;
	if (skin)
		skin_ref(skin);
	lock_drop(&skins->lock);
	return skin;
}

static void
run_refresh(struct skin_note *note)
{
	struct skin *skin = container_of(note, struct skin, note);

	atomic_store(&skin->noted, false);
	skin_refresh_start(skin);
	skin_unref(&skin);
}

static void
skin_free(struct skin *skin)
{
	must(!skin->waits && skin->pages_in_air == 0);
	skin_pages_free(&skin->now);
	skin_pages_free(&skin->next_pages);
	theme_unref(&skin->live);
	rules_unref(&skin->rules);
	rules_unref(&skin->next_rules);
	upstream_unref(&skin->upstream);
	skin_assets_free(skin);
	lock_fini(&skin->lock);
	arena_free(&skin->arena);
	mem_free(&skin);
}

static struct skin *
skin_new(struct skins *skins, const struct skin_opts *opts)
{
	struct skin *skin = mem_new(sizeof(*skin));

	atomic_init(&skin->refs, 1);
	skin->skins = skins;
	skin->arena = arena_new(2048);
	skin->assets_arena = arena_new(2048);
	lock_init(&skin->lock);
	skin->note.run = run_refresh;
	copy_opts(skin, opts);
	skin->prefix = arena_printf(skin->arena, "/.livery/t/%s", opts->name);
	return skin;
}

int
skin_open(struct skin **out, struct skins *skins,
    const struct skin_opts *opts, struct err *err)
{
	struct skin *skin = find_running(skins, opts);
	struct rules_opts rules_opts = {
	    .root = opts->rules_root,
	    .params = opts->params,
	};
	struct cache_reader *reader;

	if (skin) {
		/* Its rules file may be another by now. */
		skin_refresh(skin);
		*out = skin;
		return 0;
	}
	skin = skin_new(skins, opts);
	if (rules_load(&skin->rules, opts->rules, &rules_opts, err) != 0 ||
	    skin_pages_new(&skin->now, skin, skin->rules, err) != 0) {
		skin_unref(&skin);
		return -1;
	}
	reader = cache_reader_new(skins->cache);
	skin_from_store(skin, reader);
	cache_reader_free(&reader);
	lock_take(&skins->lock);
	skin->next = skins->first;
	skins->first = skin;
	lock_drop(&skins->lock);
	*out = skin;
	return 0;
}

struct skin *
skin_ref(struct skin *skin)
{
	atomic_fetch_add(&skin->refs, 1);
	return skin;
}

void
skin_unref(struct skin **skin)
{
	struct skin *gone = *skin, **link;
	struct skins *skins;
	bool last;

	*skin = NULL;
	if (!gone)
		return;
	/* Under the lock, so that find_running() never revives the dead. */
	skins = gone->skins;
	lock_take(&skins->lock);
	last = atomic_fetch_sub(&gone->refs, 1) == 1;
	for (link = &skins->first; last && *link; link = &(*link)->next) {
		if (*link == gone) {
			*link = gone->next;
			break;
		}
	}
	lock_drop(&skins->lock);
	if (last)
		skin_free(gone);
}

const struct skin_opts *
skin_options(const struct skin *skin)
{
	return &skin->opts;
}

const char *
skin_origin(const struct skin *skin)
{
	return skin->origin ? skin->origin : "";
}

struct upstream *
skin_upstream(struct skin *skin)
{
	return skin->upstream;
}

/* ---- figures ---- */

void
skin_read_figures(struct skin *skin, struct skin_figures *out)
{
	uint64_t now_ms = clock_mono_ms();

	memset(out, 0, sizeof(*out));
	out->name = skin->opts.name;
	out->url = skin->opts.url ? skin->opts.url : skin->opts.rules;
	lock_take(&skin->lock);
	out->state = state_now(skin, now_ms);
	out->retired = skin->retired;
	if (skin->live)
		snprintf(out->version, sizeof(out->version), "%s",
		    theme_version(skin->live));
	out->fetched_at_ms = skin->fetched_at_ms;
	out->age_ms = skin->fetched_at_ms ?
	    clock_wall_ms() - skin->fetched_at_ms : 0;
	out->assets = skin->assets_count;
	out->failures = skin->failures;
	snprintf(out->last_error, sizeof(out->last_error), "%s",
	    skin->last_error);
	lock_drop(&skin->lock);
}

struct skin *
skins_get(struct skins *skins, unsigned i)
{
	struct skin *skin;

	lock_take(&skins->lock);
	for (skin = skins->first; skin && i > 0; skin = skin->next)
		i--;
	if (skin)
		skin_ref(skin);
	lock_drop(&skins->lock);
	return skin;
}
