/* http/coding.c - a row of stages, each undoing one coding into a fixed room
 *
 * What one stage gives lies in its room until the next has eaten it, so the
 * memory is the same for a page and for a bomb: a room and a window each.
 * The row is worked from its far end: whichever stage is nearest to the sink
 * and has something to do goes first. */
#include "http/coding.h"

#include <brotli/decode.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/mem.h"
#include "http/head.h"

enum {
	ROOM = 32 << 10,
	PIECE_MAX = 1 << 30,   /* zlib counts in 32 bits */
	WINDOW_LOG_ZSTD = 23,  /* 8 MiB, as RFC 9659 has it */
	WINDOW_BITS = 15,      /* of zlib, at most */
	WITH_GZIP_HEAD = 16,   /* added to them, zlib's way to say so */
	ZLIB_HEAD = 2,         /* bytes that tell zlib from raw deflate */
};
static const uint64_t RATIO_FROM = 1 << 20;

struct stage;

struct coding {
	const char *name;
	int (*begin)(struct stage *stage);
	void (*end)(struct stage *stage);
	/* Eat some of stage->in and write up to ROOM bytes to stage->room: sets
	 * stage->room_len, more and ended. -1: garbage. */
	int (*step)(struct stage *stage, struct err *err);
	bool repeats; /* a second stream may follow the first */
};

struct stage {
	const struct coding *coding;
	union {
		z_stream z;
		BrotliDecoderState *br;
		ZSTD_DCtx *zstd;
	} state;
	bool begun;   /* anything was ever given to it */
	bool z_ready; /* deflate: what it is was seen, z is initialised */
	bool ended;   /* at the end of a stream, and nothing came after it */
	bool more;    /* has output that did not fit */
	unsigned char head[ZLIB_HEAD];
	unsigned head_len;
	const unsigned char *in;
	size_t in_len;
	size_t room_len;
	uint64_t given;
	unsigned char room[ROOM];
};

struct decoder {
	struct stage *stages; /* in the order of decoding */
	unsigned count;
	struct decode_limits limits;
	uint64_t eaten;
	uint64_t plain; /* bytes that passed when there is no stage at all */
	bool failed;
};

/* ---- gzip and deflate ---- */

static int
gzip_begin(struct stage *stage)
{
	return inflateInit2(&stage->state.z, WINDOW_BITS + WITH_GZIP_HEAD) ==
		Z_OK ? 0 : -1;
}

static void
z_end(struct stage *stage)
{
	inflateEnd(&stage->state.z);
}

static int
z_fail(struct stage *stage, struct err *err)
{
	const char *words = stage->state.z.msg;

	return err_set(err, "broken %s: %s", stage->coding->name,
	    words ? words : "no valid stream");
}

/* Inflate from *in into the free part of the room. */
static int
z_run(struct stage *stage, const unsigned char **in, size_t *in_len,
    struct err *err)
{
	z_stream *z = &stage->state.z;
	size_t len = *in_len < PIECE_MAX ? *in_len : PIECE_MAX;
	int rc;

	z->next_in = (unsigned char *)(uintptr_t)*in;
	z->avail_in = (uInt)len;
	z->next_out = stage->room + stage->room_len;
	z->avail_out = (uInt)(ROOM - stage->room_len);
	rc = inflate(z, Z_NO_FLUSH);
	*in += len - z->avail_in;
	*in_len -= len - z->avail_in;
	stage->room_len = ROOM - z->avail_out;
	if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
		return z_fail(stage, err);
	stage->ended = rc == Z_STREAM_END;
	stage->more = !stage->ended && z->avail_out == 0;
	return 0;
}

static int
gzip_step(struct stage *stage, struct err *err)
{
	/* RFC 1952 2.2: members follow each other. What follows and is none
	 * fails at its first bytes. */
	if (stage->ended && inflateReset(&stage->state.z) != Z_OK)
		return z_fail(stage, err);
	return z_run(stage, &stage->in, &stage->in_len, err);
}

static int
deflate_begin(struct stage *stage)
{
	/* which of both it is comes with the first bytes */
	(void)stage;
	return 0;
}

static void
deflate_end(struct stage *stage)
{
	if (stage->z_ready)
		z_end(stage);
}

/* "deflate" is zlib's format (RFC 9110 8.4.1.2), but old servers send it raw.
 * A raw stream that begins like a zlib one would have to be a stored block
 * with bits set where every encoder leaves zeros. */
static bool
is_zlib_head(const unsigned char *head)
{
	return (head[0] & 0x0f) == Z_DEFLATED && head[0] >> 4 <= 7 &&
	    (head[0] << 8 | head[1]) % 31 == 0;
}

