/* dom/build_table.c - in tables, above their rows (WHATWG 13.2.6.4.9 to
 * 13.2.6.4.12) */
#include "dom/build_inside.h"

#include <string.h>
#include <strings.h>

/* ---- in table ---- */

/* "Clear the stack back to a table context": or to html, or a template. */
static void
clear_to_table(struct build *build)
{
	while (!build_is_top(build, EL_TABLE) &&
	       !build_is_top(build, EL_TEMPLATE) &&
	       !build_is_top(build, EL_HTML))
		build_pop(build, false);
}

/* What may not stand in a table goes before it. */
static bool
foster(struct build *build, struct token *token)
{
	bool again;

	build->foster = true;
	again = build_in_body(build, token);
	build->foster = false;
	return again;
}

static bool
begin_part(struct build *build, struct token *token, enum mode mode)
{
	clear_to_table(build);
	build_insert(build, token);
	build->mode = mode;
	return false;
}

/* A part that nobody wrote, around what is written. */
static bool
imply_part(struct build *build, enum el el, enum mode mode)
{
	clear_to_table(build);
	build_insert_ghost(build, el);
	build->mode = mode;
	return true;
}

static bool
end_table(struct build *build, const struct token *token)
{
	if (!build_in_table_scope(build, EL_TABLE))
		return false;
	build_pop_until(build, EL_TABLE, token);
	build_reset_mode(build);
	return true;
}

static bool
start_input(struct build *build, struct token *token)
{
	for (uint32_t i = 0; i < token->attrs_count; i++) {
		const struct token_attr *attr = &token->attrs[i];

		if (strcmp(attr->name, "type") == 0 &&
		    strcasecmp(attr->value, "hidden") == 0) {
			build_insert_void(build, token);
			return false;
		}
	}
	return foster(build, token);
}

static bool
start_form(struct build *build, const struct token *token)
{
	if (build_has_open(build, EL_TEMPLATE) || build->form)
		return false;
	build->form = build_insert(build, token);
	build->apart = true;
	build_pop(build, false);
	return false;
}

static bool
start_in_table(struct build *build, struct token *token)
{
	switch (token->el) {
	case EL_CAPTION:
		clear_to_table(build);
		build_active_marker(build);
		return begin_part(build, token, MODE_IN_CAPTION);
	case EL_COLGROUP:
		return begin_part(build, token, MODE_IN_COLUMN_GROUP);
	case EL_COL:
		return imply_part(build, EL_COLGROUP, MODE_IN_COLUMN_GROUP);
	case EL_TBODY:
	case EL_TFOOT:
	case EL_THEAD:
		return begin_part(build, token, MODE_IN_TABLE_BODY);
	case EL_TD:
	case EL_TH:
	case EL_TR:
		return imply_part(build, EL_TBODY, MODE_IN_TABLE_BODY);
	case EL_TABLE:
		return end_table(build, token);
	case EL_STYLE:
	case EL_SCRIPT:
	case EL_TEMPLATE:
		return build_in_head(build, token);
	case EL_INPUT:
		return start_input(build, token);
	case EL_FORM:
		return start_form(build, token);
	default:
		return foster(build, token);
	}
}

static bool
stop_in_table(struct build *build, struct token *token)
{
	switch (token->el) {
	case EL_TABLE:
		end_table(build, token);
		return false;
	case EL_TEMPLATE:
		return build_in_head(build, token);
	default:
		return !build_is_stray_end(token) && foster(build, token);
	}
}

bool
build_in_table(struct build *build, struct token *token)
{
	switch (token->kind) {
	case TOKEN_TEXT:
		if (!(build_top(build)->flags & EL_TABLE_PART))
			return foster(build, token);
		build->original = build->mode;
		build->mode = MODE_IN_TABLE_TEXT;
		return true;
	case TOKEN_COMMENT:
		build_insert_comment(build, NULL, token);
		return false;
	case TOKEN_START:
		return start_in_table(build, token);
	case TOKEN_STOP:
		return stop_in_table(build, token);
	case TOKEN_END:
		return build_in_body(build, token);
	default:
		return false;
	}
}

