/* cache/policy.c - may it be stored, how long is it fresh, may it be used now
 *
 * RFC 9111 and RFC 5861 as decisions over facts. doc/rfc9111.md says which
 * rule lives in which function and which test holds it. */
#include "cache/policy.h"

#include <string.h>
#include <strings.h>

#include "cache/group.h"
#include "http/date.h"
#include "http/targeted.h"
#include "http/ttlheader.h"

enum {
	SECOND_MS = 1000,
	HEURISTIC_PART = 10, /* a tenth of the age at arrival */
};
/* 1.2.2: no time is longer; dates may be thousands of years apart */
#define LONGEST_MS       (((int64_t)1 << 31) * SECOND_MS)
#define HEURISTIC_MAX_MS ((int64_t)24 * 60 * 60 * SECOND_MS)

/* What an answer says of caching: to this cache alone (RFC 9213), or to
 * all. */
struct said {
	struct cachecontrol cc;
	bool targeted; /* Cache-Control and Expires do not count */
};

static void
read_said(struct said *said, const struct policy_answer *answer,
    const struct policy_opts *opts)
{
	int64_t ttl_s;

	said->targeted =
	    targeted_or_plain(&said->cc, answer->head) != NULL;
	if (!opts->ttl_header || !ttlheader_read(&ttl_s, answer->head,
				    opts->ttl_header, answer->answered_ms))
		return;
	said->targeted = true;
	cachecontrol_init(&said->cc);
	said->cc.present = true;
	said->cc.max_age = ttl_s;
	if (ttl_s == 0)
		said->cc.flags |= CC_NO_STORE;
}

/* Read one date field; false when it is absent or no HTTP date. */
static bool
read_date(int64_t *out_ms, const struct head *head, const char *name,
    int64_t now_ms)
{
	const char *text = head_find(head, name);
	int64_t seconds;

	if (!text ||
	    date_parse(&seconds, text, strlen(text), now_ms / SECOND_MS) != 0)
		return false;
	*out_ms = seconds * SECOND_MS;
	return true;
}

/* ---- freshness, RFC 9111 4.2 ---- */

/* RFC 9110 15.1 */
static bool
is_heuristically_cacheable(int status)
{
	switch (status) {
	case 200: case 203: case 204: case 206: case 300: case 301: case 308:
	case 404: case 405: case 410: case 414: case 501:
		return true;
	default:
		return false;
	}
}

/* 4.2.2: a tenth of the time since its last change. -1: no guess. */
static int64_t
guess_lifetime_ms(const struct policy_answer *answer, int64_t date_ms)
{
	int64_t changed_ms, guess;

	if (!read_date(&changed_ms, answer->head, "Last-Modified",
	    answer->answered_ms) || changed_ms > date_ms)
		return -1;
	guess = (date_ms - changed_ms) / HEURISTIC_PART;
	return guess < HEURISTIC_MAX_MS ? guess : HEURISTIC_MAX_MS;
}

/* 5.3: an Expires that is no date has passed. Of several the first that
 * passes counts, so the earliest. */
static int64_t
expires_lifetime_ms(const struct policy_answer *answer, int64_t date_ms)
{
	int64_t least = INT64_MAX, at_s, left;
	const char *text;
	unsigned i = 0;

	while ((text = head_next(answer->head, "Expires", &i)) != NULL) {
		if (date_parse(&at_s, text, strlen(text),
		    answer->answered_ms / SECOND_MS) != 0)
			return 0;
		left = at_s * SECOND_MS - date_ms;
		if (left < least)
			least = left;
	}
	return least < 0 ? 0 : least < LONGEST_MS ? least : LONGEST_MS;
}

/* -1: nothing says how long. *explicit: the answer itself did. */
static int64_t
lifetime_ms(const struct policy_answer *answer, const struct said *said,
    const struct policy_opts *opts, bool *explicit)
{
	const struct cachecontrol *cc = &said->cc;
	int64_t date_ms, guess;

	if (!read_date(&date_ms, answer->head, "Date", answer->answered_ms))
		date_ms = answer->answered_ms;
	*explicit = true;
	if (cc->s_maxage >= 0)
		return cc->s_maxage * SECOND_MS;
	if (cc->max_age >= 0)
		return cc->max_age * SECOND_MS;
	if (!said->targeted && head_find(answer->head, "Expires"))
		return expires_lifetime_ms(answer, date_ms);
	*explicit = false;
	if (!is_heuristically_cacheable(answer->status) &&
	    !(cc->flags & CC_PUBLIC))
		return -1;
	guess = guess_lifetime_ms(answer, date_ms);
	if (guess < 0 && opts->default_ttl_ms > 0)
		guess = opts->default_ttl_ms;
	return guess;
}

