/* fetch/calls.c - what libcurl calls: the head, and bytes both ways
 *
 * No callback may call curl back. Decoded bytes that the flow has no room for
 * wait in `spill`, and no more are taken from the socket until it is empty. */
#include "fetch/transferlife.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/counter.h"
#include "base/window.h"

enum { SPILL_PIECE = 64 << 10 };

/* ---- the head ---- */

static bool
head_is_whole(struct transfer *t)
{
	dial_answered(&t->dial);
	if (!flight_head(t->flight)) {
		err_set(&t->err, "nobody waits for it");
		transfer_judge(t, FETCH_LEFT);
		return false;
	}
	/* libcurl stops sending by itself then, but not when it is paused. */
	if (t->upload.goes && t->flight->answer->status >= 300)
		flight_wake(t->flight, WAKE_BODY);
	return true;
}

static void
finish_early(struct transfer *t)
{
	if (!t->upload.goes || !ingest_is_whole(&t->ingest))
		return;
	transfer_judge(t, FETCH_OK);
	flight_wake(t->flight, WAKE_BODY);
}

size_t
calls_line(struct transfer *t, char *line, size_t len)
{
	if (t->has_verdict)
		return t->verdict == FETCH_OK ? len : 0;
	t->progress_ms = engine_now_ms();
	switch (ingest_line(&t->ingest, line, len, &t->err)) {
	case INGEST_MORE:
		return len;
	case INGEST_HEAD:
		if (!head_is_whole(t))
			return 0;
		finish_early(t);
		return len;
	case INGEST_BAD:
		break;
	}
	transfer_judge(t, FETCH_MALFORMED);
	return 0;
}

/* libcurl would keep a connection on which more of the answer may come, which
 * could not be told from the next one. */
static size_t
on_header(char *line, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;
	size_t took = calls_line(t, line, size * count);

	if (t->ingest.has_head && t->ingest.closes && !t->ingest.http2)
		curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, 1L);
	return took;
}

/* ---- the answer's body ---- */

/* Into the flow, or into the spill behind what lies there. */
static int
sink(void *arg, const void *bytes, size_t len)
{
	struct transfer *t = arg;

	if (t->spill.len == 0) {
		t->took = flight_write(t->flight, bytes, len);
		if (t->took != FLOW_FULL)
			return t->took == FLOW_TOOK ? 0 : -1;
		if (!ingest_is_decoding(&t->ingest))
			return -1;
	}
	return buf_add(&t->spill, bytes, len);
}

/* False: some of it is still there, and WAKE_ROOM comes. */
bool
calls_flush(struct transfer *t)
{
	size_t left, piece;

	while ((left = t->spill.len - t->spilled) > 0) {
		piece = left < SPILL_PIECE ? left : SPILL_PIECE;
		switch (flight_write(
		    t->flight, t->spill.data + t->spilled, piece)) {
		case FLOW_TOOK:
			t->spilled += piece;
			break;
		case FLOW_FULL:
			return false;
		default:
			err_set(&t->err, "nobody reads it");
			t->has_verdict = true;
			t->verdict = FETCH_LEFT;
			t->spilled = t->spill.len;
			break;
		}
	}
	buf_fini(&t->spill);
	t->spilled = 0;
	return true;
}

static size_t
wait_for_room(struct transfer *t)
{
	t->waits_room = true;
	return CURL_WRITEFUNC_PAUSE;
}

size_t
calls_body(struct transfer *t, char *bytes, size_t len)
{
	if (!calls_flush(t))
		return wait_for_room(t);
	if (t->has_verdict)
		return t->verdict == FETCH_OK ? len : 0;
	t->took = FLOW_TOOK;
	if (ingest_body(&t->ingest, bytes, len, sink, t, &t->err) != 0) {
		if (t->took == FLOW_FULL && !ingest_is_decoding(&t->ingest))
			return wait_for_room(t);
		transfer_judge(
		    t, t->took == FLOW_GONE ? FETCH_LEFT : FETCH_MALFORMED);
		return 0;
	}
	t->progress_ms = engine_now_ms();
	counter_add(COUNT_BYTES_IN, (int64_t)len);
	finish_early(t);
	return len;
}

static size_t
on_body(char *bytes, size_t size, size_t count, void *arg)
{
	return calls_body(arg, bytes, size * count);
}

/* ---- the request's body ---- */

static size_t
on_send(char *room, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;
	size_t got = upload_read(&t->upload, room, size * count, &t->err);
	uint64_t now = engine_now_ms();

	if (got == CURL_READFUNC_PAUSE)
		return got;
	if (got == CURL_READFUNC_ABORT) {
		if (!t->upload.stopped)
			transfer_judge(t, FETCH_BROKEN);
		return got;
	}
	t->progress_ms = now;
	if (!t->upload.goes && !t->first_byte_at_ms) {
		t->first_byte_at_ms = now + deadline_first_byte_ms(t);
		engine_look_at(t->flight->engine, t->first_byte_at_ms);
	}
	return got;
}

/* ---- the socket ---- */

/* libcurl would call "no descriptor left" a refusal of the upstream. */
static curl_socket_t
on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *t = arg;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
	    address->protocol);

	(void)purpose;
	if (fd >= 0) {
		window_set(fd, opts_of(t)->window);
		return fd;
	}
	err_set(&t->err, "no socket for it: %s", strerror(errno));
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
	    errno == ENOMEM)
		transfer_judge(t, FETCH_TOO_MANY);
	return CURL_SOCKET_BAD;
}

void
calls_set(struct transfer *t)
{
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
	curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->words);
	curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_READFUNCTION, on_send);
	curl_easy_setopt(t->easy, CURLOPT_READDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETDATA, t);
}
