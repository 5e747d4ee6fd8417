/* page/directive, page/expand: what includes, and the ESI around them, become;
 * page/weave: in which answers; page/held: for how long */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "http/targeted.h"
#include "page/expand.h"
#include "page/held.h"
#include "page/weave.h"
#include "purge_help.h"

/* ---- a text and what becomes of it ---- */

enum {
	WAITS = 1,
	LACKS = 2,
	BROKEN = 4,
	DEEP = 8,
	NONE = 16, /* no directive in it */
};

struct page {
	const char *address, *text;
};

/* What there is to be included. /no is not there, /wait not yet. */
static const struct page pages[] = {
    {"/a", "A"},
    {"/b?x=1&y=\"", "B"},
    {"/empty", ""},
    {"/in", "[<esi:include src='/a'/>]"},
    {"/in-no", "[<esi:include src='/no'/>]"},
    {"/try", "<esi:try><esi:attempt><esi:include src='/no'/></esi:attempt>"
	     "<esi:except>made up</esi:except></esi:try>"},
    {"/end", "</esi:attempt><esi:except>"},
    {"/half", "<esi:include src='"},
    {"/loop", "(<esi:include src='/loop'/>)"},
    {"/plain", "<esi:include src='/a'/>"},
    {"/relative", "<esi:include src='next'/>"},
    {"next@/relative", "NEXT"},
    {"/a?;filter_xpath=//p", "part"},
};

static enum had
get(void *arg, const char *base, const char *address, struct included *out)
{
	char name[256];

	(*(unsigned *)arg)++;
	if (strcmp(address, "/wait") == 0)
		return HAD_WAITS;
	snprintf(name, sizeof(name), "%s%s%s", address,
	    strcmp(address, "next") == 0 ? "@" : "",
	    strcmp(address, "next") == 0 && base ? base : "");
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strcmp(pages[i].address, name) == 0) {
			out->text = (struct slice){
			    pages[i].text, strlen(pages[i].text)};
			out->base = pages[i].address;
			out->is_read = strcmp(address, "/plain") != 0;
			return HAD;
		}
	return HAD_NOT;
}

static unsigned
said_as_flags(const struct expanded *said)
{
	return (said->waits ? WAITS : 0) | (said->lacks ? LACKS : 0) |
	       (said->is_broken ? BROKEN : 0) | (said->too_deep ? DEEP : 0) |
	       (said->any ? 0 : NONE);
}

struct line {
	const char *text, *wanted;
	unsigned flags;
};

/* In memory that ends where the text does, so that a sanitizer sees a look
 * beyond. */
static void
check(enum includes how, const struct line *line)
{
	size_t len = strlen(line->text);
	char *exact = malloc(len ? len : 1);
	unsigned asked = 0;
	struct expand_ask ask = {how, {exact, len}, NULL, get, &asked};
	struct expanded said;
	struct buf out;

	memcpy(exact, line->text, len);
	buf_init(&out, 1 << 16);
	assert_int_equal(expand(&ask, &out, &said), 0);
	if (!said.waits) {
		buf_puts(&out, "");
		assert_string_equal(out.data ? out.data : "", line->wanted);
	}
	if (said_as_flags(&said) != line->flags)
		print_message("in: %s\n", line->text);
	assert_int_equal(said_as_flags(&said), line->flags);
	assert_int_equal(expand_is_due(how, ask.text), said.any);
	buf_fini(&out);
	free(exact);
}

#define CHECK_ALL(how, lines)                                                  \
	for (size_t i = 0; i < sizeof(lines) / sizeof((lines)[0]); i++)        \
	check(how, &(lines)[i])

/* ---- includes ---- */

static void
an_include_is_what_it_names(void **state)
{
	static const struct line lines[] = {
	    {"", "", NONE},
	    {"text <b>bold</b> < & <", "text <b>bold</b> < & <", NONE},
	    {"<esi:include src=\"/a\"/>", "A", 0},
	    {"1<esi:include src='/a' />2", "1A2", 0},
	    {"<esi:include src=\"/a\"></esi:include>!", "A!", 0},
	    {"<ESI:Include SRC='/a'>", "A", 0},
	    {"<esi:include\n\tsrc = '/a'\r\n/>", "A", 0},
	    {"<esi:include src=/a>", "A", 0},
	    {"<esi:include maxwait='500' ttl=\"3\" max-age='1+2' src='/a' "
	     "onerror='continue' dca=\"none\"/>",
		"A", 0},
	    {"<esi:include a='>' src='/a'/>", "A", 0},
	    {"<esi:include src='/a' src='/no'/>", "A", 0},
	    {"<esi:include src='/b?x=1&amp;y=&quot;'/>", "B", 0},
	    {"<esi:include src='/b?x=1&#38;y=&#34;'/>", "B", 0},
	    {"<esi:include src='/a?;filter_xpath=//p'/>", "part", 0},
	    {"<esi:include src='/empty'/>", "", 0},
	    {"<script><esi:include src='/a'/></script>", "<script>A</script>",
		0},
	    {"<esi:include src='/wait'/>", "", WAITS},
	    {"<esi:include src='/wait'/><esi:include src='/no'/>", "",
		WAITS | LACKS},
	};

	(void)state;
	CHECK_ALL(INCLUDES_ESI, lines);
}

