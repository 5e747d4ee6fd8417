/* the tokenizer: each state of the standard, each limit, cut in each place */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "token_help.h"

#define SIGN "\xEF\xBF\xBD" /* U+FFFD */

enum { DUMP_MAX = 1 << 20 };

struct row {
	const char *page, *tokens;
	size_t len; /* of the page, which may have NULs */
};

#define ROW(page, tokens)                                                      \
	{                                                                      \
		page, tokens, sizeof(page) - 1                                 \
	}

/* Whole, and in pieces of one byte and more, and in two cut at each byte. */
static void
check_row(const struct help *how, const struct row *row)
{
	struct help help = *how;
	struct buf out;

	buf_init(&out, DUMP_MAX);
	for (help.piece = 0; help.piece <= row->len; help.piece++) {
		buf_clear(&out);
		buf_puts(&out, "");
		help_run(&out, &help, row->page, row->len);
		assert_string_equal(out.data ? out.data : "", row->tokens);
	}
	buf_fini(&out);
}

static void
check_rows(const struct help *how, const struct row *rows, size_t count)
{
	struct help help = *how;

	help.attributes_max = 100;
	for (size_t i = 0; i < count; i++)
		check_row(&help, &rows[i]);
}

#define CHECK(rows, ...)                                                       \
	check_rows(&(struct help){__VA_ARGS__}, rows, COUNT_OF(rows))

static void
text_and_tags_come_as_they_are(void **state)
{
	static const struct row rows[] = {
	    ROW("", ""),
	    ROW("abc", "abc"),
	    ROW("<p>a</p>b", "<p>|a|</p>|b"),
	    ROW("<P CLASS=A>a</P >", "<p class='A'>|a|</p>"),
	    ROW("<x-Y>a</X-y>", "<x-y>|a|</x-y>"),
	    ROW("a < b <3 <\0", "a < b <3 <\\0"),
	    ROW("a<", "a<"),
	    ROW("a</", "a</"),
	    ROW("a<é", "a<é"),
	    ROW("a</>b", "ab"),
	    ROW("</>", ""),
	    ROW("<a", ""),
	    ROW("x<a ", "x"),
	    ROW("x<a b='", "x"),
	    ROW("x</a", "x"),
	    ROW("<br/>", "<br/>"),
	    ROW("<br/ >", "<br>"),
	    ROW("<br / x/>", "<br x/>"),
	    ROW("</p a=b/>", "</p>"),
	    ROW("<a\0B>", "<a" SIGN "b>"),
	    ROW("<a\"b<c>", "<a\"b<c>"),
	};

	(void)state;
	CHECK(rows, .piece = 0);
}

static void
attributes_are_read_in_every_form(void **state)
{
	static const struct row rows[] = {
	    ROW("<a b>", "<a b>"),
	    ROW("<a b=>", "<a b=''>"),
	    ROW("<a b=''c=\"\"d>", "<a b='' c='' d>"),
	    ROW("<a B = 'X'>", "<a b='X'>"),
	    ROW("<a b\n=\n\"x\">", "<a b='x'>"),
	    ROW("<a b=c/d/>", "<a b='c/d/'>"),
	    ROW("<a =b=c =>", "<a =b='c' =>"),
	    ROW("<a b=c'\"<=`>", "<a b='c'\"<=`'>"),
	    ROW("<a b'\"<c=1>", "<a b'\"<c='1'>"),
	    ROW("<a @click.X='y' :class=z #v>",
		"<a @click.x='y' :class='z' #v>"),
	    ROW("<a/b/c=d>", "<a b c='d'>"),
	    ROW("<a b='1' B='2' c b=3>", "<a b='1' c>"),
	    ROW("<a x-y=1 X-Y=2>", "<a x-y='1'>"),
	    ROW("<a b='c\r\nd\re'>", "<a b='c\nd\ne'>"),
	    ROW("<a b='\0c\0' d=\0 \0e=f>",
		"<a b='" SIGN "c" SIGN "' d='" SIGN "' " SIGN "e='f'>"),
	    ROW("<a b='>'>", "<a b='>'>"),
	    ROW("<a\rb\f=\tc\rd>", "<a b='c' d>"),
	};

	(void)state;
	CHECK(rows, .piece = 0);
}

