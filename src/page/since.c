/* page/since.c - questions and the purges after them (contract:
 * page/since.h) */
#include "page/since.h"

struct since
since_now(struct cache *cache)
{
	uint64_t purges = cache_purges(cache);

	return (struct since){
	    .cache = cache,
	    .purges = purges,
	    .number = cache_new_number(cache),
	    .looked = purges,
	};
}

bool
since_was_purged(const struct since *since, const struct object *object)
{
	return since->is_over || cache_was_purged_by_others(since->cache,
				     since->purges, object, since->number);
}

bool
since_is_over(struct since *since, const struct key *key, enum kind kind,
    const char *site)
{
	uint64_t now = cache_purges(since->cache);
	const struct object to_come = {
	    .kind = kind,
	    .key = *key,
	    .site = site,
	    .url = key_url(key),
	    .tags = NULL,
	};

	if (now == since->looked || since->is_over)
		return since->is_over;
	since->is_over = cache_was_purged_by_others(
	    since->cache, since->looked, &to_come, since->number);
	since->looked = now;
	return since->is_over;
}

/* False: it is not stored any more. */
static bool
look_again(const struct since *since, const struct object *object)
{
	if (!since_was_purged(since, object))
		return true;
	cache_invalidate(since->cache, &object->key);
	return false;
}

bool
since_store(const struct since *since, struct object *object)
{
	if (since_was_purged(since, object))
		return false;
	cache_store(since->cache, object);
	return look_again(since, object);
}

bool
since_freshen(const struct since *since, struct object *stored,
    struct object *fresh)
{
	if (since_was_purged(since, fresh))
		return false;
	cache_freshen(since->cache, stored, fresh);
	return look_again(since, fresh);
}
