/* Content codings: whole or an error, and never more than the limits */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "http/coding.h"
#include "http/pack.h"

enum { BIG = 64 << 20, PIECE = 16 << 10 };

static const char text[] =
    "Was it a car or a cat I saw? Was it a car or a cat I saw?\n";
enum { TEXT_LEN = sizeof(text) - 1 };

/* the text, and 64 MiB of zeros, by brotli at its best */
static const unsigned char br_text[] = {
    0x1b, 0x39, 0x00, 0xe8, 0x9d, 0x09, 0xb6, 0x2d, 0x99, 0xad, 0x9b, 0xec,
    0x13, 0xb9, 0xcc, 0x62, 0xd5, 0xd5, 0x1c, 0x32, 0xe4, 0x9c, 0x13, 0xfc,
    0xa2, 0xa8, 0x04, 0x51, 0xf8, 0x69, 0x10, 0x39, 0xba, 0x3b, 0xa5, 0x08,
    0x57, 0xc1, 0x92, 0xa5, 0x05, 0xa5, 0x0b, 0x95, 0xe8, 0x11};
static const unsigned char br_bomb[] = {
    0xcb, 0xff, 0xff, 0x3f, 0xf8, 0x27, 0x00, 0xe2, 0xb1, 0x40, 0x20, 0xf7,
    0xfe, 0x8f, 0xff, 0xff, 0x7f, 0xf0, 0x4f, 0x00, 0xc4, 0x61, 0x11, 0x80,
    0xee, 0xfd, 0x1f, 0xff, 0xff, 0xff, 0xe0, 0x9f, 0x00, 0x88, 0xc3, 0x02,
    0x00, 0xdd, 0xfb, 0x3f, 0xfe, 0xff, 0xff, 0xc1, 0x3f, 0x01, 0x10, 0x87,
    0x05, 0x00, 0xba, 0xf7, 0x7f, 0xfc, 0xff, 0xff, 0x83, 0x7f, 0x02, 0x20,
    0x0e, 0x0b, 0x00, 0x74, 0xef, 0xff, 0xf8, 0xff, 0xff, 0x07, 0xff, 0x04,
    0x40, 0x1c, 0x16, 0x00, 0xe8, 0xde, 0xff, 0xf1, 0xff, 0xff, 0x0f, 0xfe,
    0x09, 0x80, 0x38, 0x2c, 0x00, 0xd0, 0xbd, 0xff, 0xcb, 0xff, 0xff, 0x3f,
    0xfc, 0x13, 0x00, 0x71, 0x58, 0x00, 0xa0, 0x7b, 0xff, 0x07};

static const struct decode_limits usual = {1 << 30, 200, 2};

/* ---- making streams ---- */

static void
add_zlib(struct buf *out, int window_bits, const void *bytes, size_t len)
{
	z_stream z = {0};
	size_t bound = compressBound(len) + 64;

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window_bits, 8,
	    Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(buf_reserve(out, bound), 0);
	z.next_in = (unsigned char *)(uintptr_t)bytes;
	z.avail_in = (uInt)len;
	z.next_out = (unsigned char *)out->data + out->len;
	z.avail_out = (uInt)bound;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->len += bound - z.avail_out;
	deflateEnd(&z);
}

static void
add_zstd(struct buf *out, int window_log, const void *bytes, size_t len)
{
	ZSTD_CCtx *zstd = ZSTD_createCCtx();
	size_t bound = ZSTD_compressBound(len);
	ZSTD_inBuffer from = {bytes, len, 0};
	ZSTD_outBuffer to = {NULL, bound, 0};

	ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
	ZSTD_CCtx_setParameter(zstd, ZSTD_c_windowLog, window_log);
	assert_int_equal(buf_reserve(out, bound), 0);
	to.dst = out->data + out->len;
	/* in two steps, so that the size is not known at the start */
	ZSTD_compressStream2(zstd, &to, &from, ZSTD_e_continue);
	assert_int_equal(ZSTD_compressStream2(zstd, &to, &from, ZSTD_e_end),
	    0);
	out->len += to.pos;
	ZSTD_freeCCtx(zstd);
}

