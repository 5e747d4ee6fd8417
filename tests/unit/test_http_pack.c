/* tests/unit/test_http_pack.c - what is compressed here is decoded as it was */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "http/coding.h"
#include "http/pack.h"

static int
sink(void *arg, const void *bytes, size_t len)
{
	return buf_add(arg, bytes, len);
}

static void
decode(struct buf *plain, const char *name, const struct buf *packed)
{
	struct decode_limits limits = {
	    .out_max = 64 << 20, .ratio = 10000, .codings = 2};
	struct decoder *decoder;
	struct err err = {""};

	assert_int_equal(decoder_new(&decoder, name, &limits, &err), 0);
	assert_int_equal(decoder_feed(decoder, packed->data, packed->len,
	    sink, plain, &err), 0);
	assert_int_equal(decoder_end(decoder, &err), 0);
	decoder_free(&decoder);
}

/* Words, so that it becomes smaller; each time other ones. */
static char *
text_of(size_t len)
{
	static const char *const words[] = {"livery ", "<p>", "</p>\n",
	    "theme ", "of ", "content", "<a href=\"/x\">", "</a> "};
	static unsigned seed = 1;
	char *text = mem_new(len + 32);
	size_t at = 0;

	while (at < len) {
		seed = seed * 1103515245 + 12345;
		strcpy(text + at, words[seed >> 16 & 7]);
		at += strlen(words[seed >> 16 & 7]);
	}
	text[len] = '\0';
	return text;
}

static void
every_coding_brings_back_every_size(void **state)
{
	static const size_t sizes[] = {0, 1, 1000, 30000, 65536, 500000,
	    3 << 20};
	struct packer *packer = packer_new();
	struct buf packed, plain;
	enum packing packing;
	unsigned effort;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(sizes); i++)
		for (packing = PACKING_GZIP; packing < PACKINGS; packing++)
			for (effort = 0; effort < PACKING_EFFORTS; effort++) {
				char *text = text_of(sizes[i]);

				buf_init(&packed, 8 << 20);
				buf_init(&plain, 8 << 20);
				assert_int_equal(packer_run(packer, packing,
				    effort, text, sizes[i], &packed), 0);
				if (sizes[i] >= 1000)
					assert_true(packed.len <
					    sizes[i] / 2);
				decode(&plain, packing_name(packing),
				    &packed);
				assert_int_equal(plain.len, sizes[i]);
				assert_true(plain.len == 0 ||
				    memcmp(plain.data, text, plain.len) == 0);
				buf_fini(&plain);
				buf_fini(&packed);
				mem_free(&text);
			}
	packer_free(&packer);
}

static void
what_does_not_become_smaller_is_told(void **state)
{
	struct packer *packer = packer_new();
	enum packing packing;
	unsigned char noise[5000];
	unsigned seed = 7;
	struct buf out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(noise); i++) {
		seed = seed * 1103515245 + 12345;
		noise[i] = (unsigned char)(seed >> 20);
	}
	for (packing = PACKING_GZIP; packing < PACKINGS; packing++) {
		buf_init(&out, 4750);
		assert_int_equal(packer_run(packer, packing, PACKING_KEPT,
		    noise, sizeof(noise), &out), -1);
		assert_int_equal(out.len, 0);
		buf_fini(&out);
		/* and the packer is good for the next */
		buf_init(&out, 10000);
		assert_int_equal(packer_run(packer, packing, PACKING_KEPT,
		    noise, sizeof(noise), &out), 0);
		buf_fini(&out);
	}
	buf_init(&out, 10000);
	assert_int_equal(packer_run(packer, PACKING_NONE, PACKING_KEPT, noise,
	    sizeof(noise), &out), -1);
	buf_fini(&out);
	packer_free(&packer);
}

static void
types_that_become_smaller_are_known(void **state)
{
	static const char *const yes[] = {"text/html; charset=utf-8",
	    "text/css", "application/json", "application/ld+json",
	    "text/javascript", "application/javascript", "image/svg+xml",
	    "application/atom+xml", "application/wasm", "font/ttf", "font/otf",
	    "IMAGE/X-ICON", "application/manifest+json"};
	static const char *const no[] = {"image/png", "image/jpeg",
	    "font/woff2", "font/woff", "application/zip", "video/mp4",
	    "application/octet-stream", "application/pdf", "", "text"};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(yes); i++)
		if (!packing_suits(yes[i]))
			fail_msg("%s", yes[i]);
	for (i = 0; i < COUNT_OF(no); i++)
		if (packing_suits(no[i]))
			fail_msg("%s", no[i]);
	assert_false(packing_suits(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_coding_brings_back_every_size),
	    cmocka_unit_test(what_does_not_become_smaller_is_told),
	    cmocka_unit_test(types_that_become_smaller_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