static void
references_stand_for_characters(void **state)
{
	static const struct row rows[] = {
	    ROW("a&amp;b&lt;c&gt;", "a&b<c>"),
	    ROW("&amp&ampx;&AMP;", "&&x;&"),
	    ROW("&notit;&notin;&not", "¬it;∉¬"),
	    ROW("&&&; & &x; &nosuchthing; &", "&&&; & &x; &nosuchthing; &"),
	    ROW("&nGt;", "\xE2\x89\xAB\xE2\x83\x92"),
	    ROW("x&nGt;y&amp;&amp;&nLt;",
		"x\xE2\x89\xAB\xE2\x83\x92y&&\xE2\x89\xAA\xE2\x83\x92"),
	    ROW("&#65;&#x42;&#X43&#68x", "ABCDx"),
	    ROW("&#;&#x;&#xg;&#", "&#;&#x;&#xg;&#"),
	    ROW("&#x", "&#x"),
	    ROW("&#0;&#xD800;&#x110000;&#99999999999;", SIGN SIGN SIGN SIGN),
	    ROW("&#128;&#x9F;&#x81;", "\xE2\x82\xAC\xC5\xB8\xC2\x81"),
	    ROW("&#x10FFFF;&#xA0;&#13;", "\xF4\x8F\xBF\xBF\xC2\xA0\\r"),
	    ROW("&#x0000000000000000000000041;", "A"),
	    ROW("&#1", "\x01"),
	    ROW("<a b='&amp;&ampx&amp=&amp'>", "<a b='&&ampx&amp=&'>"),
	    ROW("<a b='?x=1&copy=2&y=3&reg_x&reg;'>",
		"<a b='?x=1&copy=2&y=3®_x®'>"),
	    ROW("<a b=&lt;c d='&nGt;&nLt;'>",
		"<a b='<c' d='\xE2\x89\xAB\xE2\x83\x92\xE2\x89\xAA\xE2\x83"
		"\x92'>"),
	    ROW("<a b='&\0'>", "<a b='&" SIGN "'>"),
	    ROW("&CounterClockwiseContourIntegral;", "\xE2\x88\xB3"),
	    ROW("&CounterClockwiseContourIntegral",
		"&CounterClockwiseContourIntegral"),
	    ROW("&amp;\r\n&lt;\r&gt;", "&\n<\n>"),
	};

	(void)state;
	CHECK(rows, .piece = 0);
}

static void
line_ends_and_nuls_are_what_the_standard_says(void **state)
{
	static const struct row rows[] = {
	    ROW("a\r\nb\rc\nd\r", "a\nb\nc\nd\n"),
	    ROW("\r", "\n"),
	    ROW("\r\r\n\n", "\n\n\n"),
	    ROW("\r\n<p>\r\n", "\n|<p>|\n"),
	    ROW("a\0b\0", "a\\0b\\0"),
	    ROW("<!--a\r\nb\rc\0d-->", "<!--a\nb\nc" SIGN "d-->"),
	    ROW("<?a\0\r\n>", "<!--?a" SIGN "\n-->"),
	};

	(void)state;
	CHECK(rows, .piece = 0);
}

static void
comments_end_in_every_way(void **state)
{
	static const struct row rows[] = {
	    ROW("<!--a-->b", "<!--a-->|b"),
	    ROW("<!-->b", "<!---->|b"),
	    ROW("<!--->b", "<!---->|b"),
	    ROW("<!---->b", "<!---->|b"),
	    ROW("<!----->b", "<!----->|b"),
	    ROW("<!--a--!>b", "<!--a-->|b"),
	    ROW("<!--!>a-->", "<!--!>a-->"),
	    ROW("<!---!>a-->", "<!---!>a-->"),
	    ROW("<!----!>b", "<!---->|b"),
	    ROW("<!--a--!-->b", "<!--a--!-->|b"),
	    ROW("<!--a--!", "<!--a-->"),
	    ROW("<!--a--", "<!--a-->"),
	    ROW("<!--a---", "<!--a--->"),
	    ROW("<!--a-", "<!--a-->"),
	    ROW("<!--a", "<!--a-->"),
	    ROW("<!--", "<!---->"),
	    ROW("<!---", "<!---->"),
	    ROW("<!-- <!-- -->b-->", "<!-- <!-- -->|b-->"),
	    ROW("<!--<!-->b", "<!--<!-->|b"),
	    ROW("<!--<!->b-->", "<!--<!->b-->"),
	    ROW("<!--a>b->c-->", "<!--a>b->c-->"),
	};

	(void)state;
	CHECK(rows, .piece = 0);
}