/* The text in a coding; "raw" is deflate without zlib's frame. */
static const char *
make(struct buf *out, const char *coding)
{
	buf_init(out, 2 * BIG);
	if (strcmp(coding, "gzip") == 0)
		add_zlib(out, 31, text, TEXT_LEN);
	else if (strcmp(coding, "deflate") == 0)
		add_zlib(out, 15, text, TEXT_LEN);
	else if (strcmp(coding, "raw") == 0)
		add_zlib(out, -15, text, TEXT_LEN);
	else if (strcmp(coding, "zstd") == 0)
		add_zstd(out, 20, text, TEXT_LEN);
	else
		buf_add(out, br_text, sizeof(br_text));
	return strcmp(coding, "raw") == 0 ? "deflate" : coding;
}

static const char *const all[] = {"gzip", "deflate", "raw", "br", "zstd"};

/* ---- decoding them ---- */

struct taken {
	struct buf bytes;
	uint64_t len;
	size_t biggest;
	unsigned calls;
	bool keep;
	int answer;
};

static int
take(void *arg, const void *bytes, size_t len)
{
	struct taken *taken = arg;

	assert_true(len > 0);
	taken->calls++;
	taken->len += len;
	if (len > taken->biggest)
		taken->biggest = len;
	if (taken->keep)
		buf_add(&taken->bytes, bytes, len);
	return taken->answer;
}

/* Feed it in pieces, then end it. */
static int
decode(struct taken *taken, const char *coding,
    const struct decode_limits *limits, const void *bytes, size_t len,
    size_t piece, struct err *err)
{
	struct decoder *decoder = NULL;
	const char *at = bytes;
	size_t n;
	int rc;

	buf_clear(&taken->bytes);
	taken->len = taken->biggest = 0;
	rc = decoder_new(&decoder, coding, limits, err);
	for (; rc == 0 && len > 0; at += n, len -= n) {
		n = len < piece ? len : piece;
		rc = decoder_feed(decoder, at, n, take, taken, err);
	}
	if (rc == 0)
		rc = decoder_end(decoder, err);
	else if (decoder)
		assert_int_equal(decoder_end(decoder, NULL), -1);
	decoder_free(&decoder);
	assert_null(decoder);
	return rc;
}

static void
taken_init(struct taken *taken, bool keep)
{
	memset(taken, 0, sizeof(*taken));
	buf_init(&taken->bytes, BIG);
	taken->keep = keep;
}

static void
assert_decodes(const char *coding, const struct buf *in, size_t piece,
    const char *expected)
{
	struct taken taken;
	struct err err = {""};

	taken_init(&taken, true);
	if (decode(&taken, coding, &usual, in->data, in->len, piece, &err) !=
	    0)
		fail_msg("%s in pieces of %zu: %s", coding, piece, err.text);
	assert_int_equal(taken.len, strlen(expected));
	if (taken.len)
		assert_string_equal(taken.bytes.data, expected);
	buf_fini(&taken.bytes);
}

/* An error that names the reason. */
static void
assert_fails(const char *coding, const struct decode_limits *limits,
    const void *bytes, size_t len, const char *reason)
{
	static const size_t pieces[] = {1, 7, PIECE, SIZE_MAX};
	struct taken taken;
	struct err err;
	size_t i;

	taken_init(&taken, false);
	for (i = len > BIG / 16 ? 2 : 0; i < COUNT_OF(pieces); i++) {
		if (decode(&taken, coding, limits, bytes, len, pieces[i],
			&err) != -1)
			fail_msg("%s of %zu bytes decoded, not: %s", coding,
			    len, reason);
		if (!strstr(err.text, reason))
			fail_msg("'%s' is not '%s'", err.text, reason);
	}
	buf_fini(&taken.bytes);
}

