/* page/plan.c - the head of an answer came: who may have it, is it kept, and
 * does anybody wait for all of it?
 *
 * Shared: stored, and read by all who wait while it comes. Gathered: somebody
 * wants it whole, to be dressed or cut up. Alone: one client's, as it comes. */
#include "page/question.h"

#include <string.h>

#include "base/clock.h"
#include "base/report.h"
#include "http/media.h"
#include "page/ahead.h"
#include "page/due.h"
#include "page/kept.h"
#include "page/passing.h"
#include "page/validator.h"

/* How long a question is known as one whose answers cannot be shared. */
enum { UNSHARED_MS = 2 * 60 * 1000 };

/* ---- may others have it? ---- */

static bool
varies(const struct head *head)
{
	const char *vary;
	struct slice name;
	unsigned i = 0;

	while ((vary = head_next(head, "Vary", &i)) != NULL)
		while (list_next(&vary, &name))
			if (!slice_is(name, "accept-encoding"))
				return true;
	return false;
}

/* By a field that is the client's own, and was sent because nobody shares the
 * question. Stored, it would count as not sent, and be found by all who do not
 * send one either. */
static bool
varies_by_its_own(const struct question *question, const struct errand *errand,
    const struct head *head)
{
	const struct request *request = &question->request;
	const char *vary, *field;
	struct slice name;
	unsigned i = 0;

	while ((vary = head_next(head, "Vary", &i)) != NULL)
		while (list_next(&vary, &name)) {
			field = arena_strndup(errand->arena, name.from,
			    name.len);
			if (head_find(&errand->fields, field) &&
			    sent_is_dropped(request, field, true) &&
			    !sent_is_dropped(request, field, false))
				return true;
		}
	return false;
}

/* What of a bound question's answers others may have, beside what the policy
 * says. A failure never takes the place of what was good before, which this
 * question did not look for. */
static bool
is_for_others(const struct question *question, const struct errand *errand,
    const struct answer *answer, const struct policy_storing *storing)
{
	if (question->is_post && strcmp(storing->why, "stored") != 0)
		return false;
	return !policy_is_failure(answer->status) &&
	    !varies_by_its_own(question, errand, &answer->head);
}

/* Is the answer to a POST what a GET of its URL would bring (RFC 9110 9.3.3)?
 * Explicit freshness must come with it. */
static bool
answers_get_too(const struct question *question, const struct answer *answer)
{
	const char *location = head_find(&answer->head, "Content-Location");
	char room[KEY_MAX];
	struct key key;

	return answer->status == 200 && location &&
	    location_key(&key, room, question->routes,
		key_url(&question->key), location) &&
	    key.len == question->key.len &&
	    memcmp(key.text, question->key.text, key.len) == 0;
}

/* Its body goes on for as long as somebody listens, and what it was is for who
 * listened then. */
static bool
is_live(const struct head *head)
{
	const char *type = head_find(head, "Content-Type");

	return type && (media_is(type, "text/event-stream") ||
			   media_is(type, "multipart/x-mixed-replace"));
}

/* May it be stored, here and now? */
static struct policy_storing
storing_of(struct question *question, const struct errand *errand,
    const struct answer *answer)
{
	struct policy_answer facts = made_facts(answer);
	struct policy_storing storing = policy_store(&question->asks, &facts,
	    &question->site->opts.policy);

	if (!storing.store)
		return storing;
	if (question->bound &&
	    !is_for_others(question, errand, answer, &storing))
		storing.store = false;
	/* Nobody could tell a part of it from the whole. */
	if (storing.store && answer->close_delimited) {
		storing.store = false;
		storing.why = "no length";
	}
	if (storing.store && is_live(&answer->head)) {
		storing.store = false;
		storing.why = "live";
	}
	/* A failure never takes the place of what was good before. */
	if (storing.store && policy_is_failure(answer->status) &&
	    question->has_copy) {
		storing.store = false;
		storing.why = "status";
	}
	return storing;
}

