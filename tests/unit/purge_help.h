/* tests/unit/purge_help.h - purges in a word each, hard; how many they meant */
#ifndef PURGE_HELP_H
#define PURGE_HELP_H

#include "base/mem.h"
#include "cache/cache.h"

static inline unsigned
cache_purge_word(struct cache *cache, const char *kind, const char *key)
{
	struct meaning *meaning;
	struct purged purged;
	struct err err;

	must(meaning_new(&meaning, kind, key, &err) == 0);
	purged = cache_purge(cache, meaning, false);
	meaning_unref(&meaning);
	return purged.count;
}

static inline unsigned
cache_purge_key(struct cache *cache, const struct key *key)
{
	return cache_purge_word(cache, "key", key->text);
}

/* site NULL: all sites. */
static inline unsigned
cache_purge_path(struct cache *cache, const char *site, const char *target)
{
	char *key = mem_printf("%s %s", site ? site : "", target);
	unsigned count = cache_purge_word(cache, "path", key);

	mem_free(&key);
	return count;
}

static inline unsigned
cache_purge_tag(struct cache *cache, const char *tag)
{
	return cache_purge_word(cache, "tag", tag);
}

static inline unsigned
cache_purge_all(struct cache *cache)
{
	return cache_purge_word(cache, "all", "");
}

#endif