/* 4.2.3: as old as its Date says or as its Age says with the whole time that
 * asking took, whichever is more. */
static int64_t
initial_age_ms(const struct policy_answer *answer)
{
	int64_t delay = answer->answered_ms - answer->asked_ms;
	int64_t age = cachecontrol_age(answer->head) * SECOND_MS;
	int64_t date_ms, apparent = 0;

	if (age < 0)
		age = 0;
	if (delay > 0)
		age += delay;
	if (read_date(&date_ms, answer->head, "Date", answer->answered_ms))
		apparent = answer->answered_ms - date_ms;
	/* a Date counts whole seconds: less than one is no age */
	if (apparent < SECOND_MS)
		apparent = 0;
	if (apparent > age)
		age = apparent;
	return age < LONGEST_MS ? age : LONGEST_MS;
}

static struct freshness
freshness_of(const struct policy_answer *answer, const struct said *said,
    const struct policy_opts *opts, bool *is_said, bool *explicit)
{
	const struct cachecontrol *cc = &said->cc;
	struct freshness fresh = {.sie_ms = -1};
	int64_t lifetime = lifetime_ms(answer, said, opts, explicit);

	/* no-cache says: none at all, but keep it to ask about */
	if (lifetime < 0 && (cc->flags & CC_NO_CACHE)) {
		lifetime = 0;
		*explicit = true;
	}
	*is_said = lifetime >= 0;
	fresh.lifetime_ms = lifetime > 0 ? lifetime : 0;
	fresh.initial_age_ms = initial_age_ms(answer);
	if (cc->stale_while_revalidate > 0)
		fresh.swr_ms = cc->stale_while_revalidate * SECOND_MS;
	if (cc->stale_if_error >= 0)
		fresh.sie_ms = cc->stale_if_error * SECOND_MS;
	/* 5.2.2.10: s-maxage says proxy-revalidate as well */
	fresh.strict = cc->s_maxage >= 0 ||
	    (cc->flags & (CC_MUST_REVALIDATE | CC_PROXY_REVALIDATE));
	fresh.no_cache = (cc->flags & CC_NO_CACHE) != 0;
	/* 5.1: what nobody can tell the age of is taken for old */
	if (cachecontrol_age(answer->head) == AGE_UNKNOWN)
		fresh.lifetime_ms = fresh.swr_ms = 0;
	return fresh;
}

struct freshness
policy_freshness(const struct policy_answer *answer,
    const struct policy_opts *opts)
{
	bool is_said, explicit;
	struct said said;

	read_said(&said, answer, opts);
	return freshness_of(answer, &said, opts, &is_said, &explicit);
}

/* ---- storing, RFC 9111 3 ---- */

bool
policy_is_failure(int status)
{
	return status == 500 || status == 502 || status == 503 ||
	    status == 504;
}

/* Answers to what one client's own fields asked (ranges, conditions), or that
 * find fault with how it asked: by fields that no key has in it, so that one
 * client's oversized head would be everybody's 431. RFC 6585 forbids to store
 * 428, 429, 431 and 511 by their own word, too. A 400 that says itself how long
 * it is fresh is kept, for requests of its shape (vary.c): an origin may find
 * fault with an address so. */
static bool
is_answer_to_one(int status)
{
	switch (status) {
	case 206: case 304: case 412: case 416:
	case 406: case 408: case 411: case 413: case 415: case 417:
	case 421: case 426: case 428: case 429: case 431: case 505: case 511:
		return true;
	default:
		return false;
	}
}

/* 3.5: an answer to a request with Authorization is one client's, unless
 * it says otherwise. */
static bool
is_bound_by_authorization(const struct policy_request *request,
    const struct cachecontrol *cc)
{
	return request->has_authorization && cc->s_maxage < 0 &&
	    !(cc->flags & (CC_PUBLIC | CC_MUST_REVALIDATE));
}

/* 5.2.2.3: who understands the status may forget the no-store beside
 * must-understand; who does not may not store. */
static bool
is_understood(int status)
{
	return is_heuristically_cacheable(status) || status == 302 ||
	    status == 303 || status == 307 || status == 403 ||
	    status == 451;
}

