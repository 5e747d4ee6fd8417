/* fetch/transfer.c - one question over HTTP, from its name to its last byte
 *
 * curl's callbacks only take and give bytes and note a verdict; what is to be
 * done about it (pausing off, ending) happens after them, in wake() and
 * transfer_ended(), where curl may be called. Decoded bytes that the flow has
 * no room for wait in `spill`, and no more are taken from the socket until it
 * is empty. */
#include "fetch/transfer.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/counter.h"
#include "base/mem.h"
#include "fetch/dial.h"
#include "fetch/ingest.h"
#include "fetch/request.h"
#include "fetch/upload.h"

enum {
	SPILL_MAX = 32 << 20, /* of what one read from the socket decodes to */
	SPILL_PIECE = 64 << 10,
};

struct transfer {
	struct mover mover;
	struct flight *flight;
	CURL *easy;
	bool in_multi, watched;
	struct curl_slist *fields, *connect_to;
	struct ingest ingest;
	struct dial dial;
	struct upload upload;
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

static void
judge(struct transfer *t, enum outcome verdict)
{
	if (t->has_verdict)
		return;
	t->has_verdict = true;
	t->verdict = verdict;
}

static const struct upstream_opts *
opts_of(const struct transfer *t)
{
	return &t->flight->errand->upstream->opts;
}

/* ---- the end ---- */

static bool
blames_upstream(const struct transfer *t, enum outcome outcome)
{
	/* A client that stopped sending is not the upstream's fault. */
	if (t->upload.waits &&
	    (outcome == FETCH_STALLED || outcome == FETCH_BROKEN))
		return false;
	return true;
}

static void
end(struct transfer *t, enum outcome outcome)
{
	flight_end(t->flight, outcome, outcome == FETCH_OK ? "" : t->err.text,
	    blames_upstream(t, outcome));
}

static void
leave_multi(struct transfer *t)
{
	if (!t->in_multi)
		return;
	t->in_multi = false;
	curl_multi_remove_handle(t->flight->engine->multi, t->easy);
	engine_count(t->flight->engine, -1);
	t->flight->engine->watched -= t->watched;
	t->watched = false;
}

static void
transfer_free(struct mover **mover)
{
	struct transfer *t = container_of(*mover, struct transfer, mover);

	*mover = NULL;
	dial_fini(&t->dial);
	leave_multi(t);
	upload_fini(&t->upload);
	if (t->easy)
		curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->fields);
	curl_slist_free_all(t->connect_to);
	ingest_fini(&t->ingest);
	buf_fini(&t->spill);
	mem_free(&t);
}

/* ---- curl calls: the head ---- */

static bool
head_is_whole(struct transfer *t)
{
	dial_answered(&t->dial);
	if (!flight_head(t->flight)) {
		err_set(&t->err, "nobody waits for it");
		judge(t, FETCH_LEFT);
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
	judge(t, FETCH_OK);
	flight_wake(t->flight, WAKE_BODY);
}

static size_t
on_header(char *line, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;
	size_t len = size * count;

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
	judge(t, FETCH_MALFORMED);
	return 0;
}

/* ---- curl calls: the answer's body ---- */

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
static bool
flush_spill(struct transfer *t)
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

static size_t
on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;
	size_t len = size * count;

	if (!flush_spill(t))
		return wait_for_room(t);
	if (t->has_verdict)
		return t->verdict == FETCH_OK ? len : 0;
	t->took = FLOW_TOOK;
	if (ingest_body(&t->ingest, bytes, len, sink, t, &t->err) != 0) {
		if (t->took == FLOW_FULL && !ingest_is_decoding(&t->ingest))
			return wait_for_room(t);
		judge(t, t->took == FLOW_GONE ? FETCH_LEFT : FETCH_MALFORMED);
		return 0;
	}
	t->progress_ms = engine_now_ms();
	counter_add(COUNT_BYTES_IN, (int64_t)len);
	finish_early(t);
	return len;
}

