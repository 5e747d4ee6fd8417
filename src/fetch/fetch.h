/* fetch/fetch.h - getting things: one question in the air, many who wait
 *
 * The objects:
 *   errand   one question as it will be sent, and what to do with its answer;
 *            made by the asker, taken by the engine
 *   answer   what came: head, then body; counted, shared by all who waited
 *   waiter   one page's interest in an errand; embedded in the page
 *   flight   an errand in the air, with its waiters (fetch/flight.c)
 *   transfer the connection, libcurl's or our own (fetch/wire.h), or the open
 *            file that moves it
 *   engine   one thread with a curl multi loop; owns its flights, so joining
 *            one needs no lock. Upstreams are spread over engines by name, and
 *            themes with their files have one of their own.
 *
 * The order of events for a waiter: fetch_ask() -> exactly one on_event().
 * From fetch_ask() until on_event() the page is the engine's. Hooks and events
 * run on the engine's thread and must not block: they post.
 *
 * What may be believed of an answer is decided here (fetch/ingest.c): a head
 * that ended, one framing, sane fields, a body as long as it said, decoded
 * within limits. Anything else is FETCH_MALFORMED or FETCH_BROKEN, and nothing
 * of it is stored. */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/flow.h"
#include "base/inbox.h"
#include "cache/key.h"
#include "http/head.h"
#include "upstream/pool.h"
#include "upstream/resolver.h"
#include "upstream/upstream.h"

struct fetch; /* the module: all engines */

struct fetch_opts {
	unsigned engines;        /* for upstreams: 2 */
	uint32_t misses_max;     /* in flight in all: 4,000 */
	uint32_t head_max;       /* bytes of an answer's head: 256 KiB */
	uint32_t fields_max;     /* fields of it: 200 */
	unsigned decode_ratio;   /* 200 */
	uint32_t window;         /* bytes between two sides of a stream: 256 KiB*/
	struct resolver *resolver; /* borrowed */
	/* Addresses that an upstream may not have (an include or asset of a
	 * page's choosing): true refuses. May be NULL. */
	bool (*forbidden)(const struct upstream *upstream,
	    const char *address);
};

CHECKED int fetch_start(struct fetch **out, const struct fetch_opts *opts,
    struct err *err);
/* Fail what is in the air (FETCH_STOPPED to every waiter), end the threads. */
void fetch_stop(struct fetch **fetch);

enum outcome {
	FETCH_OK,
	FETCH_NO_ADDRESS,   /* the name gives none, and none was ever good */
	FETCH_REFUSED,      /* connection refused, unreachable, forbidden */
	FETCH_CONNECT_LATE, /* connect_timeout */
	FETCH_HEAD_LATE,    /* first_byte_timeout */
	FETCH_LATE,         /* total_timeout */
	FETCH_STALLED,      /* upload_stall_timeout */
	FETCH_BROKEN,       /* reset, or ended before its end */
	FETCH_MALFORMED,    /* not to be believed; also TLS trouble */
	FETCH_TOO_MANY,     /* over misses_max of the upstream or in all, or
	                     * over queue_max */
	FETCH_NO_SLOT,      /* queue_timeout */
	FETCH_NO_SERVER,    /* all are taken out, or a probe found them down */
	FETCH_LEFT,         /* all who waited left */
	FETCH_KILLED,       /* by the operator */
	FETCH_STOPPED,      /* livery is leaving */
};
const char *outcome_word(enum outcome outcome); /* "timeout", "refused"... */
const char *outcome_error(enum outcome outcome); /* RFC 9209 2.3's word */
/* 502, 503 or 504, for who has no stale copy. */
int outcome_status(enum outcome outcome);

/* What came. All fields but refs are written by the engine before the event
 * that shows them. After EVENT_HEAD how it ends is told by the flow alone:
 * outcome, reason and made are then the engine's and on_end's, until that
 * was called. */
struct answer {
	_Atomic unsigned refs;
	struct arena *arena;
	enum outcome outcome;
	char reason[200];     /* for people; "" when FETCH_OK */
	int status;           /* 0 when no head came */
	struct head head;     /* end-to-end fields only; Content-Encoding and
	                       * Content-Length gone where it was decoded */
	int64_t length;       /* of the body as it will be read; -1 unknown */
	int64_t asked_ms, answered_ms; /* wall clock */
	uint32_t cost_ms;     /* until the end, or the head if streamed */
	struct flow *flow;    /* the body; NULL when no head came */
	bool decoded;         /* the body was compressed and is not now */
	bool close_delimited; /* its end is where the connection closed */
	const char *unstored; /* on_head's: why it is not kept, or NULL */
	char server[TAG_LEN + 1]; /* the tag of who was asked; "": nobody */
	void *made;           /* what on_end made of it (an object) ... */
	void (*made_free)(void *); /* ... freed with the answer */
	/* What on_more made of it, for one of those who wait, who takes it out;
	 * what is left is freed with the answer. */
	_Atomic(void *) ahead;
	void (*ahead_free)(void *);
};
struct answer *answer_ref(struct answer *answer);
void answer_unref(struct answer **answer);

