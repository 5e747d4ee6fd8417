/* fetch/ingest.h - which answers may be believed
 *
 * Reads an answer's head line by line, as it came, and its body through our
 * own decoders. libcurl calls many things "ok" that are not: a head that was
 * cut, two lengths, a truncated gzip, a 101 that nobody asked for. Whatever
 * passes here has one framing, sane fields within limits, and a body as long
 * as it said. No I/O; one thread. */
#ifndef FETCH_INGEST_H
#define FETCH_INGEST_H

#include "fetch/fetch.h"
#include "http/coding.h"

enum { INTERIM_MAX = 10 }; /* answers 1xx before the final one */

struct ingest_opts {
	uint32_t head_max, fields_max;
	unsigned decode_ratio;
	bool decode;
	bool is_head; /* HEAD was asked: no body, whatever the fields say */
	bool is_range; /* a range was asked for: else no 206 may come */
	bool may_be_http2; /* it was offered */
	const char *key; /* WebSocket was asked for, with this; or NULL */
};

struct ingest {
	struct ingest_opts opts;
	struct answer *answer; /* borrowed; its head is filled in */
	struct decoder *decoder;
	const char *coding; /* that is being decoded */
	bool left_coded;    /* ... and checked only */
	unsigned interim;
	uint64_t head_bytes;
	bool in_head;  /* after a status line, before its blank line */
	bool has_head; /* the final head is whole */
	bool has_body; /* by status and method */
	bool http10, http2;
	bool closes; /* no other question may go on this connection */
	int64_t expected;  /* Content-Length as sent; -1: none */
	uint64_t received; /* body bytes as sent */
};

void ingest_init(struct ingest *ingest, const struct ingest_opts *opts,
    struct answer *answer);
void ingest_fini(struct ingest *ingest);

enum ingested {
	INGEST_MORE, /* go on */
	INGEST_HEAD, /* that was the blank line: answer is filled in */
	INGEST_BAD,  /* not to be believed; err says why */
};
/* One line of a head with its line end. Lines after the final head are
 * trailers, which are dropped: a Set-Cookie there is nobody's. */
enum ingested ingest_line(
    struct ingest *ingest, const char *line, size_t len, struct err *err);

/* The body is not to be decoded after all (it passes through to somebody who
 * reads its coding): the answer's fields are as they were sent, and its bytes
 * are only checked to be what their coding says; their length is not said, so
 * that a coding which breaks off can be told. Before the first body byte. */
void ingest_leave_coded(struct ingest *ingest);
/* The sink gets other bytes than came. */
bool ingest_is_decoding(const struct ingest *ingest);

/* Body bytes as they came; decoded ones go to sink (see decoder_feed). What a
 * sink refuses of a body that is not decoded does not count as received: it
 * may come again. */
CHECKED int ingest_body(struct ingest *ingest, const void *bytes, size_t len,
    int (*sink)(void *arg, const void *bytes, size_t len), void *arg,
    struct err *err);
/* The connection says that this was all: FETCH_OK, _BROKEN or _MALFORMED. */
enum outcome ingest_end(struct ingest *ingest, struct err *err);
/* As many bytes came as the head said, so that what happens after is of no
 * interest. */
bool ingest_is_whole(const struct ingest *ingest);

#endif