/* Why nobody else may have this answer, or NULL. */
static const char *
why_not_shared(const struct policy_request *request,
    const struct policy_answer *answer, const struct cachecontrol *cc)
{
	bool may_forget = (cc->flags & CC_MUST_UNDERSTAND) &&
	    is_understood(answer->status);

	if (head_find(answer->head, "Set-Cookie"))
		return "set-cookie";
	if ((cc->flags & CC_NO_STORE) && !may_forget)
		return "no-store";
	if (cc->flags & CC_PRIVATE)
		return "private";
	if (is_bound_by_authorization(request, cc))
		return "authorization";
	if (policy_varies_by_anything(answer->head))
		return "vary *";
	if (is_answer_to_one(answer->status))
		return "status";
	return NULL;
}

/* Why an answer that may be shared is not kept, or NULL. */
static const char *
why_not_kept(const struct policy_request *request,
    const struct policy_answer *answer, const struct cachecontrol *cc)
{
	int status = answer->status;

	if (!request->is_get)
		return "method";
	if (request->cc.flags & CC_NO_STORE)
		return "request no-store";
	if (status < 200)
		return "status";
	if ((cc->flags & CC_MUST_UNDERSTAND) && !is_understood(status))
		return "must-understand";
	return NULL;
}

static bool
has_validator(const struct head *head)
{
	return head_find(head, "ETag") || head_find(head, "Last-Modified");
}

/* Kept, it could never be served: it is stale already, may not be served
 * stale, and cannot be validated either. */
static bool
is_useless(const struct freshness *fresh, const struct head *head,
    const struct policy_opts *opts)
{
	bool is_fresh = fresh->lifetime_ms > fresh->initial_age_ms &&
	    !fresh->no_cache;

	return !is_fresh && (fresh->no_cache || fresh->strict) &&
	    !has_validator(head) && !opts->stale_override;
}

/* A failure is kept for as long as it says itself, and no longer. */
static bool
is_fresh_by_its_word(const struct freshness *fresh, bool explicit)
{
	return explicit && !fresh->no_cache &&
	    fresh->lifetime_ms > fresh->initial_age_ms;
}

struct policy_storing
policy_store(const struct policy_request *request,
    const struct policy_answer *answer, const struct policy_opts *opts)
{
	struct policy_storing storing = {false, false, NULL, {.sie_ms = -1}};
	bool is_said, explicit;
	struct said said;

	read_said(&said, answer, opts);
	storing.fresh = freshness_of(answer, &said, opts, &is_said, &explicit);
	storing.why = why_not_shared(request, answer, &said.cc);
	if (storing.why)
		return storing;
	/* 5.2.2.4: each use of it needs asking first */
	storing.share = !storing.fresh.no_cache;
	storing.why = why_not_kept(request, answer, &said.cc);
	if (!storing.why && policy_is_failure(answer->status) &&
	    !is_fresh_by_its_word(&storing.fresh, explicit))
		storing.why = "status";
	if (!storing.why && !is_said)
		storing.why = "no freshness";
	if (!storing.why && is_useless(&storing.fresh, answer->head, opts))
		storing.why = storing.fresh.no_cache ? "no-cache" : "stale";
	if (storing.why)
		return storing;
	storing.store = true;
	storing.why = explicit ? "stored" : "heuristic";
	return storing;
}

/* ---- reuse, RFC 9111 4 and 4.2.4 ---- */

/* May it be served though it is stale by so much, should asking fail? */
static bool
may_be_stale(const struct freshness *fresh, int64_t staleness_ms,
    const struct policy_opts *opts)
{
	if (staleness_ms > opts->stale_max_ms)
		return false;
	if (opts->stale_override)
		return true;
	if (fresh->no_cache || fresh->strict)
		return false;
	/* RFC 5861 4: the sender's own upper limit */
	return fresh->sie_ms < 0 || staleness_ms <= fresh->sie_ms ||
	    staleness_ms <= fresh->swr_ms;
}

static bool
is_honoured(const struct policy_request *request,
    const struct policy_opts *opts)
{
	return opts->honour_request == HONOUR_ON ||
	    (opts->honour_request == HONOUR_ALLOWED && request->is_allowed);
}

void
policy_soften(struct policy_request *request, const struct object *object)
{
	struct cachecontrol cc;

	if (request->cc.max_age < 0)
		return;
	cachecontrol_read(&cc, &object->head, "Cache-Control");
	if (cc.flags & CC_IMMUTABLE)
		request->cc.max_age = -1;
}

