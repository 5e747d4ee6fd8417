/* fetch/wire.c - what is said to the upstream, and the life of a wire
 *
 * What the socket has not taken yet lies in `out`. No more is asked for while
 * something is there, so it is bounded by a piece, or by the request. */
#include "fetch/wirelife.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/counter.h"
#include "base/mem.h"
#include "fetch/request.h"

enum { REQUEST_MAX = 1 << 20 };

void
wire_finish(struct wire *wire, enum outcome outcome, const char *why)
{
	struct transfer *t = wire->t;

	if (why)
		err_set(&t->err, "%s", why);
	transfer_judge(t, outcome);
	transfer_finish(t);
}

/* ---- sending ---- */

/* What the client says, if there is more of it now. */
static bool
fill(struct wire *wire)
{
	struct transfer *t = wire->t;
	char piece[WIRE_PIECE];
	ssize_t got;

	if (wire->reading.stage != READING_TUNNEL || wire->write_ended)
		return false;
	got = flow_read(&wire->said, piece, sizeof(piece));
	if (got > 0) {
		counter_add(COUNT_TUNNEL_UP, got);
		if (buf_add(&wire->out, piece, (size_t)got) == 0)
			return true;
		err_set(&t->err, "no memory for it");
		transfer_judge(t, FETCH_BROKEN);
	} else if (got == FLOW_BROKEN) {
		err_set(&t->err, "the client left");
		transfer_judge(t, FETCH_LEFT);
	} else if (got == FLOW_END) {
		wire->write_ended = true;
		flow_leave(&wire->said);
		t->progress_ms = engine_now_ms();
		if (!wire->is_tls)
			(void)shutdown(wire->fd, SHUT_WR);
	}
	return false;
}

/* So many bytes; 0: it would wait; BROKE. */
static ssize_t
give(struct wire *wire, const char *bytes, size_t len)
{
	struct transfer *t = wire->t;
	size_t sent = 0;
	ssize_t got;
	CURLcode code;

	if (!wire->is_tls) {
		do
			got = send(wire->fd, bytes, len, MSG_NOSIGNAL);
		while (got < 0 && errno == EINTR);
		if (got >= 0)
			return got;
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return 0;
		err_set(&t->err, "%s", strerror(errno));
		return BROKE;
	}
	code = curl_easy_send(t->easy, bytes, len, &sent);
	if (code == CURLE_OK)
		return (ssize_t)sent;
	if (code == CURLE_AGAIN)
		return 0;
	err_set(&t->err, "%s", curl_easy_strerror(code));
	return BROKE;
}

/* False: it would wait, is lost, or has a verdict. */
static bool
send_out(struct wire *wire)
{
	struct transfer *t = wire->t;
	size_t left = wire->out.len - wire->out_at;
	ssize_t sent = give(wire, wire->out.data + wire->out_at, left);

	if (sent == 0)
		return false;
	if (sent < 0 && wire->reading.stage == READING_HEAD) {
		wire->is_lost = wire_is_unanswered(wire);
		if (!wire->is_lost)
			transfer_judge(t, FETCH_BROKEN);
		return false;
	}
	if (sent < 0) {
		/* It may have answered before it closed. */
		wire->write_ended = true;
		sent = (ssize_t)left;
		flow_leave(&wire->said);
	}
	t->progress_ms = engine_now_ms();
	wire->out_at += (size_t)sent;
	if (wire->out_at == wire->out.len) {
		buf_clear(&wire->out);
		wire->out_at = 0;
	}
	return true;
}

/* False: this wire is gone. */
static bool
write_all(struct wire *wire)
{
	struct transfer *t = wire->t;
	unsigned pieces = 0;

	while (wire->out.len > 0 || fill(wire)) {
		if (++pieces > WIRE_PIECES_MAX) {
			flight_wake(t->flight, WAKE_BODY);
			break;
		}
		if (!send_out(wire))
			break;
	}
	if (wire->is_lost)
		transfer_again(t);
	else if (t->has_verdict)
		transfer_finish(t);
	else
		return true;
	return false;
}

/* ---- both ---- */

static void
watch(struct wire *wire)
{
	struct engine *engine = engine_of(wire);
	uint32_t events = 0;

	if (!wire->read_ended && !wire->t->waits_room)
		events |= EPOLLIN;
	if (wire->out.len > 0)
		events |= EPOLLOUT;
	if (events == wire->watched)
		return;
	wire->watched = events;
	wires_watch(&engine->wires, engine->epoll_fd, wire, wire->fd, events);
}

void
wire_event(struct wire *wire)
{
	if (!wire->t->waits_room && !wire_read(wire))
		return;
	if (write_all(wire))
		watch(wire);
}

