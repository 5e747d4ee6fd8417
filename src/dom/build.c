/* dom/build.c - from tokens to insertion modes (WHATWG 13.2.6)
 *
 * One token after the other goes to the rules of the insertion mode, or to
 * those of foreign content, until nobody wants to see it again. */
#include "dom/build_inside.h"

#include <string.h>

#include "base/mem.h"
#include "dom/place.h"

/* ---- dispatch ---- */

static bool (*const modes[MODE_COUNT])(struct build *, struct token *) = {
    [MODE_INITIAL] = build_initial,
    [MODE_BEFORE_HTML] = build_before_html,
    [MODE_BEFORE_HEAD] = build_before_head,
    [MODE_IN_HEAD] = build_in_head,
    [MODE_IN_HEAD_NOSCRIPT] = build_in_head_noscript,
    [MODE_AFTER_HEAD] = build_after_head,
    [MODE_IN_BODY] = build_in_body,
    [MODE_TEXT] = build_text,
    [MODE_IN_TABLE] = build_in_table,
    [MODE_IN_TABLE_TEXT] = build_in_table_text,
    [MODE_IN_CAPTION] = build_in_caption,
    [MODE_IN_COLUMN_GROUP] = build_in_column_group,
    [MODE_IN_TABLE_BODY] = build_in_table_body,
    [MODE_IN_ROW] = build_in_row,
    [MODE_IN_CELL] = build_in_cell,
    [MODE_IN_TEMPLATE] = build_in_template,
    [MODE_AFTER_BODY] = build_after_body,
    [MODE_IN_FRAMESET] = build_in_frameset,
    [MODE_AFTER_FRAMESET] = build_after_frameset,
    [MODE_AFTER_AFTER_BODY] = build_after_after_body,
    [MODE_AFTER_AFTER_FRAMESET] = build_after_after_frameset,
};

bool
build_by_mode(struct build *build, struct token *token)
{
	return modes[build->mode](build, token);
}

/* The current node is of SVG or MathML: does the token belong to it? */
static bool
is_foreign(const struct open *current, const struct token *token)
{
	bool start = token->kind == TOKEN_START;

	if (token->kind == TOKEN_END)
		return false;
	if (!start && token->kind != TOKEN_TEXT)
		return true;
	if (current->bits & OPEN_HOLDS_HTML)
		return false;
	if (current->bits & OPEN_HOLDS_TEXT)
		return start &&
		       (token->el == EL_MGLYPH || token->el == EL_MALIGNMARK);
	return !(start && token->el == EL_SVG &&
		 current->el == EL_ANNOTATION_XML &&
		 current->space == SPACE_MATHML);
}

bool
build_process(struct build *build, struct token *token)
{
	const struct open *current;

	if (build->count == 0)
		return build_by_mode(build, token);
	current = build_current(build);
	if (current->space != SPACE_HTML && is_foreign(current, token))
		return build_in_foreign(build, token);
	return build_by_mode(build, token);
}

/* ---- one token ---- */

/* A newline right behind <pre> or <textarea> is nothing. */
static bool
is_only_newline(struct build *build, struct token *token)
{
	build->skip_newline = false;
	if (token->kind != TOKEN_TEXT || token->text[0] != '\n')
		return false;
	token->text++;
	token->len--;
	if (token->len == 0) {
		build_advance(build, token->from, token->to, token->plain);
		return true;
	}
	build->dropped_newline = true;
	return false;
}

/* XHTML: "/>" is an end tag too. */
static void
end_at_once(struct build *build, const struct token *token)
{
	struct token end = *token;

	if (!build->pushed || build->count == 0 ||
	    build_top(build)->node != build->pushed ||
	    build_top(build)->name != token->name)
		return;
	end.kind = TOKEN_STOP;
	end.self_closing = end.plain = false;
	end.attrs_count = 0;
	build->skip_newline = false;
	token_state(build->tokenizer, TOKEN_DATA);
	while (build_process(build, &end))
		continue;
}

static void
wait(struct build *build, const struct token *token)
{
	build->waiting = *token;
	build->waiting.from = build->from;
	build->waiting.to = build->to;
}

static void
take(struct build *build, struct token *token)
{
	size_t nodes = build->tree->nodes;
	bool closed = token->kind == TOKEN_START && token->self_closing &&
		      build->opts.xhtml;

	build->from = token->from;
	build->to = token->to;
	if (!build->opts.spans) {
		token->from = token->to = 0;
		token->plain = false;
	}
	build->dropped_newline = false;
	build->pushed = NULL;
	if (build->skip_newline && is_only_newline(build, token))
		return;
	while (build_process(build, token))
		continue;
	if (build->waits) {
		wait(build, token);
		return;
	}
	if (closed)
		end_at_once(build, token);
	/* nobody has use for its bytes */
	if (build->tree->nodes == nodes && build->dead_to == build->from)
		build->dead_to = build->to;
}

/* ---- limits ---- */

/* Nodes may take so many times what was read of the page, as in pages that
 * are mostly markup. What takes more was made to: it gets as much as the limit
 * of nodes times so many bytes (500,000: 60 MB), with the page's own bytes, up
 * to a quarter; what is left of 64 MB is for stacks, and for texts that do not
 * fit into their places. */
