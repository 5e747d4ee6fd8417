/* fetch/wireread.c - what the upstream says, until it would wait
 *
 * What the socket gave is looked at where it was received. What of it nobody
 * has taken then lies in `in`: a line of the head that is not whole, or what the
 * answer's flow had no room for. No more is asked for while that is there, so
 * it is bounded by a piece. */
#include "fetch/wirelife.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/counter.h"

enum { HEAD_LINE_MAX = 100 << 10 }; /* as libcurl's */

/* ---- the end ---- */

static bool
is_whole(const struct wire *wire)
{
	if (wire->stage != BODY)
		return false;
	return wire->is_chunked ? chunked_is_over(&wire->chunks)
				: ingest_is_whole(&wire->t->ingest);
}

/* For the next question to this server, if that would be read as it was meant
 * (RFC 9112 9.3). */
static void
keep(struct wire *wire)
{
	struct transfer *t = wire->t;
	struct engine *engine = engine_of(wire);

	if (wire->is_tls || t->flight->errand->upgrade || wire->has_excess ||
	    wire->at < wire->end ||
	    wire->read_ended || wire->out.len > 0 || t->ingest.closes ||
	    wire->watched != EPOLLIN ||
	    errand_binds_connection(t->flight->errand))
		return;
	wires_put(&engine->wires, NULL, wire->fd);
	kept_put(&engine->kept, t->flight->server->place,
	    dial_address(&t->dial), wire->fd, engine_now_ms());
	engine_look_at(engine, engine_now_ms() + KEPT_MAX_MS);
	wire->fd = -1;
}

/* The upstream has said all that it will. */
static void
finish_read(struct wire *wire)
{
	struct transfer *t = wire->t;
	bool whole = is_whole(wire);
	enum outcome outcome;

	if (wire->stage == TUNNEL) {
		wire_finish(wire, FETCH_OK, NULL);
		return;
	}
	if (wire->is_chunked && !whole) {
		wire_finish(wire, FETCH_BROKEN, "the chunked body broke off");
		return;
	}
	outcome = ingest_end(&t->ingest, &t->err);
	if (outcome == FETCH_OK && whole)
		keep(wire);
	wire_finish(wire, outcome, NULL);
}

/* ---- the head is there ---- */

static void
nothing(void *arg)
{
	(void)arg;
}

static void
on_said(void *arg)
{
	flight_wake(arg, WAKE_BODY);
}

static bool
begin_tunnel(struct wire *wire)
{
	struct flight *flight = wire->t->flight;

	wire->stage = TUNNEL;
	wire->said.on_pause = nothing;
	wire->said.on_resume = on_said;
	wire->said.arg = flight;
	flight_settle(flight);
	engine_look_at(flight->engine, engine_now_ms() + LOOK_EVERY_MS);
	return flight->errand->body &&
	       flow_join(flight->errand->body, &wire->said);
}

static bool
begin_body(struct wire *wire)
{
	const struct answer *answer = wire->t->flight->answer;

	wire->stage = BODY;
	wire->is_chunked = wire->t->ingest.has_body &&
			   wire->t->ingest.expected < 0 &&
			   !answer->close_delimited;
	return true;
}

/* The next line of the head; NULL: it is not whole yet, or has a verdict. */
static char *
next_line(struct wire *wire, size_t *len)
{
	struct transfer *t = wire->t;
	size_t left = (size_t)(wire->end - wire->at);
	char *line = wire->at, *end = left ? memchr(line, '\n', left) : NULL;

	*len = end ? (size_t)(end + 1 - line) : left;
	if (*len > HEAD_LINE_MAX) {
		err_set(&t->err, "a line of the head of more than %d bytes",
		    HEAD_LINE_MAX);
		transfer_judge(t, FETCH_MALFORMED);
		return NULL;
	}
	if (end)
		wire->at = end + 1;
	return end ? line : NULL;
}

/* Lines of the head, as far as they are whole. False: it has a verdict. */
static bool
take_head(struct wire *wire)
{
	struct transfer *t = wire->t;
	char *line;
	size_t len;

	while (wire->stage == HEAD) {
		line = next_line(wire, &len);
		if (!line)
			return !t->has_verdict;
		if (calls_line(t, line, len) == 0)
			return false;
		if (!t->ingest.has_head)
			continue;
		if (t->flight->answer->status != 101)
			return begin_body(wire);
		if (!begin_tunnel(wire)) {
			err_set(&t->err, "nobody waits for it");
			transfer_judge(t, FETCH_LEFT);
			return false;
		}
	}
	return true;
}

/* ---- what follows it ---- */

/* Into the answer's flow. False: nothing of it was taken, or it has a
 * verdict. */
static bool
pass(struct wire *wire, char *bytes, size_t len)
{
	if (len == 0)
		return true;
	if (calls_body(wire->t, bytes, len) != len)
		return false;
	if (wire->stage == TUNNEL)
		counter_add(COUNT_TUNNEL_DOWN, (int64_t)len);
	return true;
}

static bool
take_chunks(struct wire *wire)
{
	struct transfer *t = wire->t;
	struct chunked before;
	struct slice body;
	ssize_t took;

	while (wire->at < wire->end) {
		before = wire->chunks;
		took = chunked_take(&wire->chunks, wire->at,
		    (size_t)(wire->end - wire->at), &body);
		if (took < 0) {
			err_set(&t->err, "a body that is not chunked");
			transfer_judge(t, FETCH_BROKEN);
			return false;
		}
		if (took == 0)
			break;
		if (!pass(wire, (char *)(uintptr_t)body.from, body.len)) {
			wire->chunks = before;
			return false;
		}
		wire->at += took;
	}
	return true;
}

