/* dom/build_table.c - in tables (WHATWG 13.2.6.4.9 to 13.2.6.4.15) */
#include "dom/build_inside.h"

#include <string.h>
#include <strings.h>

/* ---- contexts ---- */

/* "Clear the stack back to a ... context": to one of these, html, or a
 * template. */
static void
clear_to_table(struct build *build)
{
	while (!build_is_top(build, EL_TABLE) &&
	       !build_is_top(build, EL_TEMPLATE) &&
	       !build_is_top(build, EL_HTML))
		build_pop(build, false);
}

static void
clear_to_body(struct build *build)
{
	while (
	    !build_is_top(build, EL_TBODY) && !build_is_top(build, EL_TFOOT) &&
	    !build_is_top(build, EL_THEAD) &&
	    !build_is_top(build, EL_TEMPLATE) && !build_is_top(build, EL_HTML))
		build_pop(build, false);
}

static void
clear_to_row(struct build *build)
{
	while (!build_is_top(build, EL_TR) &&
	       !build_is_top(build, EL_TEMPLATE) &&
	       !build_is_top(build, EL_HTML))
		build_pop(build, false);
}

/* Its end tag in full, if it is the current node then. */
static bool
is_own(const struct build *build, const struct token *token)
{
	return token->kind == TOKEN_STOP && token->plain &&
	       build_is_top(build, token->el);
}

/* ---- in table ---- */

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
	case EL_BODY:
	case EL_CAPTION:
	case EL_COL:
	case EL_COLGROUP:
	case EL_HTML:
	case EL_TBODY:
	case EL_TD:
	case EL_TFOOT:
	case EL_TH:
	case EL_THEAD:
	case EL_TR:
		return false;
	case EL_TEMPLATE:
		return build_in_head(build, token);
	default:
		return foster(build, token);
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