static void
what_is_nothing_else_is_a_comment(void **state)
{
	static const struct row rows[] = {
	    ROW("<?xml version='1.0'?>a", "<!--?xml version='1.0'?-->|a"),
	    ROW("<!a>b", "<!--a-->|b"),
	    ROW("<!>b", "<!---->|b"),
	    ROW("<!", "<!---->"),
	    ROW("<!-", "<!----->"),
	    ROW("<!-a>b", "<!---a-->|b"),
	    ROW("</ a>b", "<!-- a-->|b"),
	    ROW("</3", "<!--3-->"),
	    ROW("<![CDATA[a]]>b", "<!--[CDATA[a]]-->|b"),
	    ROW("<!doctyp>", "<!--doctyp-->"),
	    ROW("<?", "<!--?-->"),
	};

	(void)state;
	CHECK(rows, .piece = 0);
}

static void
cdata_is_text_where_it_is_allowed(void **state)
{
	static const struct row rows[] = {
	    ROW("<![CDATA[a<b>&amp;]]>c", "a<b>&amp;c"),
	    ROW("x<![CDATA[a]]]]><b>", "xa]]|<b>"),
	    ROW("<![CDATA[]]>", ""),
	    ROW("<![CDATA[]>]]]>c", "]>]c"),
	    ROW("<![CDATA[a]]", "a]]"),
	    ROW("<![CDATA[", ""),
	    ROW("<![CDATA[a\0b\r\n]]>", "a\\0b\n"),
	    ROW("<![cdata[a]]>", "<!--[cdata[a]]-->"),
	    ROW("<![CDATA", "<!--[CDATA-->"),
	    ROW("<![CDATA[a]]>&amp;<b>", "a&|<b>"),
	};

	(void)state;
	CHECK(rows, .allow_cdata = true);
}

static void
doctypes_have_names_ids_and_quirks(void **state)
{
	static const struct row rows[] = {
	    ROW("<!DOCTYPE html>", "<!DOCTYPE 'html' - ->"),
	    ROW("<!doctypeHTML >", "<!DOCTYPE 'html' - ->"),
	    ROW("<!DOCTYPE>", "<!DOCTYPE - - - quirks>"),
	    ROW("<!DOCTYPE", "<!DOCTYPE - - - quirks>"),
	    ROW("<!DOCTYPE ht\0ml", "<!DOCTYPE 'ht" SIGN "ml' - - quirks>"),
	    ROW("<!DOCTYPE html x>", "<!DOCTYPE 'html' - - quirks>"),
	    ROW("<!DOCTYPE html public>", "<!DOCTYPE 'html' - - quirks>"),
	    ROW("<!DOCTYPE html PUBLIC 'a'>", "<!DOCTYPE 'html' 'a' ->"),
	    ROW("<!DOCTYPE html PUBLIC'a'\"b\">", "<!DOCTYPE 'html' 'a' 'b'>"),
	    ROW("<!DOCTYPE html PUBLIC 'a' 'b' >", "<!DOCTYPE 'html' 'a' 'b'>"),
	    ROW("<!DOCTYPE html PUBLIC 'a' 'b' x>",
		"<!DOCTYPE 'html' 'a' 'b'>"),
	    ROW("<!DOCTYPE html PUBLIC 'a' 'b' x", "<!DOCTYPE 'html' 'a' 'b'>"),
	    ROW("<!DOCTYPE html PUBLIC 'a' 'b'",
		"<!DOCTYPE 'html' 'a' 'b' quirks>"),
	    ROW("<!DOCTYPE html PUBLIC 'a>b",
		"<!DOCTYPE 'html' 'a' - quirks>|b"),
	    ROW("<!DOCTYPE html PUBLIC a>", "<!DOCTYPE 'html' - - quirks>"),
	    ROW("<!DOCTYPE html PUBLIC 'a' b>",
		"<!DOCTYPE 'html' 'a' - quirks>"),
	    ROW("<!DOCTYPE html SYSTEM 'a\r\nb'>",
		"<!DOCTYPE 'html' - 'a\nb'>"),
	    ROW("<!DOCTYPE html system \"a", "<!DOCTYPE 'html' - 'a' quirks>"),
	    ROW("<!DOCTYPE html SYSTEM ''>", "<!DOCTYPE 'html' - ''>"),
	    ROW("<!DOCTYPE\rX\rSYSTEM\r'a'\r>", "<!DOCTYPE 'x' - 'a'>"),
	    ROW("<!DOCTYPE html SYSTEMX 'a'>", "<!DOCTYPE 'html' - - quirks>"),
	    ROW("<!DOCTYPE html ", "<!DOCTYPE 'html' - - quirks>"),
	    ROW("<!DOCTYPE html SYSTEM '\0'>",
		"<!DOCTYPE 'html' - '" SIGN "'>"),
	};

	(void)state;
	CHECK(rows, .piece = 0);
}

