/* dom/build_frameset.c - framesets, and what comes behind the body (WHATWG
 * 13.2.6.4.19 to 13.2.6.4.23) */
#include "dom/build_inside.h"

#include <string.h>

/* ---- behind the body ---- */

/* As if the end tag had not been there: the white space that was kept behind it
 * belongs to what is open. */
static bool
back_to_body(struct build *build)
{
	xmlNode *node, *next;

	build->mode = MODE_IN_BODY;
	if (build->opts.implied || build->is_fragment)
		return true;
	node = build->behind ? &build->behind->x : NULL;
	build->behind = NULL;
	for (; node; node = next) {
		struct token space = {.kind = TOKEN_TEXT, .is_space = true};

		next = node->next;
		if (node->type != XML_TEXT_NODE)
			continue;
		space.text = (char *)node->content;
		space.len = (uint32_t)strlen(space.text);
		build->growing = NULL;
		node_unlink(node);
		build_in_body(build, &space);
	}
	return true;
}

/* Of what is open still, white space would become a part. */
static bool
has_own_place(const struct build *build, const struct token *token)
{
	return token->is_space && !build->opts.implied && !build->is_fragment &&
	       build->count == 2 && build->active_count == 0;
}

/* Behind the body, where it was written. */
static void
put_behind(struct build *build, const struct token *token)
{
	xmlNode *html = &build->open[0].node->x, *last = html->last;

	if (last && last->type == XML_TEXT_NODE) {
		build_append_text(build, (struct node *)last, token);
		return;
	}
	last = &build_make_text(build, token)->x;
	node_insert(html, last, NULL);
	if (!build->behind)
		build->behind = (struct node *)last;
}

bool
build_after_body(struct build *build, struct token *token)
{
	switch (token->kind) {
	case TOKEN_TEXT:
		if (has_own_place(build, token)) {
			put_behind(build, token);
			return false;
		}
		if (token->is_space)
			return build_in_body(build, token);
		return back_to_body(build);
	case TOKEN_COMMENT:
		build_insert_comment(build, &build->open[0].node->x, token);
		return false;
	case TOKEN_DOCTYPE:
		return false;
	case TOKEN_START:
		if (token->el == EL_HTML)
			return build_in_body(build, token);
		return back_to_body(build);
	case TOKEN_STOP:
		if (token->el != EL_HTML)
			return back_to_body(build);
		if (!build->is_fragment)
			build->mode = MODE_AFTER_AFTER_BODY;
		return false;
	default:
		build_stop(build);
		return false;
	}
}

bool
build_after_after_body(struct build *build, struct token *token)
{
	switch (token->kind) {
	case TOKEN_COMMENT:
		build_insert_comment(
		    build, (xmlNode *)&build->tree->doc, token);
		return false;
	case TOKEN_DOCTYPE:
		return false;
	case TOKEN_TEXT:
		/* a document of libxml2 has no text of its own; to a browser
		 * it is all the same */
		if (has_own_place(build, token)) {
			put_behind(build, token);
			return false;
		}
		if (token->is_space)
			return build_in_body(build, token);
		return back_to_body(build);
	case TOKEN_START:
		if (token->el == EL_HTML)
			return build_in_body(build, token);
		return back_to_body(build);
	case TOKEN_STOP:
		return back_to_body(build);
	default:
		build_stop(build);
		return false;
	}
}

/* ---- framesets ---- */

/* The body goes, with all that is in it. */
bool
build_begin_frameset(struct build *build, struct token *token)
{
	node_unlink(&build->open[1].node->x);
	build->growing = NULL;
	while (build->count > 1)
		build_pop(build, false);
	build_insert(build, token);
	build->mode = MODE_IN_FRAMESET;
	return false;
}

static bool
start_in_frameset(struct build *build, struct token *token)
{
	switch (token->el) {
	case EL_HTML:
		return build_in_body(build, token);
	case EL_FRAMESET:
		build_insert(build, token);
		return false;
	case EL_FRAME:
		build_insert_void(build, token);
		return false;
	case EL_NOFRAMES:
		return build_in_head(build, token);
	default:
		return false;
	}
}

static void
end_frameset(struct build *build, const struct token *token)
{
	if (build->count == 1)
		return;
	build_pop(build, token->plain && build_is_top(build, EL_FRAMESET));
	if (!build->is_fragment && !build_is_top(build, EL_FRAMESET))
		build->mode = MODE_AFTER_FRAMESET;
}

bool
build_in_frameset(struct build *build, struct token *token)
{
	switch (token->kind) {
	case TOKEN_TEXT:
		if (build_keep_space(token))
			build_insert_text(build, token);
		return false;
	case TOKEN_COMMENT:
		build_insert_comment(build, NULL, token);
		return false;
	case TOKEN_START:
		return start_in_frameset(build, token);
	case TOKEN_STOP:
		if (token->el == EL_FRAMESET)
			end_frameset(build, token);
		return false;
	case TOKEN_END:
		build_stop(build);
		return false;
	default:
		return false;
	}
}

bool
build_after_frameset(struct build *build, struct token *token)
{
	switch (token->kind) {
	case TOKEN_TEXT:
		if (build_keep_space(token))
			build_insert_text(build, token);
		return false;
	case TOKEN_COMMENT:
		build_insert_comment(build, NULL, token);
		return false;
	case TOKEN_START:
		if (token->el == EL_HTML)
			return build_in_body(build, token);
		return token->el == EL_NOFRAMES && build_in_head(build, token);
	case TOKEN_STOP:
		if (token->el == EL_HTML)
			build->mode = MODE_AFTER_AFTER_FRAMESET;
		return false;
	case TOKEN_END:
		build_stop(build);
		return false;
	default:
		return false;
	}
}

bool
build_after_after_frameset(struct build *build, struct token *token)
{
	switch (token->kind) {
	case TOKEN_COMMENT:
		build_insert_comment(
		    build, (xmlNode *)&build->tree->doc, token);
		return false;
	case TOKEN_TEXT:
		if (!build_keep_space(token))
			return false;
		return build_in_body(build, token);
	case TOKEN_START:
		if (token->el == EL_HTML)
			return build_in_body(build, token);
		return token->el == EL_NOFRAMES && build_in_head(build, token);
	case TOKEN_END:
		build_stop(build);
		return false;
	default:
		return false;
	}
}
