/* cache/purge.c - what a purge means in memory
 *
 * The same words as in the file (purging.c), judged by the same meaning. */
#include "cache/purge.h"

#include <string.h>

#include "cache/recent.h"

struct looking {
	const struct purge_deed *deed; /* or NULL: only counted */
	const struct meaning *meaning;
	unsigned soft;
};

static bool
is_dropped(struct object *object, void *arg)
{
	struct looking *looking = arg;

	if (!meaning_holds_object(looking->meaning, object))
		return false;
	if (looking->deed && !looking->deed->soft)
		return true;
	if (looking->deed)
		object_expire(object, looking->deed->at_ms);
	looking->soft++;
	return false;
}

static bool
is_everything(const struct meaning *meaning)
{
	return strcmp(meaning_kind(meaning), "all") == 0 &&
	    !*meaning_where(meaning);
}

static unsigned
drop_text(struct memtier *memtier, const char *text)
{
	struct key key = {.text = text, .len = strlen(text)};

	key_hash(&key);
	return memtier_drop(memtier, &key);
}

/* And its parts. */
static unsigned
drop_key(struct memtier *memtier, const struct meaning *meaning)
{
	return drop_text(memtier, meaning_key(meaning)) +
	    drop_text(memtier, meaning_twin(meaning));
}

void
purge_announce(struct memtier *memtier, const struct purge_deed *deed)
{
	memtier_new_epoch(memtier);
	recent_add(memtier_recent(memtier), deed->meaning, deed->soft,
	    deed->at_ms, deed->by);
}

unsigned
purge_memory(struct memtier *memtier, const struct purge_deed *deed)
{
	struct looking looking = {.deed = deed, .meaning = deed->meaning};
	unsigned dropped;

	if (!deed->soft && strcmp(meaning_kind(deed->meaning), "key") == 0)
		return drop_key(memtier, deed->meaning);
	if (!deed->soft && is_everything(deed->meaning))
		return memtier_forget(memtier);
	dropped = memtier_drop_if(memtier, is_dropped, &looking);
	return dropped + looking.soft;
}

unsigned
purge_count_memory(struct memtier *memtier, struct meaning *meaning)
{
	struct looking looking = {.meaning = meaning};

	(void)memtier_drop_if(memtier, is_dropped, &looking);
	return looking.soft;
}
