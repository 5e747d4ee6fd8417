/* page/store.c - an answer is whole, or has failed
 *
 * What may be stored is made an object and stored, a 304 freshens what was
 * stored; either is handed to all who wait. A failure is noted where the next
 * question for the same looks. */
#include "page/question.h"

#include "base/clock.h"
#include "base/counter.h"
#include "base/report.h"
#include "cache/early.h"
#include "cache/group.h"
#include "page/ahead.h"
#include "page/failing.h"
#include "page/kept.h"
#include "page/validator.h"

/* ---- the object that it becomes ---- */

/* The stored object of a whole answer; NULL: it cannot be one. */
static struct object *
object_of(struct question *question, struct errand *errand,
    struct answer *answer)
{
	bool is_part = answer->status == 206;
	struct body *body = made_body(answer);
	struct object *object;

	if (!body)
		return NULL;
	object = made_of(answer, is_part ? &question->ranged->key :
	    &question->key, is_part ? KIND_RANGE : KIND_PAGE,
	    question->site->opts.name, &body);
	/* this is its first use: the next may have it compressed */
	atomic_init(&object->packed.marks, PACKED_USED);
	object->fresh = question->fresh;
	early_shorten(&object->fresh, question->site->opts.policy.ttl_jitter,
	    object->id * object->key.hash);
	object->tags = group_all_tags(object);
	if (policy_vary_set(object, question_field, errand) != 0) {
		object_unref(&object);
		return NULL;
	}
	/* Said to others only: we know which form is whose. */
	dress_add_vary(question->site, object->status, &object->head);
	return object;
}

static bool
is_news(const struct question *question, const struct object *object)
{
	return object != question->seen && !object->fresh.no_cache &&
	    object_ttl_ms(object, clock_wall_ms()) > 0;
}

bool
question_is_over(struct errand *errand)
{
	struct question *question = errand->arg;

	return since_is_over(&question->since, &question->key, KIND_PAGE,
	    question->site->opts.name);
}

/* Somebody else's answer was stored after this question's page had looked. */
bool
question_on_ask(struct errand *errand, struct answer *answer)
{
	struct question *question = errand->arg;
	struct object *object = cache_find(question->pages->opts.cache,
	    &question->key, question_field, errand, NULL);

	if (!object || !is_news(question, object)) {
		object_unref(&object);
		return false;
	}
	answer->status = object->status;
	made_set(answer, &object);
	return true;
}

/* ---- it failed ---- */

/* While the upstream fails as a whole, its own back-off counts. */
static void
note_failing(const struct question *question)
{
	const struct upstream_opts *opts = &question->choice.upstream->opts;

	if (question->shared &&
	    !upstream_is_failing(question->choice.upstream, clock_mono_ms()))
		failing_note(question->pages->failing, &question->key,
		    opts->back_off_min_ms, opts->back_off_max_ms,
		    clock_mono_ms());
}

static void
on_failed(struct question *question, struct errand *errand,
    const struct answer *answer)
{
	const char *what = answer->outcome == FETCH_NO_ADDRESS ? "dns" :
								 "fetch";

	if (answer->outcome == FETCH_LEFT || answer->outcome == FETCH_KILLED ||
	    answer->outcome == FETCH_STOPPED)
		return;
	if (answer->outcome != FETCH_TOO_MANY)
		note_failing(question);
	if (question->shared)
		cache_note_error(question->pages->opts.cache, &question->key,
		    answer->reason);
	report_problem(what, question_url(question, errand),
	    answer->reason,
	    question->has_copy ? "the stored copy" : "an error page");
}

/* The upstream answered, with an error of its own. */
static void
on_own_error(struct question *question, struct errand *errand,
    const struct answer *answer)
{
	const char *reason = arena_printf(errand->arena, "status %d",
	    answer->status);

	note_failing(question);
	if (question->shared)
		cache_note_error(question->pages->opts.cache, &question->key,
		    reason);
	report_problem("fetch", question_url(question, errand), reason,
	    question->has_copy ? "the stored copy" : "what it answered");
}

/* ---- it came ---- */

/* A 304 came: the stored answer with its fields. NULL: it spoke of another. */
static struct object *
confirmed(const struct question *question, const struct answer *answer)
{
	struct cache *cache = question->pages->opts.cache;
	const struct policy_opts *opts = &question->site->opts.policy;
	struct policy_answer facts = made_facts(answer);
	struct object *stored = question->stored, *object;

	if (!validator_confirms(stored->etag,
		head_find(&answer->head, "ETag"))) {
		atomic_store(&stored->doubted, true);
		return NULL;
	}
	counter_up(COUNT_REVALIDATED);
	object = policy_freshen(stored, &facts, opts);
	early_shorten(&object->fresh, opts->ttl_jitter, object->id *
	    object->key.hash);
	if (since_freshen(&question->since, stored, object))
		kept_dress(cache, stored, question->dressed, object);
	return object;
}

/* It is nobody's answer but the client's that has it already. */
static void
store_part(struct question *question, struct errand *errand,
    struct answer *answer)
{
	struct cache *cache = question->pages->opts.cache;
	struct policy_answer facts = made_facts(answer);
	struct object *object = object_of(question, errand, answer);

	if (object && !since_was_purged(&question->since, object)) {
		ranges_store(cache, question->ranged, &question->key, object,
		    question->site, &facts, question_field, errand);
		/* the parts go with the page, which they may have become */
		if (since_was_purged(&question->since, object))
			cache_invalidate(cache, &question->key);
	}
	object_unref(&object);
}

void
question_on_end(struct errand *errand, struct answer *answer)
{
	struct question *question = errand->arg;
	struct object *object = NULL;

	if (answer->outcome != FETCH_OK) {
		ahead_drop(answer);
		on_failed(question, errand, answer);
		return;
	}
	if (question->relinks)
		question_relink(question, errand, answer);
	if (policy_is_failure(answer->status))
		on_own_error(question, errand, answer);
	else if (question->shared)
		failing_forget(question->pages->failing, &question->key);
	if (question->is_refresh)
		counter_up(COUNT_REFRESHES);
	if (answer->status == 304 && question->stored) {
		object = confirmed(question, answer);
	} else if (question->storing && answer->status == 206) {
		store_part(question, errand, answer);
	} else if (question->storing) {
		object = object_of(question, errand, answer);
		if (object)
			(void)since_store(&question->since, object);
	}
	if (object)
		made_set(answer, &object);
}