/* ---- curl calls: the request's body ---- */

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
			judge(t, FETCH_BROKEN);
		return got;
	}
	t->progress_ms = now;
	if (!t->upload.goes && !t->first_byte_at_ms) {
		t->first_byte_at_ms = now + opts_of(t)->first_byte_ms;
		engine_look_at(t->flight->engine, t->first_byte_at_ms);
	}
	return got;
}

static void
on_more_body(void *arg)
{
	flight_wake(arg, WAKE_BODY);
}

/* ---- connecting ---- */

/* libcurl would call "no descriptor left" a refusal of the upstream. */
static curl_socket_t
on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *t = arg;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
	    address->protocol);

	(void)purpose;
	if (fd >= 0)
		return fd;
	err_set(&t->err, "no socket for it: %s", strerror(errno));
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
	    errno == ENOMEM)
		judge(t, FETCH_TOO_MANY);
	return CURL_SOCKET_BAD;
}

static void
set_callbacks(struct transfer *t)
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

static int
make_request(struct transfer *t)
{
	t->easy = curl_easy_init();
	if (!t->easy)
		return err_set(&t->err, "libcurl gives no handle");
	set_callbacks(t);
	return request_set(t->easy, t->flight->errand, &t->fields, &t->err);
}

static void
connect_now(struct transfer *t)
{
	const char *address = dial_address(&t->dial);
	uint64_t now = engine_now_ms();

	if (address && request_set_address(t->easy, t->flight->errand, address,
			   &t->connect_to) != 0)
		goto fail;
	curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)dial_share_ms(&t->dial, now));
	t->progress_ms = now;
	if (curl_multi_add_handle(t->flight->engine->multi, t->easy) !=
	    CURLM_OK)
		goto fail;
	t->in_multi = true;
	engine_count(t->flight->engine, 1);
	return;
fail:
	err_set(&t->err, "libcurl does not take the request");
	flight_end(t->flight, FETCH_BROKEN, t->err.text, false);
}

static void
dial(struct transfer *t)
{
	switch (dial_find(&t->dial, engine_now_ms(), &t->err)) {
	case DIAL_READY:
		connect_now(t);
		break;
	case DIAL_WAITS:
		break;
	case DIAL_NOWHERE:
		end(t, FETCH_NO_ADDRESS);
		break;
	case DIAL_FORBIDDEN:
		flight_end(t->flight, FETCH_REFUSED, t->err.text, false);
		break;
	case DIAL_NO_OTHER:
		end(t, t->verdict);
		break;
	}
}

static void
on_known(void *arg)
{
	flight_wake(arg, WAKE_RESOLVED);
}

static bool
is_unsafe_method(const struct errand *errand)
{
	return strcmp(errand->method, "GET") != 0 &&
	       strcmp(errand->method, "HEAD") != 0;
}

static void
set_deadlines(struct transfer *t)
{
	uint64_t now = engine_now_ms();

	t->progress_ms = now;
	if (!t->upload.goes)
		t->first_byte_at_ms = now + opts_of(t)->first_byte_ms;
	if (!is_unsafe_method(t->flight->errand))
		t->total_at_ms = now + opts_of(t)->total_ms;
	engine_look_at(t->flight->engine,
	    t->upload.goes ? now + opts_of(t)->upload_stall_ms
			   : t->first_byte_at_ms);
	if (t->total_at_ms)
		engine_look_at(t->flight->engine, t->total_at_ms);
}

static void
transfer_start(struct mover *mover)
{
	struct transfer *t = container_of(mover, struct transfer, mover);

	if (upload_begin(&t->upload, t->flight->errand, on_more_body, t->flight,
		&t->err) != 0) {
		flight_end(t->flight, FETCH_BROKEN, t->err.text, false);
		return;
	}
	set_deadlines(t);
	if (make_request(t) != 0)
		flight_end(t->flight, FETCH_BROKEN, t->err.text, false);
	else
		dial(t);
}

