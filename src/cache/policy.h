/* cache/policy.h - RFC 9111 as pure functions: facts and the clock go in, a
 * verdict comes out
 *
 * Nothing here reads a clock, a setting or a live object's changing fields. */
#ifndef CACHE_POLICY_H
#define CACHE_POLICY_H

#include <stdbool.h>
#include <stdint.h>
#include "cache/object.h"
#include "http/cachecontrol.h"
#include "http/head.h"

/* Whose no-cache, max-age, min-fresh and max-stale count. no-store and
 * only-if-cached always do. */
enum honour {
	HONOUR_OFF,     /* nobody's */
	HONOUR_ON,      /* everybody's: any client can make the upstream work */
	HONOUR_ALLOWED, /* theirs who may purge */
};

/* What a site says about its cache. Milliseconds. */
struct policy_opts {
	bool stale_override;  /* serve stale even where must-revalidate,
	                       * proxy-revalidate, s-maxage or no-cache forbid:
	                       * violates RFC 9111 4.2.4, and outlives an outage */
	int64_t stale_max_ms; /* nothing staler than this is served: 7 days */
	int64_t default_ttl_ms; /* for what says nothing and has no heuristic
	                         * (0: not stored) */
	enum honour honour_request;
	const char *ttl_header; /* an answer's own field that says how long it
	                         * is fresh, before all others; or NULL */
	uint32_t early_refresh; /* XFetch's beta in hundredths; 0: off */
	uint32_t ttl_jitter;    /* per cent that are taken off at random */
};

struct policy_request {
	bool is_get, is_head;
	bool has_authorization;
	bool is_allowed;        /* the client may purge */
	struct cachecontrol cc; /* of the request */
};

struct policy_answer {
	int status;
	const struct head *head;
	int64_t asked_ms, answered_ms; /* wall clock */
};

/* May this answer be stored in a shared cache (RFC 9111 3)? why: a word or
 * two for Cache-Status detail and `cache why` ("no-store", "set-cookie",
 * "private", "status", "no freshness", "authorization", "vary *", ...). Set-
 * Cookie is never stored. share: whether those who wait on the same question
 * may have this answer (storable, or at least not private to one client). */
struct policy_storing {
	bool store;
	bool share;
	const char *why;
	struct freshness fresh;
};
struct policy_storing policy_store(const struct policy_request *request,
    const struct policy_answer *answer, const struct policy_opts *opts);

/* Freshness of an answer alone (RFC 9111 4.2, heuristics 4.2.2 included). */
struct freshness policy_freshness(const struct policy_answer *answer,
    const struct policy_opts *opts);

enum use {
	USE_FRESH,     /* serve it */
	USE_REFRESH,   /* serve it stale, and refresh behind (RFC 5861 3) */
	USE_IF_FAILED, /* ask first; serve it stale if that fails or is late
	                * (RFC 9111 4.2.4, RFC 5861 4) */
	USE_VALIDATED, /* ask first; only a 304 makes it usable */
};

/* What may be done with a stored object now. upstream_failing: its upstream
 * is known to be down (asking would be in vain): then what might be served
 * after a failure is served at once, as USE_REFRESH. */
enum use policy_judge(const struct freshness *fresh, int64_t ttl_ms,
    const struct policy_request *request, bool upstream_failing,
    const struct policy_opts *opts);

/* RFC 8246: who reloads an answer that says it never changes is not asking
 * for another, so max-age of the request does not count; no-cache does. */
void policy_soften(struct policy_request *request,
    const struct object *object);

/* Does the client itself want it fresher than this, and may it? */
bool policy_wants_newer(const struct freshness *fresh, int64_t ttl_ms,
    const struct policy_request *request, const struct policy_opts *opts);

/* Status codes and failures after which a stale copy may step in. */
bool policy_is_failure(int status); /* 500 502 503 504 */

/* Build the object that a 304 makes of a stored one (RFC 9111 3.2, 4.3.4):
 * its fields replace the stored ones but those that describe the stored bytes
 * (Content-Length, Content-Encoding, Content-Range, Content-MD5, Content-
 * Digest, ETag); times and freshness anew. Gives it. */
struct object *policy_freshen(const struct object *stored,
    const struct policy_answer *answer, const struct policy_opts *opts);

/* Does the client's own copy still hold (RFC 9110 13): If-None-Match weakly
 * compared, else If-Modified-Since. Strings may be NULL. */
bool policy_not_modified(const char *if_none_match,
    const char *if_modified_since, const char *etag,
    const char *last_modified, int64_t now_s);
/* The same of an answer that is also sent in codings of ours, under tags of
 * their own (http/etag.h). *as: whose tag the client has; left alone where no
 * strong tag tells. */
bool policy_not_modified_as(const char *if_none_match,
    const char *if_modified_since, const char *etag,
    const char *last_modified, int64_t now_s, enum packing *as);

/* Vary (RFC 9111 4.1): does it say "*", what is no name, or more names than
 * are told apart? Then nobody else may have the answer. */
bool policy_varies_by_anything(const struct head *head);
/* Fill in vary and variant of an object that was asked with these request
 * fields. -1: it varies by anything, or by too much: not to be stored.
 * Accept-Encoding does not count: upstreams are always asked alike.
 * An error that may be the fault of how one client asked (all from 400 on but
 * 404, 410, 414 and 451, which speak of the address) varies by POLICY_SHAPE
 * beside: the field of that name is what the request was like. */
#define POLICY_SHAPE "(shape)"
typedef const char *(*request_field_f)(void *arg, const char *name);
CHECKED int policy_vary_set(struct object *object,
    request_field_f field, void *arg);
bool policy_vary_matches(const struct object *object,
    request_field_f field, void *arg);

/* Tags: xkey, Surrogate-Key, Cache-Tag, X-Ids-Involved, joined by spaces. */
const char *policy_tags(const struct head *head, struct arena *arena);

#endif