static void
one_that_is_not_had_says_what_then(void **state)
{
	static const struct line lines[] = {
	    {"1<esi:include src='/no'/>2", "12", LACKS},
	    {"1<esi:include src='/no' onerror='continue'/>2", "12", 0},
	    {"1<esi:include src='/no' onerror=\"CONTINUE\"/>2", "12", 0},
	    {"1<esi:include src='/no' onerror='abort'/>2", "12", LACKS},
	    {"<esi:include alt='/a' src='/no'/>", "A", 0},
	    {"<esi:include src='/a' alt='/wait'/>", "A", 0},
	    {"<esi:include src='/no' alt='/wait'/>", "", WAITS},
	    {"<esi:include src='/wait' alt='/a'/>", "", WAITS},
	    {"<esi:include src='/no' alt='/no'/>", "", LACKS},
	    {"<esi:include src='/no' alt=''/>", "", LACKS},
	    {"<esi:include src='/no' alt='/no' onerror='continue'/>", "", 0},
	};

	(void)state;
	CHECK_ALL(INCLUDES_ESI, lines);
}

static void
what_is_included_may_include(void **state)
{
	static const struct line lines[] = {
	    {"<esi:include src='/in'/>", "[A]", 0},
	    {"<esi:include src='/in-no'/>", "[]", LACKS},
	    {"<esi:include src='/plain'/>", "<esi:include src='/a'/>", 0},
	    {"<esi:include src='/relative'/>", "NEXT", 0},
	    {"<esi:include src='next'/>", "", LACKS},
	    {"<esi:include src='/loop'/>", "((((<esi:include src='/loop'/>))))",
		DEEP},
	};

	(void)state;
	CHECK_ALL(INCLUDES_ESI, lines);
}

/* What stands in one text cannot begin, end or change what is in another. */
static void
texts_do_not_reach_into_each_other(void **state)
{
	static const struct line lines[] = {
	    {"<esi:include src='/half'/>/a'/>", "<esi:include src='/a'/>",
		BROKEN},
	    {"<esi:try><esi:attempt><esi:include src='/end'/>ok</esi:attempt>"
	     "<esi:except>no</esi:except></esi:try>",
		"</esi:attempt><esi:except>ok", BROKEN},
	};

	(void)state;
	CHECK_ALL(INCLUDES_ESI, lines);
}

/* ---- the rest of the language ---- */

static void
comments_and_what_is_removed_go(void **state)
{
	static const struct line lines[] = {
	    {"1<esi:comment text='a > b'/>2", "12", 0},
	    {"1<esi:comment text=\"x\"></esi:comment>2", "12", 0},
	    {"1<esi:remove>gone <b>x</b></esi:remove>2", "12", 0},
	    {"1<esi:remove/>2", "12", 0},
	    {"1<esi:remove><esi:include src='/no'/></esi:remove>2", "12", 0},
	    {"1<!--esi 2 -->3", "1 2 3", 0},
	    {"<!--esi<esi:include src='/a'/>-->", "A", 0},
	    {"<!--esi-->", "", 0},
	    {"<!--esi <!--esi x --> -->", " <!--esi x  -->", BROKEN},
	    {"<!--esikimo-->", "<!--esikimo-->", NONE},
	};

	(void)state;
	CHECK_ALL(INCLUDES_ESI, lines);
}