static void
every_coding_decodes_in_pieces_of_any_size(void **state)
{
	struct buf in;
	size_t i, piece;
	const char *coding;

	(void)state;
	for (i = 0; i < COUNT_OF(all); i++) {
		coding = make(&in, all[i]);
		for (piece = 1; piece <= in.len; piece++)
			assert_decodes(coding, &in, piece, text);
		buf_fini(&in);
	}
}

static void
a_stream_cut_anywhere_is_an_error(void **state)
{
	struct buf in;
	size_t i, len;
	const char *coding;

	(void)state;
	for (i = 0; i < COUNT_OF(all); i++) {
		coding = make(&in, all[i]);
		for (len = 1; len < in.len; len++)
			assert_fails(coding, &usual, in.data, len,
			    "ends before its end");
		buf_fini(&in);
	}
}

static void
a_byte_after_the_end_is_an_error(void **state)
{
	static const char *const junk[] = {"\n", "x", "\x1f", "\x1f\x8b",
	    "\x1f\x8c", "PK\3\4", "(\xb5/\xfd", "junk that is longer"};
	struct buf in;
	size_t i, j, len;
	const char *coding;

	(void)state;
	for (i = 0; i < COUNT_OF(all); i++) {
		coding = make(&in, all[i]);
		len = in.len;
		for (j = 0; j < COUNT_OF(junk); j++) {
			buf_puts(&in, junk[j]);
			assert_fails(coding, &usual, in.data, in.len, "");
			in.len = len;
		}
		buf_putc(&in, '\0');
		assert_fails(coding, &usual, in.data, in.len, "");
		buf_fini(&in);
	}
}

static void
gzip_members_and_zstd_frames_may_follow_each_other(void **state)
{
	struct buf in;
	size_t piece;

	(void)state;
	make(&in, "gzip");
	add_zlib(&in, 31, "", 0);
	add_zlib(&in, 31, "b", 1);
	for (piece = 1; piece <= in.len; piece++) {
		struct taken taken;

		taken_init(&taken, false);
		assert_int_equal(decode(&taken, "gzip", &usual, in.data,
		    in.len, piece, NULL), 0);
		assert_int_equal(taken.len, TEXT_LEN + 1);
		buf_fini(&taken.bytes);
	}
	assert_fails("gzip", &usual, in.data, in.len - 1, "ends before");
	buf_clear(&in);
	add_zstd(&in, 20, "a", 1);
	add_zstd(&in, 20, "b", 1);
	buf_add(&in, "\x50\x2a\x4d\x18\3\0\0\0xyz", 11); /* skipped */
	for (piece = 1; piece <= in.len; piece++)
		assert_decodes("zstd", &in, piece, "ab");
	buf_fini(&in);
}

static void
other_streams_may_not_follow_each_other(void **state)
{
	static const char *const once[] = {"deflate", "raw", "br"};
	struct buf in;
	const char *coding;
	size_t i, len;

	(void)state;
	for (i = 0; i < COUNT_OF(once); i++) {
		coding = make(&in, once[i]);
		len = in.len;
		assert_int_equal(buf_reserve(&in, len), 0);
		buf_add(&in, in.data, len);
		assert_fails(coding, &usual, in.data, in.len,
		    "bytes after the end of");
		buf_fini(&in);
	}
}

static void
garbage_is_an_error(void **state)
{
	struct buf in;

	(void)state;
	assert_fails("gzip", &usual, text, TEXT_LEN, "broken gzip");
	assert_fails("deflate", &usual, "\xff\xff\xff\xff", 4,
	    "broken deflate");
	assert_fails("br", &usual, "\xff\xff\xff\xff\xff\xff", 6, "broken br");
	assert_fails("zstd", &usual, text, TEXT_LEN, "broken zstd");
	/* a flipped bit in the check sums */
	make(&in, "gzip");
	in.data[in.len - 5] ^= 1;
	assert_fails("gzip", &usual, in.data, in.len, "broken gzip");
	buf_fini(&in);
	make(&in, "zstd");
	in.data[in.len - 1] ^= 1;
	assert_fails("zstd", &usual, in.data, in.len, "broken zstd");
	buf_fini(&in);
}

