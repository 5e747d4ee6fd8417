/* theme: rules that chance has put together
 *
 * Some thousand rules files over random pages. Each dresses its page twice:
 * as it is, so that our own walk does all, and with templates of XSLT beside
 * it that do what no template does, so that libxslt copies each element. The
 * pages must be the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "theme/theme.h"

enum {
	ROUNDS = 400,
	TEXT_MAX = 1 << 16,
	DEPTH_MAX = 4,
};

static char folder[64];
static uint32_t seed;

static unsigned
some(unsigned below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 16) % below;
}

#define PICK(list) ((list)[some(COUNT_OF(list))])

/* ---- pages ---- */

/* A task for a stack: an element whose content is still to come, or its end. */
struct open_element {
	const char *name;
	unsigned left;
};

static void
start_tag(struct buf *out, char letter, const char *name)
{
	static const char *const classes[] = {"k", "l", "k l", "m"};

	buf_printf(out, "<%s", name);
	if (some(3) == 0)
		buf_printf(out, " id=\"%c%u\"", letter, some(6));
	if (some(2) == 0)
		buf_printf(out, " class=\"%s\"", PICK(classes));
	if (some(4) == 0)
		buf_printf(out, " title=\"%c%zu\"", letter, out->len);
	buf_puts(out, ">");
}

/* Elements that may stand in each other, so that every reader of HTML sees
 * the same tree. */
static void
some_page(struct buf *out, char letter)
{
	static const char *const names[] = {"div", "span", "section"};
	struct open_element open[DEPTH_MAX + 1] = {{"body", 5}};
	size_t depth = 0;

	buf_clear(out);
	buf_printf(out,
	    "<!DOCTYPE html><html><head><title>%c</title></head><body>",
	    letter);
	for (;;) {
		if (open[depth].left-- == 0) {
			buf_printf(out, "</%s>", open[depth].name);
			if (depth-- == 0)
				break;
			continue;
		}
		if (depth < DEPTH_MAX && some(2)) {
			open[++depth].name = PICK(names);
			open[depth].left = 1 + some(3);
			start_tag(out, letter, open[depth].name);
		} else if (some(5)) {
			buf_printf(out, "%c%zu.", letter, out->len);
		} else {
			buf_printf(out, "<!--%zu-->", out->len);
		}
	}
	buf_puts(out, "</html>");
}

/* ---- rules ---- */

static const char *
some_condition(void)
{
	static const char *const conditions[] = {"", "", "", "", "",
	    " if=\"true()\"", " if=\"false()\"", " css:if-content=\"#c1\"",
	    " css:if-not-content=\".m\"", " if=\"count(//div) &gt; 3\"",
	    " if-path=\"/news\"", " if-not-path=\"/news\""};

	return PICK(conditions);
}

static const char *
some_place(void)
{
	static const char *const places[] = {"css:theme%s=\"#t1\"",
	    "css:theme%s=\".k\"", "css:theme%s=\"div\"",
	    "css:theme%s=\"div > span\"", "css:theme%s=\"#t2, #t3\"",
	    "css:theme%s=\"body\"", "theme%s=\"//div[@class]\"",
	    "theme%s=\"/html/body/*\"", "theme%s=\"//span[1]\""};

	return PICK(places);
}

static const char *
some_content(void)
{
	static const char *const contents[] = {"css:content%s=\"#c1\"",
	    "css:content%s=\".k\"", "css:content%s=\"section\"",
	    "css:content%s=\"#c2, .m\"", "css:content%s=\"body > *\"",
	    "content%s=\"//div/span\"", "content%s=\"//span[1]\"",
	    "content%s=\"//nothing\"", "content%s=\"//section | //span\""};

	return PICK(contents);
}

static const char *
some_pattern(void)
{
	static const char *const patterns[] = {"css:content%s=\"#c1\"",
	    "css:content%s=\".k\"", "css:content%s=\"#c3, .m\"",
	    "css:content%s=\"div > span\"", "content%s=\"section\"",
	    "content%s=\"div\"", "content%s=\"div[span]\"",
	    "content%s=\"//*[@title]\"", "content%s=\"div/section\""};

	return PICK(patterns);
}

/* The one %s of a selector is where -children may stand. */
static void
put_selector(struct buf *out, const char *selector, bool children)
{
	const char *gap = strstr(selector, "%s");

	buf_printf(out, " %.*s%s%s", (int)(gap - selector), selector,
	    children ? "-children" : "", gap + 2);
}

/* The rest of an element that puts something in. */
static void
put_source(struct buf *out, const char *name)
{
	unsigned n = some(5);

	if (n < 2) {
		put_selector(out, some_content(), n);
		buf_printf(out, "%s%s/>", some(4) ? "" : " method=\"raw\"",
		    some_condition());
	} else if (n < 4) {
		buf_printf(out, "%s><em>%zu", some_condition(), out->len);
		if (n == 3) {
			buf_puts(out, "<include");
			put_selector(out, some_content(), false);
			buf_puts(out, "/>");
		}
		buf_printf(out, "</em></%s>", name);
	} else {
		buf_printf(out, "%s/>", some_condition());
	}
}

static void
put_theme_rule(struct buf *out)
{
	static const char *const givers[] = {"replace", "before", "after"};
	static const char *const attributes[] = {
	    "class", "title", "class title"};
	const char *name = PICK(givers);

	switch (some(7)) {
	case 0:
		buf_puts(out, "<drop");
		put_selector(out, some_place(), some(2));
		buf_printf(out, "%s/>", some_condition());
		break;
	case 1:
		buf_puts(out, "<strip");
		put_selector(out, some_place(), false);
		buf_printf(out, "%s/>", some_condition());
		break;
	case 2:
		name = some(2) ? "copy" : "merge";
		buf_printf(
		    out, "<%s attributes=\"%s\"", name, PICK(attributes));
		put_selector(out, some_place(), false);
		put_selector(out, some_content(), false);
		buf_printf(out, "%s/>", some_condition());
		break;
	default:
		buf_printf(out, "<%s", name);
		put_selector(out, some_place(), some(2));
		put_source(out, name);
	}
}

