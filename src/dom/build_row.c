/* dom/build_row.c - in the groups, rows and cells of tables (WHATWG 13.2.6.4.13
 * to 13.2.6.4.15) */
#include "dom/build_inside.h"

/* ---- contexts ---- */

/* "Clear the stack back to a ... context": to one of these, html, or a
 * template. */
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
	default:
		if (build_is_of_table(token))
			return leave_table_body(build);
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
	default:
		return !build_is_stray_end(token) &&
		       build_in_table(build, token);
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
	if (!build_is_of_table(token))
		return build_in_table(build, token);
	if (token->el != EL_TH && token->el != EL_TD)
		return leave_row(build, token);
	clear_to_row(build);
	build_insert(build, token);
	build->mode = MODE_IN_CELL;
	build_active_marker(build);
	return false;
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
	default:
		return !build_is_stray_end(token) &&
		       build_in_table(build, token);
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
	case EL_TABLE:
	case EL_TBODY:
	case EL_TFOOT:
	case EL_THEAD:
	case EL_TR:
		return build_in_table_scope(build, token->el) &&
		       close_cell(build, token);
	default:
		return !build_is_stray_end(token) &&
		       build_in_body(build, token);
	}
}

bool
build_in_cell(struct build *build, struct token *token)
{
	if (token->kind == TOKEN_STOP)
		return stop_in_cell(build, token);
	if (token->kind == TOKEN_START && build_is_of_table(token))
		return close_cell(build, token);
	return build_in_body(build, token);
}
