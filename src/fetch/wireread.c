/* fetch/wireread.c - what the upstream says, until it would wait
 *
 * What the socket gave is read by fetch/reading.h where it was received. What
 * of it nobody has taken is a line of the head that is not whole, or what the
 * answer's flow had no room for. No more is asked for while the flow has none,
 * so it is bounded by a piece. */
#include "fetch/wirelife.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/counter.h"

/* ---- the end ---- */

/* For the next question to this server, if that would be read as it was meant
 * (RFC 9112 9.3). */
static void
keep(struct wire *wire)
{
	struct transfer *t = wire->t;
	struct engine *engine = engine_of(wire);

	if (wire->is_tls || t->flight->errand->upgrade ||
	    !reading_may_be_followed(&wire->reading) || wire->read_ended ||
	    wire->out.len > 0 || wire->watched != EPOLLIN ||
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
	enum outcome outcome = FETCH_OK;

	if (wire->reading.stage != READING_TUNNEL)
		outcome = reading_end(&wire->reading, &t->err);
	if (outcome == FETCH_OK)
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

	wire->said.on_pause = nothing;
	wire->said.on_resume = on_said;
	wire->said.arg = flight;
	flight_settle(flight);
	engine_look_at(flight->engine, engine_now_ms() + LOOK_EVERY_MS);
	return flight->errand->body &&
	       flow_join(flight->errand->body, &wire->said);
}

static bool
on_line(void *arg, char *line, size_t len)
{
	struct wire *wire = arg;
	struct transfer *t = wire->t;

	if (calls_line(t, line, len) == 0)
		return false;
	if (!t->ingest.has_head || t->flight->answer->status != 101 ||
	    begin_tunnel(wire))
		return true;
	err_set(&t->err, "nobody waits for it");
	transfer_judge(t, FETCH_LEFT);
	return false;
}

/* ---- what follows it ---- */

/* Into the answer's flow. */
static bool
on_body(void *arg, char *bytes, size_t len)
{
	struct wire *wire = arg;

	if (calls_body(wire->t, bytes, len) != len)
		return false;
	if (wire->reading.stage == READING_TUNNEL)
		counter_add(COUNT_TUNNEL_DOWN, (int64_t)len);
	return true;
}

/* As much as there is room for. False: no more, or a verdict. */
static bool
take(struct wire *wire)
{
	static const struct reading_ops ops = {on_line, on_body};
	struct transfer *t = wire->t;

	switch (reading_take(&wire->reading, &ops, wire, &t->err)) {
	case READING_ON:
		return true;
	case READING_REFUSED:
		break;
	case READING_BAD_HEAD:
		transfer_judge(t, FETCH_MALFORMED);
		break;
	case READING_BAD_BODY:
		transfer_judge(t, FETCH_BROKEN);
		break;
	}
	return false;
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
	if (reading_put(&wire->reading, piece, len, &t->err) == 0)
		return true;
	transfer_judge(t, FETCH_BROKEN);
	return false;
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
	if (got == BROKE && wire->reading.stage != READING_TUNNEL)
		transfer_judge(wire->t, FETCH_BROKEN);
	else
		wire->read_ended = true;
	return false;
}

/* What nobody has taken outlives the piece that it came in. */
static bool
stow(struct wire *wire)
{
	struct transfer *t = wire->t;

	if (reading_stow(&wire->reading, &t->err) != 0)
		transfer_judge(t, FETCH_BROKEN);
	return !t->has_verdict;
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
	if (reading_is_whole(&wire->reading) ||
	    (wire->read_ended &&
		(reading_is_empty(&wire->reading) ||
		    wire->reading.stage == READING_HEAD))) {
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
		if (!take(wire))
			break;
		if (reading_is_whole(&wire->reading) || wire->read_ended)
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