static int
deflate_step(struct stage *stage, struct err *err)
{
	const unsigned char *head = stage->head;
	size_t len = ZLIB_HEAD;

	if (stage->z_ready)
		return z_run(stage, &stage->in, &stage->in_len, err);
	while (stage->in_len > 0 && stage->head_len < ZLIB_HEAD) {
		stage->head[stage->head_len++] = *stage->in++;
		stage->in_len--;
	}
	if (stage->head_len < ZLIB_HEAD)
		return 0;
	if (inflateInit2(&stage->state.z, is_zlib_head(head)
		? WINDOW_BITS : -WINDOW_BITS) != Z_OK)
		return err_set(err, "no memory to inflate");
	stage->z_ready = true;
	return z_run(stage, &head, &len, err);
}

/* ---- br ---- */

static int
br_begin(struct stage *stage)
{
	stage->state.br = BrotliDecoderCreateInstance(NULL, NULL, NULL);
	return stage->state.br ? 0 : -1;
}

static void
br_end(struct stage *stage)
{
	BrotliDecoderDestroyInstance(stage->state.br);
}

static int
br_step(struct stage *stage, struct err *err)
{
	unsigned char *out = stage->room;
	size_t free_room = ROOM;
	BrotliDecoderResult rc = BrotliDecoderDecompressStream(
	    stage->state.br, &stage->in_len, &stage->in, &free_room, &out,
	    NULL);

	stage->room_len = ROOM - free_room;
	if (rc == BROTLI_DECODER_RESULT_ERROR)
		return err_set(err, "broken br: %s", BrotliDecoderErrorString(
		    BrotliDecoderGetErrorCode(stage->state.br)));
	stage->ended = rc == BROTLI_DECODER_RESULT_SUCCESS;
	stage->more = rc == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
	return 0;
}

/* ---- zstd ---- */

static int
zstd_begin(struct stage *stage)
{
	size_t rc;

	stage->state.zstd = ZSTD_createDCtx();
	if (!stage->state.zstd)
		return -1;
	rc = ZSTD_DCtx_setParameter(stage->state.zstd, ZSTD_d_windowLogMax,
	    WINDOW_LOG_ZSTD);
	must(!ZSTD_isError(rc));
	return 0;
}

static void
zstd_end(struct stage *stage)
{
	ZSTD_freeDCtx(stage->state.zstd);
}

static int
zstd_step(struct stage *stage, struct err *err)
{
	ZSTD_inBuffer in = {stage->in, stage->in_len, 0};
	ZSTD_outBuffer out = {stage->room, ROOM, 0};
	size_t rc = ZSTD_decompressStream(stage->state.zstd, &out, &in);

	if (ZSTD_isError(rc))
		return err_set(err, "broken zstd: %s", ZSTD_getErrorName(rc));
	stage->in += in.pos;
	stage->in_len -= in.pos;
	stage->room_len = out.pos;
	stage->ended = rc == 0;
	stage->more = !stage->ended && out.pos == ROOM;
	return 0;
}

/* ---- which there are ---- */

static const struct coding codings[] = {
	{"gzip", gzip_begin, z_end, gzip_step, true},
	{"deflate", deflate_begin, deflate_end, deflate_step, false},
	{"br", br_begin, br_end, br_step, false},
	{"zstd", zstd_begin, zstd_end, zstd_step, true},
};

static bool
is_identity(struct slice name)
{
	return slice_is(name, "identity");
}

static const struct coding *
find(struct slice name)
{
	size_t i;

	if (slice_is(name, "x-gzip")) /* RFC 9110 8.4.1.3 */
		return &codings[0];
	for (i = 0; i < COUNT_OF(codings); i++)
		if (slice_is(name, codings[i].name))
			return &codings[i];
	return NULL;
}

bool
coding_is_known(const char *content_encoding)
{
	struct slice name;

	while (content_encoding && list_next(&content_encoding, &name))
		if (!is_identity(name) && !find(name))
			return false;
	return true;
}

/* How many have to be undone; -1: one is not known, or they are too many. */
static int
count_codings(unsigned *out, const char *content_encoding, unsigned max,
    struct err *err)
{
	struct slice name;
	unsigned count = 0;

	while (content_encoding && list_next(&content_encoding, &name)) {
		if (is_identity(name))
			continue;
		if (!find(name))
			return err_set(err, "content coding '%.*s' is not one "
			    "of gzip, deflate, br, zstd", (int)(name.len < 40
			    ? name.len : 40), name.from);
		if (++count > max)
			return err_set(err, "more than %u content codings",
			    max);
	}
	*out = count;
	return 0;
}

/* ---- the decoder ---- */

static int
begin_stages(struct decoder *decoder, const char *content_encoding,
    struct err *err)
{
	struct slice name;
	unsigned left = decoder->count;
	struct stage *stage;

	/* listed in the order applied, so undone from the last */
	while (left > 0 && list_next(&content_encoding, &name)) {
		if (is_identity(name))
			continue;
		stage = &decoder->stages[--left];
		stage->coding = find(name);
		if (stage->coding->begin(stage) == 0)
			continue;
		stage->coding = NULL;
		return err_set(err, "no memory for content coding '%.*s'",
		    (int)name.len, name.from);
	}
	return 0;
}

