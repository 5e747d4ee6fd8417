/* page/held.c - parts of kept pages and the purges since (contract:
 * page/held.h)
 *
 * Of each part only the words are kept, in the arena of the page, so that they
 * count as its bytes. */
#include "page/held.h"

/* What purges go by. The last one has no key. */
struct held {
	enum kind kind;
	struct key key;
	const char *site, *url, *tags;
};

void
held_begin(struct object *kept, size_t room, uint64_t purges)
{
	kept->held = arena_get(kept->arena, (room + 1) * sizeof(*kept->held));
	atomic_store(&kept->held_purges, purges);
}

static void
copy_words(struct held *to, const struct held *from, struct arena *arena)
{
	*to = *from;
	to->key.text = arena_strndup(arena, from->key.text, from->key.len);
	to->site = arena_strdup(arena, from->site);
	to->url = arena_strdup(arena, from->url);
	to->tags = arena_strdup(arena, from->tags);
}

void
held_add(struct object *kept, const struct object *part)
{
	const struct held words = {
	    .kind = part->kind,
	    .key = part->key,
	    .site = part->site,
	    .url = part->url,
	    .tags = part->tags,
	};
	struct held *held = kept->held;

	while (held->key.text)
		held++;
	copy_words(held, &words, kept->arena);
}

void
held_copy(struct object *copy, const struct object *kept)
{
	size_t count = 0;

	if (!kept->held)
		return;
	while (kept->held[count].key.text)
		count++;
	held_begin(copy, count, atomic_load(&kept->held_purges));
	while (count-- > 0)
		copy_words(&copy->held[count], &kept->held[count], copy->arena);
}

static bool
is_in_time(const struct object *kept, int64_t now_ms)
{
	return !kept->good_until_ms || kept->good_until_ms > now_ms;
}

bool
held_is_good_now(struct cache *cache, const struct object *kept, int64_t now_ms)
{
	return is_in_time(kept, now_ms) &&
	       (!kept->held ||
		   atomic_load_explicit(&kept->held_purges,
		       memory_order_relaxed) >=
		       cache_purges_of_parts(cache));
}

static bool
was_purged(struct cache *cache, uint64_t since, const struct held *held)
{
	const struct object words = {
	    .kind = held->kind,
	    .key = held->key,
	    .site = held->site,
	    .url = held->url,
	    .tags = held->tags,
	};

	return cache_was_purged(cache, since, &words);
}

bool
held_is_good(struct cache *cache, struct object *kept, int64_t now_ms)
{
	/* Asked first, so that one which comes meanwhile is looked at next
	 * time. */
	uint64_t now = cache_purges(cache), seen;
	const struct held *held = kept->held;

	if (!is_in_time(kept, now_ms))
		return false;
	if (!held)
		return true;
	seen = atomic_load(&kept->held_purges);
	for (; seen != now && held->key.text; held++)
		if (was_purged(cache, seen, held))
			return false;
	atomic_store(&kept->held_purges, now);
	return true;
}