static void
ordinary_comments_and_cdata_have_no_esi_in_them(void **state)
{
	static const struct line lines[] = {
	    {"<!-- <esi:include src='/a'/> -->",
		"<!-- <esi:include src='/a'/> -->", NONE},
	    {"<![CDATA[<esi:include src='/a'/>]]>",
		"<![CDATA[<esi:include src='/a'/>]]>", NONE},
	    {"<!-- <esi:include src='/a'/>", "<!-- A", 0},
	    {"<!-- x --><esi:include src='/a'/>", "<!-- x -->A", 0},
	    {"<![CDATA[ x ]]><esi:include src='/a'/>", "<![CDATA[ x ]]>A", 0},
	};

	(void)state;
	CHECK_ALL(INCLUDES_ESI, lines);
}

#define TRY(attempt, except)                                                   \
	"<esi:try><esi:attempt>" attempt "</esi:attempt>"                      \
	"<esi:except>" except "</esi:except></esi:try>"
#define INC(address) "<esi:include src='" address "'/>"

static void
an_attempt_that_fails_gives_way(void **state)
{
	static const struct line lines[] = {
	    {"1" TRY("2" INC("/a"), "no") "3", "12A3", 0},
	    {"1" TRY("2" INC("/no") "x", "made up") "3", "1made up3", 0},
	    {"1" TRY("2" INC("/wait"), INC("/no")) "3", "", WAITS},
	    {TRY(INC("/a"), INC("/wait")), "A", 0},
	    {TRY(INC("/no"), INC("/wait")), "", WAITS},
	    {TRY(INC("/no"), INC("/no")), "", LACKS},
	    {TRY("<esi:include src='/no' onerror='continue'/>ok", "no"), "ok",
		0},
	    {TRY(INC("/in-no"), "no"), "no", 0},
	    {TRY(INC("/try"), "no"), "made up", 0},
	    {"<esi:try> <esi:except>e</esi:except> x <esi:attempt>" INC(
		 "/no") "</esi:attempt></esi:try>",
		"", LACKS},
	    {"<esi:try><esi:attempt>" INC("/no") "</esi:attempt></esi:try>", "",
		LACKS},
	    {"<esi:try>\n<esi:attempt >a</esi:attempt >\n<esi:except/>"
	     "</esi:except></esi:try>",
		"a", 0},
	    {"<!--esi " TRY(INC("/no"), "no") " -->", " no ", 0},
	    {TRY("<!--esi " INC("/no") "-->", "no"), "no", 0},
	    {TRY("<!--esi x-->", "<!--esi " INC("/no") "-->"), " x", 0},
	    {TRY(INC("/loop"), "no"), "((((" INC("/loop") "))))", DEEP},
	};

	(void)state;
	CHECK_ALL(INCLUDES_ESI, lines);
}

static void
tries_nest(void **state)
{
	static const struct line lines[] = {
	    {TRY("a" TRY(INC("/no"), "b") "c", "no"), "abc", 0},
	    {TRY("a" TRY(INC("/no"), INC("/no")) "c", "d"), "d", 0},
	    {TRY(INC("/no"), "a" TRY(INC("/no"), "b") "c"), "abc", 0},
	    {TRY(INC("/a"), "a" TRY(INC("/wait"), "b") "c"), "A", 0},
	    {TRY(INC("/no") TRY("x", "y"), "z"), "z", 0},
	    {TRY(TRY(TRY(TRY(TRY(TRY(TRY(TRY(INC("/no"), "8"), ""), ""), ""),
			     ""),
			 ""),
		     ""),
		 ""),
		"8", 0},
	};

	(void)state;
	CHECK_ALL(INCLUDES_ESI, lines);
}

/* ---- what is broken ---- */

static void
what_is_broken_stays_as_it_is(void **state)
{
	static const char *const texts[] = {
	    "<esi:include",
	    "<esi:include ",
	    "<esi:include>",
	    "<esi:include/>",
	    "<esi:include src>",
	    "<esi:include src='/a'",
	    "<esi:include src='/a",
	    "<esi:include src=",
	    "<esi:include src=''/>",
	    "<esi:include src='/a\"/>",
	    "<esi:include href='/a'/>",
	    "<esi:include ='/a'/>",
	    "<esi:include 'x' src='/a'/>",
	    "<esi:include src='/a' <b>",
	    "<esi:includes src='/a'/>",
	    "<esi:inline name='/a'>x</esi:inline>",
	    "<esi:choose><esi:when test='1'>x</esi:when></esi:choose>",
	    "<esi:vars>$(HTTP_HOST)</esi:vars>",
	    "<esi:",
	    "</esi:",
	    "<esi:remove>x",
	    "x</esi:remove>",
	    "<!--esi x",
	    "<esi:include a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12 a13 a14 a15 "
	    "a16 src='/a'/>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct line line = {texts[i], texts[i], BROKEN | NONE};

		check(INCLUDES_ESI, &line);
	}
}