static void
mark_unshared(const struct question *question, const struct answer *answer)
{
	cache_mark_unshared(question->pages->opts.cache, &question->key,
	    answer->answered_ms + UNSHARED_MS);
}

/* Who asks next need not look whether it is stored. */
static void
note_passing(const struct question *question)
{
	if (question->looked_in_vain)
		passing_note(question->pages->passing, &question->key,
		    clock_mono_ms());
}

/* For `cache why`, and for Cache-Status. why: a constant. */
static void
note_unstored(const struct question *question, struct answer *answer,
    const char *why)
{
	answer->unstored = why;
	cache_note_unstored(question->pages->opts.cache, &question->key, why,
	    answer->answered_ms);
}

/* ---- what becomes of its body ---- */

static void
too_big(const struct question *question, const struct errand *errand)
{
	report_problem("dress", question_url(question, errand),
	    "the page is over themed_max", "the page as it came");
}

static enum plan
plan_shared(struct question *question, struct errand *errand,
    struct answer *answer, bool dressed)
{
	const struct site *site = question->site;

	errand->keep_max = site->opts.store_max;
	if (dressed && site->opts.themed_max < errand->keep_max)
		errand->keep_max = site->opts.themed_max;
	if (answer->length >= 0 && (uint64_t)answer->length > errand->keep_max) {
		question->storing = false;
		note_unstored(question, answer, "too big");
		mark_unshared(question, answer);
		if (dressed)
			too_big(question, errand);
		return PLAN_STREAM;
	}
	/* Who has a different variant must look at it before taking it. */
	if (dressed || varies(&answer->head))
		return PLAN_GATHER;
	return PLAN_SHARE;
}

static enum plan
plan_alone(const struct question *question, struct errand *errand,
    const struct answer *answer, bool dressed)
{
	errand->keep_max = question->site->opts.themed_max;
	if (!dressed)
		return PLAN_STREAM;
	if (answer->length >= 0 && (uint64_t)answer->length > errand->keep_max) {
		too_big(question, errand);
		return PLAN_STREAM;
	}
	return PLAN_GATHER_ALONE;
}

/* The client reads it as it comes; who waits for the same range asks for
 * himself. It is fresh for as long as the whole would be. */
static enum plan
plan_range(struct question *question, struct errand *errand,
    struct answer *answer)
{
	const struct site *site = question->site;
	struct policy_answer facts = made_facts(answer);
	struct policy_storing storing;

	facts.status = 200;
	storing = policy_store(&question->asks, &facts, &site->opts.policy);
	question->fresh = storing.fresh;
	question->storing = storing.store && !answer->close_delimited &&
	    is_for_others(question, errand, answer, &storing) &&
	    ranges_may_keep(question->ranged, site, &question->choice,
		answer);
	errand->keep_max = site->opts.store_max;
	return question->storing ? PLAN_SHARE : PLAN_STREAM;
}

/* Is the body wanted whole: to be dressed, to have its links rewritten, or a
 * part cut out? A crowd is not all like its first: what can be dressed is kept
 * whole for those who want it so. */
static bool
is_wanted_whole(const struct question *question, const struct answer *answer)
{
	const struct site *site = question->site;

	if (!question->request.is_head && (question->relinks ||
	    (question->parts && part_is_due(answer->status, &answer->head))))
		return true;
	if (question->shared)
		return (site->skin && due_is(answer->status, &answer->head)) ||
		    weave_is_due(site, answer->status, &answer->head);
	return !question->request.is_head &&
	    (dress_is_due(site, &question->request, answer->status,
		 &answer->head) ||
		weave_is_due(site, answer->status, &answer->head));
}

static enum plan
plan_of(struct question *question, struct errand *errand,
    struct answer *answer)
{
	bool whole = is_wanted_whole(question, answer);
	struct policy_storing storing;

