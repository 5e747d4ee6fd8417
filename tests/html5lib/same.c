/* same [--except LIST] [--theme FOLDER] FILE...
 *
 * A page that is read and written again must be to a browser what it was, and
 * so must the body of one that a theme takes whole; nothing that did not run
 * before may run then. The browser is our own parser, in the standard's form
 * (it passes html5lib's cases; the judge beside this asks another one).
 *
 * FILEs are pages, or .dat files, of which the whole documents are taken. Each
 * goes three ways: "copied", where what is plain goes out as it came;
 * "written", all of it anew; and "dressed" by FOLDER/rules.xml with
 * FOLDER/theme.html, where the body counts. A page is equal when it is with
 * scripting off, or else on: a noscript of a head is text then, and so it
 * stays. White space at the very end goes into whatever is open there, and
 * does not count.
 *
 * LIST has what no markup can say, "FILE NUMBER WAY why" a line, NUMBER as
 * this program counts: such a case must differ, and is counted apart. */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alive.h"
#include "base/buf.h"
#include "base/mem.h"
#include "browser.h"
#include "dom/html.h"
#include "dom/utf8.h"
#include "dump.h"
#include "theme/theme.h"

enum {
	FILE_MAX = 64 << 20,
	OUT_MAX = 256 << 20,
	NODES = 10000000,
	DEPTH = 100000,
};

enum way { COPIED, WRITTEN, DRESSED_WHOLE, WAYS };

static const char *const way_names[WAYS] = {"copied", "written", "dressed"};

static struct {
	struct buf except; /* the text of LIST */
	struct theme *theme;
	struct dresser *dresser;
	struct tree *theme_page;
	size_t passed, failed, excepted, number;
} same;

/* ---- trees as a browser has them ---- */

static xmlNode *
body_of(const struct tree *tree)
{
	xmlNode *n = xmlDocGetRootElement(&tree->doc)->children;

	while (n && (n->type != XML_ELEMENT_NODE ||
			strcmp((const char *)n->name, "body") != 0))
		n = n->next;
	return n;
}

static void
trim_end(struct tree *tree)
{
	xmlNode *body = body_of(tree), *last;

	while (body && (last = body)) {
		char *text;
		size_t len;

		while (last->type == XML_ELEMENT_NODE && last->last)
			last = last->last;
		if (last->type != XML_TEXT_NODE)
			return;
		text = (char *)last->content;
		len = strlen(text);
		while (len > 0 && strchr(" \t\r\n\f", text[len - 1]))
			text[--len] = '\0';
		if (len > 0)
			return;
		node_unlink(last);
	}
}

static void
dump(struct buf *out, struct tree *tree, bool body_only)
{
	xmlNode *body = body_of(tree);

	trim_end(tree);
	if (!body_only)
		buf_puts(out, tree->quirks ? "quirks" : "no quirks");
	if (!body_only || !body) {
		dump_below(out, (const xmlNode *)&tree->doc);
		return;
	}
	for (const xmlAttr *a = body->properties; a; a = a->next)
		buf_printf(out, "%s=\"%s\"\n", (const char *)a->name,
		    a->children ? (const char *)a->children->content : "");
	dump_below(out, body);
}

/* ---- three ways ---- */

static int
rewrite(struct buf *out, struct span page, bool spans, struct err *err)
{
	const struct html_opts opts = {
	    .spans = spans,
	    .limits = {.nodes = NODES, .depth = DEPTH, .attributes = NODES},
	};
	xmlDoc *doc = NULL;
	int rc;

	if (html_parse(&doc, page.p, page.len, &opts, err) != 0)
		return -1;
	rc = html_write(out, (const xmlNode *)doc);
	html_free(&doc);
	return rc;
}

static int
dress(struct buf *out, struct span page, struct err *err)
{
	const struct dress_ask ask = {
	    .bytes = page.p,
	    .len = page.len,
	    .html_max_depth = DEPTH,
	    .html_max_nodes = NODES,
	    .html_max_attributes = NODES,
	};
	enum dressed how =
	    theme_dress(same.theme, same.dresser, &ask, out, err);

	if (how == DRESSED_NOT)
		buf_add(out, page.p, page.len);
	return how == DRESSED || how == DRESSED_NOT ? 0 : -1;
}