static void
no_bytes_at_all_are_an_empty_body(void **state)
{
	static const char *const names[] = {"gzip", "deflate", "br", "zstd",
	    "gzip, br", "identity", ""};
	struct buf none;
	size_t i;

	(void)state;
	buf_init(&none, 1);
	for (i = 0; i < COUNT_OF(names); i++)
		assert_decodes(names[i], &none, 1, "");
	buf_fini(&none);
}

static void
an_empty_stream_is_an_empty_body(void **state)
{
	struct buf in;

	(void)state;
	buf_init(&in, BIG);
	add_zlib(&in, -15, "", 0);
	assert_int_equal(in.len, 2);
	assert_decodes("deflate", &in, 1, "");
	assert_decodes("deflate", &in, 2, "");
	buf_clear(&in);
	add_zlib(&in, 15, "", 0);
	assert_decodes("deflate", &in, 3, "");
	buf_clear(&in);
	add_zlib(&in, 31, "", 0);
	assert_decodes("gzip", &in, 3, "");
	buf_clear(&in);
	buf_puts(&in, "\x06"); /* the shortest there is */
	assert_decodes("br", &in, 1, "");
	buf_fini(&in);
}

/* ---- stacked, none, unknown ---- */

static void
stacked_codings_are_undone_from_the_last(void **state)
{
	struct buf inner, outer;
	size_t i, piece;
	const char *coding;
	char names[64];

	(void)state;
	for (i = 0; i < COUNT_OF(all); i++) {
		coding = make(&inner, all[i]);
		buf_init(&outer, BIG);
		add_zlib(&outer, 31, inner.data, inner.len);
		snprintf(names, sizeof(names), "%s, identity, X-GZip", coding);
		for (piece = 1; piece < 40; piece++)
			assert_decodes(names, &outer, piece, text);
		assert_fails(names, &usual, outer.data, outer.len - 1,
		    "ends before its end");
		buf_clear(&outer);
		add_zlib(&outer, 31, inner.data, inner.len - 1);
		assert_fails(names, &usual, outer.data, outer.len,
		    "ends before its end");
		buf_fini(&outer);
		buf_fini(&inner);
	}
}

static void
unknown_and_too_many_codings_are_refused(void **state)
{
	struct decoder *decoder = NULL;
	struct err err;

	(void)state;
	assert_int_equal(decoder_new(&decoder, "gzip, pack200", &usual, &err),
	    -1);
	assert_string_equal(err.text, "content coding 'pack200' is not one of "
				      "gzip, deflate, br, zstd");
	assert_int_equal(decoder_new(&decoder, "gzip,gzip,br", &usual, &err),
	    -1);
	assert_string_equal(err.text, "more than 2 content codings");
	assert_int_equal(decoder_new(&decoder, "gzip gzip", &usual, NULL), -1);
	assert_null(decoder);
	decoder_free(&decoder);
	assert_true(coding_is_known("gzip"));
	assert_true(coding_is_known("GZIP, identity, x-gzip,br,zstd,deflate"));
	assert_true(coding_is_known(""));
	assert_true(coding_is_known(NULL));
	assert_false(coding_is_known("compress"));
	assert_false(coding_is_known("gzip;q=1"));
}

static void
what_has_no_coding_passes_as_it_is(void **state)
{
	static const char *const names[] = {NULL, "", "identity",
	    "Identity, ,identity"};
	struct decode_limits limits = {TEXT_LEN, 200, 0};
	struct buf in;
	size_t i;

	(void)state;
	buf_init(&in, BIG);
	buf_puts(&in, text);
	for (i = 0; i < COUNT_OF(names); i++)
		assert_decodes(names[i], &in, 5, text);
	buf_putc(&in, '.');
	assert_fails("identity", &limits, in.data, in.len,
	    "more than 58 bytes decoded");
	buf_fini(&in);
}

