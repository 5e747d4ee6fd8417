/* front/reply.c - fields and bytes for libmicrohttpd
 *
 * libmicrohttpd 0.9.75 sends "0\r\n\r\n" after a HEAD or 304 of unknown
 * size, and "Content-Length: 0" with a 304 of no bytes. So those are given the
 * length that a GET would have, with a reader that is never called; and where
 * nobody knows the length, the connection closes. */
#include "front/reply.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/mem.h"
#include "cache/partial.h"
#include "front/packed.h"
#include "http/targeted.h"

/* ---- fields ---- */

static const char hsts[] = "Strict-Transport-Security";

static bool
is_named(const struct field *field, const char *name, size_t len)
{
	return field->name_len == len &&
	       strncasecmp(field->name, name, len) == 0;
}

/* libmicrohttpd's own, written anew below, or said to us alone. */
static bool
is_ours(const struct reply *reply, const struct field *field)
{
	return is_named(field, "Content-Length", 14) ||
	       is_named(field, "Transfer-Encoding", 17) ||
	       is_named(field, "Connection", 10) ||
	       is_named(field, "Keep-Alive", 10) ||
	       targeted_is_ours(field->name, field->name_len) ||
	       (reply->hsts && is_named(field, hsts, strlen(hsts))) ||
	       (reply->ends_here && strcasecmp(field->name,
				       reply->ends_here) == 0);
}

/* libmicrohttpd refuses empty values; an absent field says the same. */
static void
add(struct MHD_Response *response, const char *name, const char *value)
{
	if (*value)
		(void)MHD_add_response_header(response, name, value);
}

static void
add_number(struct MHD_Response *response, const char *name, int64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, number);
	add(response, name, text);
}

static void
add_head(struct MHD_Response *response, const struct reply *reply)
{
	const struct head *head = &reply->head;
	unsigned i;

	for (i = 0; i < head->count; i++) {
		const struct field *field = &head->fields[i];

		if (!is_ours(reply, field))
			add(response, field->name, field->value);
	}
}

/* An object's: Age is written anew, and its codings change some. as: which
 * coding, which tells also whose tag a 304 names. */
static void
add_object_head(struct MHD_Response *response, const struct reply *reply,
    enum packing as)
{
	const struct head *head = &reply->object->head;
	struct packed_head packed = {
	    .as = as, .varies = reply->varies, .response = response};
	unsigned i;

	for (i = 0; i < head->count; i++) {
		const struct field *field = &head->fields[i];

		if (!is_ours(reply, field) && !is_named(field, "Age", 3) &&
		    !packed_takes(&packed, field))
			add(response, field->name, field->value);
	}
	packed_end(&packed);
}

/* What a 304 repeats (RFC 9110 15.4.5). */
static void
add_object_head_304(struct MHD_Response *response, const struct reply *reply,
    enum packing as)
{
	static const char *const names[] = {"Cache-Control", "Content-Location",
	    "Date", "ETag", "Expires", "Vary"};
	const struct head *head = &reply->object->head;
	struct packed_head packed = {
	    .as = as, .varies = reply->varies, .response = response,
	    .is_304 = true};
	unsigned i, j;

	for (i = 0; i < head->count; i++) {
		const struct field *field = &head->fields[i];

		for (j = 0; j < COUNT_OF(names); j++)
			if (is_named(field, names[j], strlen(names[j])))
				break;
		if (j < COUNT_OF(names) && !packed_takes(&packed, field))
			add(response, field->name, field->value);
	}
	packed_end(&packed);
}

static void
add_theme(struct MHD_Response *response, const struct reply *reply)
{
	const struct object *object = reply->object;
	char text[160];

	if (reply->theme) {
		add(response, "X-Livery-Theme", reply->theme);
	} else if (object && object->is_dressed && object->theme &&
		   object->theme_version) {
		snprintf(text, sizeof(text), "%s; %.16s", object->theme,
		    object->theme_version);
		add(response, "X-Livery-Theme", text);
	}
}

