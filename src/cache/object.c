/* cache/object.c - a stored response and the bytes of its body, both counted */
#include "cache/object.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { ARENA_FIRST = 1024 };

static _Atomic uint64_t last_id;

struct body *
body_new(char **bytes, size_t len)
{
	struct body *body = mem_new(sizeof(*body));

	atomic_init(&body->refs, 1);
	body->len = len;
	body->bytes = *bytes;
	*bytes = NULL;
	return body;
}

struct body *
body_ref(struct body *body)
{
	if (body)
		atomic_fetch_add_explicit(&body->refs, 1,
		    memory_order_relaxed);
	return body;
}

void
body_unref(struct body **body)
{
	struct body *old = *body;

	*body = NULL;
	if (!old || atomic_fetch_sub_explicit(&old->refs, 1,
	    memory_order_acq_rel) != 1)
		return;
	free(old->bytes);
	mem_free(&old);
}

static void
release_body(void *arg)
{
	struct body *body = arg;

	body_unref(&body);
}

void
body_keep(struct arena *arena, struct body *body)
{
	arena_keep(arena, release_body, body);
}

struct object *
object_new(const struct key *key, enum kind kind, const char *site)
{
	struct object *object = mem_new(sizeof(*object));

	atomic_init(&object->refs, 1);
	object->kind = kind;
	object->arena = arena_new(ARENA_FIRST);
	object->key = *key;
	object->key.text = arena_strndup(object->arena, key->text, key->len);
	object->site = arena_strdup(object->arena, site);
	object->url = key_url(&object->key);
	head_init(&object->head, object->arena);
	object->fresh.sie_ms = -1;
	object->vary = object->variant = object->tags = "";
	object->id = atomic_fetch_add(&last_id, 1) + 1;
	return object;
}

struct object *
object_ref(struct object *object)
{
	if (object)
		atomic_fetch_add_explicit(&object->refs, 1,
		    memory_order_relaxed);
	return object;
}

static void
object_free(struct object *object)
{
	for (int i = 0; i < OBJECT_SLOTS; i++) {
		if (object->slot[i])
			object->slot_free(object->slot[i]);
	}
	body_unref(&object->body);
	arena_free(&object->arena);
	mem_free(&object);
}

void
object_unref(struct object **object)
{
	struct object *old = *object;

	*object = NULL;
	if (old && atomic_fetch_sub_explicit(&old->refs, 1,
	    memory_order_acq_rel) == 1)
		object_free(old);
}

static void
release_object(void *arg)
{
	struct object *object = arg;

	object_unref(&object);
}

void
object_keep(struct arena *arena, struct object *object)
{
	arena_keep(arena, release_object, object);
}

static const char *
copy_text(struct object *into, const char *text)
{
	return text ? arena_strdup(into->arena, text) : NULL;
}

struct object *
object_copy(const struct object *from)
{
	struct object *copy = object_new(&from->key, from->kind, from->site);

	copy->is_dressed = from->is_dressed;
	if (strcmp(copy->url, from->url) != 0)
		copy->url = copy_text(copy, from->url);
	copy->status = from->status;
	head_copy(&copy->head, &from->head);
	copy->body = body_ref(from->body);
	copy->asked_ms = from->asked_ms;
	copy->answered_ms = from->answered_ms;
	copy->cost_ms = from->cost_ms;
	copy->fresh = from->fresh;
	copy->etag = copy_text(copy, from->etag);
	copy->last_modified = copy_text(copy, from->last_modified);
	copy->vary = copy_text(copy, from->vary);
	copy->variant = copy_text(copy, from->variant);
	copy->tags = copy_text(copy, from->tags);
	copy->theme = copy_text(copy, from->theme);
	copy->theme_version = copy_text(copy, from->theme_version);
	copy->rules_version = copy_text(copy, from->rules_version);
	copy->source_id = from->source_id;
	atomic_init(&copy->last_used_ms, atomic_load(&from->last_used_ms));
	return copy;
}

size_t
object_size(const struct object *object)
{
	size_t size = sizeof(*object) + arena_size(object->arena);

	if (object->body)
		size += sizeof(*object->body) + object->body->len;
	return size;
}

int64_t
object_age_ms(const struct object *object, int64_t now_ms)
{
	int64_t resident = now_ms - object->answered_ms;

	/* a clock that was set back makes nothing younger than it came */
	return object->fresh.initial_age_ms + (resident > 0 ? resident : 0);
}

int64_t
object_ttl_ms(const struct object *object, int64_t now_ms)
{
	return object->fresh.lifetime_ms - object_age_ms(object, now_ms);
}
