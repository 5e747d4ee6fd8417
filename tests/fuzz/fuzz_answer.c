/* libFuzzer on answers of upstreams, fetch/reading.h
 *
 * However the bytes are cut, and whenever nobody takes the body: the head, the
 * body, how it ended, and whether another question may go on that connection
 * are those that a plain reader of the whole finds. The first byte says what
 * was asked, the second how the answer is cut. */
#include <stdlib.h>

#include "pieces.h"
#include "plain_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	ASKS_HEAD = 1,
	ASKS_RANGE = 2,
	ASKS_UPGRADE = 4,
	ASKS_DECODED = 8,
	CLOSES = 16,
	REFUSES = 32,
};

static const char key[] = "dGhlIHNhbXBsZSBub25jZQ=="; /* RFC 6455 1.3 */
static const char accepted[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

struct run {
	struct ingest ingest;
	struct reading reading;
	struct answer answer;
	struct buf body;
	struct cuts cuts;
	bool refuses; /* all of the body once ... */
	bool refused; /* ... as just now */
	bool is_bad;  /* an op judged it */
	bool is_bad_head;
	size_t fed;
	struct err err;
};

static struct ingest_opts
opts_of(uint8_t flags)
{
	return (struct ingest_opts){
	    .head_max = HEAD_MAX,
	    .fields_max = FIELDS_MAX,
	    .decode_ratio = 200,
	    .decode = flags & ASKS_DECODED,
	    .is_head = flags & ASKS_HEAD,
	    .is_range = flags & ASKS_RANGE,
	    .key = flags & ASKS_UPGRADE ? key : NULL,
	};
}

/* ---- read in pieces ---- */

static bool
on_line(void *arg, char *line, size_t len)
{
	struct run *run = arg;

	must(!run->is_bad && len > 0 && line[len - 1] == '\n');
	run->is_bad = run->is_bad_head =
	    ingest_line(&run->ingest, line, len, &run->err) == INGEST_BAD;
	return !run->is_bad;
}

static int
sink(void *arg, const void *bytes, size_t len)
{
	struct run *run = arg;

	/* What is decoded has no end that is near. */
	if (run->body.len < SPREAD_MAX)
		must(buf_add(&run->body, bytes, len) == 0);
	return 0;
}

static bool
on_body(void *arg, char *bytes, size_t len)
{
	struct run *run = arg;

	must(!run->is_bad && len > 0);
	run->refused = run->refuses && !run->refused;
	if (run->refused)
		return false;
	run->is_bad =
	    ingest_body(&run->ingest, bytes, len, sink, run, &run->err) != 0;
	return !run->is_bad;
}

/* False: it does not go on. */
static bool
take(struct run *run)
{
	static const struct reading_ops ops = {on_line, on_body};
	enum reading_took took;

	do {
		took = reading_take(&run->reading, &ops, run, &run->err);
		must(took != READING_REFUSED || run->is_bad || run->refuses);
		if (took == READING_BAD_HEAD || took == READING_BAD_BODY)
			run->is_bad = true;
		if (took == READING_BAD_HEAD)
			run->is_bad_head = true;
		must(reading_stow(&run->reading, &run->err) == 0);
	} while (took == READING_REFUSED && !run->is_bad);
	return took == READING_ON && !reading_is_whole(&run->reading);
}

static void
run_begin(struct run *run, const struct ingest_opts *opts, uint32_t seed,
    bool refuses)
{
	memset(run, 0, sizeof(*run));
	run->answer.arena = arena_new(512);
	run->answer.length = -1;
	head_init(&run->answer.head, run->answer.arena);
	ingest_init(&run->ingest, opts, &run->answer);
	reading_init(&run->reading, &run->ingest, SPREAD_MAX);
	buf_init(&run->body, UINT32_MAX);
	run->cuts.seed = seed;
	run->refuses = refuses;
}

static void
run_end(struct run *run)
{
	reading_fini(&run->reading);
	ingest_fini(&run->ingest);
	buf_fini(&run->body);
	arena_free(&run->answer.arena);
}

static void
run_all(struct run *run, const char *bytes, size_t len)
{
	bool goes_on = true;
	size_t there;
	char *piece;

	while (run->fed < len && goes_on) {
		there = cuts_next(&run->cuts, len - run->fed);
		piece = piece_new(bytes + run->fed, there);
		run->fed += there;
		must(reading_stow(&run->reading, &run->err) == 0);
		must(reading_put(&run->reading, piece, there, &run->err) == 0);
		goes_on = take(run);
		memset(piece, 'x', there);
		mem_free(&piece);
	}
}

/* ---- compare ---- */

static enum plain_ended
ended(const struct run *run)
{
	if (run->is_bad)
		return run->is_bad_head ? ENDED_BAD_HEAD : ENDED_BAD_BODY;
	if (run->reading.stage == READING_TUNNEL)
		return ENDED_TUNNEL;
	return reading_is_whole(&run->reading) ? ENDED_WHOLE : ENDED_MORE;
}

static bool
is_value(struct slice slice, const char *text)
{
	return slice.len == strlen(text) &&
	       memcmp(slice.from, text, slice.len) == 0;
}

/* Those that nobody may take away are all there, in order; those of the
 * connection are not. */
static void
compare_heads(const struct head *head, const struct plain_answer *plain)
{
	const struct plain_field *field = plain_find(plain, "Set-Cookie", 0);
	const char *value;
	unsigned i = 0;

	while ((value = head_next(head, "Set-Cookie", &i)) != NULL) {
		must(field && is_value(field->value, value));
		field = plain_find(
		    plain, "Set-Cookie", (unsigned)(field - plain->fields) + 1);
	}
	must(!field && head->count <= plain->count);
	must(!head_find(head, "Transfer-Encoding"));
	must(!head_find(head, "Connection"));
	must(!head_find(head, "Upgrade"));
}

static void
compare_bodies(const struct run *run, const struct plain_answer *plain)
{
	must(run->ingest.expected < 0 ||
	     run->ingest.received <= (uint64_t)run->ingest.expected);
	if (run->answer.decoded)
		return;
	must(run->body.len == plain->body.len);
	must(run->body.len == 0 ||
	     memcmp(run->body.data, plain->body.data, run->body.len) == 0);
	must(run->ingest.received == plain->body.len);
}

static void
compare_ends(struct run *run, const struct plain_answer *plain, bool closes)
{
	enum outcome outcome;

	if (plain->ended == ENDED_TUNNEL || run->is_bad)
		return;
	if (plain->ended != ENDED_WHOLE && !closes)
		return;
	outcome = reading_end(&run->reading, &run->err);
	if (run->answer.decoded)
		return;
	must((outcome == FETCH_OK) ==
	     (plain->ended == ENDED_WHOLE || plain->until_close));
}

static void
compare(const struct plain_answer *plain, uint8_t flags, uint32_t seed,
    const char *bytes, size_t len)
{
	size_t used = (size_t)(plain->text.at - bytes);
	struct run run;
	bool is_undecodable;

	run_begin(&run, plain->opts, seed, flags & REFUSES);
	run_all(&run, bytes, len);
	is_undecodable = run.answer.decoded && run.is_bad && !run.is_bad_head;
	must(is_undecodable || ended(&run) == plain->ended);
	must(run.ingest.has_head == plain->has_head);
	must(reading_may_be_followed(&run.reading) ==
	     (!is_undecodable && plain->ended == ENDED_WHOLE &&
		 plain->may_be_followed && run.fed == used));
	if (plain->has_head) {
		must(run.answer.status == plain->status);
		compare_heads(&run.answer.head, plain);
		compare_bodies(&run, plain);
	}
	compare_ends(&run, plain, flags & CLOSES);
	run_end(&run);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct plain_answer plain;
	struct ingest_opts opts;
	struct buf bytes;

	if (size < 2)
		return 0;
	opts = opts_of(data[0]);
	spread(&bytes, data + 2, size - 2);
	plain_answer(&plain, &opts, accepted, bytes.data, bytes.len);
	compare(&plain, data[0], 0, bytes.data, bytes.len);
	compare(&plain, data[0], cuts_seed(data[1]), bytes.data, bytes.len);
	if (bytes.len <= EACH_BYTE_MAX)
		compare(&plain, data[0], 1, bytes.data, bytes.len);
	buf_fini(&plain.body);
	buf_fini(&bytes);
	return 0;
}