static void
add_cache_status(struct MHD_Response *response, const char *status)
{
	char text[sizeof(((struct reply *)0)->cache_status) + 16];

	if (!*status)
		return;
	snprintf(text, sizeof(text), "livery; %s", status);
	add(response, "Cache-Status", text);
}

static void
add_ours(struct MHD_Response *response, const struct reply *reply,
    const struct reply_for *client)
{
	char text[64];

	/* What was dressed for one client alone has neither of both any more;
	 * pages of our own came through nobody. */
	if (reply->object || reply->answer ||
	    (reply->theme && !reply->no_store)) {
		snprintf(text, sizeof(text), "1.1 %s", client->via);
		add(response, "Via", text);
	}
	add_cache_status(response, reply->cache_status);
	add_theme(response, reply);
	if (reply->no_store && !head_find(&reply->head, "Cache-Control"))
		add(response, "Cache-Control", "no-store");
	if (reply->hsts)
		add(response, hsts, reply->hsts);
	if (client->close)
		add(response, "Connection", "close");
}

/* ---- bodies ---- */

static ssize_t
never_read(void *arg, uint64_t at, char *out, size_t max)
{
	(void)arg;
	(void)at;
	(void)out;
	(void)max;
	return MHD_CONTENT_READER_END_WITH_ERROR;
}

