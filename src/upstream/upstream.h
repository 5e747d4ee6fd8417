/* upstream/upstream.h - one place that pages, themes or fragments come from
 *
 * Counted; immutable but for its health, which any thread may read and the
 * owning engine writes (atomics). */
#ifndef UPSTREAM_UPSTREAM_H
#define UPSTREAM_UPSTREAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

enum upstream_form {
	UPSTREAM_HTTP,	/* http:// or https:// */
	UPSTREAM_UNIX,	/* http over a unix socket: unix:/path */
	UPSTREAM_FOLDER /* file:///path or a plain path: a static folder */
};

enum session { SESSION_OFF, SESSION_INSERT, SESSION_HASH, SESSION_CLIENT };

struct upstream_opts {
	const char *name;
	const char *url;	/* http[s]://host[:port][/prefix], unix:/path,
				 * file:///folder, or a plain path */
	const char *host;	/* what is sent as Host: NULL or "client": what
				 * the client sent; "upstream": the URL's own;
				 * else this name */
	uint32_t connect_ms;	/* connect_timeout, 3 s */
	uint32_t first_byte_ms; /* first_byte_timeout, 60 s (themes 10 s) */
	uint32_t total_ms;	/* total_timeout of GET and HEAD, 90 s. A body
				 * that passes through unkept may take as long
				 * as its reader likes: for it, and for other
				 * methods' answers, this is the longest silence
				 * of the upstream while it comes */
	uint32_t upload_stall_ms; /* upload_stall_timeout, 30 s */
	uint32_t misses_max;	  /* in flight, for this upstream: 1,000 */
	uint32_t upgrade_idle_ms; /* upgrade_idle, 60 s: a WebSocket on which
				   * nothing passes either way */
	uint32_t back_off_min_ms, back_off_max_ms; /* 1 s, 60 s */
	uint32_t failures_max; /* in a row before it counts as failing: 3; a
				* refused connection or a DNS failure counts
				* as all of them */
	/* The fields by which it is told for whom it is asked
	 * (http/forwarded.h), or "none" alone; NULL: X-Forwarded-For, -Host
	 * and -Proto. And what we call ourselves in Forwarded, or NULL. */
	const char *const *forwarding;
	const char *forwarded_by;
	const char *username, *password; /* basic authentication, or NULL;
	                                  * the asker adds the field */
	const char *ca_file;		 /* or NULL: the system's */
	bool insecure;			 /* do not verify TLS */
	const char *cert_file, *key_file; /* what we show a server that asks;
					   * key_file NULL: it is in the same
					   * file; or NULL */
	const char *tls_name; /* who the server must be, and is told that it
			       * is (SNI); NULL: the URL's host */
	bool http2; /* where the server offers it by ALPN: off */
	bool public_only; /* no private address, nor this machine's own:
			   * whoever asks is told by what was fetched */
	uint32_t window; /* on its way at a time (base/window.h), 0: any */
	bool spread; /* over all addresses of its name: on */
	bool follow; /* redirects are followed by the asker (themes)*/
	/* Several servers (upstream/member.h says how each is written) instead
	 * of url, or NULL. */
	const char *const *servers;
	unsigned balance;	  /* enum balance (upstream/pool.h) */
	uint32_t max_connections; /* at a server at a time; 0: any number */
	uint32_t queue_max;	  /* who wait for a slot: 1,000 */
	uint32_t queue_ms;	  /* queue_timeout, 30 s */
	uint32_t lane_parts, lane_long; /* of the pool's slots; 0: a quarter
					 * and half of them */
	unsigned slot_until;	 /* 0: the body's end; 1: its head */
	const char *const *long_paths; /* upstream/lane.h; or NULL */
	uint32_t long_ms; /* long_timeout of those, 10 min: instead of
			   * first_byte_ms and total_ms */
	uint32_t slow_start_ms;	 /* slow_start, 0: none */
	/* page/session.h */
	unsigned session; /* enum session */
	const char *session_cookie, *session_secret;
	/* fetch/probe.h */
	const char *probe; /* a path, or NULL */
	uint32_t probe_interval_ms, probe_ms; /* 5 s; probe_timeout 2 s */
	uint32_t probe_status;		      /* 0: any below 400 */
	uint32_t probe_fall, probe_rise;      /* 3, 2 in a row */
};
void upstream_opts_default(struct upstream_opts *opts);

struct pool;

struct upstream {
	/* immutable, for reading; with several servers the address is that of
	 * the first: it names the upstream, requests go by the pool */
	struct upstream_opts opts; /* its texts are own copies */
	enum upstream_form form;
	const char *scheme; /* "http" or "https" */
	const char *host;   /* as in the URL, brackets removed */
	uint16_t port;
	const char *path;      /* unix socket or folder */
	const char *prefix;    /* of the URL's path, without a last slash */
	const char *authority; /* host[:port] as it goes into a Host field */
	unsigned forwards;     /* the bits of opts.forwarding */
	/* shared: any thread */
	_Atomic unsigned turn; /* of its name's addresses */
	/* the rest is upstream.c's */
	struct upstream_health *health;
	struct pool *pool; /* its servers: upstream/pool.h */
};

/* Errors name the URL and what would be right. */
CHECKED int upstream_new(
    struct upstream **out, const struct upstream_opts *opts, struct err *err);
struct upstream *upstream_ref(struct upstream *upstream);
void upstream_unref(struct upstream **upstream);
bool upstream_same(const struct upstream *a, const struct upstream *b);
bool upstream_opts_same(
    const struct upstream_opts *a, const struct upstream_opts *b);

enum outcome_kind {
	OUTCOME_OK,	/* an answer came, whatever its status below 500 */
	OUTCOME_BAD,	/* 500, 502, 503, 504 */
	OUTCOME_SLOW,	/* a deadline */
	OUTCOME_BROKEN, /* reset, cut short, malformed */
	OUTCOME_DOWN,	/* refused, unreachable, no address */
	OUTCOME_LATE,	/* somebody with a stale copy waited stale_wait for it
			 * in vain; nobody else with one shall: as DOWN */
};
/* What became of one request to it. Any thread. */
void upstream_report(
    struct upstream *upstream, enum outcome_kind how, uint64_t now_ms);
/* Known to be failing: asking would be in vain. While true, one request per
 * back-off may try all the same: upstream_may_try() is true for exactly one
 * caller then, who must ask. When not failing both answer (false, true). */
bool upstream_is_failing(const struct upstream *upstream, uint64_t now_ms);
bool upstream_may_try(struct upstream *upstream, uint64_t now_ms);
/* Whether it has given a good answer to anything since then. */
bool upstream_answered_since(
    const struct upstream *upstream, uint64_t since_ms);
/* In flight; upstream_enter() is false over misses_max. */
bool upstream_enter(struct upstream *upstream);
void upstream_leave(struct upstream *upstream);
unsigned upstream_in_flight(const struct upstream *upstream);

#endif
