/* page/fragment.c - the question for a document, and what to keep of what
 * comes */
#include "page/fragment_ask.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/report.h"
#include "cache/group.h"
#include "http/media.h"
#include "http/status.h"
#include "http/targeted.h"
#include "page/hops.h"
#include "page/made.h"

enum { RELINKED_MAX = 16 << 20 }; /* of one with its links rewritten */

/* ---- what comes ---- */

static bool
is_good(const struct answer *answer)
{
	return answer->status == 200 || status_is_redirect(answer->status);
}

static struct policy_opts
policy_of(const struct fragment_question *question)
{
	return (struct policy_opts){
	    .stale_max_ms = INT64_MAX,
	    .default_ttl_ms = question->ttl_ms,
	};
}

/* Kept as a theme is: good for a while, and better stale than gone. */
static struct freshness
kept_fresh(const struct fragment_question *question, struct freshness fresh)
{
	if (fresh.lifetime_ms < fresh.initial_age_ms + question->min_refresh_ms)
		fresh.lifetime_ms =
		    fresh.initial_age_ms + question->min_refresh_ms;
	fresh.no_cache = fresh.strict = false;
	return fresh;
}

/* A redirect is followed by who reads it, at the address that clients use. */
static void
map_location(
    const struct fragment_question *question, int status, struct head *head)
{
	const char *location = head_find(head, "Location"), *ours;

	choice_adapt_head(
	    &question->choice, &question->request, status, head);
	if (!location || !question->choice.upstream)
		return;
	ours = location_ours(&question->choice, &question->request, location,
	    head->arena);
	if (ours != location)
		head_set(head, "Location", ours);
}

static enum plan
on_head(struct errand *errand, struct answer *answer)
{
	struct fragment_question *question = errand->arg;
	struct policy_request asks = {.is_get = true};
	struct policy_answer facts = made_facts(answer);
	struct policy_opts opts = policy_of(question);
	struct policy_storing storing;

	map_location(question, answer->status, &answer->head);
	storing = policy_store(&asks, &facts, &opts);
	errand->keep_max = question->keep_max;
	question->storing = is_good(answer) && (storing.store || storing.share);
	/* What is stored is of a time when it could be kept. */
	if (is_good(answer) && !question->storing && question->stored)
		cache_invalidate(question->pages->opts.cache, &question->key);
	return answer->status == 304 || question->storing || !is_good(answer)
		   ? PLAN_GATHER
		   : PLAN_GATHER_ALONE;
}

/* Its links, too, are for who asks this site. False: it stays as it is. */
static bool
relink(const struct fragment_question *question, const struct head *head,
    char **bytes, size_t *len)
{
	struct buf out;
	struct err err;
	bool done;

	if (*len == 0 || !question->own ||
	    !choice_relinks(&question->choice, head))
		return false;
	buf_init(&out, RELINKED_MAX);
	done = choice_relink(&question->choice, question->own,
		   &question->request, head, *bytes, *len, &out, &err) == 0;
	if (done) {
		free(*bytes);
		*bytes = buf_steal(&out, len);
	}
	buf_fini(&out);
	return done;
}

static struct object *
object_of(const struct fragment_question *question, const struct answer *answer)
{
	size_t len = (size_t)flow_len(answer->flow);
	char *bytes = flow_flatten(answer->flow);
	bool relinked =
	    bytes && relink(question, &answer->head, &bytes, &len);
	struct policy_answer facts = made_facts(answer);
	struct policy_opts opts = policy_of(question);
	struct object *object;
	struct body *body;

	if (!bytes)
		return NULL;
	body = body_new(&bytes, len);
	object = made_of(
	    answer, &question->key, KIND_FRAGMENT, question->site, &body);
	object->url = arena_strdup(object->arena, question->url);
	head_drop(&object->head, "Set-Cookie");
	if (relinked)
		head_set(&object->head, "Content-Type",
		    "text/html; charset=utf-8");
	head_drop(&object->head, "Vary");
	object->fresh = kept_fresh(question, policy_freshness(&facts, &opts));
	object->tags = group_all_tags(object);
	return object;
}

static bool
is_over(struct errand *errand)
{
	struct fragment_question *question = errand->arg;

	return since_is_over(&question->since, &question->key, KIND_FRAGMENT,
	    question->site);
}

/* Somebody else's answer was stored after the asker had looked. */
static bool
on_ask(struct errand *errand, struct answer *answer)
{
	struct fragment_question *question = errand->arg;
	struct object *object = cache_find(question->pages->opts.cache,
	    &question->key, NULL, NULL, NULL);

	if (!object || object_ttl_ms(object, clock_wall_ms()) <= 0) {
		object_unref(&object);
		return false;
	}
	answer->status = object->status;
	made_set(answer, &object);
	return true;
}

static const char *
reason_of(struct errand *errand, const struct answer *answer)
{
	if (answer->outcome != FETCH_OK)
		return answer->reason;
	if (answer->status == 508)
		return "status 508: by its Via it goes in a circle";
	return arena_printf(errand->arena, "status %d", answer->status);
}

