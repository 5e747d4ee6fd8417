/* Any theme page and any content under rules of every kind: the first 0xff
 * byte parts the two. Nothing may crash, leak or run away, and what was
 * dressed must be dressed the same way again. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "theme/theme.h"

static const char text[] =
    "<rules xmlns=\"http://namespaces.plone.org/diazo\""
    " xmlns:css=\"http://namespaces.plone.org/diazo/css\">"
    "<notheme if-path=\"/none\"/>"
    "<replace css:theme=\"i\" css:content=\"b\"/>"
    "<replace css:theme-children=\"p\" css:content-children=\"p\""
    " css:if-content=\"p\"/>"
    "<before css:theme=\"div\" css:content=\"div\"/>"
    "<after css:theme-children=\"div\" content=\"//@*\"/>"
    "<before css:theme-children=\"div\" content=\"//@class | //text()\"/>"
    "<drop css:theme=\"u\" css:if-content=\"u\"/>"
    "<strip css:theme=\"em\" css:if-not-content=\"em\"/>"
    "<drop attributes=\"title\" css:theme=\"*\" if=\"count(//p) = 1\"/>"
    "<copy attributes=\"*\" css:theme=\"body\" css:content=\"body\"/>"
    "<merge attributes=\"class id\" css:theme=\"*\" css:content=\"body, p\"/>"
    "<after theme=\"//comment()\" content=\"//comment()\"/>"
    "<replace css:theme-children=\"script, style, title\""
    " content=\"//script/text() | //p/text()\"/>"
    "<drop css:content=\"u\" if=\"@class\"/>"
    "<strip css:content=\"span, em\"/>"
    "<drop attributes=\"class\" css:content=\"p\"/>"
    "<before css:content=\"li\"><i t=\"{.}\"/></before>"
    "<replace css:content=\"a\"><b><include content=\".\" method=\"raw\"/>"
    "</b></replace>"
    "<after css:content-children=\"ul\"><li><include content=\"li\"/></li>"
    "</after>"
    "<replace css:content-children=\"h1\"><include content=\"text()\"/>"
    "</replace>"
    "<replace content=\"h2/@id\">x</replace>"
    "</rules>";

static struct rules *rules[2];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
load_rules(void)
{
	char path[] = "/tmp/fuzz_theme.XXXXXX";
	int fd = mkstemp(path);
	struct err err;

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	for (int i = 0; i < 2; i++) {
		const struct rules_opts opts = {.compat = i};

		if (rules_load(&rules[i], path, &opts, &err) != 0) {
			fprintf(stderr, "%s\n", err.text);
			abort();
		}
	}
	unlink(path);
}

static void
dress(struct theme *theme, const char *content, size_t len)
{
	const struct dress_ask ask = {
	    .bytes = content,
	    .len = len,
	    .path = "/",
	    .out_max = 4 * 1024 * 1024,
	    .xpath_max_ops = 200000,
	};
	struct dresser *dresser = dresser_new();
	struct buf first, second;
	struct err err;
	enum dressed a, b;

	buf_init(&first, 8 * 1024 * 1024);
	buf_init(&second, 8 * 1024 * 1024);
	a = theme_dress(theme, dresser, &ask, &first, &err);
	b = theme_dress(theme, dresser, &ask, &second, &err);
	must(a == b && first.len == second.len);
	must(first.len == 0 || memcmp(first.data, second.data, first.len) == 0);
	buf_fini(&first);
	buf_fini(&second);
	dresser_free(&dresser);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	const char *cut = size ? memchr(bytes, 0xff, size) : NULL;
	size_t len = cut ? (size_t)(cut - bytes) : size;
	struct theme_page page = {
	    .url = "https://t.example/look/page.html",
	    .bytes = bytes,
	    .len = len,
	};
	struct theme_opts opts = {.prefix = "/.livery/t/x"};
	struct theme *theme = NULL;
	struct err err;

	if (!rules[0])
		load_rules();
	if (!cut)
		return 0;
	opts.links = (enum theme_links)(size & 3);
	opts.compat = size >> 2 & 1;
	if (theme_build(&theme, rules[opts.compat], &page, 1, &opts, &err))
		return 0;
	dress(theme, cut + 1, size - len - 1);
	theme_unref(&theme);
	return 0;
}