/* What passes the length is not this answer's, nor anybody's: no other request
 * goes on this connection. */
static bool
take_plain(struct wire *wire)
{
	const struct ingest *ingest = &wire->t->ingest;
	size_t len = (size_t)(wire->end - wire->at);
	uint64_t left = UINT64_MAX;

	if (!ingest->has_body)
		left = 0;
	else if (ingest->expected >= 0)
		left = (uint64_t)ingest->expected - ingest->received;
	wire->has_excess |= len > left;
	if (len > left)
		len = (size_t)left;
	if (!pass(wire, wire->at, len))
		return false;
	wire->at = wire->end;
	return true;
}

/* As much as there is room for. False: no more, or a verdict. */
static bool
take(struct wire *wire)
{
	bool took = take_head(wire);

	if (took && wire->stage != HEAD)
		took = wire->is_chunked ? take_chunks(wire) : take_plain(wire);
	return took;
}

/* ---- receiving ---- */

/* So many bytes; 0: the end. */
static ssize_t
receive_own(struct wire *wire, char *room, size_t max)
{
	ssize_t got;

	do
		got = recv(wire->fd, room, max, 0);
	while (got < 0 && errno == EINTR);
	if (got >= 0)
		return got;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return NONE_NOW;
	err_set(&wire->t->err, "%s", strerror(errno));
	return BROKE;
}

static ssize_t
receive_by_curl(struct wire *wire, char *room, size_t max)
{
	size_t got = 0;
	CURLcode code = curl_easy_recv(wire->t->easy, room, max, &got);

	if (code == CURLE_OK)
		return (ssize_t)got;
	if (code == CURLE_AGAIN)
		return NONE_NOW;
	err_set(&wire->t->err, "%s", curl_easy_strerror(code));
	return BROKE;
}

/* Behind what is there. */
static bool
put(struct wire *wire, char *piece, size_t len)
{
	struct transfer *t = wire->t;

	t->progress_ms = engine_now_ms();
	if (wire->at == wire->end) {
		wire->is_stowed = false;
		wire->at = piece;
		wire->end = piece + len;
		return true;
	}
	must(wire->is_stowed);
	if (buf_add(&wire->in, piece, len) != 0) {
		err_set(&t->err, "a head that is too long");
		transfer_judge(t, FETCH_MALFORMED);
		return false;
	}
	wire->at = wire->in.data;
	wire->end = wire->at + wire->in.len;
	return true;
}

/* A piece. False: there is none now, or it was the last. */
static bool
receive(struct wire *wire, char *piece, size_t max)
{
	ssize_t got = wire->is_tls ? receive_by_curl(wire, piece, max)
				   : receive_own(wire, piece, max);

	if (got > 0)
		return put(wire, piece, (size_t)got);
	if (got == NONE_NOW)
		return false;
	wire->is_lost = wire_is_unanswered(wire);
	if (wire->is_lost)
		return false;
	if (got == BROKE && wire->stage != TUNNEL)
		transfer_judge(wire->t, FETCH_BROKEN);
	else
		wire->read_ended = true;
	return false;
}

/* What nobody has taken outlives the piece that it came in. */
static bool
stow(struct wire *wire)
{
	size_t left = (size_t)(wire->end - wire->at);

	if (wire->is_stowed && left > 0) {
		memmove(wire->in.data, wire->at, left);
		wire->in.len = left;
	} else {
		buf_clear(&wire->in);
	}
	if (!wire->is_stowed && left > 0 &&
	    buf_add(&wire->in, wire->at, left) != 0) {
		err_set(&wire->t->err, "no memory for it");
		transfer_judge(wire->t, FETCH_BROKEN);
		left = 0;
	}
	wire->is_stowed = true;
	wire->at = wire->in.data;
	wire->end = left > 0 ? wire->at + left : wire->at;
	return !wire->t->has_verdict;
}

/* False: this wire is gone. */
static bool
end_reading(struct wire *wire)
{
	struct transfer *t = wire->t;

	if (wire->is_lost) {
		transfer_again(t);
		return false;
	}
	if (t->has_verdict) {
		transfer_finish(t);
		return false;
	}
	if (is_whole(wire) ||
	    (wire->read_ended &&
		(wire->at == wire->end || wire->stage == HEAD))) {
		finish_read(wire);
		return false;
	}
	return true;
}

/* False: this wire is gone. */
bool
wire_read(struct wire *wire)
{
	char piece[WIRE_PIECE];
	unsigned pieces = 0;

	for (;;) {
		if (wire->at < wire->end && !take(wire))
			break;
		if (is_whole(wire) || wire->read_ended)
			break;
		/* The socket goes on telling of what is left there; of TLS
		 * libcurl may hold some. */
		if (++pieces > WIRE_PIECES_MAX) {
			if (wire->is_tls)
				flight_wake(wire->t->flight, WAKE_ROOM);
			break;
		}
		if (!stow(wire) || !receive(wire, piece, sizeof(piece)))
			break;
	}
	(void)stow(wire);
	return end_reading(wire);
}