/* All of a text's tries, or none. */
static void
tries_that_are_not_whole_stay_as_they_are(void **state)
{
	static const char *const texts[] = {
	    "<esi:try>",
	    "</esi:try>",
	    "<esi:attempt>x</esi:attempt>",
	    "</esi:except>",
	    "<esi:try><esi:attempt>x</esi:attempt>",
	    "<esi:try><esi:attempt>x</esi:except></esi:try>",
	    "<esi:try><esi:attempt>x</esi:try>",
	    ("<esi:try><esi:attempt><esi:except></esi:except>"
	     "</esi:attempt></esi:try>"),
	    "<esi:try><esi:try></esi:try></esi:try>",
	    TRY("x", "y") "</esi:try>",
	    TRY("x", "y") "<esi:try>",
	    TRY(TRY(TRY(TRY(TRY(TRY(TRY(TRY(TRY("x", ""), ""), ""), ""), ""),
			    ""),
			""),
		    ""),
		""),
	};
	static const struct line lines[] = {
	    {"<esi:try>" INC("/a"), "<esi:try>A", BROKEN},
	    {TRY(INC("/no"), "b") "</esi:try>", TRY("", "b") "</esi:try>",
		BROKEN | LACKS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct line line = {texts[i], texts[i], BROKEN};

		check(INCLUDES_ESI, &line);
	}
	CHECK_ALL(INCLUDES_ESI, lines);
}

static void
each_length_of_a_text_is_read_within_it(void **state)
{
	static const char whole[] =
	    "<!--#include virtual=\"/a\" -->"
	    "<esi:include src='/a' alt=\"/b\"/><!--esi x --><![CDATA[]]>"
	    "<esi:remove>x</esi:remove>" TRY(INC("/in"), "x");
	unsigned asked = 0;

	(void)state;
	for (size_t len = 0; len < sizeof(whole); len++) {
		char *exact = malloc(len ? len : 1);
		struct expand_ask ask = {
		    INCLUDES_BOTH, {exact, len}, NULL, get, &asked};
		struct expanded said;
		struct buf out;

		memcpy(exact, whole, len);
		buf_init(&out, 1 << 16);
		assert_int_equal(expand(&ask, &out, &said), 0);
		buf_fini(&out);
		free(exact);
	}
}

/* ---- SSI ---- */

static void
ssi_is_read_where_it_is_asked_for(void **state)
{
	static const struct line ssi[] = {
	    {"<!--#include virtual=\"/a\" -->", "A", 0},
	    {"<!--#include  wait='yes' virtual='/a'-->", "A", 0},
	    {"<!-- <!--#include virtual='/a' -->", "<!-- A", 0},
	    {"<!--#include virtual='/no' -->", "", LACKS},
	    {"<!--#include file='a' -->", "<!--#include file='a' -->",
		BROKEN | NONE},
	    {"<!--#include virtual='/a'", "<!--#include virtual='/a'",
		BROKEN | NONE},
	    {"<!--#include virtual='/a -->'", "<!--#include virtual='/a -->'",
		BROKEN | NONE},
	    {"<!--#includes virtual='/a'-->", "<!--#includes virtual='/a'-->",
		NONE},
	    {"<esi:include src='/a'/>", "<esi:include src='/a'/>", NONE},
	};
	static const struct line both[] = {
	    {"<!--#include virtual='/a'--><esi:include src='/a'/>", "AA", 0},
	    {"<!--esi <esi:include src='/a'/> -->", " A ", 0},
	};
	static const struct line esi[] = {
	    {"<!--#include virtual='/a'-->", "<!--#include virtual='/a'-->",
		NONE},
	};

	(void)state;
	CHECK_ALL(INCLUDES_SSI, ssi);
	CHECK_ALL(INCLUDES_BOTH, both);
	CHECK_ALL(INCLUDES_ESI, esi);
}

/* ---- bounds ---- */

static void
an_include_over_its_limit_is_text(void **state)
{
	char text[2 * INCLUDE_MAX];
	struct line line = {text, text, BROKEN | NONE};
	int pad = INCLUDE_MAX - (int)strlen("<esi:include src='/a' x=''/>");

	(void)state;
	snprintf(
	    text, sizeof(text), "<esi:include src='/a' x='%*s'/>", pad, "");
	line.wanted = "A";
	line.flags = 0;
	check(INCLUDES_ESI, &line);
	snprintf(
	    text, sizeof(text), "<esi:include src='/a' x='%*s'/>", pad + 1, "");
	line.wanted = text;
	line.flags = BROKEN | NONE;
	check(INCLUDES_ESI, &line);
}

static int
expand_within(size_t max, const char *text, size_t len, struct expanded *said)
{
	unsigned asked = 0;
	struct expand_ask ask = {INCLUDES_BOTH, {text, len}, NULL, get, &asked};
	struct buf out;
	int rc;

	buf_init(&out, max);
	rc = expand(&ask, &out, said);
	buf_fini(&out);
	return rc;
}

static void
what_comes_out_is_bounded(void **state)
{
	static const char text[] = INC("/a") INC("/a") INC("/a") INC("/a");
	static const char unseen[] = INC("/half") INC("/half");
	struct expanded said;

	(void)state;
	assert_int_equal(expand_within(4, text, strlen(text), &said), 0);
	assert_int_equal(expand_within(3, text, strlen(text), &said), -1);
	assert_int_equal(expand_within(20, unseen, strlen(unseen), &said), -1);
}

/* Each of these took the square of its length in some reader of such texts. */
static void
a_hostile_text_takes_time_that_grows_with_it(void **state)
{
	static const char *const words[] = {
	    "<",
	    "<esi:",
	    "<esi:include ",
	    "<esi:include src='",
	    "<esi:include src=\"",
	    "<esi:include a='' b=\"",
	    "<esi:remove>",
	    "<esi:remove",
	    "<!--esi ",
	    "<!--",
	    "<![CDATA[",
	    "<!--#include ",
	    "<!--#include virtual=\"",
	    "<esi:try>",
	    "<esi:attempt>",
	    "</esi:try>",
	    "<esi:try><esi:attempt>",
	    "<esi:comment ",
	    "<esi:include x=\"<esi:include y=\" z='",
	    "</esi:remove>",
	    "<esi:try></esi:try><esi:try>",
	};
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	enum { LEN = 1 << 17 };
#else
	enum { LEN = 1 << 20 };
#endif
	char *text = malloc(LEN);

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct expanded said;
		size_t n = strlen(words[i]);

		for (size_t at = 0; at < LEN; at++)
			text[at] = words[i][at % n];
		assert_int_equal(expand_within(4 * LEN, text, LEN, &said), 0);
	}
	free(text);
}

