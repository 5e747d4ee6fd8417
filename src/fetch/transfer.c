/* fetch/transfer.c - one question over HTTP, from its name to its last byte
 *
 * curl's callbacks (calls.c) only take and give bytes and note a verdict;
 * what is to be done about it (pausing off, ending) happens after them, in
 * transfer_wake() and transfer_ended(), where curl may be called. Decoded
 * bytes that the flow has no room for wait in `spill`, and no more are taken
 * from the socket until it is empty. */
#include "fetch/transferlife.h"

#include <string.h>

#include "base/mem.h"
#include "fetch/request.h"
#include "fetch/wire.h"

enum { SPILL_MAX = 32 << 20 }; /* of what one read from the socket decodes to */

void
transfer_judge(struct transfer *t, enum outcome verdict)
{
	if (t->has_verdict)
		return;
	t->has_verdict = true;
	t->verdict = verdict;
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

void
transfer_end(struct transfer *t, enum outcome outcome)
{
	flight_end(t->flight, outcome, outcome == FETCH_OK ? "" : t->err.text,
	    blames_upstream(t, outcome));
}

static void
leave_curl(struct transfer *t)
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
leave_multi(struct transfer *t)
{
	wire_close(&t->wire);
	leave_curl(t);
}

void
transfer_leave_curl(struct transfer *t)
{
	leave_curl(t);
	curl_easy_cleanup(t->easy);
	t->easy = NULL;
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

/* ---- connecting ---- */

static int
make_request(struct transfer *t)
{
	t->easy = curl_easy_init();
	if (!t->easy)
		return err_set(&t->err, "libcurl gives no handle");
	calls_set(t);
	if (request_set(t->easy, t->flight->errand, t->flight->server->place,
		&t->fields, &t->err) != 0)
		return -1;
	if (t->by_wire)
		wire_prepare(t);
	return 0;
}

static void
connect_now(struct transfer *t)
{
	const char *address = dial_address(&t->dial);
	uint64_t now = engine_now_ms();

	if (t->by_wire && !t->asks_anew && wire_resume(t))
		return;
	if (!t->easy && make_request(t) != 0) {
		flight_end(t->flight, FETCH_BROKEN, t->err.text, false);
		return;
	}
	if (address && request_set_address(t->easy,
			   t->flight->server->place, address,
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
		transfer_end(t, FETCH_NO_ADDRESS);
		break;
	case DIAL_FORBIDDEN:
		flight_end(t->flight, FETCH_REFUSED, t->err.text, false);
		break;
	case DIAL_NO_OTHER:
		transfer_end(t, t->verdict);
		break;
	}
}

static void
on_known(void *arg)
{
	flight_wake(arg, WAKE_RESOLVED);
}

static void
on_more_body(void *arg)
{
	flight_wake(arg, WAKE_BODY);
}

static void
transfer_start(struct mover *mover)
{
	struct transfer *t = container_of(mover, struct transfer, mover);

	if (!t->flight->errand->upgrade &&
	    upload_begin(&t->upload, t->flight->errand, on_more_body, t->flight,
		&t->err) != 0) {
		flight_end(t->flight, FETCH_BROKEN, t->err.text, false);
		return;
	}
	deadline_set(t);
	if (request_check(t->flight->errand, &t->err) != 0)
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
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
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
	if (t->verdict != FETCH_OK || calls_flush(t))
		transfer_end(t, t->verdict);
}

void
transfer_finish(struct transfer *t)
{
	leave_multi(t);
	conclude(t);
}

void
transfer_again(struct transfer *t)
{
	leave_multi(t);
	t->asks_anew = true;
	dial_anew(&t->dial, engine_now_ms());
	connect_now(t);
}

static void
ended(struct transfer *t, CURLcode code)
{
	if (code == CURLE_OK && t->by_wire && !t->has_verdict) {
		transfer_is_watched(t->easy);
		wire_open(t);
		return;
	}
	leave_multi(t);
	if (!t->has_verdict) {
		if (try_next(t, code))
			return;
		transfer_judge(t, outcome_of(t, code));
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
		transfer_finish(t);
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
	if (t->wire) {
		wire_wake(t->wire, why);
		return;
	}
	if (!t->in_multi) {
		if (why & WAKE_RESOLVED)
			dial(t);
		return;
	}
	if (why & WAKE_ROOM && calls_flush(t) && t->waits_room &&
	    !unpause(t, true, false))
		return;
	if (why & WAKE_BODY)
		wake_body(t);
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
    .look = deadline_look,
    .free = transfer_free,
};

struct mover *
transfer_new(struct flight *flight)
{
	const struct fetch_opts *opts = flight->engine->opts;
	bool by_wire = wire_is_for(flight->errand, flight->server->place);
	const struct ingest_opts ingest = {
	    .head_max = opts->head_max,
	    .fields_max = opts->fields_max,
	    .decode_ratio = opts->decode_ratio,
	    .decode = flight->errand->decode,
	    .is_head = strcmp(flight->errand->method, "HEAD") == 0,
	    .is_range = head_find(&flight->errand->fields, "Range") != NULL,
	    .may_be_http2 = flight->server->place->opts.http2 && !by_wire,
	    .key = flight->errand->upgrade ? head_find(
		&flight->errand->fields, "Sec-WebSocket-Key") : NULL,
	};
	struct transfer *t = mem_new(sizeof(*t));

	t->by_wire = by_wire;
	t->mover.ops = &ops;
	t->flight = flight;
	dial_init(&t->dial, opts, flight->server->place, on_known, flight);
	buf_init(&t->spill, SPILL_MAX);
	ingest_init(&t->ingest, &ingest, flight->answer);
	return &t->mover;
}
