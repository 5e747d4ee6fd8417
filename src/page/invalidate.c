/* page/invalidate.c - what an unsafe method changed is void (RFC 9111 4.4) */
#include "page/question.h"

#include "cache/group.h"

/* The page, and what other pages have put in from its address. */
static void
invalidate_key(const struct question *question, const struct key *page)
{
	struct cache *cache = question->pages->opts.cache;
	char room[KEY_MAX];
	struct key key;

	cache_invalidate_by(cache, page, question->since.number);
	if (question->site->opts.includes != INCLUDES_NONE &&
	    key_make_url(&key, room, KIND_FRAGMENT,
		question->site->opts.name, key_url(page)) == 0)
		cache_invalidate_by(cache, &key, question->since.number);
}

/* What a form was sent for is often another page than the one it was sent to:
 * the one that the client is sent on to (RFC 9111 4.4). */
static void
invalidate_location(const struct question *question, const struct head *head,
    const char *name)
{
	const char *location = head_find(head, name);
	char room[KEY_MAX];
	struct key key;

	if (location && location_key(&key, room, question->routes,
			    key_url(&question->key), location))
		invalidate_key(question, &key);
}

static void
invalidate_groups(void *arg, const char *tags)
{
	const struct question *question = arg;

	cache_invalidate_tags(question->pages->opts.cache, tags,
	    question->since.number);
}

void
question_invalidate(struct question *question, const struct answer *answer)
{
	const struct head *head = &answer->head;

	if (!question->is_unsafe)
		return;
	if (answer->status < 400) {
		invalidate_key(question, &question->key);
		invalidate_location(question, head, "Location");
		invalidate_location(question, head, "Content-Location");
	}
	/* RFC 9875 3: whatever its status, but never for a safe method */
	group_invalidated(head, key_url(&question->key), invalidate_groups,
	    question);
}
