/* page/again.c - a handful of pages and what they became */
#include "page/again.h"

#include <string.h>

#include "base/lock.h"
#include "base/mem.h"

enum { KEPT = 8, VERSION_MAX = 80 };

struct once {
	char version[VERSION_MAX];
	char *bytes; /* NULL: free */
	size_t len;
	struct body *dressed; /* counted */
};

struct again {
	struct lock lock;
	/* shared: under lock */
	struct once kept[KEPT];
	unsigned next;
};

struct again *
again_new(void)
{
	struct again *again = mem_new(sizeof(*again));

	lock_init(&again->lock);
	return again;
}

static void
forget(struct once *once)
{
	mem_free(&once->bytes);
	body_unref(&once->dressed);
}

void
again_free(struct again **again)
{
	if (!*again)
		return;
	for (unsigned i = 0; i < KEPT; i++)
		forget(&(*again)->kept[i]);
	lock_fini(&(*again)->lock);
	mem_free(again);
}

struct body *
again_find(struct again *again, const char *version, const char *bytes,
    size_t len)
{
	struct body *found = NULL;

	lock_take(&again->lock);
	for (unsigned i = 0; i < KEPT && !found; i++) {
		const struct once *once = &again->kept[i];

		if (once->bytes && once->len == len &&
		    strcmp(once->version, version) == 0 &&
		    memcmp(once->bytes, bytes, len) == 0)
			found = body_ref(once->dressed);
	}
	lock_drop(&again->lock);
	return found;
}

void
again_note(struct again *again, const char *version, const char *bytes,
    size_t len, struct body *dressed)
{
	struct once fresh = {.len = len}, gone;

	if (strlen(version) >= sizeof(fresh.version))
		return;
	strcpy(fresh.version, version);
	fresh.bytes = mem_new(len + 1);
	memcpy(fresh.bytes, bytes, len);
	fresh.dressed = body_ref(dressed);
	lock_take(&again->lock);
	gone = again->kept[again->next];
	again->kept[again->next] = fresh;
	again->next = (again->next + 1) % KEPT;
	lock_drop(&again->lock);
	forget(&gone);
}
