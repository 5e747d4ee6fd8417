/* cache/shared.c - the cache's doors to what several processes do together */
#include "cache/inside.h"

bool
cache_is_shared(struct cache *cache)
{
	return writer_is_shared(cache->writer);
}

void
cache_on_news(struct cache *cache, void (*told)(void *arg), void *arg)
{
	writer_on_news(cache->writer, told, arg);
}

void
cache_charge_ask(struct cache *cache, const char *name, int64_t since_ms)
{
	writer_ask_charge(cache->writer, name, since_ms);
}

enum charge
cache_charge_look(struct cache *cache, const char *name)
{
	return writer_look_at_charge(cache->writer, name);
}

void
cache_charge_end(struct cache *cache, const char *name, int64_t keep_ms)
{
	writer_post(cache->writer, DEED_CHARGE_END, &name, 1, keep_ms);
}
