/* dom/build_head.c - up to the body: html and head, and what stands in a head
 * (WHATWG 13.2.6.4.2 to 13.2.6.4.6) */
#include "dom/build_inside.h"

/* Space in front is nothing here; false: it was all. */
static bool
skip_space(struct build *build, struct token *token)
{
	struct token space;

	if (token->kind == TOKEN_TEXT)
		build_cut_space(build, token, &space);
	return token->kind != TOKEN_TEXT || token->len > 0;
}

/* Space in front goes into the current node; false: it was all. */
static bool
put_space(struct build *build, struct token *token)
{
	struct token space;

	if (token->kind != TOKEN_TEXT)
		return true;
	if (build_cut_space(build, token, &space))
		build_insert_text(build, &space);
	return token->len > 0;
}

/* End tags that are as good as their start tags before a body. */
static bool
is_begun_by_end(const struct token *token)
{
	return token->kind != TOKEN_STOP || token->el == EL_HEAD ||
	       token->el == EL_BODY || token->el == EL_HTML ||
	       token->el == EL_BR;
}

/* ---- before html ---- */

static void
insert_root(struct build *build, struct node *node)
{
	node_insert((xmlNode *)&build->tree->doc, &node->x, NULL);
	build_push(build, node, EL_HTML, el_names[EL_HTML].text, SPACE_HTML);
	build->mode = MODE_BEFORE_HEAD;
}

static void
imply_root(struct build *build)
{
	xmlNode *root = tree_element(build->tree, el_names[EL_HTML].text);

	root->extra = NODE_IMPLIED;
	insert_root(build, (struct node *)root);
}

bool
build_before_html(struct build *build, struct token *token)
{
	switch (token->kind) {
	case TOKEN_DOCTYPE:
		return false;
	case TOKEN_COMMENT:
		build_insert_comment(
		    build, (xmlNode *)&build->tree->doc, token);
		return false;
	case TOKEN_START:
		if (token->el != EL_HTML)
			break;
		insert_root(build, build_make(build, token));
		return false;
	default:
		if (!skip_space(build, token) || !is_begun_by_end(token))
			return false;
		break;
	}
	imply_root(build);
	return true;
}

/* ---- before head ---- */

bool
build_before_head(struct build *build, struct token *token)
{
	switch (token->kind) {
	case TOKEN_DOCTYPE:
		return false;
	case TOKEN_COMMENT:
		build_insert_comment(build, NULL, token);
		return false;
	case TOKEN_START:
		if (token->el == EL_HTML)
			return build_in_body(build, token);
		if (token->el != EL_HEAD)
			break;
		build->head = build_insert(build, token);
		build->mode = MODE_IN_HEAD;
		return false;
	default:
		if (!(build->opts.implied ? skip_space : put_space)(
			build, token) ||
		    !is_begun_by_end(token))
			return false;
		break;
	}
	build->head = build_insert_implied(build, EL_HEAD);
	build->mode = MODE_IN_HEAD;
	return true;
}

/* ---- in head ---- */

/* Nobody wrote the end tag. */
static bool
leave_head(struct build *build)
{
	build_pop(build, false);
	build->mode = MODE_AFTER_HEAD;
	return true;
}

static void
start_noscript(struct build *build, const struct token *token)
{
	if (build->opts.scripting) {
		build_insert_raw(build, token, TOKEN_RAWTEXT);
	} else if (build->opts.implied ||
		   build_may_begin_noscript(build, token, false)) {
		build_insert(build, token);
		build->mode = MODE_IN_HEAD_NOSCRIPT;
	}
}

static bool
start_in_head(struct build *build, struct token *token)
{
	switch (token->el) {
	case EL_HTML:
		return build_in_body(build, token);
	case EL_BASE:
	case EL_BASEFONT:
	case EL_BGSOUND:
	case EL_LINK:
	case EL_META:
		build_insert_void(build, token);
		return false;
	case EL_TITLE:
		build_insert_raw(build, token, TOKEN_RCDATA);
		return false;
	case EL_NOSCRIPT:
		start_noscript(build, token);
		return false;
	case EL_NOFRAMES:
	case EL_STYLE:
		build_insert_raw(build, token, TOKEN_RAWTEXT);
		return false;
	case EL_SCRIPT:
		build_insert_raw(build, token, TOKEN_SCRIPT);
		return false;
	case EL_TEMPLATE:
		build_begin_template(build, token);
		return false;
	case EL_HEAD:
		return false;
	default:
		return leave_head(build);
	}
}

