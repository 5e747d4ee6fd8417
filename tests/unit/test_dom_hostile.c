/* Pages of 16 MB and more that were made to hurt, from bytes to a tree and
 * back: each in bounded time and memory, or refused by the name of a limit
 *
 * What is bounded: the memory of the tree, the private copy of the page in it,
 * and what is written; the page itself is whoever's who gives it. Where nodes
 * take no more than 25 times what was read, the limit of nodes bounds them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/arena.h"
#include "dom/html.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { IS_SLOW = 1 };
#else
enum { IS_SLOW = 0 };
#endif

enum {
	MB = 1 << 20,
	PAGE = 16 * MB - 1000,
	SLOW_PAGE = MB / 8, /* with a sanitizer none has more */
	OUT_MAX = 32 * MB,
	BYTES_MAX = 64 * MB,
	NODES_MAX = 90 * MB, /* 500,000 nodes, and the page */
	/* Measured in a release build: 250 (doc/performance.md). Here it is to
	 * be seen that nothing takes the square of the size. */
	MS_MAX = 1000,
};

struct shape {
	const char *first, *with;
	size_t size;
	/* of the reason; NULL: it is read, and written if OUT_MAX allows */
	const char *refused;
	size_t most; /* 0: BYTES_MAX */
};

#define SPACES                                                                 \
	"                                                                "
#define SPACES4 SPACES SPACES SPACES SPACES
/* What is no text in the first kilobyte makes an image of a page. */
#define WORDS SPACES4 SPACES4 SPACES4 SPACES4
/* Each in the div of the one before. */
#define FORMS	"<form><div></form>"
#define FORMS5	FORMS FORMS FORMS FORMS FORMS
#define FORMS25 FORMS5 FORMS5 FORMS5 FORMS5 FORMS5
#define FORMS50 FORMS25 FORMS25
#define DEEP  "html_max_depth"
#define MANY  "html_max_nodes"
#define ATTRS "html_max_attributes"
#define LONG  "themed_max"

static const struct shape shapes[] = {
    /* a million that are open */
    {"", "<div>", 5 * MB, DEEP, 0},
    {"", "<b>", 3 * MB, DEEP, 0},
    {"<svg>", "<g>", 3 * MB, DEEP, 0},
    {"<table>", "<table><td>", MB, DEEP, 0},
    {"", "<template>", MB, DEEP, 0},
    /* enormous names and values, and many of them */
    {"<p title='", "x", PAGE, NULL, 0},
    {"<p title='", "&amp;", MB, NULL, 0},
    {"<p ", "x", MB, NULL, 0},
    {"<", "x", MB, NULL, 0},
    {"<p", " a=1", 4 * MB, ATTRS, 0},
    {"<p", " a b c d e f g", MB, ATTRS, 0},
    /* comments without an end, and what looks like one */
    {"<!--", "x", PAGE, NULL, 0},
    {"<!--", "-", MB, NULL, 0},
    {"<!--", "--!", MB, NULL, 0},
    {"<!--", "<!--", MB, NULL, 0},
    {"<script>", "<!--<script>", MB, NULL, 0},
    {"<title>", "</titl", MB, NULL, 0},
    {"<svg><![CDATA[", "]]x", MB, NULL, 0},
    {"<!DOCTYPE ", "x", MB, NULL, 0},
    /* what is no text */
    {"", "\1\1\1\1x", MB, "not text", 0},
    {"", "\xFF", PAGE, LONG, 0},
    {"", "\xFF", MB, NULL, 0},
    {"", "\xED\xA0\x80", PAGE, LONG, 0},
    {"", "\xED\xA0\x80", MB, NULL, 0},
    {"", "\xE4\xB8", MB, NULL, 0},
    {"", "&#xD800;", MB, NULL, 0},
    /* markup and nothing else */
    {"", "<br>", PAGE, MANY, 0},
    {"", "<br a= b= c= d= e= f= g= h=>", PAGE, MANY, 0},
    {"", "<i>x</i> some words here. ", PAGE, MANY, NODES_MAX},
    {"<table>", "<caption></caption>", PAGE, MANY, NODES_MAX},
    {"", "<applet></applet>", PAGE, MANY, NODES_MAX},
    {"", "<template><b></template>", PAGE, MANY, NODES_MAX},
    {"<table>", "<tr>&nGt;", PAGE, LONG, 0},
    /* what becomes more than it was */
    {"", "<", PAGE, NULL, 0},
    {"", "&", MB, NULL, 0},
    {"", "\r", MB, NULL, 0},
    {"", "&nGt;", PAGE, LONG, 0},
    {"<table>", "&nGt;", PAGE - 3 * MB, NULL, 0},
    {"<textarea>", "&nGt;", PAGE, LONG, 0},
    {"<p title='", "&nGt;", MB, NULL, 0},
};

