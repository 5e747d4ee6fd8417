/* cache/purge.c - what a purge means in memory
 *
 * The same words as in the file (rows_purge): key, url, path, tag, all. */
#include "cache/purge.h"

#include <string.h>

#include "cache/rows.h"

struct meant {
	const char *site;
	size_t site_len;
	const char *target, *twin;
	const char *text; /* the tag or the URL */
};

static bool
is_of_path(const struct object *object, void *arg)
{
	const struct meant *meant = arg;
	const char *target = target_of(object->url);

	if (object->kind != KIND_PAGE)
		return false;
	if (meant->site_len && (strlen(object->site) != meant->site_len ||
	    memcmp(object->site, meant->site, meant->site_len) != 0))
		return false;
	return strcmp(target, meant->target) == 0 ||
	    (meant->twin && strcmp(target, meant->twin) == 0);
}

static bool
is_lasting(const struct object *object)
{
	return object->kind == KIND_THEME || object->kind == KIND_ASSET;
}

static bool
is_of_tag(const struct object *object, void *arg)
{
	const struct meant *meant = arg;
	const char *tags = object->tags;

	while (*tags && !is_lasting(object)) {
		size_t len = strcspn(tags, " ");

		if (len == strlen(meant->text) &&
		    memcmp(tags, meant->text, len) == 0)
			return true;
		tags += len;
		tags += strspn(tags, " ");
	}
	return false;
}

static bool
is_of_url(const struct object *object, void *arg)
{
	const struct meant *meant = arg;

	return !is_lasting(object) && strcmp(object->url, meant->text) == 0;
}

static bool
is_not_lasting(const struct object *object, void *arg)
{
	(void)arg;
	return !is_lasting(object);
}

static unsigned
purge_path(struct memtier *memtier, const char *key)
{
	char room[KEY_MAX + 2];
	const char *space = strchr(key, ' ');
	struct meant meant = {.site = key};

	meant.site_len = space ? (size_t)(space - key) : 0;
	meant.target = space ? space + 1 : key;
	meant.twin = target_twin(room, sizeof(room), meant.target);
	return memtier_drop_if(memtier, is_of_path, &meant);
}

unsigned
purge_memory(struct memtier *memtier, const char *kind, const char *key)
{
	struct key exact = {.text = key, .len = strlen(key)};
	struct meant meant = {.text = key};

	memtier_new_epoch(memtier);
	if (strcmp(kind, "path") == 0)
		return purge_path(memtier, key);
	if (strcmp(kind, "url") == 0)
		return memtier_drop_if(memtier, is_of_url, &meant);
	if (strcmp(kind, "tag") == 0)
		return memtier_drop_if(memtier, is_of_tag, &meant);
	if (strcmp(kind, "all") == 0)
		return memtier_drop_if(memtier, is_not_lasting, NULL);
	key_hash(&exact);
	return memtier_drop(memtier, &exact);
}
