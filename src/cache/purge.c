/* cache/purge.c - what a purge means in memory
 *
 * The same words as in the file (rows_purge): key, url, path, tag, all. */
#include "cache/purge.h"

#include <string.h>

#include "cache/recent.h"
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

static bool
is_of_key(const struct object *object, void *arg)
{
	const struct meant *meant = arg;

	return strcmp(object->key.text, meant->text) == 0;
}

typedef bool (*is_meant_f)(const struct object *object, void *arg);

/* The words of a purge, and which question to ask with them. */
static is_meant_f
read_purge(struct meant *meant, char *room, size_t size, const char *kind,
    const char *key)
{
	const char *space = strchr(key, ' ');

	memset(meant, 0, sizeof(*meant));
	meant->text = key;
	if (strcmp(kind, "path") == 0) {
		meant->site = key;
		meant->site_len = space ? (size_t)(space - key) : 0;
		meant->target = space ? space + 1 : key;
		meant->twin = target_twin(room, size, meant->target);
		return is_of_path;
	}
	if (strcmp(kind, "url") == 0)
		return is_of_url;
	if (strcmp(kind, "tag") == 0)
		return is_of_tag;
	return strcmp(kind, "all") == 0 ? is_not_lasting : is_of_key;
}

bool
purge_means(const char *kind, const char *key, const struct object *object)
{
	char room[KEY_MAX + 2];
	struct meant meant;

	return read_purge(&meant, room, sizeof(room), kind, key)(object,
	    &meant);
}

unsigned
purge_memory(struct memtier *memtier, const char *kind, const char *key)
{
	struct key exact = {.text = key, .len = strlen(key)};
	char room[KEY_MAX + 2];
	struct meant meant;
	is_meant_f is_meant = read_purge(&meant, room, sizeof(room), kind,
	    key);

	memtier_new_epoch(memtier);
	recent_add(memtier_recent(memtier), kind, key);
	if (is_meant != is_of_key)
		return memtier_drop_if(memtier, is_meant, &meant);
	key_hash(&exact);
	return memtier_drop(memtier, &exact);
}
