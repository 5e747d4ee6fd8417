/* fetch/reading.h - an answer, in whatever pieces it comes
 *
 * What an upstream says on a connection of our own: lines of the head, which
 * fetch/ingest.h judges, then a body by its length, its chunks or the end of
 * the connection, and what is behind it (RFC 9112 6.3). How the bytes were cut
 * does not matter. No I/O: who has the socket goes round
 *
 *   reading_stow()  what nobody has taken outlives its piece
 *   reading_put()   the next piece
 *   reading_take()  what is whole is handed out
 *
 * until reading_is_whole(), or the connection ends. No more is put in while
 * something is refused, so what is stowed is a line of the head that is not
 * whole, or a piece. One thread. */
#ifndef FETCH_READING_H
#define FETCH_READING_H

#include "fetch/ingest.h"
#include "http/chunked.h"

enum { HEAD_LINE_MAX = 100 << 10 }; /* as libcurl's */

enum reading_stage {
	READING_HEAD,
	READING_BODY,
	READING_TUNNEL, /* behind a 101 all is the two sides' own */
};

/* False of either: it does not go on now. Bytes are then refused, and come
 * again; a line does not. */
struct reading_ops {
	/* A line of the head with its end: for ingest_line(). */
	bool (*on_line)(void *arg, char *line, size_t len);
	/* Bytes of the body: for ingest_body(). */
	bool (*on_body)(void *arg, char *bytes, size_t len);
};

struct reading {
	struct ingest *ingest; /* borrowed */
	enum reading_stage stage;
	char *at, *end;	 /* what is not taken ... */
	bool is_stowed;	 /* ... lies in `in` */
	size_t searched; /* of it, and no line ends there */
	struct buf in;
	struct chunked chunks;
	bool is_chunked;
	bool has_excess; /* more came than the answer */
};
void reading_init(
    struct reading *reading, struct ingest *ingest, size_t piece_max);
void reading_fini(struct reading *reading);

/* Borrows the piece until reading_stow(). Only behind that, and when all that
 * was whole is taken. -1: no memory. */
CHECKED int reading_put(
    struct reading *reading, char *piece, size_t len, struct err *err);
CHECKED int reading_stow(struct reading *reading, struct err *err);

enum reading_took {
	READING_ON,	  /* more is needed, or it is whole */
	READING_REFUSED,  /* an op said false */
	READING_BAD_HEAD, /* err says why */
	READING_BAD_BODY,
};
enum reading_took reading_take(struct reading *reading,
    const struct reading_ops *ops, void *arg, struct err *err);

/* Nothing is there that was not taken. */
bool reading_is_empty(const struct reading *reading);
/* It ended where it said that it would. */
bool reading_is_whole(const struct reading *reading);
/* What is said next on the connection would be read as it was meant: this
 * answer is whole, nothing came behind it, and nobody said that the connection
 * would end (RFC 9112 9.3). */
bool reading_may_be_followed(const struct reading *reading);
/* It is whole, or the upstream says no more: FETCH_OK, _BROKEN or
 * _MALFORMED. */
enum outcome reading_end(struct reading *reading, struct err *err);

#endif
