/* page/parts.c - a small table of parts under a lock (contract: page/parts.h)
 *
 * It is looked through from end to end: with so few that costs less than what
 * a table by hash would need to know of who was used when. */
#include "page/parts.h"

#include <string.h>

#include "base/lock.h"
#include "base/mem.h"

struct part {
	uint64_t object_id;
	char *expression;  /* NULL: free */
	struct body *body; /* counted */
	uint64_t used;
};

struct parts {
	struct lock lock;
	/* shared: under lock */
	struct part kept[PARTS_MAX];
	size_t bytes;
	uint64_t uses;
};

struct parts *
parts_new(void)
{
	struct parts *parts = mem_new(sizeof(*parts));

	lock_init(&parts->lock);
	return parts;
}

static void
forget(struct parts *parts, struct part *part)
{
	if (!part->expression)
		return;
	parts->bytes -= part->body->len;
	mem_free(&part->expression);
	body_unref(&part->body);
}

void
parts_free(struct parts **parts)
{
	if (!*parts)
		return;
	for (unsigned i = 0; i < PARTS_MAX; i++)
		forget(*parts, &(*parts)->kept[i]);
	lock_fini(&(*parts)->lock);
	mem_free(parts);
}

static struct part *
find(struct parts *parts, uint64_t object_id, const char *expression)
{
	for (unsigned i = 0; i < PARTS_MAX; i++) {
		struct part *part = &parts->kept[i];

		if (part->expression && part->object_id == object_id &&
		    strcmp(part->expression, expression) == 0)
			return part;
	}
	return NULL;
}

struct body *
parts_find(struct parts *parts, uint64_t object_id, const char *expression)
{
	struct part *part;
	struct body *body = NULL;

	lock_take(&parts->lock);
	part = find(parts, object_id, expression);
	if (part) {
		part->used = ++parts->uses;
		body = body_ref(part->body);
	}
	lock_drop(&parts->lock);
	return body;
}

static struct part *
oldest(struct parts *parts)
{
	struct part *oldest = NULL;

	for (unsigned i = 0; i < PARTS_MAX; i++)
		if (parts->kept[i].expression &&
		    (!oldest || parts->kept[i].used < oldest->used))
			oldest = &parts->kept[i];
	return oldest;
}

static struct part *
room_for(struct parts *parts, size_t len)
{
	while (parts->bytes + len > PARTS_BYTES_MAX)
		forget(parts, oldest(parts));
	for (unsigned i = 0; i < PARTS_MAX; i++)
		if (!parts->kept[i].expression)
			return &parts->kept[i];
	return oldest(parts);
}

void
parts_note(struct parts *parts, uint64_t object_id, const char *expression,
    struct body *body)
{
	struct part *part;

	if (body->len > PARTS_BYTES_MAX / 2)
		return;
	lock_take(&parts->lock);
	if (!find(parts, object_id, expression)) {
		part = room_for(parts, body->len);
		forget(parts, part);
		part->object_id = object_id;
		part->expression = mem_strdup(expression);
		part->body = body_ref(body);
		part->used = ++parts->uses;
		parts->bytes += body->len;
	}
	lock_drop(&parts->lock);
}