	if (answer->status == 304 && question->stored)
		return PLAN_GATHER;
	if (answer->status == 304 && question->own_condition) {
		if (question->shared)
			mark_unshared(question, answer);
		return plan_alone(question, errand, answer, false);
	}
	if (!question->shared && !question->bound)
		return plan_alone(question, errand, answer, whole);
	if (question->ranged && answer->status == 206)
		return plan_range(question, errand, answer);
	if (question->is_post) {
		if (!answers_get_too(question, answer))
			return plan_alone(question, errand, answer, whole);
		question->asks.is_get = true;
	}
	storing = storing_of(question, errand, answer);
	question->storing = storing.store;
	question->fresh = storing.fresh;
	if (storing.store) {
		passing_forget(question->pages->passing, &question->key);
		return plan_shared(question, errand, answer, whole);
	}
	if (question->bound)
		return plan_alone(question, errand, answer, whole);
	note_unstored(question, answer, storing.why);
	/* A failing upstream is not asked again by each of a crowd. */
	errand->keep_max = question->site->opts.themed_max;
	if (storing.share && policy_is_failure(answer->status))
		return PLAN_GATHER;
	/* What one request does not want kept says nothing of the answer. */
	if (!(question->asks.cc.flags & CC_NO_STORE)) {
		mark_unshared(question, answer);
		note_passing(question);
	}
	return plan_alone(question, errand, answer, whole);
}

/* ---- the head itself ---- */

/* A GET would be answered with a dressed page, of another length. */
static void
hide_length(struct answer *answer)
{
	answer->length = -1;
	head_drop(&answer->head, "Content-Length");
	head_drop(&answer->head, "ETag");
	head_drop(&answer->head, "Last-Modified");
}

/* Somebody will want it dressed, and as it comes. */
static bool
is_read_ahead(const struct question *question, const struct answer *answer)
{
	if (answer->length >= 0 && answer->length < AHEAD_FROM)
		return false;
	return !question->is_refresh && !question->relinks &&
	    !question->parts && !question->request.is_head &&
	    dress_is_due(question->site, &question->request, answer->status,
		&answer->head) && ahead_may(question->site);
}

static void
on_more(struct errand *errand, struct answer *answer, uint64_t arrived)
{
	const struct question *question = errand->arg;

	ahead_more(question->pages, question->routes, question->site, answer,
	    arrived);
}

static void
take_head(const struct question *question, const struct answer *answer)
{
	struct policy_answer facts = made_facts(answer);

	kept_head(question->pages->opts.cache, question->seen, &facts,
	    &question->site->opts.policy);
}

enum plan
question_on_head(struct errand *errand, struct answer *answer)
{
	struct question *question = errand->arg;
	enum plan plan;

	/* What follows is no body, whatever the head says of it. */
	if (answer->status == 101)
		return PLAN_STREAM;
	question->relinks = answer->status != 206 && answer->status != 304 &&
	    choice_relinks(&question->choice, &answer->head);
	choice_adapt_head(&question->choice, &question->request,
	    answer->status, &answer->head);
	if (question->site->opts.map_redirects)
		location_map_head(&question->choice, &question->request,
		    &answer->head);
	/* Before the client hears of it, or its next request would be answered
	 * with what it has just changed. */
	question_invalidate(question, answer);
	if (question->shared || question->bound)
		hearsay_add_vary(&question->request, &question->choice,
		    &errand->fields, &answer->head);
	if (question->request.is_head && question->seen)
		take_head(question, answer);
	if (question->request.is_head &&
	    (question->relinks || question->parts ||
		dress_is_due(question->site, &question->request,
		    answer->status, &answer->head) ||
		weave_is_due(question->site, answer->status,
		    &answer->head)))
		hide_length(answer);
	if (answer->status == 304 && question->version)
		validator_answer(errand, answer, question->version,
		    question->if_none_match);
	plan = plan_of(question, errand, answer);
	if (plan != PLAN_STREAM && is_read_ahead(question, answer))
		errand->on_more = on_more;
	/* Passed on as it comes, if it can only go to the client that said it
	 * can read it. */
	if (plan == PLAN_STREAM && errand->key.len == 0)
		errand->decode = false;
	return plan;
}