int
decoder_new(struct decoder **out, const char *content_encoding,
    const struct decode_limits *limits, struct err *err)
{
	struct decoder *decoder;
	unsigned count = 0;

	must(limits->ratio > 0);
	if (count_codings(&count, content_encoding, limits->codings, err) != 0)
		return -1;
	decoder = mem_new(sizeof(*decoder));
	decoder->limits = *limits;
	decoder->count = count;
	decoder->stages = mem_new_array(count, sizeof(*decoder->stages));
	if (begin_stages(decoder, content_encoding, err) != 0) {
		decoder_free(&decoder);
		return -1;
	}
	*out = decoder;
	return 0;
}

void
decoder_free(struct decoder **decoder)
{
	unsigned i;

	if (!*decoder)
		return;
	for (i = 0; i < (*decoder)->count; i++)
		if ((*decoder)->stages[i].coding)
			(*decoder)->stages[i].coding->end(
			    &(*decoder)->stages[i]);
	mem_free(&(*decoder)->stages);
	mem_free(decoder);
}

/* Every stage is held to the limits: what blows up in the middle and shrinks
 * again costs as much. */
static int
check_limits(const struct decoder *decoder, uint64_t given, struct err *err)
{
	const struct decode_limits *limits = &decoder->limits;

	if (given > limits->out_max)
		return err_set(err, "more than %llu bytes decoded",
		    (unsigned long long)limits->out_max);
	if (given > RATIO_FROM && given / limits->ratio > decoder->eaten)
		return err_set(err, "decoded to over %u times its size",
		    limits->ratio);
	return 0;
}

static int
run_stage(struct stage *stage, struct err *err)
{
	size_t before = stage->in_len;

	if (stage->ended && !stage->coding->repeats)
		return err_set(err, "bytes after the end of %s",
		    stage->coding->name);
	stage->begun = true;
	stage->room_len = 0;
	if (stage->coding->step(stage, err) != 0)
		return -1;
	stage->given += stage->room_len;
	/* a library that neither eats nor gives would hold us for ever */
	if (before > 0 && stage->in_len == before && stage->room_len == 0)
		return err_set(err, "broken %s", stage->coding->name);
	return 0;
}

/* The stage nearest to the sink with something to do. */
static struct stage *
next_to_run(struct decoder *decoder)
{
	unsigned i = decoder->count;

	while (i-- > 0)
		if (decoder->stages[i].in_len > 0 || decoder->stages[i].more)
			return &decoder->stages[i];
	return NULL;
}

static int
run_all(struct decoder *decoder,
    int (*sink)(void *arg, const void *bytes, size_t len), void *arg,
    struct err *err)
{
	struct stage *stage, *last = decoder->stages + decoder->count - 1;

	while ((stage = next_to_run(decoder)) != NULL) {
		if (run_stage(stage, err) != 0 ||
		    check_limits(decoder, stage->given, err) != 0)
			return -1;
		if (stage->room_len == 0)
			continue;
		if (stage != last) {
			stage[1].in = stage->room;
			stage[1].in_len = stage->room_len;
		} else if (sink(arg, stage->room, stage->room_len) != 0) {
			return err_set(err, "decoded bytes were not taken");
		}
	}
	return 0;
}

static int
pass_plain(struct decoder *decoder, const void *bytes, size_t len,
    int (*sink)(void *arg, const void *bytes, size_t len), void *arg,
    struct err *err)
{
	decoder->plain += len;
	if (check_limits(decoder, decoder->plain, err) != 0)
		return -1;
	if (sink(arg, bytes, len) != 0)
		return err_set(err, "bytes were not taken");
	return 0;
}

int
decoder_feed(struct decoder *decoder, const void *bytes, size_t len,
    int (*sink)(void *arg, const void *bytes, size_t len), void *arg,
    struct err *err)
{
	int rc;

	if (decoder->failed)
		return err_set(err, "the decoder failed before");
	if (len == 0)
		return 0;
	decoder->eaten += len;
	if (decoder->count == 0) {
		rc = pass_plain(decoder, bytes, len, sink, arg, err);
	} else {
		decoder->stages[0].in = bytes;
		decoder->stages[0].in_len = len;
		rc = run_all(decoder, sink, arg, err);
	}
	decoder->failed = rc != 0;
	return rc;
}

int
decoder_end(struct decoder *decoder, struct err *err)
{
	unsigned i;

	if (decoder->failed)
		return err_set(err, "the decoder failed before");
	for (i = 0; i < decoder->count; i++)
		if (decoder->stages[i].begun && !decoder->stages[i].ended)
			return err_set(err, "%s ends before its end",
			    decoder->stages[i].coding->name);
	return 0;
}
