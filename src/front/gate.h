/* front/gate.h - which requests may enter at all
 *
 * libmicrohttpd 0.9.75 lets through what two servers can read in two ways:
 * several lengths, unknown codings, folded fields glued onto names, NUL, line
 * ends without CR, odd versions. Here every field is looked at once, and what
 * is not plain is refused, with a status, before anything else happens.
 *
 * Folding, NUL and bare line feeds show in the place of the texts only: 0.9.75
 * cuts its read buffer in place, so a canonical request's words lie one behind
 * the other, each end two NULs (it was CRLF) apart from the next begin. */
#ifndef FRONT_GATE_H
#define FRONT_GATE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>
#include "http/head.h"

enum { GATE_HOST_MAX = 255 };

struct gate_opts {
	uint32_t request_line_max, fields_max, head_max;
	uint64_t body_max; /* 0: no limit */
};

/* What is read off a request on the way. Texts are the connection's, valid
 * until the request is completed, at the same place. */
struct gate {
	const struct gate_opts *opts;
	const char *method, *version;
	const char *target; /* as it came, then origin form */
	size_t target_len;
	struct head fields;  /* arena NULL: the caller's array of fields_max */
	size_t host_len;     /* 0: none, in HTTP/1.0 */
	bool is_absolute;    /* host is the target's */
	int64_t body_len;    /* 0: none, -1: chunked */
	bool is_odd;	     /* not canonical: close after the answer */
	bool expects;	     /* Expect: 100-continue */
	bool has_forwarding; /* X-Forwarded-For, Forwarded or Via */
	bool has_proto;	     /* X-Forwarded-Proto */
	/* Found on the way, or NULL */
	const char *cookie, *authorization, *cache_control, *pragma, *range;
	const char *if_none_match, *if_modified_since, *if_range;
	const char *accept_encoding, *referer, *user_agent, *upgrade;
	bool is_conditional_else, is_script, livery_off;
	const char *why; /* of a refusal, for the log and the answer */
	/* within gate_check() */
	const char *next; /* where the next word must begin; NULL: unknown */
	size_t head_len;
	unsigned lengths, codings, hosts;
	struct arena *scrap; /* made when something must be rewritten */
	/* Stays from request to request: as long as the same comes again it
	 * need not be looked at again. */
	char host[GATE_HOST_MAX + 1]; /* lower case */
	size_t known_host_len;
};

/* Forget the last request, but for its host. */
void gate_clear(struct gate *gate);

/* Read the request's fields; 0, or the status to refuse it with (why is
 * set). opts, method, version, target (a copy of what stood at raw_target in
 * libmicrohttpd's buffer) and fields with their room are the caller's; all else
 * is clear. */
int gate_check(struct gate *gate, struct MHD_Connection *connection,
    const char *raw_target);

#endif