/* ---- text in a table ---- */

static void
flush(struct build *build)
{
	struct node *text = build->pending;

	build->pending = NULL;
	if (!text)
		return;
	if (build->pending_space) {
		build_link_text(build, text);
		return;
	}
	build->foster = true;
	build_reconstruct(build);
	build_link_text(build, text);
	build->foster = false;
	build->frameset_ok = false;
}

bool
build_in_table_text(struct build *build, struct token *token)
{
	if (token->kind != TOKEN_TEXT) {
		flush(build);
		build->mode = build->original;
		return true;
	}
	if (!build_drop_nul(build, token))
		return false;
	if (build->pending) {
		build_append_text(build, build->pending, token);
		build->pending_space &= token->is_space;
	} else {
		build->pending = build_make_text(build, token);
		build->pending_space = token->is_space;
	}
	return false;
}

/* ---- in caption ---- */

static bool
end_caption(struct build *build, const struct token *token)
{
	if (!build_in_table_scope(build, EL_CAPTION))
		return false;
	build_generate_implied(build, EL_NONE);
	build_pop_until(build, EL_CAPTION, token);
	build_active_clear(build);
	build->mode = MODE_IN_TABLE;
	return true;
}

static bool
start_in_caption(struct build *build, struct token *token)
{
	if (build_is_of_table(token))
		return end_caption(build, token);
	return build_in_body(build, token);
}

static bool
stop_in_caption(struct build *build, struct token *token)
{
	switch (token->el) {
	case EL_CAPTION:
		end_caption(build, token);
		return false;
	case EL_TABLE:
		return end_caption(build, token);
	default:
		return !build_is_stray_end(token) &&
		       build_in_body(build, token);
	}
}

bool
build_in_caption(struct build *build, struct token *token)
{
	if (token->kind == TOKEN_START)
		return start_in_caption(build, token);
	if (token->kind == TOKEN_STOP)
		return stop_in_caption(build, token);
	return build_in_body(build, token);
}

/* ---- in column group ---- */

static bool
leave_column_group(struct build *build)
{
	if (!build_is_top(build, EL_COLGROUP))
		return false;
	build_pop(build, false);
	build->mode = MODE_IN_TABLE;
	return true;
}

static bool
start_in_column_group(struct build *build, struct token *token)
{
	switch (token->el) {
	case EL_HTML:
		return build_in_body(build, token);
	case EL_COL:
		build_insert_void(build, token);
		return false;
	case EL_TEMPLATE:
		return build_in_head(build, token);
	default:
		return leave_column_group(build);
	}
}

static bool
stop_in_column_group(struct build *build, struct token *token)
{
	switch (token->el) {
	case EL_COLGROUP:
		if (!build_is_top(build, EL_COLGROUP))
			return false;
		build_pop(build, token->plain);
		build->mode = MODE_IN_TABLE;
		return false;
	case EL_COL:
		return false;
	case EL_TEMPLATE:
		return build_in_head(build, token);
	default:
		return leave_column_group(build);
	}
}

/* Space stays; all else is for the table, or, in a template, for nobody. */
static bool
text_in_column_group(struct build *build, struct token *token)
{
	struct token space;

	if (!build_is_top(build, EL_COLGROUP)) {
		if (build_keep_space(token))
			build_insert_text(build, token);
		return false;
	}
	if (build_cut_space(build, token, &space))
		build_insert_text(build, &space);
	return token->len > 0 && leave_column_group(build);
}

bool
build_in_column_group(struct build *build, struct token *token)
{
	switch (token->kind) {
	case TOKEN_TEXT:
		return text_in_column_group(build, token);
	case TOKEN_COMMENT:
		build_insert_comment(build, NULL, token);
		return false;
	case TOKEN_DOCTYPE:
		return false;
	case TOKEN_START:
		return start_in_column_group(build, token);
	case TOKEN_STOP:
		return stop_in_column_group(build, token);
	default:
		return build_in_body(build, token);
	}
}
