/* A page as a browser has it (contract: browser.h) */
#include "browser.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "dom/build.h"

enum {
	NODES = 10000000,
	DEPTH = 100000,
	ARENA_FIRST = 4096,
};

struct tree *
browser_read(const char *bytes, size_t len, bool scripting)
{
	const struct build_opts opts = {
	    .depth = DEPTH,
	    .attributes = NODES,
	    .nodes = NODES,
	    .implied = true,
	    .scripting = scripting,
	};
	struct tree *tree = tree_new(arena_new(ARENA_FIRST));
	struct build *build = build_new(tree, &opts);
	char *copy = arena_room(tree->arena, len + 1);
	struct err err;

	memcpy(copy, bytes, len);
	must(build_feed(build, copy, len, true, &err) == 0);
	build_free(&build);
	return tree;
}

int
browser_file(struct buf *out, const char *path)
{
	FILE *file = fopen(path, "rbe");
	char part[65536];
	size_t len;
	int rc;

	if (!file)
		return -1;
	while ((len = fread(part, 1, sizeof(part), file)) > 0)
		buf_add(out, part, len);
	rc = ferror(file) || out->failed ? -1 : 0;
	fclose(file);
	if (rc == 0 && !out->data)
		buf_puts(out, "");
	return rc;
}
