/* Any rules file, of either language: it is refused with file:line, or it is
 * woven into a theme and dresses a page. What follows the first 0xff byte lies
 * beside it as more.xml, for an XInclude; nothing else is in their folder. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "theme/theme.h"

#define CONTENT                                                                \
	"<!DOCTYPE html><html lang=\"en\"><head><title>t</title>"              \
	"<style>a{b:url(c)}</style><script>x()</script></head>"                \
	"<body class=\"k\" id=\"one\"><div id=\"a\"><p class=\"x\">one"        \
	"<b>two</b></p><!-- c --><ul><li>1</li><li>2</li></ul>"                \
	"<img src=\"i.png\"></div><main>m</main></body></html>"

enum { DOCUMENTS = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/fuzz_rules.XXXXXX";
static char path[64], beside[64];

static void
clean_up(void)
{
	unlink(path);
	unlink(beside);
	rmdir(folder);
}

static void
write_file(const char *name, const void *data, size_t size)
{
	FILE *file = fopen(name, "wbe");

	must(file);
	must(size == 0 || fwrite(data, size, 1, file) == 1);
	must(fclose(file) == 0);
}

static void
write_rules(const uint8_t *data, size_t size)
{
	const uint8_t *cut = size ? memchr(data, 0xff, size) : NULL;
	size_t len = cut ? (size_t)(cut - data) : size;

	if (!*path) {
		must(mkdtemp(folder));
		snprintf(path, sizeof(path), "%s/rules.xml", folder);
		snprintf(beside, sizeof(beside), "%s/more.xml", folder);
		atexit(clean_up);
	}
	write_file(path, data, len);
	if (cut)
		write_file(beside, cut + 1, size - len - 1);
	else
		unlink(beside);
}

/* The content once more, as everything that the rules want to have. False:
 * they want too many. */
static bool
give_documents(struct dresser *dresser, struct dress_document *documents,
    char **hrefs, struct dress_ask *ask)
{
	const char *href;

	must(dresser_wanted(dresser, 0));
	for (size_t i = 0; (href = dresser_wanted(dresser, i)) != NULL; i++) {
		size_t n = ask->documents_count;

		if (n == DOCUMENTS)
			return false;
		hrefs[n] = mem_strdup(href);
		documents[n] = (struct dress_document){
		    .href = hrefs[n],
		    .bytes = CONTENT,
		    .len = strlen(CONTENT),
		};
		ask->documents_count++;
	}
	return true;
}

static void
dress(struct theme *theme)
{
	const struct dress_param param = {"lang", "en"};
	struct dress_document documents[DOCUMENTS];
	struct dress_ask ask = {
	    .bytes = CONTENT,
	    .len = strlen(CONTENT),
	    .path = "/news",
	    .params = &param,
	    .params_count = 1,
	    .out_max = 4 * 1024 * 1024,
	    .xpath_max_ops = 200000,
	    .documents = documents,
	};
	struct dresser *dresser = dresser_new();
	char *hrefs[DOCUMENTS] = {NULL};
	struct buf out;
	struct err err = {""};
	enum dressed dressed;

	buf_init(&out, 8 * 1024 * 1024);
	while ((dressed = theme_dress(theme, dresser, &ask, &out, &err)) ==
		   DRESSED_WANTS &&
	       give_documents(dresser, documents, hrefs, &ask))
		;
	must(dressed != DRESSED_FAILED || *err.text);
	for (size_t i = 0; i < DOCUMENTS; i++)
		mem_free(&hrefs[i]);
	buf_fini(&out);
	dresser_free(&dresser);
}

static void
build(struct rules *rules, bool compat)
{
	struct theme_page pages[4] = {
	    {.bytes = CONTENT, .len = strlen(CONTENT)}};
	const struct theme_opts opts = {.compat = compat};
	struct theme *theme = NULL;
	struct err err = {""};
	size_t n = 1;

	for (const char *href;
	     n < 4 && (href = rules_theme_href(rules, n - 1)) != NULL; n++) {
		pages[n] = pages[0];
		pages[n].href = href;
	}
	if (theme_build(&theme, rules, pages, n, &opts, &err) != 0) {
		must(*err.text);
		return;
	}
	must(theme_may_replace(theme, theme, NULL, &err) == 0);
	dress(theme);
	theme_unref(&theme);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct rules_opts opts = {.compat = size & 1};
	struct rules *rules = NULL;
	struct err err = {""};

	write_rules(data, size);
	if (rules_load(&rules, path, &opts, &err) != 0) {
		must(*err.text);
		return 0;
	}
	build(rules, opts.compat);
	rules_unref(&rules);
	return 0;
}
