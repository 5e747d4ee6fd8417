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
body_part(struct body *of, size_t at, size_t len)
{
	char *bytes = of->bytes + at;
	struct body *body;

	must(len <= of->len && at <= of->len - len);
	body = body_new(&bytes, len);
	body->of = body_ref(of->of ? of->of : of);
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
	struct body *old = *body, *of;

	/* a part is never one of a part */
	for (*body = NULL; old; old = of) {
		if (atomic_fetch_sub_explicit(&old->refs, 1,
		    memory_order_acq_rel) != 1)
			return;
		of = old->of;
		if (!of)
			free(old->bytes);
		mem_free(&old);
	}
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
	packed_fini(&object->packed);
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
	packed_copy(&copy->packed, &from->packed);
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

/* A clock that is behind by more was not set; one by less was corrected. */
#define CLOCK_LOST_MS ((int64_t)24 * 60 * 60 * 1000)

int64_t
object_ttl_ms(const struct object *object, int64_t now_ms)
{
	int64_t ttl = object->fresh.lifetime_ms - object_age_ms(object, now_ms);
	int64_t expired;

	/* without a clock nothing is known to be fresh (RFC 9111 4.2.4, 9110
	 * 5.6.7) */
	if (now_ms < object->answered_ms - CLOCK_LOST_MS && ttl > 0)
		ttl = 0;
	expired = atomic_load_explicit(&object->expired_ms,
	    memory_order_relaxed);
	if (expired == 0)
		return ttl;
	/* never again fresh, also by a clock that was set back */
	expired = expired < now_ms ? expired - now_ms : 0;
	return ttl < expired ? ttl : expired;
}

void
object_expire(struct object *object, int64_t at_ms)
{
	int64_t before = atomic_load(&object->expired_ms);

	if (at_ms < 1)
		at_ms = 1;
	while ((before == 0 || at_ms < before) &&
	    !atomic_compare_exchange_weak(&object->expired_ms, &before,
	    at_ms))
		;
}