static void
put_content_rule(struct buf *out)
{
	static const char *const givers[] = {"replace", "before", "after"};
	static const char *const inner[] = {"", "in.",
	    "<include content=\".\" method=\"raw\"/>",
	    "<include content=\"text()\"/>"};
	const char *name = PICK(givers);

	switch (some(5)) {
	case 0:
		buf_puts(out, "<drop");
		put_selector(out, some_pattern(), some(2));
		buf_printf(out, "%s/>", some_condition());
		break;
	case 1:
		buf_puts(out, "<strip");
		put_selector(out, some_pattern(), some(2));
		buf_printf(out, "%s/>", some_condition());
		break;
	case 2:
		buf_puts(out, "<drop attributes=\"class title\"");
		put_selector(out, some_pattern(), false);
		buf_printf(out, "%s/>", some_condition());
		break;
	default:
		buf_printf(out, "<%s", name);
		put_selector(out, some_pattern(), some(2));
		buf_printf(out, "%s><em>%zu%s</em></%s>", some_condition(),
		    out->len, PICK(inner), name);
	}
}

static void
some_rules(struct buf *out)
{
	unsigned n = 1 + some(8);

	buf_clear(out);
	buf_puts(out, "<rules xmlns=\"http://namespaces.plone.org/diazo\" "
		      "xmlns:css=\"http://namespaces.plone.org/diazo/css\" "
		      "xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\">\n");
	while (n--) {
		bool group = some(8) == 0;

		if (group)
			buf_printf(out, "<rules%s>", some_condition());
		if (some(3))
			put_theme_rule(out);
		else
			put_content_rule(out);
		buf_puts(out, group ? "</rules>\n" : "\n");
	}
}

/* What no template of the rules' own gets, since it ranks below all that they
 * have, and above copying. */
static const char in_xslt[] =
    "<xsl:template match=\"div|span|section|body|em\" priority=\"-0.2\">"
    "<xsl:copy><xsl:apply-templates select=\"@*|node()\"/></xsl:copy>"
    "</xsl:template>";
static const char never[] = "<xsl:template match=\"never\"/>";

/* ---- dressing ---- */

static int
begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_theme_chance.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int
end(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static int
load(struct rules **out, const struct buf *text, const char *more, bool compat,
    struct err *err)
{
	const struct rules_opts opts = {.compat = compat};
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/rules.xml", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%.*s%s</rules>\n", (int)text->len, text->data, more);
	fclose(file);
	return rules_load(out, path, &opts, err);
}

/* Into out: the page, or why there is none. */
static void
dress(const struct buf *text, const char *more, bool compat,
    const struct buf *theme_page, const struct buf *content, struct buf *out)
{
	const struct theme_opts opts = {.links = LINKS_KEEP, .compat = compat};
	const struct theme_page page = {
	    .bytes = theme_page->data, .len = theme_page->len};
	const struct dress_ask ask = {
	    .bytes = content->data, .len = content->len, .path = "/news/1"};
	struct dresser *dresser = dresser_new();
	struct theme *theme = NULL;
	struct rules *rules = NULL;
	struct err err = {""};

	if (load(&rules, text, more, compat, &err) != 0 ||
	    theme_build(&theme, rules, &page, 1, &opts, &err) != 0 ||
	    theme_dress(theme, dresser, &ask, out, &err) != DRESSED) {
		buf_clear(out);
		buf_puts(out, err.text);
	}
	theme_unref(&theme);
	rules_unref(&rules);
	dresser_free(&dresser);
}

static bool
is_same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static void
compare(bool compat)
{
	struct buf rules, theme, content, native, beside, through;
	struct buf *const all[] = {
	    &rules, &theme, &content, &native, &beside, &through};
	unsigned dressed = 0;

	for (size_t i = 0; i < COUNT_OF(all); i++)
		buf_init(all[i], TEXT_MAX);
	for (unsigned round = 0; round < ROUNDS; round++) {
		seed = (round * 2 + compat) * 2654435761u;
		some_page(&theme, 't');
		some_page(&content, 'c');
		some_rules(&rules);
		dress(&rules, "", compat, &theme, &content, &native);
		dress(&rules, never, compat, &theme, &content, &beside);
		dress(&rules, in_xslt, compat, &theme, &content, &through);
		dressed += memcmp(native.data, "<!DOCTYPE", 9) == 0;
		if (is_same(&native, &beside) && is_same(&native, &through))
			continue;
		fail_msg("round %u\n%.*s\n\n%.*s\n\n%.*s\n\n%.*s\n\n%.*s",
		    round, (int)rules.len, rules.data, (int)theme.len,
		    theme.data, (int)content.len, content.data, (int)native.len,
		    native.data, (int)through.len, through.data);
	}
	for (size_t i = 0; i < COUNT_OF(all); i++)
		buf_fini(all[i]);
	assert_true(dressed > ROUNDS / 2);
}

static void
pages_are_the_same_natively_and_through_libxslt(void **state)
{
	(void)state;
	compare(false);
}

static void
so_they_are_as_diazo_s_code_has_it(void **state)
{
	(void)state;
	compare(true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pages_are_the_same_natively_and_through_libxslt),
	    cmocka_unit_test(so_they_are_as_diazo_s_code_has_it),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