/* ---- in which answers ---- */

static void
includes_count_in_markup_and_in_what_says_so(void **state)
{
	static const struct {
		const char *type, *surrogate, *other;
		enum includes how;
		bool reads;
	} lines[] = {
	    {"text/html", NULL, NULL, INCLUDES_ESI, true},
	    {"text/html; charset=utf-8", NULL, NULL, INCLUDES_SSI, true},
	    {"text/html", NULL, NULL, INCLUDES_NONE, false},
	    {"application/xhtml+xml", NULL, NULL, INCLUDES_ESI, true},
	    {"text/xml", NULL, NULL, INCLUDES_ESI, true},
	    {"application/atom+xml; a=b", NULL, NULL, INCLUDES_BOTH, true},
	    {"application/json", NULL, NULL, INCLUDES_ESI, false},
	    {NULL, NULL, NULL, INCLUDES_ESI, false},
	    {NULL, "content=\"ESI/1.0\"", NULL, INCLUDES_ESI, true},
	    {"application/json", "content=\"ESI/1.0\"", NULL, INCLUDES_ESI,
		true},
	    {"application/json", "max-age=60, content=\"X/1 esi/1.0\"", NULL,
		INCLUDES_BOTH, true},
	    {"application/json", "content=\"ESI/1.0\";livery", NULL,
		INCLUDES_ESI, true},
	    {"application/json", "content=\"ESI/1.0\";other", NULL,
		INCLUDES_ESI, false},
	    {"application/json", "content=\"ESI/1.0\"", NULL, INCLUDES_SSI,
		false},
	    {"application/json", "content=\"ESI/1.01\"", NULL, INCLUDES_ESI,
		false},
	    {"application/json", "content=", NULL, INCLUDES_ESI, false},
	    {"application/json", "content=ESI/1.0", NULL, INCLUDES_ESI, true},
	    {"text/html", NULL, "Cache-Control: no-transform", INCLUDES_ESI,
		false},
	    {"text/html", NULL, "Content-Encoding: br", INCLUDES_ESI, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct arena *arena = arena_new(512);
		const char *other = lines[i].other;
		struct head head;

		head_init(&head, arena);
		if (lines[i].type)
			head_add(&head, "Content-Type", lines[i].type);
		if (lines[i].surrogate)
			head_add(
			    &head, "Surrogate-Control", lines[i].surrogate);
		if (other)
			head_add_n(&head, other, strcspn(other, ":"),
			    strchr(other, ' ') + 1,
			    strlen(strchr(other, ' ') + 1));
		assert_int_equal(
		    weave_reads(lines[i].how, &head), lines[i].reads);
		arena_free(&arena);
	}
}

static void
esi_is_announced_where_it_is_resolved(void **state)
{
	(void)state;
	assert_string_equal(
	    surrogate_capability(true), "livery=\"Surrogate/1.0 ESI/1.0\"");
	assert_string_equal(
	    surrogate_capability(false), "livery=\"Surrogate/1.0\"");
}

/* ---- for how long ---- */

static struct object *
object_at(const char *url, const char *tags)
{
	char room[KEY_MAX];
	struct key key;
	struct object *object;

	assert_int_equal(
	    key_make_url(&key, room, KIND_FRAGMENT, "main", url), 0);
	object = object_new(&key, KIND_FRAGMENT, "main");
	object->url = arena_strdup(object->arena, url);
	object->tags = arena_strdup(object->arena, tags);
	return object;
}

static void
a_page_holds_until_one_of_its_parts_is_purged(void **state)
{
	struct cache_opts opts = {.memory_max = 1 << 20, .variants_max = 4};
	struct object *part = object_at("http://h/part", "t1 t2");
	struct object *page = object_at("http://h/page", "");
	struct object *copy = object_at("http://h/page", "");
	struct cache *cache;
	struct key of_page;
	char room[KEY_MAX];
	struct err err;

	(void)state;
	assert_int_equal(cache_open(&cache, &opts, &err), 0);
	assert_true(held_is_good_now(cache, page, 10));
	page->good_until_ms = 20;
	assert_true(held_is_good_now(cache, page, 19));
	assert_false(held_is_good_now(cache, page, 20));
	assert_false(held_is_good(cache, page, 20));

	held_begin(page, 2, cache_purges(cache));
	held_add(page, part);
	held_add(page, part);
	held_copy(copy, page);
	assert_true(held_is_good_now(cache, page, 10));
	assert_int_equal(key_make_url(&of_page, room, KIND_PAGE, "main",
			     "http://h/page"),
	    0);
	cache_invalidate(cache, &of_page);
	assert_true(held_is_good_now(cache, page, 10));
	cache_invalidate(cache, &page->key);
	assert_false(held_is_good_now(cache, page, 10));
	assert_true(held_is_good(cache, page, 10));
	assert_true(held_is_good_now(cache, page, 10));
	cache_purge_tag(cache, "t3");
	assert_true(held_is_good(cache, page, 10));
	cache_purge_tag(cache, "t2");
	assert_false(held_is_good(cache, page, 10));
	assert_false(held_is_good(cache, copy, 10));

	cache_close(&cache);
	object_unref(&page);
	object_unref(&copy);
	object_unref(&part);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_include_is_what_it_names),
	    cmocka_unit_test(one_that_is_not_had_says_what_then),
	    cmocka_unit_test(what_is_included_may_include),
	    cmocka_unit_test(texts_do_not_reach_into_each_other),
	    cmocka_unit_test(comments_and_what_is_removed_go),
	    cmocka_unit_test(ordinary_comments_and_cdata_have_no_esi_in_them),
	    cmocka_unit_test(an_attempt_that_fails_gives_way),
	    cmocka_unit_test(tries_nest),
	    cmocka_unit_test(what_is_broken_stays_as_it_is),
	    cmocka_unit_test(tries_that_are_not_whole_stay_as_they_are),
	    cmocka_unit_test(each_length_of_a_text_is_read_within_it),
	    cmocka_unit_test(ssi_is_read_where_it_is_asked_for),
	    cmocka_unit_test(an_include_over_its_limit_is_text),
	    cmocka_unit_test(what_comes_out_is_bounded),
	    cmocka_unit_test(a_hostile_text_takes_time_that_grows_with_it),
	    cmocka_unit_test(includes_count_in_markup_and_in_what_says_so),
	    cmocka_unit_test(esi_is_announced_where_it_is_resolved),
	    cmocka_unit_test(a_page_holds_until_one_of_its_parts_is_purged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