/* For what has no body but a Content-Length; len -1: unknown. */
static struct MHD_Response *
bodyless(int64_t len)
{
	struct MHD_Response *response;

	response = MHD_create_response_from_callback(
	    len < 0 ? MHD_SIZE_UNKNOWN : (uint64_t)len, 1, never_read, NULL,
	    NULL);
	if (response && len < 0)
		(void)MHD_set_response_options(
		    response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
	return response;
}

static struct MHD_Response *
from_bytes(const char *bytes, size_t len)
{
	return MHD_create_response_from_buffer(len,
	    (void *)(uintptr_t)(bytes ? bytes : ""), MHD_RESPMEM_PERSISTENT);
}

struct MHD_Response *
reply_words(int status, const char *words)
{
	struct MHD_Response *response;
	char text[200];
	int len;

	len = snprintf(text, sizeof(text), "%d: %s\n", status, words);
	if (len >= (int)sizeof(text))
		len = (int)sizeof(text) - 1;
	response = MHD_create_response_from_buffer(
	    (size_t)len, text, MHD_RESPMEM_MUST_COPY);
	if (!response)
		return NULL;
	add(response, "Content-Type", "text/plain; charset=utf-8");
	add(response, "Cache-Control", "no-store");
	add(response, "Connection", "close");
	if (status == 503)
		add(response, "Retry-After", "1");
	if (status == 405)
		add(response, "Allow",
		    "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS");
	return response;
}

/* ---- ranges (RFC 9110 14) ---- */

int
reply_range(const char *value, uint64_t len, uint64_t *from, uint64_t *n)
{
	struct asked asked = partial_asked(value);
	struct span span;

	if (asked.form == ASKED_ELSE)
		return 0;
	if (partial_resolve(asked, len, &span) != SPAN_IS)
		return -1;
	*from = span.first;
	*n = span.last - span.first + 1;
	return 1;
}

static int
range_wanted(const struct object *object, const struct reply_for *client,
    uint64_t *from, uint64_t *n)
{
	const struct request *request = client->request;

	if (!request->range || !request->is_get || object->status != 200 ||
	    !object->body || !partial_if_range(&object->head, client->if_range))
		return 0;
	return reply_range(request->range, object->body->len, from, n);
}

static void
make_range(struct reply_out *out, struct reply *reply,
    const struct reply_for *client, int kind, uint64_t from, uint64_t n,
    int64_t age_s)
{
	const struct body *body = reply->object->body;
	char text[80];

	if (kind < 0) {
		out->status = 416;
		out->response = from_bytes("", 0);
		snprintf(text, sizeof(text), "bytes */%zu", body->len);
	} else {
		out->status = 206;
		out->response = from_bytes(body->bytes + from, (size_t)n);
		out->length = n;
		snprintf(text, sizeof(text),
		    "bytes %" PRIu64 "-%" PRIu64 "/%zu", from, from + n - 1,
		    body->len);
	}
	if (!out->response)
		return;
	if (kind > 0) {
		add_object_head(out->response, reply, PACKING_NONE);
		add_number(out->response, "Age", age_s);
	}
	add(out->response, "Content-Range", text);
	add_ours(out->response, reply, client);
}

/* ---- objects ---- */

/* What a thread keeps of an object: good while age and words stay. */
struct slot {
	int64_t age_s;
	struct MHD_Response *whole[PACKINGS], *unchanged[PACKINGS]; /* or NULL */
	char cache_status[sizeof(((struct reply *)0)->cache_status)];
};

static void
slot_clear(struct slot *slot)
{
	unsigned i;

	for (i = 0; i < PACKINGS; i++) {
		if (slot->whole[i])
			MHD_destroy_response(slot->whole[i]);
		if (slot->unchanged[i])
			MHD_destroy_response(slot->unchanged[i]);
		slot->whole[i] = slot->unchanged[i] = NULL;
	}
}

static void
slot_free(void *arg)
{
	slot_clear(arg);
	mem_free(&arg);
}

static struct slot *
slot_get(struct object *object, unsigned number, int64_t age_s,
    const char *cache_status)
{
	struct slot *slot = object->slot[number];

	if (!slot) {
		slot = object->slot[number] = mem_new(sizeof(*slot));
		slot->age_s = -1;
		/* Every thread writes the same. */
		__atomic_store_n(
		    &object->slot_free, slot_free, __ATOMIC_RELAXED);
	}
	if (slot->age_s != age_s ||
	    strcmp(slot->cache_status, cache_status) != 0) {
		slot_clear(slot);
		slot->age_s = age_s;
		strcpy(slot->cache_status, cache_status);
	}
	return slot;
}

/* The bytes in that coding, or as they are. */
static const struct body *
body_as(const struct object *object, enum packing as)
{
	const struct body *body = packed_body(&object->packed, as);

	return body ? body : object->body;
}

static struct MHD_Response *
object_response(const struct reply *reply, const struct reply_for *client,
    int64_t age_s, bool unchanged, enum packing as)
{
	const struct body *body = body_as(reply->object, as);
	size_t len = body ? body->len : 0;
	struct MHD_Response *response;

	response = unchanged ? bodyless((int64_t)len)
			     : from_bytes(body ? body->bytes : NULL, len);
	if (!response)
		return NULL;
	if (unchanged)
		add_object_head_304(response, reply, as);
	else
		add_object_head(response, reply, as);
	add_number(response, "Age", age_s);
	add_ours(response, reply, client);
	return response;
}

/* *as: in which coding the client has it, where its tag says so. */
static bool
is_unchanged(const struct reply *reply, const struct request *request,
    int64_t now_ms, enum packing *as)
{
	const struct object *object = reply->object;

	if (object->status != 200 || (!request->is_get && !request->is_head) ||
	    (!request->if_none_match && !request->if_modified_since))
		return false;
	return policy_not_modified_as(request->if_none_match,
	    request->if_modified_since, object->etag, object->last_modified,
	    now_ms / 1000, reply->varies ? as : NULL);
}

static void
make_kept(struct reply_out *out, const struct reply *reply,
    const struct reply_for *client, int64_t age_s, bool unchanged,
    enum packing as)
{
	struct slot *slot =
	    slot_get(reply->object, client->slot, age_s, reply->cache_status);
	struct MHD_Response **kept =
	    unchanged ? &slot->unchanged[as] : &slot->whole[as];

	if (!*kept)
		*kept = object_response(reply, client, age_s, unchanged, as);
	out->response = *kept;
	out->is_kept = true;
}

static void
make_object(
    struct reply_out *out, struct reply *reply, const struct reply_for *client)
{
	struct object *object = reply->object;
	int64_t now_ms = clock_wall_ms(), age_s;
	enum packing as = reply->packing;
	bool unchanged = is_unchanged(reply, client->request, now_ms, &as);
	uint64_t from = 0, n = 0;
	int kind = unchanged ? 0 : range_wanted(object, client, &from, &n);

	age_s = object_age_ms(reply->source ? reply->source : object, now_ms) /
		1000;
	if (kind != 0) {
		make_range(out, reply, client, kind, from, n, age_s);
		return;
	}
	if (unchanged) {
		counter_up(COUNT_NOT_MODIFIED);
		out->status = 304;
	} else {
		packed_count(as);
		if (!client->request->is_head && object->body)
			out->length = body_as(object, as)->len;
	}
	if (client->slot < OBJECT_SLOTS && !client->close && !reply->theme &&
	    !reply->no_store) {
		make_kept(out, reply, client, age_s, unchanged, as);
		return;
	}
	out->response = object_response(reply, client, age_s, unchanged, as);
}

/* ---- all others ---- */

static bool
has_no_body(int status, const struct request *request)
{
	return request->is_head || status == 204 || status == 304;
}

static void
make_stream(
    struct reply_out *out, struct reply *reply, const struct reply_for *client)
{
	size_t block = client->block;

	if (has_no_body(reply->status, client->request)) {
		/* of a 304 there is no telling what it is 0 bytes of */
		out->response =
		    bodyless(reply->status == 304 && reply->length == 0 ? -1
			     : reply->status == 204			? 0
						    : reply->length);
		return;
	}
	if (reply->length >= 0) {
		out->length = (uint64_t)reply->length;
		if (out->length < block)
			block = out->length ? (size_t)out->length : 1;
	}
	out->response = MHD_create_response_from_callback(
	    reply->length >= 0 ? out->length : MHD_SIZE_UNKNOWN, block,
	    client->on_read, client->arg, NULL);
}

/* What is in memory goes out in one send with its head; a stream takes two. */
static void
take_whole(struct reply *reply, const struct request *request)
{
	const char *bytes;
	size_t len;

	if (!reply->reader.flow || reply->length < 0 ||
	    has_no_body(reply->status, request))
		return;
	bytes = flow_whole(&reply->reader, &len);
	if (!bytes || len != (uint64_t)reply->length)
		return;
	reply->bytes = bytes;
	reply->len = len;
}

static void
make_bytes(struct reply_out *out, const struct reply *reply,
    const struct reply_for *client)
{
	/* an answer without a flow: to a HEAD, or a 204, 304 */
	if (reply->answer && !reply->bytes) {
		out->response = bodyless(reply->status == 204 ? 0
					 : reply->length > 0  ? reply->length
							      : -1);
		return;
	}
	/* of one that was made and is not sent the length is known */
	if (reply->status == 304) {
		out->response =
		    bodyless(reply->len > 0 ? (int64_t)reply->len : -1);
		return;
	}
	out->response = from_bytes(reply->bytes, reply->len);
	if (!client->request->is_head)
		out->length = reply->len;
}

void
reply_make(
    struct reply_out *out, struct reply *reply, const struct reply_for *client)
{
	memset(out, 0, sizeof(*out));
	out->status = reply->status;
	if (reply->object) {
		make_object(out, reply, client);
		return;
	}
	take_whole(reply, client->request);
	if (reply_streams(reply))
		make_stream(out, reply, client);
	else
		make_bytes(out, reply, client);
	if (!out->response)
		return;
	add_head(out->response, reply);
	add_ours(out->response, reply, client);
}
