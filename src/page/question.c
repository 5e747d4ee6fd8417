/* page/question.c - the request as the upstream gets it, and what may be
 * done with the answer
 *
 * An upstream request is built anew from parsed parts, so nothing that two
 * parsers could read differently goes through. What a shared question asks
 * has nothing of one client in it.
 *
 * A question outlives the page that asked it (a flight goes on to fill the
 * cache when its client is gone), so it has its own copies of all it needs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/report.h"
#include "cache/early.h"
#include "cache/group.h"
#include "http/accept.h"
#include "http/auth.h"
#include "http/etag.h"
#include "http/targeted.h"
#include "page/ahead.h"
#include "page/due.h"
#include "page/failing.h"
#include "page/hops.h"
#include "page/kept.h"
#include "page/life.h"
#include "page/ranges.h"
#include "page/validator.h"

/* What the hooks know of the request, on the errand's arena. */
struct question {
	struct pages *pages;
	struct routes *routes;     /* counted: keeps site */
	const struct site *site;
	struct choice choice;      /* who is asked */
	struct request request;    /* with own texts for what hooks read */
	struct policy_request asks;
	struct key key;            /* what it is stored under; len 0: nothing */
	struct object *stored;     /* counted: what a 304 speaks of; or NULL */
	struct object *seen;       /* counted: what the asker found; or NULL */
	struct object *dressed;    /* counted: made from stored; or NULL */
	const char *if_none_match; /* the client's own, for version */
	const char *version;       /* whose tags were led back; or NULL */
	bool own_condition;        /* the client's own copy is asked about */
	bool shared;               /* may be stored */
	bool storing;              /* the head said so */
	bool relinks;              /* the body's links are to be rewritten */
	bool parts;                /* a part of the page is wanted */
	uint64_t purges;           /* that were when it was asked */
	uint64_t number;           /* of this question: its own purges */
	bool is_unsafe;            /* its success makes what is stored void */
	bool bound;                /* asked with Authorization, or posted: never
	                            * shared with who waits, but an answer that
	                            * says others may have it is stored */
	bool is_post;
	struct ranged *ranged;     /* bound, and a range is asked for; or NULL */
	bool is_refresh;
	bool has_copy;             /* the asker falls back to one */
	struct freshness fresh;
};

/* How long a question is known as one whose answers cannot be shared. */
enum { UNSHARED_MS = 2 * 60 * 1000 };

/* Bytes of a page with its links rewritten. */
enum { RELINKED_MAX = 64 << 20 };

/* ---- the fields ---- */

static void
add_forwarding(struct errand *errand, const struct page *page)
{
	const struct request *request = &page->request;
	const char *before;
	char peer[NET_TEXT];

	net_write(peer, &request->peer);
	before = request->is_trusted ?
	    head_joined(request->fields, "X-Forwarded-For", errand->arena) :
	    NULL;
	if (before && request->peer.is_unix)
		head_add(&errand->fields, "X-Forwarded-For", before);
	else if (before)
		head_add(&errand->fields, "X-Forwarded-For",
		    arena_printf(errand->arena, "%s, %s", before, peer));
	else if (!request->peer.is_unix)
		head_add(&errand->fields, "X-Forwarded-For", peer);
	head_add(&errand->fields, "X-Forwarded-Host",
	    arena_strndup(errand->arena, request->host, request->host_len));
	head_add(&errand->fields, "X-Forwarded-Proto", request->scheme);
	head_add(&errand->fields, "Via",
	    hops_via(request->fields, page->pages->opts.via, errand->arena));
}

void
question_add_credentials(struct head *fields, const struct upstream_opts *opts)
{
	struct buf value;

	if (!opts->username || head_find(fields, "Authorization"))
		return;
	buf_init(&value, 4096);
	if (auth_basic(&value, opts->username, opts->password) == 0)
		head_add(fields, "Authorization", value.data);
	buf_fini(&value);
}

/* A tag of ours for a coding of ours means nothing to the upstream. */
static void
widen_tags(struct head *fields, const char *name)
{
	const char *tags = head_joined(fields, name, fields->arena), *wide;

	wide = tags ? etag_widen(tags, fields->arena) : NULL;
	if (wide != tags)
		head_set(fields, name, wide);
}

