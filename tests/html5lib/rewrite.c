/* rewrite [--no-spans] FILE: a page read and written again
 *
 * For the judge beside it: what a theme that takes the whole page would give.
 * --no-spans: nothing is copied as it came. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "dom/html.h"

enum { FILE_MAX = 64 << 20, NODES_MAX = 10000000, DEPTH_MAX = 100000 };

static int
read_file(struct buf *out, const char *path)
{
	FILE *file = fopen(path, "rbe");
	char part[65536];
	size_t len;

	if (!file)
		return -1;
	while ((len = fread(part, 1, sizeof(part), file)) > 0)
		buf_add(out, part, len);
	fclose(file);
	return out->failed ? -1 : 0;
}

static int
rewrite(struct buf *out, const struct buf *page, bool spans, struct err *err)
{
	const struct html_opts opts = {
	    .spans = spans,
	    .limits = {.nodes = NODES_MAX, .depth = DEPTH_MAX},
	};
	xmlDoc *doc = NULL;
	int rc;

	if (html_parse(
		&doc, page->data ? page->data : "", page->len, &opts, err) != 0)
		return -1;
	rc = html_write(out, (const xmlNode *)doc);
	html_free(&doc);
	return rc == 0 ? 0 : err_set(err, "the page grows too large");
}

int
main(int argc, char **argv)
{
	bool spans = !(argc == 3 && strcmp(argv[1], "--no-spans") == 0);
	struct buf page, out;
	struct err err = {"cannot be read"};
	int rc = 1;

	if (argc != (spans ? 2 : 3)) {
		fprintf(stderr, "usage: rewrite [--no-spans] FILE\n");
		return 2;
	}
	buf_init(&page, FILE_MAX);
	buf_init(&out, 2 * (size_t)FILE_MAX);
	if (read_file(&page, argv[argc - 1]) == 0 &&
	    rewrite(&out, &page, spans, &err) == 0)
		rc = fwrite(out.data, 1, out.len, stdout) == out.len ? 0 : 1;
	else
		fprintf(stderr, "%s: %s\n", argv[argc - 1], err.text);
	buf_fini(&page);
	buf_fini(&out);
	return rc;
}