/* ---- bombs ---- */

static void *
zeros(size_t len)
{
	void *bytes = calloc(1, len);

	assert_non_null(bytes);
	return bytes;
}

/* It must stop soon after the ratio is passed, never having held more than a
 * room full. */
static void
assert_bomb_stops(const char *coding, const void *bytes, size_t len)
{
	struct taken taken;
	struct err err;

	taken_init(&taken, false);
	assert_int_equal(decode(&taken, coding, &usual, bytes, len, PIECE,
	    &err), -1);
	assert_string_equal(err.text, "decoded to over 200 times its size");
	assert_true(taken.biggest <= 64 << 10);
	assert_true(taken.len <= (1 << 20) + 200 * (len + PIECE));
	buf_fini(&taken.bytes);
}

static void
a_bomb_stops_in_bounded_memory(void **state)
{
	char *big = zeros(BIG);
	struct buf once, twice;

	(void)state;
	buf_init(&once, 2 * BIG);
	buf_init(&twice, 2 * BIG);
	add_zlib(&once, 31, big, BIG);
	assert_bomb_stops("gzip", once.data, once.len);
	add_zlib(&twice, 31, once.data, once.len);
	assert_bomb_stops("gzip, gzip", twice.data, twice.len);
	buf_clear(&once);
	add_zlib(&once, -15, big, BIG);
	assert_bomb_stops("deflate", once.data, once.len);
	buf_clear(&once);
	add_zstd(&once, 20, big, BIG);
	assert_bomb_stops("zstd", once.data, once.len);
	assert_bomb_stops("br", br_bomb, sizeof(br_bomb));
	buf_fini(&once);
	buf_fini(&twice);
	free(big);
}

static void
a_bomb_inside_that_gives_nothing_stops_too(void **state)
{
	struct buf member, many, outer;
	int i;

	(void)state;
	buf_init(&member, BIG);
	buf_init(&many, BIG);
	buf_init(&outer, BIG);
	add_zlib(&member, 31, "", 0);
	for (i = 0; i < 200000; i++)
		buf_add(&many, member.data, member.len);
	add_zlib(&outer, 31, many.data, many.len);
	assert_true(outer.len < many.len / 200);
	assert_bomb_stops("gzip, gzip", outer.data, outer.len);
	buf_fini(&member);
	buf_fini(&many);
	buf_fini(&outer);
}

static void
the_size_limit_is_exact(void **state)
{
	struct decode_limits enough = {TEXT_LEN, 200, 2};
	struct decode_limits less = {TEXT_LEN - 1, 200, 2};
	struct taken taken;
	struct buf in;
	const char *coding;
	size_t i;

	(void)state;
	taken_init(&taken, false);
	for (i = 0; i < COUNT_OF(all); i++) {
		coding = make(&in, all[i]);
		assert_int_equal(decode(&taken, coding, &enough, in.data,
		    in.len, 3, NULL), 0);
		assert_fails(coding, &less, in.data, in.len,
		    "more than 57 bytes decoded");
		buf_fini(&in);
	}
	buf_fini(&taken.bytes);
}

static void
a_small_page_may_be_as_even_as_it_likes(void **state)
{
	enum { LEN = 1 << 20 };
	char *even = zeros(LEN + 1);
	struct taken taken;
	struct buf in;

	(void)state;
	taken_init(&taken, false);
	buf_init(&in, BIG);
	add_zlib(&in, 31, even, LEN);
	assert_true(in.len < LEN / 200);
	assert_int_equal(decode(&taken, "gzip", &usual, in.data, in.len,
	    PIECE, NULL), 0);
	assert_int_equal(taken.len, LEN);
	buf_clear(&in);
	add_zlib(&in, 31, even, LEN + 1);
	assert_bomb_stops("gzip", in.data, in.len);
	buf_fini(&in);
	buf_fini(&taken.bytes);
	free(even);
}