static void
add_fields(struct errand *errand, const struct page *page, bool shared)
{
	const struct request *request = &page->request;
	struct head *out = &errand->fields;
	struct accept accept;
	unsigned i;

	for (i = 0; i < request->fields->count; i++) {
		const struct field *field = &request->fields->fields[i];

		if (sent_is_dropped(request, field->name, shared) ||
		    sent_is_listed(request, field->name) ||
		    ranges_drops(page, field->name))
			continue;
		head_add_n(out, field->name, field->name_len, field->value,
		    field->value_len);
	}
	head_drop_hop_by_hop(out);
	if (page->site->packings_count > 0) {
		widen_tags(out, "If-Match");
		widen_tags(out, "If-None-Match");
	}
	/* What is dressed or stored is decoded here; what is passed on as it
	 * comes must be something that this client can read. */
	accept_read(&accept, request->accept_encoding);
	head_add(out, "Accept-Encoding",
	    accept.weight[PACKING_GZIP] > 0 ? "gzip" : "identity");
	head_add(out, "Surrogate-Capability",
	    surrogate_capability(page->site->opts.includes & INCLUDES_ESI));
	add_forwarding(errand, page);
	question_add_credentials(out, &page->choice.upstream->opts);
	choice_add_fields(&page->choice, request, out, &errand->host);
}

/* ---- the hooks: on the engine's thread ---- */

/* "Location: http://upstream:8080/x" sends the client past us: say our own
 * address instead. */
static void
map_location(const struct question *question, struct head *head,
    const char *name)
{
	const char *location = head_find(head, name), *ours;

	if (!location || !question->site->opts.map_redirects)
		return;
	ours = location_ours(&question->choice, &question->request, location,
	    head->arena);
	if (ours != location)
		head_set(head, name, ours);
}

/* The page, and what other pages have put in from its address. */
static void
invalidate_key(const struct question *question, const struct key *page)
{
	struct cache *cache = question->pages->opts.cache;
	char room[KEY_MAX];
	struct key key;

	cache_invalidate_by(cache, page, question->number);
	if (question->site->opts.includes != INCLUDES_NONE &&
	    key_make_url(&key, room, KIND_FRAGMENT,
		question->site->opts.name, key_url(page)) == 0)
		cache_invalidate_by(cache, &key, question->number);
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
	    question->number);
}