static void
rcdata_has_references_and_its_own_end(void **state)
{
	static const struct row rows[] = {
	    ROW("a&lt;<b></title>c<i>", "a<<b>|</title>|c|<i>"),
	    ROW("</TITLE\n x>c", "</title>|c"),
	    ROW("</title/>c", "</title>|c"),
	    ROW("a</titlex></title", "a</titlex></title"),
	    ROW("a</title", "a</title"),
	    ROW("a</title ", "a"),
	    ROW("a\0\0</title>", "a" SIGN SIGN "|</title>"),
	    ROW("&nGt;</title>", "\xE2\x89\xAB\xE2\x83\x92|</title>"),
	    ROW("&amp</title>", "&|</title>"),
	    ROW("a\r\n\r</title>", "a\n\n|</title>"),
	    ROW("a</</title>", "a</|</title>"),
	    ROW("</titl></title>", "</titl>|</title>"),
	    ROW("a&#", "a&#"),
	};

	(void)state;
	CHECK(rows, .state = TOKEN_RCDATA, .last_start = "title");
}

static void
raw_text_has_nothing_but_its_end(void **state)
{
	static const struct row rows[] = {
	    ROW("a&lt;<b><!--</xmp>c", "a&lt;<b><!--|</xmp>|c"),
	    ROW("a\0b\r\n</xmp>", "a" SIGN "b\n|</xmp>"),
	    ROW("\0</xmp>", SIGN "|</xmp>"),
	    ROW("</xmp", "</xmp"),
	    ROW("", ""),
	};

	(void)state;
	CHECK(rows, .state = TOKEN_RAWTEXT, .last_start = "xmp");
}

static void
raw_text_without_a_start_tag_never_ends(void **state)
{
	static const struct row rows[] = {ROW("a</xmp>", "a</xmp>")};

	(void)state;
	CHECK(rows, .state = TOKEN_RAWTEXT);
}

static void
plaintext_never_ends(void **state)
{
	static const struct row rows[] = {
	    ROW("a&lt;<b>\0\r\n</plaintext>", "a&lt;<b>" SIGN "\n</plaintext>"),
	    ROW("\0", SIGN),
	    ROW("a\r", "a\n"),
	};

	(void)state;
	CHECK(rows, .state = TOKEN_PLAINTEXT, .last_start = "plaintext");
}

static void
scripts_hide_their_end_in_a_comment_with_a_script(void **state)
{
	static const struct row rows[] = {
	    ROW("a<b&lt;</script>c", "a<b&lt;|</script>|c"),
	    ROW("<!--</script>c", "<!--|</script>|c"),
	    ROW("<!--<script></script>--></script>c",
		"<!--<script></script>-->|</script>|c"),
	    ROW("<!--<script></script></script>c",
		"<!--<script></script>|</script>|c"),
	    ROW("<!--<script>--></script>c", "<!--<script>-->|</script>|c"),
	    ROW("<!--<SCRIPT/</sCript </script>c",
		"<!--<SCRIPT/</sCript |</script>|c"),
	    ROW("<!--<scriptx></script>c", "<!--<scriptx>|</script>|c"),
	    ROW("<!--<script></scriptx></script></script>c",
		"<!--<script></scriptx></script>|</script>|c"),
	    ROW("<!--><script></script>c", "<!--><script>|</script>|c"),
	    ROW("<!---><script></script>c", "<!---><script>|</script>|c"),
	    ROW("<!-<script></script>c", "<!-<script>|</script>|c"),
	    ROW("<!--x--y-z<script>---</script>--></script>",
		"<!--x--y-z<script>---</script>-->|</script>"),
	    ROW("<!--<script></script>", "<!--<script></script>"),
	    ROW("a\0\r\n</script>", "a" SIGN "\n|</script>"),
	    ROW("a</script", "a</script"),
	};

	(void)state;
	CHECK(rows, .state = TOKEN_SCRIPT, .last_start = "script");
}