/* ---- what curl's end means ---- */

static enum outcome
outcome_of(struct transfer *t, CURLcode code)
{
	err_set(&t->err, "%s", *t->words ? t->words : curl_easy_strerror(code));
	switch ((int)code) {
	case CURLE_OK:
		return ingest_end(&t->ingest, &t->err);
	case CURLE_COULDNT_CONNECT:
		return FETCH_REFUSED;
	case CURLE_OPERATION_TIMEDOUT: /* it has no other deadline */
		err_set(&t->err, "no connection within %u ms",
		    opts_of(t)->connect_ms);
		return FETCH_CONNECT_LATE;
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		/* Who answered without reading all of the request closes on
		 * us; what came whole is whole. */
		return t->upload.goes && ingest_is_whole(&t->ingest)
			   ? FETCH_OK
			   : FETCH_BROKEN;
	default: /* HTTP/0.9, bytes that are no HTTP, TLS, out of its limits */
		return FETCH_MALFORMED;
	}
}

static bool
never_connected(CURL *easy, CURLcode code)
{
	curl_off_t connected_us = 0;

	if (code == CURLE_COULDNT_CONNECT)
		return true;
	if (code != CURLE_OPERATION_TIMEDOUT)
		return false;
	curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connected_us);
	return connected_us == 0;
}

/* True when that is not the end: another address is being tried, or the name
 * is looked up again (then t->verdict is how this ends if it did not move). */
static bool
try_next(struct transfer *t, CURLcode code)
{
	if (!never_connected(t->easy, code))
		return false;
	if (dial_next(&t->dial)) {
		connect_now(t);
		return true;
	}
	if (!dial_again(&t->dial))
		return false;
	t->verdict = outcome_of(t, code);
	dial(t);
	return true;
}

static void
conclude(struct transfer *t)
{
	t->is_over = true;
	if (t->verdict != FETCH_OK || flush_spill(t))
		end(t, t->verdict);
}

static void
ended(struct transfer *t, CURLcode code)
{
	leave_multi(t);
	if (!t->has_verdict) {
		if (try_next(t, code))
			return;
		judge(t, outcome_of(t, code));
	}
	conclude(t);
}

static struct transfer *
transfer_of(CURL *easy)
{
	char *private = NULL;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
	return (struct transfer *)(void *)private;
}

void
transfer_ended(CURL *easy, CURLcode code)
{
	struct transfer *t = transfer_of(easy);

	must(t);
	ended(t, code);
}

void
transfer_is_watched(CURL *easy)
{
	struct transfer *t = transfer_of(easy);

	if (!t || !t->in_multi || t->watched)
		return;
	t->watched = true;
	t->flight->engine->watched++;
}

/* ---- wakes ---- */

/* False: that ended it. */
static bool
unpause(struct transfer *t, bool room, bool body)
{
	int bits;
	CURLcode code;

	if (room)
		t->waits_room = false;
	if (body)
		t->upload.waits = false;
	bits = (t->waits_room ? CURLPAUSE_RECV : 0) |
	       (t->upload.waits ? CURLPAUSE_SEND : 0);
	t->progress_ms = engine_now_ms();
	/* What it held back comes through on_body() in this very call. */
	code = curl_easy_pause(t->easy, bits);
	if (code != CURLE_OK)
		ended(t, code);
	return code == CURLE_OK;
}

static void
wake_body(struct transfer *t)
{
	if (t->has_verdict && t->verdict == FETCH_OK) {
		leave_multi(t);
		conclude(t);
		return;
	}
	if (t->upload.goes && t->flight->has_head &&
	    t->flight->answer->status >= 300) {
		upload_stop(&t->upload);
	}
	if (t->upload.waits)
		unpause(t, false, true);
}