/* What to do with the body, decided when the head is there. */
enum plan {
	PLAN_GATHER,       /* keep it to its end; everyone waits and shares */
	PLAN_GATHER_ALONE, /* keep it to its end, for the first waiter; the
	                    * others are released to ask for themselves */
	PLAN_SHARE,        /* keep it, and all read it while it arrives */
	PLAN_STREAM,       /* pass it through, for the first waiter alone */
};

struct errand {
	struct inbox_item item;    /* the engine's */
	struct arena *arena;       /* of all texts here; dies with it */
	const char *method;
	const char *target;        /* sent as it stands: /path?query, with
	                            * the upstream's prefix in front of it */
	const char *host;          /* the Host field; NULL: upstream's own */
	struct head fields;        /* all others, end-to-end, as they go out */
	struct flow *body;         /* or NULL; counted by the errand */
	int64_t body_len;          /* -1: unknown, sent chunked */
	bool upgrade;              /* to WebSocket; fields has the key. body is
	                            * what is said once the answer is 101, and
	                            * its flow what is answered (fetch/wire.h) */
	struct upstream *upstream; /* counted by the errand */
	struct pool_ask ask;       /* for which of its servers; url_hash 0:
	                            * that of the target */
	uint32_t patience_ms;      /* instead of first_byte_timeout and
	                            * total_timeout; 0: those */
	struct key key;            /* who asks the same joins; len 0: never;
	                            * its text is copied by fetch_ask() */
	bool outlives;             /* goes on when nobody waits any more, until
	                            * the head shows that it cannot be stored */
	bool decode;               /* decode the body (else as it comes); on_head
	                            * may still say no */
	uint64_t keep_max;         /* bytes gathered at most; past it all who
	                            * wait get EVENT_HEAD with `oversize` */
	bool is_theme;             /* counts and runs on the themes' engine */
	/* Somebody else asks the same: must he not have the answer to this
	 * one? Then nobody joins it any more. May be NULL. */
	bool (*is_over)(struct errand *errand);
	/* Nobody asks the same at this moment, but somebody may have a moment
	 * ago, after the asker had looked. True: what came then is the answer
	 * (status and made are set); nothing is sent, and no other hook but
	 * on_free is called. May be NULL. */
	bool (*on_ask)(struct errand *errand, struct answer *answer);
	/* The head is there: what now? Not called when there is none. */
	enum plan (*on_head)(struct errand *errand, struct answer *answer);
	/* More of a gathered body is in answer->flow, `arrived` bytes in all, and
	 * somebody waits for it. Must cost nothing much. May be NULL. */
	void (*on_more)(struct errand *errand, struct answer *answer,
	    uint64_t arrived);
	/* A gathered or shared body is whole, or it failed (outcome): store it,
	 * set answer->made. Always called, once, before the waiters' events of
	 * PLAN_GATHER*; with PLAN_STREAM after the end. May be NULL. */
	void (*on_end)(struct errand *errand, struct answer *answer);
	/* Called when the engine is done with it; frees what hangs on arg. */
	void (*on_free)(struct errand *errand);
	void *arg;
};
struct errand *errand_new(void); /* empty, with an arena */
void errand_free(struct errand **errand);
/* GET, HEAD, OPTIONS, TRACE (RFC 9110 9.2.1), and without a body. */
bool errand_is_safe(const struct errand *errand);
/* What it shows may count for all that comes on its connection from then on
 * (NTLM, Negotiate: RFC 4559 6), so nobody else may go on there. */
bool errand_binds_connection(const struct errand *errand);

enum event {
	EVENT_DONE,   /* the whole body is there (flow_flatten, or made) */
	EVENT_HEAD,   /* the head is there; read the flow as it comes: join it
	               * in the callback */
	EVENT_FAILED, /* no answer; outcome and reason say why */
	EVENT_ALONE,  /* this one cannot be shared: ask for yourself */
	EVENT_LATE,   /* late_at passed; the flight goes on without you, as if
	               * it had `outlives` */
};

struct waiter {
	struct inbox_item item; /* the engine's */
	/* set by the asker */
	uint64_t late_at_ms;    /* clock_mono_us() / 1000; 0: never late */
	/* Set by anybody to make the waiter leave (client gone, killed); seen
	 * within 100 ms. Answered with EVENT_FAILED, FETCH_LEFT/KILLED. */
	const _Atomic bool *gone;
	/* answer is borrowed: ref it to keep it. NULL with EVENT_LATE and
	 * EVENT_ALONE. leader: yours is the errand that was sent. oversize: you
	 * waited for the whole body, which passed keep_max. */
	void (*on_event)(struct waiter *waiter, enum event event,
	    struct answer *answer);
	bool leader, oversize;
	/* the engine's */
	struct waiter *next;
	struct errand *errand;
};

/* Ask. Takes *errand. waiter NULL: a refresh that nobody waits for (dropped
 * when the same is in the air already). Any thread. */
void fetch_ask(struct fetch *fetch, struct errand **errand,
    struct waiter *waiter);

#endif