static void
who_takes_tokens_steers_into_raw_text(void **state)
{
	static const struct row rows[] = {
	    ROW("<title>a<b></title><p><style>x</p></style>y",
		"<title>|a<b>|</title>|<p>|<style>|x</p>|</style>|y"),
	    ROW("<textarea>\n</textarea><script></script>",
		"<textarea>|\n|</textarea>|<script>|</script>"),
	    ROW("<xmp><xmp></xmp></xmp>", "<xmp>|<xmp>|</xmp>|</xmp>"),
	};

	(void)state;
	CHECK(rows, .steer = true);
}

/* A plain token means the same when it stands alone. */
static void
check_plain(
    const struct help *help, const struct token *token, const char *page)
{
	struct help alone = {.attributes_max = 100};
	struct buf mine, other;

	(void)help;
	if (!token->plain)
		return;
	buf_init(&mine, DUMP_MAX);
	buf_init(&other, DUMP_MAX);
	help_token(&mine, token);
	help_run(&other, &alone, page + token->from, token->to - token->from);
	assert_string_equal(mine.data, other.data);
	buf_fini(&mine);
	buf_fini(&other);
}

static void
take_marks(const struct help *help, const struct token *token, const char *page)
{
	check_plain(help, token, page);
	*(bool *)help->told &= token->plain;
}

static bool
is_plain(const char *page, size_t len)
{
	bool all = true;
	struct help help = {
	    .attributes_max = 100, .on_token = take_marks, .told = &all};
	struct buf out;

	buf_init(&out, DUMP_MAX);
	help_run(&out, &help, page, len);
	buf_fini(&out);
	return all;
}

static void
plain_is_what_is_written_as_we_would(void **state)
{
	static const char *const plain[] = {"abc", "<p>", "</p>", "<P Id='x'>",
	    "<a b=\"1\" c d=''>", "<br/>", "<!--x-->", "<!-- a -- b -->",
	    "<!DOCTYPE html>", "<!DOCTYPE html PUBLIC 'a' 'b'>", "a &amp; b",
	    "&copy;&#65;&#x2028;", "a & b", "AT&T is", "x > y",
	    "<a b='?x=1&y=2'>", "<a b='&quot;&amp;x>'>", "a\r\nb", "</p\n>",
	    "<a b='x'/>"};
	static const char *const odd[] = {"a < b", "<p =>", "<p a=b>", "<p a=>",
	    "<a b=''c=''>", "<a b b>", "<a/b>", "<a b='<'>", "</p a>", "</p/>",
	    "<a \"b>", "<a b'>", "&copy", "&#65", "&#128;", "&#0;", "x &",
	    "&x;", "AT&T", "<!-->", "<!--a--!>", "<!--<!---->", "<?a>", "<!a>",
	    "<!--a", "<!DOCTYPE>", "<!DOCTYPEhtml>", "<!DOCTYPE html x>",
	    "<!DOCTYPE html PUBLIC 'a''b'>", "<a b='&copy'>", "<a b='&copy=1'>",
	    "<a b='&x;'>", "</ x>", "&nGt", "&#xFFFF;"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(plain); i++)
		if (!is_plain(plain[i], strlen(plain[i])))
			fail_msg("not plain: %s", plain[i]);
	for (size_t i = 0; i < COUNT_OF(odd); i++)
		if (is_plain(odd[i], strlen(odd[i])))
			fail_msg("plain: %s", odd[i]);
	assert_false(is_plain("a\0b", 3));
	assert_false(is_plain("<a b='\0'>", 9));
	assert_false(is_plain("<a\0>", 4));
	assert_false(is_plain("<!--\0-->", 8));
}

