/* page/kept.c - heads that speak of what is stored (contract: page/kept.h) */
#include "page/kept.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "page/held.h"

/* ---- the dressed page after a 304 ---- */

/* Fields that change with each answer and that no rule about pages reads. */
static bool
is_of_the_moment(const char *name)
{
	static const char *const names[] = {"Age", "Cache-Control",
	    "Cache-Status", "CDN-Cache-Control", "Date", "ETag", "Expires",
	    "Last-Modified", "Livery-Cache-Control", "Server",
	    "Surrogate-Control", "Via", "X-Cache", "X-Request-Id", "X-Runtime"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcasecmp(names[i], name) == 0)
			return true;
	return false;
}

/* Does b have each lasting field of a, just so? */
static bool
has_all(const struct head *a, const struct head *b)
{
	for (unsigned i = 0; i < a->count; i++) {
		const struct field *field = &a->fields[i];
		const char *value;
		unsigned at = 0;

		if (is_of_the_moment(field->name))
			continue;
		do {
			value = head_next(b, field->name, &at);
		} while (value && strcmp(value, field->value) != 0);
		if (!value)
			return false;
	}
	return true;
}

void
kept_dress(struct cache *cache, const struct object *old,
    const struct object *dressed, struct object *fresh)
{
	struct object *again;

	if (!dressed || !dressed->theme || !has_all(&old->head, &fresh->head) ||
	    !has_all(&fresh->head, &old->head))
		return;
	again = object_copy(dressed);
	head_init(&again->head, again->arena);
	dress_adapt_head(&again->head, &fresh->head, dressed->etag);
	again->etag = head_find(&again->head, "ETag");
	again->asked_ms = fresh->asked_ms;
	again->answered_ms = fresh->answered_ms;
	again->fresh = fresh->fresh;
	again->source_id = fresh->id;
	again->good_until_ms = dressed->good_until_ms;
	held_copy(again, dressed);
	cache_store_dressed(cache, fresh, again);
	object_unref(&again);
}

/* ---- HEAD ---- */

/* 1: the same; -1: another; 0: not said. */
static int
compare(const char *stored, const char *said)
{
	if (!said)
		return 0;
	return stored && strcmp(stored, said) == 0 ? 1 : -1;
}

/* A length counts where it is that of the bytes as they are stored. */
static int
compare_length(const struct object *stored, const struct head *head)
{
	const char *said = head_find(head, "Content-Length");
	char own[24];

	if (!said || head_find(head, "Content-Encoding") || !stored->body)
		return 0;
	snprintf(own, sizeof(own), "%zu", stored->body->len);
	return compare(own, said);
}

static void
update(struct cache *cache, struct object *stored,
    const struct policy_answer *answer, const struct policy_opts *opts)
{
	struct object *fresh = policy_freshen(stored, answer, opts);

	cache_freshen(cache, stored, fresh);
	object_unref(&fresh);
}

static void
make_stale(struct cache *cache, struct object *stored)
{
	struct object *copy;

	/* It is already. */
	if (object_ttl_ms(stored, clock_wall_ms()) <= 0)
		return;
	copy = object_copy(stored);
	copy->fresh.lifetime_ms = 0;
	cache_freshen(cache, stored, copy);
	object_unref(&copy);
}

void
kept_head(struct cache *cache, struct object *stored,
    const struct policy_answer *answer, const struct policy_opts *opts)
{
	int tag = compare(stored->etag, head_find(answer->head, "ETag"));
	int time = compare(
	    stored->last_modified, head_find(answer->head, "Last-Modified"));
	int length = compare_length(stored, answer->head);

	if (answer->status != stored->status)
		return;
	if (tag < 0 || time < 0 || length < 0)
		make_stale(cache, stored);
	else if (tag > 0 || time > 0)
		update(cache, stored, answer, opts);
}