static int
go(struct buf *out, struct span page, enum way way, struct err *err)
{
	return way == DRESSED_WHOLE ? dress(out, page, err)
				    : rewrite(out, page, way == COPIED, err);
}

/* ---- the verdict ---- */

static bool
is_equal(struct span page, const struct buf *written, enum way way,
    bool scripting, struct buf *before, struct buf *after)
{
	struct tree *a = browser_read(page.p, page.len, scripting);
	struct tree *b = browser_read(
	    written->data ? written->data : "", written->len, scripting);

	buf_clear(before);
	buf_clear(after);
	dump(before, a, way == DRESSED_WHOLE);
	dump(after, b, way == DRESSED_WHOLE);
	tree_free(&a);
	tree_free(&b);
	return before->len == after->len &&
	       (before->len == 0 ||
		   memcmp(before->data, after->data, before->len) == 0);
}

static void
find_news(
    struct buf *out, struct span page, const struct buf *written, enum way way)
{
	for (int scripting = 0; scripting < 2; scripting++) {
		struct tree *a = browser_read(page.p, page.len, scripting);
		struct tree *b = browser_read(written->data ? written->data : "",
		    written->len, scripting);

		alive_news(out, &b->doc, &a->doc,
		    way == DRESSED_WHOLE ? &same.theme_page->doc : NULL);
		tree_free(&a);
		tree_free(&b);
	}
}