static void
a_zstd_window_over_8_mib_is_refused(void **state)
{
	enum { LEN = 1000 };
	char *bytes = zeros(LEN);
	struct buf in;

	(void)state;
	buf_init(&in, BIG);
	add_zstd(&in, 24, bytes, LEN);
	assert_fails("zstd", &usual, in.data, in.len, "broken zstd");
	buf_fini(&in);
	free(bytes);
}

/* ---- the rest ---- */

static void
a_sink_that_stops_stops_the_decoder(void **state)
{
	struct decoder *decoder;
	struct taken taken;
	struct buf in;
	struct err err;
	const char *coding;
	size_t i;

	(void)state;
	taken_init(&taken, false);
	taken.answer = -1;
	for (i = 0; i < COUNT_OF(all); i++) {
		coding = make(&in, all[i]);
		taken.calls = 0;
		assert_int_equal(decoder_new(&decoder, coding, &usual, &err),
		    0);
		assert_int_equal(decoder_feed(decoder, in.data, in.len, take,
		    &taken, &err), -1);
		assert_string_equal(err.text, "decoded bytes were not taken");
		assert_int_equal(decoder_feed(decoder, in.data, in.len, take,
		    &taken, &err), -1);
		assert_int_equal(decoder_end(decoder, &err), -1);
		assert_int_equal(taken.calls, 1);
		decoder_free(&decoder);
		buf_fini(&in);
	}
	buf_fini(&taken.bytes);
}

static int
gzip(struct buf *out, const void *bytes, size_t len)
{
	struct packer *packer = packer_new();
	int rc = packer_run(packer, PACKING_GZIP, PACKING_ONCE, bytes, len,
	    out);

	packer_free(&packer);
	return rc;
}

static void
what_we_compress_decodes_again(void **state)
{
	enum { LEN = 300000 };
	char *bytes = zeros(LEN + 1);
	struct buf out;
	unsigned i;

	(void)state;
	for (i = 0; i < LEN; i++)
		bytes[i] = (char)('!' + (i * i >> 7) % 90);
	buf_init(&out, BIG);
	assert_int_equal(gzip(&out, bytes, LEN), 0);
	assert_decodes("gzip", &out, PIECE, bytes);
	buf_clear(&out);
	assert_int_equal(gzip(&out, "", 0), 0);
	assert_true(out.len > 0);
	assert_decodes("gzip", &out, 1, "");
	buf_fini(&out);
	buf_init(&out, 100);
	buf_puts(&out, "kept");
	assert_int_equal(gzip(&out, bytes, LEN), -1);
	assert_string_equal(out.data, "kept");
	assert_int_equal(out.len, 4);
	buf_fini(&out);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_coding_decodes_in_pieces_of_any_size),
	    cmocka_unit_test(a_stream_cut_anywhere_is_an_error),
	    cmocka_unit_test(a_byte_after_the_end_is_an_error),
	    cmocka_unit_test(
	        gzip_members_and_zstd_frames_may_follow_each_other),
	    cmocka_unit_test(other_streams_may_not_follow_each_other),
	    cmocka_unit_test(garbage_is_an_error),
	    cmocka_unit_test(no_bytes_at_all_are_an_empty_body),
	    cmocka_unit_test(an_empty_stream_is_an_empty_body),
	    cmocka_unit_test(stacked_codings_are_undone_from_the_last),
	    cmocka_unit_test(unknown_and_too_many_codings_are_refused),
	    cmocka_unit_test(what_has_no_coding_passes_as_it_is),
	    cmocka_unit_test(a_bomb_stops_in_bounded_memory),
	    cmocka_unit_test(a_bomb_inside_that_gives_nothing_stops_too),
	    cmocka_unit_test(the_size_limit_is_exact),
	    cmocka_unit_test(a_small_page_may_be_as_even_as_it_likes),
	    cmocka_unit_test(a_zstd_window_over_8_mib_is_refused),
	    cmocka_unit_test(a_sink_that_stops_stops_the_decoder),
	    cmocka_unit_test(what_we_compress_decodes_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