bool
build_in_caption(struct build *build, struct token *token)
{
	bool start = token->kind == TOKEN_START;

	if (!start && token->kind != TOKEN_STOP)
		return build_in_body(build, token);
	switch (token->el) {
	case EL_CAPTION:
		if (start)
			return end_caption(build, token);
		end_caption(build, token);
		return false;
	case EL_COL:
	case EL_COLGROUP:
	case EL_TBODY:
	case EL_TD:
	case EL_TFOOT:
	case EL_TH:
	case EL_THEAD:
	case EL_TR:
		return start && end_caption(build, token);
	case EL_TABLE:
		return start ? build_in_body(build, token)
			     : end_caption(build, token);
	case EL_BODY:
	case EL_HTML:
		return start && build_in_body(build, token);
	default:
		return build_in_body(build, token);
	}
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

/* ---- in table body ---- */

static bool
leave_table_body(struct build *build)
{
	if (!build_in_table_scope(build, EL_TBODY) &&
	    !build_in_table_scope(build, EL_THEAD) &&
	    !build_in_table_scope(build, EL_TFOOT))
		return false;
	clear_to_body(build);
	build_pop(build, false);
	build->mode = MODE_IN_TABLE;
	return true;
}

static bool
start_in_table_body(struct build *build, struct token *token)
{
	switch (token->el) {
	case EL_TR:
		clear_to_body(build);
		build_insert(build, token);
		build->mode = MODE_IN_ROW;
		return false;
	case EL_TH:
	case EL_TD:
		clear_to_body(build);
		build_insert_implied(build, EL_TR);
		build->mode = MODE_IN_ROW;
		return true;
	case EL_CAPTION:
	case EL_COL:
	case EL_COLGROUP:
	case EL_TBODY:
	case EL_TFOOT:
	case EL_THEAD:
		return leave_table_body(build);
	default:
		return build_in_table(build, token);
	}
}

static bool
stop_in_table_body(struct build *build, struct token *token)
{
	switch (token->el) {
	case EL_TBODY:
	case EL_TFOOT:
	case EL_THEAD:
		if (!build_in_table_scope(build, token->el))
			return false;
		clear_to_body(build);
		build_pop(build, is_own(build, token));
		build->mode = MODE_IN_TABLE;
		return false;
	case EL_TABLE:
		return leave_table_body(build);
	case EL_BODY:
	case EL_CAPTION:
	case EL_COL:
	case EL_COLGROUP:
	case EL_HTML:
	case EL_TD:
	case EL_TH:
	case EL_TR:
		return false;
	default:
		return build_in_table(build, token);
	}
}

bool
build_in_table_body(struct build *build, struct token *token)
{
	if (token->kind == TOKEN_START)
		return start_in_table_body(build, token);
	if (token->kind == TOKEN_STOP)
		return stop_in_table_body(build, token);
	return build_in_table(build, token);
}

/* ---- in row ---- */

static bool
leave_row(struct build *build, const struct token *token)
{
	if (!build_in_table_scope(build, EL_TR))
		return false;
	clear_to_row(build);
	build_pop(build, is_own(build, token));
	build->mode = MODE_IN_TABLE_BODY;
	return true;
}

static bool
start_in_row(struct build *build, struct token *token)
{
	switch (token->el) {
	case EL_TH:
	case EL_TD:
		clear_to_row(build);
		build_insert(build, token);
		build->mode = MODE_IN_CELL;
		build_active_marker(build);
		return false;
	case EL_CAPTION:
	case EL_COL:
	case EL_COLGROUP:
	case EL_TBODY:
	case EL_TFOOT:
	case EL_THEAD:
	case EL_TR:
		return leave_row(build, token);
	default:
		return build_in_table(build, token);
	}
}

static bool
stop_in_row(struct build *build, struct token *token)
{
	switch (token->el) {
	case EL_TR:
		leave_row(build, token);
		return false;
	case EL_TABLE:
		return leave_row(build, token);
	case EL_TBODY:
	case EL_TFOOT:
	case EL_THEAD:
		return build_in_table_scope(build, token->el) &&
		       leave_row(build, token);
	case EL_BODY:
	case EL_CAPTION:
	case EL_COL:
	case EL_COLGROUP:
	case EL_HTML:
	case EL_TD:
	case EL_TH:
		return false;
	default:
		return build_in_table(build, token);
	}
}

bool
build_in_row(struct build *build, struct token *token)
{
	if (token->kind == TOKEN_START)
		return start_in_row(build, token);
	if (token->kind == TOKEN_STOP)
		return stop_in_row(build, token);
	return build_in_table(build, token);
}

/* ---- in cell ---- */

/* The cell's end tag, or what means it. */
static bool
leave_cell(struct build *build, enum el el, const struct token *token)
{
	build_generate_implied(build, EL_NONE);
	build_pop_until(build, el, token);
	build_active_clear(build);
	build->mode = MODE_IN_ROW;
	return true;
}

static bool
close_cell(struct build *build, const struct token *token)
{
	uint32_t td = build->top[EL_TD], th = build->top[EL_TH];

	if (!build_in_table_scope(build, EL_TD) &&
	    !build_in_table_scope(build, EL_TH))
		return false;
	return leave_cell(build, td > th ? EL_TD : EL_TH, token);
}

static bool
stop_in_cell(struct build *build, struct token *token)
{
	switch (token->el) {
	case EL_TD:
	case EL_TH:
		if (build_in_table_scope(build, token->el))
			leave_cell(build, token->el, token);
		return false;
	case EL_BODY:
	case EL_CAPTION:
	case EL_COL:
	case EL_COLGROUP:
	case EL_HTML:
		return false;
	case EL_TABLE:
	case EL_TBODY:
	case EL_TFOOT:
	case EL_THEAD:
	case EL_TR:
		return build_in_table_scope(build, token->el) &&
		       close_cell(build, token);
	default:
		return build_in_body(build, token);
	}
}

bool
build_in_cell(struct build *build, struct token *token)
{
	if (token->kind == TOKEN_STOP)
		return stop_in_cell(build, token);
	if (token->kind != TOKEN_START)
		return build_in_body(build, token);
	switch (token->el) {
	case EL_CAPTION:
	case EL_COL:
	case EL_COLGROUP:
	case EL_TBODY:
	case EL_TD:
	case EL_TFOOT:
	case EL_TH:
	case EL_THEAD:
	case EL_TR:
		return close_cell(build, token);
	default:
		return build_in_body(build, token);
	}
}
