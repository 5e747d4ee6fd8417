/* cli/cmd_apply.c - livery apply: dress one page from files, on the desk of
 * whoever writes rules
 *
 * The page goes to standard output. A rule that finds nothing is a warning on
 * standard error. Exit status 0: dressed (or, where the rules say so, passed
 * as it came); 1: it could not be; 2: wrong usage or rules. */
#include "cli/cmd.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "theme/theme.h"

enum {
	FILE_MAX = 64 * 1024 * 1024,
	PARAMS_MAX = 100,
	THEMES_MAX = 100,
};

enum { DONE = 0, FAILED = 1, MISUSED = 2 };

struct apply {
	const char *rules, *theme, *path, *prefix, *content;
	bool compat;
	struct dress_param params[PARAMS_MAX];
	size_t params_count;
	char *names[PARAMS_MAX];
	struct buf files[THEMES_MAX + 1];
	struct theme_page pages[THEMES_MAX + 1];
	size_t pages_count;
};

static int complain(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int
complain(int status, const char *format, ...)
{
	va_list args;

	fputs("livery apply: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return status;
}

/* ---- the command line ---- */

static int
add_param(struct apply *apply, const char *text)
{
	const char *equals = strchr(text, '=');
	struct dress_param *param = &apply->params[apply->params_count];

	if (apply->params_count == PARAMS_MAX)
		return complain(MISUSED, "more than %d --param", PARAMS_MAX);
	if (!equals || equals == text)
		return complain(
		    MISUSED, "--param %s: should be NAME=VALUE", text);
	apply->names[apply->params_count++] =
	    mem_strndup(text, (size_t)(equals - text));
	param->name = apply->names[apply->params_count - 1];
	param->value = equals + 1;
	return DONE;
}

static int
read_options(struct apply *apply, int argc, char **argv)
{
	static const struct option options[] = {
	    {"rules", required_argument, NULL, 'r'},
	    {"theme", required_argument, NULL, 't'},
	    {"path", required_argument, NULL, 'p'},
	    {"absolute-prefix", required_argument, NULL, 'a'},
	    {"param", required_argument, NULL, 'v'},
	    {"compat", no_argument, NULL, 'c'},
	    {NULL, 0, NULL, 0},
	};
	int option, rc = DONE;

	optind = 0; /* begin anew, whatever was read before */
	while (rc == DONE &&
	       (option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 'r':
			apply->rules = optarg;
			break;
		case 't':
			apply->theme = optarg;
			break;
		case 'p':
			apply->path = optarg;
			break;
		case 'a':
			apply->prefix = optarg;
			break;
		case 'v':
			rc = add_param(apply, optarg);
			break;
		case 'c':
			apply->compat = true;
			break;
		default:
			return MISUSED; /* getopt has said it */
		}
	if (rc == DONE && (!apply->rules || optind + 1 != argc))
		rc = complain(
		    MISUSED, "usage: livery apply %s", cmd_apply.usage);
	if (rc == DONE)
		apply->content = argv[optind];
	return rc;
}

/* ---- files ---- */

static int
read_file(struct buf *out, const char *path)
{
	FILE *file = fopen(path, "rbe");
	char piece[16384];
	size_t n;
	int rc = DONE;

	buf_init(out, FILE_MAX);
	if (!file)
		return complain(FAILED, "%s: %s", path, strerror(errno));
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		if (buf_add(out, piece, n) != 0)
			break;
	if (ferror(file))
		rc = complain(FAILED, "%s: %s", path, strerror(errno));
	else if (out->failed)
		rc = complain(FAILED, "%s: over %d bytes", path, FILE_MAX);
	fclose(file);
	return rc;
}

static bool
is_url(const char *text)
{
	return strncasecmp(text, "http://", 7) == 0 ||
	       strncasecmp(text, "https://", 8) == 0;
}

/* href: as the rules name it; NULL: the theme of the command line. */
static int
add_theme(struct apply *apply, const char *path, const char *href)
{
	struct theme_page *page = &apply->pages[apply->pages_count];
	struct buf *file = &apply->files[apply->pages_count];
	int rc;

	if (apply->pages_count > THEMES_MAX)
		return complain(FAILED, "more than %d themes", THEMES_MAX);
	if (strncmp(path, "file://", 7) == 0)
		path += 7;
	if (is_url(path))
		return complain(FAILED,
		    "%s: apply reads files only; save the "
		    "theme's page first (curl -o theme.html URL) and name the "
		    "file",
		    path);
	rc = read_file(file, path);
	apply->pages_count++;
	page->href = href;
	page->bytes = file->data ? file->data : "";
	page->len = file->len;
	return rc;
}

static int
read_themes(struct apply *apply, const struct rules *rules)
{
	const char *href;
	int rc = DONE;

	for (size_t i = 0;
	     rc == DONE && (href = rules_theme_href(rules, i)) != NULL; i++) {
		if (!is_url(href) && !rules_may_read(rules, href))
			return complain(FAILED,
			    "%s: the theme is not there, "
			    "or not below the folder of the rules",
			    href);
		rc = add_theme(apply, href, href);
	}
	if (rc == DONE && apply->theme)
		rc = add_theme(apply, apply->theme, NULL);
	return rc;
}

/* ---- dressing ---- */

static void
on_unmatched(void *arg, const char *words)
{
	(void)arg;
	fprintf(stderr, "%s\n", words);
}

static int
write_out(const char *bytes, size_t len)
{
	if (fwrite(bytes, 1, len, stdout) != len || fflush(stdout) != 0)
		return complain(FAILED, "standard output: %s", strerror(errno));
	return DONE;
}

static int
dress(const struct apply *apply, struct theme *theme, const struct buf *page)
{
	const struct dress_ask ask = {
	    .bytes = page->data ? page->data : "",
	    .len = page->len,
	    .path = apply->path,
	    .params = apply->params,
	    .params_count = apply->params_count,
	    .on_unmatched = on_unmatched,
	};
	struct dresser *dresser = dresser_new();
	struct buf out;
	struct err err;
	int rc = FAILED;

	buf_init(&out, FILE_MAX);
	switch (theme_dress(theme, dresser, &ask, &out, &err)) {
	case DRESSED:
		rc = write_out(out.data ? out.data : "", out.len);
		break;
	case DRESSED_NOT:
		fprintf(stderr,
		    "%s: no theme for this page, so it stays as "
		    "it is\n",
		    apply->content);
		rc = write_out(ask.bytes, ask.len);
		break;
	case DRESSED_WANTS:
	case DRESSED_FAILED:
		complain(FAILED, "%s: %s", apply->content, err.text);
		break;
	}
	buf_fini(&out);
	dresser_free(&dresser);
	return rc;
}

static int
build_and_dress(
    struct apply *apply, struct rules *rules, const struct buf *page)
{
	const struct theme_opts opts = {
	    .links = apply->prefix ? LINKS_PREFIX : LINKS_KEEP,
	    .prefix = apply->prefix,
	    .compat = apply->compat,
	};
	struct theme *theme = NULL;
	const char *warning;
	struct err err;
	int rc;

	if (theme_build(&theme, rules, apply->pages, apply->pages_count, &opts,
		&err) != 0)
		return complain(FAILED, "%s", err.text);
	for (size_t i = 0; (warning = theme_warning(theme, i)) != NULL; i++)
		fprintf(stderr, "%s\n", warning);
	rc = dress(apply, theme, page);
	theme_unref(&theme);
	return rc;
}

static int
apply_rules(struct apply *apply)
{
	const struct rules_opts opts = {.compat = apply->compat};
	struct rules *rules = NULL;
	const char *warning;
	struct buf page;
	struct err err;
	int rc;

	if (rules_load(&rules, apply->rules, &opts, &err) != 0)
		return complain(MISUSED, "%s", err.text);
	for (size_t i = 0; (warning = rules_warning(rules, i)) != NULL; i++)
		fprintf(stderr, "%s\n", warning);
	rc = read_themes(apply, rules);
	if (rc == DONE) {
		rc = read_file(&page, apply->content);
		if (rc == DONE)
			rc = build_and_dress(apply, rules, &page);
		buf_fini(&page);
	}
	rules_unref(&rules);
	return rc;
}

static int
run(int argc, char **argv)
{
	struct apply *apply = mem_new(sizeof(*apply));
	int rc = read_options(apply, argc, argv);

	if (rc == DONE)
		rc = apply_rules(apply);
	for (size_t i = 0; i < apply->params_count; i++)
		mem_free(&apply->names[i]);
	for (size_t i = 0; i < apply->pages_count; i++)
		buf_fini(&apply->files[i]);
	mem_free(&apply);
	return rc;
}

const struct cmd cmd_apply = {
    .name = "apply",
    .usage = "--rules FILE [--theme FILE|URL] [--path P] "
	     "[--absolute-prefix A]\n"
	     "             [--param NAME=VALUE]... [--compat] CONTENT",
    .summary = "dress one page from files and print it",
    .help = "--rules FILE           what goes where\n"
	    "--theme FILE           the theme's page, unless the rules say\n"
	    "--path P               what if-path and $path see\n"
	    "--absolute-prefix A    put before the theme's relative links\n"
	    "--param NAME=VALUE     $NAME in the rules; any number of them\n"
	    "--compat               read, write and decide as Diazo's own "
	    "tools\n",
    .run = run,
};
