/* Any rules file: it is refused with file:line, or it is woven into a theme
 * and dresses a page. The file lies alone in a folder of its own. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/must.h"
#include "theme/theme.h"

#define CONTENT                                                                \
	"<!DOCTYPE html><html lang=\"en\"><head><title>t</title>"              \
	"<style>a{b:url(c)}</style><script>x()</script></head>"                \
	"<body class=\"k\" id=\"one\"><div id=\"a\"><p class=\"x\">one"        \
	"<b>two</b></p><!-- c --><ul><li>1</li><li>2</li></ul>"                \
	"<img src=\"i.png\"></div><main>m</main></body></html>"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/fuzz_rules.XXXXXX";
static char path[64];

static void
clean_up(void)
{
	unlink(path);
	rmdir(folder);
}

static void
write_rules(const uint8_t *data, size_t size)
{
	FILE *file;

	if (!*path) {
		must(mkdtemp(folder));
		snprintf(path, sizeof(path), "%s/rules.xml", folder);
		atexit(clean_up);
	}
	file = fopen(path, "wbe");
	must(file);
	must(size == 0 || fwrite(data, size, 1, file) == 1);
	must(fclose(file) == 0);
}

static void
dress(struct theme *theme)
{
	const struct dress_param param = {"lang", "en"};
	const struct dress_ask ask = {
	    .bytes = CONTENT,
	    .len = strlen(CONTENT),
	    .path = "/news",
	    .params = &param,
	    .params_count = 1,
	    .out_max = 4 * 1024 * 1024,
	    .xpath_max_ops = 200000,
	};
	struct dresser *dresser = dresser_new();
	struct buf out;
	struct err err = {""};

	buf_init(&out, 8 * 1024 * 1024);
	must(theme_dress(theme, dresser, &ask, &out, &err) != DRESSED_FAILED ||
	     *err.text);
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
