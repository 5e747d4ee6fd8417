/* fetch/wirelife.h - a wire from the inside: wire.c, wireread.c
 *
 *   wireread.c  what the upstream says, received for reading.h, and the end
 *   wire.c      what is said to it, and the life of a wire
 *
 * All of it is the engine's thread's. */
#ifndef FETCH_WIRELIFE_H
#define FETCH_WIRELIFE_H

#include <sys/types.h>
#include "fetch/reading.h"
#include "fetch/wire.h"

enum {
	WIRE_PIECE = 16 << 10,
	WIRE_PIECES_MAX = 4, /* in a row: others wait */
};

/* Beside numbers of bytes. */
enum { BROKE = -1, NONE_NOW = -2 };

struct wire {
	struct transfer *t;
	int fd;
	uint32_t watched;
	bool was_kept;	/* it had another answer before */
	bool is_lost;	/* it was, and was closed before a byte of this one */
	struct reading reading;
	struct buf out;
	size_t out_at;
	bool read_ended;  /* the upstream says no more */
	bool write_ended; /* nor does the client */
	bool is_tls;
	struct flow_reader said; /* what the client says */
};

static inline struct engine *
engine_of(const struct wire *wire)
{
	return wire->t->flight->engine;
}

/* It was closed while it was kept, or for that it was asked on at all: what is
 * safe may be asked again (RFC 9110 9.2.2). */
static inline bool
wire_is_unanswered(const struct wire *wire)
{
	return wire->was_kept && wire->reading.stage == READING_HEAD &&
	       wire->t->ingest.head_bytes == 0 &&
	       reading_is_empty(&wire->reading);
}

/* wire.c: it ends the flight. */
void wire_finish(struct wire *wire, enum outcome outcome, const char *why);

/* wireread.c: all that is there and that there is room for. False: this wire is
 * gone. */
bool wire_read(struct wire *wire);

#endif