static void
transfer_wake(struct mover *mover, unsigned why)
{
	struct transfer *t = container_of(mover, struct transfer, mover);

	if (t->is_over) {
		conclude(t);
		return;
	}
	if (!t->in_multi) {
		if (why & WAKE_RESOLVED)
			dial(t);
		return;
	}
	if (why & WAKE_ROOM && flush_spill(t) && t->waits_room &&
	    !unpause(t, true, false))
		return;
	if (why & WAKE_BODY)
		wake_body(t);
}

/* ---- deadlines ---- */

static uint64_t
over(struct transfer *t, enum outcome outcome, const char *what, uint32_t ms)
{
	err_set(&t->err, "%s %u ms", what, ms);
	end(t, outcome);
	return 0;
}

static uint64_t
sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Until the head is there. */
static uint64_t
look_before(struct transfer *t, uint64_t now_ms)
{
	uint64_t at = t->first_byte_at_ms;

	if (at && now_ms >= at)
		return over(t, FETCH_HEAD_LATE, "no answer within",
		    opts_of(t)->first_byte_ms);
	return at ? at : UINT64_MAX;
}

/* While the body comes. A stream may take as long as its reader likes; it is
 * the silence of the upstream that ends it. */
static uint64_t
look_after(struct transfer *t, uint64_t now_ms)
{
	uint32_t total = opts_of(t)->total_ms;
	bool has_total = t->total_at_ms && !flight_is_streaming(t->flight);
	uint64_t at = has_total ? t->total_at_ms : t->progress_ms + total;

	if (!has_total && (t->waits_room || t->is_over))
		return UINT64_MAX;
	if (now_ms >= at)
		return over(t, FETCH_LATE,
		    has_total ? "not whole within" : "silent for", total);
	return at;
}

static uint64_t
transfer_look(struct mover *mover, uint64_t now_ms)
{
	struct transfer *t = container_of(mover, struct transfer, mover);
	uint32_t stall = opts_of(t)->upload_stall_ms;
	uint64_t next;

	if (t->upload.goes && now_ms >= t->progress_ms + stall)
		return over(
		    t, FETCH_STALLED, "the upload stood still for", stall);
	if (!t->flight->has_head && t->total_at_ms && now_ms >= t->total_at_ms)
		return over(
		    t, FETCH_LATE, "no answer within", opts_of(t)->total_ms);
	next = t->flight->has_head ? look_after(t, now_ms)
				   : look_before(t, now_ms);
	if (next > 0 && t->upload.goes)
		next = sooner(next, t->progress_ms + stall);
	if (next > 0 && t->total_at_ms && !t->flight->has_head)
		next = sooner(next, t->total_at_ms);
	return next;
}

/* ---- life ---- */

static void
transfer_leave_coded(struct mover *mover)
{
	struct transfer *t = container_of(mover, struct transfer, mover);

	ingest_leave_coded(&t->ingest);
}

static const struct mover_ops ops = {
    .leave_coded = transfer_leave_coded,
    .start = transfer_start,
    .wake = transfer_wake,
    .look = transfer_look,
    .free = transfer_free,
};

struct mover *
transfer_new(struct flight *flight)
{
	const struct fetch_opts *opts = flight->engine->opts;
	const struct ingest_opts ingest = {
	    .head_max = opts->head_max,
	    .fields_max = opts->fields_max,
	    .decode_ratio = opts->decode_ratio,
	    .decode = flight->errand->decode,
	    .is_head = strcmp(flight->errand->method, "HEAD") == 0,
	    .is_range = head_find(&flight->errand->fields, "Range") != NULL,
	};
	struct transfer *t = mem_new(sizeof(*t));

	t->mover.ops = &ops;
	t->flight = flight;
	dial_init(&t->dial, opts, flight->errand->upstream, on_known, flight);
	buf_init(&t->spill, SPILL_MAX);
	ingest_init(&t->ingest, &ingest, flight->answer);
	return &t->mover;
}