static bool
stop_in_head(struct build *build, struct token *token)
{
	switch (token->el) {
	case EL_HEAD:
		build_pop(build, token->plain);
		build->mode = MODE_AFTER_HEAD;
		return false;
	case EL_TEMPLATE:
		build_end_template(build, token);
		return false;
	case EL_BODY:
	case EL_HTML:
	case EL_BR:
		return leave_head(build);
	default:
		return false;
	}
}

bool
build_in_head(struct build *build, struct token *token)
{
	switch (token->kind) {
	case TOKEN_TEXT:
		return put_space(build, token) && leave_head(build);
	case TOKEN_COMMENT:
		build_insert_comment(build, NULL, token);
		return false;
	case TOKEN_DOCTYPE:
		return false;
	case TOKEN_START:
		return start_in_head(build, token);
	case TOKEN_STOP:
		return stop_in_head(build, token);
	default:
		return leave_head(build);
	}
}

/* ---- noscript in head ---- */

static bool
leave_noscript(struct build *build, bool own)
{
	build_pop(build, own);
	build->mode = MODE_IN_HEAD;
	return true;
}

static bool
start_in_noscript(struct build *build, struct token *token)
{
	switch (token->el) {
	case EL_HTML:
		return build_in_body(build, token);
	case EL_BASEFONT:
	case EL_BGSOUND:
	case EL_LINK:
	case EL_META:
	case EL_NOFRAMES:
	case EL_STYLE:
		return build_in_head(build, token);
	case EL_HEAD:
	case EL_NOSCRIPT:
		return false;
	default:
		return leave_noscript(build, false);
	}
}

bool
build_in_head_noscript(struct build *build, struct token *token)
{
	switch (token->kind) {
	case TOKEN_DOCTYPE:
		return false;
	case TOKEN_COMMENT:
		return build_in_head(build, token);
	case TOKEN_TEXT:
		return put_space(build, token) && leave_noscript(build, false);
	case TOKEN_START:
		return start_in_noscript(build, token);
	case TOKEN_STOP:
		if (token->el == EL_NOSCRIPT) {
			leave_noscript(build, token->plain);
			return false;
		}
		return token->el == EL_BR && leave_noscript(build, false);
	default:
		return leave_noscript(build, false);
	}
}

/* ---- after head ---- */

/* It belongs into the head, which is closed: only for this token it is the
 * current node again. */
static bool
put_into_head(struct build *build, struct token *token)
{
	size_t at = build->count;
	bool again;

	build_push(
	    build, build->head, EL_HEAD, el_names[EL_HEAD].text, SPACE_HTML);
	build_top(build)->bits = 0;
	build->head->x.extra &= (unsigned short)~NODE_PLAIN;
	again = build_in_head(build, token);
	build_remove_open(build, at);
	build_top(build)->bits &= (uint8_t)~OPEN_PLAIN;
	build->open[at - 1].bits &= (uint8_t)~OPEN_PLAIN;
	return again;
}

static bool
begin_body(struct build *build)
{
	build_insert_implied(build, EL_BODY);
	build->mode = MODE_IN_BODY;
	return true;
}

static bool
start_after_head(struct build *build, struct token *token)
{
	switch (token->el) {
	case EL_HTML:
		return build_in_body(build, token);
	case EL_BODY:
		build_insert(build, token);
		build->frameset_ok = false;
		build->mode = MODE_IN_BODY;
		return false;
	case EL_FRAMESET:
		build_insert(build, token);
		build->mode = MODE_IN_FRAMESET;
		return false;
	case EL_BASE:
	case EL_BASEFONT:
	case EL_BGSOUND:
	case EL_LINK:
	case EL_META:
	case EL_NOFRAMES:
	case EL_SCRIPT:
	case EL_STYLE:
	case EL_TEMPLATE:
	case EL_TITLE:
		return put_into_head(build, token);
	case EL_HEAD:
		return false;
	default:
		return begin_body(build);
	}
}

bool
build_after_head(struct build *build, struct token *token)
{
	switch (token->kind) {
	case TOKEN_TEXT:
		return put_space(build, token) && begin_body(build);
	case TOKEN_COMMENT:
		build_insert_comment(build, NULL, token);
		return false;
	case TOKEN_DOCTYPE:
		return false;
	case TOKEN_START:
		return start_after_head(build, token);
	case TOKEN_STOP:
		if (token->el == EL_TEMPLATE) {
			build_end_template(build, token);
			return false;
		}
		return (token->el == EL_BODY || token->el == EL_HTML ||
			   token->el == EL_BR) &&
		       begin_body(build);
	default:
		return begin_body(build);
	}
}