/* Takes all tokens of a page in one piece. */
static size_t
take(const char *page, struct token *tokens, size_t max)
{
	static char bytes[1000];
	static struct arena *arena;
	struct tokenizer *tokenizer;
	size_t count = 0, len = strlen(page);

	arena_free(&arena);
	arena = arena_new(100);
	tokenizer = token_new(arena, 10);
	memcpy(bytes, page, len);
	token_feed(tokenizer, bytes, len, true);
	while (token_next(tokenizer, &tokens[count]) != TOKEN_END)
		assert_true(++count < max);
	token_free(&tokenizer);
	return count;
}

static void
tokens_say_where_they_stood(void **state)
{
	struct token tokens[20];

	(void)state;
	assert_int_equal(
	    take("a&amp;b<p\n>c</>d</p><!-- -->\r\n<x", tokens, 20), 7);
	assert_int_equal(tokens[0].from, 0);
	assert_int_equal(tokens[0].to, 7);
	assert_int_equal(tokens[0].len, 3);
	assert_int_equal(tokens[1].from, 7);
	assert_int_equal(tokens[1].to, 11);
	assert_int_equal(tokens[2].from, 11);
	assert_int_equal(tokens[2].to, 12);
	assert_int_equal(tokens[3].from, 15);
	assert_int_equal(tokens[3].to, 16);
	assert_int_equal(tokens[4].from, 16);
	assert_int_equal(tokens[4].to, 20);
	assert_int_equal(tokens[5].from, 20);
	assert_int_equal(tokens[5].to, 28);
	assert_int_equal(tokens[6].from, 28);
	assert_int_equal(tokens[6].to, 30);
}

static void
text_says_whether_it_is_space_and_has_nuls(void **state)
{
	struct token tokens[20];

	(void)state;
	assert_int_equal(take(" \t\r\n\f&#32;<p> x<b>&nGt;", tokens, 20), 5);
	assert_true(tokens[0].is_space);
	assert_true(tokens[0].in_place);
	assert_false(tokens[0].has_nul);
	assert_int_equal(tokens[0].len, 5);
	assert_false(tokens[2].is_space);
	assert_false(tokens[4].in_place);
	assert_int_equal(tokens[4].len, 6);
}

static void
known_names_are_those_of_the_tables(void **state)
{
	struct token tokens[20];

	(void)state;
	assert_int_equal(take("<DIV Class=a X-y>", tokens, 20), 1);
	assert_int_equal(tokens[0].el, EL_DIV);
	assert_ptr_equal(tokens[0].name, el_names[EL_DIV].text);
	assert_int_equal(take("</svg:Q>", tokens, 20), 1);
	assert_int_equal(tokens[0].el, EL_NONE);
	assert_string_equal(tokens[0].name, "svg:q");
}

static void
a_tag_with_too_many_attributes_is_a_limit(void **state)
{
	static const struct row rows[] = {
	    ROW("<a b c d>", "<a b c d>"),
	    ROW("x<a b c d e>y", "x|LIMIT"),
	    ROW("x<a b c d e", "x|LIMIT"),
	    ROW("<a b b b b>", "LIMIT"),
	    ROW("</a b c d e>", "LIMIT"),
	};
	struct help help = {.attributes_max = 3};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check_row(&help, &rows[i]);
}

/* name0 to name<n-1>, all of them again, and so that none is the table's. */
static char *
many_attributes(size_t count, size_t *len)
{
	char *page = mem_new(count * 2 * 24 + 10), *p = page;

	p += sprintf(p, "<a");
	for (size_t i = 0; i < 2 * count; i++)
		p += sprintf(p, " name%zu='%zu'", i % count, i / count);
	p += sprintf(p, ">");
	*len = (size_t)(p - page);
	return page;
}

static void
the_first_of_many_attributes_counts(void **state)
{
	(void)state;
	for (size_t count = 1; count < 200; count += 7) {
		struct arena *arena = arena_new(1000);
		struct tokenizer *tokenizer = token_new(arena, 1000);
		struct token token;
		size_t len;
		char *page = many_attributes(count, &len);

		token_feed(tokenizer, page, len, true);
		assert_int_equal(token_next(tokenizer, &token), TOKEN_START);
		assert_int_equal(token.attrs_count, count);
		assert_false(token.plain);
		for (size_t i = 0; i < count; i++) {
			char name[24];

			snprintf(name, sizeof(name), "name%zu", i);
			assert_string_equal(token.attrs[i].name, name);
			assert_string_equal(token.attrs[i].value, "0");
		}
		token_free(&tokenizer);
		arena_free(&arena);
		mem_free(&page);
	}
}

