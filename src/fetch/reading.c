/* fetch/reading.c - what bytes are: a line, the body's, nobody's
 *
 * A piece is looked at where it was received. What of it nobody has taken is
 * moved into `in`, and only then does the next piece go behind it. */
#include "fetch/reading.h"

#include <string.h>

void
reading_init(struct reading *reading, struct ingest *ingest, size_t piece_max)
{
	memset(reading, 0, sizeof(*reading));
	reading->ingest = ingest;
	/* A line as long as the head may be, and the piece behind it. */
	buf_init(&reading->in, ingest->opts.head_max + 2 * piece_max);
}

void
reading_fini(struct reading *reading)
{
	buf_fini(&reading->in);
}

static size_t
left(const struct reading *reading)
{
	return (size_t)(reading->end - reading->at);
}

bool
reading_is_empty(const struct reading *reading)
{
	return reading->at == reading->end;
}

/* ---- pieces ---- */

int
reading_put(struct reading *reading, char *piece, size_t len, struct err *err)
{
	if (reading_is_empty(reading)) {
		reading->is_stowed = false;
		reading->at = piece;
		reading->end = piece + len;
		return 0;
	}
	must(reading->is_stowed);
	if (buf_add(&reading->in, piece, len) != 0)
		return err_set(err, "no memory for it");
	reading->at = reading->in.data;
	reading->end = reading->at + reading->in.len;
	return 0;
}

int
reading_stow(struct reading *reading, struct err *err)
{
	struct buf *in = &reading->in;
	size_t len = left(reading);

	if (reading->is_stowed && len > 0) {
		if (reading->at != in->data)
			memmove(in->data, reading->at, len);
		in->len = len;
	} else {
		buf_clear(in);
	}
	if (!reading->is_stowed && len > 0 &&
	    buf_add(in, reading->at, len) != 0)
		return err_set(err, "no memory for it");
	reading->is_stowed = true;
	reading->at = in->data;
	reading->end = len > 0 ? in->data + len : in->data;
	return 0;
}

/* ---- the head ---- */

/* A line that is not whole counts too: it is in memory. */
static int
check_line(const struct reading *reading, size_t len, struct err *err)
{
	const struct ingest *ingest = reading->ingest;

	if (len > HEAD_LINE_MAX)
		return err_set(err, "a line of the head of more than %d bytes",
		    HEAD_LINE_MAX);
	if (ingest->head_bytes + len > ingest->opts.head_max)
		return err_set(
		    err, "a head of more than %u bytes", ingest->opts.head_max);
	return 0;
}

/* Its length with its end; 0: it is not whole yet. */
static size_t
line_len(struct reading *reading)
{
	size_t there = left(reading), from = reading->searched;
	const char *end = there > from
			      ? memchr(reading->at + from, '\n', there - from)
			      : NULL;

	reading->searched = end ? 0 : there;
	return end ? (size_t)(end + 1 - reading->at) : 0;
}

static void
begin_rest(struct reading *reading)
{
	const struct ingest *ingest = reading->ingest;

	if (ingest->answer->status == 101) {
		reading->stage = READING_TUNNEL;
		return;
	}
	reading->stage = READING_BODY;
	reading->is_chunked = ingest->has_body && ingest->expected < 0 &&
			      !ingest->answer->close_delimited;
}

static enum reading_took
take_line(struct reading *reading, const struct reading_ops *ops, void *arg,
    struct err *err)
{
	size_t len = line_len(reading);
	char *line = reading->at;

	if (check_line(reading, len ? len : left(reading), err) != 0)
		return READING_BAD_HEAD;
	if (len == 0)
		return READING_ON;
	reading->at += len;
	if (!ops->on_line(arg, line, len))
		return READING_REFUSED;
	if (reading->ingest->has_head)
		begin_rest(reading);
	return READING_ON;
}

/* ---- what follows it ---- */

static enum reading_took
take_chunk(struct reading *reading, const struct reading_ops *ops, void *arg,
    struct err *err)
{
	struct chunked before = reading->chunks;
	struct slice body;
	ssize_t took =
	    chunked_take(&reading->chunks, reading->at, left(reading), &body);

	if (took < 0) {
		err_set(err, "a body that is not chunked");
		return READING_BAD_BODY;
	}
	if (body.len > 0 &&
	    !ops->on_body(arg, (char *)(uintptr_t)body.from, body.len)) {
		reading->chunks = before;
		return READING_REFUSED;
	}
	reading->at += took;
	return READING_ON;
}

/* What passes the length is not this answer's, nor anybody's: no other request
 * goes on this connection. */
static enum reading_took
take_plain(struct reading *reading, const struct reading_ops *ops, void *arg)
{
	const struct ingest *ingest = reading->ingest;
	size_t len = left(reading);
	uint64_t expected = UINT64_MAX;

	if (!ingest->has_body)
		expected = 0;
	else if (ingest->expected >= 0)
		expected = (uint64_t)ingest->expected - ingest->received;
	reading->has_excess |= len > expected;
	if (len > expected)
		len = (size_t)expected;
	if (len > 0 && !ops->on_body(arg, reading->at, len))
		return READING_REFUSED;
	reading->at = reading->end;
	return READING_ON;
}

/* The next part of it that is whole. */
static enum reading_took
take_part(struct reading *reading, const struct reading_ops *ops, void *arg,
    struct err *err)
{
	if (reading->stage == READING_HEAD)
		return take_line(reading, ops, arg, err);
	if (reading->is_chunked)
		return take_chunk(reading, ops, arg, err);
	return take_plain(reading, ops, arg);
}

enum reading_took
reading_take(struct reading *reading, const struct reading_ops *ops, void *arg,
    struct err *err)
{
	enum reading_took took = READING_ON;
	const char *at = NULL;

	while (took == READING_ON && at != reading->at &&
	       !reading_is_empty(reading)) {
		at = reading->at;
		took = take_part(reading, ops, arg, err);
	}
	return took;
}

/* ---- the end ---- */

bool
reading_is_whole(const struct reading *reading)
{
	if (reading->stage != READING_BODY)
		return false;
	return reading->is_chunked ? chunked_is_over(&reading->chunks)
				   : ingest_is_whole(reading->ingest);
}

bool
reading_may_be_followed(const struct reading *reading)
{
	return reading_is_whole(reading) && reading_is_empty(reading) &&
	       !reading->has_excess && !reading->ingest->closes;
}

enum outcome
reading_end(struct reading *reading, struct err *err)
{
	if (reading->is_chunked && !reading_is_whole(reading)) {
		err_set(err, "the chunked body broke off");
		return FETCH_BROKEN;
	}
	return ingest_end(reading->ingest, err);
}