/* Whether LIST names this case. */
static bool
is_excepted(const struct place *place, enum way way)
{
	const char *name = strrchr(place->path, '/');
	const char *line = same.except.data;
	char head[256];
	int len;

	name = name ? name + 1 : place->path;
	len = snprintf(head, sizeof(head), "%s %zu %s ", name, place->line,
	    way_names[way]);
	while (line && *line) {
		if (strncmp(line, head, (size_t)len) == 0)
			return true;
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return false;
}

static void
tell(const struct place *place, const char *what, enum way way,
    struct span page, const struct buf *written)
{
	same.failed++;
	printf("FAILED: %s %zu %s: %s\n---- page\n", place->path, place->line,
	    way_names[way], what);
	fwrite(page.p, 1, page.len < 2000 ? page.len : 2000, stdout);
	printf("\n---- output\n%.2000s\n", written->len ? written->data : "");
}

static void
show_difference(const struct buf *before, const struct buf *after)
{
	const char *a = before->len ? before->data : "";
	const char *b = after->len ? after->data : "";
	size_t from = 0;

	for (size_t i = 0; a[i] && a[i] == b[i]; i++)
		if (a[i] == '\n')
			from = i + 1;
	printf("---- tree, from the first difference on\n%.300s\n"
	       "---- got\n%.300s\n",
	    a + from, b + from);
}

static void
judge(const struct place *place, struct span page, enum way way)
{
	struct buf written, before, after, news;
	struct err err = {"it grows too large"};
	bool excepted = is_excepted(place, way);

	buf_init(&written, OUT_MAX);
	buf_init(&before, OUT_MAX);
	buf_init(&after, OUT_MAX);
	buf_init(&news, OUT_MAX);
	if (go(&written, page, way, &err) != 0) {
		tell(place, err.text, way, page, &written);
		goto out;
	}
	find_news(&news, page, &written, way);
	if (news.len > 0) {
		tell(place, news.data, way, page, &written);
	} else if (is_equal(page, &written, way, true, &before, &after) ||
		   is_equal(page, &written, way, false, &before, &after)) {
		same.passed += !excepted;
		if (excepted)
			tell(place, "it can be said after all", way, page,
			    &written);
	} else if (excepted) {
		same.excepted++;
	} else {
		tell(place, "it differs", way, page, &written);
		show_difference(&before, &after);
	}
out:
	buf_fini(&written);
	buf_fini(&before);
	buf_fini(&after);
	buf_fini(&news);
}

static void
judge_page(const struct place *place, struct span page)
{
	if (page.len == 0 || utf8_valid_len(page.p, page.len) != page.len)
		return;
	for (int way = 0; way < WAYS; way++)
		if (way != DRESSED_WHOLE || same.theme)
			judge(place, page, (enum way)way);
}

/* ---- files ---- */

void
tree_case_run(const struct place *place, const struct tree_case *one)
{
	const struct place numbered = {place->path, ++same.number};

	if (!one->context.p && !one->scripting)
		judge_page(&numbered, one->data);
}

void
charset_case_run(
    const struct place *place, struct span data, struct span encoding)
{
	(void)place;
	(void)data;
	(void)encoding;
}

void
case_failed(const struct place *place, const char *how, struct span input,
    struct span wanted, struct span got)
{
	(void)input;
	(void)wanted;
	(void)got;
	printf("FAILED: %s:%zu: %s\n", place->path, place->line, how);
	same.failed++;
}

static void
run_file(const char *path)
{
	const char *dot = strrchr(path, '.');
	struct buf bytes;

	same.number = 0;
	buf_init(&bytes, FILE_MAX);
	if (browser_file(&bytes, path) != 0) {
		fprintf(stderr, "%s: cannot be read\n", path);
		same.failed++;
	} else if (dot && strcmp(dot, ".dat") == 0) {
		dat_run(path, (struct span){bytes.data, bytes.len});
	} else {
		judge_page(&(struct place){path, 1},
		    (struct span){bytes.data, bytes.len});
	}
	buf_fini(&bytes);
}

/* ---- the theme ---- */

static int
make_theme(const char *folder, struct err *err)
{
	const struct rules_opts rules_opts = {.root = NULL};
	const struct theme_opts opts = {.links = LINKS_KEEP};
	char *rules_path = mem_printf("%s/rules.xml", folder);
	char *theme_path = mem_printf("%s/theme.html", folder);
	struct rules *rules = NULL;
	struct theme_page page = {0};
	struct buf bytes;
	int rc = -1;

	buf_init(&bytes, FILE_MAX);
	if (browser_file(&bytes, theme_path) != 0) {
		err_set(err, "%s: cannot be read", theme_path);
		goto out;
	}
	page.bytes = bytes.data;
	page.len = bytes.len;
	if (rules_load(&rules, rules_path, &rules_opts, err) != 0 ||
	    theme_build(&same.theme, rules, &page, 1, &opts, err) != 0)
		goto out;
	same.theme_page = browser_read(bytes.data, bytes.len, false);
	same.dresser = dresser_new();
	rc = 0;
out:
	rules_unref(&rules);
	buf_fini(&bytes);
	mem_free(&rules_path);
	mem_free(&theme_path);
	return rc;
}

static int
read_options(int argc, char **argv)
{
	struct err err;
	int i = 1;

	for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2)
		if (strcmp(argv[i], "--except") == 0) {
			if (browser_file(&same.except, argv[i + 1]) == 0)
				continue;
			fprintf(stderr, "%s: cannot be read\n", argv[i + 1]);
			return -1;
		} else if (strcmp(argv[i], "--theme") == 0) {
			if (make_theme(argv[i + 1], &err) == 0)
				continue;
			fprintf(stderr, "%s\n", err.text);
			return -1;
		}
	return i;
}

int
main(int argc, char **argv)
{
	int i;

	buf_init(&same.except, FILE_MAX);
	i = read_options(argc, argv);
	if (i < 0 || i >= argc) {
		fprintf(stderr, "usage: same [--except LIST] [--theme FOLDER] "
				"FILE...\n");
		return 2;
	}
	for (; i < argc; i++)
		run_file(argv[i]);
	if (same.excepted)
		printf("%zu that no markup can say\n", same.excepted);
	printf("%zu passed, %zu failed\n", same.passed, same.failed);
	dresser_free(&same.dresser);
	theme_unref(&same.theme);
	if (same.theme_page)
		tree_free(&same.theme_page);
	buf_fini(&same.except);
	return same.failed > 0;
}