static void
invalidate(const struct question *question, const struct head *head)
{
	invalidate_key(question, &question->key);
	invalidate_location(question, head, "Location");
	invalidate_location(question, head, "Content-Location");
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

static struct policy_answer
facts_of(const struct answer *answer)
{
	struct policy_answer facts = {
		.status = answer->status,
		.head = &answer->head,
		.asked_ms = answer->asked_ms,
		.answered_ms = answer->answered_ms,
	};
	return facts;
}

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

static void
mark_unshared(const struct question *question, const struct answer *answer)
{
	cache_mark_unshared(question->pages->opts.cache, &question->key,
	    answer->answered_ms + UNSHARED_MS);
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

/* For people. The target has the prefix of the upstream's URL in it. */
static const char *
asked_url(const struct question *question, const struct errand *errand)
{
	const struct upstream *upstream = question->choice.upstream;

	if (upstream->form == UPSTREAM_HTTP)
		return arena_printf(errand->arena, "%s://%s%s",
		    upstream->scheme, upstream->authority, errand->target);
	return arena_printf(errand->arena, "%s%s", upstream->opts.url,
	    errand->target);
}

static void
too_big(const struct question *question, const struct errand *errand)
{
	report_problem("dress", asked_url(question, errand),
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

/* May it be stored, here and now? */
static struct policy_storing
storing_of(struct question *question, const struct errand *errand,
    const struct answer *answer)
{
	struct policy_answer facts = facts_of(answer);
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
	/* A failure never takes the place of what was good before. */
	if (storing.store && policy_is_failure(answer->status) &&
	    question->has_copy) {
		storing.store = false;
		storing.why = "status";
	}
	return storing;
}

/* The client reads it as it comes; who waits for the same range asks for
 * himself. It is fresh for as long as the whole would be. */
static enum plan
plan_range(struct question *question, struct errand *errand,
    struct answer *answer)
{
	const struct site *site = question->site;
	struct policy_answer facts = facts_of(answer);
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
	if (storing.store)
		return plan_shared(question, errand, answer, whole);
	if (question->bound)
		return plan_alone(question, errand, answer, whole);
	note_unstored(question, answer, storing.why);
	/* A failing upstream is not asked again by each of a crowd. */
	errand->keep_max = question->site->opts.themed_max;
	if (storing.share && policy_is_failure(answer->status))
		return PLAN_GATHER;
	/* What one request does not want kept says nothing of the answer. */
	if (!(question->asks.cc.flags & CC_NO_STORE))
		mark_unshared(question, answer);
	return plan_alone(question, errand, answer, whole);
}

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
	struct policy_answer facts = facts_of(answer);

	kept_head(question->pages->opts.cache, question->seen, &facts,
	    &question->site->opts.policy);
}

static enum plan
on_head(struct errand *errand, struct answer *answer)
{
	struct question *question = errand->arg;
	enum plan plan;

	question->relinks = answer->status != 206 && answer->status != 304 &&
	    choice_relinks(&question->choice, &answer->head);
	choice_adapt_head(&question->choice, &question->request,
	    answer->status, &answer->head);
	map_location(question, &answer->head, "Location");
	map_location(question, &answer->head, "Content-Location");
	/* Before the client hears of it, or its next request would be answered
	 * with what it has just changed. */
	if (question->is_unsafe && answer->status < 400)
		invalidate(question, &answer->head);
	/* RFC 9875 3: whatever its status, but never for a safe method */
	if (question->is_unsafe)
		group_invalidated(&answer->head, key_url(&question->key),
		    invalidate_groups, question);
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

static const char *
question_field(void *arg, const char *name)
{
	const struct errand *errand = arg;
	const struct question *question = errand->arg;
	struct slice value;

	switch (sent_field(
	    &question->request, &question->choice, name, &value)) {
	case SENT_ABSENT:
		return NULL;
	case SENT_VALUE:
		return arena_strndup(errand->arena, value.from, value.len);
	case SENT_AS_IT_CAME:
		break;
	}
	return head_joined(&errand->fields, name, errand->arena);
}

/* The stored object of a whole answer; NULL: it cannot be one. */
static struct object *
object_of(struct question *question, struct errand *errand,
    struct answer *answer)
{
	bool is_part = answer->status == 206;
	struct object *object = object_new(is_part ? &question->ranged->key :
	    &question->key, is_part ? KIND_RANGE : KIND_PAGE,
	    question->site->opts.name);
	uint64_t len = flow_len(answer->flow);
	char *bytes = flow_flatten(answer->flow);

	if (!bytes) {
		object_unref(&object);
		return NULL;
	}
	object->status = answer->status;
	head_copy(&object->head, &answer->head);
	head_drop(&object->head, "Age");
	head_drop(&object->head, "Content-Length");
	object->body = body_new(&bytes, (size_t)len);
	/* this is its first use: the next may have it compressed */
	atomic_init(&object->packed.marks, PACKED_USED);
	object->asked_ms = answer->asked_ms;
	object->answered_ms = answer->answered_ms;
	object->cost_ms = answer->cost_ms;
	object->fresh = question->fresh;
	early_shorten(&object->fresh, question->site->opts.policy.ttl_jitter,
	    object->id * object->key.hash);
	object->etag = head_find(&object->head, "ETag");
	object->last_modified = head_find(&object->head, "Last-Modified");
	object->tags = group_all_tags(object);
	if (policy_vary_set(object, question_field, errand) != 0) {
		object_unref(&object);
		return NULL;
	}
	/* Said to others only: we know which form is whose. */
	dress_add_vary(question->site, object->status, &object->head);
	return object;
}

static void
made_free(void *made)
{
	struct object *object = made;

	object_unref(&object);
}

static bool
is_news(const struct question *question, const struct object *object)
{
	return object != question->seen && !object->fresh.no_cache &&
	    object_ttl_ms(object, clock_wall_ms()) > 0;
}

/* Somebody else's answer was stored after this question's page had looked. */
static bool
on_ask(struct errand *errand, struct answer *answer)
{
	struct question *question = errand->arg;
	struct object *object = cache_find(question->pages->opts.cache,
	    &question->key, question_field, errand, NULL);

	if (!object || !is_news(question, object)) {
		object_unref(&object);
		return false;
	}
	answer->status = object->status;
	answer->made = object;
	answer->made_free = made_free;
	return true;
}

static void
set_made(struct answer *answer, struct object **object)
{
	answer->made = *object;
	answer->made_free = made_free;
	*object = NULL;
}

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
	report_problem(what, asked_url(question, errand),
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
	report_problem("fetch", asked_url(question, errand), reason,
	    question->has_copy ? "the stored copy" : "what it answered");
}

/* What is gathered is in nobody's hands yet: another body takes its place. */
static void
replace_body(struct answer *answer, const struct buf *body)
{
	static const char *const of_the_bytes[] = {
		"Content-Length", "Content-MD5", "Digest", "Content-Digest",
		"Repr-Digest", "Accept-Ranges",
	};
	struct flow *flow = flow_new(body->len + 1, true, body->len);
	size_t i;

	if (flow_write(flow, body->data, body->len) != FLOW_TOOK) {
		flow_unref(&flow);
		return;
	}
	flow_end(flow, true);
	flow_unref(&answer->flow);
	answer->flow = flow;
	answer->length = (int64_t)body->len;
	for (i = 0; i < COUNT_OF(of_the_bytes); i++)
		head_drop(&answer->head, of_the_bytes[i]);
	head_set(&answer->head, "Content-Type", "text/html; charset=utf-8");
}

/* Links of a page that takes itself for somewhere else. One that cannot be
 * parsed goes as it came. */
static void
relink(const struct question *question, struct errand *errand,
    struct answer *answer)
{
	char *bytes = answer->flow ? flow_flatten(answer->flow) : NULL;
	struct buf out;
	struct err err;

	/* None: it passed keep_max, and is on its way. */
	if (!bytes || flow_len(answer->flow) == 0) {
		free(bytes);
		return;
	}
	buf_init(&out, RELINKED_MAX);
	if (choice_relink(&question->choice, question->site,
		&question->request, &answer->head, bytes,
		(size_t)flow_len(answer->flow), &out, &err) == 0)
		replace_body(answer, &out);
	else
		report_problem("dress", asked_url(question, errand), err.text,
		    "its links as they came");
	buf_fini(&out);
	free(bytes);
}

static bool
was_purged(const struct question *question, const struct object *object)
{
	return cache_was_purged_by_others(question->pages->opts.cache,
	    question->purges, object, question->number);
}

/* A purge that came while it was being stored did not see it. */
static void
look_again(const struct question *question, const struct object *object)
{
	if (was_purged(question, object))
		cache_invalidate(question->pages->opts.cache, &object->key);
}

/* A 304 came: the stored answer with its fields. NULL: it spoke of another. */
static struct object *
confirmed(const struct question *question, const struct answer *answer)
{
	struct cache *cache = question->pages->opts.cache;
	const struct policy_opts *opts = &question->site->opts.policy;
	struct policy_answer facts = facts_of(answer);
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
	if (!was_purged(question, object)) {
		cache_freshen(cache, stored, object);
		kept_dress(cache, stored, question->dressed, object);
		look_again(question, object);
	}
	return object;
}

/* It is nobody's answer but the client's that has it already. */
static void
store_part(struct question *question, struct errand *errand,
    struct answer *answer)
{
	struct cache *cache = question->pages->opts.cache;
	struct policy_answer facts = facts_of(answer);
	struct object *object = object_of(question, errand, answer);

	if (object && !was_purged(question, object)) {
		ranges_store(cache, question->ranged, &question->key, object,
		    question->site, &facts, question_field, errand);
		look_again(question, object);
	}
	object_unref(&object);
}

static void
on_end(struct errand *errand, struct answer *answer)
{
	struct question *question = errand->arg;
	struct cache *cache = question->pages->opts.cache;
	struct object *object = NULL;

	if (answer->outcome != FETCH_OK) {
		ahead_drop(answer);
		on_failed(question, errand, answer);
		return;
	}
	if (question->relinks)
		relink(question, errand, answer);
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
		if (object && !was_purged(question, object)) {
			cache_store(cache, object);
			look_again(question, object);
		}
	}
	if (object)
		set_made(answer, &object);
}

static void
on_free(struct errand *errand)
{
	struct question *question = errand->arg;

	object_unref(&question->stored);
	object_unref(&question->seen);
	object_unref(&question->dressed);
	choice_fini(&question->choice);
	routes_unref(&question->routes);
}

/* ---- making one ---- */

static void
copy_request(struct question *question, const struct request *from,
    struct arena *arena)
{
	struct request *to = &question->request;

	/* Only what the hooks read; nothing borrowed from the client. */
	memset(to, 0, sizeof(*to));
	to->is_get = from->is_get;
	to->is_head = from->is_head;
	to->is_script = from->is_script;
	to->livery_off = from->livery_off;
	to->is_trusted = from->is_trusted;
	to->scheme = strcmp(from->scheme, "https") == 0 ? "https" : "http";
	to->host = arena_strndup(arena, from->host, from->host_len);
	to->host_len = from->host_len;
}

static void
add_validators(struct errand *errand, const struct object *stored)
{
	if (stored->etag)
		head_add(&errand->fields, "If-None-Match", stored->etag);
	if (stored->last_modified)
		head_add(&errand->fields, "If-Modified-Since",
		    stored->last_modified);
}

static bool
is_conditional(const struct head *fields)
{
	return head_find(fields, "If-None-Match") ||
	    head_find(fields, "If-Modified-Since");
}

/* What the client has of a page that nobody shares is asked about as the
 * upstream knows it. An answer that is known not to be shared is the client's
 * alone, though it might be stored. */
static void
add_own_condition(struct question *question, struct errand *errand,
    struct page *page, bool has_copy)
{
	const struct request *request = &page->request;

	if (question->shared) {
		if (has_copy ||
		    !cache_is_unshared(page->pages->opts.cache, &page->key,
			clock_wall_ms()))
			return;
		if (request->if_none_match)
			head_add(&errand->fields, "If-None-Match",
			    head_joined(request->fields, "If-None-Match",
				errand->arena));
		else if (request->if_modified_since)
			head_add(&errand->fields, "If-Modified-Since",
			    request->if_modified_since);
	}
	question->own_condition = is_conditional(&errand->fields);
	question->if_none_match = head_joined(&errand->fields,
	    "If-None-Match", errand->arena);
	question->version = validator_ask(errand, page);
}

const char *
question_host(const struct upstream *upstream, const char *client_host,
    struct arena *arena)
{
	const char *host = upstream->opts.host;

	if (!host || strcmp(host, "client") == 0)
		return client_host;
	if (strcmp(host, "upstream") == 0)
		return NULL;
	return arena_strdup(arena, host);
}

struct errand *
question_new(struct page *page, bool sharable)
{
	struct errand *errand = errand_new();
	struct question *question = arena_get(errand->arena,
	    sizeof(*question));
	struct object *stored = page->object ? page->object : page->fallback;
	bool shared = page->sharing.may && page->key.len > 0 &&
	    page->request.is_get && !page->request.range;

	question->pages = page->pages;
	question->routes = routes_ref(page->routes);
	question->site = page->site;
	question->asks = page->asks;
	question->shared = shared;
	question->bound = ranges_of(page) || (page->sharing.may_keep &&
	    page->key.len > 0 && !page->request.range);
	question->is_post = question->bound && !page->request.is_get;
	question->parts = page->part != NULL;
	question->purges = cache_purges(page->pages->opts.cache);
	question->number = cache_new_number(page->pages->opts.cache);
	question->is_unsafe = page->is_unsafe && page->key.len > 0;
	question->has_copy = stored != NULL;
	copy_request(question, &page->request, errand->arena);
	errand->method = arena_strdup(errand->arena, page->request.method);
	choice_copy(&question->choice, &page->choice, errand->arena);
	errand->target = question->choice.target;
	errand->host = question_host(page->choice.upstream,
	    question->request.host, errand->arena);
	add_fields(errand, page, page->sharing.may &&
	    (!page->request.range || question->bound));
	question->ranged = ranges_ask(page, errand);
	if (shared && stored && !atomic_load(&stored->doubted) &&
	    (stored->etag || stored->last_modified)) {
		question->stored = object_ref(stored);
		question->dressed = object_ref(page->object ? page->dressed :
			page->fallback_dressed);
		add_validators(errand, stored);
	} else {
		add_own_condition(question, errand, page, stored != NULL);
	}
	page->conditional = is_conditional(&errand->fields);
	if (page->body)
		errand->body = flow_ref(page->body);
	errand->body_len = page->body_len;
	errand->upstream = upstream_ref(page->choice.upstream);
	if (shared || question->bound || question->is_unsafe) {
		question->key = page->key;
		question->key.text = arena_strndup(errand->arena,
		    page->key.text, page->key.len);
	}
	if (stored)
		question->seen = object_ref(stored);
	if (sharable && shared)
		errand->key = hops_key(&question->key, page->hops,
		    errand->arena);
	if (sharable && shared)
		errand->on_ask = on_ask;
	errand->outlives = shared;
	errand->decode = true;
	errand->on_head = on_head;
	errand->on_end = on_end;
	errand->on_free = on_free;
	errand->arg = question;
	return errand;
}

void
question_refresh(struct page *page, struct object *stale)
{
	struct errand *errand;
	struct question *question;
	struct object *before = page->object;
	struct request asked = page->request;
	struct policy_request asks = page->asks;
	uint64_t now_ms = clock_mono_ms();

	if (upstream_is_failing(page->choice.upstream, now_ms) ?
	    !upstream_may_try(page->choice.upstream, now_ms) :
	    !failing_may_try(page->pages->failing, &page->key, now_ms))
		return;
	page->object = stale;
	/* Whoever comes next will want all of it. */
	page->request.method = "GET";
	page->request.is_get = page->asks.is_get = true;
	page->request.is_head = page->asks.is_head = false;
	page->request.range = NULL;
	errand = question_new(page, true);
	page->request = asked;
	page->asks = asks;
	page->object = before;
	question = errand->arg;
	question->is_refresh = true;
	fetch_ask(page->pages->opts.fetch, &errand, NULL);
}