/* 5.2.1 */
bool
policy_wants_newer(const struct freshness *fresh, int64_t ttl_ms,
    const struct policy_request *request, const struct policy_opts *opts)
{
	const struct cachecontrol *cc = &request->cc;
	int64_t age_ms = fresh->lifetime_ms - ttl_ms;

	if (!is_honoured(request, opts))
		return false;
	return (cc->flags & CC_NO_CACHE) ||
	    (cc->max_age >= 0 && age_ms > cc->max_age * SECOND_MS) ||
	    (cc->min_fresh >= 0 && ttl_ms < cc->min_fresh * SECOND_MS);
}

static bool
client_takes_stale(int64_t staleness_ms,
    const struct policy_request *request, const struct policy_opts *opts)
{
	const struct cachecontrol *cc = &request->cc;

	if (!is_honoured(request, opts))
		return false;
	return (cc->flags & CC_MAX_STALE_ANY) ||
	    (cc->max_stale >= 0 && staleness_ms <= cc->max_stale * SECOND_MS);
}

enum use
policy_judge(const struct freshness *fresh, int64_t ttl_ms,
    const struct policy_request *request, bool upstream_failing,
    const struct policy_opts *opts)
{
	int64_t staleness_ms = ttl_ms < 0 ? -ttl_ms : 0;
	bool wants_newer = policy_wants_newer(fresh, ttl_ms, request, opts);
	bool is_fresh = ttl_ms > 0 && !fresh->no_cache;

	if (is_fresh && !wants_newer)
		return USE_FRESH;
	if (!is_fresh && !may_be_stale(fresh, staleness_ms, opts))
		return USE_VALIDATED;
	if (upstream_failing)
		return USE_REFRESH;
	if (wants_newer || fresh->no_cache)
		return USE_IF_FAILED;
	if (staleness_ms <= fresh->swr_ms && fresh->swr_ms > 0)
		return USE_REFRESH;
	if (client_takes_stale(staleness_ms, request, opts))
		return USE_REFRESH;
	return USE_IF_FAILED;
}

/* ---- validation, RFC 9111 3.2 and 4.3.4 ---- */

/* Fields of a 304 that cannot change what is stored of the body (3.2), belong
 * to one connection or to one client. */
static bool
is_left_out(const char *name)
{
	static const char *const left_out[] = {"Content-Length",
	    "Content-Encoding", "Content-Range", "Content-MD5",
	    "Content-Digest", "ETag", "Transfer-Encoding",
	    "Connection", "Keep-Alive", "Proxy-Connection",
	    "Proxy-Authenticate", "Proxy-Authentication-Info", "TE",
	    "Trailer", "Upgrade", "Set-Cookie"};

	for (size_t i = 0; i < COUNT_OF(left_out); i++) {
		if (strcasecmp(name, left_out[i]) == 0)
			return true;
	}
	return false;
}

static void
take_fields(struct head *into, const struct head *from)
{
	/* an old Date would make the confirmed answer old */
	head_drop(into, "Date");
	head_drop(into, "Age");
	for (unsigned i = 0; i < from->count; i++) {
		if (!is_left_out(from->fields[i].name))
			head_drop(into, from->fields[i].name);
	}
	for (unsigned i = 0; i < from->count; i++) {
		const struct field *field = &from->fields[i];

		if (!is_left_out(field->name))
			head_add_n(into, field->name, field->name_len,
			    field->value, field->value_len);
	}
}

static const char *
own_text(struct object *object, const char *name)
{
	const char *text = head_find(&object->head, name);

	return text ? arena_strdup(object->arena, text) : NULL;
}

struct object *
policy_freshen(const struct object *stored,
    const struct policy_answer *answer, const struct policy_opts *opts)
{
	struct object *object = object_copy(stored);
	struct policy_answer merged = {stored->status, &object->head,
	    answer->asked_ms, answer->answered_ms};
	struct said said;

	take_fields(&object->head, answer->head);
	object->asked_ms = answer->asked_ms;
	object->answered_ms = answer->answered_ms;
	object->fresh = policy_freshness(&merged, opts);
	read_said(&said, &merged, opts);
	/* it stays stored until it is replaced, but as nobody's to have */
	if (said.cc.flags & (CC_NO_STORE | CC_PRIVATE))
		object->fresh.no_cache = true;
	head_drop(&object->head, "Age");
	object->etag = own_text(object, "ETag");
	object->last_modified = own_text(object, "Last-Modified");
	object->tags = group_all_tags(object);
	return object;
}
