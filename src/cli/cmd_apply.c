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

#include "base/buf.h"
#include "base/mem.h"
#include "cli/explain.h"
#include "cli/get.h"
#include "cli/input.h"
#include "theme/theme.h"

enum {
	FILE_MAX = 64 * 1024 * 1024,
	PARAMS_MAX = 100,
	THEMES_MAX = 100,
	DOCUMENTS_MAX = 100,
};

struct apply {
	const char *rules, *theme, *path, *prefix, *content;
	bool compat, libxml2;
	enum explain explain;
	struct dress_param params[PARAMS_MAX];
	size_t params_count;
	char *names[PARAMS_MAX + 1];
	struct buf files[THEMES_MAX + 1];
	struct theme_page pages[THEMES_MAX + 1];
	size_t pages_count;
	/* what the rules bring in besides (href) */
	struct dress_document documents[DOCUMENTS_MAX];
	char *document_hrefs[DOCUMENTS_MAX];
	struct buf document_files[DOCUMENTS_MAX];
	size_t documents_count;
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
	if (equals == text || !*text)
		return complain(MISUSED,
		    "--param %s: should be NAME=VALUE, or NAME for one that "
		    "the request does not have",
		    text);
	apply->names[apply->params_count++] =
	    mem_strndup(text, strcspn(text, "="));
	param->name = apply->names[apply->params_count - 1];
	param->value = equals ? equals + 1 : NULL;
	return DONE;
}

static int
read_explain(struct apply *apply, const char *word)
{
	if (word && strcmp(word, "json") != 0 && strcmp(word, "text") != 0)
		return complain(
		    MISUSED, "--explain=%s: should be text or json", word);
	apply->explain =
	    word && strcmp(word, "json") == 0 ? EXPLAIN_JSON : EXPLAIN_TEXT;
	return DONE;
}