/* Feed begin, then middle again and again in pieces, up to size bytes in all;
 * what comes between pieces is kept in one block, as a caller would. */
static size_t
feed_long(const char *begin, const char *middle, size_t size, size_t piece)
{
	size_t begin_len = strlen(begin), middle_len = strlen(middle);
	char *page = mem_new(size + 1);
	struct arena *arena = arena_new(1000);
	struct tokenizer *tokenizer = token_new(arena, 1000);
	struct token token;
	size_t at = 0, tokens = 0, rest_len;
	const char *rest;

	memcpy(page, begin, begin_len);
	for (size_t i = begin_len; i < size; i++)
		page[i] = middle[(i - begin_len) % middle_len];
	while (at < size) {
		size_t len = size - at < piece ? size - at : piece;
		char first;

		rest_len = at ? token_rest(tokenizer, &rest) : 0;
		must(rest_len == 0 || rest + rest_len == page + at);
		first = page[at + len];
		token_feed(tokenizer, page + at - rest_len, rest_len + len,
		    at + len == size);
		at += len;
		while (token_next(tokenizer, &token) != TOKEN_MORE &&
		       token.kind != TOKEN_END)
			tokens++;
		if (at < size)
			page[at] = first;
	}
	token_free(&tokenizer);
	arena_free(&arena);
	mem_free(&page);
	return tokens;
}

static double
cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Were a rest looked at again with each piece, these would take minutes. */
static void
time_is_linear_in_small_pieces(void **state)
{
	static const char *const begins[] = {"<!--", "<a b='", "<a b=", "<?",
	    "<!DOCTYPE html PUBLIC '", "<a ", "<", "&#x", "</x y='"};
	double before = cpu_seconds();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(begins); i++) {
		feed_long(begins[i], "x", 300000, 1);
		feed_long(begins[i], "0", 300000, 1);
		feed_long(begins[i], "-&'", 100000, 1);
	}
	assert_true(cpu_seconds() - before < 10);
}

static void
a_long_comment_is_one_token(void **state)
{
	(void)state;
	assert_int_equal(feed_long("a<!--", "a->!-<", 4 << 20, 16384), 2);
	assert_int_equal(feed_long("<a b='", "x>", 4 << 20, 16384), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_and_tags_come_as_they_are),
	    cmocka_unit_test(attributes_are_read_in_every_form),
	    cmocka_unit_test(references_stand_for_characters),
	    cmocka_unit_test(line_ends_and_nuls_are_what_the_standard_says),
	    cmocka_unit_test(comments_end_in_every_way),
	    cmocka_unit_test(what_is_nothing_else_is_a_comment),
	    cmocka_unit_test(cdata_is_text_where_it_is_allowed),
	    cmocka_unit_test(doctypes_have_names_ids_and_quirks),
	    cmocka_unit_test(rcdata_has_references_and_its_own_end),
	    cmocka_unit_test(raw_text_has_nothing_but_its_end),
	    cmocka_unit_test(raw_text_without_a_start_tag_never_ends),
	    cmocka_unit_test(plaintext_never_ends),
	    cmocka_unit_test(scripts_hide_their_end_in_a_comment_with_a_script),
	    cmocka_unit_test(who_takes_tokens_steers_into_raw_text),
	    cmocka_unit_test(plain_is_what_is_written_as_we_would),
	    cmocka_unit_test(tokens_say_where_they_stood),
	    cmocka_unit_test(text_says_whether_it_is_space_and_has_nuls),
	    cmocka_unit_test(known_names_are_those_of_the_tables),
	    cmocka_unit_test(a_tag_with_too_many_attributes_is_a_limit),
	    cmocka_unit_test(the_first_of_many_attributes_counts),
	    cmocka_unit_test(time_is_linear_in_small_pieces),
	    cmocka_unit_test(a_long_comment_is_one_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