/* NULs: with one x each. */
static const struct shape nuls[] = {
    {WORDS, "x\0", MB, NULL, 0},
    {WORDS "<p title='", "x\0", MB, NULL, 0},
    {WORDS "<svg>", "x\0", PAGE, LONG, 0},
    {WORDS "<textarea>", "x\0", PAGE, LONG, 0},
    {WORDS "<!--", "x\0", PAGE, LONG, 0},
};

static long
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
fill(struct buf *page, const struct shape *shape, size_t with_len)
{
	size_t size = IS_SLOW ? SLOW_PAGE : shape->size;
	size_t from, rest;

	buf_init(page, 128 * MB);
	assert_int_equal(buf_reserve(page, size + 1), 0);
	buf_puts(page, "<!DOCTYPE html><title>t</title><body>");
	buf_puts(page, shape->first);
	from = page->len;
	buf_add(page, shape->with, with_len);
	/* twice as many each time */
	while (2 * page->len - from <= size)
		buf_add(page, page->data + from, page->len - from);
	rest = (size - page->len) / with_len * with_len;
	buf_add(page, page->data + from, rest);
	assert_false(page->failed);
}

/* Read and write; the bytes that both took. 0: refused, and err says why. */
static size_t
read_and_write(const struct buf *page, size_t *taken, struct err *err)
{
	struct arena *arena = arena_new(4096);
	const struct html_opts opts = {.spans = true,
	    .arena = arena,
	    .content_type = "text/html; charset=utf-8"};
	struct buf out;
	xmlDoc *doc = NULL;
	size_t written = 0;

	buf_init(&out, OUT_MAX);
	if (html_parse(&doc, page->data, page->len, &opts, err) == 0) {
		(void)!html_write(&out, (const xmlNode *)doc);
		written = out.len;
	}
	*taken = arena_size(arena) + out.cap;
	html_free(&doc);
	arena_free(&arena);
	buf_fini(&out);
	return written;
}

static long
cost_of_forms(const char *first)
{
	const struct shape shape = {first, "<form></form>", 6 * MB, NULL, 0};
	struct err err = {""};
	struct buf page;
	size_t taken;
	long began;

	fill(&page, &shape, strlen(shape.with));
	began = now_ms();
	assert_true(read_and_write(&page, &taken, &err) > 0);
	began = now_ms() - began;
	buf_fini(&page);
	return began;
}

/* What is around each is not looked at for each. */
static void
deep_forms_cost_what_flat_ones_do(void **state)
{
	long flat = cost_of_forms("");
	long deep = cost_of_forms(FORMS50 FORMS50 FORMS50 FORMS50 FORMS50);

	(void)state;
	if (!IS_SLOW && deep > 2 * flat + 100)
		fail_msg("flat %ld ms, deep %ld ms", flat, deep);
}

static void
check(const struct shape *shape, size_t with_len)
{
	struct err err = {""};
	struct buf page;
	size_t taken, written, most = shape->most ? shape->most : BYTES_MAX;
	bool refused;
	long began;

	fill(&page, shape, with_len);
	began = now_ms();
	written = read_and_write(&page, &taken, &err);
	began = now_ms() - began;
	refused = shape->refused && strstr(err.text, shape->refused);
	/* smaller than they are meant to be, they may be read */
	if (!IS_SLOW && (!written != refused || !written != !!shape->refused))
		fail_msg("%s%s: %zu, %s",
		    shape->first + strspn(shape->first, " "), shape->with,
		    written, err.text);
	if (taken > most)
		fail_msg("%s%s: %zu bytes", shape->first, shape->with, taken);
	if (!IS_SLOW && began > MS_MAX)
		fail_msg("%s%s: %ld ms", shape->first, shape->with, began);
	buf_fini(&page);
}

static void
each_costs_little_or_is_refused_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(shapes); i++)
		check(&shapes[i], strlen(shapes[i].with));
}

static void
nuls_are_refused_where_they_grow(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(nuls); i++)
		check(&nuls[i], 2);
}

static void
a_comment_of_100_mb_is_refused_at_once(void **state)
{
	struct err err = {""};
	size_t taken, len = (size_t)100 * MB;
	struct buf page = {.data = malloc(len), .len = len};

	(void)state;
	assert_non_null(page.data);
	memset(page.data, 'x', len);
	memcpy(page.data, "<!--", 4);
	assert_int_equal(read_and_write(&page, &taken, &err), 0);
	assert_non_null(strstr(err.text, LONG));
	assert_true(taken < MB);
	free(page.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_costs_little_or_is_refused_by_name),
	    cmocka_unit_test(deep_forms_cost_what_flat_ones_do),
	    cmocka_unit_test(nuls_are_refused_where_they_grow),
	    cmocka_unit_test(a_comment_of_100_mb_is_refused_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
