/* fetch/transferlife.h - a transfer from the inside: transfer.c, calls.c,
 * deadline.c
 *
 *   transfer.c   from the name to the last byte: dialling, wakes, the end
 *   calls.c   what libcurl calls while it moves the head and the bodies
 *   deadline.c   when it has taken too long
 *   wire.c       a connection without libcurl's HTTP (wire.h)
 *
 * All of it is the engine's thread's. */
#ifndef FETCH_TRANSFERLIFE_H
#define FETCH_TRANSFERLIFE_H

#include <curl/curl.h>
#include "fetch/dial.h"
#include "fetch/ingest.h"
#include "fetch/transfer.h"
#include "fetch/upload.h"

struct transfer {
	struct mover mover;
	struct flight *flight;
	CURL *easy;
	bool by_wire; /* fetch/wire.h asks, libcurl only connects */
	bool asks_anew; /* not on a kept connection */
	bool in_multi, watched;
	struct curl_slist *fields, *connect_to;
	struct ingest ingest;
	struct dial dial;
	struct upload upload;
	struct wire *wire; /* once it is connected, of an upgrade; or NULL */
	/* the answer's body */
	bool waits_room; /* curl's receiving is paused */
	enum flow_took took;
	struct buf spill;
	size_t spilled; /* of it, what the flow has taken */
	/* how it ends */
	bool has_verdict; /* ours; curl's code is of no interest then */
	bool is_over;	  /* ended, but for what is spilled */
	enum outcome verdict;
	struct err err;
	char words[CURL_ERROR_SIZE]; /* libcurl's */
	/* real monotonic; 0: none */
	uint64_t first_byte_at_ms, total_at_ms, progress_ms;
};

static inline const struct upstream_opts *
opts_of(const struct transfer *t)
{
	return &t->flight->errand->upstream->opts;
}

/* transfer.c */
/* The first verdict is the one that counts; the end follows. */
void transfer_judge(struct transfer *t, enum outcome verdict);
/* Now, with what t->err says. It frees the transfer. */
void transfer_end(struct transfer *t, enum outcome outcome);

/* libcurl has done its part: its handle goes, not its socket if that was
 * taken over. */
void transfer_leave_curl(struct transfer *t);
/* The kept connection was a dead one: ask on a new one. It may end the
 * flight. */
void transfer_again(struct transfer *t);
/* It is over, by the verdict: now, or when the rest of the body has room. */
void transfer_finish(struct transfer *t);

/* calls.c: libcurl's callbacks are set. They only take and give bytes and
 * note a verdict. */
void calls_set(struct transfer *t);
/* A line of the head, and bytes of the body, as libcurl's callbacks get and
 * answer them; wire.c calls them too. */
size_t calls_line(struct transfer *t, char *line, size_t len);
size_t calls_body(struct transfer *t, char *bytes, size_t len);
/* What was decoded and found no room goes into the flow. False: some of it is
 * still there, and WAKE_ROOM comes. */
bool calls_flush(struct transfer *t);

/* deadline.c */
/* first_byte_timeout, or what the errand has instead. */
uint32_t deadline_first_byte_ms(const struct transfer *t);
void deadline_set(struct transfer *t);
/* For mover_ops.look. */
uint64_t deadline_look(struct mover *mover, uint64_t now_ms);

#endif