void
wire_wake(struct wire *wire, unsigned why)
{
	struct transfer *t = wire->t;

	if (why & WAKE_ROOM && calls_flush(t)) {
		t->waits_room = false;
		if (!wire_read(wire))
			return;
	}
	if (t->has_verdict)
		transfer_finish(t);
	else if (write_all(wire))
		watch(wire);
}

/* ---- the clock ---- */

bool
wire_is_tunnel(const struct wire *wire)
{
	return wire->reading.stage == READING_TUNNEL;
}

uint64_t
wire_look(struct wire *wire, uint64_t now_ms)
{
	struct transfer *t = wire->t;
	uint32_t idle = opts_of(t)->upgrade_idle_ms;
	uint32_t half = wire->is_tls ? UNTOLD_MS : HALF_CLOSED_MS;

	if (wire->write_ended && idle > half)
		idle = half;
	if (now_ms < t->progress_ms + idle)
		return t->progress_ms + idle;
	if (!wire->write_ended)
		counter_up(COUNT_TUNNEL_IDLE);
	wire_finish(wire, FETCH_OK, NULL);
	return 0;
}

/* ---- life ---- */

bool
wire_is_for(const struct errand *errand, const struct upstream *place)
{
	return errand->upgrade ||
	       (errand_is_safe(errand) && strcmp(place->scheme, "http") == 0);
}

/* What libcurl lets go of is closed, but for what was taken over. */
static int
on_close(void *arg, curl_socket_t fd)
{
	const struct engine *engine = arg;

	return fd == engine->taken_fd ? 0 : close(fd);
}

void
wire_prepare(struct transfer *t)
{
	curl_easy_setopt(t->easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, 1L);
	/* Else it is closed as soon as it is there. */
	curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, 0L);
	curl_easy_setopt(
	    t->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(t->easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	curl_easy_setopt(t->easy, CURLOPT_CLOSESOCKETDATA, t->flight->engine);
}

static struct wire *
wire_new(struct transfer *t, int fd)
{
	struct wire *wire = mem_new(sizeof(*wire));

	wire->t = t;
	wire->fd = fd;
	wire->is_tls = strcmp(t->flight->server->place->scheme, "https") == 0;
	reading_init(&wire->reading, &t->ingest, WIRE_PIECE);
	buf_init(&wire->out, REQUEST_MAX);
	return t->wire = wire;
}

/* From here on libcurl has no part in it. */
static void
take_over(struct wire *wire)
{
	struct engine *engine = engine_of(wire);

	engine->taken_fd = wire->fd;
	transfer_leave_curl(wire->t);
	engine->taken_fd = -1;
}

static void
begin(struct wire *wire)
{
	struct transfer *t = wire->t;

	if (request_write(
		&wire->out, t->flight->errand, t->flight->server->place) != 0) {
		wire_finish(
		    wire, FETCH_BROKEN, "a request that cannot be sent");
		return;
	}
	if (write_all(wire))
		watch(wire);
}

void
wire_open(struct transfer *t)
{
	struct wire *wire = wire_new(t, -1);
	curl_socket_t fd = CURL_SOCKET_BAD;

	if (curl_easy_getinfo(t->easy, CURLINFO_ACTIVESOCKET, &fd) !=
		CURLE_OK ||
	    fd == CURL_SOCKET_BAD) {
		wire_finish(wire, FETCH_BROKEN, "the connection is gone");
		return;
	}
	wire->fd = fd;
	if (!wire->is_tls)
		take_over(wire);
	begin(wire);
}

bool
wire_resume(struct transfer *t)
{
	struct engine *engine = t->flight->engine;
	int fd = t->flight->errand->upgrade
		     ? -1
		     : kept_take(&engine->kept, t->flight->server->place,
			   dial_address(&t->dial), engine_now_ms());
	struct wire *wire;

	if (fd < 0)
		return false;
	wire = wire_new(t, fd);
	wire->was_kept = true;
	wire->watched = EPOLLIN;
	wires_put(&engine->wires, wire, fd);
	begin(wire);
	return true;
}

void
wire_close(struct wire **wire)
{
	struct wire *gone = *wire;
	struct engine *engine;

	if (!gone)
		return;
	engine = engine_of(gone);
	if (gone->fd >= 0)
		wires_forget(&engine->wires, engine->epoll_fd, gone->fd);
	if (gone->fd >= 0 && !gone->is_tls)
		close(gone->fd);
	flow_leave(&gone->said);
	reading_fini(&gone->reading);
	buf_fini(&gone->out);
	mem_free(wire);
}
