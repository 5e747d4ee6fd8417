/* Tree construction: a page is built, dumped, and compared with the dump that
 * is wanted, fed whole and in pieces */
#include "run.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "dom/build.h"
#include "dump.h"

enum { DUMP_MAX = 64 << 20, ARENA_FIRST = 4096 };

/* ---- the run ---- */

static int
feed(struct build *build, struct arena *arena, struct span page, size_t size,
    struct err *err)
{
	size_t from = 0, to;
	int rc;

	do {
		const char *rest = NULL;
		size_t rest_len = from ? build_rest(build, &rest) : 0;
		char *bytes;

		to = piece_end(page, from, size);
		bytes = arena_room(arena, rest_len + to - from + 1);
		if (rest_len)
			memcpy(bytes, rest, rest_len);
		memcpy(bytes + rest_len, page.p + from, to - from);
		rc = build_feed(
		    build, bytes, rest_len + to - from, to == page.len, err);
		from = to;
	} while (rc == 0 && to < page.len);
	return rc;
}

static void
dump_page(struct buf *out, const struct tree_case *one, const char *context,
    size_t size)
{
	const struct build_opts opts = {
	    .depth = 10000,
	    .attributes = 10000,
	    .nodes = 10000000,
	    .implied = true,
	    .scripting = one->scripting,
	    .context = context,
	};
	struct arena *arena = arena_new(ARENA_FIRST);
	struct tree *tree = tree_new(arena);
	struct build *build = build_new(tree, &opts);
	struct err err = {""};

	if (feed(build, arena, one->data, size, &err) != 0)
		buf_puts(out, err.text);
	else if (context)
		dump_below(out, xmlDocGetRootElement(&tree->doc));
	else
		dump_below(out, (const xmlNode *)&tree->doc);
	build_free(&build);
	tree_free(&tree);
}

/* False when it failed, which is printed. */
static bool
run_in_pieces(const struct place *place, const struct tree_case *one,
    const char *context, size_t size)
{
	struct buf out;
	char how[64] = "";
	bool same;

	buf_init(&out, DUMP_MAX);
	dump_page(&out, one, context, size);
	same =
	    out.len == one->document.len &&
	    (out.len == 0 || memcmp(out.data, one->document.p, out.len) == 0);
	if (size)
		snprintf(how, sizeof(how), "in pieces of %zu", size);
	if (!same)
		case_failed(place, how, one->data, one->document,
		    (struct span){out.data ? out.data : "", out.len});
	buf_fini(&out);
	return same;
}

void
tree_case_run(const struct place *place, const struct tree_case *one)
{
	char *context = one->context.p
			    ? mem_strndup(one->context.p, one->context.len)
			    : NULL;
	bool same = true;

	for (size_t i = 0; i < PIECE_SIZES && same; i++)
		same = run_in_pieces(place, one, context, piece_sizes[i]);
	if (same)
		case_passed();
	mem_free(&context);
}