enum {
	TIMES_READ = 25,
	NODE_BYTES = 120,
	PAGE_SHARE = 4,
	BYTES_FREE = 1 << 20, /* for limits that are low */
	BYTES_UNSEEN = 4 << 10,
};

static size_t
most_of_nodes(const struct build *build)
{
	size_t all = build->opts.nodes * NODE_BYTES;
	size_t page = build->fed;

	if (page > all / PAGE_SHARE)
		page = all / PAGE_SHARE;
	return all - page + BYTES_FREE;
}

/* What the rest of the page will take if it is as what was read: so the last
 * block of memory is hardly larger than what it holds. */
static void
expect(const struct build *build, size_t taken)
{
	size_t read = build->to, left = build->fed - read;

	if (build->last && read > 0)
		arena_expect(
		    build->tree->arena, (size_t)((double)left / (double)read *
						 (double)taken * 1.05));
}

static bool
looks_again(struct build *build, size_t taken)
{
	if (taken >= build->expect) {
		expect(build, taken);
		build->expect = taken + BYTES_UNSEEN;
	}
	if (taken > build->most)
		return taken / TIMES_READ > build->to;
	build->look = taken + BYTES_UNSEEN;
	if (build->look > build->most)
		build->look = build->most;
	return false;
}

static inline bool
takes_too_much(struct build *build)
{
	size_t taken = tree_taken(build->tree);

	return taken > build->look && looks_again(build, taken);
}

static int
refuse_attributes(const struct build *build, struct err *err)
{
	return err_set(err,
	    "the page has a tag with "
	    "more than %zu attributes (html_max_attributes)",
	    build->opts.attributes);
}

static int
refuse_bytes(const struct build *build, struct err *err)
{
	return err_set(err,
	    "the page has more than %zu bytes in UTF-8 "
	    "(themed_max)",
	    build->opts.bytes);
}

static int
check(struct build *build, struct err *err)
{
	if (build->count > build->opts.depth)
		return err_set(err,
		    "the page has elements nested more "
		    "than %zu deep (html_max_depth)",
		    build->opts.depth);
	if (build->tree->nodes > build->opts.nodes || takes_too_much(build))
		return err_set(err,
		    "the page has more than %zu tags and texts "
		    "(html_max_nodes)",
		    build->opts.nodes);
	if (build->too_many_attributes)
		return refuse_attributes(build, err);
	return 0;
}

/* ---- feeding ---- */

static void
allow_cdata(struct build *build)
{
	bool allow =
	    build->opts.xhtml ||
	    (build->count > 0 && build_current(build)->space != SPACE_HTML);

	if (allow != build->cdata)
		token_allow_cdata(build->tokenizer, allow);
	build->cdata = allow;
}

static int
run(struct build *build, struct err *err)
{
	struct token token;

	if (build->waits) {
		build->waits = false;
		token = build->waiting;
		take(build, &token);
		if (check(build, err) != 0)
			return -1;
	}
	while (!build->waits) {
		allow_cdata(build);
		switch (token_next(build->tokenizer, &token)) {
		case TOKEN_MORE:
			return 0;
		case TOKEN_LIMIT:
			return refuse_attributes(build, err);
		case TOKEN_LONG:
			return refuse_bytes(build, err);
		case TOKEN_END:
			take(build, &token);
			build_stop(build);
			return check(build, err);
		default:
			take(build, &token);
			if (check(build, err) != 0)
				return -1;
		}
	}
	return 0;
}

int
build_feed(
    struct build *build, char *bytes, size_t len, bool last, struct err *err)
{
	const char *rest;
	size_t rest_len = 0;

	must(!build->done);
	if (build->fed > 0)
		rest_len = token_rest(build->tokenizer, &rest);
	must(rest_len <= len);
	build->fed += len - rest_len;
	build->most = most_of_nodes(build);
	build->look = build->expect = 0;
	build->last = last;
	build->growing = NULL; /* it may be in other bytes */
	token_feed(build->tokenizer, bytes, len, last);
	return run(build, err);
}

size_t
build_rest(const struct build *build, const char **rest)
{
	return token_rest(build->tokenizer, rest);
}

void
build_stop(struct build *build)
{
	if (build->done)
		return;
	build->from = build->to;
	while (build->count > 0)
		build_pop(build, false);
	for (size_t i = 0; i < build->active_count; i++)
		if (build->active[i].node)
			build->active[i].node->x.extra &=
			    (unsigned short)~NODE_ACTIVE;
	build->active_count = 0;
	if (build->astray || build->apart)
		build->tree->tangled =
		    build->marked ||
		    place_is_tangled((const xmlNode *)&build->tree->doc);
	build->done = true;
}

/* ---- life ---- */

struct build *
build_new(struct tree *tree, const struct build_opts *opts)
{
	struct build *build = mem_new(sizeof(*build));

	build->tree = tree;
	build->opts = *opts;
	build->tokenizer = token_new(tree->arena, opts->attributes);
	if (opts->bytes)
		token_bytes_max(build->tokenizer, opts->bytes);
	build->mode = MODE_INITIAL;
	build->frameset_ok = true;
	if (opts->context)
		build_begin_fragment(build);
	return build;
}

void
build_free(struct build **build)
{
	struct build *b = *build;

	if (!b)
		return;
	token_free(&b->tokenizer);
	mem_free(&b->open);
	mem_free(&b->active);
	mem_free(&b->templates);
	mem_free(build);
}