static int
read_parser(struct apply *apply, const char *word)
{
	if (strcmp(word, "html5") != 0 && strcmp(word, "libxml2") != 0)
		return complain(MISUSED,
		    "--html-parser=%s: should be html5 or libxml2", word);
	apply->libxml2 = *word == 'l';
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
	    {"html-parser", required_argument, NULL, 'h'},
	    {"explain", optional_argument, NULL, 'e'},
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
		case 'h':
			rc = read_parser(apply, optarg);
			break;
		case 'e':
			rc = read_explain(apply, optarg);
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
read_page(struct buf *out, const char *where)
{
	struct err err;
	int rc;

	buf_init(out, FILE_MAX);
	rc = input_is_url(where) ? get_url(out, where, &err)
				: input_read(out, where, &err);
	return rc == 0 ? DONE : complain(FAILED, "%s", err.text);
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
	rc = read_page(file, path);
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
		if (!input_is_url(href) && !rules_may_read(rules, href))
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

/* ---- documents ---- */

/* Whether path, symlinks followed, lies in the folder of the content. */
static bool
is_beside_content(const char *path, const char *folder)
{
	char *real = realpath(path, NULL), *top = realpath(folder, NULL);
	size_t n = top ? strlen(top) : 0;
	bool beside;

	while (n > 0 && top[n - 1] == '/')
		n--;
	beside = real && top && strncmp(real, top, n) == 0 && real[n] == '/';
	mem_free(&real);
	mem_free(&top);
	return beside;
}

/* The file that stands for an address on the content's site: "/x" and "x" are
 * both looked for in the content's folder. */
static char *
document_path(const struct apply *apply, const char *href, char **folder)
{
	const char *slash = strrchr(apply->content, '/');

	if (strncmp(href, "file://", 7) == 0)
		return mem_strdup(href + 7);
	*folder = slash ? mem_strndup(apply->content,
			      (size_t)(slash - apply->content) + 1)
			: mem_strdup("./");
	return mem_printf("%s%s", *folder, href + strspn(href, "/"));
}

static int
read_document(struct apply *apply, const struct rules *rules, const char *href,
    struct buf *out, struct err *err)
{
	char *folder = NULL;
	char *path = document_path(apply, href, &folder);
	int rc;

	buf_init(out, FILE_MAX);
	if (input_is_url(href))
		rc = get_url(out, href, err);
	else if (!rules_may_read(rules, path) &&
		 !(folder && is_beside_content(path, folder)))
		rc = err_set(err, "%s is not there, or not below the folder "
				  "of the content or of the rules", path);
	else
		rc = input_read(out, path, err);
	mem_free(&path);
	mem_free(&folder);
	return rc;
}

/* Get one of those that the rules want. It is no failure that it cannot be
 * had: whoever asked for it learns why. */
static int
add_document(
    struct apply *apply, const struct rules *rules, const char *href)
{
	size_t i = apply->documents_count;
	struct dress_document *document = &apply->documents[i];
	struct buf *file = &apply->document_files[i];
	struct err err;

	if (i == DOCUMENTS_MAX)
		return complain(
		    FAILED, "the rules want over %d documents", DOCUMENTS_MAX);
	apply->document_hrefs[i] = mem_strdup(href);
	document->href = apply->document_hrefs[i];
	if (read_document(apply, rules, href, file, &err) == 0) {
		document->bytes = file->data ? file->data : "";
		document->len = file->len;
	} else {
		buf_fini(file);
		buf_init(file, FILE_MAX);
		buf_puts(file, err.text);
		document->why = file->data;
	}
	apply->documents_count++;
	return DONE;
}

static int
add_documents(struct apply *apply, const struct rules *rules,
    const struct dresser *dresser)
{
	const char *href;
	int rc = DONE;

	for (size_t i = 0;
	     rc == DONE && (href = dresser_wanted(dresser, i)) != NULL; i++)
		rc = add_document(apply, rules, href);
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

/* Dress the page, and again while documents are wanted. */
static enum dressed
dress_with_documents(struct apply *apply, struct theme *theme,
    const struct rules *rules, struct dresser *dresser, struct dress_ask *ask,
    struct buf *out, struct err *err)
{
	for (;;) {
		enum dressed dressed =
		    theme_dress(theme, dresser, ask, out, err);

		if (dressed != DRESSED_WANTS)
			return dressed;
		if (add_documents(apply, rules, dresser) != DONE) {
			err_set(err, "not dressed");
			return DRESSED_FAILED;
		}
		ask->documents_count = apply->documents_count;
	}
}

static int
give(const struct apply *apply, enum dressed dressed,
    const struct dress_ask *ask, const struct buf *out, const struct err *err)
{
	if (dressed == DRESSED)
		return write_out(out->data ? out->data : "", out->len);
	if (dressed != DRESSED_NOT)
		return FAILED;
	fprintf(stderr, "%s: %s, so it stays as it is\n", apply->content,
	    *err->text ? err->text : "no theme for this page");
	return write_out(ask->bytes, ask->len);
}

static int
explain(const struct apply *apply, const struct dress_trace *trace)
{
	if (explain_print(trace, apply->explain, stdout) != 0 ||
	    fflush(stdout) != 0)
		return complain(FAILED, "standard output: %s", strerror(errno));
	return DONE;
}

static int
dress(struct apply *apply, struct theme *theme, const struct rules *rules,
    const struct buf *page)
{
	struct dress_ask ask = {
	    .bytes = page->data ? page->data : "",
	    .len = page->len,
	    .path = apply->path,
	    .params = apply->params,
	    .libxml2 = apply->libxml2,
	    .params_count = apply->params_count,
	    .documents = apply->documents,
	    .exchange = {.method = "GET", .status = 200},
	    .on_unmatched = on_unmatched,
	};
	struct dresser *dresser = dresser_new();
	enum dressed dressed;
	struct buf out;
	struct err err;
	int rc;

	buf_init(&out, FILE_MAX);
	if (apply->explain)
		ask.trace = dress_trace_new();
	dressed = dress_with_documents(
	    apply, theme, rules, dresser, &ask, &out, &err);
	if (dressed == DRESSED_FAILED)
		complain(FAILED, "%s: %s", apply->content, err.text);
	rc = ask.trace ? explain(apply, ask.trace)
		       : give(apply, dressed, &ask, &out, &err);
	if (dressed == DRESSED_FAILED)
		rc = FAILED;
	dress_trace_free(&ask.trace);
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
	    .libxml2 = apply->libxml2,
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
	rc = dress(apply, theme, rules, page);
	theme_unref(&theme);
	return rc;
}

static int
apply_rules(struct apply *apply)
{
	const struct rules_opts opts = {
	    .compat = apply->compat,
	    .params = (const char *const *)apply->names,
	};
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
	buf_init(&page, FILE_MAX);
	if (rc == DONE && input_read(&page, apply->content, &err) != 0)
		rc = complain(FAILED, "%s", err.text);
	if (rc == DONE)
		rc = build_and_dress(apply, rules, &page);
	buf_fini(&page);
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
	for (size_t i = 0; i < apply->documents_count; i++) {
		mem_free(&apply->document_hrefs[i]);
		buf_fini(&apply->document_files[i]);
	}
	mem_free(&apply);
	return rc;
}

const struct cmd cmd_apply = {
    .name = "apply",
    .usage = "--rules FILE [--theme FILE|URL] [--path P] "
	     "[--absolute-prefix A]\n"
	     "             [--param NAME[=VALUE]]... [--compat]\n"
	     "             [--html-parser html5|libxml2] [--explain[=json]]\n"
	     "             CONTENT",
    .summary = "dress one page from files and print it",
    .help = "--rules FILE           what goes where\n"
	    "--theme FILE|URL       the theme's page, unless the rules say\n"
	    "--path P               what if-path and $path see\n"
	    "--absolute-prefix A    put before the theme's relative links\n"
	    "--param NAME=VALUE     $NAME in the rules; any number of them\n"
	    "--compat               read, write and decide as Diazo's own "
	    "tools\n"
	    "--html-parser NAME     who reads pages and theme: html5, as "
	    "browsers do, or\n"
	    "                       libxml2\n"
	    "--explain[=json]       print what each rule did instead of the "
	    "page\n",
    .run = run,
};