static void
on_failed(const struct fragment_question *question, struct errand *errand,
    const struct answer *answer)
{
	if (answer->outcome == FETCH_LEFT || answer->outcome == FETCH_KILLED ||
	    answer->outcome == FETCH_STOPPED)
		return;
	counter_up(COUNT_FRAGMENT_FAILED);
	fragment_note_failed(question->pages->fragments, &question->asked,
	    clock_wall_ms() + question->min_refresh_ms);
	report_problem("fragment", question->url,
	    reason_of(errand, answer),
	    question->stored ? "the stored copy" : "the page without it");
}

/* What is not is for those who wait alone, and so are their pages. */
static bool
is_kept(const struct fragment_question *question, const struct object *object)
{
	return question->storing &&
	       !since_was_purged(&question->since, object);
}

static void
on_end(struct errand *errand, struct answer *answer)
{
	struct fragment_question *question = errand->arg;
	struct policy_answer facts = made_facts(answer);
	struct policy_opts opts = policy_of(question);
	struct object *object = NULL;
	bool confirmed = answer->outcome == FETCH_OK &&
			 answer->status == 304 && question->stored;

	if (confirmed) {
		object = policy_freshen(question->stored, &facts, &opts);
		object->fresh = kept_fresh(question, object->fresh);
		if (since_was_purged(&question->since, object))
			object->fresh.no_cache = true;
		else
			(void)since_freshen(
			    &question->since, question->stored, object);
	} else if (answer->outcome == FETCH_OK && is_good(answer)) {
		object = object_of(question, answer);
		if (object && is_kept(question, object))
			(void)since_store(&question->since, object);
		else if (object)
			object->fresh.no_cache = true;
	}
	counter_up(COUNT_FRAGMENTS);
	if (!object)
		on_failed(question, errand, answer);
	else
		fragment_note_failed(
		    question->pages->fragments, &question->asked, 0);
	made_set(answer, &object);
}

static void
on_free(struct errand *errand)
{
	struct fragment_question *question = errand->arg;

	object_unref(&question->stored);
	choice_fini(&question->choice);
	routes_unref(&question->routes);
}

/* ---- making one ---- */

int
fragment_key(struct key *key, char *room, const struct fragment_asker *asker,
    const char *url)
{
	return key_make_url(key, room, KIND_FRAGMENT, asker->site->opts.name,
	    url);
}

static struct fragment_question *
new_question(struct errand *errand, const struct fragment_asker *asker,
    const struct key *key, const char *url, struct object *stored)
{
	struct fragment_question *question =
	    arena_get(errand->arena, sizeof(*question));
	const struct site_opts *opts = &asker->site->opts;

	question->pages = asker->pages;
	question->key = *key;
	question->key.text = arena_strndup(errand->arena, key->text, key->len);
	question->asked = hops_key(&question->key, asker->hops, errand->arena);
	question->url = arena_strdup(errand->arena, url);
	question->site = arena_strdup(errand->arena, opts->name);
	question->stored = stored ? object_ref(stored) : NULL;
	question->keep_max = opts->fragment_max;
	question->since = since_now(asker->pages->opts.cache);
	question->min_refresh_ms = opts->fragment_min_refresh_ms;
	question->ttl_ms = opts->fragment_ttl_ms;
	return question;
}

static void
add_fields(struct errand *errand, const struct fragment_asker *asker,
    const struct object *stored)
{
	head_add(&errand->fields, "Accept", "text/html, */*;q=0.5");
	head_add(&errand->fields, "Accept-Encoding", "gzip");
	head_add(&errand->fields, "User-Agent", "livery");
	head_add(&errand->fields, "Surrogate-Capability",
	    surrogate_capability(
		asker->site->opts.includes & INCLUDES_ESI));
	head_add(&errand->fields, "Via",
	    hops_via(asker->fields, asker->pages->opts.via, errand->arena));
	if (stored && stored->etag)
		head_add(&errand->fields, "If-None-Match", stored->etag);
	if (stored && stored->last_modified)
		head_add(&errand->fields, "If-Modified-Since",
		    stored->last_modified);
}

struct errand *
fragment_errand(const struct fragment_asker *asker, const struct key *key,
    const char *url, struct object *stored, struct err *err)
{
	struct errand *errand = errand_new();
	struct fragment_question *question =
	    new_question(errand, asker, key, url, stored);

	errand->method = "GET";
	errand->is_over = is_over;
	errand->on_ask = on_ask;
	errand->on_head = on_head;
	errand->on_end = on_end;
	errand->on_free = on_free;
	errand->arg = question;
	add_fields(errand, asker, stored);
	if (fragment_choose(errand, asker, question->url, err) != 0) {
		errand_free(&errand);
		return NULL;
	}
	errand->key = question->asked;
	errand->body_len = 0;
	errand->outlives = true;
	errand->decode = true;
	return errand;
}
